//! The write side of a data directory: archive and catalog under one lock.

use std::{path::Path, sync::Arc};

use report::{Content, ReportId};

use crate::{
    archive::{Capture, PortalView},
    catalog::Catalog,
    lock::LockWait,
};

/// Finds what the portal file of an id says today; `None` when there is no such file (any more).
pub type PortalLookup = Arc<dyn Fn(&str) -> Option<PortalView> + Send + Sync>;

/// The write side of a data directory. There is one per directory at a time, in one process.
pub struct Store {
    catalog: Catalog,
}

/// One capture to be kept, and what was read out of it.
#[derive(Clone, Debug)]
pub struct Ingest {
    /// What was fetched or imported.
    pub capture: Capture,
    /// What it says; `None` when it is not a report.
    pub content: Option<Content>,
    /// The id that came with it.
    pub id: Option<ReportId>,
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
    /// SQLite failed.
    #[error("catalog failed")]
    Catalog(#[from] rusqlite::Error),
}

impl Store {
    /// Opens the data directory at `data_dir`, which is made when it is absent. `command` tells others who holds the
    /// lock.
    ///
    /// # Errors
    /// When another process holds the lock and waiting is not wanted, or the files cannot be opened.
    pub fn open(
        data_dir: &Path,
        portals: PortalLookup,
        wait: LockWait<'_>,
        command: &str,
    ) -> Result<Self, StoreError> {
        let _ = (data_dir, portals, wait, command);
        todo!("being written")
    }

    /// Archives the captures, then records them, their reports and `then` in one transaction. Durable on return.
    ///
    /// # Errors
    /// Nothing of the batch is kept then.
    pub fn ingest(
        &mut self,
        batch: Vec<Ingest>,
        then: impl FnOnce(&rusqlite::Transaction<'_>) -> rusqlite::Result<()>,
    ) -> Result<Vec<Ingested>, StoreError> {
        let _ = (batch, then);
        todo!("being written")
    }

    /// The catalog, as of the last [`ingest`](Self::ingest).
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }
}
