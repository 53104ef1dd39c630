//! Pages and answers in, rows and requests out.

use super::*;

const PAGE_URL: &str = "http://a.gov.cn/col/col77/index.html";

fn page(html: &str) -> Option<Found> {
    let url = Url::parse(PAGE_URL).unwrap();
    read(&Listing::of(
        &url,
        &format!("<html><body>{html}</body></html>"),
        &|_| true,
    ))
}

fn answer(page: u32, text: &str) -> Found {
    let json = format!("%7B%22pageNo%22%3A{page}%2C%22pageSize%22%3A2%7D");
    let url = Url::parse(&format!(
        "http://a.gov.cn{BUILD}?webId=1&pageId=c77&paramJson={json}"
    ))
    .unwrap();
    let via = Url::parse(PAGE_URL).unwrap();
    let listing = Listing {
        via: Some(&via),
        is_further: true,
        ..Listing::of(&url, text, &|_| true)
    };
    read(&listing).unwrap()
}

fn json(html: &str) -> String {
    serde_json::json!({"success": true, "code": "200", "data": {"html": html}}).to_string()
}

fn rows(numbers: &[u32]) -> String {
    let row = |n: &u32| {
        format!(
            "<li><a href=\"/art/2024/2/27/art_77_{n}.html\" title=\"某某县第{n}号报告\">某某县第{n}号…</a><span>2024-02-27</span></li>"
        )
    };
    format!("<ul>{}</ul>", numbers.iter().map(row).collect::<String>())
}

/// Parameters of the unit, page and size of each request.
fn requests(found: &Found) -> Vec<(String, String, bool)> {
    let request = |list: &ListLink| {
        let query = list.url.query().unwrap();
        let json = params::get(query, "paramJson").unwrap();
        let unit = query.split("&paramJson").next().unwrap().to_owned();
        (unit, json, list.is_guess)
    };
    found.lists.iter().map(request).collect()
}

fn pages(found: &Found) -> Vec<(u32, bool)> {
    found
        .lists
        .iter()
        .map(|list| (list.number.unwrap(), list.is_guess))
        .collect()
}

const DATA: &str = "{'parseType':'bulidstatic','webId':'1','tplSetId':'x_Y-9','pageType':'column','tagId':'当前栏目list','editType':'null','pageId':'c77'}";

#[test]
fn an_empty_unit_is_asked_for_from_its_first_page() {
    let expected = "parseType=bulidstatic&webId=1&tplSetId=x_Y-9&pageType=column&tagId=%E5%BD%93%E5%89%8D%E6%A0%8F%E7%9B%AElist&editType=null&pageId=c77";
    let as_json = DATA.replace('\'', "&quot;");
    for html in [
        format!("<script src=\"/unitbuild.js\" url=\"{BUILD}\" queryData=\"{DATA}\"></script>"),
        format!("<div class=\"list\" queryData=\"{DATA}\"><p>加载中…</p></div>"),
        format!("<DIV QUERYDATA=\"{as_json}\"></DIV>"),
        format!("<div data-queryData='{}'></div>", DATA.replace('\'', "\"")),
        format!("<div queryData=\"{}\"></div>", DATA.replace('\'', "&amp;quot;")),
    ] {
        let found = page(&html).unwrap();
        assert_eq!(
            requests(&found),
            [(
                expected.to_owned(),
                "{\"pageNo\":1,\"pageSize\":15}".to_owned(),
                false
            )],
            "{html}"
        );
        assert_eq!(found.lists[0].url.path(), BUILD);
        assert!(found.is_list && found.reports.is_empty());
    }
}

#[test]
fn a_unit_with_rows_goes_on_with_the_second_page() {
    let unit = |more: &str| format!("<div queryData=\"{DATA}\">{}{more}</div>", rows(&[1, 2]));
    let counted = page(&unit("<div class=\"pagination\" rows=\"2\" count=\"5\"></div>")).unwrap();
    assert_eq!(pages(&counted), [(2, false), (3, false)]);
    assert!(requests(&counted)[0].1.contains("\"pageSize\":2"));
    assert_eq!(counted.reports.len(), 2);
    assert_eq!(
        pages(&page(&unit("<span class=\"total\">共 2 条</span>")).unwrap()),
        []
    );
    assert_eq!(
        pages(&page(&unit("")).unwrap()),
        [(2, true)],
        "there may be nothing behind"
    );
}

