//! What the files of a page come to, and what the page says with them.
//!
//! Each file is a capture of its own. What a capture of a file says is a function of its bytes ([`read_file`]), and
//! what a page says with its files one of the page and of these ([`Files`]): a crawl, an import and a rebuild come to
//! the same.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use report::{Attachment, AttachmentStatus, Content};

use crate::{
    archive::{Capture, Truncated},
    extract::Attached,
    files::{self, FileOutcome, FileWorker, reason},
};

/// Longest text of all files of a page together, in bytes; files beyond are left out of it.
const MAX_TEXT: usize = 64 << 20;

/// What a capture of a file came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FileFacts {
    /// See [`Capture::file_version`].
    pub(crate) version: String,
    /// By what its bytes begin with.
    pub(crate) media_type: Option<String>,
    /// Its length.
    pub(crate) bytes: Option<u64>,
    /// What became of it.
    pub(crate) status: AttachmentStatus,
    /// Why it failed, as one word.
    pub(crate) reason: Option<String>,
    /// What the server calls it.
    pub(crate) name: Option<String>,
    pub(crate) etag: Option<String>,
    pub(crate) last_modified: Option<String>,
    /// Its text.
    pub(crate) text: Option<Arc<str>>,
}

impl FileFacts {
    fn without_text(version: String, status: AttachmentStatus, reason: Option<&str>) -> Self {
        Self {
            version,
            media_type: None,
            bytes: None,
            status,
            reason: reason.map(str::to_owned),
            name: None,
            etag: None,
            last_modified: None,
            text: None,
        }
    }

    /// A file came, whether it can be read or not.
    pub(crate) fn is_file(&self) -> bool {
        self.media_type.is_some()
    }
}

/// Reads a capture of a file.
pub(crate) fn read_file(capture: &Capture, worker: &FileWorker) -> FileFacts {
    let version = capture.file_version();
    let failed =
        |reason: &str| FileFacts::without_text(version.clone(), AttachmentStatus::Failed, Some(reason));
    match capture.truncated {
        None => (),
        Some(Truncated::Length) => {
            return FileFacts::without_text(version, AttachmentStatus::TooLarge, Some("too_large"));
        }
        Some(truncated) => return failed(truncated.code()),
    }
    let Ok(payload) = capture.payload() else {
        return failed("undecodable");
    };
    if payload.status != 200 {
        return failed(&version);
    }
    let field = |name| {
        let field = capture.http_field(name).map(String::from_utf8_lossy);
        field.map(|field| field.trim().to_owned())
    };
    let disposition = capture.http_field("content-disposition").map(as_sent);
    let name = files::file_name(disposition.as_deref(), &capture.url);
    let reading = worker.read(&payload.bytes, name.as_deref());
    let (status, reason, text) = match reading.outcome {
        FileOutcome::Text(text) => (AttachmentStatus::Indexed, None, Some(Arc::from(text))),
        FileOutcome::NeedsOcr => (AttachmentStatus::NeedsOcr, None, None),
        FileOutcome::Failed(reason) => (AttachmentStatus::Failed, Some(reason), None),
    };
    let is_file = !matches!(reason, Some(reason::HTML_ERROR | reason::EMPTY));
    FileFacts {
        media_type: is_file.then(|| reading.media_type.to_owned()),
        bytes: is_file.then_some(payload.bytes.len() as u64),
        name: name.filter(|_| is_file),
        etag: field("etag"),
        last_modified: field("last-modified"),
        text,
        ..FileFacts::without_text(version, status, reason)
    }
}

/// A header as it was sent: bytes that were no UTF-8 were taken for Latin-1 when it was archived.
fn as_sent(field: &[u8]) -> Vec<u8> {
    let latin1 = std::str::from_utf8(field)
        .ok()
        .filter(|text| !text.is_ascii())
        .map(|text| {
            let bytes = text.chars().map(|c| u8::try_from(u32::from(c)).ok());
            bytes.collect::<Option<Vec<_>>>()
        });
    latin1.flatten().unwrap_or_else(|| field.to_vec())
}

/// What is known of the files of a page, by their addresses on it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Files(HashMap<String, Arc<FileFacts>>);

impl FromIterator<(String, Arc<FileFacts>)> for Files {
    fn from_iter<I: IntoIterator<Item = (String, Arc<FileFacts>)>>(files: I) -> Self {
        Self(files.into_iter().collect())
    }
}

impl Files {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Says of each file of a page what became of it.
    pub(super) fn fill(&self, content: &mut Content) {
        for file in &mut content.attachments {
            let Some(facts) = self.0.get(&file.url) else {
                continue;
            };
            facts.fill(file);
        }
    }

    /// The text of the files of a page that says no more than that the document is in them, in the order of the page.
    ///
    /// One document is often there in several forms, under one name but for its ending: the first that could be read
    /// stands for all.
    pub(super) fn attached(&self, attachments: &[Attachment]) -> Attached {
        let mut text = String::new();
        let mut scans = 0;
        let mut seen = BTreeSet::new();
        for file in attachments {
            let Some(facts) = self.0.get(&file.url) else {
                continue;
            };
            scans += usize::from(facts.status == AttachmentStatus::NeedsOcr);
            let Some(more) = facts.text.as_deref().map(str::trim_end) else {
                continue;
            };
            if text.len() + more.len() > MAX_TEXT || !seen.insert(stem(&file.name)) || text == more {
                continue;
            }
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(more);
        }
        Attached {
            text: (!text.is_empty()).then(|| text.into()),
            scans,
        }
    }
}

impl FileFacts {
    fn fill(&self, file: &mut Attachment) {
        file.media_type.clone_from(&self.media_type);
        file.bytes = self.bytes;
        file.status = Some(self.status);
        // An address names a file as its server keeps it; the server may know what people call it.
        let better = self.name.as_deref().filter(|name| report::han_chars(name) > 0);
        if let Some(name) = better.filter(|_| report::han_chars(&file.name) == 0) {
            file.name = name.to_owned();
        }
    }

    /// As the one file of a report that is nothing else.
    pub(super) fn alone(&self, url: &str) -> (Attachment, Attached) {
        let mut file = Attachment {
            url: url.to_owned(),
            name: self.name.clone().unwrap_or_else(|| url.to_owned()),
            media_type: None,
            bytes: None,
            status: None,
        };
        self.fill(&mut file);
        let attached = Attached {
            text: self.text.as_deref().map(|text| text.trim_end().into()),
            scans: usize::from(self.status == AttachmentStatus::NeedsOcr),
        };
        (file, attached)
    }
}

/// A name without its ending.
fn stem(name: &str) -> String {
    let stem = match name.rsplit_once('.') {
        Some((stem, ending)) if ending.len() <= 4 && !stem.is_empty() => stem,
        _ => name,
    };
    stem.split_whitespace().collect()
}
