//! Panels and trends against scripts that fold and count by themselves, and know nothing of this program.

use std::{collections::BTreeMap, path::Path, process::Command};

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::post;
use crate::support::{Data, encode, get, gongbao, run, shared};

/// What a script of this folder counts in a corpus, which is imported for it.
fn count(data: &Data, corpus: &Path, script: &str) -> String {
    let imported = run(gongbao(&data.dir()).arg("import").arg(corpus));
    assert_eq!(imported.code, Some(0), "{imported:?}");
    let fields = "id,title,year,region_code,genre,chars";
    let known = ["search", "", "--json", "--limit", "10000", "--fields", fields];
    let known = run(gongbao(&data.dir()).args(known));
    let known = data.file("known.json", known.stdout.as_bytes());
    let script = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/it/panel")
        .join(script);
    let counted = run(Command::new("python3")
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .arg(script)
        .args([corpus, &known])
        .arg("100"));
    assert_eq!(counted.code, Some(0), "{}", counted.stderr);
    counted.stdout
}

#[tokio::test]
async fn trends_are_those_of_an_independent_count() {
    let Some(corpus) = shared("data/search/reports.jsonl.gz") else {
        return;
    };
    if Command::new("python3").arg("--version").output().is_err() {
        eprintln!("skipped: no python3");
        return;
    }
    let data = Data::empty();
    let counted = count(&data, &corpus, "trends.py");
    let router = data.router();
    let mut n_occurrences = 0;
    for line in counted.lines() {
        let asked: Value = serde_json::from_str(line).unwrap();
        let text = |name: &str| asked[name].as_str().unwrap().to_owned();
        let target = format!(
            "/api/v1/trends?mode=exact&q={}&by={}",
            encode(&text("q")),
            text("by")
        );
        let answer = get(&router, &target).await;
        assert_eq!(answer.status, StatusCode::OK, "{asked}: {answer:?}");
        let mut rows: BTreeMap<String, Value> = BTreeMap::new();
        for row in answer.json()["rows"].as_array().unwrap() {
            let counts =
                ["reports_with_hit", "occurrences", "reports", "chars"].map(|name| row[name].clone());
            n_occurrences += row["occurrences"].as_u64().unwrap();
            if row["reports"] != 0 {
                rows.insert(row["key"].as_str().unwrap().to_owned(), json!(counts));
            }
        }
        let expected: BTreeMap<String, Value> = serde_json::from_value(asked["rows"].clone()).unwrap();
        assert_eq!(rows, expected, "{asked}");
    }
    assert!(n_occurrences > 10_000, "{n_occurrences} occurrences");
}

#[tokio::test]
async fn counts_are_those_of_an_independent_count() {
    let Some(corpus) = shared("data/search/reports.jsonl.gz") else {
        return;
    };
    if Command::new("python3").arg("--version").output().is_err() {
        eprintln!("skipped: no python3");
        return;
    }
    let data = Data::empty();
    let counted = count(&data, &corpus, "count.py");
    let router = data.router();
    let (mut n_rows, mut n_occurrences) = (0, 0);
    for line in counted.lines() {
        let asked: Value = serde_json::from_str(line).unwrap();
        let answer = post(&router, &asked["body"]).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        let answer = answer.json();
        let by: Vec<&str> = asked["body"]["by"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(Value::as_str)
            .collect();
        let mut rows: BTreeMap<String, Value> = BTreeMap::new();
        for row in answer["rows"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|row| row["reports"] != 0)
        {
            let mut key = vec![row["concept"].clone()];
            key.extend(by.iter().map(|name| row[name].clone()));
            let numbers =
                ["reports", "reports_with_hit", "occurrences", "chars"].map(|name| row[name].clone());
            n_occurrences += row["occurrences"].as_u64().unwrap();
            // As Python writes lists.
            let key: Vec<String> = key.iter().map(Value::to_string).collect();
            rows.insert(format!("[{}]", key.join(", ")), json!(numbers));
        }
        n_rows += rows.len();
        let expected: BTreeMap<String, Value> = serde_json::from_value(asked["rows"].clone()).unwrap();
        assert_eq!(rows, expected, "{}", asked["body"]);
    }
    assert!(
        n_rows > 1000 && n_occurrences > 100_000,
        "{n_rows} rows, {n_occurrences} occurrences"
    );
}
