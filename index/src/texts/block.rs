//! A block: the texts of some reports in a row, and their suffixes in order.

use std::{cmp::Ordering, ops::Range};

use tantivy::{DocId, directory::OwnedBytes};

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
}

impl Entry {
    pub(super) const BYTES: usize = 28;

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
        ] {
            bytes.extend(number.to_le_bytes());
        }
        bytes
    }

    /// Bytes of starts, hints, text and suffixes.
    fn lengths(&self) -> [u64; 4] {
        let (docs, units) = (u64::from(self.n_docs), u64::from(self.n_units));
        [
            (docs + 1) * 4,
            ((units >> HINT_BITS) + 1) * 4,
            units * 2,
            units * u64::from(self.width),
        ]
    }

    /// Bytes of the block.
    pub(super) fn n_bytes(&self) -> u64 {
        self.lengths().iter().sum()
    }
}

/// A block of a file that is mapped into memory.
pub(super) struct Block {
    bytes: OwnedBytes,
    entry: Entry,
    hints: usize,
    text: usize,
    suffixes: usize,
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
        let lengths = entry.lengths().map(|length| length as usize);
        let block = Self {
            bytes: file.slice(begin..stop),
            entry,
            hints: lengths[0],
            text: lengths[0] + lengths[1],
            suffixes: lengths[0] + lengths[1] + lengths[2],
        };
        Some(block)
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
        self.bytes[..self.hints]
            .get(nth * 4..nth * 4 + 4)
            .map_or(self.entry.n_units, number)
    }

    /// The text of a report of the segment.
    pub(super) fn text(&self, doc: DocId) -> &[u8] {
        let nth = doc.saturating_sub(self.entry.first_doc) as usize;
        let (start, end) = (self.start(nth) as usize, self.start(nth + 1) as usize);
        let units = &self.bytes[self.text..self.suffixes];
        units.get(start * 2..end * 2).unwrap_or_default()
    }

    /// The unit at which the suffix of a rank begins.
    fn suffix(&self, rank: usize) -> usize {
        let width = self.entry.width as usize;
        let at = self.suffixes + rank * width;
        self.bytes.get(at..at + width).map_or(0, unit_at)
    }

    /// Ranks of the suffixes that begin with a string.
    pub(super) fn find(&self, needle: &[u16]) -> Range<usize> {
        let text = &self.bytes[self.text..self.suffixes];
        // How the suffix of a rank stands to the string; equal when it begins with it.
        let compare = |rank: usize| {
            let at = self.suffix(rank) * 2;
            let end = (at + needle.len() * 2).min(text.len());
            let units = text.get(at..end).unwrap_or_default().chunks_exact(2);
            units
                .map(|unit| u16::from_le_bytes([unit[0], unit[1]]))
                .cmp(needle.iter().copied())
        };
        let n_units = self.entry.n_units as usize;
        let first = partition_point(0..n_units, |rank| compare(rank) == Ordering::Less);
        if first == n_units || compare(first) != Ordering::Equal {
            return first..first;
        }
        // Most strings are rare: the end is looked for near the beginning, in steps that double.
        let mut step = 1;
        let mut known = first;
        while known + step < n_units && compare(known + step) == Ordering::Equal {
            known += step;
            step *= 2;
        }
        let behind = (known + step).min(n_units);
        first..partition_point(known + 1..behind, |rank| compare(rank) == Ordering::Equal)
    }

    /// Calls `take` with the report and unit of the report of every suffix in a range of ranks.
    pub(super) fn places(&self, ranks: Range<usize>, mut take: impl FnMut(DocId, u32)) {
        let width = self.entry.width as usize;
        let suffixes = &self.bytes[self.suffixes..];
        let starts = &self.bytes[..self.hints];
        let hints = &self.bytes[self.hints..self.text];
        let number_at = |numbers: &[u8], nth: usize| numbers.get(nth * 4..nth * 4 + 4).map(number);
        let suffixes = suffixes
            .get(ranks.start * width..ranks.end * width)
            .unwrap_or_default();
        for suffix in suffixes.chunks_exact(width) {
            let unit = unit_at(suffix);
            let mut nth = number_at(hints, unit >> HINT_BITS).unwrap_or_default() as usize;
            let mut start = number_at(starts, nth).unwrap_or_default();
            while let Some(next) = number_at(starts, nth + 1).filter(|next| *next as usize <= unit) {
                nth += 1;
                start = next;
            }
            take(self.entry.first_doc + nth as u32, unit as u32 - start);
        }
    }

    /// Calls `take` with the report of every suffix in a range of ranks.
    pub(super) fn docs(&self, ranks: Range<usize>, mut take: impl FnMut(DocId)) {
        self.places(ranks, |doc, _| take(doc));
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
