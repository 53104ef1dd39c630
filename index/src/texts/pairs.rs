//! Which pairs of neighbours a block has, where their suffixes begin, and of the frequent ones which reports have them
//! how often.
//!
//! Suffixes in order have those that begin with the same two units side by side. The first of each such run is noted,
//! which spares a search most of its steps. Where a run is long, the reports in it are listed once and for all, as
//! counting them anew takes a look at every occurrence.

use std::ops::Range;

use tantivy::DocId;

/// Occurrences from which on a pair's reports are listed.
const FREQUENT: usize = 64;
const LINE_END: u16 = b'\n' as u16;

/// What is made of the suffixes of a block.
#[derive(Default)]
pub(super) struct Tables {
    /// Pair and rank of its first suffix (u32 each), by pair.
    pub(super) runs: Vec<u8>,
    /// Pair, number of reports, and where the list ends in `lists` (u32 each), by pair.
    pub(super) frequent: Vec<u8>,
    /// Reports as steps from the one before with their frequencies.
    pub(super) lists: Vec<u8>,
}

/// Bytes of a row of [`Tables::runs`] and [`Tables::frequent`].
pub(super) const RUN: usize = 8;
pub(super) const ROW: usize = 12;

/// Two units as one number, in the order of suffixes.
pub(super) fn key(first: u16, second: u16) -> u32 {
    u32::from(first) << 16 | u32::from(second)
}

impl Tables {
    /// Goes through the sorted suffixes; `doc` tells the report of a unit, of `n_docs`.
    pub(super) fn new(units: &[u16], suffixes: &[i32], n_docs: usize, doc: impl Fn(usize) -> usize) -> Self {
        let mut tables = Self::default();
        let key_of = |suffix: i32| {
            let at = suffix as usize;
            key(units[at], units.get(at + 1).copied().unwrap_or_default())
        };
        let mut counts = vec![0_u32; n_docs];
        let mut begin = 0;
        while begin < suffixes.len() {
            let pair = key_of(suffixes[begin]);
            let run = suffixes[begin..]
                .iter()
                .take_while(|suffix| key_of(**suffix) == pair);
            let end = begin + run.count();
            tables.runs.extend(pair.to_le_bytes());
            tables.runs.extend((begin as u32).to_le_bytes());
            let is_text = (pair >> 16) as u16 != LINE_END && pair as u16 != LINE_END;
            if end - begin >= FREQUENT && is_text {
                let docs = suffixes[begin..end].iter().map(|suffix| doc(*suffix as usize));
                if (end - begin) * 8 < n_docs {
                    let mut docs: Vec<_> = docs.collect();
                    docs.sort_unstable();
                    let found = docs
                        .chunk_by(|a, b| a == b)
                        .map(|same| (same[0], same.len() as u32));
                    tables.list(pair, found);
                } else {
                    docs.for_each(|doc| counts[doc] += 1);
                    tables.list(pair, (0..n_docs).zip(counts.iter().copied()));
                    counts.fill(0);
                }
            }
            begin = end;
        }
        tables
    }

    /// Lists the reports that have a pair; those that have it 0 times do not.
    fn list(&mut self, pair: u32, counts: impl Iterator<Item = (usize, u32)>) {
        let (mut n_docs, mut next) = (0_u32, 0);
        for (nth, count) in counts.filter(|(_, count)| *count > 0) {
            let step = (nth - next) as u32;
            // Most frequencies are 1, which one bit says.
            push(&mut self.lists, step << 1 | u32::from(count == 1));
            if count > 1 {
                push(&mut self.lists, count);
            }
            next = nth + 1;
            n_docs += 1;
        }
        self.frequent.extend(pair.to_le_bytes());
        self.frequent.extend(n_docs.to_le_bytes());
        self.frequent.extend((self.lists.len() as u32).to_le_bytes());
    }
}

