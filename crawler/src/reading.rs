//! From a capture to what it says: the one way from archived bytes to a [`Content`], taken alike by a crawl, an
//! import and a rebuild, so that all of them come to the same.

pub(crate) mod files;
#[cfg(test)]
pub(crate) mod samples;

use report::{AttachmentStatus, Content, Genre, Quality, QualityFlag, QualityReason};

use crate::{
    archive::{Capture, CaptureBody, CaptureKind, Payload, PayloadError, PortalView},
    extract::{
        Attached, ExtractError, Hints, Media, Source, explain::Explanation, extract, extract_explained,
        extract_file, recurrence::Sketch, sketch,
    },
    files::FileWorker,
    import::line::{self, LineError},
    store::{Given, PortalLookup},
};
use files::{Files, read_file};

/// What is left of the score of a text that was not received to its end.
const TRUNCATED_SCORE: f64 = 0.8;

/// What reading needs beside the captures.
#[derive(Clone)]
pub struct Readers {
    /// What the portal files say today.
    pub portals: PortalLookup,
    /// Reads files.
    pub files: FileWorker,
}

impl From<PortalLookup> for Readers {
    /// Files are read in this very process: fit for files that are trusted.
    fn from(portals: PortalLookup) -> Self {
        let files = FileWorker::in_process();
        Self { portals, files }
    }
}

/// What a capture says.
#[derive(Clone, Debug)]
pub struct Reading {
    /// The report.
    pub content: Content,
    /// What an imported line says about its identity; empty for anything else.
    pub given: Given,
}

/// Why there is no report in a capture.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// It was fetched for another purpose: a list, a `robots.txt` …
    #[error("it was not fetched as a report")]
    OtherKind,
    /// The server's answer was no page.
    #[error("the server answered with status {0}")]
    Status(u16),
    /// The file is no page, and no document that can be read.
    #[error("{0} is no page, and no document that can be read")]
    Media(String),
    /// The portal file keeps only other genres.
    #[error("the portal file leaves out the genre {0}")]
    Genre(Genre),
    /// The bytes cannot be decoded.
    #[error(transparent)]
    Payload(#[from] PayloadError),
    /// There is no report on the page.
    #[error(transparent)]
    Extract(#[from] ExtractError),
    /// The JSON line is wrong.
    #[error(transparent)]
    Line(#[from] LineError),
    /// A fault of ours.
    #[error("reading it failed with a fault of this program: {0}")]
    Panicked(String),
}

impl ReadError {
    /// There is nothing wrong with the capture: it just is not a report.
    pub fn is_not_a_report(&self) -> bool {
        matches!(
            self,
            Self::OtherKind | Self::Status(_) | Self::Media(_) | Self::Genre(_) | Self::Extract(_)
        )
    }
}

/// Reads the report in a capture, without what its files say. `portal` is what the portal file says today; without it,
/// what was archived with the capture stands in.
///
/// # Errors
/// When there is no report in it, or it cannot be read.
pub fn read_capture(
    capture: &Capture,
    portal: Option<&PortalView>,
    files: &FileWorker,
) -> Result<Reading, ReadError> {
    let reading = read_alone(capture, portal, files)?;
    with_files(capture, portal, reading, &Files::default())
}

/// Reads the report in a capture as far as that can be without its files. A page whose document is in them may turn
/// out not to be of the genres that are kept.
///
/// # Errors
/// As [`read_capture`].
pub(crate) fn read_alone(
    capture: &Capture,
    portal: Option<&PortalView>,
    files: &FileWorker,
) -> Result<Reading, ReadError> {
    let reading = guarded(|| read(capture, portal, Input::Alone(files)))?;
    match is_in_files(&reading.content) {
        true => Ok(reading),
        false => kept(capture, portal, reading),
    }
}

/// What a page that was read alone says with its files.
///
/// # Errors
/// When the portal file keeps only other genres.
pub(crate) fn with_files(
    capture: &Capture,
    portal: Option<&PortalView>,
    mut reading: Reading,
    files: &Files,
) -> Result<Reading, ReadError> {
    if !files.is_empty() && is_in_files(&reading.content) {
        let attached = files.attached(&reading.content.attachments);
        if attached != Attached::default() {
            reading = guarded(|| read(capture, portal, Input::Attached(attached)))?;
        }
    }
    files.fill(&mut reading.content);
    kept(capture, portal, reading)
}

/// Whether a page says no more than that the document is in its files.
fn is_in_files(content: &Content) -> bool {
    content.quality.flags.contains(&QualityFlag::AttachmentOnly)
}

fn kept(capture: &Capture, portal: Option<&PortalView>, reading: Reading) -> Result<Reading, ReadError> {
    let genres = portal.map_or(&capture.genres, |view| &view.genres);
    let genre = reading.content.genre;
    let is_page = capture.kind == CaptureKind::Page;
    if is_page && !genres.is_empty() && !genres.contains(&genre) {
        return Err(ReadError::Genre(genre));
    }
    Ok(reading)
}

/// Runs a reader of foreign bytes. A page must not end a run over thousands, whatever it sets off in a parser.
pub(crate) fn guarded<T>(read: impl FnOnce() -> Result<T, ReadError>) -> Result<T, ReadError> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(read)).unwrap_or_else(|panic| {
        let message = panic.downcast_ref::<String>().map(String::as_str);
        let message = message
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("no message");
        Err(ReadError::Panicked(message.to_owned()))
    })
}

