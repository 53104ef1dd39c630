//! Every operation and parameter is described, and nothing else is.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{Site, example_of, operations};

#[tokio::test]
async fn every_operation_is_described_whole() {
    let site = Site::new();
    let document = site.document().await;
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
    let mut ids = BTreeSet::new();
    for (path, method, operation) in operations(&document) {
        let shown = format!("{method} {path}");
        assert!(
            ids.insert(operation["operationId"].as_str().unwrap().to_owned()),
            "{shown}"
        );
        for told in ["summary", "x-zh"] {
            assert!(
                operation[told].as_str().is_some_and(|text| !text.is_empty()),
                "{shown}: no {told}"
            );
        }
        assert!(!operation["summary"].as_str().unwrap().ends_with('.'), "{shown}");
        let is_list = |parameters: &Value| parameters.is_array();
        assert!(operation.get("parameters").is_none_or(is_list), "{shown}");
        let responses = operation["responses"].as_object().unwrap();
        let good: Vec<_> = responses
            .iter()
            .filter(|(status, _)| status.starts_with('2'))
            .collect();
        assert!(!good.is_empty(), "{shown}");
        let text = Value::Array(good.iter().map(|(_, response)| (*response).clone()).collect()).to_string();
        assert!(
            text.contains("\"example\"") || responses.contains_key("204"),
            "{shown}: no example"
        );
        for status in ["400", "401", "413", "414", "429", "500", "503"] {
            let problem = &responses[status]["content"]["application/problem+json"];
            assert_eq!(
                problem["schema"]["$ref"], "#/components/schemas/Problem",
                "{shown} {status}"
            );
        }
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let name = parameter["name"].as_str().unwrap();
            assert!(
                ["type", "anyOf"]
                    .iter()
                    .any(|key| parameter["schema"].get(key).is_some()),
                "{shown}: {name} has no type"
            );
            assert!(
                parameter["description"]
                    .as_str()
                    .is_some_and(|text| !text.is_empty()),
                "{shown}: {name}"
            );
        }
    }
    // Every schema that is spoken of is there.
    let text = document.to_string();
    for piece in text.split("\"#/components/schemas/").skip(1) {
        let name = piece.split('"').next().unwrap();
        assert!(
            document["components"]["schemas"].get(name).is_some(),
            "no schema {name}"
        );
    }
}

#[tokio::test]
async fn what_is_served_and_what_is_described_are_the_same() {
    let site = Site::new();
    let document = site.document().await;
    for (path, item) in document["paths"].as_object().unwrap() {
        let described: BTreeSet<&str> = item.as_object().unwrap().keys().map(String::as_str).collect();
        let (_, operation) = item.as_object().unwrap().iter().next().unwrap();
        let target = example_of(path, operation);
        for method in ["get", "post", "delete", "put", "patch"] {
            let answer = site.call(method, &target, Some("admin"), "").await;
            let is_served = answer.status != StatusCode::METHOD_NOT_ALLOWED;
            let is_route = !answer.body.contains("nothing is at");
            assert!(is_route, "{path} is described and not served");
            assert_eq!(is_served, described.contains(method), "{method} {path}");
        }
    }
    // Operations are served through the list that describes them, and in no other way.
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    for file in ["src/http.rs", "src/commands/serve.rs", "src/admin.rs"] {
        let source = std::fs::read_to_string(root.join(file)).unwrap();
        let code = source.split("#[cfg(test)]").next().unwrap();
        let routes: Vec<&str> = code
            .split("route(\"")
            .skip(1)
            .map(|rest| rest.split('"').next().unwrap())
            .collect();
        let hidden: Vec<&&str> = routes.iter().filter(|path| path.starts_with("/api/")).collect();
        assert!(
            hidden.is_empty(),
            "{file}: {hidden:?}; name the handler in src/api/routes.rs instead"
        );
    }
}

#[tokio::test]
async fn parameters_are_described_as_they_are_read() {
    let site = Site::new();
    let document = site.document().await;
    for (path, method, operation) in operations(&document) {
        if path == "/api/v1/openapi.json" {
            continue;
        }
        let mut described: Vec<&str> = operation["parameters"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|parameter| parameter["in"] == "query")
            .map(|parameter| parameter["name"].as_str().unwrap())
            .collect();
        described.sort_unstable();
        let target = example_of(&path, &operation);
        let joint = if target.contains('?') { '&' } else { '?' };
        let target = format!("{target}{joint}zzzz=1");
        let answer = site.call(&method, &target, Some("admin"), "{}").await.json();
        assert_eq!(answer["code"], "unknown_parameter", "{method} {path}: {answer}");
        let read = answer.get("parameters").cloned().unwrap_or(json!([]));
        assert_eq!(read, json!(described), "{method} {path}");
    }
}
