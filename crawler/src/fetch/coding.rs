//! Undoing the content coding of a body, within bounds.

use std::io::{self, Read};

use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};

use super::FetchError;

/// From this size on a body may not be longer than [`MAX_RATIO`] times what was sent.
const RATIO_FROM_BYTES: usize = 1 << 20;

/// Most bytes that one sent byte may become.
const MAX_RATIO: usize = 200;

/// Bytes that are decoded before the bounds are looked at again.
const STEP_BYTES: usize = 64 << 10;

/// The body without its content coding; `coding` is the Content-Encoding header.
///
/// # Errors
/// When the coding is unknown or damaged, or the body is longer than `limit` or out of proportion.
pub(super) fn decode(raw: &[u8], coding: Option<&str>, limit: u64) -> Result<Vec<u8>, FetchError> {
    let coding = coding.unwrap_or_default().trim().to_ascii_lowercase();
    match coding.as_str() {
        "" | "identity" => Ok(raw.to_vec()),
        // Some servers name a coding and send none.
        "gzip" | "x-gzip" if !raw.starts_with(&[0x1f, 0x8b]) => Ok(raw.to_vec()),
        "gzip" | "x-gzip" => read_bounded(MultiGzDecoder::new(raw), raw.len(), limit, &coding),
        // The standard means zlib; some servers send the bare stream.
        "deflate" => match read_bounded(ZlibDecoder::new(raw), raw.len(), limit, &coding) {
            Err(FetchError::Coding(_)) => read_bounded(DeflateDecoder::new(raw), raw.len(), limit, &coding),
            done => done,
        },
        _ => Err(FetchError::Coding(coding.chars().take(40).collect())),
    }
}

/// Unpacks a gzip file within the same bounds.
pub(crate) fn gunzip(raw: &[u8], limit: u64) -> Result<Vec<u8>, FetchError> {
    read_bounded(MultiGzDecoder::new(raw), raw.len(), limit, "gzip")
}

fn read_bounded(mut reader: impl Read, sent: usize, limit: u64, coding: &str) -> Result<Vec<u8>, FetchError> {
    let mut body = Vec::new();
    let mut step = vec![0; STEP_BYTES];
    loop {
        match reader.read(&mut step) {
            Ok(0) => return Ok(body),
            Ok(read) => body.extend_from_slice(&step[..read]),
            // What follows a whole gzip stream is not part of it.
            Err(error) if !body.is_empty() && error.kind() == io::ErrorKind::InvalidInput => return Ok(body),
            Err(_) => return Err(FetchError::Coding(coding.to_owned())),
        }
        if body.len() as u64 > limit {
            return Err(FetchError::TooLarge { limit });
        }
        if body.len() > RATIO_FROM_BYTES && body.len() / MAX_RATIO > sent {
            return Err(FetchError::Bomb);
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
        assert_eq!(code(&gzip(b"hello")[..12], "gzip"), "coding");
        assert_eq!(code(b"x", "br"), "coding");
        assert_eq!(code(b"x", "gzip, gzip"), "coding");
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
