//! The web pages: forms that work without scripts, and text from pages that stays text.

mod compare;
mod counts;
mod paging;
mod panel;

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use serde_json::json;

use gongbao::portals::{PortalSet, SharedPortals};

use crate::support::{Data, ask, encode, get, gongbao, router_with, run};

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

#[tokio::test]
async fn what_may_be_meant_otherwise_is_told_in_chinese() {
    let data = hostile();
    let page = get(&data.router(), &format!("/?q={}", encode("正文 或 开头")))
        .await
        .body;
    assert!(
        page.contains("或 不是运算符：要检索其中任一词，请在两词之间写 OR")
            && !page.contains("is no operator"),
        "{page}"
    );
}

/// Two counties, one report each, of which one has come in two versions.
fn two_counties() -> Data {
    let text = "一、工作开展情况\n一是推进法治政府建设。二是落实行政复议。\n二、存在的问题\n法治意识不强。";
    let data = Data::with_lines(&[
        json!({"id": "a", "url": "https://a.example.gov.cn/1", "title": "常宁市2020年度法治政府建设情况报告", "text": text, "year": 2020, "region_code": "430482", "genre": "rule-of-law-report"}),
        json!({"id": "b", "url": "https://a.example.gov.cn/2", "title": "朝阳区工作情况", "text": "推进法治政府建设。", "year": 2021, "region_code": "110105"}),
    ]);
    let again = data.import(&[
        json!({"id": "a", "url": "https://a.example.gov.cn/1", "title": "常宁市2020年度法治政府建设情况报告", "text": format!("{text}\n三、下一步打算\n继续推进。"), "year": 2020, "region_code": "430482", "genre": "rule-of-law-report"}),
    ]);
    assert_eq!(again.code, Some(0), "{again:?}");
    data
}

