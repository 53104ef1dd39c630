//! Main text against gold, and encodings.

use std::{collections::HashMap, fs, path::Path, process::Command, time::Instant};

use serde_json::Value;

use super::{
    pages::{self, Page},
    python, speed,
};

/// Groups of the scorer that are reported, and what they are.
const GROUPS: &[(&str, &str)] = &[
    ("human", "copied from the browser by hand"),
    ("gov", "government pages"),
    ("human, GBK", "of the first group, those in GBK"),
    (
        "reference",
        "cut from the page's container, or another program's output",
    ),
    ("silver", "output of other extractors"),
];

pub(crate) fn section(shared: &Path) -> String {
    let folder = shared.join("data/extraction");
    let scratch = tempfile::tempdir().expect("a temporary folder");
    let ours = scratch.path().join("ours.jsonl");
    let output = Command::new(env!("CARGO_BIN_EXE_gongbao"))
        .args(["extract", "--batch"])
        .arg(&folder)
        .output()
        .expect("gongbao runs");
    fs::write(&ours, &output.stdout).expect("the output can be written");
    let mut out = String::from("### Main text\n\n");
    out.push_str("| group | pages | F1 | P | R | short elements lost | titles | dates |\n|---|---|---|---|---|---|---|---|\n");
    out.push_str(&rows(&score(shared, &ours, scratch.path()), "gongbao"));
    let peer = scratch.path().join("peer.jsonl");
    if speed::peer(&folder, Some(&peer)).is_some() {
        out.push_str(&rows(&score(shared, &peer, scratch.path()), "trafilatura"));
    }
    out.push_str(
        "\nShort elements lost are characters of gold that fell out in gaps of one to three, per 10,000.\n\n",
    );
    out.push_str(&encodings(&folder, &output.stdout));
    out.push_str(&odd(&folder.join("robust")));
    out
}

fn score(shared: &Path, output: &Path, scratch: &Path) -> Value {
    let json = scratch.join("score.json");
    let script = shared.join("tools/score_extraction.py");
    let folder = shared.join("data/extraction");
    let arguments = [
        folder.as_os_str(),
        output.as_os_str(),
        "--json".as_ref(),
        json.as_os_str(),
    ];
    python::run(&script, &arguments).expect("the scorer runs");
    let scores = fs::read(&json).expect("the scorer wrote");
    serde_json::from_slice(&scores).expect("the scorer writes JSON")
}

fn rows(score: &Value, who: &str) -> String {
    let number = |value: &Value| value.as_f64().unwrap_or_default();
    let mut out = String::new();
    for (group, meaning) in GROUPS {
        let row = &score["summary"][group];
        let share = |key: &str| format!("{}/{}", row[key][0], row[key][1]);
        out.push_str(&format!(
            "| {who}: {group} ({meaning}) | {} | {:.4} | {:.4} | {:.4} | {:.1} | {} | {} |\n",
            row["pages"],
            number(&row["f1"]),
            number(&row["p"]),
            number(&row["r"]),
            number(&row["short"]),
            share("title_ok"),
            share("date_ok"),
        ));
    }
    out
}

/// Whether pages were decoded as what they are, where that is known.
fn encodings(folder: &Path, output: &[u8]) -> String {
    let lines = String::from_utf8_lossy(output);
    let read: HashMap<String, Value> = lines
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter_map(|line| Some((line["file"].as_str()?.to_owned(), line)))
        .collect();
    let (mut right, mut known, mut replaced) = (0, 0, 0);
    for (file, line) in &read {
        replaced += usize::from(
            line["text"]
                .as_str()
                .is_some_and(|text| text.contains('\u{fffd}')),
        );
        let meta = folder.join(file.replace(".html", ".meta.json"));
        let Some(meta) = fs::read(meta)
            .ok()
            .and_then(|meta| serde_json::from_slice::<Value>(&meta).ok())
        else {
            continue;
        };
        let (Some(truth), Some(ours)) = (meta["encoding"].as_str(), line["encoding"].as_str()) else {
            continue;
        };
        known += 1;
        right += usize::from(same_encoding(truth, ours));
    }
    format!(
        "Encoding right on {right} of {known} pages whose encoding is known; {replaced} texts of {} hold a replacement character.\n\n",
        read.len()
    )
}

/// GB2312, GBK and GB18030 are one encoding, as they are in browsers.
fn same_encoding(a: &str, b: &str) -> bool {
    let family = |name: &str| {
        let name = name.to_ascii_lowercase().replace(['-', '_'], "");
        if name.starts_with("gb") {
            "gb".to_owned()
        } else {
            name
        }
    };
    family(a) == family(b)
}

/// Pages without gold: what became of them, and how long the slowest took.
fn odd(folder: &Path) -> String {
    let pages = pages::read(folder);
    // Tables are loaded when the first page is read.
    let _ = pages.first().map(Page::extract);
    let (mut read, mut refused) = (0, Vec::new());
    let mut slowest = 0.0_f64;
    for page in &pages {
        let start = Instant::now();
        match page.extract() {
            Ok(_) => read += 1,
            Err(error) => refused.push(error.to_string()),
        }
        let megabytes = (page.bytes.len() as f64 / 1e6).max(0.05);
        slowest = slowest.max(start.elapsed().as_secs_f64() / megabytes);
    }
    format!(
        "Of {} odd pages without gold {read} give a text and {} are refused as lists or home pages; the slowest took {slowest:.2} s a megabyte.\n",
        pages.len(),
        refused.len(),
    )
}
