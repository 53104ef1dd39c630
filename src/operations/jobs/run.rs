//! What the one process that crawls does with jobs: take them up, note how far they are, and end them.

use crawler::PortalSummary;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use serde_json::Value;

use super::{Asked, Job, JobSource, JobState, Progress, SELECT, add, add_portals, job};
use crate::{
    operations::{
        Operations, OperationsError, ms,
        schedules::{handled, note_run, set_handled},
    },
    portals::PortalSet,
    scheduler::{Due, Facts},
};

/// Of a crawl's failures a job names so many.
const MAX_FAILED: usize = 20;

impl Operations {
    /// Whether a job waits.
    ///
    /// # Errors
    /// When the tables cannot be read.
    pub fn has_queued(&self) -> Result<bool, OperationsError> {
        let reader = self.reader();
        let mut statement = reader.prepare_cached("SELECT 1 FROM jobs WHERE state = 'queued'")?;
        Ok(statement.exists([])?)
    }

    /// Whether a job waits or runs.
    ///
    /// # Errors
    /// When the tables cannot be read.
    pub fn has_open_jobs(&self) -> Result<bool, OperationsError> {
        let reader = self.reader();
        let mut statement =
            reader.prepare_cached("SELECT 1 FROM jobs WHERE state IN ('queued', 'running')")?;
        Ok(statement.exists([])?)
    }

    /// Queues a job for each visit that is due, save where the portal is in an open job already, and writes down that the
    /// visits were taken care of. All at once, so that a kill leaves each as it was or queued. Returns how many were taken
    /// care of: fewer than there are when too many jobs wait.
    ///
    /// # Errors
    /// When it cannot be written down.
    pub fn queue_due(
        &self,
        portals: &PortalSet,
        due: &[Due],
        now: Timestamp,
    ) -> Result<usize, OperationsError> {
        self.write(|db| {
            for (n, due) in due.iter().enumerate() {
                let asked = Asked {
                    portals: std::slice::from_ref(&due.portal),
                    full: false,
                    source: JobSource::Schedule,
                    key_id: None,
                    scheduled_for: Some(due.visit.occurrence),
                };
                if add(db, &asked, now)?.is_none() {
                    return Ok(n);
                }
                set_handled(db, portals, &due.portal, now)?;
            }
            Ok(due.len())
        })
    }