/// What a capture is read with.
enum Input<'a> {
    /// Nothing; in the place of a page may be a file.
    Alone(&'a FileWorker),
    /// What was read of its files.
    Attached(Attached),
}

fn read(capture: &Capture, portal: Option<&PortalView>, input: Input<'_>) -> Result<Reading, ReadError> {
    let mut hints = hints(capture, portal);
    let files = match input {
        Input::Alone(files) => Some(files),
        Input::Attached(attached) => {
            hints.attached = Some(attached);
            None
        }
    };
    match (capture.kind, &capture.body) {
        (CaptureKind::Line, CaptureBody::Resource { bytes, .. }) => {
            Ok(line::read(bytes, &capture.url, &hints)?)
        }
        (CaptureKind::Page, _) => {
            let payload = capture.payload()?;
            let mut content = match source(capture, &payload) {
                Ok(source) => extract(&source, &hints)?,
                Err(error) => files
                    .and_then(|files| lone_file(capture, &hints, files))
                    .ok_or(error)?,
            };
            if !payload.is_whole {
                doubt_the_end(&mut content.quality);
            }
            Ok(Reading {
                content,
                given: Given::default(),
            })
        }
        _ => Err(ReadError::OtherKind),
    }
}

/// Reads the report in a capture and tells why it was read so; `None` when the capture is no page.
pub(crate) fn explain_capture(
    capture: &Capture,
    portal: &PortalView,
) -> Option<(Result<Content, ExtractError>, Explanation)> {
    let explained = guarded(|| {
        let payload = capture.payload()?;
        Ok(extract_explained(
            &source(capture, &payload)?,
            &hints(capture, Some(portal)),
        ))
    });
    explained.ok()
}

/// The report in a file that came in the place of a page. What cannot be read is one when the list that led to it says
/// what it is.
fn lone_file(capture: &Capture, hints: &Hints, files: &FileWorker) -> Option<Content> {
    let facts = read_file(capture, files);
    let media_type = facts.media_type.as_deref()?;
    let is_told = hints.list_title.is_some();
    let is_document = match facts.status {
        AttachmentStatus::Indexed => true,
        AttachmentStatus::NeedsOcr => is_told || !media_type.starts_with("image/"),
        _ => is_told && media_type != "application/octet-stream",
    };
    let (file, attached) = facts.alone(&capture.url);
    let hints = Hints {
        attached: Some(attached),
        ..hints.clone()
    };
    is_document.then(|| extract_file(file, &capture.url, &hints))
}

/// Reads a page for what may recur on others of its portal; `None` when it is no web page.
pub(crate) fn sketch_capture(capture: &Capture, portal: Option<&PortalView>) -> Option<Sketch> {
    let sketched = guarded(|| match capture.kind {
        CaptureKind::Page => {
            let payload = capture.payload()?;
            Ok(sketch(&source(capture, &payload)?, &hints(capture, portal)))
        }
        _ => Err(ReadError::OtherKind),
    });
    sketched.ok().flatten()
}

fn hints(capture: &Capture, portal: Option<&PortalView>) -> Hints {
    match portal {
        None => capture.hints.clone(),
        Some(view) => Hints {
            list_title: capture.hints.list_title.clone(),
            list_date: capture.hints.list_date,
            profile: capture.hints.profile.clone(),
            ..view.hints.clone()
        },
    }
}

