//! `serve`: the API and the pages over a data directory.

use std::{io::Write, net::SocketAddr, process::ExitCode};

use anyhow::Context;

use super::Settings;
use crate::{cli::ServeArgs, http, server, shutdown::Stop};

pub(super) async fn run(settings: Settings, args: ServeArgs) -> anyhow::Result<ExitCode> {
    let stop = Stop::on_signals().context("cannot listen for signals")?;
    let listener = server::bind(args.bind.unwrap_or(settings.config.server.bind)).await?;
    settings.data_to_write()?;
    let reader = index::Reader::open(&settings.index_dir())?;
    announce(listener.local_addr()?)?;
    server::serve(listener, http::router(reader), stop.token).await;
    Ok(ExitCode::SUCCESS)
}

/// The one line on stdout that says the service is ready.
pub(super) fn announce(addr: SocketAddr) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "http://{addr}/")?;
    out.flush()?;
    Ok(())
}
