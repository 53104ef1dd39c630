//! One request at a time against a server that misbehaves.

mod memory;
mod odd_answers;
mod private_addresses;
mod slow_answers;

use std::io::Write;

use flate2::{Compression, write::GzEncoder};

use super::{
    test_site::{Reply, TestSite},
    *,
};

const LIMIT: u64 = 1 << 20;

fn config(opened: &[String]) -> FetchConfig {
    FetchConfig {
        user_agent: "gongbao/1.0 (+https://example.org/about; mailto:ops@example.org)".to_owned(),
        from: "ops@example.org".to_owned(),
        timeout: Duration::from_secs(5),
        private: PrivateHosts::new(opened),
        limits: Limits::default(),
        names: Names::default(),
        spool: std::env::temp_dir(),
    }
}

fn fetcher(opened: &[String]) -> Fetcher {
    Fetcher::new(config(opened)).unwrap()
}

fn request(url: Url) -> Request {
    Request {
        url,
        form: None,
        referer: None,
        etag: None,
        last_modified: None,
        max_bytes: LIMIT,
        cut: false,
    }
}

#[tokio::test]
async fn a_form_is_posted_and_kept_as_it_was_sent() {
    let site = TestSite::start(|hit| Reply::html(&format!("{} {}", hit.method, hit.body))).await;
    let fetcher = fetcher(&[site.host()]);
    let url = site.url("/list");
    let lane = fetcher.open(&url).await.unwrap();
    let asked = Request {
        form: Some("col=1&name=%E5%8E%BF".to_owned()),
        ..request(url)
    };
    let answer = fetcher.get(&lane, &asked).await.unwrap();
    assert_eq!(answer.body, b"POST col=1&name=%E5%8E%BF");
    let sent = String::from_utf8(answer.request).unwrap();
    assert!(sent.starts_with("POST /list HTTP/1.1\r\n"), "{sent}");
    assert!(
        sent.ends_with("content-length: 20\r\n\r\ncol=1&name=%E5%8E%BF"),
        "{sent}"
    );
}

async fn get(site: &TestSite, path: &str) -> Result<Answer, FetchError> {
    let fetcher = fetcher(&[site.host()]);
    let url = site.url(path);
    let lane = fetcher.open(&url).await?;
    fetcher.get(&lane, &request(url)).await
}

#[tokio::test]
async fn the_answer_keeps_what_was_sent_and_received() {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all("<p>政府工作报告</p>".as_bytes()).unwrap();
    let coded = encoder.finish().unwrap();
    let body = coded.clone();
    let site = TestSite::start(move |_| {
        Reply::html("")
            .header("Content-Encoding", "gzip")
            .header("ETag", "\"1\"")
            .body(&body)
    })
    .await;
    let answer = get(&site, "/zwgk/a.html?x=1#top").await.unwrap();
    assert_eq!((answer.status, answer.header("etag")), (200, Some("\"1\"")));
    assert_eq!(answer.body, "<p>政府工作报告</p>".as_bytes());
    assert_eq!(answer.charset(), Some("utf-8"));
    assert!(answer.response.starts_with(b"HTTP/1.1 200 OK\r\n"));
    assert!(answer.response.ends_with(&coded));
    let sent = String::from_utf8(answer.request).unwrap();
    assert!(sent.starts_with(&format!(
        "GET /zwgk/a.html?x=1 HTTP/1.1\r\nhost: {}\r\n",
        site.host()
    )));
    let hit = &site.hits()[0];
    assert_eq!(hit.path, "/zwgk/a.html?x=1");
    assert_eq!(hit.header("from"), Some("ops@example.org"));
    assert!(hit.header("user-agent").unwrap().contains("ops@example.org"));
    for (name, value) in &hit.headers {
        assert!(
            sent.contains(&format!("{name}: {value}\r\n")),
            "{name} is not in the archived request"
        );
    }
}

#[tokio::test]
async fn redirects_are_not_followed_here_and_proxies_are_not_asked() {
    let site = TestSite::start(|_| Reply::redirect("/other")).await;
    let answer = get(&site, "/").await.unwrap();
    assert_eq!((answer.status, answer.header("location")), (302, Some("/other")));
    assert_eq!(site.hits().len(), 1);
}

#[tokio::test]
async fn cookies_go_back_to_their_host() {
    let site = TestSite::start(|hit| match hit.header("cookie") {
        None => Reply::redirect("/").header("Set-Cookie", "CT6T=abc; path=/"),
        Some(_) => Reply::html("in"),
    })
    .await;
    let fetcher = fetcher(&[site.host()]);
    let lane = fetcher.open(&site.url("/")).await.unwrap();
    let first = fetcher.get(&lane, &request(site.url("/"))).await.unwrap();
    assert!(first.has_new_cookie);
    let second = fetcher.get(&lane, &request(site.url("/"))).await.unwrap();
    assert_eq!((second.status, second.has_new_cookie), (200, false));
    assert_eq!(site.hits()[1].header("cookie"), Some("CT6T=abc"));
}

