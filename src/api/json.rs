//! Bodies that are one JSON object, read strictly: what is not known, of another kind or there twice is refused.

use std::fmt;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::problem::{Code, Problem};
use crate::dictionary;

/// Reads a body that is one JSON object; a list of its values is none.
///
/// # Errors
/// When it is no object, or not of this shape; `example` is what the caller is told to write instead.
pub(super) fn object<T: DeserializeOwned>(body: &[u8], example: &str) -> Result<T, Problem> {
    let wrong = |wrong: &dyn fmt::Display| {
        let wrong = wrong.to_string();
        let code = match wrong.starts_with("unknown field") {
            true => Code::UnknownParameter,
            false => Code::InvalidParameter,
        };
        Problem::new(code, format!("the body: {wrong}; write e.g. {example}"))
    };
    let tree = dictionary::from_json(body).map_err(|error| wrong(&error.message))?;
    if let Some(twice) = tree.key_twice() {
        return Err(wrong(&twice.message));
    }
    let read = || serde_json::from_value(serde_json::from_slice::<Map<String, Value>>(body)?.into());
    read().map_err(|error: serde_json::Error| wrong(&error))
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
