//! One crawl of one portal, from its seeds to its summary.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    hash::{DefaultHasher, Hash, Hasher},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{sync::Notify, task::JoinSet, time::Instant};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::{
    Clock, CrawlOptions, PortalStatus, PortalSummary, ReportCounts, Shared, SoFar, host, more,
    recorder::Ended,
    signature::Signature,
    terms::{NotNow, Terms},
};
use crate::{
    archive::PortalView,
    fetch::{Answer, host_port},
    files::FileWorker,
    frontier::{Lacks, Run, Yield},
    lists,
    portal::{Portal, Scope},
    url::without_twin,
};

/// How often the time that a run takes is written down. Thousands of portals do so.
const CLOCK: Duration = Duration::from_secs(60);

/// More addresses of one document than its columns and editions give it.
const MANY_ADDRESSES: u8 = 6;

/// Most feeds that the pages of a portal announce.
const MAX_ANNOUNCED: usize = 50;

/// What the tasks of one run share.
pub(super) struct PortalRun {
    pub(super) portal: Arc<Portal>,
    pub(super) view: PortalView,
    pub(super) scope: Scope,
    /// A seed is a home page: the whole site is asked for, not a column of it.
    pub(super) is_whole_site: bool,
    pub(super) files: FileWorker,
    /// What time it is.
    pub(super) clock: Clock,
    pub(super) run: Run,
    /// How often and when its hosts are asked.
    pub(super) terms: Terms,
    /// Its crawl was stopped from outside.
    pub(super) cancel: CancellationToken,
    /// It was stopped, or the portal shuts us out.
    pub(super) stop: CancellationToken,
    /// Something was recorded; there may be hosts with work.
    pub(super) news: Notify,
    /// Pages that may still be visited.
    budget: AtomicU64,
    n_visited: AtomicU64,
    /// How long a page of each host takes, all waits included.
    page_times: Mutex<HashMap<String, Duration>>,
    stopped: Mutex<HashMap<String, Stop>>,
    blocked: Mutex<Option<String>>,
    /// Why pages were left out without being asked for.
    left_out: Mutex<BTreeSet<&'static str>>,
    /// At how many addresses this run has met a document, by its hash.
    documents: Mutex<HashMap<u64, u8>>,
    /// Feeds that its pages announce, until they are asked for.
    pub(super) announced: Mutex<Vec<Url>>,
}

/// Why a host is left alone for the rest of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stop {
    pub(super) reason: String,
    /// It shuts us out.
    pub(super) is_blocked: bool,
    /// The run is not over: a later crawl goes on with it.
    pub(super) is_pause: bool,
}

impl Stop {
    /// Without shutting us out, for this run.
    pub(super) fn because(reason: String) -> Self {
        Self {
            reason,
            is_blocked: false,
            is_pause: false,
        }
    }

    /// The host shuts us out.
    pub(super) fn blocked(signature: Signature, answer: &Answer, url: &Url) -> Self {
        Self {
            reason: format!("blocked:{}: http {} at {url}", signature.code(), answer.status),
            is_blocked: true,
            is_pause: false,
        }
    }
}

impl From<NotNow> for Stop {
    fn from(not_now: NotNow) -> Self {
        let is_blocked = matches!(&not_now, NotNow::Resting { rest, .. } if rest.is_refusal);
        let prefix = if is_blocked { "blocked:" } else { "" };
        Self {
            reason: format!("{prefix}{}", not_now.reason()),
            is_blocked,
            is_pause: matches!(&not_now, NotNow::Daily { .. } | NotNow::Hours(_)),
        }
    }
}

impl PortalRun {
    /// Takes up or begins the run of a portal.
    pub(super) async fn begin(
        shared: &Shared,
        portal: Arc<Portal>,
        options: CrawlOptions,
        cancel: CancellationToken,
    ) -> Result<Self, Ended> {
        let run = shared
            .recorder
            .begin(&portal.id, &portal.seeds, options.full)
            .await?;
        let mut view = portal.view();
        view.hints.profile = shared.recorder.profile(&portal.id).await?;
        let limits = [options.max_pages, portal.limits.max_pages];
        let max_pages = limits.into_iter().flatten().min().unwrap_or(u64::MAX);
        Ok(Self {
            view,
            scope: Scope::new(&portal),
            is_whole_site: portal.seeds.iter().any(lists::is_home),
            files: shared.files.clone(),
            clock: shared.config.clock.clone(),
            terms: Terms::new(&portal.limits, &shared.config),
            stop: cancel.child_token(),
            cancel,
            news: Notify::new(),
            budget: AtomicU64::new(max_pages.saturating_sub(run.n_visited)),
            n_visited: AtomicU64::default(),
            page_times: Mutex::default(),
            stopped: Mutex::default(),
            blocked: Mutex::default(),
            left_out: Mutex::default(),
            documents: Mutex::default(),
            announced: Mutex::default(),
            run,
            portal,
        })
    }

