//! The XML of a list: rows, totals, and where there is more. It is searched, not parsed: it stands in the middle of
//! pages, is torn, and declares encodings that it is not written in.

use std::sync::LazyLock;

use regex::Regex;
use url::Url;

use super::{links, script};
use crate::extract::dom;

/// Most rows of one list.
const MAX_RECORDS: usize = 5000;

/// Most lists of one page.
const MAX_STORES: usize = 20;

/// Where the rows go on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum NextGroup {
    /// It is not said.
    #[default]
    Absent,
    /// `<nextgroup>` is empty.
    Empty,
    /// At this address, as it is written.
    Link(String),
}

/// One list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Store {
    /// The HTML of each row.
    pub(super) records: Vec<String>,
    pub(super) next: NextGroup,
    /// Rows of all pages.
    pub(super) total: Option<u32>,
    /// All pages.
    pub(super) pages: Option<u32>,
}

macro_rules! pattern {
    ($pattern:expr) => {{
        static PATTERN: LazyLock<Regex> =
            LazyLock::new(|| Regex::new($pattern).expect("a pattern of this file is valid"));
        &*PATTERN
    }};
}

/// Whether a text has such a list, empty or not.
pub(super) fn is_in(text: &str) -> bool {
    pattern!(r"(?i)<(?:datastore|recordset)\b").is_match(text)
}

/// The lists in a page: as XML, or as strings of a script.
pub(super) fn stores(text: &str, code: &str) -> Vec<Store> {
    let whole = pattern!(r"(?is)<datastore\b[^>]*>(.*?)(?:</datastore>|\z)");
    let mut stores: Vec<_> = whole
        .captures_iter(text)
        .take(MAX_STORES)
        .filter_map(|found| Some(store(found.get(1)?.as_str())))
        .collect();
    if stores.is_empty() && is_in(text) {
        stores.push(store(text));
    }
    // Older versions: `dataStore = ["<li>…</li>", "<li>…</li>"]`.
    let arrays = pattern!(r"\bdataStore\s*[:=]\s*\[");
    let of_script = arrays.find_iter(code).take(MAX_STORES).map(|found| Store {
        records: script::strings(code, found.end(), MAX_RECORDS),
        ..Store::default()
    });
    stores.extend(of_script.filter(|store| !store.records.is_empty()));
    stores
}

/// The list that an answer is.
pub(super) fn answer(text: &str) -> Store {
    let mut found = store(text);
    if !found.records.is_empty() || is_in(text) {
        return found;
    }
    if let Ok(json) = serde_json::from_str(text) {
        push_html(&json, &mut found.records);
    } else if !pattern!(r"(?i)<html\b").is_match(text) {
        // No XML, but rows as they stand in a page.
        let row = pattern!(r"(?is)<(?:li|tr)\b.*?</(?:li|tr)>");
        found.records = row
            .find_iter(text)
            .map(|row| row.as_str().to_owned())
            .take(MAX_RECORDS)
            .collect();
        let of_script = pattern!(r"\bdataStore\s*[:=]\s*\[").find(text);
        if let Some(array) = of_script {
            found.records = script::strings(text, array.end(), MAX_RECORDS);
        }
    }
    found
}

/// Strings of a JSON answer that have a link.
fn push_html(value: &serde_json::Value, records: &mut Vec<String>) {
    use serde_json::Value;
    match value {
        Value::String(text) if text.contains("<a ") && records.len() < MAX_RECORDS => {
            records.push(text.clone())
        }
        Value::Array(values) => values.iter().for_each(|value| push_html(value, records)),
        Value::Object(values) => values.values().for_each(|value| push_html(value, records)),
        _ => {}
    }
}

fn store(text: &str) -> Store {
    let records = pattern!(r"(?is)<record\b[^>]*>(.*?)</record>");
    let next = pattern!(r"(?is)<nextgroup\b[^>]*?(?:/>|>(.*?)</nextgroup>)");
    let number = |pattern: &Regex| pattern.captures(text)?.get(1)?.as_str().parse().ok();
    Store {
        records: records
            .captures_iter(text)
            .filter_map(|found| Some(content(found.get(1)?.as_str())))
            .take(MAX_RECORDS)
            .collect(),
        next: match next.captures(text) {
            None => NextGroup::Absent,
            Some(found) => link(found.get(1).map_or("", |content| content.as_str())),
        },
        total: number(pattern!(
            r#"(?i)\btotal_?(?:record|count)s?["']?\s*[>:=]\s*(?:<!\[CDATA\[)?["']?\s*(\d{1,9})"#
        )),
        pages: number(pattern!(
            r#"(?i)\btotal_?pages?["']?\s*[>:=]\s*(?:<!\[CDATA\[)?["']?\s*(\d{1,9})"#
        )),
    }
}

/// What an element says: its CDATA, or its text with the entities resolved.
fn content(inner: &str) -> String {
    let data = pattern!(r"(?s)<!\[CDATA\[(.*?)(?:\]\]>|\z)");
    let mut content = String::new();
    for found in data.captures_iter(inner) {
        content.push_str(found.get(1).map_or("", |data| data.as_str()));
    }
    if !content.is_empty() || inner.contains("<![CDATA[") {
        return content;
    }
    if inner.contains("&lt;") {
        let plain = inner.replace("&lt;", "<").replace("&gt;", ">");
        let plain = plain.replace("&quot;", "\"").replace("&apos;", "'");
        return plain.replace("&#39;", "'").replace("&amp;", "&");
    }
    inner.to_owned()
}

/// The address in a `<nextgroup>`: that of a link, or plain.
fn link(inner: &str) -> NextGroup {
    let content = content(inner);
    let tree = dom::parse(&content);
    let href = links::first_href(&tree).or_else(|| {
        let plain = content.trim();
        let is_address = plain.contains("dataproxy") && !plain.contains(['<', ' ']);
        is_address.then(|| plain.replace("&amp;", "&"))
    });
    match href {
        Some(href)
            if !href.is_empty()
                && !href.starts_with('#')
                && Url::parse("http://a/").is_ok_and(|base| base.join(&href).is_ok()) =>
        {
            NextGroup::Link(href)
        }
        _ => NextGroup::Empty,
    }
}
