//! Exports and citations: every format against the search, whole and broken files, wrong calls.

mod broken;
mod cite;
mod command;

use std::{collections::BTreeMap, io::Cursor};

use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode},
};
use calamine::{Data as XlsxCell, Reader, Xlsx, open_workbook_from_rs};
use parquet::{
    file::reader::{FileReader, SerializedFileReader},
    record::Field,
};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::support::{Data, Service, ask, encode, get, gongbao, run};

/// Every format, with its media type.
const FORMATS: [(&str, &str); 8] = [
    ("csv", "text/csv"),
    ("jsonl", "application/jsonl"),
    ("parquet", "application/vnd.apache.parquet"),
    (
        "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
    ("bibtex", "application/x-bibtex"),
    ("ris", "application/x-research-info-systems"),
    ("gbt7714", "text/plain"),
    ("csl", "application/vnd.citationstyles.csl+json"),
];

/// Titles and texts that want to be something else than text.
const HOSTILE: [&str; 12] = [
    "=HYPERLINK(\"http://x.example\",\"报告\")",
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1:A9)",
    "\u{3000}＝1+1",
    "a,\"b\"\r\n=c",
    "]]>&amp;<b>_x0041_</b>",
    "a}\n@misc{b, title={c}} \\input{x} 50% $ # _ ^ ~",
    "TY  - BOOK",
    "ER  - \r\nTY  - BOOK",
    "'=1",
    "𠮷野家 \u{1f600}",
];

fn sample() -> Data {
    let mut lines: Vec<Value> = (0..90)
        .map(|nth| {
            let (code, name) = [("430482", "常宁市"), ("110105", "朝阳区"), ("510118", "新津区")][nth % 3];
            json!({
                "id": format!("r{nth:03}"), "url": format!("https://a.example.gov.cn/{nth}.html"),
                "title": format!("{name}{}年法治政府建设情况报告{nth}", 2015 + nth % 7),
                "text": format!("总述。\n一、主要成效\n推行双随机、一公开监管，第{nth}次。\n二、存在的问题\n（一）力量不足\n执法力量不足{nth}。"),
                "region_code": code, "year": 2015 + nth % 7, "genre": "rule-of-law-report",
                "published": (nth % 5 > 0).then(|| format!("2021-02-{:02}", 1 + nth % 28)),
                "issuer": (nth % 4 > 0).then(|| format!("{name}人民政府")),
                "document_number": (nth % 6 == 0).then(|| format!("常政发〔2021〕{nth}号")),
            })
        })
        .collect();
    lines.extend(HOSTILE.iter().enumerate().map(|(nth, text)| {
        json!({"id": format!("h{nth:02}"), "url": format!("https://b.example.gov.cn/{nth}.html?=1"), "title": text,
               "text": format!("双随机、一公开\n{text}\n\t{text}"), "genre": "notice", "issuer": text, "source": text})
    }));
    Data::with_lines(&lines)
}

async fn export(router: &Router, target: &str) -> (StatusCode, axum::http::HeaderMap, Vec<u8>) {
    let request = Request::get(format!("/api/v1/export?{target}"))
        .body(Body::empty())
        .unwrap();
    let response = router.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, 256 << 20).await.unwrap();
    (parts.status, parts.headers, bytes.to_vec())
}

/// Ids of everything that a search finds, page by page.
async fn found(router: &Router, query: &str) -> Vec<String> {
    let (mut ids, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = get(
            router,
            &format!("/api/v1/search?limit=40&fields=id&{query}{cursor}"),
        )
        .await
        .json();
        ids.extend(
            page["hits"]
                .as_array()
                .unwrap()
                .iter()
                .map(|hit| hit["id"].as_str().unwrap().to_owned()),
        );
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={}", encode(next)),
            None => return ids,
        }
    }
}

fn lines(bytes: &[u8]) -> Vec<Value> {
    let text = std::str::from_utf8(bytes).unwrap();
    assert!(text.ends_with('\n'));
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Reads CSV as RFC 4180 says.
fn rows(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell) = (Vec::new(), Vec::new(), String::new());
    let (mut quoted, mut chars) = (false, text.chars().peekable());
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => cell.extend(chars.next()),
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut cell)),
            '\r' if !quoted => assert_eq!(chars.peek(), Some(&'\n')),
            '\n' if !quoted => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            c => cell.push(c),
        }
    }
    assert!(
        !quoted && row.is_empty() && cell.is_empty(),
        "it ends in the middle of a row"
    );
    rows
}

