//! `/reports/{id}/cite`: a citation of a report, or of one of its sections.

use axum::{
    extract::{Path, RawQuery, State, rejection::PathRejection},
    http::header,
    response::{IntoResponse, Response},
};
use report::{Report, Section, fold};
use serde_json::Value;
use utoipa::{
    IntoParams,
    openapi::path::{Parameter, ParameterIn},
};

use super::{
    openapi::describe::{self, AsOf, ReportPath},
    params::{Params, invalid, segment},
    problem::Problem,
    report::find,
    search::{one_of, read_as_of},
};
use crate::{
    cite::{Citation, Style},
    http::App,
};

/// Sections that are named to who asked for one that is not there.
const MAX_NAMED: usize = 30;

/// A citation of a report, or of one of its sections
///
/// In the format of a citation manager or as a line of text. It names the address, the day of publication, the day on which the page was
/// fetched, and where that page is kept. See `docs/export.md`.
#[utoipa::path(
    get, path = "/api/v1/reports/{id}/cite", tag = "reports", operation_id = "cite",
    extensions(("x-zh" = json!("引用格式"))),
    params(ReportPath, Wanted, AsOf),
    responses((status = 200, description = "The citation",
        content(
            (String = "text/plain", example = json!("泾县人民政府. 泾县2020年度法治政府建设情况报告[R/OL]. (2021-02-22)[2024-02-28]. https://a.example.gov.cn/1.html.")),
            (String = "application/x-bibtex"),
            (String = "application/x-research-info-systems"),
            (Value = "application/vnd.citationstyles.csl+json"),
        ))),
)]
pub(crate) async fn cite(
    State(app): State<App>,
    path: Result<Path<String>, PathRejection>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let mut params = Params::parse(query.as_deref())?;
    let style = one_of(&mut params, "format")?.unwrap_or(Style::Gbt7714);
    let section = params.one("section")?.filter(|path| !path.is_empty());
    let as_of = read_as_of(&mut params)?;
    params.finish()?;
    let report = find(&app, segment(path)?, as_of).await?;
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

/// What of the report, and how, in the address.
struct Wanted;

impl IntoParams for Wanted {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let styles = Style::ALL.map(|(_, code)| Value::from(code));
        let section = describe::query(
            "section",
            "Path of a section in the outline of the report; the whole report when absent",
            describe::text(),
        );
        vec![
            describe::query(
                "format",
                "Format of the citation",
                describe::choice(styles).default(Some("gbt7714".into())),
            )
            .build(),
            describe::zh(section, "要引用的章节在目录中的编号，不填为整篇报告"),
        ]
    }
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
