//! Word documents of the binary format of 1997 to 2003 (MS-DOC), which WPS writes, too.
//!
//! An OLE container holds the stream `WordDocument`, which begins with a block of offsets, and a table stream. The piece
//! table says which stretches of the former, in one or two bytes a character, make the text one after the other; tables
//! of properties say which characters are hidden or deleted, and which marks end a row. Characters below 32 set
//! paragraphs, cells and fields; of a field only the result is shown. Headers and remarks are left out, notes and text
//! boxes stand at the end. Numbers that Word counts by itself are not in the text and not read.

use std::io::{Cursor, Read};

use cfb::CompoundFile;
use encoding_rs::{GBK, WINDOWS_1252};

use super::{Content, MAX_TEXT_BYTES, reason, rows::row};

/// Longest stream that is read.
const MAX_STREAM: u64 = 128 << 20;

/// Version of Word 97; documents before it are in the encoding of a country.
const WORD_97: u16 = 0x00c1;

/// Bytes of a page of properties.
const PAGE: usize = 512;

/// Reads the text of a document.
///
/// # Errors
/// When it is damaged, needs a password, or is too much.
pub(super) fn read(bytes: &[u8]) -> Result<Content, &'static str> {
    let mut container = CompoundFile::open(Cursor::new(bytes)).map_err(|_| reason::DAMAGED)?;
    let mut stream = |name: &str| -> Result<Vec<u8>, &'static str> {
        let mut out = Vec::new();
        let stream = container.open_stream(name).map_err(|_| reason::DAMAGED)?;
        if stream.len() > MAX_STREAM {
            return Err(reason::TOO_COMPLEX);
        }
        stream
            .take(MAX_STREAM)
            .read_to_end(&mut out)
            .map_err(|_| reason::DAMAGED)?;
        Ok(out)
    };
    let main = stream("/WordDocument")?;
    let flags = u16_at(&main, 0x0a).ok_or(reason::DAMAGED)?;
    if flags & 0x0100 != 0 {
        return Err(reason::ENCRYPTED);
    }
    if u16_at(&main, 2).is_some_and(|version| version < WORD_97) {
        return before_97(&main).ok_or(reason::DAMAGED);
    }
    let table = stream(if flags & 0x0200 == 0 { "/0Table" } else { "/1Table" })?;
    let has_pictures = stream("/Data").is_ok();
    let text = Document {
        main: &main,
        table: &table,
    }
    .text()
    .ok_or(reason::DAMAGED)?;
    Ok(Content::new(text, has_pictures))
}

/// Word 6 and 95: one stretch of text in GBK.
fn before_97(main: &[u8]) -> Option<Content> {
    let (from, to) = (u32_at(main, 0x18)? as usize, u32_at(main, 0x1c)? as usize);
    let text = GBK.decode_without_bom_handling(main.get(from..to)?).0;
    let mut reader = Lines::default();
    text.chars().for_each(|c| reader.take(c, Paragraph::default()));
    Some(Content::Text(reader.finish()))
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(
        bytes.get(at..at.checked_add(2)?)?.try_into().ok()?,
    ))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(
        bytes.get(at..at.checked_add(4)?)?.try_into().ok()?,
    ))
}

struct Document<'a> {
    main: &'a [u8],
    table: &'a [u8],
}

/// A stretch of the text: its first and last character, where it is, and whether characters are single bytes.
struct Piece {
    from: u32,
    to: u32,
    offset: usize,
    single: bool,
}

