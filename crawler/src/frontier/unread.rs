//! Reports that lists name and nobody has read: they are there, or were, so nobody may say that there are none.
//!
//! Told by the titles of rows when a run ends: the rows that lists named since the last complete run, whose pages were
//! not asked for, could not be had, or have no text. One row is kept for each region, genre and year of a portal.

use jiff::civil::Date;
use report::{Genre, RegionCode};
use rusqlite::{Connection, params};
use url::Url;

use super::Run;
use crate::{
    catalog,
    extract::{Hints, announced, describe, leads_to_file},
};

/// Since format 5.
pub(crate) const UNREAD: &str = "
    -- Rows of lists that announce a report which could not be read.
    CREATE TABLE crawl_unread (
        portal TEXT NOT NULL,
        region INTEGER NOT NULL, -- division code that the title speaks of, else that of the portal; 0: not known
        genre TEXT NOT NULL,
        year INTEGER NOT NULL,
        why TEXT NOT NULL, -- attachment_only, blocked or unknown
        url TEXT NOT NULL,
        at INTEGER NOT NULL, -- when it was last tried, in milliseconds since 1970
        PRIMARY KEY (portal, region, genre, year)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX crawl_unread_by_region ON crawl_unread (region, genre, year);
";

/// Most rows that are looked at, the newest first; and most of them whose region is sought in their titles.
const MAX_ROWS: i64 = 5_000;
const MAX_PLACED: usize = 300;

/// Writes down which reports of a portal could not be read, as of the run that ends now.
pub(crate) fn note_unread(db: &Connection, run: &Run, now: i64) -> rusqlite::Result<()> {
    let since = catalog::last_complete_run(db, &run.portal)?.map_or(0, |(id, _)| id);
    let region = super::known_region(db, &run.portal)?;
    db.prepare_cached("DELETE FROM crawl_unread WHERE portal = ?1")?
        .execute([&run.portal])?;
    // A row that is not wanted, or whose page was read, says nothing of what is lacking.
    let mut rows = db.prepare_cached(
        "SELECT url, list_title, list_date, state, coalesce(outcome, ''), visited_at FROM frontier
         WHERE portal = ?1 AND kind = 2 AND is_guess = 0 AND is_report = 0 AND list_title IS NOT NULL AND seen_run >= ?2
             AND (state IN (0, 2, 3) OR outcome IN ('no_text', 'other_media'))
         ORDER BY list_date DESC, id LIMIT ?3",
    )?;
    let mut rows = rows.query(params![run.portal, since, MAX_ROWS])?;
    let mut n_placed = 0;
    while let Some(row) = rows.next()? {
        let (url, title): (String, String) = (row.get(0)?, row.get(1)?);
        let outcome: String = row.get(4)?;
        let date: Option<Date> = row
            .get::<_, Option<String>>(2)?
            .and_then(|date| date.parse().ok());
        // Of a page that was never asked for, no visit says why.
        let outcome = if row.get::<_, i64>(3)? == 0 {
            ""
        } else {
            outcome.as_str()
        };
        let Some(why) = why(&url, outcome) else { continue };
        let Some((genre, year)) = announced(&title, date).filter(|(genre, _)| is_watched(*genre)) else {
            continue;
        };
        n_placed += 1;
        let spoken_of = (n_placed <= MAX_PLACED)
            .then(|| region_of(&title, &url, region, date))
            .flatten();
        let code = spoken_of.or(region).map_or(0, RegionCode::number);
        let visited: Option<i64> = row.get(5)?;
        // Of several, what comes first says most: a file is there, who shuts us out may have it.
        db.prepare_cached(
            "INSERT INTO crawl_unread (portal, region, genre, year, why, url, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT DO UPDATE SET why = excluded.why, url = excluded.url, at = excluded.at WHERE excluded.why < why",
        )?
        .execute(params![
            run.portal,
            code,
            genre.code(),
            year,
            why,
            url,
            visited.unwrap_or(now)
        ])?;
    }
    Ok(())
}

/// What the end of a visit says of a report that was not read; `None` when there is none at the address.
fn why(url: &str, outcome: &str) -> Option<&'static str> {
    let is_file = || Url::parse(url).is_ok_and(|url| leads_to_file(&url));
    match outcome {
        "http_404" | "http_410" | "http_550" | "not_there" => None,
        "http_401" | "http_403" | "http_406" | "http_412" | "robots" => Some("blocked"),
        outcome if outcome.starts_with("blocked:") => Some("blocked"),
        "other_media" => Some("attachment_only"),
        "no_text" | "too_large" | "bomb" | "unreadable" if is_file() => Some("attachment_only"),
        _ => Some("unknown"),
    }
}

/// Genres whose absence somebody may ask for.
fn is_watched(genre: Genre) -> bool {
    !matches!(genre, Genre::Other | Genre::News | Genre::Interpretation)
}

/// The region that a title speaks of.
fn region_of(title: &str, url: &str, portal: Option<RegionCode>, date: Option<Date>) -> Option<RegionCode> {
    let hints = Hints {
        region: portal,
        list_date: date,
        ..Hints::default()
    };
    describe(Some(title), "", url, &hints).region_code
}
