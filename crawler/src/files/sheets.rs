//! Spreadsheets: Excel workbooks of Office Open XML, and of the binary formats since Excel 5.
//!
//! Sheets come in order, hidden ones are left out; a row is a line, its cells joined by tabs. Numbers are written as their
//! format says, as far as it speaks of decimals, thousands and per cent; the binary formats keep theirs to themselves,
//! there the number is written as it is. A declared size means nothing: only cells that are there cost memory.

use std::io::Cursor;

use calamine::{
    Data, DataRef, ExcelDateTime, Reader, SheetType, SheetVisible, Xls, XlsError, Xlsx, XlsxError,
};

use super::{Content, MAX_TEXT_BYTES, package::Package, reason};

/// Rightmost column that is read.
const MAX_COLUMNS: u32 = 512;

/// Cells of one row: column and text.
type Row = Vec<(u32, String)>;

/// Reads a workbook of Office Open XML.
///
/// # Errors
/// When it is damaged, needs a password, or unpacks to too much.
pub(super) fn xlsx(bytes: &[u8]) -> Result<Content, &'static str> {
    let package = Package::open(bytes)?;
    if package.claims_too_much() {
        return Err(reason::TOO_COMPLEX);
    }
    let has_pictures = package.has_folder("xl/media/");
    let mut book = Xlsx::new(Cursor::new(bytes)).map_err(|error| match error {
        XlsxError::Password => reason::ENCRYPTED,
        _ => reason::DAMAGED,
    })?;
    let mut out = Sheets::default();
    for name in visible(book.sheets_metadata()) {
        let Ok(mut cells) = book.worksheet_cells_reader(&name) else {
            continue;
        };
        let formats: Vec<Format> = cells
            .styles()
            .iter()
            .map(|style| {
                Format::of(
                    style
                        .number_format
                        .as_ref()
                        .map_or("", |format| &format.format_code),
                )
            })
            .collect();
        let mut sheet = Sheet::default();
        // What comes behind damage is lost, what came before is not.
        while let Ok(Some((cell, style))) = cells.next_cell_with_style_id() {
            let text = match cell.get_value() {
                DataRef::Float(number) => formats.get(style).copied().unwrap_or_default().show(*number),
                DataRef::SharedString(text) => (*text).to_owned(),
                value => show(&Data::from(value.clone())),
            };
            if !sheet.add(cell.get_position(), text) {
                break;
            }
        }
        out.push(&name, sheet);
    }
    Ok(Content::new(out.text(), has_pictures))
}

/// Reads a workbook in a binary format.
///
/// # Errors
/// When it is damaged or needs a password.
pub(super) fn xls(bytes: &[u8]) -> Result<Content, &'static str> {
    let mut book = Xls::new(Cursor::new(bytes)).map_err(|error| match error {
        XlsError::Password => reason::ENCRYPTED,
        _ => reason::DAMAGED,
    })?;
    let mut out = Sheets::default();
    for name in visible(book.sheets_metadata()) {
        let Ok(range) = book.worksheet_range(&name) else {
            continue;
        };
        let mut sheet = Sheet::default();
        let (top, left) = range.start().unwrap_or_default();
        for (row, column, value) in range.used_cells() {
            let position = (top.saturating_add(row as u32), left.saturating_add(column as u32));
            if !sheet.add(position, show(value)) {
                break;
            }
        }
        out.push(&name, sheet);
    }
    Ok(Content::Text(out.text()))
}

fn visible(sheets: &[calamine::Sheet]) -> Vec<String> {
    let shown = |sheet: &&calamine::Sheet| {
        sheet.visible == SheetVisible::Visible
            && matches!(sheet.typ, SheetType::WorkSheet | SheetType::DialogSheet)
    };
    sheets
        .iter()
        .filter(shown)
        .map(|sheet| sheet.name.clone())
        .collect()
}

fn show(value: &Data) -> String {
    match value {
        Data::Float(number) => Format::default().show(*number),
        Data::DateTime(moment) => date(moment),
        Data::Bool(true) => "TRUE".to_owned(),
        Data::Bool(false) => "FALSE".to_owned(),
        value => value.to_string(),
    }
}

/// `2023-01-31`, `2023-01-31 08:30`, `08:30:05`.
fn date(moment: &ExcelDateTime) -> String {
    let serial = moment.as_f64();
    if !(0.0..3_000_000.0).contains(&serial) {
        return Format::default().show(serial);
    }
    let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
    let time = match second {
        0 => format!("{hour:02}:{minute:02}"),
        _ => format!("{hour:02}:{minute:02}:{second:02}"),
    };
    let date = format!("{year}-{month:02}-{day:02}");
    match (serial < 1.0, hour == 0 && minute == 0 && second == 0) {
        (true, _) => time,
        (false, true) => date,
        (false, false) => format!("{date} {time}"),
    }
}

