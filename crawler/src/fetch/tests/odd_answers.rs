//! What servers answer that have read no standard: each comes to an answer, or to the one word for its fault.

use super::*;

/// The body, or the fault and whether another try may fare better.
type Expected = Result<&'static str, (&'static str, bool)>;

/// What it is, what the server sends, and what comes of it.
const ANSWERS: &[(&str, &str, Expected)] = &[
    (
        "old and bare",
        "<html>no headers at all</html>",
        Err(("invalid_http", false)),
    ),
    (
        "another protocol",
        "SSH-2.0-OpenSSH_9.6\r\n",
        Err(("invalid_http", false)),
    ),
    (
        "TLS to plain HTTP",
        "\u{15}\u{3}\u{1}\u{0}\u{2}\u{2}F",
        Err(("invalid_http", false)),
    ),
    (
        "status of two digits",
        "HTTP/1.1 20 OK\r\n\r\n",
        Err(("invalid_http", false)),
    ),
    (
        "status that is no number",
        "HTTP/1.1 OK\r\n\r\n",
        Err(("invalid_http", false)),
    ),
    ("HTTP/3", "HTTP/3.0 200 OK\r\n\r\n", Err(("invalid_http", false))),
    (
        "a header without a name",
        "HTTP/1.1 200 OK\r\n: x\r\n\r\n",
        Err(("invalid_http", false)),
    ),
    (
        "a zero byte in a header",
        "HTTP/1.1 200 OK\r\nX: \0\r\n\r\n",
        Err(("invalid_http", false)),
    ),
    (
        "two lengths",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 5\r\n\r\nhello",
        Err(("invalid_http", false)),
    ),
    (
        "a length that is no number",
        "HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\nhello",
        Err(("invalid_http", false)),
    ),
    (
        "a negative length",
        "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello",
        Err(("invalid_http", false)),
    ),
    ("closed at once", "", Err(("connection_reset", true))),
    (
        "closed in the status line",
        "HTTP/1.1 2",
        Err(("connection_reset", true)),
    ),
    (
        "closed in the headers",
        "HTTP/1.1 200 OK\r\nContent-Ty",
        Err(("connection_reset", true)),
    ),
    (
        "closed in the body",
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello",
        Err(("truncated", true)),
    ),
    (
        "closed in a chunk",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nhello",
        Err(("truncated", true)),
    ),
    (
        "closed before the last chunk",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        Err(("truncated", true)),
    ),
    (
        "a chunk size that is no number",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n",
        Err(("truncated", true)),
    ),
    (
        "a chunk of 16 exabytes",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nhello",
        Err(("truncated", true)),
    ),
    (
        "a chunk size without end",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;aaaaaaaaaaaaaaaaa",
        Err(("truncated", true)),
    ),
    (
        "more than was announced",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello and more",
        Ok("hello"),
    ),
    (
        "an old server",
        "HTTP/1.0 200 OK\r\nConnection: close\r\n\r\nhello",
        Ok("hello"),
    ),
    (
        "an old server that says nothing",
        "HTTP/1.0 200 OK\r\n\r\nhello",
        Ok("hello"),
    ),
    (
        "an old server that keeps the connection",
        "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\nhello",
        Ok("hello"),
    ),
    (
        "no reason phrase",
        "HTTP/1.1 200\r\nContent-Length: 5\r\n\r\nhello",
        Ok("hello"),
    ),
    (
        "lines without carriage returns",
        "HTTP/1.1 200 OK\nContent-Length: 5\n\nhello",
        Ok("hello"),
    ),
    (
        "one provisional answer",
        "HTTP/1.1 103 Early Hints\r\nLink: </x.css>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        Ok("hello"),
    ),
    (
        "chunks with extensions and trailers",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\nX: y\r\n\r\n",
        Ok("hello"),
    ),
    (
        "a coding that it did not use",
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello",
        Ok("hello"),
    ),
    (
        "a status nobody knows",
        "HTTP/1.1 599 Odd\r\nContent-Length: 5\r\n\r\nhello",
        Ok("hello"),
    ),
    (
        "a coding nobody asked for",
        "HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 5\r\n\r\nhello",
        Err(("coding", false)),
    ),
    (
        "another",
        "HTTP/1.1 200 OK\r\nContent-Encoding: zstd\r\nContent-Length: 5\r\n\r\nhello",
        Err(("coding", false)),
    ),
    (
        "twice packed",
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip, gzip\r\nContent-Length: 5\r\n\r\nhello",
        Err(("coding", false)),
    ),
];

#[tokio::test]
async fn every_odd_answer_comes_to_one_word() {
    for (name, sent, expected) in ANSWERS {
        let site = TestSite::start(|_| Reply::raw(*sent)).await;
        let found = get(&site, "/").await;
        match (found, expected) {
            (Ok(answer), Ok(body)) => assert_eq!(answer.body, body.as_bytes(), "{name}"),
            (Err(error), Err(expected)) => {
                assert_eq!((error.code(), error.may_pass()), *expected, "{name}: {error:?}");
            }
            (found, _) => panic!("{name}: {found:?}"),
        }
        assert_eq!(site.hits().len(), 1, "{name}: asked once");
    }
}

#[tokio::test]
async fn heads_are_bounded() {
    let many = |count: usize, length: usize| {
        let line = format!("X: {}\r\n", "x".repeat(length));
        format!(
            "HTTP/1.1 200 OK\r\n{}Content-Length: 5\r\n\r\nhello",
            line.repeat(count)
        )
    };
    for (name, sent, is_fine) in [
        ("sixty kilobytes", many(60, 990), true),
        ("seventy", many(70, 990), false),
        ("one of a hundred kilobytes", many(1, 100_000), false),
        ("a megabyte", many(90, 11_000), false),
        ("a thousand lines", many(1000, 1), false),
    ] {
        let site = TestSite::start(move |_| Reply::raw(sent.clone())).await;
        match get(&site, "/").await {
            Ok(answer) => assert!(is_fine && answer.body == b"hello", "{name}"),
            Err(error) => assert_eq!(
                (error.code(), is_fine),
                ("headers_too_large", false),
                "{name}: {error:?}"
            ),
        }
    }
}
