//! The tables, and the number of their format.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::{
    CatalogError,
    attachments::ATTACHMENTS,
    cells::{self, CELLS},
};
use crate::frontier;

/// What each format added to the one before; the first is that of an empty file.
///
/// A new catalog takes all the steps, so it is the same as one that was taken on from an older program.
const STEPS: &[&[&str]] = &[
    &[DDL, frontier::FRONTIER_DDL],
    &[PROFILES],
    &[
        frontier::FORMS,
        frontier::HOSTS,
        TWINS,
        ATTACHMENTS,
        frontier::FILES,
    ],
    &[CHANGES, CELLS, frontier::YIELDS, FIGURES],
    &[
        frontier::SIGNS,
        frontier::LISTS,
        frontier::PORTALS,
        frontier::UNREAD,
    ],
];

/// Format of the catalog; kept in `PRAGMA user_version`.
const FORMAT: i64 = STEPS.len() as i64;

/// Tables about content. A rebuild fills each of them anew.
pub(crate) const CONTENT_TABLES: [&str; 7] = [
    "attachments",
    "portals",
    "reports",
    "addresses",
    "versions",
    "captures",
    "profiles",
];

const DDL: &str = "
    CREATE TABLE portals (
        id TEXT PRIMARY KEY,
        first_seen TEXT NOT NULL,
        last_seen TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;

    -- One row a report: what is not part of a version.
    CREATE TABLE reports (
        id TEXT PRIMARY KEY,
        portal TEXT NOT NULL,
        url TEXT NOT NULL,
        urls TEXT NOT NULL, -- JSON
        version INTEGER NOT NULL,
        status TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX reports_by_portal ON reports (portal);

    -- Which report stands at an address, in canonical form.
    CREATE TABLE addresses (
        portal TEXT NOT NULL,
        address TEXT NOT NULL,
        report_id TEXT NOT NULL,
        PRIMARY KEY (portal, address)
    ) STRICT, WITHOUT ROWID;

    -- What a report said at a time. The content is JSON, packed with zlib.
    CREATE TABLE versions (
        report_id TEXT NOT NULL,
        version INTEGER NOT NULL,
        content_hash TEXT NOT NULL,
        retrieved_at TEXT NOT NULL,
        chars INTEGER NOT NULL,
        capture INTEGER NOT NULL, -- the capture it was read from
        content_digest BLOB NOT NULL,
        content BLOB NOT NULL,
        PRIMARY KEY (report_id, version)
    ) STRICT;

    -- Every capture of a report, and where it stands in the archive.
    CREATE TABLE captures (
        id INTEGER PRIMARY KEY,
        report_id TEXT NOT NULL,
        at TEXT NOT NULL,
        digest BLOB NOT NULL,
        file INTEGER NOT NULL,
        offset INTEGER NOT NULL,
        length INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX captures_by_report ON captures (report_id);

    -- News for the index, oldest first. Without a version: the report is gone. Without a status: one of its versions that
    -- are not the newest.
    CREATE TABLE outbox (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        report_id TEXT NOT NULL,
        version INTEGER,
        status TEXT
    ) STRICT;

    -- How far the archive is reflected here.
    CREATE TABLE archive_end (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        file INTEGER NOT NULL,
        offset INTEGER NOT NULL
    ) STRICT;
    INSERT INTO archive_end VALUES (1, 0, 0);
";

/// Since format 2.
const PROFILES: &str = "
    -- What recurs on the pages of a portal.
    CREATE TABLE profiles (
        portal TEXT PRIMARY KEY,
        version INTEGER NOT NULL DEFAULT 0, -- 0: nothing was learned yet
        lines TEXT NOT NULL DEFAULT '[]', -- JSON
        n_captures INTEGER NOT NULL DEFAULT 0, -- of pages with a report
        n_learned INTEGER NOT NULL DEFAULT 0, -- how many there were when it was last learned from them
        reread_after TEXT -- reports up to this id were read again with it; NULL: all were
    ) STRICT, WITHOUT ROWID;
";

/// Since format 3: one article at several addresses is found by what it says.
const TWINS: &str = "
    CREATE INDEX versions_by_hash ON versions (content_hash);
    CREATE INDEX addresses_by_report ON addresses (report_id);
";

/// Since format 4: when something changed, in milliseconds since 1970. Of what older programs recorded, when it was
/// fetched.
const CHANGES: &str = "
    ALTER TABLE versions ADD COLUMN recorded_at INTEGER NOT NULL DEFAULT 0;
    UPDATE versions SET recorded_at =
        unixepoch(coalesce((SELECT at FROM captures WHERE id = capture), retrieved_at)) * 1000;
    ALTER TABLE reports ADD COLUMN removed_at INTEGER; -- of a report that is gone for good
";

/// Since format 4: what is asked of every portal at once, so that nobody counts a million reports for it.
const FIGURES: &str = "
    ALTER TABLE portals ADD COLUMN n_reports INTEGER NOT NULL DEFAULT 0; -- those that were removed included
    ALTER TABLE portals ADD COLUMN newest INTEGER; -- seconds since 1970 when its newest report was first fetched
    UPDATE portals SET
        n_reports = (SELECT count(*) FROM reports WHERE portal = portals.id),
        newest = (SELECT max(unixepoch(v.retrieved_at)) FROM reports r JOIN versions v ON v.report_id = r.id
                  WHERE r.portal = portals.id AND v.version = 1);
";

/// Whether a file has today's tables; an older one has not yet.
///
/// # Errors
/// When it is of a newer format, or cannot be read.
pub(super) fn is_current(connection: &Connection, path: &Path) -> Result<bool, CatalogError> {
    let found = format(connection).map_err(|source| CatalogError::opening(path, source))?;
    if found > FORMAT {
        return Err(CatalogError::Newer {
            path: path.to_owned(),
            found,
            known: FORMAT,
        });
    }
    Ok(found == FORMAT)
}

fn format(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// Makes the tables where they are missing; refuses a file of a newer format.
pub(super) fn prepare(connection: &mut Connection, path: &Path) -> Result<(), CatalogError> {
    if is_current(connection, path)? {
        return Ok(());
    }
    let failed = |source| CatalogError::opening(path, source);
    // Another process may be doing the same; the one that comes second finds it done.
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(failed)?;
    let found = usize::try_from(format(&transaction).map_err(failed)?).unwrap_or_default();
    for tables in STEPS.iter().skip(found).copied().flatten() {
        transaction.execute_batch(tables).map_err(failed)?;
    }
    // The columns under which reports are filed have come; what they hold is in packed contents.
    if STEPS.iter().skip(found).any(|tables| tables.contains(&CELLS)) {
        cells::file_all(&transaction).map_err(failed)?;
    }
    transaction
        .pragma_update(None, "user_version", FORMAT)
        .map_err(failed)?;
    transaction.commit().map_err(failed)
}
