//! The moment by which a search has to be done.
//!
//! No query is refused for what it may cost, since that depends on the texts. A search looks at the clock between
//! steps of bounded work instead, and gives up when its time is over.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Instant,
};

use tantivy::TantivyError;

/// A moment, and whether a search was given up at it.
#[derive(Debug, Default)]
pub(crate) struct Deadline {
    at: Option<Instant>,
    has_passed: AtomicBool,
}

impl Deadline {
    pub(crate) fn new(at: Option<Instant>) -> Self {
        Self {
            at,
            has_passed: AtomicBool::new(false),
        }
    }

    /// Gives up when the time is over.
    pub(crate) fn check(&self) -> tantivy::Result<()> {
        if self.at.is_some_and(|at| Instant::now() >= at) {
            self.has_passed.store(true, Ordering::Relaxed);
            // Only there to unwind: whoever set the deadline asks `has_passed`.
            return Err(TantivyError::InternalError(
                "the time for this search is over".into(),
            ));
        }
        Ok(())
    }

    /// Whether a search was given up.
    pub(crate) fn has_passed(&self) -> bool {
        self.has_passed.load(Ordering::Relaxed)
    }
}
