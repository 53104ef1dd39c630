//! What the scripts of a page say, without running them: calls with plain arguments and variables with plain values.

use std::{collections::HashMap, sync::LazyLock};

use regex::Regex;
use scraper::{Html, Selector};

/// Longest list of arguments that is read, in bytes.
const MAX_ARGUMENTS: usize = 600;

/// The code of a page's scripts, without comments.
pub(super) fn code(page: &Html) -> String {
    static SCRIPTS: LazyLock<Selector> =
        LazyLock::new(|| Selector::parse("script").expect("a selector of this file is valid CSS"));
    let mut code = String::new();
    for script in page.select(&SCRIPTS) {
        // Some keep their data in a script that is none.
        let is_data = script.value().attr("type").is_some_and(|kind| {
            let kind = kind.to_ascii_lowercase();
            kind.contains("xml") || kind.contains("json") || kind.contains("html")
        });
        if !is_data {
            script
                .text()
                .for_each(|text| push_without_comments(&mut code, text));
            code.push('\n');
        }
    }
    code
}

/// Leaves out `/* … */` and what stands behind `//` in its line, unless it stands in a string.
fn push_without_comments(out: &mut String, code: &str) {
    let mut rest = code;
    let mut quote = None;
    while let Some(at) = rest.find(['"', '\'', '\\', '/', '\n']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let mut taken = 1;
        match (rest.as_bytes()[0], quote) {
            (b'\\', Some(_)) => taken = 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
            (b'\n', _) => quote = None,
            (mark @ (b'"' | b'\''), None) => quote = Some(mark),
            (mark, Some(open)) if mark == open => quote = None,
            (b'/', None) if rest.starts_with("/*") => {
                rest = rest[2..].find("*/").map_or("", |end| &rest[end + 4..]);
                out.push(' ');
                continue;
            }
            // Not the two strokes of an address.
            (b'/', None) if rest.starts_with("//") && !out.ends_with(':') => {
                rest = rest.find('\n').map_or("", |end| &rest[end..]);
                continue;
            }
            _ => {}
        }
        out.push_str(&rest[..taken]);
        rest = &rest[taken..];
    }
    out.push_str(rest);
}

/// A plain value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value<'a> {
    Number(u32),
    Text(&'a str),
    Other,
}

/// The variables with a plain value, the last one each.
pub(super) fn variables(code: &str) -> HashMap<&str, Value<'_>> {
    static ASSIGNMENT: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r#"([A-Za-z_$][\w$]{0,40})\s*=\s*((?:(?:parseInt|Number)\s*\(\s*)?(?:"[^"\n]{0,300}"|'[^'\n]{0,300}'|\d{1,9}))[\s)]*(?:[;,\n]|$)"#,
        )
        .expect("a pattern of this file is valid")
    });
    let mut variables = HashMap::new();
    for found in ASSIGNMENT.captures_iter(code) {
        if let (Some(name), Some(value)) = (found.get(1), found.get(2)) {
            variables.insert(name.as_str(), literal(value.as_str()));
        }
    }
    variables
}

/// The arguments of the call whose opening bracket ends `code[..at]`; variables are put in.
pub(super) fn arguments<'a>(
    code: &'a str,
    at: usize,
    variables: &HashMap<&str, Value<'a>>,
) -> Option<Vec<Value<'a>>> {
    let rest = code.get(at..)?;
    let rest = &rest[..rest.floor_char_boundary(MAX_ARGUMENTS)];
    let (mut depth, mut quote, mut from) = (0, None, 0);
    let mut values = Vec::new();
    for (at, byte) in rest.bytes().enumerate() {
        match (byte, quote) {
            (mark, Some(open)) if mark == open => quote = None,
            (_, Some(_)) => {}
            (b'"' | b'\'', None) => quote = Some(byte),
            (b'(' | b'[' | b'{', None) => depth += 1,
            (b')', None) if depth == 0 => {
                values.push(value(&rest[from..at], variables));
                return Some(values);
            }
            (b')' | b']' | b'}', None) => depth -= 1,
            (b',', None) if depth == 0 => {
                values.push(value(&rest[from..at], variables));
                from = at + 1;
            }
            _ => {}
        }
    }
    None
}

/// The strings of the array whose opening bracket ends `code[..at]`, `max` of them at most.
pub(super) fn strings(code: &str, at: usize, max: usize) -> Vec<String> {
    let mut rest = code.get(at..).unwrap_or_default();
    let mut strings = Vec::new();
    while strings.len() < max {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
        let Some(mark) = rest.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
            break;
        };
        let (text, after) = unquoted(&rest[1..], mark);
        strings.push(text);
        rest = after;
    }
    strings
}

