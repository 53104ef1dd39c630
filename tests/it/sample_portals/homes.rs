//! Portals of which only the home page is known: the way to the columns of reports has to be found, and what only looks
//! like a report left out.

use std::collections::BTreeMap;

use super::{
    papers::{Paper, list_page, page, report_page},
    samples::{Sample, with_papers},
    server::{Reply, Site},
};

/// Pages that are no reports, with texts long enough to be taken for one.
const LOOK_ALIKES: &[(&str, &str, &str)] = &[
    (
        "/zwgk/ldzc/",
        "领导之窗",
        "县委副书记、县长，主持县政府全面工作，分管审计局。分工如下：常务副县长负责县政府常务工作。",
    ),
    (
        "/zwgk/jgzn/",
        "机构职能",
        "县政府办公室负责县政府会议的准备工作，协助县政府领导组织会议决定事项的实施。",
    ),
    (
        "/bsfw/bszn.html",
        "办事指南",
        "办理依据、受理条件、申请材料、办理流程、办理时限、收费标准、咨询电话。",
    ),
    (
        "/wzdt.html",
        "网站地图",
        "首页 政务公开 要闻动态 互动交流 走进清河 专题专栏",
    ),
    (
        "/lxwm.html",
        "联系我们",
        "地址：清河县武松中街1号，邮编054800，电话0319-0000000。",
    ),
    (
        "/search.html",
        "站内搜索",
        "请输入关键词进行搜索，支持标题和全文。",
    ),
    (
        "/zt/cjwm/",
        "创建文明城市专题",
        "专题首页 工作动态 通知公告 媒体聚焦 图片新闻",
    ),
];

/// Column by path: its name, and where the hub shows it.
const COLUMNS: &[(&str, &str)] = &[
    ("/zwgk/fdzdgknr/fzzf/", "法治政府建设年度报告"),
    ("/zwgk/fdzdgknr/gzbg/", "政府工作报告"),
    ("/zwgk/fdzdgknr/czyjs/", "财政预决算"),
    ("/zwgk/fdzdgknr/tjgb/", "统计公报"),
    ("/zwgk/fdzdgknr/ghjh/", "规划计划"),
    ("/zwgk/zfxxgknb/", "政府信息公开年报"),
];

/// How the hub shows its columns.
#[derive(Clone, Copy)]
enum Menu {
    Links,
    /// `data-url` of what a script makes a link of.
    Data,
    /// `onclick`.
    Click,
}

pub(super) fn samples() -> Vec<Sample> {
    vec![
        portal("home-links", Menu::Links, false),
        portal("home-data-url", Menu::Data, false),
        portal("home-onclick", Menu::Click, false),
        portal("home-entrance", Menu::Links, true),
    ]
}

fn portal(id: &str, menu: Menu, has_entrance: bool) -> Sample {
    let mut reports = BTreeMap::new();
    let mut columns: BTreeMap<String, Vec<(String, Paper)>> = BTreeMap::new();
    for (c, (column, _)) in COLUMNS.iter().enumerate() {
        for n in 0..14 {
            let paper = Paper::new(c * 14 + n);
            let path = format!("{column}{}/t{}_{}.html", paper.month(), paper.day(), 7_001 + n);
            reports.insert(
                path.clone(),
                report_page(&paper, "<div class=\"TRS_Editor\">", "</div>"),
            );
            columns
                .entry((*column).to_owned())
                .or_default()
                .push((path, paper));
        }
    }
    let expected = columns.values().flat_map(|papers| with_papers(papers)).collect();
    let link = move |path: &str, name: &str| match menu {
        Menu::Links => format!("<li><a href=\"{path}\">{name}</a></li>"),
        Menu::Data => format!("<li data-url=\"{path}\"><span>{name}</span></li>"),
        Menu::Click => {
            format!("<li><a href=\"javascript:void(0)\" onclick=\"location.href='{path}'\">{name}</a></li>")
        }
    };
    let site = Site::start(move |hit| {
        let path = hit.path();
        if let Some(html) = reports.get(path) {
            return Reply::html(html);
        }
        if let Some((_, name, text)) = LOOK_ALIKES.iter().find(|(known, ..)| *known == path) {
            let text = format!(
                "<h1>{name}</h1><div class=\"content\"><p>{}</p></div>",
                text.repeat(6)
            );
            return Reply::html(page(name, &text));
        }
        let folder = &path[..=path.rfind('/').unwrap_or(0)];
        if let Some(papers) = columns.get(folder) {
            let number = match &path[folder.len()..] {
                "" | "index.html" => 0,
                "index_1.html" => 1,
                _ => return Reply::status(404),
            };
            let rows: String = papers[number * 10..(number * 10 + 10).min(14)]
                .iter()
                .map(|(path, paper)| paper.row(path))
                .collect();
            let pager = format!("<script>createPageHTML(2, {number}, \"index\", \"html\");</script>");
            return Reply::html(list_page(&rows, &pager));
        }
        let look_alikes: String = LOOK_ALIKES
            .iter()
            .map(|(path, name, _)| link(path, name))
            .collect();
        match path {
            "/" if has_entrance => Reply::html(
                "<html><head><title>欢迎</title></head><body><script>window.location.href='/main/index.html';</script></body></html>",
            ),
            "/" | "/main/index.html" => Reply::html(page(
                "清河县人民政府门户网站",
                &format!(
                    "<ul class=\"nav\"><li><a href=\"/zwgk/\">政务公开</a></li><li><a href=\"/bsfw/\">政务服务</a></li></ul>\
                     <ul class=\"quick\">{look_alikes}</ul><div class=\"banner\"><a href=\"/zt/cjwm/\"><img src=\"/b.jpg\" alt=\"专题\"></a></div>"
                ),
            )),
            "/zwgk/" | "/zwgk/index.html" => Reply::html(page(
                "政务公开",
                &format!(
                    "<div class=\"menu\"><ul>{}{}{look_alikes}</ul></div>",
                    link("/zwgk/fdzdgknr/", "法定主动公开内容"),
                    link("/zwgk/zfxxgknb/", "政府信息公开年报")
                ),
            )),
            "/zwgk/fdzdgknr/" => {
                let menu: String = COLUMNS[..5].iter().map(|(path, name)| link(path, name)).collect();
                Reply::html(page(
                    "法定主动公开内容",
                    &format!("<div class=\"menu\"><ul>{menu}</ul></div>"),
                ))
            }
            "/bsfw/" => Reply::html(page("政务服务", "<a href=\"/bsfw/bszn.html\">办事指南</a>")),
            _ => Reply::status(404),
        }
    });
    Sample {
        id: id.to_owned(),
        // Home, entrance, hubs, columns with two pages each, look-alikes, reports, and a few more.
        most_requests: 84 + 2 * 6 + 35,
        ..Sample::of("auto", id, site, "/", expected)
    }
}
