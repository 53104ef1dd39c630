//! `/changes.atom`: what changes among the reports that a search finds, as an Atom feed (RFC 4287).
//!
//! Every report stands in it once, with its newest version or with the word that it was taken down. The id of an entry
//! names report, version and removal, so that a reader of feeds shows each of them once.

use std::{
    io,
    time::{Duration, Instant},
};

use axum::{
    extract::{RawQuery, State},
    http::{HeaderMap, header},
    response::Response,
};
use data_encoding::HEXLOWER;
use index::{Hit, SearchRequest, Sort};
use report::{ChinaMoment, Report, Status};
use sha2::{Digest, Sha256};

use super::{
    openapi::describe::{Filters, Query},
    params::Params,
    problem::Problem,
    search::{one_of, problem_of, read_filters},
};
use crate::{
    atom::{self, Xml, author, link, text},
    http::{App, with_etag},
    permalink::escape,
    web::report::{id_in_path, is_web_address, region_path},
};

/// How long the search may work.
const BUDGET: Duration = super::search::SEARCH_BUDGET;

/// Entries of a feed.
const MAX_ENTRIES: usize = SearchRequest::MAX_LIMIT;

/// Characters of a report's text in its summary.
const SUMMARY: usize = 200;

/// What changes among the reports that a search finds
///
/// An Atom feed of the last hundred changes: new reports, new versions, reports that were taken down.
#[utoipa::path(
    get, path = "/api/v1/changes.atom", tag = "reports", operation_id = "changes",
    extensions(("x-zh" = json!("检索结果的变动（Atom 订阅源）"))),
    params(Query, Filters),
    responses(
        (status = 200, description = "An Atom feed (RFC 4287) with an `ETag`", content_type = "application/atom+xml", body = String,
         example = json!("<?xml version=\"1.0\" encoding=\"utf-8\"?><feed xmlns=\"http://www.w3.org/2005/Atom\"><title>公报：报告的变动</title></feed>")),
        (status = 304, description = "The feed is what `If-None-Match` names"),
    ),
)]
pub(crate) async fn feed(
    State(app): State<App>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let started = Instant::now();
    let query = query.unwrap_or_default();
    let mut params = Params::parse(Some(&query))?;
    let request = SearchRequest {
        q: params.one("q")?.unwrap_or_default(),
        mode: one_of(&mut params, "mode")?.unwrap_or_default(),
        filters: read_filters(&mut params)?,
        sort: Some(Sort::ChangedDescending),
        limit: MAX_ENTRIES,
        deadline: Some(started + BUDGET),
        ..SearchRequest::default()
    };
    params.finish()?;
    let base = app.service().alerts.base.clone();
    let body = app
        .with_index(move |reader| {
            let answer = reader.search(&request, started).map_err(problem_of)?;
            let feed = Feed {
                title: match request.q.trim() {
                    "" => "公报：报告的变动".to_owned(),
                    q => format!("公报：“{q}”检索结果的变动"),
                },
                base: &base,
                query: &query,
                since: request.filters.changed_since.iter().min().copied(),
                hits: &answer.hits,
            };
            feed.to_xml().map_err(|error| Problem::internal(&error.into()))
        })
        .await?;
    let etag = format!("\"{}\"", &HEXLOWER.encode(&Sha256::digest(&body))[..32]);
    let kind = [(header::CONTENT_TYPE, atom::CONTENT_TYPE)];
    Ok(with_etag(&headers, &etag, (kind, body)))
}

struct Feed<'a> {
    title: String,
    /// What addresses of pages of ours begin with.
    base: &'a str,
    /// The query part of its address.
    query: &'a str,
    since: Option<ChinaMoment>,
    hits: &'a [Hit],
}

