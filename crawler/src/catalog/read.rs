//! What readers ask of the catalog.

use std::io::Read;

use flate2::read::ZlibDecoder;
use report::{ChinaMoment, ChinaTime, Content, Report, ReportId, Status};
use rusqlite::{OptionalExtension, Row, named_params, params};

use super::{
    Catalog, CatalogError,
    record::{address, json, parsed, unreadable},
};
use crate::archive::{Location, Position};

/// One change for the index.
#[derive(Clone, Debug, PartialEq)]
pub enum Op {
    /// Add the report, or put it in the place of the one with its id.
    Upsert(Box<Report>),
    /// Add a version that is not the newest, or put it in the place of the one with its number.
    Past(Box<Recorded>),
    /// Take the report out.
    Remove(ReportId),
}

/// A version of a report, and the span in which it was the newest.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    /// The report as this version had it; its status is that of [`VersionInfo`], its addresses are today's.
    pub report: Report,
    /// When it came into the catalog.
    pub from: ChinaMoment,
    /// When the next version did; `None` for the newest.
    pub until: Option<ChinaMoment>,
}

/// One version of a report, without its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionInfo {
    /// Counts from 1.
    pub version: u32,
    /// When it was first fetched or imported.
    pub retrieved_at: ChinaTime,
    /// When it came into the catalog.
    pub recorded_at: ChinaMoment,
    /// See [`Content::hash`].
    pub content_hash: String,
    /// Han characters in its text.
    pub chars: u64,
    /// What is known of it: of the newest, what the last visit found; of the others, what the visit found that
    /// brought them: a report, or another text than before.
    pub status: Status,
}

/// What the catalog knows of a portal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortalFigures {
    /// Its id.
    pub id: String,
    /// Reports it carries, those that were removed included.
    pub reports: u64,
    /// When anything of it was last fetched or imported.
    pub last_seen: ChinaTime,
    /// When its newest report was first fetched; `None` without a report.
    pub last_new_report: Option<ChinaTime>,
}

/// Status of one version of a report; tables `r` (reports) and `v` (versions).
const STATUS: &str =
    "CASE WHEN v.version = r.version THEN r.status WHEN v.version = 1 THEN 'live' ELSE 'changed' END";

/// How many columns a report has.
const N_COLUMNS: usize = 10;

/// Columns of a report in the order of [`read_report`], with a status.
fn report_columns(id: &str, status: &str) -> String {
    format!(
        "{id}, r.url, r.urls, r.portal, v.retrieved_at, v.version, v.content_hash, {status}, v.content,
         iif({status} = 'removed', coalesce(r.removed_at, v.recorded_at), v.recorded_at)"
    )
}

/// Reports, each as one of its versions had it.
fn reports(which: &str) -> String {
    let columns = report_columns("r.id", STATUS);
    format!("SELECT {columns} FROM reports r JOIN versions v ON v.report_id = r.id {which}")
}

impl Catalog {
    /// A report as it stands.
    ///
    /// # Errors
    /// When the catalog cannot be read.
    pub fn report(&self, id: &ReportId) -> Result<Option<Report>, CatalogError> {
        self.one_report(
            &reports("AND v.version = r.version WHERE r.id = ?1"),
            params![id.as_str()],
        )
    }

    /// A report as one of its versions had it; its status is that of [`VersionInfo`]. Addresses are today's.
    ///
    /// # Errors
    /// When the catalog cannot be read.
    pub fn version(&self, id: &ReportId, version: u32) -> Result<Option<Report>, CatalogError> {
        self.one_report(
            &reports("WHERE r.id = ?1 AND v.version = ?2"),
            params![id.as_str(), version],
        )
    }

