//! One portal of every content system: its list, the answers its scripts ask for, its way to name a document.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::{
    Sample,
    papers::{Paper, list_page, page, report_page},
    server::{Hit, Reply, Site},
};

/// The reports of a portal and their pages by path.
struct Stock {
    papers: Vec<(String, Paper)>,
    pages: BTreeMap<String, String>,
    validator: Validator,
}

/// What a server says by which a page can be asked for again.
#[derive(Clone, Copy)]
enum Validator {
    None,
    Tag,
    Moment,
}

const MOMENT: &str = "Tue, 27 Feb 2024 02:13:20 GMT";

impl Stock {
    /// `n` reports from number `first` on, at the paths that `path` gives.
    fn new(
        first: usize,
        n: usize,
        (open, close): (&str, &str),
        path: impl Fn(usize, &Paper) -> String,
    ) -> Self {
        let papers: Vec<_> = (first..first + n)
            .map(Paper::new)
            .enumerate()
            .map(|(n, paper)| (path(n, &paper), paper))
            .collect();
        let pages = papers
            .iter()
            .map(|(path, paper)| (path.clone(), report_page(paper, open, close)))
            .collect();
        let validator = [Validator::None, Validator::Tag, Validator::Moment][(first / 5) % 3];
        Self {
            papers,
            pages,
            validator,
        }
    }

    fn expected(&self) -> BTreeSet<String> {
        self.pages.keys().cloned().collect()
    }

    /// Rows of a page of `size`, counted from 0.
    fn rows(&self, number: usize, size: usize) -> String {
        self.slice(number * size, size)
            .iter()
            .map(|(path, paper)| paper.row(path))
            .collect()
    }

    fn slice(&self, start: usize, n: usize) -> &[(String, Paper)] {
        let end = (start + n).min(self.papers.len());
        &self.papers[start.min(end)..end]
    }

    /// The page of a report, or 404.
    fn reply(&self, hit: &Hit) -> Reply {
        let tag = format!("W/\"{}-{}\"", hit.target.len(), self.pages.len());
        match (self.pages.get(&hit.target), self.validator) {
            (Some(_), Validator::Tag) if hit.header("if-none-match") == Some(&tag) => Reply::status(304),
            (Some(_), Validator::Moment) if hit.header("if-modified-since") == Some(MOMENT) => {
                Reply::status(304)
            }
            (Some(page), Validator::Tag) => Reply::html(page).header("ETag", tag),
            (Some(page), Validator::Moment) => Reply::html(page).header("Last-Modified", MOMENT),
            (Some(page), Validator::None) => Reply::html(page),
            (None, _) => Reply::html(page("找不到页面", "<h1>404</h1>您访问的页面不存在")).with_status(404),
        }
    }
}

const TRS: (&str, &str) = ("<div class=\"TRS_Editor\">", "</div>");
const ZOOM: (&str, &str) = ("<div id=\"zoom\">", "</div>");
const VSB: (&str, &str) = (
    "<div id=\"vsb_content\"><div class=\"v_news_content\">",
    "</div></div>",
);
const UCAP: (&str, &str) = ("<div id=\"UCAP-CONTENT\"><UCAPCONTENT>", "</UCAPCONTENT></div>");
const HANWEB: (&str, &str) = (
    "<div id=\"zoom\"><!--ZJEG_RSS.content.begin-->",
    "<!--ZJEG_RSS.content.end--></div>",
);

fn hex(n: usize) -> String {
    format!("{:016x}{:016x}", n * 7_919 + 13, (n + 3) * 104_729)
}

