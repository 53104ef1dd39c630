//! A file of the archive, gzip member by gzip member, with positions; also past damage.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read, Seek, SeekFrom},
    ops::Range,
    path::Path,
};

use flate2::bufread::GzDecoder;

use super::record::{Record, RecordError, read_record};

/// Records of one member that are kept at most; ours hold one.
const MAX_RECORDS: usize = 64;

/// Reads a file member by member.
#[derive(Debug)]
pub(crate) struct Members {
    input: Counted<BufReader<File>>,
    length: u64,
}

/// What stands at a place of a file.
#[derive(Debug)]
pub(crate) enum Member {
    /// A whole gzip member of whole records.
    Whole(Vec<Record>, Range<u64>),
    /// Bytes that are none, up to the next whole member or to the end of the file.
    Damaged(Range<u64>),
}

impl Members {
    /// Opens a file at `offset`, which must be the end of a member.
    pub(crate) fn open(path: &Path, offset: u64) -> io::Result<Self> {
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        let mut members = Self {
            input: Counted {
                inner: BufReader::with_capacity(1 << 16, file),
                position: 0,
            },
            length,
        };
        members.seek(offset)?;
        Ok(members)
    }

    /// Bytes before the next member.
    pub(crate) fn position(&self) -> u64 {
        self.input.position
    }

    /// Length of the file when it was opened.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// The next member; `None` at the end.
    pub(crate) fn next(&mut self) -> io::Result<Option<Member>> {
        let start = self.position();
        if start >= self.length {
            return Ok(None);
        }
        match self.read_member() {
            Ok(records) => Ok(Some(Member::Whole(records, start..self.position()))),
            Err(error) => {
                error.unless_damage()?;
                let end = self.find_member(start + 1)?;
                self.seek(end)?;
                Ok(Some(Member::Damaged(start..end)))
            }
        }
    }

    fn read_member(&mut self) -> Result<Vec<Record>, RecordError> {
        let mut member = BufReader::new(GzDecoder::new(&mut self.input));
        let mut records = Vec::new();
        // Reading on to the end checks the checksum, and leaves the file at the next member.
        while let Some(record) = read_record(&mut member)? {
            if records.len() == MAX_RECORDS {
                return Err(RecordError::Malformed("a gzip member holds more than 64 records"));
            }
            records.push(record);
        }
        if records.is_empty() {
            return Err(RecordError::Malformed("a gzip member holds no record"));
        }
        Ok(records)
    }

    /// Start of the first whole member at or after `from`; the end of the file when there is none.
    fn find_member(&mut self, from: u64) -> io::Result<u64> {
        let mut window = vec![0; 1 << 16];
        let mut at = from;
        while at < self.length {
            self.seek(at)?;
            let n = read_full(&mut self.input, &mut window)?;
            for start in window[..n]
                .windows(3)
                .enumerate()
                .filter(|(_, w)| *w == [0x1f, 0x8b, 8])
                .map(|(i, _)| i)
            {
                let start = at + start as u64;
                self.seek(start)?;
                match self.read_member() {
                    Ok(_) => return Ok(start),
                    Err(error) => error.unless_damage()?,
                }
            }
            if n < window.len() {
                break;
            }
            // The three bytes may straddle two windows.
            at += n as u64 - 2;
        }
        Ok(self.length)
    }

    fn seek(&mut self, offset: u64) -> io::Result<()> {
        self.input.inner.seek(SeekFrom::Start(offset))?;
        self.input.position = offset;
        Ok(())
    }
}

fn read_full(input: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut n = 0;
    while n < buffer.len() {
        match input.read(&mut buffer[n..]) {
            Ok(0) => break,
            Ok(more) => n += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => (),
            Err(error) => return Err(error),
        }
    }
    Ok(n)
}

/// A stream that knows how much of it was consumed.
#[derive(Debug)]
struct Counted<R> {
    inner: R,
    position: u64,
}

impl<R: BufRead> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.position += n as u64;
        Ok(n)
    }
}

impl<R: BufRead> BufRead for Counted<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    fn consume(&mut self, n: usize) {
        self.inner.consume(n);
        self.position += n as u64;
    }
}
