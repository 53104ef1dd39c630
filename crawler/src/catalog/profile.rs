//! The profiles of portals, and how far the reports were read again for them.

use std::sync::Arc;

use report::{Content, ReportId};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{
    read::unpack,
    record::{Prepared, announce, announce_past, json, parsed, unreadable},
};
use crate::{archive::Location, extract::Profile};

/// What is known of what recurs on a portal's pages.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recurrence {
    /// How often the profile changed; 0 while there is none.
    pub(crate) version: u32,
    pub(crate) profile: Arc<Profile>,
    /// Pages that were captured with a report in them.
    pub(crate) n_captures: u64,
    /// How many there were when it was last learned from them.
    pub(crate) n_learned: u64,
}

/// A version of a report, to be read again.
#[derive(Debug)]
pub(crate) struct Reread {
    pub(crate) id: ReportId,
    pub(crate) version: u32,
    pub(crate) content: Content,
    pub(crate) location: Location,
}

/// Counts one more page with a report in it.
pub(crate) fn count_page(db: &Connection, portal: &str) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT INTO profiles (portal, n_captures) VALUES (?1, 1)
         ON CONFLICT (portal) DO UPDATE SET n_captures = n_captures + 1",
    )?
    .execute([portal])?;
    Ok(())
}

/// What is known of a portal.
pub(crate) fn recurrence(db: &Connection, portal: &str) -> rusqlite::Result<Recurrence> {
    let known = db
        .prepare_cached("SELECT version, lines, n_captures, n_learned FROM profiles WHERE portal = ?1")?
        .query_row([portal], |row| {
            Ok(Recurrence {
                version: row.get(0)?,
                profile: Arc::new(Profile::new(json::<Vec<String>>(row, 1)?)),
                n_captures: row.get::<_, i64>(2)?.unsigned_abs(),
                n_learned: row.get::<_, i64>(3)?.unsigned_abs(),
            })
        })
        .optional()?;
    Ok(known.unwrap_or_default())
}

/// The profile in force for a portal.
pub(crate) fn profile(db: &Connection, portal: &str) -> rusqlite::Result<Option<Arc<Profile>>> {
    let known = recurrence(db, portal)?;
    Ok((known.version > 0).then_some(known.profile))
}

/// Notes that nothing new was learned from the pages there are.
pub(crate) fn note_learning(db: &Connection, portal: &str) -> rusqlite::Result<()> {
    db.execute(
        "UPDATE profiles SET n_learned = n_captures WHERE portal = ?1",
        [portal],
    )?;
    Ok(())
}

/// Puts a profile in force; the portal's reports are to be read again.
pub(crate) fn set_profile(
    db: &Connection,
    portal: &str,
    version: u32,
    profile: &Profile,
) -> rusqlite::Result<()> {
    let lines: Vec<&str> = profile.lines().collect();
    db.execute(
        "INSERT INTO profiles (portal, version, lines, reread_after) VALUES (?1, ?2, ?3, '')
         ON CONFLICT (portal) DO UPDATE
         SET version = ?2, lines = ?3, n_learned = n_captures, reread_after = ''",
        params![
            portal,
            version,
            serde_json::to_string(&lines).expect("a list of texts is JSON")
        ],
    )?;
    Ok(())
}

/// A portal whose reports are being read again, and the last id that was.
pub(crate) fn unfinished(db: &Connection) -> rusqlite::Result<Option<(String, String)>> {
    db.query_row(
        "SELECT portal, reread_after FROM profiles WHERE reread_after IS NOT NULL ORDER BY portal LIMIT 1",
        [],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
    .optional()
}

/// All versions of the portal's next reports by id, at most `limit` reports.
pub(crate) fn versions_after(
    db: &Connection,
    portal: &str,
    after: &str,
    limit: u32,
) -> rusqlite::Result<Vec<Reread>> {
    let mut statement = db.prepare_cached(
        "SELECT r.id, v.version, v.content, c.file, c.offset, c.length
         FROM (SELECT id FROM reports WHERE portal = ?1 AND id > ?2 ORDER BY id LIMIT ?3) r
         JOIN versions v ON v.report_id = r.id
         JOIN captures c ON c.id = v.capture
         ORDER BY r.id, v.version",
    )?;
    let versions = statement.query_map(params![portal, after, limit], |row| {
        Ok(Reread {
            id: parsed(row, 0)?,
            version: row.get(1)?,
            content: unpack(row.get_ref(2)?.as_blob()?).map_err(|error| unreadable(2, error))?,
            location: location(row, 3)?,
        })
    })?;
    versions.collect()
}

/// Puts what a version says, read again, in the place of what it said. That is no new version: the page is the same.
pub(crate) fn replace_content(
    db: &Connection,
    id: &ReportId,
    version: u32,
    content: &Prepared,
) -> rusqlite::Result<()> {
    let n_changed = db
        .prepare_cached(
            "UPDATE versions SET content_hash = ?3, chars = ?4, content_digest = ?5, content = ?6
             WHERE report_id = ?1 AND version = ?2 AND content_digest <> ?5",
        )?
        .execute(params![
            id.as_str(),
            version,
            content.hash,
            content.chars as i64,
            content.digest,
            content.packed
        ])?;
    let is_current = db
        .prepare_cached("SELECT version FROM reports WHERE id = ?1")?
        .query_row([id.as_str()], |row| row.get::<_, u32>(0))?
        == version;
    match (n_changed > 0, is_current) {
        (false, _) => Ok(()),
        (true, false) => announce_past(db, id, Some(version)),
        (true, true) => {
            content.filed.set(db, id)?;
            announce(db, id)
        }
    }
}

/// Notes how far the portal's reports were read again; `None` when all were.
pub(crate) fn set_reread(db: &Connection, portal: &str, after: Option<&str>) -> rusqlite::Result<()> {
    db.prepare_cached("UPDATE profiles SET reread_after = ?2 WHERE portal = ?1")?
        .execute((portal, after))?;
    Ok(())
}

/// Address and place of the newest capture of each report, the newest first.
pub(crate) fn newest_captures(
    db: &Connection,
    portal: &str,
    limit: u32,
) -> rusqlite::Result<Vec<(String, Location)>> {
    // Beside max(), SQLite takes the other columns from the row that has it.
    let mut statement = db.prepare_cached(
        "SELECT r.url, c.file, c.offset, c.length, max(c.id) AS newest
         FROM reports r JOIN captures c ON c.report_id = r.id
         WHERE r.portal = ?1 GROUP BY r.id ORDER BY newest DESC LIMIT ?2",
    )?;
    let captures = statement.query_map(params![portal, limit], |row| Ok((row.get(0)?, location(row, 1)?)))?;
    captures.collect()
}

fn location(row: &Row<'_>, first: usize) -> rusqlite::Result<Location> {
    Ok(Location {
        file: row.get(first)?,
        offset: row.get::<_, i64>(first + 1)?.unsigned_abs(),
        length: row.get::<_, i64>(first + 2)?.unsigned_abs(),
    })
}
