//! The one thread that owns the store: whatever has gathered while it wrote is committed in one transaction.

use std::{
    collections::HashMap,
    sync::{Arc, atomic::AtomicBool},
    thread,
    time::Duration,
};

use jiff::Timestamp;
use rusqlite::Connection;
use tokio::sync::{
    mpsc,
    oneshot::{self, error::TryRecvError},
};
use tokio_util::sync::CancellationToken;
use url::Url;

mod batch;
mod finished;
mod hosts;
mod listings;

pub(crate) use self::listings::ShortList;
use self::{
    batch::{Batch, Bell},
    finished::FinishedVisit,
    listings::Listings,
};
pub(super) use self::{
    finished::{NOT_A_LIST, NOT_THERE},
    listings::RowKey,
};
use super::{Clock, CrawlError, Observer, PortalStatus, PortalSummary, clock::Steady, to_ms};
use crate::{
    archive::FileRef,
    catalog,
    extract::Profile,
    frontier::{self, AskedFile, Barren, Ending, Job, Lacks, NewLink, Next, Run, Waits, Yield},
    lists::Said,
    portal::Portal,
    reading::files::{FileFacts, Files},
    retention::Ages,
    store::{Ingest, Ingested, Store, StoreError},
};

/// Commands that may wait; whoever has one more waits with it.
const CHANNEL: usize = 512;

/// The way to the recorder.
#[derive(Clone)]
pub(super) struct Recorder {
    commands: mpsc::Sender<Command>,
    bell: Bell,
}

/// The recorder has ended, so the crawl must.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ended;

/// The recorder itself.
pub(super) struct Recording {
    thread: thread::JoinHandle<Result<Store, StoreError>>,
}

/// A visit that is over.
pub(super) struct Finish {
    pub(super) run: Run,
    pub(super) job: Job,
    pub(super) ending: Ending,
    /// What was captured.
    pub(super) ingest: Option<Ingest>,
    /// Where a redirect led, when that is another page.
    pub(super) target: Option<Url>,
    pub(super) links: Vec<NewLink>,
    /// The rows of a list, those included that are not followed.
    pub(super) rows: Vec<RowKey>,
    /// How long the list says that it is.
    pub(super) said: Option<Said>,
    /// Kind and address of a trap.
    pub(super) traps: Vec<(&'static str, String)>,
    pub(super) brought: Yield,
}

/// What is asked after a visit, so that the next one need not wait for the recorder.
pub(super) struct Then {
    /// Whose next pages are asked for.
    pub(super) host: String,
    /// Pages of it that were taken already, by their rows.
    pub(super) taken: Vec<i64>,
    /// How many more are wanted.
    pub(super) n_wanted: usize,
    /// Called with the number of pending pages when all of it is durable.
    pub(super) tell: Box<dyn FnOnce(u64) + Send>,
}

/// An answer of the recorder that is still to come.
pub(super) struct UnderWay<T> {
    answer: oneshot::Receiver<T>,
    /// It was seen that it will not come any more. The channel must not be asked again then.
    has_ended: bool,
}

impl<T> UnderWay<T> {
    /// Waits for it.
    pub(super) async fn done(self) -> Result<T, Ended> {
        match self.has_ended {
            true => Err(Ended),
            false => self.answer.await.map_err(|_| Ended),
        }
    }

    /// The answer, if it has come; it comes once.
    pub(super) fn done_already(&mut self) -> Option<T> {
        let answer = self.answer.try_recv();
        self.has_ended |= matches!(answer, Err(TryRecvError::Closed));
        answer.ok()
    }
}

type Work = Box<dyn FnOnce(&mut Records<'_>) -> rusqlite::Result<Reply> + Send>;

/// Tells whoever waits, once the transaction is durable.
type Reply = Box<dyn FnOnce() + Send>;

struct Command {
    /// In a box, since most have none.
    ingest: Option<Box<Ingest>>,
    work: Work,
    kind: CommandKind,
    /// How long others may be gathered to be committed with it.
    patience: Duration,
}

#[derive(Clone, Debug)]
enum CommandKind {
    /// Changes the tables.
    Write,
    /// Only asks; done outside of the transaction, since that is durable at a price.
    Read,
    /// Has the store learn what recurs on the pages of a portal, then asks.
    Learn(String, CancellationToken),
}

/// What a command works on.
struct Records<'a> {
    db: &'a Connection,
    now: i64,
    /// Now by the clock that waiting is measured by.
    steady: i64,
    removed_after: i64,
    counts: &'a mut HashMap<i64, Counts>,
    listings: &'a mut Listings,
    /// The status of a report was changed.
    has_news: bool,
}

impl Records<'_> {
    fn moment(&self) -> Timestamp {
        Timestamp::from_millisecond(self.now).unwrap_or_default()
    }
}

