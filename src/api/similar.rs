//! `/reports/{id}/similar`: near-duplicates, reports about the same thing, and the passages shared with them.

use std::time::Instant;

use axum::{
    Json,
    extract::{Path, RawQuery, State, rejection::PathRejection},
};
use index::Similar;
use report::ReportId;
use utoipa::{
    IntoParams,
    openapi::path::{Parameter, ParameterIn},
};

use super::{
    openapi::describe::{self, ReportPath},
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

/// Near-duplicates of a report, and reports about the same thing
#[utoipa::path(
    get, path = "/api/v1/reports/{id}/similar", tag = "reports", operation_id = "similar",
    extensions(("x-zh" = json!("重复与相关的报告"))),
    params(ReportPath, Limit),
    responses((status = 200, description = "Reports like it, and the passages shared with them", body = Similar, example = json!({
        "duplicates": [{"id": "b1946ac92492d2347c6235b4d2611184", "title": "泾县2020年度法治政府建设情况报告", "similarity": 0.97}],
        "related": [{"id": "591785b794601e212b260e25925636fd", "title": "泾县2021年度法治政府建设情况报告", "score": 0.61}],
        "passages": [{"id": "b1946ac92492d2347c6235b4d2611184", "title": "泾县2020年度法治政府建设情况报告", "start": 0, "end": 120, "other_start": 0, "other_end": 120, "chars": 104}]}))),
)]
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

/// How many, in the address.
struct Limit;

impl IntoParams for Limit {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let number = describe::number(MAX).default(Some(USUAL.into()));
        vec![describe::query("limit", "Reports of each kind", number).build()]
    }
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
