//! A host's dealings with the recorder.
//!
//! Visits are recorded while the next pages are fetched, which the answers to earlier ones brought along. So a host
//! does not wait for the disk, and a kill repeats its last visits at most, as many as may be under way. What a list or
//! a redirect brought is waited for, since it changes what comes next.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use super::super::{
    Shared,
    portal::PortalRun,
    recorder::{Ended, Finish, Then, UnderWay},
};
use crate::{
    fetch::host_port,
    frontier::{Ending, Job, Kind, Next},
};

/// Visits of a host that may be under way to the disk, and pages that are known ahead.
const DEPTH: usize = 2;

/// The same of a host whose delay is below [`SHORT`]: the disk may take longer than some of its pages.
const DEPTH_IF_SHORT: usize = 8;

/// A delay in which a disk that is busy may not come round.
const SHORT: Duration = Duration::from_millis(500);

/// What of a host is being recorded, and what comes next.
pub(super) struct Records<'a> {
    pub(super) shared: &'a Arc<Shared>,
    pub(super) portal: &'a Arc<PortalRun>,
    pub(super) host: &'a str,
    /// The page that is being visited, by its row.
    pub(super) in_hand: Option<i64>,
    depth: usize,
    /// The oldest first.
    under_way: VecDeque<Recording>,
    ahead: VecDeque<Job>,
}

/// A visit that is being recorded.
struct Recording {
    answer: UnderWay<Vec<Job>>,
    /// The answer brings pages.
    asks: bool,
}

impl<'a> Records<'a> {
    pub(super) fn new(shared: &'a Arc<Shared>, portal: &'a Arc<PortalRun>, host: &'a str) -> Self {
        Self {
            shared,
            portal,
            host,
            in_hand: None,
            depth: if portal.terms.delay < SHORT {
                DEPTH_IF_SHORT
            } else {
                DEPTH
            },
            under_way: VecDeque::new(),
            ahead: VecDeque::new(),
        }
    }

    /// Whether the next page is known already.
    pub(super) fn knows_next(&mut self) -> bool {
        self.take_what_came();
        !self.ahead.is_empty()
    }

    /// What there is to do next.
    pub(super) async fn next(&mut self) -> Result<Next, Ended> {
        while self.ahead.is_empty() && self.settle_one().await? {}
        let next = match self.ahead.pop_front() {
            Some(job) => Next::Job(Box::new(job)),
            None => self.shared.recorder.next(&self.portal.run, self.host).await?,
        };
        if let Next::Job(job) = &next {
            self.in_hand = Some(job.id);
        }
        Ok(next)
    }

    /// Has a visit recorded that took so long, after those before.
    pub(super) async fn finish(&mut self, finish: Finish, took: Duration) -> Result<(), Ended> {
        let is_waited_for = finish.job.kind != Kind::Page || finish.target.is_some();
        if is_waited_for {
            self.settle().await?;
            self.ahead.clear();
        }
        while self.under_way.len() >= self.depth {
            self.settle_one().await?;
        }
        self.take_what_came();
        let is_asking = self.under_way.iter().any(|recording| recording.asks);
        let n_wanted = match self.ahead.len() {
            n if is_asking || n > self.depth / 2 => 0,
            n => self.depth - n,
        };
        let is_visited = !matches!(finish.ending, Ending::Again { .. } | Ending::LeftOut { .. });
        if !is_visited {
            self.portal.give_budget();
        }
        // Links to other hosts are for other tasks, which may not be there yet.
        let is_elsewhere = |url| host_port(url) != self.host;
        let has_news = finish.links.iter().any(|link| is_elsewhere(&link.url))
            || finish.target.as_ref().is_some_and(is_elsewhere);
        let then = Then {
            host: self.host.to_owned(),
            taken: self.ahead.iter().map(|job| job.id).chain(self.in_hand).collect(),
            n_wanted,
            tell: Box::new({
                let (shared, portal) = (Arc::clone(self.shared), Arc::clone(self.portal));
                let host = self.host.to_owned();
                move |pending| {
                    if is_visited {
                        let so_far = portal.visited(&host, took, pending);
                        shared.observer.fetched(&portal.portal.id, so_far);
                    }
                    if has_news {
                        portal.news.notify_one();
                    }
                }
            }),
        };
        self.under_way.push_back(Recording {
            answer: self.shared.recorder.finish(finish, then, !is_waited_for).await?,
            asks: n_wanted > 0,
        });
        if is_waited_for {
            self.settle().await?;
        }
        Ok(())
    }

    /// Waits until nothing is being recorded any more.
    pub(super) async fn settle(&mut self) -> Result<(), Ended> {
        while self.settle_one().await? {}
        Ok(())
    }

    /// Waits for the oldest visit to be recorded; false when there is none.
    async fn settle_one(&mut self) -> Result<bool, Ended> {
        let Some(mut oldest) = self.under_way.pop_front() else {
            return Ok(false);
        };
        let jobs = match oldest.answer.done_already() {
            Some(jobs) => jobs,
            None => {
                self.shared.recorder.hurry();
                oldest.answer.done().await?
            }
        };
        self.ahead.extend(jobs);
        Ok(true)
    }

    /// Takes the answers that are there already.
    fn take_what_came(&mut self) {
        while let Some(oldest) = self.under_way.front_mut()
            && let Some(jobs) = oldest.answer.done_already()
        {
            self.ahead.extend(jobs);
            self.under_way.pop_front();
        }
    }
}