/// How much there is of a run, and what it met where there is no end. Kept beside the tables, since counting takes
/// long when there is much; a run that is taken up again begins to look for ends anew.
#[derive(Debug, Default)]
struct Counts {
    pending: u64,
    addresses: u64,
    /// Nothing, as long as every visit brings something.
    barren: Option<Box<Barren>>,
}

impl Records<'_> {
    fn counts(&mut self, run: &Run) -> &mut Counts {
        self.counts.entry(run.id).or_default()
    }
}

pub(super) fn spawn(
    store: Store,
    observer: Arc<dyn Observer>,
    removed_after: Duration,
    clock: Clock,
    steady: Steady,
) -> (Recorder, Recording) {
    let (commands, receiver) = mpsc::channel(CHANNEL);
    let removed_after = to_ms(removed_after);
    let is_rung = Arc::new(AtomicBool::new(false));
    let thread = thread::spawn({
        let is_rung = Arc::clone(&is_rung);
        move || {
            record(
                store,
                receiver,
                &is_rung,
                &*observer,
                removed_after,
                (&clock, steady),
            )
        }
    });
    let bell = Bell::new(thread.thread().clone(), is_rung);
    (Recorder { commands, bell }, Recording { thread })
}

impl Recording {
    /// Waits for the recorder to end, which it does when nobody can send it anything any more.
    pub(super) async fn join(self) -> Result<Store, CrawlError> {
        let joined = tokio::task::spawn_blocking(move || self.thread.join()).await;
        match joined {
            Ok(Ok(store)) => Ok(store?),
            _ => Err(CrawlError::Recorder),
        }
    }
}

fn record(
    mut store: Store,
    mut commands: mpsc::Receiver<Command>,
    is_rung: &AtomicBool,
    observer: &dyn Observer,
    removed_after: i64,
    (clock, steady): (&Clock, Steady),
) -> Result<Store, StoreError> {
    let mut counts = HashMap::new();
    let mut listings = Listings::default();
    while let Some(batch) = Batch::next(&mut commands, is_rung) {
        let Batch {
            ingests,
            writes,
            reads,
            learns,
            ..
        } = batch;
        let now = clock.now_ms();
        let moment = Timestamp::from_millisecond(now).unwrap_or_default();
        let mut replies = Vec::with_capacity(writes.len() + reads.len());
        let mut do_all = |works: Vec<Work>, db: &Connection| -> rusqlite::Result<bool> {
            let (counts, listings) = (&mut counts, &mut listings);
            let mut records = Records {
                db,
                now,
                steady: steady.now_ms(),
                removed_after,
                counts,
                listings,
                has_news: false,
            };
            for work in works {
                replies.push(work(&mut records)?);
            }
            Ok(records.has_news)
        };
        let mut has_news = false;
        let ingested = if writes.is_empty() {
            Vec::new()
        } else {
            store.ingest(ingests, moment, |db| {
                has_news = do_all(writes, db)?;
                Ok(())
            })?
        };
        for (portal, cancel) in learns {
            has_news |=
                !cancel.is_cancelled() && store.learn(&portal, moment, &mut || !cancel.is_cancelled())?;
        }
        do_all(reads, store.catalog().connection())?;
        for refused in &ingested {
            if let Ingested::Refused { reason } = refused {
                tracing::warn!(reason, "a page could not be kept: {reason}");
            }
        }
        has_news |= ingested
            .iter()
            .any(|what| !matches!(what, Ingested::NotAReport | Ingested::Refused { .. }));
        if has_news {
            observer.committed();
        }
        replies.into_iter().for_each(|reply| reply());
    }
    Ok(store)
}

impl Recorder {
    /// Takes up or begins the run of a portal, whose pages wait so long for a further try at most.
    pub(super) async fn begin(
        &self,
        portal: &Arc<Portal>,
        is_full: bool,
        longest_wait: Duration,
    ) -> Result<Run, Ended> {
        let portal = Arc::clone(portal);
        self.send(CommandKind::Write, None, move |records| {
            frontier::note_portal(records.db, &portal)?;
            let waits = Waits {
                now: records.steady,
                longest: to_ms(longest_wait),
            };
            let run =
                frontier::begin_run(records.db, &portal.id, &portal.seeds, is_full, records.now, waits)?;
            *records.counts(&run) = Counts {
                pending: frontier::count_pending(records.db, &run)?,
                addresses: frontier::count_addresses(records.db, &run.portal)?,
                ..Counts::default()
            };
            Ok(run)
        })
        .await
    }

    /// Says of the lists of a run that is at its end which ones are shorter than they say.
    pub(super) async fn note_short_lists(&self, run: &Run) -> Result<(), Ended> {
        let run = run.clone();
        self.send(CommandKind::Write, None, move |records| {
            for short in records.listings.short(run.id) {
                frontier::note_short_list(records.db, &run, &short)?;
            }
            Ok(())
        })
        .await
    }

