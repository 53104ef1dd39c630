//! Beside a peer: PyPI's Scrapy over the same portals in the same run, with a spider that does the same for each page,
//! and with one that only fetches and selects.

use std::{
    fmt::Write,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use super::{
    Settings,
    process::{self, Cost},
    program::Setup,
    server::Server,
    site::{Site, Weight},
    spread::Spread,
};

/// Hosts and reports of each.
const CASES: &[(usize, usize)] = &[(1, 1000), (10, 100)];

/// What the peer is made to do, and requests at once: its usual number, and one as we have it.
const PEERS: &[(&str, usize)] = &[("whole", 16), ("plain", 16), ("plain", 1)];

/// What the peers need.
const PACKAGES: &[&str] = &[
    "scrapy",
    "trafilatura",
    "lxml_html_clean",
    "warcio",
    "jieba",
    "tantivy",
];

pub(crate) fn section(settings: &Settings) -> String {
    let mut out = String::from("### Beside Scrapy\n\n");
    let Some(python) = python() else {
        out.push_str("The peer was not measured: its packages could not be installed here.\n");
        return out;
    };
    let version = version(&python).unwrap_or_default();
    let _ = write!(
        out,
        "Scrapy {version}, `robots.txt` obeyed, autothrottle off, no delay. *plain*: lists to reports, `h1.title::text` and the paragraphs of `#zoom` as \
         text, JSON lines. *whole*: what ours does too, with the packages people put together for it: pages archived by warcio, text, title and date by \
         trafilatura, words by jieba, indexed by tantivy. Ours archives, extracts all fields and indexes words and all strings. Runs alternate; median \
         (least – most).\n\n\
         | hosts | | pages | pages a second | processor ms a page | pages a second of one processor | ours to this |\n|---|---|---|---|---|---|---|\n"
    );
    for n in settings.of(&[1, 10]) {
        let reports = CASES
            .iter()
            .find(|(hosts, _)| *hosts == n)
            .map_or(100, |(_, reports)| *reports);
        let reports = if settings.is_quick {
            reports.div_ceil(4)
        } else {
            reports
        };
        let mut server = Server::start(n, reports, Weight::Full, Duration::ZERO);
        let setup = Setup::new(&server, Duration::ZERO);
        let mut ours = Vec::new();
        let mut peers: Vec<Vec<Cost>> = PEERS.iter().map(|_| Vec::new()).collect();
        let mut pages = 0;
        for _ in 0..settings.rounds() {
            let run = setup.run(&mut server);
            pages = run.seen.pages;
            ours.push(run.cost);
            for (costs, (kind, concurrency)) in peers.iter_mut().zip(PEERS) {
                costs.push(peer(&python, &mut server, kind, *concurrency));
            }
        }
        let mut row = |name: &str, costs: &[Cost], ours: Option<f64>| {
            let spread = |of: fn(&Cost) -> f64| Spread::of(costs.iter().map(of).collect());
            let wall = spread(|cost| cost.wall);
            let cpu = spread(|cost| cost.cpu);
            let times = ours.map_or("–".to_owned(), |ours| format!("{:.1}", cpu.median / ours));
            let line = format!(
                "| {n} | {name} | {pages} | {:.0} ({:.0} – {:.0}) | {:.2} ({:.2} – {:.2}) | {:.0} | {times} |",
                pages as f64 / wall.median,
                pages as f64 / wall.most,
                pages as f64 / wall.least,
                cpu.median * 1e3 / pages as f64,
                cpu.least * 1e3 / pages as f64,
                cpu.most * 1e3 / pages as f64,
                pages as f64 / cpu.median,
            );
            eprintln!("{line}");
            let _ = writeln!(out, "{line}");
            cpu.median
        };
        let ours = row("gongbao", &ours, None);
        for (costs, (kind, concurrency)) in peers.iter().zip(PEERS) {
            row(
                &format!("scrapy {kind}, {concurrency} at once"),
                costs,
                Some(ours),
            );
        }
    }
    out
}

fn peer(python: &Path, server: &mut Server, kind: &str, concurrency: usize) -> Cost {
    server.seen();
    let folder = tempfile::TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).expect("a temporary folder");
    let spider = folder.path().join("spider.py");
    fs::write(&spider, include_str!("spider.py")).expect("the spider can be written");
    let output = folder.path().join("reports.jsonl");
    let seeds = server
        .ports
        .iter()
        .map(|port| format!("http://127.0.0.1:{port}{}", Site::seed()));
    let child = Command::new(python)
        .arg(&spider)
        .arg(kind)
        .arg(folder.path())
        .arg(concurrency.to_string())
        .args(seeds)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .expect("python starts");
    let cost = process::watch(child);
    let expected = server.site.n_pages() * server.ports.len();
    assert_eq!(
        server.seen().pages as usize,
        expected,
        "pages that the peer asked for"
    );
    let lines = fs::read_to_string(&output).unwrap_or_default().lines().count();
    let n_lists = server.ports.len() * server.site.n_lists();
    assert_eq!(lines + n_lists, expected, "reports that the peer wrote");
    cost
}

/// A Python with the peer.
fn python() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("scrapy");
    let python = folder.join("bin/python");
    if version(&python).is_none() || !folder.join("bin/trafilatura").exists() {
        let succeeds = |command: &mut Command| {
            command
                .stdout(Stdio::null())
                .status()
                .is_ok_and(|status| status.success())
        };
        let is_made = succeeds(Command::new("python3").args(["-m", "venv"]).arg(&folder))
            && succeeds(
                Command::new(&python)
                    .args(["-m", "pip", "install", "--quiet"])
                    .args(PACKAGES),
            );
        if !is_made {
            return None;
        }
    }
    Some(python)
}

fn version(python: &Path) -> Option<String> {
    let output = Command::new(python)
        .args(["-c", "import scrapy; print(scrapy.__version__)"])
        .stderr(Stdio::null())
        .output()
        .ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
