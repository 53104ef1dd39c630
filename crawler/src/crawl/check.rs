//! A look at a portal before it is crawled: a handful of requests, and what they give.
//!
//! Everything passes the stack of a crawl: gate, `robots.txt`, pace. The store it works with is a scratch one, so that
//! nothing is kept; what the real catalog says about the pace of a host is honoured before every request, since a
//! crawl may be under way, and the last request's gap is waited out, since one may follow.

mod advice;
mod look;
mod notes;
mod seen;
mod ways;

use std::{path::Path, sync::Arc};

use rusqlite::{Connection, OpenFlags};
use tokio_util::sync::CancellationToken;

use self::look::Look;
pub use self::seen::{
    Answered, ColumnSeen, Failure, FamilySeen, ListSeen, LiveCheck, RegionSeen, ReportSeen, RequestSeen,
    RobotsSeen, RowSeen, Step,
};
use super::{
    CrawlConfig, CrawlError, CrawlOptions, Observer, PortalSummary, SoFar, clock,
    engine::shared,
    fetch_config,
    portal::{Handed, PortalRun},
    recorder::Ended,
};
use crate::{fetch::Fetcher, frontier, portal::Portal, store::Store};

/// Nobody watches.
struct Unwatched;

impl Observer for Unwatched {
    fn fetched(&self, _: &str, _: SoFar) {}
    fn committed(&self) {}
    fn finished(&self, _: &PortalSummary) {}
}

/// Looks at a portal: `robots.txt`, the first seed, a list below it, a report. `scratch` is a store of no further use;
/// `data_dir` is where a crawl keeps its own, if it ever did.
///
/// # Errors
/// When the scratch store fails. What goes wrong with the portal is in the outcome.
pub async fn check_live(
    portal: &Portal,
    config: &CrawlConfig,
    scratch: Store,
    data_dir: &Path,
    cancel: CancellationToken,
) -> Result<LiveCheck, CrawlError> {
    let fetcher = Fetcher::new(fetch_config(config, scratch.data_dir()))?;
    let (shared, recording) = shared(fetcher, config, scratch, Arc::new(Unwatched));
    let catalog = catalog(data_dir);
    let rests = catalog
        .as_ref()
        .and_then(|catalog| frontier::load_rests(catalog).ok());
    for (host, rest, written) in rests.unwrap_or_default() {
        shared.pace.rests.begin(&host, rest, written.left(&clock::now()));
    }
    let handed = Handed {
        portal: Arc::new(portal.clone()),
        options: CrawlOptions::default(),
        cancel,
    };
    let looked = match PortalRun::begin(&shared, &handed).await {
        Ok(run) => {
            let mut look = Look {
                shared: &shared,
                run,
                catalog,
                check: LiveCheck::default(),
            };
            let looked = look.all().await;
            looked.map(|()| look.check)
        }
        Err(ended) => Err(ended),
    };
    drop(shared);
    // When the recorder ended by itself, it says why.
    recording.join().await?;
    let mut check = looked.map_err(|Ended| CrawlError::Recorder)?;
    check.advice = advice::of(portal, &check);
    Ok(check)
}

/// The catalog of the data directory, if there is one that can be read.
fn catalog(data_dir: &Path) -> Option<Connection> {
    let path = data_dir.join(crate::catalog::FILE);
    Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).ok()
}
