//! What the scheduler has to remember: up to when it took care of each portal, and what the last crawls brought.

use std::collections::{BTreeMap, HashMap};

use crawler::{KnownPortal, PortalStatus, PortalSummary, known_portals};
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, params};

use super::{Operations, OperationsError, moment, ms};
use crate::{
    portals::PortalSet,
    scheduler::{Facts, NextRun, OpenJob, Run, next_run, visit::is_in_season},
};

/// So many crawls of a portal are remembered. The last one that brought something in season is, besides.
const KEPT: i64 = 16;

/// How long the schedule of a portal is remembered that has none any more: its file may come back, with the disk it is on.
const GONE_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);

impl Operations {
    /// What is known of every portal that has a schedule, for the scheduler.
    ///
    /// # Errors
    /// When the tables cannot be read.
    pub fn schedule_facts(
        &self,
        portals: &PortalSet,
        now: Timestamp,
    ) -> Result<HashMap<String, Facts>, OperationsError> {
        let reader = self.reader();
        let handled: HashMap<String, (String, i64)> = reader
            .prepare_cached("SELECT portal, expression, handled_at FROM schedules")?
            .query_map([], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?))))?
            .collect::<Result<_, _>>()?;
        // Who asks about one portal need not read what is known of all.
        let only = portals.good.keys().next().filter(|_| portals.good.len() == 1);
        let only = only.map(String::as_str);
        let mut runs = runs(&reader, only, now)?;
        let mut known_portals = known_portals(&reader, only)?;
        let scheduled = portals
            .good
            .values()
            .filter_map(|portal| Some((&portal.id, portal.schedule.as_ref()?)));
        let facts = scheduled.map(|(id, schedule)| {
            let (runs, publishes_in_season) = runs.remove(id).unwrap_or_default();
            // Another schedule begins anew.
            let known = handled
                .get(id)
                .filter(|(expression, _)| *expression == schedule.to_string());
            let handled = known.map(|(_, at)| moment(*at));
            let facts = facts(handled, runs, publishes_in_season, known_portals.remove(id));
            (id.clone(), facts)
        });
        Ok(facts.collect())
    }

    /// When each portal is visited next, and why then.
    ///
    /// # Errors
    /// When the tables cannot be read.
    pub fn next_runs(
        &self,
        portals: &PortalSet,
        now: Timestamp,
    ) -> Result<BTreeMap<String, NextRun>, OperationsError> {
        let facts = self.schedule_facts(portals, now)?;
        let reader = self.reader();
        let open: HashMap<String, OpenJob> = reader
            .prepare_cached(
                "SELECT p.portal, j.id, j.state = 'running' FROM job_portals p JOIN jobs j ON j.id = p.job
                 WHERE p.is_open = 1",
            )?
            .query_map([], |row| {
                let (id, is_running) = (row.get(1)?, row.get(2)?);
                Ok((row.get(0)?, OpenJob { id, is_running }))
            })?
            .collect::<Result<_, _>>()?;
        let runs = portals.good.iter().map(|(id, portal)| {
            let next = next_run(portal, facts.get(id), open.get(id).copied(), now);
            (id.clone(), next)
        });
        Ok(runs.collect())
    }

    /// Writes down from when on new and changed schedules count, and forgets those that are gone for a month. Gives the
    /// facts.
    ///
    /// # Errors
    /// When the tables cannot be read or written.
    pub fn adopt_schedules(
        &self,
        portals: &PortalSet,
        now: Timestamp,
    ) -> Result<HashMap<String, Facts>, OperationsError> {
        let mut facts = self.schedule_facts(portals, now)?;
        self.write(|db| {
            let mut known = db.prepare("SELECT portal, gone_at FROM schedules")?;
            let known: Vec<(String, Option<i64>)> = known
                .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<Result<_, _>>()?;
            for (id, gone_at) in known {
                let gone_at_now = match (facts.contains_key(&id), gone_at) {
                    (true, _) => None,
                    // A moment to come was written down while the clock was ahead.
                    (false, gone_at) => Some(gone_at.unwrap_or(ms(now)).min(ms(now))),
                };
                if gone_at_now.is_some_and(|at| now.duration_since(moment(at)) > GONE_FOR) {
                    db.prepare_cached("DELETE FROM schedules WHERE portal = ?1")?
                        .execute([id])?;
                } else if gone_at_now != gone_at {
                    db.prepare_cached("UPDATE schedules SET gone_at = ?2 WHERE portal = ?1")?
                        .execute(params![id, gone_at_now])?;
                }
            }
            for (id, facts) in &mut facts {
                let schedule = portals.good.get(id).and_then(|portal| portal.schedule.as_ref());
                let Some(schedule) = schedule else { continue };
                let believed = facts.handled_by(schedule, now);
                if facts.handled != Some(believed) {
                    facts.handled = Some(believed);
                    set_handled(db, portals, id, believed)?;
                }
            }
            Ok(())
        })?;
        Ok(facts)
    }

    /// The occurrences of a portal's schedule up to now were taken care of. Gives what is known of it then; a portal
    /// without a schedule is left alone.
    ///
    /// # Errors
    /// When it cannot be written down.
    pub fn handled(
        &self,
        portals: &PortalSet,
        portal: &str,
        now: Timestamp,
    ) -> Result<Option<Facts>, OperationsError> {
        self.write(|db| Ok(handled(db, portals, portal, now)?))
    }

    /// Remembers what a crawl of a portal brought. One that failed or was shut out says nothing about news.
    ///
    /// # Errors
    /// When it cannot be written down.
    pub fn note_run(&self, summary: &PortalSummary, now: Timestamp) -> Result<(), OperationsError> {
        self.write(|db| Ok(note_run(db, summary, now)?))
    }
}

