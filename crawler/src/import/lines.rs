//! JSON Lines, packed with gzip or not.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use flate2::bufread::MultiGzDecoder;

use super::{
    engine::{Engine, Stop},
    unit::{LineUrl, Place, Unit},
    walk::Input,
};
use crate::archive::{MAX_BODY, read_line};

/// Longest line. What a packed file unpacks to is bounded by this, line by line.
const MAX_LINE: usize = MAX_BODY;

/// Reads the file line by line.
pub(super) fn read(input: &Input, engine: &mut Engine<'_>) -> Result<(), Stop> {
    let (mut lines, consumed) = match open(input) {
        Ok(opened) => opened,
        Err(error) => {
            engine.fail(Place::new(&input.name, None).failure(format!("cannot be read: {error}")));
            return Ok(());
        }
    };
    let mut number = 0;
    loop {
        let mut line = Vec::new();
        number += 1;
        let place = Place::new(&input.name, Some(number));
        match read_line(&mut lines, &mut line, MAX_LINE) {
            Ok(0) => return Ok(()),
            Ok(_) => (),
            Err(error) => {
                engine.fail(place.failure(format!("cannot be read on from here: {error}")));
                return Ok(());
            }
        }
        engine.advance(consumed.load(Ordering::Relaxed));
        if line.len() > MAX_LINE {
            engine.fail(place.failure("is longer than 64 MiB"));
            continue;
        }
        if number == 1 && line.starts_with(b"\xef\xbb\xbf") {
            line.drain(..3);
        }
        let json = line.trim_ascii();
        if !json.is_empty() {
            let url = LineUrl::OfFile(input.url.clone());
            engine.push(Unit::line(place, url, json.to_vec()))?;
        }
    }
}

/// Opens a file that may be packed, whatever its name says. Counts the bytes that were read of the file itself.
pub(super) fn open(input: &Input) -> io::Result<(Box<dyn BufRead>, Arc<AtomicU64>)> {
    let consumed = Arc::new(AtomicU64::new(0));
    let file = Counted {
        inner: File::open(&input.path)?,
        consumed: consumed.clone(),
    };
    let mut file = BufReader::with_capacity(1 << 16, file);
    let opened: Box<dyn BufRead> = if file.fill_buf()?.starts_with(&[0x1f, 0x8b]) {
        Box::new(BufReader::with_capacity(1 << 16, MultiGzDecoder::new(file)))
    } else {
        Box::new(file)
    };
    Ok((opened, consumed))
}

struct Counted {
    inner: File,
    consumed: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.consumed.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}
