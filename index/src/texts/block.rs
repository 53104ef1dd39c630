//! A block: the texts of some reports in a row, and their suffixes in order.

use std::{cmp::Ordering, ops::Range};

use tantivy::{DocId, directory::OwnedBytes};

use super::{
    pairs::{self, key},
    units,
};

/// Units for which one hint tells the report that the first of them belongs to.
pub(super) const HINT_BITS: u32 = 8;

/// What the directory of a file says about a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) offset: u64,
    pub(super) first_doc: u32,
    pub(super) n_docs: u32,
    pub(super) n_units: u32,
    /// Bytes of a suffix, 3 or 4.
    pub(super) width: u32,
    /// 1 when a character of the texts takes two units.
    pub(super) has_surrogates: u32,
    /// Rows of the two tables of pairs, and bytes of the lists of reports.
    pub(super) n_runs: u32,
    pub(super) n_frequent: u32,
    pub(super) n_list_bytes: u32,
}

impl Entry {
    pub(super) const BYTES: usize = 40;

    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let (offset, rest) = bytes.split_first_chunk::<8>()?;
        let mut numbers = rest.chunks_exact(4).map(number);
        Some(Self {
            offset: u64::from_le_bytes(*offset),
            first_doc: numbers.next()?,
            n_docs: numbers.next()?,
            n_units: numbers.next()?,
            width: numbers.next()?,
            has_surrogates: numbers.next()?,
            n_runs: numbers.next()?,
            n_frequent: numbers.next()?,
            n_list_bytes: numbers.next()?,
        })
    }

    pub(super) fn to_bytes(self) -> Vec<u8> {
        let mut bytes = self.offset.to_le_bytes().to_vec();
        for number in [
            self.first_doc,
            self.n_docs,
            self.n_units,
            self.width,
            self.has_surrogates,
            self.n_runs,
            self.n_frequent,
            self.n_list_bytes,
        ] {
            bytes.extend(number.to_le_bytes());
        }
        bytes
    }

    /// Bytes of starts, hints, text, suffixes, runs, rows of frequent pairs, and lists.
    fn lengths(&self) -> [u64; 7] {
        let (docs, units) = (u64::from(self.n_docs), u64::from(self.n_units));
        [
            (docs + 1) * 4,
            ((units >> HINT_BITS) + 1) * 4,
            units * 2,
            units * u64::from(self.width),
            u64::from(self.n_runs) * pairs::RUN as u64,
            u64::from(self.n_frequent) * pairs::ROW as u64,
            self.n_list_bytes.into(),
        ]
    }

    /// Bytes of the block.
    pub(super) fn n_bytes(&self) -> u64 {
        self.lengths().iter().sum()
    }
}

/// A block of a file that is mapped into memory.
pub(crate) struct Block {
    bytes: OwnedBytes,
    entry: Entry,
    /// Where each part ends.
    ends: [usize; 7],
}

impl Block {
    /// Opens the block of an entry; the directory of the file begins at `end`. `None` when that cannot be.
    pub(super) fn open(file: &OwnedBytes, end: usize, entry: Entry) -> Option<Self> {
        if !matches!(entry.width, 3 | 4) {
            return None;
        }
        let begin = usize::try_from(entry.offset).ok()?;
        let stop = begin.checked_add(usize::try_from(entry.n_bytes()).ok()?)?;
        if stop > end {
            return None;
        }
        let mut sum = 0;
        let ends = entry.lengths().map(|length| {
            sum += length as usize;
            sum
        });
        Some(Self {
            bytes: file.slice(begin..stop),
            entry,
            ends,
        })
    }

    fn starts(&self) -> &[u8] {
        &self.bytes[..self.ends[0]]
    }

    fn hints(&self) -> &[u8] {
        &self.bytes[self.ends[0]..self.ends[1]]
    }

    fn units(&self) -> &[u8] {
        &self.bytes[self.ends[1]..self.ends[2]]
    }

    fn suffixes(&self) -> &[u8] {
        &self.bytes[self.ends[2]..self.ends[3]]
    }

    fn runs(&self) -> &[u8] {
        &self.bytes[self.ends[3]..self.ends[4]]
    }

    /// The reports of a frequent pair, and how many they are.
    fn list(&self, pair: u32) -> Option<(u32, &[u8])> {
        let frequent = &self.bytes[self.ends[4]..self.ends[5]];
        pairs::list(frequent, &self.bytes[self.ends[5]..], pair)
    }

