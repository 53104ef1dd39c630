//! Letters to the webhooks of alerts: what was found, on its way until it is taken.
//!
//! An alert has one letter at a time, so its entries arrive in order; the letter has one id and one body for all its
//! tries, so that a receiver can drop what it has. Whoever carries a letter claims it for a while: of several processes
//! one sends it, and when that one dies, another does after the while. A moment further ahead than anybody would have set
//! it is not believed: the clock was ahead when it was written down.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, named_params, params};

use super::{
    Operations, OperationsError,
    alerts::{KEY_IS_GOOD, limit_of},
    entries::{Entry, SELECT_ENTRIES, drop_oldest, entry},
    moment, ms,
};

/// Entries of a letter.
pub const MAX_IN_LETTER: usize = 100;

/// For how long nobody else takes up a letter. Longer than carrying it takes.
const CLAIM: SignedDuration = SignedDuration::from_secs(60);

/// The longest that a letter waits for its next try.
pub(crate) const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(24);

/// A letter that is to be carried now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertLetter {
    /// The alert whose it is.
    pub alert: i64,
    /// Where to.
    pub url: String,
    /// What it is signed with.
    pub secret: Vec<u8>,
    /// The same at each try.
    pub id: String,
    /// The same at each try.
    pub body: String,
    /// Tries that failed.
    pub attempts: u32,
    /// Since when the webhook has taken nothing.
    pub failing_since: Option<Timestamp>,
}

/// What became of a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Carried {
    /// It was taken.
    Taken,
    /// It was not, and is carried again.
    Again {
        /// When.
        at: Timestamp,
        /// Why it was not taken.
        reason: String,
    },
    /// Nothing more is sent to this webhook.
    GivenUp {
        /// Why.
        reason: String,
    },
}

/// What a letter is written from.
#[derive(Clone, Debug)]
pub struct LetterDraft<'a> {
    /// Token of the alert.
    pub token: &'a str,
    /// What its owner calls it.
    pub name: &'a str,
    /// The entries, in the order in which they were found.
    pub entries: &'a [Entry],
}

/// Alerts whose letter can be taken up, of all or of one: those that are neither disabled nor somebody's whose key opens
/// nothing. What has waited longest comes first.
fn due(db: &Connection, only: Option<i64>, limit: usize, now: Timestamp) -> rusqlite::Result<Vec<i64>> {
    let ahead = |wait: SignedDuration| ms(now.checked_add(wait).unwrap_or(Timestamp::MAX));
    db.prepare_cached(&format!(
        "SELECT a.id FROM alerts a LEFT JOIN alert_letters l ON l.alert = a.id
         WHERE a.webhook_url IS NOT NULL AND a.disabled_at IS NULL AND (:only IS NULL OR a.id = :only)
             AND iif(l.alert IS NULL,
                     EXISTS (SELECT 1 FROM alert_entries e WHERE e.alert = a.id AND e.id > a.delivered_to),
                     (l.next_at <= :now OR l.next_at > :longest)
                         AND (l.claimed_until <= :now OR l.claimed_until > :claim))
             AND {KEY_IS_GOOD}
         ORDER BY coalesce(l.next_at, 0), a.id LIMIT :limit"
    ))?
    .query_map(
        named_params! {
            ":only": only,
            ":now": ms(now),
            ":longest": ahead(LONGEST_WAIT),
            ":claim": ahead(CLAIM),
            ":limit": limit_of(limit),
        },
        |row| row.get(0),
    )?
    .collect()
}

impl Operations {
    /// Alerts whose letter can be taken up now; of many the first.
    ///
    /// # Errors
    /// When the tables cannot be read.
    pub fn due_letters(&self, limit: usize, now: Timestamp) -> Result<Vec<i64>, OperationsError> {
        Ok(due(&self.reader(), None, limit, now)?)
    }

