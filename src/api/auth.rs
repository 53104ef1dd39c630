//! Who asks: keys, and what they open.
//!
//! A key is sent as `Authorization: Bearer KEY` and in no other way. It is looked up for every request, so that one that
//! was revoked opens nothing from the next request on. A key that is wrong is refused everywhere, also where none is needed: whoever sends one
//! means to be somebody, and would not learn otherwise that it has expired. Other schemes are not for us: a proxy may
//! have asked for them.

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
    operations::{Key, Scope},
};

/// Who a request comes from; among the extensions of every request that got past this.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    /// The key that was sent.
    pub(crate) key: Option<Key>,
}

/// Before what everybody may read, unless the configuration wants a key for it.
pub(crate) async fn reading(State(app): State<App>, request: Request, next: Next) -> Response {
    let needed = (!app.service().anonymous_read).then_some(Scope::Read);
    admit(&app, needed, request, next).await
}

/// Before exports: like reading, but with a key that is for them.
pub(crate) async fn exporting(State(app): State<App>, request: Request, next: Next) -> Response {
    let needed = (!app.service().anonymous_read).then_some(Scope::Export);
    admit(&app, needed, request, next).await
}

/// Before jobs.
pub(crate) async fn crawling(State(app): State<App>, request: Request, next: Next) -> Response {
    admit(&app, Some(Scope::Crawl), request, next).await
}

/// Before what belongs to a key, of whatever scope.
pub(crate) async fn keyed(State(app): State<App>, request: Request, next: Next) -> Response {
    admit(&app, Some(Scope::Read), request, next).await
}

async fn admit(app: &App, needed: Option<Scope>, mut request: Request, next: Next) -> Response {
    let key = match known_key(app, request.headers()).await {
        Ok(key) => key,
        Err(problem) => return problem.into_response(),
    };
    if let Err(problem) = check(needed, key.as_ref()) {
        return problem.into_response();
    }
    request.extensions_mut().insert(Caller { key });
    next.run(request).await
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
async fn known_key(app: &App, headers: &HeaderMap) -> Result<Option<Key>, Problem> {
    let mut sent = headers.get_all(header::AUTHORIZATION).iter();
    let (first, second) = (sent.next(), sent.next());
    let Some(first) = first else {
        return Ok(None);
    };
    let wrong = || {
        Problem::new(
            Code::InvalidKey,
            "the key is unknown, expired or revoked; without a key, send no Authorization header",
        )
    };
    if second.is_some() {
        return Err(wrong());
    }
    let text = first.to_str().map_err(|_| wrong())?;
    let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Ok(None);
    }
    let token = token.trim().to_owned();
    let found = app
        .with_operations(move |operations| operations.open_key(&token, Timestamp::now()))
        .await?;
    found.map(Some).ok_or_else(wrong)
}
