//! `import`: files into reports, without a network.

use std::{io::Write, path::Path, process::ExitCode};

use anyhow::Context;
use crawler::{Failure, ImportSummary, Progress as Step};
use jiff::Timestamp;
use serde_json::json;

use super::{Settings, writing};
use crate::{cli::ImportArgs, failure::wrong_call, progress::Progress, pump::Pumping, shutdown::Stop};

pub(super) fn run(settings: &Settings, args: ImportArgs) -> anyhow::Result<ExitCode> {
    if let Some(missing) = args.paths.iter().find(|path| !path.exists()) {
        return Err(wrong_call(format!(
            "{} is not there; nothing was imported",
            missing.display()
        )));
    }
    if let Some(portal) = args.portal.as_deref().filter(|id| !crawler::is_portal_id(id)) {
        return Err(wrong_call(format!(
            "--portal: an id has 1 to 64 of a-z, 0-9, - and _, got {portal:?}"
        )));
    }
    let stop = Stop::on_signals_in_background().context("cannot listen for signals")?;
    let mut store = writing::open_store(settings, args.no_wait, "import", &stop)?;
    let pumping = Pumping::start(settings.data().to_owned())?;
    let bell = pumping.bell();
    let progress = Progress::of_bytes("importing", 0);
    let summary = crawler::import(
        &args.paths,
        args.portal.as_deref(),
        &mut store,
        Timestamp::now(),
        &mut |step| match step {
            Step::Advanced {
                bytes_done,
                bytes_total,
                reports,
            } => {
                progress.of(bytes_total);
                progress.at(bytes_done, &format!("{reports} reports"));
                bell();
            }
            Step::Changed {
                file,
                line,
                id,
                version,
            } => {
                let place = place(&file, line);
                progress.say(&format!("{place}: version {version} of report {id}"));
            }
            Step::Failed(failure) => progress.say(&format!("not imported: {}", told(&failure))),
            Step::Skipped(failure) => progress.say(&format!("left out: {}", told(&failure))),
        },
        &stop.flag,
    );
    progress.done();
    drop(bell);
    let pumped = pumping.finish();
    let summary = summary.context("the import failed; what was taken in before is kept")?;
    pumped?;
    show(&summary, args.json)?;
    let all_well = summary.n_failed == 0 && !summary.cancelled;
    Ok(ExitCode::from(u8::from(!all_well)))
}

fn told(failure: &Failure) -> String {
    format!("{}: {}", place(&failure.file, failure.line), failure.reason)
}

fn place(file: &Path, line: Option<u64>) -> String {
    match line {
        Some(line) => format!("{}:{line}", file.display()),
        None => file.display().to_string(),
    }
}

fn show(summary: &ImportSummary, as_json: bool) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    if as_json {
        let failed: Vec<_> = summary
            .failed
            .iter()
            .map(|f| json!({"file": f.file.to_string_lossy(), "line": f.line, "reason": f.reason}))
            .collect();
        let value = json!({
            "new": summary.new, "changed": summary.changed, "unchanged": summary.unchanged,
            "skipped": summary.skipped, "n_failed": summary.n_failed, "failed": failed, "cancelled": summary.cancelled,
        });
        writeln!(out, "{value}")?;
        return Ok(());
    }
    writeln!(
        out,
        "{} new, {} changed, {} unchanged, {} left out, {} failed",
        summary.new, summary.changed, summary.unchanged, summary.skipped, summary.n_failed
    )?;
    if summary.cancelled {
        writeln!(out, "stopped early; the same call goes on with the rest")?;
    }
    Ok(())
}
