//! The description of the API: whole, true to what is read and answered, and what it says about keys holds.

mod answers;
mod described;
mod keys;
mod served;

use std::collections::BTreeMap;

use axum::{
    Router,
    body::Body,
    http::{Method, Request},
};
use gongbao::{
    operations::{Operations, Scope},
    portals::{PortalSet, SharedPortals},
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::support::{Answer, Data, ask, get};

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