fn source<'a>(capture: &'a Capture, payload: &'a Payload) -> Result<Source<'a>, ReadError> {
    if payload.status != 200 {
        return Err(ReadError::Status(payload.status));
    }
    let media_type = payload.media_type.as_str();
    let media = media(media_type, &payload.bytes, &capture.url).ok_or_else(|| {
        let name = media_type
            .split(';')
            .map(str::trim)
            .next()
            .filter(|name| !name.is_empty());
        ReadError::Media(name.unwrap_or("the file").chars().take(80).collect())
    })?;
    Ok(Source {
        url: &capture.url,
        media,
        bytes: &payload.bytes,
        charset: charset(media_type),
    })
}

/// Flags a text whose page was not received to its end, whatever its last sentence looks like.
fn doubt_the_end(quality: &mut Quality) {
    if !quality.flags.contains(&QualityFlag::Truncated) {
        let flag = QualityFlag::Truncated;
        quality.flags.push(flag);
        quality.flags.sort_unstable();
        let detail = "the answer ended before the page did".to_owned();
        quality.reasons.push(QualityReason { flag, detail });
        quality.reasons.sort_by_key(|reason| reason.flag);
        quality.score = (quality.score * TRUNCATED_SCORE * 100.0).round() / 100.0;
    }
}

/// What kind of file the bytes are: by the signature of files that often come under a wrong name, then by what the
/// server says, then by what the text begins with.
fn media(media_type: &str, bytes: &[u8], url: &str) -> Option<Media> {
    /// First bytes of PDF, ZIP (DOCX, XLSX, OFD), OLE (DOC, XLS), RAR, 7z, gzip, PNG, JPEG, GIF, RIFF.
    const OTHERS: [&[u8]; 10] = [
        b"%PDF-",
        b"PK\x03\x04",
        b"\xd0\xcf\x11\xe0",
        b"Rar!",
        b"7z\xbc\xaf",
        b"\x1f\x8b",
        b"\x89PNG",
        b"\xff\xd8\xff",
        b"GIF8",
        b"RIFF",
    ];
    if OTHERS.iter().any(|signature| bytes.starts_with(signature)) {
        return None;
    }
    let name = media_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    match name.as_str() {
        "text/html" | "application/xhtml+xml" => Some(Media::Html),
        "text/plain" | "application/octet-stream" | "application/xml" | "text/xml" | ""
            if looks_like_html(bytes) =>
        {
            Some(Media::Html)
        }
        "text/plain" => Some(Media::Text),
        "" if url.to_ascii_lowercase().ends_with(".txt") => Some(Media::Text),
        _ => None,
    }
}

fn looks_like_html(bytes: &[u8]) -> bool {
    let start = bytes
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(bytes)
        .trim_ascii_start();
    let start = String::from_utf8_lossy(&start[..start.len().min(1024)]).to_ascii_lowercase();
    start.starts_with('<')
        && ["<!doctype html", "<html", "<head", "<body"]
            .iter()
            .any(|tag| start.contains(tag))
}

/// The charset parameter of a media type.
fn charset(media_type: &str) -> Option<&str> {
    media_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let value = value.trim().trim_matches(['"', '\'']);
        (name.trim().eq_ignore_ascii_case("charset") && !value.is_empty()).then_some(value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_what_they_are() {
        let html = b"\xef\xbb\xbf\n<!DOCTYPE html><html>".as_slice();
        for (name, bytes, url, expected) in [
            ("text/html; charset=gbk", b"<p>".as_slice(), "", Some(Media::Html)),
            ("text/html", b"%PDF-1.4", "", None),
            ("text/plain", html, "", Some(Media::Html)),
            ("application/octet-stream", html, "", Some(Media::Html)),
            ("application/octet-stream", b"\0\x01", "", None),
            ("TEXT/PLAIN", "一、".as_bytes(), "", Some(Media::Text)),
            ("", "一、".as_bytes(), "import:a/B.TXT", Some(Media::Text)),
            ("application/json", b"{}", "", None),
            ("image/png", b"x", "", None),
        ] {
            assert_eq!(media(name, bytes, url), expected, "{name} {bytes:?}");
        }
        assert_eq!(charset("text/html; x=y; Charset=\"GB2312\""), Some("GB2312"));
        assert_eq!(charset("text/html;charset="), None);
    }
}
