//! Panels and batches as users ask for them, and against counts that know nothing of this program.

mod independent;
mod mixed;

use std::{fs, io::Cursor, path::Path};

use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode},
};
use calamine::{Data as XlsxCell, Reader, Xlsx, open_workbook_from_rs};
use parquet::{
    file::reader::{FileReader, SerializedFileReader},
    record::Row,
};
use serde_json::{Map, Value, json};
use tower::ServiceExt;

use crate::export::as_json;
use crate::support::{Answer, Data, ask, gongbao, run};

fn sample() -> Data {
    Data::with_lines(&[
        json!({"id": "a", "url": "https://a.example.gov.cn/1.html", "title": "常宁市2020年度环保报告",
               "text": "一、主要成效\n加强环境保护，环保、环 保投入增加，营商生态良好。\n二、存在的问题\n生态仍需修复。",
               "region_code": "430482", "year": 2020, "genre": "rule-of-law-report"}),
        json!({"id": "b", "url": "https://a.example.gov.cn/2.html", "title": "衡南县2021年工作报告",
               "text": "各位代表：\n现在报告工作。", "region_code": "430422", "year": 2021, "genre": "work-report"}),
        json!({"id": "c", "url": "https://a.example.gov.cn/3.html", "title": "湖南省2021年工作报告",
               "text": "推进环境保护。", "region_code": "430000", "year": 2021, "genre": "work-report"}),
    ])
}

async fn post(router: &Router, body: &Value) -> Answer {
    let request = Request::post("/api/v1/panel").body(Body::from(body.to_string()));
    ask(router, request.unwrap()).await
}

#[tokio::test]
async fn a_panel_lists_what_is_there_and_what_is_not() {
    let data = sample();
    let router = data.router();
    let mut body = json!({
        "concepts": {"环保": ["环境保护", "环保"], "生态": ["生态"]},
        "by": ["region", "year"],
        "exclude": ["营商生态"],
        "filters": {"region": ["430400"]},
        "level": "county",
    });
    let answer = post(&router, &body).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let answer = answer.json();
    let rows = answer["rows"].as_array().unwrap();
    let find = |concept: &str, region: &str, year: i32| {
        let mut found = rows
            .iter()
            .filter(|row| row["concept"] == concept && row["region"] == region && row["year"] == year);
        let row = found
            .next()
            .unwrap_or_else(|| panic!("{concept} {region} {year}: {rows:?}"));
        assert!(found.next().is_none());
        row.clone()
    };
    assert_eq!(
        find("环保", "430482", 2020),
        json!({"concept": "环保", "region": "430482", "region_name": "常宁市", "year": 2020,
               "reports": 1, "reports_with_hit": 1, "occurrences": 3, "chars": 37})
    );
    assert_eq!(find("生态", "430482", 2020)["occurrences"], 1);
    assert_eq!(find("环保", "430422", 2021)["occurrences"], 0);
    let blank = find("环保", "430482", 2021);
    assert_eq!(
        (&blank["reports"], &blank["occurrences"]),
        (&json!(0), &Value::Null)
    );
    let never = find("生态", "430424", 2020);
    assert_eq!(
        (&never["reports"], &never["occurrences"]),
        (&json!(0), &Value::Null)
    );
    assert_eq!(answer["n_rows"], rows.len());

    // Roles of sections, a query beside, and nothing at all.
    body = json!({"concepts": {"生态": ["生态"]}, "by": ["section"], "filters": {"q": "环境保护", "year": 2020}});
    let rows = post(&router, &body).await.json()["rows"].clone();
    let roles: Vec<_> = rows
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (&row["section"], &row["occurrences"]))
        .collect();
    assert_eq!(
        roles,
        [
            (&json!("achievements"), &json!(1)),
            (&json!("problems"), &json!(1))
        ]
    );
    body = json!({"concepts": {"a": "环境保护"}, "by": []});
    let rows = post(&router, &body).await.json()["rows"].clone();
    assert_eq!(rows[0]["reports_with_hit"], 2);
    assert_eq!(rows.as_array().unwrap().len(), 1);
    // The whole country: too long for one piece of the answer.
    body = json!({"concepts": {"a": "环境保护"}, "by": ["region", "year"], "level": "county"});
    let whole = post(&router, &body).await.json();
    assert_eq!(whole["rows"].as_array().unwrap().len(), 2847 * 2);
    assert_eq!(whole["left_out"]["without_level"], 1);
}

