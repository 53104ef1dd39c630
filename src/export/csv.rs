//! Comma-separated values (RFC 4180), in UTF-8.
//!
//! The last cell of every row is in quotation marks, and the closing one is held back until the next row, or the end,
//! follows. So what was cut off between two rows ends inside quotation marks, which readers of CSV complain about.

use std::{borrow::Cow, io::Write};

use super::{
    formula::defused,
    table::{Cell, Column, Table},
};

/// How the file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CsvOptions {
    /// Begin with a byte order mark, by which Excel knows UTF-8.
    pub(crate) bom: bool,
    /// Put a `'` before what a spreadsheet would take for a formula.
    pub(crate) guard: bool,
}

impl Default for CsvOptions {
    fn default() -> Self {
        Self {
            bom: false,
            guard: true,
        }
    }
}

/// A byte order mark.
pub(crate) const MARK: &str = "\u{feff}";

/// What ends a row whose last cell is open.
const END_OF_ROW: &[u8] = b"\"\r\n";

/// Writes CSV.
pub(crate) struct Csv {
    names: Vec<String>,
    options: CsvOptions,
    /// The names have been written.
    begun: bool,
    /// A row's last cell is open.
    open: bool,
}

impl Csv {
    pub(crate) fn new(columns: &[Column], options: CsvOptions) -> Self {
        Self {
            names: columns.iter().map(|column| column.name.clone()).collect(),
            options,
            begun: false,
            open: false,
        }
    }

    fn begin(&mut self, out: &mut Vec<u8>) {
        if std::mem::replace(&mut self.begun, true) {
            return;
        }
        if self.options.bom {
            out.extend_from_slice(MARK.as_bytes());
        }
        out.extend_from_slice(self.names.join(",").as_bytes());
        out.extend_from_slice(b"\r\n");
    }
}

impl Table for Csv {
    fn row(&mut self, cells: &[Cell], out: &mut Vec<u8>) -> anyhow::Result<()> {
        self.begin(out);
        if std::mem::replace(&mut self.open, true) {
            out.extend_from_slice(END_OF_ROW);
        }
        let last = cells.len().saturating_sub(1);
        for (nth, cell) in cells.iter().enumerate() {
            if nth > 0 {
                out.push(b',');
            }
            if nth == last {
                out.push(b'"');
            }
            match cell {
                Cell::Null => {}
                Cell::Int(number) => write!(out, "{number}")?,
                // With its point: `1.0` is read as a number with places, and so is its column.
                Cell::Float(number) => write!(out, "{number:?}")?,
                Cell::Bool(value) => write!(out, "{value}")?,
                Cell::Text(text) => {
                    let text = match self.options.guard {
                        true => defused(text),
                        false => Cow::Borrowed(text.as_str()),
                    };
                    let text = match nth == last {
                        true => Cow::Owned(text.replace('"', "\"\"")),
                        false => quoted(&text),
                    };
                    out.extend_from_slice(text.as_bytes());
                }
            }
        }
        Ok(())
    }

    fn end(&mut self, out: &mut Vec<u8>) -> anyhow::Result<()> {
        self.begin(out);
        if self.open {
            out.extend_from_slice(END_OF_ROW);
        }
        Ok(())
    }
}

/// A row of a CSV file, ended as the standard says.
pub(crate) fn row<'a>(cells: impl IntoIterator<Item = &'a str>) -> String {
    let cells: Vec<String> = cells.into_iter().map(cell).collect();
    format!("{}\r\n", cells.join(","))
}

/// The line of names, behind a byte order mark if wanted.
pub(crate) fn head<'a>(names: impl IntoIterator<Item = &'a str>, bom: bool) -> String {
    format!("{}{}", if bom { MARK } else { "" }, row(names))
}

/// A cell of a CSV file, in quotation marks if it needs them. One that a spreadsheet would take for a formula gets a `'`.
pub(crate) fn cell(text: &str) -> String {
    quoted(&defused(text)).into_owned()
}

/// In quotation marks where commas, line breaks, quotation marks or white space at an end ask for them.
fn quoted(text: &str) -> Cow<'_, str> {
    let ends = |c: char| c.is_whitespace();
    if text.contains([',', '"', '\r', '\n']) || text.starts_with(ends) || text.ends_with(ends) {
        Cow::Owned(format!("\"{}\"", text.replace('"', "\"\"")))
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::table::Kind;

    fn columns() -> Vec<Column> {
        vec![
            Column::new("title", Kind::Text),
            Column::new("year", Kind::Int),
            Column::new("note", Kind::Text),
        ]
    }

    fn row(title: &str, year: Option<i64>, note: &str) -> Vec<Cell> {
        let year = year.map_or(Cell::Null, Cell::Int);
        vec![Cell::Text(title.into()), year, Cell::Text(note.into())]
    }

    #[test]
    fn cells_are_neither_split_nor_run() {
        assert_eq!(cell("常宁市"), "常宁市");
        assert_eq!(cell("a,\"b\""), "\"a,\"\"b\"\"\"");
        assert_eq!(cell("=1+1"), "'=1+1");
        assert_eq!(cell("-x,y"), "\"'-x,y\"");
        assert_eq!(cell(" x"), "\" x\"");
    }

    #[test]
    fn a_file_that_was_cut_off_ends_inside_quotation_marks() {
        let mut csv = Csv::new(&columns(), CsvOptions::default());
        let mut out = Vec::new();
        csv.row(&row("=甲", Some(2020), "a\"b"), &mut out).unwrap();
        csv.row(&row("乙,丙", None, ""), &mut out).unwrap();
        let cut = String::from_utf8(out.clone()).unwrap();
        assert_eq!(cut, "title,year,note\r\n'=甲,2020,\"a\"\"b\"\r\n\"乙,丙\",,\"");
        assert_eq!(cut.matches('"').count() % 2, 1);
        csv.end(&mut out).unwrap();
        assert!(out.ends_with(b",,\"\"\r\n"));
    }

    #[test]
    fn without_rows_the_names_stand_alone() {
        let options = CsvOptions {
            bom: true,
            guard: false,
        };
        let mut out = Vec::new();
        Csv::new(&columns(), options).end(&mut out).unwrap();
        assert_eq!(out, "\u{feff}title,year,note\r\n".as_bytes());
        let mut out = Vec::new();
        Csv::new(&columns(), options)
            .row(&row("=甲", None, "+"), &mut out)
            .unwrap();
        assert!(
            out.ends_with("\r\n=甲,,\"+".as_bytes()),
            "as it is, when nothing is to be guarded"
        );
    }
}
