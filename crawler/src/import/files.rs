//! A file that is one page.

use std::{
    fs::File,
    io::{self, Read},
};

use super::{
    engine::{Engine, Stop},
    unit::{Place, Unit},
    walk::Input,
};
use crate::archive::{CaptureBody, MAX_BODY};

/// Reads the file at once.
pub(super) fn read(input: &Input, media_type: &str, engine: &mut Engine<'_>) -> Result<(), Stop> {
    let place = Place::new(&input.name, None);
    match read_bounded(input) {
        Err(error) => engine.fail(place.failure(format!("cannot be read: {error}"))),
        Ok(bytes) if bytes.len() > MAX_BODY => engine.fail(place.failure("is longer than 64 MiB")),
        Ok(bytes) => {
            let media_type = media_type.to_owned();
            let body = CaptureBody::Resource { media_type, bytes };
            engine.push(Unit::page(place, input.url.clone(), body, None))?;
        }
    }
    Ok(())
}

fn read_bounded(input: &Input) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(&input.path)?
        .take(MAX_BODY as u64 + 1)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}
