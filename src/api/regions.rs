//! `/regions`: the division tree, old codes with their successors.

use std::collections::BTreeMap;

use axum::{
    Json,
    extract::{Path, RawQuery, State, rejection::PathRejection},
    response::{IntoResponse, Response},
};
use report::{Level, Region, RegionCode, divisions};
use serde::Serialize;
use utoipa::{
    IntoParams, ToSchema,
    openapi::{
        path::{Parameter, ParameterIn},
        schema::{ObjectBuilder, Type},
    },
};

use super::{
    openapi::describe,
    params::{Params, invalid, segment},
    problem::{Code, Problem},
};
use crate::http::App;

/// One division.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Region)]
pub(crate) struct RegionAnswer {
    code: RegionCode,
    name: &'static str,
    level: Level,
    parent: Option<RegionCode>,
    current: bool,
    successors: Vec<RegionCode>,
    children: Vec<RegionCode>,
    reports: u64,
}

/// All divisions, by code.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Regions)]
pub(crate) struct RegionsAnswer {
    regions: Vec<RegionAnswer>,
}

/// The divisions, of today and of the past
#[utoipa::path(
    get, path = "/api/v1/regions", tag = "coverage", operation_id = "regions",
    extensions(("x-zh" = json!("行政区划"))),
    params(Wanted),
    responses((status = 200, description = "Divisions by code", body = RegionsAnswer, example = json!({"regions": [{"code": "341823", "name": "泾县", "level": "county", "parent": "341800",
        "current": true, "successors": [], "children": [], "reports": 3}]}))),
)]
pub(crate) async fn list(State(app): State<App>, RawQuery(query): RawQuery) -> Result<Response, Problem> {
    let mut params = Params::parse(query.as_deref())?;
    let level = params
        .one("level")?
        .filter(|text| !text.is_empty())
        .map(|text| text.parse::<Level>().map_err(|e| invalid("level", e)))
        .transpose()?;
    let current = params
        .one("current")?
        .filter(|text| !text.is_empty())
        .map(|text| text.parse::<bool>().map_err(|e| invalid("current", e)))
        .transpose()?;
    let parent = params
        .one("parent")?
        .filter(|text| !text.is_empty())
        .map(|text| index::parse_region(&text).map_err(|e| invalid("parent", e)))
        .transpose()?;
    params.finish()?;
    app.with_index(move |reader| {
        let counts = counts(reader)?;
        let wanted = |region: &&Region| {
            level.is_none_or(|level| region.level == level)
                && current.is_none_or(|current| region.current == current)
                && parent.is_none_or(|parent| region.parent == Some(parent))
        };
        let regions = divisions()
            .iter()
            .filter(wanted)
            .map(|region| answer(region, &counts))
            .collect();
        // Written out here, where it keeps nobody waiting: all divisions take nearly a megabyte.
        Ok(Json(RegionsAnswer { regions }).into_response())
    })
    .await
}

/// One division
#[utoipa::path(
    get, path = "/api/v1/regions/{code}", tag = "coverage", operation_id = "region",
    extensions(("x-zh" = json!("一个行政区划"))),
    params(RegionPath),
    responses((status = 200, description = "The division", body = RegionAnswer, example = json!({"code": "510132", "name": "新津县", "level": "county", "parent": "510100",
        "current": false, "successors": ["510118"], "children": [], "reports": 0}))),
)]
pub(crate) async fn one(
    State(app): State<App>,
    path: Result<Path<String>, PathRejection>,
    RawQuery(query): RawQuery,
) -> Result<Json<RegionAnswer>, Problem> {
    Params::parse(query.as_deref())?.finish()?;
    let code = segment(path)?;
    let region = index::parse_region(&code)
        .ok()
        .and_then(|code| divisions().get(code));
    let Some(region) = region else {
        let shown: String = code.chars().take(32).collect();
        return Err(Problem::new(
            Code::NotFound,
            format!("no division has the code {shown:?}"),
        ));
    };
    app.with_index(move |reader| Ok(Json(answer(region, &counts(reader)?))))
        .await
}

/// Which divisions, in the address.
struct Wanted;

impl IntoParams for Wanted {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        use describe::{choice, codes, query, text};
        let code = text().pattern(Some("^([0-9]{2}|[0-9]{4}|[0-9]{6})$"));
        let truth = ObjectBuilder::new().schema_type(Type::Boolean);
        vec![
            query("level", "Of this level", choice(codes(Level::ALL, Level::code))).build(),
            query("current", "Divisions of today, or of the past", truth).build(),
            query("parent", "Right below this division", code).build(),
        ]
    }
}

/// The code of a division, in the path.
struct RegionPath;

impl IntoParams for RegionPath {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let code = describe::text().min_length(Some(1));
        vec![describe::path(
            "code",
            "Six digits, or the first two or four of a province or city",
            code,
            "510132",
        )]
    }
}

fn counts(reader: &index::Reader) -> Result<BTreeMap<RegionCode, u64>, Problem> {
    reader
        .region_counts()
        .map_err(|error| Problem::internal(&error.into()))
}

fn answer(region: &'static Region, counts: &BTreeMap<RegionCode, u64>) -> RegionAnswer {
    RegionAnswer {
        code: region.code,
        name: region.name,
        level: region.level,
        parent: region.parent,
        current: region.current,
        successors: region.successors.clone(),
        children: divisions()
            .children(Some(region.code))
            .iter()
            .map(|child| child.code)
            .collect(),
        reports: counts.get(&region.code).copied().unwrap_or(0),
    }
}
