//! When a request really left, and when its host has heard of it.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::time::Instant;

use super::lock;

/// Answers whose times tell how fast a host is.
const ANSWERS: usize = 8;

/// What is known of when a request really left.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Times {
    /// When the last connection was made.
    pub(super) connected: Option<Instant>,
    /// When all tasks that were to run before the last request could leave have had their turns.
    pub(super) passed_on: Option<Instant>,
    /// When the last answer began.
    pub(super) answered: Option<Instant>,
    /// What the last answers took, the newest first.
    took: [Option<Duration>; ANSWERS],
}

impl Times {
    /// When the host has heard at the latest of a request that left at `earliest` or later.
    pub(super) fn heard_by(&mut self, earliest: Instant) -> Instant {
        let since = |moment: Option<Instant>| moment.filter(|moment| *moment >= earliest);
        let Some(answered) = since(self.answered) else {
            return Instant::now();
        };
        let left = since(self.passed_on).unwrap_or(answered).min(answered);
        let took = answered - left;
        let fastest = self.took.iter().flatten().min().copied().unwrap_or_default();
        self.took.rotate_right(1);
        self.took[0] = Some(took);
        answered - fastest.min(took)
    }
}

/// Notes when the runtime has come to everything that waits now, and to what that leads to in so many turns. A runtime
/// that is busy comes to it late, and a request leaves late.
pub(super) fn note_passed_on(times: &Arc<Mutex<Times>>, turns: u32) {
    let times = Arc::clone(times);
    tokio::spawn(async move {
        for _ in 0..turns {
            tokio::task::yield_now().await;
        }
        lock(&times).passed_on = Some(Instant::now());
    });
}
