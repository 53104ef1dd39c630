//! Lists whose further pages are hard to get at: they are got, or the summary says that they were not.

use super::*;

const N: usize = 8;

/// Three pages of three, three and two rows.
fn paths(page: usize) -> Vec<String> {
    let of_page = (page - 1) * 3..(page * 3).min(N);
    of_page.map(|n| format!("/100{n}.html")).collect()
}

fn rows(page: usize) -> String {
    let row = |path: &String| {
        format!(
            "<li><a href=\"{path}\">{}</a><span>2024-02-27</span></li>",
            title(path)
        )
    };
    paths(page).iter().map(row).collect()
}

/// The whole list by `answer`, which is asked about whatever is no report.
async fn crawled(
    seed: &str,
    answer: impl Fn(&Hit) -> Option<Reply> + Send + Sync + 'static,
) -> PortalSummary {
    let site = TestSite::start(move |hit| match hit.path.as_str() {
        path if path.starts_with("/100") => Reply::html(&report(&title(path))),
        _ => answer(hit).unwrap_or_else(|| Reply::status(404)),
    })
    .await;
    once(&site, seed, "").await.0
}

fn html(body: &str) -> Option<Reply> {
    Some(Reply::html(&format!(
        "<html><head><title>法治政府建设</title></head><body>{body}</body></html>"
    )))
}

fn assert_whole(summary: &PortalSummary) {
    assert_eq!(summary.status, PortalStatus::Ok, "{summary:?}");
    assert_eq!(summary.reports.new, N as u64, "{summary:?}");
    assert!(
        summary.failed.is_empty() && summary.traps.is_empty(),
        "{summary:?}"
    );
}

fn store(rows: &str, next: &str) -> String {
    let records = rows
        .replace("<li>", "<record><![CDATA[<li>")
        .replace("</li>", "</li>]]></record>");
    let group = match next {
        "" => String::new(),
        next => format!("<nextgroup><![CDATA[{next}]]></nextgroup>"),
    };
    format!("<datastore>{group}<recordset>{records}</recordset></datastore>")
}

#[tokio::test]
async fn a_next_group_that_brings_nothing_new_is_no_end() {
    const PROXY: &str = "/module/web/jpage/dataproxy.jsp";
    // Servers that give the first rows whatever page is asked for, or none; that want a POST or a GET.
    for (is_same, method) in [(true, "POST"), (false, "POST"), (true, "GET")] {
        let summary = crawled("/col/col77/index.html", move |hit| {
            if hit.path == "/col/col77/index.html" {
                let next = format!("<a href=\"{PROXY}?page=1&webid=5&path=/&columnid=77&unitid=9\"></a>");
                return html(&format!(
                    "<div id=9><script type='text/xml'>{}</script></div>",
                    store(&rows(1), &next)
                ));
            }
            let asked = hit.path.strip_prefix(PROXY)?;
            let page = ["startrecord=4&", "startrecord=7&"]
                .iter()
                .position(|from| asked.contains(from) && hit.method == method);
            let rows = match page {
                Some(page) => rows(page + 2),
                None if is_same => rows(1),
                None => String::new(),
            };
            Some(
                Reply::status(200)
                    .header("Content-Type", "text/xml")
                    .body(store(&rows, "").as_bytes()),
            )
        })
        .await;
        assert_whole(&summary);
    }
}

#[tokio::test]
async fn a_link_to_the_next_rows_of_the_oldest_pages_is_followed() {
    const PROXY: &str = "/module/jpage/dataproxy.jsp";
    let summary = crawled("/col/col77/index.html", |hit| {
        if hit.path == "/col/col77/index.html" {
            let next = format!("{PROXY}?page=2&appid=1&webid=3&path=/&columnid=77&unitid=9&permissiontype=0");
            return html(&format!("<ul>{}</ul><a href=\"{next}\">下一页</a>", rows(1)));
        }
        let page: usize = hit.path.strip_prefix(PROXY)?.strip_prefix("?page=")?[..1]
            .parse()
            .ok()?;
        let rows = if page <= 3 { rows(page) } else { String::new() };
        Some(
            Reply::status(200)
                .header("Content-Type", "text/xml")
                .body(store(&rows, "").as_bytes()),
        )
    })
    .await;
    assert_whole(&summary);
}

#[tokio::test]
async fn arrows_and_elements_that_load_more_are_followed() {
    for pager in [
        "<a class='pn' href='list_{next}.html'>&gt;</a><a href='list_3.html'>&gt;&gt;</a>",
        "<div data-url='list_{next}.html' onclick='load()'>加载更多</div>",
    ] {
        let summary = crawled("/fzzf/list_1.html", move |hit| {
            let page: usize = hit
                .path
                .strip_prefix("/fzzf/list_")?
                .strip_suffix(".html")?
                .parse()
                .ok()?;
            let pager = if page < 3 {
                pager.replace("{next}", &(page + 1).to_string())
            } else {
                String::new()
            };
            html(&format!("<ul>{}</ul>{pager}", rows(page)))
        })
        .await;
        assert_whole(&summary);
    }
}

#[tokio::test]
async fn rows_that_a_script_asks_for_are_got() {
    let summary = crawled("/fzzf/index.html", |hit| {
        if hit.path == "/fzzf/index.html" {
            return html(
                "<ul id=list></ul><script>$.getJSON('/api/list.do?columnId=77&pageNo=1&pageSize=3', draw)</script>",
            );
        }
        let page: usize = hit.path.strip_prefix("/api/list.do?columnId=77&pageNo=")?[..1].parse().ok()?;
        let rows: Vec<_> = paths(page).iter().map(|path| serde_json::json!({"title": title(path), "url": path})).collect();
        let answer = serde_json::json!({"total": N, "rows": rows}).to_string();
        Some(Reply::status(200).header("Content-Type", "application/json").body(answer.as_bytes()))
    })
    .await;
    assert_whole(&summary);
}

