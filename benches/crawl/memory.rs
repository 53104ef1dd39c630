//! What a host costs that is waiting for its turn: for long, when nothing of it is under way; and for a few seconds,
//! which it does in place.

use std::{
    fmt::Write,
    thread,
    time::{Duration, Instant},
};

use super::{Settings, process, program::Setup, server::Server, site::Weight};

/// Longer than the measurement takes: each host is asked for `robots.txt`, then waits.
const LONG: Duration = Duration::from_secs(3600);

/// After this, idle connections have been closed.
const SETTLED: Duration = Duration::from_secs(30);

/// A wait in place, with the connection.
const SHORT: Duration = Duration::from_secs(9);

/// Before it is over.
const MEANWHILE: Duration = Duration::from_secs(4);

pub(crate) fn section(settings: &Settings) -> String {
    let mut out = String::from(
        "### Memory of waiting hosts\n\nPortals of one host each, whose `robots.txt` was fetched; their first page is due in an hour, or in nine \
         seconds. As many begin at once as `concurrency` has by itself. *kB more a host*: than with the next fewer hosts.\n\n\
         | hosts | due in | seconds until all were asked | MiB at rest | kB more a host |\n|---|---|---|---|---|\n",
    );
    for (delay, due, settled) in [(LONG, "an hour", SETTLED), (SHORT, "9 s", MEANWHILE)] {
        let mut fewer = None;
        for n in settings.of(&[100, 1000, 3000]) {
            let (seconds, mib) = measure(n, delay, settled);
            let more = fewer.map_or_else(
                || "–".to_owned(),
                |(n_fewer, mib_fewer)| format!("{:.1}", (mib - mib_fewer) * 1024.0 / (n - n_fewer) as f64),
            );
            fewer = Some((n, mib));
            let line = format!("| {n} | {due} | {seconds:.1} | {mib:.1} | {more} |");
            eprintln!("{line}");
            let _ = writeln!(out, "{line}");
        }
    }
    out
}

/// Seconds until so many hosts were asked, and MiB when they wait.
fn measure(n: usize, delay: Duration, settled: Duration) -> (f64, f64) {
    let mut server = Server::start(n, 1, Weight::Light, Duration::ZERO);
    let setup = Setup::usual(&server, delay);
    let begun = Instant::now();
    let mut child = setup.start();
    let mut asked = 0;
    while asked < n as u64 && begun.elapsed() < Duration::from_secs(120) {
        thread::sleep(Duration::from_millis(100));
        asked += server.seen().robots;
    }
    let seconds = begun.elapsed().as_secs_f64();
    thread::sleep(settled);
    let mib = process::memory(child.id(), "VmRSS").unwrap_or(f64::NAN);
    let _ = child.kill();
    let _ = child.wait();
    (seconds, mib)
}
