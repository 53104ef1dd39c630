//! Reports over time: a portal is crawled, changed and crawled again; then its versions are asked for.

use std::{
    collections::BTreeMap,
    fs,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use axum::{Router, http::StatusCode};
use gongbao::portals::{PortalSet, SharedPortals};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    sample_portals::server::{Reply, Site},
    support::{Answer, Data, encode, get, gongbao, router_with, run},
};

/// A portal whose pages can be changed between two crawls.
struct Portal {
    site: Site,
    pages: Pages,
    folder: TempDir,
}

/// What stands at a path.
type Pages = Arc<Mutex<BTreeMap<String, Reply>>>;

impl Portal {
    /// With a list of `articles`: path, title, paragraphs.
    fn with(articles: &[(&str, &str, &[&str])]) -> Self {
        let pages = Pages::default();
        let served = Arc::clone(&pages);
        let site = Site::start(move |hit| {
            let pages = served.lock().unwrap();
            pages
                .get(hit.path())
                .cloned()
                .unwrap_or_else(|| Reply::status(404))
        });
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("portals")).unwrap();
        let portal = Self { site, pages, folder };
        let rows: String = articles
            .iter()
            .map(|(path, title, _)| format!("<li><a href=\"{path}\">{title}</a><span>2024-01-18</span></li>"))
            .collect();
        let list = format!(
            "<html><head><title>政府文件</title></head><body><ul class=\"list\">{rows}</ul></body></html>"
        );
        portal.set("/zwgk/index.html", Reply::html(list));
        for (path, title, text) in articles {
            portal.set(path, article(title, text, "今日访问 1 次"));
        }
        let host = portal.site.host();
        fs::write(
            portal.path("portals/changning.toml"),
            format!(
                "id = \"changning\"\nname = \"常宁市人民政府\"\nregion = \"430482\"\n\
                 seeds = [\"http://{host}/zwgk/index.html\"]\n[limits]\ndelay = \"10ms\"\n"
            ),
        )
        .unwrap();
        fs::write(
            portal.path("gongbao.toml"),
            format!("[crawl]\nallow_private = [{host:?}]\nretries = 0\n[recrawl]\nremoved_after = \"1ms\"\n"),
        )
        .unwrap();
        portal
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn data(&self) -> PathBuf {
        self.path("data")
    }

    fn set(&self, path: &str, reply: Reply) {
        self.pages.lock().unwrap().insert(path.to_owned(), reply);
    }

    /// Crawls it once; what became of its reports.
    fn crawl(&self) -> Value {
        let crawl = run(gongbao(&self.data())
            .arg("--config")
            .arg(self.path("gongbao.toml"))
            .args(["crawl", "--json"]));
        assert_eq!(crawl.code, Some(0), "{crawl:?}");
        crawl.json()["reports"].take()
    }

    fn router(&self) -> Router {
        let portals = PortalSet::read(&self.path("portals")).unwrap();
        router_with(&self.data(), SharedPortals::new(portals))
    }

    /// The id of the only report whose title has these words.
    async fn id(&self, words: &str) -> String {
        let query = format!("/api/v1/search?q={}", encode(&format!("title:{words}")));
        let found = get(&self.router(), &query).await.json();
        assert_eq!(found["total"]["value"], 1, "{found}");
        found["hits"][0]["id"].as_str().unwrap().to_owned()
    }
}

/// A page with a report in it and the furniture of a portal around it.
fn article(title: &str, paragraphs: &[&str], counter: &str) -> Reply {
    let text: String = paragraphs.iter().map(|text| format!("<p>{text}</p>")).collect();
    Reply::html(format!(
        "<html><head><title>{title}-常宁市人民政府</title></head><body><div class=\"head\">常宁市人民政府门户网站 {counter}</div>\
         <h1>{title}</h1><div class=\"info\">发布时间：2024-01-18 来源：常宁市人民政府</div>\
         <div id=\"zoom\">{text}</div><div class=\"footer\">{counter} 主办：常宁市人民政府办公室</div></body></html>"
    ))
}

const TITLE: &str = "常宁市2023年法治政府建设工作情况报告";
const OLD: [&str; 4] = [
    "2023年，常宁市坚持以习近平法治思想为指导，全面推进法治政府建设，现将有关情况报告如下。",
    "一、工作开展情况",
    "全年办理行政复议案件126件，办结119件，化解行政争议43件。",
    "二、存在的问题。部分单位行政执法不够规范，执法人员培训不够经常。",
];
const NEW: [&str; 4] = [
    OLD[0],
    OLD[1],
    "全年办理行政复议案件126件，办结121件，化解行政争议43件。",
    OLD[3],
];
const OTHER: (&str, &str, &[&str]) = (
    "/zwgk/2.html",
    "常宁市2023年政府信息公开工作年度报告",
    &["2023年，我市认真落实政府信息公开条例，全年主动公开政府信息3126条，受理依申请公开67件，均按期答复。"],
);

