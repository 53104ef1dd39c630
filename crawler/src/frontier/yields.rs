//! What a run leaves behind for whoever watches over portals: how many reports its lists named, which lists have lost
//! theirs, and whether the pages still say as much as they did.
//!
//! Counted from the tables when the run ends, so that it is the same after a kill.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension, params};
use sha2::{Digest, Sha256};
use url::Url;

use super::{Run, hosts::load_robots, number, runs::count_failed};
use crate::{crawl::ReportCounts, robots::rules_text};

/// Since format 4.
pub(crate) const YIELDS: &str = "
    -- Of a page with a report, when it was last read.
    ALTER TABLE frontier ADD COLUMN chars INTEGER; -- Han characters of its text
    ALTER TABLE frontier ADD COLUMN is_flagged INTEGER NOT NULL DEFAULT 0; -- something of it may be lost
    -- Of a list: the last run in which it named documents.
    ALTER TABLE frontier ADD COLUMN rows_run INTEGER;

    -- What a run that is over brought.
    CREATE TABLE crawl_yields (
        run INTEGER PRIMARY KEY,
        portal TEXT NOT NULL,
        n_rows INTEGER NOT NULL, -- documents that its lists named
        n_lists INTEGER NOT NULL, -- lists that named some
        n_lists_lost INTEGER NOT NULL, -- lists that named some before and name none now
        lost_list TEXT, -- the first of them
        n_lists_short INTEGER NOT NULL, -- lists that are shorter than they say
        short_list TEXT,
        n_new INTEGER NOT NULL,
        n_changed INTEGER NOT NULL,
        n_unchanged INTEGER NOT NULL,
        n_removed INTEGER NOT NULL,
        n_seen INTEGER NOT NULL, -- pages on which a report was seen
        n_flagged INTEGER NOT NULL, -- of those: something of it may be lost
        n_text_lost INTEGER NOT NULL, -- pages of known reports on which no text was found
        text_lost TEXT,
        median_chars INTEGER, -- Han characters; NULL when none was seen
        n_failed INTEGER NOT NULL, -- pages that could not be had
        certificate TEXT, -- what is wrong with the certificate of a seed or list
        certificate_at TEXT,
        robots BLOB, -- digest of the rules of the seeds' hosts; NULL when they could not be had
        robots_changed INTEGER NOT NULL -- they are others than the last time
    ) STRICT;
    CREATE INDEX crawl_yields_with_news ON crawl_yields (portal, run) WHERE n_new > 0;
    CREATE INDEX crawl_yields_with_robots ON crawl_yields (portal, run) WHERE robots IS NOT NULL;
";

/// Since format 5.
pub(crate) const SIGNS: &str = "
    -- What the run showed, held against those before it: 1 fewer rows, 2 reports that say less; NULL: it tells nothing.
    ALTER TABLE crawl_yields ADD COLUMN signs INTEGER;
";

/// So many runs a list that names nothing any more is missed, whatever became of what it named.
const MEMORY: i64 = 12;

/// A list (`f` of the frontier) that was asked for in this run and is not there, or is no list any more.
const NO_LIST: &str = "(f.state = 1 AND f.outcome NOT IN ('report', 'redirected', 'not_modified')
    OR f.state = 2 AND f.outcome IN ('http_404', 'http_410', 'http_550', 'soft_404', 'not_a_list', 'rows_lost',
        'not_a_sitemap', 'not_a_feed', 'needs_browser')
    OR f.state = 3 AND f.outcome IN ('robots', 'another_host'))";

/// What a report says, as far as that is watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Readout {
    /// Han characters of its text.
    pub(crate) chars: usize,
    /// Something of it may be lost.
    pub(crate) is_flagged: bool,
}

/// Remembers what the report on a page says.
pub(crate) fn note_report(db: &Connection, row: i64, readout: Readout) -> rusqlite::Result<()> {
    db.prepare_cached("UPDATE frontier SET chars = ?2, is_flagged = ?3 WHERE id = ?1")?
        .execute(params![
            row,
            i64::try_from(readout.chars).unwrap_or(i64::MAX),
            readout.is_flagged
        ])
        .map(drop)
}