    /// Takes the right to visit one page; false when the limit is reached.
    pub(super) fn take_budget(&self) -> bool {
        self.budget
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |left| left.checked_sub(1))
            .is_ok()
    }

    /// Gives the right back that was not used.
    pub(super) fn give_budget(&self) {
        self.budget.fetch_add(1, Ordering::AcqRel);
    }

    /// Counts a page that was visited, and says how far the run is.
    pub(super) fn visited(&self, host: &str, took: Duration, pending: u64) -> SoFar {
        let mut times = lock(&self.page_times);
        let time = times.entry(host.to_owned()).or_insert(took);
        // The last pages count most, and no single one much.
        *time = (*time * 7 + took) / 8;
        let slowest = times.values().max().copied().unwrap_or_default();
        SoFar {
            visited: self.n_visited.fetch_add(1, Ordering::Relaxed) + 1,
            pending,
            left: slowest.saturating_mul(u32::try_from(pending).unwrap_or(u32::MAX)),
        }
    }

    /// Leaves a host alone.
    pub(super) fn stop_host(&self, host: &str, stop: Stop) {
        let mut stopped = lock(&self.stopped);
        if stopped.contains_key(host) {
            return;
        }
        tracing::warn!(
            portal.id = self.portal.id,
            host.name = host,
            reason = stop.reason,
            "portal {}: {host} is left alone: {}",
            self.portal.id,
            stop.reason
        );
        stopped.insert(host.to_owned(), stop);
    }

    /// What it means to meet a document: at very many addresses it is made up.
    pub(super) fn meet(&self, document: impl Hash) -> Yield {
        let mut hasher = DefaultHasher::new();
        document.hash(&mut hasher);
        let mut documents = lock(&self.documents);
        let times = documents.entry(hasher.finish()).or_default();
        *times = times.saturating_add(1);
        match *times {
            1 => Yield::News,
            2..MANY_ADDRESSES => Yield::Neither,
            _ => Yield::Nothing,
        }
    }

    /// Whether a host is left alone.
    pub(super) fn is_stopped(&self, host: &str) -> bool {
        lock(&self.stopped).contains_key(host)
    }

    /// Whether a host is one that the portal file names: then the portal is not to be had without it.
    pub(super) fn is_seeds(&self, host: &str) -> bool {
        self.portal
            .seeds
            .iter()
            .any(|seed| name(&host_port(seed)) == name(host))
    }

    /// Remembers the feeds that a page announces.
    pub(super) fn announce(&self, feeds: Vec<Url>) {
        let mut announced = lock(&self.announced);
        let n_free = MAX_ANNOUNCED.saturating_sub(announced.len());
        announced.extend(feeds.into_iter().take(n_free));
    }

    /// Remembers that a page was left out.
    pub(super) fn leave_out(&self, reason: &'static str) {
        lock(&self.left_out).insert(reason);
    }

    /// Leaves the whole portal alone.
    pub(super) fn block(&self, reason: String) {
        self.blocked
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get_or_insert(reason);
        self.stop.cancel();
    }
}

/// Crawls a portal.
pub(super) async fn run(
    shared: Arc<Shared>,
    portal: Arc<Portal>,
    options: CrawlOptions,
    cancel: CancellationToken,
) -> Result<PortalSummary, Ended> {
    let portal = Arc::new(PortalRun::begin(&shared, portal, options, cancel).await?);
    let summary = crawl(&shared, portal).await?;
    shared.observer.finished(&summary);
    Ok(summary)
}

async fn crawl(shared: &Arc<Shared>, portal: Arc<PortalRun>) -> Result<PortalSummary, Ended> {
    let mut begun = Instant::now();
    let mut has_asked_more = false;
    let mut hosts = JoinSet::new();
    let mut active: HashSet<String> = HashSet::new();
    loop {
        if !portal.stop.is_cancelled() && portal.budget.load(Ordering::Acquire) > 0 {
            for host in shared.recorder.pending_hosts(&portal.run).await? {
                let is_stopped = lock(&portal.stopped).contains_key(&host);
                if !is_stopped && active.insert(host.clone()) {
                    let (shared, portal) = (Arc::clone(shared), Arc::clone(&portal));
                    hosts.spawn(async move {
                        let ended = host::run(shared, portal, host.clone()).await;
                        (host, ended)
                    });
                }
            }
        }
        if active.is_empty() {
            let is_over = portal.stop.is_cancelled() || portal.budget.load(Ordering::Acquire) == 0;
            if !is_over && !has_asked_more {
                has_asked_more = true;
                if more::lists_elsewhere(shared, &portal).await? {
                    continue;
                }
            }
            break;
        }
        tokio::select! {
            Some(done) = hosts.join_next() => match done {
                Ok((host, ended)) => {
                    active.remove(&host);
                    ended?;
                }
                Err(error) => {
                    tracing::error!(portal.id = portal.portal.id, %error, "a task of portal {} failed", portal.portal.id);
                    let reason = "internal: a task of this crawl failed; the log says how".to_owned();
                    portal.stop_host("*", Stop::because(reason));
                    portal.stop.cancel();
                    while hosts.join_next().await.is_some() {}
                    active.clear();
                }
            },
            () = portal.news.notified() => {}
            () = tokio::time::sleep_until(begun + CLOCK) => {
                shared.recorder.add_active(&portal.run, begun.elapsed()).await?;
                begun = Instant::now();
            }
        }
    }
    shared.recorder.add_active(&portal.run, begun.elapsed()).await?;
    // Nothing of the portal is under way any more.
    shared.recorder.learn(&portal.run, &portal.cancel).await?;
    shared.recorder.note_short_lists(&portal.run).await?;
    let (so_far, lacks) = shared.recorder.progress(&portal.run).await?;
    let (status, reason) = judge(&portal, &so_far, &lacks);
    let is_paused = portal.cancel.is_cancelled() || lock(&portal.stopped).values().any(|stop| stop.is_pause);
    let is_over = status == PortalStatus::Blocked || !is_paused;
    shared.recorder.end(&portal.run, status, reason, is_over).await
}

