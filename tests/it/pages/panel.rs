//! The page of panels: the form, its answer, and what is wrong with a dictionary.

use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode},
};
use serde_json::json;

use crate::support::{Answer, Data, ask, encode, get};

const BOUNDARY: &str = "x-boundary-x";

fn sample() -> Data {
    Data::with_lines(&[
        json!({"id": "a", "url": "https://a.example.gov.cn/1.html", "title": "常宁市2020年度报告",
               "text": "加强环境保护，环保投入增加，营商生态良好。", "region_code": "430482", "year": 2020}),
        json!({"id": "b", "url": "https://a.example.gov.cn/2.html", "title": "衡南县2021年度报告",
               "text": "各位代表：现在报告工作。", "region_code": "430422", "year": 2021}),
        json!({"id": "c", "url": "https://a.example.gov.cn/3.html", "title": "未知年度", "text": "环保。", "region_code": "430422"}),
    ])
}

/// A part of a form: its name, perhaps the name of a file, and what it says.
type Part<'a> = (&'a str, Option<&'a str>, &'a [u8]);

async fn send(router: &Router, parts: &[Part<'_>]) -> Answer {
    let mut body = Vec::new();
    for (name, file, value) in parts {
        let file = file.map_or_else(String::new, |file| format!("; filename=\"{file}\""));
        body.extend(
            format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n").bytes(),
        );
        body.extend_from_slice(value);
        body.extend(b"\r\n");
    }
    body.extend(format!("--{BOUNDARY}--\r\n").bytes());
    let request = Request::post("/panel?lang=zh")
        .header(
            "content-type",
            format!("multipart/form-data; boundary={BOUNDARY}"),
        )
        .header("accept", "text/html")
        .body(Body::from(body));
    ask(router, request.unwrap()).await
}

fn dictionary(text: &str) -> Part<'_> {
    ("dictionary", None, text.as_bytes())
}

const COUNTIES: [Part<'_>; 3] = [
    ("by", None, b"region"),
    ("by", None, b"year"),
    ("level", None, b"county"),
];

#[tokio::test]
async fn a_dictionary_of_ones_own_is_counted_and_comes_back() {
    let data = sample();
    let router = data.router();
    let text = "环保: [环境保护, 环保]\n生态: {terms: [生态], exclude: [营商生态]}\n";
    let mut parts = COUNTIES.to_vec();
    parts.extend([
        dictionary(text),
        ("region", None, "衡阳市".as_bytes()),
        ("file", Some(""), b""),
    ]);
    let page = send(&router, &parts).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let row = |name: &str, nth: usize| {
        let rows = page
            .body
            .split("<tr>")
            .filter(|row| row.contains(&format!(">{name}<")));
        rows.map(str::to_owned)
            .nth(nth)
            .unwrap_or_else(|| panic!("{name}: {}", page.body))
    };
    // Occurrences out of how much; a report that does not speak of it; no report.
    let changning = row("常宁市", 0);
    assert!(
        changning.contains("<strong>2</strong> <small>1/1 · 18</small>"),
        "{changning}"
    );
    assert!(changning.contains("<td class=\"none\"></td>"), "{changning}");
    let hengnan = row("衡南县", 0);
    assert!(
        hengnan.contains("<td class=\"n zero\"><strong>0</strong> <small>0/1 · 10</small></td>"),
        "{hengnan}"
    );
    assert!(
        row("常宁市", 1).contains("<strong>0</strong>"),
        "营商生态 does not count"
    );
    // A county that nobody reports about is there and blank.
    let hengshan = row("衡山县", 0);
    assert!(
        !hengshan.contains("strong") && hengshan.matches("<td class=\"none\">").count() == 2,
        "{hengshan}"
    );
    assert!(
        page.body.contains("有 1 篇报告不在任何一行：年度不明 1 篇。"),
        "{}",
        page.body
    );
    for kept in [
        "生态: {terms: [生态], exclude: [营商生态]}",
        "value=\"衡阳市\"",
        "form=\"order\" name=\"format\" value=\"csv\"",
    ] {
        assert!(page.body.contains(kept), "{kept}: {}", page.body);
    }

    parts.push(("format", None, b"csv"));
    let csv = send(&router, &parts).await;
    assert!(csv.header("content-type").starts_with("text/csv"));
    assert!(csv.header("content-disposition").contains("panel.csv"));
    assert!(
        csv.body
            .starts_with("concept,region,region_name,year,reports,reports_with_hit,occurrences,chars\r\n"),
        "{}",
        csv.body
    );
    for row in [
        "环保,430482,常宁市,2020,1,1,2,\"18\"\r\n",
        "环保,430482,常宁市,2021,0,0,,\"0\"\r\n",
        "环保,430422,衡南县,2021,1,0,0,\"10\"\r\n",
    ] {
        assert!(csv.body.contains(row), "{row}: {}", csv.body);
    }
    parts.pop();
    parts.push(("format", None, b"excel"));
    assert!(send(&router, &parts).await.body.starts_with("\u{feff}concept,"));
}

