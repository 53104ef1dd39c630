//! The jobs of `serve`: what is due by schedule is queued, what is queued is crawled.
//!
//! ```text
//! portal files ─▶ scheduler::Plan ─▶ jobs (catalog.db) ◀─ POST /jobs, `jobs run`
//!                                      │ claimed while this process holds the writer's lock
//!                                      ▼
//!                            Session: crawler::Engine + pump
//! ```
//!
//! A [`Session`] begins when a job waits and ends when none is left, so that the writer's lock is
//! free in between for `crawl`, `import` and `index rebuild`; when one of them waits, it ends soon and lets it in
//! (`turns.rs`). A process that is killed leaves its jobs `running`; whoever next
//! holds the lock knows by that that they are orphans, queues them again, and their crawls go on where they were.
//! Of several processes that serve the same data one runs jobs (see [`Lease`]).
//!
//! All waiting is by the machine's own clock; the wall's is only asked what time it is.

mod running;
mod session;
mod turns;
mod watcher;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context;
use crawler::{CrawlConfig, LockError, LockWait, Store, StoreError, who_waits};
use data_encoding::HEXLOWER;
use jiff::Timestamp;
use tokio::{sync::Notify, task::block_in_place};
use tokio_util::sync::CancellationToken;

use self::{
    session::{NoRoom, Session},
    turns::Given,
};
use crate::{
    commands::writing,
    config::RetentionConfig,
    disk::Disk,
    operations::{Lease, Operations},
    portals::SharedPortals,
    scheduler::{Plan, ScheduleClock},
};

/// How often schedules and the queue are looked at.
const TICK: Duration = Duration::from_millis(500);

/// After a fault of the data directory jobs rest so long, and twice as long after the next, up to [`MAX_REST`].
const FIRST_REST: Duration = Duration::from_secs(5);
const MAX_REST: Duration = Duration::from_secs(30);

/// Visits that are named when they come due.
const MAX_NAMED: usize = 10;

/// What runs jobs.
#[derive(Clone, Debug)]
pub(crate) struct Runner {
    pub(crate) operations: Operations,
    pub(crate) portals: SharedPortals,
    pub(crate) crawl: CrawlConfig,
    /// Where all is written to.
    pub(crate) disk: Disk,
    /// How long crawls are remembered.
    pub(crate) retention: RetentionConfig,
    /// Told when there is something to do before the next tick.
    pub(crate) wake: Arc<Notify>,
}

/// What makes a session impossible for now.
enum Hindered {
    /// Another process writes, or there is no room to write: what a job waits for, in words.
    By(String),
    /// Something is wrong.
    Fault(anyhow::Error),
}

