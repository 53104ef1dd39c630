//! Which cells of a table a report falls into, and what is counted in each.

use jiff::{ToSpan, civil::date};
use report::{Genre, Level, RegionCode, Role, divisions};
use rustc_hash::FxHashMap;
use tantivy::DocId;

use super::{First, Layout, LeftOut, PanelBy};
use crate::{
    Filters,
    columns::Columns,
    deadline::Deadline,
    filter::codes_of,
    matching::Segment,
    occurrences::{Counter, Match, Roles},
    role_chars,
    schema::{role_number, unpack},
};

/// A cell of a table. What rows are not told apart by is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Cell {
    pub(super) region: Option<u32>,
    pub(super) year: Option<i32>,
    pub(super) genre: Option<u8>,
    pub(super) role: Option<u8>,
}

impl Cell {
    pub(super) fn region_code(&self) -> Option<RegionCode> {
        self.region.and_then(|number| format!("{number:06}").parse().ok())
    }

    pub(super) fn genre(&self) -> Option<Genre> {
        Genre::ALL.get(usize::from(self.genre?)).copied()
    }

    pub(super) fn role(&self) -> Option<Role> {
        Role::ALL.get(usize::from(self.role?)).copied()
    }
}

/// What the reports of a cell are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Total {
    pub(super) reports: u64,
    pub(super) chars: u64,
}

/// What of a concept is found in the reports of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Hits {
    pub(super) reports: u64,
    pub(super) occurrences: u64,
    first_year: i64,
    /// Day and region.
    first_published: (i64, u64),
}

impl Default for Hits {
    fn default() -> Self {
        Self {
            reports: 0,
            occurrences: 0,
            first_year: i64::MAX,
            first_published: (i64::MAX, u64::MAX),
        }
    }
}

impl Hits {
    fn add(&mut self, other: &Self) {
        self.reports += other.reports;
        self.occurrences += other.occurrences;
        self.first_year = self.first_year.min(other.first_year);
        self.first_published = self.first_published.min(other.first_published);
    }

    pub(super) fn first(&self) -> First {
        let (day, region) = self.first_published;
        let published = i32::try_from(day).ok();
        First {
            year: i32::try_from(self.first_year).ok(),
            published: published.and_then(|day| date(1970, 1, 1).checked_add(day.days()).ok()),
            region: format!("{region:06}").parse().ok(),
        }
    }
}

/// Everything that is counted, by cell.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) totals: FxHashMap<Cell, Total>,
    hits: FxHashMap<(Cell, u32), Hits>,
    pub(super) left_out: LeftOut,
}

impl Tally {
    /// What is in a cell, and of a concept in it.
    pub(super) fn of(&self, cell: &Cell, concept: usize) -> (Total, Hits) {
        let total = self.totals.get(cell).copied().unwrap_or_default();
        let hits = self.hits.get(&(*cell, concept as u32)).copied();
        (total, hits.unwrap_or_default())
    }

    /// Both together, of different reports.
    pub(super) fn join(self, other: Self) -> Self {
        let (mut more, less) = match self.totals.len() < other.totals.len() {
            true => (other, self),
            false => (self, other),
        };
        for (cell, total) in less.totals {
            let sum = more.totals.entry(cell).or_default();
            sum.reports += total.reports;
            sum.chars += total.chars;
        }
        for (key, hits) in less.hits {
            more.hits.entry(key).or_default().add(&hits);
        }
        let (sum, add) = (&mut more.left_out, &less.left_out);
        sum.reports += add.reports;
        sum.without_region += add.without_region;
        sum.without_level += add.without_level;
        sum.without_year += add.without_year;
        sum.without_section += add.without_section;
        more
    }

    /// Takes over what was found of something else, as a concept of its own.
    pub(super) fn take_hits(&mut self, other: Self, concept: usize) {
        let hits = other
            .hits
            .into_iter()
            .map(|((cell, _), hits)| ((cell, concept as u32), hits));
        self.hits.extend(hits);
    }

    /// Adds what was found of a concept in a report to a cell: whether the report counts, and occurrences.
    fn add_hit(
        &mut self,
        columns: &Columns,
        doc: DocId,
        key: (Cell, usize),
        (reports, occurrences): (u64, u64),
    ) {
        let (cell, concept) = key;
        let hits = Hits {
            reports,
            occurrences,
            first_year: columns.year.first(doc).unwrap_or(i64::MAX),
            first_published: match columns.published.first(doc) {
                Some(day) => (
                    day,
                    own_regions(columns, doc).into_iter().min().unwrap_or(u64::MAX),
                ),
                None => (i64::MAX, u64::MAX),
            },
        };
        self.hits.entry((cell, concept as u32)).or_default().add(&hits);
    }
}

