//! Packing: gzip members for the archive, zlib for the catalog.
//!
//! The tables of a compressor are a quarter of a megabyte. To make them costs as much as packing a short record does,
//! so each thread keeps those it has made.

use std::cell::RefCell;

use flate2::{Compress, Compression, FlushCompress, Status};

/// Of the archive. On pages of portals, the levels above take half as long again and more, for 3 % less; the level below
/// takes half the time, for 25 % more.
const ARCHIVE_LEVEL: u32 = 2;

/// Largest window, as a power of two.
const WINDOW_BITS: u8 = 15;

/// Least room that is made in the output at once.
const ROOM: usize = 4 << 10;

thread_local! {
    static GZIP: RefCell<Compress> =
        RefCell::new(Compress::new_gzip(Compression::new(ARCHIVE_LEVEL), WINDOW_BITS));
    static ZLIB: RefCell<Compress> = RefCell::new(Compress::new(Compression::fast(), true));
}

/// Appends `parts`, one after another, to `out` as one gzip member.
pub(crate) fn gzip_member(parts: &[&[u8]], out: &mut Vec<u8>) {
    GZIP.with_borrow_mut(|compress| pack(compress, parts, out));
}

/// Packs what is read often and quickly.
pub(crate) fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    ZLIB.with_borrow_mut(|compress| pack(compress, &[bytes], &mut out));
    out
}

fn pack(compress: &mut Compress, parts: &[&[u8]], out: &mut Vec<u8>) {
    compress.reset();
    for part in parts {
        let mut rest = *part;
        while !rest.is_empty() {
            let before = compress.total_in();
            step(compress, rest, out, FlushCompress::None);
            rest = &rest[(compress.total_in() - before) as usize..];
        }
    }
    while step(compress, &[], out, FlushCompress::Finish) != Status::StreamEnd {}
}

fn step(compress: &mut Compress, input: &[u8], out: &mut Vec<u8>, flush: FlushCompress) -> Status {
    out.reserve(ROOM.max(input.len() / 4));
    compress
        .compress_vec(input, out, flush)
        .expect("a compressor that was reset takes any bytes")
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::{MultiGzDecoder, ZlibDecoder};
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn members_and_texts_come_out_as_they_went_in(
            parts in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..300), 0..4),
            times in 1..600usize,
        ) {
            let parts: Vec<Vec<u8>> = parts.iter().map(|part| part.repeat(times)).collect();
            let refs: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
            let whole = parts.concat();

            let mut members = Vec::new();
            gzip_member(&refs, &mut members);
            gzip_member(&refs, &mut members);
            let mut back = Vec::new();
            MultiGzDecoder::new(members.as_slice()).read_to_end(&mut back).unwrap();
            prop_assert!(back == [whole.as_slice(), whole.as_slice()].concat());

            back.clear();
            ZlibDecoder::new(zlib(&whole).as_slice()).read_to_end(&mut back).unwrap();
            prop_assert!(back == whole);
        }
    }
}
