//! One writer per data directory.
//!
//! The lock is the operating system's, on the file `lock`: it goes with the process that held it, however that ended.
//! The file says who holds it, for those who wait.

use std::{
    fmt,
    fs::{File, OpenOptions, TryLockError},
    io::{self, Read, Seek, Write},
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

/// How often a waiting process tries again.
const RETRY: Duration = Duration::from_millis(100);

/// Longest description of a holder that is read.
const MAX_HOLDER: u64 = 1024;

/// Who holds the lock of a data directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Process id.
    pub pid: u32,
    /// What it does, e.g. `crawl`.
    pub command: String,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` (process {})", self.command, self.pid)
    }
}

/// Hears whom a process waits for.
pub type Announce<'a> = Box<dyn FnMut(Option<&Holder>) + 'a>;

/// What to do while another process writes.
pub enum LockWait<'a> {
    /// Wait for it.
    Wait {
        /// Called once for each holder that is waited for; `None` when its name could not be read.
        announce: Announce<'a>,
        /// Ends the waiting when set.
        cancel: &'a AtomicBool,
    },
    /// Fail at once.
    Fail,
}

/// The lock was not given.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LockError {
    /// Another process writes.
    #[error("{} is written by {}", data_dir.display(), name(holder.as_ref()))]
    Held {
        /// The data directory.
        data_dir: PathBuf,
        /// Who writes, when it could be read.
        holder: Option<Holder>,
    },
    /// The waiting was ended.
    #[error("stopped while waiting for {}", name(holder.as_ref()))]
    Cancelled {
        /// Who was waited for.
        holder: Option<Holder>,
    },
    /// The lock file cannot be used.
    #[error("failed to lock {}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
}

fn name(holder: Option<&Holder>) -> String {
    holder.map_or_else(|| "another process".to_owned(), Holder::to_string)
}

/// The held lock; dropping it gives it up.
#[derive(Debug)]
pub(crate) struct Lock {
    file: File,
}

impl Lock {
    /// Takes the lock of `data_dir`, which must exist.
    pub(crate) fn acquire(data_dir: &Path, mut wait: LockWait<'_>, command: &str) -> Result<Self, LockError> {
        let path = data_dir.join("lock");
        let failed = |source| LockError::Io {
            path: path.clone(),
            source,
        };
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(failed)?;
        let mut announced: Option<Option<Holder>> = None;
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::Error(source)) => return Err(failed(source)),
                Err(TryLockError::WouldBlock) => (),
            }
            let holder = read_holder(&mut file);
            let LockWait::Wait { announce, cancel } = &mut wait else {
                return Err(LockError::Held {
                    data_dir: data_dir.to_owned(),
                    holder,
                });
            };
            if cancel.load(Ordering::Relaxed) {
                return Err(LockError::Cancelled { holder });
            }
            if announced.as_ref() != Some(&holder) {
                announce(holder.as_ref());
                announced = Some(holder);
            }
            std::thread::sleep(RETRY);
        }
        let mut lock = Self { file };
        lock.sign(&format!("{}\n{}\n", std::process::id(), command))
            .map_err(failed)?;
        Ok(lock)
    }

    fn sign(&mut self, text: &str) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.rewind()?;
        self.file.write_all(text.as_bytes())
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // A name that stays behind does no harm: it is only read while the lock is held.
        let _ = self.sign("");
    }
}

fn read_holder(file: &mut File) -> Option<Holder> {
    let mut text = String::new();
    file.rewind().ok()?;
    file.take(MAX_HOLDER).read_to_string(&mut text).ok()?;
    let (pid, command) = text.split_once('\n')?;
    Some(Holder {
        pid: pid.parse().ok()?,
        command: command.trim_end().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn the_second_is_told_who_holds_it() {
        let dir = tempfile::tempdir().unwrap();
        let held = Lock::acquire(dir.path(), LockWait::Fail, "crawl changning").unwrap();
        let error = Lock::acquire(dir.path(), LockWait::Fail, "import").unwrap_err();
        let pid = std::process::id();
        assert!(
            error
                .to_string()
                .ends_with(&format!("is written by `crawl changning` (process {pid})")),
            "{error}"
        );
        drop(held);
        Lock::acquire(dir.path(), LockWait::Fail, "import").unwrap();
    }

    #[test]
    fn one_who_waits_says_so_once_and_gets_it() {
        let dir = tempfile::tempdir().unwrap();
        let held = Lock::acquire(dir.path(), LockWait::Fail, "crawl").unwrap();
        let (sender, receiver) = mpsc::channel();
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| {
                let announce = Box::new(move |holder: Option<&Holder>| sender.send(holder.cloned()).unwrap());
                let wait = LockWait::Wait {
                    announce,
                    cancel: &AtomicBool::new(false),
                };
                Lock::acquire(dir.path(), wait, "import").unwrap();
            });
            assert_eq!(receiver.recv().unwrap().unwrap().command, "crawl");
            drop(held);
            waiting.join().unwrap();
        });
        assert!(
            receiver.iter().flatten().all(|holder| holder.command != "crawl"),
            "announced twice"
        );
    }

    #[test]
    fn waiting_can_be_ended() {
        let dir = tempfile::tempdir().unwrap();
        let _held = Lock::acquire(dir.path(), LockWait::Fail, "crawl").unwrap();
        let cancel = AtomicBool::new(true);
        let wait = LockWait::Wait {
            announce: Box::new(|_| ()),
            cancel: &cancel,
        };
        assert!(matches!(
            Lock::acquire(dir.path(), wait, "import"),
            Err(LockError::Cancelled { .. })
        ));
    }
}
