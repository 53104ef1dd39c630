//! Bodies that are one JSON object, read strictly: what is not known, of another kind or there twice is refused.

use std::fmt;

use serde::de::{Deserialize, DeserializeOwned, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::problem::{Code, Problem};

/// Reads a body that is one JSON object; a list of its values is none.
///
/// # Errors
/// When it is no object, or not of this shape; `example` is what the caller is told to write instead.
pub(super) fn object<T: DeserializeOwned>(body: &[u8], example: &str) -> Result<T, Problem> {
    let read = || match serde_json::from_slice(body)? {
        Once(Value::Object(map)) => serde_json::from_value(map.into()),
        Once(_) => Err(Error::custom("it is no object")),
    };
    read().map_err(|error: serde_json::Error| {
        let code = match error.to_string().starts_with("unknown field") {
            true => Code::UnknownParameter,
            false => Code::InvalidParameter,
        };
        Problem::new(code, format!("the body: {error}; write e.g. {example}"))
    })
}

/// A value in which no key stands twice: of two, readers take the first or the last, as they please (RFC 8259, 4).
struct Once(Value);

impl<'de> Deserialize<'de> for Once {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue).map(Self)
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
        Ok(value.into())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(Once(value)) = list.next_element()? {
            values.push(value);
        }
        Ok(values.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut entries = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            if entries.contains_key(&key) {
                let shown: String = key.chars().take(64).collect();
                return Err(Error::custom(format!("{shown:?} stands twice")));
            }
            let Once(value) = map.next_value()?;
            entries.insert(key, value);
        }
        Ok(entries.into())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_key_stands_once_however_deep_and_however_it_is_written() {
        let read = |body: &str| object::<Value>(body.as_bytes(), "{}");
        for body in [
            r#"{"full": true, "full": false}"#,
            r#"{"full": true, "f\u0075ll": true}"#,
            r#"{"query": {"q": "a", "year": [2020], "q": "b"}}"#,
            r#"{"query": [{"q": "a"}, {"q": "b", "q": "b"}]}"#,
        ] {
            let problem = read(body).expect_err(body).body();
            assert_eq!(problem.code, "invalid_parameter");
            assert!(problem.detail.contains(" stands twice"), "{}", problem.detail);
        }
        let all = json!({"a": [1, -2, 0.5, true, null, "a", {"a": {}}], "b": u64::MAX});
        assert_eq!(read(&all.to_string()).unwrap(), all);
        for body in ["", "[]", "null", "1", "{", "{} {}", "{\"a\": NaN}"] {
            assert!(read(body).is_err(), "{body}");
        }
        assert!(read(&"[".repeat(60_000)).is_err());
    }
}
