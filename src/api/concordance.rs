//! `/concordance`: parameters in, occurrences out, as JSON or CSV.

use std::time::Instant;

use axum::{
    Json,
    extract::{RawQuery, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use index::{
    Concordance, ConcordanceRequest, ConcordanceRow, QueryEcho, RowSort, SampleEcho, SearchRequest, Total,
};
use jiff::Timestamp;
use report::ChinaMoment;
use serde::Serialize;
use serde_json::Value;
use utoipa::{
    IntoParams, ToSchema,
    openapi::path::{Parameter, ParameterIn},
};

use super::{
    export::read_bom,
    openapi::describe::{self, Filters, Grouped, Query},
    origin,
    params::{Params, invalid},
    problem::Problem,
    search::{SEARCH_BUDGET, number_to, one_of, problem_of, read_found},
};
use crate::{
    export::{csv, provenance::pinned},
    http::App,
    permalink,
    web::report::paragraph_path,
};

/// Columns of the CSV, in order.
pub(crate) const COLUMNS: [&str; 15] = [
    "report_id",
    "title",
    "region_code",
    "region_name",
    "year",
    "published",
    "left",
    "match",
    "right",
    "path",
    "heading",
    "role",
    "start",
    "end",
    "link",
];

/// How a concordance is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Format {
    #[default]
    Json,
    Csv,
}

impl std::str::FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "json" => Ok(Self::Json),
            "csv" => Ok(Self::Csv),
            _ => Err("there are json and csv".to_owned()),
        }
    }
}

/// The answer.
#[derive(Serialize, ToSchema)]
#[schema(as = Concordance)]
struct Answer<'a> {
    /// How the query was read.
    query: &'a QueryEcho,
    /// Number of all occurrences, those that a sample leaves out among them.
    total: Total,
    /// What was drawn; null when nothing was.
    sample: Option<SampleEcho>,
    /// The rows of this page.
    rows: Vec<Row<'a>>,
    /// Where the next page begins; null on the last.
    next_cursor: Option<&'a str>,
    /// The state of the corpus that this was answered from, for `as_of`.
    state: Option<ChinaMoment>,
    /// Milliseconds that the answer took.
    took_ms: u64,
}

/// One occurrence, and where it is to be read.
#[derive(Serialize, ToSchema)]
#[schema(as = LinkedRow)]
struct Row<'a> {
    #[serde(flatten)]
    row: &'a ConcordanceRow,
    /// Opens the report at the paragraph.
    link: String,
}