    /// Puts jobs of processes that are gone back into the queue, and ends those that were to be stopped. The caller holds
    /// the writer's lock, so no other process runs one. Returns how many there were.
    ///
    /// # Errors
    /// When it cannot be written down.
    pub fn recover_jobs(&self, owner: &str, now: Timestamp) -> Result<usize, OperationsError> {
        self.write(|db| {
            let mut orphans = db.prepare(
                "SELECT id, is_cancelled FROM jobs WHERE state = 'running' AND owner IS NOT ?1 ORDER BY id",
            )?;
            let orphans: Vec<(i64, bool)> = orphans
                .query_map([owner], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<Result<_, _>>()?;
            for (id, is_cancelled) in &orphans {
                put_back(db, *id, *is_cancelled, now)?;
            }
            Ok(orphans.len())
        })
    }

    /// Takes up the next job that waits: what somebody asked for before what a schedule did, each in its order. The caller
    /// holds the writer's lock.
    ///
    /// # Errors
    /// When the tables cannot be read or written.
    pub fn claim_job(&self, owner: &str, now: Timestamp) -> Result<Option<Job>, OperationsError> {
        self.write(|db| {
            let next = db
                .prepare_cached(&format!(
                    "{SELECT} WHERE state = 'queued' ORDER BY source = 'schedule', id LIMIT 1"
                ))?
                .query_map([], job)?
                .next()
                .transpose()?;
            let Some(mut next) = next else {
                return Ok(None);
            };
            db.prepare_cached(
                "UPDATE jobs SET state = 'running', owner = ?2, started_at = coalesce(started_at, ?3), reason = NULL
                 WHERE id = ?1",
            )?
            .execute(params![next.id, owner, ms(now)])?;
            next.state = JobState::Running;
            add_portals(db, &mut next)?;
            Ok(Some(next))
        })
    }

    /// Ids of running jobs that are to be stopped.
    ///
    /// # Errors
    /// When the tables cannot be read.
    pub fn jobs_to_stop(&self) -> Result<Vec<i64>, OperationsError> {
        let reader = self.reader();
        let mut statement =
            reader.prepare_cached("SELECT id FROM jobs WHERE state = 'running' AND is_cancelled = 1")?;
        let ids = statement.query_map([], |row| row.get(0))?;
        Ok(ids.collect::<Result<_, _>>()?)
    }

    /// Notes how far running jobs are, with the last lines of their logs.
    ///
    /// # Errors
    /// When it cannot be written down.
    pub fn note_progress(&self, jobs: &[(i64, Progress, Vec<String>)]) -> Result<(), OperationsError> {
        if jobs.is_empty() {
            return Ok(());
        }
        let counted = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        self.write(|db| {
            for (id, progress, log) in jobs {
                let log = serde_json::to_string(log)?;
                db.prepare_cached("UPDATE jobs SET fetched = ?2, known = ?3, log = ?4 WHERE id = ?1")?
                    .execute(params![
                        id,
                        counted(progress.fetched),
                        counted(progress.known),
                        log
                    ])?;
            }
            Ok(())
        })
    }

    /// Notes what the crawl of a portal came to. Its portal may be asked for again from here on.
    ///
    /// # Errors
    /// When it cannot be written down.
    pub fn finish_portal(&self, id: i64, summary: &PortalSummary) -> Result<(), OperationsError> {
        let text = serde_json::to_string(&shortened(summary)?)?;
        self.write(|db| Ok(finish_portal(db, id, &summary.id, &text)?))
    }

    /// The same of a portal that was crawled; what the scheduler learns from it is written down with it, so that a kill
    /// loses neither without the other. `is_whole` says that nobody stopped the crawl. Gives what is known of the portal's
    /// schedule then; `None` when it has none.
    ///
    /// # Errors
    /// When it cannot be written down.
    pub fn finish_crawl(
        &self,
        id: i64,
        summary: &PortalSummary,
        is_whole: bool,
        portals: &PortalSet,
        now: Timestamp,
    ) -> Result<Option<Facts>, OperationsError> {
        let text = serde_json::to_string(&shortened(summary)?)?;
        self.write(|db| {
            finish_portal(db, id, &summary.id, &text)?;
            if is_whole {
                note_run(db, summary, now)?;
            }
            Ok(handled(db, portals, &summary.id, now)?)
        })
    }

    /// Ends a job.
    ///
    /// # Errors
    /// When it cannot be written down.
    pub fn finish_job(
        &self,
        id: i64,
        state: JobState,
        reason: Option<&str>,
        now: Timestamp,
    ) -> Result<(), OperationsError> {
        self.write(|db| Ok(close(db, id, state, reason, now)?))
    }

    /// Puts a job that runs back into the queue, for another time or process; one that was to be stopped is over.
    ///
    /// # Errors
    /// When it cannot be written down.
    pub fn release_job(&self, id: i64, now: Timestamp) -> Result<(), OperationsError> {
        self.write(|db| {
            let is_cancelled = db
                .prepare_cached("SELECT is_cancelled FROM jobs WHERE id = ?1")?
                .query_row([id], |row| row.get(0))
                .optional()?;
            Ok(put_back(db, id, is_cancelled.unwrap_or(false), now)?)
        })
    }

    /// Says what the jobs in the queue wait for. `false` when they all said so already.
    ///
    /// # Errors
    /// When it cannot be written down.
    pub fn note_waiting(&self, reason: &str) -> Result<bool, OperationsError> {
        let which = "state = 'queued' AND reason IS NOT ?1";
        let has_news = self
            .reader()
            .prepare_cached(&format!("SELECT 1 FROM jobs WHERE {which}"))?
            .exists([reason])?;
        if has_news {
            self.write(|db| {
                let update = format!("UPDATE jobs SET reason = ?1 WHERE {which}");
                Ok(db.prepare_cached(&update)?.execute([reason])?)
            })?;
        }
        Ok(has_news)
    }
}

fn finish_portal(db: &Connection, id: i64, portal: &str, summary: &str) -> rusqlite::Result<()> {
    db.prepare_cached("UPDATE job_portals SET summary = ?3, is_open = 0 WHERE job = ?1 AND portal = ?2")?
        .execute(params![id, portal, summary])
        .map(drop)
}

pub(super) fn close(
    db: &Connection,
    id: i64,
    state: JobState,
    reason: Option<&str>,
    now: Timestamp,
) -> rusqlite::Result<()> {
    db.prepare_cached(
        "UPDATE jobs SET state = ?2, reason = ?3, finished_at = ?4, owner = NULL
         WHERE id = ?1 AND state IN ('queued', 'running')",
    )?
    .execute(params![id, state.code(), reason, ms(now)])?;
    db.prepare_cached("UPDATE job_portals SET is_open = 0 WHERE job = ?1")?
        .execute([id])
        .map(drop)
}

fn put_back(db: &Connection, id: i64, is_cancelled: bool, now: Timestamp) -> rusqlite::Result<()> {
    if is_cancelled {
        return close(db, id, JobState::Cancelled, None, now);
    }
    db.prepare_cached("UPDATE jobs SET state = 'queued', owner = NULL WHERE id = ?1 AND state = 'running'")?
        .execute([id])
        .map(drop)
}

/// A summary with the first of its failures and traps, and how many failures there are.
fn shortened(summary: &PortalSummary) -> Result<Value, serde_json::Error> {
    let mut value = serde_json::to_value(summary)?;
    if let Some(object) = value.as_object_mut() {
        object.insert("n_failed".to_owned(), summary.failed.len().into());
        for list in ["failed", "traps"] {
            if let Some(list) = object.get_mut(list).and_then(Value::as_array_mut) {
                list.truncate(MAX_FAILED);
            }
        }
    }
    Ok(value)
}
