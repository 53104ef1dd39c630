//! How often callers may ask, who is believed about who asks, and what browsers of other origins are told.

use std::{
    io::{Read, Write},
    net::TcpStream,
};

use serde_json::{Value, json};

use crate::support::{Data, Service, gongbao, run};

fn serve(data: &Data, variables: &[(&str, &str)]) -> Service {
    let mut command = gongbao(&data.dir());
    command.envs(variables.iter().copied());
    Service::start(command.args(["serve", "--bind", "127.0.0.1:0"]))
}

fn key(data: &Data, scope: &str) -> String {
    let made = run(gongbao(&data.dir()).args(["keys", "create", "--scope", scope]));
    assert_eq!(made.code, Some(0), "{made:?}");
    made.stdout.trim_end().to_owned()
}

/// An answer with its head in lower case.
struct Told {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Told {
    fn header(&self, name: &str) -> Option<&str> {
        let mut fields = self.head.lines().filter_map(|line| line.split_once(": "));
        fields.find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

fn ask(service: &Service, method: &str, target: &str, headers: &[(&str, &str)]) -> Told {
    let headers: String = headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    let mut stream = TcpStream::connect(service.authority()).unwrap();
    write!(
        stream,
        "{method} {target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{headers}\r\n"
    )
    .unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    let head = String::from_utf8(bytes[..end].to_vec())
        .unwrap()
        .to_ascii_lowercase();
    Told {
        status: head.split(' ').nth(1).unwrap().parse().unwrap(),
        head,
        body: bytes[end + 4..].to_vec(),
    }
}

#[test]
fn who_asks_too_often_is_told_when_to_go_on() {
    let data = Data::empty();
    let service = serve(
        &data,
        &[
            ("GONGBAO_LIMITS__LOOPBACK", "true"),
            ("GONGBAO_LIMITS__ANONYMOUS", "4"),
            ("GONGBAO_LIMITS__KEY", "9"),
        ],
    );
    let first = ask(&service, "GET", "/api/v1/search", &[]);
    assert_eq!(first.status, 200);
    assert_eq!(first.header("ratelimit-policy"), Some("\"anonymous\";q=4;w=60"));
    assert_eq!(first.header("ratelimit"), Some("\"anonymous\";r=3;t=15"));
    assert_eq!(first.header("ratelimit-limit"), Some("4"));
    assert_eq!(first.header("ratelimit-remaining"), Some("3"));
    assert_eq!(first.header("ratelimit-reset"), Some("15"));
    let limits = ask(&service, "GET", "/api/v1/limits", &[]).json();
    assert_eq!(limits["rate"]["remaining"], 2);
    // Pages count too, and so does what is not there.
    assert_eq!(ask(&service, "GET", "/", &[]).status, 200);
    assert_eq!(ask(&service, "GET", "/api/v1/none", &[]).status, 404);
    let refused = ask(&service, "GET", "/api/v1/search", &[]);
    assert_eq!(
        (refused.status, &refused.json()["code"]),
        (429, &json!("rate_limited"))
    );
    assert_eq!(refused.header("content-type"), Some("application/problem+json"));
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=15).contains(&wait), "{wait}");
    assert_eq!(refused.header("ratelimit-remaining"), Some("0"));
    assert_eq!(refused.header("ratelimit-reset"), refused.header("retry-after"));
    // Nothing that reads is free, what a page asks for while somebody types neither.
    for target in ["/suggest?q=changning", "/concordance", "/api/v1/openapi.json"] {
        let refused = ask(&service, "GET", target, &[]);
        assert_eq!(refused.status, 429, "{target}");
        assert_eq!(refused.header("ratelimit-remaining"), Some("0"), "{target}");
    }
    let page = ask(&service, "GET", "/", &[("accept", "text/html")]);
    assert!(page.status == 429 && String::from_utf8_lossy(&page.body).contains("请求过多"));
    // Health, the style sheet and callers with a key are not held up by it.
    for target in ["/healthz", "/readyz", "/assets/style.css"] {
        assert_eq!(ask(&service, "GET", target, &[]).status, 200, "{target}");
    }
    let bearer = format!("Bearer {}", key(&data, "read"));
    let keyed = ask(&service, "GET", "/api/v1/limits", &[("authorization", &bearer)]);
    assert_eq!(keyed.header("ratelimit"), Some("\"key\";r=8;t=7"));
    let limits = keyed.json();
    assert_eq!(
        (&limits["rate"]["requests"], &limits["caller"]["scope"]),
        (&json!(9), &json!("read"))
    );
}

#[test]
fn this_machine_is_not_limited_unless_the_configuration_says_so() {
    let data = Data::empty();
    let service = serve(&data, &[("GONGBAO_LIMITS__ANONYMOUS", "2")]);
    for _ in 0..5 {
        let answer = ask(
            &service,
            "GET",
            "/api/v1/limits",
            &[("x-forwarded-for", "192.0.2.1")],
        );
        assert_eq!((answer.status, answer.header("ratelimit")), (200, None));
        assert_eq!(answer.json()["rate"], Value::Null);
    }
}

#[test]
fn only_a_trusted_proxy_says_who_asks() {
    let data = Data::empty();
    let service = serve(
        &data,
        &[
            ("GONGBAO_LIMITS__ANONYMOUS", "2"),
            ("GONGBAO_SERVER__TRUSTED_PROXIES", "127.0.0.0/8"),
        ],
    );
    let from = |chain: &str| ask(&service, "GET", "/api/v1/limits", &[("x-forwarded-for", chain)]).status;
    assert_eq!(
        [from("192.0.2.1"), from("192.0.2.1"), from("192.0.2.1")],
        [200, 200, 429]
    );
    // What the caller wrote itself does not make another out of it, nor somebody on this machine.
    assert_eq!(
        [from("198.51.100.9, 192.0.2.1"), from("127.0.0.1, 192.0.2.1")],
        [429, 429]
    );
    assert_eq!(from("192.0.2.2"), 200);
}

#[test]
fn who_guesses_keys_is_not_listened_to() {
    let data = Data::empty();
    let right = format!("Bearer {}", key(&data, "read"));
    let service = serve(
        &data,
        &[
            ("GONGBAO_LIMITS__LOOPBACK", "true"),
            ("GONGBAO_LIMITS__ANONYMOUS", "1000"),
        ],
    );
    let with = |key: &str| ask(&service, "GET", "/api/v1/limits", &[("authorization", key)]);
    for n in 0..10 {
        assert_eq!(with(&format!("Bearer gb_{n:064}")).status, 401);
    }
    let refused = with(&right);
    assert_eq!(
        (refused.status, &refused.json()["code"]),
        (429, &json!("rate_limited"))
    );
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=61).contains(&wait), "{wait}");
    assert_eq!(
        ask(&service, "GET", "/api/v1/limits", &[]).status,
        200,
        "without a key nothing has changed"
    );
}

