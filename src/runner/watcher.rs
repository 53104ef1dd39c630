//! What the runner hears of the engine while it crawls.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crawler::{Observer, PortalSummary, SoFar};

/// How far each portal is, and a bell for the pump.
pub(super) struct Watcher {
    so_far: Mutex<HashMap<String, SoFar>>,
    bell: Box<dyn Fn() + Send + Sync>,
}

impl Watcher {
    pub(super) fn new(bell: impl Fn() + Send + Sync + 'static) -> Self {
        Self {
            so_far: Mutex::default(),
            bell: Box::new(bell),
        }
    }

    /// How far a portal is; nothing before its first page in this process.
    pub(super) fn so_far(&self, portal: &str) -> SoFar {
        self.all().get(portal).copied().unwrap_or_default()
    }

    /// The crawl of a portal is over and was counted.
    pub(super) fn forget(&self, portal: &str) {
        self.all().remove(portal);
    }

    fn all(&self) -> MutexGuard<'_, HashMap<String, SoFar>> {
        self.so_far.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observer for Watcher {
    fn fetched(&self, portal: &str, so_far: SoFar) {
        self.all().insert(portal.to_owned(), so_far);
    }

    fn committed(&self) {
        (self.bell)();
    }

    fn finished(&self, _summary: &PortalSummary) {}
}
