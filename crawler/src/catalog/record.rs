//! What a capture changes: the rules by which reports appear, change and get versions.

use report::{ChinaMoment, ChinaTime, Content, ReportId, Status};
use rusqlite::{Connection, OptionalExtension, params};
use sha2::{Digest, Sha256};
use url::Url;

use crate::{
    archive::{Location, Position},
    catalog::cells::Filed,
    pack,
    store::{Given, Ingested},
    url::{canonical, is_fitter, page_key, shown},
};

/// A content in the form in which it is kept.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(super) hash: String,
    pub(super) chars: usize,
    pub(super) digest: [u8; 32],
    pub(super) packed: Vec<u8>,
    pub(super) filed: Filed,
}

impl Prepared {
    /// Packs a content; the slow part of recording it, fit for many threads.
    pub(crate) fn new(content: &Content) -> Self {
        let json =
            serde_json::to_vec(content).expect("a content has only text keys and finite numbers or null");
        Self {
            hash: content.hash(),
            chars: content.chars,
            digest: Sha256::digest(&json).into(),
            packed: pack::zlib(&json),
            filed: Filed::of(content),
        }
    }
}

/// A capture with a report in it, as the catalog needs to know it.
#[derive(Debug)]
pub(crate) struct Entry<'a> {
    pub(crate) portal: &'a str,
    pub(crate) url: &'a str,
    /// See [`address`].
    pub(crate) address: &'a str,
    pub(crate) at: ChinaTime,
    /// When it came into the catalog.
    pub(crate) recorded_at: ChinaMoment,
    pub(crate) digest: [u8; 20],
    pub(crate) given: &'a Given,
    /// A link of the portal led to it: it may be an article that stands at another address too.
    pub(crate) is_linked: bool,
}

impl Entry<'_> {
    /// Its address as people are shown it. What was given is shown as it was given.
    fn shown(&self) -> String {
        if self.is_linked {
            shown(self.url)
        } else {
            self.url.to_owned()
        }
    }
}

/// The report that stands at an address.
#[derive(Debug)]
pub(crate) struct Standing {
    pub(crate) id: ReportId,
    version: u32,
    status: Status,
    /// The address it is known by.
    url: String,
    urls: Vec<String>,
    content_hash: String,
    content_digest: Vec<u8>,
    /// Digest of the last capture.
    pub(crate) digest: Vec<u8>,
}

/// What is to become of an entry.
#[derive(Debug)]
pub(crate) enum Fate {
    /// Its place is free.
    New(ReportId),
    /// A report stands there, or the same article does at another address.
    Visit(Box<Standing>),
    /// It stood there as the same article as another report, and is that no more.
    Parted(Box<Standing>, ReportId),
    /// It cannot be taken.
    Refused(String),
}

/// What a page is known by: spellings of its URL that differ only in ways that make no difference have one address.
/// The id of its report is that of the first spelling it was met in.
pub(crate) fn address(url: &str) -> String {
    match Url::parse(url) {
        Ok(parsed) if matches!(parsed.scheme(), "http" | "https") => page_key(&parsed),
        _ => url.to_owned(),
    }
}

/// Columns of a [`Standing`]; tables `r` (reports) and `v` (their current version).
const STANDING: &str = "r.id, r.version, r.status, r.url, r.urls, v.content_hash, v.content_digest,
     (SELECT c.digest FROM captures c WHERE c.report_id = r.id ORDER BY c.id DESC LIMIT 1)";

/// Fewest Han characters of a text by which an article is known at another address. Of less, several may say the same.
const MIN_TWIN_CHARS: usize = 50;

impl Standing {
    fn of(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: parsed(row, 0)?,
            version: row.get(1)?,
            status: parsed(row, 2)?,
            url: row.get(3)?,
            urls: json(row, 4)?,
            content_hash: row.get(5)?,
            content_digest: row.get(6)?,
            digest: row.get(7)?,
        })
    }

    /// The address it is known by from now on: of the spellings in which it was met at its address, the fittest.
    fn fittest(&self, entry: &Entry<'_>) -> String {
        let met = entry.shown();
        let is_fitter = match (Url::parse(&met), Url::parse(&self.url)) {
            (Ok(met), Ok(known)) => address(&self.url) == entry.address && is_fitter(&met, &known),
            _ => false,
        };
        if entry.is_linked && is_fitter {
            met
        } else {
            self.url.clone()
        }
    }

    /// Whether an address is one at which the same article was found, and not the one the report is known by.
    fn is_twin(&self, entry: &Entry<'_>) -> bool {
        entry.is_linked && address(&self.url) != entry.address
    }
}

