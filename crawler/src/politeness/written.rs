//! A limit as it is written down for the next process, and what is left of it.
//!
//! The clock of the wall may be set while nobody looks: forward, and a gap would seem to be over; back, and it would
//! seem to last for ever. So a limit is written down by two clocks: that of the wall, and the time since the machine
//! was started, which nobody sets. The second counts while it is still the same start. And whatever the clocks say, no
//! more is left of a pause than it was long.

use std::time::Duration;

/// A moment by both clocks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    /// Milliseconds since 1970.
    pub(crate) wall: i64,
    /// `None` where the system does not tell.
    pub(crate) up: Option<Uptime>,
}

/// Time since the machine was started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Uptime {
    /// What tells this start from every other.
    pub(crate) boot: String,
    /// Milliseconds since then.
    pub(crate) ms: i64,
}

/// A limit as it is written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Written {
    /// No request before; by the clock of the wall.
    pub(crate) next_at: i64,
    /// How long before that moment it was written down, in milliseconds.
    pub(crate) pause: i64,
    /// The same moment by the other clock.
    pub(crate) next_up: Option<Uptime>,
}

impl Written {
    /// No request for `pause` from `now` on.
    pub(crate) fn new(now: Moment, pause: Duration) -> Self {
        let pause = i64::try_from(pause.as_millis()).unwrap_or(i64::MAX);
        Self {
            next_at: now.wall.saturating_add(pause),
            pause,
            next_up: now.up.map(|up| Uptime {
                ms: up.ms.saturating_add(pause),
                ..up
            }),
        }
    }

    /// What is left of the pause.
    pub(crate) fn left(&self, now: &Moment) -> Duration {
        let left = match (&self.next_up, &now.up) {
            // An uptime from before it was written down is another start under the same name, as containers have it.
            (Some(next), Some(up)) if next.boot == up.boot && up.ms >= next.ms - self.pause => {
                next.ms - up.ms
            }
            _ => self.next_at.saturating_sub(now.wall),
        };
        Duration::from_millis(left.clamp(0, self.pause.max(0)).unsigned_abs())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HOUR: i64 = 3_600_000;

    fn moment(wall: i64, boot: &str, up: i64) -> Moment {
        let up = (!boot.is_empty()).then(|| Uptime {
            boot: boot.to_owned(),
            ms: up,
        });
        Moment { wall, up }
    }

    fn left(written: &Written, now: Moment) -> u128 {
        written.left(&now).as_millis()
    }

    #[test]
    fn a_clock_that_was_set_neither_shortens_nor_lengthens_a_gap() {
        let written = Written::new(moment(100 * HOUR, "a", 5_000), Duration::from_secs(2));
        for wall in [0, 99 * HOUR, 100 * HOUR + 500, 101 * HOUR, 1000 * HOUR] {
            assert_eq!(left(&written, moment(wall, "a", 5_500)), 1_500, "{wall}");
            assert_eq!(left(&written, moment(wall, "a", 9_000)), 0, "{wall}");
        }
    }

    #[test]
    fn after_another_start_the_clock_of_the_wall_counts_within_the_pause() {
        let written = Written::new(moment(100 * HOUR, "a", 5_000), Duration::from_secs(2));
        let at = 100 * HOUR;
        for (boot, up) in [("b", 5_500), ("", 0), ("a", 10)] {
            assert_eq!(left(&written, moment(at + 500, boot, up)), 1_500, "{boot}");
            assert_eq!(left(&written, moment(at + 5_000, boot, up)), 0, "{boot}");
            assert_eq!(
                left(&written, moment(at - 50 * HOUR, boot, up)),
                2_000,
                "{boot}: set back"
            );
        }
    }

    proptest! {
        #[test]
        fn no_more_is_left_than_the_pause(wall: i64, later: i64, up: i64, pause in 0_u64..10_000_000, boots in "[ab]{2}") {
            let up = up / 4;
            let written = Written::new(moment(wall, &boots[..1], up), Duration::from_millis(pause));
            let left = written.left(&moment(later, &boots[1..], up.saturating_add(later / 4)));
            prop_assert!(left <= Duration::from_millis(pause));
        }
    }
}
