//! `/alerts`: saved searches of a key, made, shown and removed.
//!
//! What is another key's is not there, except for keys of scope `admin`.

use axum::{
    Extension, Json,
    body::Bytes,
    extract::{Path, RawQuery, State, rejection::BytesRejection, rejection::PathRejection},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use crawler::Courier;
use jiff::Timestamp;
use report::ChinaMoment;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
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
    search::{SEARCH_BUDGET, problem_of},
};
use crate::{
    alerts::{read_query, shown_secret},
    http::App,
    operations::{Alert, MAX_ALERTS_OF_KEY, NewAlert, Scope, Webhook},
};

/// Characters of a name.
const MAX_NAME: usize = 200;

/// Bytes of a search, as JSON.
const MAX_QUERY: usize = 8 << 10;

/// What is sent to make an alert.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewAlert)]
struct Body {
    /// What it is called.
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    /// Parameters of a search: `q`, `mode` and filters; lists for those that may be repeated.
    #[schema(value_type = Object)]
    query: Map<String, Value>,
    /// Where entries are sent.
    #[serde(default)]
    webhook: Option<String>,
}

/// What is sent to start a webhook again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NoBody {}

/// Saves a search
///
/// What is recorded from now on and found by it goes into the feed, and to the webhook. `webhook.secret` of this answer is told only once; letters are signed with it, see `docs/alerts.md`.
#[utoipa::path(
    post, path = "/api/v1/alerts", tag = "alerts", operation_id = "create_alert",
    extensions(("x-zh" = json!("保存检索并订阅"))),
    security(("key" = [])),
    request_body(content = Body, description = "The search", example = json!({"name": "法治", "query": {"q": "双随机", "region": ["34"]}, "webhook": null})),
    responses(
        (status = 201, description = "The alert; `Location` has its address", body = AlertAnswer, example = json!({"id": "d3486ae9136e7856bc42212385ea797094475802", "name": "法治", "query": {"q": "双随机", "region": ["34"]},
            "feed": "/api/v1/alerts/d3486ae9136e7856bc42212385ea797094475802/feed.atom", "webhook": null, "created_at": "2024-02-28T01:30:00.123+08:00", "entries": 0, "problem": null, "key_id": "1f0c9a37d2"})),
    ),
)]
pub(crate) async fn create(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    RawQuery(query): RawQuery,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    Params::parse(query.as_deref())?.finish()?;
    let body = body.map_err(|_| Problem::new(Code::InvalidParameter, "the body did not come whole"))?;
    let Body { name, query, webhook } = read(&body)?;
    let name = name.trim().to_owned();
    if name.is_empty() || name.chars().count() > MAX_NAME || name.chars().any(char::is_control) {
        return Err(invalid(
            "name",
            format!("it has 1 to {MAX_NAME} characters, none of them a control character"),
        ));
    }
    let kept = Value::Object(query.clone()).to_string();
    if kept.len() > MAX_QUERY {
        return Err(invalid("query", format!("it has at most {MAX_QUERY} bytes")));
    }
    if let Some(webhook) = &webhook {
        Courier::check(webhook, &app.service().alerts.allow_private)
            .map_err(|error| invalid("webhook", error))?;
    }
    // Asked once, a search shows all that is wrong with it.
    let mut request = read_query(&query)?;
    request.limit = 1;
    app.with_index(move |reader| {
        let now = std::time::Instant::now();
        request.deadline = Some(now + SEARCH_BUDGET);
        reader.search(&request, now).map(drop).map_err(problem_of)
    })
    .await?;
    let key_id = key_of(&caller)?;
    let made = app
        .with_operations(move |operations| {
            let new = NewAlert {
                key_id: &key_id,
                name: &name,
                query: &kept,
                webhook: webhook.as_deref(),
            };
            operations.create_alert(&new, Timestamp::now())
        })
        .await?;
    let Some(alert) = made else {
        let detail = format!("a key has at most {MAX_ALERTS_OF_KEY} alerts; remove one that is not needed");
        return Err(Problem::new(Code::Forbidden, detail));
    };
    let mut answer = AlertAnswer::from(&alert);
    if let (Some(shown), Some(webhook)) = (&mut answer.webhook, &alert.webhook) {
        shown.secret = Some(shown_secret(&webhook.secret));
    }
    let location = format!("/api/v1/alerts/{}", alert.token);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(answer)).into_response())
}

