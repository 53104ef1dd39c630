//! Reports over time: a portal is crawled, changed and crawled again; then its versions are asked for.

mod changing;
mod coverage;
mod feed;

use std::fs;

use axum::{Router, http::StatusCode};
use serde_json::{Value, json};

use self::changing::{NEW, OLD, OTHER, TITLE, article, figures, ok, portal};
use crate::{
    sample_portals::server::Reply,
    support::{Data, encode, get, gongbao, run},
};

#[tokio::test]
async fn another_text_or_title_is_a_version_and_another_counter_is_none() {
    let portal = portal();
    assert_eq!(figures(&portal.crawl()), [2, 0, 0, 0]);
    portal.set("/zwgk/1.html", article(TITLE, &OLD, "今日访问 2 次"));
    assert_eq!(figures(&portal.crawl()), [0, 0, 2, 0]);
    portal.set("/zwgk/1.html", article(TITLE, &NEW, "今日访问 3 次"));
    assert_eq!(figures(&portal.crawl()), [0, 1, 1, 0]);
    let titled = format!("{TITLE}（修订）");
    portal.set("/zwgk/1.html", article(&titled, &NEW, "今日访问 4 次"));
    assert_eq!(figures(&portal.crawl()), [0, 1, 1, 0]);
    let gone = Reply::status(404);
    portal.set("/zwgk/1.html", gone);
    assert_eq!(figures(&portal.crawl()), [0, 0, 1, 0], "gone once is not removed");
    assert_eq!(figures(&portal.crawl()), [0, 0, 1, 1]);
    assert_eq!(figures(&portal.crawl()), [0, 0, 1, 0], "a report is removed once");

    let router = portal.router();
    let id = portal.id("法治政府").await;
    let report = ok(&get(&router, &format!("/api/v1/reports/{id}")).await);
    assert_eq!(
        (&report["status"], &report["version"], &report["title"]),
        (&json!("removed"), &json!(3), &json!(titled)),
        "a removed report keeps its last text"
    );
    let answer = ok(&get(&router, &format!("/api/v1/reports/{id}/versions")).await);
    let versions = answer["versions"].as_array().unwrap();
    assert_eq!(versions.len(), 3);
    for (version, status) in versions.iter().zip(["live", "changed", "removed"]) {
        assert_eq!(version["status"], status, "{answer}");
        let n = &version["version"];
        let whole = ok(&get(&router, &format!("/api/v1/reports/{id}/versions/{n}")).await);
        for field in ["version", "retrieved_at", "content_hash", "status", "chars"] {
            assert_eq!(whole[field], version[field], "{field}");
        }
        assert_eq!(whole["id"], id);
    }
    let first = ok(&get(
        &router,
        &format!("/api/v1/reports/{id}/versions/1?fields=title,text"),
    )
    .await);
    assert_eq!(first["title"], TITLE);
    assert_eq!(first.as_object().unwrap().len(), 2);
    assert!(first["text"].as_str().unwrap().contains("办结119件"), "{first}");

    // The newest against the one before, then what is asked for.
    let newest = ok(&get(&router, &format!("/api/v1/reports/{id}/diff")).await);
    assert_eq!((&newest["from"], &newest["to"]), (&json!(2), &json!(3)));
    assert_eq!(
        newest["fields"],
        json!([{"field": "title", "from": TITLE, "to": titled}])
    );
    let paragraphs = newest["paragraphs"].as_array().unwrap();
    assert!(paragraphs.iter().all(|paragraph| paragraph["op"] == "equal"));
    let text = ok(&get(&router, &format!("/api/v1/reports/{id}/diff?from=1&to=2")).await);
    assert_eq!((&text["fields"], &text["coarse"]), (&json!([]), &json!(false)));
    let changed: Vec<&Value> = text["paragraphs"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|paragraph| paragraph["op"] != "equal")
        .collect();
    let [changed] = changed[..] else { panic!("{text}") };
    assert_eq!(
        (&changed["op"], &changed["from"], &changed["to"]),
        (&json!("replace"), &json!(OLD[2]), &json!(NEW[2]))
    );
    let segment = |op: &str, text: &str| json!({"op": op, "text": text});
    assert_eq!(
        changed["segments"],
        json!([
            segment("equal", "全年办理行政复议案件126件，办结"),
            segment("delete", "119"),
            segment("insert", "121"),
            segment("equal", "件，化解行政争议43件。"),
        ])
    );
}

/// What of an answer has to be the same later.
fn cited(answer: &Value) -> Value {
    let hits = answer["hits"].as_array().unwrap().iter();
    let hits: Vec<Value> = hits
        .map(|hit| {
            json!([
                hit["id"],
                hit["version"],
                hit["content_hash"],
                hit["score"],
                hit["highlights"]
            ])
        })
        .collect();
    json!([answer["state"], answer["total"], answer["facets"], hits])
}

