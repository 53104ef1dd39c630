//! Downloads that end before they are whole.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use serde_json::json;

use crate::support::{Data, Service, gongbao, run};

/// Reports that together are longer than what two sockets take.
fn large() -> Data {
    let text = "全面落实行政执法公示制度，\"双随机\"监管全覆盖。".repeat(2_000);
    let lines: Vec<_> = (0..150)
        .map(|nth| json!({"id": format!("r{nth:03}"), "url": format!("https://a.example.gov.cn/{nth}"), "title": format!("报告{nth}"), "text": format!("{text}{nth}")}))
        .collect();
    Data::with_lines(&lines)
}

/// The beginning of an export whose service is killed before anybody has read it.
fn cut_off(data: &Data, format: &str) -> Vec<u8> {
    let service = Service::start(gongbao(&data.dir()).args(["serve", "--bind", "127.0.0.1:0"]));
    let mut stream = TcpStream::connect(service.authority()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let request = format!("GET /api/v1/export?format={format} HTTP/1.1\r\nhost: x\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = vec![0; 100_000];
    stream.read_exact(&mut answer).unwrap();
    drop(service);
    let mut rest = Vec::new();
    // The connection may be reset.
    let _ = stream.read_to_end(&mut rest);
    answer.extend(rest);
    let head = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap() + 4;
    assert!(
        String::from_utf8_lossy(&answer[..head])
            .to_lowercase()
            .contains("transfer-encoding: chunked")
    );
    assert!(!answer.ends_with(b"0\r\n\r\n"), "the last chunk is missing");
    answer.split_off(head)
}

#[test]
fn a_download_that_was_cut_off_is_no_whole_file() {
    let data = large();
    let lines = cut_off(&data, "jsonl");
    assert!(!String::from_utf8_lossy(&lines).contains("\"complete\":true"));
    let csv = cut_off(&data, "csv&fields=id,text");
    assert!(!String::from_utf8_lossy(&csv).contains("r149,"));
}

#[test]
fn who_reads_on_gets_all_of_it() {
    let data = large();
    let service = Service::start(gongbao(&data.dir()).args(["serve", "--bind", "127.0.0.1:0"]));
    let mut stream = TcpStream::connect(service.authority()).unwrap();
    stream
        .write_all(b"GET /api/v1/export?format=jsonl HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        .unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = String::from_utf8_lossy(&answer[answer.len() - 60..]).into_owned();
    assert!(
        end.contains("{\"complete\":true,\"count\":150}\n") && end.ends_with("0\r\n\r\n"),
        "{end}"
    );
    let local = run(gongbao(&data.dir()).args(["export", "--format", "jsonl"]));
    assert!(answer.len() > local.stdout.len());
}
