//! `/concordance`: parameters in, occurrences out, as JSON or CSV.

use std::time::Instant;

use axum::{
    Json,
    extract::{RawQuery, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use index::{Concordance, ConcordanceRequest, ConcordanceRow, SearchRequest};
use jiff::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::{
    origin,
    params::{Params, invalid},
    problem::Problem,
    search::{SEARCH_BUDGET, number_to, one_of, problem_of, read_found},
};
use crate::{export::csv, http::App, web::report::paragraph_path};

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

/// `/concordance`
pub(crate) async fn concordance(
    State(app): State<App>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let started = Instant::now();
    let mut params = Params::parse(query.as_deref())?;
    let format = one_of::<Format>(&mut params, "format")?.unwrap_or_default();
    let most = match format {
        Format::Json => SearchRequest::MAX_LIMIT,
        Format::Csv => ConcordanceRequest::MAX_LIMIT,
    };
    let mut request = read_request(&mut params, most)?;
    params.finish()?;
    request.search.deadline = Some(started + SEARCH_BUDGET);
    app.with_index(move |reader| {
        let found = reader.concordance(&request, started).map_err(problem_of)?;
        let mut response = match format {
            Format::Json => Json(answer(&found)?).into_response(),
            Format::Csv => {
                let next = found.next_cursor.as_deref();
                let next = next.and_then(|cursor| next_page(query.as_deref().unwrap_or_default(), cursor));
                let mut response = table(&found).into_response();
                let headers = response.headers_mut();
                headers.insert(
                    header::CONTENT_TYPE,
                    HeaderValue::from_static("text/csv; charset=utf-8"),
                );
                headers.extend(next.map(|next| (header::LINK, next)));
                response
            }
        };
        origin::say(response.headers_mut(), found.state, Timestamp::now());
        Ok(response)
    })
    .await
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
    let mut value = serde_json::to_value(found).map_err(|error| Problem::internal(&error.into()))?;
    if let Some(rows) = value["rows"].as_array_mut() {
        for (json, row) in rows.iter_mut().zip(&found.rows) {
            json["link"] = paragraph_path(&row.report_id, row.paragraph).into();
        }
    }
    Ok(value)
}

/// The rows as CSV, with a line of names.
fn table(found: &Concordance) -> String {
    let rows = found.rows.iter().map(line);
    std::iter::once(csv::row(COLUMNS)).chain(rows).collect()
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

/// Where the next page of a table is (RFC 8288): the same parameters with another cursor.
fn next_page(query: &str, cursor: &str) -> Option<HeaderValue> {
    let kept = query
        .split('&')
        .filter(|pair| !pair.starts_with("cursor=") && !pair.is_empty());
    let cursor = format!("cursor={}", utf8_percent_encode(cursor, NON_ALPHANUMERIC));
    let pairs: Vec<&str> = kept.chain([cursor.as_str()]).collect();
    // What cannot stand between angle brackets is left out by encoding it.
    let pairs = pairs.join("&").replace('<', "%3C").replace('>', "%3E");
    HeaderValue::from_str(&format!("</api/v1/concordance?{pairs}>; rel=\"next\"")).ok()
}
