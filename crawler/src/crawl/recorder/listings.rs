//! When a list is at its end although it has further pages: when they bring nothing that its pages haven't brought. And
//! when it is shorter than it says, once all of it was read.
//!
//! Kept in memory: after a restart, a list that has no end shows a few pages again before that is noticed.

use std::{
    collections::{HashMap, HashSet},
    hash::{DefaultHasher, Hash, Hasher},
};

use url::Url;

use crate::{
    frontier::{Job, NewLink},
    lists::Said,
    url::page_key,
};

/// Pages in a row without anything new to the portal after which a list ends, whatever they are to the list: it is
/// another list under a second address.
const MAX_STALE: u32 = 5;

/// Pages in a row in whose place something else was answered, after which a list ends: those behind it are no better.
const MAX_STUBS: u32 = 2;

/// Most lists that one list shows.
const MAX_PARTS: usize = 50;

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

/// A list that does not say how many pages it has is only shorter than it says when more than this part of it, of ten,
/// is missing: some rows are hidden, some documents have two.
const MAX_HIDDEN: u64 = 1;

/// What the pages of each list of the runs that are going on have shown.
#[derive(Debug, Default)]
pub(super) struct Listings(HashMap<(i64, String), Shown>);

/// What a page of a list shows.
pub(super) struct ListPage<'a> {
    pub(super) rows: &'a [RowKey],
    /// How long the list says that it is.
    pub(super) said: Option<Said>,
    /// Some of its rows are new to the portal.
    pub(super) has_new: bool,
}

#[derive(Debug, Default)]
struct Shown {
    rows: HashSet<RowKey>,
    /// Pages in a row that brought nothing new to the portal.
    n_stale: u32,
    /// Pages in a row that were none.
    n_stubs: u32,
    /// The row of its first page in the frontier, if that was read by this process.
    first: Option<i64>,
    said: Option<Said>,
    /// Pages that brought something new to it.
    n_pages: u32,
    /// Some of its pages are known as those of another list, or the whole is another one under a second address.
    is_twin: bool,
    /// Lists that its pages show, or that go on where they end.
    parts: HashSet<String>,
}

/// A list that is shorter than it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ShortList {
    /// The row of its first page in the frontier.
    pub(crate) first: i64,
    /// Its keys, and those of its parts.
    pub(crate) listings: Vec<String>,
    /// What is missing, in few words.
    pub(crate) reason: String,
}

impl Listings {
    /// Notes what a page of a list shows; true when nothing more is to be had behind it.
    pub(super) fn is_end(&mut self, run: i64, job: &Job, page: &ListPage<'_>) -> bool {
        let shown = self.0.entry((run, key(job))).or_default();
        shown.n_stubs = 0;
        let n_before = shown.rows.len();
        shown.rows.extend(page.rows);
        let has_grown = shown.rows.len() > n_before;
        shown.n_pages += u32::from(has_grown);
        shown.n_stale = if page.has_new { 0 } else { shown.n_stale + 1 };
        let is_first = job.listing.is_none() || job.number <= 1 && shown.first.is_none() && n_before == 0;
        if is_first {
            shown.first = Some(job.id);
            shown.said = page.said;
        }
        // The first further page may be the list's own first page under another name, or not there; the second tells.
        let is_repeated = job.number >= 2 && !has_grown;
        let is_empty = page.rows.is_empty() && (job.number >= 2 || !job.is_guess);
        let is_stale = shown.n_stale >= MAX_STALE;
        shown.is_twin |= is_stale;
        job.listing.is_some() && (is_empty || is_repeated || is_stale)
    }

    /// Notes that a page of a list leads to a further one. `is_new`: nothing else in this run led there before.
    pub(super) fn leads_on(&mut self, run: i64, job: &Job, link: &NewLink, is_new: bool) {
        let Some(shown) = self.0.get_mut(&(run, key(job))) else {
            return;
        };
        let is_first = shown.first == Some(job.id);
        shown.is_twin |= is_first && !is_new;
        let of = link.listing.as_deref().unwrap_or_default();
        if of != key(job) && shown.parts.len() < MAX_PARTS {
            shown.parts.insert(of.to_owned());
        }
    }

    /// The lists of a run that are shorter than they say.
    pub(super) fn short(&self, run: i64) -> Vec<ShortList> {
        let of_run = self.0.iter().filter(|((of, _), _)| *of == run);
        let short = of_run.filter_map(|((_, key), shown)| {
            let (first, said) = (shown.first?, shown.said?);
            let parts = || {
                shown
                    .parts
                    .iter()
                    .filter_map(|part| self.0.get(&(run, part.clone())))
            };
            if shown.is_twin || parts().any(|part| part.is_twin) {
                return None;
            }
            let mut rows: HashSet<_> = shown.rows.clone();
            parts().for_each(|part| rows.extend(&part.rows));
            let n_pages = shown.n_pages + parts().map(|part| part.n_pages).sum::<u32>();
            let reason = missing(said, rows.len() as u64, n_pages)?;
            let listings = std::iter::once(key).chain(&shown.parts).cloned().collect();
            Some(ShortList {
                first,
                listings,
                reason,
            })
        });
        let mut short: Vec<_> = short.collect();
        short.sort_by_key(|short| short.first);
        short
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

/// What a list knows itself by.
fn key(job: &Job) -> String {
    job.listing.clone().unwrap_or_else(|| job.key.clone())
}

/// What is missing of a list of which so much was found.
fn missing(said: Said, n_rows: u64, n_pages: u32) -> Option<String> {
    let lacks_pages = said.pages.is_some_and(|pages| n_pages < pages);
    match said.rows.map(u64::from) {
        Some(rows) => {
            let is_much = (rows.saturating_sub(n_rows)) * 10 > rows * MAX_HIDDEN;
            let is_short = n_rows < rows
                && if said.pages.is_some() {
                    lacks_pages
                } else {
                    is_much
                };
            is_short.then(|| format!("list_incomplete: {n_rows} of {rows} rows"))
        }
        None => {
            let pages = said.pages?;
            lacks_pages.then(|| format!("list_incomplete: {n_pages} of {pages} pages"))
        }
    }
}
