//! The loop that crawls portals.
//!
//! An [`Engine`] holds the store, and is handed portals while it runs. Each portal is a task ([`portal`]), each of its hosts a task below it ([`host`]) that visits one page after the
//! other. A visit ([`visit`]) passes the gate, `robots.txt` ([`rules`]) and politeness ([`pace`]) for every hop; what
//! it brought is read on a blocking thread ([`read`]) and goes to the one recorder ([`recorder`]), which owns the
//! store and commits whatever has gathered in one transaction: captures, reports, frontier. Pages are recorded while
//! the next ones of their host are fetched, so a kill at any moment loses nothing that was recorded, and repeats the
//! last visits of each host at most.

mod check;
mod clock;
mod engine;
mod files;
mod host;
mod kinds;
mod more;
mod pace;
mod portal;
mod read;
mod recorder;
mod rests;
mod room;
mod rules;
mod signature;
mod summary;
mod terms;
mod visit;

use std::{path::Path, sync::Arc, time::Duration};

use tokio_util::sync::CancellationToken;

pub use self::check::{
    Answered, ColumnSeen, Failure as CheckFailure, FamilySeen, ListSeen, LiveCheck, RegionSeen, ReportSeen,
    RequestSeen, RobotsSeen, RowSeen, Step, check_live,
};
pub use self::clock::Clock;
pub use self::engine::{AlreadyCrawled, Engine, PortalCrawl};
pub(crate) use self::recorder::ShortList;
pub use self::summary::{PortalStatus, PortalSummary, ReportCounts, Visited};
use self::{clock::now_ms, engine::Shared};
use crate::{
    fetch::{FetchConfig, Limits, Names, PrivateHosts},
    portal::{Hours, Portal},
    store::{Store, StoreError},
};

/// How to crawl; the same for all portals.
#[derive(Clone, Debug)]
pub struct CrawlConfig {
    /// Who we are, e.g. `gongbao/1.0 (+https://example.org/about)`.
    pub user_agent: String,
    /// Whom to write to, e.g. `mailto:ops@example.org`; part of the User-Agent and the From header.
    pub contact: String,
    /// Time between the starts of two requests to a host, for portals that give none.
    pub delay: Duration,
    /// The least such time; hosts in `allow_private` are free of it.
    pub min_delay: Duration,
    /// Most requests to a host in a day of China time, for portals that give none; `None` for 1,500 to public hosts
    /// and any number to those in `allow_private`.
    pub daily: Option<u64>,
    /// When requests may start, for portals that say nothing; `None` for always.
    pub hours: Option<Hours>,
    /// One try, from connecting to the last byte.
    pub fetch_timeout: Duration,
    /// Further tries after a fault that may pass.
    pub retries: u32,
    /// Longest page, as sent and as decoded, in bytes.
    pub max_html: u64,
    /// Longest attachment, in bytes.
    pub max_attachment: u64,
    /// Requests at once, each to another host.
    pub concurrency: usize,
    /// Private hosts that may be fetched, each `host:port`.
    pub allow_private: Vec<String>,
    /// A report is removed when its page is gone twice, at least this far apart.
    pub removed_after: Duration,
    /// What time it is for what is written down of pages and runs.
    pub clock: Clock,
}

/// What the crawl of a portal is to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CrawlOptions {
    /// Fetch known pages again without asking whether they changed.
    pub full: bool,
    /// Most pages, lists included, of each portal; the portal file's own limit holds as well.
    pub max_pages: Option<u64>,
}

/// How far the crawl of a portal is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SoFar {
    /// Pages that were visited, by whatever process.
    pub visited: u64,
    /// Of those: before this process took the crawl up.
    pub before: u64,
    /// Pages that are known and not visited.
    pub pending: u64,
    /// How long these take at the pace of the portal's slowest host.
    pub left: Duration,
}

impl SoFar {
    /// Pages that were visited by this process.
    pub fn visited_here(&self) -> u64 {
        self.visited.saturating_sub(self.before)
    }
}

/// Learns how a crawl goes on. Called from many threads.
pub trait Observer: Send + Sync {
    /// A page of `portal` was visited.
    fn fetched(&self, portal: &str, so_far: SoFar);
    /// Reports were added or changed; the outbox has news.
    fn committed(&self);
    /// A portal is done.
    fn finished(&self, summary: &PortalSummary);
}

/// A crawl could not go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CrawlError {
    /// TLS could not be set up.
    #[error("failed to set up TLS")]
    Tls(#[from] rustls::Error),
    /// What was fetched could not be kept.
    #[error("failed to keep what was fetched")]
    Store(#[from] StoreError),
    /// The recorder ended by itself.
    #[error("the recorder of the crawl failed")]
    Recorder,
    /// The portal is being crawled already.
    #[error(transparent)]
    AlreadyCrawled(#[from] AlreadyCrawled),
    /// The crawl of a portal ended by a fault of this program, or was dropped with its engine.
    #[error("a task of the crawl failed; the log says how")]
    Task,
}

/// Crawls the portals, all at once. Gives their summaries in the order of `portals`, and the store back.
///
/// When `cancel` is cancelled, pages under way are finished and the rest is left to the next crawl.
///
/// # Errors
/// When the store fails: nothing that was reported as done is lost, and the next crawl goes on. When two portals have
/// one id.
pub async fn crawl(
    portals: Vec<Portal>,
    options: CrawlOptions,
    config: &CrawlConfig,
    store: Store,
    observer: Arc<dyn Observer>,
    cancel: CancellationToken,
) -> Result<(Vec<PortalSummary>, Store), CrawlError> {
    let engine = Engine::start(config, store, observer).await?;
    crawl_by(engine, portals, options, cancel).await
}

async fn crawl_by(
    engine: Engine,
    portals: Vec<Portal>,
    options: CrawlOptions,
    cancel: CancellationToken,
) -> Result<(Vec<PortalSummary>, Store), CrawlError> {
    let mut crawls = Vec::with_capacity(portals.len());
    for portal in portals {
        crawls.push(engine.crawl(portal, options, cancel.clone())?);
    }
    // Not with room for all: they come one by one, and the first may be long in coming.
    let mut summaries = Vec::new();
    for crawl in crawls {
        // When the recorder is gone, it says itself why.
        summaries.extend(crawl.summary().await);
    }
    Ok((summaries, engine.finish().await?))
}

fn fetch_config(config: &CrawlConfig, data_dir: &Path) -> FetchConfig {
    FetchConfig {
        user_agent: with_contact(&config.user_agent, &config.contact),
        from: config.contact.trim().trim_start_matches("mailto:").to_owned(),
        timeout: config.fetch_timeout,
        private: PrivateHosts::new(&config.allow_private),
        limits: Limits::default(),
        names: Names::default(),
        spool: data_dir.to_owned(),
    }
}

/// The User-Agent with the contact in its last comment.
fn with_contact(user_agent: &str, contact: &str) -> String {
    let (user_agent, contact) = (user_agent.trim(), contact.trim());
    if contact.is_empty() || user_agent.contains(contact) {
        return user_agent.to_owned();
    }
    match user_agent.strip_suffix(')') {
        Some(open) => format!("{open}; {contact})"),
        None => format!("{user_agent} ({contact})"),
    }
}

fn to_ms(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
