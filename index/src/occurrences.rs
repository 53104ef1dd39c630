//! Counting strings in the texts of reports.
//!
//! Strings come in groups (the terms of a concept, the words of a query). Within a group what is found does not overlap:
//! of all that can be found in a paragraph the leftmost counts, of those that begin at one place the longest, and the
//! next is looked for behind it. A group may have strings that are *excluded*: they are found with the others and take
//! their place, but count for nothing, so that 生态 is not counted inside 营商生态. Groups know nothing of each other.
//!
//! Only the text is looked at; the title and the copies of headings behind it in the body are not. Where there are few
//! places of all strings in a block of texts they are read off its sorted suffixes, else the texts are read once for all
//! strings. Both give every place of every string; [`Counter::settle`] then picks those that count.

mod roles;
mod tally;

use std::{iter, ops::Range};

use aho_corasick::{AhoCorasick, AhoCorasickKind, Input, MatchKind};
use memchr::memmem::Finder;
use rustc_hash::FxHashMap;
use tantivy::{DocId, TantivyError};

pub(crate) use self::roles::Roles;
use self::tally::Tally;
use crate::{
    columns::Columns,
    deadline::Deadline,
    matching::Segment,
    query::{Node, Query},
    texts::Block,
};

/// Places that are listed and sorted in the time that it takes to read the text of one report for all strings.
const PLACES_A_TEXT: usize = 100;
/// The same where there is only one string: one is found many times faster.
const PLACES_A_TEXT_OF_ONE: usize = 20;
/// The same where they are only counted.
const PLACES_A_TEXT_COUNTED: usize = 8;
/// Strings that are looked up among suffixes in that time.
const LOOK_UPS_A_TEXT: usize = 10;
/// Most places that are in memory at a time, unless a report has more that count.
const MAX_PLACES: usize = 1 << 20;
/// Bytes of all strings up to which each state of the automaton has a table of its own: twice as fast, some megabytes.
const MAX_TABLED: usize = 1 << 13;

/// Folded strings that are counted together. None is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Group {
    /// What counts.
    pub(crate) counted: Vec<String>,
    /// What takes the place of what counts. A string that is in both lists does not count.
    pub(crate) excluded: Vec<String>,
}

/// Groups of strings, ready to be counted.
pub(crate) struct Counter {
    /// The longest first.
    strings: Vec<CountedString>,
    search: Search,
    n_groups: usize,
    /// [`PLACES_A_TEXT`] or [`PLACES_A_TEXT_OF_ONE`], and [`MAX_PLACES`], save in tests.
    places_a_text: usize,
    max_places: usize,
}

/// How texts are read for the strings.
enum Search {
    /// For the only one there is.
    One(Box<Finder<'static>>),
    /// For all at once.
    All(AhoCorasick),
}

struct CountedString {
    units: Vec<u16>,
    /// Groups that it belongs to, and whether it counts there.
    uses: Vec<(u32, bool)>,
}

/// An occurrence that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Match {
    /// Its first unit in the text of the report.
    pub(crate) start: u32,
    /// The unit behind it.
    pub(crate) end: u32,
    /// The number of its group.
    pub(crate) group: u32,
}

/// A place of a string: the first in the order of places is the one that counts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    doc: DocId,
    start: u32,
    /// Its number: the longest string at a place comes first.
    string: u32,
}

/// What is used from block to block.
struct Scratch {
    places: Vec<Place>,
    picked: Picked,
}

/// What is found in the report at hand.
struct Picked {
    /// Where each group goes on.
    ends: Vec<u32>,
    matches: Vec<Match>,
}

impl Picked {
    fn clear(&mut self) {
        self.ends.fill(0);
        self.matches.clear();
    }
}

impl Counter {
    /// Prepares to count groups of strings.
    pub(crate) fn new(groups: &[Group]) -> tantivy::Result<Self> {
        let mut uses: FxHashMap<&str, Vec<(u32, bool)>> = FxHashMap::default();
        for (group, nth) in groups.iter().zip(0_u32..) {
            let excluded = group.excluded.iter().map(|string| (string, false));
            // Excluded ones first: the first use of a string in a group is the one that holds.
            for (string, counts) in excluded.chain(group.counted.iter().map(|string| (string, true))) {
                let uses = uses.entry(string).or_default();
                if !string.is_empty() && uses.last().is_none_or(|(other, _)| *other != nth) {
                    uses.push((nth, counts));
                }
            }
        }
        let mut strings: Vec<CountedString> = uses
            .into_iter()
            .map(|(string, uses)| CountedString {
                units: string.encode_utf16().collect(),
                uses,
            })
            .filter(|string| !string.units.is_empty())
            .collect();
        strings.sort_by(|a, b| {
            b.units
                .len()
                .cmp(&a.units.len())
                .then_with(|| a.units.cmp(&b.units))
        });
        let bytes = |string: &CountedString| -> Vec<u8> {
            string.units.iter().flat_map(|unit| unit.to_le_bytes()).collect()
        };
        let patterns: Vec<Vec<u8>> = strings.iter().map(bytes).collect();
        let (search, places_a_text) = match patterns.as_slice() {
            [only] => (
                Search::One(Box::new(Finder::new(only).into_owned())),
                PLACES_A_TEXT_OF_ONE,
            ),
            all => (Search::All(automaton(all)?), PLACES_A_TEXT),
        };
        Ok(Self {
            strings,
            search,
            n_groups: groups.len(),
            places_a_text,
            max_places: MAX_PLACES,
        })
    }

