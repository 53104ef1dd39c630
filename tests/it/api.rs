//! The HTTP API as a program sees it.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use serde_json::{Value, json};

use crate::support::{Answer, Data, ask, encode, get};

fn sample() -> Data {
    Data::with_lines(&[
        json!({"id": "a", "url": "https://a.example.gov.cn/1.html", "title": "常宁市2020年度法治政府建设情况报告",
               "text": "近年来，我市推进法治政府建设。\n一、主要成效\n全面落实“双随机、一公开”监管。\n二、存在的问题\n执法力量不足<b>。", "region_code": "430482", "year": 2020,
               "genre": "rule-of-law-report", "published": "2021-02-22"}),
        json!({"id": "b", "url": "https://a.example.gov.cn/2.html", "title": "新津县2019年政府工作报告",
               "text": "各位代表：\n现在报告工作，推行双随机 一公开。", "region_code": "510132", "year": 2019,
               "genre": "work-report", "published": "2019-01-20"}),
        json!({"id": "c", "url": "https://a.example.gov.cn/3.html", "title": "通知", "text": "各乡镇：\n请结合实际，抓好落实。", "genre": "notice"}),
    ])
}

fn ids(answer: &Answer) -> Vec<String> {
    let value = answer.json();
    let hits = value["hits"].as_array().unwrap_or_else(|| panic!("{value}"));
    let mut ids: Vec<String> = hits
        .iter()
        .map(|hit| hit["id"].as_str().unwrap().to_owned())
        .collect();
    ids.sort();
    ids
}

#[tokio::test]
async fn exact_strings_filters_and_facets() {
    let data = sample();
    let router = data.router();
    let search = |rest: String| {
        let router = router.clone();
        async move { get(&router, &format!("/api/v1/search?{rest}")).await }
    };
    let quoted = format!("q={}", encode("\"双随机、一公开\""));
    assert_eq!(ids(&search(quoted).await), ["a"]);
    // White space does not count, punctuation does.
    assert_eq!(
        ids(&search(format!("q={}", encode("“双随机一公开”"))).await),
        ["b"]
    );
    assert_eq!(ids(&search("region=43".to_owned()).await), ["a"]);
    // An old code stands for its successor, and the successor finds what is filed under the old code.
    assert_eq!(ids(&search("region=510132".to_owned()).await), ["b"]);
    assert_eq!(ids(&search("region=510118".to_owned()).await), ["b"]);
    assert_eq!(ids(&search("year_from=2020".to_owned()).await), ["a"]);

    let answer = search("facets=region,year,genre&limit=1".to_owned()).await;
    let value = answer.json();
    assert_eq!(value["total"], json!({"value": 3, "relation": "eq"}));
    assert_eq!(value["hits"].as_array().unwrap().len(), 1);
    let regions = value["facets"]["region"].as_array().unwrap();
    let of = |code: &str| {
        regions
            .iter()
            .find(|v| v["value"] == code)
            .map(|v| v["count"].as_u64().unwrap())
    };
    assert_eq!(
        (of("430000"), of("430482"), of("510118")),
        (Some(1), Some(1), Some(1))
    );
    assert_eq!(
        value["facets"]["year"].as_array().unwrap().len(),
        2,
        "nulls are left out"
    );
}

#[tokio::test]
async fn a_hit_has_all_its_fields() {
    let data = sample();
    let router = data.router();
    let answer = get(&router, &format!("/api/v1/search?q={}", encode("\"力量不足\""))).await;
    let value = answer.json();
    let hit = &value["hits"][0];
    assert!(hit.get("text").is_none() && hit.get("outline").is_none());
    assert_eq!(hit["matched_by"], json!(["exact"]));
    let highlight = &hit["highlights"][0];
    assert_eq!(highlight["field"], "text");
    assert_eq!(highlight["role"], "problems");
    let html = highlight["html"].as_str().unwrap();
    assert!(html.contains("<mark>力量不足</mark>&lt;b&gt;"), "{html}");
    // It opens the report at its paragraph.
    let place = highlight["paragraph"].as_u64().unwrap();
    let page = get(&router, &format!("/reports/{}", hit["id"].as_str().unwrap())).await;
    assert!(
        page.body.contains(&format!(" id=\"p{place}\"")),
        "{place}: {}",
        page.body
    );
    for key in ["q", "mode", "parsed", "terms", "ignored", "expanded"] {
        assert!(value["query"].get(key).is_some(), "{key}");
    }
    assert!(value["next_cursor"].is_null());
    let picked = get(&router, "/api/v1/search?fields=id,text&limit=1").await.json();
    let keys: Vec<&String> = picked["hits"][0].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["id", "text"]);
}

