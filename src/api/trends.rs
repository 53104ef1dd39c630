//! `/trends`: parameters in, counts by key out, as JSON, CSV or a picture.

use std::time::Instant;

use axum::{
    Json,
    extract::{RawQuery, State},
    http::header,
    response::{IntoResponse, Response},
};
use index::{By, Measure, Trends, TrendsRequest};
use jiff::Timestamp;
use report::ChinaMoment;
use serde_json::Value;
use utoipa::{
    IntoParams,
    openapi::path::{Parameter, ParameterIn},
};

use super::{
    export::read_bom,
    openapi::describe::{self, Filters, Grouped, Query},
    origin,
    params::{Params, invalid},
    problem::Problem,
    search::{SEARCH_BUDGET, one_of, problem_of, read_found},
};
use crate::{
    charts::{self, Look, NoChart},
    export::{csv, provenance::pinned},
    http::App,
    language::Lang,
    permalink,
};

/// Columns of the CSV, in order.
const COLUMNS: [&str; 7] = [
    "q",
    "key",
    "label",
    "reports_with_hit",
    "occurrences",
    "reports",
    "chars",
];

/// How trends are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Format {
    #[default]
    Json,
    Csv,
    Svg,
}

impl std::str::FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "json" => Ok(Self::Json),
            "csv" => Ok(Self::Csv),
            "svg" => Ok(Self::Svg),
            _ => Err("there are json, csv and svg".to_owned()),
        }
    }
}

/// Reports and occurrences of queries by year, division or kind of report
///
/// Of how many, too: every row has the reports and Han characters that its counts are out of. See `docs/trends.md`.
#[utoipa::path(
    get, path = "/api/v1/trends", tag = "reports", operation_id = "trends",
    extensions(("x-zh" = json!("按年度、地区或文种统计检索词"))),
    params(Queries, Filters, Grouped, Wanted),
    responses((status = 200, description = "Counts by key, for each query",
        content(
            (Trends = "application/json", example = json!({
                "by": "year", "measure": "reports",
                "rows": [{"key": "2020", "label": "2020", "reports_with_hit": 1, "occurrences": 2, "reports": 3, "chars": 5120}],
                "series": [{"q": "双随机",
                    "query": {"q": "双随机", "mode": "exact", "parsed": "\"双随机\"", "terms": [], "ignored": [], "expanded": [], "synonyms": null, "suggestions": []},
                    "rows": [{"key": "2020", "label": "2020", "reports_with_hit": 1, "occurrences": 2, "reports": 3, "chars": 5120}],
                    "without_key": {"reports_with_hit": 0, "occurrences": 0, "reports": 0, "chars": 0}}],
                "state": "2026-11-22T09:30:12.345+08:00", "took_ms": 4})),
            (String = "text/csv"),
            (String = "image/svg+xml"),
        ))),
)]
pub(crate) async fn trends(State(app): State<App>, RawQuery(query): RawQuery) -> Result<Response, Problem> {
    let started = Instant::now();
    let mut params = Params::parse(query.as_deref())?;
    let format = one_of::<Format>(&mut params, "format")?.unwrap_or_default();
    let bom = read_bom(&mut params, format == Format::Csv)?;
    let look = read_picture(&mut params)?;
    let mut request = read_request(&mut params)?;
    params.finish()?;
    let of_picture = [
        ("chart", look.kind.is_some()),
        ("scale", look.scale.is_some()),
        ("lang", look.lang.is_some()),
    ];
    let said = of_picture.into_iter().find(|(_, is_said)| *is_said);
    if let Some((name, _)) = said.filter(|_| format != Format::Svg) {
        return Err(invalid(
            name,
            "it belongs to a picture; write format=svg beside it",
        ));
    }
    request.search.deadline = Some(started + SEARCH_BUDGET);
    let base = app.service().alerts.base.clone();
    app.with_index(move |reader| {
        let trends = reader.trends(&request, started).map_err(problem_of)?;
        let typed = |kind, body: String| ([(header::CONTENT_TYPE, kind)], body).into_response();
        let (state, now) = (trends.state, Timestamp::now());
        let dictionary = reader.corpus_state().dictionary;
        let mut response = match format {
            Format::Json => Json(trends).into_response(),
            Format::Csv => typed("text/csv; charset=utf-8", table(&trends, bom)),
            Format::Svg => typed("image/svg+xml", picture(&trends, look)?),
        };
        let headers = response.headers_mut();
        origin::say(headers, state, dictionary, now);
        origin::relate(
            headers,
            &format!("{base}/trends?{}", address(&request, state, now)),
        );
        Ok(response)
    })
    .await
}

