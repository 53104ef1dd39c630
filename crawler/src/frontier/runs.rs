//! Runs: one crawl of one portal, however many processes it took.

use rusqlite::{Connection, OptionalExtension, params};
use url::Url;

use super::{
    Kind, NewLink, add_link, count_pending,
    files::{count_asked, count_files, count_lacking},
    number,
};
use crate::{
    catalog,
    crawl::{PortalStatus, PortalSummary, ReportCounts, ShortList, Visited},
    health::RUNS,
    retention::Ages,
};

/// Most faults and traps that a summary lists.
const MAX_LISTED: i64 = 200;

/// Of a row of a list, or a further page of one (`f` of the frontier): the portal has nothing there, whoever asks.
const DEAD: &str = "(f.kind = 1 AND f.outcome = 'not_a_list' OR f.kind = 2 AND f.outcome IN
    ('http_404', 'http_410', 'http_550', 'another_host', 'not_allowed', 'soft_error', 'redirected_home')
    OR f.kind = 2 AND f.outcome = 'no_text' AND f.list_date IS NOT NULL)";

/// Of a seed, a row of a list or a request that a list needs: `robots.txt` forbids it.
const FORBIDDEN: &str = "f.state = 3 AND f.outcome = 'robots' AND f.is_guess = 0
    AND (f.kind <> 1 OR f.listing IS NOT NULL OR f.form IS NOT NULL)";

/// A list that is shorter than it says.
const SHORT: &str = "f.state = 1 AND f.outcome LIKE 'list_incomplete:%'";

/// How long a run that is taken up again need not read its lists again, in milliseconds: two days.
const LISTS_ARE_GOOD_FOR: i64 = 2 * 24 * 3_600_000;

/// A run that is going on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) id: i64,
    pub(crate) portal: String,
    /// Everything is fetched again.
    pub(crate) is_full: bool,
    /// When it began, by the clock of [`Waits`]; not in the future, whatever a process before this one wrote down.
    pub(crate) begun_at: i64,
    /// Pages that were visited before this process took the run up, and need not be again.
    pub(crate) n_visited: u64,
    /// All pages that were visited before.
    pub(crate) n_before: u64,
}

/// The clock by which a process waits, which nobody sets while it runs. What was written down by that of a process before
/// may be far in the future when the other clock was set between the two.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Waits {
    /// Milliseconds since 1970.
    pub(crate) now: i64,
    /// Longest pause before a further try, in milliseconds; a longer one is not believed.
    pub(crate) longest: i64,
}

