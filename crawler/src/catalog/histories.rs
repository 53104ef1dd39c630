//! The last runs of portals, for whoever watches over them: of all portals in three statements, however many there are,
//! and one by one of those that are not well for long (`histories/older.rs`).

pub(crate) mod older;

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, HashMap},
    mem,
};

use jiff::Timestamp;
use rusqlite::{Connection, Row, Rows, named_params};

use super::{Catalog, CatalogError, record::unreadable};
use crate::{
    crawl::{PortalStatus, ReportCounts},
    frontier::{self, KnownPortal, ListRecord},
    health::{History, NEWS, Pages, RUNS, RunRecord, Yields},
};

/// The portals that were ever crawled, each found by one step in an index; or the one that is asked for.
const PORTALS: &str = "
    WITH RECURSIVE p (id) AS (
        SELECT coalesce(:portal, (SELECT min(portal) FROM crawl_runs))
        UNION ALL
        SELECT (SELECT min(portal) FROM crawl_runs WHERE portal > p.id) FROM p WHERE p.id IS NOT NULL AND :portal IS NULL
    )";

const LAST: &str = "
    SELECT p.id, r.id FROM p
    CROSS JOIN crawl_runs r ON r.id = (
        SELECT id FROM crawl_runs WHERE portal = p.id AND finished_at IS NOT NULL ORDER BY id DESC LIMIT 1)";

const SUCCESS: &str = "
    SELECT p.id, (SELECT finished_at FROM crawl_runs
                  WHERE portal = p.id AND status IN ('ok', 'partial') AND reason IS NOT 'superseded'
                  ORDER BY id DESC LIMIT 1)
    FROM p WHERE p.id IS NOT NULL";

/// Columns of a run in the order of [`run`], behind its portal; the last is its number.
pub(super) const RUN_COLUMNS: &str = "r.started_at, r.finished_at, r.status, r.reason, y.run IS NOT NULL,
    y.n_rows, y.n_lists, y.n_lists_lost, y.lost_list, y.n_lists_short, y.short_list,
    y.n_new, y.n_changed, y.n_unchanged, y.n_removed, y.n_seen, y.n_flagged, y.n_text_lost, y.text_lost,
    y.median_chars, y.n_failed, y.certificate, y.certificate_at, y.robots_changed, y.signs, r.id";

const LAST_RUNS: &str = "
    FROM p
    CROSS JOIN crawl_runs r ON r.id IN (
        SELECT id FROM crawl_runs WHERE portal = p.id AND finished_at IS NOT NULL ORDER BY id DESC LIMIT :n)
    LEFT JOIN crawl_yields y ON y.run = r.id";

/// What the first crawl with reports brought is not new.
const RUNS_WITH_NEWS: &str = "
    SELECT p.id, r.finished_at
    FROM p
    CROSS JOIN crawl_runs r ON r.id IN (
        SELECT run FROM crawl_yields
        WHERE portal = p.id AND n_new > 0
          AND run > (SELECT min(run) FROM crawl_yields WHERE portal = p.id AND n_new > 0)
        ORDER BY run DESC LIMIT :n)";

impl Catalog {
    /// The histories of all portals that were ever crawled, by id, as far back as [`crate::health::assess`] looks.
    ///
    /// # Errors
    /// When the catalog cannot be read.
    pub fn histories(&self) -> Result<BTreeMap<String, History>, CatalogError> {
        Ok(read_histories(&self.connection, None, RUNS)?)
    }

