//! From the catalog's outbox into the index.
//!
//! The index commit carries the number of the last outbox row it holds (the watermark), so that a kill between any
//! two steps loses nothing and repeats nothing visible: what is after the watermark is read again, and adding a report
//! twice gives one report. Rows are pruned one commit late, because a power cut may take the engine back by one commit.

use std::{
    path::{Path, PathBuf},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use crawler::{Catalog, Op, Recorded};
use index::{IndexError, Known, Rebuild, Writer, WriterOptions};
use report::{ChinaMoment, Report};

use crate::progress::Progress;

/// Outbox rows read at once.
const BATCH: usize = 64;
/// Rows after which a commit is due, so that not much has to be done again after a kill.
const COMMIT_AFTER: u64 = 20_000;
/// While news keep coming, how far apart commits are at least. Each costs about as much as indexing some dozen reports,
/// and leaves a segment that has to be merged.
const COMMIT_EVERY: Duration = Duration::from_secs(5);
/// The same while somebody waits for what is there to be found.
const FLUSH_EVERY: Duration = Duration::from_millis(500);

/// Brings an index up to its catalog.
pub struct Pump {
    catalog: Catalog,
    writer: Writer,
}

impl Pump {
    /// Opens the index of a data directory, made when there is none. The caller holds the directory's lock.
    ///
    /// # Errors
    /// When catalog or index cannot be opened, or do not belong together.
    pub fn open(data_dir: &Path) -> anyhow::Result<Self> {
        let catalog = Catalog::open(data_dir).context("cannot open the catalog")?;
        let index_dir = data_dir.join("index");
        let end = catalog.outbox_end()?;
        let mut writer = match Writer::open(&index_dir, options()) {
            Err(error @ IndexError::SchemaVersion { .. }) => {
                tracing::warn!("{error}; deriving it anew from the catalog");
                derive(&catalog, &index_dir, end)?;
                Writer::open(&index_dir, options())?
            }
            opened => opened?,
        };
        let watermark = writer.watermark();
        if watermark > end {
            bail!("the index knows more than the catalog ({watermark} > {end}); run `gongbao index rebuild`");
        }
        // Numbers have no gaps: without the next one, rows were pruned that this index never saw.
        let next = catalog.outbox_after(watermark, 1)?.first().map(|(seq, _)| *seq);
        if next.unwrap_or(end + 1) != watermark + 1 {
            tracing::warn!("the index lacks reports of the catalog; deriving it anew");
            drop(writer);
            derive(&catalog, &index_dir, end)?;
            writer = Writer::open(&index_dir, options())?;
        }
        Ok(Self { catalog, writer })
    }

    /// Indexes everything that waits in the outbox and commits. Returns how many changes were indexed.
    ///
    /// # Errors
    /// When catalog or index fail; what was not committed stays in the outbox.
    pub fn run(&mut self) -> anyhow::Result<u64> {
        let committed_before = self.writer.watermark();
        let (mut seq, mut pending, mut done) = (committed_before, 0, 0);
        let mut newest = None;
        loop {
            let rows = self.catalog.outbox_after(seq, BATCH)?;
            let last_batch = rows.is_empty();
            for (number, op) in rows {
                let from = match &op {
                    Op::Upsert(report) => self.catalog.recorded_at(&report.id, report.version)?,
                    Op::Past(_) | Op::Remove(_) => None,
                };
                // What was recorded at one moment has to be found at one moment, so a commit ends before the next begins. Much
                // else (a portal that shuts us out) comes without any.
                if pending >= COMMIT_AFTER && (from > newest || pending >= 2 * COMMIT_AFTER) {
                    self.writer.commit(seq)?;
                    pending = 0;
                }
                newest = newest.max(from);
                match op {
                    Op::Upsert(report) => self.upsert(&report, from)?,
                    Op::Past(past) => put(&mut self.writer, &past)?,
                    Op::Remove(id) => self.writer.remove(&id)?,
                }
                (seq, pending, done) = (number, pending + 1, done + 1);
            }
            if last_batch {
                if pending > 0 {
                    self.writer.commit(seq)?;
                }
                break;
            }
        }
        if done > 0 {
            self.catalog.prune_outbox(committed_before)?;
        }
        Ok(done)
    }

    /// Puts the newest version of a report into the index, and the one before it, which was the newest until then. All others
    /// are there as they are to be.
    fn upsert(&mut self, report: &Report, from: Option<ChinaMoment>) -> anyhow::Result<()> {
        let from = from.unwrap_or(report.changed_at);
        self.writer.put(report, Known::since(from))?;
        if let Some(before) = report.version.checked_sub(1).filter(|before| *before > 0)
            && let Some(past) = self.catalog.recorded(&report.id, before)?
        {
            put(&mut self.writer, &past)?;
        }
        Ok(())
    }
}

/// Puts a version into the index.
fn put(writer: &mut Writer, Recorded { report, from, until }: &Recorded) -> Result<(), IndexError> {
    let known = Known {
        from: *from,
        until: *until,
    };
    writer.put(report, known)
}

/// Beside the crawl or import that the pump follows, which keep all processors busy themselves. Each thread of the engine
/// leaves a segment of its own in every commit, and two small ones cost more than one.
fn options() -> WriterOptions {
    let n_processors = thread::available_parallelism().map_or(1, usize::from);
    WriterOptions {
        threads: (n_processors / 4).clamp(1, WriterOptions::default().threads),
        ..WriterOptions::default()
    }
}

/// Puts a new generation with every report of the catalog in the place of the index.
fn derive(catalog: &Catalog, index_dir: &Path, watermark: u64) -> anyhow::Result<()> {
    let mut generation = Rebuild::start(index_dir, WriterOptions::default())?;
    let total = catalog.count()?;
    let progress = Progress::of_things("indexing", total);
    let mut n_reports = 0;
    catalog.for_each_version(|Recorded { report, from, until }| {
        generation.put(&report, Known { from, until })?;
        n_reports += u64::from(until.is_none());
        progress.at(n_reports, &format!("{n_reports} of {total} reports"));
        anyhow::Ok(())
    })?;
    generation.publish(watermark)?;
    progress.done();
    Ok(())
}

/// A pump on a thread of its own, beside a crawl or an import.
pub struct Pumping {
    heard: mpsc::SyncSender<Heard>,
    thread: thread::JoinHandle<anyhow::Result<u64>>,
}

/// What the thread of the pump is told.
enum Heard {
    /// The outbox has news.
    News,
    /// Somebody wants to know when everything in the outbox can be found.
    Flush(mpsc::Sender<()>),
}

impl Pumping {
    /// Opens the pump and starts it with what waits already.
    ///
    /// # Errors
    /// As [`Pump::open`].
    pub fn start(data_dir: PathBuf) -> anyhow::Result<Self> {
        let mut pump = Pump::open(&data_dir)?;
        let (sender, heard) = mpsc::sync_channel(1);
        let thread = thread::Builder::new()
            .name("pump".to_owned())
            .spawn(move || follow(&mut pump, &heard))
            .context("cannot start the indexing thread")?;
        Ok(Self {
            heard: sender,
            thread,
        })
    }

    /// What to call whenever the outbox has news.
    pub fn bell(&self) -> impl Fn() + Send + Sync + use<> {
        let sender = self.heard.clone();
        move || {
            // One waiting ring says as much as many; a pump that failed says so in `finish`.
            let _ = sender.try_send(Heard::News);
        }
    }

    /// What to call, on a thread that may wait, to wait until all that is in the outbox can be found. `false` when the pump
    /// failed.
    pub fn flush(&self) -> impl FnOnce() -> bool + Send + use<> {
        let sender = self.heard.clone();
        move || {
            let (done, is_done) = mpsc::channel();
            sender.send(Heard::Flush(done)).is_ok() && is_done.recv().is_ok()
        }
    }

    /// Indexes what is left and ends. Every bell has to be dropped before, or this waits for it.
    ///
    /// # Errors
    /// What made the pump fail, perhaps long ago.
    pub fn finish(self) -> anyhow::Result<u64> {
        drop(self.heard);
        self.thread
            .join()
            .map_err(|_| anyhow::anyhow!("the indexing thread panicked"))?
            .context("indexing failed")
    }
}

/// Indexes what comes until nobody is left to tell of more.
fn follow(pump: &mut Pump, heard: &mpsc::Receiver<Heard>) -> anyhow::Result<u64> {
    let mut done = pump.run()?;
    let mut last = Instant::now();
    while let Ok(first) = heard.recv() {
        // News in quick succession become one commit, the last of them at once.
        let mut waiting = Vec::new();
        let mut next = Some(first);
        loop {
            if let Some(Heard::Flush(done)) = next.take() {
                waiting.push(done);
            }
            let pause = if waiting.is_empty() {
                COMMIT_EVERY
            } else {
                FLUSH_EVERY
            };
            let rest = pause.saturating_sub(last.elapsed());
            match heard.recv_timeout(rest) {
                Ok(more) if !rest.is_zero() => next = Some(more),
                Ok(Heard::Flush(done)) => waiting.push(done),
                Ok(Heard::News) | Err(_) => (),
            }
            if next.is_none() {
                break;
            }
        }
        done += pump.run()?;
        last = Instant::now();
        for waiting in waiting {
            // Whoever waited may have gone.
            let _ = waiting.send(());
        }
    }
    Ok(done + pump.run()?)
}
