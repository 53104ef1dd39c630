//! `/reports/{id}/cite`.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::sample;
use crate::support::{encode, get};

#[tokio::test]
async fn a_report_is_cited_in_every_format() {
    let data = sample();
    let router = data.router();
    let text = get(&router, "/api/v1/reports/r006/cite").await;
    assert_eq!(text.header("content-type"), "text/plain; charset=utf-8");
    assert!(
        text.body.starts_with(
            "常宁市人民政府. 常宁市2021年法治政府建设情况报告6: 常政发〔2021〕6号[R/OL]. (2021-02-07)["
        ),
        "{}",
        text.body
    );
    assert_eq!(
        get(&router, "/api/v1/reports/r006/cite?format=gbt7714")
            .await
            .body,
        text.body
    );
    let bibtex = get(&router, "/api/v1/reports/r006/cite?format=bibtex").await;
    assert!(
        bibtex.body.starts_with("@techreport{gongbao-r006,"),
        "{}",
        bibtex.body
    );
    let ris = get(&router, "/api/v1/reports/r006/cite?format=ris").await;
    assert!(ris.body.ends_with("ER  - \r\n"), "{}", ris.body);
    let csl = get(&router, "/api/v1/reports/r006/cite?format=csl").await.json();
    assert_eq!(csl[0]["number"], "常政发〔2021〕6号");
    let copy = csl[0]["archive_location"].as_str().unwrap();
    assert_eq!(
        get(&router, copy).await.status,
        StatusCode::OK,
        "the copy is there"
    );
}

#[tokio::test]
async fn a_section_is_cited_by_its_path() {
    let data = sample();
    let router = data.router();
    let cite = async |rest: &str| get(&router, &format!("/api/v1/reports/r006/cite?{rest}")).await;
    for path in ["二/(一)", "二/（一）"] {
        let csl: Value = cite(&format!("format=csl&section={}", encode(path))).await.json();
        assert_eq!(csl[0]["section"], "二/(一) 力量不足");
        let note = csl[0]["note"].as_str().unwrap();
        let (page, anchor) = note.trim_start_matches("Section: ").split_once('#').unwrap();
        let page = get(&router, page).await.body;
        // As browsers look for it.
        let anchor = percent_encoding::percent_decode_str(anchor)
            .decode_utf8()
            .unwrap();
        assert!(
            page.contains(&format!("id=\"{anchor}\"")),
            "the anchor is on the page"
        );
    }
    let wrong = cite(&format!("section={}", encode("九"))).await;
    assert_eq!(
        (wrong.status, &wrong.json()["code"]),
        (StatusCode::BAD_REQUEST, &json!("invalid_parameter"))
    );
    assert!(wrong.json()["detail"].as_str().unwrap().contains("二/(一)"));
    assert_eq!(cite("format=mla").await.json()["code"], "invalid_parameter");
    assert_eq!(cite("style=csl").await.json()["code"], "unknown_parameter");
    assert_eq!(
        get(&router, "/api/v1/reports/none/cite").await.status,
        StatusCode::NOT_FOUND
    );
}