    /// Prepares to count what a query looks for, as one group: its words, strings, and both sides of `NEAR`, those below
    /// `NOT` excepted. Tests of fields are not looked for in the text.
    pub(crate) fn of_query(query: &Query) -> tantivy::Result<Self> {
        let mut counted = Vec::new();
        query.asked().for_each_positive(true, &mut |node, _| match node {
            Node::Bare(terms) => {
                let words = terms.iter().flat_map(|term| term.words());
                counted.extend(words.map(str::to_owned));
            }
            Node::Exact(text) => counted.push(text.folded.clone()),
            Node::Near { left, right, .. } => counted.extend([left.folded.clone(), right.folded.clone()]),
            Node::All | Node::Field(_) | Node::And(_) | Node::Or(_) | Node::Not(_) => {}
        });
        Self::new(&[Group {
            counted,
            excluded: Vec::new(),
        }])
    }

    /// Whether there is nothing to count.
    pub(crate) fn is_empty(&self) -> bool {
        self.strings.is_empty()
    }

    /// Calls `take` with each of some reports of a segment, which ascend, that has an occurrence, and with all that it
    /// has: of each group ascending, groups mixed.
    pub(crate) fn visit(
        &self,
        segment: Segment<'_>,
        docs: &[DocId],
        deadline: &Deadline,
        mut take: impl FnMut(DocId, &[Match]),
    ) -> tantivy::Result<()> {
        if self.is_empty() {
            return Ok(());
        }
        let mut scratch = self.scratch();
        for (block, docs) in segment.texts.blocks_of(docs) {
            deadline.check()?;
            self.visit_block(segment, block, docs, &mut scratch, deadline, &mut take)?;
        }
        Ok(())
    }

    /// As [`Self::visit`], but says only how many there are, which is found faster where one short string is frequent.
    pub(crate) fn count(
        &self,
        segment: Segment<'_>,
        docs: &[DocId],
        deadline: &Deadline,
        mut take: impl FnMut(DocId, u32),
    ) -> tantivy::Result<()> {
        let Some(tally) = self.tally() else {
            return self.visit(segment, docs, deadline, |doc, found| {
                take(doc, found.len() as u32)
            });
        };
        let mut scratch = self.scratch();
        for (block, docs) in segment.texts.blocks_of(docs) {
            deadline.check()?;
            let n_places = block.find(tally.units()).len();
            let a_text = self.places_a_text.min(PLACES_A_TEXT_COUNTED);
            if n_places <= docs.len().saturating_mul(a_text) {
                let mut take = |doc, found: &[Match]| take(doc, found.len() as u32);
                self.visit_block(segment, block, docs, &mut scratch, deadline, &mut take)?;
                continue;
            }
            for doc in docs {
                let n = tally.count(text(segment.columns, block, *doc));
                if n > 0 {
                    take(*doc, n);
                }
            }
        }
        Ok(())
    }

    /// The one string that there is, when its occurrences are as many as the places where it stands.
    fn tally(&self) -> Option<Tally> {
        match self.strings.as_slice() {
            [only] if only.uses == [(0, true)] => Tally::new(&only.units),
            _ => None,
        }
    }

    fn scratch(&self) -> Scratch {
        Scratch {
            places: Vec::new(),
            picked: Picked {
                ends: vec![0; self.n_groups],
                matches: Vec::new(),
            },
        }
    }

    fn visit_block(
        &self,
        segment: Segment<'_>,
        block: &Block,
        docs: &[DocId],
        Scratch { places, picked }: &mut Scratch,
        deadline: &Deadline,
        take: &mut impl FnMut(DocId, &[Match]),
    ) -> tantivy::Result<()> {
        let ranges = (self.strings.len() / LOOK_UPS_A_TEXT <= docs.len()).then(|| self.look_up(block));
        let most = self.max_places.min(docs.len().saturating_mul(self.places_a_text));
        match ranges {
            Some(ranges) if ranges.iter().map(Range::len).sum::<usize>() <= most => {
                places.clear();
                for (range, string) in ranges.iter().zip(0_u32..) {
                    block.places(range.clone(), |doc, start| {
                        places.push(Place { doc, start, string })
                    });
                }
                places.sort_unstable();
                self.pick(segment.columns, places, docs, picked, take);
            }
            _ => {
                for doc in docs {
                    picked.clear();
                    self.read(segment.columns, block, *doc, places, picked, deadline)?;
                    if !picked.matches.is_empty() {
                        take(*doc, &picked.matches);
                    }
                }
            }
        }
        Ok(())
    }

