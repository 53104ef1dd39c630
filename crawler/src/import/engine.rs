//! From units to the store: read in parallel, kept in order, in batches that bound what is in memory.
//!
//! Importing the same again must change nothing, also where one file holds several versions of an address. So a unit
//! whose bytes are those of an older version is put off to the end: when a later unit of the run is what stands there
//! now, the history is the one that is known, and nothing is to be done. Once a run has brought something new to an
//! address, its history is no longer the known one, and nothing more is put off.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    hash::{BuildHasher, BuildHasherDefault, DefaultHasher},
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    time::Instant,
};

use jiff::Timestamp;
use rayon::prelude::*;

use super::{
    Failure, ImportSummary, LineError, Progress,
    unit::{Identified, Place, Unit},
};
use crate::{
    archive::CaptureKind,
    catalog,
    extract::Hints,
    profiles::InForce,
    reading::{Reading, guarded, read_capture},
    store::{Ingest, Ingested, Store, StoreError},
};

/// Units that are looked at together, and their bytes.
const CHUNK: usize = 256;
const CHUNK_BYTES: usize = 8 << 20;

/// Units that are archived together, and their bytes. The first of a run are fewer: what is learned from them is known
/// when the others are read.
const BATCH: usize = 2048;
const BATCH_BYTES: usize = 16 << 20;

/// Bytes of text that wait for the store at most, give or take the last few units.
const TEXT_BYTES: usize = 64 << 20;

/// Bytes that are put off to the end at most.
const DEFERRED_BYTES: usize = 256 << 20;

/// Failures that the summary names.
const MAX_FAILURES: usize = 10_000;

/// Why an import ends before its end.
#[derive(Debug)]
pub(super) enum Stop {
    Cancelled,
    Store(StoreError),
}

impl<E: Into<StoreError>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Store(error.into())
    }
}

/// The state of an import.
pub(super) struct Engine<'a> {
    store: &'a mut Store,
    portal: &'a str,
    /// When it began, by the clock of the wall and by the machine's.
    now: Timestamp,
    begun: Instant,
    progress: &'a mut dyn FnMut(Progress),
    cancel: &'a AtomicBool,
    pub(super) summary: ImportSummary,
    bytes_total: u64,
    bytes_finished: u64,
    /// Units that were not looked at yet.
    chunk: Vec<Unit>,
    chunk_bytes: usize,
    /// Units that were archived or could not be.
    n_done: usize,
    /// Units that are to be archived, each at another address.
    batch: Vec<Identified>,
    batch_bytes: usize,
    addresses: HashSet<(String, String)>,
    /// Hashes of the addresses to which this run has brought something new.
    renewed: HashSet<u64>,
    /// Units with the bytes of an older version, the last of each address.
    deferred: HashMap<(String, String), (usize, Identified)>,
    deferred_bytes: usize,
    n_deferred: usize,
}

impl<'a> Engine<'a> {
    pub(super) fn new(
        store: &'a mut Store,
        portal: &'a str,
        now: Timestamp,
        progress: &'a mut dyn FnMut(Progress),
        cancel: &'a AtomicBool,
    ) -> Self {
        Self {
            store,
            portal,
            now,
            begun: Instant::now(),
            progress,
            cancel,
            summary: ImportSummary::default(),
            bytes_total: 0,
            bytes_finished: 0,
            chunk: Vec::new(),
            chunk_bytes: 0,
            n_done: 0,
            batch: Vec::new(),
            batch_bytes: 0,
            addresses: HashSet::new(),
            renewed: HashSet::new(),
            deferred: HashMap::new(),
            deferred_bytes: 0,
            n_deferred: 0,
        }
    }

    pub(super) fn data_dir(&self) -> &Path {
        self.store.data_dir()
    }

    /// Says how many bytes there are to read.
    pub(super) fn expect(&mut self, bytes_total: u64) {
        self.bytes_total = bytes_total;
    }

    /// Says how many bytes of the current file were read.
    pub(super) fn advance(&mut self, bytes_of_file: u64) {
        let done = self.bytes_finished + bytes_of_file;
        let reports = self.summary.new + self.summary.changed + self.summary.unchanged;
        let bytes_done = done.min(self.bytes_total);
        (self.progress)(Progress::Advanced {
            bytes_done,
            bytes_total: self.bytes_total,
            reports,
        });
    }

