//! `/reports/{id}/similar`: near-duplicates, reports about the same thing, and the passages shared with them.

use std::time::Instant;

use axum::{
    Json,
    extract::{Path, RawQuery, State, rejection::PathRejection},
};
use index::Similar;
use report::ReportId;

use super::{
    params::{Params, segment},
    problem::Problem,
    report::{missing, read_id},
    search::{SEARCH_BUDGET, number_to, problem_of},
};
use crate::http::App;

/// Reports of each kind when nothing else is asked for.
const USUAL: usize = 10;
/// Most of each kind. The texts of all are read.
const MAX: usize = 100;

pub(crate) async fn similar(
    State(app): State<App>,
    path: Result<Path<String>, PathRejection>,
    RawQuery(query): RawQuery,
) -> Result<Json<Similar>, Problem> {
    let mut params = Params::parse(query.as_deref())?;
    let limit = number_to(&mut params, "limit", MAX)?.unwrap_or(USUAL);
    params.finish()?;
    let id = read_id(&segment(path)?)?;
    find(&app, id, limit).await.map(Json)
}

/// Reports like that of an id.
///
/// # Errors
/// When there is no such report, or the index fails.
pub(crate) async fn find(app: &App, id: ReportId, limit: usize) -> Result<Similar, Problem> {
    let deadline = Instant::now() + SEARCH_BUDGET;
    app.with_index(move |reader| {
        let found = reader.similar(&id, limit, Some(deadline)).map_err(problem_of)?;
        found.ok_or_else(|| missing(id.as_str()))
    })
    .await
}
