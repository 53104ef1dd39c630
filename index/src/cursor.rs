//! Cursors: where a walk through a result goes on, and the states of the index that walks read.
//!
//! A cursor names the state of the index that its first page was read from, the moment of that page, the parameters
//! it belongs to and the last hit shown; all of it is signed with a key that lives as long as the reader. The state
//! is kept for a quarter of an hour after the last first page that needed it, however many cursors there are: pages
//! are computed anew from the state, so a cursor itself takes no room here.
//!
//! After a restart nobody can check the signatures of before. A checksum beside it tells such cursors, which have
//! expired, from those that were changed on their way.

use std::{
    collections::HashMap,
    hash::{BuildHasher, DefaultHasher, Hash, Hasher, RandomState},
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::{Duration, Instant},
};

use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};

use crate::{SearchError, order::Place, state::State};

/// How long a walk may take.
pub const LIFETIME: Duration = Duration::from_secs(15 * 60);
/// Most states kept: one a second for the whole time. Each holds its segments open; the one that was not asked for
/// longest goes first.
const MAX_STATES: usize = 900;
/// No cursor of ours is longer: an id has 200 bytes.
const MAX_BYTES: usize = 1024;

/// What stands in a cursor.
#[derive(Debug, Serialize, Deserialize)]
struct Token {
    /// The reader that made it.
    reader: u64,
    state: u64,
    /// Milliseconds from the first moment known to the reader to the first page.
    since: u64,
    /// Hash of all parameters but the cursor, as their JSON says them.
    request: u64,
    key: i64,
    id: String,
}

/// Makes and reads cursors, and keeps what they need.
pub(crate) struct Cursors {
    /// Hashing with these random keys is how cursors are signed.
    signer: RandomState,
    /// The moment that times in cursors count from: the first one heard of.
    begin: OnceLock<Instant>,
    states: Mutex<HashMap<u64, Kept>>,
}

struct Kept {
    state: Arc<State>,
    last_used: Instant,
}

/// Where a walk goes on.
pub(crate) struct Resumed {
    pub(crate) state: Arc<State>,
    pub(crate) after: Place,
    first_page: Duration,
}

impl Cursors {
    pub(crate) fn new() -> Self {
        Self {
            signer: RandomState::new(),
            begin: OnceLock::new(),
            states: Mutex::new(HashMap::new()),
        }
    }

    fn elapsed(&self, now: Instant) -> Duration {
        now.saturating_duration_since(*self.begin.get_or_init(|| now))
    }

    /// The cursor that goes on behind `place`. `resumed` is the walk it continues, if it is not the first page.
    pub(crate) fn next(
        &self,
        request: &impl Serialize,
        state: &Arc<State>,
        place: &Place,
        resumed: Option<&Resumed>,
        now: Instant,
    ) -> String {
        let first_page = resumed.map_or_else(|| self.elapsed(now), |resumed| resumed.first_page);
        self.keep(state, now);
        let token = Token {
            reader: self.reader(),
            state: state.id,
            since: u64::try_from(first_page.as_millis()).unwrap_or(u64::MAX),
            request: self.fingerprint(request),
            key: place.key,
            id: place.id.clone(),
        };
        // Numbers and a string always become JSON.
        let payload = serde_json::to_vec(&token).unwrap_or_default();
        let mut bytes = self.signature(&payload).to_le_bytes().to_vec();
        bytes.extend(payload);
        let checksum = checksum(&bytes);
        bytes.extend(checksum.to_le_bytes());
        BASE64URL_NOPAD.encode(&bytes)
    }

    /// Reads a cursor.
    pub(crate) fn resume(
        &self,
        cursor: &str,
        request: &impl Serialize,
        current: &Arc<State>,
        now: Instant,
    ) -> Result<Resumed, SearchError> {
        let (signature, payload, token) = Self::decode(cursor).ok_or(SearchError::CursorInvalid)?;
        if token.reader != self.reader() {
            // Made before a restart, with keys that are gone.
            return Err(SearchError::CursorExpired);
        }
        if signature != self.signature(&payload) || token.request != self.fingerprint(request) {
            return Err(SearchError::CursorInvalid);
        }
        let first_page = Duration::from_millis(token.since);
        if self.elapsed(now).saturating_sub(first_page) > LIFETIME {
            return Err(SearchError::CursorExpired);
        }
        let state = if current.id == token.state {
            current.clone()
        } else {
            let mut states = self.states.lock().unwrap_or_else(PoisonError::into_inner);
            let kept = states.get_mut(&token.state).ok_or(SearchError::CursorExpired)?;
            kept.last_used = now;
            kept.state.clone()
        };
        Ok(Resumed {
            state,
            after: Place {
                key: token.key,
                id: token.id,
            },
            first_page,
        })
    }

    fn decode(cursor: &str) -> Option<(u64, Vec<u8>, Token)> {
        if cursor.len() > MAX_BYTES {
            return None;
        }
        let bytes = BASE64URL_NOPAD.decode(cursor.as_bytes()).ok()?;
        let (bytes, sum) = bytes.split_last_chunk::<8>()?;
        if u64::from_le_bytes(*sum) != checksum(bytes) {
            return None;
        }
        let (signature, payload) = bytes.split_first_chunk::<8>()?;
        let token = serde_json::from_slice(payload).ok()?;
        Some((u64::from_le_bytes(*signature), payload.to_vec(), token))
    }

    /// Keeps a state for as long as a cursor on it is good.
    fn keep(&self, state: &Arc<State>, now: Instant) {
        let mut states = self.states.lock().unwrap_or_else(PoisonError::into_inner);
        states.retain(|_, kept| now.saturating_duration_since(kept.last_used) <= LIFETIME);
        states.insert(
            state.id,
            Kept {
                state: state.clone(),
                last_used: now,
            },
        );
        while states.len() > MAX_STATES {
            let oldest = states
                .iter()
                .min_by_key(|(_, kept)| kept.last_used)
                .map(|(id, _)| *id);
            match oldest {
                Some(id) => states.remove(&id),
                None => break,
            };
        }
    }

    fn signature(&self, payload: &[u8]) -> u64 {
        self.signer.hash_one(payload)
    }

    fn reader(&self) -> u64 {
        self.signer.hash_one("reader")
    }

    fn fingerprint(&self, request: &impl Serialize) -> u64 {
        self.signer
            .hash_one(serde_json::to_vec(request).unwrap_or_default())
    }
}

/// Tells what was changed by accident; anybody can make one.
fn checksum(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    hasher.finish()
}