#[test]
fn other_origins_may_read_only_where_that_is_configured() {
    let data = Data::with_lines(&[json!({"url": "https://a.example.gov.cn/1", "text": "一。"})]);
    let origin = ("origin", "https://app.example.org");
    let preflight = [
        origin,
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "authorization"),
    ];
    let closed = serve(&data, &[]);
    let answer = ask(&closed, "GET", "/api/v1/search", &[origin]);
    assert_eq!(
        (answer.status, answer.header("access-control-allow-origin")),
        (200, None)
    );
    assert_eq!(ask(&closed, "OPTIONS", "/api/v1/jobs", &preflight).status, 405);
    drop(closed);

    let open = serve(
        &data,
        &[(
            "GONGBAO_SERVER__CORS_ORIGINS",
            "https://app.example.org,https://b.example.org",
        )],
    );
    let long = format!("/api/v1/search?q={}", "a".repeat(33_000));
    let refused = ask(&open, "GET", &long, &[origin]);
    assert_eq!(
        (refused.status, refused.header("access-control-allow-origin")),
        (414, Some("https://app.example.org")),
        "what is wrong can be read too"
    );
    let answer = ask(&open, "GET", "/api/v1/search", &[origin]);
    assert_eq!(
        answer.header("access-control-allow-origin"),
        Some("https://app.example.org")
    );
    assert!(
        answer
            .header("access-control-expose-headers")
            .unwrap()
            .contains("ratelimit")
    );
    assert_eq!(answer.header("access-control-allow-credentials"), None);
    let refused = ask(&open, "GET", "/api/v1/search?q=%28", &[origin]);
    assert_eq!(
        (refused.status, refused.header("access-control-allow-origin")),
        (400, Some("https://app.example.org"))
    );
    let allowed = ask(&open, "OPTIONS", "/api/v1/jobs", &preflight);
    assert_eq!(allowed.status, 200);
    assert!(
        allowed
            .header("access-control-allow-headers")
            .unwrap()
            .contains("authorization")
    );
    let other = ask(
        &open,
        "GET",
        "/api/v1/search",
        &[("origin", "https://evil.example")],
    );
    assert_eq!(
        (other.status, other.header("access-control-allow-origin")),
        (200, None)
    );
}

