//! How often each list has something new, learned from its visits.
//!
//! A visit tells only whether something came since the one before, not how often; a list that had news at every visit may
//! have had more in between. So the rate is estimated from the part of visits without news, by the estimator of Cho and
//! Garcia-Molina ("Estimating frequency of change", ACM TOIT 3:3, 2003), over counts that fade with each visit.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{Job, Run};

/// Since format 5.
pub(crate) const LISTS: &str = "
    ALTER TABLE frontier ADD COLUMN found_run INTEGER; -- the run that found it; NULL: before this was noted

    -- What the visits of a list brought: of a page that named documents, and the further pages that belong to it.
    CREATE TABLE crawl_lists (
        portal TEXT NOT NULL,
        key TEXT NOT NULL, -- what the crawl knows the list by
        url TEXT NOT NULL,
        first_at INTEGER NOT NULL, -- when it was first seen to name documents, in milliseconds since 1970
        last_at INTEGER NOT NULL,
        run INTEGER NOT NULL, -- the last run that visited it
        n_visits INTEGER NOT NULL,
        n_news INTEGER NOT NULL, -- of those: visits that named a document not known before
        news_at INTEGER, -- the last of them
        news_run INTEGER,
        -- The same without the first visit, each one counting less for every one after it.
        visits REAL NOT NULL,
        news REAL NOT NULL,
        time REAL NOT NULL, -- milliseconds between them
        PRIMARY KEY (portal, key)
    ) STRICT, WITHOUT ROWID;
";

/// With each visit, those before it count this much less: what is remembered is some sixteen visits.
const FADING: f64 = 15.0 / 16.0;

/// More time between two visits tells no more.
const LONGEST: SignedDuration = SignedDuration::from_hours(62 * 24);

/// Bounds of what is learned.
const SHORTEST_INTERVAL: SignedDuration = SignedDuration::from_hours(1);
const LONGEST_INTERVAL: SignedDuration = SignedDuration::from_hours(366 * 24);

/// Visits, the first one aside, without which nothing is learned.
const FEWEST_VISITS: f64 = 1.5;

/// A list of a portal.
#[derive(Clone, Debug, PartialEq)]
pub struct ListRecord {
    /// Its address.
    pub url: String,
    /// When it was first seen to name documents.
    pub first_visit: Timestamp,
    /// When it was last visited.
    pub last_visit: Timestamp,
    /// How many runs visited it.
    pub visits: u64,
    /// How many of them found a document in it that was not known before; what the first one found is not new.
    pub visits_with_news: u64,
    /// When the last of them was.
    pub last_news: Option<Timestamp>,
    /// Estimated time between two changes that bring something new, from an hour to a year; `None` before that can be told.
    pub interval: Option<SignedDuration>,
}

/// Notes a visit of a list. `has_rows`: it named documents; `has_news`: one that no earlier run knew.
pub(crate) fn note_list(
    db: &Connection,
    run: &Run,
    job: &Job,
    (has_rows, has_news): (bool, bool),
    now: i64,
) -> rusqlite::Result<()> {
    let key = job.listing.as_ref().unwrap_or(&job.key);
    let known: Option<(i64, i64, i64, Option<i64>)> = db
        .prepare_cached(
            "SELECT run, n_visits, last_at, news_run FROM crawl_lists WHERE portal = ?1 AND key = ?2",
        )?
        .query_row(params![run.portal, key], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })
        .optional()?;
    let Some((last_run, n_visits, last_at, news_run)) = known else {
        if !has_rows {
            return Ok(());
        }
        return db
            .prepare_cached(
                "INSERT INTO crawl_lists (portal, key, url, first_at, last_at, run, n_visits, n_news, visits, news, time)
                 VALUES (?1, ?2, ?3, ?4, ?4, ?5, 1, 0, 0, 0, 0)",
            )?
            .execute(params![run.portal, key, job.url, now, run.id])
            .map(drop);
    };
    let is_first_page = last_run < run.id;
    let is_news = has_news && news_run != Some(run.id) && n_visits + i64::from(is_first_page) > 1;
    if is_first_page {
        // After a moment that is still to come, since the clock was ahead, nothing can be learned.
        let passed = now.saturating_sub(last_at).min(to_ms(LONGEST));
        let (fading, visit, time) = match passed > 0 {
            true => (FADING, 1.0, passed as f64),
            false => (1.0, 0.0, 0.0),
        };
        db.prepare_cached(
            "UPDATE crawl_lists SET url = iif(?7, ?3, url), last_at = ?4, first_at = min(first_at, ?4), run = ?5,
                 n_visits = n_visits + 1, visits = visits * ?6 + ?8, news = news * ?6, time = time * ?6 + ?9
             WHERE portal = ?1 AND key = ?2",
        )?
        .execute(params![
            run.portal,
            key,
            job.url,
            now,
            run.id,
            fading,
            job.listing.is_none(),
            visit,
            time
        ])?;
    }
    if is_news {
        db.prepare_cached(
            "UPDATE crawl_lists SET n_news = n_news + 1, news = min(news + 1, visits), news_at = ?3, news_run = ?4
             WHERE portal = ?1 AND key = ?2",
        )?
        .execute(params![run.portal, key, now, run.id])?;
    }
    Ok(())
}