/// Takes up the unfinished run of a portal, or begins one.
///
/// An unfinished run that is not full cannot become one; when everything is to be fetched again, it is closed and its
/// pending pages go over to the new one.
pub(crate) fn begin_run(
    db: &Connection,
    portal: &str,
    seeds: &[Url],
    is_full: bool,
    now: i64,
    waits: Waits,
) -> rusqlite::Result<Run> {
    let unfinished: Option<(i64, i64, bool)> = db
        .prepare_cached(
            "SELECT id, started_at, is_full FROM crawl_runs WHERE portal = ?1 AND finished_at IS NULL",
        )?
        .query_row([portal], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let mut run = Run {
        id: 0,
        portal: portal.to_owned(),
        is_full,
        begun_at: waits.now,
        n_visited: 0,
        n_before: 0,
    };
    match unfinished {
        Some((id, started_at, was_full)) if was_full || !is_full => {
            run = Run {
                id,
                is_full: was_full,
                begun_at: started_at.min(waits.now),
                ..run
            };
            run.n_before = count_visited(db, &run)?;
            // What stood in them then is old news: what has come since would not be found before the run after this.
            db.prepare_cached(
                "UPDATE frontier SET state = 0, attempts = 0, not_before = 0
                 WHERE portal = ?1 AND run = ?2 AND kind <> ?3 AND state IN (1, 2) AND visited_at < ?4",
            )?
            .execute(params![portal, id, Kind::Page.number(), now - LISTS_ARE_GOOD_FOR])?;
            run.n_visited = count_visited(db, &run)?;
            db.prepare_cached(
                "UPDATE frontier SET not_before = ?3
                 WHERE portal = ?1 AND state = 0 AND run = ?2 AND not_before > ?3",
            )?
            .execute(params![portal, id, waits.now.saturating_add(waits.longest)])?;
        }
        other => {
            if let Some((id, ..)) = other {
                end_run(db, id, PortalStatus::Partial, Some("superseded"), now)?;
            }
            db.prepare_cached(
                "INSERT INTO crawl_runs (portal, started_at, is_full, last_version)
                 VALUES (?1, ?2, ?3, (SELECT coalesce(max(rowid), 0) FROM versions))",
            )?
            .execute(params![portal, now, is_full])?;
            run.id = db.last_insert_rowid();
            // What an earlier run left, and the reports that are known.
            db.prepare_cached(
                "UPDATE frontier SET run = ?2, attempts = 0, not_before = 0 WHERE portal = ?1 AND state = 0",
            )?
            .execute(params![portal, run.id])?;
            db.prepare_cached(
                "UPDATE frontier SET run = ?2, state = 0, attempts = 0, not_before = 0, priority = ?3
                 WHERE portal = ?1 AND is_report = 1 AND state <> 0",
            )?
            .execute(params![portal, run.id, Kind::Page.priority(true)])?;
        }
    }
    for seed in seeds {
        let seed = NewLink {
            url: seed.clone(),
            form: None,
            kind: Kind::Seed,
            via: None,
            title: None,
            date: None,
            hops: 0,
            listing: None,
            number: 0,
            is_guess: false,
        };
        add_link(db, &run, &seed, true)?;
    }
    Ok(run)
}

/// Pages and files that were asked for in a run, and need not be again.
fn count_visited(db: &Connection, run: &Run) -> rusqlite::Result<u64> {
    let pages = db
        .prepare_cached("SELECT count(*) FROM frontier WHERE portal = ?1 AND run = ?2 AND state IN (1, 2)")?
        .query_row(params![run.portal, run.id], number)?;
    Ok(pages + count_asked(db, run)?)
}

/// Closes a run.
pub(crate) fn end_run(
    db: &Connection,
    run: i64,
    status: PortalStatus,
    reason: Option<&str>,
    now: i64,
) -> rusqlite::Result<()> {
    db.prepare_cached("UPDATE crawl_runs SET finished_at = ?2, status = ?3, reason = ?4 WHERE id = ?1")?
        .execute(params![run, now, status.code(), reason])
        .map(drop)
}

/// Adds to the time that a run has taken.
pub(crate) fn add_active(db: &Connection, run: i64, elapsed_ms: i64) -> rusqlite::Result<()> {
    db.prepare_cached("UPDATE crawl_runs SET active_ms = active_ms + ?2 WHERE id = ?1")?
        .execute(params![run, elapsed_ms])
        .map(drop)
}

/// Remembers that a run met a trap; the first address of each kind stands for all.
pub(crate) fn note_trap(db: &Connection, run: i64, reason: &str, url: &str) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT INTO crawl_traps (run, reason, url) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
    )?
    .execute(params![run, reason, url])
    .map(drop)
}

/// Remembers that a list is shorter than it says, unless some of its pages are still to come or have failed.
pub(crate) fn note_short_list(db: &Connection, run: &Run, short: &ShortList) -> rusqlite::Result<()> {
    for listing in &short.listings {
        let is_open = db
            .prepare_cached(
                "SELECT 1 FROM frontier WHERE portal = ?1 AND run = ?2 AND listing = ?3 AND state IN (0, 2)",
            )?
            .exists(params![run.portal, run.id, listing])?;
        if is_open {
            return Ok(());
        }
    }
    db.prepare_cached("UPDATE frontier SET outcome = ?2 WHERE id = ?1 AND state = 1")?
        .execute(params![short.first, short.reason])
        .map(drop)
}

/// What could not be had in a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Lacks {
    /// Why the first page could not that the portal has, as one word. What a list names and the portal does not have
    /// is nothing that is lacking, unless it is all there is.
    pub(crate) page: Option<String>,
    /// Some files could not.
    pub(crate) files: bool,
    /// Pages that are known and were not asked for.
    pub(crate) pending: u64,
    /// Seeds, rows and pages of lists that `robots.txt` forbids.
    pub(crate) forbidden: u64,
}

