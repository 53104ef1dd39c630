//! `demo`: sample portals on loopback, crawled by the real crawler, served like any other data.

use std::{
    fs,
    io::{ErrorKind, Write},
    path::Path,
    process::ExitCode,
};

use anyhow::Context;

use super::{Settings, crawl, serve};
use crate::{
    cli::{CrawlArgs, DemoArgs},
    demo::{Ports, SampleSites},
    failure::wrong_call,
    portals::{PortalSet, SharedPortals},
    server,
    shutdown::Stop,
};

pub(super) async fn run(mut settings: Settings, args: DemoArgs) -> anyhow::Result<ExitCode> {
    let sites = start_sites().await.context("cannot start the sample portals")?;
    if args.sites_only {
        return sites_only(sites, args.write_config.as_deref()).await;
    }
    // Bound first: a taken port is told before the crawl, not after it.
    let listener = if args.exit_after_crawl {
        None
    } else {
        Some(server::bind(args.bind).await?)
    };
    // Sample data of its own, gone when the demo ends, unless a data directory was named.
    let folder = tempfile::tempdir().context("cannot create a folder for the sample data")?;
    let config_dir = args
        .write_config
        .clone()
        .unwrap_or_else(|| folder.path().join("config"));
    write_config(&sites, &config_dir)?;
    if !settings.data_given {
        settings.config.data.dir = folder.path().join("data");
    }
    settings.config.crawl.portals = config_dir.join("portals");
    settings.config.crawl.allow_private = sites.allow_private();

    let reports = sites.expected().len();
    eprintln!(
        "crawling {} sample portals (invented texts, about {reports} reports) ...",
        sites.portals().len()
    );
    let stop = Stop::on_signals().context("cannot listen for signals")?;
    let crawled = crawl::crawl(&settings, &CrawlArgs::default(), &stop).await?;
    // stdout is for the address alone.
    crawl::table(&mut std::io::stderr().lock(), &crawled)?;
    if !crawl::all_well(&crawled) || stop.token.is_cancelled() {
        sites.stop().await;
        return Ok(ExitCode::from(1));
    }
    let Some(listener) = listener else {
        sites.stop().await;
        return Ok(ExitCode::SUCCESS);
    };
    let reader = index::Reader::open(&settings.index_dir())?;
    eprintln!(
        "open it in a browser, or in another terminal: gongbao --data {} search '\"双随机、一公开\"'; Ctrl-C ends the demo",
        settings.data().display()
    );
    let portals = SharedPortals::new(PortalSet::read(&settings.config.crawl.portals)?);
    let served = serve::until_stopped(&settings, listener, None, reader, portals, &stop).await;
    sites.stop().await;
    served.map(|()| ExitCode::SUCCESS)
}

/// On the usual ports, so that a second demo over the same data finds the same addresses; on free ones when taken.
async fn start_sites() -> std::io::Result<SampleSites> {
    let usual = Ports {
        jingxian: 18_091,
        yushe: 18_092,
        longsheng: 18_093,
    };
    match SampleSites::start(usual).await {
        Err(error) if error.kind() == ErrorKind::AddrInUse => SampleSites::start(Ports::default()).await,
        started => started,
    }
}

async fn sites_only(sites: SampleSites, write_config_to: Option<&Path>) -> anyhow::Result<ExitCode> {
    let stop = Stop::on_signals().context("cannot listen for signals")?;
    if let Some(dir) = write_config_to {
        write_config(&sites, dir)?;
    }
    for portal in sites.portals() {
        eprintln!("{} {}", portal.id, portal.base_url);
    }
    if let Some(first) = sites.portals().first() {
        let mut out = std::io::stdout().lock();
        writeln!(out, "{}", first.base_url)?;
        out.flush()?;
    }
    stop.token.cancelled().await;
    sites.stop().await;
    Ok(ExitCode::SUCCESS)
}

/// Writes what another process needs to crawl the sample portals.
fn write_config(sites: &SampleSites, dir: &Path) -> anyhow::Result<()> {
    let config = dir.join("gongbao.toml");
    let portals = dir.join("portals");
    if config.exists() && !fs::read_to_string(&config).is_ok_and(|text| text.starts_with(MARK)) {
        return Err(wrong_call(format!(
            "{} is there and is not of a demo; nothing was written",
            config.display()
        )));
    }
    fs::create_dir_all(&portals).with_context(|| format!("cannot create {}", portals.display()))?;
    let allowed: Vec<String> = sites
        .allow_private()
        .iter()
        .map(|host| format!("{host:?}"))
        .collect();
    let text = format!("{MARK}\n[crawl]\nallow_private = [{}]\n", allowed.join(", "));
    fs::write(&config, text).with_context(|| format!("cannot write {}", config.display()))?;
    for portal in sites.portals() {
        let path = portals.join(format!("{}.toml", portal.id));
        fs::write(&path, &portal.portal_toml).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

const MARK: &str = "# Written by gongbao demo for its sample portals on this machine.";
