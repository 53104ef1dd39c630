//! Files into reports, without a network.

pub(crate) mod line;

use std::{
    path::{Path, PathBuf},
    sync::atomic::AtomicBool,
};

use report::ChinaTime;

use crate::store::{Store, StoreError};

/// How far an import has come.
#[derive(Clone, Debug)]
pub enum Progress {
    /// Bytes of the files read and in all, and reports seen so far.
    Advanced {
        /// Bytes read.
        bytes_done: u64,
        /// Bytes of all files.
        bytes_total: u64,
        /// Reports taken in, changed or not.
        reports: u64,
    },
    /// A file or line could not be taken.
    Failed(Failure),
    /// A file was left out on purpose.
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
    /// Files and pages that are not reports.
    pub skipped: u64,
    /// All failures; `failed` holds the first of them.
    pub n_failed: u64,
    /// What could not be taken, at most the first 10,000.
    pub failed: Vec<Failure>,
    /// Stopped before the end.
    pub cancelled: bool,
}

/// One file or line that was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The file.
    pub file: PathBuf,
    /// The line of a JSON Lines file, or the record of a WARC file, from 1.
    pub line: Option<u64>,
    /// Why.
    pub reason: String,
}

/// Imports files and folders. `portal` is `import` when it is not named.
///
/// # Errors
/// Only when the store fails; what is wrong with a file or line is told in the summary.
pub fn import(
    paths: &[impl AsRef<Path>],
    portal: Option<&str>,
    store: &mut Store,
    now: ChinaTime,
    progress: &mut dyn FnMut(Progress),
    cancel: &AtomicBool,
) -> Result<ImportSummary, StoreError> {
    let _ = (paths.len(), portal, store, now, progress, cancel);
    todo!("being written")
}
