//! A capture as a group of records, and back.
//!
//! The response (or resource) comes first; the request and the metadata record name it in `WARC-Concurrent-To`. The
//! metadata record ends the group: a group without one was never acknowledged.

use std::{net::IpAddr, ops::Range};

use super::{
    capture::{Capture, CaptureBody, CaptureKind, FileRef, Truncated},
    fields::{Fields, escape, unescape},
    http,
    record::{MAX_BLOCK, NewRecord, Record, Sha1Digest, record_id, sha1},
};
use crate::extract::{Hints, Selectors};

/// Marks a metadata record as ours, and says which fields to expect.
const FORMAT: (&str, &str) = ("gongbao-capture", "1");

/// Longest address that is archived, in bytes.
const MAX_URL: usize = 8 << 10;

/// Longest media type that is archived, in bytes.
pub(crate) const MAX_MEDIA_TYPE: usize = 1 << 10;

/// The records of a capture, each a gzip member. `place` is one that no other capture of this archive has, so that
/// captures that are alike in all else have record ids of their own. `digest` is that of the body.
pub(crate) fn encode(capture: &Capture, digest: Sha1Digest, place: &str) -> Vec<u8> {
    let at = capture.at.to_string();
    let id = |kind: &str| {
        record_id(&[
            place.as_bytes(),
            kind.as_bytes(),
            capture.url.as_bytes(),
            at.as_bytes(),
            &digest,
        ])
    };
    let mut out = Vec::new();

    let (kind, content_type, payload, block) = match &capture.body {
        CaptureBody::Http { response, .. } => (
            "response",
            "application/http;msgtype=response",
            http::head_length(response),
            response,
        ),
        CaptureBody::Resource { media_type, bytes } => ("resource", media_type.as_str(), Some(0), bytes),
    };
    let primary = id(kind);
    let mut fields = Fields::default();
    fields.push("WARC-Target-URI", &capture.url);
    if let CaptureBody::Http { ip: Some(ip), .. } = &capture.body {
        fields.push("WARC-IP-Address", ip.to_string());
    }
    if let Some(truncated) = capture.truncated {
        fields.push("WARC-Truncated", truncated.code());
    }
    // A media type is a foreign text: it must not be able to add a field.
    let content_type = escape(content_type);
    NewRecord {
        kind,
        id: &primary,
        at: capture.at,
        content_type: &content_type,
        fields,
        payload,
        block,
        digest,
    }
    .write(&mut out);

    let beside = || {
        let mut fields = Fields::default();
        fields.push("WARC-Target-URI", &capture.url);
        fields.push("WARC-Concurrent-To", &primary);
        fields
    };
    if let CaptureBody::Http { request, .. } = &capture.body
        && !request.is_empty()
    {
        NewRecord {
            kind: "request",
            id: &id("request"),
            at: capture.at,
            content_type: "application/http;msgtype=request",
            fields: beside(),
            payload: None,
            block: request,
            digest: sha1(request),
        }
        .write(&mut out);
    }
    let mut block = Vec::new();
    metadata(capture).write(&mut block);
    NewRecord {
        kind: "metadata",
        id: &id("metadata"),
        at: capture.at,
        content_type: "application/warc-fields",
        fields: beside(),
        payload: None,
        block: &block,
        digest: sha1(&block),
    }
    .write(&mut out);
    out
}

/// Why a capture could not be read again from an archive, when it could not.
pub(crate) fn unfit(capture: &Capture) -> Option<&'static str> {
    let url = &capture.url;
    if url.is_empty() || url.trim() != url || url.chars().any(char::is_control) {
        return Some("an address must not be empty, nor hold control characters or white space at its ends");
    }
    if url.len() > MAX_URL {
        return Some("an address must not be longer than 8 KiB");
    }
    let (media_type, longest) = match &capture.body {
        CaptureBody::Http {
            request, response, ..
        } => ("", request.len().max(response.len())),
        CaptureBody::Resource { media_type, bytes } => (media_type.as_str(), bytes.len()),
    };
    if media_type.len() > MAX_MEDIA_TYPE {
        return Some("a media type must not be longer than 1 KiB");
    }
    (longest as u64 > MAX_BLOCK).then_some("a body must not be longer than 64 MiB")
}

fn metadata(capture: &Capture) -> Fields {
    let mut fields = Fields::default();
    fields.push(FORMAT.0, FORMAT.1);
    fields.push("portal", escape(&capture.portal));
    fields.push("kind", capture.kind.code());
    let Hints {
        region,
        site_name,
        selectors,
        list_title,
        list_date,
        // Archived once, not with each page it is used for.
        profile: _,
        // Each file is archived as a capture of its own.
        attached: _,
    } = &capture.hints;
    let Selectors { content, title, drop } = selectors;
    let mut push = |name: &str, value: Option<&str>| {
        if let Some(value) = value {
            fields.push(name, escape(value));
        }
    };
    push(
        "recorded-at",
        capture.recorded_at.map(|at| at.to_string()).as_deref(),
    );
    push("via", capture.via.as_deref());
    push("list-title", list_title.as_deref());
    push("list-date", list_date.map(|date| date.to_string()).as_deref());
    push("region", region.map(|code| code.to_string()).as_deref());
    push("site-name", site_name.as_deref());
    push("selector-content", content.as_deref());
    push("selector-title", title.as_deref());
    for selector in drop {
        push("selector-drop", Some(selector));
    }
    for genre in &capture.genres {
        push("genre", Some(genre.code()));
    }
    for FileRef { url, version } in &capture.files {
        fields.push("file", format!("{} {}", escape(version), escape(url)));
    }
    fields
}

