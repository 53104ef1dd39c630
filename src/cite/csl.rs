//! CSL-JSON, version 1.0.2.

use jiff::civil::Date;
use serde_json::{Map, Value, json};

use super::Citation;

/// The item.
pub(super) fn item(citation: &Citation<'_>) -> Value {
    let mut item = Map::new();
    let mut field = |name: &str, value: Value| item.insert(name.to_owned(), value);
    field("id", citation.key().into());
    field(
        "type",
        if citation.is_report() { "report" } else { "webpage" }.into(),
    );
    field("title", citation.title().into());
    if let Some(issuer) = citation.issuer() {
        field("author", json!([{ "literal": issuer }]));
        field("publisher", issuer.into());
    }
    if let Some(number) = citation.number() {
        field("number", number.into());
    }
    field("genre", citation.genre().label().into());
    if let Some(day) = citation.published() {
        field("issued", date(day));
    }
    field("accessed", date(citation.retrieved()));
    if let Some(place) = citation.place() {
        field("section", place.into());
    }
    if let Some(url) = citation.url() {
        field("URL", url.into());
    }
    field("archive", "gongbao".into());
    field("archive_location", citation.copy().into());
    field("source", "gongbao".into());
    if let Some(page) = citation.section_page() {
        field("note", format!("Section: {page}").into());
    }
    field("language", "zh-CN".into());
    item.into()
}

fn date(day: Date) -> Value {
    json!({ "date-parts": [[day.year(), day.month(), day.day()]] })
}