/// Remembers that a list named documents, on the row of its page and on that of its first.
pub(crate) fn note_rows(
    db: &Connection,
    run: &Run,
    page: i64,
    listing: Option<&str>,
) -> rusqlite::Result<()> {
    db.prepare_cached("UPDATE frontier SET rows_run = ?2 WHERE id = ?1")?
        .execute(params![page, run.id])?;
    if let Some(listing) = listing {
        db.prepare_cached("UPDATE frontier SET rows_run = ?3 WHERE portal = ?1 AND key = ?2")?
            .execute(params![run.portal, listing, run.id])?;
    }
    Ok(())
}

/// Writes down what a run that is over brought.
pub(crate) fn record_yields(db: &Connection, run: &Run, reports: &ReportCounts) -> rusqlite::Result<()> {
    let of_run = params![run.portal, run.id];
    let rows = count(
        db,
        "SELECT count(*) FROM frontier WHERE portal = ?1 AND seen_run = ?2 AND kind = 2 AND is_guess = 0",
        run,
    )?;
    let lists = count(
        db,
        "SELECT count(*) FROM frontier WHERE portal = ?1 AND rows_run = ?2 AND number <= 1",
        run,
    )?;
    let (lists_lost, lost_list) = lost_lists(db, run)?;
    let (lists_short, short_list) = first(db, "f.state = 1 AND f.outcome LIKE 'list_incomplete:%'", run)?;
    let (text_lost, text_lost_at) = first(
        db,
        "f.state = 1 AND f.is_report = 1 AND f.outcome IN ('no_text', 'empty', 'list', 'not_a_report')",
        run,
    )?;
    let (seen, flagged): (i64, i64) = db
        .prepare_cached(
            "SELECT count(*), coalesce(sum(is_flagged), 0) FROM frontier
             WHERE portal = ?1 AND run = ?2 AND state = 1 AND is_report = 1 AND outcome IN ('report', 'not_modified')",
        )?
        .query_row(of_run, |row| Ok((row.get(0)?, row.get(1)?)))?;
    let certificate: Option<(String, String)> = db
        .prepare_cached(
            "SELECT outcome, url FROM frontier WHERE portal = ?1 AND run = ?2 AND state = 2 AND kind < 2
                 AND outcome GLOB 'tls_*' ORDER BY id LIMIT 1",
        )?
        .query_row(of_run, |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let robots = robots(db, run)?;
    let before: Option<Vec<u8>> = db
        .prepare_cached(
            "SELECT robots FROM crawl_yields WHERE portal = ?1 AND run < ?2 AND robots IS NOT NULL
             ORDER BY run DESC LIMIT 1",
        )?
        .query_row(of_run, |row| row.get(0))
        .optional()?;
    let is_changed = matches!((&robots, &before), (Some(now), Some(before)) if now[..] != before[..]);
    let failed = count_failed(db, run)?;
    let (certificate, certificate_at) = certificate.unzip();
    db.prepare_cached(
        "INSERT OR REPLACE INTO crawl_yields (run, portal, n_rows, n_lists, n_lists_lost, lost_list, n_lists_short,
             short_list, n_new, n_changed, n_unchanged, n_removed, n_seen, n_flagged, n_text_lost, text_lost,
             median_chars, n_failed, certificate, certificate_at, robots, robots_changed)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22)",
    )?
    .execute(params![
        run.id,
        run.portal,
        sql(rows),
        sql(lists),
        sql(lists_lost),
        lost_list,
        sql(lists_short),
        short_list,
        sql(reports.new),
        sql(reports.changed),
        sql(reports.unchanged),
        sql(reports.removed),
        seen,
        flagged,
        sql(text_lost),
        text_lost_at,
        median_chars(db, run)?,
        sql(failed),
        certificate,
        certificate_at,
        robots,
        is_changed
    ])
    .map(drop)
}