#[tokio::test]
async fn the_other_language_is_one_click_away_and_keeps_the_dictionary() {
    let data = sample();
    let router = data.router();
    let mut parts = COUNTIES.to_vec();
    parts.extend([
        dictionary("环保: [环境保护, 环保]\n\"<b>\": [生态]\n"),
        ("format", None, b""),
    ]);
    let page = send(&router, &parts).await;
    let form = page.body.split("<form class=\"other\"").nth(1).unwrap();
    let form = form.split("</form>").next().unwrap();
    assert!(
        form.contains("action=\"/panel?lang=en\" method=\"post\" enctype=\"multipart/form-data\""),
        "{form}"
    );
    let fields: Vec<(String, String)> = form
        .split("<input type=\"hidden\" name=\"")
        .skip(1)
        .map(|field| {
            let (name, rest) = field.split_once("\" value=\"").unwrap();
            let value = rest.split("\">").next().unwrap();
            let value = value
                .replace("&#34;", "\"")
                .replace("&#60;", "<")
                .replace("&#62;", ">");
            (name.to_owned(), value)
        })
        .collect();
    let expected = [
        ("dictionary", "环保: [环境保护, 环保]\n\"<b>\": [生态]\n"),
        ("by", "region"),
        ("by", "year"),
        ("level", "county"),
    ];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(fields, expected);
    // A page that is an address has a link.
    let address = get(&router, "/panel?own=1&lang=zh").await.body;
    assert!(
        !address.contains("class=\"other\"") && address.contains("hreflang=\"en\""),
        "{address}"
    );
}

#[tokio::test]
async fn a_file_takes_the_place_of_the_text() {
    let data = sample();
    let router = data.router();
    let csv = "concept,term\n环境,环保\n".as_bytes();
    let parts = [
        dictionary("甲: [乙]"),
        ("file", Some("a.csv"), csv),
        ("by", None, b""),
    ];
    let page = send(&router, &parts).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    assert!(page.body.contains("环境,环保\n</textarea>"), "{}", page.body);
    // Without anything to tell rows apart by there is one for each concept, of all reports.
    assert!(
        page.body.contains("<strong>2</strong> <small>2/3 · "),
        "{}",
        page.body
    );
    // Not UTF-8.
    let page = send(
        &router,
        &[("file", Some("a.csv"), b"concept,term\n\xbb\xb7\xb1\xa3,a\n")],
    )
    .await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    assert!(
        page.body.contains("第 2 行") && page.body.contains("UTF-8"),
        "{}",
        page.body
    );
}

#[tokio::test]
async fn what_is_wrong_is_told_on_the_page_and_nothing_is_lost() {
    let data = sample();
    let router = data.router();
    for (text, line, told) in [
        ("环保: [环保]\n生态: []\n", Some("第 2 行"), "没有词"),
        ("环保: [环保]\n环保: [生态]\n", Some("第 2 行"), "出现了两次"),
        (
            "环保:\n  term: [环保]\n",
            Some("第 2 行"),
            "是否想写 &#34;terms&#34;？",
        ),
        ("{\"环保\": [\"环保\", 5]}", None, "请加引号"),
        (
            "concept,word\n环保,环保\n",
            Some("第 1 行"),
            "没有名为 &#34;word&#34; 的列",
        ),
        ("", None, "没有概念"),
    ] {
        let page = send(&router, &[dictionary(text), ("year_from", None, b"2020")]).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{text}");
        assert!(
            page.body.contains("role=\"alert\"") && page.body.contains("词典有误"),
            "{}",
            page.body
        );
        assert!(page.body.contains(told), "{told}: {}", page.body);
        assert!(
            line.is_none_or(|line| page.body.contains(line)),
            "{line:?}: {}",
            page.body
        );
        assert!(
            page.body
                .contains("name=\"year_from\" min=\"1949\" max=\"2100\" value=\"2020\"")
        );
        assert!(page.body.contains("</textarea>"));
    }
    for (name, value, told) in [
        ("year_from", "x", "不是年份"),
        ("region", "朝阳", "请从中选择一个代码"),
        ("limit", "5", "没有名为 &#34;limit&#34; 的参数"),
        ("level", "town", "county"),
        ("q", "(环保", "<p lang=\"zh-CN\">"),
    ] {
        let page = send(
            &router,
            &[dictionary("环保: [环保]"), (name, None, value.as_bytes())],
        )
        .await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{name}");
        assert!(
            page.body.contains("无法统计") && page.body.contains(told),
            "{name}: {}",
            page.body
        );
        assert!(
            page.body.contains("环保: [环保]"),
            "{name} loses the dictionary: {}",
            page.body
        );
    }
    // No form at all, and one that is too large.
    let request = Request::post("/panel").body(Body::from("{}")).unwrap();
    assert_eq!(ask(&router, request).await.status, StatusCode::BAD_REQUEST);
    let long = "环保: [环保]\n".repeat(5_000);
    assert_eq!(
        send(&router, &[dictionary(&long)]).await.status,
        StatusCode::PAYLOAD_TOO_LARGE
    );
}

