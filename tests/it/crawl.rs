//! The crawl of the sample portals by the program itself: complete, resumable, polite.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use gongbao::demo::{Ports, SampleSites};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::{gongbao, run};

/// The sample portals on loopback, and the configuration that crawls them.
pub(crate) struct Sites {
    pub(crate) sites: SampleSites,
    folder: TempDir,
    pub(crate) runtime: tokio::runtime::Runtime,
    /// Named as the proxy for everything; nobody may ever ask it.
    proxy: TcpListener,
}

impl Sites {
    pub(crate) fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let sites = runtime.block_on(SampleSites::start(Ports::default())).unwrap();
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("portals")).unwrap();
        for portal in sites.portals() {
            // Short delays: the suite has better things to do than to wait.
            let text = portal
                .portal_toml
                .replace("delay = \"100ms\"", "delay = \"15ms\"");
            assert!(text.contains("15ms"), "{text}");
            fs::write(folder.path().join(format!("portals/{}.toml", portal.id)), text).unwrap();
        }
        let allowed = format!("[crawl]\nallow_private = {:?}\n", sites.allow_private());
        fs::write(folder.path().join("gongbao.toml"), allowed).unwrap();
        Self {
            sites,
            folder,
            runtime,
            proxy: TcpListener::bind("127.0.0.1:0").unwrap(),
        }
    }

    /// A file or folder beside the portal files.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn data(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn crawl(&self, data: &Path) -> std::process::Command {
        let mut command = gongbao(data);
        let proxy = format!("http://{}", self.proxy.local_addr().unwrap());
        for name in ["http_proxy", "https_proxy", "all_proxy"] {
            command.env(name, &proxy).env(name.to_uppercase(), &proxy);
        }
        command
            .arg("--config")
            .arg(self.folder.path().join("gongbao.toml"))
            .args(["crawl", "--json"]);
        command
    }

    /// Whether a proxy was asked that only the environment named.
    fn has_used_proxy(&self) -> bool {
        self.proxy.set_nonblocking(true).unwrap();
        self.proxy.accept().is_ok()
    }

    /// Id, version and hash of every report.
    fn reports(&self, data: &Path) -> BTreeMap<String, Value> {
        let reader = index::Reader::open(&data.join("index")).unwrap();
        let request = index::SearchRequest::default();
        let reports = reader.find_all(&request).unwrap();
        reports
            .map(|report| {
                let mut value = serde_json::to_value(report.unwrap()).unwrap();
                value.as_object_mut().unwrap().remove("retrieved_at");
                (value["url"].as_str().unwrap().to_owned(), value)
            })
            .collect()
    }
}

