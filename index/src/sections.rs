//! In sections of which roles a report matches a query.
//!
//! The whole query is tried on every section by itself: strings must lie inside it, what `NOT` forbids must not. What
//! the query says about fields is asked of the report. Places come from the index; no text is read.

use std::ops::Range;

use tantivy::DocId;

use crate::{
    Mode,
    exact::Occurrences,
    matching::{Matcher, Segment, words},
    near::NearPairs,
    query::Node,
    schema::{role_number, unpack},
};

/// A query to be tried on sections of the reports of one segment.
pub(crate) struct SectionMatcher<'a> {
    root: Tried,
    strings: Vec<Strings<'a>>,
    nears: Vec<NearPairs<'a>>,
    /// Reports that meet each condition on a field.
    fields: Vec<Vec<DocId>>,
    segment: Segment<'a>,
}

/// A string and its places in the report at hand.
struct Strings<'a> {
    occurrences: Occurrences<'a>,
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
    pub(crate) fn open(matcher: &Matcher<'a>, root: &Node, docs: &[DocId]) -> tantivy::Result<Self> {
        let mut sections = Self {
            root: Tried::Anything,
            strings: Vec::new(),
            nears: Vec::new(),
            fields: Vec::new(),
            segment: matcher.segment,
        };
        sections.root = sections.prepare(matcher, root, docs)?;
        Ok(sections)
    }

    fn prepare(&mut self, matcher: &Matcher<'_>, node: &Node, docs: &[DocId]) -> tantivy::Result<Tried> {
        let segment = self.segment;
        matcher.deadline.check()?;
        let mut string = |folded: &str| {
            self.strings.push(Strings {
                occurrences: Occurrences::open(segment, folded, docs),
                starts: Vec::new(),
            });
            self.strings.len() - 1
        };
        Ok(match node {
            Node::All => Tried::Anything,
            Node::Exact(text) => Tried::Strings {
                numbers: vec![string(&text.folded)],
                all: true,
            },
            Node::Bare(terms) => match words(terms) {
                words if words.is_empty() => Tried::Anything,
                words => {
                    let numbers = words.into_iter().map(&mut string).collect();
                    Tried::Strings {
                        numbers,
                        all: matcher.mode != Mode::Any,
                    }
                }
            },
            Node::Near {
                left,
                right,
                distance,
            } => {
                let sides = (left.folded.as_str(), right.folded.as_str());
                self.nears.push(NearPairs::open(segment, sides, *distance, docs));
                Tried::Near(self.nears.len() - 1)
            }
            Node::Field(_) => {
                self.fields.push(matcher.docs(node, Some(docs))?);
                Tried::Field(self.fields.len() - 1)
            }
            Node::And(nodes) | Node::Or(nodes) => {
                let mut tried = Vec::with_capacity(nodes.len());
                for node in nodes {
                    tried.push(self.prepare(matcher, node, docs)?);
                }
                if matches!(node, Node::And(_)) {
                    Tried::And(tried)
                } else {
                    Tried::Or(tried)
                }
            }
            Node::Not(node) => Tried::Not(Box::new(self.prepare(matcher, node, docs)?)),
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
        let mut roles = 0;
        for section in self
            .segment
            .columns
            .sections
            .values_for_doc(doc)
            .filter_map(unpack)
        {
            let bit = 1 << role_number(section.role);
            if roles & bit == 0 && self.holds(&self.root, &(section.start..section.end), doc) {
                roles |= bit;
            }
        }
        roles
    }

    /// Whether the query matches inside a range of the body.
    fn holds(&self, tried: &Tried, range: &Range<u32>, doc: DocId) -> bool {
        match tried {
            Tried::Anything => true,
            Tried::Strings { numbers, all: true } => {
                numbers.iter().all(|at| self.strings[*at].lies_in(range))
            }
            Tried::Strings { numbers, all: false } => {
                numbers.iter().any(|at| self.strings[*at].lies_in(range))
            }
            Tried::Near(at) => self.nears[*at].any_within(range),
            Tried::Field(at) => self.fields[*at].binary_search(&doc).is_ok(),
            Tried::And(parts) => parts.iter().all(|part| self.holds(part, range, doc)),
            Tried::Or(parts) => parts.iter().any(|part| self.holds(part, range, doc)),
            Tried::Not(part) => !self.holds(part, range, doc),
        }
    }
}

impl Strings<'_> {
    fn lies_in(&self, range: &Range<u32>) -> bool {
        let first = self.starts.partition_point(|start| *start < range.start);
        let first = self.starts.get(first);
        first.is_some_and(|start| start.saturating_add(self.occurrences.n_chars) <= range.end)
    }
}
