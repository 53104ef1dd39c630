//! What alerts have found.
//!
//! An entry is one version of one report, in an alert at most once. Only the newest are kept, and of those that the
//! webhook has not taken yet many more, unless it was given up; `floor` remembers the last that was dropped, or
//! left out of what was too much, so that it does not come back.

use std::collections::HashSet;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use super::{Operations, OperationsError, alerts::limit_of, moment, ms};

/// Entries of an alert that are kept.
pub const MAX_ENTRIES: usize = 1_000;

/// The same where its webhook has not taken them yet. What is more than that is counted as lost.
pub const MAX_WAITING: usize = 10_000;

/// Whether a report is new or has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// Its first version.
    New,
    /// A later version.
    Changed,
}

impl EntryKind {
    /// The word for it.
    pub fn code(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Changed => "changed",
        }
    }
}

/// One version of a report that an alert found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Numbers that grow; 0 in what is not kept yet.
    pub id: i64,
    /// Id of the report.
    pub report: String,
    /// Its version.
    pub version: u32,
    /// Its title.
    pub title: Option<String>,
    /// Where the portal has it.
    pub source: String,
    /// Who published it.
    pub author: String,
    /// Where in it the search matches, or how it begins.
    pub summary: String,
    /// When this version was recorded.
    pub at: Timestamp,
}

impl Entry {
    /// Whether it stands for a new report.
    pub fn kind(&self) -> EntryKind {
        match self.version {
            0 | 1 => EntryKind::New,
            _ => EntryKind::Changed,
        }
    }
}

/// News of an alert that were too many to be read. They are older than those that were.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// How many.
    pub count: u64,
    /// The last of them: when it was recorded, in milliseconds since 1970, and its report.
    pub last: Option<(i64, String)>,
}

/// What looking after an alert came to.
#[derive(Clone, Debug)]
pub struct Looked<'a> {
    /// The alert.
    pub alert: i64,
    /// What it matched, or why it could not be searched for.
    pub found: Result<&'a [Entry], String>,
    /// What more it matched.
    pub left_out: LeftOut,
    /// What was recorded before this moment was looked at.
    pub up_to: Timestamp,
}

/// What writing down what alerts have found came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Noted {
    /// Entries that were added.
    pub n_added: usize,
    /// Entries that webhooks will not be sent, since too many wait.
    pub n_lost: u64,
}

