//! `POST /panel`: a dictionary in, a table out, sent row by row as the client takes it: as JSON, or as a file of one of the
//! formats of `/export`.

use std::{
    borrow::Cow,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    body::{Body, Bytes},
    extract::{RawQuery, State, rejection::BytesRejection},
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use index::{Layout, LeftOut, Panel, PanelBy, PanelRequest, PanelRow, QueryEcho, SearchRequest};
use jiff::Timestamp;
use report::{ChinaMoment, Level};
use serde::Serialize;
use serde_json::{Map, Value as Json, json};
use utoipa::{
    IntoParams, PartialSchema, ToSchema,
    openapi::{
        RefOr, Schema,
        path::{Parameter, ParameterIn},
        schema::{AdditionalProperties, ArrayBuilder, ObjectBuilder, OneOfBuilder, Type},
    },
};

use super::{
    export::read_csv,
    openapi::describe,
    origin,
    params::{Params, invalid},
    problem::{Code, Problem},
    search::{SEARCH_BUDGET, one_of, problem_of, read_filters},
};
use crate::{
    dictionary::{self, Read, Tree, Value, Wrong, nearest},
    export::{
        CsvOptions, Format,
        counts::{self, FORMATS},
        table::{self, Table},
    },
    http::App,
    streaming,
};

/// Most rows of an answer.
const MAX_ROWS: usize = 1_000_000;
/// Bytes after which a piece of the answer is sent.
const PIECE: usize = 64 << 10;
/// How long a client may leave a piece of a file untaken.
const PATIENCE: Duration = Duration::from_secs(60);
/// What a body can have.
const KEYS: [&str; 5] = ["concepts", "exclude", "by", "level", "filters"];
const EXAMPLE: &str =
    r#"{"concepts": {"环保": ["环境保护", "环保"]}, "by": ["region", "year"], "filters": {"region": "43"}}"#;

/// What is sent. It is read by [`read`], which can tell where something is wrong.
struct Order;

impl ToSchema for Order {
    fn name() -> Cow<'static, str> {
        "PanelRequest".into()
    }
}

impl PartialSchema for Order {
    fn schema() -> RefOr<Schema> {
        // A list may be one value, or null where it may be absent, as it is read.
        let text = || ObjectBuilder::new().schema_type(Type::String);
        let null = || ObjectBuilder::new().schema_type(Type::Null);
        let strings = || {
            OneOfBuilder::new()
                .item(text())
                .item(ArrayBuilder::new().items(text()))
        };
        let concept = ObjectBuilder::new()
            .property("terms", strings())
            .property("exclude", strings().item(null()))
            .required("terms")
            .additional_properties(Some(AdditionalProperties::<Schema>::FreeForm(false)));
        let concepts = ObjectBuilder::new()
            .description(Some(
                "Names of concepts with their terms, and what these do not count in",
            ))
            .additional_properties(Some(RefOr::T(Schema::from(strings().item(concept)))));
        let by = OneOfBuilder::new()
            .item(PanelBy::schema())
            .item(ArrayBuilder::new().items(PanelBy::schema()))
            .item(null())
            .description(Some("What rows are told apart by; region and year when absent"));
        let exclude = strings()
            .item(null())
            .description(Some("Strings that no term counts in"));
        let level = OneOfBuilder::new().item(Level::schema()).item(null());
        let filters = OneOfBuilder::new()
            .item(ObjectBuilder::new())
            .item(null())
            .description(Some(
                "Parameters of a search: `q`, `mode`, `group` and filters, each a value or a list",
            ));
        ObjectBuilder::new()
            .property("concepts", concepts)
            .property("exclude", exclude)
            .property("by", by)
            .property("level", level)
            .property("filters", filters)
            .required("concepts")
            .additional_properties(Some(AdditionalProperties::<Schema>::FreeForm(false)))
            .into()
    }
}

/// The form of the answer, in the address.
struct Wanted;

