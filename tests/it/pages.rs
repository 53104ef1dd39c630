//! The web pages: forms that work without scripts, and text from pages that stays text.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use serde_json::json;

use crate::support::{Data, ask, encode, get};

const PAYLOAD: &str = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&";

fn hostile() -> Data {
    Data::with_lines(&[json!({
        "id": "<x>\"'", "url": "javascript:alert(3)", "title": format!("标题{PAYLOAD}"), "issuer": PAYLOAD, "source": PAYLOAD,
        "text": format!("一、开头{PAYLOAD}\n正文里有{PAYLOAD}\n单元格{PAYLOAD}\t2"), "document_number": PAYLOAD,
        "attachments": [{"url": "data:text/html,x", "name": PAYLOAD, "media_type": null, "bytes": null, "status": null}],
    })])
}

#[tokio::test]
async fn nothing_of_a_report_becomes_markup() {
    let data = hostile();
    let router = data.router();
    let report = format!("/reports/{}", encode("<x>\"'"));
    for target in [
        "/",
        &format!("/?q={}", encode("正文")),
        &format!("/?q={}", encode(PAYLOAD)),
        &report,
    ] {
        let answer = get(&router, target).await;
        let body = answer.body.to_lowercase();
        assert!(body.contains("<!doctype html>"), "{target}: {body}");
        // The one script there is, a file of ours.
        let body = body.replacen("<script src=\"/assets/pages.js\" defer></script>", "", 1);
        for bad in ["<script", "<img", "href=\"javascript:", "href=\"data:"] {
            assert!(!body.contains(bad), "{target} has {bad}: {body}");
        }
        let policy = answer.header("content-security-policy");
        assert!(
            policy.contains("default-src 'none'") && !policy.contains("unsafe"),
            "{policy}"
        );
        for rule in [
            "default-src 'none'",
            "script-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        ] {
            assert!(policy.contains(rule), "{rule}: {policy}");
        }
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("x-frame-options", "DENY"),
        ] {
            assert_eq!(answer.header(name), value, "{target}");
        }
        // Nothing inline, which the policy would forbid.
        assert!(!body.contains(" style=") && !body.contains("<style"), "{target}");
    }
    let json = get(
        &router,
        &format!("/api/v1/search?q={}", encode("\"正文里有<script>\"")),
    )
    .await
    .json();
    let html = json["hits"][0]["highlights"][0]["html"].as_str().unwrap();
    assert!(html.contains("<mark>正文里有&lt;script&gt;</mark>"), "{html}");
}

#[tokio::test]
async fn search_page_keeps_its_state_in_links() {
    let data = Data::with_lines(&[
        json!({"id": "a", "url": "https://a.example.gov.cn/1", "title": "甲", "text": "推进法治政府建设。", "year": 2020, "region_code": "430482"}),
        json!({"id": "b", "url": "https://a.example.gov.cn/2", "title": "乙", "text": "推进法治政府建设。", "year": 2021}),
    ]);
    let router = data.router();
    let page = get(&router, &format!("/?q={}&year=2020", encode("法治"))).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("<strong>1</strong>"), "{}", page.body);
    assert!(
        page.body.contains("name=\"year\" value=\"2020\""),
        "the form sends the filter along"
    );
    assert!(page.body.contains("/reports/a"));
    assert!(page.body.contains("<mark>法治</mark>"));
    // The year's own facet still offers the other year.
    assert!(page.body.contains("year=2021"), "{}", page.body);
    let report = get(&router, "/reports/a").await;
    assert!(
        report
            .body
            .contains("href=\"https:&#x2F;&#x2F;a.example.gov.cn&#x2F;1\"")
            || report.body.contains("href=\"https://a.example.gov.cn/1\""),
        "{}",
        report.body
    );
}

#[tokio::test]
async fn a_wrong_query_is_explained_on_the_page() {
    let data = hostile();
    let router = data.router();
    let page = get(&router, &format!("/?q={}", encode("(法治"))).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    assert!(
        page.body.contains("role=\"alert\"") && page.body.contains("value=\"(法治\""),
        "{}",
        page.body
    );
    let request = Request::get("/reports/none")
        .header("accept", "text/html")
        .body(Body::empty())
        .unwrap();
    let missing = ask(&router, request).await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    assert!(missing.header("content-type").starts_with("text/html"));
    // In the language of the site, with what the API says beside it.
    for words in ["<h1>没有找到</h1>", "lang=\"en\"", "请求编号"] {
        assert!(missing.body.contains(words), "{words}: {}", missing.body);
    }
}
