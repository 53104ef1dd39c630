//! Office Open XML workbooks (ECMA-376), written from front to back.
//!
//! A workbook is an archive of XML parts. The parts that are small come last, so that sheets can be written as rows
//! come, and as many as are needed: a sheet has [`MAX_ROWS`] rows. Texts stand in their cells; a table of shared ones
//! would have to be kept in memory. A text that is longer than a cell may be is cut, which the cell itself says, and so
//! does the last sheet, which tells where all this comes from. The archive's directory is its end: a file that was cut
//! off does not open.

mod parts;

use std::{borrow::Cow, fmt::Write as _, io::Write};

use anyhow::Context;
use zip::{
    CompressionMethod, ZipWriter,
    write::{SimpleFileOptions, StreamWriter},
};

use super::{
    formula::defused,
    sink::Sink,
    table::{Cell, Column, Table},
};

/// Rows of a sheet, the one with the names included: what Excel takes.
const MAX_ROWS: usize = 1_048_576;

/// UTF-16 units of a cell: what Excel takes.
const MAX_UNITS: usize = 32_767;

/// Bytes of a sheet's XML after which another sheet begins; archives without extensions hold less than 4 GiB a part.
const MAX_SHEET: usize = 3 << 30;

/// Bytes of XML after which they are compressed.
const CHUNK: usize = 64 << 10;

/// Name of the sheet that tells where the rows come from.
const ABOUT: &str = "provenance";

/// Writes a workbook.
pub(crate) struct Xlsx {
    /// Name of the sheets with rows; the second and later ones get their number.
    sheet: &'static str,
    columns: Vec<Column>,
    /// Names and values of the last sheet.
    about: Vec<(String, String)>,
    guard: bool,
    limit: usize,
    sink: Sink,
    zip: Option<ZipWriter<StreamWriter<Sink>>>,
    xml: String,
    /// Names of the sheets begun so far.
    sheets: Vec<String>,
    /// Rows and bytes of the sheet under way; no row when there is none.
    rows: usize,
    bytes: usize,
    /// Cells whose text was cut.
    cut: u64,
}

impl Xlsx {
    /// Begins a workbook with rows on sheets of this name, whose last sheet says `about`. With `guard`, a `'` is put before what would be a formula in a
    /// file of another kind.
    pub(crate) fn new(
        sheet: &'static str,
        columns: &[Column],
        about: Vec<(String, String)>,
        guard: bool,
    ) -> Self {
        let sink = Sink::default();
        Self {
            sheet,
            columns: columns.to_vec(),
            about,
            guard,
            limit: MAX_ROWS,
            zip: Some(ZipWriter::new_stream(sink.clone())),
            sink,
            xml: String::new(),
            sheets: Vec::new(),
            rows: 0,
            bytes: 0,
            cut: 0,
        }
    }

    fn start(&mut self, part: &str) -> anyhow::Result<()> {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .compression_level(Some(3));
        self.zip()?.start_file(part, options)?;
        Ok(())
    }

    fn zip(&mut self) -> anyhow::Result<&mut ZipWriter<StreamWriter<Sink>>> {
        self.zip.as_mut().context("the workbook has ended")
    }

    fn flush(&mut self) -> anyhow::Result<()> {
        let xml = std::mem::take(&mut self.xml);
        self.bytes += xml.len();
        self.zip()?.write_all(xml.as_bytes())?;
        self.xml = xml;
        self.xml.clear();
        Ok(())
    }

    fn begin_sheet(&mut self, name: String, widths: &[u32]) -> anyhow::Result<()> {
        self.sheets.push(name);
        self.start(&parts::sheet_path(self.sheets.len()))?;
        (self.rows, self.bytes) = (0, 0);
        parts::begin_sheet(&mut self.xml, self.sheets.len() == 1, widths);
        Ok(())
    }

    fn end_sheet(&mut self) -> anyhow::Result<()> {
        self.xml.push_str(parts::END_OF_SHEET);
        self.flush()
    }

