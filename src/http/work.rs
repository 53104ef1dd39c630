//! How much is worked on at once, and how much waits for that.
//!
//! A request has a place in a queue, then a slot, and begins to work in its turn. Turns are few, so that threads that
//! work leave the processor to those that take and refuse requests, and a short search does not share it with all the others
//! of a crowd. A turn ends before the work does where that takes long: what follows is done beside the turns of others,
//! so that a few long ones do not keep all from their search.

use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use tokio::{
    sync::{AcquireError, OwnedSemaphorePermit, Semaphore},
    task, time,
};

use crate::api::problem::{Code, Problem};

/// Requests at work at once.
pub(crate) const MAX_AT_WORK: usize = 64;
/// Requests that may wait for one of them.
pub(crate) const MAX_WAITING: usize = 128;
/// Turns for each processor: one that works, one for when that one waits for the disk.
const TURNS_OF_PROCESSOR: usize = 2;
/// How long a turn is at most; a usual search takes a tenth of it.
const TURN: Duration = Duration::from_millis(100);

/// Bounds on how much is done at once, and on how much waits for that.
pub(super) struct Work {
    slots: Arc<Semaphore>,
    turns: Arc<Semaphore>,
    queued: AtomicUsize,
    most: usize,
}

impl Work {
    /// Work that needs the processor.
    pub(super) fn new(at_once: usize, waiting: usize) -> Arc<Self> {
        let processors = thread::available_parallelism().map_or(1, usize::from);
        Self::with_turns(at_once, processors * TURNS_OF_PROCESSOR, waiting)
    }

    /// Work that takes no time to speak of.
    pub(super) fn light(at_once: usize, waiting: usize) -> Arc<Self> {
        Self::with_turns(at_once, at_once, waiting)
    }

    fn with_turns(at_once: usize, turns: usize, waiting: usize) -> Arc<Self> {
        Arc::new(Self {
            slots: Arc::new(Semaphore::new(at_once)),
            turns: Arc::new(Semaphore::new(turns)),
            queued: AtomicUsize::new(0),
            most: at_once + waiting,
        })
    }

    /// Runs `job` when there is room. It keeps its slot until it ends, also when nobody waits for it any more.
    pub(super) async fn run<T: Send + 'static>(
        self: &Arc<Self>,
        job: impl FnOnce() -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let overloaded = || {
            Problem::new(
                Code::Overloaded,
                "too many requests at once; try again in a moment",
            )
        };
        let place = Place::take(self).ok_or_else(overloaded)?;
        let done = self.go_on(move || {
            let outcome = job();
            drop(place);
            outcome
        });
        done.await?
    }

    /// Runs `job` when it is its turn, however many wait.
    pub(super) async fn go_on<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let failed = |error: anyhow::Error| Problem::internal(&error.context("a request failed"));
        let (slot, turn) = self.begin().await.map_err(|error| failed(error.into()))?;
        let working = task::spawn_blocking(move || {
            let outcome = job();
            drop(slot);
            outcome
        });
        let mut working = pin!(working);
        let in_turn = time::timeout(TURN, working.as_mut()).await;
        drop(turn);
        let done = match in_turn {
            Ok(done) => done,
            Err(_) => working.await,
        };
        done.map_err(|error| failed(error.into()))
    }

    async fn begin(&self) -> Result<(OwnedSemaphorePermit, OwnedSemaphorePermit), AcquireError> {
        let slot = Arc::clone(&self.slots).acquire_owned().await?;
        let turn = Arc::clone(&self.turns).acquire_owned().await?;
        Ok((slot, turn))
    }
}

/// A place in the queue, given back when it is dropped: at the end of the work, or when the client has gone.
struct Place(Arc<Work>);

impl Place {
    fn take(work: &Arc<Work>) -> Option<Self> {
        let place = (
            work.queued.fetch_add(1, Ordering::Relaxed),
            Self(Arc::clone(work)),
        );
        (place.0 < work.most).then_some(place.1)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.queued.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Condvar, Mutex, PoisonError};

    use tokio::task::JoinHandle;

    use super::*;

    /// Work that goes on until it is let go.
    #[derive(Default)]
    struct Held {
        begun: AtomicUsize,
        is_let_go: Mutex<bool>,
        told: Condvar,
    }

    impl Held {
        fn ask(self: &Arc<Self>, work: &Arc<Work>) -> JoinHandle<Result<(), Problem>> {
            let (held, work) = (Arc::clone(self), Arc::clone(work));
            tokio::spawn(async move {
                work.run(move || {
                    held.begun.fetch_add(1, Ordering::SeqCst);
                    let is_let_go = held.is_let_go.lock().unwrap_or_else(PoisonError::into_inner);
                    drop(held.told.wait_while(is_let_go, |is_let_go| !*is_let_go));
                    Ok(())
                })
                .await
            })
        }

        fn begun(&self) -> usize {
            self.begun.load(Ordering::SeqCst)
        }

        fn let_go(&self) {
            *self.is_let_go.lock().unwrap_or_else(PoisonError::into_inner) = true;
            self.told.notify_all();
        }
    }

    #[tokio::test]
    async fn no_more_than_that_is_done_at_once() {
        const TURNS: usize = 4;
        let work = Work::with_turns(MAX_AT_WORK, TURNS, MAX_WAITING);
        let held = Arc::new(Held::default());
        let asked_at = time::Instant::now();
        let asked: Vec<_> = (0..500).map(|_| held.ask(&work)).collect();
        // Those that take long keep others from their turn for a while, and from a slot until they end.
        while work.slots.available_permits() > 0 || work.turns.available_permits() < TURNS {
            let turns_before = held.begun().div_ceil(TURNS).saturating_sub(1);
            assert!(asked_at.elapsed() >= TURN * u32::try_from(turns_before).unwrap());
            time::sleep(TURN / 20).await;
        }
        assert_eq!(held.begun(), MAX_AT_WORK);
        held.let_go();
        let mut shed = 0;
        for one in asked {
            if let Err(problem) = one.await.unwrap() {
                assert!(problem.is(Code::Overloaded));
                shed += 1;
            }
        }
        assert_eq!(shed, 500 - MAX_AT_WORK - MAX_WAITING);
        assert_eq!(held.begun(), MAX_AT_WORK + MAX_WAITING);
    }

    #[tokio::test]
    async fn clients_that_go_away_give_their_place_back() {
        let work = Work::with_turns(0, 0, MAX_AT_WORK + MAX_WAITING);
        for _ in 0..10 {
            let places: Vec<_> = std::iter::from_fn(|| Place::take(&work)).take(1_000).collect();
            assert_eq!(places.len(), MAX_AT_WORK + MAX_WAITING);
            assert!(Place::take(&work).is_none());
        }
        assert_eq!(work.queued.load(Ordering::Relaxed), 0);
    }
}
