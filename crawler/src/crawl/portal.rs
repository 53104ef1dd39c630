//! One crawl of one portal, from its seeds to its summary.
//!
//! A portal of which every host waits for long is *parked*: nothing of it is under way, and what it needs is read again
//! when its time has come. What the catalog does not know stays in its [`Memory`].

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use tokio::{
    sync::OwnedSemaphorePermit,
    task::{JoinError, JoinSet},
    time::Instant,
};
use tokio_util::sync::CancellationToken;

mod judge;
mod run;

pub(super) use self::run::{PortalRun, Stop, lock};
use self::{judge::judge, run::Memory};
use super::{
    CrawlOptions, PortalStatus, PortalSummary, Shared,
    host::{self, Waiting},
    more,
    recorder::Ended,
};
use crate::{frontier::Run, portal::Portal};

/// How often the time that a run takes is written down. Thousands of portals do so.
const CLOCK: Duration = Duration::from_secs(60);

/// A portal that was handed over.
pub(super) struct Handed {
    pub(super) portal: Arc<Portal>,
    pub(super) options: CrawlOptions,
    pub(super) cancel: CancellationToken,
}

/// A run of which nothing is under way, and of which every host waits for its turn.
struct Parked {
    run: Run,
    memory: Arc<Memory>,
    hosts: Box<[(String, Waiting)]>,
    /// When the first of them has its turn.
    until: Instant,
    /// Since when the time that the run takes is not written down.
    begun: Instant,
    has_asked_more: bool,
}

/// Where a run has come to.
enum Step {
    Over(Box<PortalSummary>),
    Parked(Box<Parked>),
}

/// Crawls a portal.
pub(super) async fn run(shared: &Arc<Shared>, handed: &Handed) -> Result<Box<PortalSummary>, Ended> {
    let mut parked = None;
    loop {
        let permit = tokio::select! {
            permit = Arc::clone(&shared.beginning).acquire_owned() => permit.ok(),
            () = handed.cancel.cancelled() => None,
        };
        // In a box, which is there only while something is under way.
        match Box::pin(go_on(shared, handed, parked.take(), permit)).await? {
            Step::Over(summary) => {
                shared.observer.finished(&summary);
                return Ok(summary);
            }
            Step::Parked(run) => parked = Some(run),
        }
        if let Some(run) = &parked {
            tokio::select! {
                () = tokio::time::sleep_until(run.until) => {}
                () = handed.cancel.cancelled() => {}
            }
        }
    }
}

/// Crawls a portal to the end of its run, or until all of it waits.
async fn go_on(
    shared: &Arc<Shared>,
    handed: &Handed,
    parked: Option<Box<Parked>>,
    permit: Option<OwnedSemaphorePermit>,
) -> Result<Step, Ended> {
    let (portal, waiting, begun, has_asked_more) = match parked {
        None => (
            Box::pin(PortalRun::begin(shared, handed)).await?,
            HashMap::new(),
            Instant::now(),
            false,
        ),
        Some(parked) => {
            let portal = Box::pin(PortalRun::go_on(shared, handed, parked.run, parked.memory)).await?;
            (
                portal,
                parked.hosts.into_iter().collect(),
                parked.begun,
                parked.has_asked_more,
            )
        }
    };
    *lock(&portal.beginning) = permit;
    let portal = Arc::new(portal);
    let mut crawl = Crawl {
        shared,
        portal: &portal,
        hosts: JoinSet::new(),
        active: HashSet::new(),
        waiting,
        begun,
        has_asked_more,
    };
    let turn = crawl.all().await?;
    match turn {
        Some(until) => Ok(Step::Parked(Box::new(Parked {
            hosts: crawl.waiting.into_iter().collect(),
            begun: crawl.begun,
            has_asked_more: crawl.has_asked_more,
            until,
            run: portal.run.clone(),
            memory: Arc::clone(&portal.memory),
        }))),
        None => Box::pin(end(shared, &portal, crawl.begun)).await.map(Step::Over),
    }
}

/// The hosts of a portal.
struct Crawl<'a> {
    shared: &'a Arc<Shared>,
    portal: &'a Arc<PortalRun>,
    hosts: JoinSet<(String, Result<Option<Waiting>, Ended>)>,
    active: HashSet<String>,
    /// Hosts of which nothing is under way until their turn comes.
    waiting: HashMap<String, Waiting>,
    begun: Instant,
    has_asked_more: bool,
}

