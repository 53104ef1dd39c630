//! Two versions of a report side by side: the fields that differ, and the paragraphs.
//!
//! `compare/paragraphs.rs` finds which paragraphs came, went, or were rewritten; `compare/words.rs` finds what is
//! different inside one that was rewritten. Both work against the clock: see [`Comparison::is_coarse`].

mod paragraphs;
mod words;

use std::time::Instant;

use report::{Content, Report};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

pub(crate) use self::{
    paragraphs::{Op, Paragraph},
    words::Segment,
};

/// Fields of a content that are not compared: the text itself, which is compared by paragraphs, what follows from it,
/// and how the reading came to its results.
const NOT_COMPARED: [&str; 8] = [
    "text",
    "outline",
    "chars",
    "quality",
    "encoding",
    "region_evidence",
    "region_confidence",
    "region_candidates",
];

/// How two versions differ.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Comparison<'a> {
    pub(crate) from: u32,
    pub(crate) to: u32,
    /// The fields that differ, by name.
    pub(crate) fields: Vec<FieldChange>,
    /// All paragraphs of both texts in order.
    pub(crate) paragraphs: Vec<Paragraph<'a>>,
    /// There was no time to look for the least difference: it is right, but more is shown as replaced, added or taken
    /// out than need be, and some rewritten paragraphs come without `segments`.
    #[serde(rename = "coarse")]
    pub(crate) is_coarse: bool,
}

/// A field that differs; `null` where there is none.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct FieldChange {
    pub(crate) field: String,
    pub(crate) from: Value,
    pub(crate) to: Value,
}

/// Compares two versions of a report, with all effort until `deadline` and with little from then on.
///
/// # Errors
/// When a content cannot be written as JSON, which a number that is not finite would cause.
pub(crate) fn compare<'a>(
    from: &'a Report,
    to: &'a Report,
    deadline: Instant,
) -> Result<Comparison<'a>, serde_json::Error> {
    let (paragraphs, is_coarse) = paragraphs::compare(&from.content.text, &to.content.text, deadline);
    Ok(Comparison {
        from: from.version,
        to: to.version,
        fields: fields(&from.content, &to.content)?,
        paragraphs,
        is_coarse,
    })
}

fn fields(from: &Content, to: &Content) -> Result<Vec<FieldChange>, serde_json::Error> {
    let (mut from, mut to) = (to_map(from)?, to_map(to)?);
    let names: Vec<String> = from
        .keys()
        .filter(|name| !NOT_COMPARED.contains(&name.as_str()))
        .cloned()
        .collect();
    let changed = names.into_iter().filter_map(|field| {
        let (from, to) = (from.remove(&field)?, to.remove(&field)?);
        (from != to).then_some(FieldChange { field, from, to })
    });
    Ok(changed.collect())
}

/// A content as JSON, without what is long and not compared.
fn to_map(content: &Content) -> Result<Map<String, Value>, serde_json::Error> {
    let short = Content {
        text: String::new(),
        outline: Vec::new(),
        ..content.clone()
    };
    match serde_json::to_value(short)? {
        Value::Object(map) => Ok(map),
        _ => Ok(Map::new()),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use report::{ChinaTime, Genre, ReportId, Status};

    use super::*;

    fn report(version: u32, content: Content) -> Report {
        Report {
            id: ReportId::derive("a", "b"),
            url: "b".to_owned(),
            urls: vec!["b".to_owned()],
            portal: "a".to_owned(),
            retrieved_at: "2024-01-01T00:00:00Z".parse::<ChinaTime>().unwrap(),
            changed_at: "2024-01-01T00:00:00Z".parse().unwrap(),
            version,
            content_hash: content.hash(),
            status: Status::Live,
            content,
        }
    }

    #[test]
    fn says_which_fields_differ_and_only_those() {
        let old = report(
            1,
            Content {
                title: Some("甲".to_owned()),
                genre: Genre::Notice,
                text: "一样".to_owned(),
                encoding: Some("GBK".to_owned()),
                ..Content::default()
            },
        );
        let new = report(
            2,
            Content {
                title: Some("乙".to_owned()),
                year: Some(2023),
                encoding: Some("UTF-8".to_owned()),
                ..old.content.clone()
            },
        );
        let found = compare(&old, &new, Instant::now() + Duration::from_secs(5)).unwrap();
        let fields: Vec<_> = found
            .fields
            .iter()
            .map(|change| (change.field.as_str(), &change.from, &change.to))
            .collect();
        assert_eq!(
            fields,
            [
                ("title", &Value::from("甲"), &Value::from("乙")),
                ("year", &Value::Null, &Value::from(2023)),
            ]
        );
        assert_eq!((found.from, found.to, found.is_coarse), (1, 2, false));
        assert_eq!(found.paragraphs.len(), 1);
    }
}