/// All of them; named portals say their family, the others leave it to be found.
pub(super) fn samples(named: bool) -> Vec<Sample> {
    let family = |name: &'static str| if named { name } else { "auto" };
    vec![
        static_next(family("static")),
        trs(family("trs")),
        trs_by_element(family("trs"), 1),
        trs_by_element(family("trs"), 2),
        hanweb(family("hanweb")),
        hanweb_by_post(family("hanweb")),
        hanweb_encrypted(family("hanweb")),
        hanweb_old(family("hanweb")),
        jpaas(family("jpaas")),
        ucap(family("ucap")),
        vsb(family("vsb")),
        gkmlpt(family("gkmlpt")),
        lonsun(family("lonsun"), false),
        lonsun(family("lonsun"), true),
        eportal(family("eportal")),
        sitemap(family("sitemap")),
        feed(family("feed"), false),
        feed(family("feed"), true),
    ]
}

fn static_next(family: &str) -> Sample {
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

fn trs(family: &str) -> Sample {
    let stock = Stock::new(30, 34, TRS, |n, paper| {
        format!(
            "/xxgk/fdzdgk/fzzf/{}/t{}_65839{n:02}.html",
            paper.month(),
            paper.day()
        )
    });
    let expected = stock.expected();
    let site = Site::start(move |hit| {
        let number = match hit.path() {
            "/xxgk/fdzdgk/fzzf/" | "/xxgk/fdzdgk/fzzf/index.html" => 0,
            "/xxgk/fdzdgk/fzzf/index_1.html" => 1,
            "/xxgk/fdzdgk/fzzf/index_2.html" => 2,
            "/xxgk/fdzdgk/fzzf/index_3.html" => 3,
            _ => return stock.reply(hit),
        };
        let rows: String = stock
            .slice(number * 10, 10)
            .iter()
            .map(|(path, paper)| paper.row(&path.replace("/xxgk/fdzdgk/fzzf/", "./")))
            .collect();
        let below = format!(
            "<div class=\"page\"><script>\n  createPageHTML(4, {number}, \"index\", \"html\");\n</script></div>"
        );
        Reply::html(list_page(&rows, &below))
    });
    Sample::of(family, "trs", site, "/xxgk/fdzdgk/fzzf/index.html", expected)
}

fn trs_by_element(family: &str, second: usize) -> Sample {
    let stock = Stock::new(65, 47, TRS, |n, _| format!("/{}.shtml", hex(n)));
    let expected = stock.expected();
    let site = Site::start(move |hit| {
        let number = (0..3).find(|n| {
            let suffix = if *n == 0 {
                String::new()
            } else {
                format!("_{}", n + second - 1)
            };
            hit.path() == format!("/fzzf/fzzf_list{suffix}.shtml")
        });
        let Some(number) = number else {
            return stock.reply(hit);
        };
        let below = format!(
            "<div id=\"page_div\"></div><script>createPageHTML('page_div',3, {},'fzzf_list','shtml',47);</script>",
            number + 1
        );
        Reply::html(list_page(&stock.rows(number, 20), &below))
    });
    Sample::of(
        family,
        &format!("trs-element-{second}"),
        site,
        "/fzzf/fzzf_list.shtml",
        expected,
    )
}

fn art(n: usize, paper: &Paper) -> String {
    let mut parts = paper
        .date
        .split('-')
        .map(|part| part.trim_start_matches('0').to_owned());
    let [year, month, day] = [parts.next(), parts.next(), parts.next()].map(Option::unwrap_or_default);
    format!("/art/{year}/{month}/{day}/art_1234_{}.html", 560_001 + n)
}

fn records(slice: &[(String, Paper)]) -> String {
    slice
        .iter()
        .map(|(path, paper)| format!("<record><![CDATA[{}]]></record>\n", paper.row(path)))
        .collect()
}

const EMPTY_STORE: &str = "<datastore><recordset></recordset></datastore>";

/// What the proxy answers: records from `startrecord` to `endrecord`, or a page.
fn proxy(stock: &Stock, hit: &Hit) -> Reply {
    let is_whole = hit.parameter("columnid").as_deref() == Some("1234")
        && hit.parameter("unitid").as_deref() == Some("5678");
    let per_page = hit.number("perpage").unwrap_or(15);
    let (start, end) = match (hit.number("startrecord"), hit.number("endrecord")) {
        (Some(start), Some(end)) => (start, end),
        // Groups of three pages, the first of which stands in the page.
        _ => {
            let group = hit.number("page").unwrap_or(1);
            (group * 3 * per_page + 1, (group + 1) * 3 * per_page)
        }
    };
    if !is_whole || start > stock.papers.len() || start == 0 {
        return Reply::of("text/xml;charset=UTF-8", EMPTY_STORE);
    }
    let total = stock.papers.len();
    Reply::of(
        "text/xml;charset=UTF-8",
        format!(
            "<?xml version='1.0' encoding='UTF-8'?><datastore><totalrecord>{total}</totalrecord><totalpage>{}</totalpage>\
             <recordset>{}</recordset></datastore>",
            total.div_ceil(per_page),
            records(stock.slice(start - 1, end + 1 - start))
        ),
    )
}

fn hanweb(family: &str) -> Sample {
    let stock = Stock::new(120, 62, HANWEB, art);
    let expected = stock.expected();
    let site = Site::start(move |hit| match hit.path() {
        "/col/col1234/index.html" => {
            let next = "/module/web/jpage/dataproxy.jsp?page=1&appid=1&webid=7&path=/&columnid=1234&unitid=5678&webname=%E6%B8%85%E6%B2%B3&permissiontype=0";
            let below = format!(
                "<div id=\"5678\"></div><script type=\"text/xml\"><datastore>\n<nextgroup><![CDATA[<a href=\"{next}\"></a>]]></nextgroup>\n\
                 <recordset>{}</recordset></datastore></script>\n<script>$('#5678').jpage({{perPage:15, totalRecord:62, \
                 proxyUrl:'/module/web/jpage/dataproxy.jsp', openCookies:0}});</script>",
                records(stock.slice(0, 45))
            );
            Reply::html(list_page("", &below))
        }
        "/module/web/jpage/dataproxy.jsp" => proxy(&stock, hit),
        _ => stock.reply(hit),
    });
    Sample::of(
        family,
        "hanweb",
        site,
        "/col/col1234/index.html?uid=5678&pageNum=1",
        expected,
    )
}

fn hanweb_by_post(family: &str) -> Sample {
    let stock = Stock::new(10, 40, HANWEB, art);
    let expected = stock.expected();
    let site = Site::start(move |hit| match hit.path() {
        "/col/col1234/index.html" => {
            let below = format!(
                "<div id=\"5678\" class=\"default_pgContainer\"></div><script type=\"text/xml\"><datastore><recordset>{}</recordset></datastore></script>\n\
                 <script language=\"javascript\">$(document).ready(function(){{ $('#5678').jpage({{ themeName:'default',\n\
                 dataStore: 'none', proxyUrl:'/module/web/jpage/dataproxy.jsp', perPage:15, totalRecord:40,\n\
                 groupSize:3, ajaxParam:{{ col:1, appid:1, webid:7, path:'/', columnid:1234, sourceContentType:1, unitid:'5678',\n\
                 webname:'清河县人民政府', permissiontype:0 }} }}); }});</script>",
                records(stock.slice(0, 15))
            );
            Reply::html(list_page("", &below))
        }
        "/module/web/jpage/dataproxy.jsp" if hit.method == "POST" && hit.body.contains("columnid=") => {
            proxy(&stock, hit)
        }
        "/module/web/jpage/dataproxy.jsp" => Reply::of("text/xml", EMPTY_STORE),
        _ => stock.reply(hit),
    });
    Sample::of(family, "hanweb-post", site, "/col/col1234/index.html", expected)
}

fn hanweb_encrypted(family: &str) -> Sample {
    let stock = Stock::new(40, 41, TRS, |n, paper| {
        format!("/art/{}/art_{}.html", &paper.date[..4], hex(n))
    });
    let expected = stock.expected();
    let site = Site::start(move |hit| match hit.path() {
        "/col/col77/index.html" => {
            let next = "/module/web/jpage/dataproxy.jsp?page=1&webid=b7f1c0&path=x&columnid=9ac3f5d1e0&unitid=77f0aa12cc&webname=q&permissiontype=0";
            let below = format!(
                "<script type=\"text/xml\"><datastore><nextgroup><![CDATA[<a href=\"{next}\"></a>]]></nextgroup><recordset>{}</recordset></datastore></script>",
                records(&stock.papers)
            );
            Reply::html(list_page("", &below))
        }
        "/module/web/jpage/dataproxy.jsp" => Reply::of("text/xml", EMPTY_STORE),
        _ => stock.reply(hit),
    });
    Sample::of(
        family,
        "hanweb-encrypted",
        site,
        "/col/col77/index.html",
        expected,
    )
}

fn hanweb_old(family: &str) -> Sample {
    let stock = Stock::new(90, 36, HANWEB, art);
    let expected = stock.expected();
    let site = Site::start(move |hit| match hit.path() {
        "/col/col1234/index.html" => {
            let next = "/module/jpage/dataproxy.jsp?page=2&appid=1&webid=7&path=/&columnid=1234&unitid=5678&permissiontype=0";
            let below = format!(
                "<script type=\"text/xml\"><datastore><nextgroup><![CDATA[<a href=\"{next}\"></a>]]></nextgroup><recordset>{}</recordset></datastore></script>",
                records(stock.slice(0, 15))
            );
            Reply::html(list_page("", &below))
        }
        "/module/jpage/dataproxy.jsp" => {
            let page = hit.number("page").unwrap_or(1);
            let more = page * 15 < stock.papers.len();
            let next = hit
                .target
                .replace(&format!("page={page}"), &format!("page={}", page + 1))
                .replace('&', "&amp;");
            let nextgroup = if more {
                format!(
                    "<nextgroup><![CDATA[<a href=\"{}\"></a>]]></nextgroup>",
                    next.replace("&amp;", "&")
                )
            } else {
                String::new()
            };
            let slice = stock.slice((page - 1) * 15, 15);
            if slice.is_empty() {
                return Reply::of("text/xml", EMPTY_STORE);
            }
            Reply::of(
                "text/xml;charset=utf-8",
                format!(
                    "<datastore>{nextgroup}<recordset>{}</recordset></datastore>",
                    records(slice)
                ),
            )
        }
        _ => stock.reply(hit),
    });
    Sample::of(family, "hanweb-old", site, "/col/col1234/index.html", expected)
}

fn jpaas(family: &str) -> Sample {
    let stock = Stock::new(20, 38, ZOOM, |n, paper| {
        format!("/art/{}/art_{}.html", &paper.date[..4], hex(n + 7))
    });
    let expected = stock.expected();
    let site = Site::start(move |hit| match hit.path() {
        "/zwgk/fzzf/index.html" => Reply::html(list_page(
            "",
            "<div id=\"page1\" class=\"list\" pageid=\"p9\" queryData=\"{'webId':'4f','pageId':'9a','parseType':'bulidstatic','pageType':'column',\
             'tagId':'信息列表','tplSetId':'7c'}\" url=\"/api-gateway/jpaas-publish-server/front/page/build/unit\">正在加载</div>",
        )),
        "/api-gateway/jpaas-publish-server/front/page/build/unit" => {
            let is_known = hit.parameter("webId").as_deref() == Some("4f")
                && hit.parameter("tagId").as_deref() == Some("信息列表");
            let wanted = hit.parameter("paramJson").unwrap_or_else(|| "{}".to_owned());
            let wanted: serde_json::Value = serde_json::from_str(&wanted).unwrap_or_default();
            let number = |name: &str, default: u64| {
                let value = &wanted[name];
                value
                    .as_u64()
                    .or_else(|| value.as_str()?.parse().ok())
                    .unwrap_or(default)
            };
            let size = usize::try_from(number("pageSize", 15)).unwrap();
            let page = usize::try_from(number("pageNo", 1)).unwrap();
            if !is_known {
                return Reply::json(&json!({"success": false, "message": "参数错误", "data": null}));
            }
            let html = format!(
                "<ul class=\"list\">{}</ul><div class=\"pagination\" rows=\"{size}\" count=\"{}\"></div>",
                stock.rows(page - 1, size),
                stock.papers.len()
            );
            Reply::json(&json!({"success": true, "code": "200", "data": {"html": html}}))
        }
        _ => stock.reply(hit),
    });
    Sample::of(family, "jpaas", site, "/zwgk/fzzf/index.html", expected)
}

fn ucap(family: &str) -> Sample {
    let stock = Stock::new(70, 45, UCAP, |n, paper| {
        format!("/qhxzf/c100186/{}/{}.shtml", paper.month(), hex(n + 50))
    });
    let expected = stock.expected();
    let site = Site::start(move |hit| match hit.path() {
        "/qhxzf/c100186/list.shtml" => Reply::html(page(
            "法治政府建设年度报告",
            "<div class=\"main\"><ul id=\"list\"></ul><div id=\"page\"></div></div>\n<script>\nvar channelCode = 'c100186';\n\
             var websiteCodeName = 'qhxzf';\n$.ajax({url:'/common/getChannelList?channelCode=c100186&websiteCodeName=qhxzf', dataType:'json', success:function(r){\n\
             load('/common/search/' + r.data[0].channelId + '?_isAgg=true&_isJson=true&_pageSize=20&_template=index&page=1'); }});\n</script>",
        )),
        "/common/getChannelList" if hit.parameter("channelCode").as_deref() == Some("c100186") => {
            Reply::json(
                &json!({"code": 200, "data": [{"channelId": "3f2b9c7d1e", "channelCode": "c100186", "channelName": "法治政府建设年度报告"}]}),
            )
        }
        "/common/search/3f2b9c7d1e" => {
            let (page, size) = (
                hit.number("page").unwrap_or(1),
                hit.number("_pageSize").unwrap_or(20),
            );
            let results: Vec<_> = stock
                .slice((page - 1) * size, size)
                .iter()
                .map(|(path, paper)| {
                    json!({"title": paper.title, "url": path, "publishedTimeStr": format!("{} 09:12:00", paper.date),
                           "channelName": "法治政府建设年度报告"})
                })
                .collect();
            Reply::json(
                &json!({"code": 200, "data": {"page": page, "rows": size, "total": stock.papers.len(), "results": results}}),
            )
        }
        _ => stock.reply(hit),
    });
    Sample::of(family, "ucap", site, "/qhxzf/c100186/list.shtml", expected)
}

fn vsb(family: &str) -> Sample {
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

fn gkmlpt(family: &str) -> Sample {
    let stock = Stock::new(50, 44, ("", ""), |n, _| {
        format!("/gkmlpt/content/6/{}/post_{}.html", 6_083 + n / 10, 6_083_100 + n)
    });
    let expected = stock.expected();
    let site = Site::start(move |hit| match hit.path() {
        "/gkmlpt/index" => Reply::html(
            "<!DOCTYPE html><html><head><title>清河县人民政府信息公开目录</title></head><body><div id=\"app\"></div>\n<script>\n\
             window._CONFIG = { SITE_NAME: '清河县人民政府', SID: '764001', TREE: [\n\
               {\"id\": 1, \"name\": \"机构职能\", \"children\": []},\n\
               {\"id\": 2, \"name\": \"法定主动公开内容\", \"children\": [{\"id\": 3301, \"name\": \"法治政府建设年度报告\", \"children\": []}]}\n\
             ], };\n</script><script src=\"/gkmlpt/js/app.js\"></script></body></html>",
        ),
        "/gkmlpt/api/all/3301" if hit.parameter("sid").as_deref() == Some("764001") => {
            let page = hit.number("page").unwrap_or(1);
            let articles: Vec<_> = stock
                .slice((page - 1) * 20, 20)
                .iter()
                .map(|(path, paper)| json!({"title": paper.title, "url": path, "created_at": format!("{} 10:00:00", paper.date)}))
                .collect();
            Reply::json(
                &json!({"classify": {"id": 3301, "name": "法治政府建设年度报告", "post_count": 44}, "articles": articles}),
            )
        }
        path if path.starts_with("/gkmlpt/api/all/") => {
            Reply::json(&json!({"classify": {"post_count": 0}, "articles": []}))
        }
        _ => match stock.papers.iter().find(|(path, _)| *path == hit.target) {
            Some((_, paper)) => {
                let detail = json!({"title": paper.title, "content": paper.body(), "created_at": paper.date});
                Reply::html(format!(
                    "<!DOCTYPE html><html><head><title>{}</title></head><body><div id=\"app\"></div><script>window._CONFIG = {{ SID: '764001', DETAIL: {detail} }};</script></body></html>",
                    paper.title
                ))
            }
            None => Reply::status(404),
        },
    });
    Sample::of(family, "gkmlpt", site, "/gkmlpt/index#3301", expected)
}

fn lonsun(family: &str, is_json: bool) -> Sample {
    let stock = Stock::new(100, 32, ZOOM, |n, _| {
        format!("/public/6617/{}.html", 11_223_001 + n)
    });
    let expected = stock.expected();
    let site = Site::start(move |hit| match hit.path() {
        "/public/column/6617" => {
            let label = if is_json {
                "isJson=true&labelName=searchDataList"
            } else {
                "labelName=publicInfoList&IsAjax=1&dataType=html"
            };
            Reply::html(
                page(
                    "法治政府建设年度报告",
                    &format!(
                        "<div id=\"list\"></div><script>\nvar organId = '6617', catId = '6720811';\n\
                         $.get('/site/label/8888?{label}&siteId=6787381&organId=6617&type=4&catId=6720811&pageSize=15&pageIndex=1&isDate=true&dateFormat=yyyy-MM-dd&action=list');\n</script>"
                    ),
                )
                .replace("<head>", "<head><meta name=\"SiteId\" content=\"6787381\">"),
            )
        }
        "/site/label/8888" => {
            let is_known = hit.parameter("siteId").as_deref() == Some("6787381")
                && hit.parameter("organId").as_deref() == Some("6617");
            if !is_known {
                return Reply::html("<!-- no data -->");
            }
            let (page, size) = (
                hit.number("pageIndex").unwrap_or(1),
                hit.number("pageSize").unwrap_or(15),
            );
            let slice = stock.slice((page - 1) * size, size);
            if hit.parameter("isJson").as_deref() == Some("true") {
                let data: Vec<_> = slice
                    .iter()
                    .map(|(path, paper)| json!({"title": paper.title, "link": path, "url": path, "publishDate": format!("{} 08:00:00", paper.date)}))
                    .collect();
                return Reply::json(
                    &json!({"data": data, "total": stock.papers.len(), "pageIndex": page, "pageCount": stock.papers.len().div_ceil(size)}),
                );
            }
            Reply::html(format!(
                "<ul class=\"clearfix\">{}</ul><script>Ls.pagination('#page', {{pageIndex: {page}, pageCount: {}, pageSize: {size}, total: {}}});</script>",
                stock.rows(page - 1, size),
                stock.papers.len().div_ceil(size),
                stock.papers.len()
            ))
        }
        _ => stock.reply(hit),
    });
    let id = if is_json { "lonsun-json" } else { "lonsun" };
    let seed = "/public/column/6617?type=4&action=list&nav=3&catId=6720811";
    Sample::of(family, id, site, seed, expected)
}

fn eportal(family: &str) -> Sample {
    let stock = Stock::new(15, 35, ZOOM, |n, paper| {
        format!("/web/zwgk/fzzf/{}1122{n:04}/index.shtml", paper.day())
    });
    let expected = stock.expected();
    let site = Site::start(move |hit| match hit.path() {
        "/web/zwgk/fzzf/index.shtml" => Reply::html(page(
            "法治政府建设年度报告",
            "<div id=\"list\"></div><script>function query(n){ $.getJSON('/eportal/ui?moduleId=5&portal.url=/portlet/xxgkml!queryList.portlet\
             &pageNo='+n+'&pageSize=20&flmc=tcfl&fldm=0702', show); } query(1);</script>",
        )),
        "/eportal/ui" if hit.parameter("fldm").as_deref() == Some("0702") => {
            let (page, size) = (
                hit.number("pageNo").unwrap_or(1),
                hit.number("pageSize").unwrap_or(20),
            );
            let result: Vec<_> = stock
                .slice((page - 1) * size, size)
                .iter()
                .map(|(path, paper)| json!({"title": paper.title, "url": path, "publishDate": paper.date}))
                .collect();
            Reply::json(&json!({"result": result, "totalCount": stock.papers.len(), "pageNo": page}))
        }
        _ => stock.reply(hit),
    });
    Sample::of(family, "eportal", site, "/web/zwgk/fzzf/index.shtml", expected)
}

fn sitemap(family: &str) -> Sample {
    use std::io::Write as _;
    let stock = Stock::new(140, 30, ZOOM, |n, paper| {
        format!("/{}/content_{}.html", paper.day(), 700_001 + n)
    });
    let expected = stock.expected();
    let site = Site::start(move |hit| {
        let host = hit.header("host").unwrap_or_default().to_owned();
        let set = |slice: &[(String, Paper)]| {
            let urls: String = slice
                .iter()
                .map(|(path, paper)| {
                    format!(
                        "<url><loc>http://{host}{path}</loc><lastmod>{}</lastmod></url>",
                        paper.date
                    )
                })
                .collect();
            format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?><urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">{urls}</urlset>"
            )
        };
        match hit.path() {
            "/sitemap.xml" => Reply::of(
                "application/xml",
                format!(
                    "<?xml version=\"1.0\"?><sitemapindex xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\"><sitemap><loc>http://{host}/map1.xml</loc></sitemap>\
                     <sitemap><loc>http://{host}/map2.xml.gz</loc></sitemap></sitemapindex>"
                ),
            ),
            "/map1.xml" => Reply::of("text/xml", set(stock.slice(0, 18))),
            "/map2.xml.gz" => {
                let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
                packed.write_all(set(stock.slice(18, 99)).as_bytes()).unwrap();
                Reply::of("application/gzip", packed.finish().unwrap())
            }
            _ => stock.reply(hit),
        }
    });
    Sample::of(family, "sitemap", site, "/sitemap.xml", expected)
}

fn feed(family: &str, is_atom: bool) -> Sample {
    let stock = Stock::new(110, 21, ZOOM, |n, paper| {
        format!("/gkxx/{}/{}.html", paper.month(), 91_001 + n)
    });
    let expected = stock.expected();
    let site = Site::start(move |hit| match hit.path() {
        "/rss.xml" if is_atom => {
            let entries: String = stock.papers.iter().map(|(path, paper)| {
                format!("<entry><title>{}</title><link rel=\"alternate\" href=\"{path}\"/><id>urn:{path}</id><updated>{}T09:00:00+08:00</updated></entry>", paper.title, paper.date)
            }).collect();
            Reply::of(
                "application/atom+xml",
                format!(
                    "<?xml version=\"1.0\" encoding=\"utf-8\"?><feed xmlns=\"http://www.w3.org/2005/Atom\"><title>清河</title>{entries}</feed>"
                ),
            )
        }
        "/rss.xml" => {
            let items: String = stock.papers.iter().map(|(path, paper)| {
                format!("<item><title><![CDATA[{}]]></title><link>{path}</link><pubDate>{} 09:00:00</pubDate></item>", paper.title, paper.date)
            }).collect();
            Reply::of(
                "text/xml; charset=utf-8",
                format!(
                    "<?xml version=\"1.0\" encoding=\"utf-8\"?><rss version=\"2.0\"><channel><title>清河</title><link>/</link>{items}</channel></rss>"
                ),
            )
        }
        _ => stock.reply(hit),
    });
    Sample::of(
        family,
        if is_atom { "atom" } else { "rss" },
        site,
        "/rss.xml",
        expected,
    )
}
