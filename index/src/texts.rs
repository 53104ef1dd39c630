//! The folded texts of a segment with their suffixes in order: where any string stands is read off two binary searches.
//!
//! The engine lets a component of our own take part in the life of its segments ([`plugin`]). Ours keeps, beside the
//! postings, the characters of every report as UTF-16 and a suffix array over them, so that the places of a string of
//! any length lie side by side: as many reads as there are occurrences, however common its parts are. Texts are cut into
//! [`block`]s of whole reports, each with a suffix array of its own, which bounds the memory that sorting takes; a merge
//! copies large blocks as they are and sorts only the small ones together ([`build`]).
//!
//! ```text
//! file     = block … directory
//! block    = starts (u32, one a report and the end) hints (u32, one for 256 units) text (u16) suffixes (u24 or u32)
//!            runs, frequent pairs and their lists (`pairs`)
//! directory = an entry a block (`block::Entry`), number of blocks u32, magic u32
//! ```
//!
//! All numbers are little-endian. A suffix begins at a unit of its block; a report's text ends with a line end, which no
//! string contains, so no match leaves its report, or its paragraph.

mod block;
mod build;
mod pairs;
mod plugin;
#[cfg(test)]
mod tests;

use std::ops::Range;

use memchr::memmem::Finder;
use tantivy::{DocId, SegmentReader, TantivyError, directory::OwnedBytes};

use crate::deadline::Deadline;
pub(crate) use block::Block;
use block::Entry;

pub(crate) use plugin::{TYPE, TextsPlugin};

/// The component's file extension.
pub(crate) const EXTENSION: &str = "texts";
/// Last in every file. Its last digit is the version of the format.
const MAGIC: u32 = 0x6762_7402;
/// Suffixes, or reports of a list, that are read in the time that it takes to read through the text of one report.
const READS_A_TEXT: usize = 1500;
/// Bytes of a number of blocks and the magic.
const TAIL: usize = 8;

/// The texts of one segment.
pub(crate) struct Texts {
    /// By first report.
    blocks: Vec<Block>,
}

/// A string that was looked up in the texts of one segment.
pub(crate) struct Located {
    /// Ranks of the suffixes that begin with it, by block.
    ranges: Vec<Range<usize>>,
    /// Its occurrences, those in deleted reports included.
    pub(crate) count: usize,
}

/// A string as it is searched for.
pub(crate) struct Needle {
    units: Vec<u16>,
    finder: Box<Finder<'static>>,
}

impl Needle {
    pub(crate) fn new(folded: &str) -> Self {
        let units: Vec<u16> = folded.encode_utf16().collect();
        let bytes: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
        Self {
            units,
            finder: Box::new(Finder::new(&bytes).into_owned()),
        }
    }

    /// Units of the string.
    pub(crate) fn len(&self) -> usize {
        self.units.len()
    }

    /// Every place in a text, in units; overlapping ones too.
    pub(crate) fn places(&self, text: &[u8]) -> impl Iterator<Item = usize> {
        let mut from = 0;
        std::iter::from_fn(move || {
            let at = self.next(text, from)?;
            from = at + 1;
            Some(at)
        })
    }

    /// The first place at or behind `from` in a text, both in units.
    fn next(&self, text: &[u8], from: usize) -> Option<usize> {
        let mut at = from * 2;
        loop {
            at += self.finder.find(text.get(at..)?)?;
            if at.is_multiple_of(2) {
                return Some(at / 2);
            }
            // Two halves of neighbouring units look like the string.
            at += 1;
        }
    }
}

impl Texts {
    /// Opens the texts of a segment.
    pub(crate) fn open(reader: &SegmentReader) -> tantivy::Result<Self> {
        let component = tantivy::index::SegmentComponent::Custom(EXTENSION.to_owned());
        let bytes = reader.open_read(component)?.read_bytes()?;
        Self::read(&bytes).ok_or_else(|| {
            TantivyError::DataCorruption(tantivy::error::DataCorruption::comment_only(
                "the texts of a segment do not hold together",
            ))
        })
    }