impl IntoParams for Wanted {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let usual = CsvOptions::default();
        let formats = std::iter::once("json").chain(FORMATS.map(Format::code));
        let formats = describe::choice(formats.map(Json::from)).default(Some("json".into()));
        let flag = |name, what, usual: bool| {
            let choices = describe::choice(["true", "false"].map(Json::from));
            describe::query(name, what, choices.default(Some(usual.to_string().into()))).build()
        };
        vec![
            describe::query(
                "format",
                "Form of the answer: JSON, or a file as of `/export`",
                formats,
            )
            .build(),
            flag(
                "bom",
                "csv: whether it begins with a byte order mark, for Excel",
                usual.bom,
            ),
            flag(
                "formula_guard",
                "csv, xlsx: whether cells that begin like a formula get a `'`",
                usual.guard,
            ),
        ]
    }
}

/// The answer. Its rows are sent as they are made.
#[derive(Serialize, ToSchema)]
#[schema(as = Panel)]
struct Answer<'a> {
    /// What rows are told apart by.
    by: &'a [PanelBy],
    /// Level of the divisions that rows are for.
    level: Option<Level>,
    /// How the query beside was read.
    query: &'a QueryEcho,
    /// SHA-256 of what was counted.
    dictionary: &'a str,
    /// Number of rows.
    n_rows: usize,
    /// Reports that are in no row.
    left_out: LeftOut,
    /// What may not be as it was meant.
    notes: &'a [String],
    /// The state of the corpus that was counted, for `as_of`.
    state: Option<ChinaMoment>,
    /// Concept by concept.
    rows: Vec<PanelRow<'a>>,
}

/// How often concepts are spoken of, by region, year, genre and section
///
/// Reports and Han characters stand beside every count; divisions and years without a report are null, not 0. See `docs/panel.md`.
#[utoipa::path(
    post, path = "/api/v1/panel", tag = "reports", operation_id = "panel",
    extensions(("x-zh" = json!("概念词典面板统计"))),
    params(Wanted),
    request_body(content = Order, description = "A dictionary, what rows are told apart by, and filters", example = json!({
        "concepts": {"环保": ["环境保护", "环保"]}, "by": ["region", "year"], "filters": {"region": "43"}})),
    responses((status = 200, description = "Rows, concept by concept; sent piece by piece",
        headers(("Gongbao-State" = String, description = "State of the corpus, for `as_of`")),
        content((Answer = "application/json", example = json!({
        "by": ["region", "year"], "level": null,
        "query": {"q": "", "mode": "words", "parsed": "", "terms": [], "ignored": [], "expanded": [], "synonyms": null, "suggestions": []},
        "dictionary": "9c56cc51b374c3ba189210d5b6d4bf57790d351c96c47c02190ecf1e430635ab", "n_rows": 1,
        "left_out": {"reports": 0, "without_region": 0, "without_level": 0, "without_year": 0, "without_section": 0}, "notes": [],
        "state": "2026-11-22T09:30:12.345+08:00",
        "rows": [{"concept": "环保", "region": "430482", "region_name": "常宁市", "year": 2020, "reports": 1, "reports_with_hit": 1, "occurrences": 3, "chars": 37}]})),
            (String = "text/csv"),
            (String = "application/jsonl"),
            (Vec<u8> = "application/vnd.apache.parquet"),
            (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ))),
)]
pub(crate) async fn panel(
    State(app): State<App>,
    RawQuery(query): RawQuery,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let mut params = Params::parse(query.as_deref())?;
    let format = read_format(&mut params)?;
    let csv = read_csv(&mut params, format)?;
    params.finish()?;
    let body = body.map_err(|_| Problem::new(Code::InvalidParameter, "the body did not come whole"))?;
    let mut request = read(&body)?;
    request.search.deadline = Some(Instant::now() + SEARCH_BUDGET);
    let asked = request.clone();
    let counted = app.with_index(move |reader| {
        let panel = reader.panel(&request, &|_, _| {}).map_err(problem_of)?;
        Ok((panel, reader.corpus_state()))
    });
    let (panel, corpus) = counted.await?;
    let now = Timestamp::now();
    let mut headers = HeaderMap::new();
    origin::say(&mut headers, panel.state, now);
    let Some(format) = format else {
        let head = head(&panel, asked.layout.level, &dictionary::hash(&asked.dictionary))?;
        let panel = Arc::new(panel);
        let body = streaming::body(Some(0), move |at: Option<usize>| {
            let panel = Arc::clone(&panel);
            let head = if at == Some(0) { head.clone() } else { Vec::new() };
            async move { at.map(|at| piece(&panel, head, at)).transpose() }
        });
        return Ok((headers, [(header::CONTENT_TYPE, "application/json")], body).into_response());
    };
    origin::name_file(&mut headers, format, now);
    let columns = counts::columns("concept", &panel.by);
    let mut about = counts::provenance(&panel, &asked.search, &asked.layout, &columns, corpus, now);
    about.insert("query".to_owned(), json!(panel.query));
    about.insert("dictionary".to_owned(), dictionary::to_json(&asked.dictionary));
    about.insert(
        "dictionary_hash".to_owned(),
        dictionary::hash(&asked.dictionary).into(),
    );
    Ok((headers, file(app, panel, about, format, csv)?).into_response())
}

