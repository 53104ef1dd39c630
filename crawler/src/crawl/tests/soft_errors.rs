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
    "<title>无法找到</title><div class=err>抱歉，您访问的页面无法找到，3秒后返回<a href='/'>首页</a></div>",
    "<title>找不到</title><p>很抱歉，您要找的文章找不到了</p>",
    "<title>提示</title><p>您访问的页面暂时无法访问，请稍后再试。</p>",
    "<title>某某县人民政府</title><p>对不起，没有找到您要查看的内容！</p>",
    "<title>提示</title><p>系统繁忙，请稍后再试</p>",
    "<title>某某县人民政府</title><p>对不起，您没有权限访问该信息</p>",
    "<h1>503 Service Temporarily Unavailable</h1><center>nginx</center>",
    "<title>某某县人民政府</title><p>您正在查找的页可能已被删除、重命名，或暂时不可用。</p>",
    "<title>The page cannot be found</title><p>The page you are looking for might have been removed.</p>",
];

/// What a summary says of the pages that could not be had: path and word.
fn failed(summary: &PortalSummary) -> Vec<(String, &str)> {
    let path = |url: &str| url::Url::parse(url).unwrap().path().to_owned();
    let failed = summary.failed.iter();
    failed
        .map(|page| (path(&page.url), page.reason.as_str()))
        .collect()
}

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
        assert_eq!(
            failed(&summary),
            [
                ("/1002.html".to_owned(), "soft_404"),
                ("/1003.html".to_owned(), "soft_404")
            ],
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_report_that_speaks_of_missing_pages_is_one() {
    let speaks = |path: &str, sentence: &str| {
        let whole = report(&title(path));
        Reply::html(&whole.replace("<p>二、", &format!("<p>{sentence}</p><p>二、")))
    };
    let short = "<title>关于门户网站停机检修的公告</title><h1>关于门户网站停机检修的公告</h1>\
         <div>发布时间：2024-03-05 来源：某某县人民政府办公室</div><div id=zoom><p>因机房检修，县政府门户网站定于3月6日18时至\
         22时停机，届时网站页面暂时无法访问，请广大群众提前安排查询和办理有关事项，由此带来的不便敬请谅解。</p>\
         <p>联系电话已在网站首页公布，如有疑问可在工作时间拨打咨询，我们将及时予以答复。特此公告。</p>\
         <p>某某县人民政府办公室</p><p>2024年3月5日</p></div>";
    let site = site(move |hit| {
        Some(match hit.path.as_str() {
            "/1001.html" => speaks(&hit.path, "访问的页面不存在"),
            "/1002.html" => speaks(&hit.path, "部分旧栏目无法找到"),
            "/1003.html" => Reply::html(short),
            _ => return None,
        })
    })
    .await;
    let (summary, _dir) = once(&site, "/list/", "").await;
    assert_eq!(
        (summary.status, summary.reports.new, failed(&summary)),
        (PortalStatus::Ok, 3, vec![]),
        "{summary:?}"
    );
}

#[tokio::test]
async fn rows_that_lead_to_nothing_are_named_and_make_a_crawl_partial_only_when_all_do() {
    let n_here = Arc::new(AtomicUsize::new(1));
    let here = Arc::clone(&n_here);
    let site = site(move |hit| {
        Some(match hit.path.as_str() {
            "/" => Reply::html("<p>某某县人民政府门户网站</p><a href='/gone-column/'>政府信息公开</a>"),
            "/gone-column/" => Reply::redirect("/"),
            "/list/" => list(
                &[
                    "/1001.html",
                    "/1002.html",
                    "/1003.html",
                    "/1004.html",
                    "/1005.html",
                    "/1006.html",
                    "/1007.html",
                ],
                "<a href='/gone-column/'>政府信息公开年报</a>",
            ),
            "/1001.html" if here.load(std::sync::atomic::Ordering::Acquire) > 0 => return None,
            "/1002.html" => Reply::redirect("/"),
            "/1003.html" => Reply::redirect("http://www.elsewhere.example/1003.html"),
            "/1004.html" => Reply::status(550),
            "/1005.html" => Reply::html("not gzip at all").header("Content-Encoding", "gzip"),
            "/1006.html" => Reply::html("{\"code\":404,\"msg\":\"您要的信息没有了\",\"data\":null}"),
            _ => Reply::status(404),
        })
    })
    .await;
    let (summary, _dir) = once(&site, "/list/", "").await;
    let dead = [
        ("/1002.html".to_owned(), "redirected_home"),
        ("/1003.html".to_owned(), "another_host"),
        ("/1004.html".to_owned(), "http_550"),
        ("/1005.html".to_owned(), "no_text"),
        ("/1006.html".to_owned(), "soft_404"),
        ("/1007.html".to_owned(), "http_404"),
    ];
    assert_eq!(failed(&summary), dead, "{summary:?}");
    assert_eq!(
        (summary.status, summary.reports.new),
        (PortalStatus::Ok, 1),
        "{summary:?}"
    );
    assert_eq!(site.count("/1004.html"), 1);

    n_here.store(0, std::sync::atomic::Ordering::Release);
    let (summary, _dir) = once(&site, "/list/", "").await;
    assert_eq!(
        (summary.status, summary.reason.as_deref(), summary.failed.len()),
        (PortalStatus::Partial, Some("pages_failed"), 7),
        "{summary:?}"
    );
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
    let mut removed = 0;
    for _ in 0..2 {
        removed += again(dir.path(), &site, false).await.reports.removed;
    }
    assert_eq!(removed, 1, "gone twice");
}
