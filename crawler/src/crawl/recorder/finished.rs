//! What a visit that is over means: for its page, for the report at its address, and for the pages it leads to.

use url::Url;

use super::{Records, RowKey, listings::ListPage};
use crate::{
    catalog,
    frontier::{self, Ending, Job, Kind, NewLink, Run, Yield},
    lists::{Said, is_home},
};

/// Why a page was left out that was asked for on a guess.
pub(in crate::crawl) const NOT_THERE: &str = "not_there";

/// Why a further page of a list failed in whose place something else came.
pub(in crate::crawl) const NOT_A_LIST: &str = "not_a_list";

/// A visit as it is recorded.
pub(super) struct FinishedVisit<'a> {
    pub(super) run: &'a Run,
    pub(super) job: &'a Job,
    pub(super) ending: Ending,
    pub(super) target: Option<Url>,
    pub(super) links: &'a [NewLink],
    pub(super) rows: &'a [RowKey],
    pub(super) said: Option<Said>,
    /// What the report on the page says.
    pub(super) report: Option<frontier::Readout>,
    pub(super) traps: &'a [(&'static str, String)],
    pub(super) brought: Yield,
}

impl FinishedVisit<'_> {
    pub(super) fn record(self, records: &mut Records<'_>) -> rusqlite::Result<()> {
        let (db, run, job) = (records.db, self.run, self.job);
        let ending = self.judged(records)?;
        let row = match &self.target {
            None => {
                frontier::finish(db, job.id, &ending, records.now)?;
                job.id
            }
            // What a redirect led to is a page of its own; this one only pointed there.
            Some(target) => {
                let row = frontier::row_of_target(db, run, job, target)?;
                frontier::finish(db, row, &ending, records.now)?;
                frontier::finish(db, job.id, &pointed(job, &ending), records.now)?;
                row
            }
        };
        if let Some(report) = self.report {
            frontier::note_report(db, row, report)?;
        }
        if !self.rows.is_empty() && matches!(ending, Ending::Done { .. }) {
            frontier::note_rows(db, run, job.id, job.listing.as_deref())?;
        }
        if !matches!(ending, Ending::Again { .. }) {
            let counts = records.counts(run);
            counts.pending = counts.pending.saturating_sub(1);
        }
        let rows = self.add_links(records, &ending)?;
        let is_read = matches!(ending, Ending::Done { .. } | Ending::NotModified);
        if is_read && (job.kind != Kind::Page || !self.rows.is_empty()) {
            frontier::note_list(db, run, job, (!self.rows.is_empty(), rows.has_found), records.now)?;
        }
        let was_asked = !matches!(ending, Ending::Again { .. } | Ending::LeftOut { .. });
        if was_asked {
            let is_dead = matches!(&ending, Ending::Gone { .. })
                || matches!(&ending, Ending::Failed { reason } if reason.starts_with("http_4"));
            let brought = match self.brought {
                _ if rows.has_known || ending == Ending::NotModified => Yield::News,
                Yield::Nothing if is_dead => Yield::Neither,
                brought => brought,
            };
            self.count(records, brought)?;
        }
        for (reason, url) in self.traps {
            frontier::note_trap(db, run.id, reason, url)?;
        }
        Ok(())
    }

    /// Adds what the page leads to, as far as that leads to reports. Says what became of the rows.
    fn add_links(&self, records: &mut Records<'_>, ending: &Ending) -> rusqlite::Result<AddedLinks> {
        let (run, job) = (self.run, self.job);
        let of = |wanted: fn(&NewLink) -> bool| self.links.iter().filter(move |link| wanted(link));
        let rows = add_links(records, run, of(|link| link.kind == Kind::Page))?;
        let columns = of(|link| link.kind != Kind::Page && link.listing.is_none());
        add_links(records, run, columns)?;
        let is_list = job.listing.is_some() || self.links.iter().any(|link| link.listing.is_some());
        let is_end = match ending {
            Ending::Done { .. } if is_list || self.said.is_some() => {
                let page = ListPage {
                    rows: self.rows,
                    said: self.said,
                    has_new: rows.has_new,
                };
                records.listings.is_end(run.id, job, &page)
            }
            // Guessed pages behind one that is not there are not there either.
            Ending::LeftOut { reason } => *reason == NOT_THERE && job.number >= 2,
            Ending::Failed { reason } if reason == NOT_A_LIST => {
                records.listings.is_end_of_stubs(run.id, job)
            }
            _ => false,
        };
        match &job.listing {
            Some(listing) if is_end => {
                let n_cut = frontier::cut_listing(records.db, run, listing, job.number)?;
                let counts = records.counts(run);
                counts.pending = counts.pending.saturating_sub(n_cut as u64);
                // A list that is at its end and shows the way to the next page has none.
                for link in of(|link| link.listing.is_some()) {
                    if link.number == job.number + 1 && !frontier::is_known(records.db, run, &link.key())? {
                        frontier::note_trap(records.db, run.id, "endless_list", link.url.as_str())?;
                    }
                }
            }
            _ => {
                for link in of(|link| link.listing.is_some()) {
                    let added = add_links(records, run, std::iter::once(link))?;
                    records.listings.leads_on(run.id, job, link, added.has_new);
                }
            }
        }
        Ok(rows)
    }

    /// Counts the visit, and leaves the pattern of its address when it brings nothing for too long.
    fn count(&self, records: &mut Records<'_>, brought: Yield) -> rusqlite::Result<()> {
        let (db, run) = (records.db, self.run);
        let Ok(url) = Url::parse(&self.job.url) else {
            return Ok(());
        };
        let via = self.job.via.as_deref().and_then(|via| Url::parse(via).ok());
        let counts = records.counts(run);
        if counts.barren.is_none() && brought != Yield::Nothing {
            return Ok(());
        }
        let barren = counts.barren.get_or_insert_default();
        if barren.visited(&url, self.job.kind, via.as_ref(), brought) {
            let n_left = frontier::leave_out(db, run, |url, kind| barren.is_left(url, kind))?;
            counts.pending = counts.pending.saturating_sub(n_left as u64);
            frontier::note_trap(db, run.id, "nothing_new", url.as_str())?;
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
                    catalog::mark(
                        records.db,
                        &self.run.portal,
                        address,
                        report::Status::Removed,
                        records.moment(),
                    )?;
                    records.has_news = true;
                }
                Ok(Ending::Gone {
                    reason: reason.clone(),
                    is_removed,
                })
            }
            Ending::NotModified => {
                catalog::mark(
                    records.db,
                    &self.run.portal,
                    address,
                    report::Status::Live,
                    records.moment(),
                )?;
                records.has_news = true;
                Ok(Ending::NotModified)
            }
            Ending::Done { .. } if self.has_lost_its_rows(records)? => Ok(Ending::Failed {
                reason: "rows_lost".to_owned(),
            }),
            other => Ok(other.clone()),
        }
    }

    /// Whether a seed that led to reports once leads to none now: the page was emptied or rebuilt, or sends us home.
    fn has_lost_its_rows(&self, records: &Records<'_>) -> rusqlite::Result<bool> {
        let job = self.job;
        let is_sent_home =
            self.target.as_ref().is_some_and(is_home) && !Url::parse(&job.url).is_ok_and(|url| is_home(&url));
        // Or the requests for them.
        let leads_on = |link: &NewLink| link.kind == Kind::Page || link.listing.is_some();
        let has_reports = !self.rows.is_empty() || self.links.iter().any(leads_on);
        let is_empty = !has_reports && self.brought == Yield::Nothing;
        Ok(job.kind == Kind::Seed
            && (is_empty || is_sent_home)
            && frontier::led_to_reports(records.db, &self.run.portal, &job.url)?)
    }
}

