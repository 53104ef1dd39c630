//! JSON Lines: a report a line, whole or the fields asked for, or a row a line, and a last line that says how many there were.
//!
//! A file without that last line is not whole.

use std::io::Write;

use anyhow::Context;
use report::Report;
use serde_json::{Map, Value};

use super::{
    Encoder,
    table::{Cell, Column, Table},
};

/// Writes JSON Lines.
pub(crate) struct JsonLines {
    /// All when none is named.
    fields: Vec<&'static str>,
    count: u64,
}

impl JsonLines {
    pub(crate) fn new(fields: &[String]) -> Self {
        let known = Report::FIELDS.iter().copied();
        Self {
            fields: known
                .filter(|name| fields.iter().any(|field| field == name))
                .collect(),
            count: 0,
        }
    }
}

impl Encoder for JsonLines {
    fn report(&mut self, stored: &str, out: &mut Vec<u8>) -> anyhow::Result<()> {
        self.count += 1;
        if self.fields.is_empty() {
            // Stored is the JSON of a report, on one line.
            out.extend_from_slice(stored.as_bytes());
        } else {
            let mut report: Map<String, Value> = serde_json::from_str(stored).context("a stored report")?;
            let picked = self.fields.iter();
            let picked = picked.map(|name| (name.to_string(), report.remove(*name).unwrap_or_default()));
            serde_json::to_writer(&mut *out, &picked.collect::<Map<_, _>>())?;
        }
        out.push(b'\n');
        Ok(())
    }

    fn end(&mut self, out: &mut Vec<u8>) -> anyhow::Result<()> {
        end(self.count, out)
    }
}

/// Writes the rows of a table as objects.
pub(crate) struct JsonRows {
    names: Vec<String>,
    count: u64,
}

impl JsonRows {
    pub(crate) fn new(columns: &[Column]) -> Self {
        Self {
            names: columns.iter().map(|column| column.name.clone()).collect(),
            count: 0,
        }
    }
}

impl Table for JsonRows {
    fn row(&mut self, cells: &[Cell], out: &mut Vec<u8>) -> anyhow::Result<()> {
        self.count += 1;
        // In the order of the columns.
        for (nth, (name, cell)) in self.names.iter().zip(cells).enumerate() {
            out.extend_from_slice(if nth == 0 { b"{\"" } else { b",\"" });
            out.extend_from_slice(name.as_bytes());
            out.extend_from_slice(b"\":");
            match cell {
                Cell::Null => out.extend_from_slice(b"null"),
                Cell::Text(text) => serde_json::to_writer(&mut *out, text)?,
                Cell::Int(number) => write!(out, "{number}")?,
                Cell::Float(number) => serde_json::to_writer(&mut *out, number)?,
                Cell::Bool(value) => write!(out, "{value}")?,
            }
        }
        out.extend_from_slice(if self.names.is_empty() { b"{}\n" } else { b"}\n" });
        Ok(())
    }

    fn end(&mut self, out: &mut Vec<u8>) -> anyhow::Result<()> {
        end(self.count, out)
    }
}

fn end(count: u64, out: &mut Vec<u8>) -> anyhow::Result<()> {
    writeln!(out, "{{\"complete\":true,\"count\":{count}}}")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::table::Kind;

    #[test]
    fn rows_are_objects_in_the_order_of_the_columns() {
        let columns = [
            Column::new("name", Kind::Text),
            Column::new("n", Kind::Int),
            Column::new("share", Kind::Float),
        ];
        let mut rows = JsonRows::new(&columns);
        let mut out = Vec::new();
        let cells = [Cell::Text("a\"\n".into()), Cell::Int(-1), Cell::Float(0.5)];
        rows.row(&cells, &mut out).unwrap();
        rows.row(&[Cell::Null, Cell::Null, Cell::Float(f64::NAN)], &mut out)
            .unwrap();
        rows.end(&mut out).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "{\"name\":\"a\\\"\\n\",\"n\":-1,\"share\":0.5}\n{\"name\":null,\"n\":null,\"share\":null}\n\
             {\"complete\":true,\"count\":2}\n"
        );
    }

    #[test]
    fn the_last_line_counts_the_others() {
        let mut lines = JsonLines::new(&["year".to_owned(), "id".to_owned()]);
        let mut out = Vec::new();
        lines
            .report("{\"id\":\"a\",\"text\":\"b\",\"year\":2020}", &mut out)
            .unwrap();
        lines.report("{\"id\":\"b\"}", &mut out).unwrap();
        lines.end(&mut out).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "{\"id\":\"a\",\"year\":2020}\n{\"id\":\"b\",\"year\":null}\n{\"complete\":true,\"count\":2}\n"
        );
        let mut out = Vec::new();
        JsonLines::new(&[]).end(&mut out).unwrap();
        assert_eq!(out, b"{\"complete\":true,\"count\":0}\n");
    }
}
