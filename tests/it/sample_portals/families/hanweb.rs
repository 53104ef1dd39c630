//! Hanweb: rows as XML in the page and from a proxy (jpage), or units of a page answered as JSON (jpaas).

use serde_json::json;

use super::{
    super::{
        papers::{Paper, list_page},
        samples::Sample,
        server::{Hit, Reply, Site},
    },
    HANWEB, Stock, TRS, ZOOM, hex,
};

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

pub(super) fn hanweb(family: &str) -> Sample {
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

pub(super) fn hanweb_by_post(family: &str) -> Sample {
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

pub(super) fn hanweb_encrypted(family: &str) -> Sample {
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

pub(super) fn hanweb_old(family: &str) -> Sample {
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

pub(super) fn jpaas(family: &str) -> Sample {
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
