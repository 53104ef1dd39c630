//! The page that shows two versions of a report side by side: what came and went is marked, what stayed is folded.

use askama::Template;
use axum::{
    extract::{Path, State, rejection::PathRejection},
    response::Response,
};
use serde_json::Value;

use super::{
    compare, labels,
    report::{VersionLine, id_in_path, page_path, version_lines},
    view::{Asked, View},
    words::put,
};
use crate::{
    api::{
        diff::{self, Pair, deadline},
        problem::Problem,
    },
    compare::{Comparison, Op, Paragraph, compare as compare_texts},
    http::App,
};

/// Paragraphs that stay and are shown before and behind a change; more of them in a row are folded.
const AROUND: usize = 2;

#[derive(Template)]
#[template(path = "diff.html")]
struct DiffPage {
    view: View,
    title: String,
    heading: String,
    about: String,
    back: String,
    id_in_path: String,
    from: u32,
    to: u32,
    coarse: bool,
    /// Name, before, after.
    fields: Vec<(&'static str, String, String)>,
    is_same: bool,
    pieces: Vec<Piece>,
    versions: Vec<VersionLine>,
    /// Both versions side by side.
    both: String,
}

/// A paragraph, or several that stayed.
#[derive(Debug, PartialEq)]
enum Piece {
    Same(String),
    Folded(Vec<String>),
    Came(String),
    Went(String),
    Rewritten(Vec<Part>),
}

/// A part of a paragraph that was rewritten.
#[derive(Debug, PartialEq)]
enum Part {
    Same(String),
    Came(String),
    Went(String),
}

pub(crate) async fn page(
    State(app): State<App>,
    path: Result<Path<String>, PathRejection>,
    Asked { view, params }: Asked,
) -> Result<Response, Problem> {
    let asked = diff::Asked::read(path, params)?;
    app.with_catalog(move |catalog, _| {
        let pair = asked.find(catalog)?;
        let [from, to] = &pair.reports;
        let found = compare_texts(from, to, deadline()).map_err(|error| Problem::internal(&error.into()))?;
        let page = DiffPage::new(view, &pair, &found);
        super::page(&page.view, &page)
    })
    .await
}

impl DiffPage {
    fn new(view: View, pair: &Pair, found: &Comparison<'_>) -> Self {
        let (w, lang) = (view.w, view.lang());
        let [from, to] = &pair.reports;
        let count = |op: Op| found.paragraphs.iter().filter(|p| p.op == op).count();
        let (came, went, rewritten) = (count(Op::Insert), count(Op::Delete), count(Op::Replace));
        let titled = [to, from]
            .into_iter()
            .find(|report| report.content.title.is_some());
        let id_in_path = id_in_path(&to.id);
        let named = [found.from, found.to].map(|version| format!("{}@{version}", to.id.as_str()));
        let both = view.link(
            compare::PATH,
            &[("id", named[0].as_str()), ("id", named[1].as_str())],
        );
        let dates = [from, to].map(|report| report.retrieved_at.date());
        Self {
            title: view.title(&titled.unwrap_or(to).content),
            heading: put(w.diff_title, &[&found.from, &found.to]),
            about: put(
                w.diff_counts,
                &[
                    &found.from,
                    &dates[0],
                    &found.to,
                    &dates[1],
                    &came,
                    &went,
                    &rewritten,
                ],
            ),
            back: view.to(&page_path(to.id.as_str())),
            from: found.from,
            to: found.to,
            coarse: found.is_coarse,
            fields: found
                .fields
                .iter()
                .map(|change| {
                    let name = labels::field(lang, &change.field);
                    (name, shown(&view, &change.from), shown(&view, &change.to))
                })
                .collect(),
            both,
            is_same: came + went + rewritten == 0,
            pieces: pieces(&found.paragraphs),
            versions: version_lines(&view, &id_in_path, &pair.versions),
            id_in_path,
            view,
        }
    }
}

/// A value as a person reads it: lists by their entries, files by their names.
fn shown(view: &View, value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Bool(yes) => (if *yes { view.w.yes } else { view.w.no }).to_owned(),
        Value::Array(entries) => {
            let entries = entries.iter().map(|entry| shown(view, entry));
            entries.collect::<Vec<_>>().join("；")
        }
        Value::Object(map) => {
            let name = ["name", "url"].iter().filter_map(|key| map.get(*key)?.as_str());
            let name = name.filter(|text| !text.is_empty()).take(1);
            name.collect()
        }
        Value::Number(number) => number.to_string(),
    }
}

fn pieces(paragraphs: &[Paragraph<'_>]) -> Vec<Piece> {
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let mut pieces = Vec::new();
    for run in paragraphs.chunk_by(|a, b| a.op == b.op) {
        match run[0].op {
            Op::Equal => {
                // At the ends of the text nothing stands on one side.
                let is_first = pieces.is_empty();
                let ends_here = std::ptr::eq(run.as_ptr_range().end, paragraphs.as_ptr_range().end);
                let head = if is_first { 0 } else { AROUND };
                let tail = if ends_here { 0 } else { AROUND };
                let same = |p: &Paragraph<'_>| Piece::Same(text(p.to));
                if run.len() <= head + tail + 1 {
                    pieces.extend(run.iter().map(same));
                } else {
                    let (first, rest) = run.split_at(head);
                    let (folded, last) = rest.split_at(rest.len() - tail);
                    pieces.extend(first.iter().map(same));
                    pieces.push(Piece::Folded(folded.iter().map(|p| text(p.to)).collect()));
                    pieces.extend(last.iter().map(same));
                }
            }
            Op::Insert => pieces.extend(run.iter().map(|p| Piece::Came(text(p.to)))),
            Op::Delete => pieces.extend(run.iter().map(|p| Piece::Went(text(p.from)))),
            Op::Replace => pieces.extend(run.iter().map(|p| Piece::Rewritten(parts(p)))),
        }
    }
    pieces
}

fn parts(paragraph: &Paragraph<'_>) -> Vec<Part> {
    if paragraph.segments.is_empty() {
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        return vec![Part::Went(text(paragraph.from)), Part::Came(text(paragraph.to))];
    }
    let part = |segment: &crate::compare::Segment| match segment.op {
        Op::Insert => Part::Came(segment.text.clone()),
        Op::Delete => Part::Went(segment.text.clone()),
        Op::Equal | Op::Replace => Part::Same(segment.text.clone()),
    };
    paragraph.segments.iter().map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn equal(text: &str) -> Paragraph<'_> {
        Paragraph {
            op: Op::Equal,
            from: Some(text),
            to: Some(text),
            segments: Vec::new(),
        }
    }

    #[test]
    fn long_stretches_that_stay_are_folded_save_beside_changes() {
        let same: Vec<String> = (0..9).map(|n| n.to_string()).collect();
        let mut paragraphs: Vec<_> = same.iter().map(|text| equal(text)).collect();
        paragraphs.insert(
            8,
            Paragraph {
                op: Op::Delete,
                from: Some("x"),
                to: None,
                segments: Vec::new(),
            },
        );
        let folded = (0..6).map(|n| n.to_string()).collect();
        let kept = |text: &str| Piece::Same(text.to_owned());
        assert_eq!(
            pieces(&paragraphs),
            [
                Piece::Folded(folded),
                kept("6"),
                kept("7"),
                Piece::Went("x".to_owned()),
                kept("8")
            ]
        );
    }
}
