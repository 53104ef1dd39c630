//! Which hosts are left alone, and how near to it the others are; shared by all portals of a crawl.
//!
//! The rest of a public host is durable; that of a host in `allow_private` lasts for the run, as it is free of other
//! limits that are there for strangers.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use tokio::time::Instant;

use super::{clock, terms::NotNow};
use crate::politeness::{Rest, Streak};

/// The rests of all hosts.
#[derive(Default)]
pub(super) struct Rests(Mutex<HashMap<String, Host>>);

#[derive(Default)]
struct Host {
    streak: Streak,
    resting: Option<(Rest, Instant)>,
}

impl Rests {
    /// Takes over a rest of which so much is left.
    pub(super) fn begin(&self, host: &str, rest: Rest, left: Duration) {
        let Some(until) = Instant::now().checked_add(left) else {
            return;
        };
        let mut hosts = self.lock();
        hosts.entry(host.to_owned()).or_default().resting = Some((rest, until));
    }

    /// Whether a host may be asked, one in `allow_private` when `is_private`.
    pub(super) fn check(&self, host: &str, is_private: bool) -> Result<(), NotNow> {
        let hosts = self.lock();
        let Some((rest, until)) = hosts.get(host).and_then(|host| host.resting.as_ref()) else {
            return Ok(());
        };
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(());
        }
        let until = Timestamp::from_millisecond(clock::now_ms().saturating_add(super::to_ms(left)));
        Err(NotNow::resting(
            host,
            rest.clone(),
            until.unwrap_or(Timestamp::MAX),
            is_private,
        ))
    }

    /// Counts a bad answer to a page; gives the rest that begins with it.
    pub(super) fn add(&self, host: &str, page: i64, status: u16) -> Option<Rest> {
        let rest = self
            .lock()
            .entry(host.to_owned())
            .or_default()
            .streak
            .add(page, status)?;
        self.begin(host, rest.clone(), rest.pause);
        Some(rest)
    }

    /// The host gave a good answer.
    pub(super) fn clear(&self, host: &str) {
        if let Some(host) = self.lock().get_mut(host) {
            host.streak.clear();
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Host>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