/// A string without its escapes, up to its closing mark, and what follows that.
fn unquoted(code: &str, mark: char) -> (String, &str) {
    let mut text = String::new();
    let mut rest = code;
    while let Some(at) = rest.find([mark, '\\']) {
        text.push_str(&rest[..at]);
        let is_end = rest[at..].starts_with(mark);
        rest = &rest[at + 1..];
        if is_end {
            return (text, rest);
        }
        let Some(escaped) = rest.chars().next() else { break };
        let point = |digits: Option<&str>| char::from_u32(u32::from_str_radix(digits?, 16).ok()?);
        let (c, taken) = match escaped {
            'n' | 'r' | 't' => (' ', 1),
            'u' => (
                point(rest.get(1..5)).unwrap_or(' '),
                if rest.get(1..5).is_some() { 5 } else { 1 },
            ),
            'x' => (
                point(rest.get(1..3)).unwrap_or(' '),
                if rest.get(1..3).is_some() { 3 } else { 1 },
            ),
            c => (c, c.len_utf8()),
        };
        text.push(c);
        rest = &rest[taken..];
    }
    text.push_str(rest);
    (text, "")
}

fn value<'a>(text: &'a str, variables: &HashMap<&str, Value<'a>>) -> Value<'a> {
    match literal(text) {
        Value::Other => variables.get(text.trim()).copied().unwrap_or(Value::Other),
        value => value,
    }
}

/// A number, also one in quotes or in `parseInt(…)`, or a string without escapes.
fn literal(text: &str) -> Value<'_> {
    let mut text = text.trim();
    for call in ["parseInt", "Number"] {
        if let Some(inner) = text.strip_prefix(call) {
            let inner = inner.trim_start().trim_start_matches('(').trim_end_matches(')');
            text = inner.split(',').next().unwrap_or_default().trim();
        }
    }
    let quoted = ['"', '\'']
        .iter()
        .find_map(|mark| text.strip_prefix(*mark)?.strip_suffix(*mark));
    let bare = quoted.unwrap_or(text).trim();
    match bare.parse() {
        Ok(number) => Value::Number(number),
        Err(_) if quoted.is_some() => Value::Text(bare),
        Err(_) => Value::Other,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::extract::dom;

    #[test]
    fn comments_go_and_strings_stay() {
        let page = dom::parse(
            "<script>var a = 'http://x/y'; // createPage(9)\nb(\"/* no */\") /* c(\n) */; d('\\'//')</script>\
             <script type=\"text/xml\"><a>//</a></script><script>var q = 'torn // \nvar e = 1;//f</script>",
        );
        assert_eq!(
            code(&page),
            "var a = 'http://x/y'; \nb(\"/* no */\")  ; d('\\'//')\nvar q = 'torn // \nvar e = 1;\n"
        );
    }

    #[test]
    fn arguments_and_variables_are_resolved() {
        let code = "var n = 3, cur = 0; name=\"index\";\n f( n , cur, name, 'ht,ml', parseInt('7'), g(1, 2), \"12\" )";
        let known = variables(code);
        assert_eq!(known["n"], Value::Number(3));
        let at = code.find("f(").unwrap() + 2;
        assert_eq!(
            arguments(code, at, &known).unwrap(),
            [
                Value::Number(3),
                Value::Number(0),
                Value::Text("index"),
                Value::Text("ht,ml"),
                Value::Number(7),
                Value::Other,
                Value::Number(12),
            ]
        );
        assert_eq!(arguments("f(1, 2", 2, &known), None);
    }

    #[test]
    fn arrays_of_strings_are_read() {
        let code = r#"dataStore = ["<li>\"a\" \u4e00\/b<\/li>" , 'it\'s',
            "c"]; x = ["d"]"#;
        let at = code.find('[').unwrap() + 1;
        assert_eq!(strings(code, at, 9), ["<li>\"a\" 一/b</li>", "it's", "c"]);
        assert_eq!(strings(code, at, 1).len(), 1);
        assert_eq!(strings("[\"torn\\", 1, 9), ["torn"]);
    }

    proptest! {
        #[test]
        fn no_code_makes_it_fail(code in "[a-c=(){}\\[\\],;'\"/*\\\\\n字 0-9]{0,80}") {
            let mut out = String::new();
            push_without_comments(&mut out, &code);
            let known = variables(&code);
            for (at, _) in code.match_indices('(') {
                let _ = arguments(&code, at + 1, &known);
                let _ = strings(&code, at + 1, 9);
            }
            prop_assert!(out.len() <= code.len());
        }
    }
}
