//! The time in which this process holds the writer's lock and crawls: one engine, one pump, and the jobs under way.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, anyhow};
use crawler::{
    CrawlError, CrawlOptions, Engine, PortalStatus, PortalSummary, ReportCounts, Store, who_waits,
};
use jiff::Timestamp;
use tokio::task::{JoinSet, block_in_place};
use tokio_util::sync::CancellationToken;

use super::{
    Runner, kept,
    running::{Running, verdict},
    turns::{Phase, Turn},
    watcher::Watcher,
};
use crate::{
    config::RetentionConfig,
    open_files,
    operations::{JobState, Operations},
    portals::SharedPortals,
    pump::Pumping,
    retention::{self, forget_runs, tell_of_runs},
    scheduler::Plan,
};

/// How often the progress of jobs is written down.
const NOTE_EVERY: Duration = Duration::from_secs(2);

/// How long pages under way may take to end when the process is to stop.
const GRACE: Duration = Duration::from_secs(8);

/// Portals that are handed to the engine at once; it has limits of its own on what they do.
const MAX_PORTALS: usize = 10_000;

/// With this word the crawl of a portal says that there is no room on the disk.
const DISK_FULL: &str = "disk_full:";

/// An engine with the jobs it works on.
pub(super) struct Session {
    owner: String,
    operations: Operations,
    retention: RetentionConfig,
    portals: SharedPortals,
    engine: Engine,
    pumping: Pumping,
    watcher: Arc<Watcher>,
    jobs: HashMap<i64, Running>,
    tasks: JoinSet<Event>,
    cancel: CancellationToken,
    noted: Instant,
    turn: Turn,
    /// When crawls of long ago were last forgotten, or the session began.
    forgot: Instant,
}

/// There is no room for more; jobs wait until there is.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct NoRoom(pub(super) String);

/// What comes to pass in a session.
enum Event {
    /// The crawl of a portal is over.
    Crawled(i64, String, Result<PortalSummary, CrawlError>),
    /// What a job brought can be found; or not, when indexing failed.
    Indexed(i64, bool),
    /// Crawls of long ago were forgotten.
    Forgot(Result<u64, CrawlError>),
}

impl Session {
    pub(super) async fn begin(
        runner: &Runner,
        store: Store,
        owner: &str,
        now: Timestamp,
    ) -> anyhow::Result<Self> {
        open_files::allow(runner.crawl.concurrency);
        let pumping = block_in_place(|| Pumping::start(runner.operations.data_dir().to_owned()))?;
        let watcher = Arc::new(Watcher::new(pumping.bell()));
        let engine = Engine::start(&runner.crawl, store, watcher.clone()).await;
        let mut session = Self {
            owner: owner.to_owned(),
            operations: runner.operations.clone(),
            retention: runner.retention,
            portals: runner.portals.clone(),
            engine: engine.context("the crawl cannot begin")?,
            pumping,
            watcher,
            jobs: HashMap::new(),
            tasks: JoinSet::new(),
            cancel: CancellationToken::new(),
            noted: Instant::now(),
            turn: Turn::begin(Instant::now()),
            forgot: Instant::now(),
        };
        block_in_place(|| session.look(now))?;
        Ok(session)
    }

    /// Waits for the next thing that comes to pass, and sees to it. Ends when it is dropped, without a loss.
    pub(super) async fn work(&mut self, now: Timestamp, plan: &mut Plan) -> anyhow::Result<()> {
        let Some(event) = self.tasks.join_next().await else {
            // Nothing is under way; whoever waits for something else waits on.
            return std::future::pending().await;
        };
        let event = event.context("a task of a job failed")?;
        block_in_place(|| self.see_to(event, now, plan))
    }

    /// Takes up jobs, stops those that are to be stopped, notes progress. Says whether nothing is left to do, or nothing that
    /// others who wait to write should wait for.
    pub(super) fn look(&mut self, now: Timestamp) -> anyhow::Result<bool> {
        for id in kept(self.operations.jobs_to_stop())? {
            if let Some(running) = self.jobs.get_mut(&id)
                && !running.is_stopped
            {
                running.say(now, "somebody asked to stop; finishing pages under way");
                running.is_stopped = true;
                running.cancel.cancel();
            }
        }
        self.mind_others(now);
        while !self.turn.is_ending() && self.n_open() < MAX_PORTALS && kept(self.operations.has_queued())? {
            let Some(job) = kept(self.operations.claim_job(&self.owner, now))? else {
                break;
            };
            self.take_up(Running::new(job, self.cancel.child_token()), now)?;
        }
        if self.forgot.elapsed() >= retention::EVERY {
            self.forgot = Instant::now();
            let forgetting = self.engine.forget_runs(self.retention.runs);
            self.tasks.spawn(async { Event::Forgot(forgetting.await) });
        }
        if self.noted.elapsed() >= NOTE_EVERY {
            self.noted = Instant::now();
            let news: Vec<_> = self
                .jobs
                .values_mut()
                .filter_map(|running| running.news(&self.watcher))
                .collect();
            kept(self.operations.note_progress(&news))?;
        }
        Ok(self.jobs.is_empty() || (self.cancel.is_cancelled() && self.tasks.is_empty()))
    }

