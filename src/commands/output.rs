//! Where a command writes: to stdout, or into a file that is there when all of it is.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use anyhow::Context;
use tempfile::NamedTempFile;

/// Stdout, or a file on its way.
pub(super) enum Output {
    Stdout(BufWriter<io::StdoutLock<'static>>),
    File(BufWriter<NamedTempFile>, PathBuf),
}

impl Output {
    /// Opens the file, or stdout when there is none.
    pub(super) fn open(file: Option<&Path>) -> anyhow::Result<Self> {
        let Some(path) = file else {
            return Ok(Self::Stdout(BufWriter::new(io::stdout().lock())));
        };
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let mut builder = tempfile::Builder::new();
        // As other files that programs write; a temporary one is only for its owner.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let temporary = builder.tempfile_in(folder.unwrap_or(Path::new(".")));
        let temporary = temporary.with_context(|| format!("cannot write {}", path.display()))?;
        Ok(Self::File(BufWriter::new(temporary), path.to_owned()))
    }

    /// Ends the writing.
    pub(super) fn finish(self) -> anyhow::Result<()> {
        match self {
            Self::Stdout(mut out) => Ok(out.flush()?),
            Self::File(out, path) => {
                let cannot = || format!("cannot write {}", path.display());
                let temporary = out.into_inner().map_err(io::IntoInnerError::into_error);
                let file: File = temporary
                    .with_context(cannot)?
                    .persist(&path)
                    .with_context(cannot)?;
                file.sync_all().with_context(cannot)
            }
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Stdout(out) => out.write(bytes),
            Self::File(out, _) => out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Stdout(out) => out.flush(),
            Self::File(out, _) => out.flush(),
        }
    }
}
