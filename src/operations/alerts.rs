//! Alerts: saved searches, and what they have found since they were made.
//!
//! The token of an alert is 160 bits from the operating system and opens its feed: feed readers send no keys. It is looked
//! up by its hash, so that how long that takes says nothing about any token.
//!
//! What they find stands in `entries.rs`, what is on its way to webhooks in `letters.rs`; their tables are all made here.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};
use sha2::{Digest, Sha256};

use super::{
    Operations, OperationsError,
    entries::{Entry, SELECT_ENTRIES, entry},
    keys::random,
    moment, ms,
};

/// Alerts of one key.
pub const MAX_ALERTS_OF_KEY: i64 = 100;

/// Alerts of all keys together.
const MAX_ALERTS: i64 = 10_000;

/// Random bytes of a token.
const TOKEN_BYTES: usize = 20;

/// Random bytes of a webhook's secret.
const SECRET_BYTES: usize = 32;

/// An alert, as its owner sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Alert {
    /// Under which everything about it is kept.
    pub id: i64,
    /// What it is known by outside; opens its feed.
    pub token: String,
    /// Id of the key that it was made with.
    pub key_id: String,
    /// What its owner calls it.
    pub name: String,
    /// JSON: the search as it was given.
    pub query: String,
    /// When it was made. Nothing older is found.
    pub created_at: Timestamp,
    /// Why it finds nothing at present.
    pub problem: Option<String>,
    /// Where its entries are sent.
    pub webhook: Option<Webhook>,
    /// Number of entries that are kept.
    pub entries: u64,
    /// When the last entry was added.
    pub added_at: Option<Timestamp>,
}

/// Where entries are sent, and how that goes.
#[derive(Clone, Debug, PartialEq)]
pub struct Webhook {
    /// The address.
    pub url: String,
    /// What letters are signed with; nobody is told of it again.
    pub secret: Vec<u8>,
    /// Since when nothing was taken.
    pub failing_since: Option<Timestamp>,
    /// Why the last letter was not taken.
    pub reason: Option<String>,
    /// When the next try is.
    pub next_at: Option<Timestamp>,
    /// Since when it is not tried any more.
    pub disabled_at: Option<Timestamp>,
    /// Entries that were not taken yet.
    pub waiting: u64,
    /// Entries that were dropped before they were taken, since too many waited, or the webhook was given up.
    pub lost: u64,
}

/// What is to be watched.
#[derive(Clone, Debug)]
pub struct NewAlert<'a> {
    /// Id of the key it is made with.
    pub key_id: &'a str,
    /// What it is called.
    pub name: &'a str,
    /// JSON: the search as it was given.
    pub query: &'a str,
    /// Where its entries are to be sent.
    pub webhook: Option<&'a str>,
}

/// An alert that is to be looked after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watched {
    /// Its id.
    pub id: i64,
    /// JSON: its search.
    pub query: String,
    /// What was recorded from this moment on may be news for it.
    pub since: Timestamp,
    /// Nothing recorded before this moment is news for it.
    pub created_at: Timestamp,
    /// Its entries go to a webhook, too.
    pub is_sent: bool,
    /// The last that was dropped, as in [`super::LeftOut`]: nothing up to it is news.
    pub floor: Option<(i64, String)>,
}

pub(super) const TABLES: &str = "
    CREATE TABLE alerts (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        token TEXT NOT NULL,
        token_hash BLOB NOT NULL UNIQUE,
        key_id TEXT NOT NULL,
        name TEXT NOT NULL,
        query TEXT NOT NULL, -- JSON, as it was given
        created_at INTEGER NOT NULL,
        looked_to INTEGER NOT NULL, -- what was recorded before was looked at
        problem TEXT,
        floor_at INTEGER, -- the last entry that was dropped
        floor_report TEXT,
        webhook_url TEXT,
        webhook_secret BLOB,
        delivered_to INTEGER NOT NULL DEFAULT 0, -- the last entry that the webhook took
        failing_since INTEGER,
        failure TEXT,
        disabled_at INTEGER
    ) STRICT;
    CREATE INDEX alerts_by_key ON alerts (key_id);
    CREATE INDEX alerts_with_webhook ON alerts (id) WHERE webhook_url IS NOT NULL AND disabled_at IS NULL;

    CREATE TABLE alert_entries (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        alert INTEGER NOT NULL,
        report TEXT NOT NULL,
        version INTEGER NOT NULL,
        title TEXT,
        source TEXT NOT NULL,
        author TEXT NOT NULL,
        summary TEXT NOT NULL,
        at INTEGER NOT NULL, -- when this version was recorded
        added_at INTEGER NOT NULL,
        UNIQUE (alert, report, version)
    ) STRICT;
    CREATE INDEX alert_entries_by_alert ON alert_entries (alert); -- and so by number
    CREATE INDEX alert_entries_by_time ON alert_entries (alert, at);

    -- The letter of an alert that is on its way; the same bytes at each try.
    CREATE TABLE alert_letters (
        alert INTEGER PRIMARY KEY,
        letter_id TEXT NOT NULL,
        body TEXT NOT NULL,
        last_entry INTEGER NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0, -- that failed
        next_at INTEGER NOT NULL,
        claimed_until INTEGER NOT NULL DEFAULT 0 -- somebody carries it
    ) STRICT;
