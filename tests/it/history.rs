//! Reports over time: a portal is crawled, changed and crawled again; then its versions are asked for.

use std::{
    collections::BTreeMap,
    fs,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use axum::{Router, http::StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    sample_portals::server::{Reply, Site},
    support::{Answer, Data, encode, get, gongbao, run},
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
        let reader = index::Reader::open(&self.data().join("index")).unwrap();
        gongbao::http::router(reader, &self.data())
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
        "<details><summary>未改动 5 段</summary>",
        "全年办结&#60;b&#62;",
    ] {
        assert!(page.body.contains(part), "{part}: {}", page.body);
    }
    assert!(!page.body.contains("<script") && !page.body.contains("<b>"));
}
