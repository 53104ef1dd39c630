//! The path patterns of rules, and the one spelling in which paths and patterns are compared.
//!
//! Both sides are brought to one spelling first (RFC 9309 §2.2.2): octets outside of printable ASCII are
//! percent-encoded, encoded octets that need no encoding are decoded, hexadecimal digits are upper case. What is
//! special in a pattern, `*` and a `$` at its end, stands for itself in a path and is therefore encoded there, so that
//! `%2A` in a pattern means a star (§2.2.3).

use std::fmt::Write;

/// A pattern of an `Allow` or `Disallow` line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern {
    /// In the one spelling, with its stars, without a `$` at its end.
    text: String,
    /// It ended with `$`: the path must end where it ends.
    is_anchored: bool,
}

impl Pattern {
    /// Reads the value of a line; `None` when it is empty and so matches nothing.
    ///
    /// A value that begins with neither `/` nor `*` is read as if it began with `/`.
    pub(super) fn parse(value: &[u8]) -> Option<Self> {
        let (value, is_anchored) = match value {
            [] => return None,
            [start @ .., b'$'] => (start, true),
            whole => (whole, false),
        };
        let mut text = String::with_capacity(value.len() + 1);
        if !matches!(value.first(), Some(b'/' | b'*')) {
            text.push('/');
        }
        spell(value, Some(b'*'), &mut text);
        Some(Self { text, is_anchored })
    }

    /// How specific the pattern is: its length in octets.
    pub(super) fn octets(&self) -> usize {
        self.text.len() + usize::from(self.is_anchored)
    }

    /// Whether the pattern matches a path, with its query, in the one spelling.
    ///
    /// What stands between stars is looked for from the left, each at its first place: that leaves the most for the
    /// rest, so no other place need be tried.
    pub(super) fn matches(&self, path: &str) -> bool {
        let mut parts = self.text.split('*');
        let Some(mut rest) = path.strip_prefix(parts.next().unwrap_or_default()) else {
            return false;
        };
        let Some(last) = parts.next_back() else {
            return !self.is_anchored || rest.is_empty();
        };
        for part in parts {
            match rest.find(part) {
                Some(at) => rest = &rest[at + part.len()..],
                None => return false,
            }
        }
        if self.is_anchored {
            rest.ends_with(last)
        } else {
            rest.contains(last)
        }
    }
}

/// A path and query in the one spelling.
pub(super) fn spelled_path(path: &str) -> String {
    let mut text = String::with_capacity(path.len());
    spell(path.as_bytes(), None, &mut text);
    text
}

/// Writes octets in the one spelling; `special` stays as it is.
fn spell(octets: &[u8], special: Option<u8>, text: &mut String) {
    let mut rest = octets;
    while let [octet, after @ ..] = rest {
        rest = after;
        let decoded = match after {
            [high, low, after @ ..] if *octet == b'%' => hex(*high).zip(hex(*low)).map(|digits| {
                rest = after;
                digits.0 * 16 + digits.1
            }),
            _ => None,
        };
        match decoded {
            Some(octet) if needs_no_encoding(octet) => text.push(char::from(octet)),
            Some(octet) => encode(octet, text),
            None if special == Some(*octet) || is_plain(*octet) => text.push(char::from(*octet)),
            None => encode(*octet, text),
        }
    }
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
}

fn encode(octet: u8, text: &mut String) {
    // Writing to a string cannot fail.
    let _ = write!(text, "%{octet:02X}");
}

/// The unreserved characters of RFC 3986, and `'`, which addresses have encoded in queries and plain in paths.
fn needs_no_encoding(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || b"-._~'".contains(&octet)
}

/// What stands as it is when it was not encoded: the unreserved and the reserved characters, save for those that are
/// special in patterns, and a lone `%`.
fn is_plain(octet: u8) -> bool {
    needs_no_encoding(octet) || b":/?#[]@!&()+,;=%".contains(&octet)
}
