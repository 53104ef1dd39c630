//! Measures what a look at many portals costs: the scheduler's, the list, the page, one portal, the figures for a monitor.
//!
//! ```text
//! cargo bench --bench portals                  3,000 portals of 50 crawls each
//! cargo bench --bench portals -- 10000         as many portals
//! cargo bench --bench portals -- 3000 100      so many in a hundred with an alarm that stands for 30 weeks; else 5
//! ```
//!
//! "First" is what the first asking takes. The rows that say so have nothing read before, neither what portals did nor the
//! connections to the catalog, each time; only the files are in the memory of the system, as they are after a crawl.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a measurement prints, and ends where it cannot go on"
)]

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    time::{Duration, Instant},
};

use axum::{Router, body::Body, http::Request};
use crawler::{Catalog, Portal};
use gongbao::{
    http::{self, Service},
    metrics::{Metrics, PortalMetrics},
    operations::Operations,
    overview::Histories,
    portals::{PortalSet, SharedPortals},
    pump::Pump,
    scheduler::Plan,
};
use jiff::Timestamp;
use rusqlite::{Connection, params};
use tower::ServiceExt;

/// Crawls of a portal, a week apart.
const RUNS: i64 = 50;
const WEEK: i64 = 7 * 24 * 60 * 60 * 1_000;

/// Crawls with the signs of an alarm that stands for long: more than are read of a portal that is well.
const ALARMED_RUNS: i64 = 30;

/// Lists of a portal that are remembered.
const LISTS: i64 = 9;

/// Each is measured so many times, after the first.
const TIMES: usize = 20;

fn main() {
    let mut numbers = std::env::args().filter_map(|arg| arg.parse::<i64>().ok());
    let n = numbers.next().unwrap_or(3_000);
    let percent_alarmed = numbers.next().unwrap_or(5);
    let folder = tempfile::tempdir().unwrap();
    let set = portal_set(n);
    let operations = fill(folder.path(), &set, n, percent_alarmed);
    Pump::open(folder.path()).unwrap();
    let portals = SharedPortals::new(set);
    let metrics = Metrics::default();
    let histories = Histories::default();
    metrics.add(PortalMetrics::new(
        portals.clone(),
        operations.clone(),
        histories.clone(),
    ));
    let service = Service {
        data_dir: folder.path().to_owned(),
        operations,
        portals,
        histories,
        anonymous_read: true,
        callers: gongbao::http::Callers::default(),
        alerts: gongbao::alerts::AlertSettings::default(),
        wake: std::sync::Arc::default(),
    };
    let reader = index::Reader::open(&folder.path().join("index")).unwrap();
    let new_router = || {
        let histories = Histories::default();
        http::router(
            reader.clone(),
            Service {
                histories,
                ..service.clone()
            },
        )
    };
    let router = http::router(reader.clone(), service.clone());
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    println!(
        "{n} portals of {RUNS} crawls, {percent_alarmed} in a hundred long alarmed; {} MiB resident before\n",
        resident()
    );
    println!("| asked for | first ms | median | fastest | slowest | kB |\n|---|---|---|---|---|---|");
    schedule(&service);
    for target in [
        "/api/v1/portals",
        "/api/v1/portals?state=alarmed",
        "/portals",
        "/portals?page=20",
        "/portals/p0000007",
        "/api/v1/portals/p0000007",
    ] {
        line(target, || runtime.block_on(bytes(&router, target)));
    }
    line("metrics of portals", || metrics.text().unwrap().len());
    for target in ["/api/v1/portals", "/portals"] {
        line(&format!("{target}, nothing read before"), || {
            runtime.block_on(bytes(&new_router(), target))
        });
    }
    println!("\n{} MiB resident after", resident());
}

/// What the scheduler does: at the start, at each look while nothing is due, and when the visits of a day come due.
fn schedule(service: &Service) {
    let portals = service.portals.get();
    let now = Timestamp::now();
    let facts = || service.operations.adopt_schedules(&portals, now).unwrap();
    let no_bytes = |n: usize| {
        std::hint::black_box(n);
        0
    };
    line("scheduler: reads what it knows", || no_bytes(facts().len()));
    let known = facts();
    let plan = || Plan::new(portals.clone(), known.clone(), now);
    line("scheduler: plans all visits", || {
        no_bytes(plan().first().map_or(0, |(id, _)| id.len()))
    });
    let mut steady = plan();
    line("scheduler: a look, nothing is due", || {
        no_bytes(steady.due(now).len())
    });
    let day_after = now + jiff::SignedDuration::from_hours(24);
    let mut plans: Vec<Plan> = (0..=TIMES).map(|_| plan()).collect();
    line("scheduler: a look, a seventh is due", || {
        no_bytes(plans.pop().unwrap().due(day_after).len())
    });
}

/// Measures it, and prints a row.
fn line(what: &str, mut ask: impl FnMut() -> usize) {
    let begun = Instant::now();
    let n_bytes = ask();
    let first = begun.elapsed();
    let mut times: Vec<Duration> = (0..TIMES)
        .map(|_| {
            let begun = Instant::now();
            ask();
            begun.elapsed()
        })
        .collect();
    times.sort_unstable();
    let ms = |time: &Duration| time.as_secs_f64() * 1_000.0;
    println!(
        "| {what} | {:.2} | {:.2} | {:.2} | {:.2} | {} |",
        ms(&first),
        ms(&times[TIMES / 2]),
        ms(&times[0]),
        ms(&times[TIMES - 1]),
        n_bytes / 1_000
    );
}

