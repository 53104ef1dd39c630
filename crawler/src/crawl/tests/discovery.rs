//! From seeds to reports, and what a further crawl does.

use super::*;

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

    let second = again(dir.path(), &site, false).await;
    assert_eq!(counts(&second), (1, 3, 0, 0, 3), "{second:?}");

    edition.store(1, std::sync::atomic::Ordering::Release);
    let third = again(dir.path(), &site, false).await;
    assert_eq!(counts(&third), (2, 2, 0, 1, 2), "{third:?}");

    let n_before = site.hits().len();
    let full = again(dir.path(), &site, true).await;
    assert_eq!(counts(&full), (4, 0, 0, 0, 3), "{full:?}");
    assert!(
        site.hits()[n_before..]
            .iter()
            .all(|hit| hit.header("if-none-match").is_none())
    );

    let report = find(dir.path(), &site.url("/1001.html")).unwrap();
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
    let more = format!("allow = [\"http://{}/\"]", other.host());
    let (summary, _dir) = once_beside(&[&other], &site, "/list/", &more).await;
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
    assert!(find(dir.path(), &site.url("/gzbg.html")).is_some());
}

#[tokio::test]
async fn a_folder_may_be_the_report_and_a_column_with_an_introduction_is_none() {
    let introduction = "<h1>法治政府建设年度报告</h1><p>更新时间：2024-01-05</p><div id='zoom'><p>本栏目公开全县法治政府建设\
                        年度报告，2023年的报告将在四月一日以前公布，欢迎社会各界监督。</p><p>全县各级各部门应当依法公开。</p></div>";
    let site = site(move |hit| {
        Some(match hit.path.as_str() {
            "/" => Reply::html(
                "<p>某某县人民政府2024年法治政府建设工作综述，发布日期：2024-03-05，内容见各栏目。</p>\
                 <a href='/zwgk/'>政务公开</a><a href='/yfxz/'>依法行政</a><a href='/kong/'>统计公报</a>\
                 <a href='/zong/'>年度报告</a>",
            ),
            "/zwgk/" => {
                Reply::html("<a href='gzbg/'>政府工作报告</a><a href='/tjgb/index.html'>统计公报</a>")
            }
            "/zwgk/gzbg/" => Reply::html(&report("某某县2024年政府工作报告")),
            "/tjgb/index.html" => Reply::html(
                &report("国民经济和社会发展统计公报")
                    .replacen("<h1>", "<div>发布日期：2024-03-05</div><h1>", 1)
                    .replace("全县", "2023年全县"),
            ),
            "/yfxz/" => Reply::html(introduction),
            "/kong/" => Reply::html("<title>统计公报</title><h1>统计公报</h1><ul></ul><p>暂无信息</p>"),
            "/zong/" => Reply::html(&format!("{introduction}<a href='2023/'>2023年</a>")),
            "/zong/2023/" => list(&["/1001.html"], ""),
            _ => return None,
        })
    })
    .await;
    let (summary, dir) = once(&site, "/", "").await;
    assert_eq!(summary.status, PortalStatus::Ok, "{summary:?}");
    let store = open(dir.path());
    let is_report = |path| {
        store
            .catalog()
            .find("p", site.url(path).as_str())
            .unwrap()
            .is_some()
    };
    for report in ["/zwgk/gzbg/", "/tjgb/index.html", "/1001.html"] {
        assert!(is_report(report), "{report}");
    }
    for column in ["/", "/zwgk/", "/yfxz/", "/kong/", "/zong/"] {
        assert!(!is_report(column), "{column}");
    }
    for seed in ["/zwgk/gzbg/", "/yfxz/"] {
        let (summary, _dir) = once(&site, seed, "").await;
        assert_eq!(
            summary.reports.new,
            u64::from(seed == "/zwgk/gzbg/"),
            "{summary:?}"
        );
    }
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
async fn portals_are_crawled_side_by_side_and_limits_and_genres_are_kept() {
    let (one, two) = (site(|_| None).await, site(|_| None).await);
    let dir = tempfile::tempdir().unwrap();
    let portals = vec![
        portal("one", one.url("/list/").as_str(), "limits = { max_pages = 2 }"),
        portal("two", two.url("/list/").as_str(), "genres = [\"budget-report\"]"),
    ];
    let summaries = run(dir.path(), portals, &config(&[&one, &two]), false).await;
    let ids: Vec<_> = summaries.iter().map(|summary| summary.id.as_str()).collect();
    assert_eq!(ids, ["one", "two"]);
    assert_eq!(counts(&summaries[0]), (2, 0, 1, 0, 0), "{:?}", summaries[0]);
    assert_eq!(counts(&summaries[1]), (4, 0, 0, 0, 0), "{:?}", summaries[1]);
    let json = serde_json::to_value(&summaries[0]).unwrap();
    assert_eq!(json["status"], "ok");
    assert_eq!(json["reports"]["new"], 1);
    assert!(json["failed"].as_array().unwrap().is_empty());
    assert_eq!(
        json["reason"],
        "max_pages: 2 pages that are known were not asked for"
    );
}

#[tokio::test]
async fn traps_are_left_and_the_rest_is_crawled() {
    let site = site(|hit| {
        Some(match hit.path.as_str() {
            "/" => Reply::html("<a href='/zwgk/x/'>政务公开</a><a href='/list/'>法治政府建设年度报告</a>"),
            // A link to itself one folder deeper, for ever.
            path if path.starts_with("/zwgk/") => {
                Reply::html("<a href='x/'>信息公开</a><a href='y/'>信息公开目录</a>")
            }
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
    assert!(site.hits().len() < 40, "{}", site.hits().len());
    assert_eq!(summary.traps[0].reason, "repeated_path");
}
