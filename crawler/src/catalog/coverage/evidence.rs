//! What fills a cell: the report that says most, or the word of a crawl that there is none.

use std::collections::HashMap;

use jiff::{
    Timestamp,
    civil::Date,
    tz::{self, TimeZone},
};
use report::{ChinaTime, Genre, RegionCode, Status};
use rusqlite::{Connection, OptionalExtension, params};

use super::{Cell, CellState, Ledger, PortalScope, unread};
use crate::catalog::{Catalog, CatalogError, record::parsed};

/// A report by which a cell may be filled. The least is the best.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Candidate {
    rank: u8,
    /// No portal of the region carries it.
    is_foreign: bool,
    id: String,
    url: String,
    portal: String,
    checked_at: Option<i64>,
}

/// What the crawls of a portal came to.
#[derive(Clone, Debug, Default)]
struct Runs {
    /// How the last one ended, and when.
    last: Option<(String, i64)>,
    /// When the last complete one ended.
    complete: Option<i64>,
}

impl Runs {
    fn is_blocked(&self) -> bool {
        self.last.as_ref().is_some_and(|(status, _)| status == "blocked")
    }

    fn ended(&self) -> Option<i64> {
        self.last.as_ref().map(|(_, at)| *at)
    }
}

impl Catalog {
    /// The cells of one region, by year and genre; none for a region that is not in the ledger.
    ///
    /// # Errors
    /// When the catalog cannot be read.
    pub fn cells(&self, ledger: &Ledger, region: RegionCode) -> Result<Vec<Cell>, CatalogError> {
        let db = self.connection();
        let Some(stands) = ledger.regions.get(&region) else {
            return Ok(Vec::new());
        };
        let mut best: HashMap<(i32, Genre), Candidate> = HashMap::new();
        let past = ledger.past.get(&region).into_iter().flatten();
        for code in std::iter::once(&region).chain(past) {
            for genre in &ledger.genres {
                fill(db, ledger, stands, *code, *genre, &mut best)?;
            }
        }
        let mut runs: HashMap<String, Runs> = HashMap::new();
        let mut runs_of = |portal: &str| -> rusqlite::Result<Runs> {
            if let Some(known) = runs.get(portal) {
                return Ok(known.clone());
            }
            let found = find_runs(db, portal)?;
            Ok(runs.entry(portal.to_owned()).or_insert(found).clone())
        };
        let absent: HashMap<Genre, (CellState, Option<String>, Option<i64>)> = ledger
            .genres
            .iter()
            .map(|genre| Ok((*genre, without_report(stands, *genre, &mut runs_of)?)))
            .collect::<rusqlite::Result<_>>()?;

        let mut unread = unread::rows(db, ledger, stands, region)?;
        let mut cells = Vec::with_capacity(ledger.years.len() * ledger.genres.len());
        for year in &ledger.years {
            for genre in &ledger.genres {
                let mut cell = Cell {
                    region,
                    year: *year,
                    genre: *genre,
                    state: CellState::Unknown,
                    report: None,
                    url: None,
                    portal: None,
                    checked_at: None,
                };
                let at = match best.remove(&(*year, *genre)) {
                    Some(found) => {
                        cell.state = STATES[usize::from(found.rank)];
                        let shut_out = match cell.state {
                            CellState::Blocked => Some(runs_of(&found.portal)?).filter(Runs::is_blocked),
                            _ => None,
                        };
                        cell.report = found.id.parse().ok();
                        cell.url = Some(found.url);
                        cell.portal = Some(found.portal);
                        found.checked_at.max(shut_out.and_then(|runs| runs.ended()))
                    }
                    None => {
                        let (state, portal, at) =
                            absent.get(genre).cloned().unwrap_or((cell.state, None, None));
                        let is_early = at.is_none_or(|at| at < first_moment(*genre, *year));
                        cell.state = match state {
                            CellState::NotFound if is_early => CellState::Unknown,
                            state => state,
                        };
                        cell.portal = portal;
                        match unread.remove(&(*year, *genre)) {
                            Some(row) => {
                                let shut_out = at.filter(|_| cell.state == CellState::Blocked);
                                cell.state = shut_out.map_or(row.state, |_| CellState::Blocked);
                                cell.url = Some(row.url);
                                cell.portal = Some(row.portal);
                                shut_out.or(Some(row.at))
                            }
                            None => at,
                        }
                    }
                };
                cell.checked_at = at
                    .and_then(|ms| Timestamp::from_millisecond(ms).ok())
                    .map(ChinaTime::from);
                cells.push(cell);
            }
        }
        Ok(cells)
    }
}

/// States of cells with a report, the one that says most first.
const STATES: [CellState; 4] = [
    CellState::Published,
    CellState::AttachmentOnly,
    CellState::Blocked,
    CellState::Removed,
];

