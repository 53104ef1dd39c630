//! A copy of an index beside a writer, and an index out of such a copy.
//!
//! The files of a commit never change; the engine only removes them when a later commit does without them. So they are
//! opened while the engine's own lock keeps it from removing any, which takes a moment, and read at leisure: an open file
//! can be read to its end whatever becomes of its name.

use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
};

use tantivy::{Directory, directory::META_LOCK};

use crate::{
    IndexError, engine,
    generation::{self, WriteLock},
};

/// Files of the engine besides those of its segments.
const PLAIN: [&str; 2] = ["meta.json", ".managed.json"];

/// The files of one commit, open.
#[derive(Debug)]
pub struct Snapshot {
    /// Watermark of the commit.
    pub watermark: u64,
    /// Its files.
    pub files: Vec<SnapshotFile>,
}

/// One file of a commit.
#[derive(Debug)]
pub struct SnapshotFile {
    /// Its name; the index has no folders.
    pub name: String,
    /// Its length in bytes.
    pub bytes: u64,
    /// Open at its beginning.
    pub file: File,
}

impl Snapshot {
    /// Opens the files of the last commit of the index in `dir`.
    ///
    /// # Errors
    /// When there is no index, or it cannot be opened.
    pub fn take(dir: &Path) -> Result<Self, IndexError> {
        // A generation may be replaced and removed between the moment its name is read and the moment it is open.
        let mut tries = 3;
        loop {
            tries -= 1;
            let name = generation::current(dir)?.ok_or_else(|| IndexError::Missing(dir.to_owned()))?;
            match Self::of(&dir.join(&name)) {
                Err(_) if tries > 0 && generation::current(dir)?.as_ref() != Some(&name) => {}
                other => return other,
            }
        }
    }

    fn of(path: &Path) -> Result<Self, IndexError> {
        let (index, _) = engine::open(path)?;
        let _nothing_is_removed = engine::guard(path, || Ok(index.directory().acquire_lock(&META_LOCK)?))?;
        let metas = engine::guard(path, || index.load_metas())?;
        let watermark = engine::payload(&index, path)?.watermark;
        let mut names: Vec<String> = metas
            .list_segment_files()
            .iter()
            .filter_map(|name| Some(name.to_str()?.to_owned()))
            .collect();
        names.sort_unstable();
        names.extend(PLAIN.map(str::to_owned));
        let mut files = Vec::with_capacity(names.len());
        for name in names {
            let at = path.join(&name);
            let failed = |source| IndexError::Io {
                action: "read",
                path: at.clone(),
                source,
            };
            let file = match File::open(&at) {
                // A segment need not have every file that it may have.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                file => file.map_err(failed)?,
            };
            let bytes = file.metadata().map_err(failed)?.len();
            files.push(SnapshotFile { name, bytes, file });
        }
        Ok(Self { watermark, files })
    }
}

/// An index that is put together from the files of a [`Snapshot`].
pub struct Receiving {
    name: String,
    lock: WriteLock,
}

impl Receiving {
    /// Makes the folder for the files; readers see nothing of it yet.
    ///
    /// # Errors
    /// When another writer is at work or nothing can be written.
    pub fn start(dir: &Path) -> Result<Self, IndexError> {
        let lock = WriteLock::acquire(dir)?;
        let name = lock.create()?;
        Ok(Self { name, lock })
    }

    /// Where the files belong.
    pub fn folder(&self) -> PathBuf {
        self.lock.dir().join(&self.name)
    }

    /// Whether `name` is one that a file of an index can have.
    pub fn is_name(name: &str) -> bool {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
        !name.is_empty() && name.len() <= 128 && name.bytes().all(plain) && !name.contains("..")
    }

    /// Makes it the index in use, once all files are there and durable.
    ///
    /// # Errors
    /// When the files do not make an index that this program reads; then there is none.
    pub fn publish(self) -> Result<(), IndexError> {
        if let Err(error) = engine::open(&self.folder()) {
            self.lock.remove(&self.name);
            return Err(error);
        }
        self.lock.publish(&self.name)
    }
}