    /// The number of the last crawl of each portal that is over: with another one its history is another.
    ///
    /// # Errors
    /// When the catalog cannot be read.
    pub fn last_runs(&self) -> Result<BTreeMap<String, i64>, CatalogError> {
        let mut statement = self.connection.prepare_cached(&format!("{PORTALS} {LAST}"))?;
        let none: Option<&str> = None;
        let rows = statement.query_map(named_params! { ":portal": none }, |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Portals of which a crawl was begun and has not come to its end.
    ///
    /// # Errors
    /// When the catalog cannot be read.
    pub fn unfinished_runs(&self) -> Result<BTreeSet<String>, CatalogError> {
        let sql = "SELECT DISTINCT portal FROM crawl_runs WHERE finished_at IS NULL";
        let mut statement = self.connection.prepare_cached(sql)?;
        let portals = statement.query_map([], |row| row.get(0))?;
        Ok(portals.collect::<Result<_, _>>()?)
    }

    /// The lists of a portal that ever named documents, the liveliest first, `n` at most.
    ///
    /// # Errors
    /// When the catalog cannot be read.
    pub fn lists(&self, portal: &str, n: usize) -> Result<Vec<ListRecord>, CatalogError> {
        Ok(frontier::lists(&self.connection, portal, 0, n)?)
    }

    /// What is remembered of all portals that were ever crawled, or of one.
    ///
    /// # Errors
    /// When the catalog cannot be read.
    pub fn known_portals(&self, portal: Option<&str>) -> Result<HashMap<String, KnownPortal>, CatalogError> {
        Ok(frontier::known_portals(&self.connection, portal)?)
    }

    /// The history of one portal, with its last `n_runs` runs; empty when it was never crawled.
    ///
    /// # Errors
    /// When the catalog cannot be read.
    pub fn history(&self, portal: &str, n_runs: usize) -> Result<History, CatalogError> {
        Ok(history(&self.connection, portal, n_runs)?)
    }
}

/// The history of one portal, with its last `n_runs` runs.
pub(super) fn history(db: &Connection, portal: &str, n_runs: usize) -> rusqlite::Result<History> {
    let mut histories = read_histories(db, Some(portal), n_runs)?;
    Ok(histories.remove(portal).unwrap_or_default())
}

fn read_histories(
    db: &Connection,
    portal: Option<&str>,
    n_runs: usize,
) -> rusqlite::Result<BTreeMap<String, History>> {
    let mut histories: BTreeMap<String, History> = BTreeMap::new();
    let statement = |what: &str| db.prepare_cached(&format!("{PORTALS} {what}"));
    let mut successes = statement(SUCCESS)?;
    let mut rows = successes.query(named_params! { ":portal": portal })?;
    while let Some(row) = rows.next()? {
        let last_success = row
            .get::<_, Option<i64>>(1)?
            .map(|ms| moment(1, ms))
            .transpose()?;
        let history = histories.entry(row.get(0)?).or_default();
        history.last_success = last_success;
    }
    let mut runs = statement(&format!("SELECT p.id, {RUN_COLUMNS} {LAST_RUNS}"))?;
    let mut rows = runs.query(named_params! { ":portal": portal, ":n": limit(n_runs) })?;
    // By their numbers: the clock may have been set between two of them.
    let mut needs_older: Vec<(String, i64)> = Vec::new();
    by_portal(&mut rows, numbered, |portal, mut runs| {
        runs.sort_unstable_by_key(|(id, _)| Reverse(*id));
        let oldest = runs.get(n_runs.saturating_sub(1)).map(|(id, _)| *id);
        if let Some(history) = histories.get_mut(portal) {
            history.runs = runs.into_iter().map(|(_, run)| run).collect();
            needs_older.extend(
                oldest
                    .filter(|_| older::are_needed(&history.runs))
                    .map(|oldest| (portal.to_owned(), oldest)),
            );
        }
    })?;
    for (portal, oldest) in needs_older {
        if let Some(history) = histories.get_mut(&portal) {
            history.older = older::before(db, &portal, oldest)?;
        }
    }
    let mut news = statement(RUNS_WITH_NEWS)?;
    let mut rows = news.query(named_params! { ":portal": portal, ":n": limit(NEWS) })?;
    let at = |row: &Row<'_>| moment(1, row.get(1)?);
    by_portal(&mut rows, at, |portal, mut news| {
        news.sort_unstable_by_key(|at| Reverse(*at));
        if let Some(history) = histories.get_mut(portal) {
            history.news = news;
        }
    })?;
    Ok(histories)
}

fn limit(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// A run with its number.
fn numbered(row: &Row<'_>) -> rusqlite::Result<(i64, RunRecord)> {
    Ok((row.get(26)?, run(row)?))
}

/// Hands over what is read of the rows of each portal, which stand together, its id in the first column.
fn by_portal<T>(
    rows: &mut Rows<'_>,
    read: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
    mut take: impl FnMut(&str, Vec<T>),
) -> rusqlite::Result<()> {
    let (mut portal, mut of_portal) = (String::new(), Vec::new());
    while let Some(row) = rows.next()? {
        let next = row.get_ref(0)?.as_str()?;
        if next != portal {
            take(&portal, mem::take(&mut of_portal));
            next.clone_into(&mut portal);
        }
        of_portal.push(read(row)?);
    }
    take(&portal, of_portal);
    Ok(())
}

fn run(row: &Row<'_>) -> rusqlite::Result<RunRecord> {
    let status: String = row.get(3)?;
    Ok(RunRecord {
        started_at: moment(1, row.get(1)?)?,
        finished_at: moment(2, row.get(2)?)?,
        status: PortalStatus::from_code(&status)
            .ok_or_else(|| unreadable(3, format!("{status:?} is no status of a run")))?,
        reason: row.get(4)?,
        yields: match row.get(5)? {
            true => Some(yields(row)?),
            false => None,
        },
        verdict: row.get::<_, Option<i64>>(25)?.map(older::verdict),
    })
}

fn yields(row: &Row<'_>) -> rusqlite::Result<Yields> {
    let number = |column: usize| row.get::<_, i64>(column).map(i64::unsigned_abs);
    let pages = |column: usize| -> rusqlite::Result<Pages> {
        Ok(Pages {
            count: number(column)?,
            first: row.get(column + 1)?,
        })
    };
    let certificate: (Option<String>, Option<String>) = (row.get(22)?, row.get(23)?);
    Ok(Yields {
        rows: number(6)?,
        lists: number(7)?,
        lists_lost: pages(8)?,
        lists_short: pages(10)?,
        reports: ReportCounts {
            new: number(12)?,
            changed: number(13)?,
            unchanged: number(14)?,
            removed: number(15)?,
        },
        seen: number(16)?,
        flagged: number(17)?,
        text_lost: pages(18)?,
        median_chars: row.get::<_, Option<i64>>(20)?.map(i64::unsigned_abs),
        failed: number(21)?,
        certificate: certificate.0.zip(certificate.1),
        robots_changed: row.get(24)?,
    })
}

fn moment(column: usize, ms: i64) -> rusqlite::Result<Timestamp> {
    Timestamp::from_millisecond(ms).map_err(|error| unreadable(column, error.to_string()))
}
