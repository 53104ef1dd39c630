//! Folding: hits of one group of near-duplicates become one, the first of them in the order of the hits.
//!
//! Which of a group comes first is told by keys, and between equal keys by the order of ids in the group, which is
//! known. So no id is read, however many hits are folded.

use std::sync::Arc;

use tantivy::{DocAddress, DocId};

use super::{Groups, groups::Member};

/// Collects the hits that belong to groups.
pub(crate) struct Folding {
    groups: Arc<Groups>,
    hits: Vec<GroupedHit>,
}

/// A hit of a group. Their order is that of groups, then of hits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct GroupedHit {
    group: u32,
    key: i64,
    /// Place of the id among those of the group.
    nth: u32,
    segment: u32,
    doc: DocId,
}

/// What was folded.
pub(crate) struct Folded {
    groups: Arc<Groups>,
    hits: Vec<GroupedHit>,
    /// By segment: hits that are not the first of their group, ascending.
    dropped: Vec<Vec<DocId>>,
}

impl Folding {
    pub(crate) fn new(groups: Arc<Groups>) -> Self {
        Self {
            groups,
            hits: Vec::new(),
        }
    }

    /// Takes notice of the hits of a segment, which ascend, with what they are ordered by.
    pub(crate) fn add(&mut self, segment: usize, hits: &[(DocId, i64)]) {
        let mut members = self.groups.of_segment(segment).iter().peekable();
        for (doc, key) in hits {
            while members.next_if(|member| member.doc < *doc).is_some() {}
            if let Some(Member { group, nth, .. }) = members.peek().filter(|member| member.doc == *doc) {
                self.hits.push(GroupedHit {
                    group: *group,
                    key: *key,
                    nth: *nth,
                    segment: segment as u32,
                    doc: *doc,
                });
            }
        }
    }

    /// Folds all hits.
    pub(crate) fn fold(mut self) -> Folded {
        self.hits.sort_unstable();
        let mut dropped = vec![Vec::new(); self.groups.n_segments()];
        for group in self.hits.chunk_by(|a, b| a.group == b.group) {
            for hit in &group[1..] {
                dropped[hit.segment as usize].push(hit.doc);
            }
        }
        dropped.iter_mut().for_each(|docs| docs.sort_unstable());
        Folded {
            groups: self.groups,
            hits: self.hits,
            dropped,
        }
    }
}

impl Folded {
    /// Leaves the first hits of groups and those of no group among the hits of a segment, which ascend.
    pub(crate) fn keep(&self, segment: usize, hits: &mut Vec<(DocId, i64)>) {
        let mut dropped = self.dropped[segment].iter().peekable();
        hits.retain(|(doc, _)| {
            while dropped.next_if(|other| *other < doc).is_some() {}
            dropped.peek() != Some(&doc)
        });
    }

    /// What was folded into a hit, in order.
    pub(crate) fn others(&self, hit: DocAddress) -> impl ExactSizeIterator<Item = DocAddress> {
        let group = self.groups.member(hit).map(|member| member.group);
        let of_group = group.map_or(&[][..], |group| {
            let start = self.hits.partition_point(|hit| hit.group < group);
            let end = self.hits.partition_point(|hit| hit.group <= group);
            self.hits.get(start + 1..end).unwrap_or_default()
        });
        of_group.iter().map(|hit| DocAddress::new(hit.segment, hit.doc))
    }
}
