//! The numbers of a picture: for every key what was counted, and what it is counted against.

use std::cmp::Reverse;

use index::{By, Measure, TrendCounts, Trends};
use report::{Level, RegionCode, divisions};

use crate::{
    charts::{self, Scale},
    web::{
        labels,
        state::PageState,
        view::View,
        words::{Lang, put, thousands},
    },
};

/// Rows of a table; there are three thousand counties.
const MAX_ROWS: usize = 200;
/// Nothing to be a share of, or nothing to count.
const NONE: &str = "–";

/// The table.
pub(super) struct Table {
    /// What the first column is.
    pub(super) key: &'static str,
    /// Where there are several queries: these, each above two columns, behind three.
    pub(super) over: Vec<String>,
    pub(super) head: Vec<&'static str>,
    pub(super) rows: Vec<Row>,
    /// How many rows there are that are not shown, and why, in words.
    pub(super) left_out: Vec<String>,
}

/// What was counted for a key.
pub(super) struct Row {
    pub(super) label: String,
    /// Divisions that it lies in; of a province its name in the language of the page, where that is another.
    pub(super) above: String,
    /// What it says is Chinese in any language of the pages.
    pub(super) is_name: bool,
    /// The same by the divisions of this one.
    pub(super) below: Option<String>,
    /// Number or share, and the reports that it counts.
    pub(super) cells: Vec<(String, Option<String>)>,
}

/// Makes cells.
struct Cells<'a> {
    state: &'a PageState,
    trends: &'a Trends,
}

impl Table {
    /// By year in their order, by division and kind the greatest first, as in the picture. Divisions without a report are only counted.
    pub(super) fn new(view: &View, state: &PageState, trends: &Trends, scale: Scale) -> Self {
        let w = view.w;
        let cells = Cells { state, trends };
        let is_single = trends.series.len() == 1;
        let mut order: Vec<usize> = (0..trends.rows.len()).collect();
        let n_keys = order.len();
        if matches!(trends.by, By::Province | By::City | By::County) {
            order.retain(|at| trends.rows.get(*at).is_some_and(|row| row.counts.reports > 0));
        }
        let empty = n_keys - order.len();
        if trends.by != By::Year {
            let value = |at: &usize| {
                let counts = trends.rows.get(*at).map(|row| &row.counts);
                counts.and_then(|counts| charts::value(counts, trends.measure, scale))
            };
            let greatest = |at: &usize| Reverse(value(at).map(|value| (value * 1_000_000.0) as u64));
            order.sort_by_key(greatest);
        }
        let left_out = order.len().saturating_sub(MAX_ROWS);
        order.truncate(MAX_ROWS);
        let mut rows: Vec<Row> = order.into_iter().map(|at| Row::new(view, &cells, at)).collect();
        let without = trends.series.first().map(|series| series.without_key.reports);
        if left_out == 0 && without.unwrap_or(0) > 0 {
            rows.push(Row {
                label: w.no_key.to_owned(),
                above: String::new(),
                is_name: false,
                below: None,
                cells: cells.of(None),
            });
        }
        let head = match (is_single, trends.measure) {
            (true, _) if cells.is_open() => vec![w.n_reports, w.n_chars],
            (true, _) => vec![
                w.n_hit,
                w.n_reports,
                w.per_reports,
                w.n_places,
                w.n_chars,
                w.per_chars,
            ],
            (false, measure) => {
                let pair = match measure {
                    Measure::Reports => [w.n_hit, w.per_reports],
                    Measure::Occurrences => [w.n_places, w.per_chars],
                };
                let whole = [w.n_reports, w.n_chars].into_iter();
                let pairs = std::iter::repeat_n(pair, trends.series.len());
                whole.chain(pairs.flatten()).collect()
            }
        };
        let over = match is_single {
            true => Vec::new(),
            false => trends.series.iter().map(|series| series.q.clone()).collect(),
        };
        let told = [
            (left_out > 0).then(|| put(w.rows_left_out, &[&MAX_ROWS, &thousands(left_out as u64)])),
            (empty > 0).then(|| put(w.rows_empty, &[&thousands(empty as u64)])),
        ];
        Self {
            key: super::by_name(view.lang(), trends.by),
            over,
            head,
            rows,
            left_out: told.into_iter().flatten().collect(),
        }
    }
}

