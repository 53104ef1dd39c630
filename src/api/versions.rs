//! `/reports/{id}/versions`: what a report said at other times.

use axum::{
    Json,
    extract::{Path, RawQuery, State, rejection::PathRejection},
    http::HeaderMap,
    response::Response,
};
use crawler::{Catalog, VersionInfo};
use report::{ChinaMoment, ChinaTime, Report, ReportId, Status};
use serde::Serialize;
use utoipa::{
    IntoParams, ToSchema,
    openapi::path::{Parameter, ParameterIn},
};

use super::{
    openapi::describe::{self, Fields, ReportPath},
    params::{Params, segment, segments},
    problem::{Code, Problem},
    report::{answer, missing, read_id},
    search::lists,
};
use crate::http::App;

/// The versions of a report, oldest first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Versions)]
pub(crate) struct VersionsAnswer {
    versions: Vec<VersionAnswer>,
}

/// One version of a report.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Version)]
struct VersionAnswer {
    version: u32,
    retrieved_at: ChinaTime,
    recorded_at: ChinaMoment,
    content_hash: String,
    status: Status,
    chars: u64,
}

impl From<VersionInfo> for VersionAnswer {
    fn from(info: VersionInfo) -> Self {
        Self {
            version: info.version,
            retrieved_at: info.retrieved_at,
            recorded_at: info.recorded_at,
            content_hash: info.content_hash,
            status: info.status,
            chars: info.chars,
        }
    }
}

/// The versions of a report
///
/// The oldest first; every other content at the same address is a new version.
#[utoipa::path(
    get, path = "/api/v1/reports/{id}/versions", tag = "reports", operation_id = "versions",
    extensions(("x-zh" = json!("报告的各个版本"))),
    params(ReportPath),
    responses((status = 200, description = "Its versions", body = VersionsAnswer, example = json!({"versions": [{"version": 1, "retrieved_at": "2024-02-28T01:30:00+08:00", "recorded_at": "2024-02-28T01:30:00.123+08:00",
        "content_hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "status": "live", "chars": 5522}]}))),
)]
pub(crate) async fn list(
    State(app): State<App>,
    path: Result<Path<String>, PathRejection>,
    RawQuery(query): RawQuery,
) -> Result<Json<VersionsAnswer>, Problem> {
    Params::parse(query.as_deref())?.finish()?;
    let id = read_id(&segment(path)?)?;
    let versions = app.with_catalog(move |catalog, _| versions(catalog, &id)).await?;
    Ok(Json(VersionsAnswer {
        versions: versions.into_iter().map(VersionAnswer::from).collect(),
    }))
}

/// A report as one of its versions had it
#[utoipa::path(
    get, path = "/api/v1/reports/{id}/versions/{n}", tag = "reports", operation_id = "version",
    extensions(("x-zh" = json!("报告的某一版本"))),
    params(ReportPath, VersionPath, Fields),
    responses(
        (status = 200, description = "The report, with an `ETag`", body = Report, example = json!({"id": "4cf44a4e1f7b12c0f4f0f6a0f4fd4b6a", "version": 1, "title": "泾县2020年度法治政府建设情况报告"})),
        (status = 304, description = "It is what `If-None-Match` names"),
    ),
)]
pub(crate) async fn one(
    State(app): State<App>,
    path: Result<Path<(String, String)>, PathRejection>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let mut params = Params::parse(query.as_deref())?;
    let fields = lists(&mut params, "fields");
    params.finish()?;
    let (id, n) = segments(path)?;
    let id = read_id(&id)?;
    let report = app.with_catalog(move |catalog, _| {
        let versions = versions(catalog, &id)?;
        let known = versions.iter().find(|info| info.version.to_string() == n);
        version(
            catalog,
            &id,
            known.ok_or_else(|| no_version(&n, &versions))?.version,
        )
    });
    answer(&report.await?, &fields, &headers)
}

/// The number of a version, in the path.
struct VersionPath;

impl IntoParams for VersionPath {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let number = describe::number(u32::MAX as usize);
        vec![describe::path("n", "Number of the version, from 1", number, 1)]
    }
}

/// The versions of a report, oldest first; there is at least one.
///
/// # Errors
/// When there is no such report.
pub(crate) fn versions(catalog: &Catalog, id: &ReportId) -> Result<Vec<VersionInfo>, Problem> {
    let versions = catalog
        .versions(id)
        .map_err(|error| Problem::internal(&error.into()))?;
    if versions.is_empty() {
        return Err(missing(id.as_str()));
    }
    Ok(versions)
}

/// A report as one of its versions, which is known to be there, had it.
pub(crate) fn version(catalog: &Catalog, id: &ReportId, version: u32) -> Result<Report, Problem> {
    let found = catalog
        .version(id, version)
        .map_err(|error| Problem::internal(&error.into()))?;
    // A rebuild that was finished this moment may know of fewer.
    found.ok_or_else(|| missing(id.as_str()))
}

/// There is no such version.
pub(crate) fn no_version(asked: &str, versions: &[VersionInfo]) -> Problem {
    let asked: String = asked.chars().take(32).collect();
    Problem::new(
        Code::NotFound,
        format!(
            "there is no version {asked:?} of this report; {}",
            known(versions)
        ),
    )
}

/// Which versions there are, in words.
pub(crate) fn known(versions: &[VersionInfo]) -> String {
    match versions.last().map_or(0, |info| info.version) {
        0 | 1 => "its only version is 1".to_owned(),
        newest => format!("its versions are 1 to {newest}"),
    }
}
