//! The admin listener: metrics that a strict reader takes, and who can reach them.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    time::Duration,
};

use serde_json::{Value, json};

use crate::{
    openmetrics::{self, Family},
    support::{Data, gongbao, run},
};

/// A `serve` whose two addresses are known.
pub(crate) struct Serve {
    child: Child,
    /// Host and port of the API.
    pub(crate) api: String,
    /// Host and port of the admin listener.
    pub(crate) admin: String,
    /// What it logs, line by line.
    log: std::sync::mpsc::Receiver<String>,
}

impl Serve {
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command
            .args(["serve", "--bind", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (told, log) = std::sync::mpsc::channel();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                if told.send(line).is_err() {
                    break;
                }
            }
        });
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let between = |text: &str, end: &str| -> Option<String> {
            let (_, rest) = text.split_once("http://")?;
            Some(rest.split_once(end)?.0.to_owned())
        };
        let api = between(&line, "/").expect("the address of the API");
        let admin = log
            .iter()
            .find_map(|line| between(&line, "/metrics"))
            .expect("the address of the metrics");
        Self {
            child,
            api,
            admin,
            log,
        }
    }

    /// Waits for a line of the log with these words.
    pub(crate) fn wait_for(&self, words: &str) -> String {
        let deadline = std::time::Instant::now() + Duration::from_secs(60);
        loop {
            let left = deadline.saturating_duration_since(std::time::Instant::now());
            match self.log.recv_timeout(left) {
                Ok(line) if line.contains(words) => return line,
                Ok(_) => (),
                Err(error) => panic!("nothing was logged about {words:?}: {error}"),
            }
        }
    }

    /// The next line of the log.
    pub(crate) fn line(&self) -> String {
        self.log
            .recv_timeout(Duration::from_secs(60))
            .expect("a line of the log")
    }

    /// Head and body of an answer.
    pub(crate) fn ask(authority: &str, target: &str) -> (String, String) {
        let mut stream = TcpStream::connect(authority).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        write!(
            stream,
            "GET {target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.to_owned(), body.to_owned())
    }

    pub(crate) fn ready(&self) -> Value {
        let (_, body) = Self::ask(&self.api, "/readyz");
        serde_json::from_str(&body).unwrap_or_else(|error| panic!("{error}: {body}"))
    }

    pub(crate) fn metrics(&self) -> BTreeMap<String, Family> {
        let (head, body) = Self::ask(&self.admin, "/metrics");
        assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
        let media_type = "content-type: application/openmetrics-text; version=1.0.0; charset=utf-8";
        assert!(head.lines().any(|line| line == media_type), "{head}");
        openmetrics::parse(&body).unwrap_or_else(|error| panic!("{error}\n{body}"))
    }
}

