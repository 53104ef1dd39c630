//! `serve`: the API and the pages over a data directory.

use std::{io::Write, net::SocketAddr, process::ExitCode, time::Duration};

use anyhow::{Context, bail};
use index::{IndexError, Reader};

use super::{Settings, writing};
use crate::{
    cli::ServeArgs,
    failure::wrong_call,
    http,
    portals::{PortalSet, SharedPortals},
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
    let reader = open_reader(&settings, &stop).await?;
    let router = http::router(reader, service(&settings)?);
    // Loading the dictionary takes a moment that the first search need not wait for.
    tokio::task::spawn_blocking(index::warm_up);
    announce(listener.local_addr()?)?;
    server::serve(listener, router, stop.token).await;
    Ok(ExitCode::SUCCESS)
}

/// Opens the index; makes one where nothing was ever indexed, or an older program did, unless another process is about
/// to.
async fn open_reader(settings: &Settings, stop: &Stop) -> anyhow::Result<Reader> {
    loop {
        match Reader::open(&settings.index_dir()) {
            Err(IndexError::Missing(_) | IndexError::SchemaVersion { .. }) => (),
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

/// What is served besides the index.
pub(super) fn service(settings: &Settings) -> anyhow::Result<http::Service> {
    let folder = &settings.config.crawl.portals;
    let portals = PortalSet::read(folder)
        .with_context(|| format!("cannot read the portal files in {}", folder.display()))?;
    Ok(http::Service {
        data_dir: settings.data().to_owned(),
        portals: SharedPortals::new(portals),
    })
}

/// The one line on stdout that says the service is ready.
pub(super) fn announce(addr: SocketAddr) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "http://{addr}/")?;
    out.flush()?;
    Ok(())
}
