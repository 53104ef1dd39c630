//! How fast reports are indexed, and what room they take.

use std::{error::Error, fmt::Write};

use index::{Writer, WriterOptions};

use crate::{
    Bench, bare,
    bare::Bare,
    cost::{self, Stopwatch},
};

/// Reports that are indexed from memory, and how often.
const N_TIMED: usize = 5000;
const ROUNDS: usize = 3;

/// Our writer and the peer's take turns at the same reports, which are in memory before.
pub(crate) fn speed(bench: &Bench) -> Result<String, Box<dyn Error>> {
    let reports: Vec<_> = (0..N_TIMED.min(bench.n_reports))
        .map(|nth| bench.reports.report(nth))
        .collect();
    let texts: Vec<_> = reports.iter().map(bare::text_of).collect();
    let n_bytes: usize = texts.iter().map(String::len).sum();
    let han: usize = reports.iter().map(|report| report.content.chars).sum();
    index::warm_up();
    // The first cut loads the peer's dictionary.
    Bare::create(tempfile::tempdir()?.path(), texts.iter().take(1).cloned())?;
    let (mut ours, mut peers) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let dir = tempfile::tempdir()?;
        let watch = Stopwatch::start();
        let mut writer = Writer::open(dir.path(), WriterOptions::default())?;
        for report in &reports {
            writer.upsert(report)?;
        }
        writer.commit(1)?;
        writer.close()?;
        ours.push((watch.wall(), watch.processors()));
        let dir = tempfile::tempdir()?;
        let watch = Stopwatch::start();
        Bare::create(dir.path(), texts.iter().cloned())?;
        peers.push((watch.wall(), watch.processors()));
    }
    ours.sort_unstable();
    peers.sort_unstable();
    let mut out = String::from("### Indexing\n\n");
    writeln!(
        out,
        "{} reports of {} Han characters on average, from memory, two threads, 200 MiB; medians of {ROUNDS} rounds in turn (load {}).\n",
        reports.len(),
        han / reports.len().max(1),
        cost::load(),
    )?;
    writeln!(
        out,
        "| | reports a second | MB of text a second | processor ms a report |\n|---|---|---|---|"
    )?;
    for (name, runs) in [("ours", &ours), ("tantivy, one field by tantivy-jieba", &peers)] {
        let (wall, processors) = runs[ROUNDS / 2];
        writeln!(
            out,
            "| {name} | {:.0} | {:.2} | {:.2} |",
            reports.len() as f64 / wall.as_secs_f64(),
            n_bytes as f64 / 1e6 / wall.as_secs_f64(),
            processors.as_secs_f64() * 1e3 / reports.len() as f64,
        )?;
    }
    let ratio = peers[ROUNDS / 2].0.as_secs_f64() / ours[ROUNDS / 2].0.as_secs_f64();
    writeln!(out, "\nOurs has {ratio:.2} of the peer's speed.")?;
    Ok(out)
}

/// Bytes on disk for a byte of text, by part.
pub(crate) fn sizes(bench: &Bench) -> Result<String, Box<dyn Error>> {
    let stats = bench.ours()?.stats()?;
    let step = (bench.n_reports / 2000).max(1);
    let sample: Vec<_> = (0..bench.n_reports).step_by(step).collect();
    let sum: usize = sample
        .iter()
        .map(|nth| bare::text_of(&bench.reports.report(*nth)).len())
        .sum();
    let n_bytes = sum as f64 / sample.len() as f64 * bench.n_reports as f64;
    let mut out = format!("### Size of the index of {} reports\n\n", bench.n_reports);
    writeln!(
        out,
        "{:.2} GB of text (UTF-8), {} Han characters a report; {} segments.\n",
        n_bytes / 1e9,
        stats.chars / stats.reports.max(1),
        stats.segments
    )?;
    writeln!(out, "| part | bytes for a byte of text |\n|---|---|")?;
    for (part, bytes) in &stats.bytes_by_part {
        writeln!(out, "| {part} | {:.3} |", *bytes as f64 / n_bytes)?;
    }
    writeln!(out, "| all | {:.3} |", stats.bytes as f64 / n_bytes)?;
    writeln!(
        out,
        "| tantivy, one field by tantivy-jieba, nothing stored | {:.3} |",
        bench.bare()?.bytes()? as f64 / n_bytes
    )?;
    Ok(out)
}
