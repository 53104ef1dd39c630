//! Answers that are JSON, and what is put around them.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use super::super::literal;

/// Reads an answer that is JSON, whatever is put around it: a byte order mark, the call of a function, a string.
pub(in super::super) fn parse(text: &str) -> Option<Value> {
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    match text.as_bytes().first()? {
        b'{' | b'[' => object(text),
        b'"' => {
            let (inner, _) = literal::string(text)?;
            let inner = inner.trim_start();
            inner.starts_with(['{', '[']).then(|| object(inner)).flatten()
        }
        b'<' => None,
        _ => object(called_with(text)?),
    }
}

/// The argument of a call: `callback({…})`, `/**/ typeof f === 'function' && f({…})`, `var x = {…}`.
fn called_with(text: &str) -> Option<&str> {
    static CALL: LazyLock<Regex> = LazyLock::new(|| {
        let pattern = r"^(?:/\*.{0,100}?\*/\s*)?(?:try\s*\{\s*)?(?:typeof[^&]{1,100}&&\s*)?(?:(?:var|let|const)\s+)?[\w$.]{1,100}\s*[(=]\s*[{\[]";
        Regex::new(pattern).expect("a pattern of this file is valid")
    });
    let near = &text[..text.floor_char_boundary(500)];
    let found = CALL.find(near)?;
    Some(&text[found.end() - 1..])
}

fn object(text: &str) -> Option<Value> {
    // What stands behind the value, such as the end of a call, does not matter.
    let strict = serde_json::Deserializer::from_str(text).into_iter().next();
    strict.and_then(Result::ok).or_else(|| {
        let (value, _) = literal::read(text)?;
        // A text may begin with a bracket; an answer has names in it.
        let has_names = |value: &Value| value.as_object().is_some_and(|object| !object.is_empty());
        let first = value.as_array().and_then(|list| list.first());
        has_names(first.unwrap_or(&value)).then_some(value)
    })
}
