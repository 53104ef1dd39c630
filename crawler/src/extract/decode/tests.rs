//! Which encoding a page is read in, whatever its labels say.

use encoding_rs::BIG5;
use proptest::prelude::*;

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

    let page = format!("<meta http-equiv=\"Content-Type\" content=\"text/html; charset=gb2312\"><p>{TEXT}");
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

fn utf16(text: &str, little: bool) -> Vec<u8> {
    let bytes = |unit: u16| {
        if little {
            unit.to_le_bytes()
        } else {
            unit.to_be_bytes()
        }
    };
    text.encode_utf16().flat_map(bytes).collect()
}

/// What goes wrong with encodings: the page, what its header says, and the encoding that it is in.
#[test]
fn every_lie_is_seen_through() {
    use EncodingBasis::{Bom, Guess, Header, Meta, Utf8};
    const MARK: [u8; 3] = [0xef, 0xbb, 0xbf];
    let meta = |charset: &str| format!("<meta charset={charset}><p>{TEXT}</p>");
    let xml = |charset: &str| format!("<?xml version='1.0' encoding='{charset}'?><list>{TEXT}</list>");
    let far = format!("<script>{}</script>{}", "var a=1;".repeat(600), meta("gbk"));
    let html = format!("<html><head><title>{TEXT}</title>");
    let big5 = "<meta charset=big5><p>關於印發法治政府建設工作要點的通知，請認真貫徹落實。</p>";
    let rows = [
        (
            "UTF-8 says gb2312",
            meta("gb2312").into_bytes(),
            None,
            TEXT,
            "UTF-8",
            Utf8,
        ),
        (
            "GBK says UTF-8",
            gbk(&meta("utf-8")),
            Some("utf-8"),
            TEXT,
            "gb18030",
            Guess,
        ),
        (
            "GBK says GBK",
            gbk(&meta("gbk")),
            Some("utf-8"),
            TEXT,
            "gb18030",
            Meta,
        ),
        (
            "GBK, said by the header",
            gbk(TEXT),
            Some("GB2312"),
            TEXT,
            "gb18030",
            Header,
        ),
        (
            "GBK from a server of Latin-1",
            gbk(&html),
            Some("ISO-8859-1"),
            TEXT,
            "gb18030",
            Guess,
        ),
        (
            "GBK says Latin-1",
            gbk(&meta("windows-1252")),
            None,
            TEXT,
            "gb18030",
            Guess,
        ),
        ("declared too late", gbk(&far), None, TEXT, "gb18030", Guess),
        (
            "declared too late, said by the header",
            gbk(&far),
            Some("gbk"),
            TEXT,
            "gb18030",
            Header,
        ),
        ("XML in GBK", gbk(&xml("gb2312")), None, TEXT, "gb18030", Meta),
        (
            "XML in UTF-8 says GBK",
            xml("GBK").into_bytes(),
            None,
            TEXT,
            "UTF-8",
            Utf8,
        ),
        (
            "XML in GBK says UTF-8",
            gbk(&xml("UTF-8")),
            None,
            TEXT,
            "gb18030",
            Guess,
        ),
        (
            "ASCII says GBK",
            b"<meta charset=gbk><p>404".to_vec(),
            Some("gbk"),
            "404",
            "UTF-8",
            Utf8,
        ),
        (
            "Big5",
            BIG5.encode(big5).0.into_owned(),
            None,
            "法治政府",
            "Big5",
            Meta,
        ),
        (
            "UTF-16 without a mark",
            utf16(&html, true),
            None,
            TEXT,
            "UTF-16LE",
            Guess,
        ),
        (
            "UTF-16 the other way",
            utf16(&html, false),
            Some("gbk"),
            TEXT,
            "UTF-16BE",
            Guess,
        ),
        (
            "mark and GBK",
            [&MARK, &*gbk(&meta("gb2312"))].concat(),
            None,
            TEXT,
            "gb18030",
            Meta,
        ),
        (
            "mark and UTF-8",
            [&MARK, TEXT.as_bytes()].concat(),
            Some("gbk"),
            TEXT,
            "UTF-8",
            Bom,
        ),
        (
            "unknown label",
            gbk(&meta("x-unknown")),
            Some("?"),
            TEXT,
            "gb18030",
            Guess,
        ),
        (
            "UTF-16 only in the label",
            gbk(&meta("utf-16")),
            None,
            TEXT,
            "gb18030",
            Guess,
        ),
    ];
    for (name, bytes, header, words, encoding, basis) in rows {
        let decoded = decode(&bytes, header);
        assert!(decoded.text.contains(words), "{name}: {}", decoded.text);
        assert_eq!((decoded.encoding, decoded.basis), (encoding, basis), "{name}");
        assert!(!decoded.is_mojibake(), "{name}");
    }
}

#[test]
fn a_broken_byte_does_not_change_the_encoding() {
    for at in [0, 3, 10] {
        let mut bytes = TEXT.as_bytes().to_vec();
        bytes[3 * at + 1] = b'?';
        let decoded = decode(&bytes, Some("gb2312"));
        assert_eq!(decoded.encoding, "UTF-8", "{at}");
        assert!(decoded.text.ends_with("各乡镇人民政府："));
    }
    // In GBK what follows is out of step up to the next ASCII character.
    for at in [0, 3] {
        let mut bytes = gbk(TEXT);
        bytes[2 * at] = 0xff;
        let decoded = decode(&bytes, Some("gb2312"));
        assert_eq!(decoded.encoding, "gb18030", "{at}");
        assert!(decoded.text.ends_with("各乡镇人民政府："), "{}", decoded.text);
    }
}

proptest! {
    /// A page of enough Chinese text is read as it was written, whatever is said about it.
    #[test]
    fn no_label_spoils_a_page(
        words in "[一-龥]{1,12}",
        label in prop::sample::select(vec!["utf-8", "gb2312", "gbk", "gb18030", "iso-8859-1", "utf-16", "x"]),
        in_gbk: bool,
    ) {
        let page = format!("<html><meta charset={label}><p>{TEXT}{words}{TEXT}</p></html>");
        let bytes = if in_gbk { gbk(&page) } else { page.clone().into_bytes() };
        prop_assert_eq!(decode(&bytes, Some(label)).text, page);
    }

    #[test]
    fn any_bytes_are_decoded(bytes in prop::collection::vec(any::<u8>(), 0..300), label in "[ -~]{0,12}") {
        decode(&bytes, Some(&label));
    }
}
