//! Portals with endless spaces beside an honest list: few requests are spent on them, they are named, and every report
//! of the list is found.

use super::{
    papers::{Paper, list_page, page, report_page},
    samples::{Sample, with_papers},
    server::{Hit, Reply, Site},
};

type Trap = fn(&Hit) -> Option<Reply>;

/// Most requests that a portal with a trap may cost.
const MOST_REQUESTS: usize = 700;

/// Name, what the summary says of it, what the hub links to, and what answers there.
const TRAPS: &[(&str, &[&str], &str, Trap)] = &[
    (
        "calendar",
        &["endless_list"],
        "<a href=\"/xxgk/rl?date=2024-01\">信息公开日历</a>",
        |hit| {
            let month = hit.parameter("date").filter(|_| hit.path() == "/xxgk/rl")?;
            let (year, month) = month.split_once('-')?;
            let n = year.parse::<i32>().ok()? * 12 + month.parse::<i32>().ok()? - 1;
            let link = |n: i32| format!("/xxgk/rl?date={}-{:02}", n.div_euclid(12), n.rem_euclid(12) + 1);
            Some(Reply::html(page(
                "信息公开日历",
                &format!(
                    "<a href=\"{}\">上一月</a> <a href=\"{}\">下一页</a><table><tr><td>1</td><td>2</td></tr></table>",
                    link(n - 1),
                    link(n + 1)
                ),
            )))
        },
    ),
    (
        "endless-pages",
        &["endless_list"],
        "<a href=\"/zwgk/gsgg/?page=1\">公示公告</a>",
        |hit| {
            let number = hit.number("page").filter(|_| hit.path() == "/zwgk/gsgg/")?;
            Some(Reply::html(list_page(
                &format!("<li>{number}</li>"),
                &format!("<a href=\"?page={}\">下一页</a>", number + 1),
            )))
        },
    ),
    (
        "sessions",
        &["nothing_new"],
        "<a href=\"/zwgk/tjxx/s0/index.html;jsessionid=0\">统计信息</a>",
        |hit| {
            let rest = hit.path().strip_prefix("/zwgk/tjxx/s")?;
            let n: usize = rest.split('/').next()?.parse().ok()?;
            let links: String = (1..6)
                .map(|k| {
                    format!(
                        "<a href=\"/zwgk/tjxx/s{0}/index.html;jsessionid={0}{1}\">统计信息{1}</a>",
                        n * 5 + k,
                        k
                    )
                })
                .collect();
            Some(Reply::html(page("统计信息", &links)))
        },
    ),
    (
        "sorting",
        &["nothing_new"],
        "<a href=\"/zwgk/gfxwj/?a=0\">规范性文件</a>",
        |hit| {
            if hit.path() != "/zwgk/gfxwj/" {
                return None;
            }
            let query = hit.target.split_once('?').map_or("", |(_, query)| query);
            let links: String = [
                "order=date",
                "order=name",
                "dir=asc",
                "dir=desc",
                "size=10",
                "size=20",
                "view=grid",
            ]
            .iter()
            .map(|more| format!("<a href=\"/zwgk/gfxwj/?{query}&amp;{more}\">规范性文件</a> "))
            .collect();
            Some(Reply::html(page("规范性文件", &links)))
        },
    ),
    (
        "deeper",
        &["repeated_path"],
        "<a href=\"/zwgk/ghjh/a/\">规划计划</a>",
        |hit| {
            hit.path().starts_with("/zwgk/ghjh/a/").then(|| {
                Reply::html(page(
                    "规划计划",
                    "<a href=\"a/\">规划计划</a><a href=\"b/index.html\">规划信息</a>",
                ))
            })
        },
    ),
    (
        "soft-404",
        &[],
        "<a href=\"/zwgk/czyjs/x/\">财政预决算</a>",
        |hit| {
            let rest = hit.path().strip_prefix("/zwgk/czyjs/")?;
            let n = rest.len();
            Some(Reply::html(page(
                "财政预决算",
                &format!(
                    "<p>您访问的栏目不存在</p><a href=\"/zwgk/czyjs/{rest}{n}/\">预算公开{n}</a><a href=\"/zwgk/czyjs/{n}/{n}k/\">决算公开{n}</a>"
                ),
            )))
        },
    ),
    (
        "changing",
        &["nothing_new"],
        "<a href=\"/zwgk/zcwj/1/\">政策文件</a>",
        |hit| {
            let rest = hit.path().strip_prefix("/zwgk/zcwj/")?;
            let n: u64 = rest.trim_end_matches('/').parse().ok()?;
            let links: String = (0..8)
                .map(|k| {
                    format!(
                        "<a href=\"/zwgk/zcwj/{}/\">政策文件推荐</a> ",
                        (n * 31 + k * 7_919 + 3) % 1_000_003
                    )
                })
                .collect();
            Some(Reply::html(page("政策文件", &links)))
        },
    ),
];

pub(super) fn samples() -> Vec<Sample> {
    TRAPS
        .iter()
        .enumerate()
        .map(|(number, (name, words, link, trap))| sample(number, name, words, link, *trap))
        .collect()
}

fn sample(
    number: usize,
    name: &str,
    words: &'static [&'static str],
    link: &'static str,
    trap: Trap,
) -> Sample {
    let papers: Vec<_> = (number * 20..number * 20 + 20)
        .map(|n| (format!("/zwgk/fzzf/{}.html", 60_001 + n), Paper::new(n)))
        .collect();
    let expected = with_papers(&papers);
    let site = Site::start(move |hit| {
        let number = match hit.path() {
            "/robots.txt" => return Reply::status(404),
            "/zwgk/" => {
                let columns =
                    "<a href=\"/zwgk/fzzf/\">法治政府建设年度报告</a><a href=\"/zwgk/ldzc/\">领导之窗</a>";
                return Reply::html(page(
                    "政务公开",
                    &format!("<div class=\"nav\">{link}{columns}</div>"),
                ));
            }
            "/zwgk/fzzf/" => 0,
            "/zwgk/fzzf/index_2.html" => 1,
            path => {
                let paper = papers.iter().find(|(known, _)| known == path);
                return paper
                    .map(|(_, paper)| Reply::html(report_page(paper, "<div id=\"zoom\">", "</div>")))
                    .or_else(|| trap(hit))
                    .unwrap_or_else(|| Reply::html(page("领导之窗", "<p>县长</p>")));
            }
        };
        let rows: String = papers[number * 10..][..10]
            .iter()
            .map(|(path, paper)| paper.row(path))
            .collect();
        let next = if number == 0 {
            "<a href=\"index_2.html\">下一页</a>"
        } else {
            ""
        };
        Reply::html(list_page(&rows, next))
    });
    Sample {
        id: format!("trap-{name}"),
        traps: words,
        most_requests: MOST_REQUESTS,
        ..Sample::of("auto", name, site, "/zwgk/", expected)
    }
}
