//! The page that shows two versions of a report side by side: what came and went is marked, what stayed is folded.

use askama::Template;
use axum::{
    extract::{Path, RawQuery, State, rejection::PathRejection},
    response::Response,
};
use serde_json::Value;

use super::report::{VersionLine, id_in_path, version_lines};
use crate::{
    api::{
        diff::{Asked, Pair, deadline},
        problem::Problem,
    },
    compare::{Comparison, Op, Paragraph, compare},
    http::App,
};

/// Paragraphs that stay and are shown before and behind a change; more of them in a row are folded.
const AROUND: usize = 2;

#[derive(Template)]
#[template(path = "diff.html")]
struct DiffPage {
    title: String,
    id_in_path: String,
    from: u32,
    to: u32,
    from_at: String,
    to_at: String,
    coarse: bool,
    /// Name, before, after.
    fields: Vec<(&'static str, String, String)>,
    n_came: usize,
    n_went: usize,
    n_rewritten: usize,
    pieces: Vec<Piece>,
    versions: Vec<VersionLine>,
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
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let asked = Asked::read(path, query.as_deref())?;
    app.with_catalog(move |catalog, _| {
        let pair = asked.find(catalog)?;
        let [from, to] = &pair.reports;
        let found = compare(from, to, deadline()).map_err(|error| Problem::internal(&error.into()))?;
        super::page(&DiffPage::new(&pair, &found))
    })
    .await
}

impl DiffPage {
    fn new(pair: &Pair, found: &Comparison<'_>) -> Self {
        let [from, to] = &pair.reports;
        let count = |op: Op| found.paragraphs.iter().filter(|p| p.op == op).count();
        let title = to.content.title.as_ref().or(from.content.title.as_ref());
        let id_in_path = id_in_path(&to.id);
        Self {
            title: title.cloned().unwrap_or_else(|| "（无标题）".to_owned()),
            from: found.from,
            to: found.to,
            from_at: from.retrieved_at.date().to_string(),
            to_at: to.retrieved_at.date().to_string(),
            coarse: found.is_coarse,
            fields: found
                .fields
                .iter()
                .map(|change| (label(&change.field), shown(&change.from), shown(&change.to)))
                .collect(),
            n_came: count(Op::Insert),
            n_went: count(Op::Delete),
            n_rewritten: count(Op::Replace),
            pieces: pieces(&found.paragraphs),
            versions: version_lines(&id_in_path, &pair.versions),
            id_in_path,
        }
    }
}

/// A field in words.
fn label(field: &str) -> &'static str {
    match field {
        "title" => "标题",
        "title_inferred" => "标题为推断",
        "enclosed_title" => "所附文件标题",
        "region_code" => "行政区划代码",
        "region_name" => "行政区划",
        "area_name" => "功能区",
        "province" => "省级",
        "city" => "地级",
        "county" => "县级",
        "publisher_region_code" => "发布地代码",
        "issuer" => "发文机关",
        "issuer_type" => "机关类别",
        "source" => "信息来源",
        "genre" => "文种",
        "year" => "报告年度",
        "year_basis" => "年度依据",
        "document_number" => "发文字号",
        "index_number" => "索引号",
        "cites" => "引用文号",
        "titles_cited" => "引用文件",
        "published" => "发布日期",
        "signed" => "成文日期",
        "site_id" => "网站标识码",
        "attachments" => "附件",
        _ => "其他",
    }
}

/// A value as a person reads it: lists by their entries, files by their names.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Bool(yes) => (if *yes { "是" } else { "否" }).to_owned(),
        Value::Array(entries) => entries.iter().map(shown).collect::<Vec<_>>().join("；"),
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
