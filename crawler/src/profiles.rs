//! What recurs on the pages of a portal: when it is learned, where it is kept, and what is read again for it.
//!
//! A new [`Profile`] is archived like a capture, under the address `urn:gongbao:profile:<portal>`. From that place of
//! the archive on, the pages of the portal are read with it, and those that were read before are read again: their
//! versions keep their numbers. Whoever replays the archive and comes across it does the same there, so that a rebuild
//! ends where the crawls and imports ended.
//!
//! What was read again is written down report by report, so that a kill in between is taken up at the next opening.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use jiff::Timestamp;
use rayon::prelude::*;
use report::ChinaTime;
use rusqlite::{Connection, TransactionBehavior};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::{
    archive::{Archive, ArchiveError, Capture, CaptureBody, CaptureKind},
    catalog::{self, Catalog, Prepared, Recurrence, Reread},
    extract::{Hints, Profile, recurrence},
    import::IMPORT_PORTAL,
    reading::{Readers, Reading, read_alone, sketch_capture, with_files},
    store::{Ingest, Store, StoreError},
};

/// Newest reports of a portal that are asked for their host.
const CANDIDATES: u32 = 2000;

/// Most pages that are learned from: of one host, and in all. Reading them again costs as much as the first time, and
/// forty tell a line on three of ten pages from one on one of ten.
const MAX_PER_HOST: usize = 40;
const MAX_PAGES: usize = 400;

/// Reports that are read again together.
const BATCH: u32 = if cfg!(test) { 8 } else { 128 };

/// A profile as it is archived.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Archived {
    /// Counts from 1.
    version: u32,
    /// See [`Profile::lines`].
    lines: Vec<String>,
}

impl Archived {
    /// The profile in a capture, if it is one.
    pub(crate) fn of(capture: &Capture) -> Option<Self> {
        if capture.kind != CaptureKind::Profile {
            return None;
        }
        serde_json::from_slice(capture.body_bytes()).ok()
    }

    fn capture(&self, portal: &str, at: ChinaTime) -> Capture {
        Capture {
            url: format!("urn:gongbao:profile:{portal}"),
            portal: portal.to_owned(),
            at,
            recorded_at: None,
            kind: CaptureKind::Profile,
            body: CaptureBody::Resource {
                media_type: "application/json".to_owned(),
                bytes: serde_json::to_vec(self).expect("a profile has only text keys"),
            },
            truncated: None,
            hints: Hints::default(),
            genres: Vec::new(),
            via: None,
            files: Vec::new(),
        }
    }

    /// Puts it in force, as far as its lines may be part of a profile: an archive may come from elsewhere.
    pub(crate) fn record(&self, db: &Connection, portal: &str) -> rusqlite::Result<()> {
        let profile = Profile::new(self.lines.iter().cloned());
        catalog::set_profile(db, portal, self.version, &profile)
    }
}

impl Recurrence {
    /// Whether there are half as many pages again as when it was last learned from them.
    fn is_due(&self) -> bool {
        self.n_captures >= recurrence::MIN_PAGES as u64
            && self.n_captures >= self.n_learned.saturating_add(self.n_learned / 2)
            && self.n_captures > self.n_learned
    }
}

