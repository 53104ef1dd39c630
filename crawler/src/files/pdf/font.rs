//! From the bytes a page shows to characters and their widths.
//!
//! A string in a page is a row of codes of its font. What they mean is told, best first, by the font's ToUnicode map; by
//! the CMap it is encoded with, if that is written in Unicode (`UniGB-UCS2-H`); by the character collection its CIDs
//! belong to (Adobe-GB1 and its sisters); or, for fonts of one byte, by the names of glyphs. Font programs are not read:
//! what only they know (fonts without all of these) stays unknown.

use std::collections::HashMap;

use hayro_cmap::{BfString, CMap, CMapName, CidFamily, WritingMode, load_embedded};
use hayro_syntax::object::{Array, Dict, Name, Object, Stream, String as Bytes, dict::keys};

use super::encoding;

/// Most widths that are kept of a font.
const MAX_WIDTHS: usize = 1 << 17;

/// Longest ToUnicode map or CMap that is read, in bytes.
const MAX_MAP_BYTES: usize = 8 << 20;

/// One code of a string.
pub(super) struct Code {
    /// What it shows; empty when that is unknown.
    pub(super) text: String,
    /// How far it moves on, in thousandths of the font's size.
    pub(super) advance: f64,
    /// It is the one-byte code 32, to which word spacing applies.
    pub(super) is_space: bool,
}

pub(super) struct Font {
    kind: Kind,
    to_unicode: Option<CMap>,
    /// By code of a simple font, by CID of a composite one.
    widths: HashMap<u32, f64>,
    default_width: f64,
    /// From units of the font to thousandths.
    unit: f64,
    pub(super) vertical: bool,
}