    /// Whether it ends for the sake of others, with jobs left.
    pub(super) fn gives_way(&self) -> bool {
        self.turn.is_ending()
    }

    /// Ends this session by and by when another process waits to write.
    fn mind_others(&mut self, now: Timestamp) {
        let data_dir = self.operations.data_dir().to_owned();
        let who = || who_waits(&data_dir);
        let phase = self.turn.phase(|| who().is_some(), Instant::now());
        let words = match phase {
            Phase::Ending { is_new: true } => "no further job is begun, and this one stops soon",
            Phase::Over if !self.cancel.is_cancelled() => {
                "pages under way are finished; the job goes on afterwards"
            }
            Phase::Over | Phase::Open | Phase::Ending { .. } => return,
        };
        let who = who().unwrap_or_else(|| "another process".to_owned());
        tracing::info!("{who} waits to write: {words}");
        for running in self.jobs.values_mut() {
            running.say(now, &format!("{who} waits to write: {words}"));
        }
        if phase == Phase::Over {
            self.cancel.cancel();
        }
        // The lines are kept at once: the job may be put back before the next time.
        self.noted = self.noted.checked_sub(NOTE_EVERY).unwrap_or(self.noted);
    }

    /// Ends the engine and gives up the lock. The outcome of jobs was written down before.
    pub(super) async fn finish(self) -> anyhow::Result<()> {
        let Self {
            engine,
            pumping,
            watcher,
            operations,
            retention,
            jobs,
            tasks,
            ..
        } = self;
        drop((tasks, watcher));
        for running in jobs.values() {
            running.cancel.cancel();
        }
        let store = engine.finish().await;
        let pumped = tokio::task::spawn_blocking(move || pumping.finish()).await?;
        // After a fault there are jobs left: they are queued again before anybody else can hold the lock.
        block_in_place(|| {
            let ids = jobs.into_keys();
            ids.map(|id| kept(operations.release_job(id, Timestamp::now())))
                .collect::<anyhow::Result<Vec<_>>>()
        })?;
        let mut store = store.context("the crawl failed")?;
        block_in_place(|| forget_runs(retention, &mut store, Timestamp::now()));
        pumped.map(drop)
    }

    /// Stops what is under way, for the next process to go on with.
    pub(super) async fn stop(mut self) -> anyhow::Result<()> {
        self.cancel.cancel();
        let ended = tokio::time::timeout(GRACE, async {
            while let Some(event) = self.tasks.join_next().await {
                // A portal that was done the moment before is crawled again; it costs a look at its lists.
                if let Ok(Event::Crawled(id, portal, _)) = event
                    && let Some(running) = self.jobs.get_mut(&id)
                {
                    running.close(&portal, &self.watcher);
                }
            }
        });
        let is_ended = ended.await.is_ok();
        let now = Timestamp::now();
        block_in_place(|| {
            let mut news = Vec::new();
            for running in self.jobs.values_mut() {
                running.say(now, "the process stops; the job goes on when it is started again");
                news.extend(running.news(&self.watcher));
            }
            kept(self.operations.note_progress(&news))
        })?;
        if is_ended {
            return self.finish().await;
        }
        tracing::warn!("some pages did not end in time; they are asked for again at the next start");
        for id in self.jobs.keys() {
            kept(self.operations.release_job(*id, now))?;
        }
        Ok(())
    }

    fn n_open(&self) -> usize {
        self.jobs.values().map(|running| running.open.len().max(1)).sum()
    }

