//! One WARC 1.1 record: written as a gzip member of its own, read from any stream.
//!
//! Both directions are written here: a reader of foreign files has to bound what it allocates whatever length a record
//! claims, to keep repeated fields and to tell positions, and the writer has to give the same bytes for the same
//! capture. The crate `warc` 0.4 does none of these.
//!
//! Format: <https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/>

use std::io::{self, BufRead, Read};

use data_encoding::BASE32;
use report::ChinaTime;
use sha1::{Digest, Sha1};

use super::fields::Fields;
use crate::pack;

/// Longest block that is read: a body of 64 MiB and its HTTP headers.
pub(crate) const MAX_BLOCK: u64 = (64 << 20) + (1 << 20);

/// Longest header of a record, in bytes.
const MAX_HEADER: usize = 64 << 10;

/// A record as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    /// `WARC-Type` in lower case: `response`, `resource` …
    pub(crate) kind: String,
    /// All header fields.
    pub(crate) fields: Fields,
    /// The block; empty when `oversize`.
    pub(crate) block: Vec<u8>,
    /// The block is longer than [`MAX_BLOCK`] and was passed over.
    pub(crate) oversize: bool,
}

impl Record {
    /// `WARC-Record-ID` with its angle brackets.
    pub(crate) fn id(&self) -> Option<&str> {
        self.fields.get("WARC-Record-ID")
    }

    /// `WARC-Target-URI`, also in the form `<…>` that some writers use.
    pub(crate) fn target(&self) -> Option<&str> {
        self.fields.get("WARC-Target-URI").map(|uri| {
            uri.strip_prefix('<')
                .and_then(|uri| uri.strip_suffix('>'))
                .unwrap_or(uri)
        })
    }

    /// `WARC-Date`.
    pub(crate) fn date(&self) -> Option<ChinaTime> {
        self.fields.get("WARC-Date")?.parse().ok()
    }
}

/// Why a record could not be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RecordError {
    /// Not a WARC record, or one that breaks off.
    #[error("{0}")]
    Malformed(&'static str),
    /// The stream failed.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl RecordError {
    /// Passes on an error of the device. Wrong bytes are no error of that kind: reading them again would not help.
    pub(crate) fn unless_damage(self) -> io::Result<()> {
        use io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
        match self {
            // What flate2 answers to bytes that are not deflate, to a wrong checksum and to a torn stream.
            Self::Io(error) if !matches!(error.kind(), InvalidData | InvalidInput | UnexpectedEof) => {
                Err(error)
            }
            _ => Ok(()),
        }
    }
}

/// Reads the next record; `None` at the end of the stream. Line breaks before a record are passed over.
pub(crate) fn read_record(input: &mut impl BufRead) -> Result<Option<Record>, RecordError> {
    let mut line = Vec::new();
    loop {
        line.clear();
        if read_line(input, &mut line, MAX_HEADER)? == 0 {
            return Ok(None);
        }
        if !line.trim_ascii().is_empty() {
            break;
        }
    }
    if !line.starts_with(b"WARC/") {
        return Err(RecordError::Malformed("a record does not begin with WARC/"));
    }

    let mut header = Vec::new();
    loop {
        let start = header.len();
        if read_line(input, &mut header, MAX_HEADER)? == 0 {
            return Err(RecordError::Malformed("the header of a record breaks off"));
        }
        if header.len() > MAX_HEADER {
            return Err(RecordError::Malformed(
                "the header of a record is longer than 64 KiB",
            ));
        }
        if header[start..].trim_ascii().is_empty() {
            break;
        }
    }
    let fields = Fields::parse(&header);
    let kind = fields.get("WARC-Type").unwrap_or_default().to_ascii_lowercase();
    let length: u64 = fields
        .get("Content-Length")
        .and_then(|length| length.parse().ok())
        .ok_or(RecordError::Malformed("a record has no Content-Length"))?;

    let oversize = length > MAX_BLOCK;
    let mut block = Vec::new();
    let n_read = if oversize {
        io::copy(&mut input.take(length), &mut io::sink())?
    } else {
        input.take(length).read_to_end(&mut block)? as u64
    };
    if n_read < length {
        return Err(RecordError::Malformed("the block of a record breaks off"));
    }
    Ok(Some(Record {
        kind,
        fields,
        block,
        oversize,
    }))
}

