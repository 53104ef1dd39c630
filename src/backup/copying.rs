//! Copying with a hash, a bar and an end.

use std::{
    cell::Cell,
    fs::{self, File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    path::Path,
    sync::atomic::Ordering,
};

use anyhow::{Context, bail};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use super::manifest::Entry;
use crate::{progress::Progress, shutdown::Stop};

/// Bytes read at once.
const CHUNK: usize = 1 << 20;

/// One copy, of however many files.
pub(super) struct Copying<'a> {
    progress: Progress,
    stop: &'a Stop,
    done: Cell<u64>,
    /// Bytes that were written, not only read.
    pub(super) written: Cell<u64>,
}

/// The file in the backup and the one it is a copy of have parted.
#[derive(Debug, thiserror::Error)]
#[error("the copy holds something else than the file it was made from")]
pub(super) struct Diverged;

impl<'a> Copying<'a> {
    pub(super) fn new(what: &'static str, total: u64, stop: &'a Stop) -> Self {
        Self {
            progress: Progress::of_bytes(what, total),
            stop,
            done: Cell::new(0),
            written: Cell::new(0),
        }
    }

    pub(super) fn done(&self) {
        self.progress.done();
    }

    /// Counts bytes that are dealt with; an error when the user wants no more.
    pub(super) fn advance(&self, bytes: u64, name: &str) -> anyhow::Result<()> {
        self.done.set(self.done.get() + bytes);
        self.progress.at(self.done.get(), name);
        if self.stop.flag.load(Ordering::Relaxed) {
            bail!("stopped before its end; the same call goes on");
        }
        Ok(())
    }

    /// Reads `bytes` of `from` into the hash, and writes them to `to`.
    pub(super) fn stream(
        &self,
        from: &mut impl Read,
        mut to: Option<&mut File>,
        bytes: u64,
        hash: &mut Sha256,
        name: &str,
    ) -> anyhow::Result<()> {
        let mut buffer = vec![0; CHUNK];
        let mut left = bytes;
        while left > 0 {
            let room = usize::try_from(left).unwrap_or(CHUNK).min(CHUNK);
            let n = match from.read(&mut buffer[..room]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                read => read.with_context(|| format!("cannot read {name}"))?,
            };
            if n == 0 {
                bail!("{name} has {} of its {bytes} bytes", bytes - left);
            }
            hash.update(&buffer[..n]);
            if let Some(to) = &mut to {
                to.write_all(&buffer[..n])
                    .with_context(|| format!("cannot write the copy of {name}"))?;
                self.written.set(self.written.get() + n as u64);
            }
            left -= n as u64;
            self.advance(n as u64, name)?;
        }
        Ok(())
    }

    /// Brings the copy at `to` of a file that only grows up to `bytes`, and says what its hash is. `known` is what the
    /// last backup says of the copy. What is there is kept as far as it is the same; whether it is, its hash says.
    pub(super) fn append(
        &self,
        mut from: &File,
        bytes: u64,
        to: &Path,
        known: Option<&Entry>,
        name: &str,
    ) -> anyhow::Result<String> {
        let before = self.done.get();
        let mut hash = Sha256::new();
        let n_known = known.map_or(0, |known| known.bytes);
        if let Some(known) = known {
            if bytes < known.bytes {
                return Err(Diverged.into());
            }
            self.stream(&mut from, None, known.bytes, &mut hash, name)?;
            if hex(hash.clone()) != known.sha256 {
                return Err(Diverged.into());
            }
        }
        let mut kept = fs::metadata(to).map_or(0, |there| there.len()).min(bytes);
        if kept > 0 && kept >= n_known {
            self.stream(&mut from, None, kept - n_known, &mut hash, name)?;
            let at = self.done.get();
            if self.hash(to, kept, name)? != hex(hash.clone()) {
                kept = 0;
            }
            self.done.set(at);
        } else {
            kept = 0;
        }
        if kept == 0 {
            if known.is_some() {
                let copy = to.display();
                tracing::warn!("{copy} is not what the last backup left there; copied again");
            }
            from.rewind()?;
            hash = Sha256::new();
            self.done.set(before);
        }
        let mut copy = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(to)
            .with_context(|| format!("cannot write {}", to.display()))?;
        copy.set_len(kept)?;
        copy.seek(SeekFrom::End(0))?;
        self.stream(&mut from, Some(&mut copy), bytes - kept, &mut hash, name)?;
        copy.sync_all()?;
        Ok(hex(hash))
    }

    /// Hashes the first `bytes` of a file.
    pub(super) fn hash(&self, path: &Path, bytes: u64, name: &str) -> anyhow::Result<String> {
        let mut file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
        let mut hash = Sha256::new();
        self.stream(&mut file, None, bytes, &mut hash, name)?;
        Ok(hex(hash))
    }
}

pub(super) fn hex(hash: Sha256) -> String {
    HEXLOWER.encode(&hash.finalize())
}
