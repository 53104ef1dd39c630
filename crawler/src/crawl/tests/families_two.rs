//! Whole lists of content systems that fill their pages by script, count down, or have a feed.
//!
//! Each portal has a list of several pages. All of its reports must come, and not one request more than that takes.

use super::*;

/// Paths that were asked for, without robots.txt, sorted.
fn asked(site: &TestSite) -> Vec<String> {
    let paths = site.hits().into_iter().map(|hit| hit.path);
    let mut paths: Vec<_> = paths.filter(|path| path != "/robots.txt").collect();
    paths.sort();
    paths
}

/// Crawls the portal as `auto` and as the family; the requests must be `lists` and one for each of `reports`.
async fn crawls(
    family: &str,
    seed: &str,
    lists: &[&str],
    reports: &[&str],
    answer: impl Fn(&Hit) -> Option<Reply> + Clone + Send + Sync + 'static,
) {
    let named = format!("family = \"{family}\"");
    for family in ["", named.as_str()] {
        let answer = answer.clone();
        let site = TestSite::start(move |hit| {
            answer(hit).unwrap_or_else(|| match hit.path.contains("report") {
                true => Reply::html(&report(&title(&hit.path))),
                false => Reply::status(404),
            })
        })
        .await;
        let (summary, _dir) = once(&site, seed, family).await;
        let mut expected: Vec<_> = lists
            .iter()
            .chain(reports)
            .map(|path| (*path).to_owned())
            .collect();
        expected.sort();
        assert_eq!(asked(&site), expected, "{family:?}: {summary:?}");
        let n_reports = u64::try_from(reports.len()).unwrap();
        assert_eq!(
            (summary.status, summary.reports.new),
            (PortalStatus::Ok, n_reports),
            "{family:?}: {summary:?}"
        );
    }
}

fn page(body: &str) -> Option<Reply> {
    let nav = "<div class='nav'><a href='/'>首页</a><a href='/zwgk/'>政务公开</a><a href='/hdjl/'>互动交流</a></div>";
    let foot = "<div><a href='/wzdt.html'>网站地图</a><a href='/gywm.html'>关于我们</a></div>";
    Some(Reply::html(&format!(
        "<html><body>{nav}{body}{foot}</body></html>"
    )))
}

fn text(media: &str, body: &str) -> Option<Reply> {
    Some(
        Reply::status(200)
            .header("Content-Type", media)
            .body(body.as_bytes()),
    )
}

fn json(body: &str) -> Option<Reply> {
    text("application/json;charset=utf-8", body)
}

/// Rows of an answer: `{"title": …, <name>: "/report-1.html"}`.
fn rows(numbers: std::ops::RangeInclusive<u32>, name: &str) -> String {
    let row = |n: u32| {
        let path = format!("/report-{n}.html");
        format!(
            "{{\"id\": {n}, \"title\": \"{}\", \"{name}\": \"{path}\", \"publishedTimeStr\": \"2024-02-27 10:00:00\"}}",
            title(&path)
        )
    };
    numbers.map(row).collect::<Vec<_>>().join(",")
}

fn html_rows(numbers: std::ops::RangeInclusive<u32>) -> String {
    let row = |n: u32| {
        let path = format!("/report-{n}.html");
        format!(
            "<li><a href='{path}'>{}</a><span>2024-02-27</span></li>",
            title(&path)
        )
    };
    numbers.map(row).collect()
}

const FIVE: &[&str] = &[
    "/report-1.html",
    "/report-2.html",
    "/report-3.html",
    "/report-4.html",
    "/report-5.html",
];

#[tokio::test]
async fn ucap() {
    let search = "/common/search/ab12cd34?_isAgg=true&_isJson=true&_pageSize=20&_template=index&page=";
    let lists = [
        "/abc/c100/list.shtml",
        "/common/getChannelList?channelCode=c100&websiteCodeName=abc",
        &format!("{search}1"),
        &format!("{search}2"),
        &format!("{search}3"),
    ];
    crawls("ucap", lists[0], &lists, FIVE, move |hit| {
        let data = |page: u32, rows: String| json(&format!("{{\"data\": {{\"total\": 5, \"rows\": 2, \"page\": {page}, \"results\": [{rows}]}}}}"));
        match hit.path.strip_prefix(search) {
            Some("1") => data(1, rows(1..=2, "url")),
            Some("2") => data(2, rows(3..=4, "url")),
            Some("3") => data(3, rows(5..=5, "url")),
            Some(_) => data(9, String::new()),
            None if hit.path.starts_with("/common/") => json("{\"results\": {\"channelId\": \"ab12cd34\", \"channelCode\": \"c100\", \"children\": []}}"),
            None if hit.path.starts_with("/abc/") => page(
                "<ul id='list'></ul><script>var channelCode = 'c100', websiteCodeName = 'abc';
                 $.get('/common/getChannelList?channelCode=' + channelCode + '&websiteCodeName=' + websiteCodeName, show)</script>",
            ),
            None => None,
        }
    })
    .await;
}

