//! What YAML and JSON have in common: texts, lists, and names with values, in the order in which they are written and with
//! those that stand twice.

use std::{collections::HashSet, fmt};

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// A value and the line that it begins on, where that is known.
#[derive(Debug)]
pub(crate) struct Tree {
    pub(crate) line: Option<usize>,
    pub(crate) value: Value,
}

/// A value.
#[derive(Debug)]
pub(crate) enum Value {
    Null,
    /// The word that says so.
    Bool(String),
    /// As it is written in decimals.
    Number(String),
    Text(String),
    List(Vec<Tree>),
    Map(Vec<(Key, Tree)>),
}

/// A name in a [`Value::Map`].
#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) line: Option<usize>,
    pub(crate) text: String,
}

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wrong {
    pub(crate) line: Option<usize>,
    /// Whether it is a key that nobody knows.
    pub(crate) is_unknown_key: bool,
    pub(crate) message: String,
}

/// Reads JSON.
pub(crate) fn from_json(bytes: &[u8]) -> Result<Tree, Wrong> {
    serde_json::from_slice(bytes)
        .map_err(|error| Wrong::at(Some(error.line()), format!("this is no JSON: {error}")))
}

impl Tree {
    /// The kind of value, in words.
    pub(crate) fn what(&self) -> &'static str {
        match self.value {
            Value::Null => "nothing",
            Value::Bool(_) => "true or false",
            Value::Number(_) => "a number",
            Value::Text(_) => "a text",
            Value::List(_) => "a list",
            Value::Map(_) => "an object",
        }
    }

    /// Whether a key stands twice beside itself, however deep. Of two, readers take the first or the last, as they please
    /// (RFC 8259, section 4).
    pub(crate) fn key_twice(&self) -> Option<Wrong> {
        let mut seen = HashSet::new();
        match &self.value {
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) => None,
            Value::List(list) => list.iter().find_map(Self::key_twice),
            Value::Map(entries) => entries.iter().find_map(|(key, value)| {
                if seen.insert(&key.text) {
                    return value.key_twice();
                }
                let shown: String = key.text.chars().take(64).collect();
                Some(Wrong::at(key.line, format!("{shown:?} stands twice")))
            }),
        }
    }

    /// Adds the strings of a list, or the one that stands in its place.
    pub(crate) fn strings(
        &self,
        what: &str,
        strings: &mut Vec<String>,
        lines: &mut Vec<Option<usize>>,
    ) -> Result<(), Wrong> {
        let several = match &self.value {
            Value::List(several) => several.as_slice(),
            Value::Null => &[],
            _ => std::slice::from_ref(self),
        };
        for (nth, one) in several.iter().enumerate() {
            match &one.value {
                Value::Text(text) => {
                    strings.push(text.clone());
                    lines.push(one.line);
                }
                Value::Number(written) | Value::Bool(written) => {
                    let message = format!(
                        "{what}: number {}, {written}, is {}; write it in quotes",
                        nth + 1,
                        one.what()
                    );
                    return Err(Wrong::at(one.line, message));
                }
                Value::Null | Value::List(_) | Value::Map(_) => {
                    let message = format!(
                        "{what}: number {} is {}; write texts in a list",
                        nth + 1,
                        one.what()
                    );
                    return Err(Wrong::at(one.line, message));
                }
            }
        }
        Ok(())
    }
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = deserializer.deserialize_any(AnyValue)?;
        Ok(Self { line: None, value })
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value.to_string()))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.to_string()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.to_string()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Number(value.to_string()))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element()? {
            values.push(value);
        }
        Ok(Value::List(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut entries = Vec::new();
        while let Some((text, value)) = map.next_entry()? {
            entries.push((Key { line: None, text }, value));
        }
        Ok(Value::Map(entries))
    }
}
