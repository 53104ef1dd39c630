//! HTTP messages as they stand in a WARC file: where the header ends, and what the body says once its codings are
//! removed.

use std::{
    borrow::Cow,
    io::{self, Read},
};

use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};

use super::{
    capture::{Capture, CaptureBody},
    fields::Fields,
};

/// Longest body after decoding.
pub(crate) const MAX_BODY: usize = 64 << 20;

/// What a coding may make of a body: 200 times its length, after the first MiB. Pages reach 30.
const MAX_RATIO: usize = 200;

/// A response taken apart.
#[derive(Debug)]
struct Response<'a> {
    /// Status code.
    status: u16,
    /// Header fields.
    fields: Fields,
    /// The body as it stands in the file.
    body: &'a [u8],
}

/// Why a body could not be decoded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PayloadError {
    /// Not an HTTP response.
    #[error("the record is not an HTTP response")]
    NotHttp,
    /// A coding that is not known here.
    #[error("the content coding {0:?} is not supported")]
    Coding(String),
    /// Longer than 64 MiB, or more than 200 times its length after decoding.
    #[error("the body is larger than 64 MiB, or 200 times larger when unpacked")]
    TooLarge,
}

/// What was fetched, with all codings removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payload<'a> {
    /// Status of the answer; 200 for a file.
    pub status: u16,
    /// What the server, or the name of the file, says it is; with parameters, empty when nobody says.
    pub media_type: String,
    /// The bytes.
    pub bytes: Cow<'a, [u8]>,
    /// It was received to its end.
    pub is_whole: bool,
}

impl Capture {
    /// The first header field of an answer by this name, as it was archived.
    pub(crate) fn http_field(&self, name: &str) -> Option<&[u8]> {
        let CaptureBody::Http { response, .. } = &self.body else {
            return None;
        };
        let head = &response[..head_length(response).unwrap_or(response.len())];
        head.split(|&byte| byte == b'\n').skip(1).find_map(|line| {
            let colon = line.iter().position(|&byte| byte == b':')?;
            let (key, value) = (line[..colon].trim_ascii(), line[colon + 1..].trim_ascii());
            key.eq_ignore_ascii_case(name.as_bytes()).then_some(value)
        })
    }

    /// What was fetched, with all codings removed.
    ///
    /// # Errors
    /// When it is no HTTP response, or its coding is unknown or hides too much.
    pub fn payload(&self) -> Result<Payload<'_>, PayloadError> {
        let is_whole = self.truncated.is_none();
        match &self.body {
            CaptureBody::Resource { media_type, bytes } => Ok(Payload {
                status: 200,
                media_type: media_type.clone(),
                bytes: Cow::Borrowed(bytes),
                is_whole,
            }),
            CaptureBody::Http { response, .. } => {
                let response = Response::parse(response).ok_or(PayloadError::NotHttp)?;
                let (bytes, is_decoded) = response.decoded()?;
                Ok(Payload {
                    status: response.status,
                    media_type: response.fields.get("Content-Type").unwrap_or_default().to_owned(),
                    bytes,
                    is_whole: is_whole && is_decoded,
                })
            }
        }
    }
}

/// Bytes up to the end of the empty line after the header; `None` when there is no such line.
pub(crate) fn head_length(message: &[u8]) -> Option<usize> {
    let mut start = 0;
    for line in message.split_inclusive(|&byte| byte == b'\n') {
        start += line.len();
        if line == b"\r\n" || line == b"\n" {
            return Some(start);
        }
    }
    None
}

impl<'a> Response<'a> {
    /// Reads the status line and the header. A message without an empty line is all header.
    fn parse(message: &'a [u8]) -> Option<Self> {
        let (head, body) = message.split_at(head_length(message).unwrap_or(message.len()));
        let line = String::from_utf8_lossy(head.split(|&byte| byte == b'\n').next()?);
        let mut words = line.split_ascii_whitespace();
        words.next().filter(|version| version.starts_with("HTTP/"))?;
        let status = words.next()?.parse().ok()?;
        Some(Self {
            status,
            fields: Fields::parse(head),
            body,
        })
    }

