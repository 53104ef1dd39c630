//! The feed of what changed.

use axum::http::StatusCode;
use serde_json::json;

use super::changing::{NEW, TITLE, article, portal};
use crate::{
    atom::{self, Element},
    sample_portals::server::Reply,
    support::{Answer, Data, encode, get},
};

fn valid(answer: &Answer) -> Vec<Element> {
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    assert!(answer.header("content-type").starts_with("application/atom+xml"));
    let entries = atom::entries(&answer.body);
    for entry in &entries {
        assert!(entry.link("alternate").starts_with("/reports/"), "{entry:?}");
    }
    entries
}

#[tokio::test]
async fn a_feed_has_each_version_once() {
    let portal = portal();
    portal.crawl();
    let router = portal.router();
    let ids = async |query: &str| -> Vec<String> {
        let answer = get(&router, &format!("/api/v1/changes.atom{query}")).await;
        valid(&answer)
            .iter()
            .map(|entry| entry.one("id").to_owned())
            .collect()
    };
    let id = portal.id("法治政府").await;
    let entry = |rest: &str| format!("urn:gongbao:report:{id}:{rest}");
    let all = ids("").await;
    assert!(all.len() == 2 && all.contains(&entry("1")), "{all:?}");
    let q = format!(
        "?q={}&mode=exact&genre=rule-of-law-report",
        encode("行政复议案件")
    );
    assert_eq!(ids(&q).await, [entry("1")]);

    portal.set("/zwgk/1.html", article(TITLE, &NEW, "今日访问 2 次"));
    portal.crawl();
    assert_eq!(ids(&q).await, [entry("2")]);
    assert_eq!(ids("").await[0], entry("2"), "newest first");
    portal.set("/zwgk/1.html", Reply::status(404));
    portal.crawl();
    assert_eq!(ids(&q).await, [entry("2")]);
    portal.crawl();
    assert_eq!(ids(&q).await, [entry("2:removed")]);
    let none = format!("?changed_since={}", jiff::Timestamp::now());
    assert_eq!(ids(&none).await, [""; 0]);

    let answer = get(&router, "/api/v1/changes.atom").await;
    let again = axum::http::Request::get("/api/v1/changes.atom")
        .header("if-none-match", answer.header("etag"))
        .body(axum::body::Body::empty())
        .unwrap();
    let again = crate::support::ask(&router, again).await;
    assert_eq!(again.status, StatusCode::NOT_MODIFIED);
    for (query, code) in [
        ("limit=3", "unknown_parameter"),
        ("changed_since=x", "invalid_parameter"),
        ("q=%28", "invalid_query"),
    ] {
        let answer = get(&router, &format!("/api/v1/changes.atom?{query}")).await;
        assert_eq!(answer.json()["code"], code, "{query}");
    }
}

#[tokio::test]
async fn what_a_feed_says_cannot_break_it() {
    let nasty = "标题</title><script>&amp;\u{1}]]>";
    let data = Data::with_lines(&[json!({
        "id": "<x>", "url": "javascript:alert(1)", "title": nasty, "issuer": nasty, "text": nasty, "document_number": nasty,
    })]);
    let answer = get(&data.router(), "/api/v1/changes.atom").await;
    let entries = valid(&answer);
    assert_eq!(entries[0].one("title"), nasty.replace('\u{1}', ""));
    assert!(
        !answer.body.contains("<script") && !answer.body.contains("\"javascript:"),
        "{}",
        answer.body
    );
}