/// Ranks of the suffixes of one pair, or of all pairs in a range; `n_units` is how many suffixes there are.
pub(super) fn ranks(runs: &[u8], pairs: Range<u32>, n_units: usize) -> Range<usize> {
    let rank = |row: usize| number(runs, row * RUN + 4).map_or(n_units, |rank| rank as usize);
    rank(search(runs, RUN, pairs.start))..rank(search(runs, RUN, pairs.end))
}

/// The reports that have a frequent pair: how many, and their list. `None` for other pairs.
pub(super) fn list<'a>(frequent: &[u8], lists: &'a [u8], pair: u32) -> Option<(u32, &'a [u8])> {
    let row = search(frequent, ROW, pair) * ROW;
    if number(frequent, row)? != pair {
        return None;
    }
    let begin = match row.checked_sub(4) {
        Some(at) => number(frequent, at)?,
        None => 0,
    };
    let end = number(frequent, row + 8)?;
    Some((
        number(frequent, row + 4)?,
        lists.get(begin as usize..end as usize)?,
    ))
}

/// Calls `take` with the reports of a list, from `first` on, and their frequencies.
pub(super) fn read(mut list: &[u8], first: DocId, mut take: impl FnMut(DocId, u32)) {
    let mut doc = first;
    while let Some(step) = pull(&mut list) {
        let count = if step & 1 == 1 { Some(1) } else { pull(&mut list) };
        doc = doc.saturating_add(step >> 1);
        take(doc, count.unwrap_or(1));
        doc = doc.saturating_add(1);
    }
}

/// The first row of a table whose pair is not before this one.
fn search(table: &[u8], row: usize, pair: u32) -> usize {
    let (mut low, mut high) = (0, table.len() / row);
    while low < high {
        let middle = low + (high - low) / 2;
        match number(table, middle * row).is_some_and(|other| other < pair) {
            true => low = middle + 1,
            false => high = middle,
        }
    }
    low
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    bytes
        .get(at..)?
        .first_chunk()
        .map(|bytes| u32::from_le_bytes(*bytes))
}

/// Writes a number, seven bits a byte, the last byte with its highest bit set.
fn push(bytes: &mut Vec<u8>, mut number: u32) {
    while number >= 0x80 {
        bytes.push(number as u8 & 0x7f);
        number >>= 7;
    }
    bytes.push(number as u8 | 0x80);
}

/// Reads [`push`].
fn pull(bytes: &mut &[u8]) -> Option<u32> {
    let (mut number, mut shift) = (0, 0);
    loop {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u32::from(byte & 0x7f) << shift.min(31);
        if byte & 0x80 != 0 {
            return Some(number);
        }
        shift += 7;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_survive_packing() {
        let numbers = [0, 1, 127, 128, 300, 1 << 20, u32::MAX];
        let mut bytes = Vec::new();
        numbers.iter().for_each(|number| push(&mut bytes, *number));
        let mut rest = bytes.as_slice();
        assert_eq!(numbers.map(|_| pull(&mut rest).unwrap()), numbers);
        assert_eq!(pull(&mut rest), None);
    }

    #[test]
    fn lists_hold_reports_and_frequencies() {
        let mut tables = Tables::default();
        tables.list(key(1, 2), [(0, 0), (1, 3), (4, 1)].into_iter());
        tables.list(key(1, 3), [(0, 1), (4, 500)].into_iter());
        let read_list = |pair: u32| {
            let mut found = Vec::new();
            let (n_docs, bytes) = list(&tables.frequent, &tables.lists, pair)?;
            read(bytes, 10, |doc, count| found.push((doc, count)));
            assert_eq!(n_docs as usize, found.len());
            Some(found)
        };
        assert_eq!(read_list(key(1, 2)), Some(vec![(11, 3), (14, 1)]));
        assert_eq!(read_list(key(1, 3)), Some(vec![(10, 1), (14, 500)]));
        assert_eq!(read_list(key(1, 4)), None);
        assert_eq!(read_list(key(0, 0)), None);
    }
}
