//! Systems whose lists are answered by a service, as JSON or as HTML.

use super::*;

fn json(body: &str) -> Option<Reply> {
    text("application/json;charset=utf-8", body)
}

/// Rows of an answer: `{"title": …, <name>: "/report-1.html"}`.
fn json_rows(numbers: std::ops::RangeInclusive<u32>, name: &str) -> String {
    let row = |n: u32| {
        let path = format!("/report-{n}.html");
        format!(
            "{{\"id\": {n}, \"title\": \"{}\", \"{name}\": \"{path}\", \"publishedTimeStr\": \"2024-02-27 10:00:00\"}}",
            title(&path)
        )
    };
    numbers.map(row).collect::<Vec<_>>().join(",")
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
        "/gkmlpt/api/all/21?page=1&sid=755" => answer(5, json_rows(1..=2, "url")),
        "/gkmlpt/api/all/21?page=2&sid=755" => answer(5, json_rows(3..=4, "post_url")),
        "/gkmlpt/api/all/21?page=3&sid=755" => answer(5, json_rows(5..=5, "url")),
        "/gkmlpt/api/all/22?page=1&sid=755" => answer(1, json_rows(6..=6, "url")),
        _ => None,
    }
}

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
    all_is_found("ucap", lists[0], &FIVE, &lists[1..], move |hit| {
        let data = |page: u32, rows: String| json(&format!("{{\"data\": {{\"total\": 5, \"rows\": 2, \"page\": {page}, \"results\": [{rows}]}}}}"));
        match hit.path.strip_prefix(search) {
            Some("1") => data(1, json_rows(1..=2, "url")),
            Some("2") => data(2, json_rows(3..=4, "url")),
            Some("3") => data(3, json_rows(5..=5, "url")),
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
    assert_eq!(site.hits().len(), 2, "robots.txt and the page");
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
    all_is_found("gkmlpt", "/gkmlpt/index", &reports, &lists[1..], platform).await;
    all_is_found("gkmlpt", "/gkmlpt/index#21", &FIVE, &lists[1..4], platform).await;
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
    all_is_found("lonsun", seed, &FIVE, &lists[1..], move |hit| {
        let pager = "<script>Ls.pagination('#page', {pageIndex: 1, pageCount: 3, total: 5})</script><a href='javascript:;'>下一页</a>";
        let list = |rows: String| text("text/html;charset=utf-8", &format!("<ul>{rows}</ul>{pager}"));
        match hit.path.strip_prefix(request).and_then(|rest| rest.split('&').next()) {
            Some("1") => list(rows(&FIVE[..2])),
            Some("2") => list(rows(&FIVE[2..4])),
            Some("3") => list(rows(&FIVE[4..])),
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
    all_is_found("eportal", seed, &FIVE, &lists[1..], move |hit| {
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
            Some("1") => list(json_rows(1..=2, "url")),
            Some("2") => list(json_rows(3..=4, "url")),
            Some("3") => list(json_rows(5..=5, "url")),
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
    all_is_found("static", lists[0], &FIVE, &lists[1..], move |hit| {
        let list = |rows: String| {
            json(&format!(
                "callback({{\"result\": {{\"pages\": \"3\", \"records\": [{rows}]}}}});"
            ))
        };
        match hit.path.strip_prefix(request) {
            Some("1") => list(json_rows(1..=2, "url")),
            Some("2") => list(json_rows(3..=4, "url")),
            Some("3") => list(json_rows(5..=5, "url")),
            None if hit.path == "/zfxxgk/index.html" => {
                page(&format!("<script>load('{request}' + page)</script>"))
            }
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
    let content = find(dir.path(), &site.url("/report-1.html")).unwrap().content;
    assert_eq!(content.title.as_deref(), Some("某某县法治政府建设情况的报告"));
}