/// The report at an address, if there is one.
pub(crate) fn standing(db: &Connection, portal: &str, address: &str) -> rusqlite::Result<Option<Standing>> {
    let sql = format!(
        "SELECT {STANDING} FROM addresses a
         JOIN reports r ON r.id = a.report_id
         JOIN versions v ON v.report_id = r.id AND v.version = r.version
         WHERE a.portal = ?1 AND a.address = ?2"
    );
    db.prepare_cached(&sql)?
        .query_row((portal, address), Standing::of)
        .optional()
}

/// The report of a portal that says now, to the character, what the entry says.
fn same_article(
    db: &Connection,
    entry: &Entry<'_>,
    content: &Prepared,
) -> rusqlite::Result<Option<Standing>> {
    if !entry.is_linked || content.chars < MIN_TWIN_CHARS {
        return Ok(None);
    }
    let sql = format!(
        "SELECT {STANDING} FROM versions v
         JOIN reports r ON r.id = v.report_id AND r.version = v.version
         WHERE v.content_hash = ?2 AND r.portal = ?1
         ORDER BY v.rowid LIMIT 1"
    );
    db.prepare_cached(&sql)?
        .query_row((entry.portal, &content.hash), Standing::of)
        .optional()
}

/// Decides about an entry, before it is archived.
///
/// Columns of a portal show one article at several addresses: a page that was linked and says to the character what a
/// report of the portal says is that report, at one more address. When such a page comes to say something else, it
/// is a report of its own from then on.
pub(crate) fn decide(db: &Connection, entry: &Entry<'_>, content: &Prepared) -> rusqlite::Result<Fate> {
    let given = entry.given.id.as_ref();
    let mut parted = None;
    if let Some(standing) = standing(db, entry.portal, entry.address)? {
        match given {
            Some(id) if *id != standing.id => {
                return Ok(Fate::Refused(format!(
                    "the id {id} was given, but {} is already report {}; leave `id` out, or give that one",
                    entry.url, standing.id
                )));
            }
            _ if standing.is_twin(entry) && standing.content_hash != content.hash => {
                parted = Some(Box::new(standing));
            }
            _ => return Ok(Fate::Visit(Box::new(standing))),
        }
    } else if let Some(standing) = same_article(db, entry, content)? {
        return Ok(Fate::Visit(Box::new(standing)));
    }
    let id = given
        .cloned()
        .unwrap_or_else(|| ReportId::derive(entry.portal, &canonical(entry.url)));
    let claimed: Option<String> = db
        .prepare_cached("SELECT url FROM reports WHERE id = ?1")?
        .query_row([id.as_str()], |row| row.get(0))
        .optional()?;
    Ok(match claimed {
        Some(url) => Fate::Refused(format!(
            "the id {id} already belongs to the report at {url}; give it another"
        )),
        None => match parted {
            Some(standing) => Fate::Parted(standing, id),
            None => Fate::New(id),
        },
    })
}