enum Kind {
    /// One byte a code; what the codes show.
    Simple(Box<[Option<&'static str>; 256]>, HashMap<u8, String>),
    Composite {
        encoding: Box<CMap>,
        /// The codes are Unicode.
        is_unicode: bool,
        /// From CIDs to Unicode.
        collection: Option<Box<CMap>>,
    },
}

impl Font {
    pub(super) fn new(dict: &Dict<'_>) -> Self {
        let to_unicode = to_unicode(dict);
        let subtype = dict.get::<Name<'_>>(keys::SUBTYPE);
        match subtype.as_deref() {
            Some(b"Type0") => Self::composite(dict, to_unicode),
            subtype => Self::simple(dict, to_unicode, subtype == Some(b"Type3")),
        }
    }

    fn composite(dict: &Dict<'_>, to_unicode: Option<CMap>) -> Self {
        let descendant = dict.get::<Array<'_>>(keys::DESCENDANT_FONTS);
        let descendant = descendant
            .and_then(|fonts| fonts.iter::<Dict<'_>>().next())
            .unwrap_or_default();
        let (encoding, is_unicode) = match dict.get::<Object<'_>>(keys::ENCODING) {
            Some(Object::Name(name)) => (predefined(&name), name.starts_with(b"Uni")),
            Some(Object::Stream(stream)) => (parse(&stream), false),
            _ => (None, false),
        };
        let encoding = Box::new(encoding.unwrap_or_else(CMap::identity_h));
        let own = encoding
            .metadata()
            .character_collection
            .clone()
            .map(|collection| collection.family);
        let own = own.filter(|family| family.ucs2_cmap().is_some());
        let collection = own.or_else(|| {
            let info = descendant.get::<Dict<'_>>(keys::CIDSYSTEMINFO)?;
            let ordering = info.get::<Bytes<'_>>(keys::ORDERING)?;
            Some(CidFamily::from_registry_ordering(b"Adobe", &ordering))
        });
        let collection = collection
            .and_then(|family| family.ucs2_cmap())
            .and_then(embedded)
            .map(Box::new);
        let widths = descendant
            .get::<Array<'_>>(b"W")
            .map(|widths| composite_widths(&widths));
        Self {
            vertical: encoding.metadata().writing_mode == Some(WritingMode::Vertical),
            kind: Kind::Composite {
                encoding,
                is_unicode,
                collection,
            },
            to_unicode,
            widths: widths.unwrap_or_default(),
            default_width: descendant.get::<f64>(b"DW").unwrap_or(1000.0),
            unit: 1.0,
        }
    }

    fn simple(dict: &Dict<'_>, to_unicode: Option<CMap>, is_type3: bool) -> Self {
        let descriptor = dict.get::<Dict<'_>>(keys::FONT_DESC).unwrap_or_default();
        let encoding = dict.get::<Object<'_>>(keys::ENCODING);
        let (base, differences) = match &encoding {
            Some(Object::Name(name)) => (Some(name.to_vec()), None),
            Some(Object::Dict(dict)) => (
                dict.get::<Name<'_>>(keys::BASE_ENCODING)
                    .map(|name| name.to_vec()),
                dict.get::<Array<'_>>(keys::DIFFERENCES),
            ),
            _ => (None, None),
        };
        let is_type1 = dict
            .get::<Name<'_>>(keys::SUBTYPE)
            .is_some_and(|name| &*name == b"Type1");
        let table = encoding::base(base.as_deref(), is_type1);
        let mut named = HashMap::new();
        let mut code = 0_u32;
        for item in differences
            .iter()
            .flat_map(|array| array.iter::<Object<'_>>())
            .take(1024)
        {
            match item {
                Object::Number(number) => code = u32::try_from(number.as_i64()).unwrap_or(256),
                Object::Name(name) => {
                    if let (Ok(code), Some(text)) = (u8::try_from(code), encoding::glyph_name(&name)) {
                        named.insert(code, text);
                    }
                    code = code.saturating_add(1);
                }
                _ => {}
            }
        }
        let first = dict.get::<u32>(keys::FIRST_CHAR).unwrap_or(0);
        let list = dict.get::<Array<'_>>(keys::WIDTHS);
        let list = list.iter().flat_map(|widths| widths.iter::<f64>()).take(256);
        let widths: HashMap<u32, f64> = list.zip(first..).map(|(width, code)| (code, width)).collect();
        let matrix = dict.get::<Vec<f64>>(keys::FONT_MATRIX).filter(|_| is_type3);
        let unit = matrix
            .and_then(|matrix| matrix.first().copied())
            .map_or(1.0, |unit| unit.abs() * 1000.0);
        let missing = descriptor
            .get::<f64>(keys::MISSING_WIDTH)
            .filter(|width| *width > 0.0);
        Self {
            kind: Kind::Simple(Box::new(table), named),
            to_unicode,
            // The standard fonts come without widths; most of their letters are about that wide.
            default_width: missing.unwrap_or(if widths.is_empty() { 500.0 } else { 0.0 }),
            widths,
            unit,
            vertical: false,
        }
    }

    /// Takes the codes of a string apart.
    pub(super) fn codes(&self, bytes: &[u8], mut take: impl FnMut(Code)) {
        match &self.kind {
            Kind::Simple(table, named) => {
                for byte in bytes {
                    let code = u32::from(*byte);
                    let named = || named.get(byte).cloned();
                    let text = self.mapped(code).or_else(named);
                    let text = text.or_else(|| table[usize::from(*byte)].map(str::to_owned));
                    take(Code {
                        text: text.unwrap_or_default(),
                        advance: self.widths.get(&code).unwrap_or(&self.default_width) * self.unit,
                        is_space: *byte == b' ',
                    });
                }
            }
            Kind::Composite {
                encoding,
                is_unicode,
                collection,
            } => {
                let mut rest = bytes;
                while !rest.is_empty() {
                    let (code, cid, length) = next_code(encoding, rest);
                    let unicode = || if *is_unicode { unicode(code, length) } else { None };
                    let text = self.mapped(code).or_else(unicode);
                    let in_collection = || collection.as_ref()?.lookup_bf_string(cid?).map(text_of);
                    take(Code {
                        text: text.or_else(in_collection).unwrap_or_default(),
                        advance: match cid {
                            _ if self.vertical => 1000.0,
                            Some(cid) => *self.widths.get(&cid).unwrap_or(&self.default_width),
                            None => self.default_width,
                        },
                        is_space: length == 1 && code == 32,
                    });
                    rest = rest.get(length..).unwrap_or_default();
                }
            }
        }
    }

    fn mapped(&self, code: u32) -> Option<String> {
        let text = text_of(self.to_unicode.as_ref()?.lookup_bf_string(code)?);
        // Maps that lead to nothing or to a sign for the unknown are as good as none.
        Some(text).filter(|text| !text.chars().all(|c| matches!(c, '\0' | '\u{fffd}')))
    }
}

/// The code at the beginning, its CID and its length in bytes.
fn next_code(encoding: &CMap, bytes: &[u8]) -> (u32, Option<u32>, usize) {
    let mut code = 0;
    for (byte, length) in bytes.iter().zip(1_u8..=4) {
        code = code << 8 | u32::from(*byte);
        if let Some(cid) = encoding.lookup_cid_code(code, length) {
            return (code, Some(cid), length.into());
        }
    }
    // Unknown: of one byte if it is ASCII or the last, else of two, as nearly all are.
    let length = if bytes[0] < 0x80 && encoding.lookup_cid_code(32, 1).is_some() {
        1
    } else {
        bytes.len().min(2)
    };
    let code = bytes[..length]
        .iter()
        .fold(0, |code, byte| code << 8 | u32::from(*byte));
    (code, None, length)
}

/// A code of UCS-2 or UTF-16.
fn unicode(code: u32, length: usize) -> Option<String> {
    let units = [(code >> 16) as u16, code as u16];
    let units = if length == 4 { &units[..] } else { &units[1..] };
    String::from_utf16(units).ok().filter(|text| text != "\0")
}

fn text_of(text: BfString) -> String {
    match text {
        BfString::Char(c) => c.to_string(),
        BfString::String(text) => text,
    }
}

fn predefined(name: &[u8]) -> Option<CMap> {
    match CMapName::from_bytes(name) {
        CMapName::IdentityH => Some(CMap::identity_h()),
        CMapName::IdentityV => Some(CMap::identity_v()),
        name => embedded(name),
    }
}

fn embedded(name: CMapName<'_>) -> Option<CMap> {
    CMap::parse(load_embedded(name)?, load_embedded)
}

fn parse(stream: &Stream<'_>) -> Option<CMap> {
    let data = stream.decoded_data().ok()?;
    if data.len() > MAX_MAP_BYTES {
        return None;
    }
    CMap::parse(&data, load_embedded)
}

fn to_unicode(dict: &Dict<'_>) -> Option<CMap> {
    match dict.get::<Object<'_>>(keys::TO_UNICODE)? {
        Object::Stream(stream) => parse(&stream),
        _ => None,
    }
}

/// `[1 [500 600] 10 20 1000]`: CID 1 and 2, then 10 to 20.
fn composite_widths(array: &Array<'_>) -> HashMap<u32, f64> {
    let mut widths = HashMap::new();
    let mut items = array.iter::<Object<'_>>();
    let number = |item: Object<'_>| match item {
        Object::Number(number) => Some(number.as_f64()),
        _ => None,
    };
    while let Some(first) = items.next().and_then(number) {
        let first = first.max(0.0) as u32;
        match items.next() {
            Some(Object::Array(list)) => {
                for (width, cid) in list.iter::<f64>().zip(first..).take(MAX_WIDTHS - widths.len()) {
                    widths.insert(cid, width);
                }
            }
            Some(Object::Number(last)) => {
                let Some(width) = items.next().and_then(number) else {
                    break;
                };
                let last = last.as_f64().max(0.0) as u32;
                for cid in (first..=last).take(MAX_WIDTHS - widths.len()) {
                    widths.insert(cid, width);
                }
            }
            _ => break,
        }
        if widths.len() >= MAX_WIDTHS {
            break;
        }
    }
    widths
}