#[test]
fn long_texts_are_packed_for_who_can_take_it() {
    let text = "全面推行双随机监管。".repeat(500);
    let data = Data::with_lines(&[json!({"id": "a", "url": "https://a.example.gov.cn/1", "text": text})]);
    let service = serve(&data, &[]);
    let plain = ask(&service, "GET", "/api/v1/reports/a", &[]);
    assert_eq!(plain.header("content-encoding"), None);
    let gzip = ("accept-encoding", "gzip");
    let packed = ask(&service, "GET", "/api/v1/reports/a", &[gzip]);
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    assert!(packed.header("vary").unwrap().contains("accept-encoding"));
    assert!(
        packed.body.len() * 5 < plain.body.len(),
        "{} of {}",
        packed.body.len(),
        plain.body.len()
    );
    // Who takes neither has what there is, not a refusal with the whole answer in it.
    for (refused, encoding) in [
        ("identity;q=0", None),
        ("*;q=0", None),
        ("gzip;q=0, *", None),
        ("br, identity;q=0, GZIP;q=0.1", Some("gzip")),
        ("*", Some("gzip")),
    ] {
        let answer = ask(
            &service,
            "GET",
            "/api/v1/reports/a",
            &[("accept-encoding", refused)],
        );
        assert_eq!(
            (answer.status, answer.header("content-encoding")),
            (200, encoding),
            "{refused}"
        );
    }
    // The tag is weaker, and known all the same.
    let tag = packed.header("etag").unwrap();
    assert_eq!(
        Some(tag),
        plain.header("etag").map(|tag| format!("w/{tag}")).as_deref()
    );
    // Whoever has it is told so with the tag, and whatever else is no matter of the body, that the whole would have.
    for target in [
        "/api/v1/reports/a",
        "/api/v1/changes.atom",
        "/api/v1/openapi.json",
        "/assets/style.css",
    ] {
        for taken in ["identity", "gzip"] {
            let taken = ("accept-encoding", taken);
            let whole = ask(&service, "GET", target, &[taken]);
            let tag = whole.header("etag").unwrap().trim_start_matches("w/");
            for known in [tag.to_owned(), format!("W/{tag}")] {
                let again = ask(&service, "GET", target, &[taken, ("if-none-match", &known)]);
                assert_eq!((again.status, again.body.as_slice()), (304, &b""[..]), "{target}");
                for name in ["etag", "vary", "cache-control"] {
                    assert_eq!(again.header(name), whole.header(name), "{target}: {name}");
                }
                for name in ["content-type", "content-encoding", "content-length"] {
                    assert_eq!(again.header(name), None, "{target}: {name}");
                }
            }
        }
    }
    // What is short, or no text, is left as it is.
    assert_eq!(
        ask(&service, "GET", "/api/v1/limits", &[gzip]).header("content-encoding"),
        None
    );
}

#[test]
fn nobody_else_is_let_in_before_somebody_has_thought_of_keys() {
    let data = Data::empty();
    let refused = run(gongbao(&data.dir()).args(["serve", "--bind", "0.0.0.0:0"]));
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(
        refused.stderr.contains("keys create") && refused.stderr.contains("--insecure"),
        "{refused:?}"
    );
    assert_eq!(refused.stdout, "");
    let start = |data: &Data, more: &[&str]| {
        Service::start(
            gongbao(&data.dir())
                .args(["serve", "--bind", "0.0.0.0:0"])
                .args(more),
        )
    };
    assert!(
        start(&data, &["--insecure"])
            .first_line
            .starts_with("http://0.0.0.0:")
    );
    key(&data, "read");
    assert!(start(&data, &[]).first_line.starts_with("http://0.0.0.0:"));
}
