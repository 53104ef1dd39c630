//! `index`: derive it anew, check it, show its figures.

use std::{io::Write, process::ExitCode, sync::atomic::Ordering};

use anyhow::Context;
use index::{Reader, Rebuild, WriterOptions};
use serde_json::json;

use super::{Settings, writing};
use crate::{
    cli::{IndexAction, IndexArgs},
    progress::Progress,
    shutdown::Stop,
};

pub(super) fn run(settings: &Settings, args: IndexArgs) -> anyhow::Result<ExitCode> {
    settings.data_to_read()?;
    match args.action {
        IndexAction::Rebuild { no_wait } => rebuild(settings, no_wait),
        IndexAction::Verify { json } => verify(settings, json),
        IndexAction::Stats { json } => stats(settings, json),
    }
}

fn rebuild(settings: &Settings, no_wait: bool) -> anyhow::Result<ExitCode> {
    let stop = Stop::on_signals_in_background().context("cannot listen for signals")?;
    let mut store = writing::open_store_for_rebuild(settings, no_wait, &stop)?;
    let progress = Progress::of_bytes("reading the archive", 0);
    let rebuilt = crawler::rebuild(&mut store, &mut |at| {
        progress.of(at.bytes_total);
        progress.at(at.bytes_done, &format!("{} pages", at.captures));
        !stop.flag.load(Ordering::Relaxed)
    });
    progress.done();
    let rebuilt = rebuilt?;
    let progress = Progress::open_ended("indexing");
    let mut generation = Rebuild::start(&settings.index_dir(), WriterOptions::default())?;
    let mut n_reports: u64 = 0;
    rebuilt.for_each_report(|report| {
        generation.add(&report)?;
        n_reports += 1;
        progress.at(n_reports, &format!("{n_reports} reports"));
        anyhow::Ok(())
    })?;
    // The index first: a kill in between leaves an index that is newer than the catalog, which the next rebuild mends,
    // and never a catalog whose reports cannot be found.
    generation.publish(rebuilt.watermark)?;
    let summary = rebuilt.commit()?;
    progress.done();
    println!("{} reports", summary.reports);
    Ok(ExitCode::SUCCESS)
}

fn verify(settings: &Settings, json: bool) -> anyhow::Result<ExitCode> {
    let found = Reader::open(&settings.index_dir())?.verify()?;
    let mut out = std::io::stdout().lock();
    if json {
        writeln!(out, "{}", serde_json::to_string_pretty(&found)?)?;
    } else {
        for problem in &found.problems {
            writeln!(out, "{problem}")?;
        }
        writeln!(out, "{} reports checked, {} problems", found.reports, found.problems.len())?;
    }
    if found.problems.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!("the archive is not touched by this: `gongbao index rebuild` makes a sound index from it");
    Ok(ExitCode::from(1))
}

fn stats(settings: &Settings, json: bool) -> anyhow::Result<ExitCode> {
    let stats = Reader::open(&settings.index_dir())?.stats()?;
    let mut out = std::io::stdout().lock();
    if json {
        writeln!(out, "{}", serde_json::to_string_pretty(&json!(stats))?)?;
        return Ok(ExitCode::SUCCESS);
    }
    writeln!(out, "reports     {}", stats.reports)?;
    writeln!(out, "characters  {}", stats.chars)?;
    writeln!(out, "bytes       {}", stats.bytes)?;
    for (part, bytes) in &stats.bytes_by_part {
        writeln!(out, "  {part:<10}{bytes}")?;
    }
    writeln!(out, "segments    {}", stats.segments)?;
    writeln!(out, "generation  {}", stats.generation)?;
    writeln!(out, "watermark   {}", stats.watermark)?;
    Ok(ExitCode::SUCCESS)
}
