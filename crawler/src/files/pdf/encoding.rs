//! What the codes of fonts with one byte a code show (ISO 32000, annex D).

use std::sync::LazyLock;

use encoding_rs::{Encoding, MACINTOSH, WINDOWS_1252};

/// Codes of StandardEncoding that are not those of ASCII.
const STANDARD: &[(u8, &str)] = &[
    (0x27, "’"),
    (0x60, "‘"),
    (0xa1, "¡"),
    (0xa2, "¢"),
    (0xa3, "£"),
    (0xa4, "⁄"),
    (0xa5, "¥"),
    (0xa6, "ƒ"),
    (0xa7, "§"),
    (0xa8, "¤"),
    (0xa9, "'"),
    (0xaa, "“"),
    (0xab, "«"),
    (0xac, "‹"),
    (0xad, "›"),
    (0xae, "fi"),
    (0xaf, "fl"),
    (0xb1, "–"),
    (0xb2, "†"),
    (0xb3, "‡"),
    (0xb4, "·"),
    (0xb6, "¶"),
    (0xb7, "•"),
    (0xb8, "‚"),
    (0xb9, "„"),
    (0xba, "”"),
    (0xbb, "»"),
    (0xbc, "…"),
    (0xbd, "‰"),
    (0xbf, "¿"),
    (0xd0, "—"),
    (0xe1, "Æ"),
    (0xe3, "ª"),
    (0xe8, "Ł"),
    (0xe9, "Ø"),
    (0xea, "Œ"),
    (0xeb, "º"),
    (0xf1, "æ"),
    (0xf5, "ı"),
    (0xf8, "ł"),
    (0xf9, "ø"),
    (0xfa, "œ"),
    (0xfb, "ß"),
];

/// Names of glyphs that are no letter (those are their own names) and what they show: the part of the Adobe Glyph List
/// that fonts of one byte use.
const NAMES: &[(&str, &str)] = &[
    ("space", " "),
    ("exclam", "!"),
    ("quotedbl", "\""),
    ("numbersign", "#"),
    ("dollar", "$"),
    ("percent", "%"),
    ("ampersand", "&"),
    ("quotesingle", "'"),
    ("parenleft", "("),
    ("parenright", ")"),
    ("asterisk", "*"),
    ("plus", "+"),
    ("comma", ","),
    ("hyphen", "-"),
    ("sfthyphen", "-"),
    ("period", "."),
    ("slash", "/"),
    ("zero", "0"),
    ("one", "1"),
    ("two", "2"),
    ("three", "3"),
    ("four", "4"),
    ("five", "5"),
    ("six", "6"),
    ("seven", "7"),
    ("eight", "8"),
    ("nine", "9"),
    ("colon", ":"),
    ("semicolon", ";"),
    ("less", "<"),
    ("equal", "="),
    ("greater", ">"),
    ("question", "?"),
    ("at", "@"),
    ("bracketleft", "["),
    ("backslash", "\\"),
    ("bracketright", "]"),
    ("asciicircum", "^"),
    ("underscore", "_"),
    ("grave", "`"),
    ("braceleft", "{"),
    ("bar", "|"),
    ("braceright", "}"),
    ("asciitilde", "~"),
    ("exclamdown", "¡"),
    ("cent", "¢"),
    ("sterling", "£"),
    ("fraction", "⁄"),
    ("yen", "¥"),
    ("florin", "ƒ"),
    ("section", "§"),
    ("currency", "¤"),
    ("quotedblleft", "“"),
    ("quotedblright", "”"),
    ("quoteleft", "‘"),
    ("quoteright", "’"),
    ("guillemotleft", "«"),
    ("guillemotright", "»"),
    ("guilsinglleft", "‹"),
    ("guilsinglright", "›"),
    ("fi", "fi"),
    ("fl", "fl"),
    ("ff", "ff"),
    ("ffi", "ffi"),
    ("ffl", "ffl"),
    ("endash", "–"),
    ("emdash", "—"),
    ("dagger", "†"),
    ("daggerdbl", "‡"),
    ("periodcentered", "·"),
    ("middot", "·"),
    ("paragraph", "¶"),
    ("bullet", "•"),
    ("quotesinglbase", "‚"),
    ("quotedblbase", "„"),
    ("ellipsis", "…"),
    ("perthousand", "‰"),
    ("questiondown", "¿"),
    ("acute", "´"),
    ("dieresis", "¨"),
    ("cedilla", "¸"),
    ("circumflex", "ˆ"),
    ("tilde", "˜"),
    ("macron", "¯"),
    ("degree", "°"),
    ("plusminus", "±"),
    ("onesuperior", "¹"),
    ("twosuperior", "²"),
    ("threesuperior", "³"),
    ("mu", "µ"),
    ("onequarter", "¼"),
    ("onehalf", "½"),
    ("threequarters", "¾"),
    ("multiply", "×"),
    ("divide", "÷"),
    ("logicalnot", "¬"),
    ("registered", "®"),
    ("copyright", "©"),
    ("trademark", "™"),
    ("ordfeminine", "ª"),
    ("ordmasculine", "º"),
    ("brokenbar", "¦"),
    ("minus", "−"),
    ("lessequal", "≤"),
    ("greaterequal", "≥"),
    ("notequal", "≠"),
    ("approxequal", "≈"),
    ("infinity", "∞"),
    ("summation", "∑"),
    ("radical", "√"),
    ("partialdiff", "∂"),
    ("germandbls", "ß"),
    ("AE", "Æ"),
    ("ae", "æ"),
    ("OE", "Œ"),
    ("oe", "œ"),
    ("Oslash", "Ø"),
    ("oslash", "ø"),
    ("Lslash", "Ł"),
    ("lslash", "ł"),
    ("dotlessi", "ı"),
    ("Euro", "€"),
    ("nbspace", " "),
    ("alpha", "α"),
    ("beta", "β"),
    ("gamma", "γ"),
    ("delta", "δ"),
    ("Delta", "Δ"),
    ("Omega", "Ω"),
    ("omega", "ω"),
    ("pi", "π"),
    ("checkmark", "✓"),
    ("circle", "○"),
    ("filledbox", "■"),
    ("H22073", "□"),
    ("arrowright", "→"),
];