impl Drop for Serve {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn value(metrics: &BTreeMap<String, Family>, name: &str) -> f64 {
    let family = metrics.get(name).unwrap_or_else(|| panic!("no {name}"));
    assert_eq!(family.samples.len(), 1, "{name}");
    family.samples[0].value
}

/// The sample of a counter with these labels; 0 when there is none.
fn counted(metrics: &BTreeMap<String, Family>, name: &str, labels: &[(&str, &str)]) -> f64 {
    let is_it = |sample: &&openmetrics::Sample| {
        let has = |(label, value): &(&str, &str)| sample.labels.get(*label).is_some_and(|is| is == value);
        labels.iter().all(has)
    };
    let samples = metrics.get(name).map_or(&[][..], |family| &family.samples);
    samples.iter().filter(is_it).map(|sample| sample.value).sum()
}

#[test]
fn metrics_say_what_was_asked_and_what_there_is() {
    let lines: Vec<Value> = (0..5)
        .map(|n| json!({"url": format!("https://a.example.gov.cn/{n}"), "text": "法治政府建设。"}))
        .collect();
    let data = Data::with_lines(&lines);
    let serve = Serve::start(&mut gongbao(&data.dir()));
    let before = serve.metrics();
    assert_eq!(counted(&before, "gongbao_searches", &[]), 0.0);
    for target in [
        "/api/v1/search?q=x",
        "/api/v1/search?q=%E6%B3%95%E6%B2%BB",
        "/?q=x",
        "/",
        "/api/v1/search?q=%28",
        "/reports/none",
        "/no/such/%22place%22?x=1",
        "/no/such/other%0aplace",
    ] {
        Serve::ask(&serve.api, target);
    }
    let metrics = serve.metrics();
    for (name, wanted) in [
        ("gongbao_index_documents", 5.0),
        ("gongbao_index_watermark_lag", 0.0),
        ("gongbao_disk_full", 0.0),
        ("gongbao_archive_files", 1.0),
    ] {
        assert_eq!(value(&metrics, name), wanted, "{name}");
    }
    for name in [
        "gongbao_index_segments",
        "gongbao_index_size_bytes",
        "gongbao_index_commit_time_seconds",
        "gongbao_catalog_size_bytes",
        "gongbao_archive_size_bytes",
        "gongbao_disk_free_bytes",
        "process_resident_memory_bytes",
        "process_open_fds",
        "process_start_time_seconds",
    ] {
        assert!(value(&metrics, name) > 0.0, "{name}");
    }
    let searches = |outcome| counted(&metrics, "gongbao_searches", &[("outcome", outcome)]);
    assert_eq!((searches("answered"), searches("refused")), (3.0, 1.0));
    let requests = |route, status| {
        counted(
            &metrics,
            "gongbao_http_requests",
            &[("route", route), ("status", status)],
        )
    };
    assert_eq!(requests("/api/v1/search", "2xx"), 2.0);
    assert_eq!(requests("/api/v1/search", "4xx"), 1.0);
    assert_eq!(requests("/reports/{id}", "4xx"), 1.0);
    // Whatever addresses are invented, they are one label.
    assert_eq!(requests("none", "4xx"), 2.0);
    let build = &metrics["gongbao_build"].samples[0];
    assert_eq!(build.labels["version"], env!("CARGO_PKG_VERSION"));

    let grown: Vec<Value> = (0..9)
        .map(|n| json!({"url": format!("https://a.example.gov.cn/{n}"), "text": "法治政府建设。"}))
        .collect();
    data.import(&grown);
    assert_eq!(value(&serve.metrics(), "gongbao_index_documents"), 9.0);
}

#[test]
fn health_is_told_on_both_listeners_and_metrics_on_one() {
    let data = Data::with_lines(&[json!({"url": "https://a.example.gov.cn/1", "text": "一。"})]);
    let serve = Serve::start(&mut gongbao(&data.dir()));
    for authority in [&serve.api, &serve.admin] {
        assert!(Serve::ask(authority, "/healthz").1.contains("\"ok\""));
        let (head, body) = Serve::ask(authority, "/readyz");
        assert!(
            head.starts_with("HTTP/1.1 200 ") && body.contains("\"ok\""),
            "{head} {body}"
        );
    }
    assert!(Serve::ask(&serve.api, "/metrics").0.starts_with("HTTP/1.1 404 "));
    assert!(
        Serve::ask(&serve.admin, "/api/v1/search")
            .0
            .starts_with("HTTP/1.1 404 ")
    );
}

#[test]
fn two_services_on_one_machine_need_no_configuration() {
    let (one, other) = (Data::empty(), Data::empty());
    let start = |data: &Data| Serve::start(gongbao(&data.dir()).env_remove("GONGBAO_SERVER__ADMIN_BIND"));
    let (one, other) = (start(&one), start(&other));
    assert_ne!(one.admin, other.admin);
    assert!(other.admin.starts_with("127.0.0.1:"), "{}", other.admin);
    assert!(!other.metrics().is_empty());
}

#[test]
fn an_admin_address_that_is_taken_or_public_is_refused_by_its_key() {
    let data = Data::empty();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = taken.local_addr().unwrap().to_string();
    let refused = run(gongbao(&data.dir())
        .env("GONGBAO_SERVER__ADMIN_BIND", &addr)
        .args(["serve", "--bind", "127.0.0.1:0"]));
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(
        refused.stderr.contains(&addr) && refused.stderr.contains("admin_bind"),
        "{refused:?}"
    );
    let open = run(gongbao(&data.dir())
        .env("GONGBAO_SERVER__ADMIN_BIND", "0.0.0.0:0")
        .args(["serve", "--bind", "127.0.0.1:0"]));
    assert_eq!(open.code, Some(2), "{open:?}");
    assert!(open.stderr.contains("admin_public"), "{open:?}");
    let allowed = Serve::start(
        gongbao(&data.dir())
            .env("GONGBAO_SERVER__ADMIN_BIND", "0.0.0.0:0")
            .env("GONGBAO_SERVER__ADMIN_PUBLIC", "true"),
    );
    assert!(allowed.admin.starts_with("0.0.0.0:"));
}

#[test]
fn too_little_room_is_told_while_searches_go_on() {
    let data = Data::with_lines(&[json!({"url": "https://a.example.gov.cn/1", "text": "一。"})]);
    let serve = Serve::start(gongbao(&data.dir()).env("GONGBAO_DATA__MIN_FREE", "99%"));
    let ready = serve.ready();
    assert_eq!(
        (&ready["status"], &ready["reports"]),
        (&json!("degraded"), &json!(1))
    );
    assert!(
        ready["reasons"][0].as_str().unwrap().starts_with("disk_full: "),
        "{ready}"
    );
    let (_, found) = Serve::ask(&serve.api, "/api/v1/search?q=%E4%B8%80");
    assert!(found.contains("\"value\":1"), "{found}");
    assert_eq!(value(&serve.metrics(), "gongbao_disk_full"), 1.0);
    assert!(fs::metadata(data.dir()).unwrap().is_dir());
}

#[test]
fn portal_files_are_taken_over_while_it_runs() {
    let data = Data::empty();
    let good = "seeds = [\"https://www.example.gov.cn/\"]\n";
    let config = data.file("gongbao.toml", b"");
    let a = data.file("portals/a.toml", good.as_bytes());
    let serve = Serve::start(gongbao(&data.dir()).arg("--config").arg(&config));
    let counts = || {
        let metrics = serve.metrics();
        (
            counted(&metrics, "gongbao_portals", &[]),
            value(&metrics, "gongbao_portal_files_wrong"),
        )
    };
    assert_eq!(counts(), (1.0, 0.0));
    let b = data.file("portals/b.toml", good.as_bytes());
    assert!(serve.wait_for("read again").contains("added: b"));
    assert_eq!(counts(), (2.0, 0.0));
    fs::write(&a, "seeds = [\"https://www.example.gov.cn/\"]\nnmae = \"x\"\n").unwrap();
    let told = serve.wait_for("last good version");
    assert!(told.contains("a.toml") && told.contains("line 2"), "{told}");
    serve.wait_for("read again");
    assert_eq!(counts(), (2.0, 1.0));
    let (_, shown) = Serve::ask(&serve.api, "/api/v1/portals/a");
    assert!(
        shown.contains("\"file\":\"bad\"") && shown.contains("nmae"),
        "{shown}"
    );
    fs::write(&a, good).unwrap();
    assert!(serve.wait_for("read again").contains("changed: a"));
    assert_eq!(counts(), (2.0, 0.0));
    fs::remove_file(b).unwrap();
    assert!(serve.wait_for("read again").contains("removed: b"));
    assert_eq!(counts(), (1.0, 0.0));
}
