//! Catalogs opened for reading, kept between requests.
//!
//! Each reader sees the last commit and waits for no writer. A connection serves one job at a time; those that are not
//! in use wait here for the next. One whose file was put aside or replaced meanwhile (a rebuild of a damaged catalog,
//! a backup brought back) is let go.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use crawler::{Catalog, CatalogError};

/// Connections that are kept open while nobody uses them.
const MAX_IDLE: usize = 8;

/// The catalog of a data directory, for many readers.
pub(crate) struct Catalogs {
    data_dir: PathBuf,
    idle: Mutex<Vec<(Catalog, FileId)>>,
}

/// Tells a file from the one that takes its place.
#[derive(Clone, Copy, PartialEq, Eq)]
struct FileId {
    device: u64,
    inode: u64,
}

impl FileId {
    #[cfg(unix)]
    fn of(path: &Path) -> io::Result<Self> {
        use std::os::unix::fs::MetadataExt;
        let metadata = fs::metadata(path)?;
        Ok(Self {
            device: metadata.dev(),
            inode: metadata.ino(),
        })
    }

    /// Where an open file cannot be replaced, it is what it was.
    #[cfg(not(unix))]
    fn of(path: &Path) -> io::Result<Self> {
        fs::metadata(path).map(|_| Self { device: 0, inode: 0 })
    }
}

impl Catalogs {
    /// Of this data directory. Nothing is opened before it is asked for.
    pub(crate) fn new(data_dir: &Path) -> Self {
        Self {
            data_dir: data_dir.to_owned(),
            idle: Mutex::default(),
        }
    }

    /// The data directory.
    pub(crate) fn data_dir(&self) -> &Path {
        &self.data_dir
    }

    /// Runs `job` over a catalog of its own.
    ///
    /// # Errors
    /// When the catalog cannot be opened.
    pub(crate) fn with<T>(&self, job: impl FnOnce(&Catalog) -> T) -> Result<T, CatalogError> {
        let file = FileId::of(&Catalog::path(&self.data_dir)).ok();
        let kept = {
            let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
            idle.retain(|(_, id)| Some(*id) == file);
            idle.pop()
        };
        let (catalog, id) = match kept {
            Some((catalog, id)) => (catalog, Some(id)),
            // Of the file that was there before: when it was replaced just now, the next reader lets it go.
            None => (Catalog::open_to_read(&self.data_dir)?, file),
        };
        let outcome = job(&catalog);
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(id) = id
            && idle.len() < MAX_IDLE
        {
            idle.push((catalog, id));
        }
        Ok(outcome)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reports(catalogs: &Catalogs) -> u64 {
        catalogs.with(|catalog| catalog.count().unwrap()).unwrap()
    }

    #[test]
    fn readers_wait_for_no_writer_and_cannot_write() {
        let folder = tempfile::tempdir().unwrap();
        let writer = Catalog::open(folder.path()).unwrap();
        writer.connection().execute_batch("BEGIN EXCLUSIVE").unwrap();
        let catalogs = Catalogs::new(folder.path());
        assert_eq!(reports(&catalogs), 0);
        let write = |catalog: &Catalog| catalog.connection().execute_batch("DELETE FROM reports").is_err();
        assert!(catalogs.with(write).unwrap());
    }

    #[test]
    fn a_catalog_that_was_replaced_is_read_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = Catalog::path(folder.path());
        let catalogs = Catalogs::new(folder.path());
        assert!(catalogs.with(|_| ()).is_err(), "there is none yet");
        drop(Catalog::open(folder.path()).unwrap());
        assert_eq!(reports(&catalogs), 0);
        assert_eq!(catalogs.idle.lock().unwrap().len(), 1);

        let other = tempfile::tempdir().unwrap();
        let one = "INSERT INTO reports (id, portal, url, urls, version, status) VALUES ('a', 'b', 'c', '[]', 1, 'live')";
        let catalog = Catalog::open(other.path()).unwrap();
        catalog.connection().execute_batch(one).unwrap();
        drop(catalog);
        for suffix in ["-wal", "-shm"] {
            let mut name = path.clone().into_os_string();
            name.push(suffix);
            let _ = fs::remove_file(name);
        }
        fs::rename(Catalog::path(other.path()), &path).unwrap();
        assert_eq!(reports(&catalogs), 1);
    }
}
