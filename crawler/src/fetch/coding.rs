//! Undoing the content coding of a body, within bounds.

use std::io::{self, Read};

use flate2::bufread::{DeflateDecoder, GzDecoder, ZlibDecoder};

use super::{FetchError, spool::append};

/// From this size on a body may not be longer than [`MAX_RATIO`] times what it was made from so far.
const RATIO_FROM_BYTES: usize = 1 << 20;

/// Most bytes that one sent byte may become.
const MAX_RATIO: usize = 200;

/// How a gzip member begins.
const GZIP_MAGIC: &[u8] = &[0x1f, 0x8b];

/// Bytes that are decoded before the bounds are looked at again.
const STEP_BYTES: usize = 64 << 10;

/// How much of a body is wanted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    /// Most bytes, decoded.
    pub(super) max_bytes: u64,
    /// What was sent was cut already.
    pub(super) is_cut: bool,
    /// What is too long is cut instead of refused.
    pub(super) cut: bool,
}

/// A body without its content coding.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Decoded {
    pub(super) body: Vec<u8>,
    /// It is not whole.
    pub(super) is_cut: bool,
}

/// The body without its content coding; `coding` is the Content-Encoding header.
///
/// # Errors
/// When the coding is unknown or damaged, or the body is too long or out of proportion.
pub(super) fn decode(raw: &[u8], coding: Option<&str>, bounds: Bounds) -> Result<Decoded, FetchError> {
    let plain = || {
        Ok(Decoded {
            body: raw.to_vec(),
            is_cut: bounds.is_cut,
        })
    };
    let coding = coding.unwrap_or_default().trim().to_ascii_lowercase();
    match coding.as_str() {
        // An empty body has no coding, whatever the header says.
        _ if raw.is_empty() => plain(),
        "" | "identity" => plain(),
        // Some servers name a coding and send none.
        "gzip" | "x-gzip" if !raw.starts_with(GZIP_MAGIC) => plain(),
        "gzip" | "x-gzip" => gzip(raw, bounds),
        // The standard means zlib; some servers send the bare stream.
        "deflate" => {
            let mut body = Body::new(raw.len(), bounds);
            match body.take(ZlibDecoder::new(raw), |reader| reader.get_ref().len()) {
                Err(FetchError::Coding(_)) => {
                    body = Body::new(raw.len(), bounds);
                    body.take(DeflateDecoder::new(raw), |reader| reader.get_ref().len())
                }
                done => done,
            }
            .map(|()| body.decoded)
        }
        _ => Err(FetchError::Coding(coding.chars().take(40).collect())),
    }
}

/// Unpacks a gzip file within the same bounds.
///
/// # Errors
/// When it is damaged, or what it holds is too long or out of proportion.
pub(crate) fn gunzip(raw: &[u8], limit: u64) -> Result<Vec<u8>, FetchError> {
    let bounds = Bounds {
        max_bytes: limit,
        is_cut: false,
        cut: false,
    };
    gzip(raw, bounds).map(|decoded| decoded.body)
}

/// One gzip member after the other (RFC 1952 §2.2); what follows the last is not part of the file.
fn gzip(raw: &[u8], bounds: Bounds) -> Result<Decoded, FetchError> {
    let mut body = Body::new(raw.len(), bounds);
    let mut rest = raw;
    loop {
        let mut reader = GzDecoder::new(rest);
        body.take(&mut reader, |reader| reader.get_ref().len())?;
        rest = reader.into_inner();
        if body.is_full || !rest.starts_with(GZIP_MAGIC) {
            return Ok(body.decoded);
        }
    }
}

/// A body while it is decoded.
struct Body {
    decoded: Decoded,
    sent: usize,
    bounds: Bounds,
    /// No more of it is wanted, or there is no more.
    is_full: bool,
}

impl Body {
    fn new(sent: usize, bounds: Bounds) -> Self {
        Self {
            decoded: Decoded {
                body: Vec::new(),
                is_cut: bounds.is_cut,
            },
            sent,
            bounds,
            is_full: false,
        }
    }