#[tokio::test]
async fn wrong_bodies_are_told_what_to_write() {
    let data = sample();
    let router = data.router();
    for (body, code, word) in [
        (
            json!({"concept": {"a": ["b"]}}),
            "unknown_parameter",
            "\"concepts\"",
        ),
        (json!({"concepts": {}}), "invalid_parameter", "no concept"),
        (json!({"concepts": {"环保": []}}), "invalid_parameter", "no terms"),
        (
            json!({"concepts": {"环保": ["环保", "\u{200b} "]}}),
            "invalid_parameter",
            "term 2 of \"环保\"",
        ),
        (
            json!({"concepts": {"a": ["b"]}, "by": ["year", "year"]}),
            "invalid_parameter",
            "twice",
        ),
        (
            json!({"concepts": {"a": ["b"]}, "by": ["year"], "level": "city"}),
            "invalid_parameter",
            "region",
        ),
        (
            json!({"concepts": {"a": ["b"]}, "filters": {"q": "("}}),
            "invalid_query",
            "missing",
        ),
        (
            json!({"concepts": {"a": ["b"]}, "filters": {"region": "999999"}}),
            "invalid_parameter",
            "999999",
        ),
        (
            json!({"concepts": {"a": ["b"]}, "filters": {"year_from": 1, "year_to": 9999}}),
            "invalid_parameter",
            "rows",
        ),
    ] {
        let answer = post(&router, &body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
        let problem = answer.json();
        assert_eq!(problem["code"], code, "{body}: {problem}");
        assert!(
            problem["detail"].as_str().unwrap().contains(word),
            "{body}: {problem}"
        );
    }
    let large = json!({"concepts": {"a": ["甲".repeat(30_000)]}});
    assert_eq!(post(&router, &large).await.status, StatusCode::PAYLOAD_TOO_LARGE);
}

fn dictionary(data: &Data) -> String {
    let text = "环保: [环境保护, 环保]\n生态:\n  terms: [生态]\n  exclude: [营商生态]\n";
    data.file("d.yaml", text.as_bytes()).display().to_string()
}

#[test]
fn the_command_writes_a_table_and_what_it_was_made_from() {
    let data = sample();
    let dictionary = dictionary(&data);
    let out = data.dir().join("../panel.csv");
    let panel = |more: &[&str]| {
        let mut command = gongbao(&data.dir());
        run(command.args(["panel", "--dictionary", &dictionary]).args(more))
    };
    let printed = panel(&["--by", "year"]);
    assert_eq!(printed.code, Some(0), "{printed:?}");
    assert_eq!(
        printed.stdout,
        "concept,year,reports,reports_with_hit,occurrences,chars\r\n\
         环保,2020,1,1,3,\"37\"\r\n环保,2021,2,1,1,\"16\"\r\n生态,2020,1,1,1,\"37\"\r\n生态,2021,2,0,0,\"16\"\r\n"
    );
    let written = panel(&[
        "--level",
        "county",
        "--region",
        "4304",
        "-o",
        out.to_str().unwrap(),
        "--bom",
    ]);
    assert_eq!(
        (written.code, written.stdout.as_str()),
        (Some(0), ""),
        "{written:?}"
    );
    let csv = fs::read_to_string(&out).unwrap();
    assert!(
        csv.starts_with("\u{feff}concept,region,region_name,year,"),
        "{csv}"
    );
    assert!(csv.contains("环保,430482,常宁市,2020,1,1,3,\"37\"\r\n"), "{csv}");
    assert!(csv.contains("环保,430482,常宁市,2021,0,0,,\"0\"\r\n"), "{csv}");
    let sidecar = fs::read_to_string(format!("{}.provenance.json", out.display())).unwrap();
    let sidecar: Value = serde_json::from_str(&sidecar).unwrap();
    assert_eq!(sidecar["filters"], json!({"region": ["430400"]}));
    assert_eq!(
        (&sidecar["by"], &sidecar["level"]),
        (&json!(["region", "year"]), &json!("county"))
    );
    assert_eq!(
        sidecar["dictionary"]["concepts"][1]["exclude"],
        json!(["营商生态"])
    );
    assert_eq!(sidecar["rows"], csv.lines().count() - 1);
    assert!(sidecar["state"].is_string(), "{sidecar}");

    let lines = panel(&["--by", "", "--format", "jsonl"]);
    let lines: Vec<Value> = lines
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines[0]["occurrences"], 4);
    assert_eq!(lines[2], json!({"complete": true, "count": 2}));
}

