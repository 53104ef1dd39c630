//! Room on the disk: looked at before pages and files are asked for, so that a crawl stops before there is none.

use std::{path::PathBuf, sync::Mutex, time::Duration};

use tokio::time::Instant;

use super::portal::{Stop, lock};
use crate::{
    space::{DiskFull, MinFree},
    store::Store,
};

/// How long an answer of the system holds. Thousands of hosts ask.
const HOLDS: Duration = Duration::from_secs(1);

/// The disk that an engine writes to.
pub(super) struct Room {
    data: PathBuf,
    min_free: MinFree,
    /// The last answer, and when it was given.
    last: Mutex<Option<(Instant, Option<DiskFull>)>>,
}

impl Room {
    pub(super) fn of(store: &Store) -> Self {
        Self {
            data: store.data_dir().to_owned(),
            min_free: store.min_free(),
            last: Mutex::default(),
        }
    }

    /// Why nothing more is asked for now; `None` when there is room.
    pub(super) fn is_short(&self) -> Option<Stop> {
        let mut last = lock(&self.last);
        let known = last.filter(|(at, _)| at.elapsed() < HOLDS);
        let (_, full) = *last.insert(known.unwrap_or_else(|| {
            let full = self.min_free.refuses(&self.data, 0);
            (Instant::now(), full)
        }));
        full.map(stop)
    }

    /// Why so many bytes cannot be kept; `None` when there is room for them.
    pub(super) fn is_short_for(&self, bytes: u64) -> Option<Stop> {
        self.min_free.refuses(&self.data, bytes).map(stop)
    }
}

/// The run is not over: once there is room, the next crawl goes on.
fn stop(full: DiskFull) -> Stop {
    Stop {
        reason: full.to_string(),
        is_blocked: false,
        is_pause: true,
    }
}
