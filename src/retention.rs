//! How long what was done is remembered: crawls of portals and jobs that are over.
//!
//! Crawls are forgotten by whoever holds the store, when it has crawled; jobs once a day. Reports, their versions and the
//! archive are never touched. What cannot be forgotten now is forgotten the next time.

use std::time::Duration;

use crawler::Store;
use jiff::{SignedDuration, Timestamp};
use tokio::task::block_in_place;
use tokio_util::sync::CancellationToken;

use crate::{config::RetentionConfig, operations::Operations};

/// How often jobs are looked at.
const EVERY: Duration = Duration::from_secs(24 * 3600);

/// Forgets crawls that are over since long ago.
pub(crate) fn forget_runs(retention: RetentionConfig, store: &mut Store, now: Timestamp) {
    match store.forget_runs(before(now, retention.runs)) {
        Ok(0) => (),
        Ok(n) => tracing::info!(n, "crawls of long ago were forgotten"),
        Err(error) => tracing::warn!(%error, "crawls of long ago cannot be forgotten"),
    }
}

/// Forgets jobs that are over since long ago.
pub(crate) fn forget_jobs(retention: RetentionConfig, operations: &Operations, now: Timestamp) {
    match operations.forget_jobs(before(now, retention.jobs)) {
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

/// The moment that lies so long before another.
fn before(now: Timestamp, length: Duration) -> Timestamp {
    let length = SignedDuration::try_from(length).unwrap_or(SignedDuration::MAX);
    now.checked_sub(length).unwrap_or(Timestamp::MIN)
}
