//! Rows of lists that announce a report which nobody could read (`frontier/unread.rs`): a cell that they are about is
//! not empty because a crawl was complete otherwise.

use std::collections::HashMap;

use report::{Genre, RegionCode};
use rusqlite::{Connection, Row, params};

use super::{CellState, Ledger, PortalScope};
use crate::catalog::record::parsed;

/// What such a row says of its cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unread {
    pub(super) state: CellState,
    pub(super) url: String,
    pub(super) portal: String,
    /// When it was last tried, in milliseconds since 1970.
    pub(super) at: i64,
}

impl Unread {
    /// The better of two comes first: what says more, then the later one.
    fn order(&self) -> (u8, i64, &str) {
        let rank = match self.state {
            CellState::AttachmentOnly => 0,
            CellState::Blocked => 1,
            _ => 2,
        };
        (rank, -self.at, &self.url)
    }
}

/// The rows that speak of a region, by year and genre: by its codes, and those without one of portals that stand for it.
pub(super) fn rows(
    db: &Connection,
    ledger: &Ledger,
    stands: &[PortalScope],
    region: RegionCode,
) -> rusqlite::Result<HashMap<(i32, Genre), Unread>> {
    let mut best: HashMap<(i32, Genre), Unread> = HashMap::new();
    let mut add = |genre: Genre, (year, found): (i32, Unread)| {
        let is_asked = ledger.years.binary_search(&year).is_ok() && ledger.genres.contains(&genre);
        let known = best.get(&(year, genre));
        if is_asked && known.is_none_or(|known| found.order() < known.order()) {
            best.insert((year, genre), found);
        }
    };
    let mut of_code = db.prepare_cached(
        "SELECT genre, year, why, url, portal, at FROM crawl_unread WHERE region = ?1 AND genre = ?2",
    )?;
    let past = ledger.past.get(&region).into_iter().flatten();
    for code in std::iter::once(&region).chain(past) {
        for genre in &ledger.genres {
            let mut rows = of_code.query(params![code.number(), genre.code()])?;
            while let Some(row) = rows.next()? {
                add(*genre, unread(row)?);
            }
        }
    }
    let mut of_portal = db.prepare_cached(
        "SELECT genre, year, why, url, portal, at FROM crawl_unread WHERE portal = ?1 AND region = 0",
    )?;
    for stand in stands {
        let mut rows = of_portal.query([&stand.id])?;
        while let Some(row) = rows.next()? {
            let genre: Genre = parsed(row, 0)?;
            if stand.genres.is_empty() || stand.genres.contains(&genre) {
                add(genre, unread(row)?);
            }
        }
    }
    Ok(best)
}

fn unread(row: &Row<'_>) -> rusqlite::Result<(i32, Unread)> {
    let state = match row.get_ref(2)?.as_str()? {
        "attachment_only" => CellState::AttachmentOnly,
        "blocked" => CellState::Blocked,
        _ => CellState::Unknown,
    };
    let found = Unread {
        state,
        url: row.get(3)?,
        portal: row.get(4)?,
        at: row.get(5)?,
    };
    Ok((row.get(1)?, found))
}
