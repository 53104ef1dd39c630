//! Making a backup.

use std::{
    collections::HashSet,
    ffi::OsStr,
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use crawler::{Archive, ArchiveFile, Catalog, Space, make_private};
use index::{IndexError, Snapshot};
use jiff::Timestamp;

use super::{
    ARCHIVE, CATALOG, INCOMPLETE, INDEX,
    copying::{Copying, Diverged},
    manifest::{Entry, Manifest, sync_folder},
};
use crate::{failure::wrong_call, progress::Progress, shutdown::Stop};

/// Who holds this file of a backup writes it.
const LOCK: &str = "lock";

/// A backup that was made.
pub(crate) struct Taken {
    pub(crate) manifest: Manifest,
    /// Bytes that were written; the others were there already.
    pub(crate) written: u64,
}

/// Brings the backup in `dir` up to the data directory `data`, beside whoever writes there.
pub(crate) fn take(data: &Path, dir: &Path, now: Timestamp, stop: &Stop) -> anyhow::Result<Taken> {
    if !data.join(CATALOG).is_file() {
        return Err(wrong_call(format!(
            "{} has no {CATALOG}: there is nothing to back up yet",
            data.display()
        )));
    }
    let last = look_at(data, dir)?;
    let _lock = lock(dir)?;
    let incomplete = dir.join(INCOMPLETE);
    fs::write(&incomplete, format!("{now}\n"))
        .with_context(|| format!("cannot write {}", incomplete.display()))?;
    let mut manifest = Manifest::new(now, last.as_ref().map_or(1, |last| last.serial + 1));
    let state = Manifest::state_folder(manifest.serial);
    for folder in [&PathBuf::from(ARCHIVE), &PathBuf::from(INDEX), &state] {
        let folder = dir.join(folder);
        fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    }

    // Each of the three may be older than the next, never newer.
    let index = snapshot(data);
    let catalog = Catalog::open(data).context("cannot open the catalog")?;
    enough_room(data, dir, last.as_ref(), index.as_ref())?;
    let copy = copy_catalog(&catalog, dir, &state, stop)?;
    drop(catalog);
    let files = Archive::open(data).files_before(copy.end)?;
    manifest.reports = copy.reports;

    let archived: u64 = files.iter().map(|file| file.bytes).sum();
    let indexed: u64 = index
        .iter()
        .flat_map(|index| &index.files)
        .map(|file| file.bytes)
        .sum();
    let copying = Copying::new("copying", archived + indexed + copy.bytes, stop);
    manifest.files.push(Entry {
        sha256: copying.hash(&dir.join(&copy.path), copy.bytes, CATALOG)?,
        path: copy.path,
        to: CATALOG.to_owned(),
        bytes: copy.bytes,
    });
    copy_archive(&files, dir, last.as_ref(), &copying, &mut manifest)?;
    if let Some(index) = index {
        copy_index(index, dir, &state, last.as_ref(), &copying, &mut manifest)?;
    }
    copying.done();
    for folder in [dir.join(ARCHIVE), dir.join(INDEX), dir.join(&state)] {
        sync_folder(&folder).with_context(|| format!("cannot write {}", folder.display()))?;
    }
    manifest.write(dir)?;
    tidy(dir, &manifest);
    Ok(Taken {
        written: copying.written.get() + copy.bytes,
        manifest,
    })
}

/// What is in `dir` now; an error when that is no place for a backup of `data`.
fn look_at(data: &Path, dir: &Path) -> anyhow::Result<Option<Manifest>> {
    fs::create_dir_all(dir).with_context(|| format!("cannot create {}", dir.display()))?;
    let cannot = || format!("cannot read {}", dir.display());
    let inside = fs::canonicalize(dir)
        .with_context(cannot)?
        .starts_with(fs::canonicalize(data)?);
    if inside {
        return Err(wrong_call(format!(
            "{} is inside the data directory {}: what takes that away takes the backup with it",
            dir.display(),
            data.display()
        )));
    }
    let last = Manifest::read(dir)?;
    let ours = last.is_some() || dir.join(INCOMPLETE).exists();
    // A lock alone is what a backup leaves that was stopped at its very beginning.
    let is_nothing = |name: &OsStr| name == "lost+found" || name == LOCK;
    let is_empty = fs::read_dir(dir)
        .with_context(cannot)?
        .all(|entry| entry.is_ok_and(|entry| is_nothing(&entry.file_name())));
    if !ours && !is_empty {
        return Err(wrong_call(format!(
            "{} holds other things than a backup; name an empty folder, or one with an earlier backup",
            dir.display()
        )));
    }
    Ok(last)
}

fn lock(dir: &Path) -> anyhow::Result<File> {
    let path = dir.join(LOCK);
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .with_context(|| format!("cannot write {}", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => bail!("another backup to {} is being made", dir.display()),
        Err(TryLockError::Error(error)) => {
            Err(error).with_context(|| format!("cannot lock {}", path.display()))
        }
    }
}

/// The index as of its last commit; without one, the backup is made all the same.
fn snapshot(data: &Path) -> Option<Snapshot> {
    match Snapshot::take(&data.join("index")) {
        Ok(snapshot) => Some(snapshot),
        Err(IndexError::Missing(_)) => None,
        Err(error) => {
            tracing::warn!("the index is left out, and derived when this is restored: {error:#}");
            None
        }
    }
}

/// An error when what is to be written has no room, before anything is.
fn enough_room(
    data: &Path,
    dir: &Path,
    last: Option<&Manifest>,
    index: Option<&Snapshot>,
) -> anyhow::Result<()> {
    let length = |path: PathBuf| fs::metadata(path).map_or(0, |file| file.len());
    let known = |to: String| last.and_then(|last| last.of(&to)).map_or(0, |entry| entry.bytes);
    let mut needed = length(data.join(CATALOG)) + length(data.join("catalog.db-wal"));
    let archive = fs::read_dir(data.join(ARCHIVE)).into_iter().flatten().flatten();
    for file in archive {
        let name = file.file_name().to_string_lossy().into_owned();
        let there = known(format!("{ARCHIVE}/{name}")).max(length(dir.join(ARCHIVE).join(&name)));
        needed += length(file.path()).saturating_sub(there);
    }
    for file in index.iter().flat_map(|index| &index.files) {
        needed += file.bytes.saturating_sub(known(format!("{INDEX}/{}", file.name)));
    }
    room_for(dir, needed)
}

/// An error when `needed` bytes have no room in `dir`.
pub(super) fn room_for(dir: &Path, needed: u64) -> anyhow::Result<()> {
    match Space::of(dir) {
        Ok(Space { free, .. }) if free < needed => bail!(
            "{} has room for {} MiB, {} MiB are needed",
            dir.display(),
            free >> 20,
            needed.div_ceil(1 << 20)
        ),
        _ => Ok(()),
    }
}

/// A copy of the catalog.
struct CopyOfCatalog {
    path: String,
    bytes: u64,
    end: crawler::Position,
    reports: u64,
}

fn copy_catalog(catalog: &Catalog, dir: &Path, state: &Path, stop: &Stop) -> anyhow::Result<CopyOfCatalog> {
    let path = state.join(CATALOG);
    let to = dir.join(&path);
    match fs::remove_file(&to) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(error).with_context(|| format!("cannot write {}", to.display()));
        }
        _ => (),
    }
    // Hashes of keys and secrets of webhooks are in it: nobody else's business.
    make_private(&to).with_context(|| format!("cannot write {}", to.display()))?;
    let progress = Progress::of_things("copying the catalog", 0);
    let copied = catalog.copy_to(&to, &mut |done, total| {
        progress.of(total);
        progress.at(done, &format!("{} of {} MiB", done >> 8, total >> 8));
        !stop.flag.load(std::sync::atomic::Ordering::Relaxed)
    });
    progress.done();
    let Some(copied) = copied? else {
        bail!("stopped before its end; the same call goes on");
    };
    Ok(CopyOfCatalog {
        bytes: fs::metadata(&to)?.len(),
        path: path.to_string_lossy().into_owned(),
        end: copied.archive_end,
        reports: copied.reports,
    })
}