    /// Says that the current file was read, whether to its end or not.
    pub(super) fn finish_file(&mut self, bytes: u64) {
        self.bytes_finished += bytes;
        self.advance(0);
    }

    pub(super) fn fail(&mut self, failure: Failure) {
        self.summary.n_failed += 1;
        (self.progress)(Progress::Failed(failure.clone()));
        if self.summary.failed.len() < MAX_FAILURES {
            self.summary.failed.push(failure);
        }
    }

    pub(super) fn skip(&mut self, skipped: Failure) {
        self.summary.skipped += 1;
        (self.progress)(Progress::Skipped(skipped));
    }

    /// Takes the next unit.
    pub(super) fn push(&mut self, unit: Unit) -> Result<(), Stop> {
        if self.cancel.load(Ordering::Relaxed) {
            return Err(Stop::Cancelled);
        }
        self.chunk_bytes += unit.len();
        self.chunk.push(unit);
        if self.chunk.len() >= CHUNK || self.chunk_bytes >= CHUNK_BYTES {
            self.look()?;
        }
        Ok(())
    }

    /// Brings everything to its end.
    pub(super) fn finish(&mut self) -> Result<(), Stop> {
        self.look()?;
        self.commit()?;
        self.commit_deferred()?;
        self.advance(0);
        Ok(())
    }

    /// Decides about the units of the chunk, in order.
    fn look(&mut self) -> Result<(), Stop> {
        self.chunk_bytes = 0;
        let (portal, now) = (self.portal, self.now.into());
        let identified: Vec<_> = std::mem::take(&mut self.chunk)
            .into_par_iter()
            .map(|unit| unit.identify(portal, now))
            .collect();
        for identified in identified {
            match identified {
                Ok(identified) => self.decide(identified)?,
                Err((place, error @ LineError::EndOfExport)) => self.skip(place.failure(error.to_string())),
                Err((place, error)) => self.fail(place.failure(error.to_string())),
            }
        }
        if self.batch.len() >= self.n_done.clamp(CHUNK, BATCH) || self.batch_bytes >= BATCH_BYTES {
            self.commit()?;
        }
        Ok(())
    }

    fn decide(&mut self, unit: Identified) -> Result<(), Stop> {
        if self.addresses.contains(&unit.address) {
            // What stands at the address is only known once the unit before is recorded.
            self.commit()?;
        }
        let db = self.store.catalog().connection();
        let standing = catalog::standing(db, &unit.address.0, &unit.address.1)?;
        let Some(standing) = standing else {
            return self.accept(unit);
        };
        if standing.digest == unit.digest {
            self.summary.unchanged += 1;
            self.undo_deferral(&unit.address);
            return Ok(());
        }
        if self.renewed.contains(&hash(&unit.address))
            || !catalog::was_captured(db, &standing.id, &unit.digest)?
        {
            return self.accept(unit);
        }
        self.undo_deferral(&unit.address);
        self.deferred_bytes += unit.capture.body.len();
        self.n_deferred += 1;
        self.deferred
            .insert(unit.address.clone(), (self.n_deferred, unit));
        if self.deferred_bytes > DEFERRED_BYTES {
            self.commit()?;
            self.commit_deferred()?;
        }
        Ok(())
    }

    /// A later unit of the same address makes one that was put off a thing of the past.
    fn undo_deferral(&mut self, address: &(String, String)) {
        if let Some((_, unit)) = self.deferred.remove(address) {
            self.deferred_bytes -= unit.capture.body.len();
            self.summary.unchanged += 1;
        }
    }

    fn accept(&mut self, unit: Identified) -> Result<(), Stop> {
        self.undo_deferral(&unit.address);
        self.renewed.insert(hash(&unit.address));
        self.addresses.insert(unit.address.clone());
        self.batch_bytes += unit.capture.body.len();
        self.batch.push(unit);
        Ok(())
    }

    fn commit_deferred(&mut self) -> Result<(), Stop> {
        let mut deferred: Vec<_> = self.deferred.drain().map(|(_, unit)| unit).collect();
        deferred.sort_unstable_by_key(|(number, _)| *number);
        self.deferred_bytes = 0;
        self.batch = deferred.into_iter().map(|(_, unit)| unit).collect();
        self.commit()
    }

