//! Groups of near-duplicates in one state of the index.
//!
//! Two reports are near-duplicates when their sketches are at least 0.70 alike and their texts do not say that they
//! are about different years or regions. Groups are what that joins, the most similar pairs first; a pair whose groups
//! speak of different years or regions joins nothing. So groups depend on the reports alone: not on a query, nor on
//! the order in which reports came or on how the engine keeps them.

use std::collections::HashMap;

use tantivy::{DocAddress, DocId, SegmentReader};

use super::{
    pairs::{Node, Nodes},
    subject::Subject,
};
use crate::columns::Columns;

/// The groups of two and more reports.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    groups: Vec<Vec<DocAddress>>,
    /// By segment: the members in order.
    by_segment: Vec<Vec<Member>>,
}

/// A report of a group.
#[derive(Clone, Copy, Debug)]
pub(super) struct Member {
    pub(super) doc: DocId,
    /// Number of the group.
    pub(super) group: u32,
    /// Place of the report's id among those of the group.
    pub(super) nth: u32,
}

impl Groups {
    /// Of all reports that are shown as of a moment.
    pub(crate) fn new(
        readers: &[SegmentReader],
        columns: &[Columns],
        as_of: Option<i64>,
    ) -> std::io::Result<Self> {
        let nodes = Nodes::new(readers, columns, as_of);
        let mut forest = Forest::new(&nodes);
        for pair in nodes.near_duplicates() {
            forest.join(pair.left, pair.right);
        }
        forest.groups()
    }

    /// Members of groups among the reports of a segment, in order.
    pub(super) fn of_segment(&self, segment: usize) -> &[Member] {
        self.by_segment.get(segment).map_or(&[], Vec::as_slice)
    }

    pub(super) fn n_segments(&self) -> usize {
        self.by_segment.len()
    }

    /// A report as a member of its group; `None` when it has no near-duplicate.
    pub(super) fn member(&self, report: DocAddress) -> Option<Member> {
        let members = self.of_segment(report.segment_ord as usize);
        let at = members.binary_search_by_key(&report.doc_id, |member| member.doc);
        at.ok().map(|at| members[at])
    }

    /// The group that a report belongs to, by id; empty when it has no near-duplicate.
    pub(crate) fn of(&self, report: DocAddress) -> &[DocAddress] {
        let group = self.member(report).map(|member| member.group as usize);
        group
            .and_then(|group| self.groups.get(group))
            .map_or(&[], Vec::as_slice)
    }
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

    fn groups(mut self) -> std::io::Result<Groups> {
        let mut nodes: Vec<u32> = self
            .parents
            .iter()
            .flat_map(|(node, parent)| [*node, *parent])
            .collect();
        nodes.sort_unstable();
        nodes.dedup();
        let ids = self.nodes.ids(&nodes)?;
        let mut members: Vec<(u32, String, u32)> = Vec::with_capacity(nodes.len());
        for (node, id) in nodes.into_iter().zip(ids) {
            members.push((self.root(node), id, node));
        }
        members.sort_unstable();
        let mut groups = Groups {
            groups: Vec::new(),
            by_segment: vec![Vec::new(); self.nodes.columns.len()],
        };
        for (group, members) in (0..).zip(members.chunk_by(|a, b| a.0 == b.0)) {
            for (nth, (_, _, node)) in (0..).zip(members) {
                let Node { segment, doc } = self.nodes.nodes[*node as usize];
                groups.by_segment[segment as usize].push(Member { doc, group, nth });
            }
            let places = members
                .iter()
                .map(|(_, _, node)| self.nodes.nodes[*node as usize]);
            let places = places.map(|node| DocAddress::new(node.segment, node.doc));
            groups.groups.push(places.collect());
        }
        for members in &mut groups.by_segment {
            members.sort_unstable_by_key(|member| member.doc);
        }
        Ok(groups)
    }
}
