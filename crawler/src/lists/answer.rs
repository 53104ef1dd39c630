//! What APIs answer: JSON with the rows of a list somewhere in it.
//!
//! Each content system nests its rows differently and names their parts differently, and portals change that once
//! more. So rows are known by what they are: the first array, from the outside in, of objects that have a title and
//! an address. What the answer says about its pages stands in the objects around it. The names are tables.

mod names;
mod parse;
mod value;

use std::{borrow::Cow, collections::VecDeque};

use jiff::civil::Date;
use serde_json::{Map, Value};

use self::{
    names::{ABOUT, DATE, ID, LINK, PAGES, SIZE, TITLE, TOTAL, TOTAL_OR_ROWS},
    value::date,
};
pub(super) use self::{
    parse::parse,
    value::{get, number, text},
};
use super::{
    Found, Listing, Mechanism, Said, Source,
    paging::{self, Counts},
    rows::Rows,
};
use crate::portal::Family;

/// Deepest level at which rows are looked for.
const MAX_DEPTH: usize = 7;

/// Most values that are looked at for rows.
const MAX_VALUES: usize = 20_000;

/// Longest address of a row, in bytes.
const MAX_HREF: usize = 2000;

/// Most rows of one answer.
const MAX_ROWS: usize = 10_000;

/// The objects around a list, from the outside in.
type Around<'a> = Vec<&'a Map<String, Value>>;

/// A row of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Row<'a> {
    /// Its addresses, the better first.
    hrefs: Vec<&'a str>,
    id: Option<String>,
    title: Option<&'a str>,
    date: Option<Date>,
}

/// How a system is asked and answers.
pub(super) struct Api {
    pub(super) family: Family,
    /// The sign by which its answer was told, for a person.
    pub(super) why: &'static str,
    /// The parameter of the page where a request has none.
    pub(super) page: &'static str,
    /// The address of a document by its id `{}`, relative to that of the answer, where rows have no address.
    pub(super) document: Option<&'static str>,
}

impl Api {
    /// The list in an answer.
    pub(super) fn read(&self, listing: &Listing<'_>, answer: &Value) -> Found {
        let written = packed(answer);
        let answer = written.as_ref().unwrap_or(answer);
        let (found, mut counts) = rows(answer);
        let mut rows = Rows::new(listing, listing.shown_on());
        for row in &found {
            let made = self.document.zip(row.id.as_deref()).and_then(|(document, id)| {
                let id: String = url::form_urlencoded::byte_serialize(id.as_bytes()).collect();
                listing.url.join(&document.replace("{}", &id)).ok()
            });
            let hrefs = row.hrefs.iter().map(|href| address(href));
            let hrefs: Vec<_> = hrefs.chain(made.map(|url| Cow::Owned(url.into()))).collect();
            let is_ours = |href: &&Cow<'_, str>| {
                let url = listing.shown_on().join(href);
                url.is_ok_and(|url| (listing.in_scope)(&url))
            };
            if let Some(href) = hrefs.iter().find(is_ours).or(hrefs.first()) {
                rows.add(href, row.title, row.date);
            }
        }
        if found.is_empty()
            && let Some(html) = html(answer)
        {
            rows.add_html(html);
            counts.rows = rows.len();
        }
        let lists = paging::further(listing, counts, self.page);
        // The first page of all speaks for the list.
        let said = Said::rows(counts.total).filter(|_| !lists.is_empty());
        let why = format!("{}: {} rows", self.why, counts.rows);
        Found {
            lists,
            source: Source::Answer,
            mechanism: Mechanism::new(self.family, why),
            said,
            ..rows.into_found()
        }
    }
}

/// An address as an API writes it, with the escapes of HTML or without its scheme.
fn address(href: &str) -> Cow<'_, str> {
    let href = href.trim();
    if href.starts_with("www.") {
        return format!("//{href}").into();
    }
    if href.contains("&amp;") {
        return href.replace("&amp;", "&").into();
    }
    href.into()
}

