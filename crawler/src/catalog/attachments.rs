//! What is known of the files of reports.

use std::{io::Read, sync::Arc};

use flate2::read::ZlibDecoder;
use report::ChinaTime;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::record::{address, parsed, unreadable};
use crate::{
    archive::{FileRef, Location},
    pack,
    reading::files::{FileFacts, Files},
};

/// Since format 3.
pub(super) const ATTACHMENTS: &str = "
    -- Every capture of a file that belongs to reports. Two captures with the same bytes are one.
    CREATE TABLE attachments (
        portal TEXT NOT NULL,
        address TEXT NOT NULL, -- what the file is known by
        version TEXT NOT NULL, -- digest of its bytes, or a word that says why there are none
        url TEXT NOT NULL,
        at TEXT NOT NULL,
        media_type TEXT,
        bytes INTEGER,
        status TEXT NOT NULL,
        reason TEXT, -- why it failed
        name TEXT, -- as its server calls it
        etag TEXT,
        last_modified TEXT,
        text BLOB, -- packed with zlib
        file INTEGER NOT NULL,
        offset INTEGER NOT NULL,
        length INTEGER NOT NULL,
        PRIMARY KEY (portal, address, version)
    ) STRICT;
";

/// A file in the form in which it is kept.
#[derive(Debug)]
pub(crate) struct PreparedFile {
    facts: FileFacts,
    text: Option<Vec<u8>>,
}

impl PreparedFile {
    /// Packs its text; the slow part of recording it.
    pub(crate) fn new(mut facts: FileFacts) -> Self {
        let text = facts.text.take().map(|text| pack::zlib(text.as_bytes()));
        Self { facts, text }
    }

    /// Which capture of its address it is.
    pub(crate) fn version(&self) -> &str {
        &self.facts.version
    }
}

/// Whether a capture of a file is known.
pub(crate) fn has_file(
    db: &Connection,
    portal: &str,
    address: &str,
    version: &str,
) -> rusqlite::Result<bool> {
    db.prepare_cached("SELECT 1 FROM attachments WHERE portal = ?1 AND address = ?2 AND version = ?3")?
        .exists((portal, address, version))
}

/// Records a capture of a file that is not known yet.
pub(crate) fn add_file(
    db: &Connection,
    (portal, address, url): (&str, &str, &str),
    at: ChinaTime,
    file: &PreparedFile,
    location: Location,
) -> rusqlite::Result<()> {
    let PreparedFile { facts, text } = file;
    db.prepare_cached(
        "INSERT INTO attachments (portal, address, version, url, at, media_type, bytes, status, reason, name, etag,
             last_modified, text, file, offset, length)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
    )?
    .execute(params![
        portal,
        address,
        facts.version,
        url,
        at.to_string(),
        facts.media_type,
        facts.bytes.map(|bytes| bytes as i64),
        facts.status.code(),
        facts.reason,
        facts.name,
        facts.etag,
        facts.last_modified,
        text,
        location.file,
        location.offset as i64,
        location.length as i64
    ])
    .map(drop)
}

/// What is known of a capture of a file.
pub(crate) fn file(
    db: &Connection,
    portal: &str,
    address: &str,
    version: &str,
) -> rusqlite::Result<Option<FileFacts>> {
    db.prepare_cached(&format!(
        "{FACTS} WHERE portal = ?1 AND address = ?2 AND version = ?3"
    ))?
    .query_row((portal, address, version), facts)
    .optional()
}

/// What is known of the last capture of a file that came to something, without its text; else of the last of all.
pub(crate) fn last_file(db: &Connection, portal: &str, address: &str) -> rusqlite::Result<Option<FileFacts>> {
    db.prepare_cached(&format!(
        "{FACTS_WITHOUT_TEXT} WHERE portal = ?1 AND address = ?2
         ORDER BY media_type IS NULL, attachments.file DESC, offset DESC LIMIT 1"
    ))?
    .query_row((portal, address), facts)
    .optional()
}

/// What is known of the captures that a page is read with.
pub(crate) fn files(db: &Connection, portal: &str, refs: &[FileRef]) -> rusqlite::Result<Files> {
    let known = refs.iter().map(|FileRef { url, version }| {
        let facts = file(db, portal, &address(url), version)?;
        Ok(facts.map(|facts| (url.clone(), Arc::new(facts))))
    });
    known.filter_map(Result::transpose).collect()
}

const FACTS: &str =
    "SELECT version, media_type, bytes, status, reason, name, etag, last_modified, text FROM attachments";

const FACTS_WITHOUT_TEXT: &str =
    "SELECT version, media_type, bytes, status, reason, name, etag, last_modified, NULL FROM attachments";

fn facts(row: &Row<'_>) -> rusqlite::Result<FileFacts> {
    let text: Option<Vec<u8>> = row.get(8)?;
    let text = text.map(|packed| {
        let mut text = String::new();
        let read = ZlibDecoder::new(packed.as_slice()).read_to_string(&mut text);
        read.map(|_| text.into())
    });
    Ok(FileFacts {
        version: row.get(0)?,
        media_type: row.get(1)?,
        bytes: row.get::<_, Option<i64>>(2)?.map(i64::unsigned_abs),
        status: parsed(row, 3)?,
        reason: row.get(4)?,
        name: row.get(5)?,
        etag: row.get(6)?,
        last_modified: row.get(7)?,
        text: text
            .transpose()
            .map_err(|error| unreadable(8, error.to_string()))?,
    })
}
