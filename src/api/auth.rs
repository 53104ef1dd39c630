//! Who asks: keys, what they open, and how often they may.
//!
//! A key is sent as `Authorization: Bearer KEY` and in no other way. It is looked up for every request, so that one that
//! was revoked opens nothing from the next request on. A key that is wrong is refused everywhere, also where none is needed: whoever sends one
//! means to be somebody, and would not learn otherwise that it has expired. Other schemes are not for us: a proxy may
//! have asked for them.
//!
//! [`identify`] comes before everything; [`reading`], [`exporting`], [`crawling`] and [`keyed`] before what needs a scope.

use std::time::Instant;

use axum::{
    extract::{Request, State},
    http::{HeaderMap, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use jiff::Timestamp;

use super::problem::{Code, Problem};
use crate::{
    http::App,
    limits::{Address, Peer, Standing},
    operations::{Key, Scope},
};

/// What is answered whoever asks, and however often: who looks whether the service lives is never turned away.
const OPEN: [&str; 2] = ["/healthz", "/readyz"];
/// What pages are made of: a reader who opens one asks for it, and not for these.
const ASSETS: &str = "/assets/";

/// Who a request comes from; among the extensions of every request that got past [`identify`].
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    /// The key that was sent.
    pub(crate) key: Option<Key>,
    /// How often it may still ask; `None` for any number of times.
    pub(crate) standing: Option<Standing>,
}

/// Finds out who asks, and refuses who asks too often.
pub(crate) async fn identify(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if OPEN.contains(&path) || path.starts_with(ASSETS) {
        return next.run(request).await;
    }
    let peer = request.extensions().get::<Peer>().copied();
    let address = app.limits().address(peer, request.headers());
    let key = known_key(&app, address, request.headers()).await;
    let standing = match &key {
        Ok(Some(key)) => app.limits().take_keyed(address, &key.id),
        // Who guesses keys is nobody yet.
        Ok(None) | Err(_) => app.limits().take_anonymous(address),
    };
    let too_many = standing.and_then(|standing| standing.retry_after);
    let mut response = match (key, too_many) {
        (Err(problem), _) if problem.is(Code::RateLimited) => problem.into_response(),
        (_, Some(seconds)) => {
            let detail = "more requests than allowed; `Retry-After` says when to go on, /api/v1/limits what is allowed";
            Problem::rate_limited(detail, seconds).into_response()
        }
        (Err(problem), None) => problem.into_response(),
        (Ok(key), None) => {
            request.extensions_mut().insert(Caller { key, standing });
            next.run(request).await
        }
    };
    if let Some(standing) = standing {
        standing.tell(response.headers_mut());
    }
    response
}

/// Before what everybody may read, unless the configuration wants a key for it.
pub(crate) async fn reading(State(app): State<App>, request: Request, next: Next) -> Response {
    let needed = (!app.service().anonymous_read).then_some(Scope::Read);
    admit(needed, request, next).await
}

/// Before exports: like reading, but with a key that is for them.
pub(crate) async fn exporting(State(app): State<App>, request: Request, next: Next) -> Response {
    let needed = (!app.service().anonymous_read).then_some(Scope::Export);
    admit(needed, request, next).await
}

/// Before jobs.
pub(crate) async fn crawling(request: Request, next: Next) -> Response {
    admit(Some(Scope::Crawl), request, next).await
}

/// Before what belongs to a key, of whatever scope.
pub(crate) async fn keyed(request: Request, next: Next) -> Response {
    admit(Some(Scope::Read), request, next).await
}

async fn admit(needed: Option<Scope>, request: Request, next: Next) -> Response {
    let caller = request.extensions().get::<Caller>();
    match check(needed, caller.and_then(|caller| caller.key.as_ref())) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

/// Lets a key through that includes a scope.
///
/// # Errors
/// When there is none, or it opens less.
pub(crate) fn require(needed: Scope, key: Option<&Key>) -> Result<(), Problem> {
    check(Some(needed), key)
}

fn check(needed: Option<Scope>, key: Option<&Key>) -> Result<(), Problem> {
    match (needed, key) {
        (None, _) => Ok(()),
        (Some(needed), Some(key)) if key.scope.includes(needed) => Ok(()),
        (Some(needed), Some(key)) => Err(Problem::new(
            Code::Forbidden,
            format!(
                "this needs a key of scope {needed}; yours has scope {}",
                key.scope
            ),
        )),
        (Some(needed), None) => Err(Problem::new(
            Code::Unauthorized,
            format!(
                "this needs a key of scope {needed}, sent as `Authorization: Bearer KEY`; `gongbao keys create` makes one"
            ),
        )),
    }
}

/// The key that was sent, if one was.
async fn known_key(app: &App, address: Option<Address>, headers: &HeaderMap) -> Result<Option<Key>, Problem> {
    match sent_key(headers) {
        Some(token) => Ok(Some(open(app, address, token).await?)),
        None => Ok(None),
    }
}

/// Opens what was sent as a key, unless its sender has tried too many wrong ones. `None` cannot be one.
///
/// # Errors
/// When it opens nothing, or nothing more is looked at for a while.
pub(crate) async fn open(app: &App, address: Option<Address>, token: Option<String>) -> Result<Key, Problem> {
    let strikes = &app.limits().strikes;
    if let Some(left) = address.and_then(|address| strikes.shut(address, Instant::now())) {
        let detail = "too many wrong keys came from your address; no key is looked at before the time in `Retry-After`";
        return Err(Problem::rate_limited(detail, left.as_secs() + 1));
    }
    let found = match token {
        Some(token) => {
            app.with_operations(move |operations| operations.open_key(&token, Timestamp::now()))
                .await?
        }
        None => None,
    };
    if found.is_none()
        && let Some(address) = address
    {
        strikes.add(address, Instant::now());
    }
    found.ok_or_else(|| {
        Problem::new(
            Code::InvalidKey,
            "the key is unknown, expired or revoked; without a key, send no Authorization header",
        )
    })
}

/// What was sent as a key; `Some(None)` when it cannot be one.
fn sent_key(headers: &HeaderMap) -> Option<Option<String>> {
    let mut sent = headers.get_all(header::AUTHORIZATION).iter();
    let (first, second) = (sent.next()?, sent.next());
    let Ok(text) = first.to_str() else {
        return Some(None);
    };
    if second.is_some() {
        return Some(None);
    }
    let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| Some(token.trim().to_owned()))
}