    /// Takes in what a decoder gives; `left` tells how many bytes it has not read yet.
    fn take<R: Read>(&mut self, mut reader: R, left: impl Fn(&R) -> usize) -> Result<(), FetchError> {
        let mut step = vec![0; STEP_BYTES];
        loop {
            match reader.read(&mut step) {
                Ok(0) => return Ok(()),
                Ok(read) => append(&mut self.decoded.body, &step[..read]),
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                    self.is_full = true;
                    return if self.bounds.is_cut {
                        Ok(())
                    } else {
                        Err(FetchError::CodingEnded)
                    };
                }
                Err(_) => return Err(FetchError::Coding("damaged".to_owned())),
            }
            let len = self.decoded.body.len();
            if len as u64 > self.bounds.max_bytes {
                if !self.bounds.cut {
                    return Err(FetchError::TooLarge {
                        limit: self.bounds.max_bytes,
                    });
                }
                let max = usize::try_from(self.bounds.max_bytes).unwrap_or(usize::MAX);
                self.decoded.body.truncate(max);
                self.decoded.is_cut = true;
                self.is_full = true;
                return Ok(());
            }
            if len > RATIO_FROM_BYTES && len / MAX_RATIO > self.sent - left(&reader) {
                return Err(FetchError::Bomb);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{
        Compression,
        write::{DeflateEncoder, GzEncoder, ZlibEncoder},
    };
    use proptest::prelude::*;

    use super::*;

    const LIMIT: u64 = 8 << 20;

    fn decode(raw: &[u8], coding: Option<&str>, max_bytes: u64) -> Result<Vec<u8>, FetchError> {
        let bounds = Bounds {
            max_bytes,
            is_cut: false,
            cut: false,
        };
        super::decode(raw, coding, bounds).map(|decoded| decoded.body)
    }

    fn gzip(body: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(body).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn every_coding_we_may_meet_is_undone() {
        let body = "政府工作报告".repeat(100).into_bytes();
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::fast());
        zlib.write_all(&body).unwrap();
        let mut bare = DeflateEncoder::new(Vec::new(), Compression::fast());
        bare.write_all(&body).unwrap();
        for (raw, coding) in [
            (body.clone(), None),
            (body.clone(), Some("identity")),
            (body.clone(), Some("gzip")), // a lie
            (gzip(&body), Some(" GZip")),
            (zlib.finish().unwrap(), Some("deflate")),
            (bare.finish().unwrap(), Some("deflate")),
        ] {
            assert_eq!(decode(&raw, coding, LIMIT).unwrap(), body, "{coding:?}");
        }
        let mut padded = gzip(&body);
        padded.extend_from_slice(b"\0\0\0 garbage");
        assert_eq!(decode(&padded, Some("gzip"), LIMIT).unwrap(), body);
    }

    #[test]
    fn bombs_and_damage_have_names() {
        let code = |raw: &[u8], coding| decode(raw, Some(coding), LIMIT).unwrap_err().code();
        let big = gzip(&vec![b'x'; 9 << 20]);
        assert_eq!(code(&big, "gzip"), "bomb");
        assert_eq!(
            gunzip(&gzip(&incompressible(3 << 20)), 1 << 20)
                .unwrap_err()
                .code(),
            "too_large"
        );
        assert_eq!(code(&gzip(b"hello")[..12], "gzip"), "truncated");
        let mut damaged = gzip(&incompressible(100_000));
        damaged[50_000] ^= 0xff;
        assert_eq!(code(&damaged, "gzip"), "coding", "half a text is no text");
        assert_eq!(code(b"x", "br"), "coding");
        assert_eq!(code(b"x", "gzip, gzip"), "coding");
    }

    #[test]
    fn what_may_be_cut_is_cut_also_when_it_is_packed() {
        let body = incompressible(100_000);
        let packed = gzip(&body);
        let bounds = |is_cut| Bounds {
            max_bytes: 50_000,
            is_cut,
            cut: true,
        };
        let cut = super::decode(&packed, Some("gzip"), bounds(false)).unwrap();
        assert_eq!((cut.body.as_slice(), cut.is_cut), (&body[..50_000], true));
        let cut = super::decode(&packed[..20_000], Some("gzip"), bounds(true)).unwrap();
        assert!(cut.is_cut && body.starts_with(&cut.body) && cut.body.len() > 10_000);
        assert_eq!(
            super::decode(b"", Some("br"), bounds(false)).unwrap().body,
            b"",
            "nothing is not packed"
        );
    }

    #[test]
    fn a_bomb_goes_off_early() {
        // Ten megabytes of zeros are cut after one, whatever the limit.
        let packed = gzip(&vec![0; 10 << 20]);
        assert_eq!(decode(&packed, Some("gzip"), 1 << 40).unwrap_err().code(), "bomb");
        // As are members that are no bomb each.
        let packed = gzip(&vec![0; 600 << 10]).repeat(100);
        assert_eq!(decode(&packed, Some("gzip"), 1 << 40).unwrap_err().code(), "bomb");
    }

    fn incompressible(len: usize) -> Vec<u8> {
        let mut state = 1_u32;
        std::iter::repeat_with(|| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state.to_be_bytes()[0]
        })
        .take(len)
        .collect()
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_fail_otherwise(raw in proptest::collection::vec(any::<u8>(), 0..300)) {
            let mut with_magic = vec![0x1f, 0x8b, 8, 0];
            with_magic.extend_from_slice(&raw);
            for coding in ["gzip", "deflate"] {
                let _ = decode(&raw, Some(coding), 1000);
                let _ = decode(&with_magic, Some(coding), 1000);
            }
        }
    }
}
