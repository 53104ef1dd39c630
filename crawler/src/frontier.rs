//! What is still to be visited: the addresses of each portal, as tables in the catalog.
//!
//! A crawl of a portal is a *run*. A run that was not finished, because the process was stopped or killed, is taken
//! up again by the next crawl of that portal. Every address has one row for ever; a run makes rows pending (seeds,
//! links found, reports known from earlier runs) and visits them one by one. A row stays pending until its visit is
//! recorded together with what the visit brought, so a kill at any moment loses nothing and repeats nothing.
//!
//! All functions work inside a transaction of the one writer.

mod barren;
mod files;
mod hosts;
mod lists;
mod portals;
mod runs;
mod unread;
mod yields;

use jiff::civil::Date;
use rusqlite::{Connection, OptionalExtension, Row, named_params, params};
use url::Url;

pub(crate) use self::{
    barren::{Barren, Yield},
    files::{AskedFile, FILES, asked_file, file_version, finish_file},
    hosts::{
        DayCount, HOSTS, StoredRobots, load_day, load_limits, load_rests, load_robots, save_day, save_limits,
        save_rest, save_robots, settle_limit,
    },
    lists::{LISTS, lists, note_list},
    portals::{PORTALS, known_region, note_liveliest, note_portal},
    runs::{
        Lacks, Run, Waits, add_active, begin_run, end_run, forget_runs, lacks, note_short_list, note_trap,
        summary,
    },
    unread::{UNREAD, note_unread},
    yields::{Readout, SIGNS, YIELDS, note_report, note_rows, record_yields},
};
pub use self::{
    lists::ListRecord,
    portals::{KnownPortal, LiveliestList, known_portals},
};
use crate::{
    fetch::host_port,
    url::{has_session, is_fitter, page_key},
};

/// Most addresses of one portal that are kept.
pub(crate) const MAX_ADDRESSES: u64 = 200_000;

/// Stands in the key of a POST between its address, which has no blank, and its body.
const POST: &str = " POST ";

/// Since format 3.
pub(crate) const FORMS: &str = "
    ALTER TABLE frontier ADD COLUMN form TEXT; -- body of a POST; NULL: a GET
";