/// A panel as a file that is made as it is taken. `about` is what formats that can hold it say of it.
pub(crate) fn file(
    app: App,
    panel: Panel,
    about: Map<String, Json>,
    format: Format,
    csv: CsvOptions,
) -> Result<Body, Problem> {
    let failed = |error: anyhow::Error| Problem::internal(&error.context("a table broke off"));
    let columns = counts::columns("concept", &panel.by);
    let table = table::begin(format, counts::SHEET, &columns, &about.into(), csv).map_err(failed)?;
    let first = Some(File { panel, table, at: 0 });
    Ok(streaming::ahead(first, PATIENCE, move |file: Option<File>| {
        let app = app.clone();
        async move {
            let Some(file) = file else { return Ok(None) };
            app.go_on(move || file.piece()).await?.map(Some).map_err(failed)
        }
    }))
}

/// The format of the file that is asked for; `None` for JSON.
fn read_format(params: &mut Params) -> Result<Option<Format>, Problem> {
    let text = params
        .one("format")?
        .filter(|text| !text.is_empty() && text != "json");
    let known = |text: &String| FORMATS.into_iter().find(|format| format.code() == text);
    match text {
        None => Ok(None),
        Some(text) => known(&text).map(Some).ok_or_else(|| {
            let codes = FORMATS.map(Format::code).join(", ");
            invalid("format", format!("there are json, {codes}"))
        }),
    }
}

/// A file under way.
struct File {
    panel: Panel,
    table: Box<dyn Table>,
    at: usize,
}

impl File {
    /// The next piece, and what is left; nothing behind the last.
    fn piece(mut self) -> anyhow::Result<(Vec<u8>, Option<Self>)> {
        let mut out = Vec::new();
        while let Some(row) = self.panel.row(self.at).filter(|_| out.len() < PIECE) {
            self.table.row(&counts::cells(&row), &mut out)?;
            self.at += 1;
        }
        let is_over = self.at >= self.panel.n_rows();
        if is_over {
            self.table.end(&mut out)?;
        }
        Ok((out, (!is_over).then_some(self)))
    }
}

/// Everything before the rows.
fn head(panel: &Panel, level: Option<Level>, hash: &str) -> Result<Vec<u8>, Problem> {
    let answer = Answer {
        by: &panel.by,
        level,
        query: &panel.query,
        dictionary: hash,
        n_rows: panel.n_rows(),
        left_out: panel.left_out,
        notes: &panel.notes,
        state: panel.state,
        rows: Vec::new(),
    };
    let mut head = serde_json::to_vec(&answer).map_err(|error| Problem::internal(&error.into()))?;
    // The rows, which stand last, go on.
    head.truncate(head.len().saturating_sub(b"]}".len()));
    Ok(head)
}

