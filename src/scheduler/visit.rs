//! The next visit of one portal: its schedule, and where the season or what it brought departs from it.
//!
//! - A visit is made a few minutes after its occurrence, the same ones whenever they are asked for, so that portals
//!   with the same schedule do not begin at the same second.
//! - A crawl that a limit of the day stopped, or the hours of the portal, goes on the next day at the same time of day.
//! - Whatever was missed while nothing ran is made up for by one visit.
//! - From January to April, when annual reports come out, a portal that is visited once a week or less often, and that
//!   brought something in that season before, gets one more visit half way, at the same time of day.
//! - In the other months a portal whose last crawls brought nothing new, and that seldom brings anything, is visited at
//!   every other occurrence; never so that more than a month lies between two visits.

use std::fmt;

use crawler::Schedule;
use jiff::{SignedDuration, Timestamp};
use report::ChinaTime;
use sha2::{Digest, Sha256};

/// Visits begin so much after their occurrence at most.
const MAX_JITTER: SignedDuration = SignedDuration::from_mins(5);

/// A visit that begins later than this was missed, and is made up for.
const LATE: SignedDuration = SignedDuration::from_mins(15);

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Schedules with at least so many days between two visits get one more in season.
const RARE_DAYS: i64 = 6;

/// Between two visits lie at most so many days when every other one is left out.
const MOST_DAYS: i64 = 31;

/// What was taken care of in a future that has not come is believed for so long at most.
const MOST_BELIEVED: SignedDuration = SignedDuration::from_hours(31 * 24);

/// So many crawls in a row without news make a portal quiet …
const QUIET_RUNS: usize = 4;

/// … unless at least one of so many of its crawls brought some.
const OFTEN_ONE_IN: usize = 4;

/// A crawl of a portal that came to an end, other than by failing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// When it ended.
    pub at: Timestamp,
    /// Whether it brought new or changed reports.
    pub has_news: bool,
    /// Whether a limit of the day, or the hours of the portal, stopped it before its end.
    pub is_paused: bool,
}

/// What is known of a portal when its next visit is decided.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Up to when its occurrences were taken care of; `None` when its schedule was never looked at.
    pub handled: Option<Timestamp>,
    /// Its last crawls, the newest first.
    pub runs: Vec<Run>,
    /// Whether a crawl between January and April ever brought something.
    pub publishes_in_season: bool,
}

impl Facts {
    /// Up to when occurrences were taken care of, as it can be believed `now`; `now` for a schedule that is new.
    ///
    /// A moment to come is believed for one turn of the schedule at most, and for a month: the clock was ahead when it was
    /// written down, and further ahead it would keep the portal from being visited at all.
    pub fn handled_by(&self, schedule: &Schedule, now: Timestamp) -> Timestamp {
        let handled = self.handled.unwrap_or(now);
        if handled <= now {
            return handled;
        }
        let turn = schedule
            .up_to(handled)
            .zip(schedule.after(handled))
            .map(|(before, after)| after.duration_since(before));
        if turn.is_some_and(|turn| handled.duration_since(now) <= turn.min(MOST_BELIEVED)) {
            handled
        } else {
            now
        }
    }
}

/// A visit to come, or one that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    /// When it begins.
    pub at: Timestamp,
    /// The moment it stands for.
    pub occurrence: Timestamp,
    /// Why then.
    pub why: Why,
}

/// Why a visit is when it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// The schedule says so.
    Schedule(Schedule),
    /// One or more visits were missed; the first of them.
    CatchUp(Timestamp),
    /// Half way between two occurrences, in season.
    Season(Schedule),
    /// An occurrence before it is left out, since there was nothing new for long.
    Quiet(Timestamp),
    /// The last crawl did not come to its end that day.
    GoesOn,
}

impl Why {
    /// One stable word.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Schedule(_) => "schedule",
            Self::CatchUp(_) => "catch_up",
            Self::Season(_) => "season",
            Self::Quiet(_) => "quiet",
            Self::GoesOn => "goes_on",
        }
    }
}

