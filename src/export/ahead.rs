//! Reports fetched ahead: while some are written, another thread fetches those that come next.
//!
//! Fetching a report (reading and decompressing it) takes longer than writing it into most files, so who has written what there
//! was lends a hand. The thread lives no longer than that, so an export that nobody takes holds none.

use std::{
    mem, panic,
    sync::{Mutex, MutexGuard, PoisonError},
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
struct Round<'a>(Mutex<(&'a mut Found, Fetched)>);

impl<'a> Round<'a> {
    fn new(found: &'a mut Found) -> Self {
        Self(Mutex::new((found, Fetched::default())))
    }

    /// Fetches until there are enough.
    fn fetch(&self) {
        while let Some((nth, unread)) = self.next() {
            let stored = unread.fetch().map_err(Into::into);
            self.lock().1.take(nth, stored);
        }
    }

    fn next(&self) -> Option<(usize, Unread)> {
        let mut round = self.lock();
        let (found, fetched) = &mut *round;
        if fetched.is_enough() {
            return None;
        }
        let unread = found.next_unread()?;
        Some((fetched.give(), unread))
    }

    /// What was fetched.
    fn end(self) -> Vec<Stored> {
        let (_, fetched) = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        fetched.in_order()
    }

    fn lock(&self) -> MutexGuard<'_, (&'a mut Found, Fetched)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reports as they come back, which is not always the order in which they were handed out.
#[derive(Default)]
struct Fetched {
    given: usize,
    bytes: usize,
    /// By their place among those handed out.
    stored: Vec<(usize, Stored)>,
    is_broken: bool,
}

impl Fetched {
    fn is_enough(&self) -> bool {
        self.is_broken || self.bytes >= BYTES || self.given >= REPORTS
    }

    fn give(&mut self) -> usize {
        self.given += 1;
        self.given
    }

    fn take(&mut self, nth: usize, stored: Stored) {
        self.bytes += stored.as_ref().map_or(0, String::len);
        self.is_broken |= stored.is_err();
        self.stored.push((nth, stored));
    }

    /// In the order in which they were handed out, up to the first that cannot be read.
    fn in_order(mut self) -> Vec<Stored> {
        self.stored.sort_unstable_by_key(|(nth, _)| *nth);
        if let Some(broken) = self.stored.iter().position(|(_, stored)| stored.is_err()) {
            self.stored.truncate(broken + 1);
        }
        self.stored.into_iter().map(|(_, stored)| stored).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_that_come_back_out_of_turn_are_put_in_order() {
        let mut fetched = Fetched::default();
        for nth in 1..=5 {
            assert_eq!(fetched.give(), nth);
        }
        for nth in [2, 1, 5, 3] {
            fetched.take(nth, Ok(nth.to_string()));
        }
        assert!(!fetched.is_enough());
        fetched.take(4, Err(anyhow::anyhow!("the file is broken")));
        assert!(fetched.is_enough(), "nothing that follows is of use");
        let in_order = fetched.in_order();
        let texts: Vec<_> = in_order
            .iter()
            .map(|stored| stored.as_deref().unwrap_or("broken"))
            .collect();
        assert_eq!(texts, ["1", "2", "3", "broken"]);
    }
}
