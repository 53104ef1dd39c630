//! What the tasks of one run share, and what of it lives on while all of it waits.

use std::{
    collections::{BTreeSet, HashMap},
    hash::{DefaultHasher, Hash, Hasher},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::sync::{Notify, OwnedSemaphorePermit};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::Handed;
use crate::{
    archive::PortalView,
    crawl::{
        Clock, Shared, SoFar,
        host::backoff,
        recorder::Ended,
        signature::Signature,
        terms::{NotNow, Terms},
    },
    fetch::{Answer, host_port},
    files::FileWorker,
    frontier::{Run, Yield},
    lists,
    portal::{Portal, Scope},
    url::without_twin,
};

/// More addresses of one document than its columns and editions give it.
const MANY_ADDRESSES: u8 = 6;

/// Most feeds that the pages of a portal announce.
const MAX_ANNOUNCED: usize = 50;

/// What the tasks of one run share.
pub(in crate::crawl) struct PortalRun {
    pub(in crate::crawl) portal: Arc<Portal>,
    pub(in crate::crawl) view: PortalView,
    pub(in crate::crawl) scope: Scope,
    /// A seed is a home page: the whole site is asked for, not a column of it.
    pub(in crate::crawl) is_whole_site: bool,
    pub(in crate::crawl) files: FileWorker,
    /// What time it is.
    pub(in crate::crawl) clock: Clock,
    pub(in crate::crawl) run: Run,
    /// How often and when its hosts are asked.
    pub(in crate::crawl) terms: Terms,
    /// Its crawl was stopped from outside.
    pub(in crate::crawl) cancel: CancellationToken,
    /// It was stopped, or the portal shuts us out.
    pub(in crate::crawl) stop: CancellationToken,
    /// Something was recorded; there may be hosts with work.
    pub(in crate::crawl) news: Notify,
    pub(super) blocked: Mutex<Option<String>>,
    /// The right to begin, until something is waited for.
    pub(super) beginning: Mutex<Option<OwnedSemaphorePermit>>,
    pub(in crate::crawl) memory: Arc<Memory>,
}

/// What a run remembers while nothing of it is under way, besides what is in the catalog.
#[derive(Default)]
pub(in crate::crawl) struct Memory {
    /// Pages that may still be visited.
    budget: AtomicU64,
    n_visited: AtomicU64,
    /// How long a page of each host takes, all waits included.
    page_times: Mutex<HashMap<String, Duration>>,
    pub(super) stopped: Mutex<HashMap<String, Stop>>,
    /// Why pages were left out without being asked for.
    pub(super) left_out: Mutex<BTreeSet<&'static str>>,
    /// At how many addresses this run has met a document, by its hash.
    documents: Mutex<HashMap<u64, u8>>,
    /// Feeds that its pages announce, until they are asked for.
    pub(in crate::crawl) announced: Mutex<Vec<Url>>,
}

/// Why a host is left alone for the rest of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::crawl) struct Stop {
    pub(in crate::crawl) reason: String,
    /// It shuts us out.
    pub(in crate::crawl) is_blocked: bool,
    /// The run is not over: a later crawl goes on with it.
    pub(in crate::crawl) is_pause: bool,
}

impl Stop {
    /// Without shutting us out, for this run.
    pub(in crate::crawl) fn because(reason: String) -> Self {
        Self {
            reason,
            is_blocked: false,
            is_pause: false,
        }
    }

