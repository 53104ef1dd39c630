//! `/export`: everything that a search finds, as a file.
//!
//! The file is made piece by piece, at most one piece ahead of the client. A client that goes away, or takes nothing
//! for [`PATIENCE`], ends it; so does a fault of ours, and then the answer is cut off. How a file is told to be whole is
//! in `docs/export.md`.

use std::time::{Duration, Instant};

use axum::{
    body::Body,
    extract::{RawQuery, State},
    http::{HeaderName, Method},
    response::{IntoResponse, Response},
};
use index::SearchRequest;
use jiff::Timestamp;
use serde_json::Value;
use std::collections::BTreeSet;
use tokio::sync::Semaphore;
use utoipa::{
    IntoParams,
    openapi::{
        Required,
        path::{Parameter, ParameterIn},
    },
};

use super::{
    openapi::describe::{self, Filters, Grouped, Query},
    origin,
    params::{Params, invalid},
    problem::{self, Code, Problem},
    search::{SEARCH_BUDGET, lists, problem_of, read_query},
};
use crate::{
    export::{CsvOptions, Export, ExportError, Format, Order, provenance::Provenance},
    http::App,
    nearest::instead,
    permalink::escape,
    streaming,
};

/// What a search can be given and an export can't, and why.
const NOT_HERE: [(&str, &str); 5] = [
    (
        "limit",
        "an export has no limit: it holds all that the search finds; narrow the query or its filters",
    ),
    (
        "cursor",
        "an export has no pages: it holds all that the search finds",
    ),
    (
        "page",
        "an export has no pages: it holds all that the search finds",
    ),
    ("facets", "ask /api/v1/search for counts, or /api/v1/trends"),
    (
        "passages",
        "ask /api/v1/search for passages, or /api/v1/concordance for every place",
    ),
];

/// Exports under way at once; each keeps its state of the index.
const MAX_AT_ONCE: usize = 16;

/// How long a client may leave a piece of the file untaken.
const PATIENCE: Duration = Duration::from_secs(60);

static AT_ONCE: Semaphore = Semaphore::const_new(MAX_AT_ONCE);