";

/// Keys of alerts `a` that still open something; `:now` is a parameter.
pub(super) const KEY_IS_GOOD: &str = "EXISTS (
    SELECT 1 FROM keys k
    WHERE k.id = a.key_id AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > :now))";

const SELECT: &str = "SELECT a.id, a.token, a.key_id, a.name, a.query, a.created_at, a.problem,
        a.webhook_url, a.webhook_secret, a.failing_since, a.failure,
        (SELECT l.next_at FROM alert_letters l WHERE l.alert = a.id AND l.attempts > 0), a.disabled_at,
        (SELECT count(*) FROM alert_entries e WHERE e.alert = a.id),
        (SELECT count(*) FROM alert_entries e WHERE e.alert = a.id AND e.id > a.delivered_to),
        (SELECT max(e.added_at) FROM alert_entries e WHERE e.alert = a.id), a.lost
    FROM alerts a";

impl Operations {
    /// Makes an alert. `None` when its key has as many as it may have, or all keys together.
    ///
    /// # Errors
    /// When it cannot be kept, or the system has no random bytes.
    pub fn create_alert(&self, new: &NewAlert<'_>, now: Timestamp) -> Result<Option<Alert>, OperationsError> {
        let token = random::<TOKEN_BYTES>()?;
        let secret = match new.webhook {
            None => None,
            Some(_) => {
                let mut bytes = vec![0; SECRET_BYTES];
                getrandom::fill(&mut bytes).map_err(OperationsError::Random)?;
                Some(bytes)
            }
        };
        self.write(|db| {
            let (own, all): (i64, i64) = db.query_row(
                "SELECT count(*) FILTER (WHERE key_id = ?1), count(*) FROM alerts",
                [new.key_id],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )?;
            if own >= MAX_ALERTS_OF_KEY || all >= MAX_ALERTS {
                return Ok(None);
            }
            db.execute(
                "INSERT INTO alerts (token, token_hash, key_id, name, query, created_at, looked_to, webhook_url,
                     webhook_secret)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, ?7, ?8)",
                params![
                    token,
                    hash(&token),
                    new.key_id,
                    new.name,
                    new.query,
                    ms(now),
                    new.webhook,
                    secret
                ],
            )?;
            find(db, &token)
        })
    }

    /// The alerts of a key, or all of them, the oldest first.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn alerts(&self, key_id: Option<&str>) -> Result<Vec<Alert>, OperationsError> {
        let reader = self.reader();
        let mut statement = reader.prepare_cached(&format!(
            "{SELECT} WHERE ?1 IS NULL OR a.key_id = ?1 ORDER BY a.id"
        ))?;
        let alerts = statement.query_map([key_id], alert)?;
        Ok(alerts.collect::<Result<_, _>>()?)
    }

    /// The alert with this token.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn alert(&self, token: &str) -> Result<Option<Alert>, OperationsError> {
        find(&self.reader(), token)
    }

    /// The alert with this token and its newest entries, the newest first, as long as its key opens something.
    ///
    /// # Errors
    /// When the tables cannot be read.
    pub fn feed(
        &self,
        token: &str,
        limit: usize,
        now: Timestamp,
    ) -> Result<Option<(Alert, Vec<Entry>)>, OperationsError> {
        let reader = self.reader();
        let Some(alert) = find(&reader, token)? else {
            return Ok(None);
        };
        let is_good = reader
            .prepare_cached(&format!("SELECT {KEY_IS_GOOD} FROM alerts a WHERE a.id = :alert"))?
            .query_row(
                rusqlite::named_params! { ":alert": alert.id, ":now": ms(now) },
                |row| row.get::<_, bool>(0),
            )?;
        if !is_good {
            return Ok(None);
        }
        let mut statement = reader.prepare_cached(&format!(
            "{SELECT_ENTRIES} WHERE alert = ?1 ORDER BY at DESC, id DESC LIMIT ?2"
        ))?;
        let entries = statement.query_map(params![alert.id, limit_of(limit)], entry)?;
        let entries = entries.collect::<Result<_, _>>()?;
        Ok(Some((alert, entries)))
    }

    /// Has what waits for the webhook of an alert sent now, also where it was given up. Gives the alert; `None` when there
    /// is none with this token.
    ///
    /// # Errors
    /// When it cannot be written down.
    pub fn restart_webhook(&self, token: &str, now: Timestamp) -> Result<Option<Alert>, OperationsError> {
        self.write(|db| {
            db.execute(
                "UPDATE alerts SET disabled_at = NULL, failing_since = NULL, failure = NULL WHERE token_hash = ?1",
                [hash(token)],
            )?;
            db.execute(
                "UPDATE alert_letters SET attempts = 0, next_at = ?2
                 WHERE alert = (SELECT id FROM alerts WHERE token_hash = ?1)",
                params![hash(token), ms(now)],
            )?;
            find(db, token)
        })
    }

    /// Forgets an alert and all it has found. `false` when there is none with this token.
    ///
    /// # Errors
    /// When it cannot be written down.
    pub fn delete_alert(&self, token: &str) -> Result<bool, OperationsError> {
        self.write(|db| {
            let id: Option<i64> = db
                .query_row(
                    "DELETE FROM alerts WHERE token_hash = ?1 RETURNING id",
                    [hash(token)],
                    |row| row.get(0),
                )
                .optional()?;
            db.execute("DELETE FROM alert_entries WHERE alert = ?1", [id])?;
            db.execute("DELETE FROM alert_letters WHERE alert = ?1", [id])?;
            Ok(id.is_some())
        })
    }

    /// The alerts whose keys open something, those with one search side by side.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn watched_alerts(&self, now: Timestamp) -> Result<Vec<Watched>, OperationsError> {
        let reader = self.reader();
        let mut statement = reader.prepare_cached(&format!(
            "SELECT a.id, a.query, a.looked_to, a.created_at,
                 a.webhook_url IS NOT NULL AND a.disabled_at IS NULL AS is_sent,
                 a.floor_at, a.floor_report
             FROM alerts a WHERE {KEY_IS_GOOD} ORDER BY a.query, is_sent, a.created_at, a.id"
        ))?;
        let watched = statement.query_map(rusqlite::named_params! { ":now": ms(now) }, |row| {
            Ok(Watched {
                id: row.get(0)?,
                query: row.get(1)?,
                since: moment(row.get(2)?),
                created_at: moment(row.get(3)?),
                is_sent: row.get(4)?,
                floor: row
                    .get::<_, Option<i64>>(5)?
                    .zip(row.get::<_, Option<String>>(6)?),
            })
        })?;
        Ok(watched.collect::<Result<_, _>>()?)
    }
}

