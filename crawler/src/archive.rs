//! The archive: everything that was fetched or imported, as WARC 1.1 files in `archive/` of the data directory.
//!
//! It is the only part of a data directory that cannot be derived again. A [`Capture`] is written as a contiguous
//! group of records (response, request and metadata, or resource and metadata), each a gzip member of its own, and
//! is found again by its [`Location`].

mod capture;

pub use self::capture::{Capture, CaptureBody, CaptureKind, Location, PortalView, Truncated};
