//! Everything that a search finds, as a file.
//!
//! An [`Export`] holds the places of all reports that were found, in one state of the index, and gives the file in
//! pieces: of each report it fetches the JSON as it is stored and hands it to the encoder of a format, while another thread
//! fetches those that come next ([`ahead`]). Nothing is kept of a report that was written, so the memory needed does not
//! grow with the file. [`Format`] says which encoder that is:
//! tables (`csv`, `parquet`, `xlsx`) through [`flat`], JSON Lines, or citations. Tables of counts ([`counts`]) go through the
//! same encoders.
//!
//! Until its last piece, no file can be taken for a whole one: every encoder holds back what ends it, or what ends its
//! last record.

mod ahead;
mod citations;
pub(crate) mod counts;
pub(crate) mod csv;
pub(crate) mod file;
mod flat;
mod formula;
mod jsonl;
mod parquet;
pub(crate) mod provenance;
mod sink;
pub(crate) mod table;
mod xlsx;

use index::{Reader, SearchError, SearchRequest};
use jiff::Timestamp;
use report::Report;

use self::{ahead::Ahead, citations::Citations, flat::Flat, jsonl::JsonLines, provenance::Provenance};
use crate::cite::Style;

pub(crate) use self::csv::CsvOptions;

/// Bytes that a piece has room for at first.
const PIECE: usize = 256 << 10;

/// The format of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// Comma-separated values.
    Csv,
    /// JSON Lines.
    JsonLines,
    /// Apache Parquet.
    Parquet,
    /// An Excel workbook.
    Xlsx,
    /// A list of citations.
    Citations(Style),
}

impl Format {
    /// All of them, with their names.
    pub(crate) const ALL: [(Self, &'static str); 8] = [
        (Self::Csv, "csv"),
        (Self::JsonLines, "jsonl"),
        (Self::Parquet, "parquet"),
        (Self::Xlsx, "xlsx"),
        (Self::Citations(Style::Bibtex), "bibtex"),
        (Self::Citations(Style::Ris), "ris"),
        (Self::Citations(Style::Gbt7714), "gbt7714"),
        (Self::Citations(Style::Csl), "csl"),
    ];

    /// The name it is asked for by.
    pub(crate) fn code(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(format, _)| *format == self)
            .map_or("", |(_, code)| code)
    }

    /// The format that a file of this name has, if its end tells.
    pub(crate) fn of_suffix(suffix: &str) -> Option<Self> {
        match suffix.to_ascii_lowercase().as_str() {
            "csv" => Some(Self::Csv),
            "jsonl" | "ndjson" => Some(Self::JsonLines),
            "parquet" => Some(Self::Parquet),
            "xlsx" => Some(Self::Xlsx),
            "bib" => Some(Self::Citations(Style::Bibtex)),
            "ris" => Some(Self::Citations(Style::Ris)),
            _ => None,
        }
    }

    /// How names of such files end.
    pub(crate) fn suffix(self) -> &'static str {
        match self {
            Self::Citations(style) => style.suffix(),
            other => other.code(),
        }
    }

    /// Media type of such files.
    pub(crate) fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::JsonLines => "application/jsonl; charset=utf-8",
            Self::Parquet => "application/vnd.apache.parquet",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Citations(style) => style.media_type(),
        }
    }

    /// Whether it is no text.
    pub(crate) fn is_binary(self) -> bool {
        matches!(self, Self::Parquet | Self::Xlsx)
    }

    fn is_table(self) -> bool {
        matches!(self, Self::Csv | Self::Parquet | Self::Xlsx)
    }

    /// Names that `fields` may have.
    pub(crate) fn fields(self) -> Vec<&'static str> {
        match self {
            Self::Citations(_) => Vec::new(),
            Self::JsonLines => Report::FIELDS.to_vec(),
            _ => flat::names().collect(),
        }
    }
}