/// Two copies of one text, one of another year, and one about the same thing.
fn copies() -> Data {
    let body = "全市持续优化营商环境，深化行政审批制度改革，全面推行双随机监管，依法办理行政复议案件，加强行政执法监督，\
                开展法治宣传教育，健全公共法律服务体系，化解矛盾纠纷。";
    let report = |id: &str, year: i32, text: String| {
        json!({"id": id, "url": format!("https://a.example.gov.cn/{id}.html"), "title": format!("{year}年法治政府建设报告"),
               "text": text, "year": year, "genre": "rule-of-law-report"})
    };
    let other = "全市持续优化营商环境，全面推行双随机监管。深化审批改革，办理行政复议，强化执法监督，普法宣传，法律服务。";
    Data::with_lines(&[
        report("a", 2020, body.to_owned()),
        report("b", 2020, format!("{body}\n来源：办公室")),
        report("c", 2021, body.to_owned()),
        report("d", 2020, other.to_owned()),
    ])
}

#[tokio::test]
async fn duplicates_and_related_reports_are_kept_apart() {
    let data = copies();
    let router = data.router();
    let found = get(&router, "/api/v1/reports/a/similar").await.json();
    let duplicates = found["duplicates"].as_array().unwrap();
    assert_eq!(duplicates.len(), 1, "{found}");
    assert_eq!(
        (&duplicates[0]["id"], &duplicates[0]["title"]),
        (&json!("b"), &json!("2020年法治政府建设报告"))
    );
    let similarity = duplicates[0]["similarity"].as_f64().unwrap();
    assert!(similarity > 0.8 && similarity < 1.0, "{found}");
    let related: Vec<_> = found["related"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| r["id"].as_str().unwrap())
        .collect();
    assert!(
        related.contains(&"c") && related.contains(&"d") && !related.contains(&"b"),
        "{found}"
    );
    assert!(found["related"][0]["score"].as_f64().unwrap() > 0.0);
    let passage = &found["passages"][0];
    assert_eq!(
        (&passage["id"], &passage["start"], &passage["other_start"]),
        (&json!("b"), &json!(0), &json!(0))
    );
    let page = get(&router, "/reports/a").await.body;
    assert!(
        page.contains("重复报告") && page.contains("/reports/b") && page.contains("/reports/d"),
        "{page}"
    );

    let one = get(&router, "/api/v1/reports/a/similar?limit=1").await.json();
    assert_eq!(one["related"].as_array().unwrap().len(), 1);
    for (target, status, code) in [
        ("/api/v1/reports/none/similar", StatusCode::NOT_FOUND, "not_found"),
        (
            "/api/v1/reports/a/similar?limit=0",
            StatusCode::BAD_REQUEST,
            "invalid_parameter",
        ),
        (
            "/api/v1/reports/a/similar?limit=101",
            StatusCode::BAD_REQUEST,
            "invalid_parameter",
        ),
        (
            "/api/v1/reports/a/similar?depth=1",
            StatusCode::BAD_REQUEST,
            "unknown_parameter",
        ),
    ] {
        let answer = get(&router, target).await;
        assert_eq!(
            (answer.status, &answer.json()["code"]),
            (status, &json!(code)),
            "{target}"
        );
    }
}

