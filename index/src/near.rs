//! `NEAR`: two strings in one paragraph, or in the title, with at most so many folded characters between them.

use tantivy::{
    DocId, DocSet, Score, SegmentReader, TERMINATED,
    query::{BooleanQuery, EnableScoring, Explanation, Query, Scorer, Weight},
};

use crate::{
    exact::{self, Occurrences},
    schema::Fields,
};

/// A pair of strings that have to stand near each other, in either order and without overlap.
#[derive(Clone, Debug)]
pub(crate) struct Near {
    pub(crate) fields: Fields,
    /// Both folded.
    pub(crate) left: String,
    pub(crate) right: String,
    /// Most characters between them.
    pub(crate) distance: u32,
}

impl Near {
    /// Reports that contain both strings anywhere.
    pub(crate) fn both(&self) -> Box<dyn Query> {
        let sides = [&self.left, &self.right].map(|side| exact::in_body(&self.fields, side));
        Box::new(BooleanQuery::intersection(sides.into()))
    }
}

impl Query for Near {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        let schema = scoring.schema();
        let both = self.both().weight(EnableScoring::disabled_from_schema(schema))?;
        Ok(Box::new(NearWeight {
            near: self.clone(),
            both,
        }))
    }
}

struct NearWeight {
    near: Near,
    both: Box<dyn Weight>,
}

impl NearWeight {
    fn docs(&self, reader: &SegmentReader) -> tantivy::Result<Vec<DocId>> {
        let mut candidates = Vec::new();
        let mut both = self.both.scorer(reader, 1.0)?;
        while both.doc() != TERMINATED {
            candidates.push(both.doc());
            both.advance();
        }
        let mut pairs = NearPairs::open(reader, &self.near, &candidates)?;
        let mut docs = candidates;
        docs.retain(|doc| {
            pairs.load(*doc);
            pairs.any_within(0..u32::MAX)
        });
        Ok(docs)
    }
}

impl Weight for NearWeight {
    fn scorer(&self, reader: &SegmentReader, _boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        Ok(Box::new(DocList {
            docs: self.docs(reader)?,
            at: 0,
        }))
    }

    fn explain(&self, _reader: &SegmentReader, _doc: DocId) -> tantivy::Result<Explanation> {
        Ok(Explanation::new("Near", 1.0))
    }
}

/// The places of both strings in one report after the other.
pub(crate) struct NearPairs {
    left: Occurrences,
    right: Occurrences,
    ends: Occurrences,
    distance: u32,
    left_starts: Vec<u32>,
    right_starts: Vec<u32>,
    paragraph_ends: Vec<u32>,
}

impl NearPairs {
    /// Prepares to look at `docs`, which ascend.
    pub(crate) fn open(reader: &SegmentReader, near: &Near, docs: &[DocId]) -> tantivy::Result<Self> {
        Ok(Self {
            left: Occurrences::open(reader, &near.fields, &near.left, docs)?,
            right: Occurrences::open(reader, &near.fields, &near.right, docs)?,
            ends: Occurrences::paragraph_ends(reader, &near.fields)?,
            distance: near.distance,
            left_starts: Vec::new(),
            right_starts: Vec::new(),
            paragraph_ends: Vec::new(),
        })
    }

    /// Goes on to a report; they must ascend.
    pub(crate) fn load(&mut self, doc: DocId) {
        self.left.starts(doc, &mut self.left_starts);
        self.right.starts(doc, &mut self.right_starts);
        self.ends.starts(doc, &mut self.paragraph_ends);
    }

    /// Whether the strings stand near each other within these characters of the body.
    pub(crate) fn any_within(&self, range: std::ops::Range<u32>) -> bool {
        let left = Side {
            starts: &self.left_starts,
            n_chars: self.left.n_chars,
        };
        let right = Side {
            starts: &self.right_starts,
            n_chars: self.right.n_chars,
        };
        let inside = |first: Side<'_>, second: Side<'_>| self.followed(first, second, &range);
        inside(left, right) || inside(right, left)
    }

    /// Whether some `second` follows a `first` closely enough.
    fn followed(&self, first: Side<'_>, second: Side<'_>, range: &std::ops::Range<u32>) -> bool {
        first.starts.iter().any(|start| {
            let end = start.saturating_add(first.n_chars);
            // The nearest one behind decides: what is farther away is in no better place.
            let next = second.starts[second.starts.partition_point(|other| *other < end)..].first();
            next.is_some_and(|next| {
                let close = next - end <= self.distance;
                let within = range.start <= *start && next.saturating_add(second.n_chars) <= range.end;
                close && within && !self.is_parted(*start, *next)
            })
        })
    }

    /// Whether a paragraph ends between two places.
    fn is_parted(&self, from: u32, to: u32) -> bool {
        let behind = self.paragraph_ends.partition_point(|end| *end < from);
        self.paragraph_ends.get(behind).is_some_and(|end| *end < to)
    }
}

#[derive(Clone, Copy)]
struct Side<'a> {
    starts: &'a [u32],
    n_chars: u32,
}

/// Reports that were found beforehand, ascending.
pub(crate) struct DocList {
    pub(crate) docs: Vec<DocId>,
    pub(crate) at: usize,
}

impl DocSet for DocList {
    fn advance(&mut self) -> DocId {
        self.at += 1;
        self.doc()
    }

    fn seek(&mut self, target: DocId) -> DocId {
        let rest = self.docs.get(self.at..).unwrap_or_default();
        self.at += rest.partition_point(|doc| *doc < target);
        self.doc()
    }

    fn doc(&self) -> DocId {
        self.docs.get(self.at).copied().unwrap_or(TERMINATED)
    }

    fn size_hint(&self) -> u32 {
        u32::try_from(self.docs.len()).unwrap_or(u32::MAX)
    }
}

impl Scorer for DocList {
    fn score(&mut self) -> Score {
        1.0
    }
}