#[test]
fn finds_every_report_and_nothing_else_then_nothing_new() {
    let sites = Sites::start();
    let data = sites.data("data");
    let first = run(&mut sites.crawl(&data));
    assert_eq!(first.code, Some(0), "{first:?}");
    let summaries: Vec<Value> = first
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(summaries.len(), 3);
    for summary in &summaries {
        assert_eq!(summary["status"], "ok", "{summary}");
    }
    // Two of the portals have a row that leads to an error page with status 200.
    let failed = summaries
        .iter()
        .flat_map(|summary| summary["failed"].as_array().unwrap());
    let reasons: Vec<_> = failed
        .map(|failure| failure["reason"].as_str().unwrap())
        .collect();
    assert_eq!(reasons, ["soft_404"; 2], "{summaries:?}");

    let found = sites.reports(&data);
    let expected = sites.sites.expected();
    assert!(expected.len() >= 60);
    let wanted: BTreeSet<&str> = expected.iter().map(|report| report.url.as_str()).collect();
    let got: BTreeSet<&str> = found.keys().map(String::as_str).collect();
    assert_eq!(
        got.difference(&wanted).collect::<Vec<_>>(),
        Vec::<&&str>::new(),
        "not reports"
    );
    assert_eq!(
        wanted.difference(&got).collect::<Vec<_>>(),
        Vec::<&&str>::new(),
        "missing"
    );
    let mut wrong = Vec::new();
    for want in &expected {
        let got = &found[&want.url];
        let facts = [
            ("title", Value::from(want.title)),
            ("genre", Value::from(want.genre.code())),
            ("year", Value::from(want.year)),
        ];
        for (name, value) in facts {
            if got[name] != value {
                wrong.push(format!("{}: {name} is {}, not {value}", want.url, got[name]));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));

    assert!(!sites.has_used_proxy());

    let second = run(&mut sites.crawl(&data));
    assert_eq!(second.code, Some(0), "{second:?}");
    for line in second.stdout.lines() {
        let summary: Value = serde_json::from_str(line).unwrap();
        assert_eq!(
            (
                summary["reports"]["new"].as_u64(),
                summary["reports"]["changed"].as_u64()
            ),
            (Some(0), Some(0)),
            "{summary}"
        );
    }
    assert_eq!(sites.reports(&data), found);

    let rebuilt = run(gongbao(&data)
        .arg("--config")
        .arg(sites.folder.path().join("gongbao.toml"))
        .args(["index", "rebuild"]));
    assert_eq!(rebuilt.code, Some(0), "{rebuilt:?}");
    assert_eq!(
        sites.reports(&data),
        found,
        "a rebuild gives the same ids and answers"
    );
    sites.runtime.block_on(sites.sites.stop());
}

#[test]
fn a_killed_crawl_goes_on_where_it_was() {
    let sites = Sites::start();
    let undisturbed = sites.data("undisturbed");
    assert_eq!(run(&mut sites.crawl(&undisturbed)).code, Some(0));
    let killed = sites.data("killed");
    let mut kills = 0;
    // Moments spread over the whole run by a fixed sequence; the last call is left to finish.
    for n in 0..8_u64 {
        let mut child = sites
            .crawl(&killed)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(80 + (n * 7_919) % 420));
        if child.try_wait().unwrap().is_none() {
            kills += 1;
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }
    assert!(
        kills >= 5,
        "the crawl was over before it could be killed: {kills}"
    );
    let last = run(&mut sites.crawl(&killed));
    assert_eq!(last.code, Some(0), "{last:?}");
    let without_times = |data: &Path| {
        let mut reports = sites.reports(data);
        for report in reports.values_mut() {
            report.as_object_mut().unwrap().remove("changed_at");
        }
        reports
    };
    assert_eq!(without_times(&killed), without_times(&undisturbed));
    sites.runtime.block_on(sites.sites.stop());
}

#[test]
fn crawls_of_long_ago_are_forgotten_and_nothing_else() {
    let sites = Sites::start();
    let data = sites.data("data");
    assert_eq!(run(&mut sites.crawl(&data)).code, Some(0));
    let found = sites.reports(&data);
    let catalog = crawler::Catalog::open(&data).unwrap();
    // Fourteen more of long ago for each portal, sixty days apart, one of them with a trap.
    let sql = "INSERT INTO crawl_runs (portal, started_at, finished_at, is_full, last_version, status)
            WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 14)
            SELECT portal, 5184000000 * n, 5184000000 * n, 0, 0, 'partial' FROM n, (SELECT DISTINCT portal FROM crawl_runs);
        INSERT INTO crawl_traps SELECT max(id), 'nothing_new', 'x' FROM crawl_runs WHERE finished_at = 5184000000;
        INSERT INTO crawl_days VALUES ('old:80', 7, 1);";
    catalog.connection().execute_batch(sql).unwrap();
    let count = |sql: &str| -> i64 { catalog.connection().query_row(sql, [], |row| row.get(0)).unwrap() };
    let mut more = sites.crawl(&data);
    let more = run(more
        .env("GONGBAO_LOG__FORMAT", "json")
        .env("GONGBAO_LOG", "gongbao=info"));
    assert_eq!(more.code, Some(0), "{more:?}");
    // The twelve newest of each portal, and the first, which is old by its number only.
    assert_eq!(count("SELECT count(*) FROM crawl_runs"), 39, "{more:?}");
    assert_eq!(
        count("SELECT count(*) FROM crawl_traps WHERE reason = 'nothing_new'"),
        0
    );
    assert_eq!(count("SELECT count(*) FROM crawl_days WHERE host = 'old:80'"), 0);
    assert_eq!(sites.reports(&data), found);
    let lines = more
        .stderr
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap_or_else(|error| panic!("{error}: {line}")));
    let told: Vec<Value> = lines.collect();
    assert!(
        told.iter()
            .any(|line| line["level"] == "INFO" && line["n"].is_u64()),
        "{told:?}"
    );
    sites.runtime.block_on(sites.sites.stop());
}
