//! The portal files in force, shared by all who ask while `serve` runs.
//!
//! Whoever needs them takes the set of the moment and keeps it as long as one piece of work lasts; a set never changes.
//! A new one takes its place as a whole, so that nobody sees half of a change.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
};

use crawler::{Portal, PortalError};

/// The portal files of a folder at one moment.
#[derive(Debug, Default)]
pub struct PortalSet {
    /// The good ones, by id.
    pub good: BTreeMap<String, Portal>,
    /// The files that cannot be used, with the reason.
    pub bad: Vec<(PathBuf, PortalError)>,
}

impl PortalSet {
    /// Reads the portal files of a folder. One that is not there has none.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn read(folder: &Path) -> io::Result<Self> {
        if !folder.is_dir() {
            return Ok(Self::default());
        }
        let found = crawler::load_portals(folder)?;
        Ok(Self {
            good: found
                .good
                .into_iter()
                .map(|portal| (portal.id.clone(), portal))
                .collect(),
            bad: found.bad,
        })
    }

    /// Why the file of this portal cannot be used; `None` when there is no such file, or nothing is wrong with it.
    pub fn fault(&self, id: &str) -> Option<&PortalError> {
        let is_of = |path: &Path| path.file_stem().is_some_and(|stem| stem == id);
        self.bad
            .iter()
            .find(|(path, _)| is_of(path))
            .map(|(_, error)| error)
    }
}

/// The set in force, for many threads.
#[derive(Clone, Debug, Default)]
pub struct SharedPortals {
    current: Arc<RwLock<Arc<PortalSet>>>,
}

impl SharedPortals {
    /// Shares a set.
    pub fn new(set: PortalSet) -> Self {
        Self {
            current: Arc::new(RwLock::new(Arc::new(set))),
        }
    }

    /// The set of the moment. Two answers are the same set if and only if [`Arc::ptr_eq`] says so.
    pub fn get(&self) -> Arc<PortalSet> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts another set in its place.
    pub fn replace(&self, set: PortalSet) {
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(set);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_took_a_set_keeps_it() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(
            folder.path().join("a.toml"),
            "seeds = [\"https://www.example.gov.cn/\"]",
        )
        .unwrap();
        std::fs::write(folder.path().join("b.toml"), "seeds = 1").unwrap();
        let shared = SharedPortals::new(PortalSet::read(folder.path()).unwrap());
        let before = shared.get();
        assert!(before.good.contains_key("a") && before.fault("b").is_some());
        assert!(before.fault("a").is_none() && before.fault("c").is_none());
        shared.replace(PortalSet::default());
        assert_eq!(before.good.len(), 1);
        assert!(shared.get().good.is_empty());
        assert!(
            PortalSet::read(&folder.path().join("none"))
                .unwrap()
                .good
                .is_empty()
        );
    }
}
