//! What every answer has in common: limits on what comes in, and a request id, problem documents and protective headers on
//! what goes out.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::{Body, HttpBody},
    extract::{Request, State},
    http::{HeaderName, HeaderValue, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};

use crate::{
    api::problem::{self, Code, Problem},
    web,
};

/// Bytes of path and query together.
pub(crate) const MAX_URI: usize = 32 << 10;
/// Bytes of a request's body.
pub(crate) const MAX_BODY: u64 = 64 << 10;
/// From the end of a request's headers to the start of its answer.
pub(crate) const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Puts it around a router.
pub(super) fn layered<S: Clone + Send + Sync + 'static>(router: Router<S>) -> Router<S> {
    let ids = Arc::new(RequestIds::new());
    router.layer(middleware::from_fn_with_state(ids, common))
}

/// Makes request ids: unguessable enough not to collide between processes, never taken for a secret.
struct RequestIds {
    process: u64,
    next: AtomicU64,
}

impl RequestIds {
    fn new() -> Self {
        use std::hash::{BuildHasher, RandomState};
        Self {
            process: RandomState::new().hash_one(0),
            next: AtomicU64::new(1),
        }
    }

    fn make(&self) -> String {
        format!(
            "{:08x}-{:06x}",
            self.process >> 32,
            self.next.fetch_add(1, Ordering::Relaxed)
        )
    }
}

/// Limits on the way in. Refusals are for pages of other origins to read like all answers.
pub(super) async fn bounded(request: Request, next: Next) -> Response {
    match within_limits(request).await {
        Err(problem) => problem.into_response(),
        Ok(request) => match tokio::time::timeout(REQUEST_TIMEOUT, next.run(request)).await {
            Ok(response) => response,
            Err(_) => Problem::new(Code::Timeout, "the answer took over 10 s; ask for less").into_response(),
        },
    }
}

/// Request id, problem documents and protective headers on the way out.
async fn common(State(ids): State<Arc<RequestIds>>, request: Request, next: Next) -> Response {
    let given = request
        .headers()
        .get(&REQUEST_ID)
        .and_then(|value| value.to_str().ok());
    let sane = |id: &&str| !id.is_empty() && id.len() <= 64 && id.bytes().all(|b| b.is_ascii_graphic());
    let id = given.filter(sane).map_or_else(|| ids.make(), str::to_owned);
    let is_page = !request.uri().path().starts_with("/api/");
    let wants_html = is_page
        && request
            .headers()
            .get(header::ACCEPT)
            .and_then(|v| v.to_str().ok())
            .is_some_and(|v| v.contains("text/html"));
    let view = wants_html.then(|| web::view::View::of_problem(request.uri(), request.headers()));
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let started = std::time::Instant::now();

    let mut response = next.run(request).await;
    if let Some(mut body) = response.extensions_mut().remove::<problem::Body>() {
        body.request_id = Some(id.clone());
        let mut kept = std::mem::take(response.headers_mut());
        kept.remove(header::CONTENT_TYPE);
        kept.remove(header::CONTENT_LENGTH);
        response = match &view {
            Some(view) => web::problem_page(view, &body),
            None => problem::render(&body),
        };
        response.headers_mut().extend(kept);
    }
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, value);
    }
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    // For browsers that do not know `frame-ancestors`.
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    // What needs a stricter one has said so.
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static(
            "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        ));
    let status = response.status().as_u16();
    let elapsed_ms = started.elapsed().as_millis();
    let path = shown_path(&path);
    tracing::debug!(request.id = %id, %method, path, status, elapsed_ms, "answered");
    response
}

/// A path as it may stand in a log: the id of an alert opens its feed.
fn shown_path(path: &str) -> &str {
    const ALERTS: &str = "/api/v1/alerts/";
    match path.starts_with(ALERTS) {
        true => ALERTS,
        false => path,
    }
}

/// Refuses addresses and bodies that are too long; a body of unknown length is read up to the limit.
async fn within_limits(request: Request) -> Result<Request, Problem> {
    let length = request
        .uri()
        .path_and_query()
        .map_or(0, |target| target.as_str().len());
    if length > MAX_URI {
        let detail = format!("an address has at most 32 KiB, this one has {length} bytes");
        return Err(Problem::new(Code::UriTooLong, detail));
    }
    let (parts, body) = request.into_parts();
    let too_large = || Problem::new(Code::PayloadTooLarge, "a body has at most 64 KiB");
    if body.size_hint().lower() > MAX_BODY {
        return Err(too_large());
    }
    if body.size_hint().upper().is_some() {
        return Ok(Request::from_parts(parts, body));
    }
    let limit = usize::try_from(MAX_BODY).unwrap_or(usize::MAX);
    let read = tokio::time::timeout(REQUEST_TIMEOUT, axum::body::to_bytes(body, limit)).await;
    let bytes = read.map_err(|_| Problem::new(Code::Timeout, "the body did not come in 10 s"))?;
    Ok(Request::from_parts(
        parts,
        Body::from(bytes.map_err(|_| too_large())?),
    ))
}
