//! What a file is called.
//!
//! `Content-Disposition` (RFC 6266) names it, in one of many ways: `filename*` is percent-encoded with its charset
//! (RFC 8187); `filename` should be ASCII, but holds bytes of UTF-8 or GBK as they are, percent-encoded ones, a word of
//! mail (RFC 2047), or UTF-8 that was taken for Latin-1 once. Without it the address is asked.

use std::borrow::Cow;

use data_encoding::BASE64;
use encoding_rs::{Encoding, GB18030, UTF_8};
use percent_encoding::percent_decode;

/// Longest name, in characters.
const MAX_CHARS: usize = 200;

/// Longest header that is looked at, in bytes.
const MAX_HEADER_BYTES: usize = 4096;

/// Endings that tell a file from a page in an address.
const ENDINGS: &[&str] = &[
    "pdf", "doc", "docx", "wps", "wpt", "rtf", "xls", "xlsx", "et", "ppt", "pptx", "dps", "ofd", "ceb",
    "zip", "rar", "7z", "txt", "csv", "jpg", "jpeg", "png", "gif", "tif", "tiff", "bmp", "odt", "ods",
];

/// The name of a file: as the `Content-Disposition` header says, else as its address ends or its query says.
///
/// Without folders and control characters, never empty.
pub fn file_name(disposition: Option<&[u8]>, address: &str) -> Option<String> {
    disposition
        .and_then(in_disposition)
        .or_else(|| in_address(address))
}

fn in_disposition(header: &[u8]) -> Option<String> {
    let header = &header[..header.len().min(MAX_HEADER_BYTES)];
    let parameters = parameters(header);
    let value = |name: &str| {
        let mut found = parameters
            .iter()
            .filter(|(key, _)| key.eq_ignore_ascii_case(name.as_bytes()));
        found.next().map(|(_, value)| value)
    };
    let extended = value("filename*").and_then(|value| extended(value));
    let plain = || value("filename").map(|value| plain(value));
    extended.and_then(|name| tidy(&name)).or_else(|| tidy(&plain()?))
}

/// Names and values of the parameters of a header, values without their quotes.
fn parameters(header: &[u8]) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut out = Vec::new();
    let mut part = Vec::new();
    let mut quoted = false;
    let mut bytes = header.iter().copied().peekable();
    let mut end = |part: &mut Vec<u8>| {
        if let Some(at) = part.iter().position(|b| *b == b'=') {
            out.push((
                part[..at].trim_ascii().to_vec(),
                part[at + 1..].trim_ascii().to_vec(),
            ));
        }
        part.clear();
    };
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => quoted = !quoted,
            // A backslash alone may be the second half of a character in GBK.
            b'\\' if quoted && bytes.peek() == Some(&b'"') => part.extend(bytes.next()),
            b';' if !quoted => end(&mut part),
            _ => part.push(byte),
        }
    }
    end(&mut part);
    out
}

/// `UTF-8'zh'%E6%8A%A5`
fn extended(value: &[u8]) -> Option<String> {
    let mut parts = value.splitn(3, |b| *b == b'\'');
    let (charset, _language, name) = (parts.next()?, parts.next()?, parts.next()?);
    let bytes: Vec<u8> = percent_decode(name).collect();
    let encoding = Encoding::for_label(charset)?;
    Some(if encoding == UTF_8 {
        guess(&bytes)
    } else {
        encoding.decode(&bytes).0.into_owned()
    })
}

/// A name that may be written in any way.
fn plain(value: &[u8]) -> String {
    if let Some(name) = std::str::from_utf8(value).ok().and_then(mail_words) {
        return name;
    }
    let decoded: Vec<u8> = percent_decode(value).collect();
    let name = guess(if is_text(&decoded) { &decoded } else { value });
    latin_undone(value).unwrap_or(name)
}

fn is_text(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok() || !GB18030.decode_without_bom_handling(bytes).1
}

/// Of UTF-8 and GBK what makes Chinese of it: few bytes of GBK may be valid as letters of other scripts in UTF-8.
pub(super) fn guess(bytes: &[u8]) -> String {
    let gbk = || GB18030.decode_without_bom_handling(bytes);
    match std::str::from_utf8(bytes) {
        Ok(name) if name.chars().all(|c| c.is_ascii() || c >= '\u{2000}') || gbk().1 => name.to_owned(),
        _ => gbk().0.into_owned(),
    }
}

/// The text whose bytes were taken for Latin-1 and written as UTF-8.
fn latin_undone(value: &[u8]) -> Option<String> {
    let name = std::str::from_utf8(value).ok().filter(|name| !name.is_ascii())?;
    let bytes: Option<Vec<u8>> = name.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
    let bytes = bytes.filter(|bytes| is_text(bytes))?;
    Some(guess(&bytes)).filter(|name| name.chars().any(|c| c >= '\u{2e80}'))
}

