//! Where commands write: to stdout, or into a file on the disk that is all there or not there under its name.
//!
//! A file is written to a temporary one beside it, `.NAME.….part`, which takes the name at the end. SIGINT and SIGTERM end the
//! writing and remove it; of a process that was killed it stays behind, and nobody reads it. Beside the file may come
//! `NAME.provenance.json`, with the file's length and SHA-256, so that the two can be told to belong together.

use std::{
    fs::{self, File},
    io::{self, BufWriter, StdoutLock, Write},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use anyhow::Context;
use data_encoding::HEXLOWER;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::{Builder, NamedTempFile};

use crate::{failure::wrong_call, shutdown::Stop};

/// What the name of the file with the provenance ends with.
const SIDECAR: &str = ".provenance.json";

/// Where something goes.
#[derive(Debug)]
pub(crate) enum Target {
    /// The output of this process.
    Stdout,
    /// Something that only takes bytes, such as a pipe.
    Device(PathBuf),
    /// A file of this name, new or replaced.
    File(PathBuf),
}

impl Target {
    /// What `path` names; nothing and `-` are stdout.
    ///
    /// # Errors
    /// When nothing can be written there; the call was wrong then.
    pub(crate) fn new(path: Option<&Path>) -> anyhow::Result<Self> {
        let Some(path) = path.filter(|path| *path != Path::new("-")) else {
            return Ok(Self::Stdout);
        };
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

    /// Begins to write. From here on a signal ends the writing of a file, not the process.
    ///
    /// # Errors
    /// When nothing can be written there.
    pub(crate) fn begin(&self) -> anyhow::Result<Writing> {
        Ok(Writing(match self {
            Self::Stdout => Out::Stdout(BufWriter::new(io::stdout().lock())),
            Self::Device(path) => {
                let device = File::options().write(true).open(path);
                Out::Device(BufWriter::new(device.with_context(|| cannot_write(path))?))
            }
            Self::File(path) => {
                let stop = Stop::on_signals_in_background().context("cannot listen for signals")?;
                Out::File(BufWriter::new(Whole::begin(path, stop.flag)?))
            }
        }))
    }

    /// The file that tells where what was written comes from.
    pub(crate) fn sidecar(&self) -> Option<PathBuf> {
        match self {
            Self::File(path) => Some(sidecar_path(path)),
            Self::Stdout | Self::Device(_) => None,
        }
    }
}

/// Something that is being written. A file that is not finished is removed.
pub(crate) struct Writing(Out);

enum Out {
    Stdout(BufWriter<StdoutLock<'static>>),
    Device(BufWriter<File>),
    File(BufWriter<Whole>),
}

impl Writing {
    /// Ends the writing: the file gets its name, and what it comes from is laid beside it if that is given.
    ///
    /// # Errors
    /// When it cannot be written; a file of this name is then what it was before.
    pub(crate) fn finish(self, about: Option<Value>) -> anyhow::Result<()> {
        match self.0 {
            Out::Stdout(mut out) => Ok(out.flush()?),
            Out::Device(mut out) => Ok(out.flush()?),
            Out::File(out) => {
                let whole = out.into_inner().map_err(io::IntoInnerError::into_error)?;
                whole.finish(about)
            }
        }
    }
}

impl Write for Writing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.0 {
            Out::Stdout(out) => out.write(bytes),
            Out::Device(out) => out.write(bytes),
            Out::File(out) => out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.0 {
            Out::Stdout(out) => out.flush(),
            Out::Device(out) => out.flush(),
            Out::File(out) => out.flush(),
        }
    }
}

/// A file on its way, and the sum over what was written to it.
struct Whole {
    path: PathBuf,
    file: NamedTempFile,
    hash: Sha256,
    bytes: u64,
    /// A signal came.
    stop: Arc<AtomicBool>,
}

impl Whole {
    fn begin(path: &Path, stop: Arc<AtomicBool>) -> anyhow::Result<Self> {
        Ok(Self {
            path: path.to_owned(),
            file: temporary(path)?,
            hash: Sha256::new(),
            bytes: 0,
            stop,
        })
    }

    fn finish(self, about: Option<Value>) -> anyhow::Result<()> {
        self.check().with_context(|| cannot_write(&self.path))?;
        let name = self.path.file_name().map(|name| name.to_string_lossy());
        let digest = HEXLOWER.encode(&self.hash.finalize());
        let file = json!({"name": name, "bytes": self.bytes, "sha256": digest});
        persist(self.file, &self.path)?;
        let Some(Value::Object(mut about)) = about else {
            return Ok(());
        };
        about.insert("file".to_owned(), file);
        let mut json = serde_json::to_vec_pretty(&about)?;
        json.push(b'\n');
        let mut beside = temporary(&self.path)?;
        beside
            .write_all(&json)
            .with_context(|| cannot_write(&self.path))?;
        persist(beside, &sidecar_path(&self.path))
    }

    fn check(&self) -> io::Result<()> {
        match self.stop.load(Ordering::Relaxed) {
            // Not the kind called interrupted: of that, writers try again.
            true => Err(io::Error::other(
                "a signal came before it was whole; nothing was changed",
            )),
            false => Ok(()),
        }
    }
}

impl Write for Whole {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let told =
            |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", cannot_write(&self.path)));
        let written = self.check().and_then(|()| self.file.as_file().write(bytes));
        let written = written.map_err(told)?;
        self.hash.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_in_the_middle_leaves_what_was_there_before() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        fs::write(&path, "before").unwrap();
        let stop = Arc::new(AtomicBool::new(false));
        let mut whole = Whole::begin(&path, Arc::clone(&stop)).unwrap();
        whole.write_all(b"half").unwrap();
        stop.store(true, Ordering::Relaxed);
        let error = whole.write_all(b"more").unwrap_err().to_string();
        assert!(error.contains("a.csv") && error.contains("signal"), "{error}");
        // Nor does it come to its end when all was written already.
        assert!(whole.finish(None).is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), "before");
        assert_eq!(
            fs::read_dir(folder.path()).unwrap().count(),
            1,
            "nothing else is left"
        );
    }

    #[test]
    fn what_a_killed_process_left_is_in_nobodys_way() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        let mut killed = Whole::begin(&path, Arc::default()).unwrap();
        killed.write_all(b"half").unwrap();
        let (_, left) = killed.file.keep().unwrap();
        let name = left.file_name().unwrap().to_string_lossy().into_owned();
        assert!(name.starts_with(".a.csv.") && name.ends_with(".part"), "{name}");
        let mut whole = Whole::begin(&path, Arc::default()).unwrap();
        whole.write_all(b"whole").unwrap();
        whole.finish(Some(json!({"q": ""}))).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "whole");
        assert_eq!(fs::read_to_string(&left).unwrap(), "half");
        let about = fs::read_to_string(sidecar_path(&path)).unwrap();
        assert!(about.contains("\"bytes\": 5"), "{about}");
    }
}
