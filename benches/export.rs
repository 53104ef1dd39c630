//! Measures exports: how long they take beside reading all reports, and how much memory they need.
//!
//! ```text
//! cargo bench --bench search -- --dir /tmp/corpus index        makes an index of 200,000 reports and keeps it
//! cargo bench --bench export -- --index /tmp/corpus/200000/ours
//! cargo bench --bench export -- --index DIR csv jsonl          these formats only
//! ```
//!
//! Each export is an answer of the HTTP side, taken piece by piece and thrown away. "Reading" is `Reader::find_all` with
//! every report parsed, which is what a program without an export would do. The peak is the largest resident set of the
//! process while the export runs, seen every 20 ms, over what it was before the first. What one format took is not all
//! given back before the next: for the memory of one, measure it alone.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a measurement prints, and ends where it cannot go on"
)]

use std::{
    fs,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::{Body, HttpBody},
    http::Request,
};
use gongbao::{
    alerts::AlertSettings, http, operations::Operations, overview::Histories, portals::SharedPortals,
};
use index::{Reader, SearchRequest};
use tower::ServiceExt;

#[path = "extraction/machine.rs"]
mod machine;

/// What is exported: its name, and the parameters.
const EXPORTS: [(&str, &str); 7] = [
    ("csv", "format=csv"),
    ("jsonl", "format=jsonl"),
    ("parquet", "format=parquet"),
    ("xlsx", "format=xlsx"),
    ("bibtex", "format=bibtex"),
    ("csv with text", "format=csv&fields=id,title,text"),
    ("parquet with text", "format=parquet&fields=id,title,text"),
];

fn main() {
    let mut arguments = std::env::args().skip(1);
    let (mut index, mut wanted) = (None, Vec::new());
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--bench" => {}
            // `cargo test --benches`: nothing is to be measured in a build without optimisation.
            "--test" => return,
            "--index" => index = arguments.next().map(PathBuf::from),
            _ => wanted.push(argument),
        }
    }
    let Some(index) = index else {
        println!("nothing is measured without --index DIR");
        return;
    };
    let reader = Reader::open(&index).unwrap();
    let folder = tempfile::tempdir().unwrap();
    drop(crawler::Catalog::open(folder.path()).unwrap());
    let service = http::Service {
        data_dir: folder.path().to_owned(),
        operations: Operations::open(folder.path()).unwrap(),
        portals: SharedPortals::default(),
        histories: Histories::default(),
        anonymous_read: true,
        alerts: AlertSettings::default(),
        wake: Arc::default(),
        callers: http::Callers::default(),
    };
    let router = http::router(reader.clone(), service);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();

    println!("{}", machine::section());
    println!(
        "| export | reports | seconds | processor seconds | MB | MB over idle at the peak |\n|---|---|---|---|---|---|"
    );
    let idle = resident();
    let mut n = 0;
    // Again: the first time the files had to come from the disk.
    for name in ["reading", "reading again"] {
        let (begun, processor) = (Instant::now(), processor_seconds());
        n = read(&reader);
        let (seconds, processor) = (begun.elapsed().as_secs_f64(), processor_seconds() - processor);
        println!("| {name} | {n} | {seconds:.1} | {processor:.1} | | |");
    }
    for (name, parameters) in EXPORTS {
        if !wanted.is_empty() && wanted.iter().all(|wanted| !name.starts_with(wanted.as_str())) {
            continue;
        }
        let watch = Watch::start();
        let (begun, processor) = (Instant::now(), processor_seconds());
        let bytes = runtime.block_on(take(&router, parameters));
        let (seconds, processor) = (begun.elapsed().as_secs_f64(), processor_seconds() - processor);
        let over = watch.stop().saturating_sub(idle) as f64 / 1e6;
        println!(
            "| {name} | {n} | {seconds:.1} | {processor:.1} | {:.0} | {over:.0} |",
            bytes as f64 / 1e6
        );
    }
}

/// Reads every report.
fn read(reader: &Reader) -> usize {
    let found = reader.find_all(&SearchRequest::default()).unwrap();
    found.map(Result::unwrap).count()
}

/// Time of processors that this process took so far, whatever else is at work on the machine.
fn processor_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // Behind the name, which may hold spaces: utime and stime are fields 14 and 15 of proc(5), in hundredths of a second.
    let fields = stat
        .rsplit_once(')')
        .map_or("", |(_, rest)| rest)
        .split_whitespace();
    let ticks = fields
        .skip(11)
        .take(2)
        .filter_map(|field| field.parse::<f64>().ok());
    ticks.sum::<f64>() / 100.0
}

/// Takes an export to its end, and counts its bytes.
async fn take(router: &Router, parameters: &str) -> u64 {
    let request = Request::get(format!("/api/v1/export?{parameters}"));
    let answer = router
        .clone()
        .oneshot(request.body(Body::empty()).unwrap())
        .await
        .unwrap();
    assert!(answer.status().is_success());
    let mut body = Box::pin(answer.into_body());
    let mut bytes = 0;
    while let Some(frame) = std::future::poll_fn(|context| body.as_mut().poll_frame(context)).await {
        bytes += frame.unwrap().data_ref().map_or(0, |data| data.len() as u64);
    }
    bytes
}

/// Looks at the memory of this process all the while.
struct Watch {
    peak: Arc<AtomicU64>,
    stop: Arc<AtomicBool>,
    looking: JoinHandle<()>,
}

impl Watch {
    fn start() -> Self {
        let (peak, stop) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
        let looking = {
            let (peak, stop) = (Arc::clone(&peak), Arc::clone(&stop));
            thread::spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    peak.fetch_max(resident(), Ordering::Relaxed);
                    thread::sleep(Duration::from_millis(20));
                }
            })
        };
        Self { peak, stop, looking }
    }

    fn stop(self) -> u64 {
        self.stop.store(true, Ordering::Relaxed);
        self.looking.join().unwrap();
        self.peak.load(Ordering::Relaxed)
    }
}

/// Bytes of this process that are in memory.
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .unwrap_or_default();
    let kib: u64 = line
        .trim()
        .trim_end_matches("kB")
        .trim()
        .parse()
        .unwrap_or_default();
    kib << 10
}