/// A panel as rows of names and values, in the order of rows.
fn parquet_rows(bytes: Vec<u8>) -> Vec<Value> {
    let file = SerializedFileReader::new(axum::body::Bytes::from(bytes)).unwrap();
    let rows = file.get_row_iter(None).unwrap();
    let object = |row: Row| {
        let cells = row.get_column_iter();
        cells
            .map(|(name, cell)| (name.clone(), as_json(cell)))
            .collect::<Map<_, _>>()
            .into()
    };
    rows.map(|row| object(row.unwrap())).collect()
}

#[test]
fn workbooks_and_parquet_hold_the_same_rows() {
    let data = sample();
    let dictionary = dictionary(&data);
    let write = |name: &str| {
        let file = data.file(name, b"");
        let arguments = [
            "panel",
            "--dictionary",
            &dictionary,
            "--region",
            "4304",
            "--level",
            "county",
            "-o",
        ];
        let done = run(gongbao(&data.dir()).args(arguments).arg(&file));
        assert_eq!(done.code, Some(0), "{done:?}");
        fs::read(file).unwrap()
    };
    let lines = String::from_utf8(write("p.jsonl")).unwrap();
    let mut lines: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.pop().unwrap()["complete"], true);
    let blank = lines.iter().find(|row| row["reports"] == 0).unwrap();
    assert!(
        blank["occurrences"].is_null() && blank["region"].is_string(),
        "{blank}"
    );
    assert_eq!(parquet_rows(write("p.parquet")), lines);
    let mut book: Xlsx<_> = open_workbook_from_rs(Cursor::new(write("p.xlsx"))).unwrap();
    let sheet = book.worksheet_range("counts").unwrap();
    assert_eq!(sheet.height(), lines.len() + 1);
    let names: Vec<String> = sheet
        .rows()
        .next()
        .unwrap()
        .iter()
        .map(ToString::to_string)
        .collect();
    for (row, line) in sheet.rows().skip(1).zip(&lines) {
        for (name, cell) in names.iter().zip(row) {
            match cell {
                XlsxCell::Empty => assert!(line[name].is_null(), "{name}: {line}"),
                XlsxCell::Float(number) => assert_eq!(Some(*number), line[name].as_f64(), "{name}"),
                other => assert_eq!(other.to_string(), line[name].as_str().unwrap(), "{name}"),
            }
        }
    }
    let about = book.worksheet_range("provenance").unwrap();
    let names: Vec<String> = about.rows().map(|row| row[0].to_string()).collect();
    for name in [
        "state",
        "dictionary",
        "dictionary_hash",
        "filters",
        "version",
        "created_at",
    ] {
        assert!(names.iter().any(|known| known == name), "{name}: {names:?}");
    }
}

#[tokio::test]
async fn the_answer_may_be_a_file() {
    let data = sample();
    let router = data.router();
    let body =
        json!({"concepts": {"环保": ["环境保护", "环保"]}, "level": "county", "filters": {"region": "4304"}});
    let whole = post(&router, &body).await;
    let rows = whole.json()["rows"].clone();
    assert_eq!(whole.header("gongbao-state"), whole.json()["state"]);
    let file = async |target: &str| {
        let request = Request::post(format!("/api/v1/panel?{target}")).body(Body::from(body.to_string()));
        let answer = router.clone().oneshot(request.unwrap()).await.unwrap();
        let (parts, body) = answer.into_parts();
        let bytes = axum::body::to_bytes(body, 1 << 20).await.unwrap().to_vec();
        (parts.status, parts.headers, bytes)
    };
    let (status, headers, bytes) = file("format=parquet").await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(headers["gongbao-state"], whole.header("gongbao-state"));
    let name = headers["content-disposition"].to_str().unwrap();
    assert!(name.ends_with(".parquet\""), "{name}");
    assert_eq!(Value::from(parquet_rows(bytes)), rows);
    let (_, headers, bytes) = file("format=csv&bom=true").await;
    assert!(headers["content-type"].to_str().unwrap().starts_with("text/csv"));
    let csv = String::from_utf8(bytes).unwrap();
    assert!(
        csv.starts_with("\u{feff}concept,region,region_name,year,"),
        "{csv}"
    );
    assert_eq!(csv.lines().count(), rows.as_array().unwrap().len() + 1);
    let (_, _, bytes) = file("format=jsonl").await;
    assert!(
        String::from_utf8(bytes)
            .unwrap()
            .ends_with(&format!("\"count\":{}}}\n", rows.as_array().unwrap().len()))
    );
    for (target, word) in [
        ("format=bibtex", "parquet"),
        ("format=xlsx&bom=true", "csv"),
        ("bom=true", "bom"),
    ] {
        let (status, _, bytes) = file(target).await;
        let told = String::from_utf8(bytes).unwrap();
        assert_eq!(status, StatusCode::BAD_REQUEST, "{target}");
        assert!(told.contains(word), "{target}: {told}");
    }
}

