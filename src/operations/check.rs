//! Whether the service's own tables can be read as what they stand for. Nothing derives them, so what is wrong with them
//! is to be known while a backup is still there.

use std::str::FromStr;

use crawler::Schedule;
use rusqlite::{Connection, OptionalExtension, Row};
use serde_json::{Map, Value};
use url::Url;

use super::{JobState, Scope, alerts};

/// Most findings of a table that are listed.
const MAX_LISTED: usize = 20;

/// Reads a row, whose first column says which it is, and tells whether it can be what was written.
type IsSound = fn(&Row<'_>) -> rusqlite::Result<bool>;

/// What is read of each table, what one of its rows is called, and how it is judged.
const TABLES: [(&str, &str, IsSound); 7] = [
    ("SELECT id, scope, length(hash), created_at FROM keys", "key", |row| {
        Ok(Scope::from_str(&row.get::<_, String>(1)?).is_ok() && row.get::<_, i64>(2)? == 32 && is_moment(row, 3)?)
    }),
    (
        "SELECT id, state, log, created_at, started_at, finished_at, fetched, known,
             source IN ('schedule', 'request', 'cli')
         FROM jobs",
        "job",
        |row| {
            let log: String = row.get(2)?;
            Ok(JobState::from_str(&row.get::<_, String>(1)?).is_ok()
                && serde_json::from_str::<Vec<String>>(&log).is_ok()
                && is_moment(row, 3)?
                && is_moment(row, 4)?
                && is_moment(row, 5)?
                && row.get::<_, i64>(6)? >= 0
                && row.get::<_, i64>(7)? >= 0
                && row.get(8)?)
        },
    ),
    (
        "SELECT job, portal, summary, EXISTS (SELECT 1 FROM jobs WHERE id = job) FROM job_portals",
        "portal of job",
        |row| {
            let summary: Option<String> = row.get(2)?;
            Ok(crawler::is_portal_id(&row.get::<_, String>(1)?)
                && summary.is_none_or(|json| serde_json::from_str::<Value>(&json).is_ok())
                && row.get(3)?)
        },
    ),
    (
        "SELECT portal, expression, handled_at FROM schedules",
        "schedule of",
        |row| Ok(Schedule::parse(&row.get::<_, String>(1)?).is_ok() && is_moment(row, 2)?),
    ),
    (
        "SELECT id, token, token_hash, query, created_at, looked_to, webhook_url, length(webhook_secret) FROM alerts",
        "alert",
        |row| {
            let query: String = row.get(3)?;
            let url: Option<String> = row.get(6)?;
            let has_secret = row.get::<_, Option<i64>>(7)?.is_some();
            Ok(
                alerts::hash(&row.get::<_, String>(1)?) == row.get::<_, Vec<u8>>(2)?
                    && serde_json::from_str::<Map<String, Value>>(&query).is_ok()
                    && is_moment(row, 4)?
                    && is_moment(row, 5)?
                    && url.is_some() == has_secret
                    && url.is_none_or(|url| Url::parse(&url).is_ok()),
            )
        },
    ),
    (
        "SELECT id, version, source, at, added_at, report <> '', EXISTS (SELECT 1 FROM alerts a WHERE a.id = alert)
         FROM alert_entries",
        "entry of an alert",
        |row| {
            Ok(row.get::<_, i64>(1)? >= 1
                && !row.get::<_, String>(2)?.is_empty()
                && is_moment(row, 3)?
                && is_moment(row, 4)?
                && row.get(5)?
                && row.get(6)?)
        },
    ),
    (
        "SELECT alert, letter_id, body, attempts, EXISTS (SELECT 1 FROM alerts a WHERE a.id = alert) FROM alert_letters",
        "letter of alert",
        |row| {
            let body: String = row.get(2)?;
            Ok(row.get::<_, String>(1)?.starts_with("msg_")
                && serde_json::from_str::<Map<String, Value>>(&body).is_ok()
                && row.get::<_, i64>(3)? >= 0
                && row.get(4)?)
        },
    ),
];

/// Rows of the service's tables in `db` that cannot be what was written, in words; none where there are no such tables.
pub(crate) fn altered_rows(db: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut found = Vec::new();
    let has_tables = db
        .query_row(
            "SELECT 1 FROM sqlite_schema WHERE name = 'alert_letters'",
            [],
            |_| Ok(()),
        )
        .optional()?;
    if has_tables.is_none() {
        return Ok(found);
    }
    for (sql, name, is_sound) in TABLES {
        let mut statement = db.prepare(sql)?;
        let mut rows = statement.query([])?;
        let mut n_listed = 0;
        while let Some(row) = rows.next()?
            && n_listed < MAX_LISTED
        {
            // What cannot be read as its type, is not it.
            if !is_sound(row).unwrap_or(false) {
                let which = match row.get_ref(0)? {
                    rusqlite::types::ValueRef::Integer(id) => id.to_string(),
                    value => String::from_utf8_lossy(value.as_bytes().unwrap_or_default()).into_owned(),
                };
                found.push(format!("{name} {which} is not what was written"));
                n_listed += 1;
            }
        }
    }
    Ok(found)
}

/// Whether a column has a moment after 1970 that a clock can show, or none.
fn is_moment(row: &Row<'_>, column: usize) -> rusqlite::Result<bool> {
    let ms: Option<i64> = row.get(column)?;
    Ok(ms.is_none_or(|ms| ms >= 0 && jiff::Timestamp::from_millisecond(ms).is_ok()))
}