/// The rows of an answer, and what it says about its pages.
fn rows(answer: &Value) -> (Vec<Row<'_>>, Counts) {
    let (list, around) = find(answer).unwrap_or_default();
    let rows: Vec<_> = list.iter().take(MAX_ROWS).filter_map(row).collect();
    let n = u32::try_from(list.len()).unwrap_or(u32::MAX);
    let mut counts = Counts {
        rows: n,
        ..Counts::default()
    };
    for object in around.iter().rev() {
        let about = ABOUT.iter().filter_map(|name| get(object, name)?.as_object());
        for object in std::iter::once(*object).chain(about) {
            // Only numbers count: `rows` and `records` may be the list itself.
            let number = |names: &[&str]| names.iter().find_map(|name| number(get(object, name)?));
            counts.total = counts
                .total
                .max(number(TOTAL))
                .max(number(TOTAL_OR_ROWS).filter(|total| *total > n));
            counts.pages = counts.pages.or(number(PAGES));
            counts.size = counts.size.or(number(SIZE).filter(|size| *size > 0));
        }
    }
    (rows, counts)
}

/// The list of an answer and the objects around it, from the outside in. An empty list has no rows to know it by, but
/// the objects around it tell that it is empty.
fn find(answer: &Value) -> Option<(&[Value], Around<'_>)> {
    let mut queue = VecDeque::from([(answer, Vec::new())]);
    let mut seen = 0;
    let mut empty = None;
    while let Some((value, around)) = queue.pop_front() {
        seen += 1;
        if seen > MAX_VALUES || around.len() > MAX_DEPTH {
            break;
        }
        match value {
            Value::Array(list) => {
                let first = &list[..list.len().min(100)];
                if first.iter().filter(|value| is_row(value)).count() * 2 > first.len() {
                    return Some((list, around));
                }
                queue.extend(first.iter().map(|inner| (inner, around.clone())));
            }
            Value::Object(map) => {
                let mut around = around;
                around.push(map);
                if empty.is_none()
                    && map
                        .values()
                        .any(|value| value.as_array().is_some_and(Vec::is_empty))
                {
                    empty = Some(around.clone());
                }
                let inner = map.values().filter(|value| value.is_array() || value.is_object());
                queue.extend(inner.map(|inner| (inner, around.clone())));
            }
            _ => {}
        }
    }
    Some((&[], empty?))
}

/// A row has a title, and an address or an id and a date.
fn is_row(value: &Value) -> bool {
    let row = row(value).unwrap_or_default();
    row.title.is_some() && (!row.hrefs.is_empty() || (row.id.is_some() && row.date.is_some()))
}

fn row(value: &Value) -> Option<Row<'_>> {
    let object = value.as_object()?;
    let texts = |names: &'static [&'static str]| {
        let texts = names.iter().filter_map(|name| get(object, name)?.as_str());
        texts.filter(|text| !text.trim().is_empty())
    };
    Some(Row {
        hrefs: texts(LINK).filter(|href| href.len() <= MAX_HREF).collect(),
        id: ID.iter().find_map(|name| text(object, name)),
        title: texts(TITLE).next(),
        date: DATE.iter().find_map(|name| date(get(object, name)?)),
    })
}

/// All objects of an answer that have a text of a name, with that text, from the outside in.
pub(super) fn all<'a>(answer: &'a Value, name: &str) -> Vec<(&'a Map<String, Value>, String)> {
    let mut queue = VecDeque::from([(answer, 0)]);
    let mut found = Vec::new();
    let mut seen = 0;
    while let Some((value, depth)) = queue.pop_front() {
        seen += 1;
        if seen > MAX_VALUES || depth > 2 * MAX_DEPTH {
            break;
        }
        if let Value::Object(map) = value {
            found.extend(text(map, name).map(|text| (map, text)));
        }
        match value {
            Value::Object(map) => queue.extend(map.values().map(|inner| (inner, depth + 1))),
            Value::Array(list) => queue.extend(list.iter().map(|inner| (inner, depth + 1))),
            _ => {}
        }
    }
    found
}

