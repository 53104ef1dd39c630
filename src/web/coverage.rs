//! The coverage as a grid: a division a row, a report year a column, and in each cell what is known of the report.
//!
//! A state is told by a sign, a word and a colour, so that none of them is needed to read it.

use std::collections::BTreeMap;

use askama::Template;
use axum::{extract::State, response::Response};
use crawler::{Cell, CellState, CoverageQuery};
use report::{Genre, Level, RegionCode, divisions};

use super::{
    labels,
    report::page_path,
    view::{Asked, View},
    words::{put, thousands},
};
use crate::{
    api::{coverage::scopes, params::invalid, problem::Problem, search::one_of},
    http::App,
};

/// Divisions on a page.
const PER_PAGE: usize = 50;

/// Years that are shown at least, the last ones.
const MIN_YEARS: usize = 10;

/// All states, in the order of the legend.
const STATES: [CellState; 6] = [
    CellState::Published,
    CellState::AttachmentOnly,
    CellState::NotFound,
    CellState::Removed,
    CellState::Blocked,
    CellState::Unknown,
];

#[derive(Template)]
#[template(path = "coverage.html")]
struct CoveragePage {
    view: View,
    /// Code, name, whether it is shown.
    genres: Vec<(&'static str, &'static str, bool)>,
    provinces: Vec<(String, &'static str, bool)>,
    caption: String,
    years: Vec<i32>,
    rows: Vec<RegionRow>,
    /// Code, sign, short word, name, how often on this page.
    legend: Vec<(&'static str, &'static str, &'static str, &'static str, String)>,
    /// From which year on they are shown, and the address of all, where earlier ones have no report of these divisions.
    earlier: Option<(String, String)>,
    range: String,
    previous: Option<String>,
    next: Option<String>,
    json: String,
}

/// A division and its years.
struct RegionRow {
    name: &'static str,
    above: String,
    /// In the order of the years.
    cells: Vec<CellBox>,
}

struct CellBox {
    state: &'static str,
    sign: &'static str,
    short: &'static str,
    /// The name of the state, and when it was looked at last.
    about: String,
    link: Option<String>,
}

pub(crate) async fn page(State(app): State<App>, asked: Asked) -> Result<Response, Problem> {
    let Asked { view, mut params } = asked;
    let genre: Option<Genre> = one_of(&mut params, "genre")?;
    let province = params.one("region")?.filter(|code| !code.is_empty());
    let province = province.map(|code| index::parse_region(&code).map_err(|e| invalid("region", e)));
    let province = province.transpose()?;
    let page = params.parsed::<usize>("page")?.pop().unwrap_or(1);
    let years = params.one("years")?.filter(|years| !years.is_empty());
    params.finish()?;
    if !(1..=100_000).contains(&page) {
        return Err(invalid("page", "it is 1 or more"));
    }
    if years.as_deref().is_some_and(|years| years != "all") {
        return Err(invalid("years", "it is all, or left out"));
    }
    let scopes = scopes(&app.service().portals.get());
    let genre = genre.unwrap_or(Genre::RuleOfLawReport);
    app.with_catalog(move |catalog, _| {
        let fault = |error: crawler::CatalogError| Problem::internal(&error.into());
        let query = CoverageQuery {
            genres: vec![genre],
            ..CoverageQuery::default()
        };
        let ledger = catalog.ledger(&scopes, &query).map_err(fault)?;
        let all: Vec<RegionCode> = ledger.regions().collect();
        let wanted = |code: &RegionCode| province.is_none_or(|above| divisions().is_within(*code, above));
        let chosen: Vec<RegionCode> = all.iter().copied().filter(wanted).collect();
        let from = ((page - 1) * PER_PAGE).min(chosen.len());
        let to = (from + PER_PAGE).min(chosen.len());
        let mut rows = Vec::new();
        for region in &chosen[from..to] {
            rows.push((*region, catalog.cells(&ledger, *region).map_err(fault)?));
        }
        let shown = Shown {
            genre,
            province,
            provinces: provinces(&all),
            page,
            has_all_years: years.is_some(),
            range: (from, to, chosen.len()),
        };
        let page = CoveragePage::new(view, &shown, rows);
        super::page(&page.view, &page)
    })
    .await
}

/// What of the ledger is shown.
struct Shown {
    genre: Genre,
    province: Option<RegionCode>,
    provinces: Vec<RegionCode>,
    page: usize,
    has_all_years: bool,
    range: (usize, usize, usize),
}

/// The provinces of divisions, each once.
fn provinces(regions: &[RegionCode]) -> Vec<RegionCode> {
    let province = |code: &RegionCode| {
        let above = divisions().ancestors(*code).into_iter().chain([*code]);
        above.into_iter().find(|code| code.level() == Level::Province)
    };
    let mut provinces: Vec<RegionCode> = regions.iter().filter_map(province).collect();
    provinces.dedup();
    provinces
}

impl CoveragePage {
    fn new(view: View, shown: &Shown, mut rows: Vec<(RegionCode, Vec<Cell>)>) -> Self {
        let (w, lang) = (view.w, view.lang());
        let n_empty = match shown.has_all_years {
            true => 0,
            false => n_empty_years(&rows),
        };
        for (_, cells) in &mut rows {
            cells.drain(..n_empty.min(cells.len()));
        }
        let province = shown.province.map(|code| code.to_string());
        let link = |page: usize, has_all_years: bool| {
            let page = page.to_string();
            let mut pairs = vec![("genre", shown.genre.code())];
            pairs.extend(province.as_deref().map(|code| ("region", code)));
            pairs.extend((page != "1").then_some(("page", page.as_str())));
            pairs.extend(has_all_years.then_some(("years", "all")));
            view.link("/coverage", &pairs)
        };
        let years: Vec<i32> = rows.first().map_or_else(Vec::new, |(_, cells)| {
            cells.iter().map(|cell| cell.year).collect()
        });
        let mut counts: BTreeMap<&'static str, u64> = BTreeMap::new();
        for cell in rows.iter().flat_map(|(_, cells)| cells) {
            *counts.entry(cell.state.code()).or_default() += 1;
        }
        let (from, to, total) = shown.range;
        let json = format!(
            "/api/v1/coverage?genre={}{}",
            shown.genre.code(),
            province
                .as_ref()
                .map_or_else(String::new, |code| format!("&region={code}"))
        );
        // Yearly ones, for which the grid is made, and what was asked for.
        let is_offered = |genre: &&Genre| genre.is_annual() || **genre == shown.genre;
        let genres = Genre::ALL.iter().filter(is_offered);
        Self {
            genres: genres
                .map(|genre| (genre.code(), labels::genre(lang, *genre), *genre == shown.genre))
                .collect(),
            provinces: shown
                .provinces
                .iter()
                .filter_map(|code| {
                    let name = divisions().get(*code)?.name;
                    Some((code.to_string(), name, shown.province == Some(*code)))
                })
                .collect(),
            caption: format!("{} · {}", labels::genre(lang, shown.genre), w.coverage),
            earlier: years
                .first()
                .filter(|_| n_empty > 0)
                .map(|first| (put(w.earlier_years, &[first]), link(shown.page, true))),
            years,
            rows: rows
                .iter()
                .filter_map(|(code, cells)| RegionRow::new(&view, *code, cells))
                .collect(),
            legend: STATES
                .iter()
                .map(|state| {
                    let (sign, short, name) = labels::cell(lang, *state);
                    let count = counts.get(state.code()).copied().unwrap_or(0);
                    (state.code(), sign, short, name, thousands(count))
                })
                .collect(),
            range: put(
                w.n_regions,
                &[
                    &thousands(from as u64 + 1),
                    &thousands(to as u64),
                    &thousands(total as u64),
                ],
            ),
            previous: (shown.page > 1).then(|| link(shown.page - 1, shown.has_all_years)),
            next: (to < total).then(|| link(shown.page + 1, shown.has_all_years)),
            json,
            view,
        }
    }
}

/// Years from the first on in which none of these divisions has anything, save for the last [`MIN_YEARS`].
fn n_empty_years(rows: &[(RegionCode, Vec<Cell>)]) -> usize {
    let is_empty = |cell: &Cell| matches!(cell.state, CellState::NotFound | CellState::Unknown);
    let firsts = rows
        .iter()
        .filter_map(|(_, cells)| cells.iter().position(|cell| !is_empty(cell)));
    let n_years = rows.first().map_or(0, |(_, cells)| cells.len());
    firsts
        .min()
        .unwrap_or(n_years)
        .min(n_years.saturating_sub(MIN_YEARS))
}

impl RegionRow {
    fn new(view: &View, code: RegionCode, cells: &[Cell]) -> Option<Self> {
        let path = divisions().path(code);
        let name = divisions().get(code)?.name;
        let above = [path.province, path.city, path.county].into_iter().flatten();
        let above: Vec<&str> = above.filter(|above| *above != name).collect();
        let cells = cells.iter().map(|cell| {
            let (sign, short, about) = labels::cell(view.lang(), cell.state);
            let checked = cell.checked_at.map_or_else(
                || view.w.not_checked.to_owned(),
                |at| view.say(view.w.checked, at.date()),
            );
            CellBox {
                state: cell.state.code(),
                sign,
                short,
                about: format!("{} {name} · {about} · {checked}", cell.year),
                link: cell.report.as_ref().map(|id| view.to(&page_path(id.as_str()))),
            }
        });
        Some(Self {
            name,
            above: above.join(" › "),
            cells: cells.collect(),
        })
    }
}
