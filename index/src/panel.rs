//! Tables of concepts: how often each is spoken of, by region, year, genre and section role, and out of how much.
//!
//! A panel goes over the reports of a search once, block of texts by block of texts on all processors. What is kept is
//! one number for each cell that a report falls into ([`cells`]); which rows there are besides, because a region or a year
//! was asked for and has no report, follows from the request ([`axes`]). Rows are made when they are read, so a table of
//! a million rows needs the memory of those that are not empty.
//!
//! A batch of queries gives the same table, with queries in the place of concepts.

mod axes;
mod batch;
mod cells;
mod dictionary;

use std::sync::atomic::{AtomicU64, Ordering};

use jiff::civil::Date;
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use report::{ChinaMoment, Genre, Level, RegionCode, Role};
use serde::Serialize;
use tantivy::DocId;
use utoipa::ToSchema;

pub(crate) use self::batch::batch;
use self::{
    axes::Axes,
    cells::{Filing, Tally},
};
pub use self::{
    batch::{BatchError, BatchRequest},
    dictionary::{Concept, ConceptList, Dictionary, DictionaryError},
};
use crate::{
    QueryEcho, SearchError, SearchRequest, matching::Segment, occurrences::Counter, request::choices,
    search::Plan, state::State,
};

choices! {
    /// What the rows of a panel are told apart by, besides the concept.
    pub enum PanelBy {
        /// The division that a report is about.
        Region = "region",
        /// The year that it is about.
        Year = "year",
        /// Its kind.
        Genre = "genre",
        /// The role of the section that something stands in.
        Section = "section",
    }
}

/// How a table is laid out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    /// What rows are told apart by, in this order.
    pub by: Vec<PanelBy>,
    /// Divisions of which level rows are for; each counts all that is filed under it. `None`: a report counts for its own
    /// division only, whatever the level of that is.
    pub level: Option<Level>,
    /// Most rows; a table of more is refused.
    pub max_rows: usize,
}

/// A panel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PanelRequest {
    /// The reports that are counted: query, mode, filters and group. With the filter `section` only what stands in such
    /// sections is counted. Order, page, facets and fields are not heeded.
    pub search: SearchRequest,
    /// What is counted.
    pub dictionary: Dictionary,
    /// How it is laid out.
    pub layout: Layout,
}

/// A table.
#[derive(Debug)]
pub struct Panel {
    /// What rows are told apart by.
    pub by: Vec<PanelBy>,
    /// The concepts, or the queries.
    pub names: Vec<String>,
    /// How the query beside was read.
    pub query: QueryEcho,
    /// Reports that are in no row.
    pub left_out: LeftOut,
    /// What may not be as it was meant.
    pub notes: Vec<String>,
    /// The state of the corpus that this was answered from: what `as_of` takes ([`CorpusState::state`](crate::CorpusState::state)).
    pub state: Option<ChinaMoment>,
    axes: Axes,
    tally: Tally,
    /// The queries without anything to count, by number.
    without_strings: Vec<usize>,
}

/// Reports that are in no row, by why.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct LeftOut {
    /// All of them.
    pub reports: u64,
    /// Those about no known division.
    pub without_region: u64,
    /// Those about a division that is not, and does not lie in, one of the level asked for: of a city, when counties are.
    pub without_level: u64,
    /// Those about no known year.
    pub without_year: u64,
    /// Those without a section.
    pub without_section: u64,
}

/// One row. What rows are not told apart by is `None`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PanelRow<'a> {
    /// The concept, or the query.
    pub concept: &'a str,
    /// The division, by its code of today.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<RegionCode>,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region_name: Option<&'static str>,
    /// The year.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub year: Option<i32>,
    /// The kind of report.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub genre: Option<Genre>,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub genre_label: Option<&'static str>,
    /// The role of sections.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub section: Option<Role>,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub section_label: Option<&'static str>,
    /// Reports of the row, whether they speak of the concept or not.
    pub reports: u64,
    /// Those that do.
    pub reports_with_hit: u64,
    /// How often, all together; `None` where there is no report, or nothing in the query to count, which is not the same as 0.
    pub occurrences: Option<u64>,
    /// Han characters of the reports, or of their sections.
    pub chars: u64,
    /// The earliest of the reports that speak of it.
    #[serde(skip)]
    pub first: First,
}

/// The earliest of some reports.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct First {
    /// The first year that one of them is about.
    pub year: Option<i32>,
    /// The first day that one of them was published on.
    pub published: Option<Date>,
    /// The division that the one published first is about; of several on that day the lowest code.
    pub region: Option<RegionCode>,
}

impl Panel {
    /// How many rows there are.
    pub fn n_rows(&self) -> usize {
        self.axes.n_cells().saturating_mul(self.names.len())
    }

