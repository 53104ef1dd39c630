//! Panels, trends and concordances by divisions, sections and queries, against a script that counts in the same reports.

use std::{collections::BTreeMap, path::Path, process::Command};

use axum::{Router, http::StatusCode};
use report::fold;
use serde_json::{Value, json};

use super::post;
use crate::support::{Data, Run, encode, get, gongbao, run, shared};

/// Requests of each kind.
const N: &str = "30";

fn script(arguments: &[&Path]) -> Run {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/panel/mixed.py");
    let done = run(Command::new("python3")
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .arg(script)
        .args(arguments));
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    done
}

/// Rows that have reports, by what tells them apart.
fn counted(answer: &Value, key: impl Fn(&Value) -> String, counts: [&str; 4]) -> BTreeMap<String, Value> {
    let rows = answer["rows"].as_array().unwrap().iter();
    rows.filter(|row| row["reports"] != 0)
        .map(|row| (key(row), json!(counts.map(|name| row[name].clone()))))
        .collect()
}

/// All places, page by page.
async fn places(router: &Router, query: &str) -> Vec<Value> {
    let (mut rows, mut cursor) = (Vec::new(), String::new());
    loop {
        let target = format!("/api/v1/concordance?{query}&limit=100&width=200{cursor}");
        let answer = get(router, &target).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        let answer = answer.json();
        rows.extend(answer["rows"].as_array().unwrap().iter().cloned());
        match answer["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => {
                assert_eq!(answer["total"]["value"], rows.len(), "{query}");
                return rows;
            }
        }
    }
}

#[tokio::test]
async fn divisions_sections_and_queries_count_as_a_script_does() {
    let Some(corpus) = shared("data/search/reports.jsonl.gz") else {
        return;
    };
    if Command::new("python3").arg("--version").output().is_err() {
        eprintln!("skipped: no python3");
        return;
    }
    let data = Data::empty();
    let mixed = script(&[Path::new("make"), &corpus]).stdout;
    let mixed = data.file("mixed.jsonl", mixed.as_bytes());
    let imported = run(gongbao(&data.dir()).arg("import").arg(&mixed));
    assert_eq!(imported.code, Some(0), "{imported:?}");
    let export = run(gongbao(&data.dir()).args(["export", "--format", "jsonl"])).stdout;
    let export = data.file("export.jsonl", export.as_bytes());
    let router = data.router();
    let regions = get(&router, "/api/v1/regions").await.body;
    let regions = data.file("regions.json", regions.as_bytes());
    let asked = script(&[Path::new("count"), &mixed, &export, &regions, Path::new(N)]).stdout;

    let (mut n_rows, mut n_places) = (0, 0);
    for line in asked.lines() {
        let asked: Value = serde_json::from_str(line).unwrap();
        let pairs = asked["query"].as_array().map(Vec::as_slice).unwrap_or_default();
        let pairs = pairs
            .iter()
            .map(|pair| (pair[0].as_str().unwrap(), pair[1].as_str().unwrap()));
        let query: Vec<String> = pairs
            .map(|(name, value)| format!("{name}={}", encode(value)))
            .collect();
        let query = query.join("&");
        let Some(expected) = asked["rows"].as_object() else {
            let rows = places(&router, &query).await;
            let expected = asked["rows"].as_array().unwrap();
            assert_eq!(rows.len(), expected.len(), "{query}");
            for (row, expected) in rows.iter().zip(expected) {
                let [id, start, end, before, found, behind] = expected.as_array().unwrap().as_slice() else {
                    panic!("{expected}");
                };
                let text = |value: &Value| value.as_str().unwrap().to_owned();
                assert_eq!(row["report_id"], *id, "{query}");
                assert!(
                    start.as_u64() <= row["start"].as_u64() && row["end"].as_u64() <= end.as_u64(),
                    "{row}"
                );
                let matched = fold(&text(&row["match"]));
                if matched != text(found) {
                    // One character of the text may fold to several, of which the string is a part.
                    assert!(matched.contains(&text(found)), "{row} {found}");
                    continue;
                }
                let [left, right] = ["left", "right"].map(|side| fold(&text(&row[side])));
                assert!(
                    text(before).ends_with(&left) && text(behind).starts_with(&right),
                    "{row} {expected}"
                );
            }
            n_places += rows.len();
            continue;
        };
        let rows = match asked.get("body") {
            Some(body) => {
                let answer = post(&router, body).await;
                assert_eq!(answer.status, StatusCode::OK, "{body}: {answer:?}");
                let by: Vec<&str> = body["by"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .filter_map(Value::as_str)
                    .collect();
                let key = |row: &Value| {
                    let key: Vec<String> = [&"concept"]
                        .into_iter()
                        .chain(&by)
                        .map(|name| row[*name].to_string())
                        .collect();
                    // As Python writes lists.
                    format!("[{}]", key.join(", "))
                };
                counted(
                    &answer.json(),
                    key,
                    ["reports", "reports_with_hit", "occurrences", "chars"],
                )
            }
            None => {
                let answer = get(&router, &format!("/api/v1/trends?{query}")).await;
                assert_eq!(answer.status, StatusCode::OK, "{query}: {answer:?}");
                let key = |row: &Value| row["key"].as_str().unwrap().to_owned();
                counted(
                    &answer.json(),
                    key,
                    ["reports_with_hit", "occurrences", "reports", "chars"],
                )
            }
        };
        n_rows += rows.len();
        let expected: BTreeMap<String, Value> = expected.clone().into_iter().collect();
        assert_eq!(rows, expected, "{asked}");
    }
    assert!(
        n_rows > 1000 && n_places > 100,
        "{n_rows} rows, {n_places} places"
    );
}