fn copy_archive(
    files: &[ArchiveFile],
    dir: &Path,
    last: Option<&Manifest>,
    copying: &Copying<'_>,
    manifest: &mut Manifest,
) -> anyhow::Result<()> {
    let parted = |name: &str| {
        format!(
            "archive/{name} of the backup in {} is not the beginning of the file in the data directory. An archive only \
             grows: either this is the backup of another data directory, or one of both was damaged. Nothing of the \
             backup was changed; `gongbao index verify` checks the data directory, and another folder takes a backup \
             of its own",
            dir.display()
        )
    };
    for ArchiveFile { name, path, bytes } in files {
        let from = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
        let to = format!("{ARCHIVE}/{name}");
        let known = last.and_then(|last| last.of(&to));
        let sha256 = match copying.append(&from, *bytes, &dir.join(&to), known, name) {
            Err(error) if error.is::<Diverged>() => bail!(parted(name)),
            copied => copied?,
        };
        manifest.files.push(Entry {
            path: to.clone(),
            to,
            bytes: *bytes,
            sha256,
        });
    }
    let lost = last.iter().flat_map(|last| &last.files).find(|entry| {
        entry.to.starts_with(ARCHIVE) && manifest.files.iter().all(|copied| copied.to != entry.to)
    });
    match lost.and_then(|entry| entry.to.split_once('/')) {
        Some((_, name)) => bail!(parted(name)),
        None => Ok(()),
    }
}