/// The tables of the frontier. Moments are milliseconds since 1970, in UTC.
pub(crate) const FRONTIER_DDL: &str = "
    CREATE TABLE crawl_runs (
        id INTEGER PRIMARY KEY,
        portal TEXT NOT NULL,
        started_at INTEGER NOT NULL,
        finished_at INTEGER,
        is_full INTEGER NOT NULL,
        last_version INTEGER NOT NULL, -- the newest row of versions when the run began
        active_ms INTEGER NOT NULL DEFAULT 0,
        status TEXT,
        reason TEXT
    ) STRICT;
    CREATE INDEX crawl_runs_unfinished ON crawl_runs (portal) WHERE finished_at IS NULL;
    CREATE INDEX crawl_runs_by_portal ON crawl_runs (portal, id);

    CREATE TABLE frontier (
        id INTEGER PRIMARY KEY,
        portal TEXT NOT NULL,
        key TEXT NOT NULL, -- what the crawl knows the page by
        url TEXT NOT NULL, -- as it was last linked
        host TEXT NOT NULL, -- host:port
        kind INTEGER NOT NULL, -- 0 seed, 1 list, 2 page
        priority INTEGER NOT NULL, -- lower comes first
        via TEXT,
        list_title TEXT,
        list_date TEXT,
        hops INTEGER NOT NULL, -- columns between a seed and this page
        listing TEXT, -- key of the first page of the list that this is a further page of
        number INTEGER NOT NULL DEFAULT 0, -- which page of that list
        is_guess INTEGER NOT NULL DEFAULT 0,
        run INTEGER NOT NULL, -- the run that is to visit it, or was the last to
        seen_run INTEGER NOT NULL, -- the run that last found a link to it
        state INTEGER NOT NULL, -- 0 pending, 1 done, 2 failed, 3 left out
        attempts INTEGER NOT NULL DEFAULT 0,
        not_before INTEGER NOT NULL DEFAULT 0,
        outcome TEXT,
        visited_at INTEGER,
        is_report INTEGER NOT NULL DEFAULT 0,
        identity TEXT, -- the address its report is known by
        etag TEXT,
        last_modified TEXT,
        gone_at INTEGER, -- since when it is answered with 404 or 410
        UNIQUE (portal, key)
    ) STRICT;
    CREATE INDEX frontier_pending ON frontier (portal, host, priority, id) WHERE state = 0;

    CREATE TABLE crawl_traps (
        run INTEGER NOT NULL,
        reason TEXT NOT NULL,
        url TEXT NOT NULL,
        PRIMARY KEY (run, reason)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE crawl_limits (
        key TEXT PRIMARY KEY,
        next_at INTEGER NOT NULL -- no request before
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE crawl_robots (
        origin TEXT PRIMARY KEY,
        fetched_at INTEGER NOT NULL,
        status INTEGER, -- NULL: no answer
        fault TEXT, -- why there was none
        body BLOB NOT NULL
    ) STRICT;
";

/// What a page is visited as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Named by the portal file.
    Seed,
    /// To be read for its links.
    List,
    /// To be read as a report.
    Page,
}

impl Kind {
    fn number(self) -> i64 {
        match self {
            Self::Seed => 0,
            Self::List => 1,
            Self::Page => 2,
        }
    }

    fn of(number: i64) -> Self {
        match number {
            0 => Self::Seed,
            1 => Self::List,
            _ => Self::Page,
        }
    }

    /// New reports come before further lists, so that a crawl cut short has reports; known ones come last.
    fn priority(self, is_known: bool) -> i64 {
        match self {
            Self::Seed => 0,
            Self::Page if !is_known => 1,
            Self::List => 2,
            Self::Page => 3,
        }
    }
}

/// A page to be visited.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    pub(crate) id: i64,
    pub(crate) key: String,
    pub(crate) url: String,
    /// Body of a POST, urlencoded; `None` is a GET.
    pub(crate) form: Option<String>,
    pub(crate) kind: Kind,
    pub(crate) via: Option<String>,
    pub(crate) list_title: Option<String>,
    pub(crate) list_date: Option<Date>,
    pub(crate) hops: u32,
    pub(crate) listing: Option<String>,
    pub(crate) number: u32,
    pub(crate) is_guess: bool,
    /// Tries in this run.
    pub(crate) attempts: u32,
    /// It is the page of a known report.
    pub(crate) is_report: bool,
    pub(crate) identity: Option<String>,
    pub(crate) etag: Option<String>,
    pub(crate) last_modified: Option<String>,
}

impl NewLink {
    /// What the frontier knows the request by.
    pub(crate) fn key(&self) -> String {
        let page = page_key(&self.url);
        match &self.form {
            None => page,
            Some(form) => format!("{page}{POST}{form}"),
        }
    }
}

impl Job {
    /// Whether a list named it as a document.
    pub(crate) fn is_row(&self) -> bool {
        self.kind == Kind::Page && !self.is_guess
    }

    /// Whether `url` is the page that was asked for, however it is spelt.
    pub(crate) fn is_at(&self, url: &Url) -> bool {
        let page = self.key.split(POST).next();
        page == Some(page_key(url).as_str())
    }
}

/// What there is to do on a host.
#[derive(Clone, Debug)]
pub(crate) enum Next {
    /// Visit this.
    Job(Box<Job>),
    /// All that is pending must wait until this moment, in milliseconds.
    NotBefore(i64),
    /// Nothing.
    Empty,
}

/// A link that a page brought.
#[derive(Clone, Debug)]
pub(crate) struct NewLink {
    pub(crate) url: Url,
    /// Body of a POST, urlencoded; `None` is a GET.
    pub(crate) form: Option<String>,
    pub(crate) kind: Kind,
    pub(crate) via: Option<String>,
    pub(crate) title: Option<String>,
    pub(crate) date: Option<Date>,
    pub(crate) hops: u32,
    pub(crate) listing: Option<String>,
    pub(crate) number: u32,
    pub(crate) is_guess: bool,
}