/// Records a capture and the report in it, whose fate is not [`Fate::Refused`]. `location` is where it was archived.
pub(crate) fn record(
    db: &Connection,
    entry: &Entry<'_>,
    fate: Fate,
    content: &Prepared,
    location: Location,
) -> rusqlite::Result<Ingested> {
    let (id, before) = match fate {
        Fate::Refused(reason) => return Ok(Ingested::Refused { reason }),
        Fate::New(id) => (id, None),
        Fate::Parted(standing, id) => {
            part(db, entry, &standing)?;
            (id, None)
        }
        Fate::Visit(standing) => (standing.id.clone(), Some(standing)),
    };
    let capture = insert_capture(db, &id, entry, location)?;
    let given = entry.given.status;
    let Some(before) = before else {
        insert_version(db, &id, 1, entry, content, capture)?;
        let urls = with_urls(Vec::new(), entry);
        db.prepare_cached(
            "INSERT INTO reports (id, portal, url, urls, version, status, removed_at, checked_at)
             VALUES (?1, ?2, ?3, ?4, 1, ?5, iif(?5 = 'removed', ?6, NULL), ?6)",
        )?
        .execute(params![
            id.as_str(),
            entry.portal,
            entry.shown(),
            to_json(&urls),
            given.unwrap_or(Status::Live).code(),
            entry.recorded_at.as_millisecond()
        ])?;
        content.filed.set(db, &id)?;
        db.prepare_cached("INSERT INTO addresses (portal, address, report_id) VALUES (?1, ?2, ?3)")?
            .execute((entry.portal, entry.address, id.as_str()))?;
        count_report(db, entry)?;
        announce(db, &id)?;
        return Ok(Ingested::New(id));
    };

    let urls = with_urls(before.urls.clone(), entry);
    let url = before.fittest(entry);
    let is_moved = urls != before.urls || url != before.url;
    db.prepare_cached(
        "INSERT INTO addresses (portal, address, report_id) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
    )?
    .execute((entry.portal, entry.address, id.as_str()))?;
    let (version, outcome) = if before.content_hash != content.hash {
        let version = before.version + 1;
        insert_version(db, &id, version, entry, content, capture)?;
        content.filed.set(db, &id)?;
        (version, Ingested::Changed(id.clone(), version))
    } else if before.content_digest != content.digest {
        db.prepare_cached(
            "UPDATE versions SET chars = ?3, capture = ?4, content_digest = ?5, content = ?6
             WHERE report_id = ?1 AND version = ?2",
        )?
        .execute(params![
            id.as_str(),
            before.version,
            content.chars as i64,
            capture,
            content.digest,
            content.packed
        ])?;
        content.filed.set(db, &id)?;
        (before.version, Ingested::Updated(id.clone()))
    } else if is_moved {
        (before.version, Ingested::Updated(id.clone()))
    } else {
        (before.version, Ingested::Unchanged(id.clone()))
    };
    let status = given.unwrap_or(match before.status {
        _ if version > before.version => Status::Changed,
        // What the address it is known by has brought is not taken back by another.
        Status::Changed if before.is_twin(entry) => Status::Changed,
        _ => Status::Live,
    });
    if version > before.version || status != before.status || is_moved {
        db.prepare_cached(
            "UPDATE reports SET version = ?2, status = ?3, urls = ?4, url = ?5,
                 removed_at = iif(?3 = 'removed', coalesce(removed_at, ?6), NULL), checked_at = ?6
             WHERE id = ?1",
        )?
        .execute(params![
            id.as_str(),
            version,
            status.code(),
            to_json(&urls),
            url,
            entry.recorded_at.as_millisecond()
        ])?;
    } else {
        check(db, &id, entry.recorded_at.as_millisecond())?;
    }
    if is_moved {
        announce_past(db, &id, None)?;
    }
    if status != before.status || !matches!(outcome, Ingested::Unchanged(_)) {
        announce(db, &id)?;
    }
    Ok(outcome)
}

/// Notes that a report was found as it is.
pub(super) fn check(db: &Connection, id: &ReportId, now_ms: i64) -> rusqlite::Result<()> {
    db.prepare_cached("UPDATE reports SET checked_at = ?2 WHERE id = ?1")?
        .execute((id.as_str(), now_ms))
        .map(drop)
}

/// Takes an address away from a report that another stands at from now on.
fn part(db: &Connection, entry: &Entry<'_>, standing: &Standing) -> rusqlite::Result<()> {
    db.prepare_cached("DELETE FROM addresses WHERE portal = ?1 AND address = ?2")?
        .execute((entry.portal, entry.address))?;
    let urls = standing.urls.iter().filter(|url| address(url) != entry.address);
    db.prepare_cached("UPDATE reports SET urls = ?2 WHERE id = ?1")?
        .execute((standing.id.as_str(), to_json(&urls.cloned().collect::<Vec<_>>())))?;
    announce_past(db, &standing.id, None)?;
    announce(db, &standing.id)
}

/// Whether a report was captured with these bytes before.
pub(crate) fn was_captured(db: &Connection, id: &ReportId, digest: &[u8; 20]) -> rusqlite::Result<bool> {
    db.prepare_cached("SELECT EXISTS (SELECT 1 FROM captures WHERE report_id = ?1 AND digest = ?2)")?
        .query_row(params![id.as_str(), digest], |row| row.get(0))
}

/// Tells the index of a report's current state.
pub(super) fn announce(db: &Connection, id: &ReportId) -> rusqlite::Result<()> {
    db.prepare_cached("INSERT INTO outbox (report_id, version, status) SELECT id, version, status FROM reports WHERE id = ?1")?
        .execute([id.as_str()])?;
    Ok(())
}

/// Tells the index of what else has changed about a version of a report that is not the newest; `None` for all of these.
pub(super) fn announce_past(db: &Connection, id: &ReportId, version: Option<u32>) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT INTO outbox (report_id, version)
         SELECT r.id, v.version FROM reports r JOIN versions v ON v.report_id = r.id AND v.version < r.version
         WHERE r.id = ?1 AND v.version = coalesce(?2, v.version) ORDER BY v.version",
    )?
    .execute((id.as_str(), version))?;
    Ok(())
}

/// When the newest version of any report was recorded.
pub(crate) fn last_recorded(db: &Connection) -> rusqlite::Result<Option<i64>> {
    // Versions are recorded at moments that grow.
    db.prepare_cached("SELECT recorded_at FROM versions ORDER BY rowid DESC LIMIT 1")?
        .query_row([], |row| row.get(0))
        .optional()
}