    /// Takes up the letter of an alert, which `write` writes when it is a new one. `None` when it is not to be carried
    /// (any more).
    ///
    /// # Errors
    /// When the tables fail.
    pub fn take_letter(
        &self,
        alert: i64,
        write: impl Fn(&LetterDraft<'_>) -> String,
        now: Timestamp,
    ) -> Result<Option<AlertLetter>, OperationsError> {
        self.write(|db| {
            if due(db, Some(alert), 1, now)?.is_empty() {
                return Ok(None);
            }
            let is_begun = db
                .prepare_cached("SELECT 1 FROM alert_letters WHERE alert = ?1")?
                .exists([alert])?;
            if !is_begun {
                begin(db, alert, write, now)?;
            }
            db.prepare_cached("UPDATE alert_letters SET claimed_until = ?2 WHERE alert = ?1")?
                .execute(params![alert, ms(now + CLAIM)])?;
            let letter = db
                .prepare_cached(
                    "SELECT a.webhook_url, a.webhook_secret, l.letter_id, l.body, l.attempts, a.failing_since
                     FROM alert_letters l JOIN alerts a ON a.id = l.alert WHERE l.alert = ?1",
                )?
                .query_row([alert], |row| {
                    Ok(AlertLetter {
                        alert,
                        url: row.get(0)?,
                        secret: row.get(1)?,
                        id: row.get(2)?,
                        body: row.get(3)?,
                        attempts: row.get(4)?,
                        failing_since: row.get::<_, Option<i64>>(5)?.map(moment),
                    })
                })?;
            Ok(Some(letter))
        })
    }

    /// Writes down what became of a letter. Nothing when its alert is gone, or it was taken by way of another process.
    ///
    /// # Errors
    /// When it cannot be written down.
    pub fn settle_letter(
        &self,
        letter: &AlertLetter,
        carried: &Carried,
        now: Timestamp,
    ) -> Result<(), OperationsError> {
        self.write(|db| {
            let last_entry: Option<i64> = db
                .prepare_cached("SELECT last_entry FROM alert_letters WHERE alert = ?1 AND letter_id = ?2")?
                .query_row(params![letter.alert, letter.id], |row| row.get(0))
                .optional()?;
            let Some(last_entry) = last_entry else {
                return Ok(());
            };
            let reason = match carried {
                Carried::Taken => {
                    db.prepare_cached(
                        "UPDATE alerts SET delivered_to = ?2, failing_since = NULL, failure = NULL WHERE id = ?1",
                    )?
                    .execute(params![letter.alert, last_entry])?;
                    db.prepare_cached("DELETE FROM alert_letters WHERE alert = ?1")?
                        .execute([letter.alert])?;
                    drop_oldest(db, letter.alert, 0)?;
                    return Ok(());
                }
                Carried::Again { at, reason } => {
                    db.prepare_cached(
                        "UPDATE alert_letters SET attempts = attempts + 1, next_at = ?2, claimed_until = 0
                         WHERE alert = ?1",
                    )?
                    .execute(params![letter.alert, ms(*at)])?;
                    reason
                }
                Carried::GivenUp { reason } => {
                    db.prepare_cached("DELETE FROM alert_letters WHERE alert = ?1")?
                        .execute([letter.alert])?;
                    db.prepare_cached("UPDATE alerts SET disabled_at = ?2 WHERE id = ?1")?
                        .execute(params![letter.alert, ms(now)])?;
                    reason
                }
            };
            db.prepare_cached(
                "UPDATE alerts SET failing_since = coalesce(failing_since, ?2), failure = ?3 WHERE id = ?1",
            )?
            .execute(params![letter.alert, ms(now), reason])?;
            Ok(())
        })
    }
}

/// Puts what an alert has found and not sent into a letter.
fn begin(
    db: &Connection,
    alert: i64,
    write: impl Fn(&LetterDraft<'_>) -> String,
    now: Timestamp,
) -> rusqlite::Result<()> {
    let (token, name, delivered_to): (String, String, i64) = db
        .prepare_cached("SELECT token, name, delivered_to FROM alerts WHERE id = ?1")?
        .query_row([alert], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let mut statement = db.prepare_cached(&format!(
        "{SELECT_ENTRIES} WHERE alert = ?1 AND id > ?2 ORDER BY id LIMIT ?3"
    ))?;
    let entries = statement.query_map(params![alert, delivered_to, limit_of(MAX_IN_LETTER)], entry)?;
    let entries: Vec<Entry> = entries.collect::<Result<_, _>>()?;
    let last_entry = entries.last().map_or(delivered_to, |entry| entry.id);
    let draft = LetterDraft {
        token: &token,
        name: &name,
        entries: &entries,
    };
    // Alerts and entries are never given the numbers of others, so neither is a letter.
    db.prepare_cached(
        "INSERT INTO alert_letters (alert, letter_id, body, last_entry, next_at) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![
        alert,
        format!("msg_{alert}_{last_entry}"),
        write(&draft),
        last_entry,
        ms(now)
    ])?;
    Ok(())
}
