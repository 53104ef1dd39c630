//! The engine of a crawl: what all portals share, and the portals that are under way.
//!
//! It holds the store, one recorder, one fetcher and one set of limits. Portals are handed to it one by one, at the
//! start or while others are crawled, each with options and a way to stop it of its own; what they share keeps two
//! portals on one host polite. So many portals as there may be requests at once begin at a time, so that thousands that
//! are handed over together do not need the memory of thousands at once. At its end it sets right what was written ahead, and gives the store back.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    sync::{Semaphore, oneshot},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

use super::{
    CrawlConfig, CrawlError, CrawlOptions, Observer, PortalSummary,
    clock::{self, Steady},
    fetch_config,
    pace::Pace,
    portal::{self, Handed, lock},
    recorder::{self, Ended, Recorder, Recording},
    room::Room,
    rules::RulesCache,
};
use crate::{fetch::Fetcher, files::FileWorker, portal::Portal, robots::product_token, store::Store};

/// How long hosts are waited for in memory.
const IN_PLACE: Duration = Duration::from_secs(10);

/// Crawls the portals that are handed to it. Dropped without [`finish`](Self::finish), it ends as a kill would: what is
/// under way is asked for again by the next crawl.
pub struct Engine {
    pub(super) shared: Arc<Shared>,
    recording: Recording,
    tasks: Mutex<JoinSet<()>>,
    under_way: Arc<Mutex<HashSet<String>>>,
}

/// The crawl of a portal that is under way. It goes on when this is dropped.
#[derive(Debug)]
pub struct PortalCrawl {
    summary: oneshot::Receiver<Result<Box<PortalSummary>, Ended>>,
}

/// A portal is crawled once at a time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("portal {portal} is being crawled already")]
pub struct AlreadyCrawled {
    /// The portal.
    pub portal: String,
}

/// What the tasks of one engine share.
pub(super) struct Shared {
    pub(super) config: CrawlConfig,
    /// What is waited for is measured by it.
    pub(super) steady: Steady,
    pub(super) fetcher: Fetcher,
    pub(super) files: FileWorker,
    pub(super) pace: Pace,
    pub(super) rules: RulesCache,
    pub(super) recorder: Recorder,
    pub(super) room: Room,
    /// One permit a page being read.
    pub(super) readers: Arc<Semaphore>,
    /// One permit a file being read.
    pub(super) file_readers: Arc<Semaphore>,
    pub(super) observer: Arc<dyn Observer>,
    /// One permit a portal that begins, or goes on after a long wait.
    pub(super) beginning: Arc<Semaphore>,
    /// What is waited for longer than this is not waited for in memory.
    pub(super) in_place: Duration,
}

/// Lets a portal be crawled again when its task is over, however it ended.
struct UnderWay {
    portal: String,
    all: Arc<Mutex<HashSet<String>>>,
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        lock(&self.all).remove(&self.portal);
    }
}

