//! Groups of near-duplicates in one state of the index.
//!
//! Two reports are near-duplicates when their sketches are at least [`THRESHOLD`] alike and their texts do not say
//! that they are about different years or regions. Groups are what that joins, the most similar pairs first; a pair
//! whose groups speak of different years or regions joins nothing. So groups depend on the reports alone: not on a
//! query, nor on the order in which reports came or on how the engine keeps them.
//!
//! Pairs are found without comparing all with all. Each of the numbers of a sketch, eight bins, is a key: similar
//! reports share at least one (at 0.8 in 999 of 1,000 cases), others rarely do. Keys that occur once, nearly all, are
//! sorted out with a bitmap. Reports that share a key are compared with each other; where a common form makes these
//! very many, they are put in order and each is compared with the next [`NEIGHBOURS`].

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
};

use tantivy::{DocAddress, DocId, SegmentReader};

use super::{
    sketch::{Sketch, WORDS},
    subject::Subject,
};
use crate::columns::Columns;

/// Similarity from which texts are near-duplicates. Laws of two places that were written after one model reach 0.6,
/// versions of one law in which articles changed begin at 0.63; copies with changes of form, a line or a signature are
/// above 0.85.
pub(super) const THRESHOLD: f64 = 0.75;
/// With how many that follow it a report is compared where very many share a key.
const NEIGHBOURS: usize = 16;
/// Keys of a sketch that are looked at in one pass over the column.
const KEYS: usize = 8;

/// The groups of two and more reports.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    members: Vec<Vec<DocAddress>>,
    /// By segment: the members in order, with the number of their group.
    by_segment: Vec<Vec<(DocId, u32)>>,
}

/// A report with a sketch.
#[derive(Clone, Copy)]
struct Node {
    segment: u32,
    doc: DocId,
}

/// Two reports that are near-duplicates.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Pair {
    /// Falls as the similarity rises.
    distance: u16,
    /// Decides between pairs that are equally similar, by nothing but what the reports are.
    tie: u64,
    left: u32,
    right: u32,
}

impl Groups {
    /// Of all reports that are not deleted.
    pub(crate) fn new(readers: &[SegmentReader], columns: &[Columns]) -> Self {
        let nodes = Nodes::new(readers, columns);
        let mut pairs = Vec::new();
        for first in (0..WORDS).step_by(KEYS) {
            for (word, keys) in (first..).zip(nodes.keys(first)) {
                for bucket in shared(&keys) {
                    nodes.compare(bucket, word, &mut pairs);
                }
            }
        }
        pairs.sort_unstable();
        pairs.dedup();
        let mut forest = Forest::new(&nodes);
        for pair in pairs {
            forest.join(pair.left, pair.right);
        }
        forest.groups()
    }

    /// Members of groups among the reports of a segment, in order, with the number of their group.
    pub(crate) fn of_segment(&self, segment: usize) -> &[(DocId, u32)] {
        self.by_segment.get(segment).map_or(&[], Vec::as_slice)
    }

    /// The group that a report belongs to; empty when it has no near-duplicate.
    pub(crate) fn of(&self, report: DocAddress) -> &[DocAddress] {
        let members = self.of_segment(report.segment_ord as usize);
        let at = members.binary_search_by_key(&report.doc_id, |(doc, _)| *doc);
        let group = at.ok().and_then(|at| self.members.get(members[at].1 as usize));
        group.map_or(&[], Vec::as_slice)
    }
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

/// All reports with a sketch.
struct Nodes<'a> {
    columns: &'a [Columns],
    nodes: Vec<Node>,
}

impl<'a> Nodes<'a> {
    fn new(readers: &[SegmentReader], columns: &'a [Columns]) -> Self {
        let mut nodes = Vec::new();
        for ((segment, reader), columns) in (0..).zip(readers).zip(columns) {
            let docs = reader.doc_ids_alive();
            let docs = docs.filter(|doc| columns.sketch.index.value_row_ids(*doc).len() == WORDS);
            nodes.extend(docs.map(|doc| Node { segment, doc }));
        }
        Self { columns, nodes }
    }