#[tokio::test]
async fn what_was_cited_is_answered_again_after_the_portal_has_changed() {
    let portal = portal();
    portal.crawl();
    let router = portal.router();
    let queries = ["办结119件", "行政复议", "政府信息公开", "NOT 行政复议", ""]
        .map(|q| format!("q={}&facets=year,region,genre&group=duplicates", encode(q)));
    let ask = async |more: &str| {
        let mut answers = Vec::new();
        for query in &queries {
            answers.push(ok(&get(
                &portal.router(),
                &format!("/api/v1/search?{query}{more}"),
            )
            .await));
        }
        answers
    };
    let first = ask("").await;
    let state = first[0]["state"].as_str().unwrap().to_owned();
    assert_eq!(first[0]["total"]["value"], 1);
    let id = portal.id("法治政府").await;

    portal.set("/zwgk/1.html", article(TITLE, &NEW, "今日访问 2 次"));
    portal.set(
        "/zwgk/2.html",
        article("常宁市2022年工作报告", &["新写的一段。"], "今日访问 2 次"),
    );
    assert_eq!(figures(&portal.crawl()), [0, 2, 0, 0]);
    let second = ask("").await;
    assert_eq!(second[0]["total"]["value"], 0);
    let later = second[0]["state"].as_str().unwrap().to_owned();
    assert!(later > state, "{later} {state}");
    portal.set("/zwgk/1.html", article(TITLE, &OLD, "今日访问 3 次"));
    portal.crawl();
    portal.set("/zwgk/1.html", Reply::status(404));
    portal.crawl();
    portal.crawl();

    for rebuilt in [false, true] {
        if rebuilt {
            assert_eq!(
                run(gongbao(&portal.data()).args(["index", "rebuild"])).code,
                Some(0)
            );
        }
        for (answers, state) in [(&first, &state), (&second, &later)] {
            // The plus sign of the offset is often left as it is.
            for as_of in [encode(state), state.clone()] {
                let again = ask(&format!("&as_of={as_of}")).await;
                let cited_then: Vec<Value> = answers.iter().map(cited).collect();
                assert_eq!(
                    again.iter().map(cited).collect::<Vec<_>>(),
                    cited_then,
                    "rebuilt: {rebuilt}"
                );
            }
            let shell =
                run(gongbao(&portal.data()).args(["search", "办结119件", "--json", "--as-of", state]));
            assert_eq!(shell.json()["total"], answers[0]["total"], "{shell:?}");
        }
        let then = ok(&get(&router, &format!("/api/v1/reports/{id}?as_of={later}")).await);
        assert_eq!((&then["version"], &then["id"]), (&json!(2), &json!(id)));
        let verify = run(gongbao(&portal.data()).args(["index", "verify"]));
        assert_eq!(verify.code, Some(0), "{verify:?}");
    }
    // A day stands for its end, and today for all that is known so far.
    let today = jiff::Timestamp::now()
        .to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(8)))
        .date();
    let newest = ask(&format!("&as_of={today}")).await;
    assert_eq!(newest[0]["state"], ask("").await[0]["state"]);
    // The page leads to the same answer, and from there to the reports as they were.
    let page = get(
        &router,
        &format!("/?q={}&as_of={}", encode("行政复议"), encode(&later)),
    )
    .await;
    let kept = format!("name=\"as_of\" value=\"{later}\"");
    assert!(page.body.contains(&kept), "{}", page.body);
    assert!(
        page.body
            .contains(&format!("/reports/{id}?q=行政复议&#38;as_of=")),
        "{}",
        page.body
    );
    let page = get(&router, &format!("/reports/{id}?as_of={later}")).await;
    assert!(page.body.contains("办结121件"), "{}", page.body);
}