#[tokio::test]
async fn an_export_finds_what_the_search_finds() {
    let data = sample();
    let router = data.router();
    let exact = encode("\"双随机、一公开\"");
    for query in [
        String::new(),
        format!("q={exact}"),
        format!("q={exact}&region=43&year_from=2017"),
        format!("q={}&mode=loose&sort=-year", encode("法治 常宁")),
        format!("q={}&section=problems&sort=published", encode("力量")),
        format!(
            "q={}&mode=any&sort=relevance&genre=rule-of-law-report",
            encode("行政执法的力量")
        ),
        "group=duplicates&sort=year".to_owned(),
        format!("q={}", encode("NOT 力量")),
        "year=1949".to_owned(),
    ] {
        let (status, headers, body) = export(&router, &format!("format=jsonl&fields=id,year&{query}")).await;
        assert_eq!(status, StatusCode::OK, "{query}");
        let mut lines = lines(&body);
        let last = lines.pop().unwrap();
        let ids: Vec<String> = lines
            .iter()
            .map(|line| line["id"].as_str().unwrap().to_owned())
            .collect();
        let mut wanted = found(&router, &query).await;
        if !query.contains("sort=") {
            wanted.sort();
        }
        assert_eq!(ids, wanted, "{query}");
        assert_eq!(last, json!({"complete": true, "count": ids.len()}));
        assert_eq!(headers["gongbao-count"], ids.len().to_string());
        assert!(lines.iter().all(|line| line.as_object().unwrap().len() == 2));
    }
}

/// Reports are fetched by two threads, several hundred at a time.
#[tokio::test]
async fn many_reports_come_in_the_order_of_their_search() {
    const N: usize = 1_300;
    let lines: Vec<Value> = (0..N)
        .map(|nth| {
            // Short and long ones take turns, so that one thread overtakes the other.
            let text = "双随机、一公开。".repeat(1 + nth * 7 % 50 * (nth % 3));
            json!({"id": format!("r{nth:04}"), "url": format!("https://a.example.gov.cn/{nth}"), "text": text, "year": 2010 + nth * 7 % 13})
        })
        .collect();
    let data = Data::with_lines(&lines);
    let router = data.router();
    for query in ["", "&sort=-year", "&sort=relevance"] {
        let query = format!("q={}{query}", encode("双随机"));
        let (_, _, body) = export(&router, &format!("format=csv&fields=id,text&{query}")).await;
        let exported = rows(std::str::from_utf8(&body).unwrap());
        let mut wanted = found(&router, &query).await;
        if !query.contains("sort=") {
            wanted.sort();
        }
        assert_eq!(exported.len(), N + 1);
        for (row, id) in exported[1..].iter().zip(&wanted) {
            let nth: usize = id[1..].parse().unwrap();
            assert_eq!(&row[0].trim_start_matches('\u{feff}'), id, "{query}");
            assert_eq!(row[1], lines[nth]["text"], "{query}");
        }
    }
}