/// The records of one capture, as they were found.
#[derive(Debug)]
pub(crate) struct Group {
    /// The response or resource (or `conversion`, of foreign files).
    pub(crate) primary: Record,
    /// The request.
    pub(crate) request: Option<Record>,
    /// Our metadata record; `None` when there is none (a torn group, a foreign file).
    pub(crate) metadata: Option<Fields>,
}

/// Gathers records into groups, in the order of a file.
#[derive(Debug, Default)]
pub(crate) struct Grouper {
    open: Option<(Group, Range<u64>)>,
}

impl Grouper {
    /// Takes the next record and the bytes it stands in. Answers the group before it, when that is at its end.
    pub(crate) fn push(&mut self, record: Record, span: Range<u64>) -> Option<(Group, Range<u64>)> {
        let record = match &mut self.open {
            None => record,
            Some((group, whole)) => match group.join(record) {
                Ok(()) => {
                    whole.end = span.end;
                    return None;
                }
                Err(record) => record,
            },
        };
        let done = self.open.take();
        self.open = Group::begin(record).ok().map(|group| (group, span));
        done
    }

    /// The last group; also called where a gap breaks the file.
    pub(crate) fn finish(&mut self) -> Option<(Group, Range<u64>)> {
        self.open.take()
    }
}

impl Group {
    /// Begins a group with a record that can be the first of one.
    fn begin(record: Record) -> Result<Self, Record> {
        match record.kind.as_str() {
            "response" | "resource" | "conversion" => Ok(Self {
                primary: record,
                request: None,
                metadata: None,
            }),
            _ => Err(record),
        }
    }

    /// Takes a record that belongs to the group; gives it back when it doesn't.
    fn join(&mut self, record: Record) -> Result<(), Record> {
        let primary = self.primary.id();
        if primary.is_none()
            || !record
                .fields
                .all("WARC-Concurrent-To")
                .any(|id| Some(id) == primary)
        {
            return Err(record);
        }
        match record.kind.as_str() {
            "request" => self.request = Some(record),
            "metadata" => {
                let fields = Fields::parse(&record.block);
                if fields.get(FORMAT.0).is_some() {
                    self.metadata = Some(fields);
                }
            }
            _ => return Err(record),
        }
        Ok(())
    }

    /// What the metadata record says it was fetched as; `None` without one.
    pub(crate) fn kind(&self) -> Option<CaptureKind> {
        self.metadata
            .as_ref()?
            .get("kind")
            .and_then(CaptureKind::from_code)
    }

    /// The capture, when the group is whole and ours.
    pub(crate) fn into_capture(self) -> Option<Capture> {
        let kind = self.kind().filter(|_| !self.primary.oversize)?;
        let metadata = self.metadata?;
        let text = |name: &str| metadata.get(name).map(unescape);
        let url = self.primary.target()?.to_owned();
        let at = self.primary.date()?;
        let truncated = self
            .primary
            .fields
            .get("WARC-Truncated")
            .map(Truncated::from_code);
        let body = match self.primary.kind.as_str() {
            "response" => CaptureBody::Http {
                request: self.request.map(|record| record.block).unwrap_or_default(),
                ip: self
                    .primary
                    .fields
                    .get("WARC-IP-Address")
                    .and_then(|ip| ip.parse::<IpAddr>().ok()),
                response: self.primary.block,
            },
            _ => CaptureBody::Resource {
                media_type: self
                    .primary
                    .fields
                    .get("Content-Type")
                    .map(unescape)
                    .unwrap_or_default(),
                bytes: self.primary.block,
            },
        };
        Some(Capture {
            url,
            portal: text("portal")?,
            at,
            recorded_at: text("recorded-at").and_then(|at| at.parse().ok()),
            kind,
            body,
            truncated,
            hints: Hints {
                region: text("region").and_then(|code| code.parse().ok()),
                site_name: text("site-name"),
                selectors: Selectors {
                    content: text("selector-content"),
                    title: text("selector-title"),
                    drop: metadata.all("selector-drop").map(unescape).collect(),
                },
                list_title: text("list-title"),
                list_date: text("list-date").and_then(|date| date.parse().ok()),
                profile: None,
                attached: None,
            },
            genres: metadata
                .all("genre")
                .filter_map(|code| code.parse().ok())
                .collect(),
            via: text("via"),
            files: metadata
                .all("file")
                .map(|file| {
                    let (version, url) = file.split_once(' ').unwrap_or((file, ""));
                    FileRef {
                        url: unescape(url),
                        version: unescape(version),
                    }
                })
                .collect(),
        })
    }
}