#[tokio::test]
async fn duplicates_can_be_folded_into_one_hit() {
    let data = copies();
    let router = data.router();
    let q = encode("营商环境");
    let folded = get(
        &router,
        &format!("/api/v1/search?q={q}&group=duplicates&facets=year&sort=year&passages=1"),
    )
    .await
    .json();
    assert_eq!(folded["total"]["value"], 3);
    assert_eq!(folded["hits"][0]["id"], "a");
    assert_eq!(folded["hits"][0]["duplicates"], json!({"count": 1, "ids": ["b"]}));
    assert_eq!(folded["hits"][1]["duplicates"], json!({"count": 0, "ids": []}));
    assert_eq!(
        folded["facets"]["year"][0],
        json!({"value": "2020", "label": "2020", "count": 3})
    );
    let flat = get(&router, &format!("/api/v1/search?q={q}")).await.json();
    assert_eq!(
        (&flat["total"]["value"], &flat["hits"][0]["duplicates"]),
        (&json!(4), &json!(null))
    );
    let page = get(&router, &format!("/?q={q}&group=duplicates")).await.body;
    assert!(
        page.contains("另有 1 篇重复") && page.contains("class=\"switch\" aria-current=\"true\">合并重复"),
        "{page}"
    );
}

#[tokio::test]
async fn a_report_has_every_field_and_an_etag() {
    let data = sample();
    let router = data.router();
    let answer = get(&router, "/api/v1/reports/a").await;
    let report = answer.json();
    assert_eq!(report["province"], "湖南省");
    assert_eq!(report["city"], "衡阳市");
    assert_eq!(report["year_basis"], "given");
    assert_eq!(report["text"].as_str().unwrap().lines().count(), 5);
    assert_eq!(report["outline"][1]["role"], "problems");
    let etag = answer.header("etag").to_owned();
    let again = Request::get("/api/v1/reports/a")
        .header("if-none-match", &etag)
        .body(Body::empty())
        .unwrap();
    let again = ask(&router, again).await;
    assert_eq!(
        (again.status, again.body.as_str()),
        (StatusCode::NOT_MODIFIED, "")
    );
    let some = get(&router, "/api/v1/reports/a?fields=title,year").await;
    assert_eq!(
        some.json(),
        json!({"title": "常宁市2020年度法治政府建设情况报告", "year": 2020})
    );
    assert_ne!(some.header("etag"), etag);
    // As in a search, names stand with commas or each for itself.
    for (target, names) in [
        ("/api/v1/reports/a?fields=title&fields=year", ["title", "year"]),
        (
            "/api/v1/reports/a/versions/1?fields=title&fields=,version&fields=",
            ["title", "version"],
        ),
    ] {
        let picked = get(&router, target).await.json();
        assert!(picked.as_object().unwrap().keys().eq(names), "{target}: {picked}");
    }
    let whole = get(&router, "/api/v1/reports/a?fields=").await;
    assert_eq!(whole.header("etag"), etag);
    let wrong = get(&router, "/api/v1/reports/a?fields=title&fields=colour").await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    assert!(
        wrong.json()["detail"]
            .as_str()
            .unwrap()
            .contains("unknown field \"colour\"")
    );
    let head = Request::head("/api/v1/reports/a").body(Body::empty()).unwrap();
    let head = ask(&router, head).await;
    assert_eq!((head.status, head.body.as_str()), (StatusCode::OK, ""));
}

#[tokio::test]
async fn regions_tell_successors_and_counts() {
    let data = sample();
    let router = data.router();
    let old = get(&router, "/api/v1/regions/510132").await.json();
    assert_eq!(old["name"], "新津县");
    assert_eq!(old["level"], "county");
    assert_eq!(old["parent"], "510100");
    assert_eq!(old["current"], false);
    assert_eq!(old["successors"], json!(["510118"]));
    let province = get(&router, "/api/v1/regions/430000").await.json();
    assert_eq!(province["reports"], 1);
    assert!(
        province["children"]
            .as_array()
            .unwrap()
            .contains(&json!("430400"))
    );
    let all = get(&router, "/api/v1/regions?level=province&current=true")
        .await
        .json();
    assert_eq!(all["regions"].as_array().unwrap().len(), 34);
}