/// Passes over bytes until a line that begins a record; `false` when there is none.
pub(crate) fn skip_to_record(input: &mut impl BufRead) -> io::Result<bool> {
    // Errors leave the stream at the end of a line.
    let mut at_line_start = true;
    loop {
        let buffer = input.fill_buf()?;
        if buffer.is_empty() {
            return Ok(false);
        }
        // The five bytes may straddle two buffers; such a record is passed over with the damage before it.
        if at_line_start && buffer.starts_with(b"WARC/") {
            return Ok(true);
        }
        let end = buffer.iter().position(|&byte| byte == b'\n');
        at_line_start = end.is_some();
        let n = end.map_or(buffer.len(), |at| at + 1);
        input.consume(n);
    }
}

/// Appends one line, line feed included, to `line`, and answers its whole length. What goes beyond `max` bytes (plus
/// one, so that callers notice) is read but not kept.
pub(crate) fn read_line(input: &mut impl BufRead, line: &mut Vec<u8>, max: usize) -> io::Result<u64> {
    let start = line.len();
    let mut length = 0;
    loop {
        let buffer = match input.fill_buf() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            other => other?,
        };
        let end = buffer.iter().position(|&byte| byte == b'\n').map(|at| at + 1);
        let n = end.unwrap_or(buffer.len());
        let room = (max + 1).saturating_sub(line.len() - start);
        line.extend_from_slice(&buffer[..n.min(room)]);
        input.consume(n);
        length += n as u64;
        if end.is_some() || n == 0 {
            return Ok(length);
        }
    }
}

/// A record to be written. Digests and length are added on writing.
pub(crate) struct NewRecord<'a> {
    /// `WARC-Type`.
    pub(crate) kind: &'a str,
    /// `WARC-Record-ID`, see [`record_id`].
    pub(crate) id: &'a str,
    /// `WARC-Date`.
    pub(crate) at: ChinaTime,
    /// `Content-Type`.
    pub(crate) content_type: &'a str,
    /// Further fields.
    pub(crate) fields: Fields,
    /// Where in the block the payload begins, when it has one.
    pub(crate) payload: Option<usize>,
    /// The block.
    pub(crate) block: &'a [u8],
    /// [`sha1()`] of the block.
    pub(crate) digest: Sha1Digest,
}

impl NewRecord<'_> {
    /// Appends the record to `out` as one gzip member.
    pub(crate) fn write(self, out: &mut Vec<u8>) {
        let mut fields = Fields::default();
        fields.push("WARC-Type", self.kind);
        fields.push("WARC-Record-ID", self.id);
        fields.push(
            "WARC-Date",
            self.at.timestamp().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        );
        let mut header = b"WARC/1.1\r\n".to_vec();
        fields.write(&mut header);
        self.fields.write(&mut header);
        let mut fields = Fields::default();
        fields.push("WARC-Block-Digest", labelled(&self.digest));
        let payload = self.payload.map(|start| match start {
            0 => self.digest,
            start => sha1(&self.block[start..]),
        });
        if let Some(payload) = payload {
            fields.push("WARC-Payload-Digest", labelled(&payload));
        }
        fields.push("Content-Type", self.content_type);
        fields.push("Content-Length", self.block.len().to_string());
        fields.write(&mut header);
        header.extend_from_slice(b"\r\n");

        pack::gzip_member(&[header.as_slice(), self.block, b"\r\n\r\n"], out);
    }
}

/// A digest in the usual form of WARC files: `sha1:` and base 32.
fn labelled(digest: &Sha1Digest) -> String {
    format!("sha1:{}", BASE32.encode(digest))
}

/// SHA-1 of some bytes.
pub(crate) type Sha1Digest = [u8; 20];

/// SHA-1 of `bytes`.
pub(crate) fn sha1(bytes: &[u8]) -> Sha1Digest {
    Sha1::digest(bytes).into()
}

/// A record id: a name-based UUID (RFC 9562, version 5) of `parts`, as a URN in angle brackets.
pub(crate) fn record_id(parts: &[&[u8]]) -> String {
    let mut hasher = Sha1::new();
    for part in parts {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hasher.finalize()[..16]);
    bytes[6] = bytes[6] & 0x0f | 0x50;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = data_encoding::HEXLOWER.encode(&bytes);
    format!(
        "<urn:uuid:{}-{}-{}-{}-{}>",
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..]
    )
}