#[test]
fn totals_beside_an_empty_unit_are_read() {
    for html in [
        format!("<div queryData=\"{DATA}\"></div><div class=\"pagination\" rows=\"2\" count=\"5\"></div>"),
        format!("<div class=\"pagination\" rows=\"2\" count=\"5\" queryData=\"{DATA}\"></div>"),
        format!("<script queryData=\"{DATA}\"></script><div rows=2 count=5></div>"),
    ] {
        let found = page(&html).unwrap();
        assert_eq!(pages(&found), [(1, false), (2, false), (3, false)], "{html}");
        assert!(requests(&found)[0].1.contains("\"pageSize\":2"));
    }
}

#[test]
fn units_that_a_script_asks_for_are_found() {
    let by_query =
        format!("<script>$.get(\"{BUILD}?webId=1&pageId=c77&tplSetId=x&tagId=list\", show)</script>");
    let by_object = format!(
        "<script>var url = '{BUILD}'; $.ajax({{url: url, data: {{ webId: \"1\", 'pageId':'c77', tplSetId:'x', tagId:'list'}}}})</script>"
    );
    for html in [by_query, by_object] {
        let found = page(&html).unwrap();
        assert_eq!(
            requests(&found)[0].0,
            "parseType=bulidstatic&webId=1&tplSetId=x&pageType=column&tagId=list&editType=null&pageId=c77",
        );
    }
    assert_eq!(page("<ul><li>rows</li></ul>"), None);
    assert_eq!(page("<div queryData=\"\"></div>"), None);
}

#[test]
fn several_units_are_lists_of_their_own_and_furniture_is_none() {
    let other = DATA.replace("当前栏目list", "图解");
    let place = DATA.replace("当前栏目list", "当前位置");
    let found = page(&format!(
        "<div queryData=\"{place}\"></div><div queryData=\"{DATA}\"></div><div queryData=\"{other}\"></div>"
    ))
    .unwrap();
    let units: Vec<_> = found.lists.iter().map(|list| list.unit).collect();
    assert_eq!((units, found.is_list), (vec![0, 1], false));
}

#[test]
fn answers_give_rows_and_go_on_to_the_total() {
    let counted = format!(
        "{}<div class=\"pagination\" rows=\"2\" count=\"7\"></div>",
        rows(&[1, 2])
    );
    let found = answer(1, &json(&counted));
    assert_eq!(found.source, Source::Answer);
    assert_eq!(found.reports[0].url.path(), "/art/2024/2/27/art_77_1.html");
    assert_eq!(found.reports[0].title.as_deref(), Some("某某县第1号报告"));
    assert_eq!(found.reports[0].date.unwrap().to_string(), "2024-02-27");
    assert_eq!(pages(&found), [(2, false), (3, false), (4, false)]);
    assert_eq!(requests(&found)[0].0, "webId=1&pageId=c77");
    assert_eq!(pages(&answer(4, &json(&counted))), []);
    let by_pages = format!(
        "{}<div class=\"pagination\" rows=\"2\" count=\"3\"></div>",
        rows(&[1, 2])
    );
    assert_eq!(pages(&answer(2, &json(&by_pages))), [], "three rows, two a page");
    for total in [
        "<span class='total'>共3页</span>",
        "<span class=\"total\">5</span>",
        "<div rows=\"5\" count=\"2\"></div>",
    ] {
        let html = format!("{}{total}", rows(&[1, 2]));
        assert_eq!(
            pages(&answer(1, &json(&html))),
            [(2, false), (3, false)],
            "{total}"
        );
    }
}

#[test]
fn answers_without_a_total_go_on_until_there_are_no_rows() {
    assert_eq!(pages(&answer(3, &json(&rows(&[1])))), [(4, true)]);
    for empty in [
        json(""),
        json("<p>暂无数据</p>"),
        json("<div class=\"pagination\" rows=\"2\" count=\"9\"></div>"),
        "{\"success\":false,\"data\":null}".to_owned(),
        "{\"code\":500}".to_owned(),
        "<html><a href='/art/2024/2/27/art_77_1.html'>系统提示页面</a></html>".to_owned(),
        String::new(),
    ] {
        let found = answer(3, &empty);
        assert_eq!((found.reports.len(), found.lists.len()), (0, 0), "{empty}");
    }
    let string = serde_json::json!({"data": rows(&[1, 2])}).to_string();
    assert_eq!(answer(1, &string).reports.len(), 2);
    assert_eq!(answer(1, &rows(&[1, 2])).reports.len(), 2);
}
