//! Key word in context: every occurrence of a query's strings, with what stands before and behind it.
//!
//! Occurrences, not reports, are counted, ordered and paged. One pass over the texts counts them all, so that the total is
//! exact. Which of them are on a page is found without reading more than that takes: in the order of reports the page's
//! reports are found first (`order::first`), and only these are looked into again; in the order of contexts the pass keeps
//! the first rows of the order as it goes (`select`), comparing folded contexts where they stand (`context`). Only the rows of the
//! page are read from the stored reports (`rows`).
//!
//! A sample is those occurrences whose hash of seed, report and place among the report's occurrences is least (`sample`).

mod context;
mod rows;
mod sample;
mod select;

use std::{sync::Arc, time::Instant};

use jiff::civil::Date;
use report::{ChinaMoment, RegionCode, ReportId, Role};
use serde::Serialize;
use tantivy::{DocAddress, DocId};
use utoipa::ToSchema;

use self::{
    sample::Picked,
    select::{After, Selection},
};
use crate::{
    IndexError, SearchError, SearchRequest,
    columns::Columns,
    cursor::Cursors,
    matching::Segment,
    occurrences::Match,
    order::{self, Place},
    places::Places,
    request::choices,
    response::{QueryEcho, Total},
    state::State,
};

choices! {
    /// The order of occurrences. Ties, and everything without an order, go by the report's id, then by place.
    pub enum RowSort {
        /// By the folded text before the match, read as it stands.
        Left = "left",
        /// By the folded text before the match, read outwards from it: what stands right before it comes first.
        LeftOutwards = "left_outwards",
        /// By the folded text behind the match.
        Right = "right",
        /// By today's code of the region that the report is about; those without one come last.
        Region = "region",
        /// By report year; those without one come last.
        Year = "year",
    }
}

impl RowSort {
    /// Whether rows are compared by what stands beside them.
    fn is_by_context(self) -> bool {
        match self {
            Self::Left | Self::LeftOutwards | Self::Right => true,
            Self::Region | Self::Year => false,
        }
    }
}

/// What is asked of a concordance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ConcordanceRequest {
    /// Query and filters. Its order, limit, cursor and facets are not heeded.
    pub search: SearchRequest,
    /// Order of the rows; `None`: by id of the report.
    pub sort: Option<RowSort>,
    /// Folded characters shown before and behind a match, within its paragraph; 1 to [`Self::MAX_WIDTH`].
    pub width: usize,
    /// Rows to be drawn at random, up to [`Self::MAX_SAMPLE`]; `None`: all.
    pub sample: Option<usize>,
    /// What the sample is drawn by: the same number draws the same rows.
    pub seed: u64,
    /// Rows of a page, 1 to [`Self::MAX_LIMIT`].
    pub limit: usize,
    /// Where to go on, from `next_cursor` of the page before. No part of what is asked.
    #[serde(skip)]
    pub cursor: Option<String>,
}

impl ConcordanceRequest {
    /// Most rows of a page.
    pub const MAX_LIMIT: usize = 1000;
    /// Most characters of a side.
    pub const MAX_WIDTH: usize = 200;
    /// Most rows of a sample.
    pub const MAX_SAMPLE: usize = 10_000;
}

impl Default for ConcordanceRequest {
    fn default() -> Self {
        Self {
            search: SearchRequest::default(),
            sort: None,
            width: 30,
            sample: None,
            seed: 0,
            limit: 20,
            cursor: None,
        }
    }
}

/// The answer to a [`ConcordanceRequest`].
#[derive(Clone, Debug, Serialize)]
pub struct Concordance {
    /// How the query was read.
    pub query: QueryEcho,
    /// Number of all occurrences, those that a sample leaves out among them.
    pub total: Total,
    /// What was drawn; `None` when nothing was.
    pub sample: Option<SampleEcho>,
    /// The rows of this page.
    pub rows: Vec<ConcordanceRow>,
    /// Where the next page begins; `None` on the last.
    pub next_cursor: Option<String>,
    /// The state of the corpus that this was answered from: what `as_of` takes ([`CorpusState::state`](crate::CorpusState::state)).
    pub state: Option<ChinaMoment>,
    /// Whole milliseconds from the moment the caller gave to the answer.
    pub took_ms: u64,
}