impl Crawl<'_> {
    /// Has the hosts visited until nothing is left; gives the moment of the next turn when all of them wait longer than
    /// is waited for in place.
    async fn all(&mut self) -> Result<Option<Instant>, Ended> {
        let (shared, portal) = (self.shared, self.portal);
        loop {
            let goes_on = !portal.stop.is_cancelled() && portal.has_budget();
            if goes_on {
                self.spawn_hosts().await?;
            }
            let turn = self.waiting.values().map(|waiting| waiting.until).min();
            if self.active.is_empty() {
                match turn.filter(|_| goes_on) {
                    // Going away and coming back has its price, too.
                    Some(until) if until.saturating_duration_since(Instant::now()) > shared.in_place / 2 => {
                        return Ok(Some(until));
                    }
                    Some(_) => {}
                    None if goes_on && !self.has_asked_more => {
                        self.has_asked_more = true;
                        if !Box::pin(more::lists_elsewhere(shared, portal)).await? {
                            return Ok(None);
                        }
                        continue;
                    }
                    None => return Ok(None),
                }
            }
            tokio::select! {
                Some(done) = self.hosts.join_next() => self.host_ended(done).await?,
                () = portal.news.notified() => {}
                () = portal.stop.cancelled(), if self.active.is_empty() => {}
                () = tokio::time::sleep_until(turn.unwrap_or(self.begun)), if turn.is_some() && goes_on => {}
                () = tokio::time::sleep_until(self.begun + CLOCK) => {
                    shared.recorder.add_active(&portal.run, self.begun.elapsed()).await?;
                    self.begun = Instant::now();
                }
            }
        }
    }

    /// Has a task for every host with pending pages whose turn it is.
    async fn spawn_hosts(&mut self) -> Result<(), Ended> {
        let (shared, portal) = (self.shared, self.portal);
        let mut waiting = std::mem::take(&mut self.waiting);
        for host in shared.recorder.pending_hosts(&portal.run).await? {
            if portal.is_stopped(&host) || self.active.contains(&host) {
                continue;
            }
            let waited = waiting.remove(&host);
            match waited {
                Some(waited) if waited.until > Instant::now() => {
                    self.waiting.insert(host, waited);
                }
                waited => {
                    self.active.insert(host.clone());
                    let (shared, portal) = (Arc::clone(shared), Arc::clone(portal));
                    self.hosts.spawn(async move {
                        let ended = host::run(shared, portal, &host, waited).await;
                        (host, ended)
                    });
                }
            }
        }
        Ok(())
    }

    async fn host_ended(
        &mut self,
        done: Result<(String, Result<Option<Waiting>, Ended>), JoinError>,
    ) -> Result<(), Ended> {
        let portal = self.portal;
        match done {
            Ok((host, ended)) => {
                self.active.remove(&host);
                if let Some(waiting) = ended? {
                    self.waiting.insert(host, waiting);
                }
            }
            Err(error) => {
                tracing::error!(portal.id = portal.portal.id, %error, "a task of portal {} failed", portal.portal.id);
                let reason = "internal: a task of this crawl failed; the log says how".to_owned();
                portal.stop_host("*", Stop::because(reason));
                portal.stop.cancel();
                while self.hosts.join_next().await.is_some() {}
                self.active.clear();
            }
        }
        Ok(())
    }
}

/// Ends a run of which nothing is under way any more.
async fn end(shared: &Shared, portal: &PortalRun, begun: Instant) -> Result<Box<PortalSummary>, Ended> {
    shared.recorder.add_active(&portal.run, begun.elapsed()).await?;
    shared.recorder.learn(&portal.run, &portal.cancel).await?;
    shared.recorder.note_short_lists(&portal.run).await?;
    let (so_far, lacks) = shared.recorder.progress(&portal.run).await?;
    let (status, reason) = judge(portal, &so_far, &lacks);
    let is_paused =
        portal.cancel.is_cancelled() || lock(&portal.memory.stopped).values().any(|stop| stop.is_pause);
    let is_over = status == PortalStatus::Blocked || !is_paused;
    let summary = shared.recorder.end(&portal.run, status, reason, is_over).await?;
    Ok(Box::new(summary))
}