/// Every place of a query's strings, with what stands before and behind it
///
/// Occurrences are counted, ordered and paged, not reports. See `docs/concordance.md`.
#[utoipa::path(
    get, path = "/api/v1/concordance", tag = "reports", operation_id = "concordance",
    extensions(("x-zh" = json!("逐处列出检索词及上下文"))),
    params(Query, Filters, Grouped, Wanted),
    responses(
        (status = 200, description = "Occurrences, their exact number, and where to go on",
            headers(
                ("Gongbao-State" = String, description = "State of the corpus, for `as_of`"),
                ("Link" = String, description = "Of CSV, where the next page is, `rel=next`"),
            ),
            content(
                (Answer = "application/json", example = json!({
                    "query": {"q": "双随机", "mode": "exact", "parsed": "\"双随机\"", "terms": [], "ignored": [], "expanded": [], "synonyms": null, "suggestions": []},
                    "total": {"value": 1, "relation": "eq"}, "sample": null,
                    "rows": [{"report_id": "4cf44a4e1f7b12c0f4f0f6a0f4fd4b6a", "title": "泾县2020年度法治政府建设情况报告", "region_code": "341823", "region_name": "泾县", "year": 2020,
                        "published": "2021-02-22", "left": "全面推行“", "match": "双随机", "right": "、一公开”监管。", "path": "一", "heading": "主要成效", "role": "achievements",
                        "start": 12, "end": 15, "paragraph": 7, "link": "/reports/4cf44a4e1f7b12c0f4f0f6a0f4fd4b6a#p-7"}],
                    "next_cursor": null, "state": "2026-11-22T09:30:12.345+08:00", "took_ms": 5})),
                (String = "text/csv"),
            )),
        (status = 410, description = "The cursor is older than 15 minutes; ask anew", body = super::problem::Body, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn concordance(
    State(app): State<App>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let started = Instant::now();
    let mut params = Params::parse(query.as_deref())?;
    let format = one_of::<Format>(&mut params, "format")?.unwrap_or_default();
    let bom = read_bom(&mut params, format == Format::Csv)?;
    let most = match format {
        Format::Json => SearchRequest::MAX_LIMIT,
        Format::Csv => ConcordanceRequest::MAX_LIMIT,
    };
    let mut request = read_request(&mut params, most)?;
    params.finish()?;
    request.search.deadline = Some(started + SEARCH_BUDGET);
    let base = app.service().alerts.base.clone();
    app.with_index(move |reader| {
        let found = reader.concordance(&request, started).map_err(problem_of)?;
        let mut response = match format {
            Format::Json => Json(answer(&found)?).into_response(),
            Format::Csv => {
                let next = found.next_cursor.as_deref();
                let next = next.and_then(|cursor| next_page(query.as_deref().unwrap_or_default(), cursor));
                let mut response = table(&found, bom).into_response();
                let headers = response.headers_mut();
                headers.insert(
                    header::CONTENT_TYPE,
                    HeaderValue::from_static("text/csv; charset=utf-8"),
                );
                headers.extend(next.map(|next| (header::LINK, next)));
                response
            }
        };
        let (headers, now) = (response.headers_mut(), Timestamp::now());
        origin::say(headers, found.state, reader.corpus_state().dictionary, now);
        origin::relate(
            headers,
            &format!("{base}/concordance?{}", address(&request, found.state, now)),
        );
        Ok(response)
    })
    .await
}

/// Rows, their order and their form, in the address.
struct Wanted;

impl IntoParams for Wanted {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let usual = ConcordanceRequest::default();
        let number = |name, what, most, usual: Option<usize>| {
            let number = describe::number(most).default(usual.map(Value::from));
            describe::query(name, what, number).build()
        };
        let orders = describe::codes(RowSort::ALL, RowSort::code);
        let sort = describe::query(
            "sort",
            "Order of the rows; by id of the report when absent",
            describe::choice(orders),
        );
        vec![
            describe::zh(sort, "行的次序：left、right 按前后文，left_outwards 由检索词向左读，region 按地区，year 按年度；默认按报告编号"),
            number(
                "width",
                "Characters shown before and behind a match, within its paragraph",
                ConcordanceRequest::MAX_WIDTH,
                Some(usual.width),
            ),
            number("sample", "Rows to be drawn at random", ConcordanceRequest::MAX_SAMPLE, None),
            describe::query(
                "seed",
                "What a sample is drawn by, a whole number below 2^64: the same number draws the same rows; 0 when absent",
                describe::text().pattern(Some("^([0-9]{1,20})?$")),
            )
            .build(),
            number(
                "limit",
                "Rows on a page; at most 100 as JSON",
                ConcordanceRequest::MAX_LIMIT,
                Some(usual.limit),
            ),
            describe::query(
                "cursor",
                "`next_cursor` of the page before, with the same other parameters; good for 15 minutes",
                describe::text(),
            )
            .build(),
            describe::query(
                "format",
                "Form of the answer",
                describe::choice(["json", "csv"].map(Value::from)).default(Some("json".into())),
            )
            .build(),
            describe::bom(),
        ]
    }
}

/// Reads the parameters of a concordance with at most `most` rows on a page.
///
/// # Errors
/// When a value is wrong; names the parameter.
pub(crate) fn read_request(params: &mut Params, most: usize) -> Result<ConcordanceRequest, Problem> {
    let usual = ConcordanceRequest::default();
    let sample = number_to(params, "sample", ConcordanceRequest::MAX_SAMPLE)?;
    let seed = params.one("seed")?.filter(|text| !text.is_empty());
    let seed = seed.map(|text| {
        let number = text.parse::<u64>();
        number.map_err(|_| invalid("seed", "it is a whole number, from 0 to 18446744073709551615"))
    });
    let seed = seed.transpose()?;
    if seed.is_some() && sample.is_none() {
        return Err(invalid(
            "seed",
            "it is what a sample is drawn by; write sample=100 beside it",
        ));
    }
    Ok(ConcordanceRequest {
        search: SearchRequest {
            q: params.one("q")?.unwrap_or_default(),
            ..read_found(params)?
        },
        sort: one_of(params, "sort")?,
        width: number_to(params, "width", ConcordanceRequest::MAX_WIDTH)?.unwrap_or(usual.width),
        sample,
        seed: seed.unwrap_or(usual.seed),
        limit: number_to(params, "limit", most)?.unwrap_or(usual.limit),
        cursor: params.one("cursor")?.filter(|cursor| !cursor.is_empty()),
    })
}

/// The answer as JSON; every row has a link that opens its report at its paragraph.
pub(crate) fn answer(found: &Concordance) -> Result<Value, Problem> {
    let rows = found.rows.iter().map(|row| Row {
        row,
        link: paragraph_path(&row.report_id, row.paragraph),
    });
    let answer = Answer {
        query: &found.query,
        total: found.total,
        sample: found.sample,
        rows: rows.collect(),
        next_cursor: found.next_cursor.as_deref(),
        state: found.state,
        took_ms: found.took_ms,
    };
    serde_json::to_value(answer).map_err(|error| Problem::internal(&error.into()))
}

/// The rows as CSV, with a line of names.
fn table(found: &Concordance, bom: bool) -> String {
    let rows = found.rows.iter().map(line);
    std::iter::once(csv::head(COLUMNS, bom)).chain(rows).collect()
}

/// A row as a line of CSV.
pub(crate) fn line(row: &ConcordanceRow) -> String {
    let cells: [&str; 15] = [
        row.report_id.as_str(),
        row.title.as_deref().unwrap_or_default(),
        &row.region_code.map(|code| code.to_string()).unwrap_or_default(),
        row.region_name.as_deref().unwrap_or_default(),
        &row.year.map(|year| year.to_string()).unwrap_or_default(),
        &row.published.map(|day| day.to_string()).unwrap_or_default(),
        &row.left,
        &row.matched,
        &row.right,
        row.path.as_deref().unwrap_or_default(),
        row.heading.as_deref().unwrap_or_default(),
        row.role.map(|role| role.code()).unwrap_or_default(),
        &row.start.to_string(),
        &row.end.to_string(),
        &paragraph_path(&row.report_id, row.paragraph),
    ];
    csv::row(cells)
}

/// The query part of the address that gives the same rows later, from the first on.
pub(crate) fn address(request: &ConcordanceRequest, state: Option<ChinaMoment>, now: Timestamp) -> String {
    let mut address = permalink::query(&pinned(&request.search, state, now));
    address += &format!("&width={}", request.width);
    if let Some(sort) = request.sort {
        address += &format!("&sort={}", sort.code());
    }
    if let Some(sample) = request.sample {
        address += &format!("&sample={sample}&seed={}", request.seed);
    }
    address
}

/// Where the next page of a table is (RFC 8288): the same parameters with another cursor.
fn next_page(query: &str, cursor: &str) -> Option<HeaderValue> {
    let kept = query
        .split('&')
        .filter(|pair| !pair.starts_with("cursor=") && !pair.is_empty());
    let cursor = format!("cursor={}", permalink::escape(cursor));
    let pairs: Vec<&str> = kept.chain([cursor.as_str()]).collect();
    // What cannot stand between angle brackets is left out by encoding it.
    let pairs = pairs.join("&").replace('<', "%3C").replace('>', "%3E");
    HeaderValue::from_str(&format!("</api/v1/concordance?{pairs}>; rel=\"next\"")).ok()
}