impl Document<'_> {
    fn text(&self) -> Option<String> {
        let pieces = self.pieces()?;
        let paragraphs = self.properties(0x102, 13, Paragraph::read);
        let hidden = self.properties(0xfa, 1, |bytes| is_hidden(bytes.get(1..)?));
        // Main text, notes at the foot, headers, (nothing), remarks, notes at the end, text boxes.
        let counts: Vec<u32> = (0..7)
            .map(|index| u32_at(self.main, 0x4c + 4 * index).unwrap_or(0))
            .collect();
        let mut out = String::new();
        let mut from = 0_u32;
        for (index, count) in counts.into_iter().enumerate() {
            let to = from.saturating_add(count);
            if matches!(index, 0 | 1 | 5 | 6) && count > 0 {
                out.push_str(&self.part(&pieces, from..to, &paragraphs, &hidden));
            }
            from = to;
        }
        Some(out)
    }

    /// The text between two characters.
    fn part(
        &self,
        pieces: &[Piece],
        part: std::ops::Range<u32>,
        paragraphs: &Properties<Paragraph>,
        hidden: &Properties<bool>,
    ) -> String {
        let mut lines = Lines::default();
        for piece in pieces {
            let (from, to) = (piece.from.max(part.start), piece.to.min(part.end));
            let mut high = None;
            for at in from..to {
                let index = (at - piece.from) as usize;
                let offset = piece.offset + if piece.single { index } else { 2 * index };
                let c = if piece.single {
                    self.main.get(offset).map(|byte| single(*byte))
                } else {
                    u16_at(self.main, offset).and_then(|unit| wide(unit, &mut high))
                };
                let Some(c) = c else {
                    // Half of a pair, or beyond the end of the stream.
                    if offset >= self.main.len() {
                        break;
                    }
                    continue;
                };
                if !hidden.at(offset).copied().unwrap_or(false) {
                    lines.take(c, paragraphs.at(offset).copied().unwrap_or_default());
                }
            }
            if lines.bytes > MAX_TEXT_BYTES {
                break;
            }
        }
        lines.finish()
    }

    /// The piece table.
    fn pieces(&self) -> Option<Vec<Piece>> {
        let (from, length) = (
            u32_at(self.main, 0x1a2)? as usize,
            u32_at(self.main, 0x1a6)? as usize,
        );
        let mut clx = self.table.get(from..from.checked_add(length)?)?;
        // Before the table stand changes that were not worked in yet.
        while let [1, rest @ ..] = clx {
            clx = rest.get(2 + usize::from(u16_at(rest, 0)?)..)?;
        }
        let plc = match clx {
            [2, rest @ ..] => rest.get(4..4_usize.checked_add(u32_at(rest, 0)? as usize)?)?,
            _ => return None,
        };
        let count = plc.len().checked_sub(4)? / 12;
        let pieces = (0..count).map(|index| {
            let offset = u32_at(plc, 4 * (count + 1) + 8 * index + 2)?;
            let single = offset & 0x4000_0000 != 0;
            let offset = (offset & 0x3fff_ffff) as usize;
            Some(Piece {
                from: u32_at(plc, 4 * index)?,
                to: u32_at(plc, 4 * index + 4)?,
                offset: if single { offset / 2 } else { offset },
                single,
            })
        });
        pieces.collect()
    }

    /// Properties of stretches of the stream, as the pages that a table at `fib` names tell them. Behind the bounds of its
    /// stretches a page has an entry of `entry` bytes each, the first of which says where the properties are.
    fn properties<T: Copy + PartialEq>(
        &self,
        fib: usize,
        entry: usize,
        read: impl Fn(&[u8]) -> Option<T>,
    ) -> Properties<T> {
        let mut out = Vec::new();
        let table = (|| {
            let (from, length) = (
                u32_at(self.main, fib)? as usize,
                u32_at(self.main, fib + 4)? as usize,
            );
            self.table.get(from..from.checked_add(length)?)
        })();
        let table = table.unwrap_or_default();
        let count = table.len().saturating_sub(4) / 8;
        for index in 0..count {
            let page =
                u32_at(table, 4 * (count + 1) + 4 * index).map(|page| (page & 0x3f_ffff) as usize * PAGE);
            let Some(page) = page.and_then(|begin| self.main.get(begin..begin + PAGE)) else {
                continue;
            };
            let runs = usize::from(page[PAGE - 1]);
            for run in 0..runs {
                let (from, to) = (u32_at(page, 4 * run), u32_at(page, 4 * run + 4));
                let place = page
                    .get(4 * (runs + 1) + entry * run)
                    .map(|place| 2 * usize::from(*place));
                let value = place
                    .filter(|place| *place > 0)
                    .and_then(|place| read(page.get(place..)?));
                if let (Some(from), Some(to), Some(value)) = (from, to, value) {
                    out.push((from as usize, to as usize, value));
                }
            }
        }
        out.sort_by_key(|(from, ..)| *from);
        Properties(out)
    }
}

/// Stretches of the stream, sorted.
struct Properties<T>(Vec<(usize, usize, T)>);

impl<T> Properties<T> {
    fn at(&self, offset: usize) -> Option<&T> {
        let after = self.0.partition_point(|(from, ..)| *from <= offset);
        let (_, to, value) = self.0.get(after.checked_sub(1)?)?;
        (offset < *to).then_some(value)
    }
}

/// What matters of a paragraph.
#[derive(Clone, Copy, Default, PartialEq)]
struct Paragraph {
    in_table: bool,
    /// It is the mark at the end of a row.
    ends_row: bool,
    /// Properties are known.
    known: bool,
}

impl Paragraph {
    fn read(bytes: &[u8]) -> Option<Self> {
        // The length in words, in the first byte or the second.
        let properties = match bytes {
            [0, words, rest @ ..] => rest.get(..2 * usize::from(*words))?,
            [words, rest @ ..] => rest.get(..2 * usize::from(*words) - 1)?,
            [] => return None,
        };
        let mut out = Self {
            known: true,
            ..Self::default()
        };
        each_change(properties.get(2..)?, |code, operand| match code {
            0x2416 => out.in_table = operand.first() == Some(&1),
            0x2417 => out.ends_row = operand.first() == Some(&1),
            _ => {}
        });
        Some(out)
    }
}

/// Whether characters are deleted under tracking or hidden.
fn is_hidden(bytes: &[u8]) -> Option<bool> {
    let mut hidden = false;
    each_change(bytes, |code, operand| {
        if matches!(code, 0x0800 | 0x083c) {
            hidden |= operand.first() == Some(&1);
        }
    });
    Some(hidden)
}

