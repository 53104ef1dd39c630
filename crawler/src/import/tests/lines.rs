//! JSON Lines: what is given, what is wrong, and what is too much.

use super::*;

#[test]
fn what_is_given_wins_and_the_text_is_kept_byte_for_byte() {
    let desk = Desk::new();
    let text = "  一、工作开展情况\r\n正文 。\n\n二、存在的问题\n";
    let path = desk.lines(
        "a.jsonl",
        &[json!({
            "id": "gwr-2025", "url": "https://a.example/1", "text": text, "genre": "plan", "year": 2025,
            "region_code": "430482", "issuer": "某局", "cites": ["国发〔2023〕1号"], "published": "2025-02-27",
            "retrieved_at": "2025-03-01T00:00:00+08:00", "status": "removed", "urls": ["https://b.example/1"],
            "version": 7, "chars": 1, "content_hash": "x", "title": null
        })],
    );
    assert_eq!(counts(&desk.import(&[path])), [1, 0, 0, 0, 0]);
    let report = desk.report("https://a.example/1");
    assert_eq!(report.content.text, text);
    assert_eq!(
        (report.id.as_str(), report.portal.as_str()),
        ("gwr-2025", "import")
    );
    assert_eq!(
        (report.content.title.as_ref(), report.content.title_inferred),
        (None, false)
    );
    assert_eq!(report.urls, ["https://a.example/1", "https://b.example/1"]);
    assert_eq!(
        (report.content.genre, report.content.year),
        (Genre::Plan, Some(2025))
    );
    assert_eq!(report.content.year_basis, Some(YearBasis::Given));
    assert_eq!(report.content.issuer.as_deref(), Some("某局"));
    assert_eq!(report.content.cites, ["国发〔2023〕1号"]);
    assert_eq!(report.content.published, Some(jiff::civil::date(2025, 2, 27)));
    assert_eq!(report.retrieved_at.to_string(), "2025-03-01T00:00:00+08:00");
    assert_eq!((report.status, report.version), (Status::Removed, 1));
    assert_eq!(report.content_hash, report.content.hash());
    let code = report.content.region_code.unwrap();
    assert_eq!(
        (code.to_string().as_str(), report.content.region_confidence),
        ("430482", Some(1.0))
    );
    assert_eq!(report.content.county.as_deref(), Some("常宁市"));
}

#[test]
fn addresses_come_from_file_and_line() {
    let desk = Desk::new();
    let text = json!({"text": "甲"});
    let with_id = json!({"id": "x-1", "text": "乙"});
    desk.file("sub/二.jsonl", format!("\u{feff}{text}\r\n\r\n{with_id}"));
    desk.file("三.jsonl.gz", gzip(format!("{text}\n").as_bytes()));
    let summary = desk.import(&[desk.dir.path().join("in")]);
    assert_eq!(counts(&summary), [3, 0, 0, 0, 0]);
    let mut urls: Vec<_> = desk.reports().into_iter().map(|report| report.url).collect();
    urls.sort();
    assert_eq!(
        urls,
        [
            "import:in/sub/二.jsonl#L1",
            "import:in/sub/二.jsonl#x-1",
            "import:in/三.jsonl.gz#L1"
        ]
    );
    assert_eq!(
        counts(&desk.import(&[desk.dir.path().join("in/三.jsonl.gz")])),
        [1, 0, 0, 0, 0]
    );
    let alone = desk.report("import:三.jsonl.gz#L1");
    assert_eq!(alone.id, ReportId::derive("import", "import:三.jsonl.gz#L1"));
}