#[tokio::test]
async fn ucap_with_a_token_is_said_to_be_out_of_reach() {
    let site = TestSite::start(|hit| match hit.path.as_str() {
        "/abc/c100/list.shtml" => Reply::html(
            "<ul></ul><script>$.get('/common/search/ab12?' + token() + '&_isAgg=true&_isJson=true&page=1', show)</script>",
        ),
        _ => Reply::status(404),
    })
    .await;
    let (summary, _dir) = once(&site, "/abc/c100/list.shtml", "").await;
    assert_eq!(summary.failed[0].reason, "needs_browser");
    assert_eq!(asked(&site).len(), 1);
}

#[tokio::test]
async fn vsb() {
    let lists = ["/zwgk/fzzf.htm", "/zwgk/fzzf/2.htm", "/zwgk/fzzf/1.htm"];
    crawls("vsb", lists[0], &lists, FIVE, |hit| {
        let pager = |number: u32| format!("<table><tr><td>共5条&nbsp;{number}/3&nbsp;</td></tr></table>");
        let next = "<a href='fzzf/2.htm'>下页</a><a href='fzzf/1.htm'>尾页</a>";
        let unpublished = "<li><a href='/content.jsp?urltype=news.NewsContentUrl&wbtreeid=1007&wbnewsid=9'>某某县尚未发布的法治政府建设报告</a>2024-02-28</li>";
        match hit.path.as_str() {
            "/zwgk/fzzf.htm" => page(&format!("{}{unpublished}{}{next}", html_rows(1..=2), pager(1))),
            "/zwgk/fzzf/2.htm" => page(&format!("{}{}<a href='../fzzf.htm'>上页</a><a href='1.htm'>下页</a>", html_rows(3..=4), pager(2))),
            "/zwgk/fzzf/1.htm" => page(&format!("{}{}<a href='2.htm'>上页</a>", html_rows(5..=5), pager(3))),
            _ => None,
        }
    })
    .await;
}

const PLATFORM: &str = "<div id='app'></div><script>window._CONFIG = {SID: '755', TREE: [
    {id: 1, name: '机构职能', children: []},
    {id: 2, name: '法定主动公开内容', children: [{id: 21, name: '法治政府建设'}, {id: 22, name: '工作动态'}]},
], DETAIL: null};</script>";

fn platform(hit: &Hit) -> Option<Reply> {
    let answer = |total: u32, rows: String| {
        json(&format!(
            "{{\"classify\": {{\"post_count\": {total}}}, \"articles\": [{rows}]}}"
        ))
    };
    match hit.path.as_str() {
        "/gkmlpt/index" => page(PLATFORM),
        "/gkmlpt/api/all/21?page=1&sid=755" => answer(5, rows(1..=2, "url")),
        "/gkmlpt/api/all/21?page=2&sid=755" => answer(5, rows(3..=4, "post_url")),
        "/gkmlpt/api/all/21?page=3&sid=755" => answer(5, rows(5..=5, "url")),
        "/gkmlpt/api/all/22?page=1&sid=755" => answer(1, rows(6..=6, "url")),
        _ => None,
    }
}

#[tokio::test]
async fn gkmlpt() {
    let lists = [
        "/gkmlpt/index",
        "/gkmlpt/api/all/21?page=1&sid=755",
        "/gkmlpt/api/all/21?page=2&sid=755",
        "/gkmlpt/api/all/21?page=3&sid=755",
        "/gkmlpt/api/all/22?page=1&sid=755",
    ];
    let reports: Vec<_> = FIVE.iter().copied().chain(["/report-6.html"]).collect();
    crawls("gkmlpt", "/gkmlpt/index", &lists, &reports, platform).await;
    crawls("gkmlpt", "/gkmlpt/index#21", &lists[..4], FIVE, platform).await;
}