    fn columns(&self, node: u32) -> (&'a Columns, DocId) {
        let Node { segment, doc } = self.nodes[node as usize];
        (&self.columns[segment as usize], doc)
    }

    fn sketch(&self, node: u32) -> Sketch {
        let (columns, doc) = self.columns(node);
        sketch_of(columns, doc).unwrap_or(Sketch([0; WORDS]))
    }

    fn subject(&self, node: u32) -> Subject {
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
    fn compare(&self, mut bucket: Vec<u32>, word: usize, pairs: &mut Vec<Pair>) {
        if bucket.len() > NEIGHBOURS + 1 {
            bucket.sort_by_cached_key(|node| {
                let Sketch(mut words) = self.sketch(*node);
                words.rotate_left(word);
                (words, self.subject(*node))
            });
        }
        let sketches: Vec<Sketch> = bucket.iter().map(|node| self.sketch(*node)).collect();
        for (at, node) in bucket.iter().enumerate() {
            for next in (at + 1..bucket.len()).take(NEIGHBOURS) {
                let (left, right) = (&sketches[at], &sketches[next]);
                if left.similarity_is_below(right, THRESHOLD) {
                    continue;
                }
                let other = bucket[next];
                let (this, that) = (self.subject(*node), self.subject(other));
                if this.joined(that).is_some() {
                    pairs.push(Pair {
                        distance: left.distance(right),
                        tie: digest(left, this).wrapping_add(digest(right, that)),
                        left: (*node).min(other),
                        right: (*node).max(other),
                    });
                }
            }
        }
    }
}

fn digest(sketch: &Sketch, subject: Subject) -> u64 {
    let mut hasher = DefaultHasher::new();
    (sketch, subject).hash(&mut hasher);
    hasher.finish()
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

/// Nodes joined to groups, each with what its members say they are about.
struct Forest<'n, 'a> {
    nodes: &'n Nodes<'a>,
    /// By node, another of its group, nearer to the one that stands for it.
    parents: HashMap<u32, u32>,
    /// By the nodes that stand for groups of several.
    subjects: HashMap<u32, Subject>,
}

impl<'n, 'a> Forest<'n, 'a> {
    fn new(nodes: &'n Nodes<'a>) -> Self {
        Self {
            nodes,
            parents: HashMap::new(),
            subjects: HashMap::new(),
        }
    }

    /// The node that stands for the group of another.
    fn root(&mut self, node: u32) -> u32 {
        let mut at = node;
        while let Some(parent) = self.parents.get(&at).copied() {
            // Halving the way makes the next walk shorter.
            if let Some(above) = self.parents.get(&parent).copied() {
                self.parents.insert(at, above);
            }
            at = parent;
        }
        at
    }

    fn subject(&self, root: u32) -> Subject {
        let known = self.subjects.get(&root).copied();
        known.unwrap_or_else(|| self.nodes.subject(root))
    }

    /// Joins the groups of two nodes, unless they speak of different things.
    fn join(&mut self, left: u32, right: u32) {
        let (left, right) = (self.root(left), self.root(right));
        if left == right {
            return;
        }
        if let Some(subject) = self.subject(left).joined(self.subject(right)) {
            let (root, child) = (left.min(right), left.max(right));
            self.parents.insert(child, root);
            self.subjects.insert(root, subject);
        }
    }

    fn groups(mut self) -> Groups {
        let mut groups = Groups {
            members: Vec::new(),
            by_segment: vec![Vec::new(); self.nodes.columns.len()],
        };
        let mut nodes: Vec<u32> = self
            .parents
            .iter()
            .flat_map(|(node, parent)| [*node, *parent])
            .collect();
        nodes.sort_unstable();
        nodes.dedup();
        let mut numbers: HashMap<u32, u32> = HashMap::new();
        for node in nodes {
            let root = self.root(node);
            let number = *numbers.entry(root).or_insert_with(|| {
                groups.members.push(Vec::new());
                groups.members.len() as u32 - 1
            });
            let Node { segment, doc } = self.nodes.nodes[node as usize];
            groups.members[number as usize].push(DocAddress::new(segment, doc));
            // Nodes are in the order of segments and reports.
            groups.by_segment[segment as usize].push((doc, number));
        }
        groups
    }
}