/// The lists of a portal that were visited since a run began, the liveliest first, `n` at most.
pub(crate) fn lists(
    db: &Connection,
    portal: &str,
    since: i64,
    n: usize,
) -> rusqlite::Result<Vec<ListRecord>> {
    let mut lists: Vec<ListRecord> = db
        .prepare_cached(
            "SELECT url, first_at, last_at, n_visits, n_news, news_at, visits, news, time FROM crawl_lists
             WHERE portal = ?1 AND run >= ?2",
        )?
        .query_map(params![portal, since], list)?
        .collect::<Result<_, _>>()?;
    lists.sort_by(|a, b| {
        let of = |list: &ListRecord| list.interval.unwrap_or(SignedDuration::MAX);
        (of(a), &a.url).cmp(&(of(b), &b.url))
    });
    lists.truncate(n);
    Ok(lists)
}

fn list(row: &Row<'_>) -> rusqlite::Result<ListRecord> {
    let at = |ms: i64| Timestamp::from_millisecond(ms).unwrap_or_default();
    let count = |column: usize| row.get::<_, i64>(column).map(i64::unsigned_abs);
    Ok(ListRecord {
        url: row.get(0)?,
        first_visit: at(row.get(1)?),
        last_visit: at(row.get(2)?),
        visits: count(3)?,
        visits_with_news: count(4)?,
        last_news: row.get::<_, Option<i64>>(5)?.map(at),
        interval: interval(row.get(6)?, row.get(7)?, row.get(8)?),
    })
}

/// Time between two changes of a list that had news at `news` of so many visits, `time` milliseconds in all between them.
fn interval(visits: f64, news: f64, time: f64) -> Option<SignedDuration> {
    if visits < FEWEST_VISITS {
        return None;
    }
    let changes_a_visit = -((visits - news + 0.5) / (visits + 0.5)).ln();
    let ms = (time / visits) / changes_a_visit;
    let longest = to_ms(LONGEST_INTERVAL) as f64;
    // Without news the quotient is infinite.
    let ms = if ms.is_finite() { ms.min(longest) } else { longest };
    Some(SignedDuration::from_millis(ms as i64).max(SHORTEST_INTERVAL))
}

fn to_ms(time: SignedDuration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DAY: f64 = 24.0 * 3_600_000.0;

    fn days(visits: f64, news: f64, every: f64) -> f64 {
        interval(visits, news, visits * every * DAY)
            .unwrap()
            .as_secs_f64()
            * 1_000.0
            / DAY
    }

    #[test]
    fn the_interval_follows_from_the_visits_without_news() {
        assert_eq!(interval(1.0, 1.0, DAY), None, "one visit says nothing");
        // News at each of the weekly visits: there may be more than one change a week.
        assert!((1.0..4.0).contains(&days(16.0, 16.0, 7.0)));
        // At every other one: every ten days or so; at one of eight: every seven weeks.
        assert!((9.0..12.0).contains(&days(16.0, 8.0, 7.0)));
        assert!((45.0..60.0).contains(&days(16.0, 2.0, 7.0)));
        assert!((days(16.0, 0.0, 7.0) - 366.0).abs() < 0.01, "never: once a year");
    }

    proptest! {
        #[test]
        fn the_interval_keeps_its_bounds(visits in 0.0..17.0_f64, part in 0.0..=1.0_f64, time in 0.0..1e15_f64) {
            if let Some(interval) = interval(visits, visits * part, time) {
                prop_assert!((SHORTEST_INTERVAL..=LONGEST_INTERVAL).contains(&interval));
            }
        }
    }
}
