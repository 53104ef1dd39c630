//! What is remembered of each portal that was ever crawled: what its file said, for when that is gone, and which of its
//! lists is the liveliest, for whoever plans its next visit.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use report::RegionCode;
use rusqlite::{Connection, OptionalExtension, params};

use super::{Run, lists::lists};
use crate::portal::Portal;

/// Since format 5.
pub(crate) const PORTALS: &str = "
    CREATE TABLE crawl_portals (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL, -- from its file, when it was last crawled
        region INTEGER, -- division code from its file
        -- The list that has something new most often, as of the last run that read lists; NULL: not learned yet.
        list_url TEXT,
        list_interval INTEGER, -- milliseconds
        list_at INTEGER, -- when it was last visited, in milliseconds since 1970
        lists_since INTEGER -- when the first of its lists was first visited
    ) STRICT, WITHOUT ROWID;
";

/// What is remembered of a portal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownPortal {
    /// Its name in its file when it was last crawled; its id where the file gave none.
    pub name: String,
    /// The region whose site it is, where the file said so.
    pub region: Option<RegionCode>,
    /// The list that has something new most often.
    pub liveliest: Option<LiveliestList>,
    /// When a list of it was first visited.
    pub lists_since: Option<Timestamp>,
}

/// The list of a portal that has something new most often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveliestList {
    /// Its address.
    pub url: String,
    /// Estimated time between two changes of it.
    pub interval: SignedDuration,
    /// When it was last visited.
    pub last_visit: Timestamp,
}

/// Remembers what the file of a portal says.
pub(crate) fn note_portal(db: &Connection, portal: &Portal) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT INTO crawl_portals (id, name, region) VALUES (?1, ?2, ?3)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, region = excluded.region",
    )?
    .execute(params![
        portal.id,
        portal.name,
        portal.region.map(RegionCode::number)
    ])
    .map(drop)
}

/// Writes down which list of a portal is the liveliest, of those that the run visited which ends now.
pub(crate) fn note_liveliest(db: &Connection, run: &Run) -> rusqlite::Result<()> {
    let Some(list) = lists(db, &run.portal, run.id, 1)?.pop() else {
        return Ok(());
    };
    let learned = list.interval.map(|interval| (list, interval));
    db.prepare_cached(
        "UPDATE crawl_portals SET list_url = ?2, list_interval = ?3, list_at = ?4,
             lists_since = (SELECT min(first_at) FROM crawl_lists WHERE portal = ?1)
         WHERE id = ?1",
    )?
    .execute(params![
        run.portal,
        learned.as_ref().map(|(list, _)| &list.url),
        learned
            .as_ref()
            .map(|(_, interval)| i64::try_from(interval.as_millis()).unwrap_or(i64::MAX)),
        learned.as_ref().map(|(list, _)| list.last_visit.as_millisecond()),
    ])
    .map(drop)
}

/// What is remembered of all portals, or of one.
///
/// # Errors
/// When SQLite fails. A file without the crawl's tables knows none.
pub fn known_portals(db: &Connection, id: Option<&str>) -> rusqlite::Result<HashMap<String, KnownPortal>> {
    let has_table = db
        .prepare_cached("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'crawl_portals'")?
        .exists([])?;
    if !has_table {
        return Ok(HashMap::new());
    }
    let at = |ms: i64| Timestamp::from_millisecond(ms).ok();
    db.prepare_cached(
        "SELECT id, name, region, list_url, list_interval, list_at, lists_since FROM crawl_portals
         WHERE id >= coalesce(?1, '') AND (?1 IS NULL OR id = ?1)",
    )?
    .query_map([id], |row| {
        let code: Option<u32> = row.get(2)?;
        let url: Option<String> = row.get(3)?;
        let interval: Option<i64> = row.get(4)?;
        let visited: Option<i64> = row.get(5)?;
        let known = KnownPortal {
            name: row.get(1)?,
            region: code.and_then(|code| format!("{code:06}").parse().ok()),
            liveliest: url.zip(interval).and_then(|(url, interval)| {
                Some(LiveliestList {
                    url,
                    interval: SignedDuration::from_millis(interval),
                    last_visit: visited.and_then(at)?,
                })
            }),
            lists_since: row.get::<_, Option<i64>>(6)?.and_then(at),
        };
        Ok((row.get(0)?, known))
    })?
    .collect()
}

/// The region that the file of a portal named when it was last crawled.
pub(crate) fn known_region(db: &Connection, id: &str) -> rusqlite::Result<Option<RegionCode>> {
    let code: Option<Option<u32>> = db
        .prepare_cached("SELECT region FROM crawl_portals WHERE id = ?1")?
        .query_row([id], |row| row.get(0))
        .optional()?;
    Ok(code.flatten().and_then(|code| format!("{code:06}").parse().ok()))
}