/// A cell of Parquet.
pub(crate) fn as_json(cell: &Field) -> Value {
    match cell {
        Field::Null => Value::Null,
        Field::Bool(value) => json!(value),
        Field::Long(number) => json!(number),
        Field::Double(number) => json!(number),
        Field::Str(text) => json!(text),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn tables_hold_every_value_of_every_report() {
    let data = sample();
    let router = data.router();
    let (_, _, whole) = export(&router, "format=jsonl").await;
    let mut reports = lines(&whole);
    reports.pop();
    let one = get(&router, "/api/v1/reports/r003").await.json();
    assert!(reports.contains(&one), "a line is the report as it is");
    assert_eq!(reports.len(), 102);
    let value = |report: &Value, name: &str| match name {
        "quality_score" => report["quality"]["score"].clone(),
        "quality_flags" => {
            let flags: Vec<&str> = report["quality"]["flags"]
                .as_array()
                .unwrap()
                .iter()
                .filter_map(Value::as_str)
                .collect();
            if flags.is_empty() {
                Value::Null
            } else {
                flags.join(";").into()
            }
        }
        name => report[name].clone(),
    };
    let shown = |value: &Value| match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };

    let (_, _, plain) = export(
        &router,
        "format=csv&formula_guard=false&fields=text&fields=id,title,year,region_code,urls,quality_score",
    )
    .await;
    let mut csv = rows(std::str::from_utf8(&plain).unwrap());
    let names = csv.remove(0);
    // In the order of the documentation, however they are named.
    assert_eq!(
        names,
        [
            "id",
            "urls",
            "title",
            "text",
            "region_code",
            "year",
            "quality_score"
        ]
    );
    for (row, report) in csv.iter().zip(&reports) {
        for (name, cell) in names.iter().zip(row) {
            assert_eq!(cell, &shown(&value(report, name)), "{name}");
        }
    }
    assert_eq!(csv.len(), reports.len());

    let (_, _, bytes) = export(&router, "format=parquet").await;
    let parquet = SerializedFileReader::new(axum::body::Bytes::from(bytes)).unwrap();
    let mut n = 0;
    for (row, report) in parquet.get_row_iter(None).unwrap().zip(&reports) {
        let row = row.unwrap();
        let cells: BTreeMap<&String, Value> = row
            .get_column_iter()
            .map(|(name, cell)| (name, as_json(cell)))
            .collect();
        for (name, cell) in &cells {
            assert_eq!(cell, &value(report, name), "{name}");
        }
        for (name, value) in report.as_object().unwrap() {
            let is_one = !value.is_array() && !value.is_object() && name != "text";
            assert_eq!(cells.contains_key(name), is_one, "{name}");
        }
        n += 1;
    }
    assert_eq!(n, reports.len());

    let (_, _, bytes) = export(&router, "format=xlsx").await;
    let mut book: Xlsx<_> = open_workbook_from_rs(Cursor::new(bytes)).unwrap();
    let sheet = book.worksheet_range("reports").unwrap();
    assert_eq!(sheet.height(), reports.len() + 1);
    let names: Vec<String> = sheet
        .rows()
        .next()
        .unwrap()
        .iter()
        .map(ToString::to_string)
        .collect();
    for (row, report) in sheet.rows().skip(1).zip(&reports) {
        for (name, cell) in names.iter().zip(row) {
            let wanted = value(report, name);
            match cell {
                XlsxCell::Empty => assert!(wanted.is_null() || wanted == "", "{name}: {wanted}"),
                XlsxCell::Float(number) => assert_eq!(Some(*number), wanted.as_f64(), "{name}"),
                XlsxCell::Bool(value) => assert_eq!(Some(*value), wanted.as_bool(), "{name}"),
                XlsxCell::String(text) => {
                    // What XML cannot hold is written as Excel does; readers decode it or leave it.
                    let text = text.replace("_x000D_", "\r").replace("_x005F_", "_");
                    assert_eq!(text.replace('\'', ""), shown(&wanted).replace('\'', ""), "{name}");
                }
                other => panic!("{name}: {other:?}"),
            }
        }
    }
}

#[tokio::test]
async fn nothing_in_a_spreadsheet_is_a_formula() {
    let data = sample();
    let router = data.router();
    let starts = |text: &str| {
        text.split('\n').any(|line| {
            line.trim_start()
                .starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠'])
                || line.starts_with(['\t', '\r'])
        })
    };
    let (_, _, bytes) = export(&router, "format=csv&fields=id,title,text,issuer,source").await;
    let csv = rows(std::str::from_utf8(&bytes).unwrap());
    assert_eq!(csv.len(), 103);
    let cells: Vec<&String> = csv.iter().flatten().collect();
    assert!(cells.iter().all(|cell| !starts(cell)));
    assert!(cells.iter().any(|cell| cell.starts_with("'=HYPERLINK")));
    let (_, _, bytes) = export(&router, "format=xlsx&fields=id,title,text,issuer,source").await;
    let mut book: Xlsx<_> = open_workbook_from_rs(Cursor::new(bytes)).unwrap();
    let sheet = book.worksheet_range("reports").unwrap();
    assert!(sheet.rows().flatten().all(|cell| !starts(&cell.to_string())));
    let formulas = book.worksheet_formula("reports").unwrap();
    assert!(formulas.used_cells().next().is_none());
    let (_, _, bytes) = export(&router, "format=csv&bom=true").await;
    assert!(bytes.starts_with("\u{feff}id,url,".as_bytes()));
}

#[tokio::test]
async fn the_answer_says_what_it_is_and_a_head_is_no_export() {
    let data = sample();
    let router = data.router();
    for (format, media_type) in FORMATS {
        let target = format!("format={format}&q={}&region=43", encode("\"双随机、一公开\""));
        let (status, headers, body) = export(&router, &target).await;
        assert_eq!((status, body.is_empty()), (StatusCode::OK, false), "{format}");
        let header = |name: &str| headers[name].to_str().unwrap();
        assert!(header("content-type").starts_with(media_type), "{format}");
        let name = header("content-disposition")
            .strip_prefix("attachment; filename=\"gongbao-")
            .unwrap();
        assert!(
            name.is_ascii() && name.ends_with('"') && !name.contains('/'),
            "{name}"
        );
        assert!(headers.get("content-length").is_none());
        assert_eq!(header("gongbao-count"), "30");
        assert_eq!(header("gongbao-query"), encode("\"双随机、一公开\""));
        let link = header("link");
        let page = link.strip_prefix('<').unwrap().split_once('>').unwrap().0;
        assert!(get(&router, page).await.body.contains("常宁市"), "{link}");
        let head = Request::head(format!("/api/v1/export?{target}"))
            .body(Body::empty())
            .unwrap();
        let head = ask(&router, head).await;
        assert_eq!((head.status, head.body.as_str()), (StatusCode::OK, ""));
        assert_eq!(head.header("gongbao-count"), "30");

        let (status, headers, body) = export(&router, &format!("format={format}&year=1949")).await;
        assert_eq!(
            (status, &headers["gongbao-count"]),
            (StatusCode::OK, &"0".parse().unwrap()),
            "{format}"
        );
        if format == "csv" {
            assert_eq!(rows(std::str::from_utf8(&body).unwrap()).len(), 1);
        }
    }
}

#[tokio::test]
async fn what_cannot_be_exported_is_refused_beforehand() {
    let data = sample();
    let router = data.router();
    for (target, code, word) in [
        (
            "format=csv&limit=10",
            "unknown_parameter",
            "an export has no limit",
        ),
        ("format=csv&cursor=x", "unknown_parameter", "no pages"),
        ("format=csv&facets=year", "unknown_parameter", "/api/v1/search"),
        (
            "q=%E6%B3%95&formt=csv",
            "unknown_parameter",
            "did you mean \"format\"?",
        ),
        ("format=csv&colour=red", "unknown_parameter", "known are"),
        ("format=pdf", "invalid_parameter", "parquet"),
        ("", "invalid_parameter", "parquet"),
        ("format=csv&format=xlsx", "invalid_parameter", "format"),
        ("format=csv&fields=id,colour", "invalid_parameter", "colour"),
        (
            "format=jsonl&fields=quality_score",
            "invalid_parameter",
            "quality_score",
        ),
        ("format=csv&fields=score", "invalid_parameter", "score"),
        ("format=ris&fields=id", "invalid_parameter", "citations"),
        ("format=parquet&bom=true", "invalid_parameter", "csv"),
        ("format=csv&bom=yes", "invalid_parameter", "true or false"),
        ("format=jsonl&formula_guard=false", "invalid_parameter", "xlsx"),
        ("format=csv&region=999999", "invalid_parameter", "region"),
        ("format=csv&q=(", "invalid_query", ""),
    ] {
        let answer = get(&router, &format!("/api/v1/export?{target}")).await;
        assert_eq!(
            answer.status,
            StatusCode::BAD_REQUEST,
            "{target}: {}",
            answer.body
        );
        let problem = answer.json();
        assert_eq!(problem["code"], code, "{target}");
        assert!(
            problem["detail"].as_str().unwrap().contains(word),
            "{target}: {problem}"
        );
    }
}

#[test]
fn where_reading_needs_a_key_exports_need_one_of_their_own() {
    let data = sample();
    let key = |scope: &str| {
        let made = run(gongbao(&data.dir()).args(["keys", "create", "--scope", scope]));
        made.stdout.trim_end().to_owned()
    };
    let (read, export, crawl, admin) = (key("read"), key("export"), key("crawl"), key("admin"));
    let mut command = gongbao(&data.dir());
    command.env("GONGBAO_SERVER__ANONYMOUS_READ", "false");
    let service = Service::start(command.args(["serve", "--bind", "127.0.0.1:0"]));
    let status = |target: &str, key: Option<&str>| service.call("GET", target, key, "").0;
    for (key, exports, cites) in [
        (None, 401, 401),
        (Some("gb_wrong"), 401, 401),
        (Some(read.as_str()), 403, 200),
        (Some(&crawl), 403, 200),
        (Some(&export), 200, 200),
        (Some(&admin), 200, 200),
    ] {
        assert_eq!(status("/api/v1/export?format=csv", key), exports, "{key:?}");
        assert_eq!(status("/api/v1/reports/r003/cite", key), cites, "{key:?}");
    }
}
