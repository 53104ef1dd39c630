//! `/reports/{id}`: one report, whole or the fields asked for.

use axum::{
    Json,
    extract::{Path, RawQuery, State},
    http::HeaderMap,
    response::Response,
};
use report::{Report, ReportId};
use serde_json::{Map, Value};

use super::{
    params::{Params, invalid},
    problem::{Code, Problem},
};
use crate::http::{App, with_etag};

pub(crate) async fn report(
    State(app): State<App>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let mut params = Params::parse(query.as_deref())?;
    let fields = params.one("fields")?;
    params.finish()?;
    let report = find(&app, id).await?;
    let mut whole = to_map(&report)?;
    let mut etag = format!(
        "\"{}-{}-{}",
        report.version,
        report.status,
        &report.content_hash[..report.content_hash.len().min(16)]
    );
    if let Some(fields) = fields {
        let names = split_fields(&fields, &whole)?;
        etag.push('-');
        etag.push_str(&names.join("."));
        whole.retain(|name, _| names.iter().any(|wanted| wanted == name));
    }
    etag.push('"');
    Ok(with_etag(&headers, &etag, Json(whole)))
}

/// The report of an id from a path.
pub(crate) async fn find(app: &App, id: String) -> Result<Report, Problem> {
    let shown: String = id.chars().take(64).collect();
    let missing = move || Problem::new(Code::NotFound, format!("no report has the id {shown:?}"));
    let Ok(id) = id.parse::<ReportId>() else {
        return Err(missing());
    };
    app.with_index(move |reader| {
        reader
            .get(&id)
            .map_err(|error| Problem::internal(&error.into()))?
            .ok_or_else(missing)
    })
    .await
}

fn to_map(report: &Report) -> Result<Map<String, Value>, Problem> {
    match serde_json::to_value(report) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(_) => Err(Problem::internal(&anyhow::anyhow!("a report is no JSON object"))),
        Err(error) => Err(Problem::internal(&error.into())),
    }
}

/// Reads `a,b,c`; every name has to be one of `known`.
pub(crate) fn split_fields(fields: &str, known: &Map<String, Value>) -> Result<Vec<String>, Problem> {
    let mut names: Vec<String> = fields
        .split(',')
        .map(str::trim)
        .filter(|f| !f.is_empty())
        .map(str::to_owned)
        .collect();
    if let Some(unknown) = names.iter().find(|name| !known.contains_key(*name)) {
        let all: Vec<&str> = known.keys().map(String::as_str).collect();
        return Err(invalid(
            "fields",
            format!("unknown field {unknown:?}; known are {}", all.join(", ")),
        ));
    }
    names.sort();
    names.dedup();
    Ok(names)
}
