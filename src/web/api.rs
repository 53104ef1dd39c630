//! `/api`: the operations for a person, made from the document that programs read.

mod zh;

use std::sync::Arc;

use askama::Template;
use axum::{Extension, response::Response};
use serde_json::{Map, Value};

use super::{
    view::{Asked, View},
    words::Lang,
};
use crate::api::{openapi::Document, problem::Problem};

#[derive(Template)]
#[template(path = "api.html")]
struct ApiPage {
    view: View,
    zh: bool,
    version: String,
    groups: Vec<Group>,
}

struct Group {
    name: String,
    title: String,
    operations: Vec<Operation>,
}

struct Operation {
    id: String,
    method: String,
    path: String,
    summary: String,
    description: String,
    needs_key: bool,
    parameters: Vec<Parameter>,
    /// Status, and what it means.
    responses: Vec<(String, String)>,
    /// What is answered, as JSON or as it is.
    answer: Option<String>,
    /// What to type into a terminal.
    curl: String,
}

struct Parameter {
    name: String,
    kind: String,
    what: String,
    is_needed: bool,
}

/// `/api`
pub(crate) async fn page(
    Extension(document): Extension<Arc<Document>>,
    Asked { view, params }: Asked,
) -> Result<Response, Problem> {
    params.finish()?;
    let page = ApiPage::new(&document.value, view);
    super::page(&page.view, &page)
}

impl ApiPage {
    fn new(document: &Value, view: View) -> Self {
        let zh = view.lang() == Lang::Zh;
        let tags = document["tags"].as_array().into_iter().flatten();
        let groups = tags.map(|tag| Group {
            name: text(&tag["name"]),
            title: match zh {
                true => zh::group(&text(&tag["name"])).map_or_else(|| text(&tag["name"]), str::to_owned),
                false => prose(&tag["description"]),
            },
            operations: operations(document, &tag["name"], zh),
        });
        Self {
            zh,
            view,
            version: text(&document["info"]["version"]),
            groups: groups.collect(),
        }
    }
}

fn operations(document: &Value, tag: &Value, zh: bool) -> Vec<Operation> {
    let mut found = Vec::new();
    let paths = document["paths"].as_object();
    for (path, item) in paths.into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            if operation["tags"][0] == *tag {
                found.push(Operation::new(path, method, operation, zh));
            }
        }
    }
    found
}

impl Operation {
    fn new(path: &str, method: &str, operation: &Value, zh: bool) -> Self {
        let parameters: Vec<&Value> = operation["parameters"].as_array().into_iter().flatten().collect();
        let body = example(&operation["requestBody"]["content"]);
        let responses = operation["responses"].as_object().into_iter().flatten();
        let responses: Vec<(&String, &Value)> = responses.collect();
        let answer = responses
            .iter()
            .find(|(status, _)| status.starts_with('2'))
            .and_then(|(_, response)| example(&response["content"]));
        let needs_key = operation["security"].as_array().is_some_and(|any| any.len() == 1);
        Self {
            id: text(&operation["operationId"]),
            method: method.to_uppercase(),
            path: path.to_owned(),
            summary: prose(&operation[if zh { "x-zh" } else { "summary" }]),
            description: if zh {
                String::new()
            } else {
                prose(&operation["description"])
            },
            curl: curl(path, method, &parameters, body.as_deref(), needs_key),
            needs_key,
            parameters: parameters
                .into_iter()
                .map(|one| Parameter::new(one, zh))
                .collect(),
            responses: responses
                .into_iter()
                .map(|(status, response)| {
                    let told = prose(&response["description"]);
                    let in_chinese = zh.then(|| zh::status(status)).flatten();
                    (status.clone(), in_chinese.map_or(told, str::to_owned))
                })
                .collect(),
            answer,
        }
    }
}

impl Parameter {
    fn new(parameter: &Value, zh: bool) -> Self {
        let name = text(&parameter["name"]);
        let told = prose(&parameter["description"]);
        // What a parameter means at this operation only stands in the document.
        let here = parameter["x-zh"].as_str();
        let in_chinese = zh.then(|| here.or_else(|| zh::parameter(&name))).flatten();
        let schema = match &parameter["schema"]["items"] {
            Value::Null => &parameter["schema"],
            items => items,
        };
        // Beside the empty value.
        let schema = schema["anyOf"].get(0).unwrap_or(schema);
        Self {
            what: in_chinese.map_or(told, str::to_owned),
            kind: kind(schema),
            is_needed: parameter["required"] == true,
            name,
        }
    }
}

/// What values there are, in few words.
fn kind(schema: &Value) -> String {
    let known = schema["enum"].as_array();
    if let Some(values) = known {
        let values: Vec<String> = values.iter().map(text).collect();
        return values.join(" ");
    }
    let number = |name: &str| schema[name].as_u64();
    match (number("minimum"), number("maximum"), number("maxLength")) {
        (Some(from), Some(to), _) if to < u64::from(u32::MAX) => format!("{from}–{to}"),
        (Some(from), ..) => format!("{from}–"),
        (.., Some(most)) => format!("≤ {most}"),
        _ => match &schema["format"] {
            Value::Null => text(&schema["type"]),
            format => text(format),
        },
    }
}

/// The example among the kinds of content, as it is sent.
fn example(content: &Value) -> Option<String> {
    let kinds: &Map<String, Value> = content.as_object()?;
    let example = kinds.values().find_map(|kind| kind.get("example"))?;
    match example {
        Value::String(text) => Some(text.clone()),
        json => serde_json::to_string_pretty(json).ok(),
    }
}

fn curl(path: &str, method: &str, parameters: &[&Value], body: Option<&str>, needs_key: bool) -> String {
    let mut address = path.to_owned();
    let mut query = Vec::new();
    for parameter in parameters {
        let value = match &parameter["example"] {
            Value::Null => continue,
            value => text(value),
        };
        let name = text(&parameter["name"]);
        if parameter["in"] == "path" {
            address = address.replace(&format!("{{{name}}}"), &value);
        } else {
            query.push(format!(" \\\n  --data-urlencode '{name}={value}'"));
        }
    }
    let mut words = "curl".to_owned();
    match method {
        "get" if !query.is_empty() => words.push_str(" -G"),
        "delete" => words.push_str(" -X DELETE"),
        "post" if body.is_none() => words.push_str(" -X POST"),
        _ => (),
    }
    if needs_key {
        words.push_str(" -H \"Authorization: Bearer $KEY\"");
    }
    words.push_str(&format!(" 'http://127.0.0.1:8080{address}'"));
    words.extend(query);
    if let Some(body) = body {
        let flat: Value = serde_json::from_str(body).unwrap_or_default();
        words.push_str(&format!(" \\\n  -d '{flat}'"));
    }
    words
}

/// A sentence without the marks of Markdown.
fn prose(value: &Value) -> String {
    text(value).replace('`', "")
}

/// A text, or a number as one.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}