/// The alerts of the key
#[utoipa::path(
    get, path = "/api/v1/alerts", tag = "alerts", operation_id = "alerts",
    extensions(("x-zh" = json!("订阅列表"))),
    security(("key" = [])),
    responses((status = 200, description = "All alerts of the key; of every key for scope `admin`", body = AlertsAnswer, example = json!({"alerts": []}))),
)]
pub(crate) async fn list(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    RawQuery(query): RawQuery,
) -> Result<Json<AlertsAnswer>, Problem> {
    Params::parse(query.as_deref())?.finish()?;
    let key_id = (!is_admin(&caller)).then(|| key_of(&caller)).transpose()?;
    let alerts = app
        .with_operations(move |operations| operations.alerts(key_id.as_deref()))
        .await?;
    Ok(Json(AlertsAnswer {
        alerts: alerts.iter().map(AlertAnswer::from).collect(),
    }))
}

/// One alert
#[utoipa::path(
    get, path = "/api/v1/alerts/{id}", tag = "alerts", operation_id = "alert",
    extensions(("x-zh" = json!("一个订阅"))),
    security(("key" = [])),
    params(AlertPath),
    responses((status = 200, description = "The alert", body = AlertAnswer, example = json!({"id": "d3486ae9136e7856bc42212385ea797094475802", "name": "法治", "query": {"q": "双随机"},
        "feed": "/api/v1/alerts/d3486ae9136e7856bc42212385ea797094475802/feed.atom", "webhook": null, "created_at": "2024-02-28T01:30:00.123+08:00", "entries": 3, "problem": null, "key_id": "1f0c9a37d2"}))),
)]
pub(crate) async fn one(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    id: Result<Path<String>, PathRejection>,
    RawQuery(query): RawQuery,
) -> Result<Json<AlertAnswer>, Problem> {
    Params::parse(query.as_deref())?.finish()?;
    let alert = find(&app, &caller, segment(id)?).await?;
    Ok(Json(AlertAnswer::from(&alert)))
}

