//! Answers that never end, or that take their time: each is left at its limit. The limits are shortened, the kinds
//! of slowness are as they are met.

use super::*;

const HEAD: &str = "HTTP/1.1 200 OK\r\n\r\n";
const CHUNKED: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

/// Long enough that an idle machine keeps them apart, and a busy one still comes to the right word.
const SHORT: Duration = Duration::from_millis(600);
const NEVER: Duration = Duration::from_secs(60);

async fn fault(limits: Limits, timeout: Duration, reply: Reply) -> (&'static str, Duration) {
    let site = TestSite::start(move |_| reply.clone()).await;
    let opened = [site.host()];
    let fetcher = Fetcher::new(FetchConfig {
        limits,
        timeout,
        ..config(&opened)
    })
    .unwrap();
    let lane = fetcher.open(&site.url("/")).await.unwrap();
    let begun = Instant::now();
    let error = fetcher.get(&lane, &request(site.url("/"))).await.unwrap_err();
    assert!(error.may_pass(), "{error}");
    (error.code(), begun.elapsed())
}

fn limits() -> Limits {
    Limits {
        connect: NEVER,
        first_byte: NEVER,
        idle: NEVER,
        slow: NEVER,
        ..Limits::default()
    }
}

#[tokio::test]
async fn each_kind_of_slowness_ends_at_its_own_limit() {
    let tick = Duration::from_millis(20);
    let cases = [
        (
            "no answer",
            "first_byte_timeout",
            Limits {
                first_byte: SHORT,
                ..limits()
            },
            NEVER,
            Reply::html("").after(NEVER),
        ),
        (
            "headers byte by byte",
            "first_byte_timeout",
            Limits {
                first_byte: SHORT,
                ..limits()
            },
            NEVER,
            Reply::raw("HTTP/1.1 200 OK\r\nX: ").drip("x", tick),
        ),
        (
            "provisional answers without end",
            "first_byte_timeout",
            Limits {
                first_byte: SHORT,
                ..limits()
            },
            NEVER,
            Reply::raw("").drip("HTTP/1.1 100 Continue\r\n\r\n".repeat(50), Duration::ZERO),
        ),
        (
            "a body that stands still",
            "idle_timeout",
            Limits {
                idle: SHORT,
                ..limits()
            },
            NEVER,
            Reply::raw(format!("{HEAD}<p>")).drip("x", NEVER),
        ),
        (
            "a body byte by byte",
            "too_slow",
            Limits {
                slow: SHORT,
                ..limits()
            },
            NEVER,
            Reply::raw(HEAD).drip("x", tick),
        ),
        (
            "chunks of a byte",
            "too_slow",
            Limits {
                slow: SHORT,
                ..limits()
            },
            NEVER,
            Reply::raw(CHUNKED).drip("1\r\nx\r\n", tick),
        ),
        (
            "a body that begins well",
            "too_slow",
            Limits {
                slow: SHORT,
                ..limits()
            },
            NEVER,
            Reply::raw(format!("{HEAD}{}", "x".repeat(100_000))).drip("x", tick),
        ),
        (
            "fast enough, but without end",
            "timeout",
            Limits {
                slow: SHORT,
                min_bytes: 10,
                ..limits()
            },
            3 * SHORT,
            Reply::raw(HEAD).drip("x".repeat(100), tick),
        ),
    ];
    for (name, code, limits, timeout, reply) in cases {
        let (found, took) = fault(limits, timeout, reply).await;
        assert_eq!(found, code, "{name}");
        assert!(took >= SHORT && took < NEVER / 4, "{name}: {took:?}");
    }
}

#[tokio::test]
async fn who_is_slow_to_connect_still_has_time_to_answer() {
    // The limit counts from the connection on, and a slow body is not measured against the time of the headers.
    let site = TestSite::start(|_| Reply::html("<p>x</p>").after(SHORT / 2)).await;
    let opened = [site.host()];
    let limits = Limits {
        first_byte: 20 * SHORT,
        idle: 20 * SHORT,
        slow: SHORT / 10,
        min_bytes: 0,
        ..limits()
    };
    let fetcher = Fetcher::new(FetchConfig {
        limits,
        ..config(&opened)
    })
    .unwrap();
    let lane = fetcher.open(&site.url("/")).await.unwrap();
    assert_eq!(
        fetcher.get(&lane, &request(site.url("/"))).await.unwrap().body,
        b"<p>x</p>"
    );
}

#[tokio::test]
async fn endless_and_lying_bodies_are_left_at_the_size_limit() {
    let begun = |head: &str| Reply::raw(head.to_owned());
    let flood = "x".repeat(64 << 10);
    let chunk = format!("{:x}\r\n{flood}\r\n", flood.len());
    for (name, reply) in [
        ("no length", begun(HEAD).drip(flood.as_str(), Duration::ZERO)),
        ("chunked", begun(CHUNKED).drip(chunk.as_str(), Duration::ZERO)),
        (
            "a length of a gigabyte",
            begun("HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n")
                .drip(flood.as_str(), Duration::ZERO),
        ),
        (
            "packed, without end",
            begun("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\u{1f}")
                .drip(flood.as_str(), Duration::ZERO),
        ),
    ] {
        let site = TestSite::start(move |_| reply.clone()).await;
        let error = get(&site, "/").await.expect_err(name);
        assert_eq!((error.code(), error.may_pass()), ("too_large", false), "{name}");
    }
}