#[tokio::test]
async fn a_ready_dictionary_has_a_permanent_link() {
    let data = sample();
    let router = data.router();
    let form = get(&router, "/panel?lang=en").await;
    assert_eq!(form.status, StatusCode::OK);
    assert!(
        form.body.contains("<option value=\"environment\">") && form.body.contains("method=\"get\""),
        "{}",
        form.body
    );
    assert!(!form.body.contains("<table class=\"grid panel\""));
    let table = get(&router, "/panel?example=environment&by=year").await;
    assert_eq!(table.status, StatusCode::OK);
    // One for 2020, one of the two concepts' terms twice; the report of 2021 speaks of none.
    assert!(
        table.body.contains("<strong>2</strong> <small>1/1 · 18</small>"),
        "{}",
        table.body
    );
    assert!(table.body.contains("as_of=2"), "{}", table.body);
    let link = table
        .body
        .split("href=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .find(|link| link.contains("as_of="))
        .unwrap()
        .replace("&#38;", "&")
        .replace("&amp;", "&");
    let again = get(&router, &link).await;
    assert!(
        again.body.contains("<strong>2</strong> <small>1/1 · 18</small>"),
        "{link}: {}",
        again.body
    );
    let csv = get(&router, "/panel?example=environment&by=year&format=csv").await;
    assert_eq!(
        csv.body,
        "concept,year,reports,reports_with_hit,occurrences,chars\r\n环境,2020,1,1,2,\"18\"\r\n环境,2021,1,0,0,\"10\"\r\n"
    );
    let copy = get(&router, "/panel?own=1&example=environment").await;
    assert!(
        copy.body.contains("multipart/form-data") && copy.body.contains("exclude: [营商生态"),
        "{}",
        copy.body
    );
    for wrong in [
        "/panel?example=colour",
        "/panel?limit=3",
        "/panel?example=digital&format=pdf",
        "/panel?dictionary=a",
    ] {
        assert_eq!(
            get(&router, wrong).await.status,
            StatusCode::BAD_REQUEST,
            "{wrong}"
        );
    }
}

#[tokio::test]
async fn nothing_of_a_dictionary_becomes_markup() {
    let data = sample();
    let router = data.router();
    let payload = "</textarea><script>alert(1)</script><img src=x onerror=alert(2)>";
    let name = encode(payload);
    let text = format!("\"{payload}\": [\"{payload}\", \"环保\"]\n");
    let broken = format!("{text}  {payload}");
    let parts: [&[Part<'_>]; 3] = [
        &[dictionary(&text), ("q", None, "环保".as_bytes())],
        &[dictionary(&broken), ("region", None, payload.as_bytes())],
        &[dictionary(&text), (payload, None, payload.as_bytes())],
    ];
    for parts in parts {
        let body = send(&router, parts).await.body.to_lowercase();
        assert!(
            body.contains("&#60;script&#62;") || body.contains("&lt;script&gt;"),
            "{body}"
        );
        let body = body.replacen("<script src=\"/assets/pages.js\" defer></script>", "", 1);
        for bad in ["<script", "<img", " style="] {
            assert!(!body.contains(bad), "{bad}: {body}");
        }
        assert_eq!(body.matches("</textarea>").count(), 1);
    }
    let body = get(&router, &format!("/panel?own=1&example={name}&region={name}"))
        .await
        .body;
    assert!(!body.contains("<img"), "{body}");
}
