//! In sections of which roles a report matches a query.
//!
//! The whole query is tried on every section by itself: strings must lie inside it, what `NOT` forbids must not. What
//! the query says about fields is asked of the report. Places come from the index; no text is read.

use std::ops::Range;

use tantivy::{
    DocId, DocSet, Searcher, SegmentReader,
    query::{EnableScoring, Scorer},
};

use crate::{
    Mode,
    columns::Columns,
    compile::{Compiler, words},
    exact::Occurrences,
    near::NearPairs,
    query::Node,
    schema::{role_number, unpack},
};

/// A query to be tried on sections of the reports of one segment.
pub(crate) struct SectionMatcher<'a> {
    root: Tried,
    strings: Vec<Strings>,
    nears: Vec<NearPairs>,
    fields: Vec<Box<dyn Scorer>>,
    columns: &'a Columns,
}

/// A string and its places in the report at hand.
struct Strings {
    occurrences: Occurrences,
    starts: Vec<u32>,
}

/// The query with its leaves replaced by their numbers.
enum Tried {
    Anything,
    /// All of these strings, or one of them.
    Strings {
        numbers: Vec<usize>,
        all: bool,
    },
    Near(usize),
    Field(usize),
    And(Vec<Self>),
    Or(Vec<Self>),
    Not(Box<Self>),
}

impl<'a> SectionMatcher<'a> {
    /// Prepares to try a query on `docs`, which ascend.
    pub(crate) fn open(
        compiler: &Compiler<'_>,
        root: &Node,
        (searcher, reader, columns): (&Searcher, &SegmentReader, &'a Columns),
        docs: &[DocId],
    ) -> tantivy::Result<Self> {
        let mut matcher = Self {
            root: Tried::Anything,
            strings: Vec::new(),
            nears: Vec::new(),
            fields: Vec::new(),
            columns,
        };
        matcher.root = matcher.prepare(compiler, root, (searcher, reader), docs)?;
        Ok(matcher)
    }

    fn prepare(
        &mut self,
        compiler: &Compiler<'_>,
        node: &Node,
        (searcher, reader): (&Searcher, &SegmentReader),
        docs: &[DocId],
    ) -> tantivy::Result<Tried> {
        let mut string = |folded: &str| -> tantivy::Result<usize> {
            let occurrences = Occurrences::open(reader, compiler.fields, folded, docs)?;
            self.strings.push(Strings {
                occurrences,
                starts: Vec::new(),
            });
            Ok(self.strings.len() - 1)
        };
        Ok(match node {
            Node::All => Tried::Anything,
            Node::Exact(text) => Tried::Strings {
                numbers: vec![string(&text.folded)?],
                all: true,
            },
            Node::Bare(terms) => match words(terms) {
                words if words.is_empty() => Tried::Anything,
                words => {
                    let numbers = words
                        .into_iter()
                        .map(&mut string)
                        .collect::<tantivy::Result<_>>()?;
                    Tried::Strings {
                        numbers,
                        all: compiler.mode != Mode::Any,
                    }
                }
            },
            Node::Near {
                left,
                right,
                distance,
            } => {
                let near = compiler.near(&left.folded, &right.folded, *distance);
                self.nears.push(NearPairs::open(reader, &near, docs)?);
                Tried::Near(self.nears.len() - 1)
            }
            Node::Field(_) => {
                let weight = compiler
                    .query(node)
                    .weight(EnableScoring::disabled_from_searcher(searcher))?;
                self.fields.push(weight.scorer(reader, 1.0)?);
                Tried::Field(self.fields.len() - 1)
            }
            Node::And(nodes) | Node::Or(nodes) => {
                let mut tried = Vec::with_capacity(nodes.len());
                for node in nodes {
                    tried.push(self.prepare(compiler, node, (searcher, reader), docs)?);
                }
                if matches!(node, Node::And(_)) {
                    Tried::And(tried)
                } else {
                    Tried::Or(tried)
                }
            }
            Node::Not(node) => Tried::Not(Box::new(self.prepare(
                compiler,
                node,
                (searcher, reader),
                docs,
            )?)),
        })
    }

    /// Roles of the sections of a report in which the query matches, one bit each. Reports must ascend.
    pub(crate) fn roles(&mut self, doc: DocId) -> u8 {
        for string in &mut self.strings {
            string.occurrences.starts(doc, &mut string.starts);
        }
        for near in &mut self.nears {
            near.load(doc);
        }
        let fields = self
            .fields
            .iter_mut()
            .map(|field| field.doc() == doc || field.doc() < doc && field.seek(doc) == doc);
        let fields: Vec<bool> = fields.collect();
        let mut roles = 0;
        for section in self.columns.sections.values_for_doc(doc).filter_map(unpack) {
            let bit = 1 << role_number(section.role);
            if roles & bit == 0 && self.holds(&self.root, &(section.start..section.end), &fields) {
                roles |= bit;
            }
        }
        roles
    }

    /// Whether the query matches inside a range of the body.
    fn holds(&self, tried: &Tried, range: &Range<u32>, fields: &[bool]) -> bool {
        match tried {
            Tried::Anything => true,
            Tried::Strings { numbers, all: true } => {
                numbers.iter().all(|at| self.strings[*at].lies_in(range))
            }
            Tried::Strings { numbers, all: false } => {
                numbers.iter().any(|at| self.strings[*at].lies_in(range))
            }
            Tried::Near(at) => self.nears[*at].any_within(range.clone()),
            Tried::Field(at) => fields[*at],
            Tried::And(parts) => parts.iter().all(|part| self.holds(part, range, fields)),
            Tried::Or(parts) => parts.iter().any(|part| self.holds(part, range, fields)),
            Tried::Not(part) => !self.holds(part, range, fields),
        }
    }
}

impl Strings {
    fn lies_in(&self, range: &Range<u32>) -> bool {
        let first = self.starts.partition_point(|start| *start < range.start);
        let first = self.starts.get(first);
        first.is_some_and(|start| start.saturating_add(self.occurrences.n_chars) <= range.end)
    }
}
