//! Politeness, waited for: the one gate that every request passes, whatever it asks for.
//!
//! A request starts when its turn has come and a permit is free, and only when the portal's hours, its requests a day
//! and the host's rest let it. Before it starts, the moment before which no other may start is written down, so that
//! the gap holds across a kill and a restart. That moment is written some time ahead: a later process waits a little
//! longer after a kill, and this one need not write before each request. At the end of a crawl the moments are set
//! right.
//!
//! Who would wait long for a turn need not wait in place: a later turn is kept for it ([`Pace::look_ahead`]), which takes
//! nothing from anybody else until then.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
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

/// How far ahead moments are written down.
const AHEAD: Duration = Duration::from_secs(2);

/// So much longer than the delay is the pause that is written down when a request starts, since it leaves a little later.
const LEEWAY: Duration = Duration::from_millis(250);

/// How long before its turn it is written down that there was a request.
const SHORTLY: Duration = Duration::from_millis(500);

/// How long a host may go on answering after the crawl was stopped.
pub(super) const GRACE: Duration = Duration::from_secs(5);

/// Longest wait for a host that asked for time; one that asks for more is left to the next crawl.
pub(super) const PATIENCE: Duration = Duration::from_secs(15 * 60);

/// How long who asks waits in place for a turn.
pub(super) struct InPlace {
    longest: Duration,
    /// A turn was kept, and this is the time.
    has_turn: AtomicBool,
}

impl InPlace {
    pub(super) fn new(longest: Duration, has_turn: bool) -> Self {
        Self {
            longest,
            has_turn: AtomicBool::new(has_turn),
        }
    }
}

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
    days: Mutex<HashMap<String, Day>>,
    /// Who waits for the end of the request that is under way under a limit.
    waiting: Mutex<HashMap<LimitKey, Arc<Notify>>>,
}

/// Requests to a host today.
#[derive(Clone, Copy, Default)]
struct Day {
    count: DayCount,
    /// What is written down, with those in it that may yet come.
    written: DayCount,
}

/// A request may not start.
#[derive(Clone, Debug)]
pub(super) enum Denied {
    /// The recorder has ended.
    Ended(Ended),
    /// Not now, nor soon.
    NotNow(NotNow),
    /// A turn is kept for this moment; it is too far to be waited for in place.
    NotYet(Instant),
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

    /// Whether a request may start at once. When its turn is further away than is waited for in place, a turn is kept for
    /// it. Takes nothing: [`enter`](Self::enter) does, with or without a turn that was kept.
    pub(super) async fn look_ahead(
        &self,
        lane: &Lane,
        crawl_delay: Option<Duration>,
        terms: &Terms,
        recorder: &Recorder,
        in_place: Option<&InPlace>,
    ) -> Result<bool, Denied> {
        let delay = with_jitter(terms.delay(lane.is_private, crawl_delay), 0);
        let target = lane.target();
        self.meet(&target, recorder).await?;
        let now = Instant::now();
        let (due, is_busy) = {
            let politeness = lock(&self.inner.politeness);
            let due = politeness.due(&target, delay, now.into_std());
            (Instant::from_std(due), politeness.busy(&target).is_some())
        };
        let wait = due.saturating_duration_since(now);
        self.check(&target, lane.is_private, wait, delay, terms)
            .map_err(Denied::NotNow)?;
        if let Some(in_place) = in_place
            && !in_place.has_turn.swap(false, Ordering::Relaxed)
        {
            let turn = lock(&self.inner.politeness).keep_turn(&target, delay, now.into_std());
            let turn = Instant::from_std(turn);
            if turn.saturating_duration_since(now) > in_place.longest {
                return Err(Denied::NotYet(turn));
            }
        }
        Ok(wait.is_zero() && !is_busy)
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
        let least = terms.delay(lane.is_private, crawl_delay);
        // The gap before a request was drawn when the last one started; whoever was told its turn finds it then.
        let (least, delay) = (with_jitter(least, 0), with_jitter(least, chance()));
        loop {
            let target = lane.target();
            self.meet(&target, recorder).await?;
            let (mut pass, mut start) = self.claim(&target, least).await;
            let wait = start.saturating_duration_since(Instant::now());
            let day = self
                .may_start(&target, lane.is_private, wait, delay, terms)
                .map_err(Denied::NotNow)?;
            // Without a delay there is no moment to keep, and only hosts of our own have none.
            let is_kept = !(delay.is_zero() && lane.is_private);
            let mut ahead = AHEAD;
            loop {
                if is_kept && !self.is_written(&target, start.max(Instant::now()) + delay + LEEWAY, day) {
                    // Long before its turn nothing is written: who is killed while it waits has asked for nothing, and
                    // would wait for longer every time.
                    tokio::time::sleep_until(start.checked_sub(SHORTLY).unwrap_or(start)).await;
                    self.write(&target, start.max(Instant::now()), delay, ahead, day, recorder)
                        .await?;
                }
                tokio::time::sleep_until(start).await;
                if pass.permit.is_none() {
                    let permit = Arc::clone(&self.permits).acquire_owned().await;
                    pass.permit = Some(permit.map_err(|_| Ended)?);
                }
                pass.begun = Instant::now();
                if !is_kept || self.is_written(&target, pass.begun + delay + LEEWAY, day) {
                    break;
                }
                // Writing, or waiting for a permit, took longer than was written ahead.
                start = pass.begun;
                ahead = ahead.saturating_mul(2);
            }
            // The name may have been looked up again meanwhile, and have led to other addresses.
            if lane.target() == target {
                lock(&self.inner.politeness).start(&target, delay, pass.begun.into_std());
                return Ok(pass);
            }
        }
    }

