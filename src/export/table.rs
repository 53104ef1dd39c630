//! Rows and columns as every flat format takes them: values with one of four types, under ASCII names.

use anyhow::bail;
use serde_json::Value;

use super::{
    Format, csv::Csv, csv::CsvOptions, jsonl::JsonRows, parquet::Parquet, provenance::lines, xlsx::Xlsx,
};

/// Most bytes of a column's name: what Stata takes.
pub(crate) const MAX_NAME: usize = 32;

/// One column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Column {
    /// ASCII letters, digits and `_`; at most [`MAX_NAME`].
    pub(crate) name: String,
    /// What its cells hold.
    pub(crate) kind: Kind,
}

impl Column {
    pub(crate) fn new(name: impl Into<String>, kind: Kind) -> Self {
        let name = name.into();
        debug_assert!(name.len() <= MAX_NAME && name.is_ascii(), "{name}");
        Self { name, kind }
    }
}

/// What the cells of a column hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Text; days and times too, as ISO 8601 writes them, and codes of divisions with their zeros.
    Text,
    /// A whole number.
    Int,
    /// A number.
    Float,
    /// Yes or no.
    Bool,
}

/// One value. One that is not of its column's kind counts as absent.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cell {
    /// Nothing is known.
    Null,
    /// See [`Kind::Text`].
    Text(String),
    /// See [`Kind::Int`].
    Int(i64),
    /// See [`Kind::Float`].
    Float(f64),
    /// See [`Kind::Bool`].
    Bool(bool),
}

/// A format that takes rows. What it writes goes to the end of `out`, at once or with a later call.
///
/// Until [`Table::end`], what was written is recognisably not a whole file.
pub(crate) trait Table: Send {
    /// Takes the next row, which has a cell for each column.
    ///
    /// # Errors
    /// When the format cannot hold it.
    fn row(&mut self, cells: &[Cell], out: &mut Vec<u8>) -> anyhow::Result<()>;

    /// Ends the file.
    ///
    /// # Errors
    /// As [`Self::row`].
    fn end(&mut self, out: &mut Vec<u8>) -> anyhow::Result<()>;

    /// What of the rows did not come into the file as it is, in words.
    fn warning(&self) -> Option<String> {
        None
    }
}

/// Begins a table that says `about` of itself where the format has a place for it; `sheet` is its name in a workbook.
///
/// # Errors
/// When the columns suit no such file, or the format is no table.
pub(crate) fn begin(
    format: Format,
    sheet: &'static str,
    columns: &[Column],
    about: &Value,
    csv: CsvOptions,
) -> anyhow::Result<Box<dyn Table>> {
    Ok(match format {
        Format::Csv => Box::new(Csv::new(columns, csv)),
        Format::JsonLines => Box::new(JsonRows::new(columns)),
        Format::Parquet => Box::new(Parquet::new(columns, &about.to_string())?),
        Format::Xlsx => Box::new(Xlsx::new(sheet, columns, lines(about), csv.guard)),
        Format::Citations(_) => bail!("{} is no format of tables", format.code()),
    })
}
