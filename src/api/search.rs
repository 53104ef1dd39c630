//! `/search`: parameters in, hits out.

use std::time::{Duration, Instant};

use axum::{
    Json,
    extract::{RawQuery, State},
    response::{IntoResponse, Response},
};
use index::{AsOf, Filters, SearchError, SearchRequest, SearchResponse};
use jiff::{Timestamp, civil::Date};
use report::Report;
use serde_json::{Map, Value};

use super::{
    openapi::describe::{Filters as FilterParams, Hits, Query},
    params::{Params, invalid},
    problem::{self, Code, Problem},
};
use crate::http::App;

/// How long a search may work; shorter than a request may take, so that it ends by itself.
pub(crate) const SEARCH_BUDGET: Duration = Duration::from_secs(8);

/// Searches the reports
///
/// The query language, and what a match means, are told in `docs/query.md`. Counts are exact; a `cursor` walks the whole result without a gap or a
/// repeat.
#[utoipa::path(
    get, path = "/api/v1/search", tag = "reports", operation_id = "search",
    extensions(("x-zh" = json!("检索报告"))),
    params(Query, FilterParams, Hits),
    responses(
        (status = 200, description = "Hits, exact counts, and where to go on", body = SearchResponse, example = json!({
            "query": {"q": "\"双随机、一公开\"", "mode": "words", "parsed": "\"双随机、一公开\"", "terms": [], "ignored": [], "expanded": [], "synonyms": null, "suggestions": []},
            "total": {"value": 1, "relation": "eq"},
            "hits": [{"id": "4cf44a4e1f7b12c0f4f0f6a0f4fd4b6a", "title": "泾县2020年度法治政府建设情况报告", "year": 2020, "region_code": "341823", "score": 7.1, "matched_by": ["exact"],
                "highlights": [{"field": "text", "path": "一", "heading": "主要成效", "role": "achievements", "html": "全面推行“<mark>双随机、一公开</mark>”监管。", "start": 31, "end": 46, "paragraph": 27}],
                "duplicates": null}],
            "facets": {"year": [{"value": "2020", "label": "2020", "count": 1}]},
            "next_cursor": null, "state": "2024-02-28T01:30:00.123+08:00", "took_ms": 3
        })),
        (status = 410, description = "The cursor is older than 15 minutes; search anew", body = problem::Body, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn search(State(app): State<App>, RawQuery(query): RawQuery) -> Result<Response, Problem> {
    let started = Instant::now();
    let mut params = Params::parse(query.as_deref())?;
    let mut request = read_request(&mut params)?;
    params.finish()?;
    request.deadline = Some(started + SEARCH_BUDGET);
    app.with_index(move |reader| {
        let response = reader.search(&request, started).map_err(problem_of)?;
        // Written out here, where it keeps nobody waiting.
        Ok(Json(answer(&response, &request.fields)?).into_response())
    })
    .await
}

/// Reads the parameters that say what is searched for and in which order; those of one page of hits are left alone.
///
/// # Errors
/// When a value is wrong; names the parameter.
pub(crate) fn read_query(params: &mut Params) -> Result<SearchRequest, Problem> {
    Ok(SearchRequest {
        q: params.one("q")?.unwrap_or_default(),
        sort: one_of(params, "sort")?,
        ..read_found(params)?
    })
}

/// Reads what finds the same reports as a search does: mode, filters, and whether near-duplicates are folded. The query is
/// the caller's to read.
///
/// # Errors
/// When a value is wrong; names the parameter.
pub(super) fn read_found(params: &mut Params) -> Result<SearchRequest, Problem> {
    let usual = SearchRequest::default();
    Ok(SearchRequest {
        mode: one_of(params, "mode")?.unwrap_or(usual.mode),
        filters: read_filters(params)?,
        group: one_of(params, "group")?.unwrap_or(usual.group),
        ..usual
    })
}

/// Reads the parameters of a search.
///
/// # Errors
/// When a value is wrong; names the parameter.
pub(crate) fn read_request(params: &mut Params) -> Result<SearchRequest, Problem> {
    let usual = SearchRequest::default();
    let filled = |value: Option<String>| value.filter(|value| !value.is_empty());
    Ok(SearchRequest {
        limit: number_to(params, "limit", SearchRequest::MAX_LIMIT)?.unwrap_or(usual.limit),
        cursor: filled(params.one("cursor")?),
        facets: lists(params, "facets")
            .iter()
            .map(|f| f.parse().map_err(|e| invalid("facets", e)))
            .collect::<Result<_, _>>()?,
        passages: number_to(params, "passages", SearchRequest::MAX_PASSAGES)?.unwrap_or(usual.passages),
        fields: read_fields(params)?,
        ..read_query(params)?
    })
}

pub(super) fn read_filters(params: &mut Params) -> Result<Filters, Problem> {
    let regions = params.many("region").into_iter().filter(|code| !code.is_empty());
    Ok(Filters {
        region: regions
            .map(|code| index::parse_region(&code).map_err(|error| invalid("region", error)))
            .collect::<Result<_, _>>()?,
        genre: params.parsed("genre")?,
        year: params.years("year")?,
        year_from: params.years("year_from")?,
        year_to: params.years("year_to")?,
        published_from: days(params, "published_from")?,
        published_to: days(params, "published_to")?,
        issuer_type: params.parsed("issuer_type")?,
        portal: params
            .many("portal")
            .into_iter()
            .filter(|id| !id.is_empty())
            .collect(),
        section: params.parsed("section")?,
        quality: params.parsed("quality")?,
        changed_since: params
            .many("changed_since")
            .into_iter()
            .filter(|text| !text.is_empty())
            .map(|text| {
                with_plus(&text)
                    .parse()
                    .map_err(|error| invalid("changed_since", error))
            })
            .collect::<Result<_, _>>()?,
        as_of: read_as_of(params)?,
    })
}

/// The days of a repeatable parameter.
fn days(params: &mut Params, name: &'static str) -> Result<Vec<Date>, Problem> {
    let filled = params.many(name).into_iter().filter(|text| !text.is_empty());
    filled
        .map(|text| {
            let shown = || text.chars().take(32).collect::<String>();
            let wrong = || {
                invalid(
                    name,
                    format!("{:?} is no day; write one such as 2024-02-27", shown()),
                )
            };
            // A moment, or a day in another form, has more to it than is read.
            let day: Date = text.parse().map_err(|_| wrong())?;
            (day.to_string() == text).then_some(day).ok_or_else(wrong)
        })
        .collect()
}

/// The moment as of which something is asked for; nothing of it is yet to come.
pub(crate) fn read_as_of(params: &mut Params) -> Result<Option<AsOf>, Problem> {
    let text = params.one("as_of")?.filter(|text| !text.is_empty());
    text.map(|text| AsOf::read(&with_plus(&text), Timestamp::now()).map_err(|error| invalid("as_of", error)))
        .transpose()
}

/// The `+` of an offset that was not encoded has become a space on its way.
fn with_plus(moment: &str) -> String {
    moment.replace(' ', "+")
}

pub(crate) fn one_of<T: std::str::FromStr<Err = String>>(
    params: &mut Params,
    name: &'static str,
) -> Result<Option<T>, Problem> {
    let text = params.one(name)?.filter(|text| !text.is_empty());
    text.map(|text| text.parse().map_err(|error| invalid(name, error)))
        .transpose()
}

/// A number from 1 to `most`.
pub(super) fn number_to(
    params: &mut Params,
    name: &'static str,
    most: usize,
) -> Result<Option<usize>, Problem> {
    let Some(text) = params.one(name)?.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let number = text.parse().ok().filter(|number| (1..=most).contains(number));
    let number = number.filter(|number: &usize| number.to_string() == text);
    let number = number.ok_or_else(|| invalid(name, format!("{text:?} is no number from 1 to {most}")));
    number.map(Some)
}

/// `facets=a,b&facets=c` is a, b, c.
pub(super) fn lists(params: &mut Params, name: &'static str) -> Vec<String> {
    let values = params.many(name);
    let pieces = values.iter().flat_map(|value| value.split(',')).map(str::trim);
    pieces
        .filter(|piece| !piece.is_empty())
        .map(str::to_owned)
        .collect()
}

/// The fields of a hit, `text` and `outline` included.
fn read_fields(params: &mut Params) -> Result<Vec<String>, Problem> {
    let mut fields = lists(params, "fields");
    if let Some(unknown) = fields
        .iter()
        .find(|field| hit_fields().all(|known| known != field.as_str()))
    {
        return Err(invalid(
            "fields",
            format!(
                "unknown field {unknown:?}; known are {}",
                hit_fields().collect::<Vec<_>>().join(", ")
            ),
        ));
    }
    fields.sort();
    fields.dedup();
    Ok(fields)
}

/// What a hit has beside the fields of its report.
pub(super) const OF_HITS: [&str; 4] = ["score", "matched_by", "highlights", "duplicates"];

/// Every field a hit can have; a test holds this against a real hit.
fn hit_fields() -> impl Iterator<Item = &'static str> {
    Report::FIELDS.iter().copied().chain(OF_HITS)
}

/// The answer as JSON, with the hits' fields picked when some are named.
pub(crate) fn answer(response: &SearchResponse, fields: &[String]) -> Result<Value, Problem> {
    let to_json = |error: serde_json::Error| Problem::internal(&error.into());
    let mut value = serde_json::to_value(response).map_err(to_json)?;
    if !fields.is_empty() {
        let pick = |hit: &index::Hit| {
            let mut map = hit.to_map()?;
            map.retain(|name, _| fields.iter().any(|field| field == name));
            Ok::<Map<String, Value>, serde_json::Error>(map)
        };
        let hits = response.hits.iter().map(|hit| pick(hit).map(Value::Object));
        value["hits"] = Value::Array(hits.collect::<Result<_, _>>().map_err(to_json)?);
    }
    Ok(value)
}

/// What a client is told about a search that was not answered.
pub(crate) fn problem_of(error: SearchError) -> Problem {
    match error {
        SearchError::InvalidQuery {
            position,
            message,
            hint,
        } => Problem::query(position, message, Some(hint)),
        SearchError::InvalidQueryOf {
            position, ref hint, ..
        } => Problem::query(position, error.to_string(), Some(hint.clone())),
        SearchError::InvalidParameter { name, message } => invalid(name, message),
        SearchError::CursorInvalid => Problem::new(Code::CursorInvalid, error.to_string()),
        SearchError::Timeout => Problem::new(Code::Timeout, "the search took too long; ask for less"),
        SearchError::CursorExpired => Problem::new(Code::CursorExpired, error.to_string()),
        error => Problem::internal(&error.into()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use index::{Facet, Sort};
    use report::{ChinaTime, Content, ReportId, Status};

    use super::*;

    fn read(query: &str) -> Result<SearchRequest, Problem> {
        let mut params = Params::parse(Some(query))?;
        let request = read_request(&mut params)?;
        params.finish()?;
        Ok(request)
    }

    #[test]
    fn reads_every_parameter() {
        let request = read("q=a&region=43&region=110105&year=2020&facets=region,year&facets=genre&sort=-published&limit=5&fields=id,title&quality=clean").unwrap();
        assert_eq!(request.filters.region.len(), 2);
        assert_eq!(request.filters.region[0].to_string(), "430000");
        assert_eq!(request.facets, [Facet::Region, Facet::Year, Facet::Genre]);
        assert_eq!(request.sort, Some(Sort::PublishedDescending));
        assert_eq!((request.limit, request.fields.len()), (5, 2));
        let since = read("changed_since=2024-02-28T01:30:00.5+08:00&changed_since=2024-03-01").unwrap();
        let since: Vec<_> = since
            .filters
            .changed_since
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(
            since,
            ["2024-02-28T01:30:00.500+08:00", "2024-03-01T00:00:00.000+08:00"]
        );
    }

    #[test]
    fn names_what_is_wrong() {
        for (query, word) in [
            ("limit=0", "limit"),
            ("limit=101", "limit"),
            ("passages=11", "passages"),
            ("group=all", "duplicates"),
            ("region=999999", "region"),
            ("year=x", "year"),
            ("published_from=2024-13-01", "published_from"),
            ("published_from=2020", "write one such as 2024-02-27"),
            ("published_to=2020", "published_to"),
            ("genre=workreport", "work-report"),
            ("sort=newest", "-published"),
            ("facets=colour", "facets"),
            ("fields=colour", "fields"),
            ("changed_since=yesterday", "2024-02-27"),
            ("as_of=yesterday", "2024-02-27"),
            ("as_of=9999-12-31", "yet to come"),
            ("as_of=2024-01-01&as_of=2024-01-02", "more than once"),
            ("qq=1", "\"q\""),
            ("q=1&q=2", "more than once"),
        ] {
            let detail = read(query).unwrap_err().body().detail;
            assert!(detail.contains(word), "{query}: {detail}");
        }
    }

    #[test]
    fn a_search_that_takes_too_long_may_be_asked_again() {
        use axum::{http::header, response::IntoResponse};

        let response = problem_of(SearchError::Timeout).into_response();
        assert_eq!(response.status(), 503);
        assert_eq!(response.headers()[header::RETRY_AFTER], "2");
        let body = response.extensions().get::<crate::api::problem::Body>();
        assert_eq!(body.map(|body| body.code), Some("timeout"));
    }

    #[test]
    fn the_list_of_fields_is_complete() {
        let report = Report {
            id: ReportId::derive("a", "b"),
            url: "b".to_owned(),
            urls: vec!["b".to_owned()],
            portal: "a".to_owned(),
            retrieved_at: "2024-01-01T00:00:00Z".parse::<ChinaTime>().unwrap(),
            changed_at: "2024-01-01T00:00:00Z".parse().unwrap(),
            version: 1,
            content_hash: String::new(),
            status: Status::Live,
            content: Content::default(),
        };
        let hit = index::Hit {
            report,
            score: 0.0,
            matched_by: vec![],
            highlights: vec![],
            duplicates: None,
        };
        let real: BTreeSet<String> = hit.to_map().unwrap().into_iter().map(|(name, _)| name).collect();
        let listed: BTreeSet<String> = hit_fields().map(str::to_owned).collect();
        assert_eq!(real, listed);
    }
}
