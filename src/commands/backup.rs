//! `backup` and `restore`: a copy of the data directory, and a data directory out of it.

use std::{io::Write, process::ExitCode, time::Instant};

use anyhow::Context;
use jiff::Timestamp;
use serde_json::json;

use super::{Settings, writing};
use crate::{
    backup,
    cli::{BackupArgs, RestoreArgs},
    pump::Pump,
    shutdown::Stop,
};

pub(super) fn backup(settings: &Settings, args: &BackupArgs) -> anyhow::Result<ExitCode> {
    let data = settings.data_to_read()?;
    let stop = Stop::on_signals_in_background().context("cannot listen for signals")?;
    let started = Instant::now();
    let taken = backup::take(data, &args.dir, Timestamp::now(), &stop)?;
    let manifest = &taken.manifest;
    let mut out = std::io::stdout().lock();
    if args.json {
        let value = json!({
            "dir": args.dir, "created_at": manifest.created_at, "reports": manifest.reports, "bytes": manifest.bytes(),
            "written": taken.written, "files": manifest.files.len(), "index": manifest.index_watermark.is_some(),
        });
        writeln!(out, "{value}")?;
        return Ok(ExitCode::SUCCESS);
    }
    writeln!(
        out,
        "{} reports in {} files, {} MiB, of which {} MiB were written in {:.1} s",
        manifest.reports,
        manifest.files.len(),
        manifest.bytes().div_ceil(1 << 20),
        taken.written.div_ceil(1 << 20),
        started.elapsed().as_secs_f64()
    )?;
    Ok(ExitCode::SUCCESS)
}

pub(super) fn restore(settings: &Settings, args: &RestoreArgs) -> anyhow::Result<ExitCode> {
    let stop = Stop::on_signals_in_background().context("cannot listen for signals")?;
    let manifest = backup::restore(settings.data(), &args.dir, &stop)?;
    // Proves that the parts belong together, and gives the index what it lacks.
    let store = writing::open_store(settings, true, "restore", &stop)?;
    let mut pump =
        Pump::open(settings.data()).context("all files are restored, but the index cannot be used")?;
    let n_indexed = pump.run()?;
    drop((pump, store));
    let mut out = std::io::stdout().lock();
    if args.json {
        let value = json!({
            "data": settings.data(), "created_at": manifest.created_at, "reports": manifest.reports,
            "bytes": manifest.bytes(), "program": manifest.program,
        });
        writeln!(out, "{value}")?;
        return Ok(ExitCode::SUCCESS);
    }
    writeln!(
        out,
        "{} reports restored to {} from the backup of {}{}",
        manifest.reports,
        settings.data().display(),
        manifest.created_at,
        match n_indexed {
            0 => String::new(),
            n => format!("; {n} changes were indexed"),
        }
    )?;
    Ok(ExitCode::SUCCESS)
}
