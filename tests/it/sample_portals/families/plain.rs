//! Lists whose pages are links: forwards, and counted down by VSB.

use super::{
    super::{
        papers::{list_page, page},
        samples::Sample,
        server::{Reply, Site},
    },
    Stock, VSB, ZOOM,
};

pub(super) fn static_next(family: &str) -> Sample {
    let stock = Stock::new(0, 23, ZOOM, |n, paper| {
        format!("/zwgk/fzzf/{}/{}.html", paper.month(), 84_001 + n)
    });
    let expected = stock.expected();
    let site = Site::start(move |hit| {
        let number = match hit.path() {
            "/zwgk/fzzf/" | "/zwgk/fzzf/index.html" => 0,
            "/zwgk/fzzf/index_2.html" => 1,
            "/zwgk/fzzf/index_3.html" => 2,
            _ => return stock.reply(hit),
        };
        let next = match number {
            2 => "<a>下一页</a>".to_owned(),
            n => format!("<a href=\"index_{}.html\">下一页</a>", n + 2),
        };
        let below = format!(
            "<div class=\"pages\">共 23 条 <a href=\"index.html\">首页</a> {next} <a href=\"index_3.html\">尾页</a></div>"
        );
        Reply::html(list_page(&stock.rows(number, 10), &below))
    });
    Sample::of(family, "static", site, "/zwgk/fzzf/", expected)
}

pub(super) fn vsb(family: &str) -> Sample {
    let stock = Stock::new(130, 33, VSB, |n, _| format!("/info/1007/{}.htm", 2_301 + n));
    let expected = stock.expected();
    let site = Site::start(move |hit| {
        let number = match hit.path() {
            "/zwgk/fzzf.htm" => 0,
            "/zwgk/fzzf/3.htm" => 1,
            "/zwgk/fzzf/2.htm" => 2,
            "/zwgk/fzzf/1.htm" => 3,
            "/content.jsp" => {
                return Reply::html(page(
                    "系统提示",
                    "<div>系统提示：您无权访问此页面，请先登录！</div>",
                ));
            }
            _ => return stock.reply(hit),
        };
        let up = if number == 0 { "../" } else { "../../" };
        let mut rows: String = stock
            .slice(number * 10, 10)
            .iter()
            .map(|(path, paper)| paper.row(&format!("{up}{}", &path[1..])))
            .collect();
        if number == 1 {
            rows.push_str(&format!(
                "<li><span>2019-03-01</span><a href=\"{up}content.jsp?urltype=news.NewsContentUrl&wbtreeid=1007&wbnewsid=9\">清河县粮食局2018年度法治政府建设情况的报告</a></li>"
            ));
        }
        let below = format!(
            "<div class=\"pb_sys_common\"><span class=\"p_t\">共33条</span> <span class=\"p_t\">{}/4</span></div>",
            number + 1
        );
        Reply::html(list_page(&rows, &below))
    });
    Sample::of(family, "vsb", site, "/zwgk/fzzf.htm", expected)
}
