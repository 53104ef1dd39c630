//! The catalog: what is known of portals, addresses, reports and their versions, in SQLite.
//!
//! All it says about content follows from the archive and can be derived again. Readers see the state of the last
//! commit and never wait for the one writer.

mod attachments;
mod cells;
mod check;
mod copy;
mod coverage;
mod histories;
mod profile;
mod read;
mod record;
mod scan;
mod schema;
mod status;

use std::{
    ffi::{OsStr, OsString},
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, ErrorCode, OpenFlags, config::DbConfig};

pub(crate) use self::attachments::{PreparedFile, add_file, file, files, has_file, last_file};
pub(crate) use self::coverage::last_complete_run;
pub(crate) use self::histories::older::{note_verdict, to_be_kept};
pub(crate) use self::profile::{
    Recurrence, Reread, count_page, newest_captures, note_learning, profile, recurrence, replace_content,
    set_profile, set_reread, unfinished, versions_after,
};
pub(crate) use self::record::{
    Entry, Fate, Prepared, address, begin_outbox_after, decide, last_recorded, record, see_portal,
    set_archive_end, skip_outbox_number, standing, was_captured,
};
pub(crate) use self::schema::CONTENT_TABLES;
pub use self::{
    copy::CatalogCopy,
    coverage::{Cell, CellState, CoverageQuery, Ledger, PortalScope},
    read::{Op, PortalFigures, Recorded, VersionInfo},
    status::{block_portal, mark, unblock_portal},
};

/// Name of the file in a data directory.
pub(crate) const FILE: &str = "catalog.db";

/// What every connection is set to.
fn configure(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    // More than there are.
    connection.set_prepared_statement_cache_capacity(256);
    // Without this, each new value for a `LIMIT` has SQLite plan the statement anew.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

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
    /// The file is not what SQLite wrote.
    #[error("{} is damaged; `index rebuild` puts it aside and derives another from the archive", path.display())]
    Damaged {
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
    /// What was copied does not hold together.
    #[error(
        "the catalog is damaged ({0}); `index verify` tells more, `index rebuild` derives another from the archive"
    )]
    Unsound(String),
    /// A copy could not be made durable.
    #[error("failed to write {}", path.display())]
    Unsynced {
        /// The copy.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// A damaged file cannot be put aside.
    #[error("failed to put the damaged {} aside", path.display())]
    Unmoved {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
}

impl CatalogError {
    fn opening(path: &Path, source: rusqlite::Error) -> Self {
        let path = path.to_owned();
        if is_damage(&source) {
            Self::Damaged { path, source }
        } else {
            Self::Open { path, source }
        }
    }
}

fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt)
    )
}

impl Catalog {
    /// Opens the catalog of a data directory, and makes an empty one where there is none.
    ///
    /// # Errors
    /// When the file cannot be opened, or is of a newer format.
    pub fn open(data_dir: &Path) -> Result<Self, CatalogError> {
        Self::open_file(&data_dir.join(FILE))
    }

    /// Where the catalog of a data directory is.
    pub fn path(data_dir: &Path) -> PathBuf {
        data_dir.join(FILE)
    }

    /// Opens the catalog of a data directory for reading alone: beside any writer, without waiting for it.
    ///
    /// A catalog of an older program is first brought to the format of this one, like by [`open`](Self::open).
    ///
    /// # Errors
    /// When there is no catalog, when it cannot be opened, or is of a newer format.
    pub fn open_to_read(data_dir: &Path) -> Result<Self, CatalogError> {
        let path = data_dir.join(FILE);
        let failed = |source: rusqlite::Error| CatalogError::opening(&path, source);
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let open = || {
            let connection = Connection::open_with_flags(&path, flags)?;
            configure(&connection).map(|()| connection)
        };
        let mut connection = open().map_err(failed)?;
        if !schema::is_current(&connection, &path)? {
            drop(connection);
            drop(Self::open_file(&path)?);
            connection = open().map_err(failed)?;
        }
        Ok(Self { connection })
    }

    pub(crate) fn open_file(path: &Path) -> Result<Self, CatalogError> {
        let failed = |source: rusqlite::Error| CatalogError::opening(path, source);
        // The secrets of webhooks are in it. Where it cannot be made, opening says why.
        let _ = crate::private::make_private(path);
        let mut connection = Connection::open(path).map_err(failed)?;
        configure(&connection).map_err(failed)?;
        connection
            .pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))
            .map_err(failed)?;
        connection
            .pragma_update(None, "synchronous", "full")
            .map_err(failed)?;
        // Ids are hashes, so inserts touch pages everywhere; 64 MiB hold the index pages of a million reports.
        connection
            .pragma_update(None, "cache_size", -65_536)
            .map_err(failed)?;
        schema::prepare(&mut connection, path)?;
        Ok(Self { connection })
    }

    /// Opens the catalog for a rebuild: one that is damaged is put aside, since all it says of the archive comes again.
    /// Other tables of its file do not; so it is kept, under another name.
    pub(crate) fn open_or_put_aside(data_dir: &Path) -> Result<Self, CatalogError> {
        let opened = Self::open(data_dir);
        match &opened {
            Ok(catalog) if catalog.is_sound()? => return opened,
            Ok(_) | Err(CatalogError::Damaged { .. }) => (),
            Err(_) => return opened,
        }
        drop(opened);
        let path = data_dir.join(FILE);
        let unmoved = |source| CatalogError::Unmoved {
            path: path.clone(),
            source,
        };
        let free = |n: &u32| !data_dir.join(format!("catalog.damaged-{n}.db")).exists();
        let aside = (1..)
            .find(free)
            .map(|n| data_dir.join(format!("catalog.damaged-{n}.db")))
            .unwrap_or_default();
        for suffix in ["-wal", "-shm", ""] {
            let with = |path: &Path| {
                PathBuf::from(
                    [path.as_os_str(), OsStr::new(suffix)]
                        .into_iter()
                        .collect::<OsString>(),
                )
            };
            match fs::rename(with(&path), with(&aside)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(unmoved(error)),
                _ => (),
            }
        }
        tracing::warn!(
            aside = %aside.display(),
            "the catalog is damaged and was put aside; keys, alerts and what the crawl remembered are only there"
        );
        Self::open(data_dir)
    }

    fn is_sound(&self) -> Result<bool, CatalogError> {
        let check = self
            .connection
            .query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0));
        match check {
            Ok(answer) => Ok(answer == "ok"),
            Err(error) if is_damage(&error) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// The connection, for tables that others keep in the same file.
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    pub(crate) fn connection_mut(&mut self) -> &mut Connection {
        &mut self.connection
    }
}
