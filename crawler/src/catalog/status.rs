//! What a visit without a new capture says of a report: still there, gone, shut out.
//!
//! These run in the transaction of an ingest, beside what else a crawl has to remember.

use jiff::Timestamp;
use report::{ReportId, Status};
use rusqlite::{Connection, OptionalExtension};

use super::record::{address, announce, check, parsed};

/// Sets the status of the report at an address, if there is one, and tells the index when it is another than before.
///
/// [`Status::Live`] is for a page that was found as it was (not modified); a page that was fetched is recorded by the
/// ingest itself.
///
/// # Errors
/// When SQLite fails.
pub fn mark(
    db: &Connection,
    portal: &str,
    url: &str,
    status: Status,
    now: Timestamp,
) -> rusqlite::Result<Option<ReportId>> {
    let id: Option<ReportId> = db
        .prepare_cached("SELECT report_id FROM addresses WHERE portal = ?1 AND address = ?2")?
        .query_row((portal, address(url)), |row| parsed(row, 0))
        .optional()?;
    if let Some(id) = &id {
        let n_changed = db
            .prepare_cached(
                "UPDATE reports SET status = ?2, removed_at = iif(?2 = 'removed', ?3, NULL), checked_at = ?3
                 WHERE id = ?1 AND status <> ?2",
            )?
            .execute((id.as_str(), status.code(), now.as_millisecond()))?;
        if n_changed > 0 {
            announce(db, id)?;
        } else {
            check(db, id, now.as_millisecond())?;
        }
    }
    Ok(id)
}

/// Sets every report of a portal that has shut us out to [`Status::Blocked`], save those that were removed before.
/// Answers how many there are.
///
/// # Errors
/// When SQLite fails.
pub fn block_portal(db: &Connection, portal: &str) -> rusqlite::Result<usize> {
    move_all(
        db,
        portal,
        "status NOT IN ('removed', 'blocked')",
        Status::Blocked,
    )
}

/// Sets every blocked report of a portal that lets us in again to [`Status::Live`]. Answers how many there are.
///
/// # Errors
/// When SQLite fails.
pub fn unblock_portal(db: &Connection, portal: &str) -> rusqlite::Result<usize> {
    move_all(db, portal, "status = 'blocked'", Status::Live)
}

fn move_all(db: &Connection, portal: &str, which: &str, status: Status) -> rusqlite::Result<usize> {
    db.prepare_cached(&format!(
        "INSERT INTO outbox (report_id, version, status) SELECT id, version, ?2 FROM reports WHERE portal = ?1 AND {which}"
    ))?
    .execute((portal, status.code()))?;
    db.prepare_cached(&format!(
        "UPDATE reports SET status = ?2 WHERE portal = ?1 AND {which}"
    ))?
    .execute((portal, status.code()))
}
