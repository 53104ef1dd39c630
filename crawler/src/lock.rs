//! One writer per data directory.

use std::{fmt, sync::atomic::AtomicBool};

/// Who holds the lock of a data directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Process id.
    pub pid: u32,
    /// What it does, e.g. `crawl`.
    pub command: String,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (process {})", self.command, self.pid)
    }
}

/// What to do while another process writes.
pub enum LockWait<'a> {
    /// Wait for it.
    Wait {
        /// Called once for each holder that is waited for; `None` when the holder could not be read.
        announce: Box<dyn FnMut(Option<&Holder>) + 'a>,
        /// Ends the waiting when set.
        cancel: &'a AtomicBool,
    },
    /// Fail at once.
    Fail,
}
