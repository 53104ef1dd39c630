//! Bytes to text, whatever the page claims to be written in.
//!
//! Old portals send GBK and say UTF-8, or the other way round, so no label is believed before the bytes themselves
//! were looked at: a byte order mark, then strict UTF-8, then the labels (`<meta charset>` in the first 4 KiB, the
//! header), then a guess from the bytes. GB2312, GBK and GB18030 are one encoding here, as they are in browsers.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, GB18030, GBK, UTF_8, UTF_16BE, UTF_16LE};
use serde::Serialize;

/// How far into a page a declared charset is looked for, in bytes.
const DECLARATION_WINDOW: usize = 4096;

/// What an encoding was chosen for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EncodingBasis {
    /// A byte order mark.
    Bom,
    /// The bytes are valid UTF-8, or are up to a character at the end that was cut.
    Utf8,
    /// What the page declares about itself, and decodes without much loss as.
    Meta,
    /// What the Content-Type header says.
    Header,
    /// A guess from the bytes.
    Guess,
    /// Nothing decodes it well: what loses least.
    Lossy,
}

/// A decoded page or list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// The text, without a byte order mark.
    pub text: String,
    /// Name of the encoding in the form of the WHATWG Encoding Standard, e.g. `UTF-8`.
    pub encoding: &'static str,
    /// Why this one.
    pub basis: EncodingBasis,
    /// Characters that could not be decoded (U+FFFD).
    pub replaced: usize,
}

impl Decoded {
    /// Over 0.1 % of the characters could not be decoded.
    pub fn is_mojibake(&self) -> bool {
        // Counting characters costs a pass over the text; most pages have nothing to count.
        self.replaced > 0 && self.replaced * 1000 > self.text.chars().count()
    }
}

/// Decodes `bytes`; `charset` is what the Content-Type header says, if there is one.
///
/// Never fails: what cannot be decoded becomes U+FFFD and is counted.
pub fn decode(bytes: &[u8], charset: Option<&str>) -> Decoded {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return decode_as(encoding, &bytes[mark..], EncodingBasis::Bom);
    }
    // A page cut off in the middle of a character is still the UTF-8 it says it is.
    let valid = match std::str::from_utf8(bytes) {
        Ok(_) => bytes.len(),
        Err(error) if error.error_len().is_none() => error.valid_up_to(),
        Err(_) => 0,
    };
    if valid > 0 && !bytes[..valid].is_ascii() || valid == bytes.len() {
        return decode_as(UTF_8, bytes, EncodingBasis::Utf8);
    }
    let declared = declared_charset(bytes);
    let labels = [
        (declared.as_deref(), EncodingBasis::Meta),
        (charset, EncodingBasis::Header),
    ];
    for (label, basis) in labels {
        let Some(encoding) = label.and_then(encoding_for_label) else {
            continue;
        };
        let decoded = decode_as(encoding, bytes, basis);
        if !decoded.is_mojibake() {
            return decoded;
        }
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    let guessed = detector.guess(Some(b"cn"), Utf8Detection::Allow);
    let decoded = decode_as(chinese_superset(guessed), bytes, EncodingBasis::Guess);
    if !decoded.is_mojibake() {
        return decoded;
    }
    // Everything has errors: take what loses least, and of equals what is likeliest on these sites.
    let rest = [UTF_8, GB18030].map(|encoding| decode_as(encoding, bytes, EncodingBasis::Lossy));
    let best = rest.into_iter().fold(decoded, |best, other| {
        if other.replaced < best.replaced {
            other
        } else {
            best
        }
    });
    Decoded {
        basis: EncodingBasis::Lossy,
        ..best
    }
}

fn decode_as(encoding: &'static Encoding, bytes: &[u8], basis: EncodingBasis) -> Decoded {
    let (text, _) = encoding.decode_without_bom_handling(bytes);
    let text = text.into_owned();
    let replaced = text.matches('\u{fffd}').count();
    Decoded {
        text,
        encoding: encoding.name(),
        basis,
        replaced,
    }
}

/// The encoding behind a label, if the label can be true: UTF-16 without a byte order mark is a mistake of the
/// template (its own ASCII declaration could be read), and UTF-8 was already ruled out but may be damaged UTF-8.
fn encoding_for_label(label: &str) -> Option<&'static Encoding> {
    let encoding = Encoding::for_label(label.trim().as_bytes())?;
    (encoding != UTF_16BE && encoding != UTF_16LE).then(|| chinese_superset(encoding))
}