    /// The host shuts us out.
    pub(in crate::crawl) fn blocked(signature: Signature, answer: &Answer, url: &Url) -> Self {
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
    pub(in crate::crawl) async fn begin(shared: &Shared, handed: &Handed) -> Result<Self, Ended> {
        let (portal, options) = (&handed.portal, handed.options);
        let delay = Terms::new(&portal.limits, &shared.config).delay;
        let longest_wait = backoff(delay, shared.config.retries);
        let run = shared.recorder.begin(portal, options.full, longest_wait).await?;
        let limits = [options.max_pages, portal.limits.max_pages];
        let max_pages = limits.into_iter().flatten().min().unwrap_or(u64::MAX);
        let memory = Memory {
            budget: AtomicU64::new(max_pages.saturating_sub(run.n_visited)),
            ..Memory::default()
        };
        Self::go_on(shared, handed, run, Arc::new(memory)).await
    }

    /// Goes on with a run that was begun.
    pub(super) async fn go_on(
        shared: &Shared,
        handed: &Handed,
        run: Run,
        memory: Arc<Memory>,
    ) -> Result<Self, Ended> {
        let portal = Arc::clone(&handed.portal);
        let mut view = portal.view();
        view.hints.profile = shared.recorder.profile(&portal.id).await?;
        Ok(Self {
            view,
            scope: Scope::new(&portal),
            is_whole_site: portal.seeds.iter().any(lists::is_home),
            files: shared.files.clone(),
            clock: shared.config.clock.clone(),
            terms: Terms::new(&portal.limits, &shared.config),
            stop: handed.cancel.child_token(),
            cancel: handed.cancel.clone(),
            news: Notify::new(),
            blocked: Mutex::default(),
            beginning: Mutex::default(),
            memory,
            run,
            portal,
        })
    }

    /// Nothing is begun any more: another portal may begin.
    pub(in crate::crawl) fn has_begun(&self) {
        *lock(&self.beginning) = None;
    }

    pub(super) fn has_budget(&self) -> bool {
        self.memory.budget.load(Ordering::Acquire) > 0
    }

    /// Takes the right to visit one page; false when the limit is reached.
    pub(in crate::crawl) fn take_budget(&self) -> bool {
        self.memory
            .budget
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |left| left.checked_sub(1))
            .is_ok()
    }

    /// Gives the right back that was not used.
    pub(in crate::crawl) fn give_budget(&self) {
        self.memory.budget.fetch_add(1, Ordering::AcqRel);
    }

    /// Counts a page that was visited, and says how far the run is.
    pub(in crate::crawl) fn visited(&self, host: &str, took: Duration, pending: u64) -> SoFar {
        let mut times = lock(&self.memory.page_times);
        let time = times.entry(host.to_owned()).or_insert(took);
        // The last pages count most, and no single one much.
        *time = (*time * 7 + took) / 8;
        let slowest = times.values().max().copied().unwrap_or_default();
        SoFar {
            visited: self.run.n_before + self.memory.n_visited.fetch_add(1, Ordering::Relaxed) + 1,
            before: self.run.n_before,
            pending,
            left: slowest.saturating_mul(u32::try_from(pending).unwrap_or(u32::MAX)),
        }
    }

    /// Leaves a host alone.
    pub(in crate::crawl) fn stop_host(&self, host: &str, stop: Stop) {
        let mut stopped = lock(&self.memory.stopped);
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
    pub(in crate::crawl) fn meet(&self, document: impl Hash) -> Yield {
        let mut hasher = DefaultHasher::new();
        document.hash(&mut hasher);
        let mut documents = lock(&self.memory.documents);
        let times = documents.entry(hasher.finish()).or_default();
        *times = times.saturating_add(1);
        match *times {
            1 => Yield::News,
            2..MANY_ADDRESSES => Yield::Neither,
            _ => Yield::Nothing,
        }
    }

    /// Whether a host is left alone.
    pub(in crate::crawl) fn is_stopped(&self, host: &str) -> bool {
        lock(&self.memory.stopped).contains_key(host)
    }

    /// Whether a host is one that the portal file names: then the portal is not to be had without it.
    pub(in crate::crawl) fn is_seeds(&self, host: &str) -> bool {
        self.portal
            .seeds
            .iter()
            .any(|seed| name(&host_port(seed)) == name(host))
    }

    /// Remembers the feeds that a page announces.
    pub(in crate::crawl) fn announce(&self, feeds: Vec<Url>) {
        let mut announced = lock(&self.memory.announced);
        let n_free = MAX_ANNOUNCED.saturating_sub(announced.len());
        announced.extend(feeds.into_iter().take(n_free));
    }

    /// Remembers that a page was left out.
    pub(in crate::crawl) fn leave_out(&self, reason: &'static str) {
        lock(&self.memory.left_out).insert(reason);
    }

    /// Leaves the whole portal alone.
    pub(in crate::crawl) fn block(&self, reason: String) {
        self.blocked
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get_or_insert(reason);
        self.stop.cancel();
    }
}

/// A host without its usual port, and without `www.` and its like.
fn name(host: &str) -> &str {
    let bare = host.strip_suffix(":80").or_else(|| host.strip_suffix(":443"));
    without_twin(bare.unwrap_or(host))
}

pub(in crate::crawl) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
