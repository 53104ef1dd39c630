//! API keys.
//!
//! A key is 256 bits from the operating system, behind a prefix by which scanners of leaked secrets can know it. Only
//! its SHA-256 is kept: so many random bits cannot be guessed from it, so a hash that is slow on purpose, as passwords
//! need, would only cost time. A key that comes in is hashed and looked up by the hash; how long that takes says nothing about
//! any key.

use std::{fmt, str::FromStr};

use data_encoding::HEXLOWER;
use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, params};
use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::{Operations, OperationsError, moment, ms};

/// What every key begins with.
const PREFIX: &str = "gb_";

/// Random bytes of a key.
const KEY_BYTES: usize = 32;

/// Random bytes of the name under which a key is listed and revoked.
const ID_BYTES: usize = 5;

/// What a key opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Searching and reading, where that needs a key.
    Read,
    /// Reading and exports.
    Export,
    /// Reading and jobs.
    Crawl,
    /// Everything.
    Admin,
}

impl Scope {
    /// All of them, in the order in which they are told.
    pub const ALL: [Self; 4] = [Self::Read, Self::Export, Self::Crawl, Self::Admin];

    /// The word for it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Export => "export",
            Self::Crawl => "crawl",
            Self::Admin => "admin",
        }
    }

    /// Whether a key of this scope may do what needs `needed`: each may read, and `admin` may everything.
    pub fn includes(self, needed: Self) -> bool {
        self == needed || self == Self::Admin || needed == Self::Read
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Scope {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|scope| scope.code() == text);
        found.ok_or_else(|| format!("{text:?} is none of read, export, crawl, admin"))
    }
}

/// A key, without what makes it one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Under which it is listed and revoked.
    pub id: String,
    /// What it opens.
    pub scope: Scope,
    /// What whoever made it calls it.
    pub name: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it opens nothing.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// Whether a key opens anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyState {
    /// It does.
    Active,
    /// Its time is over.
    Expired,
    /// It was revoked.
    Revoked,
}

impl Key {
    /// Whether it opens anything now.
    pub fn state(&self, now: Timestamp) -> KeyState {
        if self.revoked_at.is_some() {
            KeyState::Revoked
        } else if self.expires_at.is_some_and(|end| end <= now) {
            KeyState::Expired
        } else {
            KeyState::Active
        }
    }
}

/// A key that was made: its text is told once, here.
#[derive(Debug)]
pub struct NewKey {
    /// Under which it is listed and revoked.
    pub id: String,
    /// What is sent as `Authorization: Bearer …`.
    pub text: String,
}

impl Operations {
    /// Makes a key.
    ///
    /// # Errors
    /// When it cannot be kept, or the system has no random bytes.
    pub fn create_key(
        &self,
        scope: Scope,
        name: Option<&str>,
        expires_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<NewKey, OperationsError> {
        let text = format!("{PREFIX}{}", random::<KEY_BYTES>()?);
        let id = random::<ID_BYTES>()?;
        self.write(|db| {
            db.execute(
                "INSERT INTO keys (id, hash, scope, name, created_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![id, hash(&text), scope.code(), name, ms(now), expires_at.map(ms)],
            )?;
            Ok(())
        })?;
        Ok(NewKey { id, text })
    }

    /// The key with this text, when it opens anything now.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn open_key(&self, text: &str, now: Timestamp) -> Result<Option<Key>, OperationsError> {
        if text.len() != PREFIX.len() + 2 * KEY_BYTES {
            return Ok(None);
        }
        let found = self
            .reader()
            .prepare_cached(&format!("{SELECT} WHERE hash = ?1"))?
            .query_row([hash(text)], key)
            .optional()?;
        Ok(found.filter(|key| key.state(now) == KeyState::Active))
    }

    /// All keys, the oldest first.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn keys(&self) -> Result<Vec<Key>, OperationsError> {
        let reader = self.reader();
        let mut statement = reader.prepare_cached(&format!("{SELECT} ORDER BY created_at, id"))?;
        let keys = statement.query_map([], key)?;
        Ok(keys.collect::<Result<_, _>>()?)
    }

    /// Revokes a key for good. `false` when there is none with this id.
    ///
    /// # Errors
    /// When it cannot be written down.
    pub fn revoke_key(&self, id: &str, now: Timestamp) -> Result<bool, OperationsError> {
        self.write(|db| {
            let n = db.execute(
                "UPDATE keys SET revoked_at = coalesce(revoked_at, ?2) WHERE id = ?1",
                params![id, ms(now)],
            )?;
            Ok(n > 0)
        })
    }
}

const SELECT: &str = "SELECT id, scope, name, created_at, expires_at, revoked_at FROM keys";

fn key(row: &Row<'_>) -> rusqlite::Result<Key> {
    let scope: String = row.get(1)?;
    let at = |column| row.get::<_, Option<i64>>(column).map(|ms| ms.map(moment));
    Ok(Key {
        id: row.get(0)?,
        // A scope of a later program opens no more than reading.
        scope: scope.parse().unwrap_or(Scope::Read),
        name: row.get(2)?,
        created_at: moment(row.get(3)?),
        expires_at: at(4)?,
        revoked_at: at(5)?,
    })
}

fn hash(text: &str) -> Vec<u8> {
    Sha256::digest(text.as_bytes()).to_vec()
}

/// Random bytes of the operating system, as text.
pub(super) fn random<const N: usize>() -> Result<String, OperationsError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(OperationsError::Random)?;
    Ok(HEXLOWER.encode(&bytes))
}
