//! `/regions`: the division tree, old codes with their successors.

use std::collections::BTreeMap;

use axum::{
    Json,
    extract::{Path, RawQuery, State, rejection::PathRejection},
};
use report::{Level, Region, RegionCode, divisions};
use serde::Serialize;

use super::{
    params::{Params, invalid, segment},
    problem::{Code, Problem},
};
use crate::http::App;

/// One division.
#[derive(Debug, Serialize)]
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
#[derive(Debug, Serialize)]
pub(crate) struct RegionsAnswer {
    regions: Vec<RegionAnswer>,
}

pub(crate) async fn list(
    State(app): State<App>,
    RawQuery(query): RawQuery,
) -> Result<Json<RegionsAnswer>, Problem> {
    let mut params = Params::parse(query.as_deref())?;
    let level = params
        .one("level")?
        .map(|text| text.parse::<Level>().map_err(|e| invalid("level", e)))
        .transpose()?;
    let current = params
        .one("current")?
        .map(|text| text.parse::<bool>().map_err(|e| invalid("current", e)))
        .transpose()?;
    let parent = params
        .one("parent")?
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
        Ok(Json(RegionsAnswer {
            regions: divisions()
                .iter()
                .filter(wanted)
                .map(|region| answer(region, &counts))
                .collect(),
        }))
    })
    .await
}

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
