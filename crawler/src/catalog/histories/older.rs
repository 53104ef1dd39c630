//! Runs further back than the last ones, where those alone do not tell since when something is wrong, nor what was usual
//! before: without them an alarm would end when its first run is forgotten.
//!
//! What each run showed is written down when it ends ([`note_verdict`]), so that the runs to look for are found by it.

use std::{cmp::Reverse, collections::BTreeSet};

use rusqlite::{Connection, OptionalExtension, params};

use super::{RUN_COLUMNS, history, limit, numbered};
use crate::health::{RUNS, RunRecord, Verdict, baseline::USUAL_RUNS, judge};

/// Signs of fewer rows, and of reports that say less.
const DROPPED: i64 = 1;
const REBUILT: i64 = 2;

pub(super) fn verdict(signs: i64) -> Verdict {
    Verdict {
        has_dropped: signs & DROPPED != 0,
        is_rebuilt: signs & REBUILT != 0,
    }
}

/// Writes down what the last run of a portal showed. Belongs into the transaction that ends it.
pub(crate) fn note_verdict(db: &Connection, portal: &str, run: i64) -> rusqlite::Result<()> {
    let verdict = judge(&history(db, portal, RUNS)?);
    let signs = verdict
        .map(|verdict| i64::from(verdict.has_dropped) * DROPPED + i64::from(verdict.is_rebuilt) * REBUILT);
    db.prepare_cached("UPDATE crawl_yields SET signs = ?2 WHERE run = ?1")?
        .execute(params![run, signs])
        .map(drop)
}

/// Whether the last runs, however many, do not tell all that is to be known.
pub(super) fn are_needed(last: &[RunRecord]) -> bool {
    let has_signs = |run: &RunRecord| run.verdict.is_some_and(|verdict| verdict != Verdict::default());
    last.iter().any(has_signs) || !last.iter().any(|run| run.verdict.is_some())
}

/// The runs before `oldest` that are needed, the newest first.
pub(super) fn before(db: &Connection, portal: &str, oldest: i64) -> rusqlite::Result<Vec<RunRecord>> {
    let mut statement = db.prepare_cached(&format!(
        "SELECT r.portal, {RUN_COLUMNS} FROM crawl_runs r LEFT JOIN crawl_yields y ON y.run = r.id WHERE r.id = ?1"
    ))?;
    let mut runs = numbers(db, portal, oldest)?
        .into_iter()
        .map(|id| statement.query_row([id], numbered))
        .collect::<rusqlite::Result<Vec<_>>>()?;
    runs.sort_unstable_by_key(|(id, _)| Reverse(*id));
    Ok(runs.into_iter().map(|(_, run)| run).collect())
}

/// The runs of a portal that are needed besides its last ones, and so are not to be forgotten.
pub(crate) fn to_be_kept(db: &Connection, portal: &str) -> rusqlite::Result<BTreeSet<i64>> {
    let oldest: Option<i64> = db
        .prepare_cached(
            "SELECT id FROM crawl_runs WHERE portal = ?1 AND finished_at IS NOT NULL ORDER BY id DESC LIMIT 1 OFFSET ?2",
        )?
        .query_row(params![portal, limit(RUNS - 1)], |row| row.get(0))
        .optional()?;
    match oldest {
        Some(oldest) if are_needed(&history(db, portal, RUNS)?.runs) => numbers(db, portal, oldest),
        _ => Ok(BTreeSet::new()),
    }
}