    /// A row: concept by concept, and then in the order of what rows are told apart by, each from the lowest.
    pub fn row(&self, nth: usize) -> Option<PanelRow<'_>> {
        let n_cells = self.axes.n_cells();
        let concept = nth.checked_div(n_cells)?;
        let name = self.names.get(concept)?;
        let cell = self.axes.cell(nth % n_cells);
        let (total, hits) = self.tally.of(&cell, concept);
        let (region, genre, section) = (cell.region_code(), cell.genre(), cell.role());
        Some(PanelRow {
            concept: name,
            region,
            region_name: region
                .and_then(|code| report::divisions().get(code))
                .map(|region| region.name),
            year: cell.year,
            genre,
            genre_label: genre.map(Genre::label),
            section,
            section_label: section.map(Role::label),
            reports: total.reports,
            reports_with_hit: hits.reports,
            occurrences: (total.reports > 0 && !self.without_strings.contains(&concept))
                .then_some(hits.occurrences),
            chars: total.chars,
            first: hits.first(),
        })
    }

    /// All rows, in order.
    pub fn rows(&self) -> impl Iterator<Item = PanelRow<'_>> {
        (0..self.n_rows()).filter_map(|nth| self.row(nth))
    }
}

/// Tells how many reports of how many were read.
type Progress<'a> = &'a (dyn Fn(u64, u64) + Sync);

/// Makes a panel.
pub(crate) fn panel(
    state: &State,
    request: &PanelRequest,
    progress: Progress<'_>,
) -> Result<Panel, SearchError> {
    let groups = request.dictionary.groups()?;
    request.layout.check()?;
    let plan = Plan::new(&request.search)?;
    state.check_as_of(request.search.filters.as_of)?;
    let filing = Filing::new(&request.layout, &request.search.filters, groups.len());
    let docs = plan.docs_by_segment(state).map_err(|error| plan.explain(error))?;
    let tally = state.guard(|| {
        let counter = Counter::new(&groups)?;
        count(state, &docs, progress, |segment, docs, tally| {
            filing.add_reports(segment, docs, tally);
            filing.add_matches(segment, docs, &counter, &plan.deadline, tally)
        })
    });
    let tally = tally.map_err(|error| plan.explain(error))?;
    let names = request
        .dictionary
        .concepts
        .iter()
        .map(|concept| concept.name.clone());
    let mut panel = request.layout.table(
        names.collect(),
        &request.search.filters,
        plan.query.echo,
        tally,
        state,
    )?;
    panel.notes = request.dictionary.notes();
    Ok(panel)
}

/// Goes over reports, block by block on all processors.
fn count(
    state: &State,
    docs: &[Vec<DocId>],
    progress: Progress<'_>,
    count: impl Fn(Segment<'_>, &[DocId], &mut Tally) -> tantivy::Result<()> + Sync,
) -> tantivy::Result<Tally> {
    let blocks: Vec<(Segment<'_>, &[DocId])> = state
        .segments()
        .zip(docs)
        .flat_map(|(segment, docs)| {
            segment
                .texts
                .blocks_of(docs)
                .map(move |(_, docs)| (segment, docs))
        })
        .collect();
    let total = docs.iter().map(|docs| docs.len() as u64).sum();
    let done = AtomicU64::new(0);
    progress(0, total);
    blocks
        .into_par_iter()
        .map(|(segment, docs)| {
            let mut tally = Tally::default();
            count(segment, docs, &mut tally)?;
            let n = docs.len() as u64;
            progress(done.fetch_add(n, Ordering::Relaxed) + n, total);
            Ok(tally)
        })
        .try_reduce(Tally::default, |a, b| Ok(a.join(b)))
}

impl Layout {
    fn check(&self) -> Result<(), SearchError> {
        let twice = self
            .by
            .iter()
            .enumerate()
            .find(|(nth, by)| self.by[..*nth].contains(by));
        if let Some((_, by)) = twice {
            return Err(invalid("by", format!("{by} stands twice")));
        }
        if self.level.is_some() && !self.by.contains(&PanelBy::Region) {
            return Err(invalid("level", "rows are not by region; add region to `by`"));
        }
        Ok(())
    }

    /// The rows of what was counted.
    fn table(
        &self,
        names: Vec<String>,
        filters: &crate::Filters,
        query: QueryEcho,
        tally: Tally,
        state: &State,
    ) -> Result<Panel, SearchError> {
        let axes = Axes::new(self, filters, &tally);
        let n_rows = axes.n_cells().saturating_mul(names.len());
        if n_rows > self.max_rows {
            return Err(invalid(
                "by",
                format!(
                    "the table would have {n_rows} rows, more than {}; ask for fewer concepts at a time, for a level, \
                     or for fewer regions or years by filters",
                    self.max_rows
                ),
            ));
        }
        Ok(Panel {
            by: self.by.clone(),
            names,
            query,
            left_out: tally.left_out,
            notes: Vec::new(),
            state: state.corpus_state(filters.as_of).state,
            axes,
            tally,
            without_strings: Vec::new(),
        })
    }
}

fn invalid(name: &'static str, message: impl Into<String>) -> SearchError {
    SearchError::InvalidParameter {
        name,
        message: message.into(),
    }
}