/// How a run ended, from what was done and what stopped it.
fn judge(portal: &PortalRun, so_far: &PortalSummary, lacks: &Lacks) -> (PortalStatus, Option<String>) {
    if let Some(reason) = lock(&portal.blocked).clone() {
        return (PortalStatus::Blocked, Some(reason));
    }
    if portal.cancel.is_cancelled() {
        return (
            PortalStatus::Partial,
            Some("stopped: the next crawl goes on from here".to_owned()),
        );
    }
    let has_something = so_far.fetched + so_far.not_modified > 0;
    let stopped = lock(&portal.stopped);
    let shut = stopped
        .iter()
        .find(|(host, stop)| stop.is_blocked && portal.is_seeds(host));
    if let Some((_, stop)) = shut {
        return (PortalStatus::Blocked, Some(stop.reason.clone()));
    }
    if let Some(pause) = stopped.values().find(|stop| stop.is_pause) {
        return (PortalStatus::Partial, Some(pause.reason.clone()));
    }
    let stop = stopped.values().max_by(|a, b| a.reason.cmp(&b.reason));
    match (stop, &lacks.page) {
        (Some(stop), _) if has_something => (PortalStatus::Partial, Some(stop.reason.clone())),
        (Some(stop), _) => (PortalStatus::Failed, Some(stop.reason.clone())),
        (None, Some(_)) if has_something => (PortalStatus::Partial, Some("pages_failed".to_owned())),
        (None, Some(first)) => match first.as_str() {
            reason @ ("http_401" | "http_403" | "http_406" | "http_412") => {
                (PortalStatus::Blocked, Some(format!("blocked:refused: {reason}")))
            }
            reason => (PortalStatus::Failed, Some(reason.to_owned())),
        },
        (None, None) if has_something && lacks.files => {
            (PortalStatus::Partial, Some("attachments_failed".to_owned()))
        }
        // The portal file, or the command, wanted no more.
        (None, None) if has_something && lacks.pending > 0 && portal.budget.load(Ordering::Acquire) == 0 => {
            let reason = format!(
                "max_pages: {} pages that are known were not asked for",
                lacks.pending
            );
            (PortalStatus::Ok, Some(reason))
        }
        (None, None) if has_something && lacks.forbidden > 0 => {
            let reason = format!(
                "robots: {} pages of lists or in them are forbidden by robots.txt",
                lacks.forbidden
            );
            (PortalStatus::Ok, Some(reason))
        }
        (None, None) if has_something => (PortalStatus::Ok, no_reports(so_far)),
        (None, None) => nothing_asked_for(&lock(&portal.left_out)),
    }
}

/// Says so when a portal has no report, new or known.
fn no_reports(so_far: &PortalSummary) -> Option<String> {
    let ReportCounts {
        new,
        changed,
        unchanged,
        ..
    } = so_far.reports;
    let n_pages = so_far.fetched + so_far.not_modified;
    (new + changed + unchanged == 0)
        .then(|| format!("no_reports: {n_pages} pages were read and none is a report or a list of reports"))
}

/// No page was had, and none failed: robots.txt, the scope or a limit left all of them out.
fn nothing_asked_for(left_out: &BTreeSet<&'static str>) -> (PortalStatus, Option<String>) {
    let is_robots = |reason: &&str| *reason == "robots";
    if !left_out.is_empty() && left_out.iter().all(is_robots) {
        let reason = "blocked:robots: all seeds are forbidden by robots.txt";
        return (PortalStatus::Blocked, Some(reason.to_owned()));
    }
    let reason = match left_out.iter().find(|reason| !is_robots(reason)) {
        Some(&"another_host") => "another_host: the seeds lead to another host; has the portal moved?",
        Some(&"not_allowed") => "not_allowed: the seeds lead to where `allow` and `deny` keep us out",
        _ => "nothing_visited: no page of the seeds could be asked for",
    };
    (PortalStatus::Failed, Some(reason.to_owned()))
}

/// A host without its usual port, and without `www.` and its like.
fn name(host: &str) -> &str {
    let bare = host.strip_suffix(":80").or_else(|| host.strip_suffix(":443"));
    without_twin(bare.unwrap_or(host))
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
