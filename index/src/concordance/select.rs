//! The first occurrences of one segment in the order of what stands beside them.
//!
//! Occurrences pass one by one. Of what was seen the best are kept, at most twice as many as are wanted, or a few thousand;
//! whatever is no better than the worst of the best goes by for the price of one comparison, mostly of two numbers.

use std::cmp::Ordering;

use tantivy::{DocAddress, DocId};

use super::{Occurrence, context::Side};
use crate::{matching::Segment, occurrences::Match};

/// Occurrences that are kept at least before the best are taken out of them.
const LEAST_KEPT: usize = 4096;

/// A place in the order: everything up to and including it has been shown.
pub(super) struct After {
    pub(super) key: u64,
    pub(super) context: String,
    pub(super) id: String,
    pub(super) start: u32,
}

/// A row and what it is ordered by.
pub(super) struct Found {
    pub(super) context: String,
    pub(super) row: Occurrence,
}

/// The best occurrences so far.
pub(super) struct Selection<'a> {
    segment: Segment<'a>,
    side: Side,
    after: Option<&'a After>,
    /// Number of ids of the segment up to and including that of `after`, and whether it is itself one of them.
    behind: u64,
    has_after: bool,
    limit: usize,
    kept: Vec<Candidate>,
    /// Nothing behind it is wanted.
    bound: Option<Candidate>,
}

#[derive(Clone, Copy)]
struct Candidate {
    key: u64,
    doc: DocId,
    place: Match,
}

impl<'a> Selection<'a> {
    pub(super) fn new(
        segment: Segment<'a>,
        side: Side,
        after: Option<&'a After>,
        limit: usize,
    ) -> tantivy::Result<Self> {
        let (mut behind, mut has_after) = (0, false);
        if let Some(after) = after {
            behind = segment.columns.rank_behind(&after.id)?;
            has_after = behind > 0 && segment.columns.id(behind - 1)? == after.id;
        }
        Ok(Self {
            segment,
            side,
            after,
            behind,
            has_after,
            limit,
            kept: Vec::new(),
            bound: None,
        })
    }

    /// Looks at the occurrences in a report.
    pub(super) fn offer(&mut self, doc: DocId, places: &[Match]) {
        let text = self.segment.texts.bytes(doc);
        for place in places {
            let candidate = Candidate {
                key: self.side.key(text, place),
                doc,
                place: *place,
            };
            let is_better = |bound: &Candidate| self.compare(&candidate, bound) == Ordering::Less;
            if self.was_shown(&candidate) || !self.bound.as_ref().is_none_or(is_better) {
                continue;
            }
            self.kept.push(candidate);
            if self.kept.len() >= (2 * self.limit).max(LEAST_KEPT) {
                self.prune();
            }
        }
    }

    /// Keeps the best.
    fn prune(&mut self) {
        if self.kept.len() <= self.limit {
            return;
        }
        let mut kept = std::mem::take(&mut self.kept);
        kept.select_nth_unstable_by(self.limit - 1, |a, b| self.compare(a, b));
        kept.truncate(self.limit);
        self.bound = kept.last().copied();
        self.kept = kept;
    }

    fn was_shown(&self, candidate: &Candidate) -> bool {
        let Some(after) = self.after else { return false };
        let context = || self.context(candidate).cmp(after.context.chars());
        let order = candidate.key.cmp(&after.key).then_with(context);
        order == Ordering::Less || order == Ordering::Equal && !self.comes_later(after, candidate)
    }

    /// Whether an occurrence in the same context comes after the place.
    fn comes_later(&self, after: &After, candidate: &Candidate) -> bool {
        let rank = self.rank(candidate);
        let is_same = self.has_after && rank + 1 == self.behind;
        rank >= self.behind || is_same && candidate.place.start > after.start
    }

    fn rank(&self, candidate: &Candidate) -> u64 {
        self.segment.columns.id_rank(candidate.doc)
    }

    fn context(&self, candidate: &Candidate) -> super::context::Context<'a> {
        let text = self.segment.texts.bytes(candidate.doc);
        self.side.context(text, &candidate.place)
    }

    fn compare(&self, a: &Candidate, b: &Candidate) -> Ordering {
        a.key
            .cmp(&b.key)
            .then_with(|| self.context(a).cmp(self.context(b)))
            .then_with(|| self.rank(a).cmp(&self.rank(b)))
            .then_with(|| a.place.start.cmp(&b.place.start))
    }

    /// The best of the segment with this number, in no order.
    pub(super) fn finish(mut self, nth: usize) -> tantivy::Result<Vec<Found>> {
        self.prune();
        let found = self.kept.iter().map(|candidate| {
            Ok(Found {
                context: self.context(candidate).collect(),
                row: Occurrence {
                    address: DocAddress::new(nth as u32, candidate.doc),
                    id: self.segment.columns.id(self.rank(candidate))?,
                    start: candidate.place.start,
                    end: candidate.place.end,
                },
            })
        });
        found.collect()
    }
}