/// Looks for the best report of each year, among those that were filed under one code and genre.
fn fill(
    db: &Connection,
    ledger: &Ledger,
    stands: &[PortalScope],
    code: RegionCode,
    genre: Genre,
    best: &mut HashMap<(i32, Genre), Candidate>,
) -> rusqlite::Result<()> {
    let (Some(first), Some(last)) = (ledger.years.first(), ledger.years.last()) else {
        return Ok(());
    };
    let mut statement = db.prepare_cached(
        "SELECT year, status, is_attachment, id, url, portal, checked_at FROM reports
         WHERE region = ?1 AND genre = ?2 AND year BETWEEN ?3 AND ?4",
    )?;
    let mut rows = statement.query(params![code.number(), genre.code(), first, last])?;
    while let Some(row) = rows.next()? {
        let year: i32 = row.get(0)?;
        if ledger.years.binary_search(&year).is_err() {
            continue;
        }
        let rank = match (parsed::<Status>(row, 1)?, row.get::<_, bool>(2)?) {
            (Status::Live | Status::Changed, false) => 0,
            (Status::Live | Status::Changed, true) => 1,
            (Status::Blocked, _) => 2,
            (Status::Removed, _) => 3,
        };
        let known = best.get(&(year, genre));
        if known.is_some_and(|known| known.rank < rank) {
            continue;
        }
        let portal: String = row.get(5)?;
        let found = Candidate {
            rank,
            is_foreign: stands.iter().all(|stand| stand.id != portal),
            id: row.get(3)?,
            url: row.get(4)?,
            portal,
            checked_at: row.get(6)?,
        };
        if known.is_none_or(|known| found < *known) {
            best.insert((year, genre), found);
        }
    }
    Ok(())
}

/// Before this moment nobody can have looked for a report in vain, in milliseconds since 1970: what is about a year that
/// is over is written when it is over, anything else in the year at the earliest.
fn first_moment(genre: Genre, year: i32) -> i64 {
    let is_about_the_past = matches!(
        genre,
        Genre::RuleOfLawReport
            | Genre::OpenGovernmentReport
            | Genre::BudgetReport
            | Genre::StatisticalBulletin
            | Genre::DevelopmentReport
    );
    let year = year.saturating_add(i32::from(is_about_the_past));
    let day = i16::try_from(year)
        .ok()
        .and_then(|year| Date::new(year, 1, 1).ok());
    let moment = day.and_then(|day| day.to_zoned(TimeZone::fixed(tz::offset(8))).ok());
    moment.map_or(i64::MAX, |moment| moment.timestamp().as_millisecond())
}

/// What the crawls of a region's portals say of a report that is not there: state, portal, and when that crawl ended.
fn without_report(
    stands: &[PortalScope],
    genre: Genre,
    runs_of: &mut impl FnMut(&str) -> rusqlite::Result<Runs>,
) -> rusqlite::Result<(CellState, Option<String>, Option<i64>)> {
    let (mut complete, mut blocked, mut last) = (None, None, None);
    // A portal file that leaves a genre out says nothing of it.
    for stand in stands
        .iter()
        .filter(|stand| stand.genres.is_empty() || stand.genres.contains(&genre))
    {
        let runs = runs_of(&stand.id)?;
        let at = |at: Option<i64>| at.map(|at| (at, stand.id.as_str()));
        if runs.is_blocked() {
            blocked = blocked.max(at(runs.ended()));
        } else {
            complete = complete.max(at(runs.complete));
        }
        last = last.max(at(runs.ended()));
    }
    let (state, from) = match (complete, blocked) {
        (Some(_), _) => (CellState::NotFound, complete),
        (None, Some(_)) => (CellState::Blocked, blocked),
        (None, None) => (CellState::Unknown, last),
    };
    Ok((
        state,
        from.map(|(_, portal)| portal.to_owned()),
        from.map(|(at, _)| at),
    ))
}

fn find_runs(db: &Connection, portal: &str) -> rusqlite::Result<Runs> {
    let last = db
        .prepare_cached(
            "SELECT status, finished_at FROM crawl_runs WHERE portal = ?1 AND finished_at IS NOT NULL
             ORDER BY id DESC LIMIT 1",
        )?
        .query_row([portal], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let complete = last_complete_run(db, portal)?.map(|(_, at)| at);
    Ok(Runs { last, complete })
}

/// The last complete run of a portal, and when it ended. A run is complete when it read every list to its end: it ended
/// well, nothing limited it, and no list was empty or shorter than it is.
pub(crate) fn last_complete_run(db: &Connection, portal: &str) -> rusqlite::Result<Option<(i64, i64)>> {
    // A reason beside `ok` says what was left out: pages over the limit, lists that robots.txt forbids.
    db.prepare_cached(
        "SELECT id, finished_at FROM crawl_runs r
         WHERE portal = ?1 AND finished_at IS NOT NULL AND status = 'ok' AND reason IS NULL
             AND NOT EXISTS (SELECT 1 FROM crawl_traps WHERE run = r.id AND reason = 'too_many_addresses')
             AND NOT EXISTS (SELECT 1 FROM crawl_yields WHERE run = r.id AND n_lists_lost + n_lists_short > 0)
         ORDER BY id DESC LIMIT 1",
    )?
    .query_row([portal], |row| Ok((row.get(0)?, row.get(1)?)))
    .optional()
}
