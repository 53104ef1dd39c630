//! WARC files of whatever origin, packed record by record, as a whole, or not at all.

use std::sync::atomic::Ordering;

use super::{
    engine::{Engine, Stop},
    lines,
    unit::{LineUrl, Place, Unit},
    walk::Input,
};
use crate::archive::{
    CaptureBody, CaptureKind, Group, Grouper, MAX_MEDIA_TYPE, RecordError, read_record, skip_to_record,
};

/// Reads the file record by record.
pub(super) fn read(input: &Input, engine: &mut Engine<'_>) -> Result<(), Stop> {
    let place = |number| Place::new(&input.name, Some(number));
    let (mut records, consumed) = match lines::open(input) {
        Ok(opened) => opened,
        Err(error) => {
            engine.fail(Place::new(&input.name, None).failure(format!("cannot be read: {error}")));
            return Ok(());
        }
    };
    let mut grouper = Grouper::default();
    for number in 1.. {
        let record = read_record(&mut records);
        engine.advance(consumed.load(Ordering::Relaxed));
        let (done, end) = match record {
            Ok(Some(record)) => (grouper.push(record, number..number + 1), None),
            Ok(None) => (grouper.finish(), Some(Ok(()))),
            Err(error) => (grouper.finish(), Some(Err(error))),
        };
        if let Some((group, span)) = done {
            take(group, place(span.start), engine)?;
        }
        match end {
            None => (),
            Some(Ok(())) => break,
            Some(Err(error)) => {
                let is_malformed = matches!(error, RecordError::Malformed(_));
                engine.fail(place(number).failure(error.to_string()));
                if !is_malformed || !skip_to_record(&mut records).unwrap_or(false) {
                    break;
                }
            }
        }
    }
    Ok(())
}

/// Takes a page, or a line that another archive of ours holds.
fn take(group: Group, place: Place, engine: &mut Engine<'_>) -> Result<(), Stop> {
    let kind = group.kind().unwrap_or(CaptureKind::Page);
    let record = group.primary;
    if !matches!(kind, CaptureKind::Page | CaptureKind::Line) {
        engine.skip(place.failure("was not fetched as a report"));
        return Ok(());
    }
    if record.oversize {
        engine.fail(place.failure("is longer than 64 MiB"));
        return Ok(());
    }
    let Some(url) = record.target().filter(|url| !url.is_empty()).map(str::to_owned) else {
        engine.fail(place.failure("has no WARC-Target-URI"));
        return Ok(());
    };
    if kind == CaptureKind::Line {
        return engine.push(Unit::line(place, LineUrl::Whole(url), record.block));
    }
    let at = record.date();
    let body = if record.kind == "response" {
        CaptureBody::Http {
            request: Vec::new(),
            response: record.block,
            ip: None,
        }
    } else {
        let media_type = record
            .fields
            .get("Content-Type")
            .filter(|media_type| media_type.len() <= MAX_MEDIA_TYPE);
        let media_type = media_type.unwrap_or_default().to_owned();
        CaptureBody::Resource {
            media_type,
            bytes: record.block,
        }
    };
    engine.push(Unit::page(place, url, body, at))
}