fn portal() -> Portal {
    Portal::with(&[("/zwgk/1.html", TITLE, &OLD), OTHER])
}

fn figures(reports: &Value) -> [u64; 4] {
    ["new", "changed", "unchanged", "removed"].map(|name| reports[name].as_u64().unwrap())
}

fn ok(answer: &Answer) -> Value {
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    answer.json()
}

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

/// An element of a feed: name, attributes, text, what is in it.
#[derive(Debug, Default)]
struct Element {
    name: String,
    attributes: BTreeMap<String, String>,
    text: String,
    inner: Vec<Element>,
}

impl Element {
    /// Reads XML; panics where it is not well-formed.
    fn parse(xml: &str) -> Self {
        use quick_xml::{Reader, XmlVersion, events::Event};
        let mut reader = Reader::from_str(xml);
        let mut open = vec![Self::default()];
        loop {
            match reader.read_event().unwrap() {
                event @ (Event::Start(_) | Event::Empty(_)) => {
                    let (Event::Start(tag) | Event::Empty(tag)) = &event else {
                        unreachable!()
                    };
                    let attribute = |found: Result<quick_xml::events::attributes::Attribute<'_>, _>| {
                        let found = found.unwrap();
                        let name = found.key.as_ref().to_owned();
                        let value = found.normalized_value(XmlVersion::Explicit1_0).unwrap();
                        (name, value.into_owned())
                    };
                    open.push(Self {
                        name: tag.name().as_ref().to_owned(),
                        attributes: tag.attributes().map(attribute).collect(),
                        ..Self::default()
                    });
                    if matches!(event, Event::Empty(_)) {
                        let done = open.pop().unwrap();
                        open.last_mut().unwrap().inner.push(done);
                    }
                }
                Event::End(_) => {
                    let done = open.pop().unwrap();
                    open.last_mut().unwrap().inner.push(done);
                }
                Event::Text(text) => open.last_mut().unwrap().text += &text.xml10_content(),
                Event::GeneralRef(entity) => {
                    let name = entity.xml10_content();
                    let c = match entity.resolve_char_ref().unwrap() {
                        Some(c) => c.to_string(),
                        None => quick_xml::escape::resolve_predefined_entity(&name)
                            .unwrap()
                            .to_owned(),
                    };
                    open.last_mut().unwrap().text += &c;
                }
                Event::Eof => break,
                _ => (),
            }
        }
        let [mut document] = <[Self; 1]>::try_from(open).unwrap();
        assert_eq!(document.inner.len(), 1);
        document.inner.remove(0)
    }

    fn all(&self, name: &str) -> Vec<&Self> {
        self.inner.iter().filter(|inner| inner.name == name).collect()
    }

    /// The text of the only element of a name.
    fn one(&self, name: &str) -> &str {
        let [one] = self.all(name)[..] else {
            panic!("not one {name} in {self:?}")
        };
        &one.text
    }
}

/// Asserts what RFC 4287 asks of every feed, and gives its entries.
fn valid(answer: &Answer) -> Vec<Element> {
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    assert!(answer.header("content-type").starts_with("application/atom+xml"));
    let feed = Element::parse(&answer.body);
    assert_eq!(feed.name, "feed");
    assert_eq!(feed.attributes["xmlns"], "http://www.w3.org/2005/Atom");
    let check = |element: &Element| {
        assert!(url::Url::parse(element.one("id")).is_ok(), "{element:?}");
        assert!(!element.one("title").is_empty());
        let updated: jiff::Timestamp = element.one("updated").parse().unwrap();
        for author in element.all("author") {
            assert!(!author.one("name").is_empty());
        }
        for link in element.all("link") {
            assert!(!link.attributes["href"].is_empty() && !link.attributes["rel"].is_empty());
        }
        updated
    };
    let of_feed = check(&feed);
    assert_eq!(feed.all("author").len(), 1);
    let is_self = |link: &&&Element| link.attributes["rel"] == "self";
    assert_eq!(feed.all("link").iter().filter(is_self).count(), 1);
    let entries: Vec<Element> = feed
        .inner
        .into_iter()
        .filter(|inner| inner.name == "entry")
        .collect();
    let updated: Vec<_> = entries.iter().map(check).collect();
    assert!(updated.is_sorted_by(|a, b| a >= b), "newest first: {updated:?}");
    assert!(updated.first().is_none_or(|newest| *newest == of_feed));
    for entry in &entries {
        let page = entry
            .all("link")
            .into_iter()
            .find(|link| link.attributes["rel"] == "alternate");
        assert!(
            page.unwrap().attributes["href"].starts_with("/reports/"),
            "{entry:?}"
        );
        assert!(!entry.one("summary").is_empty());
    }
    let ids: std::collections::BTreeSet<_> = entries.iter().map(|entry| entry.one("id")).collect();
    assert_eq!(ids.len(), entries.len(), "each entry has an id of its own");
    entries
}

