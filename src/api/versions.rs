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

use super::{
    params::{Params, segment, segments},
    problem::{Code, Problem},
    report::{answer, missing, read_id},
};
use crate::http::App;

/// The versions of a report, oldest first.
#[derive(Debug, Serialize)]
pub(crate) struct VersionsAnswer {
    versions: Vec<VersionAnswer>,
}

/// One version of a report.
#[derive(Debug, Serialize)]
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

/// `/reports/{id}/versions`
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

/// `/reports/{id}/versions/{n}`
pub(crate) async fn one(
    State(app): State<App>,
    path: Result<Path<(String, String)>, PathRejection>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let mut params = Params::parse(query.as_deref())?;
    let fields = params.one("fields")?;
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
    answer(&report.await?, fields.as_deref(), &headers)
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