#[tokio::test]
async fn pages_speak_the_language_that_is_asked_for() {
    let data = two_counties();
    let router = data.router();
    for target in [
        "/",
        "/trends",
        "/concordance",
        "/coverage",
        "/portals",
        "/reports/a",
        "/reports/a/diff",
        "/nothing",
    ] {
        for (accepted, given, tag, words) in [
            ("zh-CN", "", "zh-CN", "门户状况"),
            ("en-GB,en;q=0.8", "", "en", "Portals"),
            ("en", "lang=zh", "zh-CN", "门户状况"),
            ("zh-CN", "lang=en", "en", "Portals"),
        ] {
            let request = Request::get(format!("{target}?{given}"))
                .header("accept", "text/html")
                .header("accept-language", accepted)
                .body(Body::empty())
                .unwrap();
            let page = ask(&router, request).await;
            let html = format!("<html lang=\"{tag}\">");
            assert!(
                page.body.contains(&html),
                "{target} {accepted} {given}: {}",
                page.body
            );
            assert!(page.body.contains(words), "{target} {accepted} {given}");
            assert_eq!(page.header("content-language"), tag);
            assert!(page.header("vary").contains("accept-language"), "{target}");
            // A language that was asked for in the address is in every link to a page.
            let carried = page.body.contains(&format!("href=\"/coverage?{given}\""));
            assert_eq!(carried, !given.is_empty(), "{target} {given}");
        }
    }
    let wrong = get(&router, "/?lang=fr").await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn an_english_page_has_no_chinese_text_of_ours() {
    let data = two_counties();
    let router = data.router();
    for target in [
        "/?lang=en&q=year:2020&mode=loose&group=duplicates",
        "/trends?lang=en&by=county&year=2020",
        "/trends?lang=en&q=year:2020&q=genre:plan&by=genre&measure=occurrences",
        "/concordance?lang=en&sort=left&sample=5",
        "/coverage?lang=en",
        "/portals?lang=en",
        "/reports/a?lang=en&q=year:2020",
        "/reports/a/diff?lang=en",
    ] {
        let page = get(&router, target).await;
        assert_eq!(page.status, StatusCode::OK, "{target}");
        // What is marked as Chinese is of reports and divisions, or an example.
        let mut rest = page.body.as_str();
        while let Some(at) = rest.find("lang=\"zh-CN\"") {
            let open = rest[..at].rfind('<').unwrap();
            check_is_english(target, &rest[..open]);
            let element = &rest[open + 1..];
            let name: String = element.chars().take_while(char::is_ascii_alphanumeric).collect();
            let close = format!("</{name}>");
            rest = match rest[at..].find(&close) {
                Some(end) if name != "input" => &rest[at + end..],
                _ => &rest[at + rest[at..].find('>').unwrap()..],
            };
        }
        check_is_english(target, rest);
    }
}

fn check_is_english(target: &str, html: &str) {
    let known = [
        "公报",
        "常宁市2020年度法治政府建设情况报告",
        "常宁市",
        "湖南省",
        "衡阳市",
    ];
    let mut text = html.to_owned();
    for known in known {
        text = text.replace(known, "");
    }
    let chinese: String = text
        .chars()
        .filter(|c| ('\u{4e00}'..='\u{9fff}').contains(c))
        .collect();
    assert!(chinese.is_empty(), "{target}: {chinese}");
}

#[tokio::test]
async fn a_report_marks_the_hits_of_the_query_and_has_anchors() {
    let data = two_counties();
    let router = data.router();
    let search = get(&router, &format!("/?q={}", encode("复议"))).await;
    let link = "/reports/a?q=复议#p9";
    assert!(search.body.contains(link), "{link}: {}", search.body);
    let page = get(&router, &format!("/reports/a?q={}", encode("法治"))).await;
    for part in [
        "<mark id=\"hit-1\">法治</mark>",
        "<mark id=\"hit-2\">法治</mark>",
        "href=\"#hit-2\"",
        "data-hits=\"2\"",
        "id=\"s.一&#x2F;二是\"",
        "id=\"p9\"",
    ] {
        let plain = part.replace("&#x2F;", "/");
        assert!(
            page.body.contains(part) || page.body.contains(&plain),
            "{part}: {}",
            page.body
        );
    }
    // A query that cannot be read keeps nobody from reading the report.
    let wrong = get(&router, &format!("/reports/a?q={}", encode("(法治"))).await;
    assert_eq!(wrong.status, StatusCode::OK);
    assert!(!wrong.body.contains("<mark id="), "{}", wrong.body);
}

#[tokio::test]
async fn names_of_several_divisions_ask_which() {
    let data = two_counties();
    let router = data.router();
    let page = get(&router, &format!("/?q={}", encode("朝阳"))).await;
    for code in ["110105", "211300"] {
        assert!(
            page.body.contains(&format!("region={code}")),
            "{code}: {}",
            page.body
        );
    }
    // A condition of the query, and the field of a form, too.
    let page = get(&router, &format!("/?q={}", encode("region:朝阳 OR 法治"))).await;
    let link = "href=\"/?q=region%3A110105%20OR%20法治\"";
    assert!(page.body.contains(link), "{link}: {}", page.body);
    let page = get(
        &router,
        &format!("/panel?example=environment&region={}", encode("朝阳")),
    )
    .await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    let link = "href=\"/panel?example=environment&#38;region=110105\"";
    assert!(page.body.contains(link), "{link}: {}", page.body);
    for beginning in ["朝阳", "cy", "chaoyang"] {
        let json = get(&router, &format!("/suggest?q={}", encode(beginning)))
            .await
            .json();
        let found = json["suggestions"].as_array().unwrap();
        let links: Vec<_> = found.iter().filter_map(|one| one["link"].as_str()).collect();
        assert!(links.contains(&"/?region=110105"), "{beginning}: {links:?}");
    }
    let json = get(&router, &format!("/suggest?q={}&lang=en", encode("常宁市20")))
        .await
        .json();
    let title = &json["suggestions"][0];
    assert_eq!(
        (title["kind"].as_str(), title["link"].as_str()),
        (Some("title"), Some("/reports/a?lang=en"))
    );
    let json = get(&router, &format!("/suggest?q={}", encode("行政")))
        .await
        .json();
    let is_word = |one: &serde_json::Value| one["kind"] == "word" && one["text"] == "行政复议";
    assert!(
        json["suggestions"].as_array().unwrap().iter().any(is_word),
        "{json}"
    );
}

#[tokio::test]
async fn a_run_is_started_with_a_key_in_a_form() {
    let data = two_counties();
    let file = data.file(
        "portals/changning.toml",
        "id = \"changning\"\nname = \"常宁\"\nregion = \"430482\"\nseeds = [\"https://www.changning.invalid/\"]\n".as_bytes(),
    );
    let portals = PortalSet::read(file.parent().unwrap()).unwrap();
    let router = router_with(&data.dir(), SharedPortals::new(portals));
    let key = |scope: &str| {
        let made = run(gongbao(&data.dir()).args(["keys", "create", "--scope", scope]));
        made.stdout.trim().to_owned()
    };
    let post = async |body: String| {
        let request = Request::post("/portals/changning/run?lang=en")
            .header("accept", "text/html")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(body))
            .unwrap();
        ask(&router, request).await
    };
    // Who mistypes a key has the form again, on the page of the portal.
    for (wrong, status, why) in [
        (String::new(), StatusCode::UNAUTHORIZED, "not known"),
        ("gb_wrong".to_owned(), StatusCode::UNAUTHORIZED, "not known"),
        (key("read"), StatusCode::FORBIDDEN, "scope crawl"),
    ] {
        let refused = post(format!("key={wrong}")).await;
        assert_eq!(refused.status, status, "{wrong}");
        assert!(
            refused.header("www-authenticate").starts_with("Bearer"),
            "{wrong}"
        );
        for part in [
            "<html lang=\"en\">",
            "name=\"key\"",
            "href=\"/portals/changning?lang=zh\"",
            why,
        ] {
            assert!(refused.body.contains(part), "{part}: {}", refused.body);
        }
        assert!(wrong.is_empty() || !refused.body.contains(&wrong), "{wrong}");
    }
    let crawl = key("crawl");
    let started = post(format!("key={crawl}&full=1")).await;
    assert_eq!(started.status, StatusCode::SEE_OTHER, "{}", started.body);
    let place = started.header("location");
    assert_eq!(place, "/portals/changning?job=1&lang=en");
    let page = get(&router, place).await;
    assert!(
        page.body.contains("job 1") && page.body.contains("queued"),
        "{}",
        page.body
    );
    assert!(!page.body.contains(&crawl), "the key is shown nowhere");
    // Not by an address.
    let request = Request::get(format!("/portals/changning/run?key={crawl}")).body(Body::empty());
    assert_eq!(
        ask(&router, request.unwrap()).await.status,
        StatusCode::METHOD_NOT_ALLOWED
    );
}

