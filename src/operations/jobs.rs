//! Jobs: crawls of portals that were asked for, until long after they are over.
//!
//! ```text
//!            ┌────────────── its process was stopped or died ◀┐
//! ask ─▶ queued ─▶ running ─▶ done | failed | blocked         │
//!          └─────────┴─▶ cancelled        └───────────────────┘
//! ```
//!
//! Anybody may ask for a job or cancel one; only the process that holds the data directory's lock of the writer takes
//! one up ([`run`]). So a job that is `running` while another process holds that lock is one whose process is gone. No portal is in
//! two open jobs at a time; the database itself sees to that.

mod run;

use crawler::Ages;
use jiff::Timestamp;
use report::ChinaTime;
use rusqlite::{Connection, OptionalExtension, Row, params, types::Type};
use serde::{Serialize, Serializer};
use serde_json::Value;
use utoipa::ToSchema;

use super::{Operations, OperationsError, moment, ms};

/// Jobs that are over are kept up to this number.
const KEPT: i64 = 10_000;

/// Jobs that may wait at a time.
const MAX_OPEN: i64 = 20_000;

/// How far a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum JobState {
    /// It waits to be taken up.
    Queued,
    /// Its portals are being crawled.
    Running,
    /// All its portals were crawled; `reason` says what of them could not be had.
    Done,
    /// A portal failed.
    Failed,
    /// Somebody stopped it. What was fetched is kept.
    Cancelled,
    /// All its portals shut us out.
    Blocked,
}

impl JobState {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Queued,
        Self::Running,
        Self::Done,
        Self::Failed,
        Self::Cancelled,
        Self::Blocked,
    ];

    /// The word for it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Blocked => "blocked",
        }
    }

    /// Whether nothing more comes.
    pub fn is_over(self) -> bool {
        !matches!(self, Self::Queued | Self::Running)
    }
}

impl std::str::FromStr for JobState {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|state| state.code() == text);
        found.ok_or_else(|| {
            let all: Vec<_> = Self::ALL.iter().map(|state| state.code()).collect();
            format!("{text:?} is none of {}", all.join(", "))
        })
    }
}

/// Who asked for a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum JobSource {
    /// The schedule of a portal.
    Schedule,
    /// A request to the API.
    Request,
    /// `gongbao jobs run`.
    Cli,
}

impl JobSource {
    fn code(self) -> &'static str {
        match self {
            Self::Schedule => "schedule",
            Self::Request => "request",
            Self::Cli => "cli",
        }
    }

    fn of(code: &str) -> Option<Self> {
        [Self::Schedule, Self::Request, Self::Cli]
            .into_iter()
            .find(|source| source.code() == code)
    }
}

/// How much of a job is done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Progress {
    /// Pages that were asked for.
    pub fetched: u64,
    /// These and those that are known to come.
    pub known: u64,
}

/// A job, in the form in which programs read it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Job {
    /// Numbers that grow.
    #[serde(serialize_with = "as_text")]
    #[schema(value_type = String, pattern = "^[0-9]+$", example = "17")]
    pub id: i64,
    /// Ids of its portals.
    pub portals: Vec<String>,
    /// How far it is.
    pub state: JobState,
    /// Everything is fetched again.
    pub full: bool,
    /// Who asked for it.
    pub source: JobSource,
    /// Why it is not simply done; of a queued one, what it waits for.
    pub reason: Option<String>,
    /// When it was asked for.
    pub created_at: ChinaTime,
    /// The occurrence of a schedule that it stands for.
    pub scheduled_for: Option<ChinaTime>,
    /// When it was first taken up.
    pub started_at: Option<ChinaTime>,
    /// When it was over.
    pub finished_at: Option<ChinaTime>,
    /// How much of it is done.
    pub progress: Progress,
    /// Somebody asked for its end, and pages under way are being finished.
    pub cancelling: bool,
    /// What the crawls of its portals came to, as far as they are over; left out of lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub results: Option<Vec<Value>>,
    /// The last lines of what happened, the oldest first; left out of lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log: Option<Vec<String>>,
}

fn as_text<S: Serializer>(id: &i64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(id)
}

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Asked<'a> {
    /// Ids of portals; at least one, each once.
    pub portals: &'a [String],
    /// Everything is to be fetched again.
    pub full: bool,
    /// Who asks.
    pub source: JobSource,
    /// Id of the key with which it is asked for.
    pub key_id: Option<&'a str>,
    /// The occurrence of a schedule that it stands for.
    pub scheduled_for: Option<Timestamp>,
}

/// What became of what was asked for.
#[derive(Clone, Debug)]
pub struct Added {
    /// The new job, or the one that has the portal already.
    pub job: Job,
    /// Whether it is new.
    pub is_new: bool,
    /// Portals that were asked for and are in other open jobs, with these.
    pub elsewhere: Vec<(String, i64)>,
}

