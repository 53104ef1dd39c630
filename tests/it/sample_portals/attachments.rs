//! Portals whose reports have files, or are nothing else: every kind of file, every place a file is linked from, and
//! whatever goes wrong with files.
//!
//! The files are those of `crawler/tests/files`; what each says is told there.

mod kinds;
mod lone;
mod places;

use std::{collections::BTreeSet, fs, path::Path};

use super::{
    papers::{Paper, page},
    samples::{File, crawl, place},
    server::Reply,
};
use crate::support::{encode, get, router};

pub(super) const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

/// A limit that the largest of the files keep to.
const MAX_ATTACHMENT: &str = "max_attachment = \"256KiB\"\n";

/// Words that the files which hold the whole report have in common.
const WORDS: &str = "其中维持19件、撤销3件、调解结案6件";

fn fixture(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("crawler/tests/files");
    fs::read(folder.join(name)).unwrap()
}

/// A file as servers mostly send it.
fn bytes(body: impl AsRef<[u8]>) -> Reply {
    Reply::of("application/octet-stream", body)
}

/// What a page looks like that points to a file and says no more; `inside` is the container's own, `below` follows it.
fn stub(paper: &Paper, inside: &str, below: &str) -> String {
    page(
        &paper.title,
        &format!(
            "<h1>{}</h1><div class=\"info\"><span>发布时间：{} 09:12</span><span>来源：县政府办</span></div>\
             <div id=\"zoom\"><p>详见附件。</p>{inside}</div>{below}<div class=\"tail\">扫一扫在手机打开当前页</div>",
            paper.title, paper.date
        ),
    )
}

/// A page that says everything itself, with a file besides.
fn with_file(paper: &Paper, inside: &str, below: &str) -> String {
    page(
        &paper.title,
        &format!(
            "<h1>{}</h1><div class=\"info\"><span>发布时间：{} 09:12</span><span>来源：县政府办</span></div>\
             <div id=\"zoom\">{}{inside}</div>{below}<div class=\"tail\">扫一扫在手机打开当前页</div>",
            paper.title,
            paper.date,
            paper.body()
        ),
    )
}

fn file(name: &str, media_type: &str, status: &str) -> File {
    let filled = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    File {
        name: name.to_owned(),
        media_type: filled(media_type),
        status: filled(status),
    }
}

/// Reports of a portal in which a string is found, as a user finds them.
async fn found(data: &Path, portal: &str, words: &str) -> BTreeSet<String> {
    let router = router(data);
    let query = encode(&format!("\"{words}\""));
    let answer = get(
        &router,
        &format!("/api/v1/search?limit=100&portal={portal}&q={query}"),
    )
    .await
    .json();
    let hits = answer["hits"].as_array().unwrap_or_else(|| panic!("{answer}"));
    hits.iter()
        .map(|hit| place(hit["url"].as_str().unwrap()))
        .collect()
}

#[tokio::test]
async fn every_kind_of_file_is_read_or_said_not_to_be() {
    let (samples, kinds) = kinds::samples();
    let (crawl, _) = crawl(&samples, MAX_ATTACHMENT);
    let mut wrong = Vec::new();
    for (sample, kind) in samples.iter().zip(kinds) {
        if !kind.words.is_empty() {
            let found = found(&crawl.data(), &sample.id, kind.words).await;
            if found != kind.found() {
                wrong.push(format!("{}: {} is found in {found:?}", sample.id, kind.words));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn a_file_is_found_wherever_a_page_links_it() {
    let samples = [places::sample(), places::told_by_servers(), places::elsewhere()];
    let (crawl, _) = crawl(&samples, "");
    for sample in &samples {
        let is_stub = |path: &&String| path.starts_with(places::STUBS);
        let stubs: BTreeSet<_> = sample.files.keys().filter(is_stub).cloned().collect();
        assert_eq!(
            found(&crawl.data(), &sample.id, WORDS).await,
            stubs,
            "{}",
            sample.id
        );
        let hits = sample.site.hits();
        let decoy = hits.iter().find(|hit| hit.target.contains("/protect/"));
        assert!(decoy.is_none(), "{decoy:?}");
    }
}

#[tokio::test]
async fn a_row_that_leads_to_a_file_is_a_report() {
    let samples = [lone::sample()];
    crawl(&samples, "");
    let hits = samples[0].site.hits();
    let form = hits.iter().find(|hit| hit.target.contains("form"));
    assert!(form.is_none(), "{form:?}");
}
