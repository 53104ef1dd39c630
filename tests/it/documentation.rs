//! What `docs/` shows works: an index names every page, links lead somewhere, and the Python example runs.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::{Value, json};

use crate::support::{Data, Run, Service, gongbao, run};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// The pages of `docs/`, by name.
fn pages() -> Vec<(String, String)> {
    let files = fs::read_dir(root().join("docs")).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let pages = names.filter(|name| name.ends_with(".md"));
    pages
        .map(|name| {
            let text = fs::read_to_string(root().join("docs").join(&name)).unwrap();
            (name, text)
        })
        .collect()
}

/// The targets of the links of a Markdown text that are files.
fn linked(text: &str) -> impl Iterator<Item = &str> {
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let files = targets.map(|target| target.split('#').next().unwrap_or_default());
    files.filter(|file| !file.is_empty() && !file.contains(':') && !file.contains(' '))
}

#[test]
fn an_index_names_every_page_and_links_lead_somewhere() {
    let pages = pages();
    let (_, index) = pages.iter().find(|(name, _)| name == "README.md").unwrap();
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    for (name, text) in &pages {
        let is_named = linked(index).any(|file| file == name)
            || linked(&readme).any(|file| file.strip_prefix("docs/") == Some(name));
        assert!(is_named, "neither docs/README.md nor README.md names {name}");
        for file in linked(text) {
            assert!(
                root().join("docs").join(file).exists(),
                "docs/{name} links to {file}"
            );
        }
    }
}

/// Runs the example of `docs/api.md`; `None` without Python.
fn example(service: &Service, folder: &Path, key: &str, words: &[&str]) -> Option<Run> {
    let python = std::env::var("GONGBAO_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    if Command::new(&python).arg("--version").output().is_err() {
        eprintln!("skipped: no {python}");
        return None;
    }
    let done = run(Command::new(python)
        .arg(root().join("docs/examples/reports.py"))
        .args(["--address", &service.first_line, "--folder"])
        .arg(folder)
        .args(words)
        .env("GONGBAO_KEY", key)
        .env("PYTHONIOENCODING", "utf-8"));
    Some(done)
}

#[test]
fn the_python_example_pages_exports_and_draws() {
    let lines: Vec<Value> = (0..250)
        .map(|n| {
            let text = if n % 5 == 0 {
                "推进政务公开。"
            } else {
                "推进数字政府建设。"
            };
            json!({"id": format!("r{n:03}"), "url": format!("https://a.example.gov.cn/{n}"), "text": text,
                   "title": format!("常宁市第{n}号报告"), "region_code": "430482", "year": 2019 + n % 4})
        })
        .collect();
    let data = Data::with_lines(&lines);
    let made = run(gongbao(&data.dir()).args(["keys", "create", "--scope", "export"]));
    let key = made.stdout.trim();
    let service = Service::start(
        gongbao(&data.dir())
            .env("GONGBAO_SERVER__ANONYMOUS_READ", "false")
            .args(["serve", "--bind", "127.0.0.1:0"]),
    );
    let folder = data.dir().with_file_name("out");
    let words = ["\"数字政府\"", "--filter", "region=43"];
    let Some(done) = example(&service, &folder, key, &words) else {
        return;
    };
    assert_eq!(done.code, Some(0), "{done:?}");
    assert!(
        done.stdout.starts_with("hits.csv: 200\nreports.csv: 200\n"),
        "{done:?}"
    );
    let ids = |file: &str| -> Vec<String> {
        let mut reader = csv::Reader::from_path(folder.join(file)).unwrap();
        let mut ids: Vec<String> = reader.records().map(|row| row.unwrap()[0].to_owned()).collect();
        ids.sort();
        ids
    };
    let expected: Vec<String> = (0..250)
        .filter(|n| n % 5 != 0)
        .map(|n| format!("r{n:03}"))
        .collect();
    assert_eq!(ids("hits.csv"), expected, "page by page");
    assert_eq!(ids("reports.csv"), expected, "as a file");
    let is_picture = |file: &str, begin: &[u8]| {
        fs::read(folder.join(file)).is_ok_and(|bytes| bytes.starts_with(begin) && bytes.len() > 1_000)
    };
    assert!(
        is_picture("trends.svg", b"<svg ") || is_picture("trends.png", b"\x89PNG"),
        "{done:?}"
    );
    // What is wrong is said in words, without a traceback.
    for (key, words, said) in [
        (key, &["\"数字政府"][..], "invalid_query: "),
        (key, &["数字", "--filter", "regoin=43"][..], "unknown_parameter: "),
        ("", &["数字"][..], "unauthorized: "),
    ] {
        let wrong = example(&service, &folder, key, words).unwrap();
        assert_eq!(wrong.code, Some(1), "{wrong:?}");
        assert!(wrong.stderr.starts_with(said), "{wrong:?}");
    }
}
