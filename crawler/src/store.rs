//! The write side of a data directory: archive and catalog under one lock.
//!
//! What is archived comes first and is durable before the catalog speaks of it. The catalog remembers how far it
//! reflects the archive; what a kill left between the two is read again when the store is next opened, so that both
//! always agree and nothing that was fetched is lost.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use jiff::Timestamp;
use rayon::prelude::*;
use report::{ChinaMoment, ChinaTime, Content, ReportId, Status};
use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::{
    archive::{
        Archive, ArchiveError, ArchiveWriter, Capture, CaptureKind, Location, MAX_FILE_BYTES, PortalView,
        Position, unfit,
    },
    catalog::{self, Catalog, CatalogError, Entry, Fate, Prepared, PreparedFile},
    frontier,
    lock::{Lock, LockError, LockWait},
    reading::{Readers, files::FileFacts},
    rebuild,
    retention::Ages,
    space::{DiskFull, MinFree},
};

/// Finds what the portal file of an id says today; `None` when there is no such file (any more).
pub type PortalLookup = Arc<dyn Fn(&str) -> Option<PortalView> + Send + Sync>;

/// Captures from which on a batch is prepared by many threads.
const MANY: usize = 8;

/// The write side of a data directory. There is one per directory at a time, in one process.
pub struct Store {
    data_dir: PathBuf,
    catalog: Catalog,
    writer: ArchiveWriter,
    readers: Readers,
    min_free: MinFree,
    // Last, so that it is given up after all else is closed.
    _lock: Lock,
}

/// One capture to be kept, and what was read out of it.
#[derive(Clone, Debug)]
pub struct Ingest {
    /// What was fetched or imported.
    pub capture: Capture,
    /// What it says; `None` when it is not a report.
    pub content: Option<Content>,
    /// What came with it and wins over what the store would say.
    pub given: Given,
    /// Leave it out of the archive when the last capture of this address has the same bytes (imports).
    pub skip_unchanged: bool,
    /// What it says, of a capture of a file.
    pub(crate) file: Option<FileFacts>,
}

impl Ingest {
    /// Something fetched, which is always archived.
    pub fn fetched(capture: Capture, content: Option<Content>) -> Self {
        Self {
            capture,
            content,
            given: Given::default(),
            skip_unchanged: false,
            file: None,
        }
    }

    /// A file that belongs to a report. It is archived when no capture of its address says the same.
    pub(crate) fn attachment(capture: Capture, file: FileFacts) -> Self {
        Self {
            file: Some(file),
            ..Self::fetched(capture, None)
        }
    }
}

/// What an imported line says about its identity.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Given {
    /// The id to keep.
    pub id: Option<ReportId>,
    /// Further addresses.
    pub urls: Vec<String>,
    /// What the last visit found.
    pub status: Option<Status>,
    /// When the snapshot was fetched.
    pub retrieved_at: Option<ChinaTime>,
}

/// What became of an [`Ingest`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ingested {
    /// Archived; nothing to show.
    NotAReport,
    /// A report at an address that had none.
    New(ReportId),
    /// Another title or text than at the last visit: this is the new version.
    Changed(ReportId, u32),
    /// Title and text as before, other particulars (year, region …) were replaced; no new version.
    Updated(ReportId),
    /// As at the last visit. An unchanged import is not archived again.
    Unchanged(ReportId),
    /// Not taken, and not archived.
    Refused {
        /// Why, with what to do about it.
        reason: String,
    },
}

/// A data directory could not be opened or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Another process writes.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The folder cannot be made.
    #[error("failed to make the data directory {}", path.display())]
    DataDir {
        /// The folder.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// The archive cannot be read or written.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The catalog cannot be read or written.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// What is to be written would leave too little room on the disk.
    #[error(transparent)]
    DiskFull(#[from] DiskFull),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Catalog(error.into())
    }
}

impl Store {
    /// Opens the data directory at `data_dir`, which is made when it is absent. `command` tells others who holds the
    /// lock.
    ///
    /// Mends the tail of the archive and brings the catalog up to its end, when a kill came between the two.
    ///
    /// # Errors
    /// When another process holds the lock and waiting is not wanted, or the files cannot be opened.
    pub fn open(
        data_dir: &Path,
        readers: impl Into<Readers>,
        wait: LockWait<'_>,
        command: &str,
    ) -> Result<Self, StoreError> {
        let mut store = Self::open_with(data_dir, readers, wait, command, true, MAX_FILE_BYTES)?;
        store.finish_rereading(&mut || true)?;
        store.catch_up()?;
        Ok(store)
    }