    /// Begins with a job that was claimed.
    fn take_up(&mut self, mut running: Running, now: Timestamp) -> anyhow::Result<()> {
        let (id, full) = (running.job.id, running.job.full);
        let portals = self.portals.get();
        let lacking = running.lacking();
        let n_done = running.job.portals.len() - lacking.len();
        let words = match n_done {
            0 => format!("crawling {}", lacking.join(", ")),
            _ => format!(
                "crawling {}; {n_done} portals were done before",
                lacking.join(", ")
            ),
        };
        running.say(now, &words);
        tracing::info!(job = id, portals = lacking.len(), "job taken up");
        let options = CrawlOptions {
            full,
            max_pages: None,
        };
        for portal_id in lacking {
            let handed = match portals.good.get(&portal_id) {
                None => Err("its portal file is gone or wrong".to_owned()),
                Some(portal) => {
                    let cancel = running.cancel.clone();
                    self.engine
                        .crawl(portal.clone(), options, cancel)
                        .map_err(|error| error.to_string())
                }
            };
            match handed {
                Ok(crawl) => {
                    running.open.insert(portal_id.clone());
                    self.tasks
                        .spawn(async move { Event::Crawled(id, portal_id, crawl.summary().await) });
                }
                Err(reason) => {
                    let summary = failed(&portal_id, reason);
                    running.say_summary(now, &summary);
                    kept(self.operations.finish_portal(id, &summary))?;
                }
            }
        }
        let is_over = running.open.is_empty();
        self.jobs.insert(id, running);
        if is_over {
            self.wait_for_index(id);
        }
        Ok(())
    }

    fn see_to(&mut self, event: Event, now: Timestamp, plan: &mut Plan) -> anyhow::Result<()> {
        match event {
            Event::Crawled(id, portal, outcome) => {
                let Some(running) = self.jobs.get_mut(&id) else {
                    return Ok(());
                };
                running.close(&portal, &self.watcher);
                let summary = match outcome {
                    Ok(summary) => summary,
                    Err(CrawlError::Task) => {
                        failed(&portal, "a fault of this program; the log says which".to_owned())
                    }
                    // The store failed: nothing of what goes on now would be kept.
                    Err(error) => return Err(anyhow!(error).context("the crawl failed")),
                };
                if self.cancel.is_cancelled() && !running.is_stopped {
                    // It was stopped for others, or ended that very moment: the job goes on with it afterwards.
                    return Ok(());
                }
                running.say_summary(now, &summary);
                if let Some(reason) = summary.reason.as_ref().filter(|why| why.starts_with(DISK_FULL)) {
                    return Err(NoRoom(reason.clone()).into());
                }
                let portals = self.portals.get();
                let finished = self
                    .operations
                    .finish_crawl(id, &summary, !running.is_stopped, &portals, now);
                if let Some(facts) = kept(finished)? {
                    plan.learn(&portal, facts, now);
                }
                if running.open.is_empty() {
                    self.wait_for_index(id);
                }
            }
            Event::Indexed(id, is_indexed) => {
                if !is_indexed {
                    return Err(anyhow!("indexing failed; what was fetched is kept"));
                }
                self.end(id, now)?;
            }
            Event::Forgot(outcome) => tell_of_runs(outcome),
        }
        Ok(())
    }

    /// A job is over when what it brought can be found.
    fn wait_for_index(&mut self, id: i64) {
        let flush = self.pumping.flush();
        self.tasks.spawn_blocking(move || Event::Indexed(id, flush()));
    }

    fn end(&mut self, id: i64, now: Timestamp) -> anyhow::Result<()> {
        let Some(mut running) = self.jobs.remove(&id) else {
            return Ok(());
        };
        let results = kept(self.operations.job(id))?
            .and_then(|job| job.results)
            .unwrap_or_default();
        let (state, reason) = if running.is_stopped {
            let reason = "stopped by request; what was fetched is kept".to_owned();
            (JobState::Cancelled, Some(reason))
        } else {
            verdict(&results)
        };
        running.say(now, state.code());
        let news: Vec<_> = running.news(&self.watcher).into_iter().collect();
        kept(self.operations.note_progress(&news))?;
        kept(self.operations.finish_job(id, state, reason.as_deref(), now))?;
        tracing::info!(
            job = id,
            state = state.code(),
            reason = reason.unwrap_or_default(),
            "job ended"
        );
        Ok(())
    }
}

/// Of a portal that was not crawled at all.
fn failed(portal: &str, reason: String) -> PortalSummary {
    PortalSummary {
        id: portal.to_owned(),
        status: PortalStatus::Failed,
        reason: Some(reason),
        fetched: 0,
        not_modified: 0,
        reports: ReportCounts::default(),
        attachments: 0,
        failed: Vec::new(),
        traps: Vec::new(),
        seconds: 0.0,
    }
}
