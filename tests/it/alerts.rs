//! Alerts of a running service: a portal is crawled by another process, and feed and webhook tell what is new.

mod world;

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    thread,
    time::{Duration, Instant},
};

use axum::{Router, body::Body, http::Request};
use gongbao::operations::{NewAlert, Operations, Scope};
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use self::world::World;
use crate::{
    atom::{self, Element},
    sample_portals::server::{Reply, Site},
    support::{Answer, Data, Service, ask, get},
};

/// How long news may take from a commit of the index to a feed.
const PROMPT: Duration = Duration::from_secs(10);

const OLD: &str = "常宁市2022年法治政府建设工作情况报告";
const NEW: &str = "常宁市2023年“双随机”&amp;法治政府建设工作情况报告";
const TEXT: &str = "2023年，常宁市坚持以习近平法治思想为指导，全面推进法治政府建设，现将有关情况报告如下。\n\
    一、主要工作\n全年共办理行政复议案件一百二十件，依法审查规范性文件三十余件，推行双随机、一公开监管。\n\
    二、存在的问题\n执法力量仍然不足，基层法治工作经费保障有待加强。";

/// Asks for an address as feed readers do: status, head and body.
fn fetch(service: &Service, target: &str, headers: &str) -> (u16, String, String) {
    let mut stream = TcpStream::connect(service.authority()).unwrap();
    let request =
        format!("GET {target} HTTP/1.1\r\nhost: evil.example\r\nconnection: close\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, head.to_owned(), body.to_owned())
}

/// A value of a head.
fn header<'a>(head: &'a str, name: &str) -> &'a str {
    let mut lines = head.lines().filter_map(|line| line.split_once(": "));
    lines
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map_or("", |(_, value)| value)
}

fn valid_entries(xml: &str) -> Vec<Element> {
    let entries = atom::entries(xml);
    for entry in &entries {
        assert!(entry.one("id").starts_with("urn:gongbao:alert:"), "{entry:?}");
        assert_eq!(entry.all("author").len(), 1, "{entry:?}");
    }
    entries
}

/// Asks for a feed until it has so many entries.
fn wait_for(service: &Service, feed: &str, n_entries: usize) -> Vec<Element> {
    let begun = Instant::now();
    loop {
        let (status, _, xml) = fetch(service, feed, "");
        assert_eq!(status, 200, "{xml}");
        let entries = valid_entries(&xml);
        if entries.len() >= n_entries {
            return entries;
        }
        assert!(
            begun.elapsed() < PROMPT,
            "{n_entries} entries are not there: {xml}"
        );
        thread::sleep(Duration::from_millis(100));
    }
}

/// HMAC-SHA256 by its definition (RFC 2104).
fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let pad = |byte: u8| -> Vec<u8> { (0..64).map(|n| key.get(n).copied().unwrap_or(0) ^ byte).collect() };
    let inner = Sha256::new()
        .chain_update(pad(0x36))
        .chain_update(message)
        .finalize();
    let outer = Sha256::new().chain_update(pad(0x5c)).chain_update(inner);
    outer.finalize().to_vec()
}