/// What a number format says that can be read off a number.
#[derive(Clone, Copy, Default)]
struct Format {
    decimals: Option<usize>,
    thousands: bool,
    percent: bool,
}

impl Format {
    /// Reads a format code: `General`, `0.00`, `#,##0.0_);(#,##0.0)`, `0.0%`.
    fn of(code: &str) -> Self {
        let positive = code.split(';').next().unwrap_or_default();
        // Quoted text and colours are no digits.
        let mut plain = String::new();
        let mut quoted = false;
        for c in positive.chars() {
            match c {
                '"' | '[' | ']' => quoted = c == '[' || c == '"' && !quoted,
                _ if quoted => {}
                _ => plain.push(c),
            }
        }
        if !plain.contains(['0', '#']) || plain.contains(['/', 'E', 'e', '@', 'y', 'd', 'h']) {
            return Self::default();
        }
        let behind = plain.split_once('.').map_or("", |(_, behind)| behind);
        let digits = behind.chars().take_while(|c| matches!(c, '0' | '#' | '?'));
        Self {
            // Digits that are shown only when there are some leave it to the number.
            decimals: if behind.starts_with('#') {
                None
            } else {
                Some(digits.count().min(15))
            },
            thousands: plain.contains(",#") || plain.contains(",0"),
            percent: plain.contains('%'),
        }
    }

    fn show(self, number: f64) -> String {
        if !number.is_finite() || number.abs() >= 1e15 {
            return number.to_string();
        }
        let number = if self.percent { number * 100.0 } else { number };
        let mut text = match self.decimals {
            Some(decimals) => format!("{number:.decimals$}"),
            None => shortest(number),
        };
        if self.thousands {
            let end = text.find('.').unwrap_or(text.len());
            let begin = usize::from(text.starts_with('-'));
            let mut at = end;
            while at > begin + 3 {
                at -= 3;
                text.insert(at, ',');
            }
        }
        if self.percent {
            text.push('%');
        }
        text
    }
}

/// With the 15 digits that a spreadsheet knows, and no more than needed.
fn shortest(number: f64) -> String {
    let magnitude = if number == 0.0 {
        0
    } else {
        number.abs().log10().floor() as i32
    };
    let decimals = usize::try_from(14 - magnitude).unwrap_or(0).min(15);
    let text = format!("{number:.decimals$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// The rows of a sheet.
#[derive(Default)]
struct Sheet {
    rows: Vec<(u32, Row)>,
    bytes: usize,
}

impl Sheet {
    /// Cells come row by row; false when there are too many.
    fn add(&mut self, (row, column): (u32, u32), text: String) -> bool {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if text.is_empty() || column > MAX_COLUMNS {
            return true;
        }
        self.bytes += text.len() + 1;
        match self.rows.last_mut() {
            Some((last, cells)) if *last == row => cells.push((column, text)),
            _ => self.rows.push((row, vec![(column, text)])),
        }
        self.bytes <= MAX_TEXT_BYTES
    }
}

#[derive(Default)]
struct Sheets(Vec<(String, String)>);

impl Sheets {
    fn push(&mut self, name: &str, sheet: Sheet) {
        let columns = sheet
            .rows
            .iter()
            .flat_map(|(_, cells)| cells.iter().map(|(column, _)| *column));
        let left = columns.min().unwrap_or(0);
        let mut text = String::new();
        for (_, cells) in &sheet.rows {
            // A title that goes over the whole sheet.
            if let [(_, only)] = &cells[..] {
                text.push_str(only);
            } else {
                let mut at = left;
                for (column, cell) in cells {
                    text.extend(std::iter::repeat_n('\t', column.saturating_sub(at) as usize));
                    at = *column;
                    text.push_str(cell);
                }
            }
            text.push('\n');
            if text.len() > MAX_TEXT_BYTES {
                break;
            }
        }
        if !text.is_empty() {
            self.0.push((name.to_owned(), text));
        }
    }

    /// Sheets below each other; their names stand above them when there are several.
    fn text(self) -> String {
        let several = self.0.len() > 1;
        let mut out = String::new();
        for (name, text) in self.0 {
            if several {
                out.push_str(&name);
                out.push('\n');
            }
            out.push_str(&text);
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_their_format_says() {
        for (code, number, text) in [
            ("General", 0.1 + 0.2, "0.3"),
            ("", 12345.0, "12345"),
            ("0.00", 2.5, "2.50"),
            ("0.0%", 0.125, "12.5%"),
            ("#,##0.00_);[Red](#,##0.00)", 1_234_567.891, "1,234,567.89"),
            ("#,##0", -1234.0, "-1,234"),
            ("\"约\"0", 3.2, "3"),
            ("0.00E+00", 1500.0, "1500"),
            ("@", 7.0, "7"),
        ] {
            assert_eq!(Format::of(code).show(number), text, "{code}");
        }
        assert_eq!(shortest(1e14), "100000000000000");
        assert_eq!(shortest(-0.000_12), "-0.00012");
    }
}