impl Engine {
    /// An engine without a portal. Needs the runtime.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub async fn start(
        config: &CrawlConfig,
        store: Store,
        observer: Arc<dyn Observer>,
    ) -> Result<Self, CrawlError> {
        let fetcher = Fetcher::new(fetch_config(config, store.data_dir()))?;
        Ok(Self::start_with(fetcher, config, store, observer, IN_PLACE).await)
    }

    pub(super) async fn start_with(
        fetcher: Fetcher,
        config: &CrawlConfig,
        store: Store,
        observer: Arc<dyn Observer>,
        in_place: Duration,
    ) -> Self {
        let (mut shared, recording) = shared(fetcher, config, store, observer);
        shared.in_place = in_place;
        // Without a recorder nothing is known, and nothing can be crawled; why, it says itself at the end.
        for (host, rest, written) in shared.recorder.load_rests().await.unwrap_or_default() {
            shared.pace.rests.begin(&host, rest, written.left(&clock::now()));
        }
        Self {
            shared: Arc::new(shared),
            recording,
            tasks: Mutex::default(),
            under_way: Arc::default(),
        }
    }

    /// Begins to crawl a portal, beside those that are under way.
    ///
    /// When `cancel` is cancelled, its pages under way are finished and the rest is left to the next crawl of this
    /// portal; other portals go on.
    ///
    /// # Errors
    /// When a portal of this id is under way.
    pub fn crawl(
        &self,
        portal: Portal,
        options: CrawlOptions,
        cancel: CancellationToken,
    ) -> Result<PortalCrawl, AlreadyCrawled> {
        let under_way = self.mark(&portal.id)?;
        let (tell, summary) = oneshot::channel();
        let shared = Arc::clone(&self.shared);
        let portal = Handed {
            portal: Arc::new(portal),
            options,
            cancel,
        };
        let mut tasks = lock(&self.tasks);
        while let Some(done) = tasks.try_join_next() {
            note_failure(done);
        }
        tasks.spawn(async move {
            let summary = portal::run(&shared, &portal).await;
            // Whoever hears of the end may hand the portal over again.
            drop(under_way);
            // Nobody need wait for it.
            let _ = tell.send(summary);
        });
        Ok(PortalCrawl { summary })
    }

    /// Forgets crawls as [`Store::forget_runs`] does, while others go on. Gives how many were forgotten.
    ///
    /// # Errors
    /// When the store failed.
    pub fn forget_runs(
        &self,
        kept_for: Duration,
    ) -> impl Future<Output = Result<u64, CrawlError>> + Send + use<> {
        let recorder = self.shared.recorder.clone();
        async move {
            let forgotten = recorder.forget_runs(kept_for).await;
            forgotten.map_err(|Ended| CrawlError::Recorder)
        }
    }

    /// Waits until all portals are done, and gives the store back.
    ///
    /// # Errors
    /// When the store failed: nothing that was reported as done is lost, and the next crawl goes on.
    pub async fn finish(self) -> Result<Store, CrawlError> {
        let Self {
            shared,
            recording,
            tasks,
            under_way: _,
        } = self;
        let mut tasks = tasks
            .into_inner()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        while let Some(done) = tasks.join_next().await {
            note_failure(done);
        }
        // When the recorder has ended, what is written down keeps more of a distance than is asked for.
        let _ = shared.pace.settle(&shared.recorder).await;
        drop(shared);
        recording.join().await
    }

    fn mark(&self, portal: &str) -> Result<UnderWay, AlreadyCrawled> {
        if !lock(&self.under_way).insert(portal.to_owned()) {
            return Err(AlreadyCrawled {
                portal: portal.to_owned(),
            });
        }
        Ok(UnderWay {
            portal: portal.to_owned(),
            all: Arc::clone(&self.under_way),
        })
    }
}

impl PortalCrawl {
    /// What the crawl came to, when it is over.
    ///
    /// # Errors
    /// When the store failed, or a fault of this program ended the crawl.
    pub async fn summary(self) -> Result<PortalSummary, CrawlError> {
        match self.summary.await {
            Ok(Ok(summary)) => Ok(*summary),
            Ok(Err(Ended)) => Err(CrawlError::Recorder),
            Err(_) => Err(CrawlError::Task),
        }
    }
}

fn note_failure(done: Result<(), tokio::task::JoinError>) {
    if let Err(error) = done {
        tracing::error!(%error, "a task of the crawl failed");
    }
}

/// What the tasks of an engine share, and the thread that records for them.
pub(super) fn shared(
    fetcher: Fetcher,
    config: &CrawlConfig,
    store: Store,
    observer: Arc<dyn Observer>,
) -> (Shared, Recording) {
    let files = store.readers().files.clone();
    let room = Room::of(&store);
    let steady = Steady::new(&config.clock);
    let (recorder, recording) = recorder::spawn(
        store,
        Arc::clone(&observer),
        config.removed_after,
        config.clock.clone(),
        steady,
    );
    let n_readers = std::thread::available_parallelism().map_or(1, usize::from);
    let shared = Shared {
        rules: RulesCache::new(product_token(&config.user_agent)),
        config: config.clone(),
        steady,
        fetcher,
        files,
        pace: Pace::new(config.concurrency),
        recorder,
        room,
        readers: Arc::new(Semaphore::new(n_readers)),
        file_readers: Arc::new(Semaphore::new(n_readers.div_ceil(2))),
        observer,
        beginning: Arc::new(Semaphore::new(config.concurrency.max(1))),
        in_place: IN_PLACE,
    };
    (shared, recording)
}