#[test]
fn wrong_dictionaries_exit_2_with_the_line() {
    let data = sample();
    let file = |name: &str, text: &str| data.file(name, text.as_bytes()).display().to_string();
    let empty = file("e.yaml", "环保:\n  - 环保\n  - ' '\n");
    let good = dictionary(&data);
    let folder = data.dir().join("nowhere/x.csv").display().to_string();
    for (arguments, word) in [
        (vec!["--dictionary", &empty], "e.yaml:3: "),
        (vec!["--dictionary", "nowhere.yaml"], "nowhere.yaml"),
        (vec!["--dictionary", &good, "--by", "colour"], "colour"),
        (vec!["--dictionary", &good, "--level", "town"], "town"),
        (vec!["--dictionary", &good, "--region", "999999"], "999999"),
        (vec!["--dictionary", &good, "-q", "(法治"], "^"),
        (vec!["--dictionary", &good, "-o", "x.sav"], ".sav"),
        (vec!["--dictionary", &good, "-o", &folder], "nowhere"),
        (vec!["--dictionary", &good, "-o", "x.bib"], "parquet"),
        (vec!["--dictionary", &good, "--format", "ris"], "xlsx"),
        (vec!["--dictionary", &good, "--bom", "-o", "x.xlsx"], "--bom"),
        (vec!["--example", "colour"], "environment"),
        (vec![], "--dictionary"),
    ] {
        let run = run(gongbao(&data.dir()).arg("panel").args(&arguments));
        assert_eq!(run.code, Some(2), "{arguments:?}: {run:?}");
        assert!(
            run.stderr.contains(word) && run.stdout.is_empty(),
            "{arguments:?}: {run:?}"
        );
    }
    let example = run(gongbao(&data.dir()).args(["panel", "--example", "environment"]));
    let example = file("example.yaml", &example.stdout);
    let run = run(gongbao(&data.dir()).args(["panel", "--by", "", "--dictionary", &example]));
    assert!(run.stdout.contains("环境,3,2,5,\"53\""), "{run:?}");
}

#[test]
fn a_batch_is_one_table_of_many_queries() {
    let data = sample();
    let file = data.file(
        "q.csv",
        "name,q\n环,\"\"\"环境保护\"\" OR 环保\"\n报告,title:报告\n".as_bytes(),
    );
    let batch = |file: &Path, more: &[&str]| run(gongbao(&data.dir()).arg("batch").arg(file).args(more));
    let whole = batch(&file, &[]);
    assert_eq!(
        whole.stdout,
        "name,q,reports,reports_with_hit,occurrences,chars,first_year,first_published,first_region,first_region_name\r\n\
         环,\"\"\"环境保护\"\" OR 环保\",3,2,4,53,2020,,,\"\"\r\n报告,title:报告,3,3,,53,2020,,,\"\"\r\n",
        "{whole:?}"
    );
    let years = batch(&file, &["--by", "year", "--genre", "work-report"]);
    assert!(
        years.stdout.contains("报告,title:报告,2021,2,2,,16,2021,"),
        "{years:?}"
    );
    let wrong = batch(&data.file("q.txt", "# x\n法治\n(\n".as_bytes()), &[]);
    assert_eq!(wrong.code, Some(2));
    assert!(wrong.stderr.contains("q.txt:3: "), "{wrong:?}");
}

/// Their answers have the state of the corpus; what is yet to come, and what was before the first report, is refused.
#[tokio::test]
async fn a_panel_is_given_as_of_a_state() {
    let data = sample();
    let router = data.router();
    let of = |filters: Value| json!({"concepts": {"环保": ["环保"]}, "filters": filters});
    let now = post(&router, &of(json!({}))).await.json();
    let state = now["state"].as_str().unwrap();
    let then = post(&router, &of(json!({"as_of": state}))).await.json();
    assert_eq!((&then["rows"], &then["state"]), (&now["rows"], &now["state"]));
    for (as_of, word) in [("9999-12-31", "yet to come"), ("1999-01-01", "nothing was known")] {
        let answer = post(&router, &of(json!({"as_of": as_of}))).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{as_of}");
        let problem = answer.json();
        assert_eq!(problem["code"], "invalid_parameter");
        assert!(problem["detail"].as_str().unwrap().contains(word), "{problem}");
    }
}
