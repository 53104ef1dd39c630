//! The next visit of one portal: its schedule, and where the season or what it brought departs from it.
//!
//! - A visit is made a few minutes after its occurrence, the same ones whenever they are asked for, so that portals
//!   with the same schedule do not begin at the same second.
//! - A crawl that a limit of the day stopped, or the hours of the portal, goes on the next day at the same time of day.
//! - Whatever was missed while nothing ran is made up for by one visit.
//! - The schedule is the rhythm; how often the liveliest list of the portal has something new, as its visits have taught,
//!   says where that is worth more visits, and where fewer.
//! - From January to April, when annual reports come out, a portal that is visited once a week or less often gets more
//!   visits, at the same time of day: as often as its liveliest list has something new, half way where that is not known.
//!   Not one that had such a season before and brought nothing in it.
//! - In the other months a portal whose last crawls brought nothing, and whose liveliest list is not expected to have
//!   something yet, is visited at every other occurrence; never so that more than a month lies between two visits.

use std::fmt;

use crawler::{LiveliestList, Schedule};
use jiff::{SignedDuration, Timestamp};
use report::ChinaTime;
use sha2::{Digest, Sha256};

/// Visits begin so much after their occurrence at most.
const MAX_JITTER: SignedDuration = SignedDuration::from_mins(5);

/// A visit that begins later than this was missed, and is made up for.
const LATE: SignedDuration = SignedDuration::from_mins(15);

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Schedules with at least so many days between two visits get more in season …
const RARE_DAYS: i64 = 6;

/// … this many days apart at least, and this part of the time between two occurrences.
const FEWEST_DAYS: i64 = 3;
const MOST_VISITS: i64 = 4;

/// A season that a portal was known since this month was none of its own.
const MONTH_OF_MOST: i8 = 3;

/// A visit is worth while as soon as one of so many brings something.
const WORTH_ONE_IN: i32 = 4;

/// Between two visits lie at most so many days when every other one is left out, and in season.
const MOST_DAYS: i64 = 31;

/// What was taken care of in a future that has not come is believed for so long at most.
const MOST_BELIEVED: SignedDuration = SignedDuration::from_hours(31 * 24);

/// So many crawls in a row without news make a portal quiet …
const QUIET_RUNS: usize = 4;

/// … unless, where no list is known, at least one of so many of its crawls brought some.
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
    /// The list that has something new most often, once that was learned.
    pub liveliest: Option<LiveliestList>,
    /// Since when the portal is visited; `None` when it never was.
    pub known_since: Option<Timestamp>,
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
    /// The list whose changes were weighed.
    pub list: Option<LiveliestList>,
}

impl Visit {
    /// Why then, in words, and what is known of the list that was weighed.
    pub fn reason(&self) -> String {
        match &self.list {
            None => self.why.to_string(),
            Some(list) => format!(
                "{}; its liveliest list, {}, has something new about every {}",
                self.why,
                list.url,
                length(list.interval)
            ),
        }
    }
}

/// A length of time in days, or in hours when it is short.
fn length(time: SignedDuration) -> String {
    let hours = (time.as_secs() + 1_800) / 3_600;
    match hours {
        ..=1 => "hour".to_owned(),
        2..48 => format!("{hours} hours"),
        _ => format!("{} days", (hours + 12) / 24),
    }
}

/// Why a visit is when it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// The schedule says so.
    Schedule(Schedule),
    /// One or more visits were missed; the first of them.
    CatchUp(Timestamp),
    /// Between two occurrences, in season.
    Season {
        /// The schedule.
        schedule: Schedule,
        /// It is the first season of the portal.
        is_first: bool,
    },
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
            Self::Season { .. } => "season",
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
            Self::Season { schedule, is_first: false } => write!(
                f,
                "it publishes between January and April: a visit between those of its schedule `{schedule}`"
            ),
            Self::Season { schedule, is_first: true } => write!(
                f,
                "reports come out between January and April, and this is its first season: a visit between those of its \
                 schedule `{schedule}`"
            ),
            Self::Quiet(left_out) => write!(
                f,
                "its last {QUIET_RUNS} crawls brought nothing new, and nothing is expected yet, so the visit of {} is left out",
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
    let (occurrence, why) = first_after(schedule, facts, from, now)?;
    let turn = schedule
        .after(occurrence)
        .map_or(DAY, |after| after.duration_since(occurrence));
    let at = occurrence + jitter(id, occurrence, turn);
    let is_late = now.duration_since(at) > LATE;
    Some(Visit {
        at,
        occurrence,
        why: if is_late { Why::CatchUp(occurrence) } else { why },
        list: facts.liveliest.clone(),
    })
}

