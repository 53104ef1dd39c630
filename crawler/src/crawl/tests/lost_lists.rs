//! Lists that are not what they were, or of which a part does not come: said, never passed over.

use std::sync::atomic::{AtomicBool, Ordering};

use super::*;

const BUSY: &str = "<html><head><title>提示</title></head><body>系统繁忙，请稍后再试</body></html>";

fn failures(summary: &PortalSummary) -> Vec<(&str, &str)> {
    let failed = summary.failed.iter();
    failed
        .map(|failure| {
            let path = failure.url.rsplit_once('/').map_or("", |(_, path)| path);
            (path, failure.reason.as_str())
        })
        .collect()
}

#[tokio::test]
async fn a_page_of_a_list_that_is_something_else_is_named_and_the_later_ones_are_read() {
    for stub in [BUSY, ""] {
        let site = site(move |hit| match hit.path.as_str() {
            "/list/" => Some(list(
                &["/1001.html", "/1002.html", "/1003.html"],
                "<script>createPageHTML(4, 0, \"index\", \"html\");</script>",
            )),
            "/list/index_1.html" => Some(Reply::html(stub)),
            "/list/index_2.html" => Some(list(&["/1004.html", "/1005.html"], "")),
            "/list/index_3.html" => Some(list(&["/1006.html"], "")),
            _ => None,
        })
        .await;
        let (summary, _dir) = once(&site, "/list/", "").await;
        assert_eq!(summary.reports.new, 6, "{stub}: {summary:?}");
        assert_eq!(failures(&summary), [("index_1.html", "not_a_list")], "{stub}");
    }
}

#[tokio::test]
async fn a_list_page_without_rows_behind_the_last_is_the_end() {
    let site = site(|hit| match hit.path.as_str() {
        "/list/" => Some(list(
            &["/1001.html", "/1002.html", "/1003.html"],
            "<a href='index_1.html'>下一页</a>",
        )),
        "/list/index_1.html" => Some(list(
            &[],
            "<a href='/'>首页</a><a href='/list/'>上一页</a><a href='/list/'>首页</a>共1页",
        )),
        _ => None,
    })
    .await;
    let (summary, _dir) = once(&site, "/list/", "").await;
    assert_eq!(
        (summary.status, summary.reports.new),
        (PortalStatus::Ok, 3),
        "{summary:?}"
    );
}

#[tokio::test]
async fn a_seed_that_lost_its_rows_is_named_and_its_reports_stay() {
    let emptied = || {
        list(
            &[],
            "<a href='/'>首页</a><a href='/a/'>政务公开</a><a href='/b/'>办事服务</a>",
        )
    };
    let answers: [fn() -> Reply; 3] = [emptied, || Reply::html(BUSY), || Reply::redirect("/")];
    for answer in answers {
        let is_lost = Arc::new(AtomicBool::new(false));
        let site = site({
            let is_lost = Arc::clone(&is_lost);
            move |hit| match hit.path.as_str() {
                "/list/" if is_lost.load(Ordering::Relaxed) => Some(answer()),
                "/" => Some(emptied()),
                _ => None,
            }
        })
        .await;
        let dir = tempfile::tempdir().unwrap();
        let crawl = || async {
            let portal = portal("p", site.url("/list/").as_str(), "");
            run(dir.path(), vec![portal], &config(&[&site]), false)
                .await
                .remove(0)
        };
        assert_eq!(crawl().await.status, PortalStatus::Ok);
        is_lost.store(true, Ordering::Relaxed);
        let summary = crawl().await;
        assert_eq!(summary.status, PortalStatus::Partial, "{summary:?}");
        assert!(
            failures(&summary)
                .iter()
                .any(|(_, reason)| matches!(*reason, "rows_lost" | "soft_404")),
            "{summary:?}"
        );
        assert_eq!(
            summary.reports.unchanged, 3,
            "those that are known are asked for: {summary:?}"
        );
    }
}

#[tokio::test]
async fn what_the_limit_of_pages_left_is_counted() {
    let site = site(|_| None).await;
    let (summary, _dir) = once(&site, "/list/", "limits = { max_pages = 2 }").await;
    assert_eq!(
        (summary.status, summary.fetched),
        (PortalStatus::Ok, 2),
        "{summary:?}"
    );
    assert_eq!(
        summary.reason.as_deref(),
        Some("max_pages: 2 pages that are known were not asked for")
    );
}

#[tokio::test]
async fn rows_that_robots_txt_forbids_are_named() {
    let site = site(|hit| match hit.path.as_str() {
        "/robots.txt" => Some(Reply::html(
            "User-agent: *\nDisallow: /1002.html\nDisallow: /about/",
        )),
        "/list/" => Some(list(
            &["/1001.html", "/1002.html", "/1003.html"],
            "<a href='/about/'>关于我们</a>",
        )),
        _ => None,
    })
    .await;
    let (summary, _dir) = once(&site, "/list/", "").await;
    assert_eq!(
        (summary.status, summary.reports.new),
        (PortalStatus::Ok, 2),
        "{summary:?}"
    );
    assert_eq!(failures(&summary), [("1002.html", "robots")]);
    assert_eq!(
        summary.reason.as_deref(),
        Some("robots: 1 pages of lists or in them are forbidden by robots.txt")
    );
}
