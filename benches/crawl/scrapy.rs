//! Beside a peer: PyPI's Scrapy, with an equivalent spider over the same portals in the same run.

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

/// What is tried for the peer's best setting.
const CONCURRENCY: &[usize] = &[1, 16, 32];

pub(crate) fn section(settings: &Settings) -> String {
    let mut out = String::from("### Beside Scrapy\n\n");
    let Some(python) = python() else {
        out.push_str("The peer was not measured: `pip install scrapy` did not work here.\n");
        return out;
    };
    let version = version(&python).unwrap_or_default();
    let _ = write!(
        out,
        "Scrapy {version}: lists to reports, `h1.title::text` and the paragraphs of `#zoom` as text, JSON lines; `robots.txt` obeyed, autothrottle off, no \
         delay. Ours archives, extracts all fields and indexes as well. Runs alternate; median (least – most).\n\n\
         | hosts | | pages | pages a second | processor ms a page | pages a second of one processor |\n|---|---|---|---|---|---|\n"
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
        let mut peers: Vec<Vec<Cost>> = CONCURRENCY.iter().map(|_| Vec::new()).collect();
        let mut pages = 0;
        for _ in 0..settings.rounds() {
            let run = setup.run(&mut server);
            pages = run.seen.pages;
            ours.push(run.cost);
            for (costs, concurrency) in peers.iter_mut().zip(CONCURRENCY) {
                costs.push(peer(&python, &mut server, *concurrency));
            }
        }
        let mut row = |name: &str, costs: &[Cost]| {
            let spread = |of: fn(&Cost) -> f64| Spread::of(costs.iter().map(of).collect());
            let wall = spread(|cost| cost.wall);
            let cpu = spread(|cost| cost.cpu);
            let line = format!(
                "| {n} | {name} | {pages} | {:.0} ({:.0} – {:.0}) | {:.2} ({:.2} – {:.2}) | {:.0} |",
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
        row("gongbao", &ours);
        for (costs, concurrency) in peers.iter().zip(CONCURRENCY) {
            row(&format!("scrapy, {concurrency} at once"), costs);
        }
    }
    out
}

fn peer(python: &Path, server: &mut Server, concurrency: usize) -> Cost {
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
        .arg(&output)
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
    if version(&python).is_none() {
        let succeeds = |command: &mut Command| {
            command
                .stdout(Stdio::null())
                .status()
                .is_ok_and(|status| status.success())
        };
        let is_made = succeeds(Command::new("python3").args(["-m", "venv"]).arg(&folder))
            && succeeds(Command::new(&python).args(["-m", "pip", "install", "--quiet", "scrapy"]));
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
