//! Whole lists of every content system: every report is found, nothing else is asked for.

mod feeds;
mod hanweb;
mod jpaas;
mod plain;
mod services;
mod trs;

use super::*;

/// Crawls the list at `seed` with its family named and with `auto`: all `reports` are found, there is no fault, and
/// no list page is asked for but `pages`, nor a page twice.
async fn all_is_found(
    family: &str,
    seed: &str,
    reports: &[&str],
    pages: &[&str],
    answer: impl Fn(&Hit) -> Option<Reply> + Clone + Send + Sync + 'static,
) {
    for named in [family, "auto"] {
        let answer = answer.clone();
        let known: Vec<_> = reports.iter().map(|path| (*path).to_owned()).collect();
        let site = TestSite::start(move |hit| {
            answer(hit).unwrap_or_else(|| match hit.path.as_str() {
                path if known.iter().any(|known| known == path) => Reply::html(&report(&title(path))),
                _ => Reply::status(404),
            })
        })
        .await;
        let (summary, _dir) = once(&site, seed, &format!("family = \"{named}\"")).await;
        assert_eq!(summary.status, PortalStatus::Ok, "{named}: {summary:?}");
        // Pages that are counted and are none are named, and end the list.
        let faults: Vec<_> = summary
            .failed
            .iter()
            .filter(|failure| failure.reason != "not_a_list")
            .collect();
        assert!(
            faults.is_empty() && summary.failed.len() <= 2 && summary.traps.is_empty(),
            "{named}: {summary:?}"
        );
        let mut asked: Vec<_> = site
            .hits()
            .into_iter()
            .map(|hit| match hit.method.as_str() {
                "POST" => format!("{} {}", hit.path, hit.body),
                _ => hit.path,
            })
            .collect();
        asked.sort();
        let own = seed.split('#').next().unwrap();
        let mut expected: Vec<_> = ["/robots.txt", own]
            .iter()
            .chain(reports)
            .chain(pages)
            .copied()
            .collect();
        expected.sort_unstable();
        assert_eq!(asked, expected, "{named}");
        assert_eq!(summary.reports.new, reports.len() as u64, "{named}: {summary:?}");
    }
}

/// Rows as they stand in lists, and the furniture around them.
fn rows(paths: &[&str]) -> String {
    let row = |path: &&str| {
        format!(
            "<li><a href=\"{path}\" title=\"{}\">{}…</a><span>2024-02-27</span></li>",
            title(path),
            title(path).chars().take(10).collect::<String>()
        )
    };
    format!("<ul>{}</ul>", paths.iter().map(row).collect::<String>())
}

fn page(inner: &str) -> Option<Reply> {
    Some(Reply::html(&format!(
        "<html><head><title>法治政府建设年度报告</title></head><body><div class=\"nav\"><a href=\"/\">首页</a>\
         <a href=\"/zwgk/\">政务公开</a><a href=\"/xwzx/\">新闻中心</a><a href=\"/hdjl/\">互动交流</a></div>{inner}\
         <div class=\"foot\"><a href=\"/wzdt/\">网站地图</a><a href=\"http://www.gov.cn/\">中国政府网</a></div></body></html>"
    )))
}

/// The reports of TRS: seven on three pages.
const TRS: [&str; 7] = [
    "/zwgk/fzzf/202402/t20240227_1001.html",
    "/zwgk/fzzf/202402/t20240227_1002.html",
    "/zwgk/fzzf/202402/t20240227_1003.html",
    "/zwgk/fzzf/202302/t20230227_1004.html",
    "/zwgk/fzzf/202302/t20230227_1005.html",
    "/zwgk/fzzf/202302/t20230227_1006.html",
    "/zwgk/fzzf/202202/t20220227_1007.html",
];

/// The reports of Hanweb and jpaas.
const ART: [&str; 8] = [
    "/art/2024/2/27/art_77_2001.html",
    "/art/2024/2/27/art_77_2002.html",
    "/art/2024/1/5/art_77_2003.html",
    "/art/2023/12/7/art_77_2004.html",
    "/art/2023/2/27/art_77_2005.html",
    "/art/2022/art_77_0a1b2c3d.html",
    "/art/2022/2/27/art_77_2007.html",
    "/art/2021/2/27/art_77_2008.html",
];

const COLUMN: &str = "/col/col77/index.html";

/// The reports of systems whose addresses say nothing.
const FIVE: [&str; 5] = [
    "/report-1.html",
    "/report-2.html",
    "/report-3.html",
    "/report-4.html",
    "/report-5.html",
];

fn text(media: &str, body: &str) -> Option<Reply> {
    Some(
        Reply::status(200)
            .header("Content-Type", media)
            .body(body.as_bytes()),
    )
}