    /// When a version of a report came into the catalog.
    ///
    /// # Errors
    /// When the catalog cannot be read.
    pub fn recorded_at(&self, id: &ReportId, version: u32) -> Result<Option<ChinaMoment>, CatalogError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT recorded_at FROM versions WHERE report_id = ?1 AND version = ?2")?;
        let recorded_at = statement.query_row(params![id.as_str(), version], |row| moment(row, 0));
        Ok(recorded_at.optional()?)
    }

    /// A report as one of its versions had it, with the span in which that was the newest; `None` when there is no such
    /// version.
    ///
    /// # Errors
    /// When the catalog cannot be read.
    pub fn recorded(&self, id: &ReportId, version: u32) -> Result<Option<Recorded>, CatalogError> {
        let known = (self.version(id, version)?, self.recorded_at(id, version)?);
        let (Some(report), Some(from)) = known else {
            return Ok(None);
        };
        let until = self.recorded_at(id, version.saturating_add(1))?;
        Ok(Some(Recorded { report, from, until }))
    }

    fn one_report(
        &self,
        sql: &str,
        parameters: impl rusqlite::Params,
    ) -> Result<Option<Report>, CatalogError> {
        Ok(self
            .connection
            .prepare_cached(sql)?
            .query_row(parameters, read_report)
            .optional()?)
    }

    /// The versions of a report, oldest first; empty for an unknown id.
    ///
    /// # Errors
    /// When the catalog cannot be read.
    pub fn versions(&self, id: &ReportId) -> Result<Vec<VersionInfo>, CatalogError> {
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT v.version, v.retrieved_at, v.content_hash, v.chars, {STATUS}, v.recorded_at
             FROM reports r JOIN versions v ON v.report_id = r.id WHERE r.id = ?1 ORDER BY v.version"
        ))?;
        let versions = statement.query_map([id.as_str()], |row| {
            Ok(VersionInfo {
                version: row.get(0)?,
                retrieved_at: parsed(row, 1)?,
                content_hash: row.get(2)?,
                chars: row.get::<_, i64>(3)?.unsigned_abs(),
                status: parsed(row, 4)?,
                recorded_at: moment(row, 5)?,
            })
        })?;
        Ok(versions.collect::<Result<_, _>>()?)
    }

    /// Where the capture stands that a version was read from; the current version for `None`.
    ///
    /// # Errors
    /// When the catalog cannot be read.
    pub fn location(&self, id: &ReportId, version: Option<u32>) -> Result<Option<Location>, CatalogError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT c.file, c.offset, c.length FROM reports r
             JOIN versions v ON v.report_id = r.id AND v.version = coalesce(:version, r.version)
             JOIN captures c ON c.id = v.capture
             WHERE r.id = :id",
        )?;
        let location =
            statement.query_row(named_params! { ":id": id.as_str(), ":version": version }, |row| {
                Ok(Location {
                    file: row.get(0)?,
                    offset: row.get::<_, i64>(1)?.unsigned_abs(),
                    length: row.get::<_, i64>(2)?.unsigned_abs(),
                })
            });
        Ok(location.optional()?)
    }

    /// The report that a portal carries at an address.
    ///
    /// # Errors
    /// When the catalog cannot be read.
    pub fn find(&self, portal: &str, url: &str) -> Result<Option<ReportId>, CatalogError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT report_id FROM addresses WHERE portal = ?1 AND address = ?2")?;
        Ok(statement
            .query_row((portal, address(url)), |row| parsed(row, 0))
            .optional()?)
    }

    /// Hands over every report as it stands, by id.
    ///
    /// # Errors
    /// The first error of `take`, or when the catalog cannot be read.
    pub fn for_each_report<E: From<CatalogError>>(
        &self,
        mut take: impl FnMut(Report) -> Result<(), E>,
    ) -> Result<(), E> {
        let sql = reports("AND v.version = r.version ORDER BY r.id");
        let mut statement = self.connection.prepare_cached(&sql).map_err(CatalogError::from)?;
        let mut rows = statement.query([]).map_err(CatalogError::from)?;
        while let Some(row) = rows.next().map_err(CatalogError::from)? {
            take(read_report(row).map_err(CatalogError::from)?)?;
        }
        Ok(())
    }

    /// Hands over every version of every report, by id and number.
    ///
    /// # Errors
    /// The first error of `take`, or when the catalog cannot be read.
    pub fn for_each_version<E: From<CatalogError>>(
        &self,
        mut take: impl FnMut(Recorded) -> Result<(), E>,
    ) -> Result<(), E> {
        let columns = report_columns("r.id", STATUS);
        let sql = format!(
            "SELECT {columns}, v.recorded_at FROM reports r JOIN versions v ON v.report_id = r.id
             ORDER BY r.id, v.version"
        );
        let mut statement = self.connection.prepare_cached(&sql).map_err(CatalogError::from)?;
        let mut rows = statement.query([]).map_err(CatalogError::from)?;
        let mut before: Option<Recorded> = None;
        while let Some(row) = rows.next().map_err(CatalogError::from)? {
            let report = read_report(row).map_err(CatalogError::from)?;
            let from = moment(row, N_COLUMNS).map_err(CatalogError::from)?;
            if let Some(mut before) = before.take() {
                before.until = (before.report.id == report.id).then_some(from);
                take(before)?;
            }
            let until = None;
            before = Some(Recorded { report, from, until });
        }
        before.map_or(Ok(()), take)
    }

    /// How many reports there are.
    ///
    /// # Errors
    /// When the catalog cannot be read.
    pub fn count(&self) -> Result<u64, CatalogError> {
        let count: i64 = self
            .connection
            .query_row("SELECT count(*) FROM reports", [], |row| row.get(0))?;
        Ok(count.unsigned_abs())
    }

    /// Every portal that was seen, by id.
    ///
    /// # Errors
    /// When the catalog cannot be read.
    pub fn portals(&self) -> Result<Vec<PortalFigures>, CatalogError> {
        self.read_portals(None)
    }

    /// What is known of one portal; `None` when nothing of it was ever fetched or imported.
    ///
    /// # Errors
    /// When the catalog cannot be read.
    pub fn portal(&self, id: &str) -> Result<Option<PortalFigures>, CatalogError> {
        Ok(self.read_portals(Some(id))?.pop())
    }

    fn read_portals(&self, id: Option<&str>) -> Result<Vec<PortalFigures>, CatalogError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT id, last_seen, n_reports, newest FROM portals
             WHERE id >= coalesce(?1, '') AND (?1 IS NULL OR id = ?1) ORDER BY id",
        )?;
        let portals = statement.query_map([id], |row| {
            let newest = row.get::<_, Option<i64>>(3)?;
            let newest = newest.map(jiff::Timestamp::from_second).transpose();
            Ok(PortalFigures {
                id: row.get(0)?,
                last_seen: parsed(row, 1)?,
                reports: row.get::<_, i64>(2)?.unsigned_abs(),
                last_new_report: newest
                    .map_err(|error| unreadable(3, error.to_string()))?
                    .map(ChinaTime::from),
            })
        })?;
        Ok(portals.collect::<Result<_, _>>()?)
    }

    /// News for the index after `seq`, oldest first, at most `limit`, each with its number. A report that changed
    /// twice is there twice, each time as it was. That a version is not the newest any more is told by the news of the next
    /// one; versions of the past are told of when something else about them changes.
    ///
    /// # Errors
    /// When the catalog cannot be read.
    pub fn outbox_after(&self, seq: u64, limit: usize) -> Result<Vec<(u64, Op)>, CatalogError> {
        let status = "coalesce(o.status, iif(o.version = 1, 'live', 'changed'))";
        let columns = report_columns("o.report_id", status);
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT o.seq, {columns}, v.recorded_at, o.status IS NULL,
                 (SELECT n.recorded_at FROM versions n
                  WHERE o.status IS NULL AND n.report_id = o.report_id AND n.version = o.version + 1)
             FROM (SELECT * FROM outbox WHERE seq > ?1 ORDER BY seq LIMIT ?2) o
             LEFT JOIN versions v ON v.report_id = o.report_id AND v.version = o.version
             LEFT JOIN reports r ON r.id = v.report_id
             ORDER BY o.seq"
        ))?;
        let news = statement.query_map(params![to_sql(seq), to_sql(limit as u64)], |row| {
            let seq = row.get::<_, i64>(0)?.unsigned_abs();
            let op = match row.get_ref(6)? {
                rusqlite::types::ValueRef::Null => Op::Remove(parsed(row, 1)?),
                _ if row.get::<_, bool>(N_COLUMNS + 2)? => {
                    let from = moment(row, N_COLUMNS + 1)?;
                    let report = read_report_at(row, 1)?;
                    // There is a next one, or it would not be in the past.
                    let until = row.get::<_, Option<i64>>(N_COLUMNS + 3)?;
                    let until = until.map_or(Ok(from), |_| moment(row, N_COLUMNS + 3))?;
                    Op::Past(Box::new(Recorded {
                        report,
                        from,
                        until: Some(until),
                    }))
                }
                _ => Op::Upsert(Box::new(read_report_at(row, 1)?)),
            };
            Ok((seq, op))
        })?;
        Ok(news.collect::<Result<_, _>>()?)
    }

    /// The number of the last news there ever was; 0 before the first.
    ///
    /// # Errors
    /// When the catalog cannot be read.
    pub fn outbox_end(&self) -> Result<u64, CatalogError> {
        let sql = "SELECT seq FROM sqlite_sequence WHERE name = 'outbox'";
        let seq: Option<i64> = self.connection.query_row(sql, [], |row| row.get(0)).optional()?;
        Ok(seq.unwrap_or(0).unsigned_abs())
    }

    /// How many news are kept, those included that the index has.
    ///
    /// # Errors
    /// When the catalog cannot be read.
    pub fn outbox_len(&self) -> Result<u64, CatalogError> {
        let sql = "SELECT count(*) FROM outbox";
        let count: i64 = self.connection.query_row(sql, [], |row| row.get(0))?;
        Ok(count.unsigned_abs())
    }

    /// Forgets the news up to and with `seq`, once the index has them for good.
    ///
    /// # Errors
    /// When the catalog cannot be written.
    pub fn prune_outbox(&self, up_to: u64) -> Result<(), CatalogError> {
        self.connection
            .prepare_cached("DELETE FROM outbox WHERE seq <= ?1")?
            .execute([to_sql(up_to)])?;
        Ok(())
    }

    /// Whether the file is sound; the complaints of SQLite when it is not.
    ///
    /// # Errors
    /// When the check itself cannot run.
    pub fn integrity_check(&self) -> Result<Vec<String>, CatalogError> {
        let mut statement = self.connection.prepare("PRAGMA integrity_check(100)")?;
        let lines = statement
            .query_map([], |row| row.get::<_, String>(0))?
            .collect::<Result<Vec<_>, _>>()?;
        Ok(lines.into_iter().filter(|line| line != "ok").collect())
    }

    /// How far the archive is reflected here.
    pub(crate) fn archive_end(&self) -> Result<Position, CatalogError> {
        Ok(self
            .connection
            .query_row("SELECT file, offset FROM archive_end", [], |row| {
                Ok(Position {
                    file: row.get(0)?,
                    offset: row.get::<_, i64>(1)?.unsigned_abs(),
                })
            })?)
    }
}

