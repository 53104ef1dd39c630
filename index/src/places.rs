//! Where the strings of a query stand in the reports that it finds: what concordances show and trends count.
//!
//! Occurrences are those of [`Counter::of_query`]. With a condition on sections only those count that lie inside one
//! section of such a role, and only the characters of such sections.

use tantivy::DocId;

use crate::{
    IndexError, SearchError, SearchRequest,
    matching::Segment,
    occurrences::{Counter, Match, Roles},
    role_chars,
    search::Plan,
    state::State,
};

/// A request, ready to be counted.
pub(crate) struct Places {
    pub(crate) plan: Plan,
    counter: Counter,
}

impl Places {
    /// Reads a request. Its order, limit, cursor and facets are not heeded.
    pub(crate) fn new(request: &SearchRequest, state: &State) -> Result<Self, SearchError> {
        let plan = Plan::new(request)?;
        state.check_as_of(request.filters.as_of)?;
        let counter = state.guard(|| Counter::of_query(&plan.query))?;
        Ok(Self { plan, counter })
    }

    /// Whether the query has no string that could stand in a text.
    pub(crate) fn is_empty(&self) -> bool {
        self.counter.is_empty()
    }

    /// The reports that the request finds, by segment, ascending.
    pub(crate) fn docs(&self, state: &State) -> Result<Vec<Vec<DocId>>, IndexError> {
        self.plan.docs_by_segment(state)
    }

    /// Calls `take` with the occurrences in each of some reports of a segment that has any; the reports ascend, and so do
    /// the occurrences, in units of the folded text.
    pub(crate) fn visit(
        &self,
        segment: Segment<'_>,
        docs: &[DocId],
        mut take: impl FnMut(DocId, &[Match]),
    ) -> tantivy::Result<()> {
        let Segment { columns, texts, .. } = segment;
        let asked = self.plan.conditions.roles;
        let mut roles = Roles::default();
        let mut inside: Vec<Match> = Vec::new();
        self.counter
            .visit(segment, docs, &self.plan.deadline, |doc, found| {
                if asked == 0 {
                    return take(doc, found);
                }
                roles.load(columns, texts, doc);
                inside.clear();
                inside.extend(found.iter().filter(|place| roles.of(place) & asked != 0).copied());
                if !inside.is_empty() {
                    take(doc, &inside);
                }
            })
    }

    /// Calls `take` with each of some reports of a segment that has any occurrence, and with how many; the reports ascend.
    pub(crate) fn count(
        &self,
        segment: Segment<'_>,
        docs: &[DocId],
        mut take: impl FnMut(DocId, u32),
    ) -> tantivy::Result<()> {
        match self.plan.conditions.roles {
            0 => self.counter.count(segment, docs, &self.plan.deadline, take),
            _ => self.visit(segment, docs, |doc, found| take(doc, found.len() as u32)),
        }
    }

    /// Han characters of a report's text; of the sections that are asked for when some are.
    pub(crate) fn chars(&self, segment: Segment<'_>, doc: DocId) -> u64 {
        let columns = segment.columns;
        match self.plan.conditions.roles {
            0 => columns.han_chars.first(doc).unwrap_or_default(),
            roles => role_chars::sum(columns.role_chars.values_for_doc(doc), roles),
        }
    }
}
