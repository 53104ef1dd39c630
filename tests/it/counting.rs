//! Concordance and trends as a program and a person at a terminal see them.

use axum::{Router, http::StatusCode};
use serde_json::{Value, json};

use crate::support::{Answer, Data, encode, get, gongbao, run};

fn sample() -> Data {
    let report = |id: &str, region: &str, year: i32, text: &str| {
        json!({"id": id, "url": format!("https://a.example.gov.cn/{id}.html"), "title": format!("=报告{id}"),
               "text": text, "region_code": region, "year": year, "genre": "rule-of-law-report"})
    };
    Data::with_lines(&[
        report(
            "a",
            "430482",
            2020,
            "前言法治。\n一、主要成效\n推进法治政府建设。\n二、存在的问题\n=法治力量不足<b>。",
        ),
        report("b", "510132", 2022, "法治政府\t法治社会\t3"),
        report("c", "430482", 2022, "别的事情。"),
    ])
}

async fn ask(router: &Router, target: &str) -> Answer {
    get(router, &format!("/api/v1/{target}")).await
}

fn texts<'a>(value: &'a Value, field: &str) -> Vec<&'a str> {
    let rows = value["rows"].as_array().unwrap_or_else(|| panic!("{value}"));
    rows.iter()
        .map(|row| row[field].as_str().unwrap_or_default())
        .collect()
}

#[tokio::test]
async fn a_concordance_shows_every_place_with_what_is_around_it() {
    let data = sample();
    let router = data.router();
    let q = encode("\"法治\"");
    let value = ask(&router, &format!("concordance?q={q}")).await.json();
    assert_eq!(value["total"], json!({"value": 5, "relation": "eq"}));
    assert_eq!(texts(&value, "report_id"), ["a", "a", "a", "b", "b"]);
    assert_eq!(
        texts(&value, "right"),
        [
            "。",
            "政府建设。",
            "力量不足<b>。",
            "政府\t法治社会\t3",
            "社会\t3"
        ]
    );
    let row = &value["rows"][2];
    for (name, expected) in [
        ("left", json!("=")),
        ("match", json!("法治")),
        ("path", json!("二")),
        ("role", json!("problems")),
        ("region_code", json!("430482")),
        ("year", json!(2020)),
        ("title", json!("=报告a")),
        ("heading", json!("存在的问题")),
        ("published", json!(null)),
    ] {
        assert_eq!(row[name], expected, "{name}");
    }
    assert!(value["next_cursor"].is_null());
    // The link opens the page at the paragraph.
    let link = row["link"].as_str().unwrap();
    let (path, anchor) = link.split_once('#').unwrap();
    let page = get(&router, path).await.body;
    assert!(
        page.contains(&format!("<p id=\"{anchor}\">=法治力量不足")),
        "{page}"
    );
    let (_, cell) = value["rows"][4]["link"]
        .as_str()
        .unwrap()
        .split_once('#')
        .unwrap();
    assert!(
        get(&router, "/reports/b")
            .await
            .body
            .contains(&format!("<tr id=\"{cell}\">"))
    );

    let in_problems = ask(&router, &format!("concordance?q={q}&section=problems"))
        .await
        .json();
    assert_eq!(in_problems["total"]["value"], 1);
    let by_right = ask(&router, &format!("concordance?q={q}&sort=right&limit=2"))
        .await
        .json();
    assert_eq!(texts(&by_right, "right"), ["。", "力量不足<b>。"]);
    let cursor = by_right["next_cursor"].as_str().unwrap();
    let next = ask(
        &router,
        &format!("concordance?q={q}&sort=right&limit=2&cursor={cursor}"),
    )
    .await
    .json();
    assert_eq!(texts(&next, "right"), ["政府建设。", "政府\t法治社会\t3"]);
    let other = ask(
        &router,
        &format!("concordance?q={q}&sort=left&limit=2&cursor={cursor}"),
    )
    .await;
    assert_eq!(
        (other.status, &other.json()["code"]),
        (StatusCode::BAD_REQUEST, &json!("cursor_invalid"))
    );
    let drawn = ask(&router, &format!("concordance?q={q}&sample=2&seed=5"))
        .await
        .json();
    assert_eq!(
        (&drawn["total"]["value"], &drawn["sample"]),
        (&json!(5), &json!({"size": 2, "seed": 5}))
    );
    assert_eq!(
        drawn["rows"],
        ask(&router, &format!("concordance?q={q}&sample=2&seed=5"))
            .await
            .json()["rows"]
    );
}

