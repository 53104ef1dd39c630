//! `read-file`: the process in which one file of a report is read.

use std::{io, process::ExitCode};

use anyhow::Context;
use crawler::{FileLimits, serve_file};

use crate::cli::ReadFileArgs;

/// Lays limits on this process, then reads stdin and answers on stdout, for [`crawler::FileWorker`].
pub(super) fn run(args: &ReadFileArgs) -> anyhow::Result<ExitCode> {
    let limits = FileLimits {
        memory: args.memory << 20,
        ..FileLimits::default()
    };
    limits.apply().context("cannot limit what this process may use")?;
    serve_file(io::stdin().lock(), io::stdout().lock(), args.name.as_deref())?;
    Ok(ExitCode::SUCCESS)
}