/// Lists that named documents in one of the last runs and name none now.
///
/// A list that could not be had for a reason that may pass counts when it could not the last time either. A column that
/// nothing leads to any more counts as well, when the run came to its end: it was not asked for, and its news is missed.
///
/// After [`MEMORY`] runs a list counts as long as documents are known from it that no list names any more, and as long as
/// it is asked for, or the page is that led to it.
fn lost_lists(db: &Connection, run: &Run) -> rusqlite::Result<(u64, Option<String>)> {
    let earlier = |sql: &str, skip: i64| -> rusqlite::Result<Option<i64>> {
        db.prepare_cached(sql)?
            .query_row(params![run.portal, run.id, skip], |row| row.get(0))
            .optional()
    };
    let nth_last = "SELECT id FROM crawl_runs WHERE portal = ?1 AND id < ?2 AND status IN ('ok', 'partial')
        AND reason IS NOT 'superseded' ORDER BY id DESC LIMIT 1 OFFSET ?3";
    let last = earlier(nth_last, 0)?.unwrap_or(0);
    let oldest = earlier(nth_last, MEMORY - 1)?.unwrap_or(0);
    // What an answer names was found by the page that asks for it.
    let is_missed = format!(
        "(f.rows_run >= {oldest} OR iif(f.listing IS NULL, f.url, coalesce(f.via, f.url)) IN (
             SELECT d.via FROM frontier d WHERE d.portal = ?1 AND d.kind = 2 AND d.is_report = 1 AND d.seen_run < ?2
                 AND d.gone_at IS NULL AND d.state <> 3))"
    );
    let named_some = format!("f.rows_run < ?2 AND f.is_guess = 0 AND f.number <= 1 AND {is_missed}");
    let (n_visited, visited) = first(
        db,
        &format!("{named_some} AND ({NO_LIST} OR f.state = 2 AND f.rows_run < {last})"),
        run,
    )?;
    let (n_left, left): (u64, Option<String>) = db
        .prepare(&format!(
            "SELECT count(*), f.url, min(f.id) FROM frontier f
             WHERE f.portal = ?1 AND f.run < ?2 AND f.kind = 1 AND f.listing IS NULL AND f.form IS NULL AND {named_some}
                 AND (f.rows_run >= {oldest} OR f.via IN (SELECT url FROM frontier WHERE portal = ?1 AND run = ?2))
                 AND NOT EXISTS (SELECT 1 FROM frontier WHERE portal = ?1 AND run = ?2 AND state = 0)"
        ))?
        .query_row(params![run.portal, run.id], |row| Ok((number(row)?, row.get(1)?)))?;
    Ok((n_visited + n_left, visited.or(left)))
}

/// How many pages of a run are `which`, and the address of the first.
fn first(db: &Connection, which: &str, run: &Run) -> rusqlite::Result<(u64, Option<String>)> {
    // The address beside `min` is that of the row with the least.
    db.prepare(&format!(
        "SELECT count(*), f.url, min(f.id) FROM frontier f WHERE f.portal = ?1 AND f.run = ?2 AND {which}"
    ))?
    .query_row(params![run.portal, run.id], |row| Ok((number(row)?, row.get(1)?)))
}

/// Median of the Han characters of the reports that were seen.
fn median_chars(db: &Connection, run: &Run) -> rusqlite::Result<Option<i64>> {
    let seen = "FROM frontier WHERE portal = ?1 AND run = ?2 AND state = 1 AND is_report = 1
        AND outcome IN ('report', 'not_modified') AND chars IS NOT NULL";
    db.prepare_cached(&format!(
        "SELECT chars {seen} ORDER BY chars LIMIT 1 OFFSET (SELECT count(*) / 2 {seen})"
    ))?
    .query_row(params![run.portal, run.id], |row| row.get(0))
    .optional()
}

/// Digest of the rules in force on the seeds' hosts; `None` when some could not be had.
fn robots(db: &Connection, run: &Run) -> rusqlite::Result<Option<[u8; 32]>> {
    let mut statement =
        db.prepare_cached("SELECT url FROM frontier WHERE portal = ?1 AND run = ?2 AND kind = 0")?;
    let urls = statement.query_map(params![run.portal, run.id], |row| row.get::<_, String>(0))?;
    let mut origins = BTreeSet::new();
    for url in urls {
        if let Ok(url) = Url::parse(&url?) {
            origins.insert(url.origin().ascii_serialization());
        }
    }
    let mut digest = Sha256::new();
    for origin in &origins {
        let Some(stored) = load_robots(db, origin)?.filter(|stored| stored.fetched_at >= run.begun_at) else {
            return Ok(None);
        };
        let Some(rules) = stored.status.and_then(|status| rules_text(status, &stored.body)) else {
            return Ok(None);
        };
        for part in [origin.as_str(), &rules] {
            digest.update(part.len().to_be_bytes());
            digest.update(part);
        }
    }
    Ok((!origins.is_empty()).then(|| digest.finalize().into()))
}

fn count(db: &Connection, sql: &str, run: &Run) -> rusqlite::Result<u64> {
    db.prepare_cached(sql)?
        .query_row(params![run.portal, run.id], number)
}

fn sql(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