#[tokio::test]
async fn a_table_of_places_runs_no_formula_and_names_its_next_page() {
    let data = sample();
    let router = data.router();
    let q = encode("\"法治\"");
    let answer = ask(&router, &format!("concordance?q={q}&format=csv&limit=3")).await;
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
    let text = &answer.body;
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 4);
    assert!(lines[0].starts_with("report_id,title,region_code,region_name,year,published,left,match,right,"));
    assert!(
        lines[3].starts_with("a,'=报告a,430482,常宁市,2020,,'=,法治,力量不足<b>。,二,"),
        "{}",
        lines[3]
    );
    let link = answer.header("link");
    let next = link
        .strip_prefix("</api/v1/")
        .and_then(|rest| rest.split_once('>'))
        .unwrap()
        .0;
    let rest = ask(&router, next).await;
    assert_eq!(rest.body.lines().count(), 3);
    assert!(!rest.header("link").contains("next"));
}

#[tokio::test]
async fn trends_have_numerators_and_denominators() {
    let data = sample();
    let router = data.router();
    let q = encode("\"法治\"");
    let value = ask(&router, &format!("trends?q={q}&by=year")).await.json();
    assert_eq!(value["by"], "year");
    let row = |key: &str, hits: u64, occurrences: u64, reports: u64, chars: u64| json!({"key": key, "label": key, "reports_with_hit": hits, "occurrences": occurrences, "reports": reports, "chars": chars});
    let expected = json!([
        row("2020", 1, 3, 1, 29),
        row("2021", 0, 0, 0, 0),
        row("2022", 1, 2, 2, 12)
    ]);
    assert_eq!(value["rows"], expected, "{value}");
    let provinces = ask(&router, &format!("trends?q={q}&q={}&by=province", encode("别的")))
        .await
        .json();
    assert_eq!(provinces["rows"].as_array().unwrap().len(), 34);
    let series = provinces["series"].as_array().unwrap();
    assert_eq!((series.len(), &series[1]["q"]), (2, &json!("别的")));
    let of = |nth: usize, code: &str| {
        let rows = series[nth]["rows"].as_array().unwrap();
        rows.iter().find(|row| row["key"] == code).unwrap().clone()
    };
    assert_eq!(
        (&of(0, "430000")["reports_with_hit"], &of(0, "430000")["reports"]),
        (&json!(1), &json!(2))
    );
    assert_eq!(of(1, "430000")["occurrences"], 1);
    // What became of a division that is no more.
    let counties = ask(&router, &format!("trends?q={q}&by=county&region=5101"))
        .await
        .json();
    let rows = counties["rows"].as_array().unwrap();
    assert_eq!(
        rows.iter().find(|row| row["key"] == "510118").unwrap()["occurrences"],
        2
    );
    let in_problems = ask(&router, &format!("trends?q={q}&section=problems"))
        .await
        .json();
    assert_eq!(in_problems["rows"], json!([row("2020", 1, 1, 1, 12)]));
    let everything = ask(&router, "trends?by=genre").await.json();
    let law = &everything["rows"][0];
    assert_eq!(
        (&law["reports_with_hit"], &law["occurrences"]),
        (&json!(3), &json!(null))
    );
}

#[tokio::test]
async fn trends_are_tables_and_pictures() {
    let data = sample();
    let router = data.router();
    let q = encode("\"法治\"");
    let table = ask(&router, &format!("trends?q={q}&q={}&format=csv", encode("=1+1")))
        .await
        .body;
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines[0], "q,key,label,reports_with_hit,occurrences,reports,chars");
    assert_eq!(lines[1], "\"\"\"法治\"\"\",2020,2020,1,3,1,29");
    assert!(lines[4].starts_with("'=1+1,2020,"));
    for more in [
        "",
        "&by=province",
        "&by=county",
        "&chart=bars&scale=count",
        "&measure=occurrences",
    ] {
        let picture = ask(&router, &format!("trends?q={q}&format=svg{more}")).await;
        assert_eq!(picture.header("content-type"), "image/svg+xml", "{more}");
        assert!(picture.body.starts_with("<svg "), "{more}");
        let state = picture.header("gongbao-state");
        assert!(
            !state.is_empty() && picture.body.contains(&format!("; state={state}</desc>")),
            "{more}"
        );
    }
    for table in ["trends?format=csv", "concordance?format=csv"] {
        let table = ask(&router, &format!("{table}&q={q}")).await;
        for name in ["state", "created", "version", "dictionary"] {
            assert!(!table.header(&format!("gongbao-{name}")).is_empty(), "{name}");
        }
        // The page that shows the same as of that state.
        let link = table.header("link");
        let page = link
            .strip_prefix('<')
            .and_then(|rest| rest.strip_suffix(">; rel=\"related\""))
            .unwrap();
        assert!(page.contains("as_of="), "{page}");
        assert_eq!(get(&router, page).await.status, StatusCode::OK, "{page}");
    }
}

