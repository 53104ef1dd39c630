//! Problems that come of what happened meanwhile, not of what was asked.

use axum::http::StatusCode;
use serde_json::json;

use crate::support::{Answer, Data, encode, get};

fn told(answer: &Answer, status: StatusCode, code: &str) {
    assert_eq!(answer.status, status, "{}", answer.body);
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let problem = answer.json();
    assert_eq!(
        (&problem["code"], &problem["status"], &problem["type"]),
        (
            &json!(code),
            &json!(status.as_u16()),
            &json!(format!("urn:gongbao:problem:{code}"))
        )
    );
    assert_eq!(problem["request_id"], answer.header("x-request-id"));
    for name in ["title", "detail"] {
        assert!(
            problem[name].as_str().is_some_and(|text| !text.is_empty()),
            "{problem}"
        );
    }
}

fn three() -> Data {
    let lines: Vec<_> = (0..3)
        .map(|n| json!({"id": format!("r{n}"), "url": format!("https://a.example.gov.cn/{n}"), "text": "法治。法治。"}))
        .collect();
    Data::with_lines(&lines)
}

#[tokio::test]
async fn a_cursor_does_not_outlive_the_service_that_made_it() {
    let data = three();
    let q = encode("法治");
    for path in ["search", "concordance"] {
        let first = format!("/api/v1/{path}?q={q}&limit=1");
        let cursor = get(&data.router(), &first).await.json()["next_cursor"]
            .as_str()
            .unwrap()
            .to_owned();
        let router = data.router();
        let late = get(&router, &format!("{first}&cursor={cursor}")).await;
        told(&late, StatusCode::GONE, "cursor_expired");
        assert!(
            late.json()["detail"]
                .as_str()
                .unwrap()
                .contains("start again without it")
        );
        assert_eq!(late.header("retry-after"), "");
        assert_eq!(get(&router, &first).await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn what_cannot_be_opened_is_not_ready_and_says_when_to_ask_again() {
    let data = three();
    let router = data.router();
    assert_eq!(
        get(&router, "/api/v1/reports/r0/versions").await.status,
        StatusCode::OK
    );
    for file in ["catalog.db-wal", "catalog.db-shm"] {
        std::fs::remove_file(data.dir().join(file)).ok();
    }
    // Put in its place, as a restore does.
    let broken = data.file("data/broken", &[0x5a; 8_192]);
    std::fs::rename(broken, data.dir().join("catalog.db")).unwrap();
    let answer = get(&router, "/api/v1/reports/r0/versions").await;
    told(&answer, StatusCode::SERVICE_UNAVAILABLE, "not_ready");
    assert_eq!(answer.header("retry-after"), "2");
    // Where the catalog is on the disk is nobody's business.
    assert!(!answer.body.contains("catalog.db"), "{}", answer.body);
    // The index is there.
    assert_eq!(get(&router, "/api/v1/search").await.json()["total"]["value"], 3);
}
