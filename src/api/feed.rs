//! `/alerts/{id}/feed.atom`: what an alert has found, as an Atom feed (RFC 4287).
//!
//! Feed readers send no keys, so the id in the address is the key. Every version of a report is an entry of its own, with
//! an id that never changes.

use std::{
    io,
    time::{Duration, SystemTime},
};

use axum::{
    extract::{Path, RawQuery, State, rejection::PathRejection},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};
use data_encoding::HEXLOWER;
use jiff::Timestamp;
use report::ChinaMoment;
use sha2::{Digest, Sha256};

use super::{
    alerts::{AlertPath, no_alert},
    params::{Params, segment},
    problem::Problem,
};
use crate::{
    atom::{self, Xml, author, link, text},
    http::{App, with_etag},
    operations::{Alert, Entry, EntryKind},
    permalink::escape,
    web::report::{is_web_address, page_path},
};

/// Entries of a feed.
const MAX_ENTRIES: usize = 100;

/// From when on a second is over for good: `Last-Modified` has no more than seconds.
const SETTLED: Duration = Duration::from_secs(2);

/// What an alert has found
///
/// An Atom feed of its last hundred entries. Feed readers send no keys: the id in the address is the key.
#[utoipa::path(
    get, path = "/api/v1/alerts/{id}/feed.atom", tag = "alerts", operation_id = "alert_feed",
    extensions(("x-zh" = json!("订阅源（Atom）"))),
    params(AlertPath),
    responses(
        (status = 200, description = "An Atom feed (RFC 4287) with `ETag` and `Last-Modified`", content_type = "application/atom+xml", body = String,
         example = json!("<?xml version=\"1.0\" encoding=\"utf-8\"?><feed xmlns=\"http://www.w3.org/2005/Atom\"><title>法治</title></feed>")),
        (status = 304, description = "The feed is what `If-None-Match` names, or has not changed since `If-Modified-Since`"),
    ),
)]
pub(crate) async fn feed(
    State(app): State<App>,
    id: Result<Path<String>, PathRejection>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    Params::parse(query.as_deref())?.finish()?;
    let token = segment(id)?;
    let now = Timestamp::now();
    let found = app
        .with_operations(move |operations| operations.feed(&token, MAX_ENTRIES, now))
        .await?;
    let (alert, entries) = found.ok_or_else(no_alert)?;
    let modified = SystemTime::from(alert.added_at.unwrap_or(alert.created_at));
    let is_settled = SystemTime::from(now)
        .duration_since(modified)
        .is_ok_and(|age| age >= SETTLED);
    let body = to_xml(&app.service().alerts.base, &alert, &entries)
        .map_err(|error| Problem::internal(&error.into()))?;
    let etag = format!("\"{}\"", &HEXLOWER.encode(&Sha256::digest(&body))[..32]);
    let kind = [(header::CONTENT_TYPE, atom::CONTENT_TYPE)];
    let is_known = is_settled && !headers.contains_key(header::IF_NONE_MATCH) && is_since(&headers, modified);
    let mut response = with_etag(&headers, &etag, (kind, body));
    if is_known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    let mut set = |name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(name, value);
        }
    };
    // Whoever has the address may read it; those who only pass it on may not keep it.
    set(header::CACHE_CONTROL, "private, no-cache");
    if is_settled {
        set(header::LAST_MODIFIED, &httpdate::fmt_http_date(modified));
    }
    Ok(response)
}

/// Whether the client has what there was at `modified`.
fn is_since(headers: &HeaderMap, modified: SystemTime) -> bool {
    let known = headers.get(header::IF_MODIFIED_SINCE);
    let known = known.and_then(|value| httpdate::parse_http_date(value.to_str().ok()?).ok());
    // Seconds only, as the client was told.
    known.is_some_and(|known| known + Duration::from_secs(1) > modified)
}

fn to_xml(base: &str, alert: &Alert, entries: &[Entry]) -> io::Result<Vec<u8>> {
    let newest = entries.first().map_or(alert.created_at, |entry| entry.at);
    let path = format!("{base}/api/v1/alerts/{}/feed.atom", alert.token);
    atom::document(|xml| {
        text(xml, "id", &format!("urn:gongbao:{}", alert_name(alert)))?;
        text(xml, "title", &alert.name)?;
        text(xml, "updated", &ChinaMoment::from(newest).to_string())?;
        author(xml, "gongbao")?;
        text(xml, "generator", "gongbao")?;
        link(xml, "self", atom::MEDIA_TYPE, &path)?;
        link(xml, "alternate", "text/html", &format!("{base}/"))?;
        entries
            .iter()
            .try_for_each(|entry| write_entry(xml, base, alert, entry))
    })
}

fn write_entry(xml: &mut Xml, base: &str, alert: &Alert, entry: &Entry) -> io::Result<()> {
    let mark = match entry.kind() {
        EntryKind::New => "",
        EntryKind::Changed => "［有更新］",
    };
    let title = entry.title.as_deref().unwrap_or("（无标题）");
    let report = escape(&entry.report);
    let page = page_path(&entry.report);
    xml.create_element("entry")
        .write_inner_content(|xml| {
            let id = format!("urn:gongbao:{}:{report}:{}", alert_name(alert), entry.version);
            text(xml, "id", &id)?;
            text(xml, "title", &format!("{mark}{title}"))?;
            text(xml, "updated", &ChinaMoment::from(entry.at).to_string())?;
            author(xml, &entry.author)?;
            link(xml, "alternate", "text/html", &format!("{base}{page}"))?;
            if is_web_address(&entry.source) {
                link(xml, "via", "text/html", &entry.source)?;
            }
            if entry.version > 1 {
                let (from, to) = (entry.version - 1, entry.version);
                let diff = format!("{base}{page}/diff?from={from}&to={to}");
                link(xml, "related", "text/html", &diff)?;
            }
            for (scheme, term) in [
                ("urn:gongbao:report", entry.report.as_str()),
                ("urn:gongbao:kind", entry.kind().code()),
            ] {
                xml.create_element("category")
                    .with_attributes([("scheme", scheme), ("term", term)])
                    .write_empty()?;
            }
            text(xml, "summary", &entry.summary)
        })
        .map(drop)
}

/// What an alert is called in ids, which feed readers pass on: nothing that opens the feed.
fn alert_name(alert: &Alert) -> String {
    let digest = Sha256::digest(format!("feed {}", alert.token));
    format!("alert:{}", &HEXLOWER.encode(&digest)[..32])
}