/// How a sample was drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SampleEcho {
    /// Rows in the sample.
    pub size: u64,
    /// What it was drawn by.
    pub seed: u64,
}

/// One occurrence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ConcordanceRow {
    /// The report that it stands in.
    pub report_id: ReportId,
    /// The report's title.
    pub title: Option<String>,
    /// The region that the report is about, as the report has it.
    pub region_code: Option<RegionCode>,
    /// Its name.
    pub region_name: Option<String>,
    /// Report year.
    pub year: Option<i32>,
    /// Day of publication.
    pub published: Option<Date>,
    /// The stored text before the match.
    pub left: String,
    /// The match as the text has it.
    #[serde(rename = "match")]
    pub matched: String,
    /// The stored text behind the match.
    pub right: String,
    /// Numbers of the sections around it, as in the outline; `None` before the first heading.
    pub path: Option<String>,
    /// Heading of the innermost of them.
    pub heading: Option<String>,
    /// Role of the innermost of them.
    pub role: Option<Role>,
    /// First Unicode character of the match in the text.
    pub start: usize,
    /// One past its last.
    pub end: usize,
    /// First Unicode character of its paragraph.
    pub paragraph: usize,
}

/// An occurrence and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Occurrence {
    address: DocAddress,
    id: String,
    /// Units of the folded text.
    start: u32,
    end: u32,
}

/// Answers a request.
pub(crate) fn concordance(
    current: &Arc<State>,
    cursors: &Cursors,
    request: &ConcordanceRequest,
    now: Instant,
) -> Result<Concordance, SearchError> {
    for (name, number, most) in [
        ("limit", request.limit, ConcordanceRequest::MAX_LIMIT),
        ("width", request.width, ConcordanceRequest::MAX_WIDTH),
        (
            "sample",
            request.sample.unwrap_or(1),
            ConcordanceRequest::MAX_SAMPLE,
        ),
    ] {
        if !(1..=most).contains(&number) {
            let message = format!("{number} is not in 1 to {most}");
            return Err(SearchError::InvalidParameter { name, message });
        }
    }
    let places = Places::new(&request.search, current)?;
    if places.is_empty() {
        return Err(SearchError::InvalidQuery {
            position: 0,
            message: "nothing in the query is a string that can stand in a text".into(),
            hint: "write the words or the \"string\" whose places you want; fields only narrow them down"
                .into(),
        });
    }
    let resumed = request
        .cursor
        .as_ref()
        .map(|cursor| cursors.resume(cursor, request, current, now))
        .transpose()?;
    let state = resumed.as_ref().map_or(current, |resumed| &resumed.state);
    let after = resumed.as_ref().map(|resumed| &resumed.after);

    let mut kept = Kept::new(state, &places, request).map_err(|error| places.plan.explain(error))?;
    // One more than asked for tells whether there is a next page.
    let limit = request.limit + 1;
    let found = match request.sort {
        Some(sort) if sort.is_by_context() => kept.by_context(request, after, limit),
        _ => kept.by_report(request, after, limit),
    };
    let mut found = found.map_err(|error| places.plan.explain(error))?;
    let has_more = found.len() > request.limit;
    found.truncate(request.limit);
    let next_cursor = found.last().filter(|_| has_more).map(|last| {
        let place = Place {
            key: last.start.into(),
            id: last.id.clone(),
        };
        cursors.next(request, state, &place, resumed.as_ref(), now)
    });
    let rows = rows::read(state, &found, request.width)?;
    let sample = kept.picked.as_ref().map(|picked| SampleEcho {
        size: picked.len() as u64,
        seed: request.seed,
    });
    let total = Total::exactly(kept.total);
    drop(kept);
    Ok(Concordance {
        query: places.plan.query.echo,
        total,
        sample,
        rows,
        next_cursor,
        state: state.corpus_state(request.search.filters.as_of).state,
        took_ms: u64::try_from(now.elapsed().as_millis()).unwrap_or(u64::MAX),
    })
}

