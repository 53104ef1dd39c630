//! Objects as scripts write them, which is JSON with liberties.
//!
//! Keys may stand without quotes, strings in single quotes or backticks, commas may trail, comments may stand anywhere.
//! What is neither object, array, string, number nor a word of JSON (a name, a call) is `null`. Linear in time,
//! bounded in depth.

use serde_json::{Map, Number, Value};

/// Deepest nesting; what lies deeper is no value.
const MAX_DEPTH: usize = 64;

/// Reads the value at the beginning of `text`, an object or array, and how many bytes it has. A torn one gives what
/// it has.
pub(super) fn read(text: &str) -> Option<(Value, usize)> {
    let mut reader = Reader { text, at: 0 };
    reader.skip_blank();
    if !matches!(reader.peek(), Some(b'{' | b'[')) {
        return None;
    }
    let value = reader.value(0);
    Some((value, reader.at))
}

/// The string in quotes at the beginning of `text`, and how many bytes it has with them. It may end with the text.
pub(super) fn string(text: &str) -> Option<(String, usize)> {
    let mut reader = Reader { text, at: 0 };
    matches!(reader.peek(), Some(b'"' | b'\'' | b'`')).then(|| (reader.string(), reader.at))
}

/// Reads at a place; it moves forward with every step, so the end is reached in linear time.
struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_blank(&mut self) {
        loop {
            let rest = &self.text[self.at..];
            let blank = rest.len()
                - rest
                    .trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}')
                    .len();
            self.at += blank;
            let rest = &rest[blank..];
            let end = if rest.starts_with("//") {
                rest.find('\n')
            } else if rest.starts_with("/*") {
                rest.find("*/").map(|at| at + 2)
            } else {
                return;
            };
            self.at += end.unwrap_or(rest.len());
        }
    }

    fn value(&mut self, depth: usize) -> Value {
        self.skip_blank();
        match self.peek() {
            Some(b'{') if depth < MAX_DEPTH => self.object(depth),
            Some(b'[') if depth < MAX_DEPTH => self.array(depth),
            Some(b'"' | b'\'' | b'`') => {
                let first = self.string();
                self.rest_of_sum(first)
            }
            _ => self.word(),
        }
    }

    fn object(&mut self, depth: usize) -> Value {
        self.at += 1;
        let mut map = Map::new();
        loop {
            self.skip_blank();
            match self.peek() {
                None => break,
                Some(b'}') => {
                    self.at += 1;
                    break;
                }
                Some(b',' | b';' | b']' | b')') => self.at += 1,
                Some(b'"' | b'\'' | b'`') => {
                    let key = self.string();
                    self.entry(&mut map, key, depth);
                }
                Some(_) => {
                    let from = self.at;
                    let rest = &self.text[from..];
                    let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$'));
                    self.at += end.unwrap_or(rest.len());
                    if self.at == from {
                        self.step();
                        continue;
                    }
                    let key = self.text[from..self.at].to_owned();
                    self.entry(&mut map, key, depth);
                }
            }
        }
        Value::Object(map)
    }

    fn entry(&mut self, map: &mut Map<String, Value>, key: String, depth: usize) {
        self.skip_blank();
        if self.peek() == Some(b':') {
            self.at += 1;
            let value = self.value(depth + 1);
            map.entry(key).or_insert(value);
        }
    }

    fn array(&mut self, depth: usize) -> Value {
        self.at += 1;
        let mut values = Vec::new();
        loop {
            self.skip_blank();
            match self.peek() {
                None => break,
                Some(b']') => {
                    self.at += 1;
                    break;
                }
                Some(b',') => self.at += 1,
                Some(b'}' | b')' | b';') => self.step(),
                Some(_) => {
                    let from = self.at;
                    values.push(self.value(depth + 1));
                    if self.at == from {
                        self.step();
                    }
                }
            }
        }
        Value::Array(values)
    }

    /// `"a" + "b"` is one string.
    fn rest_of_sum(&mut self, mut text: String) -> Value {
        loop {
            let end = self.at;
            self.skip_blank();
            if self.peek() == Some(b'+') {
                self.at += 1;
                self.skip_blank();
                if matches!(self.peek(), Some(b'"' | b'\'' | b'`')) {
                    text.push_str(&self.string());
                    continue;
                }
            }
            self.at = end;
            self.skip_expression();
            return Value::String(text);
        }
    }

    /// A number, a word of JSON, or something that only a browser could evaluate.
    fn word(&mut self) -> Value {
        let from = self.at;
        self.skip_expression();
        let word = self.text[from..self.at].trim();
        match word {
            "true" | "!0" => Value::Bool(true),
            "false" | "!1" => Value::Bool(false),
            _ => word
                .parse::<i64>()
                .map(Value::from)
                .ok()
                .or_else(|| Number::from_f64(word.parse().ok()?).map(Value::Number))
                .unwrap_or(Value::Null),
        }
    }

    /// Passes what belongs to one value, up to the comma or bracket behind it.
    fn skip_expression(&mut self) {
        let mut open = 0usize;
        loop {
            match self.peek() {
                None => return,
                Some(b',' | b'}' | b']' | b')' | b';') if open == 0 => return,
                Some(b'(' | b'{' | b'[') => open += 1,
                Some(b')' | b'}' | b']') => open -= 1,
                Some(b'"' | b'\'' | b'`') => {
                    self.string();
                    continue;
                }
                Some(_) => {}
            }
            self.step();
        }
    }

    /// One character on.
    fn step(&mut self) {
        self.at += self.text[self.at..].chars().next().map_or(0, char::len_utf8);
    }

    /// The string whose opening quote is next.
    fn string(&mut self) -> String {
        let quote = self.peek();
        self.at += 1;
        let mut out = String::new();
        let mut units: Vec<u16> = Vec::new();
        while let Some(c) = self.text[self.at..].chars().next() {
            self.at += c.len_utf8();
            let escape = match c {
                '\\' => self.text[self.at..].chars().next(),
                _ => None,
            };
            self.at += escape.map_or(0, char::len_utf8);
            if let Some(digits @ (2 | 4)) = escape.map(|escape| match escape {
                'u' => 4,
                'x' => 2,
                _ => 0,
            }) {
                let code = self.text[self.at..].get(..digits);
                if let Some(unit) = code.and_then(|code| u16::from_str_radix(code, 16).ok()) {
                    self.at += digits;
                    units.push(unit);
                }
                continue;
            }
            // Characters beyond the first plane are written as two.
            out.extend(char::decode_utf16(units.drain(..)).flatten());
            match escape {
                None if u8::try_from(c).ok() == quote => return out,
                None => out.push(c),
                Some('n') => out.push('\n'),
                Some('r') => out.push('\r'),
                Some('t') => out.push('\t'),
                Some('\n' | '\r' | 'b' | 'f' | 'v' | '0') => {}
                Some(other) => out.push(other),
            }
        }
        out.extend(char::decode_utf16(units).flatten());
        out
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn value(text: &str) -> Value {
        read(text).unwrap().0
    }

    #[test]
    fn what_scripts_write_is_read() {
        let object = value(
            r#"{ SID: '12', // the site
                "TREE": [ {id: 1, name: "法治\u653f\u5E9C", children: [],}, {'id': '2', name: 'a' + "b", url: base + '/x'} ],
                /* more */ DETAIL: null, IS: !0, n: -1.5, f: function (a) { return {b: 1}; }, t: `x
y`, last: undefined, }; var next = 1;"#,
        );
        assert_eq!(
            object,
            json!({
                "SID": "12",
                "TREE": [{"id": 1, "name": "法治政府", "children": []}, {"id": "2", "name": "ab", "url": null}],
                "DETAIL": null, "IS": true, "n": -1.5, "f": null, "t": "x\ny", "last": null
            })
        );
    }

    #[test]
    fn a_torn_object_gives_what_it_has() {
        assert_eq!(value("{a: [1, {b: 'x"), json!({"a": [1, {"b": "x"}]}));
        assert_eq!(value("{a 1, b: 2}"), json!({"b": 2}));
        assert_eq!(read("var x = {}"), None);
        assert_eq!(read(" {}rest").unwrap().1, 3);
    }

    #[test]
    fn deep_nesting_is_cut() {
        let deep = "[".repeat(100_000);
        assert!(read(&deep).is_some());
        assert!(read(&"{a:".repeat(100_000)).is_some());
    }

    proptest! {
        #[test]
        fn json_is_read_as_json(text in "[\\PC\n]{0,20}", number in any::<i32>()) {
            let json = json!({"k": [text, number, null, true], "": {"x y": ""}});
            prop_assert_eq!(value(&json.to_string()), json);
        }

        #[test]
        fn no_text_makes_it_fail(text in "[{\\[\\]}():,'\"`\\\\/*+a1u \n\\PC]{0,80}") {
            let _ = read(&format!("{{{text}"));
            let _ = string(&format!("'{text}"));
        }
    }
}
