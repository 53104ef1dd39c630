//! The arrows of ARCHITECTURE.md, read off the manifests.

use std::{collections::BTreeSet, fs, path::Path};

const MEMBERS: [&str; 3] = ["crawler", "index", "report"];

fn manifest(path: &str) -> toml::Table {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join(path)
        .join("Cargo.toml");
    toml::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn dependencies(manifest: &toml::Table, kinds: &[&str]) -> BTreeSet<String> {
    let tables = kinds.iter().filter_map(|kind| manifest.get(*kind)?.as_table());
    tables.flat_map(|table| table.keys().cloned()).collect()
}

const ALL_KINDS: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];

fn inside(manifest: &toml::Table) -> Vec<String> {
    let all = dependencies(manifest, &ALL_KINDS);
    all.into_iter()
        .filter(|name| MEMBERS.contains(&name.as_str()))
        .collect()
}

#[test]
fn crawler_and_index_know_report_and_never_each_other() {
    assert_eq!(inside(&manifest("crawler")), ["report"]);
    assert_eq!(inside(&manifest("index")), ["report"]);
    assert_eq!(inside(&manifest("report")), Vec::<String>::new());
    assert_eq!(inside(&manifest(".")), MEMBERS);
}

#[test]
fn each_room_keeps_out_what_is_not_its_business() {
    let forbidden: [(&str, &[&str]); 3] = [
        (
            "report",
            &[
                "tokio",
                "reqwest",
                "scraper",
                "html5ever",
                "tantivy",
                "axum",
                "rusqlite",
                "tracing",
            ],
        ),
        (
            "crawler",
            &["tantivy", "tantivy-jieba", "jieba-rs", "axum", "clap"],
        ),
        (
            "index",
            &[
                "tokio",
                "reqwest",
                "scraper",
                "html5ever",
                "axum",
                "rusqlite",
                "clap",
            ],
        ),
    ];
    for (member, never) in forbidden {
        let has = dependencies(&manifest(member), &["dependencies"]);
        for name in never {
            assert!(!has.contains(*name), "{member} depends on {name}");
        }
    }
    let root = dependencies(&manifest("."), &["dependencies"]);
    for name in ["tantivy", "reqwest", "scraper"] {
        assert!(!root.contains(name), "the root package depends on {name}");
    }
}

#[test]
fn only_the_tables_of_the_service_speak_sql() {
    for file in sources("src") {
        let shown = file.display().to_string();
        let speaks = fs::read_to_string(&file).unwrap().contains("rusqlite");
        assert!(
            !speaks || shown.contains("src/operations"),
            "{shown} speaks to the database"
        );
    }
}

#[test]
fn versions_stand_in_the_workspace_table_only() {
    for path in [".", "crawler", "index", "report"] {
        let manifest = manifest(path);
        for kind in ALL_KINDS {
            let Some(table) = manifest.get(kind).and_then(|table| table.as_table()) else {
                continue;
            };
            for (name, value) in table {
                let from_workspace = value.get("workspace").and_then(|w| w.as_bool()).unwrap_or(false);
                assert!(from_workspace, "{path}: {name} has a version of its own");
            }
        }
        let lints = manifest.get("lints").and_then(|lints| lints.get("workspace"));
        assert_eq!(
            lints.and_then(|l| l.as_bool()),
            Some(true),
            "{path} does not use the workspace's lints"
        );
    }
}

#[test]
fn only_the_fetcher_reaches_the_network() {
    for file in sources("crawler/src") {
        let names_client = fs::read_to_string(&file).unwrap().lines().any(|line| {
            let code = line.split("//").next().unwrap_or_default();
            code.contains("reqwest") || code.contains("TcpStream") || code.contains("UdpSocket")
        });
        let shown = file.display().to_string();
        let is_test = shown.contains("/tests") || shown.ends_with("tests.rs");
        assert!(
            !names_client || is_test || shown.contains("crawler/src/fetch"),
            "{shown} reaches the network"
        );
    }
}

#[test]
fn every_source_file_says_what_it_is() {
    for folder in ["src", "crawler/src", "index/src", "report/src", "tests"] {
        for file in sources(folder) {
            let text = fs::read_to_string(&file).unwrap();
            assert!(
                text.starts_with("//!"),
                "{} has no module documentation",
                file.display()
            );
        }
    }
}

fn sources(folder: &str) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                found.push(path);
            }
        }
    }
    assert!(!found.is_empty());
    found
}