    /// Reads the units of the batch and hands them to the store.
    fn commit(&mut self) -> Result<(), Stop> {
        self.addresses.clear();
        self.batch_bytes = 0;
        self.n_done += self.batch.len();
        let mut units = std::mem::take(&mut self.batch).into_iter();
        let mut ready = Vec::new();
        let mut text_bytes = 0;
        // A unit can hold far more text than bytes, so only a few are read before it is asked how much it became.
        let n_together = 16 * rayon::current_num_threads();
        loop {
            let mut some: Vec<_> = units.by_ref().take(n_together).collect();
            if some.is_empty() {
                break;
            }
            if self.cancel.load(Ordering::Relaxed) {
                return Err(Stop::Cancelled);
            }
            let readers = self.store.readers().clone();
            let mut in_force = InForce::new(self.store.catalog().connection());
            for unit in &mut some {
                in_force.give(&mut unit.capture)?;
            }
            let read: Vec<_> = some
                .into_par_iter()
                .map(
                    |Identified {
                         place,
                         mut capture,
                         line,
                         ..
                     }| {
                        // Archived with it, for a rebuild after the portal file is gone.
                        if let Some(view) = (readers.portals)(&capture.portal) {
                            let profile = capture.hints.profile.take();
                            capture.hints = Hints {
                                profile,
                                ..view.hints
                            };
                            capture.genres = view.genres;
                        }
                        let reading = match line {
                            None => read_capture(&capture, None, &readers.files),
                            Some(line) => guarded(|| Ok(line.into_reading(&capture.url, &capture.hints)?)),
                        };
                        (place, capture, reading)
                    },
                )
                .collect();
            for (place, capture, reading) in read {
                match reading {
                    Ok(Reading { content, given }) => {
                        text_bytes += content.text.len() + capture.body.len();
                        ready.push((
                            place,
                            Ingest {
                                capture,
                                content: Some(content),
                                given,
                                skip_unchanged: true,
                                file: None,
                            },
                        ));
                    }
                    Err(error) if error.is_not_a_report() && capture.kind == CaptureKind::Page => {
                        self.skip(place.failure(error.to_string()));
                    }
                    Err(error) => self.fail(place.failure(error.to_string())),
                }
            }
            if text_bytes > TEXT_BYTES {
                self.ingest(std::mem::take(&mut ready))?;
                text_bytes = 0;
            }
        }
        self.ingest(ready)
    }

    fn ingest(&mut self, ready: Vec<(Place, Ingest)>) -> Result<(), Stop> {
        if ready.is_empty() {
            return Ok(());
        }
        let portals: BTreeSet<_> = ready
            .iter()
            .map(|(_, ingest)| ingest.capture.portal.clone())
            .collect();
        let (places, batch): (Vec<_>, Vec<_>) = ready.into_iter().unzip();
        let bytes: usize = batch.iter().map(|ingest| ingest.capture.body.len()).sum();
        if let Some(full) = self.store.min_free().refuses(self.store.data_dir(), bytes as u64) {
            return Err(full.into());
        }
        let now = self.now.checked_add(self.begun.elapsed()).unwrap_or(self.now);
        let ingested = self.store.ingest(batch, now, |_| Ok(()))?;
        for (place, ingested) in places.into_iter().zip(ingested) {
            match ingested {
                Ingested::New(_) => self.summary.new += 1,
                Ingested::Changed(id, version) => {
                    self.summary.changed += 1;
                    let news = place.failure(format!("version {version} of report {id}"));
                    (self.progress)(Progress::Changed {
                        file: news.file,
                        line: news.line,
                        id,
                        version,
                    });
                }
                Ingested::Updated(_) => self.summary.changed += 1,
                Ingested::Unchanged(_) => self.summary.unchanged += 1,
                Ingested::NotAReport => self.summary.skipped += 1,
                Ingested::Refused { reason } => self.fail(place.failure(reason)),
            }
        }
        // All that was read is ingested, so what comes is read with what is learned here.
        let cancel = self.cancel;
        for portal in portals {
            self.store
                .learn(&portal, now, &mut || !cancel.load(Ordering::Relaxed))?;
        }
        Ok(())
    }
}

fn hash(address: &(String, String)) -> u64 {
    BuildHasherDefault::<DefaultHasher>::default().hash_one(address)
}
