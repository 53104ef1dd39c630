//! The write side: reports in, commits out, and whole new generations.
//!
//! Every commit carries a watermark, the place in the caller's queue up to which the work is done. After a crash the
//! caller goes on from [`Writer::watermark`]; doing a piece of work twice changes nothing, since a report replaces
//! the one with its id.

use std::path::{Path, PathBuf};

use report::{Report, ReportId};
use tantivy::{Index, IndexWriter, indexer::LogMergePolicy};

use crate::{
    IndexError, Known,
    engine::{self, Payload, engine_error, guard},
    generation::{self, WriteLock},
    schema::Fields,
};

/// Least memory of one thread of the engine, with some room.
const MIN_HEAP_PER_THREAD: usize = 16 << 20;

/// Reports of a segment below which all segments are alike to a merge.
const SMALL_SEGMENT: u32 = 100;

/// How far apart the sizes of segments are that are merged with each other, as a power of two.
const LEVEL: f64 = 2.0;

/// How much the writer may use.
#[derive(Clone, Copy, Debug)]
pub struct WriterOptions {
    /// Bytes of memory for what is not yet on disk, all threads together. At least 16 MiB a thread are taken.
    pub heap_bytes: usize,
    /// Threads that index. Each leaves a segment of its own in every commit, which has to be merged.
    pub threads: usize,
}

impl Default for WriterOptions {
    fn default() -> Self {
        Self {
            heap_bytes: 200 << 20,
            threads: 2,
        }
    }
}

/// The write side of an index; one per directory, also across processes.
pub struct Writer {
    inner: Generation,
    watermark: u64,
    lock: WriteLock,
}

impl Writer {
    /// Opens the index in `dir`, or makes an empty one. Old generations are removed.
    ///
    /// # Errors
    /// When another writer is at work, when the index was written by another version of the program, or when it
    /// is damaged.
    pub fn open(dir: &Path, options: WriterOptions) -> Result<Self, IndexError> {
        let lock = WriteLock::acquire(dir)?;
        let inner = match generation::current(dir)? {
            Some(name) => {
                let path = dir.join(&name);
                let (index, fields) = engine::open(&path)?;
                Generation::start(path, index, fields, options)?
            }
            None => {
                let name = lock.create()?;
                let inner = Generation::create(dir.join(&name), options)?;
                lock.publish(&name)?;
                inner
            }
        };
        let watermark = engine::payload(&inner.index, &inner.path)?.watermark;
        Ok(Self {
            inner,
            watermark,
            lock,
        })
    }

    /// The watermark of the last commit; 0 in a new index.
    pub fn watermark(&self) -> u64 {
        self.watermark
    }

    /// The directory that was opened.
    pub fn dir(&self) -> &Path {
        self.lock.dir()
    }

    /// Adds the newest version of a report, recorded when it last changed, or replaces the one with its id. Readers see it
    /// after the next commit.
    ///
    /// # Errors
    /// When the engine can take no more; what is committed is not touched.
    pub fn upsert(&mut self, report: &Report) -> Result<(), IndexError> {
        self.put(report, Known::since(report.changed_at))
    }

    /// Adds a version of a report. The newest one replaces whatever was the newest, any other one the version with its
    /// number; so whoever adds a newest version also adds the one before it, now with its end, before the next commit.
    /// Versions that were recorded at one moment go into one commit: see [`CorpusState`](crate::CorpusState).
    ///
    /// # Errors
    /// When the engine can take no more; what is committed is not touched.
    pub fn put(&mut self, report: &Report, known: Known) -> Result<(), IndexError> {
        self.inner.put(report, known)
    }

    /// Removes a report with all its versions; unknown ids are fine. Readers see it after the next commit.
    ///
    /// # Errors
    /// None at present; a removal that cannot be noted will be one.
    pub fn remove(&mut self, id: &ReportId) -> Result<(), IndexError> {
        self.inner.writer.delete_term(self.inner.fields.id_term(id));
        Ok(())
    }

    /// Makes everything since the last commit durable and visible, all at once, together with `watermark`.
    ///
    /// # Errors
    /// When it cannot be written; then the last commit stands.
    pub fn commit(&mut self, watermark: u64) -> Result<(), IndexError> {
        self.inner.commit(watermark)?;
        self.watermark = watermark;
        Ok(())
    }

    /// Forgets everything since the last commit.
    ///
    /// # Errors
    /// When the engine cannot go back; then the writer has to be opened anew.
    pub fn rollback(&mut self) -> Result<(), IndexError> {
        let inner = &mut self.inner;
        guard(&inner.path, || inner.writer.rollback()).map(|_| ())
    }

    /// Waits for merges under way and gives the directory back. Dropping the writer gives it back at once; merges
    /// are then done by a later writer.
    ///
    /// # Errors
    /// When a merge failed; the index stays as it was before that merge.
    pub fn close(self) -> Result<(), IndexError> {
        self.inner.wait_for_merges()
    }
}

