//! Whole crawls of small sites on loopback.

mod attachments;
mod blocked;
mod clocks;
mod discovery;
mod engine;
mod families;
mod faults;
mod going_on;
mod invented;
mod looking;
mod lost_lists;
mod missed_pages;
mod parking;
mod polite;
mod private_addresses;
mod robots;
mod soft_errors;
mod traps;
mod twins;
mod weeks;
mod whole_portals;

use std::{
    collections::HashMap,
    path::Path,
    sync::{Mutex, atomic::AtomicUsize},
};

use report::Report;
use tempfile::TempDir;
use url::Url;

use super::*;
use crate::{
    fetch::{
        Fetcher,
        test_site::{Hit, Reply, TestSite},
    },
    lock::LockWait,
};

/// Silent, save for counting.
#[derive(Default)]
struct Quiet {
    fetched: AtomicUsize,
    stop_after: Option<(usize, CancellationToken)>,
}

impl Observer for Quiet {
    fn fetched(&self, _: &str, _: SoFar) {
        let n = self.fetched.fetch_add(1, std::sync::atomic::Ordering::AcqRel) + 1;
        if let Some((after, cancel)) = &self.stop_after
            && n >= *after
        {
            cancel.cancel();
        }
    }
    fn committed(&self) {}
    fn finished(&self, _: &PortalSummary) {}
}

fn config(sites: &[&TestSite]) -> CrawlConfig {
    CrawlConfig {
        user_agent: "gongbao/1.0 (+https://example.org/about)".to_owned(),
        contact: "mailto:ops@example.org".to_owned(),
        delay: Duration::from_millis(1),
        min_delay: Duration::from_secs(1),
        daily: None,
        hours: None,
        fetch_timeout: Duration::from_secs(5),
        retries: 1,
        max_html: 1 << 20,
        max_attachment: 1 << 20,
        concurrency: 8,
        allow_private: sites.iter().map(|site| site.host()).collect(),
        removed_after: Duration::ZERO,
        clock: Clock::system(),
    }
}

fn portal(id: &str, seed: &str, more: &str) -> Portal {
    Portal::parse(id, &format!("region = \"430482\"\nseeds = [\"{seed}\"]\n{more}")).unwrap()
}

fn open(dir: &Path) -> Store {
    let cancel = std::sync::atomic::AtomicBool::new(false);
    let wait = LockWait::Wait {
        announce: Box::new(|_| {}),
        cancel: &cancel,
    };
    Store::open(dir, crate::store::tests::no_portals(), wait, "test").unwrap()
}

async fn run(dir: &Path, portals: Vec<Portal>, config: &CrawlConfig, full: bool) -> Vec<PortalSummary> {
    let options = CrawlOptions {
        full,
        max_pages: None,
    };
    let observer = Arc::new(Quiet::default());
    let (summaries, _) = crawl(
        portals,
        options,
        config,
        open(dir),
        observer,
        CancellationToken::new(),
    )
    .await
    .unwrap();
    summaries
}

/// Crawls the portal whose seed is at `path` of the site, with an empty data directory.
async fn once(site: &TestSite, path: &str, more: &str) -> (PortalSummary, TempDir) {
    once_beside(&[], site, path, more).await
}

/// The same, where other sites are open, too.
async fn once_beside(
    others: &[&TestSite],
    site: &TestSite,
    path: &str,
    more: &str,
) -> (PortalSummary, TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let portal = portal("p", site.url(path).as_str(), more);
    let config = config(&[others, &[site]].concat());
    let summary = run(dir.path(), vec![portal], &config, false).await.remove(0);
    (summary, dir)
}

/// Crawls the portal with the seed `/list/` once more; `full` asks for everything as if it had not been there.
async fn again(dir: &Path, site: &TestSite, full: bool) -> PortalSummary {
    let portals = vec![portal("p", site.url("/list/").as_str(), "")];
    run(dir, portals, &config(&[site]), full).await.remove(0)
}