#[tokio::test]
async fn a_portal_without_lists_is_read_by_the_feeds_and_site_maps_it_announces() {
    for is_feed in [true, false] {
        let summary = crawled("/", move |hit| {
            let host = hit.header("host").unwrap().to_owned();
            let xml = |body: &str| Some(Reply::status(200).header("Content-Type", "text/xml").body(body.as_bytes()));
            let all: Vec<_> = (1..=3).flat_map(paths).collect();
            match hit.path.as_str() {
                "/" if is_feed => html(
                    "<link rel=alternate type='application/rss+xml' href='/feed.xml'><a href='/zwgk/'>政务公开</a>",
                ),
                "/" | "/zwgk/" => html("<p>欢迎</p><a href='/zwgk/'>政务公开</a>"),
                "/robots.txt" if !is_feed => Some(
                    Reply::status(200)
                        .header("Content-Type", "text/plain")
                        .body(format!("User-agent: *\nDisallow: /x/\nSitemap: http://{host}/map.xml\n").as_bytes()),
                ),
                "/feed.xml" => {
                    let item = |path: &String| format!("<item><title>{}</title><link>{path}</link></item>", title(path));
                    let items: String = all.iter().map(item).collect();
                    xml(&format!("<rss version='2.0'><channel>{items}</channel></rss>"))
                }
                "/map.xml" => {
                    let url = |path: &String| format!("<url><loc>http://{host}{path}</loc></url>");
                    let urls: String = all.iter().map(url).collect();
                    xml(&format!("<urlset>{urls}</urlset>"))
                }
                _ => None,
            }
        })
        .await;
        assert_whole(&summary);
    }
}

#[tokio::test]
async fn site_maps_are_left_alone_when_there_are_lists_and_nothing_is_said_to_be_nothing() {
    let summary = crawled("/fzzf/list_1.html", |hit| match hit.path.as_str() {
        "/fzzf/list_1.html" => html(&format!("<ul>{}</ul>", rows(1))),
        "/robots.txt" => Some(
            Reply::status(200)
                .body(format!("Sitemap: http://{}/map.xml", hit.header("host").unwrap()).as_bytes()),
        ),
        "/map.xml" => panic!("this costs much and brings nothing"),
        _ => None,
    })
    .await;
    assert_eq!((summary.reports.new, summary.reason), (3, None));
    let summary = crawled("/", |hit| (hit.path == "/").then(|| html("<p>欢迎</p>"))?).await;
    assert_eq!(summary.status, PortalStatus::Ok);
    let reason = summary.reason.unwrap();
    assert!(reason.starts_with("no_reports: 1 pages were read"), "{reason}");
}

#[tokio::test]
async fn a_list_that_is_shorter_than_it_says_is_named() {
    const LACK: &str = "list_incomplete: 3 of 8 rows";
    for (pager, lack) in [
        (
            "<a href=\"javascript:__doPostBack('Pager','2')\">下一页</a> 共8条 第1页/共3页",
            Some(LACK),
        ),
        ("<a onclick='load()'>下一页</a> 共8条", Some(LACK)),
        (
            "<div>第 <b>1</b>/3 页</div>",
            Some("list_incomplete: 1 of 3 pages"),
        ),
        ("共3条 第1页/共1页", None),
        ("<p>今年共收到意见8条</p>", None),
    ] {
        let summary = crawled("/fzzf/list_1.html", move |hit| {
            (hit.path == "/fzzf/list_1.html").then(|| html(&format!("<ul>{}</ul>{pager}", rows(1))))?
        })
        .await;
        assert_eq!(summary.reports.new, 3, "{summary:?}");
        let failed: Vec<_> = summary
            .failed
            .iter()
            .map(|failed| failed.reason.as_str())
            .collect();
        assert_eq!(failed, Vec::from_iter(lack), "{pager}");
        let status = if lack.is_some() {
            PortalStatus::Partial
        } else {
            PortalStatus::Ok
        };
        assert_eq!(summary.status, status, "{pager}");
    }
    // A list with several first pages, and pages that count themselves.
    let summary = crawled("/fzzf/", |hit| {
        let page = match hit.path.as_str() {
            "/fzzf/" => 1,
            path => path
                .strip_prefix("/fzzf/list_")?
                .strip_suffix(".html")?
                .parse()
                .ok()?,
        };
        let pager: String = (1..=3)
            .map(|n| format!("<a href='/fzzf/list_{n}.html'>{n}</a> "))
            .collect();
        (page <= 3).then(|| html(&format!("<ul>{}</ul>{pager} 共8条 第{page}页/共3页", rows(page))))?
    })
    .await;
    assert_whole(&summary);
}

#[tokio::test]
async fn the_figures_of_a_run_count_what_its_summary_names() {
    let site = site(|hit| match hit.path.as_str() {
        "/list/" => Some(list(&["/1001.html", "/1002.html", "/1003.html"], "")),
        "/1002.html" => Some(Reply::status(404)),
        "/1003.html" => Some(Reply::status(403)),
        _ => None,
    })
    .await;
    let (summary, dir) = once(&site, "/list/", "").await;
    assert_eq!(summary.failed.len(), 2, "{summary:?}");
    let history = open(dir.path()).catalog().history("p", 1).unwrap();
    let yields = history.runs[0].yields.as_ref().unwrap();
    assert_eq!(
        yields.failed, 2,
        "the page that is gone, and the one that is refused"
    );
}
