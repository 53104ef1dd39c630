//! What the service itself keeps: keys, jobs, alerts, and what was done about schedules.
//!
//! The tables stand in `catalog.db` beside those of the crawl, so that one file is all there is to copy. They are not
//! the writer's: no lock is taken, each change is one short transaction, and a key can be made or a job be asked for while
//! a crawl writes. Nothing in them can be derived from the archive, and a rebuild of the index leaves them alone.
//!
//! Moments come in as arguments and are kept as milliseconds since 1970.

mod alerts;
mod check;
mod entries;
mod jobs;
mod keys;
mod lease;
mod letters;
mod schedules;
mod schema;

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use crawler::make_private;
use jiff::Timestamp;
use rusqlite::{Connection, Transaction, TransactionBehavior};

pub use self::{
    alerts::{Alert, MAX_ALERTS_OF_KEY, NewAlert, Watched, Webhook},
    entries::{Entry, EntryKind, LeftOut, Looked, MAX_ENTRIES, MAX_WAITING, Noted},
    jobs::{Added, Asked, Job, JobFilter, JobSource, JobState, Progress},
    keys::{Key, KeyState, NewKey, Scope},
    lease::Lease,
    letters::{AlertLetter, Carried, LetterDraft, MAX_IN_LETTER},
};
pub(crate) use self::{check::altered_rows, letters::LONGEST_WAIT};

/// Name of the file in a data directory.
const FILE: &str = "catalog.db";

/// How long a transaction of the crawl is waited for: less than a request may take.
const BUSY_TIMEOUT: Duration = Duration::from_secs(8);

/// The service's own tables of a data directory, for many threads.
#[derive(Clone, Debug)]
pub struct Operations {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    data_dir: PathBuf,
    /// Two connections, so that nobody who reads waits for one who waits for the crawl.
    reader: Mutex<Connection>,
    writer: Mutex<Connection>,
}

/// The tables could not be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OperationsError {
    /// SQLite failed.
    #[error("the tables of the service failed")]
    Sqlite(#[from] rusqlite::Error),
    /// The file cannot be opened.
    #[error("failed to open {}", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: rusqlite::Error,
    },
    /// The tables were written by a later version of the program.
    #[error(
        "the service's tables in {} have format {found}, this program knows formats up to {known}; use the newer program that wrote them",
        path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Format of the tables.
        found: i64,
        /// Newest format of this program.
        known: i64,
    },
    /// The system gave no random bytes.
    #[error("the system gives no random bytes: {0}")]
    Random(getrandom::Error),
    /// What is kept is not JSON any more.
    #[error("a job is kept in a form that cannot be read")]
    Json(#[from] serde_json::Error),
}

impl OperationsError {
    /// Whether it failed only because others wrote for too long, a rebuild for example.
    pub fn is_busy(&self) -> bool {
        let Self::Sqlite(error) = self else {
            return false;
        };
        error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy)
    }
}

impl Operations {
    /// Opens the tables of a data directory, which must be there; makes them where they are missing.
    ///
    /// # Errors
    /// When the file cannot be opened, or the tables are of a newer format.
    pub fn open(data_dir: &Path) -> Result<Self, OperationsError> {
        let path = data_dir.join(FILE);
        let mut writer = connect(&path)?;
        schema::prepare(&mut writer, &path)?;
        Ok(Self {
            inner: Arc::new(Inner {
                data_dir: data_dir.to_owned(),
                reader: Mutex::new(connect(&path)?),
                writer: Mutex::new(writer),
            }),
        })
    }

    /// The data directory.
    pub fn data_dir(&self) -> &Path {
        &self.inner.data_dir
    }

    fn reader(&self) -> MutexGuard<'_, Connection> {
        self.inner.reader.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `work` in a transaction that is committed when it succeeds.
    fn write<T>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, OperationsError>,
    ) -> Result<T, OperationsError> {
        let mut writer = self.inner.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let outcome = work(&transaction)?;
        transaction.commit()?;
        Ok(outcome)
    }
}

fn connect(path: &Path) -> Result<Connection, OperationsError> {
    let open = || {
        // The secrets of webhooks are in it. Where it cannot be made, opening says why.
        let _ = make_private(path);
        let connection = Connection::open(path)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
        connection.pragma_update(None, "synchronous", "full")?;
        connection.set_prepared_statement_cache_capacity(64);
        Ok(connection)
    };
    open().map_err(|source| OperationsError::Open {
        path: path.to_owned(),
        source,
    })
}

/// A moment as it is kept.
fn ms(moment: Timestamp) -> i64 {
    moment.as_millisecond()
}

/// A moment that was kept.
fn moment(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or_default()
}

#[cfg(test)]
mod tests;
