//! Nothing new for longer than is usual.
//!
//! How often a portal brings something is learned from the runs that did. Annual reports come out between January and
//! April: a portal that brings something in that season only is not quiet because it is August, and its days count
//! from January on.

use jiff::{SignedDuration, Span, Timestamp, civil::Date};
use report::ChinaTime;

use super::{Alarm, AlarmKind, Evidence, History, RunRecord};
use crate::portal::CHINA;

/// Gaps between runs with news that are needed to learn from.
const FEWEST_GAPS: usize = 3;

/// It has been too long after so many times the usual gap …
const TIMES: i64 = 2;

/// … but not in fewer days …
const FEWEST_DAYS: i64 = 21;

/// … nor before so many visits by the schedule.
const FEWEST_TURNS: i64 = 3;

/// Good visits since the last news without which nothing is known.
const FEWEST_VISITS: usize = 2;

/// Last month of the season, which begins with January.
const SEASON_ENDS: i8 = 4;

/// How often a portal brings something new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cadence {
    /// Usual days between two runs with new reports; at least 1.
    pub days: i64,
    /// It brings something between January and April only.
    pub is_seasonal: bool,
}

impl Cadence {
    /// Learns from the moments of runs with news, the newest first. Those that are still to come are of a clock that
    /// was ahead.
    pub(super) fn learn(news: &[Timestamp], now: Timestamp) -> Option<Self> {
        let past = news.iter().filter(|moment| **moment <= now);
        let dates: Vec<Date> = past.map(|moment| date(*moment)).collect();
        let is_seasonal = dates.iter().all(|date| is_in_season(*date));
        let gaps = dates.windows(2).filter_map(|pair| match pair {
            [later, earlier] if !is_seasonal || later.year() == earlier.year() => {
                Some((days(*earlier, *later), is_in_season(*later)))
            }
            _ => None,
        });
        let gaps: Vec<(i64, bool)> = gaps.collect();
        let is_season = is_in_season(date(now));
        let of_now = gaps.iter().filter(|(_, of_season)| *of_season == is_season);
        let mut of_now: Vec<i64> = of_now.map(|(days, _)| *days).collect();
        // What is usual at this time of the year, once that is known.
        if of_now.len() < FEWEST_GAPS {
            of_now = gaps.iter().map(|(days, _)| *days).collect();
        }
        if of_now.len() < FEWEST_GAPS {
            return None;
        }
        of_now.sort_unstable();
        let days = of_now.get(of_now.len() / 2).copied().unwrap_or(1);
        Some(Self {
            days: days.max(1),
            is_seasonal,
        })
    }
}

pub(super) fn alarm(
    oldest_first: &[&RunRecord],
    history: &History,
    cadence: Option<Cadence>,
    turn: Option<SignedDuration>,
    now: Timestamp,
) -> Option<Alarm> {
    let (cadence, last) = cadence.zip(history.news.iter().find(|moment| **moment <= now))?;
    let today = date(now);
    if cadence.is_seasonal && !is_in_season(today) {
        return None;
    }
    let n_visits = oldest_first
        .iter()
        .filter(|run| run.is_good() && run.finished_at > *last && run.finished_at <= now)
        .count();
    if n_visits < FEWEST_VISITS {
        return None;
    }
    // Where only the season counts, it counts from the new year on.
    let new_year = Date::new(today.year(), 1, 1).ok()?;
    let since = match date(*last) {
        last if cadence.is_seasonal => last.max(new_year),
        last => last,
    };
    let turn_days = turn.map_or(0, |turn| turn.as_hours() / 24);
    let allowed = (cadence.days.saturating_mul(TIMES))
        .max(FEWEST_DAYS)
        .max(turn_days.saturating_mul(FEWEST_TURNS));
    let quiet = days(since, today);
    if quiet <= allowed {
        return None;
    }
    let first_day = since
        .checked_add(Span::new().try_days(allowed.saturating_add(1)).ok()?)
        .ok()?;
    Some(Alarm {
        kind: AlarmKind::NoNewReports,
        since: CHINA.to_timestamp(first_day.at(0, 0, 0, 0)).ok()?,
        evidence: vec![Evidence::Quiet {
            days: quiet,
            usual: cadence.days,
        }],
        url: None,
    })
}

fn date(moment: Timestamp) -> Date {
    ChinaTime::from(moment).date()
}

/// Whether a day lies in the season of reports, January to April: those about a year are due by the end of March of the
/// next, and come late.
pub fn is_in_season(date: Date) -> bool {
    date.month() <= SEASON_ENDS
}

fn days(from: Date, to: Date) -> i64 {
    to.duration_since(from).as_hours() / 24
}