    /// Opens the data directory for a rebuild and nothing else: what the catalog says of the archive is not asked, and
    /// what it does not know of it is left to the rebuild. A catalog that is damaged is put aside.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_for_rebuild(
        data_dir: &Path,
        readers: impl Into<Readers>,
        wait: LockWait<'_>,
        command: &str,
    ) -> Result<Self, StoreError> {
        Self::open_with(data_dir, readers, wait, command, false, MAX_FILE_BYTES)
    }

    pub(crate) fn open_with(
        data_dir: &Path,
        readers: impl Into<Readers>,
        wait: LockWait<'_>,
        command: &str,
        trust_catalog: bool,
        max_file_bytes: u64,
    ) -> Result<Self, StoreError> {
        fs::create_dir_all(data_dir).map_err(|source| StoreError::DataDir {
            path: data_dir.to_owned(),
            source,
        })?;
        let lock = Lock::acquire(data_dir, wait, command)?;
        let catalog = match trust_catalog {
            true => Catalog::open(data_dir)?,
            false => Catalog::open_or_put_aside(data_dir)?,
        };
        // What the catalog acknowledges is never cut off, however damaged.
        let known = catalog.archive_end()?;
        let writer = match ArchiveWriter::open(data_dir, known, max_file_bytes) {
            Err(ArchiveError::Shorter { .. }) if !trust_catalog => {
                ArchiveWriter::open(data_dir, Position::default(), max_file_bytes)?
            }
            opened => opened?,
        };
        Ok(Self {
            data_dir: data_dir.to_owned(),
            catalog,
            writer,
            readers: readers.into(),
            min_free: MinFree::NONE,
            _lock: lock,
        })
    }

    /// Archives the captures, then records them, their reports and `then` in one transaction. Durable on return. What
    /// is new is recorded as of `now`, or a moment later than what was recorded last; that is archived with it, so that a rebuild says the same.
    ///
    /// # Errors
    /// Nothing of the batch is recorded then, and the store can be used on.
    pub fn ingest(
        &mut self,
        mut batch: Vec<Ingest>,
        now: Timestamp,
        then: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<()>,
    ) -> Result<Vec<Ingested>, StoreError> {
        if let Some(first) = batch.first() {
            self.writer.begin(first.capture.at)?;
        }
        let recorded_at = self.next_moment(now)?;
        for ingest in &mut batch {
            ingest.capture.recorded_at = Some(recorded_at);
        }
        let end = self.writer.end();
        let prepare = |(index, ingest): (usize, Ingest)| {
            let digest = ingest.capture.body.digest();
            let records = ArchiveWriter::encode(end, index, &ingest.capture, digest);
            (records, Recordable::with_digest(ingest, digest))
        };
        let prepared: Vec<_> = match batch.len() {
            // Waking other threads and waiting for them takes as long as some pages do.
            n if n < MANY => batch.into_iter().enumerate().map(prepare).collect(),
            _ => batch.into_par_iter().enumerate().map(prepare).collect(),
        };

        let transaction = self
            .catalog
            .connection_mut()
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let written = write(&transaction, &mut self.writer, &prepared).and_then(|ingested| {
            then(&transaction)?;
            if !prepared.is_empty() {
                self.writer.sync()?;
            }
            catalog::set_archive_end(&transaction, self.writer.end())?;
            Ok(ingested)
        });
        match written {
            Ok(ingested) => {
                // When this fails, the records stay: whether SQLite kept the rows that point to them is not known.
                transaction.commit()?;
                Ok(ingested)
            }
            Err(error) => {
                self.writer.roll_back();
                Err(error)
            }
        }
    }

    /// The moment at which something is recorded: `now`, or as soon after the last as can be told apart. Clocks are set back,
    /// but what was recorded by a moment must never change, since answers are given as of it.
    fn next_moment(&self, now: Timestamp) -> Result<ChinaMoment, StoreError> {
        let last = catalog::last_recorded(self.catalog.connection())?;
        let least = last.and_then(|last| Timestamp::from_millisecond(last.saturating_add(1)).ok());
        Ok(least.map_or(now, |least| least.max(now)).into())
    }

    /// Records what the archive holds and the catalog does not know.
    fn catch_up(&mut self) -> Result<(), StoreError> {
        let from = self.catalog.archive_end()?;
        if from == self.writer.end() {
            return Ok(());
        }
        let archive = self.archive();
        let scan = archive.scan(from)?;
        if from == Position::default() {
            // The catalog was lost. Its index may still be there, and must not take new numbers for those it has seen.
            catalog::begin_outbox_after(self.catalog.connection(), scan.progress().1)?;
        }
        tracing::info!(
            n_bytes = scan.progress().1,
            "reading what the catalog does not know of the archive yet"
        );
        let (summary, _) = rebuild::replay(&archive, scan, &self.readers, &mut self.catalog, &mut |_| true)?;
        for at in summary.damaged {
            tracing::error!(
                file = at.file,
                offset = at.offset,
                length = at.length,
                "the archive is damaged here"
            );
        }
        catalog::set_archive_end(self.catalog.connection(), self.writer.end())?;
        Ok(())
    }

    /// The catalog, as of the last [`ingest`](Self::ingest).
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// The read side of the archive.
    pub fn archive(&self) -> Archive {
        Archive::open(&self.data_dir)
    }

    /// The folder of it all.
    pub fn data_dir(&self) -> &Path {
        &self.data_dir
    }

    /// Forgets crawls that ended longer ago than they are kept for (see [`Ages`]), with what is noted of them; the last
    /// twelve of each portal, its last that was well and those that alarms rest on are kept. Gives how many were forgotten.
    ///
    /// # Errors
    /// When the catalog cannot be written; then none is.
    pub fn forget_runs(&mut self, ages: Ages) -> Result<u64, StoreError> {
        let transaction = self
            .catalog
            .connection_mut()
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let n = frontier::forget_runs(&transaction, ages)?;
        transaction.commit()?;
        Ok(n as u64)
    }

    /// Has imports and crawls leave this much room on the disk; from the beginning, they leave none.
    pub fn set_min_free(&mut self, min_free: MinFree) {
        self.min_free = min_free;
    }

    /// How much room is left.
    pub(crate) fn min_free(&self) -> MinFree {
        self.min_free
    }

    /// How captures are read.
    pub fn readers(&self) -> &Readers {
        &self.readers
    }

    pub(crate) fn catalog_mut(&mut self) -> &mut Catalog {
        &mut self.catalog
    }

    pub(crate) fn archive_end(&self) -> Position {
        self.writer.end()
    }
}

