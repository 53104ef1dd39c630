//! The page that shows reports side by side, and the ways to it.

use axum::http::StatusCode;
use serde_json::json;

use crate::support::{Data, encode, get};

const PAYLOAD: &str = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&";

fn sample() -> Data {
    let shared = "全面推行行政执法公示制度、执法全过程记录制度";
    Data::with_lines(&[
        json!({"id": "a", "url": "https://a.example.gov.cn/1.html", "title": "甲县2020年度报告", "region_code": "430482", "year": 2020,
               "text": format!("一、主要成效\n{shared}，办理案件12件。\n二、存在的问题\n培训不足。\n三、其他事项\n无。")}),
        json!({"id": "b", "url": "https://a.example.gov.cn/2.html", "title": "乙县2021年度报告", "region_code": "430422", "year": 2021,
               "text": format!("现将情况报告如下。\n一、存在问题\n力量薄弱。\n二、取得的成效\n{shared}，办理案件305件。")}),
        json!({"id": "c/1", "url": "https://a.example.gov.cn/3.html", "title": format!("丙{PAYLOAD}"),
               "text": format!("一、{PAYLOAD}成效\n{PAYLOAD}全面推行行政执法公示制度。"), "issuer": PAYLOAD}),
    ])
}

/// The section of the page that is headed so.
fn section(page: &str, heading: &str) -> String {
    let mut found = page
        .split("<section class=\"answer\">")
        .filter(|part| part.contains(&format!(">{heading}</span>")));
    found
        .next()
        .unwrap_or_else(|| panic!("{heading}: {page}"))
        .to_owned()
}

#[tokio::test]
async fn sections_that_answer_to_each_other_stand_side_by_side() {
    let data = sample();
    let page = get(&data.router(), "/compare?id=a&id=b&lang=zh").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let body = &page.body;
    let achievements = section(body, "主要成效");
    assert_eq!(
        achievements
            .matches("<span class=\"in-all\">全面推行行政执法公示制度、执法全过程记录制度，办理案件</span>")
            .count(),
        2,
        "{achievements}"
    );
    assert!(
        achievements.contains("</span>12件。") && achievements.contains("</span>305件。"),
        "{achievements}"
    );
    assert!(
        achievements.contains("href=\"/reports/b?lang=zh#s."),
        "{achievements}"
    );
    let problems = section(body, "存在的问题");
    assert!(
        problems.contains("培训不足") && problems.contains("力量薄弱") && !problems.contains("in-all"),
        "{problems}"
    );
    let alone = section(body, "其他事项");
    assert!(alone.contains("没有对应的部分"), "{alone}");
    assert!(section(body, "开头").contains("现将情况报告如下"));
    // What is known of both, and where it differs.
    assert!(
        body.contains("class=\"differs\"><th scope=\"row\" role=\"rowheader\">报告年度</th>")
            && body.contains("</span>2020</td>")
            && body.contains("</span>2021</td></tr>"),
        "{body}"
    );
    // The address of a page of a report names it too.
    let address = encode("https://gongbao.example/reports/b?q=x");
    let same = get(
        &data.router(),
        &format!("/compare?id=a&id={address}&id=&id=&lang=zh"),
    )
    .await;
    assert_eq!(same.status, StatusCode::OK);
    assert_eq!(section(&same.body, "存在的问题"), problems);
}

