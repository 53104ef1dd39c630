//! `/reports/{id}/diff`: what is different between two versions.

use std::time::{Duration, Instant};

use axum::{
    extract::{Path, RawQuery, State, rejection::PathRejection},
    http::header,
    response::{IntoResponse, Response},
};
use crawler::{Catalog, VersionInfo};
use report::{Report, ReportId};
use utoipa::{
    IntoParams,
    openapi::path::{Parameter, ParameterIn},
};

use super::{
    openapi::describe::{self, ReportPath},
    params::{Params, invalid, segment},
    problem::{Code, Problem},
    report::read_id,
    versions::{known, version, versions},
};
use crate::{
    compare::{Comparison, compare},
    http::App,
};

/// How long the least difference is looked for. It is found in a few milliseconds, save between texts made to be hard to
/// compare.
const BUDGET: Duration = Duration::from_secs(1);

/// What is different between two versions of a report
///
/// The newest and the one before it, unless others are named.
#[utoipa::path(
    get, path = "/api/v1/reports/{id}/diff", tag = "reports", operation_id = "diff",
    extensions(("x-zh" = json!("两个版本的差异"))),
    params(ReportPath, Versions),
    responses((status = 200, description = "Fields that differ, and all paragraphs", body = Comparison, example = json!({"from": 1, "to": 2,
        "fields": [{"field": "title", "from": "关于法治政府建设的报告", "to": "2020年度法治政府建设情况报告"}],
        "paragraphs": [{"op": "equal", "from": "一、主要成效", "to": "一、主要成效"}, {"op": "insert", "from": null, "to": "全面推行“双随机、一公开”监管。"}], "coarse": false}))),
)]
pub(crate) async fn diff(
    State(app): State<App>,
    path: Result<Path<String>, PathRejection>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let asked = Asked::read(path, Params::parse(query.as_deref())?)?;
    let body = app.with_catalog(move |catalog, _| {
        let [from, to] = asked.find(catalog)?.reports;
        let fault = |error: serde_json::Error| Problem::internal(&error.into());
        let found = compare(&from, &to, deadline()).map_err(fault)?;
        serde_json::to_vec(&found).map_err(fault)
    });
    Ok(([(header::CONTENT_TYPE, "application/json")], body.await?).into_response())
}

/// Which versions, in the address.
struct Versions;

impl IntoParams for Versions {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let number = || describe::number(u32::MAX as usize);
        vec![
            describe::query(
                "from",
                "Number of the older version; the one before `to` when absent",
                number(),
            )
            .build(),
            describe::query(
                "to",
                "Number of the newer version; the newest when absent",
                number(),
            )
            .build(),
        ]
    }
}

/// When the search for the least difference ends, of a request that is answered now.
pub(crate) fn deadline() -> Instant {
    Instant::now() + BUDGET
}

/// Which versions are to be compared.
pub(crate) struct Asked {
    id: ReportId,
    from: Option<u32>,
    to: Option<u32>,
}

/// Two versions of a report, and all there are.
pub(crate) struct Pair {
    pub(crate) reports: [Report; 2],
    pub(crate) versions: Vec<VersionInfo>,
}

impl Asked {
    /// Reads the parameters.
    ///
    /// # Errors
    /// When a value is wrong, or the id cannot be one.
    pub(crate) fn read(
        path: Result<Path<String>, PathRejection>,
        mut params: Params,
    ) -> Result<Self, Problem> {
        let mut number = |name| match params.one(name)?.filter(|text| !text.is_empty()) {
            None => Ok(None),
            Some(text) => match text.parse() {
                Ok(number) if number > 0 => Ok(Some(number)),
                _ => {
                    let shown: String = text.chars().take(32).collect();
                    Err(invalid(name, format!("{shown:?} is no number of a version")))
                }
            },
        };
        let (from, to) = (number("from")?, number("to")?);
        params.finish()?;
        Ok(Self {
            id: read_id(&segment(path)?)?,
            from,
            to,
        })
    }

    /// Finds the versions: as `to` the newest, unless another is asked for, as `from` the one before `to`. The first
    /// version is compared with itself, since there is none before it.
    ///
    /// # Errors
    /// When there is no such report or version.
    pub(crate) fn find(&self, catalog: &Catalog) -> Result<Pair, Problem> {
        let versions = versions(catalog, &self.id)?;
        let newest = versions.last().map_or(1, |info| info.version);
        for (name, asked) in [("from", self.from), ("to", self.to)] {
            if let Some(n) = asked.filter(|n| versions.iter().all(|info| info.version != *n)) {
                let detail = format!(
                    "parameter {name:?}: there is no version {n} of this report; {}",
                    known(&versions)
                );
                return Err(Problem::new(Code::NotFound, detail));
            }
        }
        let to = self.to.unwrap_or(newest);
        let from = self.from.unwrap_or(to.saturating_sub(1).max(1));
        let report = |n: u32| version(catalog, &self.id, n);
        Ok(Pair {
            reports: [report(from)?, report(to)?],
            versions,
        })
    }
}
