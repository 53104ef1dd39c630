//! Politeness, waited for: a request starts when its turn has come, and not before that is written down.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{sync::Notify, time::Instant};

use super::{
    now_ms,
    recorder::{Ended, Recorder},
    to_ms,
};
use crate::{
    fetch::Lane,
    politeness::{Politeness, Target, Turn, with_jitter},
};

/// What is added at first to a moment that is written down before it has come, since requests start a little late.
const LEEWAY: Duration = Duration::from_millis(250);

/// How long a host may go on answering after the crawl was stopped.
pub(super) const GRACE: Duration = Duration::from_secs(5);

/// All hosts' limits.
#[derive(Default)]
pub(super) struct Pace {
    inner: Arc<Inner>,
}

#[derive(Default)]
struct Inner {
    politeness: Mutex<Politeness>,
    finished: Notify,
}

/// The right to have one request under way. Given back when dropped: when the answer was read to its end.
pub(super) struct Pass {
    target: Target,
    delay: Duration,
    begun: Instant,
    inner: Arc<Inner>,
}

impl Pace {
    /// Waits for the turn of a request. The moment before which no other may start is durable when this returns, so
    /// that the gap holds across a kill and a restart.
    pub(super) async fn enter(
        &self,
        target: Target,
        delay: Duration,
        recorder: &Recorder,
    ) -> Result<Pass, Ended> {
        self.restore(&target, recorder).await?;
        let delay = with_jitter(delay, chance(&target));
        let (mut pass, mut start) = self.claim(&target, delay).await;
        let keys: Vec<_> = target.keys().iter().map(|key| key.text()).collect();
        let mut leeway = LEEWAY;
        loop {
            let now = Instant::now();
            let wait = start.saturating_duration_since(now);
            let next_at = now_ms() + to_ms(wait + delay + leeway);
            recorder.save_limits(keys.clone(), next_at).await?;
            tokio::time::sleep_until(start).await;
            if now_ms() + to_ms(delay) <= next_at {
                break;
            }
            // Writing took longer than the leeway: what was written is too early.
            start = Instant::now();
            leeway = leeway.saturating_mul(4);
        }
        pass.begun = Instant::now();
        lock(&self.inner.politeness).start(&target, delay, pass.begun.into_std());
        Ok(pass)
    }

    async fn claim(&self, target: &Target, delay: Duration) -> (Pass, Instant) {
        loop {
            let finished = self.inner.finished.notified();
            tokio::pin!(finished);
            // From here on no end of a request is missed.
            finished.as_mut().enable();
            let turn = lock(&self.inner.politeness).claim(target, Instant::now().into_std());
            match turn {
                Turn::At(at) => {
                    let pass = Pass {
                        target: target.clone(),
                        delay,
                        begun: Instant::now(),
                        inner: Arc::clone(&self.inner),
                    };
                    return (pass, Instant::from_std(at));
                }
                Turn::Busy => finished.await,
            }
        }
    }

    /// Takes over what an earlier process wrote down of limits that this one meets for the first time.
    async fn restore(&self, target: &Target, recorder: &Recorder) -> Result<(), Ended> {
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
        let moments = recorder
            .load_limits(unknown.iter().map(|key| key.text()).collect())
            .await?;
        let (now, wall) = (Instant::now().into_std(), now_ms());
        let mut politeness = lock(&self.inner.politeness);
        for (key, next_at) in unknown.into_iter().zip(moments) {
            let remaining = next_at.map_or(0, |next_at| (next_at - wall).max(0));
            politeness.restore(key, Duration::from_millis(remaining.unsigned_abs()), now);
        }
        Ok(())
    }

    /// The host is content.
    pub(super) fn relax(&self, target: &Target) {
        lock(&self.inner.politeness).relax(target);
    }

    /// The host asks for fewer requests. Gives the pause, which is durable.
    pub(super) async fn hold(
        &self,
        target: &Target,
        retry_after: Option<Duration>,
        delay: Duration,
        recorder: &Recorder,
    ) -> Result<Duration, Ended> {
        let pause = lock(&self.inner.politeness).hold(target, retry_after, delay, Instant::now().into_std());
        let keys = target.keys().iter().map(|key| key.text()).collect();
        recorder.save_limits(keys, now_ms() + to_ms(pause)).await?;
        Ok(pause)
    }
}

impl Pass {
    /// Counts the delay from when the request really left: a connection may have had to be made first.
    pub(super) fn sent(&self, lane: &Lane) {
        let sent = lane.sent_by(self.begun);
        lock(&self.inner.politeness).start(&self.target, self.delay, sent.into_std());
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        lock(&self.inner.politeness).finish(&self.target);
        self.inner.finished.notify_waiters();
    }
}

/// A number that differs from request to request; it need not be hard to guess.
fn chance(target: &Target) -> u64 {
    use std::hash::{BuildHasher, RandomState};
    RandomState::new().hash_one(target.keys())
}

fn lock(politeness: &Mutex<Politeness>) -> MutexGuard<'_, Politeness> {
    politeness.lock().unwrap_or_else(PoisonError::into_inner)
}
