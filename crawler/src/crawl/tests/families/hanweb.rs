//! Hanweb jpage: rows as XML in the page and from a proxy.

use super::*;

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