#[tokio::test]
async fn a_moment_that_cannot_be_cited_is_refused() {
    let portal = portal();
    portal.crawl();
    let router = portal.router();
    let id = portal.id("法治政府").await;
    let versions = ok(&get(&router, &format!("/api/v1/reports/{id}/versions")).await);
    let first = versions["versions"][0]["recorded_at"]
        .as_str()
        .unwrap()
        .to_owned();
    for (target, status, code, words) in [
        (
            "search?as_of=2020-01-01".to_owned(),
            400,
            "invalid_parameter",
            "the first report was recorded at 20",
        ),
        (
            "search?as_of=9999-12-31".to_owned(),
            400,
            "invalid_parameter",
            "yet to come",
        ),
        (
            "search?as_of=20200101".to_owned(),
            400,
            "invalid_parameter",
            "2024-02-27",
        ),
        (
            "search?as_of=2020-01-01&as_of=2020-01-01".to_owned(),
            400,
            "invalid_parameter",
            "more than once",
        ),
        (format!("reports/{id}?as_of=2020-01-01"), 404, "not_found", &first),
        (
            format!("reports/{id}?as_of=9999-12-31"),
            400,
            "invalid_parameter",
            "yet to come",
        ),
        (
            "reports/none?as_of=2020-01-01".to_owned(),
            404,
            "not_found",
            "none",
        ),
    ] {
        let answer = get(&router, &format!("/api/v1/{target}")).await;
        assert_eq!(answer.status.as_u16(), status, "{target}: {}", answer.body);
        let problem = answer.json();
        assert_eq!(problem["code"], code, "{target}");
        assert!(
            problem["detail"].as_str().unwrap().contains(words),
            "{target}: {problem}"
        );
    }
    let shell = run(gongbao(&portal.data()).args(["search", "", "--as-of", "2020-01-01"]));
    assert_eq!(shell.code, Some(2), "{shell:?}");
}

#[tokio::test]
async fn what_is_not_there_and_what_is_no_number_are_told_apart() {
    let portal = portal();
    portal.crawl();
    let router = portal.router();
    let id = portal.id("法治政府").await;
    for (target, status, code) in [
        ("none/versions".to_owned(), 404, "not_found"),
        ("none/diff".to_owned(), 404, "not_found"),
        ("none/snapshot".to_owned(), 404, "not_found"),
        (format!("{id}/versions/2"), 404, "not_found"),
        (format!("{id}/versions/x"), 404, "not_found"),
        (format!("{id}/versions/01"), 404, "not_found"),
        (format!("{id}/versions/1?fields=colour"), 400, "invalid_parameter"),
        (format!("{id}/versions?limit=3"), 400, "unknown_parameter"),
        (format!("{id}/diff?from=0"), 400, "invalid_parameter"),
        (format!("{id}/diff?to=-1"), 400, "invalid_parameter"),
        (format!("{id}/diff?to=2"), 404, "not_found"),
        (format!("{id}/diff?version=2"), 400, "unknown_parameter"),
        (format!("{id}/snapshot?version=9"), 404, "not_found"),
    ] {
        let answer = get(&router, &format!("/api/v1/reports/{target}")).await;
        assert_eq!(answer.status.as_u16(), status, "{target}: {}", answer.body);
        assert_eq!(answer.json()["code"], code, "{target}");
    }
    let wrong = get(&router, &format!("/api/v1/reports/{id}/diff?to=9"))
        .await
        .json();
    assert_eq!(
        wrong["detail"],
        "parameter \"to\": there is no version 9 of this report; its only version is 1"
    );
    // The first version has none before it.
    let alone = ok(&get(&router, &format!("/api/v1/reports/{id}/diff")).await);
    assert_eq!((&alone["from"], &alone["to"]), (&json!(1), &json!(1)));
    let page = get(&router, &format!("/reports/{id}")).await;
    assert!(!page.body.contains("历次版本"), "{}", page.body);
}

#[tokio::test]
async fn a_snapshot_is_the_page_as_it_was_fetched_and_never_one_of_ours() {
    let portal = portal();
    portal.crawl();
    portal.set("/zwgk/1.html", article(TITLE, &NEW, "今日访问 3 次"));
    portal.crawl();
    let router = portal.router();
    let id = portal.id("法治政府").await;
    let newest = get(&router, &format!("/api/v1/reports/{id}/snapshot")).await;
    assert_eq!(newest.status, StatusCode::OK);
    assert!(newest.body.starts_with("<html>") && newest.body.contains("办结121件"));
    assert_eq!(newest.header("content-type"), "text/plain; charset=UTF-8");
    assert_eq!(
        newest.header("x-original-content-type"),
        "text/html; charset=utf-8"
    );
    assert_eq!(newest.header("x-content-type-options"), "nosniff");
    let policy = newest.header("content-security-policy");
    assert!(
        policy.starts_with("sandbox;") && policy.contains("default-src 'none'"),
        "{policy}"
    );
    let first = get(&router, &format!("/api/v1/reports/{id}/snapshot?version=1")).await;
    assert!(first.body.contains("办结119件"), "{}", first.body);
}

