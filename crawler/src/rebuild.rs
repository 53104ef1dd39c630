//! Deriving the catalog anew from the archive, with the extractor and the portal files of today.
//!
//! The captures are read again in the order in which they were archived, by the rules of an ingest, into a catalog of
//! its own beside the one in use. When all is read, [`Rebuilt`] hands over every report for a new index, and
//! [`Rebuilt::commit`] puts the new rows in the place of the old ones in one transaction.

use std::{
    collections::HashMap,
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use rayon::prelude::*;
use rusqlite::TransactionBehavior;

use crate::{
    archive::{Archive, Capture, CaptureKind, FileRef, Found, Location, Position, Scan},
    catalog::{self, CONTENT_TABLES, Catalog, CatalogError, Recorded},
    profiles::{self, Archived, InForce},
    reading::{
        Readers, Reading,
        files::{FileFacts, Files, read_file},
        read_alone, with_files,
    },
    store::{Ingest, Recordable, Store, StoreError},
};

/// Captures that are read together, and their bytes.
const BATCH: usize = 256;
const BATCH_BYTES: usize = 16 << 20;

/// How far a rebuild has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RebuildProgress {
    /// Bytes of the archive that were read.
    pub bytes_done: u64,
    /// Bytes of the archive.
    pub bytes_total: u64,
    /// Captures that hold a report.
    pub captures: u64,
}

/// What a rebuild came across.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RebuildSummary {
    /// Reports there are now.
    pub reports: u64,
    /// Captures that hold a report.
    pub captures: u64,
    /// Captures without one: lists, answers that are errors …
    pub others: u64,
    /// Places of the archive that cannot be read.
    pub damaged: Vec<Location>,
}

/// A rebuild failed or was ended; the catalog is as it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RebuildError {
    /// `go_on` said no.
    #[error("the rebuild was stopped; everything is as it was before")]
    Cancelled,
    /// A left-over of an earlier rebuild cannot be removed.
    #[error("failed to remove {}", path.display())]
    Leftover {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// The archive or the catalog failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<CatalogError> for RebuildError {
    fn from(error: CatalogError) -> Self {
        Self::Store(error.into())
    }
}

impl From<rusqlite::Error> for RebuildError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

/// Everything that the archive says, read anew, and not yet in force.
pub struct Rebuilt<'a> {
    store: &'a mut Store,
    fresh: Fresh,
    end: Position,
    /// What was found.
    pub summary: RebuildSummary,
    /// The number of the last news for the index that these reports include: what the new index has to say it is at.
    pub watermark: u64,
}

/// Reads the whole archive again. `go_on` hears of the progress and ends the rebuild with `false`.
///
/// # Errors
/// When the archive or the catalog cannot be read, or `go_on` ends it. The catalog is as before then.
pub fn rebuild<'a>(
    store: &'a mut Store,
    go_on: &mut dyn FnMut(RebuildProgress) -> bool,
) -> Result<Rebuilt<'a>, RebuildError> {
    let mut fresh = Fresh::open(store.data_dir())?;
    let archive = store.archive();
    let scan = archive.scan(Position::default()).map_err(StoreError::from)?;
    let (mut summary, finished) = replay(&archive, scan, store.readers(), &mut fresh.catalog, go_on)?;
    if !finished {
        return Err(RebuildError::Cancelled);
    }
    keep_statuses(&fresh.catalog, store.catalog())?;
    summary.reports = fresh.catalog.count()?;
    let watermark = store.catalog().outbox_end()? + 1;
    Ok(Rebuilt {
        end: store.archive_end(),
        store,
        fresh,
        summary,
        watermark,
    })
}