/// `=?UTF-8?B?5oql5ZGK?=`; white space between two of them does not count. `None` when there is none.
fn mail_words(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = text;
    let mut found = false;
    while let Some(at) = rest.find("=?") {
        let mut parts = rest[at + 2..].splitn(3, '?');
        let (charset, how) = (parts.next()?, parts.next()?);
        let (word, after) = parts.next()?.split_once("?=")?;
        let bytes = match how {
            "B" | "b" => BASE64.decode(word.as_bytes()).ok()?,
            "Q" | "q" => percent_decode(word.replace('_', " ").replace('=', "%").as_bytes()).collect(),
            _ => return None,
        };
        if !(found && rest[..at].trim().is_empty()) {
            out.push_str(&rest[..at]);
        }
        let charset = charset.split('*').next().unwrap_or_default();
        out.push_str(&Encoding::for_label(charset.as_bytes())?.decode(&bytes).0);
        (rest, found) = (after, true);
    }
    found.then(|| out + rest)
}

/// The last part of a path, or of what a query says, that ends as files do.
fn in_address(address: &str) -> Option<String> {
    let address = address.split('#').next().unwrap_or_default();
    let parts = address.rsplit(['?', '&', '=']);
    let mut names = parts.filter_map(|part| {
        let bytes: Cow<'_, [u8]> = percent_decode(part.as_bytes()).into();
        tidy(&guess(&bytes))
    });
    names.find(|name| {
        let ending = name
            .rsplit_once('.')
            .map(|(_, ending)| ending.to_ascii_lowercase());
        ending.is_some_and(|ending| ENDINGS.contains(&ending.as_str()))
    })
}

/// The last component, in one line.
fn tidy(name: &str) -> Option<String> {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let words: Vec<&str> = name
        .split(|c: char| c.is_whitespace() || c.is_control() || c == '\u{feff}')
        .collect();
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    let name = words.join(" ");
    let chars = name.chars().count();
    let name = match name.rsplit_once('.') {
        // The ending is worth more than the middle.
        Some((stem, ending)) if chars > MAX_CHARS && ending.chars().count() < 10 => {
            let room = MAX_CHARS - ending.chars().count() - 1;
            stem.chars()
                .take(room)
                .chain(['.'])
                .chain(ending.chars())
                .collect()
        }
        _ => name.chars().take(MAX_CHARS).collect::<String>(),
    };
    name.chars().any(|c| c != '.' && c != ' ').then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_name_files_in_many_ways() {
        let gbk = |text: &str| GB18030.encode(text).0.into_owned();
        let latin = |text: &str| text.bytes().map(char::from).collect::<String>();
        for (header, name) in [
            (&b"attachment; filename=\"2023.pdf\""[..], Some("2023.pdf")),
            (
                "attachment;filename=年度报告.pdf".as_bytes(),
                Some("年度报告.pdf"),
            ),
            (
                &gbk("attachment; filename=\"泾县2023年度报告.doc\""),
                Some("泾县2023年度报告.doc"),
            ),
            (
                b"attachment; filename=\"a.pdf\"; filename*=UTF-8''%E6%8A%A5%E5%91%8A.pdf",
                Some("报告.pdf"),
            ),
            (b"attachment; FILENAME*=gbk'zh'%B1%A8%B8%E6.pdf", Some("报告.pdf")),
            (b"attachment; filename*=UTF-8''%B1%A8%B8%E6.pdf", Some("报告.pdf")),
            (b"attachment; filename=%E6%8A%A5%E5%91%8A.pdf", Some("报告.pdf")),
            (b"attachment; filename=\"%B1%A8%B8%E6.pdf\"", Some("报告.pdf")),
            (
                b"attachment; filename=\"=?UTF-8?B?5oql5ZGK?= =?utf-8?q?=E4=B8=80?=.doc\"",
                Some("报告一.doc"),
            ),
            (
                latin("attachment; filename=报告.pdf").as_bytes(),
                Some("报告.pdf"),
            ),
            (b"attachment; filename=\"C:\\docs\\a b.pdf\"", Some("a b.pdf")),
            (b"attachment; filename=\"../../etc/passwd\"", Some("passwd")),
            (
                b"attachment; filename=\"a;b \\\"c\\\".pdf\"",
                Some("a;b \"c\".pdf"),
            ),
            (b"attachment; filename=\"..\"", None),
            (b"attachment", None),
            (b"inline; filename=", None),
        ] {
            let shown = String::from_utf8_lossy(header);
            assert_eq!(
                file_name(Some(header), "https://a.example/f").as_deref(),
                name,
                "{shown}"
            );
        }
    }

    #[test]
    fn addresses_name_files() {
        for (address, name) in [
            (
                "https://a.example/files/%E6%8A%A5%E5%91%8A.pdf?v=1",
                Some("报告.pdf"),
            ),
            (
                "https://a.example/viewer/?file=%2Ffiles%2F2023.PDF#page=2",
                Some("2023.PDF"),
            ),
            (
                "https://a.example/downfile.jsp?classid=0&filename=3f2a.doc",
                Some("3f2a.doc"),
            ),
            ("https://a.example/%B1%A8%B8%E6.xls", Some("报告.xls")),
            ("https://a.example/attachment/12", None),
            ("https://a.example/", None),
        ] {
            assert_eq!(file_name(None, address).as_deref(), name, "{address}");
        }
    }

    #[test]
    fn long_names_keep_their_ending() {
        let name = format!("{}.docx", "报".repeat(300));
        let name = tidy(&name).unwrap();
        assert_eq!(name.chars().count(), 200);
        assert!(name.ends_with("报.docx"));
    }
}
