//! What all operations have in common, added to the document once.

use serde_json::{Map, Value, json};

/// Schemas of which an answer may lack any field, because `fields` picks some.
const PICKED: [&str; 3] = ["Report", "Content", "Hit"];

/// Schemas of what is sent to us, which say themselves what has to be there.
const SENT: [&str; 4] = ["NewJob", "NewAlert", "NoBody", "PanelRequest"];

/// Fields that are left out where there is nothing to say.
const LEFT_OUT: [(&str, &str); 16] = [
    ("Problem", "position"),
    ("Problem", "hint"),
    ("Problem", "parameters"),
    ("Portal", "runs"),
    ("Portal", "lists"),
    ("Job", "results"),
    ("Job", "log"),
    ("Paragraph", "segments"),
    ("Webhook", "secret"),
    ("PanelRow", "region"),
    ("PanelRow", "region_name"),
    ("PanelRow", "year"),
    ("PanelRow", "genre"),
    ("PanelRow", "genre_label"),
    ("PanelRow", "section"),
    ("PanelRow", "section_label"),
];

/// Problems that any operation can have: status, when, code.
const PROBLEMS: [(&str, &str, &str); 8] = [
    (
        "400",
        "A parameter, the query or the body is wrong; `detail` says what and what to write instead",
        "invalid_parameter",
    ),
    (
        "401",
        "A key is needed, or the one that was sent is unknown, expired or revoked",
        "unauthorized",
    ),
    ("413", "The body is longer than 64 KiB", "payload_too_large"),
    ("414", "The address is longer than 32 KiB", "uri_too_long"),
    (
        "429",
        "More requests than allowed; `Retry-After` says when to go on",
        "rate_limited",
    ),
    ("431", "The headers are too large", "headers_too_large"),
    (
        "500",
        "A fault of the service; its log has the cause under the request id",
        "internal",
    ),
    (
        "503",
        "Overloaded, not ready, or the answer took too long; `Retry-After` says when to try again",
        "overloaded",
    ),
];

const METHODS: [&str; 3] = ["get", "post", "delete"];

/// Adds it.
pub(super) fn add(document: &mut Value) {
    document["components"]["securitySchemes"] = json!({
        "key": {"type": "http", "scheme": "bearer", "description": "A key made with `gongbao keys create`"}
    });
    document["components"]["headers"] = headers();
    let paths = document["paths"].as_object_mut();
    for (path, item) in paths.into_iter().flatten() {
        for method in METHODS {
            if let Some(operation) = item.get_mut(method) {
                of_operation(path, operation);
            }
        }
    }
    let schemas = document["components"]["schemas"].as_object_mut();
    for (name, schema) in schemas.into_iter().flatten() {
        whole(name, schema);
    }
}

fn of_operation(path: &str, operation: &mut Value) {
    // Whoever needs no key may send one all the same.
    if operation.get("security").is_none() {
        operation["security"] = json!([{}, {"key": []}]);
    }
    let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut);
    parameters.into_iter().flatten().for_each(may_be_empty);
    let needs_key = operation["security"] == json!([{"key": []}]);
    let has_body = operation.get("requestBody").is_some();
    let mut add = |status: &str, what: &str, code: &str| {
        if operation["responses"].get(status).is_none() {
            operation["responses"][status] = problem(status, what, code);
        }
    };
    for (status, what, code) in PROBLEMS {
        add(status, what, code);
    }
    if needs_key {
        add("403", "The key does not open this", "forbidden");
    }
    if path.contains('{') {
        add("404", "There is nothing with this id", "not_found");
    }
    if has_body {
        no_null(&mut operation["requestBody"]);
    }
    let responses = operation["responses"].as_object_mut();
    for (status, response) in responses.into_iter().flatten() {
        let told = &mut response["headers"];
        if told.is_null() {
            *told = json!({});
        }
        for name in [
            "X-Request-Id",
            "RateLimit",
            "RateLimit-Policy",
            "RateLimit-Limit",
            "RateLimit-Remaining",
            "RateLimit-Reset",
        ] {
            told[name] = json!({"$ref": format!("#/components/headers/{name}")});
        }
        if ["429", "503"].contains(&status.as_str()) {
            told["Retry-After"] = json!({"$ref": "#/components/headers/Retry-After"});
        }
        if status == "401" || status == "403" {
            told["WWW-Authenticate"] = json!({"$ref": "#/components/headers/WWW-Authenticate"});
        }
    }
}