/// The queries and their mode, in the address.
struct Queries;

impl IntoParams for Queries {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let text = describe::text().max_length(Some(index::MAX_CHARS));
        let what = "A query, each a series of its own, up to 20; empty for every report";
        let others = Query::into_params(|| None).into_iter();
        std::iter::once(describe::many("q", what, text))
            .chain(others.filter(|parameter| parameter.name != "q"))
            .collect()
    }
}

/// What is counted by, and the form of the answer, in the address.
struct Wanted;

impl IntoParams for Wanted {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let one_of = |name, what, codes: &[&str], usual: Option<&str>| {
            let choices = describe::choice(codes.iter().copied().map(Value::from));
            describe::query(name, what, choices.default(usual.map(Value::from))).build()
        };
        let by: Vec<&str> = By::ALL.iter().map(|by| by.code()).collect();
        let measures: Vec<&str> = Measure::ALL.iter().map(|measure| measure.code()).collect();
        vec![
            one_of("by", "What is counted by", &by, Some(By::default().code())),
            one_of(
                "measure",
                "What is looked at; both are counted",
                &measures,
                Some(Measure::default().code()),
            ),
            one_of(
                "format",
                "Form of the answer",
                &["json", "csv", "svg"],
                Some("json"),
            ),
            describe::bom(),
            one_of(
                "chart",
                "svg: kind of picture, as suits `by` when absent",
                &["line", "bars", "tiles"],
                None,
            ),
            one_of(
                "scale",
                "svg: what is shown, a share or the number; a share when absent",
                &["share", "count"],
                None,
            ),
            one_of(
                "lang",
                "svg: language of what is written in the picture; Chinese when absent",
                &Lang::ALL.map(Lang::code),
                None,
            ),
        ]
    }
}

/// Reads the parameters of trends.
///
/// # Errors
/// When a value is wrong; names the parameter.
pub(crate) fn read_request(params: &mut Params) -> Result<TrendsRequest, Problem> {
    let mut queries = params.many("q");
    if queries.is_empty() {
        queries.push(String::new());
    }
    Ok(TrendsRequest {
        queries,
        search: read_found(params)?,
        by: one_of(params, "by")?.unwrap_or_default(),
        measure: one_of(params, "measure")?.unwrap_or_default(),
    })
}

/// The query part of the address that gives the same counts later.
pub(crate) fn address(request: &TrendsRequest, state: Option<ChinaMoment>, now: Timestamp) -> String {
    let filters = permalink::query(&pinned(&request.search, state, now));
    let named = [("by", request.by.code()), ("measure", request.measure.code())];
    let queries = request.queries.iter().map(|q| ("q", q.as_str()));
    let mut address: Vec<String> = queries
        .chain(named)
        .map(|(name, value)| format!("{name}={}", permalink::escape(value)))
        .collect();
    address.extend(Some(filters).filter(|filters| !filters.is_empty()));
    address.join("&")
}

/// Reads what a picture is to look like.
///
/// # Errors
/// When a value is wrong; names the parameter.
pub(crate) fn read_picture(params: &mut Params) -> Result<Look, Problem> {
    Ok(Look {
        kind: one_of(params, "chart")?,
        scale: one_of(params, "scale")?,
        lang: one_of(params, "lang")?,
    })
}

/// The counts as a picture.
///
/// # Errors
/// When the kind does not suit what is counted by.
pub(crate) fn picture(trends: &Trends, look: Look) -> Result<String, Problem> {
    charts::draw(trends, look).map_err(|error| match error {
        NoChart::Unsuited(why) => invalid("chart", why),
        NoChart::Failed(error) => Problem::internal(&error),
    })
}

/// The counts as CSV with a line of names: a line for every query and key, and for every query one without a key for the reports
/// that have none.
pub(crate) fn table(trends: &Trends, bom: bool) -> String {
    let mut csv = csv::head(COLUMNS, bom);
    for series in &trends.series {
        let rows = series.rows.iter();
        let rows = rows.map(|row| (row.key.as_str(), row.label.as_str(), &row.counts));
        let without = ("", "", &series.without_key);
        let without = (series.without_key.reports > 0).then_some(without);
        for (key, label, counts) in rows.chain(without) {
            let occurrences = counts.occurrences.map(|n| n.to_string());
            csv += &csv::row([
                series.q.as_str(),
                key,
                label,
                &counts.reports_with_hit.to_string(),
                &occurrences.unwrap_or_default(),
                &counts.reports.to_string(),
                &counts.chars.to_string(),
            ]);
        }
    }
    csv
}
