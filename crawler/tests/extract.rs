//! Pages in, reports out: invented documents in the dress of real content systems.
//!
//! A new case is a new file: `pages/ok` and `pages/families` (by the content system they are dressed as, in many
//! encodings) must be read as their snapshots say, `pages/refused` must be refused.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::Path;

use crawler::{ExtractError, Hints, Media, Source, extract, extract_explained};
use report::Content;

/// Page, address, charset in the header, title and date in the list; a page without a row has none of these.
const REACHED: &str = include_str!("pages/traps.tsv");

fn read(path: &Path) -> Result<Content, ExtractError> {
    with_source(path, extract)
}

/// Takes a file as a page fetched from a portal: how it was reached is said in `pages/traps.tsv`, or else it came
/// without any header and without a list.
fn with_source<R>(path: &Path, then: impl FnOnce(&Source<'_>, &Hints) -> R) -> R {
    let bytes = std::fs::read(path).unwrap();
    let name = path.file_stem().unwrap().to_str().unwrap();
    let reached = REACHED.lines().map(|row| row.split('\t').collect::<Vec<_>>());
    let reached = reached.into_iter().find(|row| row[0] == name);
    let said = |column: usize| Some(reached.as_ref()?[column]).filter(|cell| !cell.is_empty());
    let url = said(1).map_or_else(
        || format!("https://www.qinghe.example/zwgk/{name}.html"),
        str::to_owned,
    );
    let media = if path.extension().is_some_and(|end| end == "txt") {
        Media::Text
    } else {
        Media::Html
    };
    let source = Source {
        url: &url,
        media,
        bytes: &bytes,
        charset: said(2),
    };
    let hints = Hints {
        list_title: said(3).map(str::to_owned),
        list_date: said(4).map(|day| day.parse().unwrap()),
        ..Hints::default()
    };
    then(&source, &hints)
}

/// A report for a snapshot.
fn shown(content: &Content) -> serde_json::Value {
    let mut content = serde_json::to_value(content).unwrap();
    // The outline is read from the text by a parser with tests of its own.
    content.as_object_mut().unwrap().remove("outline");
    // The text on lines of its own, so that a change can be read.
    let text = content["text"].take();
    content["text"] = text.as_str().unwrap().lines().collect::<Vec<_>>().into();
    content
}

#[test]
fn documents_are_read() {
    insta::glob!("pages/ok/*", |path| {
        let content = shown(&read(path).unwrap());
        insta::assert_json_snapshot!(content);
    });
}

/// What goes wrong on real sites, each trap in the dress of several content systems: `<trap>_<system>.html`.
#[test]
fn traps_are_read() {
    insta::glob!("pages/traps/*.html", |path| {
        let content = read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let content = shown(&content);
        insta::assert_json_snapshot!(content);
    });
}

/// Invented documents in the dress of the systems they are named after, in many encodings.
#[test]
fn documents_of_every_content_system_are_read() {
    insta::glob!("pages/families/*.html", |path| {
        let content = shown(&read(path).unwrap());
        insta::assert_json_snapshot!(content);
    });
}

#[test]
fn what_is_no_document_is_refused() {
    insta::glob!("pages/refused/*", |path| {
        insta::assert_snapshot!(read(path).unwrap_err());
    });
}

#[test]
fn an_explanation_changes_nothing_and_accounts_for_every_line() {
    insta::glob!("pages/**/*.{html,htm,txt}", |path| {
        let (content, explanation) = with_source(path, extract_explained);
        assert_eq!(content, read(path));
        assert_eq!(
            explanation.refusal,
            content.as_ref().err().map(ToString::to_string)
        );
        let mut next = 1;
        for block in &explanation.blocks {
            assert_eq!(block.start, next);
            next += block.lines;
        }
        assert_eq!(next - 1, explanation.page.lines);
        let Ok(content) = content else { return };
        let kept = explanation.blocks.iter().filter(|block| block.kept);
        assert_eq!(
            kept.map(|block| block.lines).sum::<usize>(),
            content.text.lines().count()
        );
        let content = serde_json::to_value(content).unwrap();
        for (name, field) in &explanation.fields {
            assert_eq!(field.value, content[name], "{name}");
            // What was taken has a place it was taken from.
            assert_eq!(field.basis.is_some(), !field.value.is_null(), "{name}");
        }
    });
}
