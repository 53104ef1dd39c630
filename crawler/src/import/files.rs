//! A file that is one page.

use std::{
    fs::File,
    io::{self, Read},
};

use super::{
    Failure,
    engine::{Engine, Stop, Unit},
    walk::Input,
};
use crate::archive::{CaptureBody, MAX_BODY};

/// Reads the file at once.
pub(super) fn read(input: &Input, media_type: &str, engine: &mut Engine<'_>) -> Result<(), Stop> {
    let fail = |reason| Failure {
        file: input.path.clone(),
        line: None,
        reason,
    };
    let bytes = match read_bounded(input) {
        Ok(bytes) if bytes.len() > MAX_BODY => {
            engine.fail(fail("is longer than 64 MiB".to_owned()));
            return Ok(());
        }
        Ok(bytes) => bytes,
        Err(error) => {
            engine.fail(fail(format!("cannot be read: {error}")));
            return Ok(());
        }
    };
    let capture = engine.page(
        input.url.clone(),
        CaptureBody::Resource {
            media_type: media_type.to_owned(),
            bytes,
        },
        None,
    );
    engine.push(Unit::page(&input.path, None, capture))
}

fn read_bounded(input: &Input) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(&input.path)?
        .take(MAX_BODY as u64 + 1)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}
