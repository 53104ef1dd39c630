//! A portal made up as a table of pages, which knows what a crawl should find.

use std::collections::{BTreeMap, BTreeSet};

use url::Url;

use super::*;

/// Requests beyond reports and lists that a crawl may take: robots.txt, columns without reports, pages that turn out
/// to be none.
const SPARE: usize = 30;

/// A portal as a table of pages.
#[derive(Default)]
pub(super) struct Invented {
    pub(super) pages: BTreeMap<String, String>,
    reports: BTreeSet<String>,
    pub(super) n_lists: usize,
}

impl Invented {
    /// A page that leads to reports.
    pub(super) fn list(&mut self, path: &str, body: &str) {
        self.n_lists += 1;
        self.page(path, body);
    }

    pub(super) fn page(&mut self, path: &str, body: &str) {
        let html = format!("<html><head><title>某某县人民政府</title></head><body>{body}</body></html>");
        self.pages.insert(path.to_owned(), html);
    }

    /// A page of running text that is no report, with a link home.
    pub(super) fn text(&mut self, path: &str, title: &str) {
        let words = "本页介绍有关情况，供社会公众了解和监督，内容由有关单位提供并负责解释，如有变动以最新公布的为准。".repeat(6);
        self.page(
            path,
            &format!("<a href=\"/\">首页</a><h1>{title}</h1><div class=\"con\"><p>{words}</p></div>"),
        );
    }

    /// A report, and its row in a list.
    pub(super) fn report(&mut self, path: &str, title: &str) -> String {
        self.pages.insert(path.to_owned(), report(title));
        self.reports.insert(path.to_owned());
        format!("<li><a href=\"{path}\">{title}</a><span>2024-02-27</span></li>")
    }

    /// Rows of reports of several years below a folder.
    pub(super) fn rows(&mut self, folder: &str, what: &str, years: std::ops::Range<i32>) -> String {
        let row = |year| {
            self.report(
                &format!("{folder}t{year}0227_1.html"),
                &format!("某某县{year}年度{what}"),
            )
        };
        years.map(row).collect()
    }

    /// Crawls from the home page; the portal file names nothing else.
    pub(super) async fn crawl(self) {
        let Self {
            pages,
            reports,
            n_lists,
        } = self;
        let site = TestSite::start(move |hit| match pages.get(&hit.path) {
            Some(html) => Reply::html(html),
            None => Reply::status(404),
        })
        .await;
        let (summary, dir) = once(&site, "/", "").await;
        let mut found = BTreeSet::new();
        let store = open(dir.path());
        let each = |report: report::Report| {
            found.insert(Url::parse(&report.url).unwrap().path().to_owned());
            Ok::<(), crate::catalog::CatalogError>(())
        };
        store.catalog().for_each_report(each).unwrap();
        let asked: Vec<_> = site.hits().into_iter().map(|hit| hit.path).collect();
        let missed: Vec<_> = reports.difference(&found).collect();
        let wrong: Vec<_> = found.difference(&reports).collect();
        assert!(missed.is_empty(), "missed {missed:?} of {asked:#?}");
        assert!(wrong.is_empty(), "took {wrong:?} for reports");
        assert!(
            asked.len() <= reports.len() + n_lists + SPARE,
            "{} requests: {asked:#?}",
            asked.len()
        );
        assert_eq!(summary.reports.new, reports.len() as u64);
    }
}

/// What stands at the foot of every page.
pub(super) const FOOTER: &str = "<div class=\"foot\"><a href=\"/wzdt.html\">网站地图</a><a href=\"/lxwm.html\">联系我们</a>\
    <a href=\"/login.jsp\">用户登录</a><a href=\"/search.jsp?q=\">高级搜索</a></div>";

/// Pages that stand among columns of reports and hold none, and the links to them.
pub(super) fn look_alikes(site: &mut Invented, folder: &str) -> String {
    let mut links = String::new();
    for (path, name) in [
        ("ldzc/", "领导之窗"),
        ("jgzn/", "机构职能"),
        ("bszn/", "办事指南"),
        ("gkzn/", "政府信息公开指南"),
        ("ysqgk/", "依申请公开"),
    ] {
        site.text(&format!("{folder}{path}"), name);
        links.push_str(&format!("<li><a href=\"{folder}{path}\">{name}</a></li>"));
    }
    for (path, name) in [
        ("/wzdt.html", "网站地图"),
        ("/lxwm.html", "联系我们"),
        ("/login.jsp", "用户登录"),
    ] {
        site.text(path, name);
    }
    links
}
