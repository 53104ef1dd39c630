//! Where an export comes from: enough to ask for the same again, and to say in a paper what was asked.

use index::{AsOf, Found, QueryEcho, SearchRequest};
use jiff::Timestamp;
use report::{ChinaMoment, ChinaTime};
use serde::Serialize;
use serde_json::{Map, Value, json};

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
    /// The state of the corpus that it was read from: what `as_of` takes.
    pub(crate) state: Option<ChinaMoment>,
    /// Version of the dictionary that cuts words.
    pub(crate) dictionary: u32,
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
    pub(super) fn new(order: &Order, found: &Found, columns: &[Column], now: Timestamp) -> Self {
        let Order {
            request,
            format,
            csv,
            base,
        } = order;
        let fields: Vec<String> = match columns {
            [] => request.fields.clone(),
            columns => columns.iter().map(|column| column.name.clone()).collect(),
        };
        let corpus = found.corpus_state();
        let query = permalink::query(&pinned(request, corpus.state, now));
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
            state: corpus.state,
            dictionary: corpus.dictionary,
            query: found.query().clone(),
            filters: filters(request),
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

    /// As a JSON object.
    pub(crate) fn to_json(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}

/// What a table of counts or places says of the search behind it; `dictionary` is the version of the dictionary that cuts words.
pub(crate) fn of_search(
    request: &SearchRequest,
    state: Option<ChinaMoment>,
    dictionary: u32,
    now: Timestamp,
) -> Map<String, Value> {
    let about = json!({
        "program": "gongbao",
        "version": env!("CARGO_PKG_VERSION"),
        "created_at": ChinaTime::from(now),
        "state": state,
        "word_dictionary": dictionary,
        "q": request.q,
        "mode": request.mode,
        "group": request.group,
        "filters": filters(request),
    });
    match about {
        Value::Object(about) => about,
        _ => Map::new(),
    }
}

/// The filters that are set.
fn filters(request: &SearchRequest) -> Map<String, Value> {
    let mut filters = match serde_json::to_value(&request.filters) {
        Ok(Value::Object(filters)) => filters,
        _ => Map::new(),
    };
    filters.retain(|_, value| !value.is_null() && value.as_array().is_none_or(|list| !list.is_empty()));
    filters
}

/// The search as of the state that it was answered from, so that its address gives the same later.
pub(crate) fn pinned(request: &SearchRequest, state: Option<ChinaMoment>, now: Timestamp) -> SearchRequest {
    let mut pinned = request.clone();
    if pinned.filters.as_of.is_none() {
        pinned.filters.as_of = state.and_then(|state| AsOf::read(&state.to_string(), now).ok());
    }
    pinned
}

/// A JSON object as names and values, the members of `query` for themselves.
pub(super) fn lines(about: &Value) -> Vec<(String, String)> {
    let mut lines = Vec::new();
    for (name, value) in about.as_object().into_iter().flatten() {
        match value {
            Value::Object(members) if name == "query" => {
                let members = members.iter();
                lines.extend(members.map(|(member, value)| (format!("query_{member}"), shown(value))));
            }
            value => lines.push((name.clone(), shown(value))),
        }
    }
    lines
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