/// An ingest in the form in which it is recorded.
pub(crate) struct Recordable {
    portal: String,
    url: String,
    address: String,
    at: ChinaTime,
    recorded_at: ChinaMoment,
    digest: [u8; 20],
    content: Option<Prepared>,
    file: Option<PreparedFile>,
    given: Given,
    skip_unchanged: bool,
    is_page: bool,
    is_linked: bool,
    unfit: Option<&'static str>,
}

impl Recordable {
    pub(crate) fn new(ingest: Ingest) -> Self {
        let digest = ingest.capture.body.digest();
        Self::with_digest(ingest, digest)
    }

    /// Of an ingest whose body has this digest.
    fn with_digest(ingest: Ingest, digest: [u8; 20]) -> Self {
        let Ingest {
            capture,
            content,
            given,
            skip_unchanged,
            file,
        } = ingest;
        Self {
            is_page: capture.kind == CaptureKind::Page,
            is_linked: capture.kind == CaptureKind::Page && capture.via.is_some(),
            unfit: unfit(&capture),
            address: catalog::address(&capture.url),
            at: capture.at,
            recorded_at: capture.recorded_at.unwrap_or(capture.at.into()),
            digest,
            content: content.as_ref().map(Prepared::new),
            file: file.map(PreparedFile::new),
            portal: capture.portal,
            url: capture.url,
            given,
            skip_unchanged,
        }
    }

    /// Whether there is a report in it.
    pub(crate) fn is_report(&self) -> bool {
        self.content.is_some()
    }

    /// Records it. `archive` gives its place in the archive, once it is clear that it has one.
    pub(crate) fn record(
        &self,
        db: &Connection,
        archive: impl FnOnce() -> Result<Location, ArchiveError>,
    ) -> Result<Ingested, StoreError> {
        if let Some(reason) = self.unfit {
            return Ok(Ingested::Refused {
                reason: reason.to_owned(),
            });
        }
        if let Some(file) = &self.file {
            return self.record_file(db, file, archive);
        }
        let Some(content) = &self.content else {
            archive()?;
            catalog::see_portal(db, &self.portal, self.at)?;
            return Ok(Ingested::NotAReport);
        };
        let entry = Entry {
            portal: &self.portal,
            url: &self.url,
            address: &self.address,
            at: self.at,
            recorded_at: self.recorded_at,
            digest: self.digest,
            given: &self.given,
            is_linked: self.is_linked,
        };
        let fate = catalog::decide(db, &entry, content)?;
        match &fate {
            Fate::Refused(reason) => {
                return Ok(Ingested::Refused {
                    reason: reason.clone(),
                });
            }
            Fate::Visit(standing) if self.skip_unchanged && standing.digest == self.digest => {
                return Ok(Ingested::Unchanged(standing.id.clone()));
            }
            _ => (),
        }
        let location = archive()?;
        catalog::see_portal(db, &self.portal, self.at)?;
        if self.is_page {
            catalog::count_page(db, &self.portal)?;
        }
        Ok(catalog::record(db, &entry, fate, content, location)?)
    }

    fn record_file(
        &self,
        db: &Connection,
        file: &PreparedFile,
        archive: impl FnOnce() -> Result<Location, ArchiveError>,
    ) -> Result<Ingested, StoreError> {
        if !catalog::has_file(db, &self.portal, &self.address, file.version())? {
            let location = archive()?;
            let names = (&*self.portal, &*self.address, &*self.url);
            catalog::add_file(db, names, self.at, file, location)?;
            catalog::see_portal(db, &self.portal, self.at)?;
        }
        Ok(Ingested::NotAReport)
    }
}

fn write(
    db: &Connection,
    writer: &mut ArchiveWriter,
    prepared: &[(Vec<u8>, Recordable)],
) -> Result<Vec<Ingested>, StoreError> {
    let record =
        |(records, recordable): &(Vec<u8>, Recordable)| recordable.record(db, || writer.append(records));
    prepared.iter().map(record).collect()
}

#[cfg(test)]
pub(crate) mod tests;