/// Everything that a search finds, as a file
///
/// Tables, JSON Lines or citations, of any number of reports. How a file is told to be whole is in `docs/export.md`. Where reading needs a
/// key, this needs one of scope `export`.
#[utoipa::path(
    get, path = "/api/v1/export", tag = "reports", operation_id = "export",
    extensions(("x-zh" = json!("导出检索结果"))),
    params(Query, Filters, Grouped, Wanted),
    responses(
        (status = 200, description = "The file, piece by piece",
            headers(
                ("Content-Disposition" = String, description = "A name for the file"),
                ("Gongbao-Count" = u64, description = "Reports in it"),
                ("Gongbao-Version" = String, description = "Version of the program"),
                ("Gongbao-Created" = String, description = "When it was made"),
                ("Gongbao-State" = String, description = "State of the corpus, for `as_of`"),
                ("Gongbao-Dictionary" = String, description = "Version of the dictionary"),
                ("Gongbao-Query" = String, description = "The query as it was understood, percent-encoded"),
                ("Link" = String, description = "The search page with the same search, `rel=related`"),
            ),
            content(
                (String = "text/csv", example = json!("id,title,year\r\n4cf44a4e1f7b12c0f4f0f6a0f4fd4b6a,泾县2020年度法治政府建设情况报告,2020\r\n")),
                (String = "application/jsonl"),
                (Vec<u8> = "application/vnd.apache.parquet"),
                (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
                (String = "text/plain"),
                (String = "application/x-bibtex"),
                (String = "application/x-research-info-systems"),
                (Value = "application/vnd.citationstyles.csl+json"),
            )),
        (status = 403, description = "The key is not for exports", body = problem::Body, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn export(
    State(app): State<App>,
    method: Method,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let started = Instant::now();
    let mut params = Params::parse(query.as_deref())?;
    let mut order = read_order(&mut params)?;
    params.finish()?;
    order.request.deadline = Some(started + SEARCH_BUDGET);
    order.base.clone_from(&app.service().alerts.base);
    let busy = |_| {
        Problem::new(
            Code::Overloaded,
            "too many exports at once; try again in a moment",
        )
    };
    let place = AT_ONCE.try_acquire().map_err(busy)?;
    let format = order.format;
    let now = Timestamp::now();
    let begun = app
        .with_index(move |reader| Export::begin(reader, &order, now).map_err(problem))
        .await?;
    let mut response = Body::empty().into_response();
    describe(&mut response, format, begun.provenance(), now);
    *response.body_mut() = match method {
        // Of a length that nobody knows, as the file is.
        Method::HEAD => streaming::body((), |()| async { Ok(None) }),
        _ => streaming::ahead((begun, place), PATIENCE, move |(mut export, place)| {
            let app = app.clone();
            async move {
                let made = app.go_on(move || {
                    let piece = export.piece();
                    (piece, export)
                });
                let (piece, export) = made.await?;
                let piece =
                    piece.map_err(|error| Problem::internal(&error.context("an export broke off")))?;
                Ok(piece.map(|piece| (piece, (export, place))))
            }
        }),
    };
    Ok(response)
}

/// What is written, and how, in the address.
struct Wanted;

impl IntoParams for Wanted {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let usual = CsvOptions::default();
        let formats = Format::ALL.map(|(_, code)| Value::from(code));
        let fields: BTreeSet<&str> = Format::ALL
            .iter()
            .flat_map(|(format, _)| format.fields())
            .collect();
        vec![
            describe::query("format", "Format of the file", describe::choice(formats))
                .required(Required::True)
                .example(Some("csv".into()))
                .build(),
            describe::sort(),
            describe::listed(
                "fields",
                "Columns, or fields of JSON Lines, with commas or repeated; none for citations",
                describe::choice(fields.into_iter().map(Value::from)),
            ),
            describe::bom(),
            describe::flag(
                "formula_guard",
                "csv, xlsx: whether cells that begin like a formula get a `'`",
                usual.guard,
            ),
        ]
    }
}

/// Reads what is to be exported, and how.
///
/// # Errors
/// When a value is wrong; names the parameter.
pub(crate) fn read_order(params: &mut Params) -> Result<Order, Problem> {
    params.not_here(&NOT_HERE);
    let format: Format = match params.one("format")?.filter(|text| !text.is_empty()) {
        Some(text) => text.parse().map_err(|error: String| invalid("format", error))?,
        None => {
            // Whoever misspells it is told so.
            read_query(params)?;
            for name in ["fields", "bom", "formula_guard"] {
                params.many(name);
            }
            params.refuse_unknown()?;
            let known = Format::ALL.map(|(_, code)| code).join(", ");
            return Err(invalid("format", format!("it is missing; write one of {known}")));
        }
    };
    let csv = read_csv(params, Some(format))?;
    Ok(Order {
        request: SearchRequest {
            fields: read_fields(params, format)?,
            ..read_query(params)?
        },
        format,
        csv,
        base: String::new(),
    })
}

/// Reads details of CSV and workbooks.
///
/// # Errors
/// When a value is wrong, or the format another.
pub(crate) fn read_csv(params: &mut Params, format: Option<Format>) -> Result<CsvOptions, Problem> {
    let usual = CsvOptions::default();
    Ok(CsvOptions {
        bom: read_bom(params, format == Some(Format::Csv))?,
        guard: flag(
            params,
            "formula_guard",
            matches!(format, Some(Format::Csv | Format::Xlsx)),
            "csv and xlsx",
        )?
        .unwrap_or(usual.guard),
    })
}

/// Reads whether a CSV begins with a byte order mark.
///
/// # Errors
/// When it is neither yes nor no, or the form another.
pub(crate) fn read_bom(params: &mut Params, is_csv: bool) -> Result<bool, Problem> {
    Ok(flag(params, "bom", is_csv, "csv")?.unwrap_or(CsvOptions::default().bom))
}

/// A parameter that says yes or no, for some formats only.
fn flag(
    params: &mut Params,
    name: &'static str,
    is_meant: bool,
    formats: &str,
) -> Result<Option<bool>, Problem> {
    match params.one(name)?.as_deref() {
        None | Some("") => Ok(None),
        Some(_) if !is_meant => Err(invalid(name, format!("it is for {formats} only"))),
        Some("true") => Ok(Some(true)),
        Some("false") => Ok(Some(false)),
        Some(_) => Err(invalid(name, "write true or false")),
    }
}

fn read_fields(params: &mut Params, format: Format) -> Result<Vec<String>, Problem> {
    let fields = lists(params, "fields");
    let known = format.fields();
    let Some(unknown) = fields.iter().find(|field| !known.contains(&field.as_str())) else {
        return Ok(fields);
    };
    Err(invalid(
        "fields",
        match known.is_empty() {
            true => "citations have no fields; leave it out".to_owned(),
            false => {
                let shown: String = unknown.chars().take(64).collect();
                format!("unknown field {shown:?}; {}", instead(&shown, &known))
            }
        },
    ))
}

/// What a client is told about an export that did not begin.
pub(crate) fn problem(error: ExportError) -> Problem {
    match error {
        ExportError::Search(error) => problem_of(error),
        ExportError::Format(error) => Problem::internal(&error),
    }
}

/// Says what file it is, and where its rows come from.
fn describe(response: &mut Response, format: Format, about: &Provenance, now: Timestamp) {
    let headers = response.headers_mut();
    origin::name_file(headers, format, now);
    origin::say(headers, about.state, about.dictionary, now);
    origin::relate(headers, &about.permalink);
    let query = escape(&about.query.parsed);
    origin::put(
        headers,
        [
            (HeaderName::from_static("gongbao-count"), about.count.to_string()),
            (HeaderName::from_static("gongbao-query"), query.to_string()),
        ],
    );
}