#[tokio::test]
async fn a_page_of_hits_stays_small_and_a_report_leads_back_to_it() {
    let line = "我们的政府怎样改善营商环境和便民服务，经济社会发展改革都讲到这些服务。".repeat(6);
    let reports: Vec<_> = (0..40)
        .map(|n| {
            let text = [line.as_str(); 8].join("\n");
            let region = ["341823", "430482", "110105"][n % 3];
            json!({"id": format!("r{n}"), "url": format!("https://a.example.gov.cn/{n}"), "title": "2020年法治政府建设情况报告",
                "text": text, "year": 1980 + n, "region_code": region})
        })
        .collect();
    let data = Data::with_lines(&reports);
    let router = data.router();
    let q = encode("经济 社会 发展 改革 服务");
    let page = get(&router, &format!("/?q={q}")).await;
    assert!(page.body.contains("<strong>40</strong>"), "{}", page.body);
    assert!(page.body.len() < 60_000, "{} bytes", page.body.len());
    // A query that is long is not repeated for every value that can be chosen: a form has it once.
    let long = "我们的政府怎样改善营商环境和便民服务，政府怎样改善经济社会发展，便民服务怎样改革？";
    let asked = format!("mode=any&q={}&section=&year=2000", encode(long));
    for lang in ["zh", "en"] {
        let page = get(&router, &format!("/?{asked}&lang={lang}")).await;
        assert!(page.body.contains("<strong>1</strong>"), "{}", page.body);
        let year = "<button form=\"choose\" name=\"year\" value=\"2001\">2001</button>";
        assert!(page.body.contains(year), "{}", page.body);
        let form = format!(
            "<form id=\"choose\" action=\"/\" method=\"get\"><input type=\"hidden\" name=\"mode\" value=\"any\">\
             <input type=\"hidden\" name=\"q\" value=\"{long}\"><input type=\"hidden\" name=\"year\" value=\"2000\">\
             <input type=\"hidden\" name=\"lang\" value=\"{lang}\"></form>"
        );
        assert!(page.body.contains(&form), "{}", page.body);
        // What is chosen is taken away by a link, and a division takes the place of those around it.
        assert!(page.body.contains("class=\"on\" aria-current=\"true\">2000</a>"));
        let both = get(&router, &format!("/?{asked}&year=2001&lang={lang}")).await;
        assert!(both.body.contains("<strong>2</strong>"), "{}", both.body);
        let within = get(
            &router,
            &format!("/?{}&region=34&lang={lang}", asked.replace("2000", "2001")),
        )
        .await;
        assert!(within.body.contains("&#38;region=341800\""), "{}", within.body);
        assert!(!within.body.contains("name=\"region\" value=\"341800\""));
        let all = get(&router, &format!("/?{}&lang={lang}", asked.replace("2000", ""))).await;
        assert!(all.body.contains("<strong>40</strong>"), "{}", all.body);
        assert!(all.body.len() < 60_000, "{} bytes", all.body.len());
    }

    let kept = format!("q={q}&region=341800&sort=-year");
    let page = get(&router, &format!("/?{kept}&page=1")).await;
    let report = page
        .body
        .split('"')
        .find(|link| link.starts_with("/reports/r") && link.contains("sort="))
        .expect("a hit leads to its report");
    assert!(report.contains("经济"), "{report}");
    let report = report.replace("&#38;", "&");
    let (path, _) = report.split_once('?').unwrap();
    let report = get(&router, &format!("{path}?{kept}")).await;
    assert_eq!(report.status, StatusCode::OK);
    let back = format!("/?{kept}").replace('&', "&#38;");
    assert!(report.body.contains(&back), "{back}: {}", report.body);
    let wrong = get(&router, &format!("{path}?{kept}&colour=red")).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_query_that_is_cut_into_words_says_so_and_can_be_asked_as_written() {
    let data = two_counties();
    let router = data.router();
    let q = encode("法治复议");
    for (page, link) in [
        ("/", "/?q=%22法治复议%22"),
        ("/concordance", "/concordance?q=%22法治复议%22"),
        ("/trends", "/trends?q=%22法治复议%22&#38;q=年度"),
    ] {
        let others = if page == "/trends" { "&q=年度" } else { "" };
        let cut = get(
            &router,
            &format!("{page}?q={q}{}", others.replace("年度", &encode("年度"))),
        )
        .await;
        assert_eq!(cut.status, StatusCode::OK, "{page}");
        assert!(
            cut.body.contains("<span class=\"term\">法治</span>"),
            "{}",
            cut.body
        );
        assert!(
            cut.body.contains(&format!("<a href=\"{link}\">")),
            "{link}: {}",
            cut.body
        );
        let whole = get(&router, &format!("{page}?q={}", encode("\"法治复议\""))).await;
        assert!(!whole.body.contains("class=\"term\""), "{}", whole.body);
    }
}

#[tokio::test]
async fn a_report_without_a_title_is_known_by_its_beginning() {
    let text = "\n各县市区人民政府，各相关单位：\n现将有关事项通知如下。";
    let data = Data::with_lines(&[json!({"id": "a", "url": "https://a.example.gov.cn/1", "text": text})]);
    let router = data.router();
    let title = "（无标题）各县市区人民政府，各相关单位：";
    let search = get(&router, "/").await;
    assert!(search.body.contains(&format!(">{title}</a>")), "{}", search.body);
    let report = get(&router, "/reports/a").await;
    assert!(
        report.body.contains(&format!("<title>{title} ·")),
        "{}",
        report.body
    );
}

#[tokio::test]
async fn years_the_wrong_way_round_are_told() {
    let data = two_counties();
    let router = data.router();
    for (years, is_wrong) in [
        ("year_from=2022&year_to=2010", true),
        ("year_from=2010&year_to=2022", false),
    ] {
        let page = get(&router, &format!("/?{years}")).await;
        assert_eq!(page.body.contains("晚于截止年度"), is_wrong, "{}", page.body);
    }
}

#[tokio::test]
async fn places_are_offered_where_the_query_has_some() {
    let data = two_counties();
    let router = data.router();
    for (q, has_places) in [("法治", true), ("title:报告", false), ("year:2020", false)] {
        let page = get(&router, &format!("/?q={}", encode(q))).await;
        assert_eq!(page.status, StatusCode::OK, "{q}");
        assert_eq!(page.body.contains("href=\"/concordance?q="), has_places, "{q}");
    }
}

#[tokio::test]
async fn values_are_read_as_they_are_written_or_not_at_all() {
    let data = two_counties();
    let router = data.router();
    for (query, status) in [
        ("published_from=2024-02-27", StatusCode::OK),
        ("published_from=2024-02-27T10:00", StatusCode::BAD_REQUEST),
        ("published_from=20240227", StatusCode::BAD_REQUEST),
        (
            "published_to=2024-02-27%5BAmerica/New_York%5D",
            StatusCode::BAD_REQUEST,
        ),
        ("year=2020", StatusCode::OK),
        ("year=%2B2020", StatusCode::BAD_REQUEST),
        ("limit=5", StatusCode::OK),
        ("limit=05", StatusCode::BAD_REQUEST),
        ("limit=%2B5", StatusCode::BAD_REQUEST),
    ] {
        let answer = get(&router, &format!("/api/v1/search?{query}")).await;
        assert_eq!(answer.status, status, "{query}: {}", answer.body);
    }
    let empty = get(&router, "/api/v1/reports/a?fields=").await;
    assert_eq!(empty.status, StatusCode::OK, "an empty value counts as absent");
}
