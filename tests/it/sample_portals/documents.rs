//! Portals that serve the invented pages of `crawler/tests/pages`, each a trap or a habit of real ones: what a crawl
//! makes of them is what reading them one by one makes, and what is no document becomes no report.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

use super::{
    papers::list_page,
    samples::{File, Sample, at, crawl, place, reports},
    server::{Reply, Site},
};

/// What a snapshot says that depends on the name of the host, or on how sure one is.
const BY_HOST: &[&str] = &[
    "attachments",
    "encoding",
    "region_evidence",
    "region_confidence",
    "publisher_region_code",
    "site_id",
];

/// Least pages of a folder that are to be compared.
const FEW: usize = 10;

/// An invented page.
struct Page {
    /// Path and query on the portal.
    path: String,
    /// With the charset in the header, if it has one there.
    media_type: String,
    bytes: Vec<u8>,
    /// What it says; `None` when it is no document.
    says: Option<Value>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("crawler/tests")
}

/// The pages of a folder, and what the snapshots of a test say of them.
fn pages(kind: &str, snapshots: Option<&str>) -> Vec<Page> {
    let reached = fs::read_to_string(folder().join("pages/traps.tsv")).unwrap();
    let entries = fs::read_dir(folder().join("pages").join(kind)).unwrap();
    let files = entries.map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files
        .filter(|file| file.extension().is_some_and(|ending| ending == "html"))
        .collect();
    files.sort();
    let page = |file: PathBuf| {
        let name = file.file_stem().unwrap().to_str().unwrap();
        let row = reached
            .lines()
            .map(|row| row.split('\t').collect::<Vec<_>>())
            .find(|row| row[0] == name);
        let said = |column: usize| {
            row.as_ref()
                .map(|row| row[column])
                .filter(|cell| !cell.is_empty())
        };
        let path = said(1).map_or_else(|| format!("/zwgk/{name}.html"), place);
        let says = snapshots.map(|test| {
            let snapshot = folder().join(format!("snapshots/extract__{test}@{name}.html.snap"));
            let snapshot = fs::read_to_string(snapshot).unwrap();
            serde_json::from_str(snapshot.splitn(3, "---\n").nth(2).unwrap()).unwrap()
        });
        Page {
            // A page behind a gate to traditional characters is asked for itself.
            path: path.replace("/gate/big5/www.pingtan.example/", "/"),
            media_type: said(2).map_or("text/html".to_owned(), |charset| {
                format!("text/html; charset={charset}")
            }),
            bytes: fs::read(&file).unwrap(),
            says,
        }
    };
    files.into_iter().map(page).collect()
}

/// A portal with a list of these pages.
fn portal(id: &str, status: &'static str, pages: Vec<Page>) -> Sample {
    let documents = || {
        pages
            .iter()
            .filter_map(|page| Some((&page.path, page.says.as_ref()?)))
    };
    let expected = at(documents().map(|(path, _)| path.clone()));
    let files = documents().map(|(path, says)| {
        // Their files are not there.
        let files = says["attachments"].as_array().unwrap().iter().map(|file| File {
            status: Some("failed".to_owned()),
            ..File::of(file)
        });
        (path.clone(), files.collect::<Vec<_>>())
    });
    let files = files.filter(|(_, files)| !files.is_empty()).collect();
    let row = |page: &Page| {
        let says = page.says.as_ref();
        let said = |name: &str| says.and_then(|says| says[name].as_str()).unwrap_or_default();
        let (day, title) = (said("published"), said("title"));
        // Without a date, few words are no title.
        let is_short = title.is_empty() || day.is_empty() && report::han_chars(title) < 10;
        let title = if is_short {
            "关于2023年度有关工作情况的报告"
        } else {
            title
        };
        format!(
            "<li><span>{day}</span><a href=\"{}\">{title}</a></li>\n",
            page.path
        )
    };
    let list = list_page(&pages.iter().map(row).collect::<String>(), "");
    let site = Site::start(move |hit| match hit.path() {
        "/robots.txt" => Reply::status(404),
        "/fzzf/" => Reply::html(&list),
        _ => match pages.iter().find(|page| page.path == hit.target) {
            Some(page) => Reply::of(&page.media_type, &page.bytes),
            None => Reply::status(404),
        },
    });
    Sample {
        id: format!("documents-{id}"),
        files,
        failed: None,
        status,
        ..Sample::of("auto", id, site, "/fzzf/", expected)
    }
}

#[test]
fn pages_are_read_by_a_crawl_as_they_are_one_by_one() {
    let folders = [
        ("ok", "documents_are_read"),
        ("traps", "traps_are_read"),
        ("families", "documents_of_every_content_system_are_read"),
    ];
    let (mut samples, mut said) = (Vec::new(), BTreeMap::new());
    for (kind, test) in folders {
        let pages = pages(kind, Some(test));
        assert!(pages.len() >= FEW, "{kind}");
        for page in &pages {
            said.insert(
                (format!("documents-{kind}"), page.path.clone()),
                page.says.clone().unwrap(),
            );
        }
        samples.push(portal(kind, "partial", pages));
    }
    let (crawl, _) = crawl(&samples, "");
    let mut wrong = Vec::new();
    for (portal, reports) in reports(&crawl.data()) {
        for report in reports {
            let path = place(report["url"].as_str().unwrap());
            let says = said[&(portal.clone(), path.clone())].as_object().unwrap();
            let is_told = |name: &str| {
                // A page without a title has that of its row, and what follows from it.
                !BY_HOST.contains(&name) && (!says["title"].is_null() || name == "text")
            };
            for (name, value) in says.iter().filter(|(name, _)| is_told(name)) {
                let got = match name.as_str() {
                    "text" => report["text"].as_str().unwrap().lines().collect(),
                    _ => report[name].clone(),
                };
                if got != *value {
                    wrong.push(format!("{portal}{path}: {name} is {got}, not {value}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_no_document_becomes_no_report() {
    let mut pages = pages("refused", None);
    // That one shuts the whole portal.
    pages.retain(|page| !page.path.contains("challenge"));
    assert!(pages.len() >= FEW);
    let samples = [portal("refused", "partial", pages)];
    crawl(&samples, "");
}

#[test]
fn of_a_portal_that_wants_one_genre_the_others_stay_out() {
    const WANTED: &str = "rule-of-law-report";
    let mut pages = pages("traps", Some("traps_are_read"));
    for page in &mut pages {
        page.says = page.says.take().filter(|says| says["genre"] == WANTED);
    }
    let mut sample = portal("of-one-genre", "partial", pages);
    sample.toml += &format!("genres = [{WANTED:?}]\n");
    assert!(sample.expected.len() >= FEW);
    crawl(&[sample], "");
}