/// The reason in words, to follow "next visit at …:".
impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Schedule(schedule) => write!(f, "its schedule is `{schedule}` in China time"),
            Self::CatchUp(missed) => write!(
                f,
                "the visit of {} was missed; whatever was missed is made up for once",
                ChinaTime::from(*missed)
            ),
            Self::Season(schedule) => write!(
                f,
                "it publishes between January and April: one more visit half way between those of its schedule `{schedule}`"
            ),
            Self::Quiet(left_out) => write!(
                f,
                "its last {QUIET_RUNS} crawls brought nothing new, so the visit of {} is left out",
                ChinaTime::from(*left_out)
            ),
            Self::GoesOn => f.write_str(
                "its last crawl was stopped by the limit of requests a day or by the hours of the portal, and goes on the next day",
            ),
        }
    }
}

/// When the portal `id` is visited next; a visit whose time is not after `now` is due.
///
/// `None` when its schedule has no further occurrence.
pub fn next_visit(id: &str, schedule: &Schedule, facts: &Facts, now: Timestamp) -> Option<Visit> {
    let from = facts.handled_by(schedule, now);
    let visit = first_after(id, schedule, facts, from)?;
    if now.duration_since(visit.at) <= LATE {
        return Some(visit);
    }
    Some(Visit {
        why: Why::CatchUp(visit.occurrence),
        ..visit
    })
}

/// The first visit after what was taken care of.
fn first_after(id: &str, schedule: &Schedule, facts: &Facts, from: Timestamp) -> Option<Visit> {
    let next = schedule.after(from)?;
    let visit = |occurrence: Timestamp, why: Why| {
        let turn = schedule
            .after(occurrence)
            .map_or(DAY, |after| after.duration_since(occurrence));
        Visit {
            at: occurrence + jitter(id, occurrence, turn),
            occurrence,
            why,
        }
    };
    let by_schedule = || Why::Schedule(schedule.clone());
    let Some(previous) = just_before(schedule, next) else {
        return Some(visit(next, by_schedule()));
    };
    if facts.runs.first().is_some_and(|run| run.is_paused) {
        let n_days = 1 + from.duration_since(previous).as_hours() / 24;
        let goes_on = previous + DAY * i32::try_from(n_days).unwrap_or(1);
        if goes_on < next {
            return Some(visit(goes_on, Why::GoesOn));
        }
    }
    let days = next.duration_since(previous).as_hours() / 24;
    if days >= RARE_DAYS && facts.publishes_in_season {
        let half_way = previous + DAY * i32::try_from(days / 2).unwrap_or_default();
        if half_way > from && is_in_season(half_way) {
            return Some(visit(half_way, Why::Season(schedule.clone())));
        }
    }
    let was_visited = facts.runs.first().is_some_and(|run| run.at >= previous);
    if was_visited && !is_in_season(next) && is_quiet(facts) {
        let after = schedule.after(next);
        let is_soon = |after: &Timestamp| after.duration_since(previous) <= DAY * MOST_DAYS as i32;
        if let Some(after) = after.filter(is_soon) {
            return Some(visit(after, Why::Quiet(next)));
        }
    }
    Some(visit(next, by_schedule()))
}

fn just_before(schedule: &Schedule, occurrence: Timestamp) -> Option<Timestamp> {
    let before = occurrence.checked_sub(SignedDuration::from_secs(1)).ok()?;
    schedule.up_to(before)
}

/// Whether there was nothing new for long, and seldom was before.
fn is_quiet(facts: &Facts) -> bool {
    let runs = &facts.runs;
    let n_with_news = runs.iter().filter(|run| run.has_news).count();
    runs.len() >= QUIET_RUNS
        && !runs.iter().take(QUIET_RUNS).any(|run| run.has_news)
        && n_with_news * OFTEN_ONE_IN < runs.len()
}

/// Whether a moment lies in the season of reports, in China time.
pub fn is_in_season(moment: Timestamp) -> bool {
    crawler::health::is_in_season(ChinaTime::from(moment).date())
}

/// How long after an occurrence the visit begins: the same for the same portal and occurrence, and less than a quarter
/// of the time to the next one.
fn jitter(id: &str, occurrence: Timestamp, turn: SignedDuration) -> SignedDuration {
    let most = (turn / 4).min(MAX_JITTER).as_secs().max(1).unsigned_abs();
    let mut hash = Sha256::new();
    hash.update(id.as_bytes());
    hash.update(occurrence.as_second().to_be_bytes());
    let digest = hash.finalize();
    let number = digest
        .iter()
        .take(8)
        .fold(0_u64, |n, byte| n << 8 | u64::from(*byte));
    SignedDuration::from_secs(i64::try_from(number % most).unwrap_or_default())
}