/// Without it Excel reads the file as whatever the computer's language suggests.
#[tokio::test]
async fn a_table_begins_with_a_byte_order_mark_if_wanted() {
    let data = sample();
    let router = data.router();
    let q = encode("双随机");
    for (table, names) in [("trends", "q,key"), ("concordance", "report_id,title")] {
        let table = format!("{table}?q={q}&format=csv");
        let plain = ask(&router, &table).await.body;
        assert!(plain.starts_with(names), "{plain}");
        let marked = ask(&router, &format!("{table}&bom=true")).await.body;
        assert_eq!(marked, format!("\u{feff}{plain}"));
    }
}

#[tokio::test]
async fn wrong_parameters_are_named() {
    let data = sample();
    let router = data.router();
    for (target, code, named) in [
        ("concordance", "invalid_query", "string"),
        ("concordance?q=year:2020", "invalid_query", "string"),
        ("concordance?q=a&limit=101", "invalid_parameter", "limit"),
        ("concordance?q=a&sort=relevance", "invalid_parameter", "left"),
        ("concordance?q=a&seed=1", "invalid_parameter", "sample"),
        ("concordance?q=a&sample=2&seed=-1", "invalid_parameter", "seed"),
        ("concordance?q=a&facets=year", "unknown_parameter", "facets"),
        ("concordance?q=a&bom=true", "invalid_parameter", "csv"),
        ("trends?q=a&format=svg&bom=true", "invalid_parameter", "csv"),
        ("concordance?q=a&cursor=zzz", "cursor_invalid", "cursor"),
        ("trends?q=a&by=month", "invalid_parameter", "county"),
        ("trends?q=a&q=(b", "invalid_query", ")"),
        ("trends?q=a&chart=bars", "invalid_parameter", "format=svg"),
        (
            "trends?q=a&format=svg&chart=tiles",
            "invalid_parameter",
            "by=province",
        ),
        ("trends?q=a&format=png", "invalid_parameter", "svg"),
        ("trends?q=a&limit=3", "unknown_parameter", "limit"),
    ] {
        let answer = ask(&router, target).await;
        let value = answer.json();
        assert_eq!(
            (answer.status, value["code"].as_str()),
            (StatusCode::BAD_REQUEST, Some(code)),
            "{target} {value}"
        );
        let told = value.to_string();
        assert!(told.contains(named), "{target} {told}");
    }
}

/// What lies beside a file.
fn sidecar(file: &std::path::Path) -> Value {
    let name = format!("{}.provenance.json", file.display());
    let about: Value = serde_json::from_slice(&std::fs::read(name).unwrap()).unwrap();
    assert!(
        about["state"].is_string() && about["file"]["sha256"].is_string(),
        "{about}"
    );
    about
}

/// What a sidecar gives as the address of a file gives its rows again, when more is known.
#[tokio::test]
async fn addresses_of_tables_give_the_same_later() {
    let data = sample();
    let files = ["concordance", "trends"].map(|command| {
        let file = data.dir().join(format!("{command}.csv"));
        let arguments = [command, "\"法治\"", "--year-from", "2020", "--csv", "-o"];
        let done = run(gongbao(&data.dir()).args(arguments).arg(&file));
        assert_eq!(done.code, Some(0), "{done:?}");
        file
    });
    data.import(&[json!({"id": "later", "url": "https://b.example.gov.cn/9", "title": "后来", "text": "法治，法治。", "year": 2021})]);
    let router = data.router();
    for file in files {
        let about = sidecar(&file);
        let answer = get(
            &router,
            &format!("{}&format=csv", about["address"].as_str().unwrap()),
        )
        .await;
        assert_eq!(answer.body, std::fs::read_to_string(&file).unwrap(), "{about}");
    }
}

