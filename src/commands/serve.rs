//! `serve`: the API and the pages over a data directory.

use std::{io::Write, net::SocketAddr, process::ExitCode, time::Duration};

use anyhow::{Context, bail};
use axum::{Extension, middleware};
use index::{IndexError, Reader};

use super::{Settings, writing};
use crate::{
    admin,
    cli::ServeArgs,
    disk::Disk,
    failure::wrong_call,
    http,
    metrics::{self, DataMetrics, Metrics},
    pump::Pump,
    server,
    shutdown::Stop,
};

pub(super) async fn run(settings: Settings, args: ServeArgs) -> anyhow::Result<ExitCode> {
    if !settings.config.server.anonymous_read {
        return Err(wrong_call(
            "[server] anonymous_read = false: reading by key is not built yet, and nobody could read",
        ));
    }
    let stop = Stop::on_signals().context("cannot listen for signals")?;
    let listener = server::bind(args.bind.unwrap_or(settings.config.server.bind)).await?;
    let admin = admin::bind(settings.config.server.admin_bind).await?;
    let reader = open_reader(&settings, &stop).await?;
    // Loading the dictionary takes a moment that the first search need not wait for.
    tokio::task::spawn_blocking(index::warm_up);
    let metrics = Metrics::default();
    let disk = Disk::new(settings.data().to_owned(), settings.config.data.min_free);
    metrics.add(DataMetrics::new(
        settings.data().to_owned(),
        reader.clone(),
        disk.clone(),
    ));
    let service = http::router(reader)
        .layer(Extension(disk))
        .layer(middleware::from_fn_with_state(metrics.clone(), metrics::observe));
    tracing::info!("metrics are at http://{}/metrics", admin.local_addr()?);
    let admin = server::serve(admin, admin::router(metrics, service.clone()), stop.token.clone());
    announce(listener.local_addr()?)?;
    tokio::join!(server::serve(listener, service, stop.token.clone()), admin);
    Ok(ExitCode::SUCCESS)
}

/// Opens the index; makes an empty one where nothing was ever indexed, unless another process is about to.
async fn open_reader(settings: &Settings, stop: &Stop) -> anyhow::Result<Reader> {
    loop {
        match Reader::open(&settings.index_dir()) {
            Err(IndexError::Missing(_)) => (),
            opened => return Ok(opened?),
        }
        match writing::open_store(settings, true, "serve", stop) {
            Ok(_store) => drop(Pump::open(settings.data())?),
            Err(error) if writing::is_held(&error) => {
                tracing::warn!("waiting for the first index: {error:#}");
                tokio::select! {
                    () = stop.token.cancelled() => bail!("stopped before there was an index"),
                    () = tokio::time::sleep(Duration::from_secs(1)) => (),
                }
            }
            Err(error) => return Err(error),
        }
    }
}

/// The one line on stdout that says the service is ready.
pub(super) fn announce(addr: SocketAddr) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "http://{addr}/")?;
    out.flush()?;
    Ok(())
}