#[tokio::test]
async fn a_feed_has_each_version_once() {
    let portal = portal();
    portal.crawl();
    let router = portal.router();
    let ids = async |query: &str| -> Vec<String> {
        let answer = get(&router, &format!("/api/v1/changes.atom{query}")).await;
        valid(&answer)
            .iter()
            .map(|entry| entry.one("id").to_owned())
            .collect()
    };
    let id = portal.id("法治政府").await;
    let entry = |rest: &str| format!("urn:gongbao:report:{id}:{rest}");
    let all = ids("").await;
    assert!(all.len() == 2 && all.contains(&entry("1")), "{all:?}");
    let q = format!(
        "?q={}&mode=exact&genre=rule-of-law-report",
        encode("行政复议案件")
    );
    assert_eq!(ids(&q).await, [entry("1")]);

    portal.set("/zwgk/1.html", article(TITLE, &NEW, "今日访问 2 次"));
    portal.crawl();
    assert_eq!(ids(&q).await, [entry("2")]);
    assert_eq!(ids("").await[0], entry("2"), "newest first");
    portal.set("/zwgk/1.html", Reply::status(404));
    portal.crawl();
    assert_eq!(ids(&q).await, [entry("2")]);
    portal.crawl();
    assert_eq!(ids(&q).await, [entry("2:removed")]);
    let none = format!("?changed_since={}", jiff::Timestamp::now());
    assert_eq!(ids(&none).await, [""; 0]);

    let answer = get(&router, "/api/v1/changes.atom").await;
    let again = axum::http::Request::get("/api/v1/changes.atom")
        .header("if-none-match", answer.header("etag"))
        .body(axum::body::Body::empty())
        .unwrap();
    let again = crate::support::ask(&router, again).await;
    assert_eq!(again.status, StatusCode::NOT_MODIFIED);
    for (query, code) in [
        ("limit=3", "unknown_parameter"),
        ("changed_since=x", "invalid_parameter"),
        ("q=%28", "invalid_query"),
    ] {
        let answer = get(&router, &format!("/api/v1/changes.atom?{query}")).await;
        assert_eq!(answer.json()["code"], code, "{query}");
    }
}

