//! The catalog: what is known of portals, addresses, reports and their versions, in SQLite.
//!
//! All it says about content follows from the archive and can be derived again. Readers see the state of the last
//! commit and never wait for the one writer.

mod read;
mod record;
mod schema;
mod status;

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::Connection;

pub(crate) use self::record::{
    Entry, Fate, Prepared, address, decide, record, see_portal, set_archive_end, standing, was_captured,
};
pub(crate) use self::schema::CONTENT_TABLES;
pub use self::{
    read::{Op, PortalFigures, VersionInfo},
    status::{block_portal, mark, unblock_portal},
};

/// Name of the file in a data directory.
const FILE: &str = "catalog.db";

/// How long a writer of other tables (keys, alerts) is waited for.
const BUSY_TIMEOUT: Duration = Duration::from_secs(30);

/// The catalog of a data directory.
#[derive(Debug)]
pub struct Catalog {
    connection: Connection,
}

/// The catalog could not be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CatalogError {
    /// SQLite failed.
    #[error("the catalog failed")]
    Sqlite(#[from] rusqlite::Error),
    /// The file cannot be opened.
    #[error("failed to open {}", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: rusqlite::Error,
    },
    /// The file was written by a later version of the program.
    #[error(
        "{} has format {found}, this program knows formats up to {known}; use the newer program that wrote it",
        path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Format of the file.
        found: i64,
        /// Newest format of this program.
        known: i64,
    },
}

impl Catalog {
    /// Opens the catalog of a data directory, and makes an empty one where there is none.
    ///
    /// # Errors
    /// When the file cannot be opened, or is of a newer format.
    pub fn open(data_dir: &Path) -> Result<Self, CatalogError> {
        Self::open_file(&data_dir.join(FILE))
    }

    pub(crate) fn open_file(path: &Path) -> Result<Self, CatalogError> {
        let opened = |source| CatalogError::Open {
            path: path.to_owned(),
            source,
        };
        let mut connection = Connection::open(path).map_err(opened)?;
        connection.busy_timeout(BUSY_TIMEOUT).map_err(opened)?;
        connection.set_prepared_statement_cache_capacity(64);
        connection
            .pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))
            .map_err(opened)?;
        connection
            .pragma_update(None, "synchronous", "full")
            .map_err(opened)?;
        // Ids are hashes, so inserts touch pages everywhere; 64 MiB hold the index pages of a million reports.
        connection
            .pragma_update(None, "cache_size", -65_536)
            .map_err(opened)?;
        schema::prepare(&mut connection, path)?;
        Ok(Self { connection })
    }

    /// The connection, for tables that others keep in the same file.
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    pub(crate) fn connection_mut(&mut self) -> &mut Connection {
        &mut self.connection
    }
}