fn problem(status: &str, what: &str, code: &str) -> Value {
    let number: u16 = status.parse().unwrap_or(500);
    json!({
        "description": what,
        "content": {"application/problem+json": {
            "schema": {"$ref": "#/components/schemas/Problem"},
            "example": {
                "type": format!("urn:gongbao:problem:{code}"),
                "title": what.split(';').next().unwrap_or(what),
                "status": number,
                "detail": what,
                "code": code,
                "request_id": "5d0c9b1e-00002a",
            },
        }},
    })
}

fn headers() -> Value {
    let text = |description: &str| json!({"description": description, "schema": {"type": "string"}});
    let number =
        |description: &str| json!({"description": description, "schema": {"type": "integer", "minimum": 0}});
    json!({
        "X-Request-Id": text("The id of this request in the log; one that the caller sends is kept"),
        "RateLimit": text("What is left of the limit, and seconds until all of it is there again; absent without a limit"),
        "RateLimit-Policy": text("The limit: requests, and seconds in which they may be sent; absent without a limit"),
        "RateLimit-Limit": number("Requests that may be sent in a minute; absent without a limit"),
        "RateLimit-Remaining": number("Requests that may be sent now; absent without a limit"),
        "RateLimit-Reset": number("Seconds until all may be sent again; absent without a limit"),
        "Retry-After": number("Seconds until it is worth another try"),
        "WWW-Authenticate": text("How a key is sent, and what was wrong with the one that was"),
    })
}

/// An empty value counts as absent, as forms send it.
fn may_be_empty(parameter: &mut Value) {
    if parameter["in"] != "query" {
        return;
    }
    let schema = &mut parameter["schema"];
    let schema = match schema["type"] == "array" {
        true => &mut schema["items"],
        false => schema,
    };
    let takes_any = schema["type"] == "string"
        && ["enum", "format", "pattern"]
            .iter()
            .all(|rule| schema.get(rule).is_none());
    if !takes_any {
        *schema = json!({"anyOf": [schema.take(), {"type": "string", "const": ""}]});
    }
}

/// A body that need not be sent is none, and not `null`.
fn no_null(body: &mut Value) {
    let contents = body["content"].as_object_mut();
    for content in contents.into_iter().flat_map(|map| map.values_mut()) {
        let choices = content["schema"]["oneOf"].as_array();
        let body = choices.and_then(|all| all.iter().find(|one| one["type"] != "null"));
        if let Some(body) = body.cloned() {
            content["schema"] = body;
        }
    }
}

/// Absent values are null, so every field is there.
fn whole(name: &str, schema: &mut Value) {
    if PICKED.contains(&name) {
        strip(schema);
        return;
    }
    if SENT.contains(&name) {
        return;
    }
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
        return;
    };
    let is_there = |field: &&String| !LEFT_OUT.contains(&(name, field.as_str()));
    let all: Vec<Value> = properties.keys().filter(is_there).map(|key| json!(key)).collect();
    schema["required"] = Value::Array(all);
}

/// Takes away what is said about fields that have to be there.
fn strip(schema: &mut Value) {
    fn without(map: &mut Map<String, Value>) {
        map.remove("required");
        for part in map
            .get_mut("allOf")
            .and_then(Value::as_array_mut)
            .into_iter()
            .flatten()
        {
            if let Some(part) = part.as_object_mut() {
                without(part);
            }
        }
    }
    if let Some(map) = schema.as_object_mut() {
        without(map);
    }
}
