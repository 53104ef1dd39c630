//! What goes into the archive, and what comes out of it again.

use std::net::IpAddr;

use data_encoding::BASE32;
use report::{ChinaMoment, ChinaTime, Genre};

use super::record::{Sha1Digest, sha1};
use crate::extract::Hints;

/// One fetched or imported thing, with all that is needed to extract the same report from it again.
#[derive(Clone, Debug)]
pub struct Capture {
    /// The address that answered. Its canonical form and `portal` decide the id of the report.
    pub url: String,
    /// The portal it was fetched for; `import` for files without one.
    pub portal: String,
    /// When it was fetched; of an import, when it was imported or when the imported WARC says it was fetched.
    pub at: ChinaTime,
    /// When it came into the catalog; `None` before that, and in archives of older programs.
    pub recorded_at: Option<ChinaMoment>,
    /// What it was fetched as.
    pub kind: CaptureKind,
    /// The bytes.
    pub body: CaptureBody,
    /// Why the body is not whole; `None` when it is.
    pub truncated: Option<Truncated>,
    /// What was known beside the bytes. Archived, so that a rebuild extracts the same.
    pub hints: Hints,
    /// Genres the portal file keeps; empty for all. A rebuild leaves the others out again.
    pub genres: Vec<Genre>,
    /// The page whose link led here.
    pub via: Option<String>,
    /// Of a page: the captures of its files that it is read with.
    pub files: Vec<FileRef>,
}

/// Names one capture of a file.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FileRef {
    /// Its address, as the page has it.
    pub url: String,
    /// Which of the captures at that address; a digest of its bytes.
    pub version: String,
}

/// What a capture was fetched as. Only [`Page`](Self::Page) and [`Line`](Self::Line) can become reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CaptureKind {
    /// A page or file that may be a report; also when the answer was an error.
    Page,
    /// A page that was read for its links only.
    List,
    /// A site map.
    Sitemap,
    /// A `robots.txt`.
    Robots,
    /// A file that belongs to a report.
    Attachment,
    /// One imported JSON line.
    Line,
    /// What recurs on the portal's pages: not fetched, but learned from what was.
    Profile,
}

/// The bytes of a capture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CaptureBody {
    /// An HTTP exchange.
    Http {
        /// Request line, headers and body as sent; empty when they are not known.
        request: Vec<u8>,
        /// Status line, headers and body as received; transfer coding removed, content coding kept.
        response: Vec<u8>,
        /// Address of the server.
        ip: Option<IpAddr>,
    },
    /// A file.
    Resource {
        /// Media type, with a charset parameter when one is known.
        media_type: String,
        /// Its bytes.
        bytes: Vec<u8>,
    },
}

/// Why a body is not whole (`WARC-Truncated`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Truncated {
    /// It was longer than allowed.
    Length,
    /// It took longer than allowed.
    Time,
    /// The connection broke.
    Disconnect,
}

/// Where the records of a capture stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Location {
    /// Serial number of the file.
    pub file: u32,
    /// First byte of the first record.
    pub offset: u64,
    /// Bytes of all records.
    pub length: u64,
}

impl Location {
    /// The place after the last record.
    pub(crate) fn end(self) -> Position {
        Position {
            file: self.file,
            offset: self.offset + self.length,
        }
    }
}

/// A place in the archive: between two records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Position {
    /// Serial number of the file; 0 before the first.
    pub file: u32,
    /// Bytes before it.
    pub offset: u64,
}

/// What a portal file says today about reading its pages.
#[derive(Clone, Debug, Default)]
pub struct PortalView {
    /// Region, name and selectors; the fields of the list row are not read.
    pub hints: Hints,
    /// Genres to keep; empty for all.
    pub genres: Vec<Genre>,
}

impl Capture {
    /// The bytes as they were fetched or imported: of an HTTP response, header and coded body.
    pub fn body_bytes(&self) -> &[u8] {
        match &self.body {
            CaptureBody::Http { response, .. } => response,
            CaptureBody::Resource { bytes, .. } => bytes,
        }
    }
}

impl Capture {
    /// What tells the captures of a file apart: the digest of the file, or one word that says why there is none
    /// (`http_404`, `length` …). Two captures of one address with the same version say the same.
    pub(crate) fn file_version(&self) -> String {
        if let Some(truncated) = self.truncated {
            return truncated.code().to_owned();
        }
        match self.payload() {
            Ok(payload) if payload.status == 200 => {
                format!("sha1:{}", BASE32.encode(&sha1(&payload.bytes)))
            }
            Ok(payload) => format!("http_{}", payload.status),
            Err(_) => "undecodable".to_owned(),
        }
    }
}

impl CaptureBody {
    /// SHA-1 of the response or file: two captures with the same are the same, for `WARC-Record-ID` and for imports
    /// that come again.
    pub(crate) fn digest(&self) -> Sha1Digest {
        match self {
            Self::Http { response, .. } => sha1(response),
            Self::Resource { bytes, .. } => sha1(bytes),
        }
    }

    /// Bytes of it all.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Http {
                request, response, ..
            } => request.len() + response.len(),
            Self::Resource { bytes, .. } => bytes.len(),
        }
    }
}

impl CaptureKind {
    const ALL: [(Self, &'static str); 7] = [
        (Self::Page, "page"),
        (Self::List, "list"),
        (Self::Sitemap, "sitemap"),
        (Self::Robots, "robots"),
        (Self::Attachment, "attachment"),
        (Self::Line, "line"),
        (Self::Profile, "profile"),
    ];

    /// The word in the metadata record.
    pub(crate) fn code(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(kind, _)| *kind == self)
            .map_or("page", |(_, code)| code)
    }

    pub(crate) fn from_code(code: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(_, other)| *other == code)
            .map(|(kind, _)| *kind)
    }
}

impl Truncated {
    /// The word in `WARC-Truncated`.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Length => "length",
            Self::Time => "time",
            Self::Disconnect => "disconnect",
        }
    }

    pub(crate) fn from_code(code: &str) -> Self {
        match code {
            "length" => Self::Length,
            "time" => Self::Time,
            // WARC also knows `unspecified`.
            _ => Self::Disconnect,
        }
    }
}
