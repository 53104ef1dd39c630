//! Answers packed with gzip for those who can take it.
//!
//! Only texts are: files, images and what is packed already gain nothing. What is made piece by piece is packed piece by
//! piece; one that is cut off lacks the end of the packed stream too, so that it cannot be taken for whole.

use axum::{
    Router,
    body::Body,
    extract::Request,
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
        .layer(middleware::map_request(ask))
        .layer(middleware::map_response(weaken))
        .layer(middleware::map_response(empty))
}

/// Asks for gzip or for nothing. Who refuses the plain answer and takes no gzip gets the plain one all the same (RFC 9110, 12.5.3),
/// not a 406 with it.
async fn ask(mut request: Request) -> Request {
    let headers = request.headers_mut();
    let is_taken = headers
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(taken)
        // What is named counts for more than what stands for the rest.
        .max_by_key(|(is_named, _)| *is_named)
        .is_some_and(|(_, is_taken)| is_taken);
    headers.remove(header::ACCEPT_ENCODING);
    if is_taken {
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
    }
    request
}

/// Whether an element of `Accept-Encoding` names gzip or stands for whatever is not named, and whether it is taken; `None` for other
/// encodings.
fn taken(element: &str) -> Option<(bool, bool)> {
    let mut parts = element.split(';').map(str::trim);
    let name = parts.next().unwrap_or_default();
    let is_named = name.eq_ignore_ascii_case("gzip") || name.eq_ignore_ascii_case("x-gzip");
    let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
    let is_taken = weight.is_none_or(|weight| weight.trim().parse::<f32>().is_ok_and(|weight| weight > 0.0));
    (is_named || name == "*").then_some((is_named, is_taken))
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
