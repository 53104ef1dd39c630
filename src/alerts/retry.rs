//! When a letter is carried again, and when no more.
//!
//! The first pause is five seconds; each is twice the last, a little more or less so that many letters do not fall into
//! step, up to six hours. A receiver may ask for longer. A webhook that has taken nothing for five days and twenty tries,
//! which take two days, is left alone; so a clock that jumps ahead ends nothing. One that stays far behind does not
//! make tries endless: sixty are enough, which take twelve days.

use std::time::Duration;

use crawler::{CourierError, Receipt};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use crate::operations::{AlertLetter, Carried, LONGEST_WAIT};

const FIRST_PAUSE: Duration = Duration::from_secs(5);
const LONGEST_PAUSE: Duration = Duration::from_secs(6 * 3600);

/// How long a webhook may take nothing.
const PATIENCE: SignedDuration = SignedDuration::from_hours(5 * 24);

/// Tries that are made before that counts, and those after which it does not matter.
const LEAST_TRIES: u32 = 20;
const MOST_TRIES: u32 = 60;

/// What becomes of a letter after a try.
pub(super) fn after(
    letter: &AlertLetter,
    outcome: &Result<Receipt, CourierError>,
    now: Timestamp,
) -> Carried {
    let (reason, asked) = match outcome {
        Ok(receipt) if (200..300).contains(&receipt.status) => return Carried::Taken,
        Ok(Receipt { status: 410, .. }) => {
            return Carried::GivenUp {
                reason: "it answered 410: it is gone for good".to_owned(),
            };
        }
        Ok(receipt) => (format!("it answered {}", receipt.status), receipt.retry_after),
        Err(error) => (error.to_string(), None),
    };
    let failing_since = letter.failing_since.unwrap_or(now);
    let tries = letter.attempts.saturating_add(1);
    let is_enough = now.duration_since(failing_since) >= PATIENCE && tries >= LEAST_TRIES;
    if is_enough || tries >= MOST_TRIES {
        return Carried::GivenUp {
            reason: format!("nothing was taken for days, in {tries} tries; at last: {reason}"),
        };
    }
    let pause = pause(&letter.id, letter.attempts).max(asked.unwrap_or_default());
    let pause = SignedDuration::try_from(pause).unwrap_or(LONGEST_WAIT);
    Carried::Again {
        at: now.checked_add(pause.min(LONGEST_WAIT)).unwrap_or(now),
        reason,
    }
}

/// The pause after so many tries that failed before: between 80 and 120 % of the rule, by the letter.
fn pause(id: &str, attempts: u32) -> Duration {
    let rule = FIRST_PAUSE
        .saturating_mul(2_u32.saturating_pow(attempts.min(20)))
        .min(LONGEST_PAUSE);
    let digest = Sha256::digest(format!("{id} {attempts}"));
    rule * (80 + u32::from(digest[0]) * 40 / 255) / 100
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter(attempts: u32, failing_since: Option<Timestamp>) -> AlertLetter {
        AlertLetter {
            alert: 1,
            url: "https://hooks.example/".to_owned(),
            secret: vec![1],
            id: "msg_1_7".to_owned(),
            body: String::new(),
            attempts,
            failing_since,
        }
    }

    fn answered(status: u16, seconds: Option<u64>) -> Result<Receipt, CourierError> {
        Ok(Receipt {
            status,
            retry_after: seconds.map(Duration::from_secs),
        })
    }

    fn seconds_until_again(attempts: u32, asked: Option<u64>) -> i64 {
        let now: Timestamp = "2026-06-01T03:00:00+08:00".parse().unwrap();
        match after(&letter(attempts, Some(now)), &answered(503, asked), now) {
            Carried::Again { at, reason } => {
                assert_eq!(reason, "it answered 503");
                at.duration_since(now).as_secs()
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn pauses_double_up_to_six_hours_and_never_fall_into_step() {
        for (attempts, rule) in [
            (0, 5),
            (1, 10),
            (2, 20),
            (6, 320),
            (12, 20_480),
            (13, 21_600),
            (58, 21_600),
        ] {
            let pause = seconds_until_again(attempts, None);
            assert!(
                (rule * 8 / 10..=rule * 12 / 10).contains(&pause),
                "{attempts}: {pause}"
            );
        }
        assert_ne!(pause("msg_1_7", 9), pause("msg_2_7", 9));
        assert_eq!(pause("msg_1_7", 9), pause("msg_1_7", 9));
    }

    #[test]
    fn a_receiver_may_ask_for_more_time_but_not_for_ever() {
        assert_eq!(seconds_until_again(0, Some(600)), 600);
        assert_eq!(seconds_until_again(0, Some(u64::MAX)), 24 * 3600);
        assert!(seconds_until_again(8, Some(1)) > 1_000);
    }

    #[test]
    fn a_webhook_is_left_alone_when_it_is_gone_or_takes_nothing_for_days() {
        let begun: Timestamp = "2026-06-01T03:00:00+08:00".parse().unwrap();
        let after_hours = |hours, status| {
            let now = begun + SignedDuration::from_hours(hours);
            after(&letter(30, Some(begun)), &answered(status, None), now)
        };
        assert!(matches!(after_hours(119, 500), Carried::Again { .. }));
        let Carried::GivenUp { reason } = after_hours(120, 500) else {
            panic!("it is tried again");
        };
        assert!(reason.contains("31 tries") && reason.contains("500"), "{reason}");
        assert_eq!(after_hours(500, 204), Carried::Taken);
        assert!(matches!(after_hours(0, 410), Carried::GivenUp { .. }));
        assert!(matches!(after_hours(0, 301), Carried::Again { .. }));
    }

    #[test]
    fn a_clock_that_jumps_neither_ends_tries_nor_makes_them_endless() {
        let now: Timestamp = "2026-06-01T03:00:00+08:00".parse().unwrap();
        let year = SignedDuration::from_hours(24 * 365);
        let given_up = |attempts, failing_since| {
            let after = after(&letter(attempts, Some(failing_since)), &answered(500, None), now);
            matches!(after, Carried::GivenUp { .. })
        };
        assert!(!given_up(2, now - year), "it was tried three times");
        assert!(given_up(19, now - year));
        assert!(!given_up(30, now + year));
        assert!(given_up(59, now + year));
        assert!(given_up(u32::MAX, now));
    }
}