/// Copies the files of the index; when one is not what it was, the index is left out.
fn copy_index(
    index: Snapshot,
    dir: &Path,
    state: &Path,
    last: Option<&Manifest>,
    copying: &Copying<'_>,
    manifest: &mut Manifest,
) -> anyhow::Result<()> {
    let mut entries = Vec::with_capacity(index.files.len());
    for file in index.files {
        let to = format!("{INDEX}/{}", file.name);
        // Files of segments have a name of their own for ever; the others say in each backup something else.
        let (path, known) = match file.name.ends_with(".json") {
            true => (state.join(&file.name).to_string_lossy().into_owned(), None),
            false => (to.clone(), last.and_then(|last| last.of(&to))),
        };
        let sha256 = match copying.append(&file.file, file.bytes, &dir.join(&path), known, &file.name) {
            Err(error) if error.is::<Diverged>() => {
                tracing::warn!(
                    "the index is left out, and derived when this is restored: {} is not what it was in the last \
                     backup; `gongbao index verify` tells more",
                    file.name
                );
                return Ok(());
            }
            copied => copied?,
        };
        entries.push(Entry {
            path,
            to,
            bytes: file.bytes,
            sha256,
        });
    }
    manifest.files.append(&mut entries);
    manifest.index_watermark = Some(index.watermark);
    Ok(())
}

/// Removes what only earlier backups needed. What cannot be removed now is removed after the next one.
fn tidy(dir: &Path, manifest: &Manifest) {
    let needed: HashSet<PathBuf> = manifest.files.iter().map(|entry| dir.join(&entry.path)).collect();
    let state = dir.join(Manifest::state_folder(manifest.serial));
    let entries = |folder: &Path| fs::read_dir(folder).into_iter().flatten().flatten();
    let mut failed = Vec::new();
    for file in entries(&dir.join(INDEX)).filter(|file| !needed.contains(&file.path())) {
        failed.extend(fs::remove_file(file.path()).err());
    }
    for folder in entries(dir) {
        let is_state = folder.file_name().to_string_lossy().starts_with("state-");
        if is_state && folder.path() != state {
            failed.extend(fs::remove_dir_all(folder.path()).err());
        }
    }
    failed.extend(fs::remove_file(dir.join(INCOMPLETE)).err());
    if let Some(error) = failed.first() {
        tracing::warn!(%error, "the backup is whole, but not all of an earlier one could be removed");
    }
}
