//! The files of pages in a run: which were asked for, and what came of it.

use rusqlite::{Connection, OptionalExtension, params};

use super::{Run, number};

/// Since format 3.
pub(crate) const FILES: &str = "
    CREATE TABLE crawl_files (
        portal TEXT NOT NULL,
        key TEXT NOT NULL, -- what the file is known by
        url TEXT NOT NULL,
        run INTEGER NOT NULL, -- the last that asked for it
        version TEXT, -- the capture that stands for it; NULL: none
        outcome TEXT NOT NULL, -- 'fetched', 'not_modified', or what went wrong
        is_file INTEGER NOT NULL, -- a file came
        may_pass INTEGER NOT NULL, -- what went wrong may go right another time
        PRIMARY KEY (portal, key)
    ) STRICT;
";

/// Files that are not to be asked for.
const LEFT_OUT: &str = "outcome IN ('another_host', 'not_allowed', 'robots')";

/// What asking for a file came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AskedFile {
    /// The capture that stands for it.
    pub(crate) version: Option<String>,
    /// `fetched`, `not_modified`, or what went wrong as one word.
    pub(crate) outcome: String,
    /// A file came.
    pub(crate) is_file: bool,
    /// What went wrong may go right another time.
    pub(crate) may_pass: bool,
}

/// What asking for a file in this run came to; `None` when it was not asked for.
pub(crate) fn asked_file(db: &Connection, run: &Run, key: &str) -> rusqlite::Result<Option<AskedFile>> {
    db.prepare_cached(
        "SELECT version, outcome, is_file, may_pass FROM crawl_files WHERE portal = ?1 AND key = ?2 AND run = ?3",
    )?
    .query_row(params![run.portal, key, run.id], |row| {
        Ok(AskedFile {
            version: row.get(0)?,
            outcome: row.get(1)?,
            is_file: row.get(2)?,
            may_pass: row.get(3)?,
        })
    })
    .optional()
}

/// The capture that stood for a file the last time.
pub(crate) fn file_version(db: &Connection, portal: &str, key: &str) -> rusqlite::Result<Option<String>> {
    let version = db
        .prepare_cached("SELECT version FROM crawl_files WHERE portal = ?1 AND key = ?2")?
        .query_row((portal, key), |row| row.get(0))
        .optional()?;
    Ok(version.flatten())
}

/// Remembers what asking for a file came to.
pub(crate) fn finish_file(
    db: &Connection,
    run: &Run,
    key: &str,
    url: &str,
    asked: &AskedFile,
) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT INTO crawl_files (portal, key, url, run, version, outcome, is_file, may_pass)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
         ON CONFLICT (portal, key) DO UPDATE
         SET url = ?3, run = ?4, version = ?5, outcome = ?6, is_file = ?7, may_pass = ?8",
    )?
    .execute(params![
        run.portal,
        key,
        url,
        run.id,
        asked.version,
        asked.outcome,
        asked.is_file,
        asked.may_pass
    ])
    .map(drop)
}

/// Files that were asked for in a run.
pub(super) fn count_asked(db: &Connection, run: &Run) -> rusqlite::Result<u64> {
    count(db, run, &format!("NOT {LEFT_OUT}"))
}

/// Files that could not be had in a run, although they are the portal's own.
pub(super) fn count_lacking(db: &Connection, run: &Run) -> rusqlite::Result<u64> {
    count(db, run, &format!("NOT is_file AND NOT {LEFT_OUT}"))
}

/// Files that came in a run.
pub(super) fn count_files(db: &Connection, run: &Run) -> rusqlite::Result<u64> {
    count(db, run, "is_file AND outcome <> 'not_modified'")
}

fn count(db: &Connection, run: &Run, which: &str) -> rusqlite::Result<u64> {
    db.prepare_cached(&format!(
        "SELECT count(*) FROM crawl_files WHERE portal = ?1 AND run = ?2 AND {which}"
    ))?
    .query_row(params![run.portal, run.id], number)
}