/// The rows from one on, and the row that the next piece begins with.
fn piece(panel: &Panel, mut json: Vec<u8>, from: usize) -> Result<(Vec<u8>, Option<usize>), Problem> {
    let mut at = from;
    let full = json.len() + PIECE;
    while let Some(row) = panel.row(at).filter(|_| json.len() < full) {
        if at > 0 {
            json.push(b',');
        }
        serde_json::to_writer(&mut json, &row).map_err(|error| Problem::internal(&error.into()))?;
        at += 1;
    }
    let is_over = at >= panel.n_rows();
    if is_over {
        json.extend_from_slice(b"]}");
    }
    Ok((json, (!is_over).then_some(at)))
}

/// Reads a body.
fn read(body: &[u8]) -> Result<PanelRequest, Problem> {
    let wrong = |wrong: Wrong| {
        let code = match wrong.is_unknown_key {
            true => Code::UnknownParameter,
            false => Code::InvalidParameter,
        };
        let line = wrong
            .line
            .map(|line| format!(" (line {line})"))
            .unwrap_or_default();
        Problem::new(
            code,
            format!("the body: {}{line}; write e.g. {EXAMPLE}", wrong.message),
        )
    };
    let tree: Tree = dictionary::from_json(body).map_err(wrong)?;
    let Value::Map(entries) = tree.value else {
        return Err(wrong(Wrong::at(
            None,
            format!("it is {}, not an object", tree.what()),
        )));
    };
    let mut dictionary = Read::default();
    let mut search = SearchRequest::default();
    let (mut by, mut level) = (None, None);
    let mut seen: Vec<String> = Vec::new();
    for (key, value) in entries {
        if seen.contains(&key.text) {
            return Err(wrong(Wrong::at(None, format!("{:?} stands twice", key.text))));
        }
        let value_is_there = !matches!(value.value, Value::Null);
        match key.text.as_str() {
            "concepts" => dictionary.add_concepts(&value).map_err(wrong)?,
            "exclude" => dictionary.add_exclude(&value).map_err(wrong)?,
            "by" if value_is_there => by = Some(read_by(&value)?),
            "level" => level = read_level(&value)?,
            "filters" => search = read_search(&value)?,
            "by" => {}
            other => {
                return Err(Problem::new(
                    Code::UnknownParameter,
                    format!("the body: unknown key {other:?}; {}", nearest(other, &KEYS)),
                ));
            }
        }
        seen.push(key.text);
    }
    Ok(PanelRequest {
        search,
        dictionary: dictionary.dictionary,
        layout: Layout {
            by: by.unwrap_or_else(|| vec![PanelBy::Region, PanelBy::Year]),
            level,
            max_rows: MAX_ROWS,
        },
    })
}

fn read_by(value: &Tree) -> Result<Vec<PanelBy>, Problem> {
    let (mut names, mut lines) = (Vec::new(), Vec::new());
    value
        .strings("by", &mut names, &mut lines)
        .map_err(|wrong| invalid("by", wrong.message))?;
    names
        .iter()
        .map(|name| name.parse().map_err(|error| invalid("by", error)))
        .collect()
}

fn read_level(value: &Tree) -> Result<Option<Level>, Problem> {
    match &value.value {
        Value::Null => Ok(None),
        Value::Text(text) => text.parse().map(Some).map_err(|error| invalid("level", error)),
        _ => Err(invalid(
            "level",
            format!(
                "it is {}; write \"county\", \"city\" or \"province\"",
                value.what()
            ),
        )),
    }
}