#[tokio::test]
async fn conditions_are_sent_along() {
    let site = TestSite::start(|_| Reply::status(304)).await;
    let fetcher = fetcher(&[site.host()]);
    let lane = fetcher.open(&site.url("/")).await.unwrap();
    let moment = "Tue, 27 Feb 2024 01:28:00 GMT";
    let request = Request {
        etag: Some("W/\"7\"".to_owned()),
        last_modified: Some(moment.to_owned()),
        ..request(site.url("/"))
    };
    assert_eq!(fetcher.get(&lane, &request).await.unwrap().status, 304);
    let hit = &site.hits()[0];
    assert_eq!(hit.header("if-none-match"), Some("W/\"7\""));
    assert_eq!(hit.header("if-modified-since"), Some(moment));
}

#[tokio::test]
async fn every_fault_has_a_name() {
    let site = TestSite::start(|hit| match hit.path.as_str() {
        "/long" => Reply::raw("HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n"),
        "/endless" => {
            let mut body = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
            body.resize(3 << 20, b'x');
            Reply::raw(body)
        }
        "/short" => Reply::raw("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello"),
        "/chunks" => Reply::raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n"),
        "/silent" => Reply::raw(""),
        "/noise" => Reply::raw("220 mail.example ESMTP\r\n"),
        "/headers" => Reply::html("").header("X", &"x".repeat(70_000)),
        "/brotli" => Reply::html("x").header("Content-Encoding", "br"),
        "/slow" => Reply::html("").after(Duration::from_secs(60)),
        other => panic!("{other}"),
    })
    .await;
    for (path, code, may_pass) in [
        ("/long", "too_large", false),
        ("/endless", "too_large", false),
        ("/short", "truncated", true),
        ("/chunks", "truncated", true),
        ("/silent", "connection_reset", true),
        ("/noise", "invalid_http", false),
        ("/headers", "headers_too_large", false),
        ("/brotli", "coding", false),
        ("/slow", "timeout", true),
    ] {
        let error = get(&site, path).await.expect_err(path);
        assert_eq!(
            (error.code(), error.may_pass()),
            (code, may_pass),
            "{path}: {error:?}"
        );
    }
    let closed = TcpProbe::closed_port().await;
    let url = Url::parse(&format!("http://127.0.0.1:{closed}/")).unwrap();
    let fetcher = fetcher(&[format!("127.0.0.1:{closed}")]);
    let lane = fetcher.open(&url).await.unwrap();
    assert_eq!(
        fetcher.get(&lane, &request(url)).await.unwrap_err().code(),
        "connection_refused"
    );
}

struct TcpProbe;

impl TcpProbe {
    /// A port that was free a moment ago.
    async fn closed_port() -> u16 {
        tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .unwrap()
            .local_addr()
            .unwrap()
            .port()
    }
}

#[tokio::test]
async fn a_body_that_may_be_cut_is_cut() {
    let site = TestSite::start(|_| Reply::html(&"x".repeat(5000))).await;
    let fetcher = fetcher(&[site.host()]);
    let lane = fetcher.open(&site.url("/")).await.unwrap();
    let wanted = Request {
        max_bytes: 1000,
        cut: true,
        ..request(site.url("/robots.txt"))
    };
    let answer = fetcher.get(&lane, &wanted).await.unwrap();
    assert_eq!((answer.body.len(), answer.is_cut), (1000, true));
}

#[test]
fn a_host_that_stalls_is_given_its_delay_from_when_it_heard() {
    let ms = Duration::from_millis;
    let mut times = Times::default();
    let mut now = Instant::now();
    // From leaving until the answer, and how much of that passes before the host has heard at the latest.
    for (took, late) in [(50, 50), (50, 0), (50, 0), (80, 30), (50, 0), (5, 0), (50, 45)] {
        now += ms(1000);
        times.passed_on = Some(now);
        times.answered = Some(now + ms(took));
        assert_eq!(times.heard_by(now), now + ms(late), "{took}");
    }
    // Eight answers later the fast one is forgotten.
    let late: Vec<_> = (0..9)
        .map(|_| {
            now += ms(1000);
            times.passed_on = Some(now);
            times.answered = Some(now + ms(50));
            times.heard_by(now) - now
        })
        .collect();
    assert_eq!((late[0], late[8]), (ms(45), ms(0)));
}