#[tokio::test]
async fn gkmlpt_seeds_differ_by_their_fragment() {
    let site = TestSite::start(|hit| {
        platform(hit).unwrap_or_else(|| match hit.path.contains("report") {
            true => Reply::html(&report(&title(&hit.path))),
            false => Reply::status(404),
        })
    })
    .await;
    let dir = tempfile::tempdir().unwrap();
    let seeds = [site.url("/gkmlpt/index#21"), site.url("/gkmlpt/index#22")];
    let portal = Portal::parse("p", &format!("seeds = [\"{}\", \"{}\"]", seeds[0], seeds[1])).unwrap();
    let summary = run(dir.path(), vec![portal], &config(&[&site]), false)
        .await
        .remove(0);
    assert_eq!(
        (summary.status, summary.reports.new),
        (PortalStatus::Ok, 6),
        "{summary:?}"
    );
    assert_eq!(site.count("/gkmlpt/index"), 2);
}

#[tokio::test]
async fn lonsun() {
    let request = "/site/label/8888?labelName=publicInfoList&siteId=12&organId=77&type=4&catId=88&pageSize=15&pageIndex=";
    let rest = "&isDate=true&dateFormat=yyyy-MM-dd&action=list&IsAjax=1&dataType=html";
    let seed = "/public/column/77?type=4&action=list&nav=3&catId=88";
    let lists = [
        seed,
        &format!("{request}1{rest}"),
        &format!("{request}2{rest}"),
        &format!("{request}3{rest}"),
    ];
    crawls("lonsun", seed, &lists, FIVE, move |hit| {
        let pager = "<script>Ls.pagination('#page', {pageIndex: 1, pageCount: 3, total: 5})</script><a href='javascript:;'>下一页</a>";
        let list = |rows: String| text("text/html;charset=utf-8", &format!("<ul>{rows}</ul>{pager}"));
        match hit.path.strip_prefix(request).and_then(|rest| rest.split('&').next()) {
            Some("1") => list(html_rows(1..=2)),
            Some("2") => list(html_rows(3..=4)),
            Some("3") => list(html_rows(5..=5)),
            None if hit.path == seed => page("<meta name='siteid' content='12'><div class='xxgk_list'></div>"),
            _ => None,
        }
    })
    .await;
}

#[tokio::test]
async fn eportal() {
    let request = "/eportal/ui?moduleId=5&portal.url=/portlet/xxgkml!queryList.portlet&pageNo=";
    let rest = "&pageSize=2&flmc=tcfl&fldm=353";
    let seed = "/web/zwgk/xxgkml/index.shtml";
    let lists = [
        seed,
        &format!("{request}1{rest}"),
        &format!("{request}2{rest}"),
        &format!("{request}3{rest}"),
    ];
    crawls("eportal", seed, &lists, FIVE, move |hit| {
        // No total: the third page is short.
        let list = |rows: String| {
            text(
                "text/html",
                &format!("{{\"success\": true, \"result\": [{rows}]}}"),
            )
        };
        match hit
            .path
            .strip_prefix(request)
            .and_then(|rest| rest.split('&').next())
        {
            Some("1") => list(rows(1..=2, "url")),
            Some("2") => list(rows(3..=4, "url")),
            Some("3") => list(rows(5..=5, "url")),
            None if hit.path == seed => page(&format!(
                "<script>$.get('{request}' + pageNo + '{rest}', show)</script>"
            )),
            _ => None,
        }
    })
    .await;
}

#[tokio::test]
async fn a_service_of_a_county() {
    let request = "/zfxxgk/api/news/listQuery?column=fbdate&order=desc&syh=371601&pageSize=2&pageNo=";
    let lists = [
        "/zfxxgk/index.html",
        &format!("{request}1"),
        &format!("{request}2"),
        &format!("{request}3"),
    ];
    crawls("static", lists[0], &lists, FIVE, move |hit| {
        let list = |rows: String| {
            json(&format!(
                "callback({{\"result\": {{\"pages\": \"3\", \"records\": [{rows}]}}}});"
            ))
        };
        match hit.path.strip_prefix(request) {
            Some("1") => list(rows(1..=2, "url")),
            Some("2") => list(rows(3..=4, "url")),
            Some("3") => list(rows(5..=5, "url")),
            None if hit.path == "/zfxxgk/index.html" => {
                page(&format!("<script>load('{request}' + page)</script>"))
            }
            _ => None,
        }
    })
    .await;
}