/// What became of the links of a page.
#[derive(Default)]
struct AddedLinks {
    /// One of them was new to this run.
    has_new: bool,
    /// One of those is a report that earlier runs have found.
    has_known: bool,
    /// One of them was not known to any earlier run.
    has_found: bool,
}

/// Adds links, save those that lead where nothing is to be found.
fn add_links<'a>(
    records: &mut Records<'_>,
    run: &Run,
    links: impl Iterator<Item = &'a NewLink>,
) -> rusqlite::Result<AddedLinks> {
    let db = records.db;
    let counts = records.counts(run);
    let mut all = AddedLinks::default();
    for link in links {
        let barren = counts.barren.as_ref();
        if barren.is_some_and(|barren| barren.is_left(&link.url, link.kind)) {
            continue;
        }
        let has_room = counts.addresses < frontier::MAX_ADDRESSES;
        let added = frontier::add_link(db, run, link, has_room)?;
        all.has_new |= added.is_new;
        all.has_known |= added.is_new && added.is_report;
        all.has_found |= added.is_found;
        counts.addresses += u64::from(added.is_row);
        counts.pending += u64::from(added.is_pending);
        if !has_room && !added.is_known {
            frontier::note_trap(db, run.id, "too_many_addresses", link.url.as_str())?;
        }
        if added.is_session {
            frontier::note_trap(db, run.id, "session_ids", link.url.as_str())?;
        }
    }
    Ok(all)
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