#[test]
fn what_a_crawl_brings_is_told_once_and_so_is_what_it_changes() {
    let mut world = World::new();
    world.publish("/zwgk/1.html", OLD, TEXT, 1);
    assert_eq!(world.crawl(), (1, 0));
    let receiver = Site::start(|_| Reply::status(204));
    let service = world.serve(&receiver.host());
    let key = world.key.clone();
    let body = json!({"name": "法治 & <政府>", "query": {"q": "法治政府", "region": ["43"]},
                      "webhook": format!("http://{}/hook", receiver.host())});
    let (status, head, made) = service.call("POST", "/api/v1/alerts", Some(&key), &body.to_string());
    assert_eq!(status, 201, "{head} {made}");
    let (id, feed) = (made["id"].as_str().unwrap(), made["feed"].as_str().unwrap());
    assert_eq!(feed, format!("/api/v1/alerts/{id}/feed.atom"));
    assert!(id.len() >= 32, "at least 128 bits");
    let (status, _, empty) = fetch(&service, feed, "");
    assert_eq!((status, valid_entries(&empty).len()), (200, 0), "nothing old");

    world.publish("/zwgk/2.html", NEW, TEXT, 1);
    world.publish(
        "/zwgk/3.html",
        "关于做好森林防火工作的通知",
        "各乡镇人民政府：\n请结合实际，抓好森林防火工作的落实。",
        1,
    );
    assert_eq!(world.crawl().0, 2);
    let entries = wait_for(&service, feed, 1);
    assert_eq!(entries.len(), 1, "{entries:?}");
    let report = entries[0]
        .link("alternate")
        .rsplit('/')
        .next()
        .unwrap()
        .to_owned();
    assert_eq!(
        entries[0].one("title"),
        "常宁市2023年“双随机”&法治政府建设工作情况报告"
    );
    assert_eq!(entries[0].category("urn:gongbao:report"), report);
    assert_eq!(entries[0].category("urn:gongbao:kind"), "new");
    let own = format!("http://{}/reports/", service.authority());
    assert!(
        entries[0].link("alternate").starts_with(&own),
        "not the Host header: {entries:?}"
    );

    // One changes in what it says, one in what stands around it.
    world.publish("/zwgk/2.html", NEW, &TEXT.replace("一百二十", "一百三十"), 1);
    world.publish("/zwgk/1.html", OLD, TEXT, 77);
    assert_eq!(world.crawl(), (0, 1));
    let entries = wait_for(&service, feed, 2);
    assert_eq!(entries.len(), 2, "{entries:?}");
    assert!(
        entries[0].link("related").ends_with("/diff?from=1&to=2"),
        "{entries:?}"
    );

    let begun = Instant::now();
    while receiver.hits().len() < 2 {
        assert!(begun.elapsed() < PROMPT, "the webhook was told nothing");
        thread::sleep(Duration::from_millis(100));
    }
    let secret = made["webhook"]["secret"]
        .as_str()
        .unwrap()
        .strip_prefix("whsec_")
        .unwrap();
    let secret = data_encoding::BASE64.decode(secret.as_bytes()).unwrap();
    for (hit, (version, kind)) in receiver.hits().iter().zip([(1, "new"), (2, "changed")]) {
        let value = |name| hit.header(name).unwrap();
        let signed = format!(
            "{}.{}.{}",
            value("webhook-id"),
            value("webhook-timestamp"),
            hit.body
        );
        let signature = data_encoding::BASE64.encode(&hmac(&secret, signed.as_bytes()));
        assert_eq!(value("webhook-signature"), format!("v1,{signature}"));
        let told: Value = serde_json::from_str(&hit.body).unwrap();
        let entry = &told["entries"][0];
        assert_eq!(
            (&told["alert"], &entry["id"], &entry["version"], &entry["kind"]),
            (&json!(id), &json!(report), &json!(version), &json!(kind))
        );
    }
    assert_eq!(receiver.hits().len(), 2);

    // What a reader has is not sent again.
    let (_, head, _) = fetch(&service, feed, "");
    let etag = header(&head, "etag").to_owned();
    let (status, _, body) = fetch(&service, feed, &format!("if-none-match: {etag}\r\n"));
    assert_eq!((status, body.as_str()), (304, ""));
    let modified = loop {
        let (_, head, _) = fetch(&service, feed, "");
        // It is told of when the second is over in which the last entry was added.
        match header(&head, "last-modified") {
            "" => assert!(begun.elapsed() < 2 * PROMPT, "{head}"),
            modified => break modified.to_owned(),
        }
        thread::sleep(Duration::from_millis(100));
    };
    let (status, head, _) = fetch(&service, feed, &format!("if-modified-since: {modified}\r\n"));
    assert_eq!((status, header(&head, "etag")), (304, etag.as_str()));
    let (status, ..) = fetch(
        &service,
        feed,
        "if-modified-since: Mon, 01 Jan 2024 00:00:00 GMT\r\n",
    );
    assert_eq!(status, 200);

    // After a restart the same is there, and nothing twice.
    drop(service);
    let service = world.serve(&receiver.host());
    let ids = |entries: &[Element]| {
        entries
            .iter()
            .map(|entry| entry.one("id").to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(ids(&wait_for(&service, feed, 2)), ids(&entries));
    let (_, _, listed) = service.call("GET", "/api/v1/alerts", Some(&key), "");
    assert_eq!(listed["alerts"][0]["entries"], 2, "{listed}");
    assert_eq!(listed["alerts"][0]["webhook"]["state"], "active", "{listed}");
    assert!(!listed.to_string().contains("whsec_"), "{listed}");
}

/// Addresses that no webhook may have; `{port}` is the canary's.
const REFUSED: &[&str] = &[
    "http://127.0.0.1:{port}/",
    "http://127.0.0.1.:{port}/",
    "http://127.1:{port}/",
    "http://127.0.1:{port}/",
    "http://0x7f.1:{port}/",
    "http://0x7f000001:{port}/",
    "http://0177.0.0.1:{port}/",
    "http://017700000001:{port}/",
    "http://2130706433:{port}/",
    "http://127.255.255.254:{port}/",
    "http://１２７.0.0.1:{port}/",
    "http://127。0。0。1:{port}/",
    "http://%31%32%37.0.0.1:{port}/",
    "http://0:{port}/",
    "http://0.0.0.0:{port}/",
    "http://[::]:{port}/",
    "http://[::1]:{port}/",
    "http://[0:0:0:0:0:0:0:1]:{port}/",
    "http://[::ffff:127.0.0.1]:{port}/",
    "http://[::ffff:7f00:1]:{port}/",
    "http://[64:ff9b::7f00:1]:{port}/",
    "http://[2002:7f00:1::]:{port}/",
    "http://[fe80::1]:{port}/",
    "http://[fd00::1]:{port}/",
    "https://127.0.0.1:{port}/",
    "http://10.0.0.1/",
    "http://172.16.0.1/",
    "http://192.168.1.1/",
    "http://100.64.0.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://224.0.0.1/",
    "http://255.255.255.255/",
    "http://user@hooks.example/",
    "http://hooks.example@127.0.0.1:{port}/",
    "http://user:password@hooks.example/",
    "http://hooks.example:22/",
    "http://hooks.example:6379/",
    "ftp://hooks.example/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:{port}/",
    "javascript:alert(1)",
    "//hooks.example/",
    "hooks.example",
    "",
];

/// Names that lead to this machine.
const LEADING_HERE: &[&str] = &[
    "http://localhost:{port}/",
    "http://LOCALHOST:{port}/",
    "http://localhost.:{port}/",
    "https://localhost:{port}/",
];

#[test]
fn no_webhook_reaches_an_address_that_is_not_public() {
    let canary = TcpListener::bind("127.0.0.1:0").unwrap();
    canary.set_nonblocking(true).unwrap();
    let port = canary.local_addr().unwrap().port().to_string();
    let mut world = World::new();
    world.publish("/zwgk/1.html", OLD, TEXT, 1);
    world.crawl();
    let service = world.serve("127.0.0.1:1");
    let key = world.key.clone();
    let ask = |webhook: &str| {
        let body = json!({"name": "a", "query": {}, "webhook": webhook.replace("{port}", &port)});
        service.call("POST", "/api/v1/alerts", Some(&key), &body.to_string())
    };
    for webhook in REFUSED {
        let (status, _, problem) = ask(webhook);
        assert_eq!(
            (status, &problem["code"]),
            (400, &json!("invalid_parameter")),
            "{webhook}: {problem}"
        );
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.starts_with("parameter \"webhook\""), "{detail}");
    }
    // A name may lead here that does not look like it, or did not when the alert was made.
    let operations = Operations::open(&world.path("data")).unwrap();
    let key_id = operations.keys().unwrap().remove(0).id;
    for webhook in LEADING_HERE {
        let (status, _, problem) = ask(webhook);
        let detail = problem["detail"].as_str().unwrap_or_default();
        assert!(
            status == 400 && detail.contains("no public address"),
            "{webhook}: {problem}"
        );
        let webhook = webhook.replace("{port}", &port);
        let new = NewAlert {
            key_id: &key_id,
            name: "a",
            query: "{}",
            webhook: Some(&webhook),
        };
        operations.create_alert(&new, Timestamp::now()).unwrap().unwrap();
    }
    world.publish("/zwgk/2.html", NEW, TEXT, 1);
    world.crawl();
    let begun = Instant::now();
    loop {
        let (_, _, listed) = service.call("GET", "/api/v1/alerts", Some(&key), "");
        let alerts = listed["alerts"].as_array().unwrap();
        assert_eq!(alerts.len(), LEADING_HERE.len());
        let is_refused = |alert: &Value| {
            let webhook = &alert["webhook"];
            let reason = webhook["reason"].as_str().unwrap_or_default();
            webhook["state"] == "failing" && reason.contains("no public address") && !reason.contains("127.")
        };
        if alerts.iter().all(is_refused) {
            break;
        }
        assert!(begun.elapsed() < 3 * PROMPT, "{listed}");
        thread::sleep(Duration::from_millis(100));
    }
    let met = canary.accept().map(drop).map_err(|error| error.kind());
    assert_eq!(met, Err(std::io::ErrorKind::WouldBlock), "the canary was met");
}

async fn call(router: &Router, method: &str, target: &str, key: &str, body: &str) -> Answer {
    let mut request = Request::builder().method(method).uri(target);
    if !key.is_empty() {
        request = request.header("authorization", format!("Bearer {key}"));
    }
    ask(router, request.body(Body::from(body.to_owned())).unwrap()).await
}

#[tokio::test]
async fn an_alert_is_its_keys_own() {
    let data =
        Data::with_lines(&[json!({"url": "https://a.example.gov.cn/1.html", "title": OLD, "text": TEXT})]);
    let operations = Operations::open(&data.dir()).unwrap();
    let key = |scope| {
        operations
            .create_key(scope, None, None, Timestamp::now())
            .unwrap()
    };
    let (one, other, admin) = (key(Scope::Read), key(Scope::Export), key(Scope::Admin));
    let router = data.router();
    let good =
        json!({"name": "法治", "query": {"q": "\"法治\" -通知", "year": 2023, "genre": []}}).to_string();
    let all = "/api/v1/alerts";
    for (method, target) in [("GET", all), ("POST", all), ("DELETE", "/api/v1/alerts/x")] {
        let answer = call(&router, method, target, "", &good).await;
        assert_eq!(
            (answer.status.as_u16(), answer.json()["code"].as_str()),
            (401, Some("unauthorized"))
        );
    }
    let made = call(&router, "POST", all, &one.text, &good).await;
    assert_eq!(made.status, 201, "{made:?}");
    let alert = made.json();
    assert_eq!(alert["webhook"], Value::Null);
    assert_eq!(
        alert["query"],
        json!({"q": "\"法治\" -通知", "year": 2023, "genre": []})
    );
    let address = format!("{all}/{}", alert["id"].as_str().unwrap());
    assert_eq!(made.header("location"), address);

    // There is no webhook to be started again, and of others none is told.
    let webhook = format!("{address}/webhook");
    for (key, body, status) in [(&one, "", 404), (&other, "{}", 404), (&one, "{\"url\": 1}", 400)] {
        let answer = call(&router, "POST", &webhook, &key.text, body).await;
        assert_eq!(answer.status, status, "{answer:?}");
    }
    let with_webhook = json!({"name": "a", "query": {}, "webhook": "https://hooks.example/"}).to_string();
    let made = call(&router, "POST", all, &admin.text, &with_webhook)
        .await
        .json();
    let target = format!("{all}/{}/webhook", made["id"].as_str().unwrap());
    let restarted = call(&router, "POST", &target, &admin.text, "").await.json();
    assert_eq!(
        (&restarted["webhook"]["state"], &restarted["webhook"]["lost"]),
        (&json!("active"), &json!(0)),
        "{restarted}"
    );
    let of_admin = format!("{all}/{}", made["id"].as_str().unwrap());
    assert_eq!(
        call(&router, "DELETE", &of_admin, &admin.text, "").await.status,
        204
    );

    for (key, sees) in [(&one, true), (&other, false), (&admin, true)] {
        let listed = call(&router, "GET", all, &key.text, "").await.json();
        assert_eq!(listed["alerts"].as_array().unwrap().len(), usize::from(sees));
        let shown = call(&router, "GET", &address, &key.text, "").await;
        assert_eq!(shown.status, if sees { 200 } else { 404 });
    }
    let refused = call(&router, "DELETE", &address, &other.text, "").await;
    assert_eq!(
        (refused.status.as_u16(), refused.json()["code"].as_str()),
        (404, Some("not_found"))
    );
    let feed = format!("{address}/feed.atom");
    assert_eq!(get(&router, &feed).await.status, 200);
    assert_eq!(get(&router, &format!("{feed}?x=1")).await.status, 400);
    assert_eq!(
        get(&router, &feed.replace("/alerts/", "/alerts/0")).await.status,
        404
    );
    assert_eq!(call(&router, "DELETE", &address, &one.text, "").await.status, 204);
    assert_eq!(get(&router, &feed).await.status, 404);

    // With its key goes the feed.
    let made = call(&router, "POST", all, &one.text, &good).await.json();
    let feed = made["feed"].as_str().unwrap().to_owned();
    assert_eq!(get(&router, &feed).await.status, 200);
    operations.revoke_key(&one.id, Timestamp::now()).unwrap();
    assert_eq!(get(&router, &feed).await.status, 404);

    for _ in 0..100 {
        assert_eq!(call(&router, "POST", all, &other.text, &good).await.status, 201);
    }
    let full = call(&router, "POST", all, &other.text, &good).await;
    assert_eq!(
        (full.status.as_u16(), full.json()["code"].as_str()),
        (403, Some("forbidden"))
    );
}

#[tokio::test]
async fn what_is_wrong_with_an_alert_is_said_when_it_is_made() {
    let data =
        Data::with_lines(&[json!({"url": "https://a.example.gov.cn/1.html", "title": OLD, "text": TEXT})]);
    let operations = Operations::open(&data.dir()).unwrap();
    let key = operations
        .create_key(Scope::Read, None, None, Timestamp::now())
        .unwrap();
    let router = data.router();
    let long = "长".repeat(201);
    let huge = "a OR ".repeat(2_000);
    for (body, code, words) in [
        (
            json!({"name": "a", "query": {"q": "法治 AND"}}),
            "invalid_query",
            "",
        ),
        (json!({"name": "a", "query": {"q": "(法治"}}), "invalid_query", ""),
        (
            json!({"name": "a", "query": {"region": ["999999"]}}),
            "invalid_parameter",
            "region",
        ),
        (
            json!({"name": "a", "query": {"yaer": 2020}}),
            "unknown_parameter",
            "year",
        ),
        (
            json!({"name": "a", "query": {"year": "abc"}}),
            "invalid_parameter",
            "write one such as 2023",
        ),
        (
            json!({"name": "a", "query": {"limit": 5}}),
            "unknown_parameter",
            "limit",
        ),
        (
            json!({"name": "a", "query": {"cursor": "x"}}),
            "unknown_parameter",
            "cursor",
        ),
        (
            json!({"name": "a", "query": {"q": {"a": 1}}}),
            "invalid_parameter",
            "q",
        ),
        (
            json!({"name": "a", "query": {"q": ["a", "b"]}}),
            "invalid_parameter",
            "more than once",
        ),
        (
            json!({"name": "a", "query": {"q": huge}}),
            "invalid_parameter",
            "query",
        ),
        (
            json!({"name": "a", "query": "q=法治"}),
            "invalid_parameter",
            "map",
        ),
        (json!({"name": "a"}), "invalid_parameter", "query"),
        (json!({"query": {}}), "invalid_parameter", "name"),
        (json!({"name": " ", "query": {}}), "invalid_parameter", "name"),
        (json!({"name": long, "query": {}}), "invalid_parameter", "name"),
        (
            json!({"name": "a\u{1}", "query": {}}),
            "invalid_parameter",
            "name",
        ),
        (
            json!({"name": "a", "query": {}, "hook": 1}),
            "unknown_parameter",
            "hook",
        ),
        (json!([]), "invalid_parameter", "name"),
    ] {
        let answer = call(&router, "POST", "/api/v1/alerts", &key.text, &body.to_string()).await;
        let problem = answer.json();
        assert_eq!(
            (answer.status.as_u16(), problem["code"].as_str()),
            (400, Some(code)),
            "{body}: {problem}"
        );
        assert!(
            problem["detail"].as_str().unwrap().contains(words),
            "{body}: {problem}"
        );
        assert_eq!(
            problem["position"].is_u64(),
            code == "invalid_query",
            "{body}: {problem}"
        );
    }
    // What is suggested has a place there.
    let body = json!({"name": "a", "query": {"sorts": "year"}}).to_string();
    let problem = call(&router, "POST", "/api/v1/alerts", &key.text, &body)
        .await
        .json();
    let detail = problem["detail"].as_str().unwrap();
    assert!(
        detail.contains("\"sorts\"") && !detail.contains("\"sort\""),
        "{detail}"
    );
    assert!(operations.alerts(None).unwrap().is_empty());
}