    fn begin_rows(&mut self) -> anyhow::Result<()> {
        let name = match self.sheets.len() {
            0 => self.sheet.to_owned(),
            n => format!("{} {}", self.sheet, n + 1),
        };
        let widths: Vec<u32> = self
            .columns
            .iter()
            .map(|column| parts::width(&column.name))
            .collect();
        self.begin_sheet(name, &widths)?;
        let names = self.columns.iter().map(|column| Cell::Text(column.name.clone()));
        let names: Vec<Cell> = names.collect();
        self.write_row(&names, parts::BOLD)
    }

    fn write_row(&mut self, cells: &[Cell], style: &str) -> anyhow::Result<()> {
        self.rows += 1;
        let row = self.rows;
        write!(self.xml, "<row r=\"{row}\">")?;
        for (nth, cell) in cells.iter().enumerate() {
            let at = parts::Reference { column: nth, row };
            match cell {
                Cell::Null => {}
                Cell::Int(number) => write!(self.xml, "<c r=\"{at}\"><v>{number}</v></c>")?,
                Cell::Float(number) if number.is_finite() => {
                    write!(self.xml, "<c r=\"{at}\"><v>{number}</v></c>")?;
                }
                Cell::Float(_) => {}
                Cell::Bool(value) => {
                    write!(self.xml, "<c r=\"{at}\" t=\"b\"><v>{}</v></c>", u8::from(*value))?;
                }
                Cell::Text(text) => {
                    let text = match self.guard {
                        true => defused(text),
                        false => Cow::Borrowed(text.as_str()),
                    };
                    let text = fitted(&text);
                    self.cut += u64::from(text.1);
                    write!(
                        self.xml,
                        "<c r=\"{at}\"{style} t=\"inlineStr\"><is><t xml:space=\"preserve\">"
                    )?;
                    parts::escape(&mut self.xml, &text.0);
                    self.xml.push_str("</t></is></c>");
                }
            }
        }
        self.xml.push_str("</row>");
        if self.xml.len() >= CHUNK {
            self.flush()?;
        }
        Ok(())
    }

    fn write_about(&mut self) -> anyhow::Result<()> {
        self.begin_sheet(ABOUT.to_owned(), &[20, 100])?;
        let mut about = std::mem::take(&mut self.about);
        about.push(("cells_cut".to_owned(), self.cut.to_string()));
        for (name, value) in about {
            self.write_row(&[Cell::Text(name), Cell::Text(value)], "")?;
        }
        self.end_sheet()
    }
}

impl Table for Xlsx {
    fn row(&mut self, cells: &[Cell], out: &mut Vec<u8>) -> anyhow::Result<()> {
        let is_full = self.rows >= self.limit || self.bytes + self.xml.len() >= MAX_SHEET;
        if is_full {
            self.end_sheet()?;
        }
        if is_full || self.sheets.is_empty() {
            self.begin_rows()?;
        }
        self.write_row(cells, "")?;
        self.sink.drain_into(out);
        Ok(())
    }

    fn end(&mut self, out: &mut Vec<u8>) -> anyhow::Result<()> {
        if self.sheets.is_empty() {
            self.begin_rows()?;
        }
        self.end_sheet()?;
        self.write_about()?;
        for (path, xml) in parts::small(&self.sheets) {
            self.start(&path)?;
            self.zip()?.write_all(xml.as_bytes())?;
        }
        if let Some(zip) = self.zip.take() {
            zip.finish()?;
        }
        self.sink.drain_into(out);
        Ok(())
    }

    fn warning(&self) -> Option<String> {
        let cut = self.cut;
        (cut > 0).then(|| {
            format!("{cut} texts are longer than a cell may be ({MAX_UNITS} characters) and were cut; csv, jsonl and parquet keep them whole")
        })
    }
}

