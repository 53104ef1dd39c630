//! Appending to the archive: numbered files, whole groups, and a tail that is mended before anything follows it.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use report::ChinaTime;

use super::{
    ArchiveError,
    capture::{Capture, Location, Position},
    fields::Fields,
    files, group,
    members::{Member, Members},
    record::{NewRecord, Sha1Digest, record_id, sha1},
};

/// Size at which a file is closed and the next one begun. A batch is never split, so the last one may pass it.
pub(crate) const MAX_FILE_BYTES: u64 = 1 << 30;

/// The write side of an archive. The caller holds the lock of the data directory.
#[derive(Debug)]
pub(crate) struct ArchiveWriter {
    folder: PathBuf,
    file: u32,
    tail: Option<Tail<File>>,
    max_file_bytes: u64,
}

impl ArchiveWriter {
    /// Opens the archive for writing, and mends its tail: what a kill left of a last record is cut off.
    ///
    /// Nothing before `known` is read again: it was whole and durable once. Bytes after it that are not whole records
    /// are cut only where no whole record follows.
    pub(crate) fn open(data_dir: &Path, known: Position, max_file_bytes: u64) -> Result<Self, ArchiveError> {
        let folder = files::folder(data_dir);
        let failed = |path: &Path, source| ArchiveError::Io {
            path: path.to_owned(),
            source,
        };
        fs::create_dir_all(&folder).map_err(|source| failed(&folder, source))?;
        files::sync_folder(data_dir).map_err(|source| failed(data_dir, source))?;
        let serials = files::serials(&folder).map_err(|source| failed(&folder, source))?;
        if known.offset > 0 {
            let path = folder.join(files::name(known.file));
            let length = fs::metadata(&path).map(|metadata| metadata.len()).unwrap_or(0);
            if length < known.offset {
                return Err(ArchiveError::Shorter {
                    path,
                    known: known.offset,
                    length,
                });
            }
        }
        let Some(&file) = serials.last() else {
            return Ok(Self {
                folder,
                file: known.file,
                tail: None,
                max_file_bytes,
            });
        };
        let path = folder.join(files::name(file));
        let from = if file == known.file { known.offset } else { 0 };
        let tail = open_tail(&path, from).map_err(|source| failed(&path, source))?;
        Ok(Self {
            folder,
            file,
            tail: Some(tail),
            max_file_bytes,
        })
    }

    /// Where the next record will stand.
    pub(crate) fn end(&self) -> Position {
        Position {
            file: self.file,
            offset: self.tail.as_ref().map_or(0, |tail| tail.length),
        }
    }

    /// Prepares for a batch: begins a new file where one is needed. `at` dates it.
    pub(crate) fn begin(&mut self, at: ChinaTime) -> Result<(), ArchiveError> {
        self.begin_batch(at).map_err(|source| self.failed(source))
    }

    fn begin_batch(&mut self, at: ChinaTime) -> io::Result<()> {
        let tail = match &mut self.tail {
            Some(tail) if tail.length < self.max_file_bytes => tail,
            tail => {
                let path = self.folder.join(files::name(self.file + 1));
                let medium = OpenOptions::new().append(true).create_new(true).open(&path)?;
                self.file += 1;
                tail.insert(Tail::new(medium, 0))
            }
        };
        if tail.length == 0 {
            begin_file(tail, &files::name(self.file), at)?;
            files::sync_folder(&self.folder)?;
        }
        tail.mark = tail.length;
        Ok(())
    }

    /// Appends the records of a capture, as [`group::encode`] gave them. Durable after [`sync`](Self::sync).
    pub(crate) fn append(&mut self, records: &[u8]) -> Result<Location, ArchiveError> {
        let file = self.file;
        let appended = match &mut self.tail {
            Some(tail) => tail.append(records),
            None => Err(io::Error::other("no file was begun")),
        };
        match appended {
            Ok(offset) => Ok(Location {
                file,
                offset,
                length: records.len() as u64,
            }),
            Err(source) => Err(self.failed(source)),
        }
    }

    /// Makes all that was appended durable.
    pub(crate) fn sync(&mut self) -> Result<(), ArchiveError> {
        match &mut self.tail {
            None => Ok(()),
            Some(tail) => tail.medium.sync().map_err(|source| self.failed(source)),
        }
    }

    /// Takes back what was appended since [`begin`](Self::begin).
    pub(crate) fn roll_back(&mut self) {
        if let Some(tail) = &mut self.tail {
            tail.roll_back();
        }
    }

    /// The records of a capture whose body has this digest, ready to be appended as number `index` of the coming batch.
    pub(crate) fn encode(end: Position, index: usize, capture: &Capture, digest: Sha1Digest) -> Vec<u8> {
        group::encode(capture, digest, &format!("{}/{}/{index}", end.file, end.offset))
    }

    fn failed(&self, source: io::Error) -> ArchiveError {
        ArchiveError::Io {
            path: self.folder.join(files::name(self.file)),
            source,
        }
    }
}