/// How a visit ended.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Ending {
    /// The page was read.
    Done {
        /// What it was, as one word.
        outcome: &'static str,
        /// There is a report on it.
        is_report: bool,
        /// The address its report is known by.
        identity: Option<String>,
        etag: Option<String>,
        last_modified: Option<String>,
    },
    /// It is as it was.
    NotModified,
    /// Not there any more (404, 410).
    Gone {
        /// Why, as one word.
        reason: String,
        /// It was gone long enough to be taken for removed.
        is_removed: bool,
    },
    /// It cannot be had in this run.
    Failed {
        /// Why, as one word.
        reason: String,
    },
    /// It is not to be fetched.
    LeftOut {
        /// Why, as one word.
        reason: &'static str,
    },
    /// To be tried again, at this moment at the earliest.
    Again {
        /// Milliseconds since 1970, by the clock of [`Waits`].
        not_before: i64,
    },
}

/// The next page of a host, at a moment by the clock of [`Waits`].
pub(crate) fn next(db: &Connection, run: &Run, host: &str, now: i64) -> rusqlite::Result<Next> {
    if let Some(job) = next_jobs(db, run, host, &[], 1, now)?.pop() {
        return Ok(Next::Job(Box::new(job)));
    }
    let mut statement = db.prepare_cached(
        "SELECT min(not_before) FROM frontier WHERE portal = ?1 AND host = ?2 AND state = 0 AND run = ?3",
    )?;
    let earliest: Option<i64> = statement.query_row(params![run.portal, host, run.id], |row| row.get(0))?;
    Ok(earliest.map_or(Next::Empty, Next::NotBefore))
}

/// The next pages of a host, `n` at most, other than the rows in `taken`, at a moment by the clock of [`Waits`].
pub(crate) fn next_jobs(
    db: &Connection,
    run: &Run,
    host: &str,
    taken: &[i64],
    n: usize,
    now: i64,
) -> rusqlite::Result<Vec<Job>> {
    let mut statement = db.prepare_cached(
        "SELECT id, key, url, kind, via, list_title, list_date, hops, listing, number, is_guess, attempts, is_report,
                identity, etag, last_modified, form
         FROM frontier
         WHERE portal = ?1 AND host = ?2 AND state = 0 AND run = ?3 AND not_before <= ?4
         ORDER BY priority, id LIMIT ?5",
    )?;
    let most = i64::try_from(n + taken.len()).unwrap_or(i64::MAX);
    let jobs = statement.query_map(params![run.portal, host, run.id, now, most], job)?;
    let is_free = |job: &rusqlite::Result<Job>| job.as_ref().map_or(true, |job| !taken.contains(&job.id));
    jobs.filter(is_free).take(n).collect()
}

fn job(row: &Row<'_>) -> rusqlite::Result<Job> {
    let list_date: Option<String> = row.get(6)?;
    Ok(Job {
        id: row.get(0)?,
        key: row.get(1)?,
        url: row.get(2)?,
        kind: Kind::of(row.get(3)?),
        via: row.get(4)?,
        list_title: row.get(5)?,
        list_date: list_date.and_then(|date| date.parse().ok()),
        hops: row.get(7)?,
        listing: row.get(8)?,
        number: row.get(9)?,
        is_guess: row.get(10)?,
        attempts: row.get(11)?,
        is_report: row.get(12)?,
        identity: row.get(13)?,
        etag: row.get(14)?,
        last_modified: row.get(15)?,
        form: row.get(16)?,
    })
}

/// Hosts with pending pages.
pub(crate) fn pending_hosts(db: &Connection, run: &Run) -> rusqlite::Result<Vec<String>> {
    db.prepare_cached("SELECT DISTINCT host FROM frontier WHERE portal = ?1 AND state = 0 AND run = ?2")?
        .query_map(params![run.portal, run.id], |row| row.get(0))?
        .collect()
}