async fn bytes(router: &Router, target: &str) -> usize {
    let request = Request::get(target).body(Body::empty()).unwrap();
    let response = router.clone().oneshot(request).await.unwrap();
    assert!(response.status().is_success(), "{target}: {}", response.status());
    axum::body::to_bytes(response.into_body(), 64 << 20)
        .await
        .unwrap()
        .len()
}

fn id(n: i64) -> String {
    format!("p{n:07}")
}

fn portal_set(n: i64) -> PortalSet {
    let portal = |n: i64| {
        let text = format!(
            "name = \"第{n}县人民政府门户网站\"\nregion = \"430482\"\nseeds = [\"https://www.p{n}.gov.cn/zwgk/\"]\nschedule = \"0 3 * * {}\"\n",
            n % 7
        );
        (id(n), Portal::parse(&id(n), &text).unwrap())
    };
    PortalSet {
        good: (0..n).map(portal).collect::<BTreeMap<_, _>>(),
        bad: Vec::new(),
    }
}

/// What years of crawls leave behind; one portal in twenty has lost a list in its last one, and some name a tenth of their
/// documents for long.
fn fill(data: &Path, set: &PortalSet, n: i64, percent_alarmed: i64) -> Operations {
    let catalog = Catalog::open(data).unwrap();
    let now = Timestamp::now();
    let db = catalog.connection();
    db.execute_batch("BEGIN").unwrap();
    // A week's crawls of all portals lie beside each other, as they do in a catalog that grew.
    for run in 0..RUNS {
        for portal in 0..n {
            let at = now.as_millisecond() - (RUNS - run) * WEEK;
            db.prepare_cached(
                "INSERT INTO crawl_runs (portal, started_at, finished_at, is_full, last_version, status)
                 VALUES (?1, ?2, ?2, 0, 0, 'ok')",
            )
            .unwrap()
            .execute(params![id(portal), at])
            .unwrap();
            let is_lost = run == RUNS - 1 && portal % 20 == 7;
            let is_short = run >= RUNS - ALARMED_RUNS && portal * 37 % 100 < percent_alarmed;
            db.prepare_cached(
                "INSERT INTO crawl_yields (run, portal, n_rows, n_lists, n_lists_lost, lost_list, n_lists_short, n_new,
                     n_changed, n_unchanged, n_removed, n_seen, n_flagged, n_text_lost, median_chars, n_failed, robots,
                     robots_changed, signs)
                 VALUES (?1, ?2, ?5, 9, ?3, 'https://www.example.gov.cn/zwgk/fzzf/index.html', 0, ?4, 1, 380, 0, 381, 7,
                     0, 2500, 0, zeroblob(32), 0, ?6)",
            )
            .unwrap()
            .execute(params![
                db.last_insert_rowid(),
                id(portal),
                is_lost,
                i64::from((run + portal) % 3 == 0),
                if is_short { 40 } else { 400 },
                // As the end of each crawl would have noted it.
                is_lost || is_short,
            ])
            .unwrap();
        }
    }
    for portal in 0..n {
        db.prepare_cached(
            "INSERT INTO portals (id, first_seen, last_seen, n_reports, newest) VALUES (?1, ?2, ?2, 400, ?3)",
        )
        .unwrap()
        .execute(params![id(portal), now.to_string(), now.as_second()])
        .unwrap();
        remember(db, portal, now.as_millisecond());
    }
    db.execute_batch("COMMIT").unwrap();
    let operations = Operations::open(data).unwrap();
    operations.adopt_schedules(set, now).unwrap();
    db.execute_batch(
        "INSERT INTO portal_runs (portal, at, status, n_new, n_changed, in_season, is_paused)
         SELECT portal, finished_at, status, 1, 0, 0, 0 FROM crawl_runs
         WHERE id > (SELECT max(id) FROM crawl_runs) - 16 * (SELECT count(*) FROM portals)",
    )
    .unwrap();
    operations
}

/// What its visits have taught of a portal and its lists.
fn remember(db: &Connection, portal: i64, now: i64) {
    let (begun, interval) = (now - RUNS * WEEK, (1 + portal % 60) * WEEK / 7);
    for list in 0..LISTS {
        db.prepare_cached(
            "INSERT INTO crawl_lists (portal, key, url, first_at, last_at, run, n_visits, n_news, visits, news, time)
             VALUES (?1, ?2, ?2, ?3, ?4, 1, ?5, 20, 15.0, 6.0, 9e9)",
        )
        .unwrap()
        .execute(params![id(portal), list_url(portal, list), begun, now, RUNS])
        .unwrap();
    }
    db.prepare_cached(
        "INSERT INTO crawl_portals (id, name, region, list_url, list_interval, list_at, lists_since)
         VALUES (?1, ?2, 430482, ?3, ?4, ?5, ?6)",
    )
    .unwrap()
    .execute(params![
        id(portal),
        format!("第{portal}县人民政府门户网站"),
        list_url(portal, 0),
        interval,
        now,
        begun
    ])
    .unwrap();
}

fn list_url(portal: i64, list: i64) -> String {
    format!("https://www.p{portal}.gov.cn/zwgk/list{list}/index.html")
}

/// Resident memory, in MiB (Linux).
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().split(' ').next()?.parse::<u64>().ok())
        .unwrap_or(0)
        / 1_024
}