/// For each alarm that is told by what is usual: the last good runs, of those that a limit ended and of the others, and
/// the first after them that was not good. Of the others: the last run that reached the portal, and how it went on.
fn numbers(db: &Connection, portal: &str, oldest: i64) -> rusqlite::Result<BTreeSet<i64>> {
    let mut found = BTreeSet::new();
    let mut good = db.prepare_cached(
        "SELECT r.id FROM crawl_runs r JOIN crawl_yields y ON y.run = r.id
         WHERE r.portal = ?1 AND r.id < ?2 AND y.signs & ?3 = 0 AND coalesce(r.reason, '') GLOB 'max_pages*' = ?4
         ORDER BY r.id DESC LIMIT ?5",
    )?;
    let mut first_bad = db.prepare_cached(
        "SELECT r.id FROM crawl_runs r JOIN crawl_yields y ON y.run = r.id
         WHERE r.portal = ?1 AND r.id < ?2 AND r.id > ?3 AND y.signs & ?4 <> 0 ORDER BY r.id LIMIT 1",
    )?;
    for sign in [DROPPED, REBUILT] {
        let mut last = 0;
        for is_limited in [false, true] {
            let of_kind = params![portal, oldest, sign, is_limited, limit(USUAL_RUNS)];
            for id in good.query_map(of_kind, |row| row.get::<_, i64>(0))? {
                let id = id?;
                last = last.max(id);
                found.insert(id);
            }
        }
        let bad = first_bad.query_row(params![portal, oldest, last, sign], |row| row.get::<_, i64>(0));
        found.extend(bad.optional()?);
    }
    let reached: i64 = db
        .prepare_cached(
            "SELECT coalesce(max(id), 0) FROM crawl_runs WHERE portal = ?1 AND id < ?2
             AND status IN ('ok', 'partial') AND reason IS NOT 'superseded'",
        )?
        .query_row(params![portal, oldest], |row| row.get(0))?;
    let mut not_reached = db.prepare_cached(
        "SELECT min(id) FROM crawl_runs WHERE portal = ?1 AND id < ?2 AND id > ?3 AND status = ?4",
    )?;
    for status in ["blocked", "failed"] {
        let id: Option<i64> =
            not_reached.query_row(params![portal, oldest, reached, status], |row| row.get(0))?;
        found.extend(id);
    }
    found.extend((reached > 0).then_some(reached));
    Ok(found)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::Timestamp;

    use super::*;
    use crate::{
        catalog::Catalog,
        frontier,
        health::{Alarm, AlarmKind, assess},
        retention::Ages,
    };

    const WEEK: i64 = 7 * 24 * 3_600_000;

    /// A portal that is crawled every week.
    struct Weeks {
        _dir: tempfile::TempDir,
        catalog: Catalog,
        now: i64,
    }

    impl Weeks {
        fn new() -> Self {
            let dir = tempfile::tempdir().unwrap();
            let catalog = Catalog::open(dir.path()).unwrap();
            Self {
                _dir: dir,
                catalog,
                now: 1_700_000_000_000,
            }
        }

        /// `n` weeks with crawls that ended so, with so many rows, and half of the reports' texts so long.
        fn pass(&mut self, n: usize, status: &str, rows: i64, chars: i64) {
            let db = self.catalog.connection();
            for _ in 0..n {
                self.now += WEEK;
                db.execute(
                    "INSERT INTO crawl_runs (portal, started_at, finished_at, is_full, last_version, status)
                     VALUES ('p', ?1, ?1, 0, 0, ?2)",
                    params![self.now, status],
                )
                .unwrap();
                let run = db.last_insert_rowid();
                db.execute(
                    "INSERT INTO crawl_yields (run, portal, n_rows, n_lists, n_lists_lost, n_lists_short, n_new, n_changed,
                         n_unchanged, n_removed, n_seen, n_flagged, n_text_lost, median_chars, n_failed, robots_changed)
                     VALUES (?1, 'p', ?2, 1, 0, 0, 0, 0, 0, 0, 40, 0, 0, ?3, 0, 0)",
                    params![run, rows, chars],
                )
                .unwrap();
                note_verdict(db, "p", run).unwrap();
            }
        }

        fn alarms(&self) -> Vec<Alarm> {
            let now = Timestamp::from_millisecond(self.now).unwrap();
            let alarms = assess(&self.catalog.history("p", RUNS).unwrap(), None, now).alarms;
            let many = assess(&self.catalog.history("p", 50).unwrap(), None, now).alarms;
            assert_eq!(alarms, many, "however many runs are read");
            assert_eq!(
                alarms,
                assess(&self.catalog.histories().unwrap()["p"], None, now).alarms
            );
            alarms
        }

        /// Forgets what may be forgotten; gives how many runs that were.
        fn forget(&self) -> usize {
            let now = Timestamp::from_millisecond(self.now + 1).unwrap();
            frontier::forget_runs(self.catalog.connection(), Ages::new(Duration::ZERO, now)).unwrap()
        }

        /// The alarms, and since how many weeks they stand.
        fn since(&self) -> Vec<(AlarmKind, i64)> {
            let weeks = |alarm: &Alarm| (self.now - alarm.since.as_millisecond()) / WEEK;
            self.alarms()
                .iter()
                .map(|alarm| (alarm.kind, weeks(alarm)))
                .collect()
        }
    }

    #[test]
    fn only_a_good_run_ends_an_alarm_however_long_it_stands() {
        let mut weeks = Weeks::new();
        weeks.pass(8, "ok", 100, 3_000);
        assert_eq!(weeks.since(), []);
        for n in [1, 11, 1, 27] {
            weeks.pass(n, "ok", 10, 900);
        }
        let both = [(AlarmKind::YieldsDropped, 39), (AlarmKind::LayoutChanged, 39)];
        assert_eq!(weeks.since(), both);
        // Nor do crawls that fail, and a list that is half of what it was is not good yet.
        weeks.pass(13, "failed", 0, 0);
        assert_eq!(
            weeks.since()[1..],
            [both[0], both[1]].map(|(kind, n)| (kind, n + 13))
        );
        weeks.pass(1, "ok", 50, 3_000);
        assert_eq!(weeks.since(), [(AlarmKind::YieldsDropped, 53)]);
        weeks.pass(1, "ok", 90, 3_000);
        assert_eq!(weeks.since(), []);
        weeks.pass(1, "ok", 20, 3_000);
        assert_eq!(
            weeks.since(),
            [(AlarmKind::YieldsDropped, 0)],
            "it is held against 90"
        );
    }

    #[test]
    fn runs_of_long_ago_are_not_forgotten_while_an_alarm_rests_on_them() {
        let mut weeks = Weeks::new();
        weeks.pass(30, "ok", 100, 3_000);
        weeks.pass(40, "ok", 10, 3_000);
        let before = weeks.alarms();
        let n = weeks.forget();
        assert!(n >= 40, "{n}");
        assert_eq!(weeks.alarms(), before);
        // Nor when one is under way, nor day after day.
        let begun =
            "INSERT INTO crawl_runs (portal, started_at, is_full, last_version) VALUES ('p', ?1, 0, 0)";
        weeks.catalog.connection().execute(begun, [weeks.now]).unwrap();
        for day in 1..=5 {
            assert_eq!(weeks.forget(), 0, "day {day}");
            assert_eq!(weeks.alarms(), before, "day {day}");
        }
        weeks.pass(20, "ok", 10, 3_000);
        assert_eq!(weeks.since(), [(AlarmKind::YieldsDropped, 59)]);
        weeks.pass(1, "ok", 100, 3_000);
        assert_eq!(weeks.since(), []);
    }

    #[test]
    fn who_shut_us_out_and_was_silent_since_has_not_let_us_in() {
        let mut weeks = Weeks::new();
        weeks.pass(3, "ok", 100, 3_000);
        weeks.pass(1, "blocked", 0, 0);
        weeks.pass(30, "failed", 0, 0);
        assert_eq!(
            weeks.since(),
            [(AlarmKind::Blocked, 30), (AlarmKind::Unreachable, 29)]
        );
        weeks.pass(1, "ok", 100, 3_000);
        assert_eq!(weeks.since(), []);
    }
}