/// The occurrences that are rows: all, or those of a sample.
struct Kept<'a> {
    state: &'a State,
    places: &'a Places,
    /// By segment: the reports with rows, ascending. For an order by context without a sample: all that may have some.
    docs: Vec<Vec<DocId>>,
    /// Occurrences, those that are no rows among them. For an order by context without a sample: counted with it.
    total: u64,
    picked: Option<Picked>,
}

impl<'a> Kept<'a> {
    fn new(state: &'a State, places: &'a Places, request: &ConcordanceRequest) -> Result<Self, IndexError> {
        let found = places.docs(state)?;
        if request.sort.is_some_and(RowSort::is_by_context) && request.sample.is_none() {
            return Ok(Self {
                state,
                places,
                docs: found,
                total: 0,
                picked: None,
            });
        }
        state.guard(|| {
            let mut counted: Vec<Vec<(DocId, u32)>> = Vec::with_capacity(found.len());
            for (segment, docs) in state.segments().zip(&found) {
                let mut counts = Vec::new();
                places.count(segment, docs, |doc, n| counts.push((doc, n)))?;
                counted.push(counts);
            }
            let total = counted.iter().flatten().map(|(_, count)| u64::from(*count)).sum();
            let picked = match request.sample {
                Some(n) => Some(Picked::draw(state, &counted, n, request.seed)?),
                None => None,
            };
            let docs = match &picked {
                Some(picked) => picked.docs(),
                None => {
                    let docs = |counts: Vec<(DocId, u32)>| counts.into_iter().map(|(doc, _)| doc).collect();
                    counted.into_iter().map(docs).collect()
                }
            };
            Ok(Self {
                state,
                places,
                docs,
                total,
                picked,
            })
        })
    }

    /// Calls `take` with every report of a segment among `docs` that has rows, and with their places.
    fn visit(
        &self,
        nth: usize,
        segment: Segment<'_>,
        docs: &[DocId],
        mut take: impl FnMut(DocId, &[Match]),
    ) -> tantivy::Result<()> {
        let mut rows = Vec::new();
        self.places.visit(segment, docs, |doc, found| match &self.picked {
            None => take(doc, found),
            Some(picked) => {
                rows.clear();
                rows.extend(
                    picked
                        .of(nth, doc)
                        .filter_map(|at| found.get(at as usize))
                        .copied(),
                );
                take(doc, &rows);
            }
        })
    }

