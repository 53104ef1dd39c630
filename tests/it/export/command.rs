//! The command `export`: whole files, what lies beside them, and what the usual libraries read out of them.

use std::{collections::BTreeMap, fs, io::Cursor, path::Path, process::Command};

use calamine::{Reader, Xlsx, open_workbook_from_rs};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{rows, sample};
use crate::support::{Data, encode, gongbao, run};

#[test]
fn the_command_writes_a_whole_file_and_where_it_comes_from() {
    let data = sample();
    let folder = data.dir().join("..").join("out");
    fs::create_dir(&folder).unwrap();
    let file = folder.join("报告 1.csv");
    fs::write(&file, "what was there before").unwrap();
    let refused = run(gongbao(&data.dir()).args(["export", "(", "-o"]).arg(&file));
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert_eq!(fs::read_to_string(&file).unwrap(), "what was there before");
    let limited = run(gongbao(&data.dir())
        .args(["export", "--limit", "5", "-o"])
        .arg(&file));
    assert!(
        limited.code == Some(2) && limited.stderr.contains("an export has no limit"),
        "{limited:?}"
    );

    let done = run(gongbao(&data.dir())
        .args([
            "export",
            "\"双随机、一公开\"",
            "--region",
            "43",
            "--year-from",
            "2017",
            "-o",
        ])
        .arg(&file));
    assert_eq!((done.code, done.stdout.as_str()), (Some(0), ""), "{done:?}");
    let bytes = fs::read(&file).unwrap();
    let n = rows(std::str::from_utf8(&bytes).unwrap()).len() - 1;
    let mut name = file.clone().into_os_string();
    name.push(".provenance.json");
    let about: Value = serde_json::from_slice(&fs::read(name).unwrap()).unwrap();
    assert_eq!(
        (&about["count"], &about["format"], &about["sort"]),
        (&json!(n), &json!("csv"), &json!("id"))
    );
    assert_eq!(about["query"]["parsed"], "\"双随机、一公开\"");
    assert_eq!(
        about["filters"],
        json!({"region": ["430000"], "year_from": [2017]})
    );
    assert_eq!(about["version"], env!("CARGO_PKG_VERSION"));
    assert!(about["permalink"].as_str().unwrap().starts_with("/?q="));
    let state = about["state"].as_str().unwrap();
    assert!(about["dictionary"].is_u64());
    assert!(
        about["permalink"]
            .as_str()
            .unwrap()
            .contains(&format!("as_of={}", encode(state))),
        "{about}"
    );
    assert!(
        about["export"].as_str().unwrap().ends_with("format=csv"),
        "{about}"
    );
    let digest = data_encoding::HEXLOWER.encode(&Sha256::digest(&bytes));
    assert_eq!(
        about["file"],
        json!({"name": "报告 1.csv", "bytes": bytes.len(), "sha256": digest})
    );
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 2, "nothing else is left");

    // Groups of near-duplicates are those of the state as well.
    let grouped = folder.join("groups.jsonl");
    let done = run(gongbao(&data.dir())
        .args(["export", "--group", "duplicates", "-o"])
        .arg(&grouped));
    assert_eq!(done.code, Some(0), "{done:?}");
    let about = fs::read(folder.join("groups.jsonl.provenance.json")).unwrap();
    let about: Value = serde_json::from_slice(&about).unwrap();
    let permalink = about["permalink"].as_str().unwrap();
    assert!(
        permalink.contains("group=duplicates") && permalink.contains("as_of="),
        "{about}"
    );

    let to_stdout = run(gongbao(&data.dir()).args(["export", "--format", "jsonl", "--year", "1949"]));
    assert_eq!(
        (to_stdout.code, to_stdout.stdout.as_str()),
        (Some(0), "{\"complete\":true,\"count\":0}\n")
    );
    let folder = folder.to_str().unwrap();
    let nowhere = format!("{folder}/none/a.csv");
    for (arguments, word) in [
        (vec!["export", "--format", "csv", "-o", folder], "folder"),
        (vec!["export", "-o", &nowhere], "make it first"),
        (vec!["export", "-o", "reports.txt"], "--format"),
        (vec!["export", "--format", "pdf"], "parquet"),
        (vec!["export", "--format", "csv", "--fields", "colour"], "colour"),
        (vec!["export", "--format", "parquet", "--bom"], "csv"),
    ] {
        let run = run(gongbao(&data.dir()).args(&arguments));
        assert_eq!(
            (run.code, run.stdout.as_str()),
            (Some(2), ""),
            "{arguments:?}: {run:?}"
        );
        assert!(run.stderr.contains(word), "{arguments:?}: {run:?}");
    }
}

