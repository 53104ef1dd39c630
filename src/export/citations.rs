//! Lists of citations.
//!
//! What ends a citation is held back until the next one, or the end, follows: a list that was cut off between two ends
//! inside the first, and one that is whole ends with a word on that where the format has a place for it.

use anyhow::Context;
use report::Report;

use super::Encoder;
use crate::cite::{Citation, Style};

/// Writes citations one below the other.
pub(crate) struct Citations {
    style: Style,
    base: String,
    total: u64,
    written: u64,
}

impl Citations {
    /// Writes `total` citations in which addresses of ours begin with `base`.
    pub(crate) fn new(style: Style, base: &str, total: u64) -> Self {
        Self {
            style,
            base: base.to_owned(),
            total,
            written: 0,
        }
    }

    /// What stands before the next citation, or at the end.
    fn between(&self, out: &mut Vec<u8>) {
        let text = match (self.style, self.written) {
            (Style::Csl, 0) => "[\n",
            (Style::Csl, _) => ",\n",
            (_, 0) => "",
            (Style::Gbt7714, _) => "\n",
            (Style::Bibtex, _) => "}\n\n",
            (Style::Ris, _) => "ER  - \r\n\r\n",
        };
        out.extend_from_slice(text.as_bytes());
    }
}

impl Encoder for Citations {
    fn report(&mut self, stored: &str, out: &mut Vec<u8>) -> anyhow::Result<()> {
        let report: Report = serde_json::from_str(stored).context("a stored report")?;
        self.between(out);
        self.written += 1;
        let citation = self.style.one(&Citation::new(&report, None, &self.base));
        match self.style {
            Style::Gbt7714 => out.extend_from_slice(format!("[{}] ", self.written).as_bytes()),
            Style::Bibtex | Style::Ris | Style::Csl => {}
        }
        let held_back = match self.style {
            Style::Bibtex => "}\n",
            Style::Gbt7714 | Style::Ris | Style::Csl => "",
        };
        let kept = citation.strip_suffix(held_back).unwrap_or(&citation);
        out.extend_from_slice(kept.as_bytes());
        Ok(())
    }

    fn end(&mut self, out: &mut Vec<u8>) -> anyhow::Result<()> {
        match (self.style, self.written) {
            (Style::Csl, 0) => out.extend_from_slice(b"[]\n"),
            (Style::Csl, _) => out.extend_from_slice(b"\n]\n"),
            (Style::Bibtex, _) => {
                self.between(out);
                let end = format!("@comment{{gongbao: complete, {} entries}}\n", self.written);
                out.extend_from_slice(end.as_bytes());
            }
            (Style::Ris | Style::Gbt7714, _) => self.between(out),
        }
        anyhow::ensure!(
            self.written == self.total,
            "{} citations were to be written",
            self.total
        );
        Ok(())
    }
}