#[tokio::test]
async fn a_page_shows_what_came_and_what_went() {
    let line = |text: &str, title: &str| json!({"id": "a<b", "url": "https://a.example.gov.cn/1", "title": title, "text": text});
    let data = Data::with_lines(&[line(
        "开头\n一\n二\n三\n四\n五\n六\n全年办结<b>119</b>件。\n旧段落，说的是别的事",
        "甲",
    )]);
    let again = data.import(&[line(
        "开头\n一\n二\n三\n四\n五\n六\n全年办结<b>121</b>件。\n崭新的一段",
        "乙",
    )]);
    assert_eq!(again.code, Some(0), "{again:?}");
    let router = data.router();
    let report = get(&router, "/reports/a%3Cb").await;
    assert!(
        report.body.contains("/reports/a%3Cb/diff?from=1"),
        "{}",
        report.body
    );
    let page = get(&router, "/reports/a%3Cb/diff").await;
    assert_eq!(page.status, StatusCode::OK);
    for part in [
        "<del>甲</del>",
        "<ins>乙</ins>",
        "<del>119</del><ins>121</ins>",
        "<ins>崭新的一段</ins>",
        "<del>旧段落，说的是别的事</del>",
        "未改动 5 段</summary>",
        "全年办结&#60;b&#62;",
    ] {
        assert!(page.body.contains(part), "{part}: {}", page.body);
    }
    assert!(!page.body.contains("<script>") && !page.body.contains("<b>"));
}

/// Titles of what a search finds, newest change first.
async fn changed(router: &Router, query: &str) -> Vec<String> {
    let found = ok(&get(router, &format!("/api/v1/search?sort=-changed&{query}")).await);
    let hits = found["hits"].as_array().unwrap().iter();
    hits.map(|hit| hit["title"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn what_changed_since_a_moment_is_found_to_the_millisecond() {
    let portal = portal();
    portal.crawl();
    let between = jiff::Timestamp::now();
    portal.set("/zwgk/1.html", article(TITLE, &NEW, "今日访问 2 次"));
    portal.crawl();
    let router = portal.router();
    assert_eq!(changed(&router, "").await, [TITLE, OTHER.1]);
    assert_eq!(
        changed(&router, &format!("changed_since={between}")).await,
        [TITLE]
    );
    let other = format!("changed_since={between}&q={}", encode("政府信息公开条例"));
    assert_eq!(changed(&router, &other).await, [""; 0]);

    let id = portal.id("法治政府").await;
    let report = ok(&get(&router, &format!("/api/v1/reports/{id}")).await);
    let at: jiff::Timestamp = report["changed_at"].as_str().unwrap().parse().unwrap();
    assert!(at >= between && at <= jiff::Timestamp::now(), "{report}");
    let next = at + jiff::SignedDuration::from_millis(1);
    for (since, expected) in [(at, 1), (next, 0)] {
        // As a person writes it: the offset of China, with a plus that is not encoded.
        let since = report::ChinaMoment::from(since).to_string();
        assert!(since.ends_with("+08:00"), "{since}");
        let found = changed(&router, &format!("changed_since={since}")).await;
        assert_eq!(found.len(), expected, "{since}");
        let told = run(gongbao(&portal.data()).args(["search", "--json", "--changed-since", &since]));
        assert_eq!(told.json()["total"]["value"], expected, "{told:?}");
    }
    // Taken down for good is a change too.
    let before = jiff::Timestamp::now();
    portal.set("/zwgk/2.html", Reply::status(410));
    portal.crawl();
    portal.crawl();
    assert_eq!(
        changed(&router, &format!("changed_since={before}")).await,
        [OTHER.1]
    );
    // The page keeps the moment in its form and its links.
    let page = get(&router, &format!("/?changed_since={before}")).await;
    let kept = format!("name=\"changed_since\" value=\"{before}\"");
    assert!(
        page.body.contains(&kept) && page.body.contains("以来有变动"),
        "{}",
        page.body
    );
    assert!(
        page.body.contains("type=\"application/atom+xml\""),
        "{}",
        page.body
    );
}

/// The index of an older program has another format.
#[tokio::test]
async fn an_index_of_an_older_program_is_made_anew() {
    let line = |id: &str| json!({"id": id, "url": format!("https://a.example.gov.cn/{id}"), "title": "甲", "text": "法治政府"});
    let data = Data::with_lines(&[line("a")]);
    let generation = fs::read_to_string(data.dir().join("index/CURRENT")).unwrap();
    let meta = data.dir().join("index").join(generation.trim()).join("meta.json");
    let text = fs::read_to_string(&meta).unwrap();
    let (before, after) = text.split_once("\\\"schema\\\":").unwrap();
    let after = after.trim_start_matches(|c: char| c.is_ascii_digit());
    fs::write(&meta, format!("{before}\\\"schema\\\":1{after}")).unwrap();

    let search = run(gongbao(&data.dir()).args(["search", "法治"]));
    assert_eq!(search.code, Some(1), "{search:?}");
    assert!(search.stderr.contains("schema version 1"), "{search:?}");
    let again = data.import(&[line("b")]);
    assert_eq!(again.code, Some(0), "{again:?}");
    let search = run(gongbao(&data.dir()).args(["search", "法治", "--json"]));
    assert_eq!(search.json()["total"]["value"], 2, "{search:?}");
}
