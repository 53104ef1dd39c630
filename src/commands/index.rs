//! `index`: derive it anew, check it, show its figures.

use std::{io::Write, process::ExitCode, sync::atomic::Ordering};

use anyhow::{Context, bail};
use crawler::{Archive, Catalog, Found, Position};
use index::{Reader, Rebuild, WriterOptions};
use serde::Serialize;
use serde_json::json;

use super::{Settings, writing};
use crate::{
    cli::{IndexAction, IndexArgs},
    progress::Progress,
    shutdown::Stop,
};

/// Problems that are told; more would say the same.
const MAX_PROBLEMS: usize = 1_000;

pub(super) fn run(settings: &Settings, args: IndexArgs) -> anyhow::Result<ExitCode> {
    settings.data_to_read()?;
    match args.action {
        IndexAction::Rebuild { no_wait, accept_loss } => rebuild(settings, no_wait, accept_loss),
        IndexAction::Verify { json } => verify(settings, json),
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
    rebuilt.for_each_report(|report| {
        generation.add(&report)?;
        n_reports += 1;
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

/// What is wrong with a data directory, part by part.
#[derive(Debug, Default, Serialize)]
struct Findings {
    reports: u64,
    captures: u64,
    problems: Vec<String>,
}

fn verify(settings: &Settings, json: bool) -> anyhow::Result<ExitCode> {
    let reader = Reader::open(&settings.index_dir())?;
    let catalog = Catalog::open(settings.data()).context("cannot open the catalog")?;
    let index = reader.verify()?;
    let mut found = Findings {
        reports: index.reports,
        ..Findings::default()
    };
    found.problems.extend(
        index
            .problems
            .into_iter()
            .map(|problem| format!("index: {problem}")),
    );
    let complaints = catalog.integrity_check()?;
    found.problems.extend(
        complaints
            .into_iter()
            .map(|complaint| format!("catalog: {complaint}")),
    );
    verify_archive(settings, &mut found)?;
    compare(settings, &reader, &mut found)?;

    let mut out = std::io::stdout().lock();
    if json {
        writeln!(out, "{}", serde_json::to_string_pretty(&found)?)?;
    } else {
        for problem in &found.problems {
            writeln!(out, "{problem}")?;
        }
        let Findings {
            reports,
            captures,
            problems,
        } = &found;
        writeln!(
            out,
            "{reports} reports and {captures} archived captures checked, {} problems",
            problems.len()
        )?;
    }
    if found.problems.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!(
        "as long as the archive is sound, `gongbao index rebuild` makes catalog and index anew from it"
    );
    Ok(ExitCode::from(1))
}

fn verify_archive(settings: &Settings, found: &mut Findings) -> anyhow::Result<()> {
    let progress = Progress::open_ended("reading the archive");
    for piece in Archive::open(settings.data()).scan(Position::default())? {
        match piece? {
            Found::Capture(..) => found.captures += 1,
            Found::Damaged(at) => {
                found.problems.push(format!(
                    "archive: {}: {} damaged bytes at {}",
                    at.file, at.length, at.offset
                ));
            }
            // Written when the process was killed: never acknowledged, cut off or passed over by the next writer.
            Found::Incomplete(_) => (),
        }
        progress.at(found.captures, &format!("{} captures", found.captures));
    }
    progress.done();
    Ok(())
}

/// Whether every report of the catalog is in the index as it stands there, and no other. Only while nobody writes.
fn compare(settings: &Settings, reader: &Reader, found: &mut Findings) -> anyhow::Result<()> {
    let stop = Stop::on_signals_in_background().context("cannot listen for signals")?;
    let store = match writing::open_store(settings, true, "index verify", &stop) {
        Ok(store) => store,
        Err(error) if writing::is_held(&error) => {
            tracing::warn!("not compared with the catalog: {error:#}");
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    reader.reload()?;
    let catalog = store.catalog();
    if !catalog.outbox_after(reader.stats()?.watermark, 1)?.is_empty() {
        found
            .problems
            .push("index: changes wait to be indexed; the next crawl or import does it".to_owned());
        return Ok(());
    }
    let mut n_reports = 0;
    catalog.for_each_report(|report| {
        n_reports += 1;
        let indexed = reader.get(&report.id)?;
        if indexed.as_ref() != Some(&report) && found.problems.len() < MAX_PROBLEMS {
            let what = if indexed.is_some() {
                "is otherwise in the index"
            } else {
                "is not in the index"
            };
            found.problems.push(format!("index: report {} {what}", report.id));
        }
        anyhow::Ok(())
    })?;
    let n_indexed = reader.stats()?.reports;
    if n_indexed != n_reports {
        found
            .problems
            .push(format!("index: {n_indexed} reports, the catalog has {n_reports}"));
    }
    Ok(())
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
