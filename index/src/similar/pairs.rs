//! Which reports of a state are near-duplicates of each other.
//!
//! Pairs are found without comparing all with all. Each of the numbers of a sketch, eight bins, is a key: similar
//! reports share at least one (at 0.8 in 999 of 1,000 cases), others rarely do. Keys that occur once, nearly all, are
//! sorted out with a bitmap. Reports that share a key are compared with each other. Where a form that thousands fill in
//! makes them very many, they are put in order by the numbers that follow in the sketch, and each is compared with the
//! next few: of reports that are 0.9 alike, 999 of 1,000 still meet so, at 0.8 six of ten.
//!
//! Of 200,000 reports, a tenth of them copies and half filled in on one of twenty forms, this finds all pairs in 0.3 s of
//! one processor; of 50,000 in 0.05 s.

use std::collections::HashSet;

use tantivy::{DocId, SegmentReader};

use super::{
    sketch::{Sketch, WORDS},
    subject::Subject,
};
use crate::columns::Columns;

/// Similarity from which texts are near-duplicates. Laws of two places that were written after one model reach 0.6,
/// versions of one law in which articles changed begin at 0.63; copies with changes of form, a line or a signature are
/// above 0.85, and a copy of which three characters in a hundred were lost is at 0.77, with room here for what sketches err by.
const THRESHOLD: f64 = 0.70;
/// Reports with one key up to which all are compared with each other.
const MAX_COMPARED: usize = 24;
/// With how many that follow it a report is compared where more share a key.
const NEIGHBOURS: usize = 4;
/// Keys of a sketch that are looked at in one pass over the column.
const KEYS: usize = 8;

/// A report with a sketch.
#[derive(Clone, Copy)]
pub(super) struct Node {
    pub(super) segment: u32,
    pub(super) doc: DocId,
}

/// Two reports that are near-duplicates.
pub(super) struct Pair {
    /// Falls as the similarity rises.
    distance: u16,
    /// Decides between pairs that are equally similar, by nothing but what the reports are.
    tie: u64,
    pub(super) left: u32,
    pub(super) right: u32,
}

/// The sketch of a report, from its column.
pub(super) fn sketch_of(columns: &Columns, doc: DocId) -> Option<Sketch> {
    let rows = columns.sketch.index.value_row_ids(doc);
    let mut sketch = Sketch([0; WORDS]);
    (rows.len() == WORDS).then(|| {
        columns.sketch.values.get_range(rows.start.into(), &mut sketch.0);
        sketch
    })
}

/// All reports with a sketch that are shown as of a moment.
pub(super) struct Nodes<'a> {
    pub(super) columns: &'a [Columns],
    pub(super) nodes: Vec<Node>,
}

impl<'a> Nodes<'a> {
    pub(super) fn new(readers: &[SegmentReader], columns: &'a [Columns], as_of: Option<i64>) -> Self {
        let mut nodes = Vec::new();
        for ((segment, reader), columns) in (0..).zip(readers).zip(columns) {
            let docs = reader.doc_ids_alive();
            let docs = docs.filter(|doc| columns.is_shown(*doc, as_of));
            let docs = docs.filter(|doc| columns.sketch.index.value_row_ids(*doc).len() == WORDS);
            nodes.extend(docs.map(|doc| Node { segment, doc }));
        }
        Self { columns, nodes }
    }

    /// All pairs of near-duplicates that do not speak of different things, the most similar first.
    pub(super) fn near_duplicates(&self) -> Vec<Pair> {
        let mut pairs = Pairs::default();
        for first in (0..WORDS).step_by(KEYS) {
            for (word, keys) in (first..).zip(self.keys(first)) {
                for bucket in shared(&keys) {
                    self.compare(bucket, word, &mut pairs);
                }
            }
        }
        pairs.near.sort_unstable_by_key(|pair| (pair.distance, pair.tie));
        pairs.near
    }

    fn columns(&self, node: u32) -> (&'a Columns, DocId) {
        let Node { segment, doc } = self.nodes[node as usize];
        (&self.columns[segment as usize], doc)
    }

    /// The ids of some nodes, which ascend.
    pub(super) fn ids(&self, nodes: &[u32]) -> std::io::Result<Vec<String>> {
        let mut ids = vec![String::new(); nodes.len()];
        let mut at = 0;
        for of_segment in
            nodes.chunk_by(|a, b| self.nodes[*a as usize].segment == self.nodes[*b as usize].segment)
        {
            let ranks = of_segment.iter().map(|node| {
                let (columns, doc) = self.columns(*node);
                columns.id_rank(doc)
            });
            let mut ranks: Vec<(u64, usize)> = ranks.zip(at..).collect();
            ranks.sort_unstable();
            at += of_segment.len();
            let (columns, _) = self.columns(of_segment[0]);
            columns.ids(&ranks, &mut ids)?;
        }
        Ok(ids)
    }

