//! JSON Lines: a report a line, whole or the fields asked for, and a last line that says how many there were.
//!
//! A file without that last line is not whole.

use std::io::Write;

use anyhow::Context;
use report::Report;
use serde_json::{Map, Value};

use super::Encoder;

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
        writeln!(out, "{{\"complete\":true,\"count\":{}}}", self.count)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