    fn read(bytes: &OwnedBytes) -> Option<Self> {
        let (rest, tail) = bytes.split_last_chunk::<TAIL>()?;
        let (n_blocks, magic) = tail.split_first_chunk::<4>()?;
        if *magic != MAGIC.to_le_bytes() {
            return None;
        }
        let n_blocks = usize::try_from(u32::from_le_bytes(*n_blocks)).ok()?;
        let directory = rest.len().checked_sub(n_blocks.checked_mul(Entry::BYTES)?)?;
        let entries = rest[directory..].chunks_exact(Entry::BYTES);
        let blocks = entries.map(|entry| Block::open(bytes, directory, Entry::read(entry)?));
        Some(Self {
            blocks: blocks.collect::<Option<_>>()?,
        })
    }

    /// Looks a string up.
    pub(crate) fn locate(&self, needle: &Needle) -> Located {
        let ranges: Vec<_> = self
            .blocks
            .iter()
            .map(|block| block.find(&needle.units))
            .collect();
        let count = ranges.iter().map(Range::len).sum();
        Located { ranges, count }
    }

    /// The reports that contain a string, ascending.
    pub(crate) fn docs(
        &self,
        needle: &Needle,
        located: &Located,
        deadline: &Deadline,
    ) -> tantivy::Result<Vec<DocId>> {
        let mut docs = Vec::new();
        let mut marks: Vec<u64> = Vec::new();
        for (block, range) in self.blocks.iter().zip(&located.ranges) {
            let Entry {
                first_doc, n_docs, ..
            } = block.entry();
            // Few are sorted, many marked: marks cost a look at every 64 reports.
            if range.len() < n_docs as usize / 64 || block.n_listed(&needle.units).is_some() {
                block.frequencies(&needle.units, range.clone(), |doc, _| docs.push(doc));
                continue;
            }
            deadline.check()?;
            marks.clear();
            marks.resize(n_docs as usize / 64 + 1, 0);
            block.places(range.clone(), |doc, _| {
                let nth = doc.saturating_sub(first_doc);
                if let Some(word) = marks.get_mut(nth as usize / 64) {
                    *word |= 1 << (nth % 64);
                }
            });
            for (nth, word) in marks.iter().enumerate() {
                let mut word = *word;
                while word != 0 {
                    docs.push(first_doc + nth as DocId * 64 + word.trailing_zeros());
                    word &= word - 1;
                }
            }
        }
        Ok(docs)
    }

    /// How many reports contain a string.
    pub(crate) fn n_docs(&self, needle: &Needle, located: &Located) -> u64 {
        let found = self.blocks.iter().zip(&located.ranges);
        let n_docs = found.map(|(block, range)| match block.n_listed(&needle.units) {
            _ if range.is_empty() => 0,
            Some(n_docs) => u64::from(n_docs),
            None => {
                let mut n_docs = 0;
                block.frequencies(&needle.units, range.clone(), |_, _| n_docs += 1);
                n_docs
            }
        });
        n_docs.sum()
    }

    /// Whether so many reports are better read than all that there is of a string.
    pub(crate) fn is_better_read(&self, needle: &Needle, located: &Located, n_docs: usize) -> bool {
        if located.count / READS_A_TEXT <= n_docs {
            return false;
        }
        let found = self.blocks.iter().zip(&located.ranges);
        let reads =
            found.map(|(block, range)| block.n_listed(&needle.units).map_or(range.len(), |n| n as usize));
        reads.sum::<usize>() / READS_A_TEXT > n_docs
    }

    /// How often a string occurs in the reports of a list that have it; they ascend.
    pub(crate) fn frequencies(
        &self,
        needle: &Needle,
        located: &Located,
        docs: &[DocId],
        mut take: impl FnMut(usize, u32),
    ) {
        if self.is_better_read(needle, located, docs.len()) {
            for (nth, doc) in docs.iter().enumerate() {
                let count = self.count(*doc, needle);
                if count > 0 {
                    take(nth, count);
                }
            }
            return;
        }
        let mut at = 0;
        for (block, range) in self.blocks.iter().zip(&located.ranges) {
            block.frequencies(&needle.units, range.clone(), |doc, count| {
                // Mostly the next one or near.
                while docs.get(at).is_some_and(|next| *next < doc) {
                    at += 1;
                }
                if docs.get(at) == Some(&doc) {
                    take(at, count);
                }
            });
        }
    }

