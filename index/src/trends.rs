//! How many reports and occurrences queries have by year, division or kind of report, and of how many.
//!
//! Numerators and denominators are counted by the same keys: what the filters let pass without a query is the denominator,
//! what they let pass with it the numerator. Divisions are those of today; a report about a division of the past counts
//! for what became of it, for each when it was split. Keys are listed whether anything was found for them or not.

use std::time::Instant;

use report::{ChinaMoment, Genre, Level, RegionCode, divisions};
use rustc_hash::FxHashMap;
use serde::Serialize;
use tantivy::DocId;
use utoipa::ToSchema;

use crate::{
    Facet, Filters, IndexError, Mode, SearchError, SearchRequest, columns::Columns, facets::names,
    filter::codes_of, places::Places, request::choices, response::QueryEcho, schema::genre_number,
    state::State,
};

/// Most years listed that no report has.
const MAX_GAP: i64 = 200;
/// Characters by which a query is named that cannot be read.
const MAX_NAMED: usize = 64;

choices! {
    /// What is counted by.
    #[derive(Default)]
    pub enum By {
        /// Report year.
        #[default]
        Year = "year",
        /// Province-level division.
        Province = "province",
        /// Prefecture-level division.
        City = "city",
        /// County-level division.
        County = "county",
        /// Kind of report.
        Genre = "genre",
    }
}

choices! {
    /// What is looked at. Both are always counted.
    #[derive(Default)]
    pub enum Measure {
        /// Reports that match, of all reports.
        #[default]
        Reports = "reports",
        /// Occurrences, against Han characters.
        Occurrences = "occurrences",
    }
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrendsRequest {
    /// The queries, each a series of its own, 1 to [`Self::MAX_QUERIES`]; an empty one is every report.
    pub queries: Vec<String>,
    /// Mode and filters for all of them. Its query, order, limit, cursor and facets are not heeded.
    pub search: SearchRequest,
    /// What is counted by.
    pub by: By,
    /// What is looked at.
    pub measure: Measure,
}

impl TrendsRequest {
    /// Most queries of a request.
    pub const MAX_QUERIES: usize = 20;
}

/// The answer to a [`TrendsRequest`].
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Trends {
    /// What is counted by.
    pub by: By,
    /// What is looked at.
    pub measure: Measure,
    /// The rows of the first query, by key.
    pub rows: Vec<TrendRow>,
    /// One for each query, in their order; the keys are the same in all.
    pub series: Vec<TrendSeries>,
    /// The state of the corpus that this was answered from: what `as_of` takes ([`CorpusState::state`](crate::CorpusState::state)).
    pub state: Option<ChinaMoment>,
    /// Whole milliseconds from the moment the caller gave to the answer.
    pub took_ms: u64,
}

/// What was counted for a query.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TrendSeries {
    /// The query.
    pub q: String,
    /// How it was read.
    pub query: QueryEcho,
    /// By key.
    pub rows: Vec<TrendRow>,
    /// What is in no row.
    pub without_key: TrendCounts,
}

/// Counts of one key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TrendRow {
    /// Year, code of the division, or code of the genre.
    pub key: String,
    /// The same for a reader.
    pub label: String,
    /// Counts.
    #[serde(flatten)]
    pub counts: TrendCounts,
}

/// Counts, with what they are set against.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct TrendCounts {
    /// Reports that match.
    pub reports_with_hit: u64,
    /// Occurrences of the query's strings in them; `None` when it has none, as the empty query.
    pub occurrences: Option<u64>,
    /// Reports under the filters.
    pub reports: u64,
    /// Han characters of their texts, or of the sections that are asked for.
    pub chars: u64,
}

/// Counts by key; what has no key stands under `None`.
type Table = FxHashMap<Option<i64>, TrendCounts>;

/// Answers a request; `search` is its mode and filters with all that it is answered by.
pub(crate) fn trends(
    state: &State,
    request: &TrendsRequest,
    search: &SearchRequest,
    now: Instant,
) -> Result<Trends, SearchError> {
    let most = TrendsRequest::MAX_QUERIES;
    if !(1..=most).contains(&request.queries.len()) {
        return Err(SearchError::InvalidParameter {
            name: "q",
            message: format!("{} queries are not 1 to {most}", request.queries.len()),
        });
    }
    let with = |q: &str| {
        let request = SearchRequest {
            q: q.to_owned(),
            // Only a query that is read as one string cannot be empty.
            mode: if q.is_empty() { Mode::Words } else { search.mode },
            ..search.clone()
        };
        Places::new(&request, state)
    };
    // All are read before anything is counted: what is wrong with one is told at once.
    let queries = request
        .queries
        .iter()
        .enumerate()
        .map(|(at, q)| with(q).map_err(|error| of_query(request, at, error)))
        .collect::<Result<Vec<_>, _>>()?;
    let everything = with("")?;
    let explain = |error| everything.plan.explain(error);
    let mut all = Table::default();
    let docs = everything.docs(state).map_err(explain)?;
    for (segment, docs) in state.segments().zip(&docs) {
        for doc in docs {
            let chars = everything.chars(segment, *doc);
            each_key(request.by, segment.columns, *doc, |key| {
                let counts = all.entry(key).or_default();
                counts.reports += 1;
                counts.chars += chars;
            });
        }
    }
    let keys = keys(request.by, &search.filters, &all);
    let mut series = Vec::with_capacity(queries.len());
    for (q, places) in request.queries.iter().zip(queries) {
        let counted = count(state, &places, request.by, all.clone());
        let counted = counted.map_err(|error| places.plan.explain(error))?;
        let of = |key: Option<i64>| {
            let counts = counted.get(&key).copied().unwrap_or_default();
            let occurrences = (!places.is_empty()).then_some(counts.occurrences.unwrap_or(0));
            TrendCounts {
                occurrences,
                ..counts
            }
        };
        let rows = keys.iter().map(|key| {
            let (value, label) = names(facet(request.by), *key);
            TrendRow {
                key: value,
                label,
                counts: of(Some(*key)),
            }
        });
        series.push(TrendSeries {
            q: q.clone(),
            rows: rows.collect(),
            without_key: of(None),
            query: places.plan.query.echo.clone(),
        });
    }
    Ok(Trends {
        by: request.by,
        measure: request.measure,
        rows: series
            .first()
            .map(|series| series.rows.clone())
            .unwrap_or_default(),
        series,
        state: state.corpus_state(search.filters.as_of).state,
        took_ms: u64::try_from(now.elapsed().as_millis()).unwrap_or(u64::MAX),
    })
}

