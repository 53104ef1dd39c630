//! From page to page of a list, and what becomes of links that lead to none.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use serde_json::json;

use crate::support::{Data, ask, encode, get};

#[tokio::test]
async fn pages_lead_to_the_next_and_back() {
    let lines: Vec<_> = (0..7)
        .map(|n| json!({"id": format!("r{n}"), "url": format!("https://a.example.gov.cn/{n}"), "title": format!("报告{n}"), "text": "法治"}))
        .collect();
    let data = Data::with_lines(&lines);
    let router = data.router();
    let link = |body: &str, rel: &str| {
        let end = body.find(&format!("\" rel=\"{rel}\""))?;
        let start = body[..end].rfind("href=\"")? + 6;
        Some(
            body[start..end]
                .replace("&#38;", "&")
                .replace("&amp;", "&")
                .replace("&#x2F;", "/"),
        )
    };
    let first = format!("/?q={}&limit=3", encode("法治"));
    let (mut page, mut seen) = (get(&router, &first).await, Vec::new());
    loop {
        let ids = (0..7).filter(|n| page.body.contains(&format!("/reports/r{n}?")));
        seen.push(ids.collect::<Vec<_>>());
        let Some(next) = link(&page.body, "next") else {
            break;
        };
        page = get(&router, &next).await;
        assert_eq!(page.status, StatusCode::OK, "{next}: {}", page.body);
    }
    assert_eq!(seen.iter().flatten().count(), 7, "{seen:?}");
    for before in seen[..2].iter().rev() {
        let previous = link(&page.body, "prev").unwrap();
        page = get(&router, &previous).await;
        let is_there = |n: &i32| page.body.contains(&format!("/reports/r{n}?"));
        assert!(before.iter().all(is_there), "{previous}");
    }
    assert_eq!(link(&page.body, "prev"), None);
}

#[tokio::test]
async fn a_link_to_no_page_of_a_list_leads_to_its_first_page() {
    let lines: Vec<_> = (0..3)
        .map(|n| json!({"url": format!("https://a.example.gov.cn/{n}"), "text": "法治", "year": 2020}))
        .collect();
    let data = Data::with_lines(&lines);
    let asked = format!("q={}&year=2020&limit=1", encode("法治"));
    // Cursors are good as long as the service runs that made them.
    let before = get(&data.router(), &format!("/api/v1/search?{asked}")).await;
    let expired = before.json()["next_cursor"].as_str().unwrap().to_owned();
    let router = data.router();
    let rest = "page=2&back=y";
    for path in ["/", "/concordance"] {
        for (cursor, status, zh, en) in [
            (
                "x",
                StatusCode::BAD_REQUEST,
                ["<h1>翻页链接无效</h1>", "不属于这次检索"],
                [
                    "<h1>This link leads to no page of the list</h1>",
                    "does not belong to this request",
                ],
            ),
            (
                &expired,
                StatusCode::GONE,
                ["<h1>链接已过期</h1>", "已过期，请去掉"],
                ["<h1>This link has expired</h1>", "the cursor has expired"],
            ),
        ] {
            for (lang, words, link) in [("zh", zh, "回到第一页"), ("en", en, "Back to the first page")] {
                let target = format!("{path}?{asked}&cursor={cursor}&{rest}&lang={lang}");
                let request = Request::get(&target)
                    .header("accept", "text/html")
                    .body(Body::empty())
                    .unwrap();
                let page = ask(&router, request).await;
                assert_eq!(page.status, status, "{target}");
                for words in words {
                    assert!(page.body.contains(words), "{words}: {}", page.body);
                }
                let first = format!("{path}?{asked}&lang={lang}");
                let link = format!(
                    "<a href=\"{}\">{link}</a>",
                    first.replace('&', "&#38;").replace(&encode("法治"), "法治")
                );
                assert!(page.body.contains(&link), "{link}: {}", page.body);
                assert_eq!(get(&router, &first).await.status, StatusCode::OK, "{first}");
            }
        }
    }
}
