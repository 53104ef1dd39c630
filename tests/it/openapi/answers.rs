//! Answers of every kind have the shapes that are described, and no others.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Site, operations};
use crate::support::{Answer, encode};

/// A schema in which nothing may stand that is not described, save inside `allOf`, where its parts are told apart.
fn strict(schema: &mut Value, is_part: bool) {
    match schema {
        Value::Object(map) => {
            let is_shape =
                map.contains_key("$ref") || map.contains_key("properties") || map.contains_key("allOf");
            if is_shape && !is_part && !map.contains_key("additionalProperties") {
                map.insert("unevaluatedProperties".to_owned(), json!(false));
            }
            for (name, inner) in map.iter_mut() {
                let parts = name == "allOf";
                match inner {
                    Value::Array(list) if parts => list.iter_mut().for_each(|one| strict(one, true)),
                    // Names of fields are no keywords.
                    Value::Object(fields) if name == "properties" => {
                        fields.values_mut().for_each(|one| strict(one, false))
                    }
                    other if !["example", "examples", "enum", "default"].contains(&name.as_str()) => {
                        strict(other, false)
                    }
                    _ => (),
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|one| strict(one, is_part)),
        _ => (),
    }
}

/// What is wrong with a value, by the document.
fn fault(document: &Value, schema: &Value, value: &Value) -> Option<String> {
    const PLACE: &str = "https://schema.example/answer.json";
    let mut components = document["components"].clone();
    for component in components["schemas"].as_object_mut().unwrap().values_mut() {
        strict(component, true);
    }
    let mut schema = schema.clone();
    strict(&mut schema, false);
    schema["components"] = components;
    let mut schemas = boon::Schemas::new();
    let mut compiler = boon::Compiler::new();
    compiler.set_default_draft(boon::Draft::V2020_12);
    compiler.enable_format_assertions();
    compiler.add_resource(PLACE, schema).unwrap();
    let compiled = compiler
        .compile(PLACE, &mut schemas)
        .unwrap_or_else(|error| panic!("{error:#}"));
    let outcome = schemas.validate(value, compiled);
    outcome.err().map(|error| format!("{error:#}"))
}

#[tokio::test]
async fn answers_are_what_the_description_says() {
    let site = Site::new();
    let document = site.document().await;
    let q = encode("双随机");
    let today = Timestamp::now()
        .to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(8)))
        .date();
    let made = site.call("post", "/api/v1/alerts", Some("read"), r#"{"name": "法治", "query": {"q": "双随机", "region": ["34"]}, "webhook": "https://hooks.example.org/1"}"#).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    let alert = made.json()["id"].as_str().unwrap().to_owned();
    let mut answers: Vec<(&str, &str, Answer)> = vec![("post", "/api/v1/alerts", made)];
    let asked: Vec<(&str, &str, String, &str)> = vec![
        (
            "get",
            "/api/v1/search",
            format!(
                "/api/v1/search?q={q}&facets=region,province,year,genre,issuer_type,section&group=duplicates&limit=1"
            ),
            "",
        ),
        (
            "get",
            "/api/v1/search",
            "/api/v1/search?mode=loose&q=%E4%BC%98%E5%8C%96%20%E6%94%BE%E7%AE%A1%E6%9C%8D%20or".to_owned(),
            "",
        ),
        (
            "get",
            "/api/v1/search",
            "/api/v1/search?fields=id,text,outline".to_owned(),
            "",
        ),
        ("get", "/api/v1/search", "/api/v1/search?q=%28".to_owned(), ""),
        ("get", "/api/v1/search", "/api/v1/search?cursor=x".to_owned(), ""),
        (
            "get",
            "/api/v1/changes.atom",
            "/api/v1/changes.atom".to_owned(),
            "",
        ),
        ("get", "/api/v1/reports/{id}", "/api/v1/reports/a".to_owned(), ""),
        (
            "get",
            "/api/v1/reports/{id}",
            "/api/v1/reports/a?fields=title,year".to_owned(),
            "",
        ),
        (
            "get",
            "/api/v1/reports/{id}",
            "/api/v1/reports/none".to_owned(),
            "",
        ),
        (
            "get",
            "/api/v1/reports/{id}/versions",
            "/api/v1/reports/a/versions".to_owned(),
            "",
        ),
        (
            "get",
            "/api/v1/reports/{id}/versions/{n}",
            "/api/v1/reports/a/versions/1".to_owned(),
            "",
        ),
        (
            "get",
            "/api/v1/reports/{id}/diff",
            "/api/v1/reports/a/diff".to_owned(),
            "",
        ),
        (
            "get",
            "/api/v1/reports/{id}/similar",
            "/api/v1/reports/a/similar".to_owned(),
            "",
        ),
        (
            "get",
            "/api/v1/reports/{id}/snapshot",
            "/api/v1/reports/a/snapshot".to_owned(),
            "",
        ),
        (
            "get",
            "/api/v1/reports/{id}",
            format!("/api/v1/reports/a?as_of={today}"),
            "",
        ),
        (
            "get",
            "/api/v1/search",
            format!("/api/v1/search?as_of={today}"),
            "",
        ),
        (
            "get",
            "/api/v1/search",
            "/api/v1/search?as_of=9999-12-31".to_owned(),
            "",
        ),
        (
            "get",
            "/api/v1/export",
            format!("/api/v1/export?format=csv&as_of={today}&bom=true&formula_guard=false"),
            "",
        ),
        (
            "get",
            "/api/v1/export",
            "/api/v1/export?format=jsonl&fields=id,title".to_owned(),
            "",
        ),
        (
            "get",
            "/api/v1/export",
            "/api/v1/export?format=bibtex".to_owned(),
            "",
        ),
        (
            "get",
            "/api/v1/export",
            "/api/v1/export?format=ris".to_owned(),
            "",
        ),
        (
            "get",
            "/api/v1/export",
            "/api/v1/export?format=gbt7714".to_owned(),
            "",
        ),
        (
            "get",
            "/api/v1/export",
            "/api/v1/export?format=csl".to_owned(),
            "",
        ),
        ("get", "/api/v1/export", "/api/v1/export".to_owned(), ""),
        (
            "get",
            "/api/v1/reports/{id}/cite",
            "/api/v1/reports/a/cite".to_owned(),
            "",
        ),
        (
            "get",
            "/api/v1/reports/{id}/cite",
            format!("/api/v1/reports/a/cite?format=csl&as_of={today}"),
            "",
        ),
        (
            "get",
            "/api/v1/reports/{id}/cite",
            "/api/v1/reports/a/cite?format=bibtex".to_owned(),
            "",
        ),
        (
            "get",
            "/api/v1/reports/{id}/cite",
            "/api/v1/reports/a/cite?format=ris".to_owned(),
            "",
        ),
        (
            "get",
            "/api/v1/reports/{id}/cite",
            "/api/v1/reports/a/cite?section=none".to_owned(),
            "",
        ),
        (
            "get",
            "/api/v1/concordance",
            format!("/api/v1/concordance?q={q}&limit=1&sort=right"),
            "",
        ),
        (
            "get",
            "/api/v1/concordance",
            format!("/api/v1/concordance?q={q}&sample=2&seed=7&as_of={today}"),
            "",
        ),
        (
            "get",
            "/api/v1/concordance",
            format!("/api/v1/concordance?q={q}&format=csv&limit=1"),
            "",
        ),
        (
            "get",
            "/api/v1/trends",
            format!("/api/v1/trends?q={q}&q=&by=year&as_of={today}"),
            "",
        ),
        (
            "get",
            "/api/v1/trends",
            format!("/api/v1/trends?q={q}&by=county&measure=occurrences&region=3418"),
            "",
        ),
        (
            "get",
            "/api/v1/trends",
            format!("/api/v1/trends?q={q}&format=csv"),
            "",
        ),
        (
            "get",
            "/api/v1/trends",
            format!("/api/v1/trends?q={q}&format=svg&chart=bars&scale=count"),
            "",
        ),
        (
            "post",
            "/api/v1/panel",
            "/api/v1/panel".to_owned(),
            r#"{"concepts": {"a": ["双随机"], "b": {"terms": ["执法"], "exclude": ["行政执法"]}}, "by": ["region", "year"], "level": "county", "filters": {"region": "3418"}}"#,
        ),
        (
            "post",
            "/api/v1/panel",
            "/api/v1/panel".to_owned(),
            r#"{"concepts": {"a": ["双随机"]}, "by": ["genre", "section"]}"#,
        ),
        ("post", "/api/v1/panel", "/api/v1/panel".to_owned(), "{}"),
        ("get", "/api/v1/coverage", "/api/v1/coverage".to_owned(), ""),
        ("get", "/api/v1/portals", "/api/v1/portals".to_owned(), ""),
        (
            "get",
            "/api/v1/portals/{id}",
            "/api/v1/portals/jingxian".to_owned(),
            "",
        ),
        (
            "get",
            "/api/v1/portals/{id}",
            "/api/v1/portals/wrong".to_owned(),
            "",
        ),
        ("get", "/api/v1/regions", "/api/v1/regions".to_owned(), ""),
        (
            "get",
            "/api/v1/regions/{code}",
            "/api/v1/regions/510132".to_owned(),
            "",
        ),
        (
            "get",
            "/api/v1/regions/{code}",
            "/api/v1/regions/99".to_owned(),
            "",
        ),
        ("get", "/api/v1/limits", "/api/v1/limits".to_owned(), ""),
        (
            "get",
            "/api/v1/openapi.json",
            "/api/v1/openapi.json".to_owned(),
            "",
        ),
        (
            "post",
            "/api/v1/jobs",
            "/api/v1/jobs".to_owned(),
            r#"{"portals": ["jingxian"]}"#,
        ),
        (
            "post",
            "/api/v1/jobs",
            "/api/v1/jobs".to_owned(),
            r#"{"portals": ["jingxian"], "full": true}"#,
        ),
        (
            "post",
            "/api/v1/jobs",
            "/api/v1/jobs".to_owned(),
            r#"{"portals": []}"#,
        ),
        ("get", "/api/v1/jobs", "/api/v1/jobs".to_owned(), ""),
        ("get", "/api/v1/jobs/{id}", "/api/v1/jobs/1".to_owned(), ""),
        ("get", "/api/v1/jobs/{id}", "/api/v1/jobs/99".to_owned(), ""),
        ("delete", "/api/v1/jobs/{id}", "/api/v1/jobs/1".to_owned(), ""),
        ("get", "/api/v1/alerts", "/api/v1/alerts".to_owned(), ""),
        (
            "get",
            "/api/v1/alerts/{id}",
            format!("/api/v1/alerts/{alert}"),
            "",
        ),
        (
            "post",
            "/api/v1/alerts/{id}/webhook",
            format!("/api/v1/alerts/{alert}/webhook"),
            "",
        ),
        (
            "get",
            "/api/v1/alerts/{id}/feed.atom",
            format!("/api/v1/alerts/{alert}/feed.atom"),
            "",
        ),
        (
            "delete",
            "/api/v1/alerts/{id}",
            format!("/api/v1/alerts/{alert}"),
            "",
        ),
        (
            "delete",
            "/api/v1/alerts/{id}",
            format!("/api/v1/alerts/{alert}"),
            "",
        ),
    ];
    for (method, path, target, body) in asked {
        answers.push((
            method,
            path,
            site.call(method, &target, Some("admin"), body).await,
        ));
    }
    answers.push((
        "get",
        "/api/v1/jobs",
        site.call("get", "/api/v1/jobs", None, "").await,
    ));
    answers.push((
        "get",
        "/api/v1/jobs",
        site.call("get", "/api/v1/jobs", Some("read"), "").await,
    ));
    let mut answered = BTreeSet::new();
    for (method, path, answer) in answers {
        let shown = format!("{method} {path}: {} {}", answer.status, answer.body);
        let operation = &document["paths"][path][method];
        let response = &operation["responses"][answer.status.as_str()];
        assert!(response.is_object(), "a status that is not described: {shown}");
        for name in ["x-request-id", "retry-after", "www-authenticate"] {
            let is_described = response["headers"]
                .as_object()
                .unwrap()
                .keys()
                .any(|known| known.eq_ignore_ascii_case(name));
            assert!(answer.header(name).is_empty() || is_described, "{name}: {shown}");
        }
        if answer.status.is_success() {
            answered.insert((method.to_owned(), path.to_owned()));
        }
        let kind = answer
            .header("content-type")
            .split(';')
            .next()
            .unwrap()
            .to_owned();
        if answer.body.is_empty() {
            assert!(response.get("content").is_none(), "{shown}");
            continue;
        }
        let content = &response["content"][&kind];
        assert!(
            content.is_object(),
            "content that is not described: {kind}: {shown}"
        );
        if kind.ends_with("json") {
            let fault = fault(&document, &content["schema"], &answer.json());
            assert!(fault.is_none(), "{}\n{shown}", fault.unwrap());
        }
    }
    let all: BTreeSet<_> = operations(&document)
        .into_iter()
        .map(|(path, method, _)| (method, path))
        .collect();
    assert_eq!(
        all.difference(&answered).collect::<Vec<_>>(),
        Vec::<&(String, String)>::new(),
        "not asked here"
    );
    // A report has every field that is described.
    let report = site.call("get", "/api/v1/reports/a", None, "").await.json();
    let schemas = &document["components"]["schemas"];
    let mut fields: BTreeSet<&String> = schemas["Content"]["properties"]
        .as_object()
        .unwrap()
        .keys()
        .collect();
    for part in schemas["Report"]["allOf"].as_array().unwrap() {
        fields.extend(
            part.get("properties")
                .and_then(Value::as_object)
                .into_iter()
                .flat_map(|map| map.keys()),
        );
    }
    assert_eq!(
        report.as_object().unwrap().keys().collect::<BTreeSet<_>>(),
        fields
    );
}

#[tokio::test]
async fn examples_are_what_the_description_says() {
    let site = Site::new();
    let document = site.document().await;
    for (path, method, operation) in operations(&document) {
        let responses = operation["responses"].as_object().unwrap().values();
        for content in responses
            .chain([&operation["requestBody"]])
            .filter_map(|part| part.get("content"))
        {
            for (kind, content) in content.as_object().unwrap() {
                let Some(example) = content.get("example").filter(|_| kind.ends_with("json")) else {
                    continue;
                };
                let fault = fault(&document, &content["schema"], example);
                assert!(fault.is_none(), "{method} {path}: {}", fault.unwrap());
            }
        }
    }
}
