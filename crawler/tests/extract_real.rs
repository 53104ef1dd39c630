//! The extractor on real documents that are not part of the repository: kept beside it in `../shared`, or skipped.
//!
//! Expected titles and names are given as digests: the texts belong to their publishers.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on has failed, and says what it skips"
)]

use std::path::{Path, PathBuf};

use crawler::{ExtractError, Hints, Media, Source, extract};
use report::{Content, fold};
use sha2::{Digest, Sha256};

fn shared(folder: &str) -> Option<PathBuf> {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared")).join(folder);
    if !path.is_dir() {
        println!("skipped: no {}", path.display());
        return None;
    }
    Some(path)
}

fn files(folder: &Path, endings: &[&str]) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let wanted = |path: &PathBuf| {
        path.extension()
            .is_some_and(|end| endings.contains(&end.to_str().unwrap()))
    };
    let mut files: Vec<_> = entries.filter(wanted).collect();
    files.sort();
    files
}

fn read(path: &Path) -> Result<Content, ExtractError> {
    let bytes = std::fs::read(path).unwrap();
    let media = if path.extension().is_some_and(|end| end == "txt") {
        Media::Text
    } else {
        Media::Html
    };
    let url = format!("import:pages/{}", path.file_name().unwrap().to_str().unwrap());
    extract(
        &Source {
            url: &url,
            media,
            bytes: &bytes,
            charset: None,
        },
        &Hints::default(),
    )
}

fn digest(text: &str) -> String {
    Sha256::digest(text)
        .iter()
        .take(6)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// What is known of one of the five documents; names as digests.
#[derive(Debug, Default, PartialEq)]
struct Facts {
    title: Option<String>,
    region: Option<String>,
    genre: String,
    year: Option<i32>,
    published: Option<String>,
    signed: Option<String>,
    issuer: Option<String>,
    source: Option<String>,
    document_number: Option<String>,
    index_number: Option<String>,
    site_id: Option<String>,
    cites: Vec<String>,
    flags: Vec<String>,
    /// First and last line.
    ends: (String, String),
    lines: usize,
}

fn facts(content: &Content) -> Facts {
    let digested = |text: &Option<String>| text.as_deref().map(digest);
    Facts {
        title: digested(&content.title),
        region: content.region_code.map(|code| code.to_string()),
        genre: content.genre.to_string(),
        year: content.year,
        published: content.published.map(|day| day.to_string()),
        signed: content.signed.map(|day| day.to_string()),
        issuer: digested(&content.issuer),
        source: digested(&content.source),
        document_number: digested(&content.document_number),
        index_number: content.index_number.clone(),
        site_id: content.site_id.clone(),
        cites: content.cites.iter().map(|number| digest(number)).collect(),
        flags: content.quality.flags.iter().map(ToString::to_string).collect(),
        ends: (
            digest(content.text.lines().next().unwrap()),
            digest(content.text.lines().last().unwrap()),
        ),
        lines: content.text.lines().count(),
    }
}

#[test]
fn five_documents_are_known_in_every_cell() {
    let Some(folder) = shared("seeds") else { return };
    let found: Vec<Facts> = files(&folder, &["txt"])
        .iter()
        .map(|path| facts(&read(path).unwrap()))
        .collect();
    insta::assert_debug_snapshot!(found);
}

/// Beside the lines that are furniture nothing of a text is lost, and none of it is invented.
#[test]
fn five_documents_keep_every_line() {
    let Some(folder) = shared("seeds") else { return };
    for path in files(&folder, &["txt"]) {
        let whole = std::fs::read_to_string(&path).unwrap();
        let content = read(&path).unwrap();
        let at = fold(&whole).find(&fold(&content.text.replace('\n', "")));
        assert!(at.is_some(), "{}", path.display());
        assert!(
            content.text.chars().count() * 10 > whole.trim().chars().count() * 9,
            "{}",
            path.display()
        );
    }
}

#[test]
fn odd_pages_are_read_or_refused_but_never_break() {
    let Some(folder) = shared("data/extraction/robust") else {
        return;
    };
    for path in files(&folder, &["html"]) {
        match read(&path) {
            Ok(content) => {
                assert!(!content.text.is_empty(), "{}", path.display());
                assert!(!content.text.contains('\u{fffd}'), "{}", path.display());
            }
            Err(error) => assert!(
                matches!(error, ExtractError::NotAReport { .. }),
                "{}: {error}",
                path.display()
            ),
        }
    }
}
