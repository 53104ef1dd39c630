//! Reports fetched ahead: while some are written, another thread fetches those that come next.
//!
//! Fetching a report (reading and decompressing it) and writing it into a file take about as long as each other. The thread
//! lives no longer than it takes to write what was fetched before, so an export that nobody takes holds none.

use std::{mem, panic, thread};

use index::Found;

/// Bytes of reports that are fetched at a time.
const BYTES: usize = 1 << 20;

/// Reports that are fetched at a time, however short.
const REPORTS: usize = 512;

/// The reports of a search, in its order.
pub(super) struct Ahead {
    found: Found,
    /// What was fetched and is not yet written.
    fetched: Vec<Stored>,
}

/// A report as it is stored, or why it cannot be read.
type Stored = anyhow::Result<String>;

impl Ahead {
    pub(super) fn new(found: Found) -> Self {
        Self {
            found,
            fetched: Vec::new(),
        }
    }

    /// How many reports are still to be written.
    pub(super) fn remaining(&self) -> u64 {
        self.found.remaining() + self.fetched.len() as u64
    }

    /// Calls `write` with the next reports, in order; whether there were any.
    ///
    /// # Errors
    /// When one of them cannot be read, and those of `write`. What follows is not to be asked for then.
    pub(super) fn each(&mut self, mut write: impl FnMut(&str) -> anyhow::Result<()>) -> anyhow::Result<bool> {
        if self.fetched.is_empty() {
            self.fetched = fetch(&mut self.found);
        }
        let reports = mem::take(&mut self.fetched);
        let is_any = !reports.is_empty();
        let write_all = || reports.into_iter().try_for_each(|stored| write(&stored?));
        if self.found.remaining() == 0 {
            write_all()?;
            return Ok(is_any);
        }
        let found = &mut self.found;
        self.fetched = thread::scope(|scope| {
            let fetching = thread::Builder::new().name("export".into());
            let fetching = fetching.spawn_scoped(scope, || fetch(found))?;
            write_all()?;
            let fetched = fetching.join();
            anyhow::Ok(fetched.unwrap_or_else(|panic| panic::resume_unwind(panic)))
        })?;
        Ok(is_any)
    }
}

/// The next reports, up to the first that cannot be read.
fn fetch(found: &mut Found) -> Vec<Stored> {
    let mut reports = Vec::new();
    let mut bytes = 0;
    while bytes < BYTES && reports.len() < REPORTS {
        let Some(stored) = found.next_stored() else { break };
        let is_broken = stored.is_err();
        bytes += stored.as_ref().map_or(0, String::len);
        reports.push(stored.map_err(Into::into));
        if is_broken {
            break;
        }
    }
    reports
}
