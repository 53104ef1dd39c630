//! The jobs of `serve`: what is due by schedule is queued, what is queued is crawled.
//!
//! ```text
//! portal files ─▶ scheduler::Plan ─▶ jobs (catalog.db) ◀─ POST /jobs, `jobs run`
//!                                      │ claimed while this process holds the writer's lock
//!                                      ▼
//!                            Session: crawler::Engine + pump
//! ```
//!
//! A [`Session`](session::Session) begins when a job waits and ends when none is left, so that the writer's lock is
//! free in between for `crawl`, `import` and `index rebuild`. A process that is killed leaves its jobs `running`; whoever next
//! holds the lock knows by that that they are orphans, queues them again, and their crawls go on where they were.
//! Of several processes that serve the same data one runs jobs (see [`Lease`]).
//!
//! All waiting is by the machine's own clock; the wall's is only asked what time it is.

mod running;
mod session;
mod watcher;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context;
use crawler::{CrawlConfig, LockError, LockWait, Store, StoreError};
use jiff::Timestamp;
use tokio::{sync::Notify, task::block_in_place};
use tokio_util::sync::CancellationToken;

use self::session::Session;
use crate::{
    commands::writing,
    operations::{Lease, Operations},
    portals::SharedPortals,
    scheduler::{Plan, ScheduleClock},
};

/// How often schedules and the queue are looked at.
const TICK: Duration = Duration::from_millis(500);

/// After a fault of the data directory jobs rest so long, and twice as long after the next, up to [`MAX_REST`].
const FIRST_REST: Duration = Duration::from_secs(5);
const MAX_REST: Duration = Duration::from_secs(300);

/// Visits that are named when they come due.
const MAX_NAMED: usize = 10;

/// What runs jobs.
#[derive(Debug)]
pub(crate) struct Runner {
    pub(crate) operations: Operations,
    pub(crate) portals: SharedPortals,
    pub(crate) crawl: CrawlConfig,
    /// Told when there is something to do before the next tick.
    pub(crate) wake: Arc<Notify>,
}

/// What makes a session impossible for now.
enum Hindered {
    /// Another process writes.
    By(String),
    /// Something is wrong.
    Fault(anyhow::Error),
}

impl Runner {
    /// Runs jobs until `stop`; those under way then go back into the queue.
    pub(crate) async fn run(self, stop: CancellationToken) {
        let Some(_lease) = self.lease(&stop).await else {
            return;
        };
        let mut clock = ScheduleClock::new(Timestamp::now(), Instant::now());
        let mut plan = Plan::default();
        let mut session: Option<Session> = None;
        let mut resting = Resting::default();
        while !stop.is_cancelled() {
            let now = clock.now(Timestamp::now(), Instant::now());
            if let Err(error) = block_in_place(|| self.look_at_schedules(&mut plan, now)) {
                tracing::error!(error = format!("{error:#}"), "schedules cannot be looked at");
            }
            if session.is_none() && resting.is_over() {
                session = match block_in_place(|| self.begin(now)) {
                    Ok(Some(store)) => self.start(store, now, &mut resting).await,
                    Ok(None) => None,
                    Err(Hindered::By(whom)) => {
                        block_in_place(|| self.say_waiting(&whom));
                        None
                    }
                    Err(Hindered::Fault(error)) => {
                        resting.after(&error);
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
                match (open.finish().await, outcome) {
                    (Ok(()), Ok(_)) => resting = Resting::default(),
                    (Err(error), _) | (_, Err(error)) => resting.after(&error),
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
                Err(error) => {
                    tracing::error!(%error, "jobs and schedules do not run: the file jobs.lock cannot be used");
                    return None;
                }
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
    fn begin(&self, now: Timestamp) -> Result<Option<Store>, Hindered> {
        let fault = |error: anyhow::Error| Hindered::Fault(error);
        // A job of a process that is gone waits as well, though it does not say so.
        if !self
            .operations
            .has_open_jobs()
            .map_err(|error| fault(error.into()))?
        {
            return Ok(None);
        }
        let portals = self.portals.clone();
        let readers = writing::readers_by(Arc::new(move |id| {
            portals.get().good.get(id).map(crawler::Portal::view)
        }));
        let store = match Store::open(self.operations.data_dir(), readers, LockWait::Fail, "serve") {
            Err(StoreError::Lock(LockError::Held { holder, .. })) => {
                return Err(Hindered::By(holder.map_or_else(
                    || "another process".to_owned(),
                    |holder| holder.to_string(),
                )));
            }
            opened => opened.map_err(|error| fault(error.into()))?,
        };
        let owner = session::owner();
        let n_orphans = self
            .operations
            .recover_jobs(&owner, now)
            .map_err(|error| fault(error.into()))?;
        if n_orphans > 0 {
            tracing::info!(n_orphans, "jobs of a process that ended go on");
        }
        Ok(Some(store))
    }

    async fn start(&self, store: Store, now: Timestamp, resting: &mut Resting) -> Option<Session> {
        match Session::begin(self, store, now).await {
            Ok(session) => Some(session),
            Err(error) => {
                resting.after(&error);
                None
            }
        }
    }

    fn say_waiting(&self, whom: &str) {
        let reason = format!("waiting for {whom}, which is writing");
        match self.operations.note_waiting(&reason) {
            Ok(true) => tracing::info!("jobs are {reason}"),
            Ok(false) => (),
            Err(error) => tracing::error!(%error, "a job cannot be told what it waits for"),
        }
    }
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
