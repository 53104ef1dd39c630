//! The page of the operations, HEAD, and the document itself.

use std::collections::BTreeSet;

use axum::{
    body::Body,
    http::{Request, StatusCode},
};

use super::{Site, example_of, operations};
use crate::support::{ask, get};

#[tokio::test]
async fn every_get_is_answered_to_head_too() {
    let site = Site::new();
    let document = site.document().await;
    let described = operations(&document)
        .into_iter()
        .filter(|(_, method, _)| method == "get");
    let mut targets: Vec<String> = described
        .map(|(path, _, operation)| example_of(&path, &operation))
        .collect();
    targets.extend(
        [
            "/",
            "/api",
            "/portals",
            "/reports/a",
            "/reports/a/diff",
            "/healthz",
            "/readyz",
            "/api/v1/reports/a",
            "/api/v1/reports/a/snapshot",
            "/api/v1/reports/a/cite",
        ]
        .map(str::to_owned),
    );
    for target in targets {
        let whole = site.call("get", &target, Some("admin"), "").await;
        let head = site.call("head", &target, Some("admin"), "").await;
        assert_eq!((head.status, head.body.as_str()), (whole.status, ""), "{target}");
        for name in [
            "content-type",
            "etag",
            "content-security-policy",
            "x-content-type-options",
        ] {
            assert_eq!(head.header(name), whole.header(name), "{target}: {name}");
        }
        assert!(!head.header("x-request-id").is_empty(), "{target}");
    }
}

#[tokio::test]
async fn the_page_shows_every_operation_in_both_languages() {
    let site = Site::new();
    let document = site.document().await;
    let (zh, en) = (
        get(&site.closed, "/api").await,
        get(&site.closed, "/api?lang=en").await,
    );
    assert!(zh.body.contains("lang=\"zh-CN\"") && en.body.contains("lang=\"en\""));
    for (path, method, operation) in operations(&document) {
        let anchor = format!(
            "<h3 id=\"{}\"><code>{} {path}</code>",
            operation["operationId"].as_str().unwrap(),
            method.to_uppercase()
        );
        assert!(zh.body.contains(&anchor) && en.body.contains(&anchor), "{anchor}");
        assert!(zh.body.contains(operation["x-zh"].as_str().unwrap()), "{path}");
    }
    assert!(zh.body.contains("检索式，留空为全部报告") && en.body.contains("empty for every report"));
    assert!(
        !zh.body.contains("<script>")
            && zh
                .header("content-security-policy")
                .contains("default-src 'none'")
    );
    assert_eq!(
        get(&site.open, "/api?lang=fr").await.status,
        StatusCode::BAD_REQUEST
    );
}

#[tokio::test]
async fn the_page_tells_every_parameter_in_chinese() {
    let site = Site::new();
    let page = get(&site.open, "/api?lang=zh").await.body;
    let is_han = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
    let mut n_rows = 0;
    let mut untold = BTreeSet::new();
    for row in page.split("<tr><th scope=\"row\"><code>").skip(1) {
        let (name, rest) = row.split_once("</code>").unwrap();
        let (_, what) = rest.split_once("<td>").unwrap();
        let (what, _) = what.split_once("</td>").unwrap();
        n_rows += 1;
        if !what.contains(is_han) {
            untold.insert(format!("{name}: {what}"));
        }
    }
    assert!(n_rows > 100, "{n_rows}");
    assert!(untold.is_empty(), "{untold:#?}");
}

#[tokio::test]
async fn the_document_is_not_sent_twice() {
    let site = Site::new();
    let first = get(&site.open, "/api/v1/openapi.json").await;
    let again = Request::get("/api/v1/openapi.json")
        .header("if-none-match", first.header("etag"))
        .body(Body::empty())
        .unwrap();
    assert_eq!(ask(&site.open, again).await.status, StatusCode::NOT_MODIFIED);
}
