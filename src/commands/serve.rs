//! `serve`: the API and the pages over a data directory, and the jobs that keep it up to date.

use std::{io::Write, net::SocketAddr, process::ExitCode, sync::Arc, time::Duration};

use anyhow::{Context, bail};
use axum::{Extension, middleware};
use index::{IndexError, Reader};
use jiff::Timestamp;
use tokio::{net::TcpListener, sync::Notify};

use super::{Settings, crawl, writing};
use crate::{
    admin,
    alerts::{self, AlertSettings},
    cli::ServeArgs,
    disk::Disk,
    failure::wrong_call,
    http,
    metrics::{self, DataMetrics, Metrics, PortalMetrics},
    operations::{KeyState, Operations},
    overview::Histories,
    portals::SharedPortals,
    pump::Pump,
    reload::Reload,
    retention::forget_jobs_daily,
    runner::Runner,
    server,
    shutdown::Stop,
    synonyms,
};

pub(super) async fn run(settings: Settings, args: ServeArgs) -> anyhow::Result<ExitCode> {
    let stop = Stop::on_signals().context("cannot listen for signals")?;
    let addr = args.bind.unwrap_or(settings.config.server.bind);
    if !args.insecure && !settings.config.server.insecure {
        refuse_if_open(&settings, addr)?;
    }
    let listener = server::bind(addr).await?;
    let admin = admin::bind(settings.config.server.admin_bind).await?;
    let reload = portals(&settings)?;
    let portals = reload.portals().clone();
    let reader = open_reader(&settings, &stop).await?;
    if let Some(path) = &settings.config.search.synonyms {
        let watch = synonyms::Watch::begin(path.clone(), &reader)?;
        tokio::spawn(watch.run(reader.clone(), stop.token.clone()));
    }
    // Loading the dictionary takes a moment that the first search need not wait for.
    tokio::task::spawn_blocking(index::warm_up);
    tokio::spawn(reload.run(stop.token.clone()));
    until_stopped(&settings, listener, Some(admin), reader, portals, &stop).await?;
    Ok(ExitCode::SUCCESS)
}

/// Announces the service, then answers and runs jobs until it is to stop. What is for operators alone is answered on
/// `admin`.
pub(super) async fn until_stopped(
    settings: &Settings,
    listener: TcpListener,
    admin: Option<TcpListener>,
    reader: Reader,
    portals: SharedPortals,
    stop: &Stop,
) -> anyhow::Result<()> {
    let operations = Operations::open(settings.data_to_write()?)?;
    let wake = Arc::new(Notify::new());
    let disk = Disk::new(settings.data().to_owned(), settings.config.data.min_free);
    let runner = Runner {
        disk: disk.clone(),
        retention: settings.config.retention,
        operations: operations.clone(),
        portals: portals.clone(),
        crawl: crawl::crawl_config(&settings.config),
        wake: Arc::clone(&wake),
    };
    let addr = listener.local_addr()?;
    let alerts = AlertSettings::new(&settings.config, addr);
    let watching = alerts::watch(
        reader.clone(),
        operations.clone(),
        &alerts,
        &settings.config.crawl.user_agent,
        stop.token.clone(),
    )?;
    let histories = Histories::default();
    let (ahead, data_dir) = (histories.clone(), settings.data().to_owned());
    // Like the dictionary: the first look at thousands of portals need not wait for what all of them did.
    tokio::task::spawn_blocking(move || {
        if let Err(error) = ahead.read_ahead(&data_dir) {
            tracing::debug!(
                error = format!("{error:#}"),
                "what portals did is read at the first look"
            );
        }
    });
    let portal_metrics = PortalMetrics::new(portals.clone(), operations.clone(), histories.clone());
    let callers = http::Callers::new(&settings.config);
    let service = http::Service {
        data_dir: settings.data().to_owned(),
        operations: operations.clone(),
        portals: portals.clone(),
        histories,
        anonymous_read: settings.config.server.anonymous_read,
        callers: callers.clone(),
        alerts,
        wake,
    };
    let metrics = Metrics::default();
    metrics.add(DataMetrics::new(
        settings.data().to_owned(),
        reader.clone(),
        disk.clone(),
    ));
    metrics.add(portal_metrics);
    let router = http::router(reader, service)
        .layer(Extension(disk))
        .layer(middleware::from_fn_with_state(metrics.clone(), metrics::observe));
    if let Some(admin) = admin {
        tracing::info!("metrics are at http://{}/metrics", admin.local_addr()?);
        let answers = admin::router(metrics, router.clone());
        tokio::spawn(server::serve(admin, answers, callers.clone(), stop.token.clone()));
    }
    let retention = settings.config.retention;
    tokio::spawn(forget_jobs_daily(retention, operations, stop.token.clone()));
    announce(addr)?;
    let jobs = tokio::spawn(runner.run(stop.token.clone()));
    let watched = tokio::spawn(watching);
    server::serve(listener, router, callers, stop.token.clone()).await;
    watched
        .await
        .context("looking after alerts ended by a fault of this program")?;
    jobs.await.context("the jobs ended by a fault of this program")
}

/// An error when others could reach `addr` and nobody has thought of keys.
fn refuse_if_open(settings: &Settings, addr: SocketAddr) -> anyhow::Result<()> {
    if addr.ip().to_canonical().is_loopback() {
        return Ok(());
    }
    let now = Timestamp::now();
    let keys = Operations::open(settings.data_to_write()?)?.keys()?;
    if keys.iter().any(|key| key.state(now) == KeyState::Active) {
        return Ok(());
    }
    Err(wrong_call(format!(
        "others can reach {addr}, and there is no key: make one with `gongbao keys create --scope admin`, let a proxy on this \
         machine ask 127.0.0.1, or say with --insecure ([server] insecure = true) that this is meant; [server] anonymous_read \
         = false asks readers for a key too"
    )))
}

/// The portal files, those that are wrong named in the log.
fn portals(settings: &Settings) -> anyhow::Result<Reload> {
    let folder = &settings.config.crawl.portals;
    let reload = Reload::begin(folder.clone())
        .map_err(|error| wrong_call(format!("cannot read {}: {error}", folder.display())))?;
    let set = reload.portals().get();
    for (path, error) in &set.bad {
        tracing::warn!("{} is left out: {error}", path.display());
    }
    crawl::warn_if_nameless(&settings.config.crawl, set.good.values());
    Ok(reload)
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

/// The one line on stdout that says the service is ready.
fn announce(addr: SocketAddr) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "http://{addr}/")?;
    out.flush()?;
    Ok(())
}
