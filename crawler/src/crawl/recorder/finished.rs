//! What a visit that is over means: for its page, for the report at its address, and for the pages it leads to.

use url::Url;

use super::{Records, RowKey};
use crate::{
    catalog,
    frontier::{self, Ending, Job, Kind, NewLink, Run},
};

/// Why a page was left out that was asked for on a guess.
pub(in crate::crawl) const NOT_THERE: &str = "not_there";

/// A visit as it is recorded.
pub(super) struct FinishedVisit<'a> {
    pub(super) run: &'a Run,
    pub(super) job: &'a Job,
    pub(super) ending: Ending,
    pub(super) target: Option<Url>,
    pub(super) links: &'a [NewLink],
    pub(super) rows: &'a [RowKey],
    pub(super) traps: &'a [(&'static str, String)],
}

impl FinishedVisit<'_> {
    pub(super) fn record(self, records: &mut Records<'_>) -> rusqlite::Result<()> {
        let (db, run, job) = (records.db, self.run, self.job);
        let ending = self.judged(records)?;
        match &self.target {
            None => frontier::finish(db, job.id, &ending, records.now)?,
            // What a redirect led to is a page of its own; this one only pointed there.
            Some(target) => {
                let row = frontier::row_of_target(db, run, job, target)?;
                frontier::finish(db, row, &ending, records.now)?;
                frontier::finish(db, job.id, &pointed(job, &ending), records.now)?;
            }
        }
        if !matches!(ending, Ending::Again { .. }) {
            let counts = records.counts(run);
            counts.pending = counts.pending.saturating_sub(1);
        }
        self.add_links(records, &ending)?;
        for (reason, url) in self.traps {
            frontier::note_trap(db, run.id, reason, url)?;
        }
        Ok(())
    }

    /// Adds what the page leads to, as far as that leads to reports.
    fn add_links(&self, records: &mut Records<'_>, ending: &Ending) -> rusqlite::Result<()> {
        let (run, job) = (self.run, self.job);
        let of = |wanted: fn(&NewLink) -> bool| self.links.iter().filter(move |link| wanted(link));
        let has_new = add_links(records, run, of(|link| link.kind == Kind::Page))?;
        let columns = of(|link| link.kind != Kind::Page && link.listing.is_none());
        add_links(records, run, columns)?;
        let is_list = job.listing.is_some() || self.links.iter().any(|link| link.listing.is_some());
        let is_end = match ending {
            Ending::Done { .. } if is_list => records.listings.is_end(run.id, job, self.rows, has_new),
            // Guessed pages behind one that is not there are not there either.
            Ending::LeftOut { reason } => *reason == NOT_THERE && job.number >= 2,
            _ => false,
        };
        match &job.listing {
            Some(listing) if is_end => {
                let n_cut = frontier::cut_listing(records.db, run, listing, job.number)?;
                let counts = records.counts(run);
                counts.pending = counts.pending.saturating_sub(n_cut as u64);
            }
            _ => {
                add_links(records, run, of(|link| link.listing.is_some()))?;
            }
        }
        Ok(())
    }

    /// What is known of the report at the address turns "gone" into "removed", and brings back what was given up.
    fn judged(&self, records: &mut Records<'_>) -> rusqlite::Result<Ending> {
        let address = self.job.identity.as_deref().unwrap_or(&self.job.url);
        let address = self.target.as_ref().map_or(address, Url::as_str);
        match &self.ending {
            Ending::Gone { reason, .. } if self.job.is_report => {
                let since = frontier::gone_at(records.db, self.job.id)?;
                let is_removed = since.is_some_and(|since| records.now - since >= records.removed_after);
                let portal = &self.run.portal;
                if is_removed && !frontier::has_living_twin(records.db, portal, &catalog::address(address))? {
                    catalog::mark(records.db, &self.run.portal, address, report::Status::Removed)?;
                    records.has_news = true;
                }
                Ok(Ending::Gone {
                    reason: reason.clone(),
                    is_removed,
                })
            }
            Ending::NotModified => {
                catalog::mark(records.db, &self.run.portal, address, report::Status::Live)?;
                records.has_news = true;
                Ok(Ending::NotModified)
            }
            other => Ok(other.clone()),
        }
    }
}

/// Adds links; true when one of them was new to this run.
fn add_links<'a>(
    records: &mut Records<'_>,
    run: &Run,
    links: impl Iterator<Item = &'a NewLink>,
) -> rusqlite::Result<bool> {
    let db = records.db;
    let counts = records.counts(run);
    let mut has_new = false;
    for link in links {
        let has_room = counts.addresses < frontier::MAX_ADDRESSES;
        let added = frontier::add_link(db, run, link, has_room)?;
        has_new |= added.is_new;
        counts.addresses += u64::from(added.is_row);
        counts.pending += u64::from(added.is_pending);
        if !has_room && !added.is_known {
            frontier::note_trap(db, run.id, "too_many_addresses", link.url.as_str())?;
        }
    }
    Ok(has_new)
}

/// How the visit of a page ends that only points to another. It keeps what lets the other be asked for conditionally.
fn pointed(job: &Job, ending: &Ending) -> Ending {
    let (etag, last_modified) = match ending {
        Ending::Done {
            etag, last_modified, ..
        } => (etag, last_modified),
        Ending::NotModified => (&job.etag, &job.last_modified),
        other => return other.clone(),
    };
    Ending::Done {
        outcome: "redirected",
        is_report: false,
        identity: None,
        etag: etag.clone(),
        last_modified: last_modified.clone(),
    }
}
