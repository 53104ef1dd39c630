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
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    auth::Caller,
    params::{Params, invalid, object, segment},
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
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    name: String,
    query: Map<String, Value>,
    #[serde(default)]
    webhook: Option<String>,
}

/// What is sent to start a webhook again.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NoBody {}

/// `POST /alerts`
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
    let mut answer = shown(&alert);
    if let Some(webhook) = &alert.webhook {
        answer["webhook"]["secret"] = shown_secret(&webhook.secret).into();
    }
    let location = format!("/api/v1/alerts/{}", alert.token);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(answer)).into_response())
}

/// `GET /alerts`
pub(crate) async fn list(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Problem> {
    Params::parse(query.as_deref())?.finish()?;
    let key_id = (!is_admin(&caller)).then(|| key_of(&caller)).transpose()?;
    let alerts = app
        .with_operations(move |operations| operations.alerts(key_id.as_deref()))
        .await?;
    let alerts: Vec<Value> = alerts.iter().map(shown).collect();
    Ok(Json(json!({"alerts": alerts})))
}

/// `GET /alerts/{id}`
pub(crate) async fn one(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    id: Result<Path<String>, PathRejection>,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Problem> {
    Params::parse(query.as_deref())?.finish()?;
    Ok(Json(shown(&find(&app, &caller, segment(id)?).await?)))
}

/// `DELETE /alerts/{id}`
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

/// `POST /alerts/{id}/webhook`: what waits is sent now, also where nothing was sent any more.
pub(crate) async fn restart_webhook(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    id: Result<Path<String>, PathRejection>,
    RawQuery(query): RawQuery,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Value>, Problem> {
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
    restarted.map(|alert| Json(shown(&alert))).ok_or_else(no_alert)
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

fn shown(alert: &Alert) -> Value {
    let query: Value = serde_json::from_str(&alert.query).unwrap_or_default();
    json!({
        "id": alert.token,
        "name": alert.name,
        "query": query,
        "feed": format!("/api/v1/alerts/{}/feed.atom", alert.token),
        "webhook": alert.webhook.as_ref().map(shown_webhook),
        "created_at": ChinaMoment::from(alert.created_at),
        "entries": alert.entries,
        "problem": alert.problem,
        "key_id": alert.key_id,
    })
}

fn shown_webhook(webhook: &Webhook) -> Value {
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
    json!({
        "url": webhook.url,
        "state": state,
        "reason": webhook.reason,
        "failing_since": at(webhook.failing_since),
        "next_at": at(webhook.next_at),
        "disabled_at": at(webhook.disabled_at),
        "waiting": webhook.waiting,
        "lost": webhook.lost,
    })
}
