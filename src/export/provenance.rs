//! Where an export comes from: enough to ask for the same again, and to say in a paper what was asked.

use index::{Found, QueryEcho, Reader};
use jiff::Timestamp;
use report::ChinaTime;
use serde::Serialize;
use serde_json::{Map, Value};

use super::{Format, Order, table::Column};
use crate::permalink;

/// What an export says of itself.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Provenance {
    /// The program.
    pub(crate) program: &'static str,
    /// Its version.
    pub(crate) version: &'static str,
    /// When the export was made.
    pub(crate) created_at: ChinaTime,
    /// How the query was read.
    pub(crate) query: QueryEcho,
    /// The filters that were set, by the names of their parameters.
    pub(crate) filters: Map<String, Value>,
    /// The order of reports.
    pub(crate) sort: &'static str,
    /// Whether near-duplicates were folded.
    pub(crate) group: &'static str,
    /// The format.
    pub(crate) format: &'static str,
    /// The fields, where some were chosen or the format has columns.
    pub(crate) fields: Vec<String>,
    /// How many reports it holds.
    pub(crate) count: u64,
    /// The page that shows the same search.
    pub(crate) permalink: String,
    /// The address that gives the same export.
    pub(crate) export: String,
}

impl Provenance {
    /// Of an export that is made `now`.
    pub(super) fn new(
        _reader: &Reader,
        order: &Order,
        found: &Found,
        columns: &[Column],
        now: Timestamp,
    ) -> Self {
        let Order {
            request,
            format,
            csv,
            base,
        } = order;
        let mut filters = match serde_json::to_value(&request.filters) {
            Ok(Value::Object(filters)) => filters,
            _ => Map::new(),
        };
        filters.retain(|_, value| !value.is_null() && value.as_array().is_none_or(|list| !list.is_empty()));
        let fields: Vec<String> = match columns {
            [] => request.fields.clone(),
            columns => columns.iter().map(|column| column.name.clone()).collect(),
        };
        let query = permalink::query(request);
        let mut export = vec![query.clone(), format!("format={}", format.code())];
        if !request.fields.is_empty() {
            export.push(format!("fields={}", request.fields.join(",")));
        }
        if *format == Format::Csv && csv.bom {
            export.push("bom=true".to_owned());
        }
        if matches!(format, Format::Csv | Format::Xlsx) && !csv.guard {
            export.push("formula_guard=false".to_owned());
        }
        export.retain(|part| !part.is_empty());
        Self {
            program: "gongbao",
            version: env!("CARGO_PKG_VERSION"),
            created_at: now.into(),
            query: found.query().clone(),
            filters,
            sort: request.sort.map_or("id", |sort| sort.code()),
            group: request.group.code(),
            format: format.code(),
            fields,
            count: found.remaining(),
            permalink: match query.as_str() {
                "" => format!("{base}/"),
                query => format!("{base}/?{query}"),
            },
            export: format!("{base}/api/v1/export?{}", export.join("&")),
        }
    }

    /// As one JSON object on one line.
    pub(crate) fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// As names and values, the members of `query` for themselves.
    pub(super) fn lines(&self) -> Vec<(String, String)> {
        let Ok(Value::Object(map)) = serde_json::to_value(self) else {
            return Vec::new();
        };
        let mut lines = Vec::new();
        for (name, value) in map {
            match value {
                Value::Object(members) if name == "query" => {
                    let members = members.into_iter();
                    lines.extend(members.map(|(member, value)| (format!("query_{member}"), shown(&value))));
                }
                value => lines.push((name, shown(&value))),
            }
        }
        lines
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