/// A text as long as a cell may be, and whether it was cut for that. One that was says so at its end.
fn fitted(text: &str) -> (Cow<'_, str>, bool) {
    // A character takes one unit or two, and at least a byte.
    if text.len() <= MAX_UNITS || text.encode_utf16().count() <= MAX_UNITS {
        return (Cow::Borrowed(text), false);
    }
    let note = format!("…[cut here: {} characters in all]", text.chars().count());
    let mut room = MAX_UNITS - note.encode_utf16().count();
    let kept = text
        .char_indices()
        .find(|(_, c)| match room.checked_sub(c.len_utf16()) {
            Some(left) => {
                room = left;
                false
            }
            None => true,
        });
    let kept = kept.map_or(text, |(at, _)| &text[..at]);
    (Cow::Owned(format!("{kept}{note}")), true)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use calamine::{Data, Reader, Xlsx as Workbook, open_workbook_from_rs};

    use super::*;
    use crate::export::table::Kind;

    fn columns() -> Vec<Column> {
        vec![
            Column::new("title", Kind::Text),
            Column::new("year", Kind::Int),
            Column::new("score", Kind::Float),
            Column::new("inferred", Kind::Bool),
        ]
    }

    fn row(title: &str) -> Vec<Cell> {
        vec![
            Cell::Text(title.to_owned()),
            Cell::Int(2020),
            Cell::Float(0.25),
            Cell::Bool(true),
        ]
    }

    fn open(bytes: Vec<u8>) -> Workbook<Cursor<Vec<u8>>> {
        open_workbook_from_rs(Cursor::new(bytes)).unwrap()
    }

    #[test]
    fn a_workbook_opens_and_holds_what_was_written() {
        let about = vec![("query".to_owned(), "\"甲\" & <乙>".to_owned())];
        let mut table = Xlsx::new("reports", &columns(), about, true);
        let mut out = Vec::new();
        table.row(&row("a & <b>\n =1\t\"乙\""), &mut out).unwrap();
        table.row(&vec![Cell::Null; 4], &mut out).unwrap();
        table.row(&row(&"长".repeat(40_000)), &mut out).unwrap();
        assert!(open_workbook_from_rs::<Workbook<_>, _>(Cursor::new(out.clone())).is_err());
        table.end(&mut out).unwrap();
        let mut book = open(out);
        assert_eq!(book.sheet_names(), ["reports", "provenance"]);
        let sheet = book.worksheet_range("reports").unwrap();
        let cell = |row, column| sheet.get_value((row, column)).unwrap().clone();
        assert_eq!(cell(0, 3), Data::String("inferred".into()));
        assert_eq!(cell(1, 0), Data::String("a & <b>\n' =1\t\"乙\"".into()));
        assert_eq!(
            (cell(1, 1), cell(1, 2), cell(1, 3)),
            (Data::Float(2020.0), Data::Float(0.25), Data::Bool(true))
        );
        assert_eq!(cell(2, 0), Data::Empty);
        let Data::String(cut) = cell(3, 0) else { panic!() };
        assert_eq!(cut.encode_utf16().count(), MAX_UNITS);
        assert!(cut.ends_with("…[cut here: 40000 characters in all]"));
        let about = book.worksheet_range("provenance").unwrap();
        assert_eq!(
            about.get_value((0, 1)),
            Some(&Data::String("\"甲\" & <乙>".into()))
        );
        assert_eq!(
            about.get_value((1, 1)),
            Some(&Data::String("1".into())),
            "cells that were cut"
        );
    }

    #[test]
    fn rows_that_do_not_fit_on_a_sheet_go_onto_the_next() {
        let mut table = Xlsx::new("reports", &columns(), Vec::new(), true);
        table.limit = 3;
        let mut out = Vec::new();
        for nth in 0..5 {
            table.row(&row(&nth.to_string()), &mut out).unwrap();
        }
        table.end(&mut out).unwrap();
        let mut book = open(out);
        assert_eq!(
            book.sheet_names(),
            ["reports", "reports 2", "reports 3", "provenance"]
        );
        let last = book.worksheet_range("reports 3").unwrap();
        assert_eq!(last.height(), 2);
        assert_eq!(last.get_value((0, 0)), Some(&Data::String("title".into())));
        assert_eq!(last.get_value((1, 0)), Some(&Data::String("4".into())));
    }

    #[test]
    fn texts_are_cut_between_characters() {
        let text = "𠮷".repeat(MAX_UNITS);
        let (cut, was_cut) = fitted(&text);
        assert!(was_cut && cut.encode_utf16().count() >= MAX_UNITS - 1);
        assert!(!fitted(&"a".repeat(MAX_UNITS)).1);
        assert!(!fitted(&"甲".repeat(MAX_UNITS)).1);
    }
}