pub(super) fn handled(
    db: &Connection,
    portals: &PortalSet,
    portal: &str,
    now: Timestamp,
) -> rusqlite::Result<Option<Facts>> {
    if !set_handled(db, portals, portal, now)? {
        return Ok(None);
    }
    let (runs, publishes_in_season) = runs(db, Some(portal), now)?.remove(portal).unwrap_or_default();
    let known = known_portals(db, Some(portal))?.remove(portal);
    Ok(Some(facts(Some(now), runs, publishes_in_season, known)))
}

pub(super) fn note_run(db: &Connection, summary: &PortalSummary, now: Timestamp) -> rusqlite::Result<()> {
    if !matches!(summary.status, PortalStatus::Ok | PortalStatus::Partial) {
        return Ok(());
    }
    let counted = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    db.prepare_cached(
        "INSERT OR REPLACE INTO portal_runs (portal, at, status, n_new, n_changed, in_season, is_paused)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![
        summary.id,
        ms(now),
        summary.status.code(),
        counted(summary.reports.new),
        counted(summary.reports.changed),
        is_in_season(now),
        summary.is_paused(),
    ])?;
    // Runs of a time that has not come are as many again: either they or those of now are from a clock that was wrong, and
    // which is not known before it is right again.
    for side in ["at <= ?3", "at > ?3"] {
        db.prepare_cached(&format!(
            "DELETE FROM portal_runs WHERE portal = ?1 AND {side}
             AND at NOT IN (SELECT at FROM portal_runs WHERE portal = ?1 AND {side} ORDER BY at DESC LIMIT ?2)
             AND at NOT IN (SELECT at FROM portal_runs WHERE portal = ?1 AND {side} AND in_season AND n_new + n_changed > 0
                            ORDER BY at DESC LIMIT 1)",
        ))?
        .execute(params![summary.id, KEPT, ms(now)])?;
    }
    Ok(())
}

/// Writes down up to when the schedule of a portal was taken care of; `false` when it has none.
pub(super) fn set_handled(
    db: &Connection,
    portals: &PortalSet,
    portal: &str,
    at: Timestamp,
) -> rusqlite::Result<bool> {
    let schedule = portals
        .good
        .get(portal)
        .and_then(|portal| portal.schedule.as_ref());
    let Some(schedule) = schedule else {
        return Ok(false);
    };
    db.prepare_cached(
        "INSERT INTO schedules (portal, expression, handled_at) VALUES (?1, ?2, ?3)
         ON CONFLICT (portal) DO UPDATE
         SET expression = excluded.expression, handled_at = excluded.handled_at, gone_at = NULL",
    )?
    .execute(params![portal, schedule.to_string(), ms(at)])?;
    Ok(true)
}

/// What its crawls have taught of a portal, and what the catalog remembers of its lists.
fn facts(
    handled: Option<Timestamp>,
    runs: Vec<Run>,
    publishes_in_season: bool,
    known: Option<KnownPortal>,
) -> Facts {
    let (liveliest, lists_since) = known.map_or((None, None), |known| (known.liveliest, known.lists_since));
    let first_run = runs.iter().map(|run| run.at).min();
    Facts {
        handled,
        publishes_in_season,
        liveliest,
        known_since: lists_since.into_iter().chain(first_run).min(),
        runs,
    }
}

/// The last crawls by portal up to now, the newest first, and whether one brought something in season.
type Runs = HashMap<String, (Vec<Run>, bool)>;

fn runs(db: &Connection, portal: Option<&str>, now: Timestamp) -> rusqlite::Result<Runs> {
    let mut statement = db.prepare_cached(&select_runs(portal.is_some()))?;
    let mut rows = match portal {
        Some(portal) => statement.query(params![ms(now), portal])?,
        None => statement.query([ms(now)])?,
    };
    let mut runs = Runs::new();
    while let Some(row) = rows.next()? {
        let (of_portal, in_season) = runs.entry(row.get(0)?).or_default();
        let has_news = row.get(2)?;
        *in_season |= has_news && row.get::<_, bool>(3)?;
        of_portal.push(Run {
            at: moment(row.get(1)?),
            has_news,
            is_paused: row.get(4)?,
        });
    }
    Ok(runs)
}

/// Runs up to a moment, of one portal or of all. A statement that can do both would read those of all for one, each time a
/// crawl ends, while nobody else can write.
fn select_runs(of_one: bool) -> String {
    let of_one = if of_one { "AND portal = ?2" } else { "" };
    format!(
        "SELECT portal, at, n_new + n_changed > 0, in_season, is_paused FROM portal_runs
         WHERE at <= ?1 {of_one} ORDER BY portal, at DESC"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_crawl_reads_the_runs_of_no_other_portal() {
        let folder = tempfile::tempdir().unwrap();
        let operations = Operations::open(folder.path()).unwrap();
        let reader = operations.reader();
        let mut plan = reader
            .prepare(&format!("EXPLAIN QUERY PLAN {}", select_runs(true)))
            .unwrap();
        let steps = plan.query_map(params![0, "a"], |row| row.get::<_, String>("detail"));
        let steps: Vec<String> = steps.unwrap().map(Result::unwrap).collect();
        let search = "SEARCH portal_runs USING PRIMARY KEY (portal=? AND at<?)";
        assert_eq!(steps, [search]);
    }
}
