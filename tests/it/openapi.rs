//! The description of the API: whole, true to what is read and answered, and what it says about keys holds.

use std::collections::{BTreeMap, BTreeSet};

use axum::{
    Router,
    body::Body,
    http::{Method, Request, StatusCode},
};
use gongbao::{
    operations::{Operations, Scope},
    portals::{PortalSet, SharedPortals},
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::support::{Answer, Data, ask, encode, get};

/// A service with reports, a portal, and keys.
struct Site {
    data: Data,
    open: Router,
    closed: Router,
    keys: BTreeMap<&'static str, String>,
}

impl Site {
    fn new() -> Self {
        let data = Data::with_lines(&[
            json!({"id": "a", "url": "https://a.example.gov.cn/1.html", "title": "泾县2020年度法治政府建设情况报告", "text": "一、主要成效\n全面推行“双随机、一公开”监管。\n二、存在的问题\n执法力量不足。",
                   "region_code": "341823", "year": 2020, "genre": "rule-of-law-report", "published": "2021-02-22", "document_number": "泾政〔2021〕3号"}),
            json!({"id": "b", "url": "https://a.example.gov.cn/2.html", "title": "泾县2021年度法治政府建设情况报告", "text": "一、主要成效\n全面推行“双随机、一公开”监管。\n二、存在的问题\n执法力量仍然不足。",
                   "region_code": "341823", "year": 2021, "genre": "rule-of-law-report"}),
            json!({"id": "c", "url": "https://a.example.gov.cn/3.html", "text": "各乡镇：\n请结合实际，抓好落实。"}),
        ]);
        // A second version of a report.
        let again = data.import(&[json!({"id": "a", "url": "https://a.example.gov.cn/1.html", "title": "泾县2020年度法治政府建设情况报告", "text": "一、主要成效\n全面推行“双随机、一公开”监管，办理复议。\n二、存在的问题\n执法力量不足。",
                   "region_code": "341823", "year": 2020, "genre": "rule-of-law-report"})]);
        assert_eq!(again.code, Some(0), "{again:?}");
        let folder = data.file("portals/jingxian.toml", "name = \"泾县人民政府\"\nregion = \"341823\"\nseeds = [\"https://a.example.gov.cn/\"]\nschedule = \"0 3 * * 1\"\n".as_bytes());
        data.file("portals/wrong.toml", b"nmae = 1\n");
        let portals = SharedPortals::new(PortalSet::read(folder.parent().unwrap()).unwrap());
        let operations = Operations::open(&data.dir()).unwrap();
        let now = Timestamp::now();
        let make = |scope, expires| operations.create_key(scope, None, expires, now).unwrap();
        let mut keys: BTreeMap<_, _> = Scope::ALL
            .map(|scope| (scope.code(), make(scope, None).text))
            .into();
        keys.insert(
            "expired",
            make(Scope::Admin, Some(now - SignedDuration::from_hours(1))).text,
        );
        let revoked = make(Scope::Admin, None);
        operations.revoke_key(&revoked.id, now).unwrap();
        keys.insert("revoked", revoked.text);
        keys.insert("wrong", format!("gb_{}", "0".repeat(64)));
        let service = gongbao::http::Service {
            data_dir: data.dir(),
            operations,
            portals,
            histories: gongbao::overview::Histories::default(),
            anonymous_read: true,
            callers: gongbao::http::Callers::default(),
            alerts: gongbao::alerts::AlertSettings::default(),
            wake: std::sync::Arc::default(),
        };
        let reader = || index::Reader::open(&data.dir().join("index")).unwrap();
        let open = gongbao::http::router(reader(), service.clone());
        let shut = gongbao::http::Service {
            anonymous_read: false,
            ..service
        };
        let closed = gongbao::http::router(reader(), shut);
        Self {
            open,
            closed,
            keys,
            data,
        }
    }

    async fn document(&self) -> Value {
        get(&self.open, "/api/v1/openapi.json").await.json()
    }

    async fn call(&self, method: &str, target: &str, key: Option<&str>, body: &str) -> Answer {
        call(
            &self.open,
            method,
            target,
            key.map(|name| self.keys[name].as_str()),
            body,
        )
        .await
    }
}

async fn call(router: &Router, method: &str, target: &str, key: Option<&str>, body: &str) -> Answer {
    let method: Method = method.to_uppercase().parse().unwrap();
    let mut request = Request::builder().method(method).uri(target);
    if let Some(key) = key {
        request = request.header("authorization", format!("Bearer {key}"));
    }
    ask(router, request.body(Body::from(body.to_owned())).unwrap()).await
}

/// Path, method, operation.
fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            all.push((path.clone(), method.clone(), operation.clone()));
        }
    }
    all
}

/// The address of an operation with the examples of its path.
fn example_of(path: &str, operation: &Value) -> String {
    let mut target = path.to_owned();
    let mut query = Vec::new();
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        if parameter["in"] == "path" {
            let value = match &parameter["example"] {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            target = target.replace(&format!("{{{}}}", parameter["name"].as_str().unwrap()), &value);
        } else if parameter["required"] == true {
            let value = parameter["example"].as_str().unwrap();
            query.push(format!("{}={value}", parameter["name"].as_str().unwrap()));
        }
    }
    assert!(
        !target.contains('{'),
        "{target}: a part of the path is not described"
    );
    if !query.is_empty() {
        target = format!("{target}?{}", query.join("&"));
    }
    target
}

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

