//! Answers packed with gzip for those who can take it.
//!
//! Only texts are: files, images and what is packed already gain nothing. What is made piece by piece is packed piece by
//! piece; one that is cut off lacks the end of the packed stream too, so that it cannot be taken for whole.

use axum::{
    Router,
    body::Body,
    http::{Extensions, HeaderMap, HeaderValue, StatusCode, Version, header},
    middleware,
    response::Response,
};
use tower_http::compression::{
    CompressionLayer, CompressionLevel,
    predicate::{Predicate, SizeAbove},
};

/// Bytes below which packing is not worth the trouble.
const MIN_SIZE: u64 = 1_024;

/// Texts whose types do not say so: JSON Lines, BibTeX, RIS, YAML.
const TEXTS: [&str; 4] = [
    "application/jsonl",
    "application/x-bibtex",
    "application/x-research-info-systems",
    "application/yaml",
];

/// Puts it around a router.
pub(super) fn layered<S: Clone + Send + Sync + 'static>(router: Router<S>) -> Router<S> {
    let packing = CompressionLayer::new()
        .gzip(true)
        .quality(CompressionLevel::Fastest)
        .compress_when(SizeAbove::new(MIN_SIZE).and(is_text));
    router
        .layer(packing)
        .layer(middleware::map_response(weaken))
        .layer(middleware::map_response(empty))
}

fn is_text(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    essence.starts_with("text/")
        || essence.ends_with("json")
        || essence.ends_with("xml")
        || TEXTS.contains(&essence)
}

/// The bytes of a packed answer are others than those that its strong tag stands for (RFC 9110, 8.8.1).
async fn weaken(mut response: Response) -> Response {
    let headers = response.headers_mut();
    if headers.contains_key(header::CONTENT_ENCODING)
        && let Some(tag) = headers.get(header::ETAG).and_then(|tag| tag.to_str().ok())
        && tag.starts_with('"')
        && let Ok(weak) = HeaderValue::from_str(&format!("W/{tag}"))
    {
        headers.insert(header::ETAG, weak);
    }
    response
}

/// What was not modified has the tag and the other fields of the whole answer, as it would have been sent to this client, but none
/// that is about a body (RFC 9110, 15.4.5).
async fn empty(mut response: Response) -> Response {
    if response.status() == StatusCode::NOT_MODIFIED {
        *response.body_mut() = Body::empty();
        for name in [
            header::CONTENT_TYPE,
            header::CONTENT_LENGTH,
            header::CONTENT_ENCODING,
        ] {
            response.headers_mut().remove(name);
        }
    }
    response
}
