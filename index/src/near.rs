//! `NEAR`: two strings in one paragraph, or in the title, with at most so many folded characters between them.

use std::ops::Range;

use tantivy::DocId;

use crate::{exact::Occurrences, matching::Segment};

/// The places of two strings in one report after the other.
pub(crate) struct NearPairs<'a> {
    left: Side<'a>,
    right: Side<'a>,
    ends: Occurrences<'a>,
    paragraph_ends: Vec<u32>,
    distance: u32,
}

/// One of the strings and where it begins in the report at hand.
struct Side<'a> {
    occurrences: Occurrences<'a>,
    starts: Vec<u32>,
}

impl<'a> NearPairs<'a> {
    /// Prepares to look at `docs`, which ascend. Both strings are folded.
    pub(crate) fn open(
        segment: Segment<'a>,
        (left, right): (&str, &str),
        distance: u32,
        docs: &[DocId],
    ) -> Self {
        let side = |folded: &str| Side {
            occurrences: Occurrences::open(segment, folded, docs),
            starts: Vec::new(),
        };
        Self {
            left: side(left),
            right: side(right),
            ends: Occurrences::paragraph_ends(segment),
            paragraph_ends: Vec::new(),
            distance,
        }
    }

    /// Goes on to a report; they must ascend.
    pub(crate) fn load(&mut self, doc: DocId) {
        for side in [&mut self.left, &mut self.right] {
            side.occurrences.starts(doc, &mut side.starts);
        }
        self.ends.starts(doc, &mut self.paragraph_ends);
    }

    /// Whether the strings stand near each other within these characters of the body, in either order.
    pub(crate) fn any_within(&self, range: &Range<u32>) -> bool {
        self.follows(&self.left, &self.right, range) || self.follows(&self.right, &self.left, range)
    }

    /// Whether some `second` follows a `first` closely enough, without overlap.
    fn follows(&self, first: &Side<'_>, second: &Side<'_>, range: &Range<u32>) -> bool {
        let from = first.starts.partition_point(|start| *start < range.start);
        let mut inside = first.starts[from..]
            .iter()
            .copied()
            .take_while(|start| *start < range.end);
        inside.any(|start| {
            let end = start.saturating_add(first.occurrences.n_chars);
            // The nearest one behind decides: one farther away is in no better place.
            let next = second.starts.partition_point(|other| *other < end);
            second.starts.get(next).is_some_and(|next| {
                let is_close = next - end <= self.distance;
                let next_end = next.saturating_add(second.occurrences.n_chars);
                is_close && next_end <= range.end && !self.is_parted(start, *next)
            })
        })
    }

    /// Whether a paragraph ends between two places.
    fn is_parted(&self, from: u32, to: u32) -> bool {
        let next = self.paragraph_ends.partition_point(|end| *end < from);
        self.paragraph_ends.get(next).is_some_and(|end| *end < to)
    }
}