    /// The first rows behind a place, in the order of their reports.
    fn by_report(
        &self,
        request: &ConcordanceRequest,
        after: Option<&Place>,
        limit: usize,
    ) -> Result<Vec<Occurrence>, IndexError> {
        let key = |columns: &Columns, doc: DocId| match request.sort {
            Some(RowSort::Region) => columns.own_region(doc).map_or(i64::MAX, |code| code as i64),
            Some(RowSort::Year) => columns.year.first(doc).unwrap_or(i64::MAX),
            _ => 0,
        };
        // The report that the page before ended in may have more rows; the others lie behind it.
        let mut reports: Vec<(DocAddress, String)> = Vec::new();
        let mut behind = None;
        if let Some(after) = after {
            let address = self.find(&after.id)?;
            let key = key(&self.state.columns[address.segment_ord as usize], address.doc_id);
            reports.push((address, after.id.clone()));
            behind = Some(Place {
                key,
                id: after.id.clone(),
            });
        }
        self.state.guard(|| {
            let mut ranked = Vec::new();
            for (nth, (columns, docs)) in self.state.columns.iter().zip(&self.docs).enumerate() {
                let keyed = docs.iter().map(|doc| (*doc, key(columns, *doc)));
                ranked.extend(order::first(nth, columns, keyed, behind.as_ref(), limit)?);
            }
            ranked.sort_unstable();
            ranked.truncate(limit);
            reports.extend(ranked.into_iter().map(|report| (report.address(), report.id)));
            let mut found = vec![Vec::new(); reports.len()];
            for (nth, segment) in self.state.segments().enumerate() {
                let mut here: Vec<(DocId, usize)> = reports
                    .iter()
                    .zip(0..)
                    .filter(|((address, _), _)| address.segment_ord as usize == nth)
                    .map(|((address, _), at)| (address.doc_id, at))
                    .collect();
                here.sort_unstable();
                let docs: Vec<DocId> = here.iter().map(|(doc, _)| *doc).collect();
                self.visit(nth, segment, &docs, |doc, rows| {
                    if let Ok(at) = here.binary_search_by_key(&doc, |(doc, _)| *doc) {
                        found[here[at].1] = rows.to_vec();
                    }
                })?;
            }
            let mut rows = Vec::with_capacity(limit);
            for ((address, id), found) in reports.iter().zip(&found) {
                let is_new = |row: &&Match| {
                    let seen = after.filter(|after| after.id == *id);
                    seen.is_none_or(|after| i64::from(row.start) > after.key)
                };
                let left = limit - rows.len();
                rows.extend(found.iter().filter(is_new).take(left).map(|row| Occurrence {
                    address: *address,
                    id: id.clone(),
                    start: row.start,
                    end: row.end,
                }));
            }
            Ok(rows)
        })
    }

    /// The first rows behind a place, in the order of what stands beside them.
    fn by_context(
        &mut self,
        request: &ConcordanceRequest,
        after: Option<&Place>,
        limit: usize,
    ) -> Result<Vec<Occurrence>, IndexError> {
        let side = context::Side::of(request.sort, request.width);
        let after = match after {
            None => None,
            Some(place) => Some(self.after(side, place)?),
        };
        let mut n_rows = 0;
        let found = self.state.guard(|| {
            let mut found = Vec::new();
            for (nth, (segment, docs)) in self.state.segments().zip(&self.docs).enumerate() {
                let mut selection = Selection::new(segment, side, after.as_ref(), limit)?;
                self.visit(nth, segment, docs, |doc, rows| {
                    n_rows += rows.len() as u64;
                    selection.offer(doc, rows);
                })?;
                self.places.plan.deadline.check()?;
                found.extend(selection.finish(nth)?);
            }
            found.sort_unstable_by(|a, b| {
                a.context
                    .cmp(&b.context)
                    .then_with(|| a.row.id.cmp(&b.row.id))
                    .then_with(|| a.row.start.cmp(&b.row.start))
            });
            found.truncate(limit);
            Ok(found.into_iter().map(|found| found.row).collect())
        })?;
        if self.picked.is_none() {
            self.total = n_rows;
        }
        Ok(found)
    }

    /// What a place of a cursor is compared by.
    fn after(&self, side: context::Side, place: &Place) -> Result<After, IndexError> {
        let address = self.find(&place.id)?;
        let lost = || self.state.damaged("the place of a cursor is not there");
        let nth = address.segment_ord as usize;
        let segment = self.state.segments().nth(nth).ok_or_else(lost)?;
        let mut at = None;
        self.state.guard(|| {
            self.visit(nth, segment, &[address.doc_id], |_, rows| {
                at = rows.iter().find(|row| i64::from(row.start) == place.key).copied();
            })
        })?;
        let at = at.ok_or_else(lost)?;
        let context = side.context(segment.texts.bytes(address.doc_id), &at);
        Ok(After {
            key: context::key(context.clone()),
            context: context.collect(),
            id: place.id.clone(),
            start: at.start,
        })
    }

    /// The report that a cursor names: it was on the page before, in the same state.
    fn find(&self, id: &str) -> Result<DocAddress, IndexError> {
        let lost = || self.state.damaged("the report of a cursor is not there");
        let id: ReportId = id.parse().map_err(|_| lost())?;
        self.state.find(&id)?.ok_or_else(lost)
    }
}
