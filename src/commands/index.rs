//! `index`: derive it anew, check it, show its figures.

use std::{io::Write, process::ExitCode, sync::atomic::Ordering};

use anyhow::{Context, bail};
use crawler::Recorded;
use index::{Known, Reader, Rebuild, WriterOptions};
use serde_json::json;

use super::{Settings, writing};
use crate::{
    cli::{IndexAction, IndexArgs},
    progress::Progress,
    shutdown::Stop,
    verify,
};

pub(super) fn run(settings: &Settings, args: IndexArgs) -> anyhow::Result<ExitCode> {
    settings.data_to_read()?;
    match args.action {
        IndexAction::Rebuild { no_wait, accept_loss } => rebuild(settings, no_wait, accept_loss),
        IndexAction::Verify { quick, json } => verify(settings, quick, json),
        IndexAction::Stats { json } => stats(settings, json),
    }
}

fn rebuild(settings: &Settings, no_wait: bool, accept_loss: bool) -> anyhow::Result<ExitCode> {
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
    let damaged = &rebuilt.summary.damaged;
    for at in damaged {
        eprintln!(
            "archive file {}: {} bytes from {} cannot be read",
            at.file, at.length, at.offset
        );
    }
    if !damaged.is_empty() && !accept_loss {
        bail!(
            "the archive is damaged; nothing was changed; --accept-loss goes on without what cannot be read"
        );
    }
    let progress = Progress::open_ended("indexing");
    let mut generation = Rebuild::start(&settings.index_dir(), WriterOptions::default())?;
    let mut n_reports: u64 = 0;
    rebuilt.for_each_version(|Recorded { report, from, until }| {
        generation.put(&report, Known { from, until })?;
        n_reports += u64::from(until.is_none());
        progress.at(n_reports, &format!("{n_reports} reports"));
        anyhow::Ok(())
    })?;
    // The catalog first: it then counts beyond the old index, and should we be killed before the new one is published,
    // the next writer sees the gap and derives the index from the catalog.
    let watermark = rebuilt.watermark;
    let summary = rebuilt.commit()?;
    generation.publish(watermark)?;
    progress.done();
    writeln!(std::io::stdout(), "{} reports", summary.reports)?;
    Ok(ExitCode::SUCCESS)
}

fn verify(settings: &Settings, quick: bool, json: bool) -> anyhow::Result<ExitCode> {
    let found = verify::verify(settings.data(), quick)?;
    let mut out = std::io::stdout().lock();
    if json {
        writeln!(out, "{}", serde_json::to_string_pretty(&found)?)?;
        return Ok(ExitCode::from(u8::from(!found.ok)));
    }
    for problem in &found.problems {
        writeln!(out, "{}: {}", problem.part.name(), problem.problem)?;
    }
    for note in &found.notes {
        writeln!(out, "note: {note}")?;
    }
    let (read, n) = (if quick { "sampled" } else { "checked" }, found.problems.len());
    writeln!(
        out,
        "{} reports and {} archived captures {read}, {n} problems",
        found.reports, found.captures
    )?;
    for advice in verify::advice(&found) {
        eprintln!("{advice}");
    }
    Ok(ExitCode::from(u8::from(!found.ok)))
}

fn stats(settings: &Settings, json: bool) -> anyhow::Result<ExitCode> {
    let stats = Reader::open(&settings.index_dir())?.stats()?;
    let mut out = std::io::stdout().lock();
    if json {
        writeln!(out, "{}", serde_json::to_string_pretty(&json!(stats))?)?;
        return Ok(ExitCode::SUCCESS);
    }
    writeln!(out, "reports     {}", stats.reports)?;
    writeln!(out, "past        {}", stats.past_versions)?;
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
