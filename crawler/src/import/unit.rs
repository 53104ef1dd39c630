//! One page or line of an import: as it stands in a file, and once its address is known.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use report::ChinaTime;

use super::{
    Failure,
    line::{Line, LineError},
};
use crate::{
    archive::{Capture, CaptureBody, CaptureKind},
    catalog,
    extract::Hints,
};

/// Media type of an archived line.
const LINE_TYPE: &str = "application/json";

/// A page or a line, as it stands in a file.
pub(super) struct Unit {
    place: Place,
    body: Body,
}

/// Where something stands.
#[derive(Clone)]
pub(super) struct Place {
    file: Arc<Path>,
    line: Option<u64>,
}

enum Body {
    Page {
        url: String,
        body: CaptureBody,
        at: Option<ChinaTime>,
    },
    Line {
        url: LineUrl,
        bytes: Vec<u8>,
    },
}

/// The address of a line that does not name its own.
pub(super) enum LineUrl {
    /// This one.
    Whole(String),
    /// That of its file, with its id or number behind it.
    OfFile(String),
}

/// A unit whose address is known.
pub(super) struct Identified {
    pub(super) place: Place,
    /// Portal, and what the page is known by.
    pub(super) address: (String, String),
    pub(super) digest: [u8; 20],
    pub(super) capture: Capture,
    /// The fields of a line, read already.
    pub(super) line: Option<Line>,
}

impl Place {
    pub(super) fn new(file: &Path, line: Option<u64>) -> Self {
        Self {
            file: file.into(),
            line,
        }
    }

    pub(super) fn failure(self, reason: impl Into<String>) -> Failure {
        Failure {
            file: PathBuf::from(&*self.file),
            line: self.line,
            reason: reason.into(),
        }
    }
}

impl Unit {
    /// A page; `at` is when it was fetched, when that is known.
    pub(super) fn page(place: Place, url: String, body: CaptureBody, at: Option<ChinaTime>) -> Self {
        Self {
            place,
            body: Body::Page { url, body, at },
        }
    }

    /// A JSON line.
    pub(super) fn line(place: Place, url: LineUrl, bytes: Vec<u8>) -> Self {
        Self {
            place,
            body: Body::Line { url, bytes },
        }
    }

    pub(super) fn len(&self) -> usize {
        match &self.body {
            Body::Page { body, .. } => body.len(),
            Body::Line { bytes, .. } => bytes.len(),
        }
    }

    /// Finds out which report it is.
    pub(super) fn identify(self, portal: &str, now: ChinaTime) -> Result<Identified, (Place, LineError)> {
        let Self { place, body } = self;
        let mut portal = portal.to_owned();
        let (url, at, kind, body, line) = match body {
            Body::Page { url, body, at } => (url, at, CaptureKind::Page, body, None),
            Body::Line { url, bytes } => {
                let line = match Line::parse(&bytes) {
                    Ok(line) => line,
                    Err(error) => return Err((place, error)),
                };
                let url = match (&line.url, url, &line.given.id) {
                    (Some(url), ..) => url.clone(),
                    (None, LineUrl::Whole(url), _) => url,
                    (None, LineUrl::OfFile(url), Some(id)) => format!("{url}#{id}"),
                    (None, LineUrl::OfFile(url), None) => {
                        format!("{url}#L{}", place.line.unwrap_or_default())
                    }
                };
                if let Some(own) = &line.portal {
                    portal.clone_from(own);
                }
                let media_type = LINE_TYPE.to_owned();
                let body = CaptureBody::Resource { media_type, bytes };
                (url, None, CaptureKind::Line, body, Some(line))
            }
        };
        Ok(Identified {
            place,
            address: (portal.clone(), catalog::address(&url)),
            digest: body.digest(),
            capture: Capture {
                url,
                portal,
                at: at.unwrap_or(now),
                recorded_at: None,
                kind,
                body,
                truncated: None,
                hints: Hints::default(),
                genres: Vec::new(),
                via: None,
                files: Vec::new(),
            },
            line,
        })
    }
}