/// Reads a column of milliseconds since 1970.
fn moment(row: &Row<'_>, column: usize) -> rusqlite::Result<ChinaMoment> {
    jiff::Timestamp::from_millisecond(row.get(column)?)
        .map(ChinaMoment::from)
        .map_err(|error| unreadable(column, error.to_string()))
}

fn to_sql(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn read_report(row: &Row<'_>) -> rusqlite::Result<Report> {
    read_report_at(row, 0)
}

/// Reads a report from the ten columns from `first` on.
fn read_report_at(row: &Row<'_>, first: usize) -> rusqlite::Result<Report> {
    Ok(Report {
        id: parsed(row, first)?,
        url: row.get(first + 1)?,
        urls: json(row, first + 2)?,
        portal: row.get(first + 3)?,
        retrieved_at: parsed(row, first + 4)?,
        version: row.get(first + 5)?,
        content_hash: row.get(first + 6)?,
        status: parsed::<Status>(row, first + 7)?,
        content: unpack(row.get_ref(first + 8)?.as_blob()?).map_err(|error| unreadable(first + 8, error))?,
        changed_at: moment(row, first + 9)?,
    })
}

pub(super) fn unpack(packed: &[u8]) -> Result<Content, String> {
    let mut json = Vec::new();
    ZlibDecoder::new(packed)
        .read_to_end(&mut json)
        .map_err(|error| error.to_string())?;
    serde_json::from_slice(&json).map_err(|error| error.to_string())
}