    pub(super) fn entry(&self) -> Entry {
        self.entry
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn first_doc(&self) -> DocId {
        self.entry.first_doc
    }

    pub(super) fn has_surrogates(&self) -> bool {
        self.entry.has_surrogates != 0
    }

    /// The first unit of the nth report; of the one behind the last, the end.
    fn start(&self, nth: usize) -> u32 {
        self.starts()
            .get(nth * 4..nth * 4 + 4)
            .map_or(self.entry.n_units, number)
    }

    /// The text of a report of the segment.
    pub(crate) fn text(&self, doc: DocId) -> &[u8] {
        let nth = doc.saturating_sub(self.entry.first_doc) as usize;
        let (start, end) = (self.start(nth) as usize, self.start(nth + 1) as usize);
        self.units().get(start * 2..end * 2).unwrap_or_default()
    }

    /// Ranks of the suffixes that begin with a string.
    pub(crate) fn find(&self, needle: &[u16]) -> Range<usize> {
        let n_units = self.entry.n_units as usize;
        let pairs = match *needle {
            [] => return 0..0,
            // The greatest unit is no character, so there is always a next one.
            [only] => key(only, 0)..key(only.saturating_add(1), 0),
            [first, second, ..] => key(first, second)..key(first, second).saturating_add(1),
        };
        let run = pairs::ranks(self.runs(), pairs, n_units);
        let Some(rest) = needle.get(2..).filter(|rest| !rest.is_empty()) else {
            return run;
        };
        let (text, suffixes, width) = (self.units(), self.suffixes(), self.entry.width as usize);
        // How the suffix of a rank goes on behind the pair, against the string; equal when it begins with it.
        let compare = |rank: usize| {
            let suffix = suffixes.get(rank * width..(rank + 1) * width).map_or(0, unit_at);
            let at = (suffix + 2) * 2;
            let end = (at + rest.len() * 2).min(text.len());
            units(text.get(at..end).unwrap_or_default()).cmp(rest.iter().copied())
        };
        let first = partition_point(run.clone(), |rank| compare(rank) == Ordering::Less);
        // Most strings are rare: the end is looked for near the beginning, in steps that double.
        let mut step = 1;
        let (mut known, mut next) = (first, first);
        while next < run.end && compare(next) == Ordering::Equal {
            known = next + 1;
            next += step;
            step *= 2;
        }
        first..partition_point(known..next.min(run.end), |rank| compare(rank) == Ordering::Equal)
    }

    /// Calls `take` with the report and unit of the report of every suffix in a range of ranks.
    pub(crate) fn places(&self, ranks: Range<usize>, mut take: impl FnMut(DocId, u32)) {
        let width = self.entry.width as usize;
        let (starts, hints) = (self.starts(), self.hints());
        let number_at = |numbers: &[u8], nth: usize| numbers.get(nth * 4..nth * 4 + 4).map(number);
        let suffixes = self.suffixes().get(ranks.start * width..ranks.end * width);
        for suffix in suffixes.unwrap_or_default().chunks_exact(width) {
            let unit = unit_at(suffix);
            let mut nth = number_at(hints, unit >> HINT_BITS).unwrap_or_default() as usize;
            let mut start = number_at(starts, nth).unwrap_or_default();
            while let Some(next) = number_at(starts, nth + 1).filter(|next| *next as usize <= unit) {
                nth += 1;
                start = next;
            }
            take(
                self.entry.first_doc.saturating_add(nth as u32),
                (unit as u32).saturating_sub(start),
            );
        }
    }

    /// Reports that contain a string whose suffixes have these ranks, ascending, and how often each does.
    pub(super) fn frequencies(&self, needle: &[u16], ranks: Range<usize>, mut take: impl FnMut(DocId, u32)) {
        if let [first, second] = *needle
            && let Some((_, list)) = self.list(key(first, second))
        {
            pairs::read(list, self.entry.first_doc, take);
            return;
        }
        let mut docs = Vec::with_capacity(ranks.len());
        self.places(ranks, |doc, _| docs.push(doc));
        docs.sort_unstable();
        for run in docs.chunk_by(|a, b| a == b) {
            take(run[0], run.len() as u32);
        }
    }

    /// How many reports contain a pair, where that is written down.
    pub(super) fn n_listed(&self, needle: &[u16]) -> Option<u32> {
        match *needle {
            [first, second] => self.list(key(first, second)).map(|(n_docs, _)| n_docs),
            _ => None,
        }
    }
}

/// The first number of a range for which `holds` does not hold; it does for none behind that.
fn partition_point(range: Range<usize>, holds: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (range.start, range.end);
    while low < high {
        let middle = low + (high - low) / 2;
        match holds(middle) {
            true => low = middle + 1,
            false => high = middle,
        }
    }
    low
}

/// A number of four bytes.
fn number(bytes: &[u8]) -> u32 {
    bytes.first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes))
}

/// A suffix of three or four bytes.
fn unit_at(bytes: &[u8]) -> usize {
    match *bytes {
        [a, b, c] => u32::from_le_bytes([a, b, c, 0]) as usize,
        [a, b, c, d] => u32::from_le_bytes([a, b, c, d]) as usize,
        _ => 0,
    }
}