#[test]
fn a_text_too_long_for_a_cell_is_cut_and_told() {
    let text = "长".repeat(40_000);
    let data = Data::with_lines(&[
        json!({"id": "a", "url": "https://a.example.gov.cn/1", "title": "甲", "text": text}),
    ]);
    let file = data.file("long.xlsx", b"");
    let done = run(gongbao(&data.dir())
        .args(["export", "--fields", "id,text", "-o"])
        .arg(&file));
    assert_eq!(done.code, Some(0), "{done:?}");
    assert!(done.stderr.contains("1 texts are longer"), "{done:?}");
    let mut book: Xlsx<_> = open_workbook_from_rs(Cursor::new(fs::read(&file).unwrap())).unwrap();
    let sheet = book.worksheet_range("reports").unwrap();
    assert!(
        sheet
            .get_value((1, 1))
            .unwrap()
            .to_string()
            .ends_with("…[cut here: 40000 characters in all]")
    );
    let whole = run(gongbao(&data.dir()).args(["export", "--fields", "text", "--format", "csv"]));
    assert_eq!(rows(&whole.stdout)[1][0], text);
}

/// The interpreter that has the libraries, if `GONGBAO_PYTHON` names one.
fn python() -> String {
    std::env::var("GONGBAO_PYTHON").unwrap_or_else(|_| "python3".to_owned())
}

#[test]
fn the_usual_libraries_read_what_the_search_finds() {
    let data = sample();
    let export = |format: &str, fields: &[&str]| {
        let file = data.file(&format!("out.{format}"), b"");
        let run = run(gongbao(&data.dir())
            .args(["export", "--format", format, "-o"])
            .arg(&file)
            .args(fields));
        assert_eq!(run.code, Some(0), "{run:?}");
        file
    };
    let whole = fs::read_to_string(export("jsonl", &[])).unwrap();
    let (reports, _) = whole.trim_end().rsplit_once('\n').unwrap();
    let expected = data.file("expected.jsonl", format!("{reports}\n").as_bytes());
    let check = |format: &str, file: &Path| -> Result<(), String> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/export/check.py");
        let done = Command::new(python())
            .arg(script)
            .arg(format)
            .arg(file)
            .arg(&expected)
            .output();
        let done = done.map_err(|error| error.to_string())?;
        let said = String::from_utf8_lossy(&done.stdout).trim().to_owned();
        match done.status.code() {
            Some(0) => Ok(()),
            Some(77) => Err(said),
            _ => panic!("{format}: {said}\n{}", String::from_utf8_lossy(&done.stderr)),
        }
    };
    let all = "id,url,urls,portal,title,text,outline,region_code,year,published,issuer,cites,quality,quality_score,chars";
    let mut results: BTreeMap<&str, Result<(), String>> = BTreeMap::new();
    for format in ["csv", "jsonl", "parquet", "xlsx", "bibtex", "ris", "csl"] {
        results.insert(format, check(format, &export(format, &[])));
    }
    for format in ["csv", "parquet"] {
        let _ = check(format, &export(format, &["--fields", all]));
    }
    for (format, result) in results {
        if let Err(why) = result {
            eprintln!("skipped: {format} was not checked: {why}");
        }
    }
}
