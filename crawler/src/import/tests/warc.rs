//! WARC files: those of other programs, and our own.

use super::*;

/// A WARC record as other programs write it.
fn record(kind: &str, url: &str, content_type: &str, block: &[u8]) -> Vec<u8> {
    let mut record = format!(
        "WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {url}\r\nWARC-Date: 2020-05-06T07:08:09Z\r\n\
         WARC-Record-ID: <urn:x:{url}:{kind}>\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n\r\n",
        block.len()
    )
    .into_bytes();
    record.extend_from_slice(block);
    record.extend_from_slice(b"\r\n\r\n");
    record
}

fn response(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let mut response = format!("HTTP/1.1 {status}\r\n{headers}\r\n\r\n").into_bytes();
    response.extend_from_slice(body);
    response
}

#[test]
fn warc_files_of_others_are_read_in_every_form() {
    let desk = Desk::new();
    let page = html("某县2020年法治政府建设年度报告");
    let packed = gzip(page.as_bytes());
    let mut chunked = format!("{:x}\r\n", packed.len()).into_bytes();
    chunked.extend_from_slice(&packed);
    chunked.extend_from_slice(b"\r\n0\r\n\r\n");
    let http = "application/http; msgtype=response";
    let html_type = "Content-Type: text/html; charset=utf-8";
    let records = [
        record(
            "warcinfo",
            "x:",
            "application/warc-fields",
            b"software: other\r\n",
        ),
        record(
            "request",
            "https://a.example/1",
            "application/http; msgtype=request",
            b"GET / HTTP/1.1\r\n\r\n",
        ),
        record(
            "response",
            "https://a.example/1",
            http,
            &response("200 OK", html_type, page.as_bytes()),
        ),
        record(
            "response",
            "https://a.example/2",
            http,
            &response(
                "200 OK",
                &format!("{html_type}\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked"),
                &chunked,
            ),
        ),
        record("resource", "https://a.example/3", "text/html", page.as_bytes()),
        record(
            "conversion",
            "https://a.example/4",
            "text/plain",
            "某县2021年工作总结\n一、全年工作情况。\n".as_bytes(),
        ),
        record(
            "response",
            "https://a.example/404",
            http,
            &response("404 Not Found", html_type, page.as_bytes()),
        ),
        record(
            "response",
            "https://a.example/logo.png",
            http,
            &response("200 OK", "Content-Type: image/png", b"\x89PNG"),
        ),
        record(
            "revisit",
            "https://a.example/1",
            http,
            &response("200 OK", html_type, b""),
        ),
        record(
            "response",
            "https://a.example/br",
            http,
            &response("200 OK", &format!("{html_type}\r\nContent-Encoding: br"), b"x"),
        ),
        record(
            "metadata",
            "https://a.example/1",
            "application/warc-fields",
            b"outlink: x\r\n",
        ),
    ];
    let plain = records.concat();
    let by_record: Vec<_> = records.iter().flat_map(|record| gzip(record)).collect();
    for (name, bytes) in [
        ("plain.warc", plain.clone()),
        ("whole.warc.gz", gzip(&plain)),
        ("records.warc.gz", by_record),
    ] {
        let desk = Desk::new();
        let summary = desk.import(&[desk.file(name, bytes)]);
        assert_eq!(counts(&summary), [4, 0, 0, 2, 1], "{name}: {summary:?}");
        assert_eq!(summary.failed[0].line, Some(10));
        assert!(summary.failed[0].reason.contains("br"), "{}", summary.failed[0]);
        let texts: Vec<_> = (1..4)
            .map(|n| desk.report(&format!("https://a.example/{n}")).content.text)
            .collect();
        assert!(texts[0].contains("持续推进依法行政"));
        assert!(texts.iter().all(|text| *text == texts[0]));
        let report = desk.report("https://a.example/1");
        assert_eq!(
            report.retrieved_at.to_string(),
            "2020-05-06T15:08:09+08:00",
            "when it was fetched"
        );
    }

    // Rubbish between records costs what it hides and no more.
    let mut spoiled = records[2].clone();
    spoiled.extend_from_slice(b"rubbish\r\nmore\r\n");
    spoiled.extend_from_slice(&records[4]);
    let summary = desk.import(&[desk.file("spoiled.warc", spoiled)]);
    assert_eq!(counts(&summary), [2, 0, 0, 0, 1], "{summary:?}");
}

#[test]
fn another_archive_of_ours_comes_in_as_it_went_in() {
    let desk = Desk::new();
    let path = desk.lines(
        "a.jsonl",
        &[
            json!({"text": "甲", "year": 2020}),
            json!({"id": "y", "text": "乙", "title": "题"}),
        ],
    );
    desk.import(&[path, desk.file("p.html", html("某县2020年法治政府建设年度报告"))]);
    let other = Desk::new();
    let summary = other.import(&[desk.data().join("archive")]);
    assert_eq!(counts(&summary), [3, 0, 0, 0, 0], "{summary:?}");
    assert_eq!(said(&other), said(&desk));
}