#[test]
fn bad_lines_are_told_by_number_and_the_rest_is_imported() {
    let desk = Desk::new();
    let lines = [
        r#"{"url": "https://a.example/1", "text": "甲"}"#,
        r#"{"url": "https://a.example/2", "text": "乙""#,
        r#"["text"]"#,
        r#"{"url": "https://a.example/4"}"#,
        r#"{"url": "https://a.example/5", "text": 5}"#,
        r#"{"url": "https://a.example/6", "text": "己", "titel": "庚"}"#,
        r#"{"url": "https://a.example/7", "text": "己", "year": "2020"}"#,
        r#"{"url": "https://a.example/8", "text": "己", "genre": "workreport"}"#,
        r#"{"url": "https://a.example/9", "text": "己", "region_code": "999999"}"#,
        r#"{"url": "https://a.example/10", "text": " \n "}"#,
        r#"{"url": "https://a.example/11", "text": "己", "published": "2020-02-30"}"#,
        r#"{"url": "https://a.example/12", "text": "己", "id": "a b"}"#,
        r#"{"url": " ", "text": "己"}"#,
        r#"{"url": "https://a.example/14", "text": "己", "outline": [{"level":1,"number":"一","heading":"","role":"other","path":"一","start":0,"end":9}]}"#,
        r#"{"url": "https://a.example/15", "id": "x", "text": "甲"}"#,
        r#"{"url": "https://a.example/16", "id": "x", "text": "乙"}"#,
        r#"{"url": "https://a.example/17", "text": "己", "region_name": "没有县"}"#,
        "",
        r#"{"url": "https://a.example/19", "text": "末"}"#,
    ];
    let mut bytes = lines.join("\n").into_bytes();
    bytes.extend_from_slice(b"\n{\"text\": \"\xff\"}\n");
    let path = desk.file("bad.jsonl", bytes);
    let summary = desk.import(std::slice::from_ref(&path));
    assert_eq!(counts(&summary), [3, 0, 0, 0, 16]);
    assert!(summary.failed.iter().all(|failure| failure.file == path));
    let reasons = reasons(&summary);
    let expected = [
        (2, "EOF"),
        (3, "JSON object"),
        (4, "neither `text` nor `html`"),
        (5, "field `text`"),
        (6, "unknown field `titel`; did you mean `title`?"),
        (7, "field `year`"),
        (8, "field `genre`"),
        (9, "field `region_code`"),
        (10, "field `text`: is empty"),
        (11, "field `published`"),
        (12, "field `id`"),
        (13, "field `url`"),
        (14, "field `outline`"),
        (16, "the id x already belongs"),
        (17, "field `region_name`"),
        (20, "not JSON"),
    ];
    assert_eq!(reasons.len(), expected.len(), "{reasons:#?}");
    for ((line, reason), (expected_line, part)) in reasons.into_iter().zip(expected) {
        assert_eq!(line, Some(expected_line), "{reason}");
        assert!(reason.contains(part), "line {expected_line}: {reason}");
    }
}

#[test]
fn endless_lines_are_refused_and_bounded() {
    let desk = Desk::new();
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    for _ in 0..65 {
        encoder.write_all(&vec![b'x'; 1 << 20]).unwrap();
    }
    encoder
        .write_all(b"\n{\"id\": \"after\", \"text\": \"\xe7\x94\xb2\"}\n")
        .unwrap();
    let path = desk.file("bomb.jsonl.gz", encoder.finish().unwrap());
    let summary = desk.import(&[path]);
    assert_eq!(counts(&summary), [1, 0, 0, 0, 1]);
    assert_eq!(reasons(&summary), [(Some(1), "is longer than 64 MiB")]);
}

#[test]
fn a_torn_gzip_gives_the_lines_before_the_tear() {
    let desk = Desk::new();
    let lines: String = (0..5000)
        .map(|n| {
            format!(
                "{}\n",
                json!({"id": format!("r{n}"), "text": format!("正文{}", n * 7919)})
            )
        })
        .collect();
    let packed = gzip(lines.as_bytes());
    let path = desk.file("torn.jsonl.gz", &packed[..packed.len() / 2]);
    let summary = desk.import(&[path]);
    assert!(summary.new > 1000, "{}", summary.new);
    assert_eq!(summary.n_failed, 1);
    assert_eq!(summary.failed[0].line, Some(summary.new + 1));
}
