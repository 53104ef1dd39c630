//! When a list is at its end although it has further pages: when they bring nothing that its pages haven't brought.
//!
//! Kept in memory: after a restart, a list that has no end shows a few pages again before that is noticed.

use std::{
    collections::{HashMap, HashSet},
    hash::{DefaultHasher, Hash, Hasher},
};

use url::Url;

use crate::{frontier::Job, url::page_key};

/// Pages in a row without anything new to the portal after which a list ends, whatever they are to the list: it is
/// another list under a second address.
const MAX_STALE: u32 = 5;

/// Pages in a row in whose place something else was answered, after which a list ends: those behind it are no better.
const MAX_STUBS: u32 = 2;

/// A row of a list, as far as it is remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct RowKey(u64);

impl RowKey {
    /// The row that leads to `url`.
    pub(crate) fn of(url: &Url) -> Self {
        let mut hasher = DefaultHasher::new();
        page_key(url).hash(&mut hasher);
        Self(hasher.finish())
    }
}

/// What the pages of each list of the runs that are going on have shown.
#[derive(Debug, Default)]
pub(super) struct Listings(HashMap<(i64, String), Shown>);

#[derive(Debug, Default)]
struct Shown {
    rows: HashSet<RowKey>,
    /// Pages in a row that brought nothing new to the portal.
    n_stale: u32,
    /// Pages in a row that were none.
    n_stubs: u32,
}

impl Listings {
    /// Notes what a page of a list shows; true when nothing more is to be had behind it. `has_new` says whether
    /// some of it is new to the portal.
    pub(super) fn is_end(&mut self, run: i64, job: &Job, rows: &[RowKey], has_new: bool) -> bool {
        let listing = job.listing.clone().unwrap_or_else(|| job.key.clone());
        let shown = self.0.entry((run, listing)).or_default();
        shown.n_stubs = 0;
        let n_before = shown.rows.len();
        shown.rows.extend(rows);
        shown.n_stale = if has_new { 0 } else { shown.n_stale + 1 };
        // The first further page may be the list's own first page under another name, or not there; the second tells.
        let is_repeated = job.number >= 2 && shown.rows.len() == n_before;
        let is_empty = rows.is_empty() && (job.number >= 2 || !job.is_guess);
        job.listing.is_some() && (is_empty || is_repeated || shown.n_stale >= MAX_STALE)
    }

    /// Notes that something else came in the place of a page of a list; true when no other page of it is worth asking
    /// for.
    pub(super) fn is_end_of_stubs(&mut self, run: i64, job: &Job) -> bool {
        let Some(listing) = job.listing.clone() else {
            return false;
        };
        let shown = self.0.entry((run, listing)).or_default();
        shown.n_stubs += 1;
        shown.n_stubs >= MAX_STUBS
    }

    /// Forgets the lists of a run that is over.
    pub(super) fn forget(&mut self, run: i64) {
        self.0.retain(|(of, _), _| *of != run);
    }
}