impl Feed<'_> {
    fn to_xml(&self) -> io::Result<Vec<u8>> {
        // Entries come by when they changed. Without one, nothing has changed since the moment that was asked for.
        let updated = self.hits.first().map(|hit| hit.report.changed_at).or(self.since);
        let updated = updated.unwrap_or_else(|| jiff::Timestamp::UNIX_EPOCH.into());
        let digest = HEXLOWER.encode(&Sha256::digest(self.query));
        let address = |path: &str| match self.query {
            "" => format!("{}{path}", self.base),
            query => format!("{}{path}?{query}", self.base),
        };
        atom::document(|xml| {
            text(xml, "id", &format!("urn:gongbao:changes:{}", &digest[..32]))?;
            text(xml, "title", &self.title)?;
            text(xml, "updated", &updated.to_string())?;
            author(xml, "gongbao")?;
            text(xml, "generator", "gongbao")?;
            link(xml, "self", atom::MEDIA_TYPE, &address("/api/v1/changes.atom"))?;
            link(xml, "alternate", "text/html", &address("/"))?;
            self.hits
                .iter()
                .try_for_each(|hit| entry(xml, self.base, &hit.report))
        })
    }
}

fn entry(xml: &mut Xml, base: &str, report: &Report) -> io::Result<()> {
    let content = &report.content;
    let is_removed = report.status == Status::Removed;
    let id = id_in_path(&report.id);
    xml.create_element("entry").write_inner_content(|xml| {
        text(xml, "id", &entry_id(report))?;
        let title = content.title.as_deref().unwrap_or("（无标题）");
        let mark = if is_removed { "［已撤下］" } else { "" };
        text(xml, "title", &format!("{mark}{title}"))?;
        text(xml, "updated", &report.changed_at.to_string())?;
        author(xml, content.issuer.as_deref().unwrap_or(&report.portal))?;
        link(xml, "alternate", "text/html", &format!("{base}/reports/{id}"))?;
        if is_web_address(&report.url) {
            link(xml, "via", "text/html", &report.url)?;
        }
        if report.version > 1 {
            let (from, to) = (report.version - 1, report.version);
            let diff = format!("{base}/reports/{id}/diff?from={from}&to={to}");
            link(xml, "related", "text/html", &diff)?;
        }
        xml.create_element("category")
            .with_attributes([("term", content.genre.code()), ("label", content.genre.label())])
            .write_empty()?;
        text(xml, "summary", &summary(report))
    })?;
    Ok(())
}

/// What a version of a report is known by among the entries of all feeds.
fn entry_id(report: &Report) -> String {
    let id = escape(report.id.as_str());
    let removed = match report.status {
        Status::Removed => ":removed",
        _ => "",
    };
    format!("urn:gongbao:report:{id}:{}{removed}", report.version)
}

/// Where, when and what in one line, and how the text begins.
fn summary(report: &Report) -> String {
    let content = &report.content;
    let state = match report.status {
        Status::Removed => "原网站已撤下".to_owned(),
        _ if report.version > 1 => format!("有更新，第 {} 版", report.version),
        _ => "新收录".to_owned(),
    };
    let about = [
        Some(state),
        Some(region_path(report)).filter(|path| !path.is_empty()),
        content.year.map(|year| format!("{year} 年度")),
        Some(content.genre.label().to_owned()),
        content.document_number.clone(),
    ];
    let about: Vec<String> = about.into_iter().flatten().collect();
    let begins: String = content.text.chars().take(SUMMARY).collect();
    format!("{}。{begins}", about.join(" · "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_query_can_break_the_feed() {
        let feed = Feed {
            title: "<&>\"\u{0}".to_owned(),
            base: "https://search.example.org/x",
            query: "q=%22&year=2020",
            since: None,
            hits: &[],
        };
        let xml = String::from_utf8(feed.to_xml().unwrap()).unwrap();
        assert!(xml.contains("<title>&lt;&amp;&gt;&quot;</title>"), "{xml}");
        assert!(
            xml.contains("href=\"https://search.example.org/x/?q=%22&amp;year=2020\""),
            "{xml}"
        );
        assert!(
            xml.contains("<updated>1970-01-01T08:00:00.000+08:00</updated>"),
            "{xml}"
        );
    }
}