    /// The body with transfer and content coding removed, and whether it is whole.
    ///
    /// Archives often keep a header whose coding was already removed: a body that does not look coded is taken as it
    /// is. What can be read of a torn body is given.
    ///
    /// # Errors
    /// When the coding is unknown or the body too large.
    fn decoded(&self) -> Result<(Cow<'a, [u8]>, bool), PayloadError> {
        let mut body = Cow::Borrowed(self.body);
        let mut whole = true;
        if has_token(&self.fields, "Transfer-Encoding", "chunked")
            && let Some(dechunked) = dechunk(self.body)
        {
            whole &= dechunked.1;
            body = Cow::Owned(dechunked.0);
        }
        let codings: Vec<_> = tokens(&self.fields, "Content-Encoding").collect();
        for coding in codings.iter().rev().take(4) {
            let (decoded, complete) = match coding.as_str() {
                "identity" | "utf-8" | "none" => continue,
                "gzip" | "x-gzip" if body.starts_with(&[0x1f, 0x8b]) => {
                    unpack(MultiGzDecoder::new(&*body), body.len())?
                }
                "deflate" if is_zlib(&body) => unpack(ZlibDecoder::new(&*body), body.len())?,
                "deflate" => match unpack(DeflateDecoder::new(&*body), body.len())? {
                    (decoded, false) if decoded.is_empty() => continue,
                    decoded => decoded,
                },
                "gzip" | "x-gzip" => continue,
                other => return Err(PayloadError::Coding(other.chars().take(32).collect())),
            };
            whole &= complete;
            body = Cow::Owned(decoded);
        }
        if body.len() > MAX_BODY {
            return Err(PayloadError::TooLarge);
        }
        Ok((body, whole))
    }
}

fn tokens(fields: &Fields, name: &'static str) -> impl Iterator<Item = String> {
    let values = fields
        .all(name)
        .flat_map(|value| value.split(','))
        .map(|token| token.trim().to_ascii_lowercase());
    values
        .filter(|token| !token.is_empty())
        .collect::<Vec<_>>()
        .into_iter()
}

fn has_token(fields: &Fields, name: &'static str, token: &str) -> bool {
    tokens(fields, name).any(|other| other == token)
}

/// A zlib header (RFC 1950): deflate, and a check value that fits.
fn is_zlib(body: &[u8]) -> bool {
    matches!(body, [cmf, flg, ..] if cmf & 0x0f == 8 && (u16::from(*cmf) << 8 | u16::from(*flg)) % 31 == 0)
}

/// Reads a decoder to its end or to the first fault.
fn unpack(decoder: impl Read, packed: usize) -> Result<(Vec<u8>, bool), PayloadError> {
    let limit = MAX_BODY.min((1 << 20) + packed.saturating_mul(MAX_RATIO));
    let mut out = Vec::new();
    let result: io::Result<usize> = decoder.take(limit as u64 + 1).read_to_end(&mut out);
    if out.len() > limit {
        return Err(PayloadError::TooLarge);
    }
    Ok((out, result.is_ok()))
}