/// Pending pages of a run.
pub(crate) fn count_pending(db: &Connection, run: &Run) -> rusqlite::Result<u64> {
    db.prepare_cached("SELECT count(*) FROM frontier WHERE portal = ?1 AND state = 0 AND run = ?2")?
        .query_row(params![run.portal, run.id], number)
}

/// All addresses of a portal.
pub(crate) fn count_addresses(db: &Connection, portal: &str) -> rusqlite::Result<u64> {
    db.prepare_cached("SELECT count(*) FROM frontier WHERE portal = ?1")?
        .query_row([portal], number)
}

/// A count, which SQLite has as a signed number.
fn number(row: &Row<'_>) -> rusqlite::Result<u64> {
    Ok(row.get::<_, i64>(0)?.unsigned_abs())
}

/// What became of a link that was added.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Added {
    /// No other page of this run had brought it.
    pub(crate) is_new: bool,
    /// It has a row that it had not before.
    pub(crate) is_row: bool,
    /// No earlier run had met it.
    pub(crate) is_found: bool,
    /// It has had a row before.
    pub(crate) is_known: bool,
    /// It was made pending.
    pub(crate) is_pending: bool,
    /// There is a report at it, as far as is known.
    pub(crate) is_report: bool,
    /// It is a known page under the id of another session.
    pub(crate) is_session: bool,
}

/// Adds a link, unless its address is unknown and `has_room` is false.
pub(crate) fn add_link(
    db: &Connection,
    run: &Run,
    link: &NewLink,
    has_room: bool,
) -> rusqlite::Result<Added> {
    let key = link.key();
    let mut statement = db.prepare_cached(
        "SELECT id, run, seen_run, is_report, url, found_run FROM frontier WHERE portal = ?1 AND key = ?2",
    )?;
    let known: Option<(i64, i64, i64, bool, String, Option<i64>)> = statement
        .query_row((&run.portal, &key), |row| {
            Ok((
                row.get(0)?,
                row.get(1)?,
                row.get(2)?,
                row.get(3)?,
                row.get(4)?,
                row.get(5)?,
            ))
        })
        .optional()?;
    let date = link.date.map(|date| date.to_string());
    let Some((id, last_run, seen_run, is_report, last_url, found_run)) = known else {
        if !has_room {
            return Ok(Added::default());
        }
        db.prepare_cached(
            "INSERT INTO frontier (portal, key, url, host, kind, priority, via, list_title, list_date, hops, listing,
                 number, is_guess, form, run, seen_run, found_run, state)
             VALUES (:portal, :key, :url, :host, :kind, :priority, :via, :title, :date, :hops, :listing,
                 :number, :guess, :form, :run, :run, :run, 0)",
        )?
        .execute(named_params! {
            ":portal": run.portal, ":key": key, ":url": link.url.as_str(), ":host": host_port(&link.url),
            ":kind": link.kind.number(), ":priority": link.kind.priority(false), ":via": link.via,
            ":title": link.title, ":date": date, ":hops": link.hops, ":listing": link.listing,
            ":number": link.number, ":guess": link.is_guess, ":form": link.form, ":run": run.id,
        })?;
        return Ok(Added {
            is_new: true,
            is_row: true,
            is_found: true,
            is_pending: true,
            ..Added::default()
        });
    };
    let is_pending = last_run < run.id;
    if is_pending {
        // The first link of a run says anew what the page is; what is known of its report stays.
        db.prepare_cached(
            "UPDATE frontier SET url = :url, host = :host, kind = :kind, priority = :priority, via = :via,
                 list_title = coalesce(:title, list_title), list_date = coalesce(:date, list_date), hops = :hops,
                 listing = :listing, number = :number, is_guess = :guess, run = :run, seen_run = :run, state = 0,
                 attempts = 0, not_before = 0
             WHERE id = :id",
        )?
        .execute(named_params! {
            ":url": link.url.as_str(), ":host": host_port(&link.url), ":kind": link.kind.number(),
            ":priority": link.kind.priority(is_report), ":via": link.via, ":title": link.title, ":date": date,
            ":hops": link.hops, ":listing": link.listing, ":number": link.number, ":guess": link.is_guess,
            ":run": run.id, ":id": id,
        })?;
    } else {
        prefer(db, id, &link.url)?;
        db.prepare_cached(
            "UPDATE frontier SET seen_run = :run, list_title = coalesce(list_title, :title),
                 list_date = coalesce(list_date, :date)
             WHERE id = :id",
        )?
        .execute(named_params! { ":run": run.id, ":title": link.title, ":date": date, ":id": id })?;
    }
    Ok(Added {
        is_new: seen_run < run.id,
        is_row: false,
        is_found: found_run == Some(run.id),
        is_known: true,
        is_pending,
        is_report,
        is_session: last_url != link.url.as_str() && has_session(&link.url),
    })
}

