//! Invented portals of different build, each with only its home page as seed: every report is found, and nothing else.

use super::invented::{FOOTER, Invented, look_alikes};

#[tokio::test]
async fn folders_of_columns_departments_and_years() {
    let mut site = Invented::default();
    let aside = look_alikes(&mut site, "/zwgk/");
    site.list(
        "/",
        &format!("<ul><li><a href=\"/zwgk/\">政 务 公 开</a></li><li><a href=\"/xwzx/\">新闻中心</a></li><li><a href=\"/hdjl/\">\
            互动交流</a></li></ul>{FOOTER}"),
    );
    site.list(
        "/zwgk/",
        &format!("<ul>{aside}<li><a href=\"fdzdgknr/\">法定主动公开内容</a></li></ul>{FOOTER}"),
    );
    site.list(
        "/zwgk/fdzdgknr/",
        "<ul><li><a href=\"fzzf/\">法治政府建设</a></li><li><a href=\"gzbg/\">政府工作报告</a></li>\
         <li><a href=\"czyjs/\">财政预决算</a></li><li><a href=\"tjgb.html\">统计公报</a></li>\
         <li><a href=\"ghjh/\">规划计划</a></li><li><a href=\"rsxx/\">人事信息</a></li></ul>",
    );
    site.list(
        "/zwgk/fdzdgknr/fzzf/",
        "<ul><li><a href=\"sfj/\">县司法局</a></li><li><a href=\"cgz/\">城关镇</a></li></ul>",
    );
    site.list(
        "/zwgk/fdzdgknr/fzzf/sfj/",
        "<ul><li><a href=\"2023/\">2023年</a></li><li><a href=\"2022/\">2022年</a></li></ul>",
    );
    for year in [2022, 2023] {
        let folder = format!("/zwgk/fdzdgknr/fzzf/sfj/{year}/");
        let rows = site.rows(&folder, "法治政府建设情况的报告", year..year + 1);
        let others =
            "<a href=\"../2022/\">2022年</a><a href=\"../2023/\">2023年</a><a href=\"../2021/\">2021年</a>";
        site.list(&folder, &format!("{others}<ul>{rows}</ul>"));
    }
    let row = site.report(
        "/zwgk/fdzdgknr/fzzf/sfj/2021/t20220130_9.html",
        "某某县2021年度法治政府建设情况的报告",
    );
    site.list("/zwgk/fdzdgknr/fzzf/sfj/2021/", &format!("<ul>{row}</ul>"));
    let rows = site.rows("/zwgk/fdzdgknr/fzzf/cgz/", "法治政府建设年度报告", 2021..2024);
    site.list("/zwgk/fdzdgknr/fzzf/cgz/", &format!("<ul>{rows}</ul>"));
    let rows = site.rows("/zwgk/fdzdgknr/gzbg/", "政府工作报告", 2018..2024);
    site.list("/zwgk/fdzdgknr/gzbg/", &format!("<ul>{rows}</ul>"));
    let rows = site.rows("/zwgk/fdzdgknr/czyjs/", "预算执行情况报告", 2012..2018);
    site.list(
        "/zwgk/fdzdgknr/czyjs/",
        &format!("<ul>{rows}</ul><a href=\"index_1.html\">下一页</a>"),
    );
    let rows = site.rows("/zwgk/fdzdgknr/czyjs/", "财政决算报告", 2018..2024);
    site.list(
        "/zwgk/fdzdgknr/czyjs/index_1.html",
        &format!("<ul>{rows}</ul><a href=\"index.html\">上一页</a>"),
    );
    // A column that is its one report.
    site.report(
        "/zwgk/fdzdgknr/tjgb.html",
        "某某县2023年国民经济和社会发展统计公报",
    );
    let row = site.report(
        "/zwgk/fdzdgknr/ghjh/t20210501_7.html",
        "某某县国民经济和社会发展第十四个五年规划纲要",
    );
    site.list("/zwgk/fdzdgknr/ghjh/", &format!("<ul>{row}</ul>"));
    site.page("/zwgk/fdzdgknr/rsxx/", "<p>暂无内容</p>");
    site.crawl().await;
}

