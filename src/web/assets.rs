//! The files beside the pages: style sheet, script and icon, all built in.

use axum::{
    http::{HeaderMap, HeaderName, header},
    response::Response,
};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use crate::http::with_etag;

/// The style sheet of all pages.
pub(crate) async fn style(headers: HeaderMap) -> Response {
    let text = concat!(
        include_str!("../../assets/style.css"),
        include_str!("../../assets/print.css")
    );
    asset(&headers, "text/css; charset=utf-8", text)
}

/// The script of all pages. Each does without it.
pub(crate) async fn script(headers: HeaderMap) -> Response {
    let text = concat!(
        include_str!("../../assets/pages.js"),
        include_str!("../../assets/suggest.js")
    );
    asset(&headers, "text/javascript; charset=utf-8", text)
}

/// The icon of all pages.
pub(crate) async fn icon(headers: HeaderMap) -> Response {
    asset(&headers, "image/svg+xml", include_str!("../../assets/icon.svg"))
}

fn asset(headers: &HeaderMap, media_type: &'static str, text: &'static str) -> Response {
    let kept: [(HeaderName, &'static str); 2] = [
        (header::CONTENT_TYPE, media_type),
        (header::CACHE_CONTROL, "max-age=600"),
    ];
    let etag = format!("\"{}\"", &HEXLOWER.encode(&Sha256::digest(text))[..16]);
    with_etag(headers, &etag, (kept, text))
}