impl Runner {
    /// Runs jobs until `stop`; those under way then go back into the queue.
    pub(crate) async fn run(self, stop: CancellationToken) {
        while let Err(error) = tokio::spawn(self.clone().run_once(stop.clone())).await {
            // Searches go on in such a case, and so shall jobs.
            tracing::error!(%error, "jobs ended by a fault of this program, and begin anew");
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(FIRST_REST) => (),
            }
        }
    }

    async fn run_once(self, stop: CancellationToken) {
        let Some(_lease) = self.lease(&stop).await else {
            return;
        };
        let owner = owner();
        let mut clock = ScheduleClock::new(Timestamp::now(), Instant::now());
        let mut plan = Plan::default();
        let mut session: Option<Session> = None;
        let mut resting = Resting::default();
        let mut given = Given::default();
        while !stop.is_cancelled() {
            let now = clock.now(Timestamp::now(), Instant::now());
            if resting.is_over()
                && let Err(error) = block_in_place(|| self.look_at_schedules(&mut plan, now))
            {
                self.rest(&mut resting, &error);
            }
            if session.is_none() && resting.is_over() {
                session = match block_in_place(|| self.begin(&owner, &mut given, now)) {
                    Ok(Some(store)) => self.start(store, &owner, now, &mut resting).await,
                    Ok(None) => None,
                    Err(Hindered::By(reason)) => {
                        block_in_place(|| self.say_waiting(&reason));
                        None
                    }
                    Err(Hindered::Fault(error)) => {
                        self.rest(&mut resting, &error);
                        None
                    }
                };
            }
            let Some(open) = &mut session else {
                self.pause(&stop).await;
                continue;
            };
            let worked = tokio::select! {
                () = stop.cancelled() => break,
                worked = open.work(now, &mut plan) => worked,
                () = self.pause(&stop) => Ok(()),
            };
            let outcome = worked.and_then(|()| block_in_place(|| open.look(now)));
            let is_over = outcome.as_ref().map_or(true, |is_idle| *is_idle);
            if is_over && let Some(open) = session.take() {
                let gives_way = open.gives_way();
                let finished = open.finish().await;
                if gives_way {
                    given = Given::up(Instant::now());
                }
                match (outcome, finished) {
                    (Ok(_), Ok(())) => resting = Resting::default(),
                    (Err(error), _) | (_, Err(error)) => self.rest(&mut resting, &error),
                }
            }
        }
        if let Some(open) = session
            && let Err(error) = open.stop().await
        {
            tracing::error!(error = format!("{error:#}"), "the jobs did not end well");
        }
    }

    /// Waits for the right to run jobs; `None` when there is no more need.
    async fn lease(&self, stop: &CancellationToken) -> Option<Lease> {
        let mut is_told = false;
        while !stop.is_cancelled() {
            match Lease::take(self.operations.data_dir()) {
                Ok(Some(lease)) => return Some(lease),
                Ok(None) if !is_told => {
                    tracing::info!("another process runs the jobs of this data directory");
                    is_told = true;
                }
                Ok(None) => (),
                // It may pass: too many open files, a disk that comes back.
                Err(error) if !is_told => {
                    tracing::error!(%error, "jobs and schedules do not run: the file jobs.lock cannot be used");
                    is_told = true;
                }
                Err(_) => (),
            }
            self.pause(stop).await;
        }
        None
    }

    async fn pause(&self, stop: &CancellationToken) {
        tokio::select! {
            () = stop.cancelled() => (),
            () = self.wake.notified() => (),
            () = tokio::time::sleep(TICK) => (),
        }
    }

    /// Queues what is due.
    fn look_at_schedules(&self, plan: &mut Plan, now: Timestamp) -> anyhow::Result<()> {
        let portals = self.portals.get();
        if !plan.is_of(&portals) {
            let facts = self.operations.adopt_schedules(&portals, now)?;
            *plan = Plan::new(portals, facts, now);
        }
        let due = plan.due(now);
        if due.is_empty() {
            return Ok(());
        }
        let n_queued = self.operations.queue_due(plan.portals(), &due, now)?;
        for due in due.iter().take(n_queued) {
            plan.handled(&due.portal, now);
        }
        let named: Vec<_> = due
            .iter()
            .take(MAX_NAMED)
            .map(|due| due.portal.as_str())
            .collect();
        tracing::info!(
            n = due.len(),
            portals = %named.join(", "),
            "visits are due"
        );
        Ok(())
    }

    /// Opens the store when a job waits. `None` when none does.
    fn begin(&self, owner: &str, given: &mut Given, now: Timestamp) -> Result<Option<Store>, Hindered> {
        let fault = |error: anyhow::Error| Hindered::Fault(error);
        // A job of a process that is gone waits as well, though it does not say so.
        if !self
            .operations
            .has_open_jobs()
            .map_err(|error| fault(error.into()))?
        {
            return Ok(None);
        }
        if self.disk.trouble().is_some() {
            let words =
                "disk_full: waiting for room on the disk; [data] min_free says how much is to be left";
            return Err(Hindered::By(words.to_owned()));
        }
        let data_dir = self.operations.data_dir();
        let mut who = None;
        let mut is_waited_for = || {
            who = who_waits(data_dir);
            who.is_some()
        };
        if given.is_theirs(&mut is_waited_for, Instant::now()) {
            let who = who.unwrap_or_default();
            return Err(Hindered::By(format!("waiting for {who}, which has its turn")));
        }
        let portals = self.portals.clone();
        let readers = writing::readers_by(Arc::new(move |id| {
            portals.get().good.get(id).map(crawler::Portal::view)
        }));
        let mut store = match Store::open(data_dir, readers, LockWait::Fail, "serve") {
            Err(StoreError::Lock(LockError::Held { holder, .. })) => {
                let whom = holder.map_or_else(|| "another process".to_owned(), |holder| holder.to_string());
                return Err(Hindered::By(format!("waiting for {whom}, which is writing")));
            }
            opened => opened.map_err(|error| fault(error.into()))?,
        };
        store.set_min_free(self.disk.min_free());
        let n_orphans = self
            .operations
            .recover_jobs(owner, now)
            .map_err(|error| fault(error.into()))?;
        if n_orphans > 0 {
            tracing::info!(n_orphans, "jobs of a process that ended go on");
        }
        Ok(Some(store))
    }

    async fn start(
        &self,
        store: Store,
        owner: &str,
        now: Timestamp,
        resting: &mut Resting,
    ) -> Option<Session> {
        match Session::begin(self, store, owner, now).await {
            Ok(session) => Some(session),
            Err(error) => {
                self.rest(resting, &error);
                None
            }
        }
    }

    /// Leaves jobs alone for a while. What is wrong with the data directory is for the log, not for whoever asks.
    fn rest(&self, resting: &mut Resting, error: &anyhow::Error) {
        resting.after(error);
        let reason = match error.downcast_ref::<NoRoom>() {
            Some(NoRoom(reason)) => format!("waiting for room: {reason}"),
            None => "waiting after a fault; the log has the cause".to_owned(),
        };
        block_in_place(|| self.say_waiting(&reason));
    }

    fn say_waiting(&self, reason: &str) {
        match self.operations.note_waiting(reason) {
            Ok(true) => tracing::info!("jobs are {reason}"),
            Ok(false) => (),
            Err(error) => tracing::error!(%error, "a job cannot be told what it waits for"),
        }
    }
}

/// Whoever runs jobs here, among all that ever did.
fn owner() -> String {
    let mut bytes = [0_u8; 8];
    // Without random bytes the number of the process has to do.
    let _ = getrandom::fill(&mut bytes);
    format!("{}-{}", std::process::id(), HEXLOWER.encode(&bytes))
}

/// A rest after a fault, longer with each.
#[derive(Debug, Default)]
struct Resting {
    until: Option<Instant>,
    length: Duration,
}

impl Resting {
    fn is_over(&self) -> bool {
        self.until.is_none_or(|until| until <= Instant::now())
    }

    fn after(&mut self, error: &anyhow::Error) {
        self.length = (self.length * 2).clamp(FIRST_REST, MAX_REST);
        self.until = Some(Instant::now() + self.length);
        tracing::error!(
            error = format!("{error:#}"),
            again_in_s = self.length.as_secs(),
            "jobs cannot go on; they wait in the queue"
        );
    }
}

/// Makes an error of the tables one of the runner.
fn kept<T>(outcome: Result<T, crate::operations::OperationsError>) -> anyhow::Result<T> {
    outcome.context("what becomes of a job cannot be written down")
}
