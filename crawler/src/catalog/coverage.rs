//! The coverage ledger: for every region that a portal stands for, every year and every genre, what is known of the
//! report that should be there.
//!
//! What is there is read from the columns that reports are filed under ([`super::cells`]); that something is not there is
//! claimed only on the word of a crawl that was complete (`coverage/evidence.rs`). A [`Ledger`] says which cells there are, and
//! [`Catalog::cells`] fills those of one region, so that whoever wants them all holds one region at a time.

mod evidence;
#[cfg(test)]
mod tests;
mod unread;

use std::collections::{BTreeMap, HashMap, HashSet};

pub(crate) use self::evidence::last_complete_run;
use report::{ChinaTime, Genre, RegionCode, ReportId, divisions};
use rusqlite::{Connection, params};

use super::{Catalog, CatalogError, record::parsed};
use crate::{frontier::known_region, import::IMPORT_PORTAL};

/// Years that a ledger covers by itself. Others are slips of pens and readers; who wants them names them.
const YEARS: std::ops::RangeInclusive<i32> = 1949..=2100;

/// What is asked of a ledger. A list that is empty asks for the usual.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CoverageQuery {
    /// Divisions, each with all below it; an old code stands for its successors. Empty: all.
    pub regions: Vec<RegionCode>,
    /// Kinds of report. Empty: those that are published every year, see [`Genre::is_annual`].
    pub genres: Vec<Genre>,
    /// Report years. Empty: from the earliest to the latest that a report of an annual genre, or of those asked for, is
    /// about.
    pub years: Vec<i32>,
}

/// What the file of a portal says about what it stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortalScope {
    /// Its id.
    pub id: String,
    /// The region whose site it is; `None` to infer it.
    pub region: Option<RegionCode>,
    /// Kinds of report that are kept; empty for all.
    pub genres: Vec<Genre>,
}

/// Which cells there are: every combination of region, year and genre.
#[derive(Clone, Debug)]
pub struct Ledger {
    /// The portals that stand for each region.
    regions: BTreeMap<RegionCode, Vec<PortalScope>>,
    /// Codes of the past that lead to a region and no other.
    past: HashMap<RegionCode, Vec<RegionCode>>,
    years: Vec<i32>,
    genres: Vec<Genre>,
}

/// What is known of the report of a region, a year and a genre.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CellState {
    /// It is there.
    Published,
    /// A complete crawl of a portal of the region did not find it.
    NotFound,
    /// It was there, and was taken down.
    Removed,
    /// It was there, or may be, and the portal shuts us out.
    Blocked,
    /// It is there as a file that a page only points to.
    AttachmentOnly,
    /// Nobody has looked, or not well enough.
    Unknown,
}

impl CellState {
    /// The word used in JSON.
    pub fn code(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::NotFound => "not_found",
            Self::Removed => "removed",
            Self::Blocked => "blocked",
            Self::AttachmentOnly => "attachment_only",
            Self::Unknown => "unknown",
        }
    }
}

/// A region, a year and a genre, and what is known of the report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// The region, by today's code.
    pub region: RegionCode,
    /// The year that the report is about.
    pub year: i32,
    /// The kind of report.
    pub genre: Genre,
    /// What is known of it.
    pub state: CellState,
    /// The report, when there is or was one.
    pub report: Option<ReportId>,
    /// Its address.
    pub url: Option<String>,
    /// The portal that carries it or, without a report, on whose crawl the state rests.
    pub portal: Option<String>,
    /// When the report was last found as it is or, without one, when that crawl ended; `None` when nobody has looked.
    pub checked_at: Option<ChinaTime>,
}

impl Ledger {
    /// The regions, by code.
    pub fn regions(&self) -> impl Iterator<Item = RegionCode> {
        self.regions.keys().copied()
    }

    /// How many cells there are.
    pub fn len(&self) -> usize {
        self.regions.len() * self.years.len() * self.genres.len()
    }