    /// Adds lists that no page of the portal leads to; true when one of them is to be visited.
    pub(super) async fn add_lists(&self, run: &Run, lists: Vec<NewLink>) -> Result<bool, Ended> {
        let run = run.clone();
        self.send(CommandKind::Write, None, move |records| {
            let mut is_any = false;
            for list in &lists {
                let added = frontier::add_link(records.db, &run, list, true)?;
                let counts = records.counts(&run);
                counts.pending += u64::from(added.is_pending);
                counts.addresses += u64::from(added.is_row);
                is_any |= added.is_pending;
            }
            Ok(is_any)
        })
        .await
    }

    /// The next page of a host.
    pub(super) async fn next(&self, run: &Run, host: &str) -> Result<Next, Ended> {
        let (run, host) = (run.clone(), host.to_owned());
        self.send(CommandKind::Read, None, move |records| {
            frontier::next(records.db, &run, &host, records.steady)
        })
        .await
    }

    /// Hosts with pending pages.
    pub(super) async fn pending_hosts(&self, run: &Run) -> Result<Vec<String>, Ended> {
        let run = run.clone();
        self.send(CommandKind::Read, None, move |records| {
            frontier::pending_hosts(records.db, &run)
        })
        .await
    }

    /// Whether the page of a key was visited in this run.
    pub(super) async fn is_done(&self, run: &Run, key: String) -> Result<bool, Ended> {
        let run = run.clone();
        self.send(CommandKind::Read, None, move |records| {
            frontier::is_done(records.db, &run, &key)
        })
        .await
    }

