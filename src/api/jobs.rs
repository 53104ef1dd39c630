//! `/jobs`: crawls on request, and what became of them.

use axum::{
    Extension, Json,
    body::Bytes,
    extract::{Path, RawQuery, State, rejection::BytesRejection, rejection::PathRejection},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    auth::Caller,
    params::{Params, invalid, object, segment},
    problem::{Code, Problem},
};
use crate::{
    http::App,
    operations::{Added, Asked, Job, JobFilter, JobSource, JobState, Key},
    portals::PortalSet,
};

/// Jobs of an answer, when nothing else is asked for, and at most.
const LIMIT: usize = 20;
const MAX_LIMIT: usize = 100;

/// What is sent to ask for a job.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    portals: Vec<String>,
    #[serde(default)]
    full: bool,
}

/// The job that answers a request for one.
#[derive(Serialize)]
struct Answer {
    #[serde(flatten)]
    job: Job,
    /// Portals that were asked for and are in other open jobs.
    elsewhere: Vec<Value>,
}

/// `POST /jobs`
pub(crate) async fn create(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    RawQuery(query): RawQuery,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    Params::parse(query.as_deref())?.finish()?;
    let body = body.map_err(|_| Problem::new(Code::InvalidParameter, "the body did not come whole"))?;
    let Body { portals, full } = read(&body)?;
    let Added { job, elsewhere, .. } = ask(&app, portals, full, caller.key.as_ref()).await?;
    let location = format!("/api/v1/jobs/{}", job.id);
    let elsewhere = elsewhere
        .into_iter()
        .map(|(portal, job)| json!({"portal": portal, "job": job.to_string()}));
    let answer = Answer {
        job,
        elsewhere: elsewhere.collect(),
    };
    Ok((StatusCode::ACCEPTED, [(header::LOCATION, location)], Json(answer)).into_response())
}

/// Asks for a job for portals that are there.
///
/// # Errors
/// When one of them cannot be crawled, or too many jobs wait.
pub(crate) async fn ask(
    app: &App,
    portals: Vec<String>,
    full: bool,
    key: Option<&Key>,
) -> Result<Added, Problem> {
    let portals = known(portals, &app.service().portals.get())?;
    let key_id = key.map(|key| key.id.clone());
    let added = app
        .with_operations(move |operations| {
            let asked = Asked {
                portals: &portals,
                full,
                source: JobSource::Request,
                key_id: key_id.as_deref(),
                scheduled_for: None,
            };
            operations.add_job(&asked, Timestamp::now())
        })
        .await?;
    let added = added.ok_or_else(|| {
        let detail = "too many jobs wait already; try again when some of them are done";
        Problem::new(Code::Overloaded, detail)
    })?;
    app.service().wake.notify_one();
    Ok(added)
}

fn read(body: &[u8]) -> Result<Body, Problem> {
    object(body, r#"{"portals": ["changning"], "full": false}"#)
}

/// The ids asked for, each once; all have to be of portals that can be crawled.
fn known(asked: Vec<String>, portals: &PortalSet) -> Result<Vec<String>, Problem> {
    if asked.is_empty() {
        return Err(invalid("portals", "at least one is needed"));
    }
    let mut ids: Vec<String> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for id in asked {
        if !portals.good.contains_key(&id) {
            let shown: String = id.chars().take(64).collect();
            return Err(match portals.fault(&id) {
                Some(fault) => invalid(
                    "portals",
                    format!("the file of portal {shown:?} is wrong: {fault}"),
                ),
                None => invalid("portals", format!("there is no portal {shown:?}")),
            });
        }
        if seen.insert(id.clone()) {
            ids.push(id);
        }
    }
    Ok(ids)
}

/// `GET /jobs`
pub(crate) async fn list(State(app): State<App>, RawQuery(query): RawQuery) -> Result<Json<Value>, Problem> {
    let mut params = Params::parse(query.as_deref())?;
    let state = params.one("state")?.filter(|text| !text.is_empty());
    let state: Option<JobState> = state
        .map(|text| text.parse().map_err(|error| invalid("state", error)))
        .transpose()?;
    let portal = params.one("portal")?.filter(|id| !id.is_empty());
    let limit = match params.one("limit")?.filter(|text| !text.is_empty()) {
        None => LIMIT,
        Some(text) => text
            .parse()
            .ok()
            .filter(|limit| (1..=MAX_LIMIT).contains(limit))
            .ok_or_else(|| invalid("limit", format!("1 to {MAX_LIMIT} is possible")))?,
    };
    let before = match params.one("cursor")?.filter(|text| !text.is_empty()) {
        None => None,
        Some(text) => Some(number(&text).ok_or_else(|| {
            Problem::new(
                Code::CursorInvalid,
                "take the cursor from `next_cursor` of an answer",
            )
        })?),
    };
    params.finish()?;
    let filter = JobFilter {
        state,
        portal,
        before,
        limit: limit + 1,
    };
    let mut jobs = app
        .with_operations(move |operations| operations.jobs(&filter))
        .await?;
    let has_more = jobs.len() > limit;
    jobs.truncate(limit);
    let next_cursor = jobs.last().filter(|_| has_more).map(|job| job.id.to_string());
    Ok(Json(json!({"jobs": jobs, "next_cursor": next_cursor})))
}

/// `GET /jobs/{id}`
pub(crate) async fn one(
    State(app): State<App>,
    id: Result<Path<String>, PathRejection>,
    RawQuery(query): RawQuery,
) -> Result<Json<Job>, Problem> {
    Params::parse(query.as_deref())?.finish()?;
    let id = segment(id)?;
    let job = match number(&id) {
        Some(id) => app.with_operations(move |operations| operations.job(id)).await?,
        None => None,
    };
    job.map(Json).ok_or_else(|| no_job(&id))
}

/// `DELETE /jobs/{id}`: 200 when it is over, 202 while its pages under way are finished.
pub(crate) async fn cancel(
    State(app): State<App>,
    id: Result<Path<String>, PathRejection>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    Params::parse(query.as_deref())?.finish()?;
    let id = segment(id)?;
    let job = match number(&id) {
        Some(id) => {
            app.with_operations(move |operations| operations.cancel_job(id, Timestamp::now()))
                .await?
        }
        None => None,
    };
    let job = job.ok_or_else(|| no_job(&id))?;
    app.service().wake.notify_one();
    let status = if job.state.is_over() {
        StatusCode::OK
    } else {
        StatusCode::ACCEPTED
    };
    Ok((status, Json(job)).into_response())
}

/// The number of a job as it is written: digits, no sign, no zeros before it.
fn number(text: &str) -> Option<i64> {
    text.parse::<i64>().ok().filter(|id| id.to_string() == text)
}

fn no_job(id: &str) -> Problem {
    let shown: String = id.chars().take(64).collect();
    Problem::new(
        Code::NotFound,
        format!("there is no job {shown:?}; old ones are forgotten"),
    )
}
