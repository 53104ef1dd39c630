//! As fast as it goes: portals without a delay.

use std::{collections::BTreeMap, fmt::Write, time::Duration};

use super::{
    Settings,
    program::{Run, Setup},
    server::Server,
    site::Weight,
    spread::Spread,
};

/// Hosts, and reports of each: enough for some seconds.
const CASES: &[(usize, usize)] = &[(1, 1500), (10, 200), (100, 20), (1000, 3)];

pub(crate) fn section(settings: &Settings) -> String {
    let mut out = String::from(
        "### Without a delay\n\nMedian (least – most) of whole runs, start and end included. Processor time is user and system of the \
         crawl; the server's own is beside it.\n\n| hosts | pages | pages a second | processor ms a page | server ms a page | pages a second of one processor | peak MiB |\n|---|---|---|---|---|---|---|\n",
    );
    let mut threads: BTreeMap<&str, f64> = BTreeMap::new();
    let mut last = None;
    for n in settings.of(&[1, 10, 100, 1000]) {
        let reports = CASES
            .iter()
            .find(|(hosts, _)| *hosts == n)
            .map_or(20, |(_, reports)| *reports);
        let reports = if settings.is_quick {
            reports.div_ceil(4)
        } else {
            reports
        };
        let mut server = Server::start(n, reports, Weight::Full, Duration::ZERO);
        let setup = Setup::new(&server, Duration::ZERO);
        let runs: Vec<Run> = (0..settings.rounds()).map(|_| setup.run(&mut server)).collect();
        let spread = |of: fn(&Run) -> f64| Spread::of(runs.iter().map(of).collect());
        let shown = |of: fn(&Run) -> f64, digits: usize| {
            let Spread { least, median, most } = spread(of);
            format!("{median:.digits$} ({least:.digits$} – {most:.digits$})")
        };
        let _ = writeln!(
            out,
            "| {n} | {} | {} | {} | {:.2} | {:.0} | {:.0} |",
            runs[0].seen.pages,
            shown(Run::rate, 0),
            shown(Run::cpu_ms, 2),
            spread(|run| run.server_cpu * 1e3 / run.seen.pages as f64).median,
            1e3 / spread(Run::cpu_ms).median,
            spread(|run| run.cost.mib).most,
        );
        for run in &runs {
            for (name, cpu) in &run.cost.threads {
                *threads.entry(part(name)).or_default() +=
                    cpu * 1e3 / run.seen.pages as f64 / runs.len() as f64;
            }
        }
        eprintln!("{n} hosts: {:?}", runs[0].cost.threads);
        let sum: f64 = threads.values().sum();
        let rest = (spread(Run::cpu_ms).median - sum).max(0.0);
        let split: Vec<_> = threads
            .iter()
            .map(|(name, ms)| format!("{name} {ms:.2}"))
            .collect();
        last = Some(format!("{}, the rest {rest:.2}", split.join(", ")));
        let disk = runs[0]
            .disk
            .map(|bytes| bytes as f64 / runs[0].seen.pages as f64 / 1e3);
        eprintln!(
            "{n} hosts: {} / disk kB a page {disk:.1?}",
            last.as_deref().unwrap_or_default()
        );
        threads.clear();
    }
    if let Some(split) = last {
        let _ = writeln!(
            out,
            "\nOf the processor time, in ms a page with the most hosts: {split}."
        );
    }
    out
}

/// What the threads of a name do.
fn part(name: &str) -> &'static str {
    match name {
        name if name.starts_with("tokio") => "fetch and read",
        name if name.starts_with("reader") => "read",
        name if name.starts_with("recorder") => "record",
        name if name.starts_with("pump") => "index",
        name if name.starts_with("thrd-tantivy") || name.starts_with("merge") => "index",
        _ => "other",
    }
}
