//! How old a note is, on a clock that may have been wrong when it was taken, or is now.
//!
//! A clock that is a year ahead for an hour must not have a year of notes forgotten. So a note is old only when the clock
//! says so and when enough time lies between the notes that were taken since: they are walked from the newest to the
//! oldest, in the order in which they were taken, and of what lies between two of them a seventh of the whole time counts at
//! most. Where little happens, or nothing for long, notes are kept for longer.

use std::time::Duration;

use jiff::Timestamp;

/// Of the whole time, one part in so many is what counts at most between two notes.
const PARTS: i64 = 7;

/// Walks from now to older notes, and says of each whether it is old enough to be forgotten. In milliseconds.
#[derive(Clone, Debug)]
pub struct Ages {
    kept_for: i64,
    now: i64,
    /// When the note before was taken.
    last: i64,
    /// What counts of the time since then.
    counted: i64,
}

impl Ages {
    /// Notes are kept for so long.
    pub fn new(kept_for: Duration, now: Timestamp) -> Self {
        Self {
            kept_for: i64::try_from(kept_for.as_millis()).unwrap_or(i64::MAX),
            now: now.as_millisecond(),
            last: now.as_millisecond(),
            counted: 0,
        }
    }

    /// Notes that are not from before this moment are not old in any case.
    pub fn before(&self) -> i64 {
        self.now.saturating_sub(self.kept_for)
    }

    /// Whether the next older note, which says that it was taken at `at`, is old.
    pub fn is_old(&mut self, at: i64) -> bool {
        let step = self.last.saturating_sub(at).clamp(0, self.kept_for / PARTS);
        self.counted = self.counted.saturating_add(step);
        self.last = at;
        self.counted >= self.kept_for && at < self.before()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400_000;
    const YEAR: Duration = Duration::from_secs(365 * 86_400);

    /// How many of the notes, the newest first, are not old on a day.
    fn n_kept(days: &[i64], today: i64) -> usize {
        let now = Timestamp::from_millisecond(today * DAY).unwrap();
        let mut ages = Ages::new(YEAR, now);
        days.iter()
            .position(|day| ages.is_old(day * DAY))
            .unwrap_or(days.len())
    }

    #[test]
    fn notes_are_old_after_a_time_that_passed_and_not_after_one_that_a_clock_claims() {
        let daily: Vec<i64> = (1..=1_000).rev().collect();
        assert_eq!(n_kept(&daily, 1_001), 365);
        let weekly: Vec<i64> = (1..=1_000).rev().step_by(7).collect();
        assert_eq!(n_kept(&weekly, 1_001), 53);
        // A year ahead, for a moment or for days in which notes were taken, and then right again.
        assert!(n_kept(&daily[..300], 1_001 + 365) == 300);
        let wrong_for_days: Vec<i64> = (1_366..1_370).rev().chain(daily.iter().copied()).collect();
        let kept = n_kept(&wrong_for_days, 1_370);
        assert!((310..365).contains(&kept), "{kept}");
        let right_again: Vec<i64> = (1_001..1_005).rev().chain(wrong_for_days).collect();
        assert_eq!(n_kept(&right_again, 1_005), 4 + 4 + 361);
        // Notes that were taken while it was a year behind are as new as they are.
        let behind: Vec<i64> = (1_001..1_005)
            .rev()
            .chain(636..640)
            .chain(daily[..50].iter().copied())
            .collect();
        assert_eq!(n_kept(&behind, 1_005), behind.len());
    }
}