impl Store {
    /// Learns what recurs on the pages of a portal, if it has enough more of them than the last time. What is new is
    /// kept, and its reports are read again; answers whether they were. No page of the portal may be under way that
    /// was read before and is to be ingested after.
    ///
    /// With `go_on` saying no, the rest is read again when the store is next opened.
    ///
    /// # Errors
    /// When archive or catalog fail.
    pub fn learn(
        &mut self,
        portal: &str,
        now: Timestamp,
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<bool, StoreError> {
        let known = catalog::recurrence(self.catalog().connection(), portal)?;
        // What comes without a portal has no template.
        if portal == IMPORT_PORTAL || !known.is_due() {
            return Ok(false);
        }
        let Some((lines, at)) = learn(self, portal)? else {
            return Ok(false);
        };
        let profile = known.profile.grown(lines);
        if profile == *known.profile {
            catalog::note_learning(self.catalog().connection(), portal)?;
            return Ok(false);
        }
        let archived = Archived {
            version: known.version.saturating_add(1),
            lines: profile.lines().map(str::to_owned).collect(),
        };
        tracing::info!(
            portal.id = portal,
            version = archived.version,
            n_lines = archived.lines.len(),
            "portal {portal}: learned which lines recur on its pages; its reports are read again"
        );
        let capture = archived.capture(portal, at);
        self.ingest(vec![Ingest::fetched(capture, None)], now, |db| {
            archived.record(db, portal)
        })?;
        self.finish_rereading(go_on)?;
        Ok(true)
    }

    /// Reads again what is still to be read with a new profile.
    pub(crate) fn finish_rereading(&mut self, go_on: &mut dyn FnMut() -> bool) -> Result<bool, StoreError> {
        let (archive, readers) = (self.archive(), self.readers().clone());
        reread(self.catalog_mut(), &archive, &readers, go_on)
    }
}

/// Learns from the newest pages of each host that has enough. Gives the lines, and when the newest page was captured;
/// `None` when no host has enough.
fn learn(store: &Store, portal: &str) -> Result<Option<(BTreeSet<String>, ChinaTime)>, StoreError> {
    let mut hosts: HashMap<String, Vec<_>> = HashMap::new();
    for (url, location) in catalog::newest_captures(store.catalog().connection(), portal, CANDIDATES)? {
        let host = Url::parse(&url).ok();
        let host = host.as_ref().and_then(Url::host_str).unwrap_or_default();
        let pages = hosts.entry(host.to_owned()).or_default();
        if pages.len() < MAX_PER_HOST {
            pages.push(location);
        }
    }
    let mut hosts: Vec<_> = hosts
        .into_iter()
        .filter(|(_, pages)| pages.len() >= recurrence::MIN_PAGES)
        .collect();
    // The hosts with the most pages first.
    hosts.sort_unstable_by(|(a, a_pages), (b, b_pages)| {
        b_pages.len().cmp(&a_pages.len()).then_with(|| a.cmp(b))
    });
    let (archive, view) = (store.archive(), (store.readers().portals)(portal));
    let (mut lines, mut times) = (BTreeSet::new(), Vec::new());
    let mut n_pages = 0;
    for (_, pages) in hosts {
        n_pages += pages.len();
        if n_pages > MAX_PAGES {
            break;
        }
        let read = pages
            .into_par_iter()
            .map(|location| match archive.read(&location) {
                Ok(capture) => Ok(sketch_capture(&capture, view.as_ref()).map(|sketch| (sketch, capture.at))),
                Err(ArchiveError::Damaged { .. }) => Ok(None),
                Err(error) => Err(error),
            });
        let read: Vec<_> = read.collect::<Result<_, _>>()?;
        let (sketches, at): (Vec<_>, Vec<_>) = read.into_iter().flatten().unzip();
        lines.extend(recurrence::learn(&sketches));
        times.extend(at);
    }
    let newest = times.into_iter().max_by_key(|at: &ChinaTime| at.timestamp());
    Ok(newest.map(|at| (lines, at)))
}

/// Reads again whatever a new profile may change. Answers whether it came to the end.
pub(crate) fn reread(
    catalog: &mut Catalog,
    archive: &Archive,
    readers: &Readers,
    go_on: &mut dyn FnMut() -> bool,
) -> Result<bool, StoreError> {
    while let Some((portal, after)) = catalog::unfinished(catalog.connection())? {
        let db = catalog.connection();
        let profile = catalog::recurrence(db, &portal)?.profile;
        let versions = catalog::versions_after(db, &portal, &after, BATCH)?;
        let last = versions.last().map(|version| version.id.clone());
        let view = (readers.portals)(&portal);
        let read = |version: Reread| -> Result<_, ArchiveError> {
            let Reread {
                id,
                version,
                content,
                location,
            } = version;
            if !profile.touches(content.title.as_deref(), &content.text) {
                return Ok(None);
            }
            let mut capture = match archive.read(&location) {
                Ok(capture) => capture,
                Err(ArchiveError::Damaged { .. }) => return Ok(None),
                Err(error) => return Err(error),
            };
            capture.hints.profile = Some(profile.clone());
            // What is no report any more without those lines stays as it was.
            let reading = read_alone(&capture, view.as_ref(), &readers.files).ok();
            Ok(reading.map(|reading| (id, version, capture, reading)))
        };
        let alone: Vec<_> = versions.into_par_iter().map(read).collect::<Result<_, _>>()?;
        let alone = alone.into_iter().flatten();
        let files = |(id, version, capture, reading): (_, _, Capture, Reading)| -> rusqlite::Result<_> {
            let files = catalog::files(db, &portal, &capture.files)?;
            Ok((id, version, capture, reading, files))
        };
        let whole: Vec<_> = alone.map(files).collect::<Result<_, _>>()?;
        let read: Vec<_> = whole
            .into_par_iter()
            .filter_map(|(id, version, capture, reading, files)| {
                let reading = with_files(&capture, view.as_ref(), reading, &files).ok()?;
                Some((id, version, Prepared::new(&reading.content)))
            })
            .collect();
        let transaction = catalog
            .connection_mut()
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        for (id, version, content) in read {
            catalog::replace_content(&transaction, &id, version, &content)?;
        }
        catalog::set_reread(&transaction, &portal, last.as_ref().map(|id| id.as_str()))?;
        transaction.commit()?;
        if !go_on() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Gives pages the profiles that are in force for their portals, each looked up once.
pub(crate) struct InForce<'a> {
    db: &'a Connection,
    known: HashMap<String, Option<Arc<Profile>>>,
}

impl<'a> InForce<'a> {
    pub(crate) fn new(db: &'a Connection) -> Self {
        let known = HashMap::new();
        Self { db, known }
    }

    /// Has the capture read with the profile of its portal.
    pub(crate) fn give(&mut self, capture: &mut Capture) -> rusqlite::Result<()> {
        let profile = match self.known.get(&capture.portal) {
            Some(profile) => profile.clone(),
            None => {
                let profile = catalog::profile(self.db, &capture.portal)?;
                self.known.insert(capture.portal.clone(), profile.clone());
                profile
            }
        };
        capture.hints.profile = profile;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