/// The first moment to visit after what was taken care of.
fn first_after(
    schedule: &Schedule,
    facts: &Facts,
    from: Timestamp,
    now: Timestamp,
) -> Option<(Timestamp, Why)> {
    let next = schedule.after(from)?;
    let by_schedule = || Why::Schedule(schedule.clone());
    let Some(previous) = just_before(schedule, next) else {
        return Some((next, by_schedule()));
    };
    if facts.runs.first().is_some_and(|run| run.is_paused) {
        let n_days = 1 + from.duration_since(previous).as_hours() / 24;
        let goes_on = previous + DAY * i32::try_from(n_days).unwrap_or(1);
        if goes_on < next {
            return Some((goes_on, Why::GoesOn));
        }
    }
    if let Some((between, is_first)) = season_visit(facts, (previous, next), from, now) {
        let schedule = schedule.clone();
        return Some((between, Why::Season { schedule, is_first }));
    }
    // What is noted of a moment to come was noted while the clock was ahead.
    let mut past = facts.runs.iter().filter(|run| run.at <= now);
    let was_visited = past.next().is_some_and(|run| run.at >= previous);
    if was_visited && !is_in_season(next) && is_quiet(facts, (previous, next), now) {
        let after = schedule.after(next);
        let is_soon = |after: &Timestamp| after.duration_since(previous) <= DAY * MOST_DAYS as i32;
        if let Some(after) = after.filter(is_soon) {
            return Some((after, Why::Quiet(next)));
        }
    }
    Some((next, by_schedule()))
}

fn just_before(schedule: &Schedule, occurrence: Timestamp) -> Option<Timestamp> {
    let before = occurrence.checked_sub(SignedDuration::from_secs(1)).ok()?;
    schedule.up_to(before)
}

/// The first visit after `from` that the season adds between two occurrences, and whether it is the portal's first season.
fn season_visit(
    facts: &Facts,
    (previous, next): (Timestamp, Timestamp),
    from: Timestamp,
    now: Timestamp,
) -> Option<(Timestamp, bool)> {
    let days = next.duration_since(previous).as_hours() / 24;
    if days < RARE_DAYS {
        return None;
    }
    let half = (days / 2).min(MOST_DAYS);
    let step = facts.liveliest.as_ref().map_or(half, |list| {
        let learned = (list.interval.as_hours() + 23) / 24;
        learned.clamp(FEWEST_DAYS.max(days / MOST_VISITS).min(half), half)
    });
    let passed = from.duration_since(previous).as_hours() / 24;
    let moment = |n: i64| previous + DAY * i32::try_from(step * n).unwrap_or(i32::MAX);
    let n = passed / step;
    let mut visits = [n, n + 1].into_iter().filter(|n| *n > 0).map(moment);
    let visit = visits.find(|visit| *visit > from)?;
    // Not just before the occurrence.
    if visit + DAY * i32::try_from(step).unwrap_or(i32::MAX) > next || !is_in_season(visit) {
        return None;
    }
    let is_first = is_first_season(facts, visit, now);
    (facts.publishes_in_season || is_first).then_some((visit, is_first && !facts.publishes_in_season))
}

/// Whether a portal was not visited in an earlier season, or only at its end.
fn is_first_season(facts: &Facts, visit: Timestamp, now: Timestamp) -> bool {
    let date = |moment: Timestamp| ChinaTime::from(moment).date();
    facts.known_since.is_none_or(|since| {
        let since = date(since.min(now));
        let first = since.year() + i16::from(since.month() >= MONTH_OF_MOST);
        date(visit).year() <= first
    })
}

/// Whether there was nothing new for long, and none is expected yet at the second of two occurrences.
fn is_quiet(facts: &Facts, (previous, next): (Timestamp, Timestamp), now: Timestamp) -> bool {
    let runs: Vec<&Run> = facts.runs.iter().filter(|run| run.at <= now).collect();
    if runs.len() < QUIET_RUNS || runs.iter().take(QUIET_RUNS).any(|run| run.has_news) {
        return false;
    }
    match &facts.liveliest {
        // So long after its last visit one of so many lists like it has something; a quarter of a turn is no matter.
        Some(list) => {
            let expected = list.last_visit.min(now).checked_add(list.interval / WORTH_ONE_IN);
            let turn = next.duration_since(previous);
            expected.is_ok_and(|expected| expected.duration_since(next) > turn / 4)
        }
        None => {
            let n_with_news = runs.iter().filter(|run| run.has_news).count();
            n_with_news * OFTEN_ONE_IN < runs.len()
        }
    }
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
