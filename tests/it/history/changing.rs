//! A portal that changes between two crawls.

use std::{
    collections::BTreeMap,
    fs,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use axum::{Router, http::StatusCode};
use gongbao::portals::{PortalSet, SharedPortals};
use serde_json::Value;
use tempfile::TempDir;

use crate::{
    sample_portals::server::{Reply, Site},
    support::{Answer, encode, get, gongbao, router_with, run},
};

/// A portal whose pages can be changed between two crawls.
pub(super) struct Portal {
    pub(super) site: Site,
    pub(super) pages: Pages,
    pub(super) folder: TempDir,
}

/// What stands at a path.
pub(super) type Pages = Arc<Mutex<BTreeMap<String, Reply>>>;

impl Portal {
    /// With a list of `articles`: path, title, paragraphs.
    pub(super) fn with(articles: &[(&str, &str, &[&str])]) -> Self {
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

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(super) fn data(&self) -> PathBuf {
        self.path("data")
    }

    pub(super) fn set(&self, path: &str, reply: Reply) {
        self.pages.lock().unwrap().insert(path.to_owned(), reply);
    }

    /// Crawls it once; what became of its reports.
    pub(super) fn crawl(&self) -> Value {
        let crawl = run(gongbao(&self.data())
            .arg("--config")
            .arg(self.path("gongbao.toml"))
            .args(["crawl", "--json"]));
        assert_eq!(crawl.code, Some(0), "{crawl:?}");
        crawl.json()["reports"].take()
    }

    pub(super) fn router(&self) -> Router {
        let portals = PortalSet::read(&self.path("portals")).unwrap();
        router_with(&self.data(), SharedPortals::new(portals))
    }

    /// The id of the only report whose title has these words.
    pub(super) async fn id(&self, words: &str) -> String {
        let query = format!("/api/v1/search?q={}", encode(&format!("title:{words}")));
        let found = get(&self.router(), &query).await.json();
        assert_eq!(found["total"]["value"], 1, "{found}");
        found["hits"][0]["id"].as_str().unwrap().to_owned()
    }
}

/// A page with a report in it and the furniture of a portal around it.
pub(super) fn article(title: &str, paragraphs: &[&str], counter: &str) -> Reply {
    let text: String = paragraphs.iter().map(|text| format!("<p>{text}</p>")).collect();
    Reply::html(format!(
        "<html><head><title>{title}-常宁市人民政府</title></head><body><div class=\"head\">常宁市人民政府门户网站 {counter}</div>\
         <h1>{title}</h1><div class=\"info\">发布时间：2024-01-18 来源：常宁市人民政府</div>\
         <div id=\"zoom\">{text}</div><div class=\"footer\">{counter} 主办：常宁市人民政府办公室</div></body></html>"
    ))
}

pub(super) const TITLE: &str = "常宁市2023年法治政府建设工作情况报告";
pub(super) const OLD: [&str; 4] = [
    "2023年，常宁市坚持以习近平法治思想为指导，全面推进法治政府建设，现将有关情况报告如下。",
    "一、工作开展情况",
    "全年办理行政复议案件126件，办结119件，化解行政争议43件。",
    "二、存在的问题。部分单位行政执法不够规范，执法人员培训不够经常。",
];
pub(super) const NEW: [&str; 4] = [
    OLD[0],
    OLD[1],
    "全年办理行政复议案件126件，办结121件，化解行政争议43件。",
    OLD[3],
];
pub(super) const OTHER: (&str, &str, &[&str]) = (
    "/zwgk/2.html",
    "常宁市2023年政府信息公开工作年度报告",
    &["2023年，我市认真落实政府信息公开条例，全年主动公开政府信息3126条，受理依申请公开67件，均按期答复。"],
);

pub(super) fn portal() -> Portal {
    Portal::with(&[("/zwgk/1.html", TITLE, &OLD), OTHER])
}

pub(super) fn figures(reports: &Value) -> [u64; 4] {
    ["new", "changed", "unchanged", "removed"].map(|name| reports[name].as_u64().unwrap())
}

pub(super) fn ok(answer: &Answer) -> Value {
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    answer.json()
}
