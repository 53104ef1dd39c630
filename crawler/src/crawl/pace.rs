//! Politeness, waited for: the one gate that every request passes, whatever it asks for.
//!
//! A request starts when its turn has come and a permit is free, not before that is written down, and only when the
//! portal's hours, its requests a day and the host's rest let it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use tokio::{
    sync::{Notify, OwnedSemaphorePermit, Semaphore},
    time::Instant,
};

use super::{
    clock,
    recorder::{Ended, Recorder},
    rests::Rests,
    terms::{NotNow, Terms},
};
use crate::{
    fetch::Lane,
    frontier::DayCount,
    politeness::{LimitKey, Politeness, Target, Turn, Written, with_jitter},
};

/// What is added at first to a moment that is written down before it has come, since requests start a little late.
const LEEWAY: Duration = Duration::from_millis(250);

/// How long a host may go on answering after the crawl was stopped.
pub(super) const GRACE: Duration = Duration::from_secs(5);

/// Longest wait for a host that asked for time; one that asks for more is left to the next crawl.
pub(super) const PATIENCE: Duration = Duration::from_secs(15 * 60);

/// All hosts' limits.
pub(super) struct Pace {
    inner: Arc<Inner>,
    /// One permit a request.
    permits: Arc<Semaphore>,
    pub(super) rests: Rests,
}

#[derive(Default)]
struct Inner {
    politeness: Mutex<Politeness>,
    /// Requests to each host today.
    days: Mutex<HashMap<String, DayCount>>,
    /// Who waits for the end of the request that is under way under a limit.
    waiting: Mutex<HashMap<LimitKey, Arc<Notify>>>,
}

/// A request may not start.
#[derive(Clone, Debug)]
pub(super) enum Denied {
    /// The recorder has ended.
    Ended(Ended),
    /// Not now, nor soon.
    NotNow(NotNow),
}

impl From<Ended> for Denied {
    fn from(ended: Ended) -> Self {
        Self::Ended(ended)
    }
}

/// The right to have one request under way. Given back when dropped: when the answer was read to its end.
pub(super) struct Pass {
    target: Target,
    delay: Duration,
    begun: Instant,
    inner: Arc<Inner>,
    permit: Option<OwnedSemaphorePermit>,
}

impl Pace {
    pub(super) fn new(concurrency: usize) -> Self {
        Self {
            inner: Arc::default(),
            permits: Arc::new(Semaphore::new(concurrency.max(1))),
            rests: Rests::default(),
        }
    }

    /// Waits for the turn of a request. The moment before which no other may start is durable when this returns, so
    /// that the gap holds across a kill and a restart.
    pub(super) async fn enter(
        &self,
        lane: &Lane,
        crawl_delay: Option<Duration>,
        terms: &Terms,
        recorder: &Recorder,
    ) -> Result<Pass, Denied> {
        let delay = with_jitter(terms.delay(lane.is_private, crawl_delay), chance());
        loop {
            let target = lane.target();
            self.meet(&target, recorder).await?;
            let (mut pass, mut start) = self.claim(&target, delay).await;
            let wait = start.saturating_duration_since(Instant::now());
            let day = self
                .may_start(&target, lane.is_private, wait, delay, terms)
                .map_err(Denied::NotNow)?;
            let mut leeway = LEEWAY;
            let mut day = Some(day);
            loop {
                let now = Instant::now();
                let pause = start.saturating_duration_since(now) + delay + leeway;
                let written = Written::new(clock::now(), pause);
                // Without a delay there is no moment to keep, and only hosts of our own have none.
                if !(delay.is_zero() && lane.is_private) {
                    recorder.save_request(&target, written, day.take()).await?;
                }
                tokio::time::sleep_until(start).await;
                if pass.permit.is_none() {
                    let permit = Arc::clone(&self.permits).acquire_owned().await;
                    pass.permit = Some(permit.map_err(|_| Ended)?);
                }
                pass.begun = Instant::now();
                if pass.begun + delay <= now + pause {
                    break;
                }
                // Writing, or waiting for a permit, took longer than the leeway: what was written is too early.
                start = pass.begun;
                leeway = leeway.saturating_mul(4);
            }
            // The name may have been looked up again meanwhile, and have led to other addresses.
            if lane.target() == target {
                lock(&self.inner.politeness).start(&target, delay, pass.begun.into_std());
                return Ok(pass);
            }
        }
    }

