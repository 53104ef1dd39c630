//! Carries letters to webhooks: a few at a time, each alert's one after the other.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use crawler::{Courier, CourierError, Letter, Receipt};
use jiff::Timestamp;
use tokio::{sync::Notify, task::JoinSet};
use tokio_util::sync::CancellationToken;

use super::{letter, retry};
use crate::{
    operations::{AlertLetter, Operations, OperationsError},
    scheduler::ScheduleClock,
};

/// Letters on their way at once.
const MAX_AT_ONCE: usize = 8;

/// Alerts that are asked for at once; looking at all of them for each letter would take the square of their number.
const MAX_IN_QUEUE: usize = 64;

/// How often it is looked whether a letter is due again.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Carries letters.
#[derive(Clone)]
pub(super) struct Postman {
    pub(super) operations: Operations,
    pub(super) courier: Arc<Courier>,
    /// What addresses of ours begin with.
    pub(super) base: String,
    /// Told when alerts have found something.
    pub(super) news: Arc<Notify>,
    /// Alerts with a letter to be taken up.
    pub(super) queue: Arc<Mutex<VecDeque<i64>>>,
}

impl Postman {
    /// Carries letters until `stop`; those on their way arrive first.
    pub(super) async fn run(self, stop: CancellationToken) {
        let mut under_way = JoinSet::new();
        let mut clock = ScheduleClock::new(Timestamp::now(), Instant::now());
        while !stop.is_cancelled() {
            while under_way.len() < MAX_AT_ONCE {
                let now = clock.now(Timestamp::now(), Instant::now());
                match self.take(now).await {
                    Ok(Some(letter)) => {
                        let (postman, begun) = (self.clone(), Instant::now());
                        // By the machine's own clock: the other may be set meanwhile.
                        let after = move || now.checked_add(begun.elapsed()).unwrap_or(now);
                        under_way.spawn(async move { postman.carry(letter, now, after).await });
                    }
                    Ok(None) => break,
                    Err(error) => {
                        tracing::error!(
                            error = format!("{error:#}"),
                            "letters to webhooks cannot be taken up"
                        );
                        break;
                    }
                }
            }
            tokio::select! {
                () = stop.cancelled() => (),
                Some(_) = under_way.join_next() => (),
                () = self.news.notified() => (),
                () = tokio::time::sleep(LOOK_EVERY) => (),
            }
        }
        while under_way.join_next().await.is_some() {}
    }

    /// Takes up a letter that is due.
    pub(super) async fn take(&self, now: Timestamp) -> anyhow::Result<Option<AlertLetter>> {
        let (base, queue) = (self.base.clone(), Arc::clone(&self.queue));
        self.blocking(move |operations| {
            let mut queue = queue.lock().unwrap_or_else(PoisonError::into_inner);
            if queue.is_empty() {
                queue.extend(operations.due_letters(MAX_IN_QUEUE, now)?);
            }
            while let Some(alert) = queue.pop_front() {
                let letter = operations.take_letter(alert, |draft| letter::body(draft, &base), now)?;
                if letter.is_some() {
                    return Ok(letter);
                }
            }
            Ok(None)
        })
        .await
    }

    /// Carries a letter and writes down what became of it. `after` is asked for the time once there is an answer: the pause
    /// until the next try begins then, however long the receiver took.
    pub(super) async fn carry(
        &self,
        letter: AlertLetter,
        now: Timestamp,
        after: impl FnOnce() -> Timestamp + Send,
    ) {
        let outcome = self.send(&letter, now).await;
        let now = after();
        let carried = retry::after(&letter, &outcome, now);
        tracing::debug!(letter = letter.id, ?carried, "a letter was carried");
        let settled = self
            .blocking(move |operations| operations.settle_letter(&letter, &carried, now))
            .await;
        if let Err(error) = settled {
            // It is carried again when the claim on it is over, and the receiver knows it by its id.
            tracing::error!(
                error = format!("{error:#}"),
                "what became of a letter cannot be written down"
            );
        }
    }

    async fn send(&self, letter: &AlertLetter, now: Timestamp) -> Result<Receipt, CourierError> {
        let headers = letter::headers(&letter.id, &letter.body, &letter.secret, now);
        let sent = Letter {
            to: &letter.url,
            headers: headers.as_ref().map_or(&[], |headers| headers.as_slice()),
            body: letter.body.clone().into_bytes(),
        };
        self.courier.carry(sent, now.as_millisecond()).await
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Operations) -> Result<T, OperationsError> + Send + 'static,
    ) -> anyhow::Result<T> {
        let operations = self.operations.clone();
        Ok(tokio::task::spawn_blocking(move || work(&operations)).await??)
    }
}