/// Opens the last file for appending and cuts a torn tail off.
fn open_tail(path: &Path, from: u64) -> io::Result<Tail<File>> {
    let mut members = Members::open(path, from)?;
    let mut end = from;
    while let Some(member) = members.next()? {
        match member {
            Member::Whole(_, span) => end = span.end,
            // With a whole member after it, this is damage and no torn tail: it stays, and readers go past it.
            Member::Damaged(span) if span.end < members.length() => {
                tracing::warn!(path = %path.display(), offset = span.start, "the archive is damaged");
            }
            Member::Damaged(_) => (),
        }
    }
    let medium = OpenOptions::new().append(true).open(path)?;
    if end < members.length() {
        let n_bytes = members.length() - end;
        tracing::warn!(path = %path.display(), n_bytes, "cut an unfinished record off the archive");
        medium.set_len(end)?;
        medium.sync_all()?;
    }
    Ok(Tail::new(medium, end))
}

/// Writes the record that begins a file, and makes both durable.
fn begin_file(tail: &mut Tail<impl Medium>, name: &str, at: ChinaTime) -> io::Result<()> {
    let mut fields = Fields::default();
    fields.push("software", concat!("gongbao/", env!("CARGO_PKG_VERSION")));
    fields.push("format", "WARC File Format 1.1");
    fields.push(
        "conformsTo",
        "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
    );
    let mut block = Vec::new();
    fields.write(&mut block);
    let mut header = Fields::default();
    header.push("WARC-Filename", name);
    let mut member = Vec::new();
    NewRecord {
        kind: "warcinfo",
        id: &record_id(&[name.as_bytes(), b"warcinfo", at.to_string().as_bytes()]),
        at,
        content_type: "application/warc-fields",
        fields: header,
        payload: None,
        block: &block,
        digest: sha1(&block),
    }
    .write(&mut member);
    tail.append(&member)?;
    tail.medium.sync()
}

/// What a tail is written to. Tests put a full disk in the place of a file.
trait Medium {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;
    fn cut(&mut self, length: u64) -> io::Result<()>;
    fn sync(&mut self) -> io::Result<()>;
}

impl Medium for File {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_all(bytes)
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.set_len(length)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }
}

/// The end of the last file, open for appending.
#[derive(Debug)]
struct Tail<M> {
    medium: M,
    /// Bytes of whole records.
    length: u64,
    /// Where the current batch began.
    mark: u64,
    /// There may be bytes after `length`.
    torn: bool,
}

impl<M: Medium> Tail<M> {
    fn new(medium: M, length: u64) -> Self {
        Self {
            medium,
            length,
            mark: length,
            torn: false,
        }
    }

    /// Writes all the bytes or, for later readers, none of them.
    fn append(&mut self, bytes: &[u8]) -> io::Result<u64> {
        self.mend()?;
        let offset = self.length;
        self.torn = true;
        if let Err(error) = self.medium.append(bytes) {
            // When this fails too, the next append tries again before it writes.
            let _ = self.mend();
            return Err(error);
        }
        self.torn = false;
        self.length += bytes.len() as u64;
        Ok(offset)
    }

    fn mend(&mut self) -> io::Result<()> {
        if self.torn {
            self.medium.cut(self.length)?;
            self.torn = false;
        }
        Ok(())
    }

    fn roll_back(&mut self) {
        if self.length > self.mark {
            self.length = self.mark;
            self.torn = true;
        }
        if let Err(error) = self.mend() {
            tracing::warn!(%error, "could not take unfinished records back; the next write tries again");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A disk with so many bytes left; cutting a file gives them back.
    #[derive(Default)]
    struct SmallDisk {
        bytes: Vec<u8>,
        capacity: usize,
        cannot_cut: bool,
    }

    impl Medium for SmallDisk {
        fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
            let n = bytes.len().min(self.capacity - self.bytes.len());
            self.bytes.extend_from_slice(&bytes[..n]);
            if n < bytes.len() {
                Err(io::ErrorKind::StorageFull.into())
            } else {
                Ok(())
            }
        }

        fn cut(&mut self, length: u64) -> io::Result<()> {
            if self.cannot_cut {
                return Err(io::ErrorKind::Other.into());
            }
            self.bytes.truncate(length as usize);
            Ok(())
        }

        fn sync(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_full_disk_leaves_whole_records_only() {
        let mut tail = Tail::new(
            SmallDisk {
                capacity: 10,
                ..SmallDisk::default()
            },
            0,
        );
        assert_eq!(tail.append(b"first").unwrap(), 0);
        assert_eq!(
            tail.append(b"second").unwrap_err().kind(),
            io::ErrorKind::StorageFull
        );
        assert_eq!(tail.medium.bytes, b"first");
        tail.medium.capacity = 20;
        assert_eq!(tail.append(b"second").unwrap(), 5);
        assert_eq!(tail.medium.bytes, b"firstsecond");
    }

    #[test]
    fn a_tail_that_could_not_be_cut_is_cut_before_the_next_record() {
        let mut tail = Tail::new(
            SmallDisk {
                capacity: 8,
                cannot_cut: true,
                ..SmallDisk::default()
            },
            0,
        );
        tail.append(b"first").unwrap();
        tail.append(b"second").unwrap_err();
        assert_eq!(tail.medium.bytes, b"firstsec");
        tail.append(b"third").unwrap_err();
        tail.medium.cannot_cut = false;
        tail.medium.capacity = 20;
        assert_eq!(tail.append(b"third").unwrap(), 5);
        assert_eq!(tail.medium.bytes, b"firstthird");
        tail.roll_back();
        assert_eq!(tail.medium.bytes, b"");
    }
}