/// A page that waits to be visited is visited in the fittest of the spellings in which it was linked.
fn prefer(db: &Connection, id: i64, url: &Url) -> rusqlite::Result<()> {
    let pending: Option<String> = db
        .prepare_cached(
            "SELECT url FROM frontier WHERE id = ?1 AND state = 0 AND attempts = 0 AND form IS NULL",
        )?
        .query_row([id], |row| row.get(0))
        .optional()?;
    if pending.is_some_and(|known| Url::parse(&known).is_ok_and(|known| is_fitter(url, &known))) {
        db.prepare_cached("UPDATE frontier SET url = ?2, host = ?3 WHERE id = ?1")?
            .execute(params![id, url.as_str(), host_port(url)])?;
    }
    Ok(())
}

/// Leaves out the further pages of a list behind one that brought nothing new. Answers how many.
pub(crate) fn cut_listing(db: &Connection, run: &Run, listing: &str, number: u32) -> rusqlite::Result<usize> {
    db.prepare_cached(
        "UPDATE frontier SET state = 3, outcome = 'behind_the_end'
         WHERE portal = ?1 AND state = 0 AND run = ?2 AND listing = ?3 AND number > ?4",
    )?
    .execute(params![run.portal, run.id, listing, number])
}

/// Leaves out the pending pages for which `is_left` says so, save reports that are known. Answers how many.
pub(crate) fn leave_out(
    db: &Connection,
    run: &Run,
    is_left: impl Fn(&Url, Kind) -> bool,
) -> rusqlite::Result<usize> {
    let mut n_left = 0;
    let mut statement = db.prepare_cached(
        "SELECT id, url, kind FROM frontier WHERE portal = ?1 AND state = 0 AND run = ?2 AND is_report = 0",
    )?;
    let mut rows = statement.query(params![run.portal, run.id])?;
    let mut left = Vec::new();
    while let Some(row) = rows.next()? {
        let (url, kind): (String, i64) = (row.get(1)?, row.get(2)?);
        if Url::parse(&url).is_ok_and(|url| is_left(&url, Kind::of(kind))) {
            left.push(row.get::<_, i64>(0)?);
        }
    }
    let mut statement =
        db.prepare_cached("UPDATE frontier SET state = 3, outcome = 'nothing_new' WHERE id = ?1")?;
    for id in left {
        n_left += statement.execute([id])?;
    }
    Ok(n_left)
}

/// Whether an address has a row, whatever became of it.
pub(crate) fn is_known(db: &Connection, run: &Run, key: &str) -> rusqlite::Result<bool> {
    db.prepare_cached("SELECT 1 FROM frontier WHERE portal = ?1 AND key = ?2")?
        .exists(params![run.portal, key])
}

/// Whether the page of a key was visited in this run.
pub(crate) fn is_done(db: &Connection, run: &Run, key: &str) -> rusqlite::Result<bool> {
    db.prepare_cached("SELECT 1 FROM frontier WHERE portal = ?1 AND key = ?2 AND run = ?3 AND state <> 0")?
        .exists(params![run.portal, key, run.id])
}