impl std::str::FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL
            .iter()
            .find(|(_, code)| *code == text)
            .map(|(format, _)| *format);
        found.ok_or_else(|| {
            let shown: String = text.chars().take(64).collect();
            format!(
                "{shown:?} is none of {}",
                Self::ALL.map(|(_, code)| code).join(", ")
            )
        })
    }
}

/// What is to be exported, and how.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    /// The search; `limit`, `cursor` and `facets` are not heeded.
    pub(crate) request: SearchRequest,
    /// The format.
    pub(crate) format: Format,
    /// Details of CSV, of which the guard holds for workbooks too.
    pub(crate) csv: CsvOptions,
    /// What addresses of ours begin with; empty when it is not known.
    pub(crate) base: String,
}

/// A format's way to write reports. What it writes goes to the end of `out`, at once or with a later call.
trait Encoder: Send {
    /// Takes the next report, as it is stored.
    fn report(&mut self, stored: &str, out: &mut Vec<u8>) -> anyhow::Result<()>;

    /// Ends the file.
    fn end(&mut self, out: &mut Vec<u8>) -> anyhow::Result<()>;

    /// What of the reports did not come into the file as it is, in words.
    fn warning(&self) -> Option<String> {
        None
    }
}

/// An export under way.
pub(crate) struct Export {
    reports: Ahead,
    encoder: Box<dyn Encoder>,
    provenance: Provenance,
    is_over: bool,
}

/// Why an export did not begin.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ExportError {
    /// The search could not be made.
    #[error(transparent)]
    Search(#[from] SearchError),
    /// The format could not be begun.
    #[error("the file cannot be begun: {0:#}")]
    Format(anyhow::Error),
}

impl Export {
    /// Searches, and begins the file. Files say that they were made `now`.
    ///
    /// # Errors
    /// When the query, a parameter or a field cannot be used, or the index fails.
    pub(crate) fn begin(reader: &Reader, order: &Order, now: Timestamp) -> Result<Self, ExportError> {
        let found = reader.find_all(&order.request)?;
        let columns = match order.format.is_table() {
            true => flat::columns(&order.request.fields),
            false => Vec::new(),
        };
        let provenance = Provenance::new(order, &found, &columns, now);
        let encoder: Box<dyn Encoder> = match order.format {
            Format::Csv | Format::Parquet | Format::Xlsx => {
                let about = provenance.to_json();
                let table = table::begin(order.format, "reports", &columns, &about, order.csv);
                Box::new(Flat::new(columns, table.map_err(ExportError::Format)?))
            }
            Format::JsonLines => Box::new(JsonLines::new(&order.request.fields)),
            Format::Citations(style) => Box::new(Citations::new(style, &order.base, found.remaining())),
        };
        Ok(Self {
            reports: Ahead::new(found),
            encoder,
            provenance,
            is_over: false,
        })
    }

    /// What is exported, from where and how.
    pub(crate) fn provenance(&self) -> &Provenance {
        &self.provenance
    }

    /// What of the reports did not come into the file as it is, in words.
    pub(crate) fn warning(&self) -> Option<String> {
        self.encoder.warning()
    }

    /// How many reports are still to be written.
    pub(crate) fn remaining(&self) -> u64 {
        self.reports.remaining()
    }

    /// The next piece of the file, never an empty one; `None` behind the last.
    ///
    /// # Errors
    /// When a report cannot be read, or the format cannot hold it. The file is broken then.
    pub(crate) fn piece(&mut self) -> anyhow::Result<Option<Vec<u8>>> {
        if self.is_over {
            return Ok(None);
        }
        let mut out = Vec::with_capacity(PIECE + (PIECE >> 2));
        let encoder = &mut self.encoder;
        while out.is_empty() {
            let is_any = self.reports.each(|stored| encoder.report(stored, &mut out))?;
            if !is_any {
                encoder.end(&mut out)?;
                self.is_over = true;
                break;
            }
        }
        Ok(Some(out).filter(|out| !out.is_empty()))
    }
}
