//! `/reports/{id}`: one report, whole or the fields asked for.

use axum::{
    extract::{Path, RawQuery, State, rejection::PathRejection},
    http::{HeaderMap, header},
    response::Response,
};
use crawler::Catalog;
use data_encoding::HEXLOWER;
use index::AsOf;
use report::{Report, ReportId};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::{
    openapi::describe::{AsOf as AsOfParam, Fields, ReportPath},
    params::{Params, invalid, segment},
    problem::{Code, Problem},
    search::{lists, read_as_of},
    versions::{version, versions},
};
use crate::http::{App, with_etag};

/// One report
///
/// Whole, or the fields asked for. Offsets count Unicode characters of `text`. The `ETag` differs with `fields`. With `as_of`, as the version had it that was the newest then.
#[utoipa::path(
    get, path = "/api/v1/reports/{id}", tag = "reports", operation_id = "report",
    extensions(("x-zh" = json!("一篇报告"))),
    params(ReportPath, Fields, AsOfParam),
    responses(
        (status = 200, description = "The report, with an `ETag`", body = Report, example = json!({"id": "4cf44a4e1f7b12c0f4f0f6a0f4fd4b6a", "title": "泾县2020年度法治政府建设情况报告", "year": 2020, "region_code": "341823"})),
        (status = 304, description = "The report is what `If-None-Match` names"),
    ),
)]
pub(crate) async fn report(
    State(app): State<App>,
    path: Result<Path<String>, PathRejection>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let mut params = Params::parse(query.as_deref())?;
    let fields = lists(&mut params, "fields");
    let as_of = read_as_of(&mut params)?;
    params.finish()?;
    let report = find(&app, segment(path)?, as_of).await?;
    answer(&report, &fields, &headers)
}

/// A report as JSON, whole or the fields asked for.
pub(super) fn answer(
    report: &Report,
    fields: &[String],
    request_headers: &HeaderMap,
) -> Result<Response, Problem> {
    let mut picked = to_map(report)?;
    if let Some(unknown) = fields.iter().find(|name| !picked.contains_key(*name)) {
        let known: Vec<&str> = picked.keys().map(String::as_str).collect();
        let why = format!("unknown field {unknown:?}; known are {}", known.join(", "));
        return Err(invalid("fields", why));
    }
    if !fields.is_empty() {
        picked.retain(|name, _| fields.contains(name));
    }
    // Of the body itself: a rebuild may change a year or a region under the same version.
    let body = serde_json::to_vec(&picked).map_err(|error| Problem::internal(&error.into()))?;
    let etag = format!("\"{}\"", &HEXLOWER.encode(&Sha256::digest(&body))[..32]);
    let json = [(header::CONTENT_TYPE, "application/json")];
    Ok(with_etag(request_headers, &etag, (json, body)))
}

/// The report of an id from a path; with `as_of`, as the version had it that was the newest then.
pub(crate) async fn find(app: &App, id: String, as_of: Option<AsOf>) -> Result<Report, Problem> {
    let id = read_id(&id)?;
    if let Some(as_of) = as_of {
        return app
            .with_catalog(move |catalog, _| version_as_of(catalog, &id, as_of))
            .await;
    }
    app.with_index(move |reader| {
        reader
            .get(&id)
            .map_err(|error| Problem::internal(&error.into()))?
            .ok_or_else(|| missing(id.as_str()))
    })
    .await
}

/// A report as the version had it that was the newest at a moment.
fn version_as_of(catalog: &Catalog, id: &ReportId, as_of: AsOf) -> Result<Report, Problem> {
    let known = versions(catalog, id)?;
    let newest = known.iter().rfind(|info| info.recorded_at <= as_of.moment());
    match (newest, known.first()) {
        (Some(info), _) => version(catalog, id, info.version),
        (None, Some(first)) => Err(Problem::new(
            Code::NotFound,
            format!(
                "this report was not known at {as_of}; its first version was recorded at {}",
                first.recorded_at
            ),
        )),
        (None, None) => Err(missing(id.as_str())),
    }
}

/// An id from a path; what cannot be one is nobody's.
pub(crate) fn read_id(id: &str) -> Result<ReportId, Problem> {
    id.parse().map_err(|_| missing(id))
}

/// There is no such report.
pub(crate) fn missing(id: &str) -> Problem {
    let shown: String = id.chars().take(64).collect();
    Problem::new(Code::NotFound, format!("no report has the id {shown:?}"))
}

fn to_map(report: &Report) -> Result<Map<String, Value>, Problem> {
    match serde_json::to_value(report) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(_) => Err(Problem::internal(&anyhow::anyhow!("a report is no JSON object"))),
        Err(error) => Err(Problem::internal(&error.into())),
    }
}