/// What could not be had in a run so far.
pub(crate) fn lacks(db: &Connection, run: &Run) -> rusqlite::Result<Lacks> {
    let of_run = "SELECT coalesce(f.outcome, '') FROM frontier f WHERE f.portal = ?1 AND f.run = ?2";
    let first = |which: &str| {
        db.prepare_cached(&format!("{of_run} AND {which} ORDER BY f.id LIMIT 1"))?
            .query_row(params![run.portal, run.id], |row| row.get::<_, String>(0))
            .optional()
    };
    let mut page = first(&format!("(f.state = 2 OR {SHORT}) AND NOT ({DEAD})"))?;
    if page.is_none() && first(&format!("f.state = 1 AND f.kind = 2 AND NOT ({DEAD})"))?.is_none() {
        page = first(&format!("f.state IN (1, 2) AND f.is_guess = 0 AND {DEAD}"))?;
    }
    let files = count_lacking(db, run)? > 0;
    let pending = count_pending(db, run)?;
    let forbidden = db
        .prepare_cached(&format!(
            "SELECT count(*) FROM frontier f WHERE f.portal = ?1 AND f.run = ?2 AND {FORBIDDEN}"
        ))?
        .query_row(params![run.portal, run.id], number)?;
    Ok(Lacks {
        page,
        files,
        pending,
        forbidden,
    })
}

/// What a run has done so far. Counted from the tables, so that it is the same after a kill.
pub(crate) fn summary(
    db: &Connection,
    run: &Run,
    status: PortalStatus,
    reason: Option<String>,
) -> rusqlite::Result<PortalSummary> {
    let count = |sql: &str| -> rusqlite::Result<u64> {
        db.prepare_cached(sql)?
            .query_row(params![run.portal, run.id], number)
    };
    let visited = "SELECT count(*) FROM frontier WHERE portal = ?1 AND run = ?2 AND state = 1";
    let not_modified = count(&format!("{visited} AND outcome = 'not_modified'"))?;
    let gone = count(&format!(
        "{visited} AND (outcome LIKE 'http_4%' OR outcome IN ('removed', 'still_removed', 'soft_404'))"
    ))?;
    let removed = count(&format!("{visited} AND outcome = 'removed'"))?;
    // One report may stand at several addresses.
    let reports = count(
        "SELECT count(DISTINCT a.report_id) FROM frontier f JOIN addresses a ON a.portal = f.portal AND a.address = f.key
         WHERE f.portal = ?1 AND f.run = ?2 AND f.state = 1 AND f.is_report = 1 AND f.outcome IN ('report', 'not_modified')",
    )?;
    let versions = |which: &str| -> rusqlite::Result<u64> {
        db.prepare_cached(&format!(
            "SELECT count(*) FROM versions v JOIN reports r ON r.id = v.report_id
             WHERE r.portal = ?1 AND v.rowid > (SELECT last_version FROM crawl_runs WHERE id = ?2) AND v.version {which}"
        ))?
        .query_row(params![run.portal, run.id], number)
    };
    let (new, changed) = (versions("= 1")?, versions("> 1")?);
    let active_ms: i64 = db
        .prepare_cached("SELECT active_ms FROM crawl_runs WHERE id = ?1")?
        .query_row([run.id], |row| row.get(0))?;
    Ok(PortalSummary {
        id: run.portal.clone(),
        status,
        reason,
        fetched: count(visited)? - not_modified - gone,
        not_modified,
        reports: ReportCounts {
            new,
            changed,
            unchanged: reports.saturating_sub(new + changed),
            removed,
        },
        attachments: count_files(db, run)?,
        failed: listed(
            db,
            &format!(
                "SELECT url, iif(outcome = 'soft_error', 'soft_404', outcome) FROM ({}) ORDER BY is_file, id LIMIT ?3",
                failed()
            ),
            run,
        )?,
        traps: listed(
            db,
            "SELECT url, reason FROM crawl_traps WHERE ?1 <> '' AND run = ?2 ORDER BY reason LIMIT ?3",
            run,
        )?,
        seconds: (active_ms as f64 / 100.0).round() / 10.0,
    })
}

