//! The right to run jobs and schedules of a data directory, of one process at a time.
//!
//! It is a lock of the operating system on a file of its own, so it goes with its process, however that ended, and no
//! clock has a say in it. Other processes that serve the same data only answer requests, until it is free.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io,
    path::Path,
};

/// Name of the file in a data directory.
const FILE: &str = "jobs.lock";

/// The right, for as long as this lives.
#[derive(Debug)]
pub struct Lease {
    _file: File,
}

impl Lease {
    /// Takes the right; `None` when another process has it.
    ///
    /// # Errors
    /// When the file cannot be used.
    pub fn take(data_dir: &Path) -> io::Result<Option<Self>> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(data_dir.join(FILE))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Whether a process has it.
    ///
    /// # Errors
    /// When the file cannot be used.
    pub fn is_taken(data_dir: &Path) -> io::Result<bool> {
        Ok(Self::take(data_dir)?.is_none())
    }
}