/// Removes an alert, with its feed
#[utoipa::path(
    delete, path = "/api/v1/alerts/{id}", tag = "alerts", operation_id = "delete_alert",
    extensions(("x-zh" = json!("删除订阅"))),
    security(("key" = [])),
    params(AlertPath),
    responses((status = 204, description = "It is gone")),
)]
pub(crate) async fn delete(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    id: Result<Path<String>, PathRejection>,
    RawQuery(query): RawQuery,
) -> Result<StatusCode, Problem> {
    Params::parse(query.as_deref())?.finish()?;
    let alert = find(&app, &caller, segment(id)?).await?;
    app.with_operations(move |operations| operations.delete_alert(&alert.token))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Starts a webhook again
///
/// What waits is sent now, also where nothing was sent any more.
#[utoipa::path(
    post, path = "/api/v1/alerts/{id}/webhook", tag = "alerts", operation_id = "restart_webhook",
    extensions(("x-zh" = json!("重新启用回调"))),
    security(("key" = [])),
    params(AlertPath),
    request_body(content = Option<NoBody>, description = "Nothing, or an empty object", example = json!({})),
    responses((status = 200, description = "The alert", body = AlertAnswer, example = json!({"id": "d3486ae9136e7856bc42212385ea797094475802", "name": "法治", "query": {"q": "双随机"},
        "feed": "/api/v1/alerts/d3486ae9136e7856bc42212385ea797094475802/feed.atom",
        "webhook": {"url": "https://hooks.example.org/1", "state": "active", "reason": null, "failing_since": null, "next_at": null, "disabled_at": null, "waiting": 0, "lost": 0},
        "created_at": "2024-02-28T01:30:00.123+08:00", "entries": 3, "problem": null, "key_id": "1f0c9a37d2"}))),
)]
pub(crate) async fn restart_webhook(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    id: Result<Path<String>, PathRejection>,
    RawQuery(query): RawQuery,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<AlertAnswer>, Problem> {
    Params::parse(query.as_deref())?.finish()?;
    let body = body.map_err(|_| Problem::new(Code::InvalidParameter, "the body did not come whole"))?;
    if !body.is_empty() {
        let NoBody {} = object(&body, "{}, or send no body")?;
    }
    let alert = find(&app, &caller, segment(id)?).await?;
    if alert.webhook.is_none() {
        return Err(Problem::new(
            Code::NotFound,
            "this alert has no webhook; make one that has",
        ));
    }
    let restarted = app
        .with_operations(move |operations| operations.restart_webhook(&alert.token, Timestamp::now()))
        .await?;
    let restarted = restarted.ok_or_else(no_alert)?;
    Ok(Json(AlertAnswer::from(&restarted)))
}

fn read(body: &[u8]) -> Result<Body, Problem> {
    object(
        body,
        r#"{"name": "法治", "query": {"q": "双随机", "region": ["43"]}, "webhook": null}"#,
    )
}

/// The alert with this id, if it is the caller's to see.
async fn find(app: &App, caller: &Caller, id: String) -> Result<Alert, Problem> {
    let alert = app
        .with_operations(move |operations| operations.alert(&id))
        .await?;
    let key_id = key_of(caller)?;
    alert
        .filter(|alert| alert.key_id == key_id || is_admin(caller))
        .ok_or_else(no_alert)
}

/// The id is as good as a key, so it is not repeated.
pub(crate) fn no_alert() -> Problem {
    Problem::new(Code::NotFound, "there is no alert with this id")
}

fn key_of(caller: &Caller) -> Result<String, Problem> {
    let key = caller.key.as_ref().map(|key| key.id.clone());
    key.ok_or_else(|| Problem::internal(&anyhow::anyhow!("alerts were asked for without a key")))
}

fn is_admin(caller: &Caller) -> bool {
    caller.key.as_ref().is_some_and(|key| key.scope == Scope::Admin)
}

/// The alerts of a key.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Alerts)]
pub(crate) struct AlertsAnswer {
    alerts: Vec<AlertAnswer>,
}

/// An alert, as its owner sees it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Alert)]
pub(crate) struct AlertAnswer {
    /// Opens the feed too, so it is as good as a key.
    id: String,
    name: String,
    /// The search as it was given.
    #[schema(value_type = Object)]
    query: Value,
    /// Address of its feed.
    feed: String,
    webhook: Option<WebhookAnswer>,
    created_at: ChinaMoment,
    /// Entries that are kept.
    entries: u64,
    /// Why it finds nothing at present.
    problem: Option<String>,
    /// Id of the key that it was made with.
    key_id: String,
}

/// Where entries are sent, and how that goes.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Webhook)]
struct WebhookAnswer {
    url: String,
    /// `active`, `failing` or `disabled`.
    state: &'static str,
    /// Why the last letter was not taken.
    reason: Option<String>,
    failing_since: Option<ChinaMoment>,
    next_at: Option<ChinaMoment>,
    disabled_at: Option<ChinaMoment>,
    /// Entries that were not taken yet.
    waiting: u64,
    /// Entries that were dropped before they were taken.
    lost: u64,
    /// What letters are signed with; told once, when it is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

impl From<&Alert> for AlertAnswer {
    fn from(alert: &Alert) -> Self {
        Self {
            id: alert.token.clone(),
            name: alert.name.clone(),
            query: serde_json::from_str(&alert.query).unwrap_or_default(),
            feed: format!("/api/v1/alerts/{}/feed.atom", alert.token),
            webhook: alert.webhook.as_ref().map(WebhookAnswer::from),
            created_at: alert.created_at.into(),
            entries: alert.entries,
            problem: alert.problem.clone(),
            key_id: alert.key_id.clone(),
        }
    }
}

impl From<&Webhook> for WebhookAnswer {
    fn from(webhook: &Webhook) -> Self {
        let state = match webhook {
            Webhook {
                disabled_at: Some(_), ..
            } => "disabled",
            Webhook {
                failing_since: Some(_),
                ..
            } => "failing",
            _ => "active",
        };
        let at = |moment: Option<Timestamp>| moment.map(ChinaMoment::from);
        Self {
            url: webhook.url.clone(),
            state,
            reason: webhook.reason.clone(),
            failing_since: at(webhook.failing_since),
            next_at: at(webhook.next_at),
            disabled_at: at(webhook.disabled_at),
            waiting: webhook.waiting,
            lost: webhook.lost,
            secret: None,
        }
    }
}

/// The id of an alert, in the path.
pub(crate) struct AlertPath;

impl IntoParams for AlertPath {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let id = describe::text().min_length(Some(1));
        vec![describe::path(
            "id",
            "Id of the alert",
            id,
            "d3486ae9136e7856bc42212385ea797094475802",
        )]
    }
}