/// Which jobs are listed.
#[derive(Clone, Debug, Default)]
pub struct JobFilter {
    /// Only those in this state.
    pub state: Option<JobState>,
    /// Only those of this portal.
    pub portal: Option<String>,
    /// Only those before this one.
    pub before: Option<i64>,
    /// At most so many.
    pub limit: usize,
}

impl Operations {
    /// Forgets jobs that are over for longer than they are kept for. Gives how many.
    ///
    /// # Errors
    /// When the tables cannot be written.
    pub fn forget_jobs(&self, mut ages: Ages) -> Result<usize, OperationsError> {
        let old = "state NOT IN ('queued', 'running') AND finished_at < ?1 AND id <= ?2";
        self.write(|db| {
            let mut jobs = db.prepare("SELECT id, created_at FROM jobs ORDER BY id DESC")?;
            let mut jobs = jobs.query([])?;
            let newest_old: i64 = loop {
                let Some(job) = jobs.next()? else {
                    return Ok(0);
                };
                if ages.is_old(job.get(1)?) {
                    break job.get(0)?;
                }
            };
            let parameters = [ages.before(), newest_old];
            db.execute(
                &format!("DELETE FROM job_portals WHERE job IN (SELECT id FROM jobs WHERE {old})"),
                parameters,
            )?;
            Ok(db.execute(&format!("DELETE FROM jobs WHERE {old}"), parameters)?)
        })
    }

    /// Asks for a job. Portals that are in an open job already are not asked for twice: when all of them are, the answer
    /// is the job that has the first. `None` when too many jobs wait already.
    ///
    /// # Errors
    /// When it cannot be written down.
    pub fn add_job(&self, asked: &Asked<'_>, now: Timestamp) -> Result<Option<Added>, OperationsError> {
        self.write(|db| {
            let Some((id, is_new, elsewhere)) = add(db, asked, now)? else {
                return Ok(None);
            };
            let job = one(db, id)?.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
            Ok(Some(Added {
                job,
                is_new,
                elsewhere,
            }))
        })
    }

    /// Stops a job: one that waits is cancelled at once, one that runs is when its process heard of it. One that is over
    /// stays as it is. `None` when there is no such job.
    ///
    /// # Errors
    /// When it cannot be written down.
    pub fn cancel_job(&self, id: i64, now: Timestamp) -> Result<Option<Job>, OperationsError> {
        self.write(|db| {
            let state: Option<String> = db
                .prepare_cached("SELECT state FROM jobs WHERE id = ?1")?
                .query_row([id], |row| row.get(0))
                .optional()?;
            match state.as_deref() {
                Some("queued") => run::close(db, id, JobState::Cancelled, None, now)?,
                Some("running") => {
                    db.execute("UPDATE jobs SET is_cancelled = 1 WHERE id = ?1", [id])?;
                }
                _ => (),
            }
            one(db, id)
        })
    }

    /// A job with its log.
    ///
    /// # Errors
    /// When the tables cannot be read.
    pub fn job(&self, id: i64) -> Result<Option<Job>, OperationsError> {
        one(&self.reader(), id)
    }

    /// Jobs without their logs and results, the newest first.
    ///
    /// # Errors
    /// When the tables cannot be read.
    pub fn jobs(&self, filter: &JobFilter) -> Result<Vec<Job>, OperationsError> {
        let reader = self.reader();
        let mut statement = reader.prepare_cached(&format!(
            "{SELECT_LISTED} WHERE (?1 IS NULL OR state = ?1) AND (?2 IS NULL OR id < ?2)
             AND (?3 IS NULL OR id IN (SELECT job FROM job_portals WHERE portal = ?3))
             ORDER BY id DESC LIMIT ?4"
        ))?;
        let rows = statement.query_map(
            params![
                filter.state.map(JobState::code),
                filter.before,
                filter.portal,
                i64::try_from(filter.limit).unwrap_or(i64::MAX)
            ],
            job,
        )?;
        let mut jobs: Vec<Job> = rows.collect::<Result<_, _>>()?;
        let mut portals =
            reader.prepare_cached("SELECT portal FROM job_portals WHERE job = ?1 ORDER BY position")?;
        for job in &mut jobs {
            let ids = portals.query_map([job.id], |row| row.get(0))?;
            job.portals = ids.collect::<Result<_, _>>()?;
        }
        Ok(jobs)
    }
}

/// Id of the job, whether it is new, and the portals that are in other jobs.
type Place = (i64, bool, Vec<(String, i64)>);

