//! What is committed together.
//!
//! A commit costs the recorder more than a visit does: two waits for the disk, and the pages of the catalog that every
//! visit changes. So what can wait is held back for a moment, in which others join it: visits that nobody waits for, and
//! for a shorter one whatever else is to be written down. A question, and whoever comes to wait for a visit after all,
//! ends that moment.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, Thread},
    time::{Duration, Instant},
};

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{Command, CommandKind, Work};
use crate::store::Ingest;

/// Most commands that are committed together.
const MAX_COMMANDS: usize = 256;

/// Most captured bytes that are committed together.
const MAX_BYTES: usize = 64 << 20;

/// How long a visit that nobody waits for is held back at most.
pub(super) const VISIT: Duration = Duration::from_millis(25);

/// How long another change is held back at most. Each host makes some in a second at most, while it waits for its turn.
pub(super) const CHANGE: Duration = Duration::from_millis(10);

/// Ends the holding back.
#[derive(Clone)]
pub(super) struct Bell {
    recorder: Thread,
    is_rung: Arc<AtomicBool>,
}

impl Bell {
    pub(super) fn new(recorder: Thread, is_rung: Arc<AtomicBool>) -> Self {
        Self { recorder, is_rung }
    }

    /// Somebody waits for what was sent already.
    pub(super) fn ring(&self) {
        self.is_rung.store(true, Ordering::Release);
        self.wake();
    }

    /// Has the recorder look at what was just sent.
    pub(super) fn wake(&self) {
        self.recorder.unpark();
    }
}

/// Commands that are done together.
pub(super) struct Batch {
    pub(super) ingests: Vec<Ingest>,
    /// What changes the tables, in the order in which it came.
    pub(super) writes: Vec<Work>,
    /// What only asks; done after all that changes something.
    pub(super) reads: Vec<Work>,
    /// Portals whose pages are to be learned from.
    pub(super) learns: Vec<(String, CancellationToken)>,
    bytes: usize,
    /// When the patience of one of them ends.
    until: Instant,
}

impl Batch {
    /// The next commands; `None` when there will be none any more.
    pub(super) fn next(commands: &mut mpsc::Receiver<Command>, is_rung: &AtomicBool) -> Option<Self> {
        let first = commands.blocking_recv()?;
        let mut batch = Self {
            ingests: Vec::new(),
            writes: Vec::new(),
            reads: Vec::new(),
            learns: Vec::new(),
            bytes: 0,
            until: Instant::now() + VISIT,
        };
        batch.add(first);
        loop {
            let all_came = loop {
                if !batch.has_room() {
                    break true;
                }
                match commands.try_recv() {
                    Ok(command) => batch.add(command),
                    Err(mpsc::error::TryRecvError::Empty) => break false,
                    Err(mpsc::error::TryRecvError::Disconnected) => break true,
                }
            };
            let rest = batch.until.saturating_duration_since(Instant::now());
            // The bell may have been rung for what was done already; then this batch is short.
            if is_rung.swap(false, Ordering::Acquire) || all_came || rest.is_zero() {
                return Some(batch);
            }
            thread::park_timeout(rest);
        }
    }

    fn has_room(&self) -> bool {
        self.writes.len() + self.reads.len() < MAX_COMMANDS && self.bytes < MAX_BYTES
    }

    fn add(&mut self, command: Command) {
        let Command {
            ingest,
            work,
            kind,
            patience,
        } = command;
        self.bytes += ingest.as_ref().map_or(0, |ingest| ingest.capture.body.len());
        self.until = self.until.min(Instant::now() + patience);
        self.ingests.extend(ingest.map(|ingest| *ingest));
        match kind {
            CommandKind::Write => self.writes.push(work),
            CommandKind::Read => self.reads.push(work),
            CommandKind::Learn(portal, cancel) => {
                self.learns.push((portal, cancel));
                self.reads.push(work);
            }
        }
    }
}
