//! An export as a file on the disk: all of it, or nothing under its name.
//!
//! It is written to a temporary file beside the target, which takes the target's name at the end. Beside it comes
//! `NAME.provenance.json`, with the file's length and SHA-256, so that the two can be told to belong together.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use anyhow::Context;
use data_encoding::HEXLOWER;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::{Builder, NamedTempFile};

use super::Export;
use crate::failure::wrong_call;

/// What the name of the file with the provenance ends with.
const SIDECAR: &str = ".provenance.json";

/// Where an export goes.
#[derive(Debug)]
pub(crate) enum Target {
    /// A file of this name, new or replaced.
    File(PathBuf),
    /// Something that only takes bytes, such as a pipe.
    Device(PathBuf),
}

impl Target {
    /// What `path` names.
    ///
    /// # Errors
    /// When nothing can be written there; the call was wrong then.
    pub(crate) fn new(path: &Path) -> anyhow::Result<Self> {
        let wrong = |why: &str| wrong_call(format!("cannot write to {}: {why}", path.display()));
        match fs::metadata(path) {
            Ok(found) if found.is_dir() => Err(wrong("it is a folder; name a file in it")),
            // The file that a link leads to is replaced, not the link.
            Ok(found) if found.is_file() => Ok(Self::File(fs::canonicalize(path)?)),
            Ok(_) => Ok(Self::Device(path.to_owned())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => match path.file_name() {
                Some(_) if folder(path).is_dir() => Ok(Self::File(path.to_owned())),
                Some(_) => Err(wrong("the folder does not exist; make it first")),
                None => Err(wrong("it names no file")),
            },
            Err(error) => Err(wrong(&error.to_string())),
        }
    }

    /// Writes the whole export, and beside a file where it comes from. `progress` is told how many reports are left.
    ///
    /// # Errors
    /// When the export breaks off or nothing can be written; a file of this name is then what it was before.
    pub(crate) fn write(&self, export: &mut Export, progress: impl FnMut(u64)) -> anyhow::Result<()> {
        let path = match self {
            Self::Device(path) => {
                let mut out = File::options()
                    .write(true)
                    .open(path)
                    .with_context(|| cannot_write(path))?;
                return copy(export, &mut out, progress);
            }
            Self::File(path) => path,
        };
        let mut out = Hashing {
            file: temporary(path)?,
            hash: Sha256::new(),
            bytes: 0,
        };
        copy(export, &mut out, progress).with_context(|| cannot_write(path))?;
        let about = sidecar(export, path, &out)?;
        persist(out.file, path)?;
        let mut beside = temporary(path)?;
        beside.write_all(&about).with_context(|| cannot_write(path))?;
        persist(beside, &sidecar_path(path))
    }

    /// The file with the provenance.
    pub(crate) fn sidecar(&self) -> Option<PathBuf> {
        match self {
            Self::File(path) => Some(sidecar_path(path)),
            Self::Device(_) => None,
        }
    }
}

/// Writes the whole export.
///
/// # Errors
/// When the export breaks off or nothing can be written.
pub(crate) fn copy(
    export: &mut Export,
    out: &mut impl Write,
    mut progress: impl FnMut(u64),
) -> anyhow::Result<()> {
    while let Some(piece) = export.piece()? {
        out.write_all(&piece)?;
        progress(export.remaining());
    }
    Ok(out.flush()?)
}

/// What the sidecar of a file says.
fn sidecar(export: &Export, path: &Path, written: &Hashing) -> anyhow::Result<Vec<u8>> {
    let mut about = serde_json::to_value(export.provenance())?;
    if let Value::Object(about) = &mut about {
        let name = path.file_name().map(|name| name.to_string_lossy());
        let digest = HEXLOWER.encode(&written.hash.clone().finalize());
        about.insert(
            "file".to_owned(),
            json!({"name": name, "bytes": written.bytes, "sha256": digest}),
        );
    }
    let mut json = serde_json::to_vec_pretty(&about)?;
    json.push(b'\n');
    Ok(json)
}

fn sidecar_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(SIDECAR);
    PathBuf::from(name)
}

fn folder(path: &Path) -> &Path {
    path.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

fn cannot_write(path: &Path) -> String {
    format!("cannot write {}", path.display())
}

/// A file in the target's folder that is removed unless it is put in its place.
fn temporary(path: &Path) -> anyhow::Result<NamedTempFile> {
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy())
        .unwrap_or_default();
    let prefix = format!(".{name}.");
    let mut builder = Builder::new();
    builder.prefix(&prefix).suffix(".part");
    // As any new file: what of it others may do is for the umask to say.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder
        .tempfile_in(folder(path))
        .with_context(|| cannot_write(path))
}

fn persist(file: NamedTempFile, path: &Path) -> anyhow::Result<()> {
    file.as_file().sync_all().with_context(|| cannot_write(path))?;
    file.persist(path).with_context(|| cannot_write(path))?;
    Ok(())
}

/// A file, and the sum over what was written to it.
struct Hashing {
    file: NamedTempFile,
    hash: Sha256,
    bytes: u64,
}

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hash.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
