//! Whole lists of plain portals, TRS, Hanweb and jpaas: every report is found, nothing else is asked for.

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
        let mut expected: Vec<_> = ["/robots.txt", seed]
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

#[tokio::test]
async fn plain_lists_are_paged_by_links_menus_and_functions() {
    for pager in [
        "<a href=\"list.jsp?id=7&page={next}\">下一页</a>",
        "<select onchange=\"location.href=this.value\"><option value=\"list.jsp?id=7&page=2\">2</option>         <option value=\"list.jsp?id=7&page=3\">3</option></select>",
        "<a href=\"javascript:goPage(2)\">2</a><a href=\"javascript:goPage(3)\">末页</a>         <script>function goPage(n){ window.location.href = 'list.jsp?id=7&page=' + n; }</script>",
        "<a href=\"javascript:;\" onclick=\"location.href='list.jsp?id=7&page={next}'\">下一页</a>",
    ] {
        let answer = move |hit: &Hit| {
            let number: usize = match hit.path.strip_prefix("/xxgk/list.jsp?id=7")? {
                "" => 1,
                page => page.strip_prefix("&page=")?.parse().ok()?,
            };
            let parts = [&TRS[..3], &TRS[3..6], &TRS[6..]];
            let pager = if number < 3 || !pager.contains("{next}") {
                pager
            } else {
                ""
            };
            page(&(rows(parts.get(number - 1)?) + &pager.replace("{next}", &(number + 1).to_string())))
        };
        let pages = ["/xxgk/list.jsp?id=7&page=2", "/xxgk/list.jsp?id=7&page=3"];
        all_is_found("static", "/xxgk/list.jsp?id=7", &TRS, &pages, answer).await;
    }
}

#[tokio::test]
async fn a_list_that_shares_whole_pages_with_another_is_read_to_its_end() {
    let answer = |hit: &Hit| {
        let next = |number: usize| format!("<a href=\"index_{number}.html\">下一页</a>");
        let (column, file) = hit
            .path
            .strip_prefix("/zwgk/")
            .map_or(("", ""), |rest| rest.split_once('/').unwrap_or((rest, "")));
        match (column, file) {
            ("", "") => page("<a href=\"/zwgk/gzbg/\">政府工作报告</a><a href=\"/zwgk/zfwj/\">政府文件</a>"),
            ("gzbg", "") => page(&(rows(&TRS[..2]) + &next(1))),
            ("gzbg", "index_1.html") => page(&(rows(&TRS[2..4]) + &next(2))),
            ("gzbg", "index_2.html") => page(&rows(&TRS[4..6])),
            ("zfwj", "") => page(&(rows(&TRS[..2]) + &next(1))),
            ("zfwj", "index_1.html") => page(&(rows(&TRS[2..4]) + &next(2))),
            ("zfwj", "index_2.html") => page(&(rows(&TRS[4..6]) + &next(3))),
            ("zfwj", "index_3.html") => page(&rows(&TRS[6..])),
            _ => None,
        }
    };
    let pages = [
        "/zwgk/gzbg/",
        "/zwgk/gzbg/index_1.html",
        "/zwgk/gzbg/index_2.html",
        "/zwgk/zfwj/",
        "/zwgk/zfwj/index_1.html",
        "/zwgk/zfwj/index_2.html",
        "/zwgk/zfwj/index_3.html",
    ];
    all_is_found("static", "/zwgk/", &TRS, &pages, answer).await;
}

