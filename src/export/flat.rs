//! Reports as rows: which columns there are, and how cells are read from a report as it is stored.
//!
//! Of the stored JSON only the columns that are asked for are read; the rest, most of all the text, is skipped.

use std::fmt;

use report::Report;
use serde::{
    Deserializer,
    de::{DeserializeSeed, IgnoredAny, MapAccess, Visitor},
};
use serde_json::Value;

use super::{
    Encoder,
    table::{Cell, Column, Kind, Table},
};

/// Columns of flat formats that are no field of a report by themselves: parts of `quality`.
pub(crate) const QUALITY: [&str; 2] = ["quality_score", "quality_flags"];

/// Fields that are given only when they are asked for, since they are long.
pub(crate) const LONG: [&str; 2] = ["text", "outline"];

/// Fields that are lists or objects, written as JSON when they are asked for. What of `quality` is one value has columns of
/// its own.
const NESTED: [&str; 8] = [
    "urls",
    "outline",
    "region_candidates",
    "region_evidence",
    "cites",
    "titles_cited",
    "quality",
    "attachments",
];

/// Every name that `fields` may have in a flat format.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    Report::FIELDS.iter().copied().chain(QUALITY)
}

/// The columns of an export: those that are named, in the order of the documentation, or all that hold one value.
pub(crate) fn columns(fields: &[String]) -> Vec<Column> {
    let is_wanted = |name: &&str| match fields.is_empty() {
        true => !LONG.contains(name) && !NESTED.contains(name),
        false => fields.iter().any(|field| field == name),
    };
    names()
        .filter(is_wanted)
        .map(|name| Column::new(name, kind(name)))
        .collect()
}

fn kind(name: &str) -> Kind {
    match name {
        "year" | "chars" | "version" => Kind::Int,
        "region_confidence" | "quality_score" => Kind::Float,
        "title_inferred" => Kind::Bool,
        _ => Kind::Text,
    }
}

/// Writes reports as rows of a table.
pub(crate) struct Flat {
    columns: Vec<Column>,
    row: Vec<Cell>,
    table: Box<dyn Table>,
}

impl Flat {
    /// Writes these columns into `table`, which has the same.
    pub(crate) fn new(columns: Vec<Column>, table: Box<dyn Table>) -> Self {
        Self {
            row: Vec::with_capacity(columns.len()),
            columns,
            table,
        }
    }
}

impl Encoder for Flat {
    fn report(&mut self, stored: &str, out: &mut Vec<u8>) -> anyhow::Result<()> {
        read(stored, &self.columns, &mut self.row)?;
        self.table.row(&self.row, out)
    }

    fn end(&mut self, out: &mut Vec<u8>) -> anyhow::Result<()> {
        self.table.end(out)
    }

    fn warning(&self) -> Option<String> {
        self.table.warning()
    }
}

/// Reads the cells of a report.
///
/// # Errors
/// When it is no JSON object.
fn read(stored: &str, columns: &[Column], row: &mut Vec<Cell>) -> Result<(), serde_json::Error> {
    row.clear();
    row.resize(columns.len(), Cell::Null);
    let mut json = serde_json::Deserializer::from_str(stored);
    Row { columns, row }.deserialize(&mut json)?;
    json.end()
}

/// Reads an object into a row.
struct Row<'a> {
    columns: &'a [Column],
    row: &'a mut [Cell],
}

impl Row<'_> {
    fn put(&mut self, name: &str, value: Value) {
        let places = self.columns.iter().zip(&mut *self.row);
        for (column, cell) in places.filter(|(column, _)| column.name == name) {
            *cell = cell_of(column.kind, &value);
        }
    }
}

