//! One writer per data directory.
//!
//! The lock is the operating system's, on the file `lock`: it goes with the process that held it, however that ended.
//! The file says who holds it, for those who wait. Whoever waits shares a second lock meanwhile, on `lock.waiting`, by which
//! a holder with much to do learns that it is time to let others have a turn ([`who_waits`]); that goes with its process, too.

use std::{
    fmt,
    fs::{File, OpenOptions, TryLockError},
    io::{self, Read, Seek, Write},
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

/// Names of the files in a data directory.
const FILE: &str = "lock";
const WAITING: &str = "lock.waiting";

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
        let path = data_dir.join(FILE);
        let failed = |source| LockError::Io {
            path: path.clone(),
            source,
        };
        let mut file = open(&path).map_err(failed)?;
        let mut announced: Option<Option<Holder>> = None;
        let mut place = None;
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
            if place.is_none() {
                place = stand_in_line(data_dir, command);
            }
            std::thread::sleep(RETRY);
        }
        sign(&mut file, &signature(command)).map_err(failed)?;
        Ok(Self { file })
    }
}

/// Who waits for the lock of a data directory, in words; `None` when nobody does. Of several the one that came last.
pub fn who_waits(data_dir: &Path) -> Option<String> {
    // Some file systems lock only what may be written.
    let mut options = OpenOptions::new();
    let mut file = options.read(true).write(true).open(data_dir.join(WAITING)).ok()?;
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => Some(name(read_holder(&mut file).as_ref())),
        // Given up again at once, with the file.
        Ok(()) | Err(TryLockError::Error(_)) => None,
    }
}

/// Tells the holder that somebody waits, for as long as the file is open. `None` when that cannot be told now: whoever
/// looks who waits is in the way for a moment, or the file cannot be used; waiting goes on all the same.
fn stand_in_line(data_dir: &Path, command: &str) -> Option<File> {
    let mut file = open(&data_dir.join(WAITING)).ok()?;
    file.try_lock_shared().ok()?;
    sign(&mut file, &signature(command)).ok()?;
    Some(file)
}

fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    options.open(path)
}

fn signature(command: &str) -> String {
    format!("{}\n{}\n", std::process::id(), command)
}

fn sign(file: &mut File, text: &str) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    file.write_all(text.as_bytes())
}

impl Drop for Lock {
    fn drop(&mut self) {
        // A name that stays behind does no harm: it is only read while the lock is held.
        let _ = sign(&mut self.file, "");
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
    fn the_holder_learns_who_waits_and_when_nobody_does_any_more() {
        let dir = tempfile::tempdir().unwrap();
        let held = Lock::acquire(dir.path(), LockWait::Fail, "serve").unwrap();
        assert_eq!(who_waits(dir.path()), None);
        Lock::acquire(dir.path(), LockWait::Fail, "import").unwrap_err();
        assert_eq!(who_waits(dir.path()), None, "that one does not wait");
        let until = |is_waiting: bool| {
            while who_waits(dir.path()).is_some() != is_waiting {
                std::thread::sleep(RETRY / 4);
            }
        };
        let cancel = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| {
                let wait = LockWait::Wait {
                    announce: Box::new(|_| ()),
                    cancel: &cancel,
                };
                Lock::acquire(dir.path(), wait, "index rebuild")
            });
            until(true);
            let who = who_waits(dir.path()).unwrap();
            assert!(who.starts_with("`index rebuild` (process "), "{who}");
            drop(held);
            let lock = waiting.join().unwrap().unwrap();
            until(false);
            drop(lock);
        });
        // One that ends otherwise, a killed one, too, leaves its place with its file.
        let place = stand_in_line(dir.path(), "import").unwrap();
        let beside = stand_in_line(dir.path(), "crawl").unwrap();
        drop(place);
        assert!(who_waits(dir.path()).unwrap().contains("`crawl`"));
        drop(beside);
        assert_eq!(who_waits(dir.path()), None);
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
