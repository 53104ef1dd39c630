//! Clients that are slow, many or hostile: they are cut or refused, and others are answered meanwhile.

use std::{
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::support::{Data, Service, encode, get, gongbao};

fn serve(data: &Data) -> Service {
    Service::start(gongbao(&data.dir()).args(["serve", "--bind", "127.0.0.1:0"]))
}

/// Whether the other side has ended the connection, after what it has said, which is kept.
fn ended(stream: &mut TcpStream, said: &mut Vec<u8>) -> bool {
    stream.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    let mut scrap = [0; 4_096];
    loop {
        match stream.read(&mut scrap) {
            Ok(0) => return true,
            Ok(n) => said.extend_from_slice(&scrap[..n]),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                return false;
            }
            Err(_) => return true,
        }
    }
}

#[test]
fn slow_clients_are_cut_while_others_are_answered() {
    const EACH: usize = 40;
    let data = Data::with_lines(&[json!({"url": "https://a.example.gov.cn/1", "text": "一。"})]);
    let service = serve(&data);
    let begin = Instant::now();
    let mut slow = Vec::new();
    for n in 0..4 * EACH {
        let mut stream = TcpStream::connect(service.authority()).unwrap();
        let sent: &[u8] = match n % 4 {
            // Says nothing; does not end its headers; does not send the body it has promised, of whatever length or of this.
            0 => b"",
            1 => b"GET /healthz HTTP/1.1\r\nhost: x\r\nx-slow: ",
            2 => b"POST /api/v1/alerts HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n5\r\nab",
            _ => b"POST /api/v1/panel HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{",
        };
        stream.write_all(sent).unwrap();
        slow.push((stream, Vec::new(), n % 4 > 1));
    }
    let stop = Arc::new(AtomicBool::new(false));
    let asking = std::thread::spawn({
        let (stop, authority) = (Arc::clone(&stop), service.authority().to_owned());
        move || {
            let mut slowest = Duration::ZERO;
            while !stop.load(Ordering::Relaxed) {
                let asked = Instant::now();
                let mut stream = TcpStream::connect(&authority).unwrap();
                stream
                    .write_all(b"GET /api/v1/search HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
                    .unwrap();
                let mut answer = String::new();
                stream.read_to_string(&mut answer).unwrap();
                assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
                slowest = slowest.max(asked.elapsed());
                std::thread::sleep(Duration::from_millis(20));
            }
            slowest
        }
    });
    // Each has ten seconds, and as much again on a machine that is busy.
    while !slow.is_empty() && begin.elapsed() < Duration::from_secs(30) {
        slow.retain_mut(|(stream, said, has_asked)| {
            let has_ended = ended(stream, said);
            if has_ended && *has_asked {
                let said = String::from_utf8_lossy(said).into_owned();
                assert!(said.starts_with("HTTP/1.1 503 "), "{said}");
                assert!(said.contains("\r\nretry-after: 2\r\n"), "{said}");
                assert!(said.contains("\"code\":\"timeout\""), "{said}");
            }
            !has_ended
        });
    }
    stop.store(true, Ordering::Relaxed);
    let slowest = asking.join().unwrap();
    assert!(slow.is_empty(), "{} connections were not cut", slow.len());
    assert!(begin.elapsed() > Duration::from_secs(5), "they were cut at once");
    assert!(slowest < Duration::from_secs(5), "others waited {slowest:?}");
}

#[tokio::test]
async fn cursors_are_signed_belong_to_their_search_and_are_many() {
    let lines: Vec<Value> = (0..30)
        .map(|n| json!({"id": format!("r{n:02}"), "url": format!("https://a.example.gov.cn/{n}"), "text": "推进法治政府建设。", "year": 2015 + n % 4}))
        .collect();
    let data = Data::with_lines(&lines);
    let router = data.router();
    let q = encode("法治");
    let next = async |rest: &str| get(&router, &format!("/api/v1/search?q={q}&limit=10{rest}")).await;
    let cursor = next("").await.json()["next_cursor"].as_str().unwrap().to_owned();
    let code = async |target: String| {
        let answer = get(&router, &target).await;
        (
            answer.status.as_u16(),
            answer.json()["code"].as_str().unwrap_or_default().to_owned(),
        )
    };
    // Asked twice, it gives the same page twice.
    let page = next(&format!("&cursor={cursor}")).await.json()["hits"].clone();
    assert_eq!(next(&format!("&cursor={cursor}")).await.json()["hits"], page);
    // It belongs to this search.
    let invalid = (400, "cursor_invalid".to_owned());
    for other in [
        format!("q={q}&limit=11"),
        format!("q={q}&limit=10&year=2015"),
        format!("q={q}&limit=10&sort=year"),
        "limit=10".to_owned(),
    ] {
        assert_eq!(
            code(format!("/api/v1/search?{other}&cursor={cursor}")).await,
            invalid,
            "{other}"
        );
    }
    // Not one letter of it can be another.
    for at in 0..cursor.len() {
        let mut forged = cursor.clone().into_bytes();
        forged[at] = if forged[at] == b'A' { b'B' } else { b'A' };
        let forged = String::from_utf8(forged).unwrap();
        assert_eq!(
            code(format!("/api/v1/search?q={q}&limit=10&cursor={forged}")).await,
            invalid,
            "{at}"
        );
    }
    for forged in ["", "0", "%00", "../../etc/passwd", &"A".repeat(2_000)] {
        let (status, _) = code(format!("/api/v1/search?q={q}&limit=10&cursor={forged}")).await;
        assert_eq!(status, if forged.is_empty() { 200 } else { 400 }, "{forged}");
    }
    // A thousand are open at once, and each goes on where its search was.
    let mut cursors = Vec::new();
    for n in 0..1_000 {
        let answer = next(&format!("&passages={}", 1 + n % 10)).await.json();
        cursors.push((1 + n % 10, answer["next_cursor"].as_str().unwrap().to_owned()));
    }
    for (passages, cursor) in &cursors {
        let answer = next(&format!("&passages={passages}&cursor={cursor}"))
            .await
            .json();
        assert_eq!(answer["hits"].as_array().map(Vec::len), Some(10), "{answer}");
    }
}

#[tokio::test]
async fn no_address_leads_out_of_what_is_served() {
    let data = Data::with_lines(&[json!({"id": "a", "url": "https://a.example.gov.cn/1", "text": "一。"})]);
    let canary = "canary-5b1f";
    data.file("data/canary.txt", canary.as_bytes());
    data.file("canary.txt", canary.as_bytes());
    std::os::unix::fs::symlink(
        data.dir().join("canary.txt"),
        data.dir().join("archive/canary.txt"),
    )
    .unwrap();
    let router = data.router();
    let ways = [
        "canary.txt",
        "../canary.txt",
        "..%2fcanary.txt",
        "%2e%2e%2fcanary.txt",
        "%252e%252e%252fcanary.txt",
        "..%5ccanary.txt",
        "....//canary.txt",
        "..%00/canary.txt",
        "canary.txt%00",
        "%2fetc%2fpasswd",
        "/etc/passwd",
        "archive/canary.txt",
        "archive%2fcanary.txt",
        "..%c0%afcanary.txt",
        "%ff",
        "file:%2f%2f%2fetc%2fpasswd",
        "a/../../canary.txt",
        "a%2f..%2f..%2fcanary.txt",
    ];
    for way in ways {
        for place in [
            "/",
            "/assets/",
            "/reports/",
            "/portals/",
            "/api/v1/reports/",
            "/api/v1/portals/",
            "/api/v1/regions/",
            "/api/v1/alerts/",
        ] {
            for end in ["", "/snapshot", "/versions", "/versions/1", "/diff", "/feed.atom"] {
                let target = format!("{place}{way}{end}");
                let Ok(request) = axum::http::Request::get(&target).body(axum::body::Body::empty()) else {
                    continue;
                };
                let answer = crate::support::ask(&router, request).await;
                let status = answer.status.as_u16();
                assert!(matches!(status, 400 | 401 | 404), "{target}: {status}");
                assert!(
                    !answer.body.contains(canary) && !answer.body.contains("root:"),
                    "{target}"
                );
            }
        }
        let target = format!("/api/v1/reports/a/snapshot?version={way}");
        if let Ok(request) = axum::http::Request::get(&target).body(axum::body::Body::empty()) {
            let answer = crate::support::ask(&router, request).await;
            assert!(
                matches!(answer.status.as_u16(), 400 | 404),
                "{target}: {}",
                answer.status
            );
        }
    }
}

#[test]
fn logs_have_whole_lines_and_no_secrets() {
    let data = Data::empty();
    let made = crate::support::run(gongbao(&data.dir()).args(["keys", "create", "--scope", "read"]));
    let key = made.stdout.trim_end().to_owned();
    let mut command = gongbao(&data.dir());
    command.env("GONGBAO_LOG", "debug,tantivy=warn");
    let serve = crate::admin::Serve::start(&mut command);
    let ask = |target: &str, headers: &str| {
        let mut stream = TcpStream::connect(&serve.api).unwrap();
        write!(
            stream,
            "GET {target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{headers}\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    };
    let answer = ask(
        "/api/v1/search",
        &format!("authorization: Bearer {key}\r\nx-request-id: mine-1\r\n"),
    );
    assert!(answer.contains("x-request-id: mine-1"), "{answer}");
    // Ids that could be something else are not taken over.
    let answer = ask("/api/v1/search", "x-request-id: a b\x1b[31m\r\n");
    assert!(
        !answer.contains("\x1b") && answer.contains("x-request-id: "),
        "{answer}"
    );
    ask("/api/v1/search?q=secret-query", "");
    ask("/%0d%0aERROR%20forged%20line%1b[31m", "");
    ask(&format!("/api/v1/alerts/{}/feed.atom", "d".repeat(40)), "");
    ask("/last-one", "");
    let mut log = String::new();
    while !log.contains("/last-one") {
        log.push_str(&serve.line());
        log.push('\n');
    }
    assert!(!log.contains(&key) && !log.contains(&key[3..]), "{log}");
    assert!(
        !log.contains("secret-query") && !log.contains(&"d".repeat(40)),
        "{log}"
    );
    assert!(log.contains("mine-1") && log.contains("%0d%0aERROR"), "{log}");
    assert!(
        !log.lines().any(|line| line.starts_with("ERROR forged")) && !log.contains("line\x1b"),
        "{log}"
    );
}
