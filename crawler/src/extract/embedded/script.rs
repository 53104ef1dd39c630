//! Strings of scripts that hold documents.

use std::{borrow::Cow, sync::LazyLock};

use jiff::{Timestamp, tz::Offset};
use regex::Regex;

use super::{super::boilerplate::patterns, Embedded};

/// Shortest content that is a document, in bytes.
const MIN_BYTES: usize = 200;

patterns! {
    CONTENT = r#"["']?content["']?\s*:\s*("(?:[^"\\]|\\.)*")"#;
    /// A string where a value or an argument stands.
    STRING = r#"(?s)[:=(+,]\s*(?:"((?:[^"\\\n]|\\.)*)"|'((?:[^'\\\n]|\\.)*)'|`((?:[^`\\]|\\.)*)`)"#;
    MARKUP = r"(?i)<(p|br|div|span|table)\b|&lt;(p|br|div|span|table)\b";
}

/// The fields of the disclosure platform's object, and the labels that other systems show them with.
const FIELDS: &[(&str, &str)] = &[
    ("identifier", "索引号"),
    ("publisher", "发布机构"),
    ("document_number", "文号"),
    ("source", "信息来源"),
];

/// The document in `window._CONFIG = {… DETAIL: {…, "content": "<p>…"}}`, with its title and card in front.
pub(super) fn detail(script: &str) -> Option<Embedded> {
    // What belongs to the document stands behind this word; before it are the columns.
    let detail = &script[script.find("DETAIL")?..];
    let content = CONTENT.captures_iter(detail).find_map(|found| {
        let content = serde_json::from_str::<String>(&found[1]).ok()?;
        (content.len() >= MIN_BYTES).then_some(content)
    })?;
    let title = string(detail, "title").unwrap_or_default();
    let mut card = String::new();
    for (key, label) in FIELDS {
        if let Some(value) = string(detail, key).filter(|value| !value.trim().is_empty()) {
            card.push_str(&format!("<p>{label}：{}</p>", escaped(value.trim())));
        }
    }
    let published = number(detail, "display_publish_time")
        .and_then(day)
        .or_else(|| string(detail, "created_at").filter(|value| !value.trim().is_empty()));
    if let Some(published) = published {
        card.push_str(&format!("<p>发布日期：{}</p>", escaped(published.trim())));
    }
    Some(Embedded {
        html: format!(
            "<h1>{}</h1><div>{card}</div><div class=\"xxgk_content\">{content}</div>",
            escaped(&title)
        ),
        near: "_CONFIG".to_owned(),
    })
}

fn escaped(text: &str) -> Cow<'_, str> {
    if text.contains(['<', '&']) {
        text.replace('&', "&amp;").replace('<', "&lt;").into()
    } else {
        text.into()
    }
}

/// What follows `"key":` in an object that is nearly JSON.
fn value<'a>(object: &'a str, key: &str) -> Option<&'a str> {
    object.match_indices(key).find_map(|(at, _)| {
        let quoted = object[..at].ends_with(['"', '\'']);
        let rest = &object[at + key.len()..];
        let rest = if quoted {
            rest.strip_prefix(['"', '\''])?
        } else {
            rest
        };
        Some(rest.trim_start().strip_prefix(':')?.trim_start())
    })
}

fn string(object: &str, key: &str) -> Option<String> {
    let value = value(object, key)?;
    serde_json::Deserializer::from_str(value)
        .into_iter::<String>()
        .next()?
        .ok()
}

fn number(object: &str, key: &str) -> Option<i64> {
    let value = value(object, key)?;
    let digits = value.trim_start_matches('"');
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    digits[..end].parse().ok()
}

/// The day in China of a moment in seconds since 1970; none for the zero of an empty field.
fn day(seconds: i64) -> Option<String> {
    const CHINA: Offset = Offset::constant(8);
    let moment = Timestamp::from_second(seconds).ok().filter(|_| seconds > 0)?;
    Some(CHINA.to_datetime(moment).date().to_string())
}

/// Strings with markup in them, each with a piece of its source; what is written bit by bit comes as one.
pub(super) fn strings(script: &str) -> Vec<(String, &str)> {
    const PIECE: usize = 60;
    let mut out: Vec<(String, &str)> = Vec::new();
    let mut written = String::new();
    let mut near = "";
    for found in STRING.captures_iter(script) {
        let Some(literal) = found.iter().skip(1).flatten().next() else {
            continue;
        };
        let source = literal.as_str();
        let text = unescape(source);
        let piece = &source[..source.floor_char_boundary(PIECE)];
        let whole = found.get(0).map_or(0, |whole| whole.start());
        if script[..whole].ends_with("document.write") || script[..whole].ends_with("document.writeln") {
            if near.len() < piece.len() {
                near = piece;
            }
            written.push_str(&text);
        }
        if source.len() >= MIN_BYTES && MARKUP.is_match(&text) {
            out.push((super::in_element(&text), piece));
        }
    }
    if MARKUP.is_match(&written) {
        out.push((super::in_element(&written), near));
    }
    out
}

/// The text of a string of a script.
fn unescape(source: &str) -> String {
    if !source.contains('\\') {
        return source.to_owned();
    }
    let mut out = String::with_capacity(source.len());
    let mut units: Vec<u16> = Vec::new();
    let mut chars = source.chars();
    while let Some(c) = chars.next() {
        let escape = if c == '\\' { chars.next() } else { None };
        let digits = match escape {
            Some('u') => 4,
            Some('x') => 2,
            _ => 0,
        };
        if digits > 0 {
            let code: String = chars.by_ref().take(digits).collect();
            units.extend(u16::from_str_radix(&code, 16));
            continue;
        }
        // Characters beyond the first plane are written as two.
        out.extend(char::decode_utf16(units.drain(..)).flatten());
        match escape {
            None => out.push(c),
            Some('n' | 'r' | 't') => out.push('\n'),
            Some('\n' | '\r' | 'b' | 'f' | 'v' | '0') => {}
            Some(other) => out.push(other),
        }
    }
    out.extend(char::decode_utf16(units).flatten());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_unescaped() {
        assert_eq!(unescape(r#"<p>\u6e05\u6cb3<\/p>\n\"县\""#), "<p>清河</p>\n\"县\"");
        assert_eq!(unescape(r"\ud842\udfb7\x41"), "𠮷A");
        assert_eq!(unescape(r"\ud842"), "");
        assert_eq!(unescape("\\"), "\\");
    }

    #[test]
    fn an_empty_time_is_no_day() {
        assert_eq!(day(0), None);
        assert_eq!(day(1_678_064_400).as_deref(), Some("2023-03-06"));
    }
}