/// Reads the search whose reports are counted, by the names and values of the parameters of `/search`.
fn read_search(value: &Tree) -> Result<SearchRequest, Problem> {
    let entries = match &value.value {
        Value::Map(entries) => entries.as_slice(),
        Value::Null => &[],
        _ => {
            return Err(invalid(
                "filters",
                format!("it is {}; write e.g. {{\"region\": [\"43\"]}}", value.what()),
            ));
        }
    };
    let mut pairs = Vec::new();
    for (key, value) in entries {
        let values = match &value.value {
            Value::List(values) => values.as_slice(),
            Value::Null => &[],
            _ => std::slice::from_ref(value),
        };
        for value in values {
            let (Value::Text(text) | Value::Number(text)) = &value.value else {
                return Err(invalid(
                    &key.text,
                    "it is neither a text nor a number, nor a list of these",
                ));
            };
            pairs.push((key.text.clone(), text.clone()));
        }
    }
    let mut params = Params::from_pairs(pairs);
    let search = search(&mut params)?;
    params.finish()?;
    Ok(search)
}

/// What of the parameters of a search says which reports are counted.
///
/// # Errors
/// When a value is wrong; names the parameter.
pub(crate) fn search(params: &mut Params) -> Result<SearchRequest, Problem> {
    let usual = SearchRequest::default();
    Ok(SearchRequest {
        q: params.one("q")?.unwrap_or_default(),
        mode: one_of(params, "mode")?.unwrap_or(usual.mode),
        group: one_of(params, "group")?.unwrap_or(usual.group),
        filters: read_filters(params)?,
        ..usual
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_body() {
        let request = read(
            r#"{"concepts": {"环保": ["环境保护", "环保"], "b": {"terms": ["生态"], "exclude": ["营商生态"]}},
                "by": ["region", "year"], "level": "county", "exclude": ["x"],
                "filters": {"region": ["43", 110105], "year_from": 2019, "q": "a", "group": "duplicates"}}"#
                .as_bytes(),
        )
        .unwrap();
        assert_eq!(request.layout.by, [PanelBy::Region, PanelBy::Year]);
        assert_eq!(request.layout.level, Some(Level::County));
        let names: Vec<_> = request
            .dictionary
            .concepts
            .iter()
            .map(|concept| concept.name.as_str())
            .collect();
        assert_eq!(names, ["环保", "b"], "in the order of the body");
        assert_eq!(request.dictionary.exclude, ["x"]);
        assert_eq!(request.search.filters.region.len(), 2);
        assert_eq!(
            (request.search.q.as_str(), request.search.filters.year_from[0]),
            ("a", 2019)
        );
    }

    #[test]
    fn says_what_is_wrong() {
        for (body, code, word) in [
            ("", "invalid_parameter", "JSON"),
            ("[]", "invalid_parameter", "a list"),
            (
                r#"{"concept": {"a": ["b"]}}"#,
                "unknown_parameter",
                "\"concepts\"",
            ),
            (
                r#"{"concepts": {"a": {"words": ["b"]}}}"#,
                "unknown_parameter",
                "terms",
            ),
            (r#"{"concepts": {"a": [1]}}"#, "invalid_parameter", "quotes"),
            (
                r#"{"concepts": {"a": ["b"]}, "concepts": {}}"#,
                "invalid_parameter",
                "twice",
            ),
            (
                r#"{"concepts": {"a": ["b"]}, "by": ["colour"]}"#,
                "invalid_parameter",
                "region",
            ),
            (
                r#"{"concepts": {"a": ["b"]}, "level": "town"}"#,
                "invalid_parameter",
                "county",
            ),
            (
                r#"{"concepts": {"a": ["b"]}, "filters": {"regoin": "43"}}"#,
                "unknown_parameter",
                "region",
            ),
            (
                r#"{"concepts": {"a": ["b"]}, "filters": {"limit": 5}}"#,
                "unknown_parameter",
                "limit",
            ),
            (
                r#"{"concepts": {"a": ["b"]}, "filters": []}"#,
                "invalid_parameter",
                "filters",
            ),
        ] {
            let problem = read(body.as_bytes()).unwrap_err();
            let detail = problem.body().detail;
            assert!(detail.contains(word), "{body}: {detail}");
            let shown: serde_json::Value = serde_json::to_value(problem.body()).unwrap();
            assert_eq!(shown["code"], code, "{body}: {detail}");
        }
    }
}
