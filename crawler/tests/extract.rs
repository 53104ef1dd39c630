//! Pages in, reports out: invented documents in the dress of real content systems.
//!
//! A new case is a new file: `pages/ok` must be read as its snapshot says, `pages/refused` must be refused.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::Path;

use crawler::{ExtractError, Hints, Media, Source, extract, extract_explained};
use report::Content;

/// Reads a file as a page fetched from a portal, without any header.
fn read(path: &Path) -> Result<Content, ExtractError> {
    with_source(path, |source| extract(source, &Hints::default()))
}

fn with_source<R>(path: &Path, then: impl FnOnce(&Source<'_>) -> R) -> R {
    let bytes = std::fs::read(path).unwrap();
    let name = path.file_stem().unwrap().to_str().unwrap();
    let url = format!("https://www.qinghe.example/zwgk/{name}.html");
    let media = if path.extension().is_some_and(|end| end == "txt") {
        Media::Text
    } else {
        Media::Html
    };
    then(&Source {
        url: &url,
        media,
        bytes: &bytes,
        charset: None,
    })
}

#[test]
fn documents_are_read() {
    insta::glob!("pages/ok/*", |path| {
        let mut content = serde_json::to_value(read(path).unwrap()).unwrap();
        // The outline is read from the text by a parser with tests of its own.
        content.as_object_mut().unwrap().remove("outline");
        // The text on lines of its own, so that a change can be read.
        let text = content["text"].take();
        content["text"] = text.as_str().unwrap().lines().collect::<Vec<_>>().into();
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
        let (content, explanation) = with_source(path, |source| extract_explained(source, &Hints::default()));
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