#[tokio::test]
async fn flat_columns_behind_an_entrance_with_a_menu_drawn_by_script() {
    let mut site = Invented::default();
    site.list("/", "<a href=\"/web/index.html\"><img src=\"/enter.jpg\" alt=\"进入网站\"></a><a href=\"/lxwm.html\">联系我们</a>");
    site.list(
        "/web/index.html",
        &format!("<a href=\"/col/col10/index.html\"><img src=\"a.png\" alt=\"政务公开\"></a><a href=\"/col/col90/index.html\">走进某某</a>\
            <a href=\"/col/col91/index.html\">政务服务</a>{FOOTER}"),
    );
    let columns = [
        (11, "法治政府建设"),
        (12, "政府信息公开年报"),
        (13, "政府工作报告"),
        (14, "统计公报"),
        (15, "财政预决算"),
    ];
    let mut menu = String::new();
    for (id, name) in columns {
        menu.push_str(&format!(
            "<li data-url=\"/col/col{id}/index.html\"><a href=\"javascript:void(0)\">{name}</a></li>"
        ));
    }
    for (id, name) in [(80, "领导之窗"), (81, "机构职能")] {
        menu.push_str(&format!("<li data-url=\"/col/col{id}/index.html\">{name}</li>"));
        site.text(&format!("/col/col{id}/index.html"), name);
    }
    let mut newest = String::new();
    for (id, name) in columns {
        let mut rows = String::new();
        for year in 2019..2024 {
            rows.push_str(&site.report(
                &format!("/art/{year}/2/27/art_{id}_{id}{year}.html"),
                &format!("某某县{year}年{name}情况的报告"),
            ));
        }
        newest.push_str(&rows);
        // Every list shows the whole menu.
        site.list(
            &format!("/col/col{id}/index.html"),
            &format!("<ul>{menu}</ul><ul>{rows}</ul>"),
        );
    }
    // A hub that shows the newest documents of all its columns beside the menu.
    let html = format!(
        "<html><head><title>政务公开-某某县</title><meta name=\"ColumnName\" content=\"政务公开\"></head><body><ul>{menu}</ul>\
         <ul>{newest}</ul></body></html>"
    );
    site.n_lists += 1;
    site.pages.insert("/col/col10/index.html".to_owned(), html);
    site.crawl().await;
}

#[tokio::test]
async fn a_script_sends_on_and_clicks_lists_and_pictures_lead_further() {
    let mut site = Invented::default();
    site.list("/", "<script>window.location.href = \"/cms/home.html\";</script>");
    site.list(
        "/cms/home.html",
        &format!(
            "<div onclick=\"location.href='/cms/xxgk/list.html'\">信息公开</div>\
            <div class=\"block\"><h3>政府工作报告</h3><a href=\"/cms/c7/list.html\">更多&gt;&gt;</a></div>\
            <a href=\"/cms/fzzf.html\" title=\"法治政府建设\"><img src=\"f.png\"></a>{FOOTER}"
        ),
    );
    site.list(
        "/cms/xxgk/list.html",
        "<select><option value=\"\">选择部门</option><option value=\"/cms/bm/1/list.html\">县财政局</option>\
         <option value=\"/cms/bm/2/list.html\">县统计局</option></select><a href=\"/cms/xxgk/zn.html\">政府信息公开指南</a>",
    );
    site.text("/cms/xxgk/zn.html", "政府信息公开指南");
    let clicks = |site: &mut Invented, folder: &str, what: &str| {
        let mut rows = String::new();
        for year in 2020..2024 {
            let (path, title) = (
                format!("{folder}{year}0227{:04}.html", year - 2000),
                format!("某某县{year}年{what}"),
            );
            site.report(&path, &title);
            rows.push_str(&format!("<li><a href=\"javascript:;\" onclick=\"openPage('{path}')\"><b>{title}</b><em>{year}-02-27</em></a></li>"));
        }
        rows
    };
    let rows = clicks(
        &mut site,
        "/cms/bm/1/",
        "财政预算执行情况和下一年财政预算草案的报告",
    );
    site.list("/cms/bm/1/list.html", &format!("<ul>{rows}</ul>"));
    let rows = clicks(&mut site, "/cms/bm/2/", "国民经济和社会发展统计公报");
    site.list("/cms/bm/2/list.html", &format!("<ul>{rows}</ul>"));
    let rows = clicks(&mut site, "/cms/c7/", "政府工作报告");
    site.list("/cms/c7/list.html", &format!("<ul>{rows}</ul>"));
    // A column with a long introduction above its two rows.
    let words =
        "建设法治政府是全面推进依法治国的重点任务，本栏目集中公开本县法治政府建设的有关文件和年度报告。"
            .repeat(8);
    let rows = site.rows("/cms/f/", "法治政府建设年度报告", 2022..2024);
    site.list(
        "/cms/fzzf.html",
        &format!("<h1>法治政府建设</h1><div id=\"zoom\"><p>{words}</p></div><ul>{rows}</ul>"),
    );
    site.crawl().await;
}

