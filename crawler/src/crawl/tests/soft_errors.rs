//! Errors served with status 200: no report, no list, and what was a report is gone.

use super::*;

/// Pages that are no document, as content systems serve them.
const ERRORS: &[&str] = &[
    "<title>404</title><h1>404 Not Found</h1>",
    "<title>页面不存在</title><p>您访问的页面不存在或已被删除！</p><a href='/'>返回首页</a>",
    "<p>抱歉，找不到您要访问的页面</p>",
    "<p>无法找到该网页</p>",
    "<title>错误页面</title><p>5秒后返回</p>",
    "<title>系统提示</title><p>您没有权限访问该页面，请先登录</p>",
    "<div>该信息已失效</div>",
    "<div>该信息已被删除</div>",
    "<div>您查看的内容已下线</div>",
    "<html><head></head><body><p>栏目正在建设中……</p></body></html>",
];

#[tokio::test]
async fn an_error_in_place_of_a_page_is_no_report_and_leads_nowhere() {
    for error in ERRORS {
        // With the frame of the site around it, which has links on every page.
        let framed = format!("<div class='nav'><a href='/zwgk/deeper/'>政务公开</a></div>{error}");
        let site = site(move |hit| match hit.path.as_str() {
            "/1002.html" => Some(Reply::html(error)),
            "/1003.html" => Some(Reply::html(&framed)),
            "/zwgk/deeper/" => panic!("an error page leads nowhere"),
            _ => None,
        })
        .await;
        let (summary, _dir) = once(&site, "/list/", "").await;
        assert_eq!(
            (summary.status, summary.reports.new, summary.fetched),
            (PortalStatus::Ok, 1, 4),
            "{error}: {summary:?}"
        );
    }
}

#[tokio::test]
async fn an_error_in_place_of_a_list_is_no_list() {
    for error in ERRORS {
        let framed = format!("<div class='nav'><a href='/zwgk/deeper/'>政务公开</a></div>{error}");
        let site = site(move |hit| match hit.path.as_str() {
            "/" => Some(Reply::html(
                "<a href='/zwgk/gone/'>政府信息公开</a><a href='/list/'>法治政府建设年度报告</a>",
            )),
            "/zwgk/gone/" | "/seed/" => Some(Reply::html(&framed)),
            "/zwgk/deeper/" => panic!("an error page leads nowhere"),
            _ => None,
        })
        .await;
        let (summary, _dir) = once(&site, "/", "").await;
        assert_eq!(
            (summary.status, summary.reports.new),
            (PortalStatus::Ok, 3),
            "{error}: {summary:?}"
        );
        let (summary, _dir) = once(&site, "/seed/", "").await;
        assert_eq!(
            (summary.status, summary.reason.as_deref()),
            (PortalStatus::Failed, Some("soft_404")),
            "{error}"
        );
    }
}

#[tokio::test]
async fn stubs_are_nothing() {
    let stub = format!(
        "<html><head><title>某某县</title></head><body><!--{}--></body></html>",
        " ".repeat(300)
    );
    let site = site(move |hit| match hit.path.as_str() {
        "/list/" => Some(list(
            &["/1001.html", "/1002.html", "/1003.html"],
            "<script>createPageHTML(3, 0, \"index\", \"html\");</script>",
        )),
        "/list/index_1.html" => Some(Reply::html(&stub)),
        "/list/index_2.html" => Some(
            Reply::status(200)
                .header("Content-Type", "text/xml")
                .body(b"<?xml version=\"1.0\" encoding=\"utf-8\"?><datastore/>"),
        ),
        "/1002.html" => Some(Reply::html(&stub)),
        "/1003.html" => Some(Reply::html("")),
        _ => None,
    })
    .await;
    let (summary, _dir) = once(&site, "/list/", "").await;
    assert_eq!(
        (summary.status, summary.reports.new),
        (PortalStatus::Ok, 1),
        "{summary:?}"
    );
}

#[tokio::test]
async fn a_page_that_leads_home_is_no_report_and_one_that_was_is_gone() {
    let is_gone = Arc::new(AtomicUsize::new(0));
    let gone = Arc::clone(&is_gone);
    let site = site(move |hit| {
        let is_gone = gone.load(std::sync::atomic::Ordering::Acquire) > 0;
        Some(match hit.path.as_str() {
            "/" => Reply::html(&report("某某县人民政府门户网站的首页也有一篇长长的报告")),
            "/1002.html" if is_gone => Reply::redirect("/"),
            "/1003.html" => Reply::redirect("/index.html"),
            "/index.html" => Reply::html(&report("某某县人民政府门户网站的首页也有一篇长长的报告")),
            _ => return None,
        })
    })
    .await;
    let (first, dir) = once(&site, "/list/", "").await;
    assert_eq!(
        (first.status, first.reports.new),
        (PortalStatus::Ok, 2),
        "{first:?}"
    );
    is_gone.store(1, std::sync::atomic::Ordering::Release);
    let config = config(&[&site]);
    let mut removed = 0;
    for _ in 0..2 {
        let portal = portal("p", site.url("/list/").as_str(), "");
        let summary = run(dir.path(), vec![portal], &config, false).await.remove(0);
        removed += summary.reports.removed;
    }
    assert_eq!(removed, 1, "gone twice");
}
