//! The archive: everything that was fetched or imported, as WARC 1.1 files in `archive/` of the data directory.
//!
//! It is the only part of a data directory that cannot be derived again. A [`Capture`] is written as a contiguous
//! group of records (response, request and metadata, or resource and metadata), each a gzip member of its own, and
//! is found again by its [`Location`].
//!
//! The files are `gongbao-000001.warc.gz` and so on; the order of the captures is the order in which they were
//! written, and a rebuild that follows it comes to the same versions.

mod capture;
mod fields;
mod files;
mod group;
mod http;
mod members;
mod record;
mod scan;
#[cfg(test)]
mod tests;
mod writer;

use std::{
    cmp::Ordering,
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
};

pub use self::{
    capture::{Capture, CaptureBody, CaptureKind, FileRef, Location, PortalView, Position, Truncated},
    http::{Payload, PayloadError},
    scan::{Found, Scan},
};
pub(crate) use self::{
    group::{Group, Grouper, MAX_MEDIA_TYPE, unfit},
    http::MAX_BODY,
    record::{RecordError, read_line, read_record, skip_to_record},
    writer::{ArchiveWriter, MAX_FILE_BYTES},
};

/// The read side of an archive. Needs no lock: what a location points to is never moved.
#[derive(Clone, Debug)]
pub struct Archive {
    folder: PathBuf,
}

/// A file of an archive, as far as it is of interest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchiveFile {
    /// Its name in the folder of the archive.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
    /// Bytes of it, from its beginning.
    pub bytes: u64,
}

/// The archive could not be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ArchiveError {
    /// The device or the file system failed.
    #[error("failed to use {}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// There is no whole capture at a location.
    #[error("{} has no whole capture at byte {}; `index verify` tells more", path.display(), location.offset)]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The location.
        location: Location,
    },
    /// A file is shorter than the catalog knows it.
    #[error(
        "{} has {length} of the {known} bytes that the catalog knows; bring the archive back, or run `index rebuild` \
         to go on with what there is",
        path.display()
    )]
    Shorter {
        /// The file.
        path: PathBuf,
        /// Bytes that were durable once.
        known: u64,
        /// Bytes that are left.
        length: u64,
    },
}

impl Archive {
    /// The archive of a data directory, which need not exist yet.
    pub fn open(data_dir: &Path) -> Self {
        Self {
            folder: files::folder(data_dir),
        }
    }

    /// The file that a location is in.
    pub fn path(&self, location: &Location) -> PathBuf {
        self.folder.join(files::name(location.file))
    }

    /// Reads one capture.
    ///
    /// # Errors
    /// When the file cannot be read or is damaged there.
    pub fn read(&self, location: &Location) -> Result<Capture, ArchiveError> {
        let path = self.path(location);
        let damaged = || ArchiveError::Damaged {
            path: path.clone(),
            location: *location,
        };
        let bytes = read_range(&path, location).map_err(|source| match source.kind() {
            io::ErrorKind::UnexpectedEof => damaged(),
            _ => ArchiveError::Io {
                path: path.clone(),
                source,
            },
        })?;
        let mut input = flate2::bufread::MultiGzDecoder::new(bytes.as_slice());
        let mut input = io::BufReader::new(&mut input);
        let mut grouper = Grouper::default();
        while let Some(record) = read_record(&mut input).map_err(|_| damaged())? {
            if grouper.push(record, 0..0).is_some() {
                return Err(damaged());
            }
        }
        let (group, _) = grouper.finish().ok_or_else(damaged)?;
        group.into_capture().ok_or_else(damaged)
    }

    /// The files before a position, from the first, each with the bytes that lie before it. What stands there never
    /// changes.
    ///
    /// # Errors
    /// When the folder cannot be read, or a file is shorter than the position says.
    pub fn files_before(&self, end: Position) -> Result<Vec<ArchiveFile>, ArchiveError> {
        let failed = |path: &Path, source| ArchiveError::Io {
            path: path.to_owned(),
            source,
        };
        let mut serials = files::serials(&self.folder).map_err(|source| failed(&self.folder, source))?;
        if end.offset > 0 && !serials.contains(&end.file) {
            serials.push(end.file);
        }
        let mut found = Vec::with_capacity(serials.len());
        for serial in serials {
            let name = files::name(serial);
            let path = self.folder.join(&name);
            let bytes = match fs::metadata(&path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
                metadata => metadata.map_err(|source| failed(&path, source))?.len(),
            };
            let bytes = match serial.cmp(&end.file) {
                Ordering::Less => bytes,
                Ordering::Equal if bytes < end.offset => {
                    return Err(ArchiveError::Shorter {
                        path,
                        known: end.offset,
                        length: bytes,
                    });
                }
                Ordering::Equal => end.offset,
                Ordering::Greater => 0,
            };
            if bytes > 0 {
                found.push(ArchiveFile { name, path, bytes });
            }
        }
        Ok(found)
    }

    /// Walks over all captures from a position on; [`Position::default`] is the beginning. While another process
    /// writes, the last capture may be found unfinished.
    ///
    /// # Errors
    /// When the folder cannot be listed.
    pub fn scan(&self, from: Position) -> Result<Scan, ArchiveError> {
        Scan::new(self.folder.clone(), from)
    }
}

fn read_range(path: &Path, location: &Location) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    if file.metadata()?.len() < location.offset.saturating_add(location.length) {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    file.seek(SeekFrom::Start(location.offset))?;
    let mut bytes = Vec::new();
    file.take(location.length).read_to_end(&mut bytes)?;
    Ok(bytes)
}
