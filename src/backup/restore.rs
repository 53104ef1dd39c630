//! A data directory out of a backup.
//!
//! Everything is checked before anything is written, and hashed again while it is copied. The catalog comes last, and a
//! marker stands in the data directory until all is durable: a restore that was interrupted is not taken for data.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use crawler::make_private;
use index::Receiving;
use sha2::{Digest, Sha256};

use super::{
    ARCHIVE, CATALOG,
    copying::{Copying, hex},
    manifest::{Entry, Manifest, Place, sync_folder},
    take::room_for,
};
use crate::{failure::wrong_call, shutdown::Stop};

/// In a data directory that is being restored.
const UNFINISHED: &str = "restore-unfinished";

/// Most bad files that are named.
const MAX_TOLD: usize = 10;

/// Whether a restore into this data directory was begun and not ended.
pub(crate) fn is_unfinished(data: &Path) -> bool {
    data.join(UNFINISHED).exists()
}

/// Fills the empty data directory `data` from the backup in `dir`, and gives what it holds. The index may be without
/// the last changes, or missing: then the catalog has what it lacks.
pub(crate) fn restore(data: &Path, dir: &Path, stop: &Stop) -> anyhow::Result<Manifest> {
    let manifest = Manifest::of_backup(dir)?;
    must_be_empty(data)?;
    check(&manifest, dir, stop)?;
    room_for(nearest_folder(data), manifest.bytes())?;
    // Not before all is well with the backup: a restore that is refused leaves nothing behind.
    fs::create_dir_all(data).with_context(|| format!("cannot create {}", data.display()))?;
    let marker = data.join(UNFINISHED);
    File::create(&marker)
        .and_then(|marker| marker.sync_all())
        .and_then(|()| sync_folder(data))
        .with_context(|| format!("cannot write {}", marker.display()))?;

    let copying = Copying::new("restoring", manifest.bytes(), stop);
    let archive = data.join(ARCHIVE);
    fs::create_dir(&archive).with_context(|| format!("cannot create {}", archive.display()))?;
    let of = |wanted: fn(&Place<'_>) -> bool| {
        let entries = manifest.files.iter();
        entries.filter(move |entry| entry.place().is_ok_and(|place| wanted(&place)))
    };
    for entry in of(|place| matches!(place, Place::Archive(_))) {
        bring(&copying, dir, entry, &data.join(&entry.to))?;
    }
    sync_folder(&archive)?;
    let is_of_index = |place: &Place<'_>| matches!(place, Place::Index(_));
    if manifest.index_watermark.is_some() {
        let entries: Vec<&Entry> = of(is_of_index).collect();
        bring_index(&copying, dir, &entries, &data.join("index"))?;
    }
    for entry in of(|place| *place == Place::Catalog) {
        let partial = data.join("catalog.db.restored");
        let mut copy = private(&partial).with_context(|| format!("cannot write {}", partial.display()))?;
        bring_into(&mut copy, &copying, dir, entry)?;
        fs::rename(&partial, data.join(CATALOG))?;
    }
    copying.done();
    fs::remove_file(&marker)?;
    sync_folder(data)?;
    Ok(manifest)
}

/// The folder that is there already and in which `path` is, or is to be made.
fn nearest_folder(path: &Path) -> &Path {
    let is_there = |path: &&Path| path.is_dir();
    let here = Path::new(".");
    path.ancestors()
        .map(|path| if path.as_os_str().is_empty() { here } else { path })
        .find(is_there)
        .unwrap_or(here)
}

fn must_be_empty(data: &Path) -> anyhow::Result<()> {
    let entries = match fs::read_dir(data) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries.with_context(|| format!("cannot read {}", data.display()))?,
    };
    for entry in entries {
        let name = entry?.file_name();
        if name == "lost+found" {
            continue;
        }
        let advice = match is_unfinished(data) {
            true => "an earlier restore was interrupted there; empty it and call this again",
            false => "name an empty one with --data",
        };
        return Err(wrong_call(format!(
            "the data directory {} is not empty (it has {}): {advice}",
            data.display(),
            name.to_string_lossy()
        )));
    }
    Ok(())
}