/// Says which query an error is of where there are several.
fn of_query(request: &TrendsRequest, at: usize, error: SearchError) -> SearchError {
    match error {
        SearchError::InvalidQuery {
            position,
            message,
            hint,
        } if request.queries.len() > 1 => SearchError::InvalidQueryOf {
            nth: at + 1,
            q: request
                .queries
                .get(at)
                .map_or_else(String::new, |q| q.chars().take(MAX_NAMED).collect()),
            position,
            message,
            hint,
        },
        error => error,
    }
}

/// Adds the reports that a request finds, and what occurs in them, to what there is.
fn count(state: &State, places: &Places, by: By, mut table: Table) -> Result<Table, IndexError> {
    let found = places.docs(state)?;
    state.guard(|| {
        for (segment, docs) in state.segments().zip(&found) {
            for doc in docs {
                each_key(by, segment.columns, *doc, |key| {
                    table.entry(key).or_default().reports_with_hit += 1;
                });
            }
            places.count(segment, docs, |doc, n| {
                each_key(by, segment.columns, doc, |key| {
                    *table.entry(key).or_default().occurrences.get_or_insert(0) += u64::from(n);
                });
            })?;
        }
        Ok(table)
    })
}

/// Calls `take` with every key of a report, or with `None` when it has none.
fn each_key(by: By, columns: &Columns, doc: DocId, mut take: impl FnMut(Option<i64>)) {
    let level = match by {
        By::Year => return take(columns.year.first(doc)),
        By::Genre => return take(columns.genre.first(doc).map(|genre| genre as i64)),
        By::Province => Level::Province,
        By::City => Level::City,
        By::County => Level::County,
    };
    let mut has_key = false;
    for code in columns.regions.values_for_doc(doc) {
        if level_of(code) == level {
            has_key = true;
            take(Some(code as i64));
        }
    }
    if !has_key {
        take(None);
    }
}

/// The level that the digits of a code tell.
fn level_of(code: u64) -> Level {
    match (code % 10_000, code % 100) {
        (0, _) => Level::Province,
        (_, 0) => Level::City,
        _ => Level::County,
    }
}

/// Every key that is listed, in order: those that reports have, and those that they could have.
fn keys(by: By, filters: &Filters, all: &Table) -> Vec<i64> {
    let mut keys: Vec<i64> = all.keys().flatten().copied().collect();
    let level = match by {
        By::Year => {
            keys.extend(years(filters, &keys));
            None
        }
        By::Genre => {
            let asked = |genre: &&Genre| filters.genre.is_empty() || filters.genre.contains(genre);
            let asked = Genre::ALL.iter().filter(asked);
            keys.extend(asked.map(|genre| genre_number(*genre) as i64));
            None
        }
        By::Province => Some(Level::Province),
        By::City => Some(Level::City),
        By::County => Some(Level::County),
    };
    if let Some(level) = level {
        let asked = codes_of(&filters.region);
        // A report about a division that was split is filed under parts that were not asked for, too.
        keys.retain(|key| is_near(*key, &asked));
        let current = divisions()
            .iter()
            .filter(|region| region.current && region.level == level);
        let codes = current.map(|region| i64::from(region.code.number()));
        keys.extend(codes.filter(|code| is_near(*code, &asked)));
    }
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// The years that are asked for by name; else those from the first to the last that is asked for, or that a report has.
fn years(filters: &Filters, found: &[i64]) -> Vec<i64> {
    if !filters.year.is_empty() {
        return filters.year.iter().copied().map(i64::from).collect();
    }
    let found = (found.iter().copied().min(), found.iter().copied().max());
    let from = filters.year_from.iter().copied().map(i64::from).min();
    let to = filters.year_to.iter().copied().map(i64::from).max();
    let fill = |first: Option<i64>, last: Option<i64>| match (first, last) {
        (Some(first), Some(last)) if last - first < MAX_GAP => Some((first..=last).collect()),
        _ => None,
    };
    let asked = fill(from.or(found.0), to.or(found.1));
    asked.or_else(|| fill(found.0, found.1)).unwrap_or_default()
}

/// Whether a division lies within one of the regions asked for, or above it; all do when none is asked for.
fn is_near(code: i64, asked: &[u64]) -> bool {
    let read = |code: &dyn std::fmt::Display| format!("{code:06}").parse::<RegionCode>().ok();
    let is_above =
        |below: RegionCode, above: RegionCode| below == above || divisions().is_within(below, above);
    let Some(code) = read(&code) else { return false };
    let mut asked = asked.iter().filter_map(|asked| read(asked)).peekable();
    asked.peek().is_none() || asked.any(|asked| is_above(code, asked) || is_above(asked, code))
}

fn facet(by: By) -> Facet {
    match by {
        By::Year => Facet::Year,
        By::Province | By::City | By::County => Facet::Region,
        By::Genre => Facet::Genre,
    }
}
