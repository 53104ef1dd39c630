//! `crawl`: one crawl of portals, then index.

mod due;

use std::{collections::BTreeMap, io::Write, path::Path, process::ExitCode, sync::Arc};

use anyhow::Context;
use crawler::{
    Clock, CrawlConfig, CrawlOptions, Observer, Portal, PortalError, PortalStatus, PortalSummary, SoFar,
};

use jiff::Timestamp;

use super::{Settings, writing};
use crate::{
    cli::CrawlArgs,
    config::{Config, CrawlSection},
    failure::wrong_call,
    open_files,
    operations::Operations,
    progress::CrawlProgress,
    pump::Pumping,
    retention::{forget_jobs, forget_runs},
    shutdown::Stop,
};

/// Most failures of a portal that the table names.
const MAX_SHOWN: usize = 10;

pub(super) async fn run(settings: Settings, args: CrawlArgs) -> anyhow::Result<ExitCode> {
    let stop = Stop::on_signals().context("cannot listen for signals")?;
    let crawled = match args.due {
        true => due::crawl(&settings, &args, &stop).await?,
        false => Some(crawl(&settings, &args, &stop).await?),
    };
    let Some(summaries) = crawled else {
        return Ok(ExitCode::SUCCESS);
    };
    if !args.json {
        table(&mut std::io::stdout().lock(), &summaries)?;
    }
    if stop.token.is_cancelled() {
        eprintln!("stopped early; the next crawl goes on where this one was");
        return Ok(ExitCode::from(1));
    }
    Ok(ExitCode::from(u8::from(!all_well(&summaries))))
}

/// Crawls the portals named in `args` and indexes what was found.
pub(super) async fn crawl(
    settings: &Settings,
    args: &CrawlArgs,
    stop: &Stop,
) -> anyhow::Result<Vec<PortalSummary>> {
    let portals = chosen(settings, &args.portals)?;
    warn_if_nameless(&settings.config.crawl, &portals);
    open_files::allow(portals.len().min(settings.config.crawl.concurrency));
    // Waiting for the lock blocks; nothing else runs on this task.
    let store = tokio::task::block_in_place(|| {
        writing::open_store_for(settings, args.no_wait, "crawl", &portals, stop)
    })?;
    let pumping = Pumping::start(settings.data().to_owned())?;
    let watcher = Arc::new(Watcher {
        progress: CrawlProgress::new(),
        bell: Box::new(pumping.bell()),
        json: args.json,
    });
    let options = CrawlOptions {
        full: args.full,
        max_pages: args.max_pages,
    };
    let config = crawl_config(&settings.config);
    let crawled = crawler::crawl(
        portals,
        options,
        &config,
        store,
        watcher.clone(),
        stop.token.clone(),
    )
    .await;
    watcher.progress.done();
    drop(watcher);
    let pumped = tokio::task::spawn_blocking(move || pumping.finish()).await?;
    if let (Err(_), Err(error)) = (&crawled, &pumped) {
        tracing::error!("{error:#}");
    }
    let (summaries, mut store) = crawled.context("the crawl failed; the next one goes on where it was")?;
    pumped?;
    let retention = settings.config.retention;
    tokio::task::block_in_place(|| forget_runs(retention, &mut store, Timestamp::now()));
    drop(store);
    if !stop.token.is_cancelled() {
        let operations = Operations::open(settings.data())?;
        for summary in &summaries {
            operations.note_run(summary, Timestamp::now())?;
        }
        forget_jobs(retention, &operations, Timestamp::now());
    }
    Ok(summaries)
}

/// Whether every portal was crawled to its end, or keeps us out, which is not ours to change.
pub(super) fn all_well(summaries: &[PortalSummary]) -> bool {
    summaries
        .iter()
        .all(|summary| matches!(summary.status, PortalStatus::Ok | PortalStatus::Blocked))
}

/// The portals named, or all of the folder.
fn chosen(settings: &Settings, named: &[String]) -> anyhow::Result<Vec<Portal>> {
    let folder = &settings.config.crawl.portals;
    if !folder.is_dir() {
        return Err(wrong_call(format!(
            "no folder of portal files at {}; `gongbao init` makes one with an example",
            folder.display()
        )));
    }
    let all = crawler::load_portals(folder)
        .map_err(|error| wrong_call(format!("cannot read {}: {error}", folder.display())))?;
    if named.is_empty() {
        if !all.bad.is_empty() {
            let told: Vec<String> = all
                .bad
                .iter()
                .map(|(path, error)| bad_file(path, error))
                .collect();
            return Err(wrong_call(format!(
                "{}\nnothing was crawled; name the portals to crawl without these",
                told.join("\n")
            )));
        }
        if all.good.is_empty() {
            return Err(wrong_call(format!("no portal files in {}", folder.display())));
        }
        return Ok(all.good);
    }
    let mut good = all.good;
    let mut portals = Vec::new();
    for id in named {
        if let Some(at) = good.iter().position(|portal| &portal.id == id) {
            portals.push(good.swap_remove(at));
        } else if portals.iter().any(|portal: &Portal| &portal.id == id) {
            // Named twice: crawled once.
        } else if let Some((path, error)) = all
            .bad
            .iter()
            .find(|(path, _)| path.file_stem().is_some_and(|s| s == id.as_str()))
        {
            return Err(wrong_call(bad_file(path, error)));
        } else {
            return Err(wrong_call(format!(
                "no portal file {}",
                folder.join(format!("{id}.toml")).display()
            )));
        }
    }
    Ok(portals)
}

