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
use utoipa::{
    IntoParams, ToSchema,
    openapi::path::{Parameter, ParameterIn},
};

use super::{
    auth::Caller,
    json::object,
    openapi::describe,
    params::{Params, invalid, segment},
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
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewJob)]
struct Body {
    /// Ids of portals, at least one.
    #[schema(min_items = 1)]
    portals: Vec<String>,
    /// Everything is fetched again.
    #[serde(default)]
    full: bool,
}

/// The job that answers a request for one.
#[derive(Serialize, ToSchema)]
#[schema(as = AskedJob)]
struct Answer {
    #[serde(flatten)]
    job: Job,
    /// Portals that were asked for and are in other open jobs.
    elsewhere: Vec<Elsewhere>,
}

/// A portal that is in another open job.
#[derive(Serialize, ToSchema)]
struct Elsewhere {
    portal: String,
    /// Id of the job.
    job: String,
}

/// Jobs, the newest first.
#[derive(Serialize, ToSchema)]
#[schema(as = Jobs)]
pub(crate) struct JobsAnswer {
    jobs: Vec<Job>,
    next_cursor: Option<String>,
}

/// Which jobs, in the address.
struct Wanted;

impl IntoParams for Wanted {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        use describe::{choice, codes, number, query, text};
        let limit = number(MAX_LIMIT).default(Some(LIMIT.into()));
        vec![
            query(
                "state",
                "In this state",
                choice(codes(&JobState::ALL, JobState::code)),
            )
            .build(),
            query("portal", "Of the portal with this id", text()).build(),
            query("limit", "Jobs on a page", limit).build(),
            query("cursor", "`next_cursor` of the page before", text()).build(),
        ]
    }
}

/// The id of a job, in the path.
struct JobPath;

impl IntoParams for JobPath {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        vec![describe::path(
            "id",
            "Id of the job",
            describe::text().min_length(Some(1)),
            "17",
        )]
    }
}

/// Asks for a crawl
///
/// Portals that wait or are being crawled already are not asked for twice: when all of them are, the answer is the job that has the first.
#[utoipa::path(
    post, path = "/api/v1/jobs", tag = "jobs", operation_id = "create_job",
    extensions(("x-zh" = json!("新建抓取任务"))),
    security(("key" = [])),
    request_body(content = Body, description = "Which portals", example = json!({"portals": ["jingxian"], "full": false})),
    responses((status = 202, description = "The job; `Location` has its address", body = Answer, example = json!({"id": "17", "portals": ["jingxian"], "state": "queued", "full": false, "source": "request", "reason": null,
        "created_at": "2024-02-28T01:30:00+08:00", "scheduled_for": null, "started_at": null, "finished_at": null, "progress": {"fetched": 0, "known": 0}, "cancelling": false, "results": [], "log": [], "elsewhere": []}))),
)]
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
    let elsewhere = elsewhere.into_iter().map(|(portal, job)| Elsewhere {
        portal,
        job: job.to_string(),
    });
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

/// Jobs, the newest first
#[utoipa::path(
    get, path = "/api/v1/jobs", tag = "jobs", operation_id = "jobs",
    extensions(("x-zh" = json!("抓取任务列表"))),
    security(("key" = [])),
    params(Wanted),
    responses((status = 200, description = "Jobs, without `results` and `log`", body = JobsAnswer, example = json!({"jobs": [], "next_cursor": null}))),
)]
pub(crate) async fn list(
    State(app): State<App>,
    RawQuery(query): RawQuery,
) -> Result<Json<JobsAnswer>, Problem> {
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
    Ok(Json(JobsAnswer { jobs, next_cursor }))
}

/// One job
#[utoipa::path(
    get, path = "/api/v1/jobs/{id}", tag = "jobs", operation_id = "job",
    extensions(("x-zh" = json!("一个抓取任务"))),
    security(("key" = [])),
    params(JobPath),
    responses((status = 200, description = "The job", body = Job, example = json!({"id": "17", "portals": ["jingxian"], "state": "done", "full": false, "source": "request", "reason": null,
        "created_at": "2024-02-28T01:30:00+08:00", "scheduled_for": null, "started_at": "2024-02-28T01:30:01+08:00", "finished_at": "2024-02-28T01:31:00+08:00", "progress": {"fetched": 20, "known": 20}, "cancelling": false, "results": [], "log": []}))),
)]
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

/// Stops a job
///
/// What was fetched is kept, and the next crawl goes on from there.
#[utoipa::path(
    delete, path = "/api/v1/jobs/{id}", tag = "jobs", operation_id = "cancel_job",
    extensions(("x-zh" = json!("取消抓取任务"))),
    security(("key" = [])),
    params(JobPath),
    responses(
        (status = 200, description = "The job, which is over", body = Job, example = json!({"id": "17", "portals": ["jingxian"], "state": "cancelled", "full": false, "source": "request", "reason": null,
            "created_at": "2024-02-28T01:30:00+08:00", "scheduled_for": null, "started_at": null, "finished_at": "2024-02-28T01:31:00+08:00", "progress": {"fetched": 0, "known": 0}, "cancelling": false, "results": [], "log": []})),
        (status = 202, description = "The job, whose pages under way are being finished", body = Job),
    ),
)]
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
    text.parse::<i64>()
        .ok()
        .filter(|id| *id >= 0 && id.to_string() == text)
}

fn no_job(id: &str) -> Problem {
    let shown: String = id.chars().take(64).collect();
    Problem::new(
        Code::NotFound,
        format!("there is no job {shown:?}; old ones are forgotten"),
    )
}