/// Pages and files that a run could not have, dead rows of lists included.
fn failed() -> String {
    format!(
        "SELECT url, outcome, 0 AS is_file, id FROM frontier f
         WHERE portal = ?1 AND run = ?2 AND (state = 2 OR state = 1 AND is_guess = 0 AND {DEAD} OR {SHORT} OR {FORBIDDEN})
         UNION ALL
         SELECT url, outcome, 1, rowid FROM crawl_files
         WHERE portal = ?1 AND run = ?2 AND outcome NOT IN ('fetched', 'not_modified')"
    )
}

/// How many pages and files a run could not have: all that a summary names, and those it has no room for.
pub(super) fn count_failed(db: &Connection, run: &Run) -> rusqlite::Result<u64> {
    db.prepare_cached(&format!("SELECT count(*) FROM ({})", failed()))?
        .query_row(params![run.portal, run.id], number)
}

fn listed(db: &Connection, sql: &str, run: &Run) -> rusqlite::Result<Vec<Visited>> {
    db.prepare_cached(sql)?
        .query_map(params![run.portal, run.id, MAX_LISTED], |row| {
            Ok(Visited {
                url: row.get(0)?,
                reason: row.get::<_, Option<String>>(1)?.unwrap_or_default(),
            })
        })?
        .collect()
}

/// Runs of each portal that are over and kept, however long ago that was: those that its alarms are read from before any
/// further back are looked for. Were fewer kept, what an alarm rests on would move up among the last, and out.
const MIN_KEPT: usize = RUNS;

/// Forgets runs that ended long ago, with what is noted of them, and what hosts were asked on days before. The
/// last runs of each portal are kept, the last that was well, with and without a remark, and those that tell since when
/// something is wrong and what was usual before. Gives how many runs there were.
pub(crate) fn forget_runs(db: &Connection, mut ages: Ages) -> rusqlite::Result<usize> {
    let is_any = "SELECT 1 FROM crawl_runs WHERE finished_at < ?1";
    if !db.prepare_cached(is_any)?.exists([ages.before()])? {
        return Ok(0);
    }
    let mut runs = db.prepare("SELECT id, started_at FROM crawl_runs ORDER BY id DESC")?;
    let mut runs = runs.query([])?;
    let (newest_old, begun) = loop {
        let Some(run) = runs.next()? else {
            return Ok(0);
        };
        let begun = run.get(1)?;
        if ages.is_old(begun) {
            break (run.get::<_, i64>(0)?, begun);
        }
    };
    let n_kept = i64::try_from(MIN_KEPT).unwrap_or(i64::MAX);
    let old: Vec<(String, i64)> = db
        .prepare_cached(
            "SELECT portal, id FROM crawl_runs WHERE finished_at < ?1 AND id <= ?3
             AND id <= (SELECT n.id FROM crawl_runs n WHERE n.portal = crawl_runs.portal AND n.finished_at IS NOT NULL
                        ORDER BY n.id DESC LIMIT 1 OFFSET ?2)
             AND id <> coalesce(
                 (SELECT max(w.id) FROM crawl_runs w WHERE w.portal = crawl_runs.portal AND w.status = 'ok'), 0)
             AND id <> coalesce(
                 (SELECT max(w.id) FROM crawl_runs w
                  WHERE w.portal = crawl_runs.portal AND w.status = 'ok' AND w.reason IS NULL), 0)
             ORDER BY portal",
        )?
        .query_map(params![ages.before(), n_kept, newest_old], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    let mut n = 0;
    for of_portal in old.chunk_by(|(portal, _), (other, _)| portal == other) {
        let Some((portal, _)) = of_portal.first() else {
            continue;
        };
        let kept = catalog::to_be_kept(db, portal)?;
        for (_, id) in of_portal.iter().filter(|(_, id)| !kept.contains(id)) {
            for noted in ["crawl_traps", "crawl_yields"] {
                db.prepare_cached(&format!("DELETE FROM {noted} WHERE run = ?1"))?
                    .execute([id])?;
            }
            n += db
                .prepare_cached("DELETE FROM crawl_runs WHERE id = ?1")?
                .execute([id])?;
        }
    }
    // A day is only asked for while it lasts; two leave room for zones.
    db.execute(
        "DELETE FROM crawl_days WHERE day < ?1 / 86400000 - 2",
        [ages.before().min(begun)],
    )?;
    Ok(n)
}
