//! What time it is for the scheduler, when the clock of the machine is set or stands still.
//!
//! The clock of the wall is believed, however far it jumps: it is what a schedule speaks of, and it is right after a
//! machine has slept, when the other clock is not. Only when it stands still while the machine's own clock, which
//! nobody sets, goes on, is the time that passed added to it, until it is set anew.

use std::time::Instant;

use jiff::{SignedDuration, Timestamp};

/// The clocks are compared this far apart at least.
const PERIOD: SignedDuration = SignedDuration::from_secs(10);

/// A clock that gained less than one part in so many of the time that passed stands still.
const STANDS_STILL: i32 = 10;

/// The scheduler's time.
#[derive(Debug)]
pub struct ScheduleClock {
    /// Both clocks when they were last compared.
    wall: Timestamp,
    machine: Instant,
    /// What the wall's clock lost by standing still.
    lost: SignedDuration,
}

impl ScheduleClock {
    /// Begins with what both clocks say now.
    pub fn new(wall: Timestamp, machine: Instant) -> Self {
        Self {
            wall,
            machine,
            lost: SignedDuration::ZERO,
        }
    }

    /// The time, when the clocks say this.
    pub fn now(&mut self, wall: Timestamp, machine: Instant) -> Timestamp {
        let passed = machine.saturating_duration_since(self.machine);
        let passed = SignedDuration::try_from(passed).unwrap_or(SignedDuration::MAX);
        if passed >= PERIOD {
            let shown = wall.duration_since(self.wall);
            if shown >= SignedDuration::ZERO && shown < passed / STANDS_STILL {
                self.lost = self.lost.saturating_add(passed.saturating_sub(shown));
            } else if shown.saturating_sub(passed).abs() > passed / 2 {
                self.lost = SignedDuration::ZERO;
            }
            (self.wall, self.machine) = (wall, machine);
        }
        wall.checked_add(self.lost).unwrap_or(wall)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const START: &str = "2026-11-23T03:00:00+08:00";

    #[test]
    fn a_clock_that_stands_still_is_helped_on_until_it_is_set() {
        let (wall, machine): (Timestamp, _) = (START.parse().unwrap(), Instant::now());
        let mut clock = ScheduleClock::new(wall, machine);
        let after = |seconds: u64| machine + Duration::from_secs(seconds);
        for minute in 1..=120 {
            clock.now(wall, after(60 * minute));
        }
        assert_eq!(
            clock.now(wall, after(7_200)),
            wall + SignedDuration::from_hours(2)
        );
        // It goes on from where it stood.
        let second = SignedDuration::from_secs(60);
        assert_eq!(
            clock.now(wall + second, after(7_260)),
            wall + SignedDuration::from_hours(2) + second
        );
        // It is set right.
        let right = wall + SignedDuration::from_secs(7_320);
        assert_eq!(clock.now(right, after(7_320)), right);
    }

    #[test]
    fn a_clock_that_is_set_or_was_asleep_is_believed() {
        let (wall, machine): (Timestamp, _) = (START.parse().unwrap(), Instant::now());
        let mut clock = ScheduleClock::new(wall, machine);
        for hours in [1, -1, 24 * 365, -24 * 365] {
            let set = wall + SignedDuration::from_hours(hours);
            assert_eq!(clock.now(set, machine + Duration::from_secs(20)), set);
        }
    }
}
