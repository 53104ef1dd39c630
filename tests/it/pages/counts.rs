//! The pages of trends and concordance: the same state in every link, what is wrong where it is, and text that stays text.

use axum::http::StatusCode;
use serde_json::json;

use super::{PAYLOAD, hostile};
use crate::support::{Data, encode, get};

fn counties() -> Data {
    let report = |id: &str, year: i32, region: &str, text: &str| json!({"id": id, "url": format!("https://a.example.gov.cn/{id}"), "title": format!("{year}年工作情况"), "text": text, "year": year, "region_code": region, "genre": "work-report"});
    Data::with_lines(&[
        report("a", 2020, "430482", "推进法治政府建设。法治意识增强。"),
        report("b", 2021, "430424", "推进法治政府建设。"),
        report("c", 2021, "110105", "优化营商环境。"),
    ])
}

/// Whether an address stands in the markup.
fn has_link(body: &str, address: &str) -> bool {
    body.contains(&format!("\"{}\"", address.replace('&', "&#38;")))
}

#[tokio::test]
async fn pages_of_counts_keep_queries_filters_and_moment() {
    let data = counties();
    let router = data.router();
    let law = encode("法治");
    let search = get(&router, &format!("/?q={law}&region=430000&lang=en"))
        .await
        .body;
    for page in ["/trends", "/concordance"] {
        let link = format!("{page}?q=法治&region=430000&lang=en");
        assert!(has_link(&search, &link), "{link}: {search}");
    }
    let state = get(&router, "/api/v1/search").await.json()["state"]
        .as_str()
        .unwrap()
        .to_owned();
    let moment = encode(&state);
    let common = format!("as_of={moment}&lang=en");

    let trends = get(&router, &format!("/trends?q={law}&q=year%3A2021&{common}"))
        .await
        .body;
    for link in [
        format!("/api/v1/trends?q={law}&q=year%3A2021&as_of={moment}&scale=share&lang=en&format=svg"),
        format!("/api/v1/trends?q={law}&q=year%3A2021&as_of={moment}&format=csv"),
        format!("/?{common}&q=法治&year=2020"),
    ] {
        assert!(has_link(&trends, &link), "{link}: {trends}");
        if link.starts_with("/api") {
            assert_eq!(get(&router, &link).await.status, StatusCode::OK, "{link}");
        }
    }
    let provinces = get(&router, &format!("/trends?q={law}&by=province&{common}"))
        .await
        .body;
    let below = format!("/trends?q=法治&{common}&by=city&region=430000");
    assert!(has_link(&provinces, &below), "{below}: {provinces}");

    let places = get(&router, &format!("/concordance?q={law}&{common}&sort=left"))
        .await
        .body;
    assert!(places.contains("<strong>3</strong> places"), "{places}");
    for link in [
        format!("/reports/a?q={law}&as_of={moment}&lang=en#p0"),
        format!("/api/v1/concordance?q={law}&as_of={moment}&sort=left&format=csv&limit=1000"),
        format!("/?q=法治&{common}"),
        format!("/concordance?q=法治&as_of={moment}&sort=left&lang=en&region=430000"),
    ] {
        assert!(has_link(&places, &link), "{link}: {places}");
    }
}

#[tokio::test]
async fn of_several_queries_the_wrong_one_is_named() {
    let data = counties();
    let router = data.router();
    let asked = format!("q={}&q={}", encode("法治"), encode("甲 (政府"));
    let told = get(&router, &format!("/api/v1/trends?{asked}")).await;
    assert_eq!(told.status, StatusCode::BAD_REQUEST);
    let told = told.json();
    let detail = told["detail"].as_str().unwrap();
    assert!(detail.starts_with("query 2, \"甲 (政府\": "), "{told}");
    assert_eq!(told["position"], 2);
    assert_eq!(told["code"], "invalid_query");
    for (lang, which, why) in [
        ("zh", "检索词 2", "这个 ( 没有闭合"),
        ("en", "Query 2", "this ( is not closed"),
    ] {
        let page = get(&router, &format!("/trends?{asked}&lang={lang}")).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST);
        for part in [which, why, "甲 <mark>▸</mark>(政府", "role=\"alert\""] {
            assert!(page.body.contains(part), "{part}: {}", page.body);
        }
        // What was written can be mended.
        assert!(page.body.contains("value=\"甲 (政府\""), "{}", page.body);
    }
    let page = get(
        &router,
        &format!("/concordance?q={}&lang=zh", encode("year:2020")),
    )
    .await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    assert!(page.body.contains("没有可在正文中出现的字串"), "{}", page.body);
    for target in [
        "/trends?chart=line&by=genre",
        "/trends?by=colour",
        "/concordance?page=0",
        "/concordance?widht=3",
    ] {
        assert_eq!(
            get(&router, target).await.status,
            StatusCode::BAD_REQUEST,
            "{target}"
        );
    }
}

#[tokio::test]
async fn places_are_paged_and_drawn() {
    let data = Data::with_lines(&[
        json!({"id": "a", "url": "https://a.example.gov.cn/1", "text": "法治，".repeat(120)}),
    ]);
    let router = data.router();
    let law = encode("法治");
    let mut target = format!("/concordance?q={law}&limit=50");
    let mut rows = Vec::new();
    for _ in 0..5 {
        let body = get(&router, &target).await.body;
        rows.push(body.matches("class=\"line\"").count());
        let Some((before, _)) = body.split_once("\" rel=\"next\"") else {
            break;
        };
        target = before.rsplit_once("href=\"").unwrap().1.replace("&#38;", "&");
    }
    assert_eq!(rows, [50, 50, 20]);
    let drawn = get(&router, &format!("/concordance?q={law}&sample=7&seed=3&lang=zh"))
        .await
        .body;
    assert_eq!(drawn.matches("class=\"line\"").count(), 7);
    assert!(
        drawn.contains("<strong>120</strong>") && drawn.contains("随机抽取 7 处（种子 3）"),
        "{drawn}"
    );
    // As a form sends it whose sample is empty.
    let all = get(&router, &format!("/concordance?q={law}&sample=&seed=3")).await;
    assert_eq!(all.status, StatusCode::OK);
}

#[tokio::test]
async fn nothing_of_a_text_becomes_markup_in_counts() {
    let data = hostile();
    let router = data.router();
    for target in [
        format!("/trends?q={}&q={}", encode(PAYLOAD), encode("正文")),
        format!("/concordance?q={}", encode("正文里有")),
        format!("/concordance?q={}", encode("\"<script>\"")),
    ] {
        let answer = get(&router, &target).await;
        let body = answer
            .body
            .replacen("<script src=\"/assets/pages.js\" defer></script>", "", 1);
        for bad in ["<script", "<img src=x", " style=", "href=\"javascript:"] {
            assert!(!body.contains(bad), "{target} has {bad}: {body}");
        }
        assert!(
            answer
                .header("content-security-policy")
                .contains("img-src 'self'"),
            "{target}"
        );
    }
}