#[test]
fn a_person_sees_matches_below_each_other() {
    let data = sample();
    let shown = run(gongbao(&data.dir()).args(["concordance", "\"法治\"", "--sort", "right"]));
    assert_eq!(shown.code, Some(0), "{shown:?}");
    let lines: Vec<&str> = shown.stdout.lines().collect();
    assert_eq!(lines.len(), 6, "{shown:?}");
    let column = |line: &str| unicode_width::UnicodeWidthStr::width(&line[..line.find("法治").unwrap()]);
    assert_eq!(column(lines[1]), column(lines[0]), "{}", shown.stdout);
    assert!(lines[5].starts_with("5 occurrences, 5 shown"));
    let none = run(gongbao(&data.dir()).args(["concordance", "\"法治\"", "--limit", "0"]));
    assert!(none.stdout.starts_with("5 occurrences, 0 shown"), "{none:?}");

    let file = data.dir().join("rows.csv");
    let written = run(gongbao(&data.dir())
        .args(["concordance", "\"法治\"", "--csv", "-o"])
        .arg(&file));
    assert_eq!(
        (written.code, written.stdout.as_str()),
        (Some(0), ""),
        "{written:?}"
    );
    let table = std::fs::read_to_string(&file).unwrap();
    assert_eq!(table.lines().count(), 6);
    // The name of the file tells as much.
    for (name, arguments) in [
        ("named.csv", ["concordance", "\"法治\"", "-o"]),
        ("named.json", ["trends", "\"法治\"", "-o"]),
    ] {
        let named = data.dir().join(name);
        let written = run(gongbao(&data.dir()).args(arguments).arg(&named));
        assert_eq!(written.code, Some(0), "{written:?}");
        let text = std::fs::read_to_string(&named).unwrap();
        assert!(
            text == table || serde_json::from_str::<Value>(&text).unwrap()["rows"].is_array(),
            "{text}"
        );
    }
    let other = run(gongbao(&data.dir()).args(["concordance", "\"法治\"", "-o", "rows.xlsx"]));
    assert!(
        other.code == Some(2) && other.stderr.contains(".csv"),
        "{other:?}"
    );
    let about = sidecar(&file);
    assert_eq!(
        (&about["q"], &about["total"]["value"]),
        (&json!("\"法治\""), &json!(5))
    );
    assert!(about["address"].as_str().unwrap().contains("as_of="), "{about}");
    let all = run(gongbao(&data.dir()).args(["concordance", "\"法治\"", "--json"])).json();
    assert_eq!(all["rows"].as_array().unwrap().len(), 5);
    let wrong = run(gongbao(&data.dir()).args(["concordance", "(法治"]));
    assert_eq!(wrong.code, Some(2));
}

#[test]
fn trends_are_written_and_drawn() {
    let data = sample();
    let shown = run(gongbao(&data.dir()).args(["trends", "\"法治\"", "\"别的\"", "--by", "city"]));
    assert_eq!(shown.code, Some(0), "{shown:?}");
    assert!(
        shown.stdout.contains("430400") && shown.stdout.contains("衡阳市"),
        "{}",
        shown.stdout
    );
    assert!(shown.stdout.contains("without a report"));
    let file = data.dir().join("trends.svg");
    let drawn = run(gongbao(&data.dir())
        .args(["trends", "\"法治\"", "--by", "province", "--chart"])
        .arg(&file));
    assert_eq!((drawn.code, drawn.stdout.as_str()), (Some(0), ""), "{drawn:?}");
    assert!(std::fs::read_to_string(&file).unwrap().contains("湖南"));
    let about = sidecar(&file);
    assert_eq!(
        (&about["by"], &about["queries"][0]["parsed"]),
        (&json!("province"), &json!("\"法治\""))
    );
    let unsuited = run(gongbao(&data.dir())
        .args(["trends", "a", "--chart-kind", "tiles", "--chart"])
        .arg(data.dir().join("x.svg")));
    assert_eq!(unsuited.code, Some(2), "{unsuited:?}");
    assert!(!data.dir().join("x.svg").exists());
}

/// Their answers have the state of the corpus; what is yet to come, and what was before the first report, is refused.
#[tokio::test]
async fn counts_are_given_as_of_a_state() {
    let data = sample();
    let router = data.router();
    let search = ask(&router, "search?q=%E6%B3%95%E6%B2%BB").await.json();
    let state = search["state"].as_str().unwrap();
    for endpoint in ["concordance", "trends"] {
        let now = ask(&router, &format!("{endpoint}?q=%E6%B3%95%E6%B2%BB"))
            .await
            .json();
        assert_eq!(now["state"], state, "{now}");
        let then = ask(&router, &format!("{endpoint}?q=%E6%B3%95%E6%B2%BB&as_of={state}"))
            .await
            .json();
        assert_eq!((&then["rows"], &then["state"]), (&now["rows"], &now["state"]));
        for (as_of, word) in [("9999-12-31", "yet to come"), ("1999-01-01", "nothing was known")] {
            let answer = ask(&router, &format!("{endpoint}?q=%E6%B3%95%E6%B2%BB&as_of={as_of}")).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{endpoint} {as_of}");
            let problem = answer.json();
            assert_eq!(problem["code"], "invalid_parameter");
            assert!(problem["detail"].as_str().unwrap().contains(word), "{problem}");
        }
    }
}