impl Row {
    fn new(view: &View, cells: &Cells<'_>, at: usize) -> Self {
        let trends = cells.trends;
        let (key, label) = trends
            .rows
            .get(at)
            .map_or(("", ""), |row| (row.key.as_str(), row.label.as_str()));
        let division = division_of(trends.by, key);
        let label = match trends.by {
            By::Genre => key
                .parse()
                .map_or(label, |genre| labels::genre(view.lang(), genre)),
            _ => label,
        };
        let path = division.map(|code| divisions().path(code));
        let above = path.map(|path| [path.province, path.city]);
        let above: Vec<&str> = above
            .into_iter()
            .flatten()
            .flatten()
            .filter(|name| *name != label)
            .collect();
        // What it is called in the picture.
        let english = division
            .filter(|_| view.lang() == Lang::En)
            .and_then(|_| charts::province(key));
        Self {
            label: label.to_owned(),
            above: english.map_or_else(|| above.join(" › "), str::to_owned),
            is_name: division.is_some(),
            below: division.and_then(|code| below(cells.state, code)),
            cells: cells.of(Some(at)),
        }
    }
}

/// The division that a key is.
fn division_of(by: By, key: &str) -> Option<RegionCode> {
    match by {
        By::Year | By::Genre => None,
        By::Province | By::City | By::County => key.parse().ok(),
    }
}

/// The same by the divisions of a division; those of a municipality are counties.
fn below(state: &PageState, code: RegionCode) -> Option<String> {
    let by = match code.level() {
        Level::Province if is_municipality(code) => By::County,
        Level::Province => By::City,
        Level::City => By::County,
        _ => return None,
    };
    let state = state.set("by", by.code()).set("chart", "");
    Some(state.narrowed_to(code).first())
}

/// Beijing, Tianjin, Shanghai and Chongqing (GB/T 2260), which have no cities below them.
fn is_municipality(code: RegionCode) -> bool {
    let code = code.to_string();
    ["11", "12", "31", "50"]
        .iter()
        .any(|prefix| code.starts_with(prefix))
}

impl Cells<'_> {
    /// Whether nothing is asked but how many reports there are.
    fn is_open(&self) -> bool {
        matches!(self.trends.series.as_slice(), [one] if one.q.is_empty())
    }

    /// The cells of the row of a key, or of what has none.
    fn of(&self, at: Option<usize>) -> Vec<(String, Option<String>)> {
        let rows = self.trends.series.iter().map(|series| {
            let row = at.and_then(|at| series.rows.get(at));
            let key = row.map(|row| row.key.as_str());
            (
                series.q.as_str(),
                key,
                row.map_or(&series.without_key, |row| &row.counts),
            )
        });
        let rows: Vec<_> = rows.collect();
        match rows.as_slice() {
            [(_, key, counts)] if self.is_open() => vec![
                (thousands(counts.reports), self.reports("", *key, counts.reports)),
                plain(counts.chars),
            ],
            [(q, key, counts)] => {
                let [hit, share] = self.pair(Measure::Reports, q, *key, counts);
                let [places, rate] = self.pair(Measure::Occurrences, q, *key, counts);
                vec![
                    hit,
                    plain(counts.reports),
                    share,
                    places,
                    plain(counts.chars),
                    rate,
                ]
            }
            rows => {
                let whole = rows
                    .first()
                    .map(|(_, _, counts)| [plain(counts.reports), plain(counts.chars)]);
                let pairs = rows
                    .iter()
                    .flat_map(|(q, key, counts)| self.pair(self.trends.measure, q, *key, counts));
                whole.into_iter().flatten().chain(pairs).collect()
            }
        }
    }

    /// A number and its share, with the page that shows what was counted.
    fn pair(
        &self,
        measure: Measure,
        q: &str,
        key: Option<&str>,
        counts: &TrendCounts,
    ) -> [(String, Option<String>); 2] {
        let (number, link) = match measure {
            Measure::Reports => (
                Some(counts.reports_with_hit),
                self.reports(q, key, counts.reports_with_hit),
            ),
            Measure::Occurrences => (
                counts.occurrences,
                counts
                    .occurrences
                    .filter(|number| *number > 0)
                    .and_then(|_| self.link("/concordance", q, key)),
            ),
        };
        let share = charts::value(counts, measure, Scale::Share).map(|share| match measure {
            Measure::Reports => format!("{}%", charts::shown(share)),
            Measure::Occurrences => charts::shown(share),
        });
        let none = || NONE.to_owned();
        [
            (number.map_or_else(none, thousands), link),
            (share.unwrap_or_else(none), None),
        ]
    }

    fn reports(&self, q: &str, key: Option<&str>, number: u64) -> Option<String> {
        (number > 0).then(|| self.link("/", q, key)).flatten()
    }

    /// Another page with one of the queries, for one key.
    fn link(&self, path: &'static str, q: &str, key: Option<&str>) -> Option<String> {
        let state = self.state.on(path).set("q", q);
        let key = key?;
        Some(match self.trends.by {
            By::Year => state.with("year", key),
            By::Genre => state.with("genre", key),
            By::Province | By::City | By::County => state.narrowed_to(key.parse().ok()?).first(),
        })
    }
}

fn plain(number: u64) -> (String, Option<String>) {
    (thousands(number), None)
}