    fn sketch(&self, node: u32) -> Sketch {
        let (columns, doc) = self.columns(node);
        sketch_of(columns, doc).unwrap_or(Sketch([0; WORDS]))
    }

    pub(super) fn subject(&self, node: u32) -> Subject {
        let (columns, doc) = self.columns(node);
        columns
            .subject
            .first(doc)
            .map(Subject::unpack)
            .unwrap_or_default()
    }

    /// The keys of all nodes at [`KEYS`] places, one list for each.
    fn keys(&self, first: usize) -> [Vec<u64>; KEYS] {
        let mut keys = std::array::from_fn(|_| Vec::with_capacity(self.nodes.len()));
        let mut words = [0; KEYS];
        for Node { segment, doc } in &self.nodes {
            let column = &self.columns[*segment as usize].sketch;
            let row = column.index.value_row_ids(*doc).start as usize + first;
            column.values.get_range(row as u64, &mut words);
            for (keys, word) in keys.iter_mut().zip(words) {
                keys.push(word);
            }
        }
        keys
    }

    /// Finds the near-duplicates among nodes that have the number `word` of their sketches in common.
    fn compare(&self, mut bucket: Vec<u32>, word: usize, pairs: &mut Pairs) {
        let mut reach = bucket.len();
        if reach > MAX_COMPARED {
            bucket.sort_by_cached_key(|node| {
                let sketch = self.sketch(*node);
                let next = [1, 2].map(|step| sketch.0[(word + step) % WORDS]);
                (next, digest(&sketch, self.subject(*node)))
            });
            reach = NEIGHBOURS;
        } else if pairs.has_all(&bucket) {
            return;
        }
        let sketches: Vec<Sketch> = bucket.iter().map(|node| self.sketch(*node)).collect();
        for (at, node) in bucket.iter().enumerate() {
            for next in (at + 1..bucket.len()).take(reach) {
                let (left, right) = (&sketches[at], &sketches[next]);
                let both = (*node, bucket[next]);
                if left.similarity_is_below(right, THRESHOLD) || !pairs.add(both) {
                    continue;
                }
                let (this, that) = (self.subject(both.0), self.subject(both.1));
                if this.joined(that).is_some() {
                    pairs.near.push(Pair {
                        distance: left.distance(right),
                        tie: digest(left, this).wrapping_add(digest(right, that)),
                        left: both.0,
                        right: both.1,
                    });
                }
            }
        }
    }
}

/// The pairs found so far.
#[derive(Default)]
struct Pairs {
    near: Vec<Pair>,
    /// All whose texts are near-duplicates, whatever they are about. Most have many keys in common.
    known: HashSet<(u32, u32)>,
}

impl Pairs {
    fn ordered((a, b): (u32, u32)) -> (u32, u32) {
        (a.min(b), a.max(b))
    }

    /// Whether the pair is new.
    fn add(&mut self, pair: (u32, u32)) -> bool {
        self.known.insert(Self::ordered(pair))
    }

    /// Whether every two of these nodes are known to be near-duplicates.
    fn has_all(&self, nodes: &[u32]) -> bool {
        let pairs = nodes
            .iter()
            .enumerate()
            .flat_map(|(at, a)| nodes[at + 1..].iter().map(|b| (*a, *b)));
        pairs.map(Self::ordered).all(|pair| self.known.contains(&pair))
    }
}

/// A number for what there is to know of a report here.
fn digest(sketch: &Sketch, subject: Subject) -> u64 {
    let mix = |sum: u64, word: &u64| (sum.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    sketch.0.iter().fold(subject.pack(), mix)
}

/// Nodes whose key others have too, those of one key together. Keys are given by node.
fn shared(keys: &[u64]) -> Vec<Vec<u32>> {
    // Sixteen bits a node: one in so many keys is taken for another.
    let n_bits = (keys.len() * 16).next_power_of_two().max(64);
    let shift = u64::BITS - n_bits.trailing_zeros();
    let place = |key: u64| {
        let bit = (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> shift) as usize;
        (bit / 64, 1_u64 << (bit % 64))
    };
    let mut once = vec![0_u64; n_bits / 64];
    let mut again = once.clone();
    for key in keys {
        let (at, bit) = place(*key);
        again[at] |= once[at] & bit;
        once[at] |= bit;
    }
    let mut candidates: Vec<(u64, u32)> = (0..)
        .zip(keys)
        .filter(|(_, key)| {
            let (at, bit) = place(**key);
            again[at] & bit != 0
        })
        .map(|(node, key)| (*key, node))
        .collect();
    candidates.sort_unstable();
    let runs = candidates.chunk_by(|a, b| a.0 == b.0).filter(|run| run.len() > 1);
    runs.map(|run| run.iter().map(|(_, node)| *node).collect())
        .collect()
}
