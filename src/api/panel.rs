//! `POST /panel`: a dictionary in, a table out, sent row by row as the client takes it: as JSON, or as a file of one of the
//! formats of `/export`.

mod body;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    body::{Body, Bytes},
    extract::{RawQuery, State, rejection::BytesRejection},
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use index::{LeftOut, Panel, PanelBy, PanelRow, QueryEcho};
use jiff::Timestamp;
use report::{ChinaMoment, Level};
use serde::Serialize;
use serde_json::{Map, Value as Json, json};
use utoipa::{
    IntoParams, ToSchema,
    openapi::path::{Parameter, ParameterIn},
};

pub(crate) use self::body::search;
use self::body::{Order, read};

use super::{
    export::read_csv,
    openapi::describe,
    origin,
    params::{Params, invalid},
    problem::{Code, Problem},
    search::{SEARCH_BUDGET, problem_of},
};
use crate::{
    dictionary,
    export::{
        CsvOptions, Format,
        counts::{self, FORMATS},
        table::{self, Table},
    },
    http::App,
    streaming,
};

/// Bytes after which a piece of the answer is sent.
const PIECE: usize = 64 << 10;
/// How long a client may leave a piece of a file untaken.
const PATIENCE: Duration = Duration::from_secs(60);

/// The form of the answer, in the address.
struct Wanted;

impl IntoParams for Wanted {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let usual = CsvOptions::default();
        let formats = std::iter::once("json").chain(FORMATS.map(Format::code));
        let formats = describe::choice(formats.map(Json::from)).default(Some("json".into()));
        vec![
            describe::query(
                "format",
                "Form of the answer: JSON, or a file as of `/export`",
                formats,
            )
            .build(),
            describe::bom(),
            describe::flag(
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
        "dictionary": "sha256:9c56cc51b374c3ba189210d5b6d4bf57790d351c96c47c02190ecf1e430635ab", "n_rows": 1,
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
    origin::say(&mut headers, panel.state, corpus.dictionary, now);
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
