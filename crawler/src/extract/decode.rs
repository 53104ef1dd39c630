//! Bytes to text, whatever the page claims to be written in.
//!
//! Old portals send GBK and say UTF-8, or the other way round, so no label is believed before the bytes themselves
//! were looked at: a byte order mark, then UTF-8, then the labels (`<meta charset>` in the first 4 KiB, the header),
//! then a guess from the bytes. GB2312, GBK and GB18030 are one encoding here, as they are in browsers; Latin-1 is what
//! servers say that were told nothing.

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
    /// The bytes are valid UTF-8, up to a character at the end that was cut or a few that are damaged.
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
    let (bytes, mark) = match Encoding::for_bom(bytes) {
        Some((encoding, mark)) => (&bytes[mark..], Some(encoding)),
        None => (bytes, None),
    };
    // A template saved as UTF-8 may be filled in GBK.
    if let Some(encoding) = mark.filter(|encoding| *encoding != UTF_8 || is_nearly_utf8(bytes)) {
        return decode_as(encoding, bytes, EncodingBasis::Bom);
    }
    if let Some(encoding) = utf16_without_mark(bytes) {
        return decode_as(encoding, bytes, EncodingBasis::Guess);
    }
    // A page cut off in the middle of a character is still the UTF-8 it says it is.
    let valid = match std::str::from_utf8(bytes) {
        Ok(text) => return decoded(UTF_8, text.to_owned(), EncodingBasis::Utf8),
        Err(error) if error.error_len().is_none() => error.valid_up_to(),
        Err(_) => 0,
    };
    if valid > 0 && !bytes[..valid].is_ascii() || is_nearly_utf8(bytes) {
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
    decoded(encoding, text.into_owned(), basis)
}

fn decoded(encoding: &'static Encoding, text: String, basis: EncodingBasis) -> Decoded {
    let replaced = text.matches('\u{fffd}').count();
    Decoded {
        text,
        encoding: encoding.name(),
        basis,
        replaced,
    }
}

/// Whether the bytes are UTF-8 but for a few that are damaged: ten characters that take three bytes or more for each
/// error. Text in GBK makes errors nearly everywhere.
fn is_nearly_utf8(bytes: &[u8]) -> bool {
    let (mut wide, mut errors, mut left) = (0_usize, 0_usize, bytes.len());
    for chunk in bytes.utf8_chunks() {
        wide += chunk.valid().chars().filter(|c| *c >= '\u{800}').count();
        errors += usize::from(!chunk.invalid().is_empty());
        left -= chunk.valid().len() + chunk.invalid().len();
        if wide + left / 3 < 10 * errors {
            // The rest cannot make up for them.
            return false;
        }
    }
    errors == 0 || wide >= 10 * errors
}

/// UTF-16 whose byte order mark was lost: every other byte of the markup at the beginning is zero.
fn utf16_without_mark(bytes: &[u8]) -> Option<&'static Encoding> {
    const WINDOW: usize = 128;
    const ENOUGH: usize = 8;
    let units = bytes[..bytes.len().min(WINDOW)].chunks_exact(2);
    let zero = |at: usize| units.clone().filter(|unit| unit[at] == 0).count();
    let (high, low) = (zero(0), zero(1));
    let markup =
        |zeros: usize, others: usize| zeros >= ENOUGH && zeros * 4 >= units.len() && others * 8 <= zeros;
    if markup(high, low) {
        Some(UTF_16BE)
    } else {
        markup(low, high).then_some(UTF_16LE)
    }
}

/// The encoding behind a label, if the label can be true: UTF-16 without a byte order mark is a mistake of the
/// template (its own ASCII declaration could be read), and in the encodings of one byte a character nothing is an
/// error, so that they would win over every other.
fn encoding_for_label(label: &str) -> Option<&'static Encoding> {
    let encoding = Encoding::for_label(label.trim().as_bytes())?;
    let told = encoding != UTF_16BE && encoding != UTF_16LE && !encoding.is_single_byte();
    told.then(|| chinese_superset(encoding))
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
mod tests;