/// Walks over changes of properties: a code whose upper bits tell how long its operand is, and the operand.
fn each_change(mut bytes: &[u8], mut take: impl FnMut(u16, &[u8])) {
    while let Some(code) = u16_at(bytes, 0) {
        let rest = &bytes[2..];
        let length = match code >> 13 {
            0 | 1 => 1,
            2 | 4 | 5 => 2,
            3 => 4,
            7 => 3,
            _ if code == 0xd608 => u16_at(rest, 0).map_or(usize::MAX, |length| usize::from(length) + 1),
            _ => rest.first().map_or(usize::MAX, |length| usize::from(*length) + 1),
        };
        let Some(operand) = rest.get(..length) else { return };
        take(code, operand);
        bytes = &rest[length..];
    }
}

fn single(byte: u8) -> char {
    let text = WINDOWS_1252
        .decode_without_bom_handling(std::slice::from_ref(&byte))
        .0;
    text.chars().next().unwrap_or(' ')
}

/// A unit of UTF-16; `high` keeps the first half of a pair.
fn wide(unit: u16, high: &mut Option<u16>) -> Option<char> {
    if (0xd800..0xdc00).contains(&unit) {
        *high = Some(unit);
        return None;
    }
    let units = high.take().into_iter().chain([unit]);
    char::decode_utf16(units).find_map(Result::ok)
}

/// Characters to lines.
#[derive(Default)]
struct Lines {
    out: String,
    /// Paragraph, cell and row that are open.
    text: String,
    cell: Vec<String>,
    row: Vec<Vec<String>>,
    /// For each field that is open, whether its result has begun.
    fields: Vec<bool>,
    bytes: usize,
}

impl Lines {
    fn take(&mut self, c: char, paragraph: Paragraph) {
        match c {
            '\u{13}' if self.fields.len() < 100 => self.fields.push(false),
            '\u{14}' => {
                if let Some(field) = self.fields.last_mut() {
                    *field = true;
                }
            }
            '\u{15}' => {
                self.fields.pop();
            }
            '\r' | '\u{c}' | '\u{e}' => {
                self.end_paragraph();
                if !paragraph.in_table && self.row.is_empty() {
                    self.end_row();
                }
            }
            '\u{7}' => {
                // Without properties two marks in a row end it.
                let is_last = if paragraph.known {
                    paragraph.ends_row
                } else {
                    self.text.is_empty() && self.cell.is_empty()
                };
                if is_last {
                    self.end_row();
                } else {
                    self.end_paragraph();
                    self.row.push(std::mem::take(&mut self.cell));
                }
            }
            _ if self.fields.contains(&false) => {}
            '\u{b}' => self.end_paragraph(),
            '\t' | '\u{a0}' => self.text.push(' '),
            '\u{1e}' => self.text.push('-'),
            _ if c.is_control() => {}
            _ => {
                self.bytes += c.len_utf8();
                self.text.push(c);
            }
        }
    }

    fn end_paragraph(&mut self) {
        let text = std::mem::take(&mut self.text);
        if !text.trim().is_empty() {
            self.cell.push(text);
        }
    }

    /// Ends a row, or outside of tables whatever stands there.
    fn end_row(&mut self) {
        let mut cells = std::mem::take(&mut self.row);
        let rest = std::mem::take(&mut self.cell);
        if !rest.is_empty() {
            cells.push(rest);
        }
        for line in row(cells) {
            self.out.push_str(&line);
            self.out.push('\n');
        }
    }

    fn finish(mut self) -> String {
        self.end_paragraph();
        self.end_row();
        self.out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> String {
        let mut lines = Lines::default();
        text.chars().for_each(|c| lines.take(c, Paragraph::default()));
        lines.finish()
    }

    #[test]
    fn of_fields_the_result_is_shown() {
        assert_eq!(
            lines("第\u{13} PAGE \u{13}x\u{14}y\u{15} \u{14}3\u{15}页\r二\u{1e}三\u{1}"),
            "第3页\n二-三\n"
        );
    }

    #[test]
    fn marks_make_rows() {
        assert_eq!(
            lines("甲\u{7}乙\u{7}\u{7}丙\u{7}丁\u{7}\u{7}后\r"),
            "甲\t乙\n丙\t丁\n后\n"
        );
    }

    #[test]
    fn changes_of_any_length_are_walked_over() {
        let mut seen = Vec::new();
        each_change(
            &[
                0x16, 0x24, 1, 0x0b, 0x46, 2, 0, 0x08, 0xd6, 3, 0, 9, 9, 0x17, 0x24, 1, 0x4b,
            ],
            |code, operand| {
                seen.push((code, operand.len()));
            },
        );
        assert_eq!(seen, [(0x2416, 1), (0x460b, 2), (0xd608, 4), (0x2417, 1)]);
    }
}
