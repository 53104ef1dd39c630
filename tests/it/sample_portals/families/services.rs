//! Systems whose lists are answered by a service: UCAP, the platform of Guangdong, LonSun, eportal.

use serde_json::json;

use super::{
    super::{
        papers::page,
        samples::Sample,
        server::{Reply, Site},
    },
    Stock, UCAP, ZOOM, hex,
};

pub(super) fn ucap(family: &str) -> Sample {
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

pub(super) fn gkmlpt(family: &str) -> Sample {
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

pub(super) fn lonsun(family: &str, is_json: bool) -> Sample {
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

pub(super) fn eportal(family: &str) -> Sample {
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