/// The answer with its texts that are JSON again as what they say, when it has no rows itself.
fn packed(answer: &Value) -> Option<Value> {
    if find(answer).is_some_and(|(rows, _)| !rows.is_empty()) {
        return None;
    }
    let mut answer = answer.clone();
    let texts = answer.as_object_mut()?.values_mut().filter(|value| {
        let text = value.as_str().unwrap_or_default().trim_start();
        text.starts_with(['{', '['])
    });
    let mut is_packed = false;
    for text in texts {
        if let Some(value) = text.as_str().and_then(parse) {
            *text = value;
            is_packed = true;
        }
    }
    is_packed.then_some(answer)
}

/// The first text in an answer that holds links: some APIs give the HTML of their rows.
fn html(answer: &Value) -> Option<&str> {
    let mut queue = VecDeque::from([(answer, 0)]);
    let mut seen = 0;
    while let Some((value, depth)) = queue.pop_front() {
        seen += 1;
        if seen > MAX_VALUES || depth > MAX_DEPTH {
            break;
        }
        match value {
            Value::String(text) if text.contains("<a ") || text.contains("<A ") => return Some(text),
            Value::Object(map) => queue.extend(map.values().map(|inner| (inner, depth + 1))),
            Value::Array(list) => queue.extend(list.iter().map(|inner| (inner, depth + 1))),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lists::tests::read;

    const ROWS: &str = r#"{"code": 200, "data": {"total": "3", "rows": [
        {"title": "<em>法治</em>政府建设&ldquo;年度&rdquo;报告", "url": "/x/1.html", "publishTime": 1709049600000, "resList": [{"title": "附件", "url": "/a.pdf"}]},
        {"title": "第二个年度的工作报告", "link": "//a.gov.cn/x/2.html?a=1&amp;b=2", "pub_date": "2024年2月3日"},
        {"TITLE": "第三个年度的工作报告", "URL": "http://a.gov.cn/x/3.html", "createTime": "2024-02-03 10:00:00"}]}}"#;

    fn dates(found: &Found) -> Vec<String> {
        let dates = found.reports.iter().map(|row| row.date);
        dates
            .map(|date| date.map_or(String::new(), |date| date.to_string()))
            .collect()
    }

    #[test]
    fn rows_are_found_whatever_stands_around_them() {
        let json = serde_json::to_string(ROWS).unwrap();
        let packed = serde_json::json!({"success": true, "result": ROWS}).to_string();
        let loose = ROWS
            .replace("\"title\":", "title:")
            .replace('"', "'")
            .replace("]}}", "],}}");
        for text in [
            ROWS.to_owned(),
            format!("\u{feff}\n{ROWS}"),
            format!("callback({ROWS});"),
            format!("/**/ jQuery123_45({ROWS})"),
            format!("try{{cb({ROWS})}}catch(e){{}}"),
            json,
            packed,
            loose,
        ] {
            let found = read("http://a.gov.cn/api/list?page=1&pageSize=20", Family::Auto, &text);
            let urls: Vec<_> = found.reports.iter().map(|row| row.url.as_str()).collect();
            assert_eq!(
                urls,
                [
                    "http://a.gov.cn/x/1.html",
                    "http://a.gov.cn/x/2.html?a=1&b=2",
                    "http://a.gov.cn/x/3.html"
                ],
                "{text}"
            );
            assert_eq!(found.reports[0].title.as_deref(), Some("法治政府建设“年度”报告"));
            assert_eq!(dates(&found), ["2024-02-28", "2024-02-03", "2024-02-03"]);
            assert_eq!((found.source, found.lists.len()), (Source::Answer, 0));
        }
    }

    #[test]
    fn days_are_read_in_every_form() {
        let day = |json: &str| date(&serde_json::from_str(json).unwrap()).map(|date| date.to_string());
        for json in [
            "1709049600",
            "1709049600000",
            "\"1709049600\"",
            "\"1709049600000\"",
            "20240228",
            "\"20240228\"",
            "\"2024-02-28\"",
            "\"2024-02-28T08:00:00+08:00\"",
            "\"2024-02-27T16:00:00.000Z\"",
            "\"2024/2/28 9:00\"",
            "{\"time\": 1709049600000, \"year\": 124}",
            "[2024, 2, 28, 9, 30]",
        ] {
            assert_eq!(day(json).as_deref(), Some("2024-02-28"), "{json}");
        }
        for json in ["0", "\"\"", "null", "\"昨天\"", "-1", "{}", "[]"] {
            assert_eq!(day(json), None, "{json}");
        }
    }

    #[test]
    fn what_is_said_about_the_pages_is_found() {
        let counts = |json: &str| rows(&serde_json::from_str(json).unwrap()).1;
        let row = r#"{"title": "甲乙丙", "url": "/1.html"}"#;
        let with = |around: &str| counts(&around.replace("ROWS", &format!("[{row},{row}]")));
        let total = |n| Counts {
            rows: 2,
            total: Some(n),
            ..Counts::default()
        };
        assert_eq!(
            with(r#"{"classify": {"post_count": "7"}, "articles": ROWS}"#),
            total(7)
        );
        assert_eq!(with(r#"{"total": 9, "data": {"list": ROWS}}"#), total(9));
        assert_eq!(
            with(r#"{"count": 2, "data": ROWS}"#),
            Counts {
                rows: 2,
                ..Counts::default()
            },
            "these are the rows of the page"
        );
        assert_eq!(with(r#"{"count": 8, "data": ROWS}"#), total(8));
        let all = Counts {
            rows: 2,
            total: Some(9),
            pages: Some(5),
            size: Some(2),
        };
        assert_eq!(
            with(r#"{"data": {"page": 1, "rows": 2, "total": 9, "pageCount": "5", "results": ROWS}}"#),
            all
        );
        assert_eq!(
            with(r#"{"result": {"records": ROWS, "pages": 5, "size": 2, "total": 9, "current": 1}}"#),
            all
        );
        let empty = counts(r#"{"data": {"total": 0, "results": []}}"#);
        assert_eq!(
            empty,
            Counts {
                total: Some(0),
                ..Counts::default()
            }
        );
    }

    #[test]
    fn rows_may_be_html_and_may_lead_elsewhere() {
        let html = r#"{"success": true, "data": {"html": "<ul><li><a href='1.html'>某某县年度报告</a><span>2024-02-28</span></li></ul>"}}"#;
        let found = read("http://a.gov.cn/x/list?page=1", Family::Auto, html);
        assert_eq!(found.reports[0].url.as_str(), "http://a.gov.cn/x/1.html");
        let json = r#"{"articles": [{"title": "某某县年度报告", "url": "http://elsewhere.cn/1.html", "post_url": "http://a.gov.cn/post_1.html"},
            {"title": "某某县工作报告", "url": "http://elsewhere.cn/2.html"}]}"#;
        let found = read("http://a.gov.cn/x/list?page=1", Family::Auto, json);
        assert_eq!(found.reports.len(), 1);
        assert_eq!(found.reports[0].url.path(), "/post_1.html");
    }

    #[test]
    fn other_texts_are_no_answers() {
        for text in [
            "[常宁市]某某县年度报告",
            "<html>{}</html>",
            "",
            "某某(县)",
            "{",
            "function f() { return {a: 1} }",
        ] {
            assert_eq!(
                parse(text).filter(|value| value != &serde_json::json!({})),
                None,
                "{text}"
            );
        }
        assert!(parse(&"[".repeat(100_000)).is_none());
    }
}
