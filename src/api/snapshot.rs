//! `/reports/{id}/snapshot`: the bytes that a version was read from.
//!
//! They come from a stranger. They are never shown as a page of ours: HTML and other texts are sent as plain text, what
//! is none as a file to be saved; browsers are told not to guess another type, and not to run anything in it.

use std::borrow::Cow;

use axum::{
    extract::{Path, RawQuery, State, rejection::PathRejection},
    http::{HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};
use crawler::Archive;
use report::Report;
use tokio::sync::Semaphore;
use utoipa::{
    IntoParams,
    openapi::path::{Parameter, ParameterIn},
};

use super::{
    openapi::describe::{self, ReportPath},
    params::{Params, segment},
    problem::{Code, Problem},
    report::read_id,
    versions::{no_version, version, versions},
};
use crate::http::App;

/// Snapshots that are read at once: each may take as much memory as the longest file that is fetched, several times.
const MAX_AT_ONCE: usize = 4;

static AT_ONCE: Semaphore = Semaphore::const_new(MAX_AT_ONCE);

/// What the portal said it was.
const ORIGINAL_TYPE: HeaderName = HeaderName::from_static("x-original-content-type");

/// Nothing is loaded, nothing runs, and it has no origin.
const POLICY: HeaderValue = HeaderValue::from_static("sandbox; default-src 'none'; frame-ancestors 'none'");

/// The bytes that a version was read from
///
/// Texts come as plain text, everything else as a file; nothing of it runs. `X-Original-Content-Type` has the type that the portal gave.
#[utoipa::path(
    get, path = "/api/v1/reports/{id}/snapshot", tag = "reports", operation_id = "snapshot",
    extensions(("x-zh" = json!("抓取时的原始页面"))),
    params(ReportPath, Version),
    responses((status = 200, description = "The page or file as it was fetched",
        content(
            (String = "text/plain", example = json!("<html><h1>泾县2020年度法治政府建设情况报告</h1></html>")),
            (Vec<u8> = "application/octet-stream"),
        ))),
)]
pub(crate) async fn snapshot(
    State(app): State<App>,
    path: Result<Path<String>, PathRejection>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let mut params = Params::parse(query.as_deref())?;
    let asked = params.one("version")?.filter(|text| !text.is_empty());
    params.finish()?;
    let id = read_id(&segment(path)?)?;
    let busy = |_| {
        Problem::new(
            Code::Overloaded,
            "too many snapshots at once; try again in a moment",
        )
    };
    let _turn = AT_ONCE.acquire().await.map_err(busy)?;
    app.with_catalog(move |catalog, data_dir| {
        let versions = versions(catalog, &id)?;
        let newest = versions.last().map_or(1, |info| info.version);
        let n = match &asked {
            None => newest,
            Some(text) => versions
                .iter()
                .map(|info| info.version)
                .find(|n| n.to_string() == *text)
                .ok_or_else(|| no_version(text, &versions))?,
        };
        let report = version(catalog, &id, n)?;
        let location = catalog
            .location(&id, Some(n))
            .map_err(|error| Problem::internal(&error.into()))?
            .ok_or_else(|| Problem::internal(&anyhow::anyhow!("version {n} of {id} has no capture")))?;
        let capture = Archive::open(data_dir)
            .read(&location)
            .map_err(|error| Problem::internal(&error.into()))?;
        // What cannot be decoded is given as it came.
        let (bytes, media_type) = match capture.payload() {
            Ok(payload) => (payload.bytes, payload.media_type),
            Err(_) => (Cow::Borrowed(capture.body_bytes()), String::new()),
        };
        Ok(respond(&report, &media_type, bytes.into_owned()))
    })
    .await
}

/// Which version, in the address.
struct Version;

impl IntoParams for Version {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let number = describe::number(u32::MAX as usize);
        vec![describe::query("version", "Number of the version; the newest when absent", number).build()]
    }
}

fn respond(report: &Report, media_type: &str, bytes: Vec<u8>) -> Response {
    let content_type = match &report.content.encoding {
        _ if !is_text(media_type, &bytes) => "application/octet-stream".to_owned(),
        Some(encoding) => format!("text/plain; charset={encoding}"),
        None if std::str::from_utf8(&bytes).is_ok() => "text/plain; charset=utf-8".to_owned(),
        None => "text/plain".to_owned(),
    };
    let kind = if content_type == "application/octet-stream" {
        "attachment"
    } else {
        "inline"
    };
    // The id may hold anything; the address of the answer tells it.
    let disposition = format!(
        "{kind}; filename=\"snapshot-v{}.{}\"",
        report.version,
        suffix(&content_type)
    );
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, POLICY);
    for (name, value) in [
        (header::CONTENT_TYPE, content_type.as_str()),
        (header::CONTENT_DISPOSITION, &disposition),
        (ORIGINAL_TYPE, media_type),
    ] {
        if let Ok(value) = HeaderValue::from_str(value)
            && !value.is_empty()
        {
            headers.insert(name, value);
        }
    }
    response
}

fn suffix(content_type: &str) -> &'static str {
    if content_type.starts_with("text/") {
        "txt"
    } else {
        "bin"
    }
}

/// Whether it is fit to be read as text: it is said to be one, or nobody says what it is, and no byte in it says
/// otherwise. UTF-16 is left out; it is saved.
fn is_text(media_type: &str, bytes: &[u8]) -> bool {
    let essence = media_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let said = essence.is_empty()
        || essence.starts_with("text/")
        || [
            "application/json",
            "application/xml",
            "application/xhtml+xml",
            "application/javascript",
        ]
        .contains(&essence.as_str());
    let looks = bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'<');
    (said || looks) && !bytes.contains(&0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_text_is_a_file() {
        assert!(is_text("text/html; charset=gbk", b"<p>"));
        assert!(is_text("", b"abc"));
        assert!(is_text("application/octet-stream", b"\n<html>"));
        assert!(!is_text("application/pdf", b"%PDF-1.7"));
        assert!(!is_text("text/html", b"PK\x03\x04\0\0"));
    }
}
