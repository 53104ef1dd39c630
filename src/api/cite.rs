//! `/reports/{id}/cite`: a citation of a report, or of one of its sections.

use axum::{
    extract::{Path, RawQuery, State, rejection::PathRejection},
    http::header,
    response::{IntoResponse, Response},
};
use report::{Report, Section, fold};

use super::{
    params::{Params, invalid, segment},
    problem::Problem,
    report::find,
    search::one_of,
};
use crate::{
    cite::{Citation, Style},
    http::App,
};

/// Sections that are named to who asked for one that is not there.
const MAX_NAMED: usize = 30;

/// `/reports/{id}/cite`
pub(crate) async fn cite(
    State(app): State<App>,
    path: Result<Path<String>, PathRejection>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let mut params = Params::parse(query.as_deref())?;
    let style = one_of(&mut params, "format")?.unwrap_or(Style::Gbt7714);
    let section = params.one("section")?.filter(|path| !path.is_empty());
    params.finish()?;
    let report = find(&app, segment(path)?).await?;
    let section = section.map(|path| find_section(&report, &path)).transpose()?;
    let citation = Citation::new(&report, section, &app.service().alerts.base);
    let headers = [
        (header::CONTENT_TYPE, style.media_type().to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("inline; filename=\"citation.{}\"", style.suffix()),
        ),
    ];
    Ok((headers, style.document(&citation)).into_response())
}

/// The section at a path of the outline, whatever the width of its brackets.
fn find_section<'a>(report: &'a Report, path: &str) -> Result<&'a Section, Problem> {
    let outline = &report.content.outline;
    let folded = fold(path);
    let found = outline.iter().find(|section| section.path == path);
    let found = found.or_else(|| outline.iter().find(|section| fold(&section.path) == folded));
    found.ok_or_else(|| {
        let shown: String = path.chars().take(64).collect();
        let named: Vec<&str> = outline
            .iter()
            .take(MAX_NAMED)
            .map(|section| section.path.as_str())
            .collect();
        let more = if outline.len() > MAX_NAMED { " …" } else { "" };
        invalid(
            "section",
            match named.is_empty() {
                true => "this report has no sections".to_owned(),
                false => format!("there is no {shown:?}; there are {}{more}", named.join(" ")),
            },
        )
    })
}
