//! How long what was done is remembered: crawls of portals and jobs that are over.
//!
//! Crawls are forgotten by whoever holds the store, when it has crawled and, while it goes on crawling, once a day; jobs
//! once a day. Reports, their versions and the archive are never touched. What cannot be forgotten now is forgotten the
//! next time. That a clock is wrong makes nobody forget (see [`Ages`]).

use std::{fmt::Display, time::Duration};

use crawler::{Ages, Store};
use jiff::Timestamp;
use tokio::task::block_in_place;
use tokio_util::sync::CancellationToken;

use crate::{config::RetentionConfig, operations::Operations};

/// How often it is looked what can be forgotten.
pub(crate) const EVERY: Duration = Duration::from_secs(24 * 3600);

/// Forgets crawls that are over since long ago.
pub(crate) fn forget_runs(retention: RetentionConfig, store: &mut Store, now: Timestamp) {
    tell_of_runs(store.forget_runs(Ages::new(retention.runs, now)));
}

/// Logs what became of crawls that were to be forgotten.
pub(crate) fn tell_of_runs(forgotten: Result<u64, impl Display>) {
    match forgotten {
        Ok(0) => (),
        Ok(n) => tracing::info!(n, "crawls of long ago were forgotten"),
        Err(error) => tracing::warn!(%error, "crawls of long ago cannot be forgotten"),
    }
}

/// Forgets jobs that are over since long ago.
pub(crate) fn forget_jobs(retention: RetentionConfig, operations: &Operations, now: Timestamp) {
    match operations.forget_jobs(Ages::new(retention.jobs, now)) {
        Ok(0) => (),
        Ok(n) => tracing::info!(n, "jobs of long ago were forgotten"),
        Err(error) => tracing::warn!(%error, "jobs of long ago cannot be forgotten"),
    }
}

/// Forgets jobs now and once a day, until `stop`.
pub(crate) async fn forget_jobs_daily(
    retention: RetentionConfig,
    operations: Operations,
    stop: CancellationToken,
) {
    loop {
        block_in_place(|| forget_jobs(retention, &operations, Timestamp::now()));
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(EVERY) => (),
        }
    }
}
