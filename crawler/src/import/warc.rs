//! WARC files of whatever origin, packed record by record, as a whole, or not at all.

use std::sync::atomic::Ordering;

use super::{
    Failure,
    engine::{Engine, LineUrl, Stop, Unit},
    lines,
    walk::Input,
};
use crate::archive::{CaptureBody, CaptureKind, Group, Grouper, RecordError, read_record, skip_to_record};

/// Reads the file record by record.
pub(super) fn read(input: &Input, engine: &mut Engine<'_>) -> Result<(), Stop> {
    let fail = |line, reason| Failure {
        file: input.path.clone(),
        line,
        reason,
    };
    let (mut records, consumed) = match lines::open(input) {
        Ok(opened) => opened,
        Err(error) => {
            engine.fail(fail(None, format!("cannot be read: {error}")));
            return Ok(());
        }
    };
    let mut grouper = Grouper::default();
    let mut number = 0;
    loop {
        number += 1;
        match read_record(&mut records) {
            Ok(None) => break,
            Ok(Some(record)) => {
                engine.advance(consumed.load(Ordering::Relaxed));
                if let Some((group, span)) = grouper.push(record, number..number + 1) {
                    take(group, span.start, input, engine)?;
                }
            }
            Err(error) => {
                if let Some((group, span)) = grouper.finish() {
                    take(group, span.start, input, engine)?;
                }
                let is_malformed = matches!(error, RecordError::Malformed(_));
                engine.fail(fail(Some(number), error.to_string()));
                if !is_malformed || !skip_to_record(&mut records).unwrap_or(false) {
                    break;
                }
            }
        }
    }
    match grouper.finish() {
        Some((group, span)) => take(group, span.start, input, engine),
        None => Ok(()),
    }
}

/// Takes a page, or a line that another archive of ours holds. `number` is that of the first record.
fn take(group: Group, number: u64, input: &Input, engine: &mut Engine<'_>) -> Result<(), Stop> {
    let place = |reason: &str| Failure {
        file: input.path.clone(),
        line: Some(number),
        reason: reason.to_owned(),
    };
    let kind = group.kind().unwrap_or(CaptureKind::Page);
    let record = group.primary;
    if !matches!(kind, CaptureKind::Page | CaptureKind::Line) {
        engine.skip(place("was not fetched as a report"));
        return Ok(());
    }
    if record.oversize {
        engine.fail(place("is longer than 64 MiB"));
        return Ok(());
    }
    let Some(url) = record.target().filter(|url| !url.is_empty()).map(str::to_owned) else {
        engine.fail(place("has no WARC-Target-URI"));
        return Ok(());
    };
    if kind == CaptureKind::Line {
        return engine.push(Unit::line(&input.path, number, LineUrl::Whole(url), record.block));
    }
    let at = record.date();
    let body = if record.kind == "response" {
        CaptureBody::Http {
            request: Vec::new(),
            response: record.block,
            ip: None,
        }
    } else {
        let media_type = record.fields.get("Content-Type").unwrap_or_default().to_owned();
        CaptureBody::Resource {
            media_type,
            bytes: record.block,
        }
    };
    let capture = engine.page(url, body, at);
    engine.push(Unit::page(&input.path, Some(number), capture))
}