/// Removes the chunked coding (RFC 9112, section 7.1); `None` when the body does not begin with a chunk.
fn dechunk(mut body: &[u8]) -> Option<(Vec<u8>, bool)> {
    let mut out = Vec::with_capacity(body.len());
    let mut first = true;
    loop {
        let Some(end) = body.iter().take(1024).position(|&byte| byte == b'\n') else {
            return (!first).then_some((out, false));
        };
        let line = body[..end]
            .split(|&byte| byte == b';')
            .next()
            .unwrap_or_default()
            .trim_ascii();
        let size = std::str::from_utf8(line)
            .ok()
            .and_then(|hex| usize::from_str_radix(hex, 16).ok());
        let Some(size) = size.filter(|_| !line.starts_with(b"+")) else {
            return (!first).then_some((out, false));
        };
        body = &body[end + 1..];
        if size == 0 {
            return Some((out, true));
        }
        let n = size.min(body.len());
        out.extend_from_slice(&body[..n]);
        if n < size {
            return Some((out, false));
        }
        body = &body[n..];
        body = body
            .strip_prefix(b"\r\n")
            .or_else(|| body.strip_prefix(b"\n"))
            .unwrap_or(body);
        first = false;
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{
        Compression,
        write::{DeflateEncoder, GzEncoder, ZlibEncoder},
    };

    use super::*;

    fn decoded(header: &str, body: &[u8]) -> Result<(Vec<u8>, bool), PayloadError> {
        let mut message = format!("HTTP/1.1 200 OK\r\n{header}\r\n\r\n").into_bytes();
        message.extend_from_slice(body);
        let response = Response::parse(&message).unwrap();
        assert_eq!(response.status, 200);
        response.decoded().map(|(body, whole)| (body.into_owned(), whole))
    }

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn codings_are_removed_and_stale_headers_ignored() {
        let text = "一、工作开展情况".as_bytes();
        let whole = Ok((text.to_vec(), true));
        assert_eq!(decoded("Content-Encoding: gzip", &gzip(text)), whole);
        assert_eq!(decoded("content-encoding: GZIP", text), whole);
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
        zlib.write_all(text).unwrap();
        assert_eq!(
            decoded("Content-Encoding: deflate", &zlib.finish().unwrap()),
            whole
        );
        let mut raw = DeflateEncoder::new(Vec::new(), Compression::default());
        raw.write_all(text).unwrap();
        assert_eq!(
            decoded("Content-Encoding: deflate", &raw.finish().unwrap()),
            whole
        );

        let packed = gzip(text);
        let mut chunked = format!("{:x};x=y\r\n", 10).into_bytes();
        chunked.extend_from_slice(&packed[..10]);
        chunked.extend_from_slice(format!("\r\n{:X}\r\n", packed.len() - 10).as_bytes());
        chunked.extend_from_slice(&packed[10..]);
        chunked.extend_from_slice(b"\r\n0\r\n\r\n");
        assert_eq!(
            decoded("Transfer-Encoding: chunked\r\nContent-Encoding: gzip", &chunked),
            whole
        );
        assert_eq!(decoded("Transfer-Encoding: chunked", text), whole);
        assert_eq!(
            decoded("Content-Encoding: br", text),
            Err(PayloadError::Coding("br".into()))
        );
    }

    #[test]
    fn torn_bodies_give_what_there_is() {
        let text = "政府工作报告".repeat(2000);
        let packed = gzip(text.as_bytes());
        let (body, whole) = decoded("Content-Encoding: gzip", &packed[..packed.len() - 9]).unwrap();
        assert!(!whole);
        assert!(!body.is_empty() && text.as_bytes().starts_with(&body));
        assert_eq!(
            decoded("Transfer-Encoding: chunked", b"5\r\nabc").unwrap(),
            (b"abc".to_vec(), false)
        );
    }

    #[test]
    fn bombs_are_refused() {
        let bomb = gzip(&vec![0; 8 << 20]);
        assert_eq!(
            decoded("Content-Encoding: gzip", &bomb),
            Err(PayloadError::TooLarge)
        );
    }

    proptest::proptest! {
        #[test]
        fn no_message_panics(message: Vec<u8>, head in "[ -~\r\n]{0,80}") {
            let mut message = message;
            for prefix in ["", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", &head] {
                message.splice(0..0, prefix.bytes());
                if let Some(response) = Response::parse(&message) {
                    let _ = response.decoded();
                }
            }
        }
    }
}