#[tokio::test]
async fn rows_and_columns_that_a_script_opens_are_followed() {
    let answer = |hit: &Hit| match hit.path.as_str() {
        "/zwgk/" => page(
            "<ul><li data-url=\"/zwgk/fzzf/\">法治政府建设</li><li data-url=\"/zwgk/tjgb/\">统计公报</li></ul>",
        ),
        "/zwgk/fzzf/" => {
            let row = |path: &&str| {
                format!(
                    "<tr onclick=\"window.open('{path}')\"><td>{}</td><td>2024-02-27</td></tr>",
                    title(path)
                )
            };
            page(&format!(
                "<table>{}</table>",
                TRS.iter().map(row).collect::<String>()
            ))
        }
        "/zwgk/tjgb/" => page("<p>暂无信息</p>"),
        _ => None,
    };
    all_is_found("static", "/zwgk/", &TRS, &["/zwgk/fzzf/", "/zwgk/tjgb/"], answer).await;
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

#[tokio::test]
async fn trs_counts_from_zero() {
    let answer = |hit: &Hit| {
        let script =
            |current: u32| format!("<script>createPageHTML(3, {current}, \"index\", \"html\");</script>");
        match hit.path.as_str() {
            "/zwgk/fzzf/" => page(&(rows(&TRS[..3]) + &script(0))),
            "/zwgk/fzzf/index_1.html" => page(&(rows(&TRS[3..6]) + &script(1))),
            "/zwgk/fzzf/index_2.html" => page(&(rows(&TRS[6..]) + &script(2))),
            _ => None,
        }
    };
    let pages = ["/zwgk/fzzf/index_1.html", "/zwgk/fzzf/index_2.html"];
    all_is_found("trs", "/zwgk/fzzf/", &TRS, &pages, answer).await;
}

#[tokio::test]
async fn trs_with_an_element_may_begin_with_one_or_two() {
    for first in [1, 2] {
        let answer = move |hit: &Hit| {
            let script = |current: u32| {
                format!("<script>createPageHTML('page_div', 3, {current}, 'fzzf_list', 'shtml', 20)</script>")
            };
            let number = hit.path.strip_prefix("/zwgk/fzzf_list")?.strip_suffix(".shtml")?;
            let number: usize = match number.strip_prefix('_') {
                None => 0,
                Some(number) => (number.parse::<usize>().ok()? + 1).checked_sub(first)?,
            };
            let parts = [&TRS[..3], &TRS[3..6], &TRS[6..]];
            // Where the second page is `_2`, `_1` is the first once more.
            page(&(rows(parts.get(number)?) + &script(number as u32 + 1)))
        };
        let pages = [
            "/zwgk/fzzf_list_1.shtml",
            "/zwgk/fzzf_list_2.shtml",
            "/zwgk/fzzf_list_3.shtml",
        ];
        all_is_found("trs", "/zwgk/fzzf_list.shtml", &TRS, &pages, answer).await;
    }
}

#[tokio::test]
async fn trs_templates_that_write_their_links_by_hand() {
    let answer = |hit: &Hit| {
        let script = |current: u32| {
            format!(
                "<script>\nvar currentPage = {current};//当前页\nvar countPage = 3//共多少页\nvar nextPage = currentPage+1\n\
                 if(countPage>1)document.write(\"<a href=\\\"index\"+\"_\" + nextPage + \".\"+\"htm\\\">下一页</a>\");\n</script>"
            )
        };
        match hit.path.as_str() {
            "/zwgk/fzzf/index.htm" => page(&(rows(&TRS[..3]) + &script(0))),
            "/zwgk/fzzf/index_1.htm" => page(&(rows(&TRS[3..6]) + &script(1))),
            "/zwgk/fzzf/index_2.htm" => page(&(rows(&TRS[6..]) + &script(2))),
            _ => None,
        }
    };
    let pages = ["/zwgk/fzzf/index_1.htm", "/zwgk/fzzf/index_2.htm"];
    all_is_found("trs", "/zwgk/fzzf/index.htm", &TRS, &pages, answer).await;
}

#[tokio::test]
async fn stubs_and_repeated_pages_end_a_list() {
    // The script promises far more pages than there are: behind the last, stubs or the first page once more.
    for stub in [true, false] {
        let answer = move |hit: &Hit| {
            let script = "<script>createPageHTML(40, 0, \"index\", \"html\");</script>";
            let page_of = |part: &[&str]| page(&(rows(part) + script));
            match hit.path.as_str() {
                "/zwgk/fzzf/" => page_of(&TRS[..4]),
                "/zwgk/fzzf/index_1.html" => page_of(&TRS[4..]),
                path if path.starts_with("/zwgk/fzzf/index_") && stub => Some(Reply::html(
                    "<html><head><meta http-equiv=\"refresh\" content=\"0;url=/zwgk/\"></head><body>暂无内容</body></html>",
                )),
                path if path.starts_with("/zwgk/fzzf/index_") => page_of(&TRS[..4]),
                _ => None,
            }
        };
        let mut pages = vec!["/zwgk/fzzf/index_1.html", "/zwgk/fzzf/index_2.html"];
        // One stub may be an accident.
        pages.extend(stub.then_some("/zwgk/fzzf/index_3.html"));
        all_is_found("trs", "/zwgk/fzzf/", &TRS, &pages, answer).await;
    }
}

#[tokio::test]
async fn pages_behind_the_end_that_send_home_are_none() {
    let answer = |hit: &Hit| match hit.path.as_str() {
        "/zwgk/fzzf/list.html" => {
            page(&(rows(&TRS) + "<script>createPageHTML('div', 2, 1, 'list', 'html', 9)</script>"))
        }
        "/zwgk/fzzf/list_1.html" | "/zwgk/fzzf/list_2.html" => Some(Reply::redirect("/")),
        "/" => page(
            "<a href=\"/zwgk/\">信息公开</a><a href=\"/gsgg/202401/t20240101_9.html\">关于召开县人民代表大会的通知公告</a>",
        ),
        _ => None,
    };
    let pages = ["/zwgk/fzzf/list_1.html", "/zwgk/fzzf/list_2.html", "/", "/"];
    all_is_found("trs", "/zwgk/fzzf/list.html", &TRS, &pages, answer).await;
}

#[tokio::test]
async fn rows_that_lead_elsewhere_do_not_end_a_list() {
    let answer = |hit: &Hit| {
        let script = "<script>createPageHTML(4, 0, \"index\", \"html\");</script>";
        let foreign = |n: u32| {
            format!(
                "<ul><li><a href=\"http://other.example/{n}00{n}.html\">某某市人民政府关于第{n}号事项的通知</a></li></ul>{script}"
            )
        };
        match hit.path.as_str() {
            "/zwgk/fzzf/" => page(&(rows(&TRS[..3]) + script)),
            "/zwgk/fzzf/index_1.html" => page(&foreign(1)),
            "/zwgk/fzzf/index_2.html" => page(&foreign(2)),
            "/zwgk/fzzf/index_3.html" => page(&(rows(&TRS[3..]) + script)),
            _ => None,
        }
    };
    let pages = [
        "/zwgk/fzzf/index_1.html",
        "/zwgk/fzzf/index_2.html",
        "/zwgk/fzzf/index_3.html",
    ];
    all_is_found("trs", "/zwgk/fzzf/", &TRS, &pages, answer).await;
}

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

fn datastore(paths: &[&str], more: &str) -> String {
    let record = |path: &&str| format!("<record><![CDATA[{}]]></record>\n", rows(&[path]));
    let records: String = paths.iter().map(record).collect();
    format!("<datastore>\n{more}\n<recordset>\n{records}</recordset></datastore>")
}

fn xml(inner: &str) -> Option<Reply> {
    let body = format!("<?xml version='1.0' encoding='utf-8'?>\n{inner}");
    Some(
        Reply::status(200)
            .header("Content-Type", "text/xml;charset=utf-8")
            .body(body.as_bytes()),
    )
}

fn in_page(inner: &str) -> String {
    format!("<div id=\"9\"><script type=\"text/xml\">{inner}</script></div>")
}

#[tokio::test]
async fn hanweb_follows_the_next_group() {
    let next = |page: u32| {
        format!(
            "<nextgroup><![CDATA[<a href=\"/module/web/jpage/dataproxy.jsp?page={page}&appid=1&webid=5&path=/&columnid=77&unitid=9\
             &permissiontype=0\"></a>]]></nextgroup>"
        )
    };
    let answer = move |hit: &Hit| match hit.path.split_once("page=") {
        None if hit.path == COLUMN => page(&in_page(&datastore(&ART[..3], &next(2)))),
        Some((_, query)) if query.starts_with("2&") => xml(&datastore(&ART[3..6], &next(3))),
        Some((_, query)) if query.starts_with("3&") => xml(&datastore(&ART[6..], "<nextgroup></nextgroup>")),
        _ => None,
    };
    let url = |page: u32| {
        format!(
            "/module/web/jpage/dataproxy.jsp?page={page}&appid=1&webid=5&path=/&columnid=77&unitid=9&permissiontype=0"
        )
    };
    all_is_found("hanweb", COLUMN, &ART, &[&url(2), &url(3)], answer).await;
}

#[tokio::test]
async fn hanweb_asks_for_rows_by_number() {
    let answer = |hit: &Hit| {
        let script = "<script>$(function(){ $('#9').jpage({ theme:'default', proxyUrl:'/module/web/jpage/dataproxy.jsp', perPage:1,\
                      totalRecord:8, openCookies:false, ajaxParam:{col:1,appid:1,webid:5,path:'/',columnid:77,sourceContentType:1,\
                      unitid:9,webname:'某某县',permissiontype:0} }); });</script>";
        if hit.path == COLUMN {
            return page(&(in_page(&datastore(&ART[..3], "")) + script));
        }
        if !hit.path.contains("dataproxy") {
            return None;
        }
        assert_eq!(hit.method, "POST");
        assert!(
            hit.header("referer").unwrap().ends_with(COLUMN),
            "a browser asks on behalf of the page"
        );
        assert!(
            hit.header("content-type")
                .unwrap()
                .starts_with("application/x-www-form-urlencoded")
        );
        let more = "<totalrecord>8</totalrecord><totalpage>8</totalpage>";
        match hit.path.as_str() {
            "/module/web/jpage/dataproxy.jsp?startrecord=4&endrecord=6&perpage=1" => {
                xml(&datastore(&ART[3..6], more))
            }
            "/module/web/jpage/dataproxy.jsp?startrecord=7&endrecord=9&perpage=1" => {
                xml(&datastore(&ART[6..], more))
            }
            _ => None,
        }
    };
    let form = "col=1&appid=1&webid=5&path=%2F&columnid=77&sourceContentType=1&unitid=9&webname=%E6%9F%90%E6%9F%90%E5%8E%BF&permissiontype=0";
    let request = |from: u32| {
        let to = from + 2;
        format!("/module/web/jpage/dataproxy.jsp?startrecord={from}&endrecord={to}&perpage=1 {form}")
    };
    all_is_found("hanweb", COLUMN, &ART, &[&request(4), &request(7)], answer).await;
}

#[tokio::test]
async fn hanweb_with_encrypted_ids_gives_what_the_page_has() {
    let path = "/module/web/jpage/dataproxy.jsp?page=1&columnid=Qk%2Bz&unitid=aGVsbG8%3D";
    let answer = move |hit: &Hit| {
        let next = format!("<nextgroup><![CDATA[<a href=\"{path}\"></a>]]></nextgroup>");
        match hit.path.as_str() {
            COLUMN => page(&in_page(&datastore(&ART, &next))),
            found if found == path => xml("<datastore></datastore>"),
            _ => None,
        }
    };
    all_is_found("hanweb", COLUMN, &ART, &[path], answer).await;
}

#[tokio::test]
async fn addresses_of_pages_that_all_show_the_first_are_left_soon() {
    // The page pages by script; the addresses in its pager are for show.
    let answer = |hit: &Hit| {
        let pager = |n: u32| format!("<a href=\"{COLUMN}?uid=9&pageNum={n}\">{n}</a>");
        let pager: String = (2..=9).map(pager).collect();
        hit.path
            .starts_with(COLUMN)
            .then(|| page(&(rows(&ART) + &pager)))
            .flatten()
    };
    let of = |n: u32| format!("{COLUMN}?uid=9&pageNum={n}");
    all_is_found("hanweb", COLUMN, &ART, &[&of(2), &of(3)], answer).await;
}

#[tokio::test]
async fn hanweb_answers_in_another_charset_than_declared_are_read() {
    let path = "/module/jpage/dataproxy.jsp?page=2&unitid=9";
    let answer = move |hit: &Hit| {
        let next = format!("<nextgroup><![CDATA[<a href=\"{path}\"></a>]]></nextgroup>");
        match hit.path.as_str() {
            COLUMN => page(&in_page(&datastore(&ART[..4], &next))),
            found if found == path => {
                let text = format!(
                    "<?xml version='1.0' encoding='utf-8'?>{}",
                    datastore(&ART[4..], "<totalpage>2</totalpage>")
                );
                let (bytes, ..) = encoding_rs::GBK.encode(&text);
                Some(
                    Reply::status(200)
                        .header("Content-Type", "text/xml;charset=utf-8")
                        .body(&bytes),
                )
            }
            _ => None,
        }
    };
    all_is_found("hanweb", COLUMN, &ART, &[path], answer).await;
}

const BUILD: &str = "/api-gateway/jpaas-publish-server/front/page/build/unit";

const QUERY_DATA: &str = "{'parseType':'bulidstatic','webId':'w1','tplSetId':'t1','pageType':'column','tagId':'list','editType':'null','pageId':'c77'}";

fn build(page: u32, size: u32) -> String {
    format!(
        "{BUILD}?parseType=bulidstatic&webId=w1&tplSetId=t1&pageType=column&tagId=list&editType=null&pageId=c77\
         &paramJson=%7B%22pageNo%22%3A{page}%2C%22pageSize%22%3A{size}%7D"
    )
}

fn unit(paths: &[&str], more: &str) -> Option<Reply> {
    let body = serde_json::json!({"success": true, "code": "200", "data": {"html": rows(paths) + more}});
    Some(
        Reply::status(200)
            .header("Content-Type", "application/json")
            .body(body.to_string().as_bytes()),
    )
}

#[tokio::test]
async fn jpaas_fills_an_empty_page() {
    let answer = |hit: &Hit| {
        let more = "<div class=\"pagination\" rows=\"3\" count=\"8\"></div>";
        match hit.path.as_str() {
            COLUMN => page(&format!(
                "<script src=\"/unitbuild.js\" url=\"{BUILD}\" queryData=\"{QUERY_DATA}\"></script>"
            )),
            path if path == build(1, 15) => unit(&ART[..3], more),
            path if path == build(2, 3) => unit(&ART[3..6], more),
            path if path == build(3, 3) => unit(&ART[6..], more),
            _ => None,
        }
    };
    all_is_found(
        "jpaas",
        COLUMN,
        &ART,
        &[&build(1, 15), &build(2, 3), &build(3, 3)],
        answer,
    )
    .await;
}

#[tokio::test]
async fn jpaas_goes_on_behind_the_rows_of_the_page() {
    let answer = |hit: &Hit| {
        let more = "<div class=\"pagination\" rows=\"3\" count=\"8\"></div>";
        match hit.path.as_str() {
            COLUMN => page(&format!(
                "<div queryData=\"{QUERY_DATA}\">{}{more}</div>",
                rows(&ART[..3])
            )),
            path if path == build(2, 3) => unit(&ART[3..6], more),
            path if path == build(3, 3) => unit(&ART[6..], more),
            _ => None,
        }
    };
    all_is_found("jpaas", COLUMN, &ART, &[&build(2, 3), &build(3, 3)], answer).await;
}

#[tokio::test]
async fn jpaas_without_a_total_is_asked_once_more() {
    let answer = |hit: &Hit| match hit.path.as_str() {
        COLUMN => page(&format!("<div queryData=\"{QUERY_DATA}\"></div>")),
        path if path == build(1, 15) => unit(&ART[..5], ""),
        path if path == build(2, 15) => unit(&ART[5..], ""),
        path if path == build(3, 15) => unit(&[], ""),
        _ => None,
    };
    all_is_found(
        "jpaas",
        COLUMN,
        &ART,
        &[&build(1, 15), &build(2, 15), &build(3, 15)],
        answer,
    )
    .await;
}

#[tokio::test]
async fn lists_side_by_side_on_a_page_do_not_end_each_other() {
    // The first list repeats itself from its second page on; the other has three pages.
    let other = QUERY_DATA.replace("'list'", "'other'");
    let answer = move |hit: &Hit| {
        let page_of =
            |part: &[&str], count: u32| unit(part, &format!("<div rows=\"2\" count=\"{count}\"></div>"));
        let is_first = hit.path.contains("tagId=list");
        let number = hit
            .path
            .split("pageNo%22%3A")
            .nth(1)
            .and_then(|rest| rest.split('%').next());
        match (is_first, number) {
            (_, None) if hit.path == COLUMN => page(&format!(
                "<div queryData=\"{QUERY_DATA}\"></div><div queryData=\"{other}\"></div>"
            )),
            (true, Some(_)) => page_of(&ART[..2], 40),
            // With several lists, a page is a hub: its columns are followed.
            (_, None) if hit.path == "/zwgk/" => page(""),
            (false, Some("1")) => page_of(&ART[2..4], 6),
            (false, Some("2")) => page_of(&ART[4..6], 6),
            (false, Some("3")) => page_of(&ART[6..], 6),
            _ => None,
        }
    };
    let request =
        |tag: &str, page: u32, size: u32| build(page, size).replace("tagId=list", &format!("tagId={tag}"));
    let pages = [
        request("list", 1, 15),
        request("list", 2, 2),
        request("other", 1, 15),
        request("other", 2, 2),
        request("other", 3, 2),
    ];
    let pages: Vec<_> = pages.iter().map(String::as_str).chain(["/zwgk/"]).collect();
    all_is_found("jpaas", COLUMN, &ART, &pages, answer).await;
}