#[tokio::test]
async fn what_cannot_be_compared_is_told() {
    let data = sample();
    let router = data.router();
    let empty = get(&router, "/compare").await;
    assert_eq!(empty.status, StatusCode::OK);
    assert_eq!(empty.body.matches("name=\"id\"").count(), 4);
    for (query, status, told) in [
        ("id=a", StatusCode::BAD_REQUEST, "至少要两篇"),
        ("id=a&id=a", StatusCode::BAD_REQUEST, "出现了两次"),
        (
            "id=a&id=b&id=d&id=e&id=f",
            StatusCode::BAD_REQUEST,
            "最多四篇报告，这里有 5 篇",
        ),
        ("id=a&id=none", StatusCode::NOT_FOUND, "没有编号为 none 的报告"),
        ("id=a&id=a@1", StatusCode::BAD_REQUEST, "出现了两次"),
        ("id=a&id=b@7", StatusCode::NOT_FOUND, "它没有第 7 版"),
    ] {
        let page = get(&router, &format!("/compare?{query}&lang=zh")).await;
        assert_eq!(page.status, status, "{query}");
        assert!(
            page.body.contains("role=\"alert\"") && page.body.contains(told),
            "{query}: {}",
            page.body
        );
        assert!(page.body.contains("name=\"id\" value=\"a\""), "{query}");
    }
    assert_eq!(
        get(&router, "/compare?id=a&id=b&x=1").await.status,
        StatusCode::BAD_REQUEST
    );
    let before = get(&router, "/compare?id=a&id=b&as_of=2001-01-01").await;
    assert_eq!(before.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn versions_of_one_report_stand_side_by_side() {
    let line = |text: &str| json!({"id": "a@b", "url": "https://a.example.gov.cn/1.html", "title": "甲县2020年度报告", "text": text});
    let data = Data::with_lines(&[line("一、主要成效\n办理案件十二件。")]);
    data.import(&[line("一、主要成效\n办理案件十三件。")]);
    let router = data.router();
    let diff = get(&router, "/reports/a%40b/diff?lang=zh").await.body;
    let link = "/compare?id=a%40b%401&#38;id=a%40b%402&#38;lang=zh";
    assert!(
        diff.contains(link) || diff.contains(&link.replace("&#38;", "&amp;")),
        "{diff}"
    );
    for query in ["id=a@b@1&id=a@b", "id=/reports/a%2540b/versions/1&id=a@b@2"] {
        let page = get(&router, &format!("/compare?{query}&lang=zh")).await;
        assert_eq!(page.status, StatusCode::OK, "{query}: {}", page.body);
        let body = &page.body;
        assert!(
            body.contains("十二件") && body.contains("十三件"),
            "{query}: {body}"
        );
        assert!(
            body.contains("<span class=\"role\">第 1 版</span>")
                && body.contains("<span class=\"role\">第 2 版</span>"),
            "{query}: {body}"
        );
        // The first column leads to the page as it was then.
        assert!(body.contains("/reports/a%40b?as_of="), "{query}: {body}");
    }
}

#[tokio::test]
async fn hits_and_similar_reports_lead_there() {
    let data = sample();
    let router = data.router();
    let hits = get(&router, &format!("/?q={}&lang=en", encode("行政执法")))
        .await
        .body;
    assert!(
        hits.contains("<form class=\"picked\" id=\"compare\" action=\"/compare\" method=\"get\">"),
        "{hits}"
    );
    assert!(
        hits.contains("<input type=\"checkbox\" name=\"id\" value=\"c&#x2F;1\" form=\"compare\"")
            || hits.contains("name=\"id\" value=\"c/1\" form=\"compare\""),
        "{hits}"
    );
    let one = get(&router, &format!("/?q={}", encode("培训不足"))).await.body;
    assert!(
        !one.contains("form=\"compare\""),
        "there is nothing to compare it with"
    );
    let report = get(&router, "/reports/a").await.body;
    assert!(
        report.contains("/compare?id=a&#38;id=b") || report.contains("/compare?id=a&amp;id=b"),
        "{report}"
    );
}

#[tokio::test]
async fn nothing_of_a_report_becomes_markup_beside_another() {
    let data = sample();
    let router = data.router();
    for query in [
        format!("id=a&id={}", encode("c/1")),
        format!("id={}&id=b&id=a", encode("c/1")),
        format!("id=a&id={}", encode(PAYLOAD)),
    ] {
        let body = get(&router, &format!("/compare?{query}"))
            .await
            .body
            .to_lowercase();
        let body = body.replacen("<script src=\"/assets/pages.js\" defer></script>", "", 1);
        for bad in ["<script", "<img", " style="] {
            assert!(!body.contains(bad), "{query}: {bad}: {body}");
        }
    }
}