impl<'de> DeserializeSeed<'de> for Row<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Row<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a report")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<&str>()? {
            let is_wanted = |column: &Column| column.name == name;
            if name == "quality" {
                let quality: Value = map.next_value()?;
                self.put(QUALITY[0], quality["score"].clone());
                self.put(QUALITY[1], flags(&quality["flags"]));
                self.put(name, quality);
            } else if self.columns.iter().any(is_wanted) {
                let value = map.next_value()?;
                self.put(name, value);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

/// Flags as one text: `char_loss;truncated`, or nothing.
fn flags(flags: &Value) -> Value {
    let flags: Vec<&str> = flags
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    match flags.is_empty() {
        true => Value::Null,
        false => flags.join(";").into(),
    }
}

fn cell_of(kind: Kind, value: &Value) -> Cell {
    let cell = match (kind, value) {
        (_, Value::Null) => None,
        (Kind::Int, value) => value.as_i64().map(Cell::Int),
        (Kind::Float, value) => value.as_f64().map(Cell::Float),
        (Kind::Bool, value) => value.as_bool().map(Cell::Bool),
        (Kind::Text, Value::String(text)) => Some(Cell::Text(text.clone())),
        (Kind::Text, value) => Some(Cell::Text(value.to_string())),
    };
    cell.unwrap_or(Cell::Null)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use report::{ChinaTime, Content, ReportId, Status};

    use super::*;
    use crate::export::table::MAX_NAME;

    fn report() -> Report {
        Report {
            id: ReportId::derive("a", "b"),
            url: "https://a.example.gov.cn/1".to_owned(),
            urls: vec!["https://a.example.gov.cn/1".to_owned()],
            portal: "a".to_owned(),
            retrieved_at: "2024-01-01T00:00:00Z".parse::<ChinaTime>().unwrap(),
            changed_at: "2024-01-01T00:00:00Z".parse().unwrap(),
            version: 3,
            content_hash: "00ff".to_owned(),
            status: Status::Live,
            content: Content {
                title: Some("标题".to_owned()),
                text: "正文".to_owned(),
                region_code: Some("110105".parse().unwrap()),
                region_confidence: Some(0.5),
                year: Some(2020),
                published: Some("2021-02-03".parse().unwrap()),
                chars: 2,
                ..Content::default()
            },
        }
    }

    fn cells(fields: &[&str]) -> BTreeMap<String, Cell> {
        let fields: Vec<String> = fields.iter().map(|&field| field.to_owned()).collect();
        let columns = columns(&fields);
        let mut row = Vec::new();
        read(&serde_json::to_string(&report()).unwrap(), &columns, &mut row).unwrap();
        columns.into_iter().map(|column| column.name).zip(row).collect()
    }

    #[test]
    fn every_field_that_is_one_value_is_a_column() {
        let Value::Object(map) = serde_json::to_value(report()).unwrap() else {
            panic!()
        };
        let flat = cells(&[]);
        for (name, value) in &map {
            let is_nested = value.is_array() || value.is_object();
            assert_eq!(flat.contains_key(name), !is_nested && name != "text", "{name}");
        }
        assert_eq!(
            flat["region_code"],
            Cell::Text("110105".into()),
            "codes are texts"
        );
        assert_eq!(flat["published"], Cell::Text("2021-02-03".into()));
        assert_eq!(flat["year"], Cell::Int(2020));
        assert_eq!(flat["region_confidence"], Cell::Float(0.5));
        assert_eq!(flat["title_inferred"], Cell::Bool(false));
        assert_eq!(
            (&flat["issuer"], &flat["quality_flags"]),
            (&Cell::Null, &Cell::Null)
        );
        assert_eq!(flat["quality_score"], Cell::Float(1.0));
    }

    #[test]
    fn long_and_nested_fields_come_when_they_are_named() {
        let picked = cells(&["text", "urls", "id"]);
        assert_eq!(picked.len(), 3);
        assert_eq!(picked["text"], Cell::Text("正文".into()));
        assert_eq!(
            picked["urls"],
            Cell::Text("[\"https://a.example.gov.cn/1\"]".into())
        );
        let order: Vec<_> = columns(&["text".into(), "id".into()])
            .into_iter()
            .map(|c| c.name)
            .collect();
        assert_eq!(order, ["id", "text"], "in the order of the documentation");
    }

    #[test]
    fn names_are_what_every_program_takes() {
        for name in names() {
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
            assert!(name.len() <= MAX_NAME && name.chars().all(plain), "{name}");
        }
    }
}
