//! The write side.
use std::path::Path;

use report::{Report, ReportId};

use crate::IndexError;

/// How much the writer may use.
#[derive(Clone, Copy, Debug)]
pub struct WriterOptions {
    /// Bytes of memory for what is not yet on disk, all threads together.
    pub heap_bytes: usize,
    /// Threads that index.
    pub threads: usize,
}

impl Default for WriterOptions {
    fn default() -> Self {
        Self {
            heap_bytes: 200 << 20,
            threads: 2,
        }
    }
}

/// The write side of an index; one per directory.
pub struct Writer {}

impl Writer {
    /// Opens the index in `dir`, or makes an empty one.
    pub fn open(dir: &Path, options: WriterOptions) -> Result<Self, IndexError> {
        let _ = (dir, options);
        todo!()
    }

    /// The watermark of the last commit; 0 in a new index.
    pub fn watermark(&self) -> u64 {
        todo!()
    }

    /// Adds a report, or replaces the one with its id.
    pub fn upsert(&mut self, report: &Report) -> Result<(), IndexError> {
        let _ = report;
        todo!()
    }

    /// Removes a report; unknown ids are fine.
    pub fn remove(&mut self, id: &ReportId) -> Result<(), IndexError> {
        let _ = id;
        todo!()
    }

    /// Makes everything since the last commit durable and visible, together with `watermark`.
    pub fn commit(&mut self, watermark: u64) -> Result<(), IndexError> {
        let _ = watermark;
        todo!()
    }
}

/// A new generation of the index, built beside the one in use.
pub struct Rebuild {}

impl Rebuild {
    /// Begins an empty generation.
    pub fn start(dir: &Path, options: WriterOptions) -> Result<Self, IndexError> {
        let _ = (dir, options);
        todo!()
    }

    /// Adds a report, or replaces the one with its id.
    pub fn add(&mut self, report: &Report) -> Result<(), IndexError> {
        let _ = report;
        todo!()
    }

    /// Puts the new generation in the place of the old one.
    pub fn publish(self, watermark: u64) -> Result<(), IndexError> {
        let _ = watermark;
        todo!()
    }
}
