//! Texts are gathered into a block, sorted, and written.

use std::io::{self, Write};

use libsais::SuffixArrayConstruction;
use tantivy::TantivyError;

use super::{
    MAGIC,
    block::{Block, Entry, HINT_BITS},
    pairs::{ROW, RUN, Tables},
};

/// Most units of a block, unless one report has more. Sorting takes four bytes for each beside the text.
pub(super) const MAX_UNITS: usize = 1 << 23;
/// Least units of a block that a merge copies instead of sorting it again with its neighbours.
pub(super) const LARGE: u32 = MAX_UNITS as u32 / 2;
/// Units of the longest text: suffixes are numbered by `i32` while they are sorted.
const LONGEST: usize = i32::MAX as usize - MAX_UNITS;

/// Writes the file of one segment: whole reports in the order of their numbers.
pub(super) struct TextsWriter<W: Write> {
    out: W,
    written: u64,
    n_docs: u32,
    entries: Vec<Entry>,
    pending: Pending,
}

/// Texts that wait to become a block.
#[derive(Default)]
struct Pending {
    units: Vec<u16>,
    /// Where each text ends.
    ends: Vec<u32>,
    has_surrogates: bool,
}

impl Pending {
    /// Adds the text of the next report.
    fn push(&mut self, units: impl Iterator<Item = u16>) {
        let begin = self.units.len();
        self.units.extend(units.take(LONGEST));
        let added = &self.units[begin..];
        self.has_surrogates |= added.iter().any(|unit| (0xd800..0xe000).contains(unit));
        self.ends.push(self.units.len() as u32);
    }
}

impl<W: Write> TextsWriter<W> {
    pub(super) fn new(out: W) -> Self {
        Self {
            out,
            written: 0,
            n_docs: 0,
            entries: Vec::new(),
            pending: Pending::default(),
        }
    }

    /// Adds the text of the next report.
    pub(super) fn push(&mut self, units: impl ExactSizeIterator<Item = u16>) -> tantivy::Result<()> {
        if !self.pending.ends.is_empty() && self.pending.units.len() + units.len() > MAX_UNITS {
            self.flush()?;
        }
        self.pending.push(units);
        Ok(())
    }

    /// Adds a whole block as it is.
    pub(super) fn copy(&mut self, block: &Block) -> tantivy::Result<()> {
        self.flush()?;
        self.write(block.entry(), &[block.bytes()])?;
        Ok(())
    }

    /// Sorts what was pushed and writes it.
    fn flush(&mut self) -> tantivy::Result<()> {
        let Pending {
            units,
            ends,
            has_surrogates,
        } = std::mem::take(&mut self.pending);
        if ends.is_empty() {
            return Ok(());
        }
        let mut starts = vec![0; 4];
        starts.extend(ends.iter().flat_map(|end| end.to_le_bytes()));
        let mut hints = Vec::with_capacity(((units.len() >> HINT_BITS) + 1) * 4);
        let mut nth = 0;
        for unit in (0..=units.len()).step_by(1 << HINT_BITS) {
            while ends.get(nth).is_some_and(|end| *end as usize <= unit) {
                nth += 1;
            }
            hints.extend((nth as u32).to_le_bytes());
        }
        let suffixes = sort(&units)?;
        let doc = |unit: usize| {
            let hint = hints
                .get((unit >> HINT_BITS) * 4..)
                .and_then(|hint| hint.first_chunk());
            let mut nth = hint.map_or(0, |hint| u32::from_le_bytes(*hint) as usize);
            while ends.get(nth).is_some_and(|end| *end as usize <= unit) {
                nth += 1;
            }
            nth
        };
        let tables = Tables::new(&units, &suffixes, ends.len(), doc);
        let entry = Entry {
            offset: 0,
            first_doc: 0,
            n_docs: ends.len() as u32,
            n_units: units.len() as u32,
            width: if units.len() < 1 << 24 { 3 } else { 4 },
            has_surrogates: has_surrogates.into(),
            n_runs: (tables.runs.len() / RUN) as u32,
            n_frequent: (tables.frequent.len() / ROW) as u32,
            n_list_bytes: tables.lists.len() as u32,
        };
        let text: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
        drop(units);
        self.write(entry, &[&starts, &hints, &text])?;
        let mut buffer = Vec::with_capacity(1 << 16);
        for suffixes in suffixes.chunks(1 << 14) {
            buffer.clear();
            for suffix in suffixes {
                buffer.extend(&suffix.to_le_bytes()[..entry.width as usize]);
            }
            self.put(&buffer)?;
        }
        for part in [&tables.runs, &tables.frequent, &tables.lists] {
            self.put(part)?;
        }
        Ok(())
    }

    /// Writes the beginning of a block, or all of it.
    fn write(&mut self, entry: Entry, parts: &[&[u8]]) -> io::Result<()> {
        self.entries.push(Entry {
            offset: self.written,
            first_doc: self.n_docs,
            ..entry
        });
        self.n_docs += entry.n_docs;
        for part in parts {
            self.put(part)?;
        }
        Ok(())
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.out.write_all(bytes)?;
        self.written += bytes.len() as u64;
        Ok(())
    }

    /// Bytes in memory.
    pub(super) fn mem_usage(&self) -> usize {
        self.pending.units.capacity() * 2 + self.pending.ends.capacity() * 4
    }

    /// Writes what is left and the directory.
    pub(super) fn finish(mut self) -> tantivy::Result<W> {
        self.flush()?;
        for entry in &self.entries {
            self.out.write_all(&entry.to_bytes())?;
        }
        self.out.write_all(&(self.entries.len() as u32).to_le_bytes())?;
        self.out.write_all(&MAGIC.to_le_bytes())?;
        Ok(self.out)
    }
}

/// The suffixes of a text in order, by where they begin.
fn sort(units: &[u16]) -> tantivy::Result<Vec<i32>> {
    if units.is_empty() {
        return Ok(Vec::new());
    }
    let sorted = SuffixArrayConstruction::for_text(units)
        .in_owned_buffer32()
        .single_threaded()
        .run();
    match sorted {
        Ok(sorted) => Ok(sorted.into_vec()),
        Err(error) => Err(TantivyError::InternalError(format!(
            "texts cannot be sorted: {error:?}"
        ))),
    }
}
