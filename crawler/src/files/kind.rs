//! What a file is, by its bytes.
//!
//! Servers send PDF as `text/html` and error pages as `application/pdf`; names end in `.doc` what is a web page, and OLE
//! containers hold Word and Excel alike. So bytes go before names: signatures at the very beginning first, then those
//! that may come later (`%PDF` within 1 KiB), then markup, and only plain text needs a name that says so.

use super::package::Package;

/// How far a PDF may be behind other bytes (ISO 32000, implementation note to §7.5.2).
const PDF_WINDOW: usize = 1024;

/// How far is looked whether a file is text.
const TEXT_WINDOW: usize = 4096;

/// Signature, kind.
const SIGNATURES: &[(&[u8], Kind)] = &[
    (b"PK\x03\x04", Kind::Zip),
    (b"PK\x05\x06", Kind::Zip),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Kind::Ole),
    (b"{\\rtf", Kind::Rtf),
    (b"Rar!\x1a\x07", Kind::Rar),
    (b"7z\xbc\xaf\x27\x1c", Kind::SevenZip),
    (b"Founder CEB", Kind::Ceb),
    (b"\xff\xd8\xff", Kind::Image("image/jpeg")),
    (b"\x89PNG\r\n\x1a\n", Kind::Image("image/png")),
    (b"GIF8", Kind::Image("image/gif")),
    (b"II*\0", Kind::Image("image/tiff")),
    (b"MM\0*", Kind::Image("image/tiff")),
];

/// Beginnings of web pages, in lower case.
const MARKUP: &[&str] = &[
    "<!doctype html",
    "<html",
    "<head",
    "<body",
    "<script",
    "<meta",
    "<title",
    "<div",
    "<p>",
    "<table",
    "<style",
    "<!--",
];

/// Endings of the names of plain text.
const TEXT_ENDINGS: &[&str] = &["txt", "csv", "log", "md"];

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Empty,
    Pdf,
    Docx,
    Xlsx,
    Pptx,
    Ofd,
    Zip,
    /// OpenDocument.
    Odf,
    Doc,
    Xls,
    Ppt,
    /// An OLE container with something else in it.
    Ole,
    /// A document of Office Open XML behind a password.
    Encrypted,
    Rtf,
    Rar,
    SevenZip,
    Ceb,
    Text,
    Html,
    /// With its media type.
    Image(&'static str),
    Unknown,
}

impl Kind {
    /// Looks at the beginning of a file, and into the table of contents of a container.
    pub(super) fn of(bytes: &[u8], name: Option<&str>) -> Self {
        if bytes.iter().all(|b| b.is_ascii_whitespace() || *b == 0) {
            return Self::Empty;
        }
        match Self::of_signature(bytes) {
            Self::Zip => return of_zip(bytes),
            Self::Ole => return of_ole(bytes),
            Self::Unknown => {}
            kind => return kind,
        }
        let ending = name.and_then(|name| name.rsplit_once('.'));
        let ending = ending.map(|(_, ending)| ending.trim().to_ascii_lowercase());
        if ending.is_some_and(|ending| TEXT_ENDINGS.contains(&ending.as_str())) && is_text(bytes) {
            return Self::Text;
        }
        Self::Unknown
    }

    /// Looks at the beginning only: containers are `Zip` or `Ole`, text is `Unknown`.
    pub(super) fn of_signature(bytes: &[u8]) -> Self {
        if let Some((_, kind)) = SIGNATURES
            .iter()
            .find(|(signature, _)| bytes.starts_with(signature))
        {
            return *kind;
        }
        if bytes.starts_with(b"BM") && bytes.get(6..10) == Some(&[0; 4]) {
            return Self::Image("image/bmp");
        }
        if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
            return Self::Image("image/webp");
        }
        let markup = is_markup(bytes);
        let window = &bytes[..bytes.len().min(PDF_WINDOW)];
        if !markup && window.windows(4).any(|at| at == b"%PDF") {
            return Self::Pdf;
        }
        if markup {
            return Self::Html;
        }
        Self::Unknown
    }

    /// As registered with IANA, or as it is mostly called.
    pub(super) fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Pptx => "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            Self::Ofd => "application/ofd",
            Self::Zip => "application/zip",
            Self::Odf => "application/vnd.oasis.opendocument",
            Self::Doc => "application/msword",
            Self::Xls => "application/vnd.ms-excel",
            Self::Ppt => "application/vnd.ms-powerpoint",
            Self::Ole | Self::Encrypted => "application/x-ole-storage",
            Self::Rtf => "application/rtf",
            Self::Rar => "application/vnd.rar",
            Self::SevenZip => "application/x-7z-compressed",
            Self::Ceb => "application/x-ceb",
            Self::Text => "text/plain",
            Self::Html => "text/html",
            Self::Image(media_type) => media_type,
            Self::Empty | Self::Unknown => "application/octet-stream",
        }
    }

    /// The media type of that name, if one is called so.
    pub(super) fn known_media_type(name: &str) -> Option<&'static str> {
        let mut all = ALL.iter().map(|kind| kind.media_type());
        all.find(|media_type| *media_type == name)
    }
}

