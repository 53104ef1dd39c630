//! What the examples share: rows of a corpus, and reports made of them.

use std::{
    error::Error,
    fs::File,
    io::{BufRead, BufReader},
};

use flate2::read::MultiGzDecoder;
use report::{Content, Report, Status};
use serde_json::Value;

/// A row of a corpus.
pub(crate) struct Row(Value);

impl Row {
    /// A text of the row, if it has one of this name that is not empty.
    pub(crate) fn given(&self, name: &str) -> Option<String> {
        let text = self.0[name].as_str().filter(|text| !text.is_empty());
        text.map(str::to_owned)
    }

    /// A text of the row; empty when it has none of this name.
    pub(crate) fn field(&self, name: &str) -> String {
        self.given(name).unwrap_or_default()
    }
}

/// The rows of a corpus as it is imported: a gzipped file of one JSON object a line.
pub(crate) fn rows(path: &str) -> Result<Vec<Row>, Box<dyn Error>> {
    let lines = BufReader::new(MultiGzDecoder::new(File::open(path)?)).lines();
    lines.map(|line| Ok(Row(serde_json::from_str(&line?)?))).collect()
}

/// A report of one version with this content.
pub(crate) fn report(id: &str, url: String, content: Content) -> Result<Report, Box<dyn Error>> {
    Ok(Report {
        id: id.parse()?,
        urls: vec![url.clone()],
        url,
        portal: "example".into(),
        retrieved_at: "2024-01-01T00:00:00Z".parse()?,
        changed_at: "2024-01-01T00:00:00Z".parse()?,
        version: 1,
        content_hash: content.hash(),
        status: Status::Live,
        content,
    })
}
