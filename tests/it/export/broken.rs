//! Downloads that end before they are whole.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use serde_json::json;

use crate::support::{Data, Service, gongbao, run};

/// Reports that together are longer than what two sockets take.
const N: usize = 110;

fn large() -> Data {
    let text = "全面落实行政执法公示制度，\"双随机\"监管全覆盖。".repeat(2_000);
    let lines: Vec<_> = (0..N)
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
fn a_download_is_whole_or_can_be_told_not_to_be() {
    let data = large();
    let lines = cut_off(&data, "jsonl");
    assert!(!String::from_utf8_lossy(&lines).contains("\"complete\":true"));
    let csv = cut_off(&data, "csv&fields=id,text");
    assert!(!String::from_utf8_lossy(&csv).contains("r109,"));
    let service = Service::start(gongbao(&data.dir()).args(["serve", "--bind", "127.0.0.1:0"]));
    let mut stream = TcpStream::connect(service.authority()).unwrap();
    stream
        .write_all(b"GET /api/v1/export?format=jsonl HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        .unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = String::from_utf8_lossy(&answer[answer.len() - 60..]).into_owned();
    assert!(
        end.contains("{\"complete\":true,\"count\":110}\n") && end.ends_with("0\r\n\r\n"),
        "{end}"
    );
    let local = run(gongbao(&data.dir()).args(["export", "--format", "jsonl"]));
    assert!(answer.len() > local.stdout.len());
}

#[test]
fn an_export_that_is_stopped_leaves_no_half_file() {
    let data = large();
    let folder = data.dir().join("..").join("out");
    fs::create_dir(&folder).unwrap();
    let file = folder.join("all.csv");
    fs::write(&file, "what was there before").unwrap();
    let names = || -> Vec<String> {
        let entries = fs::read_dir(&folder).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
        names.collect()
    };
    let mut export = gongbao(&data.dir())
        .args(["export", "--fields", "id,text", "-o"])
        .arg(&file)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let is_begun = || names().iter().any(|name| name.ends_with(".part"));
    while !is_begun() && export.try_wait().unwrap().is_none() {
        thread::sleep(Duration::from_millis(1));
    }
    let pid = export.id().to_string();
    let _ = Command::new("kill").args(["-INT", &pid]).status();
    let done = export.wait_with_output().unwrap();
    let content = fs::read_to_string(&file).unwrap();
    // It may have been faster.
    match done.status.code() {
        Some(0) => assert_eq!(content.matches("\r\n").count(), N + 1),
        code => {
            assert_eq!((code, content.as_str()), (Some(1), "what was there before"));
            let told = String::from_utf8_lossy(&done.stderr).into_owned();
            assert!(told.contains("signal"), "{told}");
        }
    }
    assert!(!is_begun(), "{:?}", names());
}
