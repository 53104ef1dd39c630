//! The table as it is shown: years beside each other, below each concept what else rows are told apart by.
//!
//! A page is bounded: of a table with more than [`MAX_FULL`] lines those without any report are left out, and of the others the first
//! [`MAX_LINES`] are shown. Years begin with the first that has a report. The whole is in the CSV.

use index::{Panel, PanelBy, PanelRow};
use report::divisions;

use crate::web::{labels, view::View, words::thousands};

/// Lines up to which those without a report are shown too.
const MAX_FULL: usize = 40;
/// Lines of a page.
const MAX_LINES: usize = 300;
/// Years of a page, the last: as many as a wide screen has room for, or, where years were asked for, more.
const USUAL_YEARS: usize = 15;
const MAX_YEARS: usize = 30;

/// What is shown of a table.
#[derive(Debug, Default)]
pub(super) struct Grid {
    /// The years; empty when rows are not told apart by them.
    pub(super) years: Vec<i32>,
    pub(super) groups: Vec<Group>,
    /// Lines that are shown.
    pub(super) n_lines: usize,
    /// Lines without any report that are left out.
    pub(super) n_blank: usize,
    /// Other lines that are left out.
    pub(super) n_left: usize,
    /// Whether earlier years are left out.
    pub(super) has_earlier: bool,
}

/// A concept.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) concept: String,
    pub(super) lines: Vec<Line>,
}

/// A line: what it is about, and the years.
#[derive(Debug)]
pub(super) struct Line {
    /// Empty where the concept says all. Whether it is Chinese in any language of the pages.
    pub(super) names: Vec<(String, bool)>,
    /// Where a division lies.
    pub(super) above: String,
    /// `None`: there is no report.
    pub(super) cells: Vec<Option<Figures>>,
}

/// What was counted.
#[derive(Debug)]
pub(super) struct Figures {
    pub(super) occurrences: String,
    /// Reports that speak of it, and all.
    pub(super) of: String,
    pub(super) chars: String,
}

impl Grid {
    /// `has_years`: certain years were asked for.
    pub(super) fn new(view: &View, panel: &Panel, has_years: bool) -> Self {
        let most = if has_years { MAX_YEARS } else { USUAL_YEARS };
        let years = years(panel);
        let per_line = years.len().max(1);
        let n_lines = panel.n_rows() / per_line;
        let first = panel.rows().enumerate().filter(|(_, row)| row.reports > 0);
        let first = first.map(|(nth, _)| nth % per_line).min().unwrap_or_default();
        let skipped = first.max(years.len().saturating_sub(most));
        let mut grid = Self {
            has_earlier: skipped > first,
            years: years.get(skipped..).unwrap_or_default().to_vec(),
            ..Self::default()
        };
        for nth in 0..n_lines {
            let rows = (nth * per_line..(nth + 1) * per_line).filter_map(|row| panel.row(row));
            let rows: Vec<PanelRow<'_>> = rows.collect();
            let Some(first) = rows.first() else { continue };
            if n_lines > MAX_FULL && rows.iter().all(|row| row.reports == 0) {
                grid.n_blank += 1;
                continue;
            }
            if grid.n_lines == MAX_LINES {
                grid.n_left += 1;
                continue;
            }
            grid.n_lines += 1;
            let shown = rows.get(skipped..).unwrap_or_default();
            let line = Line::new(view, first, shown);
            match grid
                .groups
                .last_mut()
                .filter(|group| group.concept == first.concept)
            {
                Some(group) => group.lines.push(line),
                None => grid.groups.push(Group {
                    concept: first.concept.to_owned(),
                    lines: vec![line],
                }),
            }
        }
        grid
    }

    /// Whether lines are told apart by something besides the concept.
    pub(super) fn is_grouped(&self) -> bool {
        let mut lines = self.groups.iter().flat_map(|group| &group.lines);
        lines.any(|line| !line.names.is_empty())
    }

    /// Columns of the table.
    pub(super) fn n_columns(&self) -> usize {
        self.years.len().max(1) + 1
    }
}

/// The years of a table, which come last in its rows.
fn years(panel: &Panel) -> Vec<i32> {
    if !panel.by.contains(&PanelBy::Year) {
        return Vec::new();
    }
    let mut years: Vec<i32> = Vec::new();
    for year in panel.rows().map_while(|row| row.year) {
        if years.last().is_some_and(|last| year <= *last) {
            break;
        }
        years.push(year);
    }
    years
}

impl Line {
    fn new(view: &View, row: &PanelRow<'_>, rows: &[PanelRow<'_>]) -> Self {
        let lang = view.lang();
        let region = row.region.map(|code| {
            let name = row.region_name.map(str::to_owned);
            (name.unwrap_or_else(|| code.to_string()), true)
        });
        let genre = row
            .genre
            .map(|genre| (labels::genre(lang, genre).to_owned(), false));
        let role = row
            .section
            .map(|role| (labels::role(lang, role).to_owned(), false));
        let path = row.region.map(|code| divisions().path(code));
        let above = path.map(|path| [path.province, path.city]);
        let above = above.into_iter().flatten().flatten();
        let above: Vec<&str> = above.filter(|name| row.region_name != Some(*name)).collect();
        Self {
            names: region.into_iter().chain(genre).chain(role).collect(),
            above: above.join(" › "),
            cells: rows.iter().map(Figures::of).collect(),
        }
    }
}

impl Figures {
    fn of(row: &PanelRow<'_>) -> Option<Self> {
        Some(Self {
            occurrences: thousands(row.occurrences?),
            of: format!("{}/{}", thousands(row.reports_with_hit), thousands(row.reports)),
            chars: thousands(row.chars),
        })
    }
}
