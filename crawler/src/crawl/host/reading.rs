//! A page that came: read on another thread, while its host is asked for the next.
//!
//! A page is recorded when it was read and its files were fetched. A page in which the next ones may stand, or that
//! stands for another, is waited for ([`Reading::may_wait`]).

use std::{sync::Arc, time::Duration};

use tokio::task::JoinHandle;
use url::Url;

use super::{
    super::{
        Shared,
        files::{Break, FileHosts, fetch_files},
        portal::PortalRun,
        read::{Brought, Fetched, read},
        recorder::{Ended, Finish},
    },
    Outcome, bare,
};
use crate::{
    fetch::Answer,
    frontier::{Ending, Job, Kind},
    url::page_key,
};

/// A page that is being read.
pub(super) struct Reading {
    job: Job,
    /// Where it was.
    url: Url,
    /// The same, when a redirect led there.
    target: Option<Url>,
    page: JoinHandle<Result<Option<Brought>, Ended>>,
    /// How long the visit took until here.
    pub(super) took: Duration,
}

impl Reading {
    /// Has a page read, unless it is one that was read already.
    pub(super) async fn begin(
        shared: &Arc<Shared>,
        portal: &Arc<PortalRun>,
        job: Job,
        answer: Answer,
        (url, target): (Url, Option<Url>),
    ) -> Result<Outcome, Ended> {
        if let Some(target) = &target
            && shared.recorder.is_done(&portal.run, page_key(target)).await?
        {
            // Many old addresses lead to one page, often to the home page: once is enough.
            let ending = Ending::Done {
                outcome: "redirected",
                is_report: false,
                identity: None,
                etag: None,
                last_modified: None,
            };
            return Ok(Outcome::Finish(Box::new(bare(portal, job, ending))));
        }
        let fetched = Fetched {
            job: job.clone(),
            answer,
            url: url.clone(),
            at: shared.config.clock.now().into(),
        };
        let (shared, portal) = (Arc::clone(shared), Arc::clone(portal));
        let page = tokio::spawn(async move { on_reader(&shared, move || read(&portal, fetched)).await });
        Ok(Outcome::Page(Box::new(Self {
            job,
            url,
            target,
            page,
            took: Duration::ZERO,
        })))
    }

    /// Whether another page may be asked for meanwhile.
    pub(super) fn may_wait(&self) -> bool {
        self.job.kind == Kind::Page && self.target.is_none()
    }

    /// Waits until the page was read, and fetches its files.
    pub(super) async fn end(
        self,
        shared: &Arc<Shared>,
        portal: &Arc<PortalRun>,
        hosts: &mut FileHosts,
    ) -> Result<Outcome, Ended> {
        let Self {
            job,
            url,
            target,
            page,
            ..
        } = self;
        let Some(mut brought) = page.await.unwrap_or(Ok(None))? else {
            return Ok(Outcome::Finish(Box::new(unreadable(portal, job))));
        };
        let files = brought
            .ingest
            .content
            .as_ref()
            .map(|content| content.attachments.clone());
        if let Some(files) = files.filter(|files| !files.is_empty()) {
            let fetched = match fetch_files(shared, portal, &url, &files, hosts).await? {
                Ok(fetched) => fetched,
                Err(Break::Stop(stop)) => return Ok(Outcome::StopHost(stop)),
                Err(Break::Stopped) => return Ok(Outcome::Stopped),
            };
            let files = shared
                .recorder
                .files(&portal.portal.id, fetched.refs.clone())
                .await?;
            let reader = Arc::clone(portal);
            let whole = move || brought.with_files(&reader, fetched, &files);
            let Some(whole) = on_reader(shared, whole).await? else {
                return Ok(Outcome::Finish(Box::new(unreadable(portal, job))));
            };
            brought = whole;
        }
        let Brought {
            ending,
            ingest,
            links,
            rows,
            said,
            traps,
            brought,
        } = brought;
        let finish = Finish {
            ingest: Some(ingest),
            target,
            links,
            rows,
            said,
            traps,
            brought,
            ..bare(portal, job, ending)
        };
        Ok(Outcome::Finish(Box::new(finish)))
    }
}

/// Runs a reader on a blocking thread; `None` when it failed.
async fn on_reader<T: Send + 'static>(
    shared: &Shared,
    read: impl FnOnce() -> T + Send + 'static,
) -> Result<Option<T>, Ended> {
    let permit = Arc::clone(&shared.readers)
        .acquire_owned()
        .await
        .map_err(|_| Ended)?;
    let read = tokio::task::spawn_blocking(move || {
        let _permit = permit;
        read()
    });
    Ok(read.await.ok())
}

/// How a visit ends whose page was the death of its reader.
fn unreadable(portal: &PortalRun, job: Job) -> Finish {
    tracing::error!(
        url = job.url,
        "reading {} failed with a fault of this program",
        job.url
    );
    let reason = "unreadable".to_owned();
    bare(portal, job, Ending::Failed { reason })
}
