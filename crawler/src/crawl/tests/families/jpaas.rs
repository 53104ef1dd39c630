//! Hanweb jpaas: units of a page, answered one by one.

use super::*;

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