impl Operations {
    /// Reports of the entries of an alert that were recorded at `since` or later, each with that moment in milliseconds.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn known_changes(
        &self,
        alert: i64,
        since: Timestamp,
    ) -> Result<HashSet<(String, i64)>, OperationsError> {
        let reader = self.reader();
        let mut statement =
            reader.prepare_cached("SELECT report, at FROM alert_entries WHERE alert = ?1 AND at >= ?2")?;
        let known = statement.query_map(params![alert, ms(since)], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(known.collect::<Result<_, _>>()?)
    }

    /// Writes down what looking after alerts came to. Entries come in the order in which they were recorded; those that an
    /// alert has, or had, are not added again.
    ///
    /// # Errors
    /// When it cannot be written down.
    pub fn note_looked(&self, looked: &[Looked<'_>], now: Timestamp) -> Result<Noted, OperationsError> {
        self.write(|db| {
            let mut noted = Noted::default();
            for looked in looked {
                let problem = match &looked.found {
                    Err(problem) => Some(problem.as_str()),
                    Ok(entries) => {
                        noted.n_added += add(db, looked.alert, entries, now)?;
                        noted.n_lost += drop_oldest(db, looked.alert, looked.left_out.count)?;
                        // Or the next look would find it again, and count it again.
                        if let Some((at, report)) = &looked.left_out.last {
                            raise_floor(db, looked.alert, *at, report)?;
                        }
                        None
                    }
                };
                // What could not be searched is looked at again.
                db.prepare_cached(
                    "UPDATE alerts SET problem = ?2, looked_to = iif(?2 IS NULL, ?3, looked_to)
                     WHERE id = ?1",
                )?
                .execute(params![looked.alert, problem, ms(looked.up_to)])?;
            }
            Ok(noted)
        })
    }
}

/// Adds what an alert lacks; nothing when it is gone.
fn add(db: &Transaction<'_>, alert: i64, entries: &[Entry], now: Timestamp) -> rusqlite::Result<usize> {
    let floor: Option<(Option<i64>, Option<String>)> = db
        .prepare_cached("SELECT floor_at, floor_report FROM alerts WHERE id = ?1")?
        .query_row([alert], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((floor_at, floor_report)) = floor else {
        return Ok(0);
    };
    let floor = floor_at.map(|at| (at, floor_report.unwrap_or_default()));
    let is_above = |entry: &&Entry| {
        let place = (ms(entry.at), entry.report.as_str());
        floor.as_ref().is_none_or(|(at, report)| place > (*at, report))
    };
    let mut insert = db.prepare_cached(
        "INSERT INTO alert_entries (alert, report, version, title, source, author, summary, at, added_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT DO NOTHING",
    )?;
    let mut n_added = 0;
    for entry in entries.iter().filter(is_above) {
        n_added += insert.execute(params![
            alert,
            entry.report,
            entry.version,
            entry.title,
            entry.source,
            entry.author,
            entry.summary,
            ms(entry.at),
            ms(now)
        ])?;
    }
    Ok(n_added)
}

/// Drops all but the newest entries of an alert and those that its webhook is still to be sent, and remembers where they
/// ended. Gives, and keeps, how many the webhook will not be sent, those included that were left out before. For a webhook
/// that was given up no more is kept than for a feed; what goes is counted, for it may be started again.
pub(super) fn drop_oldest(db: &Connection, alert: i64, n_left_out: u64) -> rusqlite::Result<u64> {
    let webhook: Option<(Option<i64>, bool)> = db
        .prepare_cached(
            "SELECT iif(webhook_url IS NOT NULL, delivered_to, NULL), disabled_at IS NOT NULL FROM alerts WHERE id = ?1",
        )?
        .query_row([alert], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((delivered_to, is_given_up)) = webhook else {
        return Ok(0);
    };
    let mut n_lost = delivered_to.map_or(0, |_| n_left_out);
    if let Some((at, report)) = place(db, alert, MAX_ENTRIES)? {
        let waiting_end = delivered_to
            .filter(|_| !is_given_up)
            .map(|_| place(db, alert, MAX_WAITING));
        let (end_at, end_report) = match waiting_end {
            Some(end) => end?.unwrap_or((i64::MIN, String::new())),
            None => (at, report.clone()),
        };
        let mut statement = db.prepare_cached(
            "DELETE FROM alert_entries WHERE alert = ?1 AND (at, report) <= (?2, ?3)
                 AND (id <= ?4 OR (at, report) <= (?5, ?6))
             RETURNING at, report, id",
        )?;
        let taken = delivered_to.unwrap_or(i64::MAX);
        let mut dropped = statement.query(params![alert, at, report, taken, end_at, end_report])?;
        let mut floor: Option<(i64, String)> = None;
        while let Some(row) = dropped.next()? {
            floor = floor.max(Some((row.get(0)?, row.get(1)?)));
            n_lost += u64::from(row.get::<_, i64>(2)? > taken);
        }
        drop(dropped);
        if let Some((at, report)) = floor {
            raise_floor(db, alert, at, &report)?;
        }
    }
    if n_lost > 0 {
        db.prepare_cached("UPDATE alerts SET lost = lost + ?2 WHERE id = ?1")?
            .execute(params![alert, i64::try_from(n_lost).unwrap_or(i64::MAX)])?;
    }
    Ok(n_lost)
}

/// Nothing up to this moment and report is to come back.
fn raise_floor(db: &Connection, alert: i64, at: i64, report: &str) -> rusqlite::Result<()> {
    db.prepare_cached(
        "UPDATE alerts SET floor_at = ?2, floor_report = ?3
         WHERE id = ?1 AND (floor_at IS NULL OR (floor_at, floor_report) < (?2, ?3))",
    )?
    .execute(params![alert, at, report])
    .map(drop)
}

/// Time and report of an entry of an alert that has so many newer ones.
fn place(db: &Connection, alert: i64, n_newer: usize) -> rusqlite::Result<Option<(i64, String)>> {
    db.prepare_cached(
        "SELECT at, report FROM alert_entries WHERE alert = ?1 ORDER BY at DESC, report DESC LIMIT 1 OFFSET ?2",
    )?
    .query_row(params![alert, limit_of(n_newer)], |row| {
        Ok((row.get(0)?, row.get(1)?))
    })
    .optional()
}

/// Columns of an entry in the order of [`entry`].
pub(super) const SELECT_ENTRIES: &str =
    "SELECT id, report, version, title, source, author, summary, at FROM alert_entries";

pub(super) fn entry(row: &Row<'_>) -> rusqlite::Result<Entry> {
    Ok(Entry {
        id: row.get(0)?,
        report: row.get(1)?,
        version: row.get(2)?,
        title: row.get(3)?,
        source: row.get(4)?,
        author: row.get(5)?,
        summary: row.get(6)?,
        at: moment(row.get(7)?),
    })
}
