//! Generations: an index directory holds whole indexes side by side, and `CURRENT` names the one in use.
//!
//! ```text
//! index/CURRENT        gen-000002
//! index/gen-000002/    meta.json and the segments of the engine
//! index/writer.lock    held by whoever writes
//! ```
//!
//! A rebuild fills a directory that nobody reads and then replaces `CURRENT` by a rename, which is atomic. Readers
//! that have the old generation open keep it open, though its files are removed. One that a crash left half built is
//! removed by the next writer.

use std::{
    fs::{self, File, TryLockError},
    io::{self, Write},
    path::{Path, PathBuf},
};

use crate::IndexError;

const CURRENT: &str = "CURRENT";
const LOCK: &str = "writer.lock";
const PREFIX: &str = "gen-";

/// Path of the file that names the generation in use.
pub(crate) fn current_file(dir: &Path) -> PathBuf {
    dir.join(CURRENT)
}

/// Name of the generation in use; `None` when there is none.
pub(crate) fn current(dir: &Path) -> Result<Option<String>, IndexError> {
    let path = current_file(dir);
    match fs::read_to_string(&path) {
        Ok(text) if number(text.trim()).is_some() => Ok(Some(text.trim().to_owned())),
        Ok(text) => Err(IndexError::Damaged {
            path,
            detail: format!(
                "{:?} names no generation",
                text.chars().take(40).collect::<String>()
            ),
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(IndexError::Io {
            action: "read",
            path,
            source,
        }),
    }
}

/// The right to write to an index directory; given back when dropped, also by a crash.
pub(crate) struct WriteLock {
    dir: PathBuf,
    _file: File,
}

impl WriteLock {
    /// Takes the lock, making the directory where needed, and removes generations that nobody needs any more.
    pub(crate) fn acquire(dir: &Path) -> Result<Self, IndexError> {
        fs::create_dir_all(dir).map_err(io_error("create", dir))?;
        let path = dir.join(LOCK);
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path);
        let file = file.map_err(io_error("open", &path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(IndexError::Locked(dir.to_owned())),
            Err(TryLockError::Error(source)) => {
                return Err(IndexError::Io {
                    action: "lock",
                    path,
                    source,
                });
            }
        }
        let lock = Self {
            dir: dir.to_owned(),
            _file: file,
        };
        lock.remove_stale()?;
        Ok(lock)
    }

    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Makes the directory of a new generation and gives its name.
    pub(crate) fn create(&self) -> Result<String, IndexError> {
        let last = self
            .generations()?
            .iter()
            .filter_map(|name| number(name))
            .max()
            .unwrap_or(0);
        let name = format!("{PREFIX}{:06}", last + 1);
        let path = self.dir.join(&name);
        fs::create_dir(&path).map_err(io_error("create", &path))?;
        Ok(name)
    }

    /// Makes `name` the generation in use, durably and at once.
    pub(crate) fn publish(&self, name: &str) -> Result<(), IndexError> {
        sync_dir(&self.dir.join(name))?;
        let next = self.dir.join("CURRENT.new");
        let write = || {
            let mut file = File::create(&next)?;
            writeln!(file, "{name}")?;
            file.sync_all()?;
            fs::rename(&next, current_file(&self.dir))
        };
        write().map_err(io_error("write", &current_file(&self.dir)))?;
        sync_dir(&self.dir)
    }

    /// Removes a generation; what cannot be removed now is removed by a later writer.
    pub(crate) fn remove(&self, name: &str) {
        let path = self.dir.join(name);
        if let Err(error) = fs::remove_dir_all(&path) {
            tracing::warn!(path = %path.display(), %error, "failed to remove an old generation of the index");
        }
    }

    /// Removes all generations but the one in use.
    pub(crate) fn remove_stale(&self) -> Result<(), IndexError> {
        let current = current(&self.dir)?;
        for name in self
            .generations()?
            .iter()
            .filter(|name| Some(*name) != current.as_ref())
        {
            self.remove(name);
        }
        Ok(())
    }

    fn generations(&self) -> Result<Vec<String>, IndexError> {
        let entries = fs::read_dir(&self.dir).map_err(io_error("list", &self.dir))?;
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        Ok(names.filter(|name| number(name).is_some()).collect())
    }
}

/// Makes the names in a directory durable.
pub(crate) fn sync_dir(path: &Path) -> Result<(), IndexError> {
    File::open(path)
        .and_then(|dir| dir.sync_all())
        .map_err(io_error("sync", path))
}

fn number(name: &str) -> Option<u64> {
    let digits = name.strip_prefix(PREFIX)?;
    let plain = digits.len() >= 6 && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| digits.parse().ok()).flatten()
}

fn io_error(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> IndexError {
    let path = path.to_owned();
    move |source| IndexError::Io { action, path, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_writer_at_a_time_and_stale_generations_go() {
        let temp = tempfile::tempdir().unwrap();
        let dir = temp.path().join("index");
        let lock = WriteLock::acquire(&dir).unwrap();
        assert!(matches!(WriteLock::acquire(&dir), Err(IndexError::Locked(_))));
        assert_eq!(current(&dir).unwrap(), None);
        let first = lock.create().unwrap();
        lock.publish(&first).unwrap();
        let second = lock.create().unwrap();
        drop(lock);

        let lock = WriteLock::acquire(&dir).unwrap();
        assert_eq!(current(&dir).unwrap(), Some(first.clone()));
        assert!(dir.join(&first).exists() && !dir.join(&second).exists());
        let third = lock.create().unwrap();
        lock.publish(&third).unwrap();
        drop(lock);
        drop(WriteLock::acquire(&dir).unwrap());
        assert!(!dir.join(&first).exists() && dir.join(&third).exists());
    }

    #[test]
    fn a_damaged_pointer_is_an_error_and_no_path() {
        let temp = tempfile::tempdir().unwrap();
        for text in ["", "../../etc", "gen-", "gen-00000x"] {
            fs::write(current_file(temp.path()), text).unwrap();
            assert!(
                matches!(current(temp.path()), Err(IndexError::Damaged { .. })),
                "{text:?}"
            );
        }
    }
}