    /// Whether there is no cell.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Today's code of a division; its own where it has none, or several.
fn today(code: RegionCode) -> RegionCode {
    match divisions().today(code)[..] {
        [today] => today,
        _ => code,
    }
}

impl Catalog {
    /// Which cells there are. `portals` are the portal files in force; portals without one are taken in when they have
    /// reports.
    ///
    /// # Errors
    /// When the catalog cannot be read.
    pub fn ledger(&self, portals: &[PortalScope], query: &CoverageQuery) -> Result<Ledger, CatalogError> {
        let db = self.connection();
        let mut scopes: BTreeMap<String, PortalScope> = db
            .prepare_cached("SELECT id FROM portals WHERE id <> ?1")?
            .query_map([IMPORT_PORTAL], |row| {
                let id: String = row.get(0)?;
                let (region, genres) = (None, Vec::new());
                Ok((id.clone(), PortalScope { id, region, genres }))
            })?
            .collect::<Result<_, _>>()?;
        scopes.extend(portals.iter().map(|scope| (scope.id.clone(), scope.clone())));

        let asked: Vec<RegionCode> = query
            .regions
            .iter()
            .flat_map(|code| [divisions().today(*code), vec![*code]].concat())
            .collect();
        let is_asked = |region| {
            query.regions.is_empty() || asked.iter().any(|code| divisions().is_within(region, *code))
        };
        let files: HashSet<&str> = portals.iter().map(|scope| scope.id.as_str()).collect();
        let mut regions: BTreeMap<RegionCode, Vec<PortalScope>> = BTreeMap::new();
        for scope in scopes.into_values() {
            let region = match scope.region {
                Some(region) => Some(today(region)),
                None => match files.contains(scope.id.as_str()) {
                    true => inferred_region(db, &scope.id)?,
                    // What its file said while there was one.
                    false => match known_region(db, &scope.id)? {
                        Some(region) => Some(today(region)),
                        None => inferred_region(db, &scope.id)?,
                    },
                },
            };
            if let Some(region) = region.filter(|region| is_asked(*region)) {
                regions.entry(region).or_default().push(scope);
            }
        }

        let genres = match query.genres.is_empty() {
            true => Genre::ALL
                .iter()
                .copied()
                .filter(|genre| genre.is_annual())
                .collect(),
            false => in_order(&query.genres),
        };
        let years = match query.years.is_empty() {
            true => seen_years(db, &genres)?,
            false => in_order(&query.years),
        };
        let mut past: HashMap<RegionCode, Vec<RegionCode>> = HashMap::new();
        for old in divisions().iter().filter(|region| !region.current) {
            let today = today(old.code);
            if today != old.code && regions.contains_key(&today) {
                past.entry(today).or_default().push(old.code);
            }
        }
        Ok(Ledger {
            regions,
            past,
            years,
            genres,
        })
    }
}

/// The region that over half of a portal's reports are about.
fn inferred_region(db: &Connection, portal: &str) -> rusqlite::Result<Option<RegionCode>> {
    let mut statement = db.prepare_cached(
        "SELECT printf('%06d', region), count(*) FROM reports WHERE portal = ?1 AND region IS NOT NULL GROUP BY region",
    )?;
    let counts = statement.query_map([portal], |row| {
        Ok((parsed::<RegionCode>(row, 0)?, row.get::<_, i64>(1)?))
    })?;
    let mut all: HashMap<RegionCode, i64> = HashMap::new();
    for counted in counts {
        let (code, n) = counted?;
        *all.entry(today(code)).or_default() += n;
    }
    let total: i64 = all.values().sum();
    let most = all.into_iter().max_by_key(|(_, n)| *n);
    Ok(most.filter(|(_, n)| 2 * n > total).map(|(code, _)| code))
}

/// From the earliest to the latest year that a report of an annual genre, or of `genres`, is about.
fn seen_years(db: &Connection, genres: &[Genre]) -> rusqlite::Result<Vec<i32>> {
    let wanted = |genre: &&Genre| genre.is_annual() || genres.contains(genre);
    let mut seen: Option<(i32, i32)> = None;
    for genre in Genre::ALL.iter().filter(wanted) {
        // One by one, so that each is one look into the index.
        let end = |of: &str| -> rusqlite::Result<Option<i32>> {
            db.prepare_cached(&format!(
                "SELECT {of}(year) FROM reports WHERE genre = ?1 AND year BETWEEN ?2 AND ?3"
            ))?
            .query_row(params![genre.code(), YEARS.start(), YEARS.end()], |row| {
                row.get(0)
            })
        };
        if let (Some(first), Some(last)) = (end("min")?, end("max")?) {
            seen = Some(seen.map_or((first, last), |(from, to)| (from.min(first), to.max(last))));
        }
    }
    Ok(seen.map_or_else(Vec::new, |(first, last)| (first..=last).collect()))
}

fn in_order<T: Copy + Ord>(values: &[T]) -> Vec<T> {
    let mut values = values.to_vec();
    values.sort_unstable();
    values.dedup();
    values
}