fn chinese_superset(encoding: &'static Encoding) -> &'static Encoding {
    if encoding == GBK { GB18030 } else { encoding }
}

/// The charset that a `<meta>` element or an XML declaration at the head of the page names.
fn declared_charset(bytes: &[u8]) -> Option<String> {
    let head = &bytes[..bytes.len().min(DECLARATION_WINDOW)];
    let head: String = head.iter().map(|b| char::from(*b).to_ascii_lowercase()).collect();
    let after = |key: &str| {
        head.match_indices(key).find_map(|(at, _)| {
            let value = head[at + key.len()..].trim_start().strip_prefix('=')?;
            let value = value.trim_start().trim_start_matches(['"', '\'']);
            let end = value.find(|c: char| !(c.is_ascii_alphanumeric() || "-_:.".contains(c)));
            let label = &value[..end.unwrap_or(value.len())];
            (!label.is_empty()).then(|| label.to_owned())
        })
    };
    after("charset").or_else(|| after("encoding"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "关于印发2023年度法治政府建设工作要点的通知，请认真贯彻落实。各乡镇人民政府：";

    fn gbk(text: &str) -> Vec<u8> {
        GBK.encode(text).0.into_owned()
    }

    #[test]
    fn the_bytes_win_over_wrong_labels() {
        let page = format!("<meta charset=\"utf-8\"><p>{TEXT}");
        let decoded = decode(&gbk(&page), Some("utf-8"));
        assert_eq!((decoded.text.as_str(), decoded.replaced), (page.as_str(), 0));
        assert_eq!(
            (decoded.encoding, decoded.basis),
            ("gb18030", EncodingBasis::Guess)
        );

        let page =
            format!("<meta http-equiv=\"Content-Type\" content=\"text/html; charset=gb2312\"><p>{TEXT}");
        let decoded = decode(page.as_bytes(), Some("GBK"));
        assert_eq!((decoded.text, decoded.encoding), (page, "UTF-8"));
        assert_eq!(decoded.basis, EncodingBasis::Utf8);
    }

    #[test]
    fn gb2312_may_hold_characters_of_gb18030() {
        let page = format!("<meta charset=gb2312><p>{TEXT}镕喆㙍𠮷</p>");
        let bytes = GB18030.encode(&page).0.into_owned();
        let decoded = decode(&bytes, None);
        assert_eq!((decoded.text, decoded.basis), (page, EncodingBasis::Meta));
    }

    #[test]
    fn unlabelled_pages_are_guessed() {
        assert_eq!(decode(&gbk(TEXT), None).text, TEXT);
        assert_eq!(decode(TEXT.as_bytes(), None).text, TEXT);
        assert_eq!(decode(b"", None).text, "");
    }

    #[test]
    fn byte_order_marks_are_obeyed_and_removed() {
        let utf16: Vec<u8> = [0xff, 0xfe]
            .into_iter()
            .chain(TEXT.encode_utf16().flat_map(u16::to_le_bytes))
            .collect();
        let decoded = decode(&utf16, Some("gbk"));
        assert_eq!((decoded.text.as_str(), decoded.basis), (TEXT, EncodingBasis::Bom));
        assert_eq!(
            decode(format!("\u{feff}{TEXT}").as_bytes(), Some("gbk")).text,
            TEXT
        );
    }

    #[test]
    fn a_page_cut_inside_a_character_keeps_its_encoding() {
        let cut = &TEXT.as_bytes()[..TEXT.len() - 1];
        let decoded = decode(cut, Some("gb2312"));
        assert_eq!((decoded.encoding, decoded.replaced), ("UTF-8", 1));
        assert!(decoded.text.starts_with("关于印发2023"));
    }

    #[test]
    fn damage_is_counted() {
        let mut bytes = gbk(&TEXT.repeat(20));
        bytes[3] = 0xff;
        let decoded = decode(&bytes, Some("gbk"));
        assert!(decoded.replaced >= 1 && decoded.text.contains("法治政府建设"));
        let noise: Vec<u8> = (0..2000_u32).map(|i| (i * 7919 % 251) as u8 | 0x80).collect();
        let decoded = decode(&noise, None);
        assert!(decoded.is_mojibake());
        assert_eq!(decoded.basis, EncodingBasis::Lossy);
    }
}