/// Notes that a portal was seen.
pub(crate) fn see_portal(db: &Connection, portal: &str, at: ChinaTime) -> rusqlite::Result<()> {
    let at = at.timestamp().to_string();
    db.prepare_cached(
        "INSERT INTO portals (id, first_seen, last_seen) VALUES (?1, ?2, ?2)
         ON CONFLICT (id) DO UPDATE SET first_seen = min(first_seen, ?2), last_seen = max(last_seen, ?2)",
    )?
    .execute((portal, at))?;
    Ok(())
}

/// Counts a report that is new to its portal, which was seen before.
fn count_report(db: &Connection, entry: &Entry<'_>) -> rusqlite::Result<()> {
    let at = entry
        .given
        .retrieved_at
        .unwrap_or(entry.at)
        .timestamp()
        .as_second();
    db.prepare_cached(
        "UPDATE portals SET n_reports = n_reports + 1, newest = max(coalesce(newest, ?2), ?2) WHERE id = ?1",
    )?
    .execute(params![entry.portal, at])
    .map(drop)
}

/// Notes how far the archive is reflected in the catalog.
pub(crate) fn set_archive_end(db: &Connection, end: Position) -> rusqlite::Result<()> {
    db.prepare_cached("UPDATE archive_end SET file = ?1, offset = ?2")?
        .execute((end.file, end.offset as i64))?;
    Ok(())
}

/// Lets a new outbox count on from beyond any number that an older one of the same archive can have reached: its
/// length in bytes, since hundreds of them stand behind each entry.
pub(crate) fn begin_outbox_after(db: &Connection, n_bytes: u64) -> rusqlite::Result<()> {
    db.execute(
        "INSERT INTO sqlite_sequence (name, seq)
         SELECT 'outbox', ?1 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'outbox')",
        [i64::try_from(n_bytes).unwrap_or(i64::MAX)],
    )?;
    Ok(())
}

/// Leaves one number of the outbox out, so that an index that stops short of it is known to lack something.
pub(crate) fn skip_outbox_number(db: &Connection) -> rusqlite::Result<()> {
    begin_outbox_after(db, 0)?;
    db.execute(
        "UPDATE sqlite_sequence SET seq = seq + 1 WHERE name = 'outbox'",
        [],
    )?;
    Ok(())
}

fn insert_capture(
    db: &Connection,
    id: &ReportId,
    entry: &Entry<'_>,
    location: Location,
) -> rusqlite::Result<i64> {
    db.prepare_cached(
        "INSERT INTO captures (report_id, at, digest, file, offset, length) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .insert(params![
        id.as_str(),
        entry.at.to_string(),
        entry.digest,
        location.file,
        location.offset as i64,
        location.length as i64
    ])
}

fn insert_version(
    db: &Connection,
    id: &ReportId,
    version: u32,
    entry: &Entry<'_>,
    content: &Prepared,
    capture: i64,
) -> rusqlite::Result<()> {
    let retrieved_at = entry.given.retrieved_at.unwrap_or(entry.at);
    db.prepare_cached(
        "INSERT INTO versions (report_id, version, content_hash, retrieved_at, chars, capture, content_digest, content,
             recorded_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?
    .execute(params![
        id.as_str(),
        version,
        content.hash,
        retrieved_at.to_string(),
        content.chars as i64,
        capture,
        content.digest,
        content.packed,
        entry.recorded_at.as_millisecond()
    ])?;
    Ok(())
}

/// The addresses of a report, and those of the entry that are not among them.
fn with_urls(mut urls: Vec<String>, entry: &Entry<'_>) -> Vec<String> {
    for url in std::iter::once(entry.shown()).chain(entry.given.urls.iter().cloned()) {
        if !urls.contains(&url) {
            urls.push(url);
        }
    }
    urls
}

fn to_json(urls: &[String]) -> String {
    serde_json::to_string(urls).expect("a list of texts is JSON")
}

/// Reads a column that holds the text form of a value.
pub(super) fn parsed<T>(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<T>
where
    T: std::str::FromStr,
    T::Err: std::fmt::Display,
{
    let text = row.get_ref(column)?.as_str()?;
    text.parse()
        .map_err(|error: T::Err| unreadable(column, error.to_string()))
}

/// Reads a column that holds JSON.
pub(super) fn json<T: serde::de::DeserializeOwned>(
    row: &rusqlite::Row<'_>,
    column: usize,
) -> rusqlite::Result<T> {
    serde_json::from_str(row.get_ref(column)?.as_str()?)
        .map_err(|error| unreadable(column, error.to_string()))
}

pub(super) fn unreadable(column: usize, reason: String) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, reason.into())
}