    /// The suffixes of a block that begin with each string.
    fn look_up(&self, block: &Block) -> Vec<Range<usize>> {
        let ranges = self.strings.iter().map(|string| block.find(&string.units));
        ranges.collect()
    }

    /// Picks what counts from all places of a block, which are in order.
    fn pick(
        &self,
        columns: &Columns,
        places: &[Place],
        docs: &[DocId],
        picked: &mut Picked,
        mut take: impl FnMut(DocId, &[Match]),
    ) {
        let mut docs = docs.iter().peekable();
        for places in places.chunk_by(|a, b| a.doc == b.doc) {
            let doc = places[0].doc;
            while docs.next_if(|other| **other < doc).is_some() {}
            if docs.peek() != Some(&&doc) {
                continue;
            }
            let end = text_units(columns, doc);
            let places = &places[..places.partition_point(|place| place.start < end)];
            picked.clear();
            self.settle(places.iter().copied(), picked);
            if !picked.matches.is_empty() {
                take(doc, &picked.matches);
            }
        }
    }

    /// Picks what counts from the text of a report.
    fn read(
        &self,
        columns: &Columns,
        block: &Block,
        doc: DocId,
        places: &mut Vec<Place>,
        picked: &mut Picked,
        deadline: &Deadline,
    ) -> tantivy::Result<()> {
        let text = text(columns, block, doc);
        let automaton = match &self.search {
            Search::One(finder) => {
                let places = units_of(finder, text).map(|start| Place {
                    doc,
                    start,
                    string: 0,
                });
                self.settle(places, picked);
                return Ok(());
            }
            Search::All(automaton) => automaton,
        };
        let found = automaton.try_find_overlapping_iter(Input::new(text));
        let found =
            found.map_err(|error| TantivyError::InternalError(format!("strings to be counted: {error}")))?;
        places.clear();
        let longest = self.strings.first().map_or(0, |string| string.units.len());
        for found in found {
            // Halves of neighbouring units can look like a string.
            if !found.start().is_multiple_of(2) {
                continue;
            }
            places.push(Place {
                doc,
                start: (found.start() / 2) as u32,
                string: found.pattern().as_u32(),
            });
            // Strings of one repeated character have very many places in a row of it.
            if places.len() >= self.max_places {
                deadline.check()?;
                let settled = (found.end() / 2).saturating_sub(longest) as u32;
                places.sort_unstable();
                let n_settled = places.partition_point(|place| place.start < settled);
                self.settle(places[..n_settled].iter().copied(), picked);
                places.drain(..n_settled);
            }
        }
        places.sort_unstable();
        self.settle(places.iter().copied(), picked);
        Ok(())
    }

    /// Picks what counts from places of one report, in order; behind those it was called with before.
    fn settle(&self, places: impl IntoIterator<Item = Place>, picked: &mut Picked) {
        for place in places {
            let Some(string) = self.strings.get(place.string as usize) else {
                continue;
            };
            let end = place.start.saturating_add(string.units.len() as u32);
            for (group, counts) in &string.uses {
                let Some(free_from) = picked.ends.get_mut(*group as usize) else {
                    continue;
                };
                if place.start < *free_from {
                    continue;
                }
                *free_from = end;
                if *counts {
                    picked.matches.push(Match {
                        start: place.start,
                        end,
                        group: *group,
                    });
                }
            }
        }
    }
}

/// The automaton of some strings.
fn automaton(strings: &[Vec<u8>]) -> tantivy::Result<AhoCorasick> {
    let kind = match strings.iter().map(Vec::len).sum::<usize>() {
        0..=MAX_TABLED => AhoCorasickKind::DFA,
        _ => AhoCorasickKind::ContiguousNFA,
    };
    AhoCorasick::builder()
        .match_kind(MatchKind::Standard)
        .kind(Some(kind))
        .build(strings)
        .map_err(|error| TantivyError::InternalError(format!("strings to be counted: {error}")))
}

/// The units of a text at which a string begins, those within the string before left out.
fn units_of(finder: &Finder<'_>, text: &[u8]) -> impl Iterator<Item = u32> {
    let mut from = 0;
    iter::from_fn(move || {
        loop {
            let at = from + finder.find(text.get(from..)?)?;
            // Halves of neighbouring units can look like a string.
            if at.is_multiple_of(2) {
                from = at + finder.needle().len();
                return Some((at / 2) as u32);
            }
            from = at + 1;
        }
    })
}

/// The text of a report, without what stands behind it in its body.
fn text<'a>(columns: &Columns, block: &'a Block, doc: DocId) -> &'a [u8] {
    let body = block.text(doc);
    &body[..body.len().min(text_units(columns, doc) as usize * 2)]
}

/// Where the text of a report ends in its body.
fn text_units(columns: &Columns, doc: DocId) -> u32 {
    let units = columns.text_units.first(doc).unwrap_or_default();
    u32::try_from(units).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