/// Crawls with a name server that says that all names are loopback.
async fn crawl_told(dir: &Path, portals: Vec<Portal>, config: &CrawlConfig) -> Vec<PortalSummary> {
    let fetcher = Fetcher::new(crate::fetch::FetchConfig {
        names: Names::Told(Arc::new(|_| vec!["127.0.0.1".parse().unwrap()])),
        ..fetch_config(config, dir)
    })
    .unwrap();
    let engine = Engine::start_with(
        fetcher,
        config,
        open(dir),
        Arc::new(Quiet::default()),
        Duration::MAX,
    )
    .await;
    let (summaries, _) = crawl_by(engine, portals, CrawlOptions::default(), CancellationToken::new())
        .await
        .unwrap();
    summaries
}

/// The report at an address, if there is one.
fn find(dir: &Path, url: &Url) -> Option<Report> {
    let store = open(dir);
    let id = store.catalog().find("p", url.as_str()).unwrap()?;
    store.catalog().report(&id).unwrap()
}

/// Paths of what could not be had, and why.
fn failed(summary: &PortalSummary) -> Vec<(String, &str)> {
    let path = |url: &str| Url::parse(url).unwrap().path().to_owned();
    let failed = summary.failed.iter();
    failed
        .map(|what| (path(&what.url), what.reason.as_str()))
        .collect()
}

fn report(title: &str) -> String {
    let paragraph = "全县各级各部门认真贯彻落实法治政府建设实施纲要，依法全面履行政府职能，健全重大行政决策程序，\
                     严格规范公正文明执法，自觉接受各方面监督，各项工作取得新的成效。";
    format!(
        "<html><head><title>{title}</title><meta name=\"ArticleTitle\" content=\"{title}\"></head><body>\
         <div class=\"nav\"><a href=\"/\">首页</a></div><h1>{title}</h1><div id=\"zoom\"><p>一、工作开展情况</p><p>{title}。\
         {paragraph}</p><p>{paragraph}</p><p>二、存在的问题</p><p>{paragraph}</p><p>三、下一步打算</p><p>{paragraph}</p></div>\
         </body></html>"
    )
}

fn title(path: &str) -> String {
    format!("某某县人民政府关于{path}号法治政府建设情况的报告")
}

fn list(paths: &[&str], more: &str) -> Reply {
    let row = |path: &&str| {
        format!(
            "<li><a href=\"{path}\">{}</a><span>2024-02-27</span></li>",
            title(path)
        )
    };
    Reply::html(&format!(
        "<html><body><ul>{}</ul>{more}</body></html>",
        paths.iter().map(row).collect::<String>()
    ))
}

/// A site with one list of three reports, and whatever `other` says.
async fn site(other: impl Fn(&Hit) -> Option<Reply> + Send + Sync + 'static) -> TestSite {
    TestSite::start(move |hit| {
        other(hit).unwrap_or_else(|| match hit.path.as_str() {
            "/list/" => list(&["/1001.html", "/1002.html", "/1003.html"], ""),
            path if path.len() == 10 => {
                Reply::html(&report(&title(path))).header("ETag", &format!("\"{path}\""))
            }
            _ => Reply::status(404),
        })
    })
    .await
}

fn counts(summary: &PortalSummary) -> (u64, u64, u64, u64, u64) {
    let ReportCounts {
        new,
        changed,
        unchanged,
        ..
    } = summary.reports;
    (summary.fetched, summary.not_modified, new, changed, unchanged)
}

#[test]
fn the_contact_stands_in_the_user_agent() {
    assert_eq!(
        with_contact(
            "gongbao/1.0 (+https://example.org/about)",
            "mailto:ops@example.org"
        ),
        "gongbao/1.0 (+https://example.org/about; mailto:ops@example.org)"
    );
    assert_eq!(
        with_contact("gongbao/1.0", "mailto:a@b"),
        "gongbao/1.0 (mailto:a@b)"
    );
    assert_eq!(with_contact("gongbao/1.0", ""), "gongbao/1.0");
}