fn bad_file(path: &Path, error: &PortalError) -> String {
    let line = error.line.map_or_else(String::new, |line| format!("{line}:"));
    let key = error
        .key
        .as_ref()
        .map_or_else(String::new, |key| format!(" `{key}`:"));
    format!("{}:{line}{key} {}", path.display(), error.message)
}

/// The crawler's part of the configuration.
pub(super) fn crawl_config(config: &Config) -> CrawlConfig {
    let section = &config.crawl;
    CrawlConfig {
        user_agent: section.user_agent.clone(),
        contact: section.contact.clone(),
        delay: section.delay,
        min_delay: section.min_delay,
        daily: section.daily,
        hours: section.hours.clone(),
        fetch_timeout: section.fetch_timeout,
        retries: section.retries,
        max_html: section.max_html,
        max_attachment: section.max_attachment,
        concurrency: section.concurrency,
        allow_private: section.allow_private.clone(),
        removed_after: config.recrawl.removed_after,
        clock: Clock::system(),
    }
}

/// Warns when hosts that are not ours would see the example's address in place of ours.
pub(super) fn warn_if_nameless<'a>(config: &CrawlSection, portals: impl IntoIterator<Item = &'a Portal>) {
    if is_nameless(config, portals) {
        tracing::warn!(
            "nobody can reach you: [crawl] user_agent or contact is still the example; put your own address into \
             gongbao.toml, portals see it with every request"
        );
    }
}

fn is_nameless<'a>(config: &CrawlSection, portals: impl IntoIterator<Item = &'a Portal>) -> bool {
    let is_example = |text: &str| text.contains("example.org") || text.contains("example.com");
    let is_public = |seed: &url::Url| {
        let port = seed.port_or_known_default().unwrap_or(0);
        let host = format!("{}:{port}", seed.host_str().unwrap_or_default());
        !config
            .allow_private
            .iter()
            .any(|private| private.trim().eq_ignore_ascii_case(&host))
    };
    let is_bare = config.contact.trim().is_empty();
    (is_bare || is_example(&config.contact) || is_example(&config.user_agent))
        && portals
            .into_iter()
            .flat_map(|portal| &portal.seeds)
            .any(is_public)
}

/// Shows a crawl while it runs and wakes the pump.
struct Watcher {
    progress: CrawlProgress,
    bell: Box<dyn Fn() + Send + Sync>,
    json: bool,
}

impl Observer for Watcher {
    fn fetched(&self, portal: &str, so_far: SoFar) {
        self.progress.at(portal, so_far);
    }

    fn committed(&self) {
        (self.bell)();
    }

    fn finished(&self, summary: &PortalSummary) {
        self.progress.finished(&summary.id);
        if !self.json {
            return;
        }
        let mut out = std::io::stdout().lock();
        if let Ok(line) = serde_json::to_string(summary) {
            // A closed pipe is noticed at the next write; the crawl itself goes on.
            let _ = writeln!(out, "{line}").and_then(|()| out.flush());
        }
    }
}

/// A line a portal, and its first failures.
pub(super) fn table(out: &mut impl Write, summaries: &[PortalSummary]) -> anyhow::Result<()> {
    let width = summaries
        .iter()
        .map(|summary| summary.id.len())
        .max()
        .unwrap_or(0)
        .max(6);
    writeln!(
        out,
        "{:width$}  status   fetched  same   new  changed  unchanged  removed  failed  seconds",
        "portal"
    )?;
    for summary in summaries {
        let reports = &summary.reports;
        writeln!(
            out,
            "{:width$}  {:7}  {:7}  {:4}  {:4}  {:7}  {:9}  {:7}  {:6}  {:7.1}",
            summary.id,
            summary.status.code(),
            summary.fetched,
            summary.not_modified,
            reports.new,
            reports.changed,
            reports.unchanged,
            reports.removed,
            summary.failed.len(),
            summary.seconds
        )?;
        if let Some(reason) = &summary.reason {
            writeln!(out, "  {reason}")?;
        }
        for failure in summary.failed.iter().take(MAX_SHOWN) {
            writeln!(out, "  {}: {}", failure.url, failure.reason)?;
        }
        if let more @ 1.. = summary.failed.len().saturating_sub(MAX_SHOWN) {
            writeln!(out, "  … and {more} more (--json names them)")?;
        }
        let mut traps: BTreeMap<&str, (usize, &str)> = BTreeMap::new();
        for trap in &summary.traps {
            traps.entry(&trap.reason).or_insert((0, &trap.url)).0 += 1;
        }
        for (reason, (n, url)) in traps {
            writeln!(out, "  trap: {reason} ({n}), e.g. {url}")?;
        }
    }
    Ok(())
}
