//! Whose turn it is to write: jobs that never end must not keep `crawl`, `import` and `index rebuild` waiting for ever.
//!
//! A session that is waited for takes up no further job; those under way may end for a while, then they are stopped and go
//! back into the queue. Who waits is let in before the next session begins. A session lasts some seconds at least, and
//! who waits without ever coming is not waited for, so that jobs are not kept from running either.
//!
//! Time is the machine's own and comes in as an argument.

use std::time::{Duration, Instant};

/// How long a session may work, however many wait.
const LEAST: Duration = Duration::from_secs(5);

/// How long jobs under way may go on when somebody waits.
const TO_END: Duration = Duration::from_secs(10);

/// How long a lock that was given up is left to those who wait.
const LEFT_FREE: Duration = Duration::from_secs(10);

/// The turn of a session.
#[derive(Clone, Copy, Debug)]
pub(super) struct Turn {
    begun: Instant,
    /// When the session stopped to take up jobs.
    ending: Option<Instant>,
}

/// How far a turn is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Nobody waits, or not for long enough.
    Open,
    /// No further job is taken up; told for the first time when `is_new`.
    Ending { is_new: bool },
    /// What is under way is to be stopped.
    Over,
}

impl Turn {
    pub(super) fn begin(now: Instant) -> Self {
        Self {
            begun: now,
            ending: None,
        }
    }

    /// How far the turn is; `is_waited_for` is asked only when it matters.
    pub(super) fn phase(&mut self, is_waited_for: impl FnOnce() -> bool, now: Instant) -> Phase {
        if now.saturating_duration_since(self.begun) < LEAST {
            return Phase::Open;
        }
        // Who was waited for may have gone again; jobs that were stopped are not begun anew for that.
        let is_over = |ending: Instant| now.saturating_duration_since(ending) >= TO_END;
        if self.ending.is_some_and(is_over) {
            return Phase::Over;
        }
        match (is_waited_for(), self.ending) {
            (false, _) => {
                self.ending = None;
                Phase::Open
            }
            (true, None) => {
                self.ending = Some(now);
                Phase::Ending { is_new: true }
            }
            (true, Some(_)) => Phase::Ending { is_new: false },
        }
    }

    /// Whether the session ends for the sake of others.
    pub(super) fn is_ending(&self) -> bool {
        self.ending.is_some()
    }
}

/// A lock that was given up for others.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Given {
    at: Option<Instant>,
}

impl Given {
    pub(super) fn up(now: Instant) -> Self {
        Self { at: Some(now) }
    }

    /// Whether it is still left to those who wait. Once they had it, or did not come, it is taken as ever.
    pub(super) fn is_theirs(&mut self, is_waited_for: impl FnOnce() -> bool, now: Instant) -> bool {
        let is_theirs = self
            .at
            .is_some_and(|at| now.saturating_duration_since(at) < LEFT_FREE)
            && is_waited_for();
        if !is_theirs {
            self.at = None;
        }
        is_theirs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_ends_when_somebody_waits_but_not_at_once() {
        let start = Instant::now();
        let after = |seconds| start + Duration::from_secs(seconds);
        let mut turn = Turn::begin(start);
        assert_eq!(turn.phase(|| true, after(4)), Phase::Open);
        assert_eq!(turn.phase(|| false, after(3_000)), Phase::Open);
        assert_eq!(turn.phase(|| true, after(3_001)), Phase::Ending { is_new: true });
        assert_eq!(turn.phase(|| true, after(3_002)), Phase::Ending { is_new: false });
        // They gave up, and others come.
        assert_eq!(turn.phase(|| false, after(3_003)), Phase::Open);
        assert!(!turn.is_ending());
        assert_eq!(turn.phase(|| true, after(3_020)), Phase::Ending { is_new: true });
        assert_eq!(turn.phase(|| true, after(3_030)), Phase::Over);
        assert_eq!(
            turn.phase(|| false, after(3_031)),
            Phase::Over,
            "it is not taken back"
        );
    }

    #[test]
    fn a_lock_that_was_given_up_is_left_free_for_a_while_only() {
        let start = Instant::now();
        let after = |seconds| start + Duration::from_secs(seconds);
        assert!(!Given::default().is_theirs(|| true, start));
        let mut given = Given::up(start);
        assert!(given.is_theirs(|| true, after(1)));
        assert!(!given.is_theirs(|| true, after(10)), "they do not come");
        let mut given = Given::up(start);
        assert!(!given.is_theirs(|| false, after(1)), "they had it");
        assert!(
            !given.is_theirs(|| true, after(2)),
            "others have to wait their turn"
        );
    }
}
