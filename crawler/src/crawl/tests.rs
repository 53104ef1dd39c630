use std::{
    collections::HashMap,
    path::Path,
    sync::{Mutex, atomic::AtomicUsize},
};

use tempfile::TempDir;

use super::*;
use crate::{
    fetch::test_site::{Hit, Reply, TestSite},
    lock::LockWait,
};

/// Silent, save for counting.
#[derive(Default)]
struct Quiet {
    fetched: AtomicUsize,
    stop_after: Option<(usize, CancellationToken)>,
}

impl Observer for Quiet {
    fn fetched(&self, _: &str, _: u64) {
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
        fetch_timeout: Duration::from_secs(5),
        retries: 1,
        max_html: 1 << 20,
        max_attachment: 1 << 20,
        concurrency: 8,
        allow_private: sites.iter().map(|site| site.host()).collect(),
        removed_after: Duration::ZERO,
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
    Store::open(dir, Arc::new(|_| None), wait, "test").unwrap()
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
    let dir = tempfile::tempdir().unwrap();
    let portal = portal("p", site.url(path).as_str(), more);
    let summary = run(dir.path(), vec![portal], &config(&[site]), false)
        .await
        .remove(0);
    (summary, dir)
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

#[tokio::test]
async fn a_list_becomes_reports_and_a_second_crawl_asks_whether_they_changed() {
    let edition = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&edition);
    let site = site(move |hit| {
        let edition = seen.load(std::sync::atomic::Ordering::Acquire);
        if hit.path == "/1002.html" && edition > 0 {
            return Some(
                Reply::html(&report("某某县人民政府关于修订后的法治政府建设情况的报告"))
                    .header("ETag", "\"new\""),
            );
        }
        let etag = format!("\"{}\"", hit.path);
        (hit.header("if-none-match") == Some(&etag)).then(|| Reply::status(304))
    })
    .await;
    let (first, dir) = once(&site, "/list/", "").await;
    assert_eq!(
        (first.status, counts(&first)),
        (PortalStatus::Ok, (4, 0, 3, 0, 0)),
        "{first:?}"
    );
    assert_eq!(site.hits()[0].path, "/robots.txt", "the rules come first");
    assert_eq!(site.count("/robots.txt"), 1);

    let portals = || vec![portal("p", site.url("/list/").as_str(), "")];
    let second = run(dir.path(), portals(), &config(&[&site]), false)
        .await
        .remove(0);
    assert_eq!(counts(&second), (1, 3, 0, 0, 3), "{second:?}");

    edition.store(1, std::sync::atomic::Ordering::Release);
    let third = run(dir.path(), portals(), &config(&[&site]), false)
        .await
        .remove(0);
    assert_eq!(counts(&third), (2, 2, 0, 1, 2), "{third:?}");

    let n_before = site.hits().len();
    let full = run(dir.path(), portals(), &config(&[&site]), true)
        .await
        .remove(0);
    assert_eq!(counts(&full), (4, 0, 0, 0, 3), "{full:?}");
    assert!(
        site.hits()[n_before..]
            .iter()
            .all(|hit| hit.header("if-none-match").is_none())
    );

    let store = open(dir.path());
    let id = store
        .catalog()
        .find("p", site.url("/1001.html").as_str())
        .unwrap()
        .unwrap();
    let report = store.catalog().report(&id).unwrap().unwrap();
    assert_eq!(
        report.content.title.as_deref(),
        Some(title("/1001.html").as_str())
    );
    assert_eq!(report.url, site.url("/1001.html").as_str());
}

#[tokio::test]
async fn a_home_page_leads_through_columns_and_pages_of_lists() {
    let site = site(|hit| {
        Some(match hit.path.as_str() {
            "/" => Reply::html("<a href='/zwgk/'>政务公开</a><a href='/xwzx/'>新闻</a>"),
            "/zwgk/" => {
                Reply::html("<a href='fzzf/index.html'>法治政府建设年度报告</a><a href='/zjxx/'>走进</a>")
            }
            "/zwgk/fzzf/index.html" => list(
                &["/1001.html"],
                "<script>createPageHTML(3, 0, \"index\", \"html\");</script>",
            ),
            "/zwgk/fzzf/index_1.html" => list(
                &["/1002.html"],
                "<script>createPageHTML(3, 1, 'index', 'html')</script>",
            ),
            "/zwgk/fzzf/index_2.html" => list(&["/1003.html"], ""),
            "/xwzx/" | "/zjxx/" => panic!("not a column of reports"),
            _ => return None,
        })
    })
    .await;
    let (summary, _dir) = once(&site, "/", "").await;
    assert_eq!(
        (summary.status, summary.reports.new),
        (PortalStatus::Ok, 3),
        "{summary:?}"
    );
}

#[tokio::test]
async fn requests_to_a_host_keep_the_delay() {
    let site = site(|_| None).await;
    let (summary, _dir) = once(&site, "/list/", "limits = { delay = \"60ms\" }").await;
    assert_eq!(summary.reports.new, 3);
    let hits = site.hits();
    let gaps: Vec<_> = hits.windows(2).map(|pair| pair[1].at - pair[0].at).collect();
    // A request is on its way for a moment before the site sees it.
    assert!(
        gaps.iter().all(|gap| *gap >= Duration::from_millis(55)),
        "{gaps:?}"
    );
}

#[tokio::test]
async fn faults_that_may_pass_are_tried_again_and_others_are_not() {
    let tries = Arc::new(Mutex::new(HashMap::<String, usize>::new()));
    let site = site(move |hit| {
        let n = {
            let mut tries = tries.lock().unwrap();
            let n = tries.entry(hit.path.clone()).or_default();
            *n += 1;
            *n
        };
        match hit.path.as_str() {
            "/1001.html" if n == 1 => Some(Reply::raw("")),
            "/1002.html" => Some(Reply::status(500)),
            "/1003.html" => Some(Reply::status(404)),
            _ => None,
        }
    })
    .await;
    let (summary, _dir) = once(&site, "/list/", "").await;
    assert_eq!(
        (summary.status, summary.reports.new),
        (PortalStatus::Partial, 1),
        "{summary:?}"
    );
    let failed: Vec<_> = summary
        .failed
        .iter()
        .map(|failed| failed.reason.as_str())
        .collect();
    assert_eq!(failed, ["http_500", "http_404"]);
    assert_eq!(
        (
            site.count("/1001.html"),
            site.count("/1002.html"),
            site.count("/1003.html")
        ),
        (2, 2, 1)
    );
}

#[tokio::test]
async fn every_hop_of_a_redirect_passes_the_gate() {
    let canary = TestSite::start(|_| Reply::html("secret")).await;
    let elsewhere = canary.url("/x").to_string();
    let site = site(move |hit| {
        Some(match hit.path.as_str() {
            "/list/" => list(
                &[
                    "/1001.html",
                    "/1002.html",
                    "/1003.html",
                    "/1004.html",
                    "/1005.html",
                    "/1006.html",
                ],
                "",
            ),
            "/1001.html" => Reply::redirect("/moved/1011.html"),
            "/moved/1011.html" => Reply::html(&report(&title("/moved"))),
            "/1002.html" => Reply::redirect(&elsewhere),
            "/1003.html" => Reply::redirect("file:///etc/passwd"),
            "/1004.html" => Reply::redirect("/1004.html"),
            "/1005.html" => Reply::redirect("/moved/1011.html"),
            "/1006.html" => match hit.header("cookie") {
                None => Reply::redirect("/1006.html").header("Set-Cookie", "CT6T=1; path=/"),
                Some(_) => Reply::html(&report(&title("/1006.html"))),
            },
            _ => return None,
        })
    })
    .await;
    let (summary, dir) = once(&site, "/list/", "").await;
    assert_eq!(summary.reports.new, 2, "{summary:?}");
    let failed: Vec<_> = summary
        .failed
        .iter()
        .map(|failed| failed.reason.as_str())
        .collect();
    assert_eq!(
        failed,
        ["private_address", "scheme", "redirect_loop"],
        "{summary:?}"
    );
    assert_eq!(canary.hits().len(), 0);
    let catalog = open(dir.path());
    let moved = site.url("/moved/1011.html");
    assert!(
        catalog.catalog().find("p", moved.as_str()).unwrap().is_some(),
        "the report is known by its new address"
    );
}

#[tokio::test]
async fn robots_decide_what_is_asked_for() {
    let rules = |answer: Reply| site(move |hit| (hit.path == "/robots.txt").then(|| answer.clone()));
    let some = rules(Reply::status(200).body(b"User-agent: gongbao\nDisallow: /1002\n")).await;
    let (summary, _dir) = once(&some, "/list/", "").await;
    assert_eq!(
        (summary.status, summary.reports.new, some.count("/1002.html")),
        (PortalStatus::Ok, 2, 0)
    );

    for (status, expected) in [(403, PortalStatus::Blocked), (503, PortalStatus::Failed)] {
        let closed = rules(Reply::status(status).header("Retry-After", "0")).await;
        let (summary, _dir) = once(&closed, "/list/", "").await;
        assert_eq!(summary.status, expected, "{summary:?}");
        assert!(summary.reason.unwrap().starts_with("robots_"));
        assert!(closed.hits().iter().all(|hit| hit.path == "/robots.txt"));
    }
}

#[tokio::test]
async fn a_host_that_asks_for_time_gets_it() {
    let asked = AtomicUsize::new(0);
    let site = site(move |hit| {
        let is_first =
            hit.path == "/1002.html" && asked.fetch_add(1, std::sync::atomic::Ordering::AcqRel) == 0;
        is_first.then(|| Reply::status(429).header("Retry-After", "1"))
    })
    .await;
    let (summary, _dir) = once(&site, "/list/", "").await;
    assert_eq!(
        (summary.status, summary.reports.new),
        (PortalStatus::Ok, 3),
        "{summary:?}"
    );
    let hits = site.hits();
    let asked = hits.iter().position(|hit| hit.path == "/1002.html").unwrap();
    assert!(
        hits[asked + 1].at - hits[asked].at >= Duration::from_millis(990),
        "the whole host is left alone"
    );
}

#[tokio::test]
async fn a_site_map_leads_to_reports_and_through_its_index() {
    let site = site(|hit| {
        let map = |kind: &str, entry: &str, paths: &[&str]| {
            let host = hit.header("host").unwrap_or_default();
            let locs = paths
                .iter()
                .map(|path| format!("<{entry}><loc>http://{host}{path}</loc></{entry}>"));
            let body = format!(
                "<?xml version=\"1.0\"?><{kind}>{}</{kind}>",
                locs.collect::<String>()
            );
            Reply::status(200)
                .header("Content-Type", "application/xml")
                .body(body.as_bytes())
        };
        Some(match hit.path.as_str() {
            "/sitemap.xml" => map("sitemapindex", "sitemap", &["/one.xml", "/two.xml"]),
            "/one.xml" => map("urlset", "url", &["/1001.html", "/1002.html"]),
            "/two.xml" => map("urlset", "url", &["/1002.html", "/1003.html", "/x.pdf"]),
            "/wrong.html" => Reply::html("<p>no map</p>"),
            _ => return None,
        })
    })
    .await;
    let (summary, _dir) = once(&site, "/sitemap.xml", "family = \"sitemap\"").await;
    assert_eq!(
        (summary.status, summary.reports.new, summary.fetched),
        (PortalStatus::Ok, 3, 6),
        "{summary:?}"
    );
    let (summary, _dir) = once(&site, "/wrong.html", "family = \"sitemap\"").await;
    assert_eq!(
        (summary.status, summary.reason.as_deref()),
        (PortalStatus::Failed, Some("not_a_sitemap"))
    );
}

#[tokio::test]
async fn hosts_that_the_portal_file_adds_are_visited_side_by_side() {
    let other = site(|_| None).await;
    let there = other.url("/1009.html").to_string();
    let site = site(move |hit| (hit.path == "/list/").then(|| list(&["/1001.html", &there], ""))).await;
    let dir = tempfile::tempdir().unwrap();
    let more = format!("allow = [\"http://{}/\"]", other.host());
    let portal = portal("p", site.url("/list/").as_str(), &more);
    let summary = run(dir.path(), vec![portal], &config(&[&site, &other]), false)
        .await
        .remove(0);
    assert_eq!(
        (summary.status, summary.reports.new),
        (PortalStatus::Ok, 2),
        "{summary:?}"
    );
    assert_eq!(
        other.hits()[0].path,
        "/robots.txt",
        "each host has rules of its own"
    );
}

#[tokio::test]
async fn a_page_in_place_of_a_column_may_be_the_report_itself() {
    let site = site(|hit| match hit.path.as_str() {
        "/" => Some(Reply::html("<a href='/gzbg.html'>政府工作报告</a>")),
        "/gzbg.html" => Some(Reply::html(&report("某某县2024年政府工作报告"))),
        _ => None,
    })
    .await;
    let (summary, dir) = once(&site, "/", "").await;
    assert_eq!(
        (summary.status, summary.reports.new),
        (PortalStatus::Ok, 1),
        "{summary:?}"
    );
    let found = open(dir.path())
        .catalog()
        .find("p", site.url("/gzbg.html").as_str())
        .unwrap();
    assert!(found.is_some());
}

#[tokio::test]
async fn a_portal_that_shuts_us_out_is_left_alone() {
    let site = site(|hit| {
        (hit.path == "/1002.html")
            .then(|| Reply::status(521).body(b"<script>document.cookie='__jsl_clearance_s'</script>"))
    })
    .await;
    let (summary, dir) = once(&site, "/list/", "").await;
    assert_eq!(summary.status, PortalStatus::Blocked);
    assert!(summary.reason.unwrap().starts_with("jsl"));
    assert_eq!(site.count("/1003.html"), 0);
    let store = open(dir.path());
    let id = store
        .catalog()
        .find("p", site.url("/1001.html").as_str())
        .unwrap()
        .unwrap();
    assert_eq!(
        store.catalog().report(&id).unwrap().unwrap().status,
        report::Status::Blocked
    );
}

#[tokio::test]
async fn an_endless_list_ends_when_it_brings_nothing_new() {
    let site = site(|hit| {
        let page: usize = hit
            .path
            .strip_prefix("/list.html?page=")
            .map_or(Some(0), |page| page.parse().ok())?;
        hit.path.starts_with("/list.html").then(|| {
            list(
                &["/1001.html", "/1002.html"],
                &format!("<a href='/list.html?page={}'>下一页</a>", page + 1),
            )
        })
    })
    .await;
    let (summary, _dir) = once(&site, "/list.html", "").await;
    assert_eq!(
        (summary.status, summary.reports.new),
        (PortalStatus::Ok, 2),
        "{summary:?}"
    );
    assert!(site.hits().len() <= 7, "{}", site.hits().len());
}

#[tokio::test]
async fn a_crawl_that_was_stopped_goes_on_where_it_was() {
    let site = site(|_| None).await;
    let dir = tempfile::tempdir().unwrap();
    let portals = || vec![portal("p", site.url("/list/").as_str(), "")];
    let cancel = CancellationToken::new();
    let observer = Arc::new(Quiet {
        stop_after: Some((2, cancel.clone())),
        ..Quiet::default()
    });
    let options = CrawlOptions::default();
    let (stopped, store) = crawl(
        portals(),
        options,
        &config(&[&site]),
        open(dir.path()),
        observer,
        cancel,
    )
    .await
    .unwrap();
    assert_eq!(
        (stopped[0].status, stopped[0].reports.new),
        (PortalStatus::Partial, 1),
        "{stopped:?}"
    );
    drop(store);
    let whole = run(dir.path(), portals(), &config(&[&site]), false)
        .await
        .remove(0);
    assert_eq!(
        (whole.status, counts(&whole)),
        (PortalStatus::Ok, (4, 0, 3, 0, 0)),
        "{whole:?}"
    );
    for path in ["/robots.txt", "/list/", "/1001.html", "/1002.html", "/1003.html"] {
        assert_eq!(site.count(path), 1, "{path}");
    }
}

#[tokio::test]
async fn a_crawl_that_died_goes_on_and_keeps_the_delay() {
    let site = site(|_| None).await;
    let dir = tempfile::tempdir().unwrap();
    let portals = || {
        vec![portal(
            "p",
            site.url("/list/").as_str(),
            "limits = { delay = \"400ms\" }",
        )]
    };
    let config = config(&[&site]);
    // Dropped in the middle, as a kill would have it; the store is let go when its thread notices.
    let first = crawl(
        portals(),
        CrawlOptions::default(),
        &config,
        open(dir.path()),
        Arc::new(Quiet::default()),
        CancellationToken::new(),
    );
    assert!(
        tokio::time::timeout(Duration::from_millis(1000), first)
            .await
            .is_err()
    );
    let store = tokio::task::spawn_blocking({
        let dir = dir.path().to_owned();
        move || open(&dir)
    });
    let observer = Arc::new(Quiet::default());
    let (whole, _) = crawl(
        portals(),
        CrawlOptions::default(),
        &config,
        store.await.unwrap(),
        observer,
        CancellationToken::new(),
    )
    .await
    .unwrap();
    assert_eq!(
        (whole[0].status, whole[0].reports.new),
        (PortalStatus::Ok, 3),
        "{whole:?}"
    );
    let hits = site.hits();
    assert_eq!(site.count("/robots.txt"), 1);
    let gaps: Vec<_> = hits.windows(2).map(|pair| pair[1].at - pair[0].at).collect();
    assert!(
        gaps.iter().all(|gap| *gap >= Duration::from_millis(395)),
        "{gaps:?}"
    );
}

#[tokio::test]
async fn portals_are_crawled_side_by_side_and_limits_and_families_are_kept() {
    let (one, two) = (site(|_| None).await, site(|_| None).await);
    let dir = tempfile::tempdir().unwrap();
    let portals = vec![
        portal("one", one.url("/list/").as_str(), "limits = { max_pages = 2 }"),
        portal("two", two.url("/list/").as_str(), "genres = [\"budget-report\"]"),
        portal("vsb", two.url("/list/").as_str(), "family = \"vsb\""),
    ];
    let summaries = run(dir.path(), portals, &config(&[&one, &two]), false).await;
    let ids: Vec<_> = summaries.iter().map(|summary| summary.id.as_str()).collect();
    assert_eq!(ids, ["one", "two", "vsb"]);
    assert_eq!(counts(&summaries[0]), (2, 0, 1, 0, 0), "{:?}", summaries[0]);
    assert_eq!(counts(&summaries[1]), (4, 0, 0, 0, 0), "{:?}", summaries[1]);
    assert_eq!(summaries[2].status, PortalStatus::Failed);
    assert!(summaries[2].reason.as_ref().unwrap().contains("vsb"));
    let json = serde_json::to_value(&summaries[0]).unwrap();
    assert_eq!(json["status"], "ok");
    assert_eq!(json["reports"]["new"], 1);
    assert!(json["reason"].is_null() && json["failed"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn a_report_that_is_gone_twice_is_removed_and_lives_again() {
    let is_gone = Arc::new(AtomicUsize::new(0));
    let gone = Arc::clone(&is_gone);
    let site = site(move |hit| {
        let is_gone = gone.load(std::sync::atomic::Ordering::Acquire) > 0;
        (hit.path == "/1002.html" && is_gone).then(|| Reply::status(410))
    })
    .await;
    let (_, dir) = once(&site, "/list/", "").await;
    let config = config(&[&site]);
    let crawl = || {
        run(
            dir.path(),
            vec![portal("p", site.url("/list/").as_str(), "")],
            &config,
            false,
        )
    };
    let status = || {
        let store = open(dir.path());
        let id = store
            .catalog()
            .find("p", site.url("/1002.html").as_str())
            .unwrap()
            .unwrap();
        store.catalog().report(&id).unwrap().unwrap().status
    };
    is_gone.store(1, std::sync::atomic::Ordering::Release);
    let once = crawl().await.remove(0);
    assert_eq!(
        (once.status, once.reports.removed, status()),
        (PortalStatus::Ok, 0, report::Status::Live),
        "{once:?}"
    );
    let twice = crawl().await.remove(0);
    assert_eq!(
        (twice.reports.removed, status()),
        (1, report::Status::Removed),
        "{twice:?}"
    );
    is_gone.store(0, std::sync::atomic::Ordering::Release);
    crawl().await;
    assert_eq!(status(), report::Status::Live);
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
