//! What a host costs that is waiting for its turn.

use std::{
    fmt::Write,
    thread,
    time::{Duration, Instant},
};

use super::{Settings, process, program::Setup, server::Server, site::Weight};

/// Longer than the measurement takes: each host is asked for `robots.txt`, then waits.
const DELAY: Duration = Duration::from_secs(3600);

/// After this, idle connections have been closed.
const SETTLED: Duration = Duration::from_secs(30);

pub(crate) fn section(settings: &Settings) -> String {
    let mut out = String::from(
        "### Memory of waiting hosts\n\nPortals of one host each, whose `robots.txt` was fetched and whose first page is due in an hour.\n\n| hosts | seconds until all were asked | MiB at rest | kB more a host |\n|---|---|---|---|\n",
    );
    let mut fewest = None;
    for n in settings.of(&[100, 1000, 3000]) {
        let mut server = Server::start(n, 1, Weight::Light, Duration::ZERO);
        let setup = Setup::new(&server, DELAY);
        let begun = Instant::now();
        let mut child = setup.start();
        let mut asked = 0;
        while asked < n as u64 && begun.elapsed() < Duration::from_secs(120) {
            thread::sleep(Duration::from_millis(100));
            asked += server.seen().robots;
        }
        let seconds = begun.elapsed().as_secs_f64();
        thread::sleep(SETTLED);
        let mib = process::memory(child.id(), "VmRSS").unwrap_or(f64::NAN);
        let _ = child.kill();
        let _ = child.wait();
        let (n_fewest, mib_fewest) = *fewest.get_or_insert((n, mib));
        let more = (mib - mib_fewest) * 1024.0 / (n - n_fewest).max(1) as f64;
        let more = if n == n_fewest {
            "–".to_owned()
        } else {
            format!("{more:.1}")
        };
        let line = format!("| {n} | {seconds:.1} | {mib:.1} | {more} |");
        eprintln!("{line}");
        let _ = writeln!(out, "{line}");
    }
    out
}