    /// Whether it is written down that no later process starts a request before `until`, and that the host had so many.
    fn is_written(&self, target: &Target, until: Instant, count: DayCount) -> bool {
        lock(&self.inner.politeness).is_written(target, until.into_std())
            && lock(&self.inner.days)
                .get(target.host())
                .is_some_and(|day| day.written.covers(count))
    }

    /// Writes down what lets requests of `target` start from `start` on for as long as `ahead`.
    async fn write(
        &self,
        target: &Target,
        start: Instant,
        delay: Duration,
        ahead: Duration,
        count: DayCount,
        recorder: &Recorder,
    ) -> Result<(), Ended> {
        let now = Instant::now();
        let until = start + delay + LEEWAY + ahead;
        let written = Written::new(clock::now(), until.saturating_duration_since(now));
        let more = ahead.as_millis() / delay.as_millis().max(1);
        let count = count.and(u64::try_from(more).unwrap_or(u64::MAX));
        recorder.save_request(target, written, Some(count)).await?;
        lock(&self.inner.politeness).wrote(target, until.into_std());
        if let Some(day) = lock(&self.inner.days).get_mut(target.host()) {
            day.written = count;
        }
        Ok(())
    }

    /// Sets right what was written ahead, when no request is under way any more.
    pub(super) async fn settle(&self, recorder: &Recorder) -> Result<(), Ended> {
        let limits = lock(&self.inner.politeness).overwritten(Instant::now().into_std());
        let limits = limits
            .into_iter()
            .map(|(key, left)| (key, Written::new(clock::now(), left)))
            .collect();
        let days = lock(&self.inner.days)
            .iter()
            .filter(|(_, day)| day.written != day.count)
            .map(|(host, day)| (host.clone(), day.count))
            .collect();
        recorder.settle(limits, days).await
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

    /// Whether a request may start after `wait`; gives the count of the day without it.
    fn check(
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
        self.rests.check(host, is_private)?;
        // A delay is no wish of the host's for time, however it was drawn and written down.
        if wait > PATIENCE.max(with_jitter(delay, 999) + LEEWAY + AHEAD) {
            return Err(NotNow::held(host, start));
        }
        terms.check_hours(start)?;
        let day = lock(&self.inner.days).get(host).copied().unwrap_or_default();
        let count = day.count.at(start);
        terms.check_day(host, is_private, count.requests)?;
        Ok(count)
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
        let count = self.check(target, is_private, wait, delay, terms)?.and(1);
        lock(&self.inner.days)
            .entry(target.host().to_owned())
            .or_default()
            .count = count;
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
            .or_insert(Day {
                count: day,
                written: day,
            });
        Ok(())
    }
}

impl Pass {
    /// Counts the delay from when the host heard of the request: a connection may have had to be made first.
    pub(super) fn sent(&self, lane: &Lane) {
        let heard = lane.heard_by(self.begun);
        lock(&self.inner.politeness).start(&self.target, self.delay, heard.into_std());
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
        let held = pause.max(self.delay);
        recorder
            .save_request(&self.target, Written::new(clock::now(), held), None)
            .await?;
        lock(&self.inner.politeness).wrote(&self.target, now + held);
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