/// Every kind, for the names of their media types.
const ALL: &[Kind] = &[
    Kind::Empty,
    Kind::Pdf,
    Kind::Docx,
    Kind::Xlsx,
    Kind::Pptx,
    Kind::Ofd,
    Kind::Zip,
    Kind::Odf,
    Kind::Doc,
    Kind::Xls,
    Kind::Ppt,
    Kind::Ole,
    Kind::Rtf,
    Kind::Rar,
    Kind::SevenZip,
    Kind::Ceb,
    Kind::Text,
    Kind::Html,
    Kind::Image("image/jpeg"),
    Kind::Image("image/png"),
    Kind::Image("image/gif"),
    Kind::Image("image/tiff"),
    Kind::Image("image/bmp"),
    Kind::Image("image/webp"),
];

/// What a ZIP container holds, by the parts that only one format has.
fn of_zip(bytes: &[u8]) -> Kind {
    let Ok(package) = Package::open(bytes) else {
        return Kind::Zip;
    };
    let has = |name: &str| package.has(name);
    // An archive may hold anything below a folder `word`; the list of types is of office files only.
    if has("[Content_Types].xml") || has("_rels/.rels") {
        for (folder, kind) in [("word/", Kind::Docx), ("xl/", Kind::Xlsx), ("ppt/", Kind::Pptx)] {
            if package.has_folder(folder) {
                return kind;
            }
        }
    }
    if has("OFD.xml") {
        return Kind::Ofd;
    }
    if has("mimetype") && has("content.xml") {
        return Kind::Odf;
    }
    Kind::Zip
}

/// What an OLE container holds, by the names of its streams. They stand as UTF-16 in the directory, wherever that is.
fn of_ole(bytes: &[u8]) -> Kind {
    let holds = |name: &str| {
        let wide: Vec<u8> = name
            .encode_utf16()
            .chain([0])
            .flat_map(u16::to_le_bytes)
            .collect();
        // Directory entries are 128 bytes long, in sectors of 512 or 4096 bytes.
        bytes.chunks_exact(128).any(|entry| entry.starts_with(&wide))
    };
    for (name, kind) in [
        ("WordDocument", Kind::Doc),
        ("Workbook", Kind::Xls),
        ("Book", Kind::Xls),
        ("PowerPoint Document", Kind::Ppt),
        ("EncryptedPackage", Kind::Encrypted),
    ] {
        if holds(name) {
            return kind;
        }
    }
    Kind::Ole
}

fn is_markup(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let begin = bytes.iter().position(|b| !b.is_ascii_whitespace()).unwrap_or(0);
    let begin = &bytes[begin..bytes.len().min(begin + 2048)];
    let lower = String::from_utf8_lossy(begin).to_ascii_lowercase();
    MARKUP.iter().any(|markup| lower.starts_with(markup))
        || lower.starts_with("<?xml") && (lower.contains("<html") || lower.contains("<!doctype html"))
}

/// No control characters but those that set lines; UTF-16 with its mark is text, too.
fn is_text(bytes: &[u8]) -> bool {
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return true;
    }
    let window = &bytes[..bytes.len().min(TEXT_WINDOW)];
    window
        .iter()
        .all(|b| *b >= 0x20 || matches!(b, b'\t' | b'\n' | b'\r' | 0x0c | 0x1a))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_go_before_names() {
        for (bytes, name, kind) in [
            (&b""[..], None, Kind::Empty),
            (b" \r\n\0\0", Some("a.pdf"), Kind::Empty),
            (b"%PDF-1.4\n", Some("a.doc"), Kind::Pdf),
            (b"\r\n\r\n%PDF-1.7", None, Kind::Pdf),
            (b"<html><p>%PDF</p>", Some("a.pdf"), Kind::Html),
            (b"\xef\xbb\xbf \n<!DOCTYPE HTML>", Some("a.pdf"), Kind::Html),
            (b"<?xml version='1.0'?><html>", Some("a.pdf"), Kind::Html),
            (b"{\\rtf1\\ansi", Some("a.doc"), Kind::Rtf),
            (b"Rar!\x1a\x07\x01\x00", Some("a.zip"), Kind::Rar),
            (b"7z\xbc\xaf\x27\x1c\0", None, Kind::SevenZip),
            (b"\xff\xd8\xff\xe0", Some("a.pdf"), Kind::Image("image/jpeg")),
            (b"PK\x03\x04", Some("a.docx"), Kind::Zip),
            (b"text", Some("a.TXT"), Kind::Text),
            (b"text", Some("a.pdf"), Kind::Unknown),
            (b"te\0xt", Some("a.txt"), Kind::Unknown),
        ] {
            assert_eq!(Kind::of(bytes, name), kind, "{name:?} {bytes:?}");
        }
    }
}
