//! Reports fetched ahead: while some are written, another thread fetches those that come next.
//!
//! Fetching a report (reading and decompressing it) takes longer than writing it into most files, so who has written what there
//! was lends a hand. The thread lives no longer than that, so an export that nobody takes holds none.

use std::{
    mem, panic,
    sync::{Mutex, PoisonError},
    thread,
};

use index::{Found, Unread};

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
            let round = Round::new(&mut self.found);
            round.fetch();
            self.fetched = round.end();
        }
        let reports = mem::take(&mut self.fetched);
        let is_any = !reports.is_empty();
        let write_all = || reports.into_iter().try_for_each(|stored| write(&stored?));
        if self.found.remaining() == 0 {
            write_all()?;
            return Ok(is_any);
        }
        let round = Round::new(&mut self.found);
        thread::scope(|scope| {
            let fetching = thread::Builder::new().name("export".into());
            let fetching = fetching.spawn_scoped(scope, || round.fetch())?;
            write_all()?;
            round.fetch();
            fetching
                .join()
                .unwrap_or_else(|panic| panic::resume_unwind(panic));
            anyhow::Ok(())
        })?;
        self.fetched = round.end();
        Ok(is_any)
    }
}

/// The reports that are fetched at a time, by as many threads as like.
struct Round<'a>(Mutex<Fetching<'a>>);

struct Fetching<'a> {
    found: &'a mut Found,
    /// Reports that were handed out, and the bytes of those that came back.
    given: usize,
    bytes: usize,
    /// By their place among those handed out.
    fetched: Vec<(usize, Stored)>,
    is_broken: bool,
}

impl<'a> Round<'a> {
    fn new(found: &'a mut Found) -> Self {
        Self(Mutex::new(Fetching {
            found,
            given: 0,
            bytes: 0,
            fetched: Vec::new(),
            is_broken: false,
        }))
    }

    /// Fetches until there are enough.
    fn fetch(&self) {
        while let Some((nth, unread)) = self.with(Fetching::next) {
            let stored = unread.fetch();
            self.with(|fetching| fetching.take(nth, stored.map_err(Into::into)));
        }
    }

    /// What was fetched, up to the first that cannot be read.
    fn end(self) -> Vec<Stored> {
        let Fetching { mut fetched, .. } = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        fetched.sort_unstable_by_key(|(nth, _)| *nth);
        if let Some(broken) = fetched.iter().position(|(_, stored)| stored.is_err()) {
            fetched.truncate(broken + 1);
        }
        fetched.into_iter().map(|(_, stored)| stored).collect()
    }

    fn with<T>(&self, work: impl FnOnce(&mut Fetching<'a>) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Fetching<'_> {
    fn next(&mut self) -> Option<(usize, Unread)> {
        if self.is_broken || self.bytes >= BYTES || self.given >= REPORTS {
            return None;
        }
        let unread = self.found.next_unread()?;
        self.given += 1;
        Some((self.given, unread))
    }

    fn take(&mut self, nth: usize, stored: Stored) {
        self.bytes += stored.as_ref().map_or(0, String::len);
        self.is_broken |= stored.is_err();
        self.fetched.push((nth, stored));
    }
}