/// The row of the page that a redirect led to, made when there is none.
pub(crate) fn row_of_target(db: &Connection, run: &Run, job: &Job, target: &Url) -> rusqlite::Result<i64> {
    let link = NewLink {
        url: target.clone(),
        form: None,
        kind: job.kind,
        via: job.via.clone(),
        title: job.list_title.clone(),
        date: job.list_date,
        hops: job.hops,
        listing: None,
        number: 0,
        is_guess: false,
    };
    add_link(db, run, &link, true)?;
    db.prepare_cached("SELECT id FROM frontier WHERE portal = ?1 AND key = ?2")?
        .query_row((&run.portal, page_key(target)), |row| row.get(0))
}

/// Whether the report at an address stands at another one too, where it was not gone at the last visit.
pub(crate) fn has_living_twin(db: &Connection, portal: &str, address: &str) -> rusqlite::Result<bool> {
    db.prepare_cached(
        "SELECT 1 FROM addresses mine
         JOIN addresses other ON other.report_id = mine.report_id AND other.address <> mine.address
         JOIN frontier f ON f.portal = other.portal AND f.key = other.address
         WHERE mine.portal = ?1 AND mine.address = ?2 AND f.is_report = 1 AND f.gone_at IS NULL",
    )?
    .exists((portal, address))
}

/// Whether reports are known that a page led to, in this run or before.
pub(crate) fn led_to_reports(db: &Connection, portal: &str, page: &str) -> rusqlite::Result<bool> {
    db.prepare_cached("SELECT 1 FROM frontier WHERE portal = ?1 AND via = ?2 AND is_report = 1 LIMIT 1")?
        .exists((portal, page))
}

/// Since when the page of a row is gone.
pub(crate) fn gone_at(db: &Connection, id: i64) -> rusqlite::Result<Option<i64>> {
    db.prepare_cached("SELECT gone_at FROM frontier WHERE id = ?1")?
        .query_row([id], |row| row.get(0))
}

/// Records how the visit of a row ended.
pub(crate) fn finish(db: &Connection, id: i64, ending: &Ending, now: i64) -> rusqlite::Result<()> {
    let update = |state: i64, outcome: &str| {
        db.prepare_cached("UPDATE frontier SET state = ?2, outcome = ?3, visited_at = ?4 WHERE id = ?1")?
            .execute(params![id, state, outcome, now])
            .map(drop)
    };
    match ending {
        Ending::Done {
            outcome,
            is_report,
            identity,
            etag,
            last_modified,
        } => {
            db.prepare_cached(
                "UPDATE frontier SET state = 1, outcome = ?2, visited_at = ?3, is_report = ?4,
                     identity = coalesce(?5, identity), etag = ?6, last_modified = ?7, gone_at = NULL
                 WHERE id = ?1",
            )?
            .execute(params![id, outcome, now, is_report, identity, etag, last_modified])
            .map(drop)
        }
        Ending::NotModified => db
            .prepare_cached(
                "UPDATE frontier SET state = 1, outcome = 'not_modified', visited_at = ?2, gone_at = NULL WHERE id = ?1",
            )?
            .execute(params![id, now])
            .map(drop),
        // A report is removed once, however often its page is found to be gone after that.
        Ending::Gone { reason, is_removed } => db
            .prepare_cached(
                "UPDATE frontier SET state = 1, visited_at = ?3, gone_at = coalesce(gone_at, ?3),
                     outcome = iif(?2 = 'removed' AND outcome IN ('removed', 'still_removed'), 'still_removed', ?2)
                 WHERE id = ?1",
            )?
            .execute(params![id, if *is_removed { "removed" } else { reason }, now])
            .map(drop),
        Ending::Failed { reason } => update(2, reason),
        Ending::LeftOut { reason } => update(3, reason),
        Ending::Again { not_before } => db
            .prepare_cached("UPDATE frontier SET attempts = attempts + 1, not_before = ?2 WHERE id = ?1")?
            .execute(params![id, not_before])
            .map(drop),
    }
}

#[cfg(test)]
mod tests;