impl Rebuilt<'_> {
    /// Hands over every version of every report as they will stand, by id and number.
    ///
    /// # Errors
    /// The first error of `take`, or when the catalog cannot be read.
    pub fn for_each_version<E: From<CatalogError>>(
        &self,
        take: impl FnMut(Recorded) -> Result<(), E>,
    ) -> Result<(), E> {
        self.fresh.catalog.for_each_version(take)
    }

    /// Puts the new rows in force, in one transaction. The new index must be published before: the news that wait
    /// for an index are dropped, since it has them.
    ///
    /// # Errors
    /// When SQLite fails; all is as before then.
    pub fn commit(self) -> Result<RebuildSummary, RebuildError> {
        let Self {
            store,
            fresh,
            end,
            summary,
            ..
        } = self;
        let db = store.catalog_mut().connection_mut();
        db.execute("ATTACH ?1 AS fresh", [fresh.path.to_string_lossy()])?;
        let replaced = (|| {
            let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            for table in CONTENT_TABLES {
                transaction.execute_batch(&format!(
                    "DELETE FROM main.{table}; INSERT INTO main.{table} SELECT * FROM fresh.{table};"
                ))?;
            }
            transaction.execute("DELETE FROM main.outbox", [])?;
            catalog::skip_outbox_number(&transaction)?;
            catalog::set_archive_end(&transaction, end)?;
            transaction.commit()
        })();
        let detached = db.execute("DETACH fresh", []);
        replaced?;
        detached?;
        Ok(summary)
    }
}

/// Reads captures again and records them. Answers whether it came to the end.
///
/// The catalog remembers after each batch how far it came, so that what is done is done.
pub(crate) fn replay(
    archive: &Archive,
    mut scan: Scan,
    readers: &Readers,
    catalog: &mut Catalog,
    go_on: &mut dyn FnMut(RebuildProgress) -> bool,
) -> Result<(RebuildSummary, bool), StoreError> {
    let mut summary = RebuildSummary::default();
    loop {
        let mut batch = Vec::new();
        let mut n_bytes = 0;
        let mut profile = None;
        let mut in_force = InForce::new(catalog.connection());
        while batch.len() < BATCH && n_bytes < BATCH_BYTES {
            match scan.next().transpose()? {
                None => break,
                Some(Found::Capture(mut capture, location)) => {
                    n_bytes += capture.body.len();
                    in_force.give(&mut capture)?;
                    profile = Archived::of(&capture).map(|profile| (profile, capture.portal.clone()));
                    batch.push((*capture, location));
                    // What stands behind it is read with it.
                    if profile.is_some() {
                        break;
                    }
                }
                Some(Found::Damaged(location)) => summary.damaged.push(location),
                // Never acknowledged: what it was part of came again, whole.
                Some(Found::Incomplete(_)) => (),
            }
        }
        let Some(&(_, last)) = batch.last() else {
            return Ok((summary, true));
        };
        let read = read_again(batch, readers, catalog)?;
        let transaction = catalog
            .connection_mut()
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        for (recordable, location) in &read {
            match recordable.is_report() {
                true => summary.captures += 1,
                false => summary.others += 1,
            }
            recordable.record(&transaction, || Ok(*location))?;
        }
        catalog::set_archive_end(&transaction, last.end())?;
        if let Some((profile, portal)) = profile {
            profile.record(&transaction, &portal)?;
        }
        transaction.commit()?;
        let (bytes_done, bytes_total) = scan.progress();
        let mut go_on = || {
            go_on(RebuildProgress {
                bytes_done,
                bytes_total,
                captures: summary.captures,
            })
        };
        if !profiles::reread(catalog, archive, readers, &mut go_on)? || !go_on() {
            return Ok((summary, false));
        }
    }
}

