//! The tables, and the number of their format, which is kept in a table of its own: that of the file is the crawl's.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension, TransactionBehavior};

use super::{OperationsError, alerts};

/// What each format added to the one before; the first is that of a file without any.
const STEPS: &[&str] = &[FIRST, alerts::TABLES, THIRD];

const FIRST: &str = "
    -- Of a key only its hash is kept.
    CREATE TABLE keys (
        id TEXT PRIMARY KEY,
        hash BLOB NOT NULL UNIQUE,
        scope TEXT NOT NULL,
        name TEXT,
        created_at INTEGER NOT NULL,
        expires_at INTEGER,
        revoked_at INTEGER
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE jobs (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        state TEXT NOT NULL,
        source TEXT NOT NULL,
        is_full INTEGER NOT NULL,
        key_id TEXT, -- who asked for it
        created_at INTEGER NOT NULL,
        scheduled_for INTEGER,
        started_at INTEGER,
        finished_at INTEGER,
        reason TEXT,
        fetched INTEGER NOT NULL DEFAULT 0,
        known INTEGER NOT NULL DEFAULT 0,
        is_cancelled INTEGER NOT NULL DEFAULT 0, -- somebody asked the runner to stop it
        owner TEXT, -- the process that runs it
        log TEXT NOT NULL DEFAULT '[]' -- JSON: the last lines
    ) STRICT;
    CREATE INDEX jobs_open ON jobs (state) WHERE state IN ('queued', 'running');

    CREATE TABLE job_portals (
        job INTEGER NOT NULL,
        position INTEGER NOT NULL,
        portal TEXT NOT NULL,
        is_open INTEGER NOT NULL DEFAULT 1, -- not crawled yet, and its job not over
        summary TEXT, -- JSON, when it was crawled
        PRIMARY KEY (job, position)
    ) STRICT, WITHOUT ROWID;
    -- No portal is in two jobs at a time.
    CREATE UNIQUE INDEX job_portals_open ON job_portals (portal) WHERE is_open = 1;
    CREATE INDEX job_portals_by_portal ON job_portals (portal, job);

    -- Up to when the occurrences of a portal's schedule were taken care of.
    CREATE TABLE schedules (
        portal TEXT PRIMARY KEY,
        expression TEXT NOT NULL,
        handled_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    -- What the last crawls of a portal brought.
    CREATE TABLE portal_runs (
        portal TEXT NOT NULL,
        at INTEGER NOT NULL,
        status TEXT NOT NULL,
        n_new INTEGER NOT NULL,
        n_changed INTEGER NOT NULL,
        in_season INTEGER NOT NULL,
        is_paused INTEGER NOT NULL,
        PRIMARY KEY (portal, at)
    ) STRICT, WITHOUT ROWID;
";

const THIRD: &str = "
    -- Since when the portal has no schedule, or no file that can be read.
    ALTER TABLE schedules ADD COLUMN gone_at INTEGER;
    -- Entries that were dropped before the webhook took them.
    ALTER TABLE alerts ADD COLUMN lost INTEGER NOT NULL DEFAULT 0;
";

/// Makes the tables where they are missing; refuses those of a newer format.
pub(super) fn prepare(connection: &mut Connection, path: &Path) -> Result<(), OperationsError> {
    let known = i64::try_from(STEPS.len()).unwrap_or(i64::MAX);
    if format(connection)? == Some(known) {
        return Ok(());
    }
    // Another process may be doing the same; the one that comes second finds it done.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(
        "CREATE TABLE IF NOT EXISTS operations_format (one INTEGER PRIMARY KEY CHECK (one = 1), format INTEGER NOT NULL) STRICT;
         INSERT OR IGNORE INTO operations_format VALUES (1, 0);",
    )?;
    let found = format(&transaction)?.unwrap_or(0);
    if found > known {
        return Err(OperationsError::Newer {
            path: path.to_owned(),
            found,
            known,
        });
    }
    for step in STEPS.iter().skip(usize::try_from(found).unwrap_or(0)) {
        transaction.execute_batch(step)?;
    }
    transaction.execute("UPDATE operations_format SET format = ?1", [known])?;
    transaction.commit()?;
    Ok(())
}

/// The format of the tables; `None` when there are none.
fn format(connection: &Connection) -> rusqlite::Result<Option<i64>> {
    let is_there = connection
        .prepare("SELECT 1 FROM sqlite_schema WHERE name = 'operations_format'")?
        .exists([])?;
    if !is_there {
        return Ok(None);
    }
    connection
        .query_row("SELECT format FROM operations_format", [], |row| row.get(0))
        .optional()
}