/// The table of a base encoding. Fonts that name none have one of their own: mostly that of Windows, StandardEncoding in
/// Type 1.
pub(super) fn base(name: Option<&[u8]>, is_type1: bool) -> [Option<&'static str>; 256] {
    static WINDOWS: LazyLock<[Option<&'static str>; 256]> = LazyLock::new(|| table(WINDOWS_1252));
    static MAC: LazyLock<[Option<&'static str>; 256]> = LazyLock::new(|| table(MACINTOSH));
    match name {
        Some(b"MacRomanEncoding") => *MAC,
        Some(b"WinAnsiEncoding") => *WINDOWS,
        Some(b"StandardEncoding") => standard(),
        _ if is_type1 => standard(),
        _ => *WINDOWS,
    }
}

fn standard() -> [Option<&'static str>; 256] {
    let mut table = base(Some(b"WinAnsiEncoding"), false);
    table[0x80..].fill(None);
    for (code, text) in STANDARD {
        table[usize::from(*code)] = Some(text);
    }
    table
}

fn table(encoding: &'static Encoding) -> [Option<&'static str>; 256] {
    /// Every character of a single byte in one string, so that the table can point into it.
    static SHOWN: LazyLock<Vec<String>> = LazyLock::new(|| {
        let shown = |encoding: &'static Encoding| {
            (0..=u8::MAX).map(move |byte| encoding.decode_without_bom_handling(&[byte]).0.into_owned())
        };
        shown(WINDOWS_1252).chain(shown(MACINTOSH)).collect()
    });
    let begin = if encoding == MACINTOSH { 256 } else { 0 };
    let mut table = [None; 256];
    for (entry, text) in table.iter_mut().zip(&SHOWN[begin..]).skip(0x20) {
        *entry = Some(text.as_str()).filter(|text| !text.chars().all(char::is_control));
    }
    table
}

/// What a glyph of that name shows: `one`, `A`, `uni4E00`, `u4E00`, `one.oldstyle`.
pub(super) fn glyph_name(name: &[u8]) -> Option<String> {
    let name = std::str::from_utf8(name).ok()?;
    let stem = name.split('.').next().filter(|stem| !stem.is_empty())?;
    if let Some((_, text)) = NAMES.iter().find(|(name, _)| *name == stem) {
        return Some((*text).to_owned());
    }
    let mut chars = stem.chars();
    if let (Some(letter), None) = (chars.next(), chars.next()) {
        return Some(letter.to_string());
    }
    let digits = |prefix: &str| {
        stem.strip_prefix(prefix)
            .filter(|digits| (4..=6).contains(&digits.len()))
    };
    let digits = digits("uni").or_else(|| digits("u"))?;
    let c = char::from_u32(u32::from_str_radix(digits, 16).ok()?)?;
    Some(c.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_names_show_characters() {
        let standard = base(None, true);
        assert_eq!(
            (standard[0x41], standard[0x27], standard[0xd0], standard[0x80]),
            (Some("A"), Some("’"), Some("—"), None)
        );
        let windows = base(None, false);
        assert_eq!(
            (windows[0x93], windows[0x07], windows[0xb7]),
            (Some("“"), None, Some("·"))
        );
        assert_eq!(base(Some(b"MacRomanEncoding"), false)[0xd2], Some("“"));
        for (name, text) in [
            ("one", "1"),
            ("A", "A"),
            ("uni4E00", "一"),
            ("u4e00.alt", "一"),
            ("five.lf", "5"),
        ] {
            assert_eq!(glyph_name(name.as_bytes()).as_deref(), Some(text));
        }
        assert_eq!(glyph_name(b".notdef"), None);
        assert_eq!(glyph_name(b"g123"), None);
    }
}