/// Reads the captures of a batch: first each by itself, then pages with their files, which stand before them.
fn read_again(
    batch: Vec<(Capture, Location)>,
    readers: &Readers,
    catalog: &Catalog,
) -> rusqlite::Result<Vec<(Recordable, Location)>> {
    let view = |capture: &Capture| (readers.portals)(&capture.portal);
    let alone: Vec<_> = batch
        .into_par_iter()
        .map(|(capture, location)| {
            let read = match capture.kind {
                CaptureKind::Attachment => Alone::File(Arc::new(read_file(&capture, &readers.files))),
                _ => match read_alone(&capture, view(&capture).as_ref(), &readers.files) {
                    Ok(reading) => Alone::Report(Box::new(reading)),
                    Err(error) => {
                        tracing::debug!(url = %capture.url, %error, "not a report");
                        Alone::Nothing
                    }
                },
            };
            (capture, read, location)
        })
        .collect();
    let mut here = HashMap::new();
    for (capture, read, _) in &alone {
        if let Alone::File(facts) = read {
            let address = catalog::address(&capture.url);
            here.insert((&capture.portal, address, &facts.version), Arc::clone(facts));
        }
    }
    let files_of = |capture: &Capture| -> rusqlite::Result<Files> {
        let facts = capture.files.iter().map(|FileRef { url, version }| {
            let address = catalog::address(url);
            let key = (&capture.portal, address, version);
            let facts = match here.get(&key) {
                Some(facts) => Some(Arc::clone(facts)),
                None => catalog::file(catalog.connection(), &capture.portal, &key.1, version)?.map(Arc::new),
            };
            Ok(facts.map(|facts| (url.clone(), facts)))
        });
        facts.filter_map(Result::transpose).collect()
    };
    let files: Vec<_> = alone
        .iter()
        .map(|(capture, ..)| files_of(capture))
        .collect::<Result<_, _>>()?;
    let whole = alone
        .into_par_iter()
        .zip(files)
        .map(|((capture, read, location), files)| {
            let ingest = match read {
                Alone::Nothing => Ingest::fetched(capture, None),
                Alone::File(facts) => Ingest::attachment(capture, FileFacts::clone(&facts)),
                Alone::Report(reading) => {
                    match with_files(&capture, view(&capture).as_ref(), *reading, &files) {
                        Ok(reading) => Ingest {
                            given: reading.given,
                            ..Ingest::fetched(capture, Some(reading.content))
                        },
                        Err(error) => {
                            tracing::debug!(url = %capture.url, %error, "not a report");
                            Ingest::fetched(capture, None)
                        }
                    }
                }
            };
            (Recordable::new(ingest), location)
        });
    Ok(whole.collect())
}

/// What a capture says by itself.
enum Alone {
    Nothing,
    File(Arc<FileFacts>),
    Report(Box<Reading>),
}

/// Takes over what visits found that left no capture (gone, shut out, not modified).
fn keep_statuses(fresh: &Catalog, old: &Catalog) -> Result<(), RebuildError> {
    let mut update = fresh.connection().prepare(
        "UPDATE reports SET status = ?2, removed_at = iif(?2 = 'removed', coalesce(?3, removed_at), NULL),
             checked_at = max(checked_at, coalesce(?4, 0))
         WHERE id = ?1",
    )?;
    let mut select = old
        .connection()
        .prepare("SELECT id, status, removed_at, checked_at FROM reports")?;
    let mut rows = select.query([])?;
    fresh.connection().execute_batch("BEGIN")?;
    while let Some(row) = rows.next()? {
        update.execute((
            row.get::<_, String>(0)?,
            row.get::<_, String>(1)?,
            row.get::<_, Option<i64>>(2)?,
            row.get::<_, Option<i64>>(3)?,
        ))?;
    }
    fresh.connection().execute_batch("COMMIT")?;
    Ok(())
}

/// A catalog beside the one in use, which goes when it is dropped.
struct Fresh {
    catalog: Catalog,
    path: PathBuf,
}

impl Fresh {
    fn open(data_dir: &Path) -> Result<Self, RebuildError> {
        let path = data_dir.join("catalog.fresh.db");
        remove(&path).map_err(|source| RebuildError::Leftover {
            path: path.clone(),
            source,
        })?;
        let catalog = Catalog::open_file(&path)?;
        // Losing this file costs nothing: it is only ever read by the process that wrote it.
        catalog.connection().pragma_update(None, "synchronous", "off")?;
        Ok(Self { catalog, path })
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        // What stays behind is removed by the next rebuild.
        if let Err(error) = remove(&self.path) {
            tracing::warn!(path = %self.path.display(), %error, "could not remove a catalog that is not needed");
        }
    }
}

/// Removes a catalog and what SQLite keeps beside it.
fn remove(path: &Path) -> io::Result<()> {
    for suffix in ["", "-wal", "-shm"] {
        let mut path = path.as_os_str().to_owned();
        path.push(suffix);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => (),
        }
    }
    Ok(())
}
