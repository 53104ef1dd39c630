//! Whether the catalog holds together: with itself, and which places of the archive it speaks of.

use std::io;

use flate2::read::ZlibDecoder;
use rusqlite::{Row, params};
use sha2::{Digest, Sha256};

use super::{Catalog, CatalogError};
use crate::archive::Location;

/// Most findings of a kind that are listed.
const MAX_LISTED: i64 = 100;

/// What must not be found in the tables: words, and a statement that names each case.
const HOLES: [(&str, &str); 6] = [
    (
        "has no version that stands for it",
        "SELECT 'report ' || r.id FROM reports r
         WHERE NOT EXISTS (SELECT 1 FROM versions v WHERE v.report_id = r.id AND v.version = r.version)",
    ),
    (
        "lacks one of its versions",
        "SELECT 'report ' || r.id FROM reports r
         WHERE (SELECT count(*) FROM versions v WHERE v.report_id = r.id) <> r.version",
    ),
    (
        "is of a report that is not there",
        "SELECT DISTINCT 'a version of ' || v.report_id FROM versions v
         WHERE NOT EXISTS (SELECT 1 FROM reports r WHERE r.id = v.report_id)",
    ),
    (
        "was read from a capture that is not listed",
        "SELECT 'version ' || v.version || ' of report ' || v.report_id FROM versions v
         WHERE NOT EXISTS (SELECT 1 FROM captures c WHERE c.id = v.capture)",
    ),
    (
        "is of a report that is not there",
        "SELECT DISTINCT 'a capture of ' || c.report_id FROM captures c
         WHERE NOT EXISTS (SELECT 1 FROM reports r WHERE r.id = c.report_id)",
    ),
    (
        "leads to a report that is not there",
        "SELECT 'address ' || a.address FROM addresses a
         WHERE NOT EXISTS (SELECT 1 FROM reports r WHERE r.id = a.report_id)",
    ),
];

/// Each place once, in the order of the archive.
const PLACES: &str = "SELECT file, offset, length FROM captures
    UNION SELECT file, offset, length FROM attachments
    ORDER BY file, offset, length";

impl Catalog {
    /// What is missing in the tables, in words; empty when nothing is.
    ///
    /// # Errors
    /// When the catalog cannot be read.
    pub fn holes(&self) -> Result<Vec<String>, CatalogError> {
        let mut found = Vec::new();
        for (words, sql) in HOLES {
            let mut statement = self.connection.prepare(&format!("{sql} LIMIT ?1"))?;
            let names = statement.query_map(params![MAX_LISTED], |row| row.get::<_, String>(0))?;
            for name in names {
                found.push(format!("{} {words}", name?));
            }
        }
        Ok(found)
    }

    /// Versions whose content is not what was written, in words. Reads all of them.
    ///
    /// # Errors
    /// When the catalog cannot be read.
    pub fn altered_contents(&self) -> Result<Vec<String>, CatalogError> {
        let mut statement = self
            .connection
            .prepare("SELECT report_id, version, content_digest, content FROM versions")?;
        let mut rows = statement.query([])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let digest = row.get_ref(2)?.as_blob().unwrap_or_default();
            let mut hash = Sha256::new();
            let content = ZlibDecoder::new(row.get_ref(3)?.as_blob().unwrap_or_default());
            let read = io::copy(&mut io::BufReader::new(content), &mut HashWriter(&mut hash));
            if read.is_err() || hash.finalize().as_slice() != digest {
                let (id, version): (String, u32) = (row.get(0)?, row.get(1)?);
                found.push(format!(
                    "version {version} of report {id} is not what was written"
                ));
            }
        }
        Ok(found)
    }

    /// Where the captures stand that the catalog speaks of, in the order of the archive, each once.
    ///
    /// # Errors
    /// When the catalog cannot be read.
    pub fn places(&self) -> Result<Vec<Location>, CatalogError> {
        let mut statement = self.connection.prepare(PLACES)?;
        let places = statement.query_map([], read_place)?;
        Ok(places.collect::<Result<_, _>>()?)
    }

    /// Whose capture stands at a place, in words.
    ///
    /// # Errors
    /// When the catalog cannot be read.
    pub fn at_place(&self, place: &Location) -> Result<String, CatalogError> {
        let sql = "SELECT 'report ' || report_id FROM captures WHERE file = ?1 AND offset = ?2
             UNION ALL SELECT 'the file ' || url FROM attachments WHERE file = ?1 AND offset = ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        let offset = i64::try_from(place.offset).unwrap_or(i64::MAX);
        let mut rows = statement.query(params![place.file, offset])?;
        Ok(match rows.next()? {
            Some(row) => row.get(0)?,
            None => "nothing".to_owned(),
        })
    }

    /// Whether the pages of the file hang together; quicker than [`integrity_check`](Self::integrity_check), which
    /// also compares indexes with their tables.
    ///
    /// # Errors
    /// When the check itself cannot run.
    pub fn quick_check(&self) -> Result<Vec<String>, CatalogError> {
        let mut statement = self.connection.prepare("PRAGMA quick_check(100)")?;
        let lines = statement
            .query_map([], |row| row.get::<_, String>(0))?
            .collect::<Result<Vec<_>, _>>()?;
        Ok(lines.into_iter().filter(|line| line != "ok").collect())
    }
}

/// Hashes what is written to it.
struct HashWriter<'a>(&'a mut Sha256);

impl io::Write for HashWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn read_place(row: &Row<'_>) -> rusqlite::Result<Location> {
    Ok(Location {
        file: row.get(0)?,
        offset: row.get::<_, i64>(1)?.unsigned_abs(),
        length: row.get::<_, i64>(2)?.unsigned_abs(),
    })
}