fn add(db: &Connection, asked: &Asked<'_>, now: Timestamp) -> rusqlite::Result<Option<Place>> {
    let (mut free, mut elsewhere) = (Vec::new(), Vec::new());
    for portal in asked.portals {
        let open: Option<i64> = db
            .prepare_cached("SELECT job FROM job_portals WHERE portal = ?1 AND is_open = 1")?
            .query_row([portal], |row| row.get(0))
            .optional()?;
        match open {
            Some(job) => elsewhere.push((portal.clone(), job)),
            None => free.push(portal),
        }
    }
    if let (true, Some((_, job))) = (free.is_empty(), elsewhere.first()) {
        let job = *job;
        if asked.full {
            db.prepare_cached(
                "UPDATE jobs SET is_full = 1 WHERE id = ?1 AND state = 'queued' AND started_at IS NULL",
            )?
            .execute([job])?;
        }
        elsewhere.retain(|(_, other)| *other != job);
        return Ok(Some((job, false, elsewhere)));
    }
    let n_open: i64 = db
        .prepare_cached("SELECT count(*) FROM jobs WHERE state IN ('queued', 'running')")?
        .query_row([], |row| row.get(0))?;
    if n_open >= MAX_OPEN {
        return Ok(None);
    }
    Ok(Some((insert(db, asked, &free, now)?, true, elsewhere)))
}

fn insert(db: &Connection, asked: &Asked<'_>, portals: &[&String], now: Timestamp) -> rusqlite::Result<i64> {
    db.execute(
        "INSERT INTO jobs (state, source, is_full, key_id, created_at, scheduled_for)
         VALUES ('queued', ?1, ?2, ?3, ?4, ?5)",
        params![
            asked.source.code(),
            asked.full,
            asked.key_id,
            ms(now),
            asked.scheduled_for.map(ms)
        ],
    )?;
    let id = db.last_insert_rowid();
    let mut add = db.prepare_cached("INSERT INTO job_portals (job, position, portal) VALUES (?1, ?2, ?3)")?;
    for (position, portal) in portals.iter().enumerate() {
        add.execute(params![id, i64::try_from(position).unwrap_or(i64::MAX), portal])?;
    }
    // The oldest go, whatever their number was before.
    for sql in [
        "DELETE FROM job_portals WHERE job <= ?1 - ?2 AND job NOT IN (SELECT id FROM jobs WHERE state IN ('queued', 'running'))",
        "DELETE FROM jobs WHERE id <= ?1 - ?2 AND state NOT IN ('queued', 'running')",
    ] {
        db.prepare_cached(sql)?.execute([id, KEPT])?;
    }
    Ok(id)
}

const SELECT: &str =
    "SELECT id, state, is_full, source, reason, created_at, scheduled_for, started_at, finished_at,
    fetched, known, is_cancelled, log FROM jobs";

/// The same without what lists leave out.
const SELECT_LISTED: &str =
    "SELECT id, state, is_full, source, reason, created_at, scheduled_for, started_at, finished_at,
    fetched, known, is_cancelled, NULL FROM jobs";

fn one(db: &Connection, id: i64) -> Result<Option<Job>, OperationsError> {
    let found = db
        .prepare_cached(&format!("{SELECT} WHERE id = ?1"))?
        .query_row([id], job)
        .optional()?;
    let Some(mut job) = found else {
        return Ok(None);
    };
    add_portals(db, &mut job)?;
    Ok(Some(job))
}

fn job(row: &Row<'_>) -> rusqlite::Result<Job> {
    let unreadable = |column: usize| {
        let cause = "a word of a later program".into();
        rusqlite::Error::FromSqlConversionFailure(column, Type::Text, cause)
    };
    let at = |column| {
        let ms: Option<i64> = row.get(column)?;
        Ok::<_, rusqlite::Error>(ms.map(|ms| ChinaTime::from(moment(ms))))
    };
    let count = |column| row.get::<_, i64>(column).map(i64::unsigned_abs);
    let state: JobState = row.get::<_, String>(1)?.parse().map_err(|_| unreadable(1))?;
    let log: Option<String> = row.get(12)?;
    Ok(Job {
        id: row.get(0)?,
        portals: Vec::new(),
        state,
        full: row.get(2)?,
        source: JobSource::of(&row.get::<_, String>(3)?).ok_or_else(|| unreadable(3))?,
        reason: row.get(4)?,
        created_at: ChinaTime::from(moment(row.get(5)?)),
        scheduled_for: at(6)?,
        started_at: at(7)?,
        finished_at: at(8)?,
        progress: Progress {
            fetched: count(9)?,
            known: count(10)?,
        },
        cancelling: state == JobState::Running && row.get(11)?,
        results: None,
        log: log.map(|log| serde_json::from_str(&log).unwrap_or_default()),
    })
}

/// Adds its portals and what became of them.
fn add_portals(db: &Connection, job: &mut Job) -> Result<(), OperationsError> {
    let results = job.results.insert(Vec::new());
    let mut statement =
        db.prepare_cached("SELECT portal, summary FROM job_portals WHERE job = ?1 ORDER BY position")?;
    let mut rows = statement.query([job.id])?;
    while let Some(row) = rows.next()? {
        job.portals.push(row.get(0)?);
        if let Some(summary) = row.get::<_, Option<String>>(1)? {
            results.push(serde_json::from_str(&summary)?);
        }
    }
    Ok(())
}