/// How reports are filed in the cells of a table.
pub(super) struct Filing {
    by_region: bool,
    by_year: bool,
    by_genre: bool,
    by_section: bool,
    level: Option<Level>,
    /// Regions of the filter, by the codes reports are filed under; empty for all.
    regions: Vec<u64>,
    /// Roles of the sections in which something counts, one bit each; `None`: everywhere.
    roles: Option<u8>,
    n_concepts: usize,
}

impl Filing {
    pub(super) fn new(layout: &Layout, filters: &Filters, n_concepts: usize) -> Self {
        let asked = filters
            .section
            .iter()
            .fold(0, |bits, role| bits | 1 << role_number(*role));
        let has = |by: PanelBy| layout.by.contains(&by);
        Self {
            by_region: has(PanelBy::Region),
            by_year: has(PanelBy::Year),
            by_genre: has(PanelBy::Genre),
            by_section: has(PanelBy::Section),
            level: layout.level,
            regions: codes_of(&filters.region),
            roles: match asked {
                0 if has(PanelBy::Section) => Some(u8::MAX),
                0 => None,
                asked => Some(asked),
            },
            n_concepts,
        }
    }

    /// Adds reports to the cells that they fall into.
    pub(super) fn add_reports(&self, segment: Segment<'_>, docs: &[DocId], tally: &mut Tally) {
        let columns = segment.columns;
        let mut cells = Vec::new();
        for doc in docs {
            if !self.cells(columns, *doc, &mut cells, &mut tally.left_out) {
                continue;
            }
            for cell in &cells {
                let roles = match cell.role {
                    Some(role) => Some(1 << role),
                    None => self.roles,
                };
                let chars = match roles {
                    Some(roles) => role_chars::sum(columns.role_chars.values_for_doc(*doc), roles),
                    None => columns.han_chars.first(*doc).unwrap_or_default(),
                };
                let total = tally.totals.entry(*cell).or_default();
                total.reports += 1;
                total.chars += chars;
            }
        }
    }

    /// Adds what a counter finds in reports, its groups being the concepts.
    pub(super) fn add_matches(
        &self,
        segment: Segment<'_>,
        docs: &[DocId],
        counter: &Counter,
        deadline: &Deadline,
        tally: &mut Tally,
    ) -> tantivy::Result<()> {
        let mut found = Found::new(self);
        counter.visit(segment, docs, deadline, |doc, matches| {
            found.count(segment, doc, matches);
            found.file(segment.columns, doc, 1, tally);
        })
    }

    /// Adds reports that a query finds, and how often what it looks for stands in their texts. By role of section, only
    /// those count that have an occurrence there.
    pub(super) fn add_found(
        &self,
        segment: Segment<'_>,
        docs: &[DocId],
        counter: &Counter,
        deadline: &Deadline,
        tally: &mut Tally,
    ) -> tantivy::Result<()> {
        let mut cells = Vec::new();
        for doc in docs.iter().filter(|_| !self.by_section) {
            self.cells(segment.columns, *doc, &mut cells, &mut LeftOut::default());
            for cell in &cells {
                tally.add_hit(segment.columns, *doc, (*cell, 0), (1, 0));
            }
        }
        let mut found = Found::new(self);
        counter.visit(segment, docs, deadline, |doc, matches| {
            found.count(segment, doc, matches);
            found.file(segment.columns, doc, u64::from(self.by_section), tally);
        })
    }

    /// The cells of a report; those of sections are one for each role that it has a section of. Whether there are any.
    fn cells(&self, columns: &Columns, doc: DocId, cells: &mut Vec<Cell>, left_out: &mut LeftOut) -> bool {
        cells.clear();
        let mut cell = Cell::default();
        let mut is_left_out = false;
        if self.by_year {
            cell.year = columns.year.first(doc).and_then(|year| i32::try_from(year).ok());
            left_out.without_year += u64::from(cell.year.is_none());
            is_left_out |= cell.year.is_none();
        }
        if self.by_genre {
            cell.genre = columns
                .genre
                .first(doc)
                .and_then(|genre| u8::try_from(genre).ok());
        }
        let mut regions = Vec::new();
        if self.by_region {
            regions = self.regions_of(columns, doc);
            let is_about_none = columns.regions.first(doc).is_none();
            left_out.without_region += u64::from(is_about_none);
            left_out.without_level += u64::from(regions.is_empty() && !is_about_none);
            is_left_out |= regions.is_empty();
        }
        let mut roles = 0;
        if self.by_section {
            let sections = columns.sections.values_for_doc(doc).filter_map(unpack);
            roles = sections.fold(0_u8, |bits, section| bits | 1 << role_number(section.role));
            roles &= self.roles.unwrap_or(u8::MAX);
            left_out.without_section += u64::from(roles == 0);
            is_left_out |= roles == 0;
        }
        left_out.reports += u64::from(is_left_out);
        if is_left_out {
            return false;
        }
        match self.by_region {
            true => cells.extend(regions.into_iter().map(|region| Cell {
                region: u32::try_from(region).ok(),
                ..cell
            })),
            false => cells.push(cell),
        }
        if self.by_section {
            let without: Vec<Cell> = std::mem::take(cells);
            let roles = (0..Role::ALL.len() as u8).filter(|role| roles >> role & 1 == 1);
            cells.extend(roles.flat_map(|role| {
                without.iter().map(move |cell| Cell {
                    role: Some(role),
                    ..*cell
                })
            }));
        }
        true
    }