    /// Records a visit with all it brought. Returns when the recorder has it; when it is durable, the pages come that
    /// are next. What can wait is held back for a moment, until somebody [hurries](Self::hurry).
    pub(super) async fn finish(
        &self,
        finish: Finish,
        then: Then,
        can_wait: bool,
    ) -> Result<UnderWay<Vec<Job>>, Ended> {
        let Finish {
            run,
            job,
            ending,
            ingest,
            target,
            links,
            rows,
            said,
            traps,
            brought,
        } = finish;
        let report = ingest.as_ref().and_then(|ingest| ingest.content.as_ref());
        let report = report.map(|content| frontier::Readout {
            chars: content.chars,
            is_flagged: !content.quality.flags.is_empty(),
        });
        let work = move |records: &mut Records<'_>| {
            let visit = FinishedVisit {
                run: &run,
                job: &job,
                ending,
                target,
                links: &links,
                rows: &rows,
                said,
                report,
                traps: &traps,
                brought,
            };
            visit.record(records)?;
            let Then {
                host,
                taken,
                n_wanted,
                tell,
            } = then;
            let next = match n_wanted {
                0 => Vec::new(),
                n => frontier::next_jobs(records.db, &run, &host, &taken, n, records.steady)?,
            };
            let pending = records.counts(&run).pending;
            let then = move || {
                tell(pending);
                next
            };
            Ok(then)
        };
        let patience = if can_wait { batch::VISIT } else { Duration::ZERO };
        self.begin_send(CommandKind::Write, ingest.map(Box::new), patience, work, |then| {
            then()
        })
        .await
    }

    /// Has done at once what can wait.
    pub(super) fn hurry(&self) {
        self.bell.ring();
    }

    /// What asking for a file in this run came to, and what is known of it from its captures, without its text.
    pub(super) async fn file_state(
        &self,
        run: &Run,
        key: &str,
    ) -> Result<(Option<AskedFile>, Option<FileFacts>), Ended> {
        let (run, key) = (run.clone(), key.to_owned());
        self.send(CommandKind::Read, None, move |records| {
            let asked = frontier::asked_file(records.db, &run, &key)?;
            let version = frontier::file_version(records.db, &run.portal, &key)?;
            let standing = match version {
                Some(version) => catalog::file(records.db, &run.portal, &key, &version)?,
                None => None,
            };
            let known = match standing {
                Some(standing) => Some(standing),
                None => catalog::last_file(records.db, &run.portal, &key)?,
            };
            Ok((asked, known))
        })
        .await
    }

    /// Records what asking for a file came to.
    pub(super) async fn finish_file(
        &self,
        run: &Run,
        key: &str,
        url: &str,
        asked: AskedFile,
        ingest: Option<Ingest>,
    ) -> Result<(), Ended> {
        let (run, key, url) = (run.clone(), key.to_owned(), url.to_owned());
        self.send(CommandKind::Write, ingest.map(Box::new), move |records| {
            frontier::finish_file(records.db, &run, &key, &url, &asked)
        })
        .await
    }

    /// What is known of the files of a page.
    pub(super) async fn files(&self, portal: &str, refs: Vec<FileRef>) -> Result<Files, Ended> {
        let portal = portal.to_owned();
        self.send(CommandKind::Read, None, move |records| {
            catalog::files(records.db, &portal, &refs)
        })
        .await
    }

    /// Adds to the time that a run has taken.
    pub(super) async fn add_active(&self, run: &Run, elapsed: Duration) -> Result<(), Ended> {
        let run = run.id;
        self.send(CommandKind::Write, None, move |records| {
            frontier::add_active(records.db, run, to_ms(elapsed))
        })
        .await
    }

    /// Forgets runs that ended longer ago than they are kept for; gives how many.
    pub(super) async fn forget_runs(&self, kept_for: Duration) -> Result<u64, Ended> {
        self.send(CommandKind::Write, None, move |records| {
            let ages = Ages::new(kept_for, records.moment());
            Ok(frontier::forget_runs(records.db, ages)? as u64)
        })
        .await
    }

    /// Closes a run, or leaves it open for the next crawl when `status` is `None`; gives its summary.
    pub(super) async fn end(
        &self,
        run: &Run,
        status: PortalStatus,
        reason: Option<String>,
        is_over: bool,
    ) -> Result<PortalSummary, Ended> {
        let run = run.clone();
        self.send(CommandKind::Write, None, move |records| {
            records.listings.forget(run.id);
            records.counts.remove(&run.id);
            if is_over {
                frontier::end_run(records.db, run.id, status, reason.as_deref(), records.now)?;
                let n_moved = match status {
                    PortalStatus::Blocked => catalog::block_portal(records.db, &run.portal)?,
                    PortalStatus::Ok | PortalStatus::Partial => {
                        catalog::unblock_portal(records.db, &run.portal)?
                    }
                    PortalStatus::Failed => 0,
                };
                records.has_news |= n_moved > 0;
            }
            let summary = frontier::summary(records.db, &run, status, reason)?;
            if is_over {
                frontier::record_yields(records.db, &run, &summary.reports)?;
                catalog::note_verdict(records.db, &run.portal, run.id)?;
                frontier::note_unread(records.db, &run, records.now)?;
                frontier::note_liveliest(records.db, &run)?;
            }
            Ok(summary)
        })
        .await
    }

    /// What has been done in a run so far, and what could not be.
    pub(super) async fn progress(&self, run: &Run) -> Result<(PortalSummary, Lacks), Ended> {
        let run = run.clone();
        self.send(CommandKind::Read, None, move |records| {
            let summary = frontier::summary(records.db, &run, PortalStatus::Ok, None)?;
            Ok((summary, frontier::lacks(records.db, &run)?))
        })
        .await
    }

    /// Learns what recurs on the portal's pages, when there are enough more of them than the last time.
    pub(super) async fn learn(&self, run: &Run, cancel: &CancellationToken) -> Result<(), Ended> {
        let kind = CommandKind::Learn(run.portal.clone(), cancel.clone());
        self.send(kind, None, |_| Ok(())).await
    }

    /// What recurs on the portal's pages, as far as it is known.
    pub(super) async fn profile(&self, portal: &str) -> Result<Option<Arc<Profile>>, Ended> {
        let portal = portal.to_owned();
        self.send(CommandKind::Read, None, move |records| {
            catalog::profile(records.db, &portal)
        })
        .await
    }

    async fn send<T: Send + 'static>(
        &self,
        kind: CommandKind,
        ingest: Option<Box<Ingest>>,
        work: impl FnOnce(&mut Records<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, Ended> {
        let patience = match kind {
            CommandKind::Write => batch::CHANGE,
            CommandKind::Read | CommandKind::Learn(..) => Duration::ZERO,
        };
        self.begin_send(kind, ingest, patience, work, |value| value)
            .await?
            .done()
            .await
    }

    /// Has `work` done, and `then` once that is durable.
    async fn begin_send<T: Send + 'static, U: Send + 'static>(
        &self,
        kind: CommandKind,
        ingest: Option<Box<Ingest>>,
        patience: Duration,
        work: impl FnOnce(&mut Records<'_>) -> rusqlite::Result<T> + Send + 'static,
        then: impl FnOnce(T) -> U + Send + 'static,
    ) -> Result<UnderWay<U>, Ended> {
        let (reply, answer) = oneshot::channel();
        let work: Work = Box::new(move |records| {
            let value = work(records)?;
            // Who asked may have gone; what it asked for is done all the same.
            Ok(Box::new(move || drop(reply.send(then(value)))))
        });
        let command = Command {
            ingest,
            work,
            kind,
            patience,
        };
        self.commands.send(command).await.map_err(|_| Ended)?;
        if patience < batch::VISIT {
            self.bell.wake();
        }
        Ok(UnderWay {
            answer,
            has_ended: false,
        })
    }
}