#[tokio::test]
async fn every_error_is_a_problem_document() {
    let data = sample();
    let router = data.router();
    let long = format!("/api/v1/search?q={}", "a".repeat(33 << 10));
    let too_many = format!("/api/v1/search?q={}", "a".repeat(2_049));
    let parens = format!("/api/v1/search?q={}", "(".repeat(750));
    for (target, status, code) in [
        ("/api/v1/search?colour=red", 400, "unknown_parameter"),
        ("/api/v1/search?limit=1000", 400, "invalid_parameter"),
        ("/api/v1/search?region=999999", 400, "invalid_parameter"),
        ("/api/v1/search?q=%ff", 400, "invalid_parameter"),
        ("/api/v1/search?cursor=forged", 400, "cursor_invalid"),
        ("/api/v1/reports/none", 404, "not_found"),
        ("/api/v1/reports/%2e%2e%2f%2e%2e%2fetc%2fpasswd", 404, "not_found"),
        ("/api/v1/regions/000000", 404, "not_found"),
        ("/api/v1/nothing", 404, "not_found"),
        (&long, 414, "uri_too_long"),
        (&too_many, 400, "invalid_query"),
        (&parens, 400, "invalid_query"),
    ] {
        let answer = get(&router, target).await;
        let shown: String = target.chars().take(60).collect();
        assert_eq!(answer.status.as_u16(), status, "{shown}: {}", answer.body);
        assert_eq!(
            answer.header("content-type"),
            "application/problem+json",
            "{shown}"
        );
        let problem = answer.json();
        assert_eq!(problem["code"], code, "{shown}");
        assert_eq!(problem["status"], status, "{shown}");
        for key in ["type", "title", "detail"] {
            assert!(problem[key].is_string(), "{shown}: {key}");
        }
        assert_eq!(problem["request_id"], answer.header("x-request-id"), "{shown}");
    }
    let posted = ask(
        &router,
        Request::post("/api/v1/search").body(Body::empty()).unwrap(),
    )
    .await;
    assert_eq!(posted.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(posted.header("content-type"), "application/problem+json");
    let big = Request::get("/api/v1/search")
        .header("content-length", "70000")
        .body(Body::from(vec![b'x'; 70_000]))
        .unwrap();
    assert_eq!(ask(&router, big).await.json()["code"], "payload_too_large");
}

#[tokio::test]
async fn a_wrong_query_tells_place_and_remedy() {
    let data = sample();
    let router = data.router();
    let answer = get(
        &router,
        &format!("/api/v1/search?q={}", encode("法治 AND \"没有结束")),
    )
    .await;
    let problem: Value = answer.json();
    assert_eq!(problem["code"], "invalid_query");
    assert_eq!(problem["position"], 7);
    assert!(!problem["hint"].as_str().unwrap().is_empty());
}

#[tokio::test]
async fn hostile_queries_are_refused_with_their_place() {
    let data = sample();
    let router = data.router();
    // Loads the dictionaries.
    get(
        &router,
        &format!("/api/v1/search?q={}&mode=loose", encode("法治")),
    )
    .await;
    let refused = |q: String, code: &'static str, position: Option<u64>| (q, code, position);
    for (q, code, position) in [
        refused("%00".into(), "invalid_query", Some(0)),
        refused(format!("a{}", "%00".repeat(5_000)), "invalid_query", Some(2_048)),
        refused("a".repeat(30_000), "invalid_query", Some(2_048)),
        refused("(".repeat(30_000), "invalid_query", Some(2_048)),
        refused("(".repeat(2_000), "invalid_query", Some(32)),
        refused("-".repeat(2_000), "invalid_query", Some(1_999)),
        refused("NOT%20".repeat(500), "invalid_query", Some(2_000)),
        refused("a%20OR%20".repeat(400), "invalid_query", Some(1_280)),
        refused("%22".repeat(2_047), "invalid_query", Some(2_046)),
        refused("%2Aa%2A".into(), "invalid_query", Some(0)),
        refused("a%3Fb%2Ac".into(), "invalid_query", Some(1)),
        refused("%ED%A0%80".into(), "invalid_parameter", None),
        refused("%ff".into(), "invalid_parameter", None),
        refused("a".repeat(40_000), "uri_too_long", None),
        refused("%28".repeat(20_000), "uri_too_long", None),
    ] {
        for mode in ["words", "any", "loose"] {
            let target = format!("/api/v1/search?mode={mode}&q={q}");
            let mut best = std::time::Duration::MAX;
            // The best of a few: other tests run beside this one, and code that is not optimised is slow.
            for _ in 0..5 {
                let begin = std::time::Instant::now();
                let answer = get(&router, &target).await;
                best = best.min(begin.elapsed());
                let problem = answer.json();
                assert_eq!(problem["code"], code, "{q:.40}: {problem}");
                assert_eq!(problem["position"].as_u64(), position, "{q:.40}: {problem}");
                assert_eq!(problem["hint"].is_string(), position.is_some(), "{q:.40}");
            }
            assert!(
                best < std::time::Duration::from_millis(50),
                "{q:.40} took {best:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_loose_search_tells_what_it_added() {
    let data = sample();
    let router = data.router();
    let search = async |q: &str, mode: &str| {
        let target = format!("/api/v1/search?mode={mode}&q={}", encode(q));
        get(&router, &target).await.json()
    };
    let answer = search("优化 放管服", "loose").await;
    let expanded = answer["query"]["expanded"].as_array().unwrap();
    let added = json!({"term": "放管服", "added": "放管服改革", "by": "synonym"});
    assert!(expanded.contains(&added), "{expanded:?}");
    assert!(expanded.contains(&json!({"term": "优化", "added": "優化", "by": "script"})));
    assert_eq!(answer["query"]["synonyms"].as_str().unwrap().len(), 16);
    let strict = search("优化 放管服", "words").await;
    assert_eq!(
        (&strict["query"]["expanded"], &strict["query"]["synonyms"]),
        (&json!([]), &Value::Null)
    );
    let suggestion = &search("法治 or 依法", "words").await["query"]["suggestions"][0];
    assert_eq!(suggestion["position"], 3);
    assert!(suggestion["hint"].as_str().unwrap().contains("OR"));
    let problem = get(&router, &format!("/api/v1/search?region={}", encode("朝阳")))
        .await
        .json();
    assert_eq!(problem["code"], "invalid_parameter");
    assert!(
        problem["detail"]
            .as_str()
            .unwrap()
            .contains("北京市朝阳区 110105"),
        "{problem}"
    );
}

#[tokio::test]
async fn a_cursor_walks_everything_once() {
    let lines: Vec<Value> = (0..57)
        .map(|n| json!({"id": format!("r{n:02}"), "url": format!("https://a.example.gov.cn/{n}.html"), "title": format!("报告{n}"),
                        "text": "推进法治政府建设。", "year": 2015 + n % 4}))
        .collect();
    let data = Data::with_lines(&lines);
    let router = data.router();
    for sort in ["relevance", "-year", "published"] {
        let mut seen = Vec::new();
        let mut cursor = String::new();
        loop {
            let answer = get(
                &router,
                &format!("/api/v1/search?q={}&sort={sort}&limit=10{cursor}", encode("法治")),
            )
            .await;
            let value = answer.json();
            assert_eq!(value["total"]["value"], 57);
            seen.extend(ids(&answer));
            match value["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={}", encode(next)),
                None => break,
            }
        }
        seen.sort();
        let all: Vec<String> = (0..57).map(|n| format!("r{n:02}")).collect();
        assert_eq!(seen, all, "{sort}");
    }
}

#[tokio::test]
async fn health_and_readiness() {
    let data = sample();
    let router = data.router();
    assert_eq!(get(&router, "/healthz").await.status, StatusCode::OK);
    assert_eq!(get(&router, "/readyz").await.json()["reports"], 3);
}
