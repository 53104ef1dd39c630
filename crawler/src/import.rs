//! Files into reports, without a network.
//!
//! [`walk`] says which files there are, [`files`], [`lines`] and [`warc`] cut them into units (a page, a line), and
//! [`engine`] reads the units in parallel and hands them to the store in the order of the files. What is wrong with a
//! file or a line is told, and the rest is imported.

mod engine;
mod files;
pub(crate) mod line;
mod lines;
#[cfg(test)]
mod tests;
mod unit;
mod walk;
mod warc;

use std::{
    path::{Path, PathBuf},
    sync::atomic::AtomicBool,
};

use jiff::Timestamp;
use report::ReportId;

pub use self::line::LineError;
use self::{
    engine::{Engine, Stop},
    walk::{Found, Kind},
};
use crate::store::{Store, StoreError};

/// Portal of files that come without one.
pub const IMPORT_PORTAL: &str = "import";

/// How far an import has come, and what it came across.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Bytes of the files read and in all, and reports taken in so far.
    Advanced {
        /// Bytes read, of packed files before unpacking.
        bytes_done: u64,
        /// Bytes of all files.
        bytes_total: u64,
        /// Reports taken in, changed or not.
        reports: u64,
    },
    /// A report has a new version.
    Changed {
        /// The file.
        file: PathBuf,
        /// The line or record, as in [`Failure`].
        line: Option<u64>,
        /// The report.
        id: ReportId,
        /// Its new version.
        version: u32,
    },
    /// A file, line or record could not be taken.
    Failed(Failure),
    /// A file, page or record is not a report, and was left out.
    Skipped(Failure),
}

/// What an import did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportSummary {
    /// Reports that were not there before.
    pub new: u64,
    /// Reports with a new version or other particulars.
    pub changed: u64,
    /// Reports that were there as they are.
    pub unchanged: u64,
    /// Files, pages and records that are not reports.
    pub skipped: u64,
    /// How many files, lines and records failed; `failed` names the first of them.
    pub n_failed: u64,
    /// What could not be taken, at most the first 10,000.
    pub failed: Vec<Failure>,
    /// It was stopped before the end. What was counted is kept.
    pub cancelled: bool,
}

/// One file, line or record that was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The file.
    pub file: PathBuf,
    /// The line of a JSON Lines file, or the record of a WARC file, from 1.
    pub line: Option<u64>,
    /// Why.
    pub reason: String,
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        write!(f, ": {}", self.reason)
    }
}

/// Imports files, and all files below folders. `portal` is `import` when none is named; a line that names its own
/// keeps that.
///
/// The address of a file without one is `import:<folder name>/<path below it>`, of a lone file `import:<file name>`;
/// a JSON line without one adds `#<id>` or `#L<line>`. Importing the same again changes nothing. `now` is the moment at
/// which it begins.
///
/// # Errors
/// Only when the store fails; what is wrong with a file or line is told in the summary.
pub fn import(
    paths: &[impl AsRef<Path>],
    portal: Option<&str>,
    store: &mut Store,
    now: Timestamp,
    progress: &mut dyn FnMut(Progress),
    cancel: &AtomicBool,
) -> Result<ImportSummary, StoreError> {
    let mut inputs = Vec::new();
    let mut engine = Engine::new(store, portal.unwrap_or(IMPORT_PORTAL), now, progress, cancel);
    for path in paths {
        for found in walk::list(path.as_ref(), engine.data_dir()) {
            match found {
                Found::Input(input) => inputs.push(input),
                Found::Skipped(file, reason) => engine.skip(Failure {
                    file,
                    line: None,
                    reason,
                }),
                Found::Failed(file, reason) => engine.fail(Failure {
                    file,
                    line: None,
                    reason,
                }),
            }
        }
    }
    engine.expect(inputs.iter().map(|input| input.bytes).sum());
    let mut read_all = || {
        for input in &inputs {
            match input.kind {
                Kind::Page { media_type } => files::read(input, media_type, &mut engine)?,
                Kind::Lines => lines::read(input, &mut engine)?,
                Kind::Warc => warc::read(input, &mut engine)?,
            }
            engine.finish_file(input.bytes);
        }
        engine.finish()
    };
    let cancelled = match read_all() {
        Ok(()) => false,
        Err(Stop::Cancelled) => true,
        Err(Stop::Store(error)) => return Err(error),
    };
    let mut summary = engine.summary;
    summary.cancelled = cancelled;
    // Lines that are no JSON are found before those that the store refuses.
    summary
        .failed
        .sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
    Ok(summary)
}