    /// The divisions that a report counts for.
    fn regions_of(&self, columns: &Columns, doc: DocId) -> Vec<u64> {
        let mut regions = match self.level {
            None => own_regions(columns, doc),
            Some(level) => {
                let filed = columns.regions.values_for_doc(doc);
                filed.filter(|number| level_of(*number) == Some(level)).collect()
            }
        };
        if !self.regions.is_empty() {
            // What an old division was divided into need not all lie in the regions asked for.
            regions.retain(|region| {
                self.regions
                    .iter()
                    .any(|asked| is_within(*region, *asked) || is_within(*asked, *region))
            });
        }
        regions
    }
}

/// What is found in one report after the other.
struct Found<'a> {
    filing: &'a Filing,
    roles: Roles,
    /// Occurrences by concept, and by role of the section when rows are by section.
    counts: Vec<u64>,
    /// Those that are not 0.
    touched: Vec<usize>,
    cells: Vec<Cell>,
}

impl<'a> Found<'a> {
    fn new(filing: &'a Filing) -> Self {
        let n_counts = match filing.by_section {
            true => filing.n_concepts * Role::ALL.len(),
            false => filing.n_concepts,
        };
        Self {
            filing,
            roles: Roles::default(),
            counts: vec![0; n_counts],
            touched: Vec::new(),
            cells: Vec::new(),
        }
    }

    fn count(&mut self, segment: Segment<'_>, doc: DocId, matches: &[Match]) {
        if self.filing.roles.is_some() {
            self.roles.load(segment.columns, segment.texts, doc);
        }
        for found in matches {
            let concept = found.group as usize;
            let Some(asked) = self.filing.roles else {
                self.add(concept);
                continue;
            };
            let roles = self.roles.of(found) & asked;
            if self.filing.by_section {
                let roles = (0..Role::ALL.len()).filter(|role| roles >> role & 1 == 1);
                roles.for_each(|role| self.add(concept * Role::ALL.len() + role));
            } else if roles != 0 {
                self.add(concept);
            }
        }
    }

    fn add(&mut self, slot: usize) {
        if let Some(count) = self.counts.get_mut(slot) {
            if *count == 0 {
                self.touched.push(slot);
            }
            *count += 1;
        }
    }

    /// Adds the counts of the report at hand, and `reports` for it, to its cells.
    fn file(&mut self, columns: &Columns, doc: DocId, reports: u64, tally: &mut Tally) {
        if !self.touched.is_empty() {
            self.filing
                .cells(columns, doc, &mut self.cells, &mut LeftOut::default());
        }
        for slot in self.touched.drain(..) {
            let count = std::mem::take(&mut self.counts[slot]);
            let (concept, role) = match self.filing.by_section {
                true => (slot / Role::ALL.len(), Some((slot % Role::ALL.len()) as u8)),
                false => (slot, None),
            };
            for cell in self.cells.iter().filter(|cell| cell.role == role) {
                tally.add_hit(columns, doc, (*cell, concept), (reports, count));
            }
        }
        self.cells.clear();
    }
}

/// The codes of today of the division that a report is about, without those above it.
fn own_regions(columns: &Columns, doc: DocId) -> Vec<u64> {
    let filed: Vec<u64> = columns.regions.values_for_doc(doc).collect();
    let above: Vec<u64> = filed.iter().filter_map(|number| parent_of(*number)).collect();
    filed
        .into_iter()
        .filter(|number| !above.contains(number))
        .collect()
}

fn code_of(number: u64) -> Option<RegionCode> {
    format!("{number:06}").parse().ok()
}

fn parent_of(number: u64) -> Option<u64> {
    let parent = divisions().get(code_of(number)?)?.parent?;
    Some(parent.number().into())
}

fn level_of(number: u64) -> Option<Level> {
    code_of(number).map(RegionCode::level)
}

/// Whether a division is another or lies below it.
pub(super) fn is_within(number: u64, above: u64) -> bool {
    let mut next = Some(number);
    while let Some(at) = next {
        if at == above {
            return true;
        }
        next = parent_of(at);
    }
    false
}
