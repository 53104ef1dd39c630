//! What reports are filed under: region, genre and year as columns, so that they can be counted without unpacking them.

use report::{Content, QualityFlag, ReportId};
use rusqlite::{Connection, params};

use super::{
    read::unpack,
    record::{parsed, unreadable},
};

/// Since format 4.
pub(super) const CELLS: &str = "
    -- Of the current version; NULL where it says nothing.
    ALTER TABLE reports ADD COLUMN region INTEGER; -- division code that the report is about, as it was read
    ALTER TABLE reports ADD COLUMN genre TEXT;
    ALTER TABLE reports ADD COLUMN year INTEGER;
    ALTER TABLE reports ADD COLUMN is_attachment INTEGER NOT NULL DEFAULT 0; -- the page only points to a file
    ALTER TABLE reports ADD COLUMN checked_at INTEGER; -- when it was last found as it is, in milliseconds since 1970
    UPDATE reports SET checked_at =
        (SELECT max(unixepoch(at)) * 1000 FROM captures WHERE report_id = reports.id);
    CREATE INDEX reports_by_cell ON reports (region, genre, year) WHERE region IS NOT NULL AND year IS NOT NULL;
    CREATE INDEX reports_by_year ON reports (genre, year) WHERE year IS NOT NULL;
    CREATE INDEX reports_by_region ON reports (portal, region) WHERE region IS NOT NULL;
";

/// Reports that are filed at once.
const BATCH: i64 = 1_000;

/// What a report is filed under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Filed {
    region: Option<u32>,
    genre: &'static str,
    year: Option<i32>,
    is_attachment: bool,
}

impl Filed {
    /// By its content.
    pub(super) fn of(content: &Content) -> Self {
        Self {
            region: content.region_code.map(report::RegionCode::number),
            genre: content.genre.code(),
            year: content.year,
            is_attachment: content.quality.flags.contains(&QualityFlag::AttachmentOnly),
        }
    }

    /// Files a report.
    pub(super) fn set(self, db: &Connection, id: &ReportId) -> rusqlite::Result<()> {
        let Self {
            region,
            genre,
            year,
            is_attachment,
        } = self;
        db.prepare_cached(
            "UPDATE reports SET region = ?2, genre = ?3, year = ?4, is_attachment = ?5 WHERE id = ?1",
        )?
        .execute(params![id.as_str(), region, genre, year, is_attachment])?;
        Ok(())
    }
}

/// Files every report there is.
pub(super) fn file_all(db: &Connection) -> rusqlite::Result<()> {
    let mut after = String::new();
    loop {
        let mut statement = db.prepare_cached(
            "SELECT r.id, v.content FROM reports r JOIN versions v ON v.report_id = r.id AND v.version = r.version
             WHERE r.id > ?1 ORDER BY r.id LIMIT ?2",
        )?;
        let reports = statement.query_map(params![after, BATCH], |row| {
            let content = unpack(row.get_ref(1)?.as_blob()?).map_err(|error| unreadable(1, error))?;
            Ok((parsed::<ReportId>(row, 0)?, Filed::of(&content)))
        })?;
        let reports: Vec<_> = reports.collect::<Result<_, _>>()?;
        for (id, filed) in &reports {
            filed.set(db, id)?;
        }
        match reports.last() {
            Some((last, _)) => after = last.to_string(),
            None => return Ok(()),
        }
    }
}
