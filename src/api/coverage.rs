//! `/coverage`: for every region that a portal stands for, every year and every genre, what is known of the report.
//!
//! The answer is made region by region as the client takes it, so a ledger of the whole country costs no more memory
//! than one of a county. What each state means is in `docs/coverage.md`.

use std::sync::Arc;

use axum::{
    extract::{RawQuery, State},
    http::header,
    response::{IntoResponse, Response},
};
use crawler::{Catalog, Cell, CoverageQuery, Ledger, PortalScope};
use report::{ChinaTime, Genre, RegionCode, ReportId, divisions};
use serde::Serialize;
use utoipa::{
    IntoParams, ToSchema,
    openapi::path::{Parameter, ParameterIn},
};

use super::{
    openapi::describe,
    params::{Params, invalid},
    problem::Problem,
};
use crate::{http::App, portals::PortalSet, streaming};

/// Bytes after which a piece of the answer is sent.
const PIECE: usize = 64 << 10;

/// Regions after which a piece is sent, however short.
const REGIONS: usize = 256;

/// One cell of the ledger.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Cell)]
pub(crate) struct Row {
    pub(crate) region_code: RegionCode,
    pub(crate) region_name: Option<&'static str>,
    pub(crate) year: i32,
    pub(crate) genre: Genre,
    pub(crate) state: &'static str,
    pub(crate) report_id: Option<ReportId>,
    pub(crate) url: Option<String>,
    pub(crate) portal: Option<String>,
    pub(crate) checked_at: Option<ChinaTime>,
}

impl From<Cell> for Row {
    fn from(cell: Cell) -> Self {
        Self {
            region_code: cell.region,
            region_name: divisions().get(cell.region).map(|region| region.name),
            year: cell.year,
            genre: cell.genre,
            state: cell.state.code(),
            report_id: cell.report,
            url: cell.url,
            portal: cell.portal,
            checked_at: cell.checked_at,
        }
    }
}

/// Which reports there are, which are missing, and how that is known
///
/// Every region that a portal stands for, every year and every genre; see `docs/coverage.md`. Sent as it is made: an answer that breaks off is
/// not whole.
#[utoipa::path(
    get, path = "/api/v1/coverage", tag = "coverage", operation_id = "coverage",
    extensions(("x-zh" = json!("收录情况：有哪些报告，缺哪些"))),
    params(Cells),
    responses((status = 200, description = "The ledger", body = Coverage, example = json!({"rows": [{"region_code": "341823", "region_name": "泾县", "year": 2020, "genre": "rule-of-law-report",
        "state": "published", "report_id": "4cf44a4e1f7b12c0f4f0f6a0f4fd4b6a", "url": "https://www.example.gov.cn/1.html", "portal": "jingxian", "checked_at": "2024-02-28T01:30:00+08:00"}]}))),
)]
pub(crate) async fn coverage(State(app): State<App>, RawQuery(query): RawQuery) -> Result<Response, Problem> {
    let mut params = Params::parse(query.as_deref())?;
    let query = read_query(&mut params)?;
    params.finish()?;
    let scopes = scopes(&app.service().portals.get());
    let ledger = app.with_catalog(move |catalog, _| catalog.ledger(&scopes, &query).map_err(fault));
    let ledger = ledger.await?;
    let regions: Arc<[RegionCode]> = ledger.regions().collect();
    let ledger = Arc::new(ledger);
    let body = streaming::body(Some(0), move |at: Option<usize>| {
        let (app, ledger, regions) = (app.clone(), Arc::clone(&ledger), Arc::clone(&regions));
        async move {
            let Some(at) = at else { return Ok(None) };
            let made = app.with_catalog(move |catalog, _| piece(catalog, &ledger, &regions, at));
            made.await.map(Some)
        }
    });
    Ok(([(header::CONTENT_TYPE, "application/json")], body).into_response())
}

/// The ledger, whole.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is described here, and written piece by piece")]
struct Coverage {
    rows: Vec<Row>,
}

/// Which cells, in the address.
struct Cells;

impl IntoParams for Cells {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        use describe::{choice, codes, many, text, year};
        let code = text().pattern(Some("^([0-9]{2}|[0-9]{4}|[0-9]{6})?$"));
        vec![
            many("region", "A division with all below it", code),
            many("genre", "Kind of report", choice(codes(Genre::ALL, Genre::code))),
            many("year", "Year that reports are about", year()),
        ]
    }
}

/// The piece of the answer that begins with a region, and the region that the next one begins with.
fn piece(
    catalog: &Catalog,
    ledger: &Ledger,
    regions: &[RegionCode],
    from: usize,
) -> Result<(Vec<u8>, Option<usize>), Problem> {
    let mut json = Vec::new();
    let mut at = from;
    if from == 0 {
        json.extend_from_slice(b"{\"rows\":[");
    }
    // Only behind the first row of all is there nothing to set apart.
    let mut is_first = from == 0;
    while at < regions.len() && json.len() < PIECE && at - from < REGIONS {
        for cell in catalog.cells(ledger, regions[at]).map_err(fault)? {
            if !std::mem::take(&mut is_first) {
                json.push(b',');
            }
            serde_json::to_writer(&mut json, &Row::from(cell))
                .map_err(|error| Problem::internal(&error.into()))?;
        }
        at += 1;
    }
    let is_over = at == regions.len();
    if is_over {
        json.extend_from_slice(b"]}");
    }
    Ok((json, (!is_over).then_some(at)))
}

fn fault(error: crawler::CatalogError) -> Problem {
    Problem::internal(&error.into())
}

/// Reads what is asked of the ledger.
///
/// # Errors
/// When a value is wrong; names the parameter.
pub(crate) fn read_query(params: &mut Params) -> Result<CoverageQuery, Problem> {
    let regions = params.many("region").into_iter().filter(|code| !code.is_empty());
    Ok(CoverageQuery {
        regions: regions
            .map(|code| index::parse_region(&code).map_err(|error| invalid("region", error)))
            .collect::<Result<_, _>>()?,
        genres: params.parsed("genre")?,
        years: params.years("year")?,
    })
}

/// What the portal files in force stand for.
pub(crate) fn scopes(portals: &PortalSet) -> Vec<PortalScope> {
    let scope = |portal: &crawler::Portal| PortalScope {
        id: portal.id.clone(),
        region: portal.region,
        genres: portal.genres.clone(),
    };
    portals.good.values().map(scope).collect()
}