#[tokio::test]
async fn departments_have_sites_of_their_own_below_the_portal() {
    let mut site = Invented::default();
    site.list(
        "/",
        "<meta http-equiv=\"refresh\" content=\"0; url=/main/index.shtml\">",
    );
    site.list(
        "/main/index.shtml",
        "<map><area href=\"/sfj/index.shtml\" alt=\"县司法局\"><area href=\"/fgj/\" alt=\"县发展改革局\"></map>\
         <a href=\"/main/gkml.shtml\">政府信息公开目录</a><a href=\"/ztzl/\">专题专栏</a>\
         <a href=\"/main/ld/20230101001.shtml\">领导信息</a>",
    );
    site.text("/main/ld/20230101001.shtml", "县长某某某");
    site.list("/main/gkml.shtml", "<iframe src=\"/gkml/list.shtml\"></iframe>");
    let rows = site.rows("/gkml/", "政府信息公开工作年度报告", 2016..2024);
    site.list("/gkml/list.shtml", &format!("<ul>{rows}</ul>"));
    let years: String = (2020..2024)
        .map(|year| format!("<a href=\"nb.jsp?year={year}\">{year}年</a>"))
        .collect();
    site.list(
        "/sfj/index.shtml",
        "<a href=\"/sfj/\">本局首页</a><a href=\"/sfj/nb.jsp\">法治建设年度报告</a><a href=\"/sfj/jgzn/\">机构职能</a>\
         <a href=\"/sfj/bszn/\">办事指南</a>",
    );
    site.text("/sfj/jgzn/", "机构职能");
    site.text("/sfj/bszn/", "办事指南");
    site.list("/sfj/nb.jsp", &years);
    for year in 2020..2024 {
        let rows = site.rows("/sfj/a/", "法治政府建设年度报告", year..year + 1);
        site.list(
            &format!("/sfj/nb.jsp?year={year}"),
            &format!("{years}<ul>{rows}</ul>"),
        );
    }
    site.list(
        "/fgj/",
        "<a href=\"/fgj/fzgh/\">发展规划</a><a href=\"/fgj/tzgg/\">通知公告</a>",
    );
    let rows = site.rows("/fgj/fzgh/", "国民经济和社会发展计划执行情况的报告", 2018..2024);
    site.list("/fgj/fzgh/", &format!("<ul>{rows}</ul>"));
    let row = site.report(
        "/fgj/tzgg/t20230105_3.html",
        "某某县发展改革局关于做好2023年重点项目申报工作的通知",
    );
    site.list("/fgj/tzgg/", &format!("<ul>{row}</ul>"));
    site.crawl().await;
}