fn find(db: &Connection, token: &str) -> Result<Option<Alert>, OperationsError> {
    if token.len() != 2 * TOKEN_BYTES {
        return Ok(None);
    }
    let found = db
        .prepare_cached(&format!("{SELECT} WHERE a.token_hash = ?1"))?
        .query_row([hash(token)], alert)
        .optional()?;
    Ok(found)
}

fn alert(row: &Row<'_>) -> rusqlite::Result<Alert> {
    let at = |column| row.get::<_, Option<i64>>(column).map(|ms| ms.map(moment));
    let url: Option<String> = row.get(7)?;
    let webhook = match url {
        None => None,
        Some(url) => Some(Webhook {
            url,
            secret: row.get(8)?,
            failing_since: at(9)?,
            reason: row.get(10)?,
            next_at: at(11)?,
            disabled_at: at(12)?,
            waiting: row.get::<_, i64>(14)?.unsigned_abs(),
            lost: row.get::<_, i64>(16)?.unsigned_abs(),
        }),
    };
    Ok(Alert {
        id: row.get(0)?,
        token: row.get(1)?,
        key_id: row.get(2)?,
        name: row.get(3)?,
        query: row.get(4)?,
        created_at: moment(row.get(5)?),
        problem: row.get(6)?,
        webhook,
        entries: row.get::<_, i64>(13)?.unsigned_abs(),
        added_at: at(15)?,
    })
}

pub(super) fn hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

pub(super) fn limit_of(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
