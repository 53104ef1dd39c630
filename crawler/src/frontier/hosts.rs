//! What is remembered of hosts across restarts: when the next request may start, and their `robots.txt`.

use rusqlite::{Connection, OptionalExtension, params};

/// The answer to a request for `robots.txt`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StoredRobots {
    /// Milliseconds since 1970.
    pub(crate) fetched_at: i64,
    /// `None` when there was no answer.
    pub(crate) status: Option<u16>,
    /// Why there was none, as one word.
    pub(crate) fault: Option<String>,
    pub(crate) body: Vec<u8>,
}

/// The moments before which no request of these limits may start, in milliseconds.
pub(crate) fn load_limits(db: &Connection, keys: &[String]) -> rusqlite::Result<Vec<Option<i64>>> {
    let mut statement = db.prepare_cached("SELECT next_at FROM crawl_limits WHERE key = ?1")?;
    keys.iter()
        .map(|key| statement.query_row([key], |row| row.get(0)).optional())
        .collect()
}

/// Remembers that no request of these limits may start before `next_at`.
pub(crate) fn save_limits(db: &Connection, keys: &[String], next_at: i64) -> rusqlite::Result<()> {
    let mut statement = db.prepare_cached(
        "INSERT INTO crawl_limits (key, next_at) VALUES (?1, ?2)
         ON CONFLICT (key) DO UPDATE SET next_at = max(next_at, ?2)",
    )?;
    keys.iter()
        .try_for_each(|key| statement.execute(params![key, next_at]).map(drop))
}

/// The last answer for an origin.
pub(crate) fn load_robots(db: &Connection, origin: &str) -> rusqlite::Result<Option<StoredRobots>> {
    db.prepare_cached("SELECT fetched_at, status, fault, body FROM crawl_robots WHERE origin = ?1")?
        .query_row([origin], |row| {
            Ok(StoredRobots {
                fetched_at: row.get(0)?,
                status: row.get(1)?,
                fault: row.get(2)?,
                body: row.get(3)?,
            })
        })
        .optional()
}

/// Remembers an answer.
pub(crate) fn save_robots(db: &Connection, origin: &str, robots: &StoredRobots) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT INTO crawl_robots (origin, fetched_at, status, fault, body) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (origin) DO UPDATE SET fetched_at = ?2, status = ?3, fault = ?4, body = ?5",
    )?
    .execute(params![
        origin,
        robots.fetched_at,
        robots.status,
        robots.fault,
        robots.body
    ])
    .map(drop)
}