#[tokio::test]
async fn feeds() {
    let lists = ["/rss.xml"];
    crawls("feed", "/rss.xml", &lists, FIVE, |hit| {
        let item = |n: u32| {
            format!(
                "<item><title><![CDATA[{}]]></title><link>report-{n}.html</link><pubDate>Tue, 27 Feb 2024 10:00:00 +0800</pubDate></item>",
                title("x")
            )
        };
        let items: String = (1..=5).map(item).collect();
        (hit.path == "/rss.xml").then(|| text("text/xml", &format!("<rss version='2.0'><channel><link>/</link>{items}</channel></rss>")))?
    })
    .await;
}

#[tokio::test]
async fn a_portal_read_by_its_feeds_has_one() {
    let site = site(|hit| {
        Some(match hit.path.as_str() {
            "/home.html" => Reply::html("<link rel='alternate' type='application/atom+xml' href='/atom.xml'><a href='/zwgk/'>政务公开</a>"),
            "/atom.xml" => Reply::status(200).body(
                "<feed><entry><link href='/1001.html'/><title>某某县2023年度报告</title></entry><entry><link href='/1002.html'/></entry></feed>".as_bytes(),
            ),
            "/none.html" => Reply::html("<a href='/zwgk/'>政务公开</a>"),
            _ => return None,
        })
    })
    .await;
    let (summary, _dir) = once(&site, "/home.html", "family = \"feed\"").await;
    assert_eq!(
        (summary.status, summary.reports.new, site.count("/zwgk/")),
        (PortalStatus::Ok, 2, 0),
        "{summary:?}"
    );
    let (summary, _dir) = once(&site, "/none.html", "family = \"feed\"").await;
    assert_eq!(summary.failed[0].reason, "not_a_feed");
}

#[tokio::test]
async fn packed_and_plain_site_maps() {
    use std::io::Write;
    let lists = ["/sitemap.xml", "/one.xml.gz", "/two.txt"];
    crawls("sitemap", "/sitemap.xml", &lists, FIVE, |hit| {
        let host = hit.header("host").unwrap_or_default();
        let loc = |path: &str| format!("<url><loc>http://{host}{path}</loc><lastmod>2024-02-27</lastmod></url>");
        match hit.path.as_str() {
            "/sitemap.xml" => text(
                "application/xml",
                &format!("<sitemapindex><sitemap><loc>http://{host}/one.xml.gz</loc></sitemap><sitemap><loc>http://{host}/two.txt</loc></sitemap></sitemapindex>"),
            ),
            "/one.xml.gz" => {
                let xml = format!("<urlset>{}</urlset>", FIVE[..3].iter().map(|path| loc(path)).collect::<String>());
                let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
                encoder.write_all(xml.as_bytes()).unwrap();
                Some(Reply::status(200).header("Content-Type", "application/x-gzip").body(&encoder.finish().unwrap()))
            }
            "/two.txt" => text("text/plain", &format!("http://{host}{}\n\nhttp://{host}{}\n", FIVE[3], FIVE[4])),
            _ => None,
        }
    })
    .await;
}

#[tokio::test]
async fn answers_in_gbk_are_read() {
    let site = TestSite::start(|hit| {
        let (gbk, _, _) = encoding_rs::GBK.encode("{\"data\": [{\"title\": \"某某县法治政府建设情况的报告\", \"url\": \"/report-1.html\", \"date\": \"2024年2月27日\"}]}");
        match hit.path.as_str() {
            "/api/list?page=1&rows=20" => Reply::status(200).header("Content-Type", "text/html").body(&gbk),
            "/report-1.html" => Reply::html(&report("某某县法治政府建设情况的报告")),
            _ => Reply::status(404),
        }
    })
    .await;
    let (summary, dir) = once(&site, "/api/list?page=1&rows=20", "").await;
    assert_eq!(
        (summary.status, summary.reports.new),
        (PortalStatus::Ok, 1),
        "{summary:?}"
    );
    let store = open(dir.path());
    let id = store
        .catalog()
        .find("p", site.url("/report-1.html").as_str())
        .unwrap()
        .unwrap();
    let content = store.catalog().report(&id).unwrap().unwrap().content;
    assert_eq!(content.title.as_deref(), Some("某某县法治政府建设情况的报告"));
}
