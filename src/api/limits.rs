//! `/limits`: the limits in force for whoever asks.

use axum::{Extension, Json, extract::RawQuery};
use index::SearchRequest;
use serde::Serialize;
use utoipa::ToSchema;

use super::{auth::Caller, params::Params, problem::Problem, search::SEARCH_BUDGET};
use crate::{
    http::{MAX_AT_WORK, MAX_BODY, MAX_URI, MAX_WAITING, REQUEST_TIMEOUT},
    limits::WINDOW,
    operations::{MAX_ALERTS_OF_KEY, Scope},
    server::{HEADER_TIMEOUT, MAX_CONNECTIONS, MAX_HEAD_BYTES, MAX_HEADERS},
};

/// The limits in force for a caller.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Limits)]
pub(crate) struct LimitsAnswer {
    caller: CallerAnswer,
    /// How often it may ask; null for any number of times.
    rate: Option<Rate>,
    request: RequestLimits,
    query: QueryLimits,
    search: SearchLimits,
    service: ServiceLimits,
    /// Alerts of one key.
    alerts: i64,
}

/// Who asks.
#[derive(Debug, Serialize, ToSchema)]
struct CallerAnswer {
    /// Id of the key; null without one.
    key_id: Option<String>,
    /// What the key opens; null without one.
    scope: Option<Scope>,
}

/// How often a caller may ask. All requests of a window may come at once.
#[derive(Debug, Serialize, ToSchema)]
struct Rate {
    /// `anonymous`, counted by address, or `key`.
    policy: &'static str,
    requests: u32,
    window_seconds: u64,
    remaining: u32,
    /// Until all may come again.
    reset_seconds: u64,
}

/// What a request may be.
#[derive(Debug, Serialize, ToSchema)]
struct RequestLimits {
    uri_bytes: usize,
    body_bytes: u64,
    /// Request line and headers together.
    head_bytes: usize,
    headers: usize,
    header_seconds: u64,
    /// From the end of the headers to the start of the answer.
    seconds: u64,
}

/// What a query may be.
#[derive(Debug, Serialize, ToSchema)]
struct QueryLimits {
    chars: usize,
    terms: usize,
    nesting: usize,
}

/// What a search may ask for.
#[derive(Debug, Serialize, ToSchema)]
struct SearchLimits {
    hits: usize,
    passages: usize,
    cursor_seconds: u64,
    seconds: u64,
}

/// What the service does at once, for everybody together. More is answered with 503 `overloaded`.
#[derive(Debug, Serialize, ToSchema)]
struct ServiceLimits {
    at_work: usize,
    waiting: usize,
    connections: usize,
}

/// The limits in force for you
///
/// By key, or by address without one. Every other answer has what is left of them in its `RateLimit` fields.
#[utoipa::path(
    get, path = "/api/v1/limits", tag = "service", operation_id = "limits",
    extensions(("x-zh" = json!("当前适用的限制"))),
    responses((status = 200, description = "The limits", body = LimitsAnswer, example = json!({
        "caller": {"key_id": null, "scope": null},
        "rate": {"policy": "anonymous", "requests": 60, "window_seconds": 60, "remaining": 59, "reset_seconds": 1},
        "request": {"uri_bytes": 32768, "body_bytes": 65536, "head_bytes": 98304, "headers": 64, "header_seconds": 10, "seconds": 10},
        "query": {"chars": 2048, "terms": 256, "nesting": 32},
        "search": {"hits": 100, "passages": 10, "cursor_seconds": 900, "seconds": 8},
        "service": {"at_work": 64, "waiting": 128, "connections": 4096},
        "alerts": 100
    }))),
)]
pub(crate) async fn limits(
    Extension(caller): Extension<Caller>,
    RawQuery(query): RawQuery,
) -> Result<Json<LimitsAnswer>, Problem> {
    Params::parse(query.as_deref())?.finish()?;
    Ok(Json(LimitsAnswer {
        caller: CallerAnswer {
            key_id: caller.key.as_ref().map(|key| key.id.clone()),
            scope: caller.key.as_ref().map(|key| key.scope),
        },
        rate: caller.standing.map(|standing| Rate {
            policy: standing.policy,
            requests: standing.limit,
            window_seconds: WINDOW.as_secs(),
            remaining: standing.remaining,
            reset_seconds: standing.reset,
        }),
        request: RequestLimits {
            uri_bytes: MAX_URI,
            body_bytes: MAX_BODY,
            head_bytes: MAX_HEAD_BYTES,
            headers: MAX_HEADERS,
            header_seconds: HEADER_TIMEOUT.as_secs(),
            seconds: REQUEST_TIMEOUT.as_secs(),
        },
        query: QueryLimits {
            chars: index::MAX_CHARS,
            terms: index::MAX_TERMS,
            nesting: index::MAX_NESTING,
        },
        search: SearchLimits {
            hits: SearchRequest::MAX_LIMIT,
            passages: SearchRequest::MAX_PASSAGES,
            cursor_seconds: index::CURSOR_LIFETIME.as_secs(),
            seconds: SEARCH_BUDGET.as_secs(),
        },
        service: ServiceLimits {
            at_work: MAX_AT_WORK,
            waiting: MAX_WAITING,
            connections: MAX_CONNECTIONS,
        },
        alerts: MAX_ALERTS_OF_KEY,
    }))
}