    async fn claim(&self, target: &Target, delay: Duration) -> (Pass, Instant) {
        loop {
            let finished = {
                let mut politeness = lock(&self.inner.politeness);
                if let Turn::At(at) = politeness.claim(target, delay, Instant::now().into_std()) {
                    let pass = Pass {
                        target: target.clone(),
                        delay,
                        begun: Instant::now(),
                        inner: Arc::clone(&self.inner),
                        permit: None,
                    };
                    return (pass, Instant::from_std(at));
                }
                let Some(busy) = politeness.busy(target) else {
                    continue;
                };
                let mut waiting = lock(&self.inner.waiting);
                // From here on no end of that request is missed: who ends it needs both locks.
                Arc::clone(waiting.entry(busy.clone()).or_default()).notified_owned()
            };
            finished.await;
        }
    }

    /// Whether a request whose limits are held may start after `wait`. Counts it; gives the count of the day.
    fn may_start(
        &self,
        target: &Target,
        is_private: bool,
        wait: Duration,
        delay: Duration,
        terms: &Terms,
    ) -> Result<DayCount, NotNow> {
        let host = target.host();
        let start = Timestamp::from_millisecond(clock::now_ms().saturating_add(super::to_ms(wait)))
            .unwrap_or(Timestamp::MAX);
        self.rests.check(host)?;
        if wait > PATIENCE.max(delay) {
            return Err(NotNow::held(host, start));
        }
        terms.check_hours(start)?;
        let mut days = lock(&self.inner.days);
        let count = days.entry(host.to_owned()).or_default().at(start);
        terms.check_day(host, is_private, count.requests)?;
        let count = count.and_one();
        days.insert(host.to_owned(), count);
        Ok(count)
    }

    /// Takes over what an earlier process wrote down of limits that this one meets for the first time.
    async fn meet(&self, target: &Target, recorder: &Recorder) -> Result<(), Ended> {
        let unknown: Vec<_> = {
            let politeness = lock(&self.inner.politeness);
            target
                .keys()
                .iter()
                .filter(|key| !politeness.knows(key))
                .cloned()
                .collect()
        };
        if unknown.is_empty() {
            return Ok(());
        }
        let keys = unknown.iter().map(|key| key.text()).collect();
        let (moments, day) = recorder.load_limits(keys, target.host()).await?;
        let (now, clock) = (Instant::now().into_std(), clock::now());
        {
            let mut politeness = lock(&self.inner.politeness);
            for (key, written) in unknown.into_iter().zip(moments) {
                let left = written.map_or(Duration::ZERO, |written| written.left(&clock));
                politeness.restore(key, left, now);
            }
        }
        lock(&self.inner.days)
            .entry(target.host().to_owned())
            .or_insert(day);
        Ok(())
    }
}

impl Pass {
    /// Counts the delay from when the request really left: a connection may have had to be made first.
    pub(super) fn sent(&self, lane: &Lane) {
        let sent = lane.sent_by(self.begun);
        lock(&self.inner.politeness).start(&self.target, self.delay, sent.into_std());
    }

    /// The host is content.
    pub(super) fn relax(&self) {
        lock(&self.inner.politeness).relax(&self.target);
    }

    /// The host asks for fewer requests. Gives the pause, which is durable before anybody else can have a turn.
    pub(super) async fn hold(
        self,
        retry_after: Option<Duration>,
        recorder: &Recorder,
    ) -> Result<Duration, Ended> {
        let now = Instant::now().into_std();
        let pause = lock(&self.inner.politeness).hold(&self.target, retry_after, self.delay, now);
        let written = Written::new(clock::now(), pause.max(self.delay));
        recorder.save_request(&self.target, written, None).await?;
        Ok(pause)
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        let mut politeness = lock(&self.inner.politeness);
        politeness.finish(&self.target);
        let mut waiting = lock(&self.inner.waiting);
        for key in self.target.keys() {
            if let Some(waiting) = waiting.remove(key) {
                waiting.notify_waiters();
            }
        }
    }
}

/// A number that differs from request to request; it need not be hard to guess.
fn chance() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    RandomState::new().hash_one(0)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
