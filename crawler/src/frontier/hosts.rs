//! What is remembered of hosts across restarts: when the next request may start, how many they had today, which rest,
//! and their `robots.txt`.

use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::{
    politeness::{Rest, Uptime, Written},
    portal::CHINA,
};

/// What format 3 has of hosts beyond the formats before.
pub(crate) const HOSTS: &str = "
    -- How long before next_at the row was written, in milliseconds; it may have been written by an older program.
    ALTER TABLE crawl_limits ADD COLUMN pause INTEGER NOT NULL DEFAULT 3600000;
    -- next_at by the clock that nobody sets: milliseconds since the start of the machine that boot names.
    ALTER TABLE crawl_limits ADD COLUMN boot TEXT;
    ALTER TABLE crawl_limits ADD COLUMN next_up INTEGER;

    -- Requests to a host on the last day, in China time, that it had any.
    CREATE TABLE crawl_days (
        host TEXT PRIMARY KEY,
        day INTEGER NOT NULL, -- since 1970
        requests INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    -- Hosts that are left alone.
    CREATE TABLE crawl_rests (
        host TEXT PRIMARY KEY,
        next_at INTEGER NOT NULL,
        pause INTEGER NOT NULL,
        boot TEXT,
        next_up INTEGER,
        is_refusal INTEGER NOT NULL,
        reason TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
";

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

/// Requests to a host in one day of China time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct DayCount {
    /// Days since 1970.
    day: i64,
    pub(crate) requests: u64,
}

impl DayCount {
    /// The count at a moment: zero on another day, but kept when the clock was set back to an earlier one.
    pub(crate) fn at(self, moment: Timestamp) -> Self {
        let seconds = moment.as_second() + i64::from(CHINA.seconds());
        let day = seconds.div_euclid(24 * 60 * 60);
        let requests = if self.day < day { 0 } else { self.requests };
        Self { day, requests }
    }

    /// With so many requests more.
    pub(crate) fn and(self, more: u64) -> Self {
        Self {
            requests: self.requests.saturating_add(more),
            ..self
        }
    }

    /// Whether this count is of the same day, and has the requests of `other` in it.
    pub(crate) fn covers(self, other: Self) -> bool {
        self.day == other.day && self.requests >= other.requests
    }
}

/// What was written down of these limits.
pub(crate) fn load_limits(db: &Connection, keys: &[String]) -> rusqlite::Result<Vec<Option<Written>>> {
    let mut statement =
        db.prepare_cached("SELECT next_at, pause, boot, next_up FROM crawl_limits WHERE key = ?1")?;
    keys.iter()
        .map(|key| statement.query_row([key], written).optional())
        .collect()
}

/// Reads `next_at, pause, boot, next_up`.
fn written(row: &Row<'_>) -> rusqlite::Result<Written> {
    let (boot, next_up): (Option<String>, Option<i64>) = (row.get(2)?, row.get(3)?);
    Ok(Written {
        next_at: row.get(0)?,
        pause: row.get(1)?,
        next_up: boot.zip(next_up).map(|(boot, ms)| Uptime { boot, ms }),
    })
}

/// Remembers until when no request of these limits may start. A limit only moves on, as far as there is a clock that
/// tells; by the clock of the wall alone, what is written last holds.
pub(crate) fn save_limits(db: &Connection, keys: &[String], limit: &Written) -> rusqlite::Result<()> {
    let up = limit.next_up.as_ref();
    let mut statement = db.prepare_cached(
        "INSERT INTO crawl_limits (key, next_at, pause, boot, next_up) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (key) DO UPDATE SET next_at = ?2, pause = ?3, boot = ?4, next_up = ?5
         WHERE boot IS NULL OR boot IS NOT ?4 OR next_up <= ?5",
    )?;
    keys.iter().try_for_each(|key| {
        let up = (up.map(|up| &up.boot), up.map(|up| up.ms));
        statement
            .execute(params![key, limit.next_at, limit.pause, up.0, up.1])
            .map(drop)
    })
}

/// Shortens what was written down of a limit, when all requests under it are over.
pub(crate) fn settle_limit(db: &Connection, key: &str, limit: &Written) -> rusqlite::Result<()> {
    let up = limit.next_up.as_ref();
    db.prepare_cached(
        "UPDATE crawl_limits SET next_at = ?2, pause = ?3, boot = ?4, next_up = ?5 WHERE key = ?1",
    )?
    .execute(params![
        key,
        limit.next_at,
        limit.pause,
        up.map(|up| &up.boot),
        up.map(|up| up.ms)
    ])
    .map(drop)
}

/// How many requests a host had on the last day that it had any.
pub(crate) fn load_day(db: &Connection, host: &str) -> rusqlite::Result<DayCount> {
    let count = db
        .prepare_cached("SELECT day, requests FROM crawl_days WHERE host = ?1")?
        .query_row([host], |row| {
            Ok(DayCount {
                day: row.get(0)?,
                requests: row.get::<_, i64>(1)?.unsigned_abs(),
            })
        })
        .optional()?;
    Ok(count.unwrap_or_default())
}

/// Remembers how many requests a host had today.
pub(crate) fn save_day(db: &Connection, host: &str, count: DayCount) -> rusqlite::Result<()> {
    let requests = i64::try_from(count.requests).unwrap_or(i64::MAX);
    db.prepare_cached(
        "INSERT INTO crawl_days (host, day, requests) VALUES (?1, ?2, ?3)
         ON CONFLICT (host) DO UPDATE SET day = ?2, requests = ?3",
    )?
    .execute(params![host, count.day, requests])
    .map(drop)
}

/// The rests that were written down, over or not.
pub(crate) fn load_rests(db: &Connection) -> rusqlite::Result<Vec<(String, Rest, Written)>> {
    db.prepare_cached("SELECT next_at, pause, boot, next_up, host, is_refusal, reason FROM crawl_rests")?
        .query_map([], |row| {
            let written = written(row)?;
            let rest = Rest {
                pause: Duration::from_millis(written.pause.unsigned_abs()),
                is_refusal: row.get(5)?,
                reason: row.get(6)?,
            };
            Ok((row.get(4)?, rest, written))
        })?
        .collect()
}

/// Remembers that a host is left alone.
pub(crate) fn save_rest(db: &Connection, host: &str, rest: &Rest, written: &Written) -> rusqlite::Result<()> {
    let up = written.next_up.as_ref();
    db.prepare_cached(
        "INSERT OR REPLACE INTO crawl_rests (host, next_at, pause, boot, next_up, is_refusal, reason)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![
        host,
        written.next_at,
        written.pause,
        up.map(|up| &up.boot),
        up.map(|up| up.ms),
        rest.is_refusal,
        rest.reason
    ])
    .map(drop)
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
