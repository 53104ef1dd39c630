//! The body of `POST /panel`: a dictionary, what rows are told apart by, and filters; read so that it can be told where something is
//! wrong.

use std::borrow::Cow;

use index::{Layout, PanelBy, PanelRequest, SearchRequest};
use report::Level;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        RefOr, Schema,
        schema::{AdditionalProperties, ArrayBuilder, ObjectBuilder, OneOfBuilder, Type},
    },
};

use crate::{
    api::{
        params::{Params, invalid},
        problem::{Code, Problem},
        search::{one_of, read_filters},
    },
    dictionary::{self, Read, Tree, Value, Wrong},
    nearest::instead,
};

/// Most rows of an answer.
const MAX_ROWS: usize = 1_000_000;
/// What a body can have.
const KEYS: [&str; 5] = ["concepts", "exclude", "by", "level", "filters"];
const EXAMPLE: &str =
    r#"{"concepts": {"环保": ["环境保护", "环保"]}, "by": ["region", "year"], "filters": {"region": "43"}}"#;

/// What is sent. It is read by [`read`], which can tell where something is wrong.
pub(super) struct Order;

impl ToSchema for Order {
    fn name() -> Cow<'static, str> {
        "PanelRequest".into()
    }
}

impl PartialSchema for Order {
    fn schema() -> RefOr<Schema> {
        // A list may be one value, or null where it may be absent, as it is read.
        let text = || ObjectBuilder::new().schema_type(Type::String);
        let null = || ObjectBuilder::new().schema_type(Type::Null);
        let strings = || {
            OneOfBuilder::new()
                .item(text())
                .item(ArrayBuilder::new().items(text()))
        };
        let concept = ObjectBuilder::new()
            .property("terms", strings())
            .property("exclude", strings().item(null()))
            .required("terms")
            .additional_properties(Some(AdditionalProperties::<Schema>::FreeForm(false)));
        let concepts = ObjectBuilder::new()
            .description(Some(
                "Names of concepts with their terms, and what these do not count in",
            ))
            .additional_properties(Some(RefOr::T(Schema::from(strings().item(concept)))));
        let by = OneOfBuilder::new()
            .item(PanelBy::schema())
            .item(ArrayBuilder::new().items(PanelBy::schema()))
            .item(null())
            .description(Some("What rows are told apart by; region and year when absent"));
        let exclude = strings()
            .item(null())
            .description(Some("Strings that no term counts in"));
        let level = OneOfBuilder::new().item(Level::schema()).item(null());
        let filters = OneOfBuilder::new()
            .item(ObjectBuilder::new())
            .item(null())
            .description(Some(
                "Parameters of a search: `q`, `mode`, `group` and filters, each a value or a list",
            ));
        ObjectBuilder::new()
            .property("concepts", concepts)
            .property("exclude", exclude)
            .property("by", by)
            .property("level", level)
            .property("filters", filters)
            .required("concepts")
            .additional_properties(Some(AdditionalProperties::<Schema>::FreeForm(false)))
            .into()
    }
}

/// Reads a body.
///
/// # Errors
/// When something in it is wrong: what, and what to write instead.
pub(super) fn read(body: &[u8]) -> Result<PanelRequest, Problem> {
    let wrong = |wrong: Wrong| {
        let code = match wrong.is_unknown_key {
            true => Code::UnknownParameter,
            false => Code::InvalidParameter,
        };
        let line = wrong
            .line
            .map(|line| format!(" (line {line})"))
            .unwrap_or_default();
        Problem::new(
            code,
            format!("the body: {}{line}; write e.g. {EXAMPLE}", wrong.message),
        )
    };
    let tree: Tree = dictionary::from_json(body).map_err(wrong)?;
    if let Some(twice) = tree.key_twice() {
        return Err(wrong(twice));
    }
    let Value::Map(entries) = tree.value else {
        return Err(wrong(Wrong::at(
            None,
            format!("it is {}, not an object", tree.what()),
        )));
    };
    let mut dictionary = Read::default();
    let mut search = SearchRequest::default();
    let (mut by, mut level) = (None, None);
    for (key, value) in entries {
        let value_is_there = !matches!(value.value, Value::Null);
        match key.text.as_str() {
            "concepts" => dictionary.add_concepts(&value).map_err(wrong)?,
            "exclude" => dictionary.add_exclude(&value).map_err(wrong)?,
            "by" if value_is_there => by = Some(read_by(&value)?),
            "level" => level = read_level(&value)?,
            "filters" => search = read_search(&value)?,
            "by" => {}
            other => {
                return Err(Problem::new(
                    Code::UnknownParameter,
                    format!("the body: unknown key {other:?}; {}", instead(other, &KEYS)),
                ));
            }
        }
    }
    Ok(PanelRequest {
        search,
        dictionary: dictionary.dictionary,
        layout: Layout {
            by: by.unwrap_or_else(|| vec![PanelBy::Region, PanelBy::Year]),
            level,
            max_rows: MAX_ROWS,
        },
    })
}

