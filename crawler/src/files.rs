//! The text of a file that belongs to a report.
//!
//! What a file is, its first bytes tell, not its name and not the server ([`Kind`]). For each kind there is a reader that
//! gives lines: a paragraph is one line, the row of a table is one line with its cells joined by tabs. They are pure
//! functions of the bytes. What cannot be read is said in one word (`reason`), what holds only pictures of pages as
//! [`FileOutcome::NeedsOcr`].
//!
//! Files come from strangers. Every reader keeps to the limits below, but libraries may not: [`FileWorker`] runs
//! [`read`] in a process of its own whose memory and time are limited, so that a file costs at most itself.

mod archive;
mod doc;
mod docx;
mod kind;
mod name;
mod ofd;
mod package;
mod pdf;
mod rows;
mod sheets;
mod tidy;
mod worker;
mod xml;

use std::panic::{AssertUnwindSafe, catch_unwind};

use self::kind::Kind;
pub use self::{
    name::file_name,
    worker::{FileLimits, FileWorker, serve_file},
};

/// Longest text that is kept of a file, in bytes; what goes beyond is cut off at the end of a line.
const MAX_TEXT_BYTES: usize = 32 << 20;

/// Fewest characters of a document that is not taken for a scan.
const FEW_CHARS: usize = 20;

/// Why a file gave no text.
pub(crate) mod reason {
    /// There is nothing in it.
    pub(crate) const EMPTY: &str = "empty";
    /// It ends too early or contradicts itself.
    pub(crate) const DAMAGED: &str = "damaged";
    /// A password is needed.
    pub(crate) const ENCRYPTED: &str = "encrypted";
    /// A kind that is not read.
    pub(crate) const UNSUPPORTED: &str = "unsupported";
    /// A web page where a file was expected: mostly the server's word that there is none.
    pub(crate) const HTML_ERROR: &str = "html_error";
    /// It unpacks to more than is read, or names more parts.
    pub(crate) const TOO_COMPLEX: &str = "too_complex";
    /// The process that read it died.
    pub(crate) const CRASHED: &str = "crashed";
    /// The process that read it did not come to an end.
    pub(crate) const TIMEOUT: &str = "timeout";

    pub(crate) const ALL: &[&str] = &[
        EMPTY,
        DAMAGED,
        ENCRYPTED,
        UNSUPPORTED,
        HTML_ERROR,
        TOO_COMPLEX,
        CRASHED,
        TIMEOUT,
    ];
}

/// What was read of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileReading {
    /// What its bytes are, as registered with IANA where it is.
    pub media_type: &'static str,
    /// Its text, or why there is none.
    pub outcome: FileOutcome,
}

/// What reading a file came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileOutcome {
    /// Lines that end with `\n`; never only white space.
    Text(String),
    /// Its pages are pictures.
    NeedsOcr,
    /// Why there is no text: one word, e.g. `unsupported`, `damaged`, `encrypted`, `html_error`, `too_complex`.
    Failed(&'static str),
}

/// Reads the text of a file. `name` is what it is called, where that is known; it only tells plain text from damage.
///
/// Never panics: a library that does on damaged bytes makes it `crashed`. But for bytes from strangers a library may use
/// more memory than there is; see [`FileWorker`].
pub fn read(bytes: &[u8], name: Option<&str>) -> FileReading {
    let (kind, outcome) = caught(|| {
        let kind = Kind::of(bytes, name);
        let outcome = match kind {
            Kind::Zip => outcome(archive::read(bytes)),
            kind => read_nested(kind, bytes),
        };
        (kind, outcome)
    })
    .unwrap_or_else(|crashed| (Kind::of_signature(bytes), crashed));
    FileReading {
        media_type: kind.media_type(),
        outcome,
    }
}

/// What came of reading with libraries that may panic.
fn caught<T>(read: impl FnOnce() -> T) -> Result<T, FileOutcome> {
    catch_unwind(AssertUnwindSafe(read)).map_err(|_| FileOutcome::Failed(reason::CRASHED))
}

/// Reads a file of a kind that is no archive.
fn read_nested(kind: Kind, bytes: &[u8]) -> FileOutcome {
    outcome(match kind {
        Kind::Empty => Err(reason::EMPTY),
        Kind::Html => Err(reason::HTML_ERROR),
        Kind::Unknown => Err(reason::DAMAGED),
        Kind::Image(_) => Ok(Content::Pictures),
        Kind::Text => Ok(Content::Text(crate::extract::decode(bytes, None).text)),
        Kind::Pdf => pdf::read(bytes),
        Kind::Docx => docx::read(bytes),
        Kind::Doc => doc::read(bytes),
        Kind::Xlsx => sheets::xlsx(bytes),
        Kind::Xls => sheets::xls(bytes),
        Kind::Ofd => ofd::read(bytes),
        Kind::Encrypted => Err(reason::ENCRYPTED),
        Kind::Pptx
        | Kind::Ppt
        | Kind::Odf
        | Kind::Ole
        | Kind::Rtf
        | Kind::Zip
        | Kind::Rar
        | Kind::SevenZip
        | Kind::Ceb => Err(reason::UNSUPPORTED),
    })
}

fn outcome(content: Result<Content, &'static str>) -> FileOutcome {
    match content {
        Ok(Content::Text(text)) => {
            let text = tidy::tidy(&text);
            if text.is_empty() {
                FileOutcome::Failed(reason::EMPTY)
            } else {
                FileOutcome::Text(text)
            }
        }
        Ok(Content::Pictures) => FileOutcome::NeedsOcr,
        Err(reason) => FileOutcome::Failed(reason),
    }
}

/// What a reader found.
enum Content {
    /// Lines, not tidied up yet.
    Text(String),
    /// Too little text, and pictures.
    Pictures,
}

impl Content {
    /// A text with hardly a character beside pictures is one of pictures.
    fn new(text: String, has_pictures: bool) -> Self {
        let shown = text.chars().filter(|c| !c.is_whitespace());
        if has_pictures && shown.take(FEW_CHARS).count() < FEW_CHARS {
            Self::Pictures
        } else {
            Self::Text(text)
        }
    }
}