    /// How often a string occurs in a report: by reading its text.
    fn count(&self, doc: DocId, needle: &Needle) -> u32 {
        needle.places(self.bytes(doc)).count() as u32
    }

    /// Every place of a string: report and unit of its text, ascending.
    pub(crate) fn places(&self, located: &Located) -> Vec<(DocId, u32)> {
        let mut places = Vec::with_capacity(located.count);
        for (block, range) in self.blocks.iter().zip(&located.ranges) {
            block.places(range.clone(), |doc, unit| places.push((doc, unit)));
        }
        places.sort_unstable();
        places
    }

    fn block(&self, doc: DocId) -> Option<&Block> {
        let behind = self.blocks.partition_point(|block| block.first_doc() <= doc);
        self.blocks[..behind].last()
    }

    /// The blocks in which some reports are, each with those of them that are in it; they ascend.
    pub(crate) fn blocks_of<'a>(
        &'a self,
        mut docs: &'a [DocId],
    ) -> impl Iterator<Item = (&'a Block, &'a [DocId])> {
        let next = self
            .blocks
            .iter()
            .skip(1)
            .map(Block::first_doc)
            .chain([DocId::MAX]);
        let parts = self.blocks.iter().zip(next).map(move |(block, next)| {
            let here;
            (here, docs) = docs.split_at(docs.partition_point(|doc| *doc < next));
            (block, here)
        });
        parts.filter(|(_, docs)| !docs.is_empty())
    }

    /// Units of a report's text that are second halves of characters, ascending.
    pub(crate) fn second_halves(&self, doc: DocId, found: &mut Vec<u32>) {
        found.clear();
        if let Some(block) = self.block(doc).filter(|block| block.has_surrogates()) {
            let halves = units(block.text(doc)).zip(0_u32..);
            found.extend(
                halves
                    .filter(|(unit, _)| (0xdc00..0xe000).contains(unit))
                    .map(|(_, at)| at),
            );
        }
    }

    /// Whether a report contains a string: by reading its text.
    pub(crate) fn contains(&self, doc: DocId, needle: &Needle) -> bool {
        self.block(doc)
            .is_some_and(|block| needle.next(block.text(doc), 0).is_some())
    }

    /// Every place of a string in a report, in units, ascending: by reading its text.
    pub(crate) fn scan(&self, doc: DocId, needle: &Needle, found: &mut Vec<u32>) {
        found.extend(needle.places(self.bytes(doc)).map(|at| at as u32));
    }

    /// Turns places in a report from units into characters; they ascend.
    pub(crate) fn to_chars(&self, doc: DocId, places: &mut [u32]) {
        let Some(block) = self.block(doc).filter(|block| block.has_surrogates()) else {
            return;
        };
        // The second half of a character beyond the basic plane is a unit of its own.
        let mut second_halves = units(block.text(doc))
            .zip(0_u32..)
            .filter(|(unit, _)| (0xdc00..0xe000).contains(unit))
            .peekable();
        let mut before = 0;
        for place in places {
            while second_halves.next_if(|(_, at)| at < place).is_some() {
                before += 1;
            }
            *place = place.saturating_sub(before);
        }
    }

    /// The units of a report's text, two bytes each; none when there is no such report.
    pub(crate) fn bytes(&self, doc: DocId) -> &[u8] {
        self.block(doc).map_or(&[][..], |block| block.text(doc))
    }

    /// Whether this is the text of a report.
    pub(crate) fn holds(&self, doc: DocId, text: &str) -> bool {
        units(self.bytes(doc)).eq(text.encode_utf16())
    }
}

/// The units that bytes stand for.
fn units(bytes: &[u8]) -> impl ExactSizeIterator<Item = u16> {
    bytes
        .chunks_exact(2)
        .map(|unit| u16::from_le_bytes([unit[0], unit[1]]))
}