fn read_by(value: &Tree) -> Result<Vec<PanelBy>, Problem> {
    let (mut names, mut lines) = (Vec::new(), Vec::new());
    value
        .strings("by", &mut names, &mut lines)
        .map_err(|wrong| invalid("by", wrong.message))?;
    names
        .iter()
        .map(|name| name.parse().map_err(|error| invalid("by", error)))
        .collect()
}

fn read_level(value: &Tree) -> Result<Option<Level>, Problem> {
    match &value.value {
        Value::Null => Ok(None),
        Value::Text(text) => text.parse().map(Some).map_err(|error| invalid("level", error)),
        _ => Err(invalid(
            "level",
            format!(
                "it is {}; write \"county\", \"city\" or \"province\"",
                value.what()
            ),
        )),
    }
}

/// Reads the search whose reports are counted, by the names and values of the parameters of `/search`.
fn read_search(value: &Tree) -> Result<SearchRequest, Problem> {
    let entries = match &value.value {
        Value::Map(entries) => entries.as_slice(),
        Value::Null => &[],
        _ => {
            return Err(invalid(
                "filters",
                format!("it is {}; write e.g. {{\"region\": [\"43\"]}}", value.what()),
            ));
        }
    };
    let mut pairs = Vec::new();
    for (key, value) in entries {
        let values = match &value.value {
            Value::List(values) => values.as_slice(),
            Value::Null => &[],
            _ => std::slice::from_ref(value),
        };
        for value in values {
            let (Value::Text(text) | Value::Number(text)) = &value.value else {
                return Err(invalid(
                    &key.text,
                    "it is neither a text nor a number, nor a list of these",
                ));
            };
            pairs.push((key.text.clone(), text.clone()));
        }
    }
    let mut params = Params::from_pairs(pairs);
    let search = search(&mut params)?;
    params.finish()?;
    Ok(search)
}

/// What of the parameters of a search says which reports are counted.
///
/// # Errors
/// When a value is wrong; names the parameter.
pub(crate) fn search(params: &mut Params) -> Result<SearchRequest, Problem> {
    let usual = SearchRequest::default();
    Ok(SearchRequest {
        q: params.one("q")?.unwrap_or_default(),
        mode: one_of(params, "mode")?.unwrap_or(usual.mode),
        group: one_of(params, "group")?.unwrap_or(usual.group),
        filters: read_filters(params)?,
        ..usual
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_body() {
        let request = read(
            r#"{"concepts": {"环保": ["环境保护", "环保"], "b": {"terms": ["生态"], "exclude": ["营商生态"]}},
                "by": ["region", "year"], "level": "county", "exclude": ["x"],
                "filters": {"region": ["43", 110105], "year_from": 2019, "q": "a", "group": "duplicates"}}"#
                .as_bytes(),
        )
        .unwrap();
        assert_eq!(request.layout.by, [PanelBy::Region, PanelBy::Year]);
        assert_eq!(request.layout.level, Some(Level::County));
        let names: Vec<_> = request
            .dictionary
            .concepts
            .iter()
            .map(|concept| concept.name.as_str())
            .collect();
        assert_eq!(names, ["环保", "b"], "in the order of the body");
        assert_eq!(request.dictionary.exclude, ["x"]);
        assert_eq!(request.search.filters.region.len(), 2);
        assert_eq!(
            (request.search.q.as_str(), request.search.filters.year_from[0]),
            ("a", 2019)
        );
    }

    #[test]
    fn says_what_is_wrong() {
        for (body, code, word) in [
            ("", "invalid_parameter", "JSON"),
            ("[]", "invalid_parameter", "a list"),
            (
                r#"{"concept": {"a": ["b"]}}"#,
                "unknown_parameter",
                "\"concepts\"",
            ),
            (
                r#"{"concepts": {"a": {"words": ["b"]}}}"#,
                "unknown_parameter",
                "terms",
            ),
            (r#"{"concepts": {"a": [1]}}"#, "invalid_parameter", "quotes"),
            (
                r#"{"concepts": {"a": ["b"]}, "concepts": {}}"#,
                "invalid_parameter",
                "twice",
            ),
            (
                r#"{"concepts": {"a": ["b"]}, "filters": {"q": "a", "q": "b"}}"#,
                "invalid_parameter",
                "twice",
            ),
            (
                r#"{"concepts": {"a": ["b"]}, "by": ["colour"]}"#,
                "invalid_parameter",
                "region",
            ),
            (
                r#"{"concepts": {"a": ["b"]}, "level": "town"}"#,
                "invalid_parameter",
                "county",
            ),
            (
                r#"{"concepts": {"a": ["b"]}, "filters": {"regoin": "43"}}"#,
                "unknown_parameter",
                "region",
            ),
            (
                r#"{"concepts": {"a": ["b"]}, "filters": {"limit": 5}}"#,
                "unknown_parameter",
                "limit",
            ),
            (
                r#"{"concepts": {"a": ["b"]}, "filters": []}"#,
                "invalid_parameter",
                "filters",
            ),
        ] {
            let problem = read(body.as_bytes()).unwrap_err();
            let detail = problem.body().detail;
            assert!(detail.contains(word), "{body}: {detail}");
            let shown: serde_json::Value = serde_json::to_value(problem.body()).unwrap();
            assert_eq!(shown["code"], code, "{body}: {detail}");
        }
    }
}