/// A new generation of the index, built beside the one in use. Dropped unpublished, it leaves nothing behind.
pub struct Rebuild {
    /// `None` once published.
    inner: Option<Generation>,
    name: String,
    lock: WriteLock,
}

impl Rebuild {
    /// Begins an empty generation; the one in use stays readable, but cannot be written to meanwhile.
    ///
    /// # Errors
    /// When another writer is at work or nothing can be written.
    pub fn start(dir: &Path, options: WriterOptions) -> Result<Self, IndexError> {
        let lock = WriteLock::acquire(dir)?;
        let name = lock.create()?;
        let inner = Generation::create(dir.join(&name), options)?;
        Ok(Self {
            inner: Some(inner),
            name,
            lock,
        })
    }

    /// Adds the newest version of a report, as [`Writer::upsert`] does.
    ///
    /// # Errors
    /// When the engine can take no more.
    pub fn add(&mut self, report: &Report) -> Result<(), IndexError> {
        self.put(report, Known::since(report.changed_at))
    }

    /// Adds a version of a report, as [`Writer::put`] does.
    ///
    /// # Errors
    /// When the engine can take no more.
    pub fn put(&mut self, report: &Report, known: Known) -> Result<(), IndexError> {
        match &mut self.inner {
            Some(inner) => inner.put(report, known),
            None => Ok(()),
        }
    }

    /// Puts the new generation in the place of the old one, at once and for readers in all processes, and removes the
    /// old one. Cursors on it go on.
    ///
    /// # Errors
    /// When it cannot be written; then the old generation stays in use.
    pub fn publish(mut self, watermark: u64) -> Result<(), IndexError> {
        if let Some(mut inner) = self.inner.take() {
            let done = inner.commit(watermark).and_then(|()| inner.wait_for_merges());
            if let Err(error) = done.and_then(|()| self.lock.publish(&self.name)) {
                self.lock.remove(&self.name);
                return Err(error);
            }
            self.lock.remove_stale()?;
        }
        Ok(())
    }
}

impl Drop for Rebuild {
    fn drop(&mut self) {
        if let Some(inner) = self.inner.take() {
            drop(inner);
            self.lock.remove(&self.name);
        }
    }
}

/// The engine's writer on the directory of one generation.
struct Generation {
    path: PathBuf,
    index: Index,
    fields: Fields,
    writer: IndexWriter,
}

impl Generation {
    fn create(path: PathBuf, options: WriterOptions) -> Result<Self, IndexError> {
        let (index, fields) = engine::create(&path)?;
        let mut generation = Self::start(path, index, fields, options)?;
        // The version stands in the index before anything else does.
        generation.commit(0)?;
        Ok(generation)
    }

    fn start(
        path: PathBuf,
        index: Index,
        fields: Fields,
        options: WriterOptions,
    ) -> Result<Self, IndexError> {
        let threads = options.threads.clamp(1, 8);
        let heap = options.heap_bytes.max(threads * MIN_HEAP_PER_THREAD);
        let writer: IndexWriter = guard(&path, || index.writer_with_num_threads(threads, heap))?;
        // The engine's own policy takes all segments of less than 10,000 reports for alike, so that a slow crawl, with
        // its few reports a commit, has each of them written hundreds of times until there are so many.
        let mut merges = LogMergePolicy::default();
        merges.set_min_layer_size(SMALL_SEGMENT);
        merges.set_level_log_size(LEVEL);
        writer.set_merge_policy(Box::new(merges));
        Ok(Self {
            path,
            index,
            fields,
            writer,
        })
    }

    fn put(&mut self, report: &Report, known: Known) -> Result<(), IndexError> {
        let document = self
            .fields
            .document(report, known)
            .map_err(|source| IndexError::Engine {
                path: self.path.clone(),
                source: Box::new(source),
            })?;
        self.writer.delete_term(self.fields.key_term(report, known));
        self.writer
            .add_document(document)
            .map_err(|error| engine_error(&self.path, error))?;
        Ok(())
    }

    fn commit(&mut self, watermark: u64) -> Result<(), IndexError> {
        let Self { writer, path, .. } = self;
        guard(path, || {
            let mut commit = writer.prepare_commit()?;
            commit.set_payload(&Payload::new(watermark).to_text());
            commit.commit()
        })?;
        // The engine makes the file durable, but not the rename that puts it in place. The caller forgets its queue
        // up to the watermark, so the commit has to survive a power cut.
        generation::sync_dir(path)
    }

    fn wait_for_merges(self) -> Result<(), IndexError> {
        let Self { writer, path, .. } = self;
        guard(&path, || writer.wait_merging_threads())
    }
}