/// Compares every file with the manifest; an error names those that are not what they were.
fn check(manifest: &Manifest, dir: &Path, stop: &Stop) -> anyhow::Result<()> {
    let mut bad = Vec::new();
    if manifest.of(CATALOG).is_none() {
        bad.push(format!("{CATALOG}: not in the manifest"));
    }
    // The lengths first: most of what goes wrong shows there, and at once.
    let mut good = Vec::new();
    for entry in &manifest.files {
        let path = dir.join(&entry.path);
        match fs::symlink_metadata(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                bad.push(format!("{}: missing", path.display()));
            }
            Err(error) => bad.push(format!("{}: {error}", path.display())),
            Ok(there) if !there.is_file() => bad.push(format!("{}: no plain file", path.display())),
            Ok(there) if there.len() < entry.bytes => {
                let length = there.len();
                bad.push(format!("{}: {length} of {} bytes", path.display(), entry.bytes));
            }
            Ok(_) => good.push(entry),
        }
    }
    if bad.is_empty() {
        let copying = Copying::new("checking the backup", manifest.bytes(), stop);
        for entry in good {
            let path = dir.join(&entry.path);
            match copying.hash(&path, entry.bytes, &entry.path) {
                Ok(hash) if hash == entry.sha256 => (),
                Ok(_) => bad.push(format!("{}: its content was altered", path.display())),
                Err(error) if stop.token.is_cancelled() => return Err(error),
                Err(error) => bad.push(format!("{}: {error:#}", path.display())),
            }
        }
        copying.done();
    }
    let more = bad.len().saturating_sub(MAX_TOLD);
    bad.truncate(MAX_TOLD);
    match (bad.is_empty(), more) {
        (true, _) => Ok(()),
        (false, 0) => bail!("the backup is damaged; nothing was restored\n{}", bad.join("\n")),
        (false, more) => bail!(
            "the backup is damaged; nothing was restored\n{}\n… and {more} more",
            bad.join("\n")
        ),
    }
}

/// Copies a file, and makes sure that it came as it left.
fn bring(copying: &Copying<'_>, dir: &Path, entry: &Entry, to: &Path) -> anyhow::Result<()> {
    let mut copy = File::create_new(to).with_context(|| format!("cannot write {}", to.display()))?;
    bring_into(&mut copy, copying, dir, entry)
}

/// An empty file that only its owner reads.
fn private(path: &Path) -> io::Result<File> {
    make_private(path)?;
    File::options().write(true).open(path)
}

fn bring_into(copy: &mut File, copying: &Copying<'_>, dir: &Path, entry: &Entry) -> anyhow::Result<()> {
    let path: PathBuf = dir.join(&entry.path);
    let mut from = File::open(&path).with_context(|| format!("cannot open {}", path.display()))?;
    let mut hash = Sha256::new();
    copying.stream(&mut from, Some(copy), entry.bytes, &mut hash, &entry.path)?;
    copy.sync_all()?;
    if hex(hash) != entry.sha256 {
        bail!("{}: its content was altered while it was read", path.display());
    }
    Ok(())
}

fn bring_index(copying: &Copying<'_>, dir: &Path, entries: &[&Entry], to: &Path) -> anyhow::Result<()> {
    let index = Receiving::start(to)?;
    let folder = index.folder();
    for entry in entries {
        if let Place::Index(name) = entry.place()? {
            bring(copying, dir, entry, &folder.join(name))?;
        }
    }
    sync_folder(&folder)?;
    if let Err(error) = index.publish() {
        tracing::warn!("the index of the backup is not used, another is derived: {error:#}");
    }
    Ok(())
}