#[tokio::test]
async fn what_a_feed_says_cannot_break_it() {
    let nasty = "标题</title><script>&amp;\u{1}]]>";
    let data = Data::with_lines(&[json!({
        "id": "<x>", "url": "javascript:alert(1)", "title": nasty, "issuer": nasty, "text": nasty, "document_number": nasty,
    })]);
    let answer = get(&data.router(), "/api/v1/changes.atom").await;
    let entries = valid(&answer);
    assert_eq!(entries[0].one("title"), nasty.replace('\u{1}', ""));
    assert!(
        !answer.body.contains("<script") && !answer.body.contains("\"javascript:"),
        "{}",
        answer.body
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

#[tokio::test]
async fn coverage_tells_what_was_found_and_what_was_not() {
    let portal = portal();
    let rows = |answer: Value| answer["rows"].as_array().unwrap().clone();
    let asked = "/api/v1/coverage?genre=rule-of-law-report&year=2022&year=2023";
    let state = |row: &Value| {
        let text = |name: &str| row[name].as_str().unwrap_or("-").to_owned();
        [text("genre"), row["year"].to_string(), text("state")].join(" ")
    };
    // A crawl that was cut short proves nothing.
    let cut = run(gongbao(&portal.data())
        .arg("--config")
        .arg(portal.path("gongbao.toml"))
        .args(["crawl", "--max-pages", "2"]));
    assert_eq!(cut.code, Some(0), "{cut:?}");
    let answer = rows(ok(&get(&portal.router(), asked).await));
    let states: Vec<_> = answer.iter().map(state).collect();
    assert_eq!(states[0], "rule-of-law-report 2022 unknown", "{answer:?}");

    portal.crawl();
    let answer = rows(ok(&get(&portal.router(), asked).await));
    let states: Vec<_> = answer.iter().map(state).collect();
    assert_eq!(
        states,
        [
            "rule-of-law-report 2022 not_found",
            "rule-of-law-report 2023 published"
        ]
    );
    let id = portal.id("法治政府").await;
    assert_eq!(answer[1]["report_id"], id);
    assert_eq!(answer[1]["portal"], "changning");
    for row in &answer {
        assert_eq!(row["region_code"], "430482", "{row}");
        assert!(row["checked_at"].as_str().unwrap().ends_with("+08:00"), "{row}");
    }
    portal.set("/zwgk/1.html", Reply::status(404));
    portal.crawl();
    portal.crawl();
    let all = rows(ok(&get(&portal.router(), "/api/v1/coverage").await));
    let states: BTreeMap<_, _> = all
        .iter()
        .map(|row| (row["genre"].as_str().unwrap(), row))
        .collect();
    assert_eq!(all.len(), 6, "the annual genres, and the one year that was seen");
    for (genre, expected) in [
        ("rule-of-law-report", "removed"),
        ("open-government-report", "published"),
        ("work-report", "not_found"),
    ] {
        assert_eq!(states[genre]["state"], expected, "{all:?}");
    }
    for (query, n) in [("region=43", 6), ("region=430400&year=2023", 6), ("region=11", 0)] {
        let found = rows(ok(
            &get(&portal.router(), &format!("/api/v1/coverage?{query}")).await
        ));
        assert_eq!(found.len(), n, "{query}");
    }
    for (query, code) in [
        ("years=2020", "unknown_parameter"),
        ("year=0", "invalid_parameter"),
        ("genre=x", "invalid_parameter"),
        ("region=999999", "invalid_parameter"),
    ] {
        let answer = get(&portal.router(), &format!("/api/v1/coverage?{query}")).await;
        assert_eq!(answer.json()["code"], code, "{query}");
    }

    let coverage = |format: &str| {
        let told = run(gongbao(&portal.data())
            .arg("--config")
            .arg(portal.path("gongbao.toml"))
            .args(["coverage", "--region", "43", "--format", format]));
        assert_eq!(told.code, Some(0), "{told:?}");
        told
    };
    assert_eq!(coverage("json").json()["rows"], json!(all));
    let csv = coverage("csv").stdout;
    let line = "430482,常宁市,2023,work-report,not_found,,,changning,";
    assert!(csv.lines().count() == 7 && csv.contains(line), "{csv}");
    let table = coverage("table");
    assert!(
        table.stdout.contains("常宁市") && table.stderr.contains("1 removed"),
        "{table:?}"
    );
}

/// An answer of many pieces is one JSON document with every cell in it once.
#[tokio::test]
async fn a_long_ledger_comes_whole() {
    let data = Data::with_lines(&[json!({"id": "a", "url": "https://a.example.gov.cn/1", "text": "甲"})]);
    let counties: Vec<&report::Region> = report::divisions()
        .iter()
        .filter(|region| region.current && region.level == report::Level::County)
        .take(400)
        .collect();
    for county in &counties {
        let file = format!(
            "region = \"{0}\"\nseeds = [\"https://{0}.example.gov.cn/\"]\n",
            county.code
        );
        data.file(&format!("portals/p{}.toml", county.code), file.as_bytes());
    }
    let folder = data.dir().with_file_name("portals");
    let portals = SharedPortals::new(PortalSet::read(&folder).unwrap());
    let router = router_with(&data.dir(), portals);
    let answer = ok(&get(
        &router,
        "/api/v1/coverage?year=2023&year=2022&genre=work-report&genre=budget-report",
    )
    .await);
    let rows = answer["rows"].as_array().unwrap();
    assert_eq!(rows.len(), counties.len() * 4);
    let keys: Vec<String> = rows
        .iter()
        .map(|row| format!("{} {}", row["region_code"].as_str().unwrap(), row["year"]))
        .collect();
    assert!(keys.is_sorted());
    assert!(
        rows.iter()
            .all(|row| row["state"] == "unknown" && row["checked_at"].is_null())
    );
    let none = ok(&get(&router, "/api/v1/coverage").await);
    assert_eq!(none, json!({"rows": []}), "no year was seen");
}