#[tokio::test]
async fn keys_open_what_the_description_says() {
    let site = Site::new();
    let document = site.document().await;
    for (path, method, operation) in operations(&document) {
        // Deleting what the next key asks for would tell nothing.
        let target = example_of(&path, &operation);
        let shown = format!("{method} {path}");
        let needs_key = operation["security"] == json!([{"key": []}]);
        let is_free = [
            "/api/v1/openapi.json",
            "/api/v1/limits",
            "/api/v1/alerts/{id}/feed.atom",
        ]
        .contains(&path.as_str());
        let needs_crawl = path.starts_with("/api/v1/jobs");
        assert!(!needs_crawl || needs_key, "{shown}");
        for (name, key) in [("none", None)]
            .into_iter()
            .chain(site.keys.iter().map(|(name, key)| (*name, Some(key.as_str()))))
        {
            for (router, is_open) in [(&site.open, true), (&site.closed, false)] {
                let answer = call(router, &method, &target, key, "{}").await;
                let status = answer.status.as_u16();
                let wanted = match name {
                    "expired" | "revoked" | "wrong" => Some(401),
                    "none" if is_free => None,
                    "none" if needs_key || !is_open => Some(401),
                    "read" | "export" if needs_crawl => Some(403),
                    "read" | "crawl" if !is_open && path == "/api/v1/export" => Some(403),
                    _ => None,
                };
                match wanted {
                    Some(wanted) => {
                        assert_eq!(status, wanted, "{shown} with {name}: {}", answer.body);
                        assert!(
                            answer.header("www-authenticate").starts_with("Bearer"),
                            "{shown} with {name}"
                        );
                    }
                    None => assert!(
                        !matches!(status, 401 | 403) && status < 500,
                        "{shown} with {name}: {}",
                        answer.body
                    ),
                }
            }
        }
    }
    // No key stands anywhere on the disk.
    let mut folders = vec![site.data.dir()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = std::fs::read(&path).unwrap();
            for (name, key) in &site.keys {
                let has = bytes.windows(key.len()).any(|window| window == key.as_bytes());
                assert!(!has, "the {name} key stands in {}", path.display());
            }
        }
    }
}

#[tokio::test]
async fn every_get_is_answered_to_head_too() {
    let site = Site::new();
    let document = site.document().await;
    let described = operations(&document)
        .into_iter()
        .filter(|(_, method, _)| method == "get");
    let mut targets: Vec<String> = described
        .map(|(path, _, operation)| example_of(&path, &operation))
        .collect();
    targets.extend(
        [
            "/",
            "/api",
            "/portals",
            "/reports/a",
            "/reports/a/diff",
            "/healthz",
            "/readyz",
            "/api/v1/reports/a",
            "/api/v1/reports/a/snapshot",
            "/api/v1/reports/a/cite",
        ]
        .map(str::to_owned),
    );
    for target in targets {
        let whole = site.call("get", &target, Some("admin"), "").await;
        let head = site.call("head", &target, Some("admin"), "").await;
        assert_eq!((head.status, head.body.as_str()), (whole.status, ""), "{target}");
        for name in [
            "content-type",
            "etag",
            "content-security-policy",
            "x-content-type-options",
        ] {
            assert_eq!(head.header(name), whole.header(name), "{target}: {name}");
        }
        assert!(!head.header("x-request-id").is_empty(), "{target}");
    }
}

#[tokio::test]
async fn the_page_shows_every_operation_in_both_languages() {
    let site = Site::new();
    let document = site.document().await;
    let (zh, en) = (
        get(&site.closed, "/api").await,
        get(&site.closed, "/api?lang=en").await,
    );
    assert!(zh.body.contains("lang=\"zh-CN\"") && en.body.contains("lang=\"en\""));
    for (path, method, operation) in operations(&document) {
        let anchor = format!(
            "<h3 id=\"{}\"><code>{} {path}</code>",
            operation["operationId"].as_str().unwrap(),
            method.to_uppercase()
        );
        assert!(zh.body.contains(&anchor) && en.body.contains(&anchor), "{anchor}");
        assert!(zh.body.contains(operation["x-zh"].as_str().unwrap()), "{path}");
    }
    assert!(zh.body.contains("检索式，留空为全部报告") && en.body.contains("empty for every report"));
    assert!(
        !zh.body.contains("<script>")
            && zh
                .header("content-security-policy")
                .contains("default-src 'none'")
    );
    assert_eq!(
        get(&site.open, "/api?lang=fr").await.status,
        StatusCode::BAD_REQUEST
    );
}

#[tokio::test]
async fn the_document_is_not_sent_twice() {
    let site = Site::new();
    let first = get(&site.open, "/api/v1/openapi.json").await;
    let again = Request::get("/api/v1/openapi.json")
        .header("if-none-match", first.header("etag"))
        .body(Body::empty())
        .unwrap();
    assert_eq!(ask(&site.open, again).await.status, StatusCode::NOT_MODIFIED);
}
