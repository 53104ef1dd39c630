//! Texts are gathered into a block, sorted, and written.

use std::io::{self, Write};

use libsais::SuffixArrayConstruction;
use tantivy::{DocId, TantivyError};

use super::{
    MAGIC, Texts,
    block::{Entry, HINT_BITS},
    pairs::{ROW, RUN, Tables},
    units,
};

/// Most units of a block, unless one report has more. Sorting takes four bytes for each beside the text.
pub(super) const MAX_UNITS: usize = 1 << 23;
/// Units of the longest text: suffixes are numbered by `i32` while they are sorted.
const LONGEST: usize = i32::MAX as usize - MAX_UNITS;

/// Writes the file of one segment: whole reports in the order of their numbers.
pub(super) struct TextsWriter<W: Write> {
    out: W,
    written: u64,
    n_docs: u32,
    entries: Vec<Entry>,
    pending: Pending,
    max_units: usize,
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
    /// Makes blocks of up to so many units, usually [`MAX_UNITS`].
    pub(super) fn new(out: W, max_units: usize) -> Self {
        Self {
            out,
            written: 0,
            n_docs: 0,
            entries: Vec::new(),
            pending: Pending::default(),
            max_units,
        }
    }

    /// Adds the text of the next report.
    pub(super) fn push(&mut self, units: impl ExactSizeIterator<Item = u16>) -> tantivy::Result<()> {
        if !self.pending.ends.is_empty() && self.pending.units.len() + units.len() > self.max_units {
            self.flush()?;
        }
        self.pending.push(units);
        Ok(())
    }

    /// Adds the texts of the reports of another file that are still there. Large blocks are copied as they are, if
    /// all of theirs are; small ones are sorted again with their neighbours, so that they become large.
    pub(super) fn merge(&mut self, texts: &Texts, is_alive: impl Fn(DocId) -> bool) -> tantivy::Result<()> {
        for block in &texts.blocks {
            let entry = block.entry();
            let mut docs = entry.first_doc..entry.first_doc.saturating_add(entry.n_docs);
            if entry.n_units as usize >= self.max_units / 2 && docs.clone().all(&is_alive) {
                self.flush()?;
                self.write(entry, &[block.bytes()])?;
                continue;
            }
            docs.try_for_each(|doc| match is_alive(doc) {
                true => self.push(units(block.text(doc))),
                false => Ok(()),
            })?;
        }
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
