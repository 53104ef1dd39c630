//! The web pages: rendered on the server, usable without scripts.

pub(crate) mod diff;
pub(crate) mod portals;
pub(crate) mod report;
pub(crate) mod search;

use askama::Template;
use axum::{
    http::{StatusCode, header},
    response::{Html, IntoResponse, Response},
};

use crate::api::problem;

/// The style sheet of all pages.
pub(crate) async fn style() -> impl IntoResponse {
    let kept = [
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
        (header::CACHE_CONTROL, "max-age=600"),
    ];
    (kept, include_str!("../assets/style.css"))
}

/// A template as a page, or a fault of ours.
fn page(template: &impl Template) -> Result<Response, problem::Problem> {
    let html = template
        .render()
        .map_err(|error| problem::Problem::internal(&error.into()))?;
    Ok(Html(html).into_response())
}

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage<'a> {
    title: &'a str,
    detail: &'a str,
    hint: Option<&'a str>,
    request_id: &'a str,
}

/// An error as a person reads it.
pub(crate) fn problem_page(body: &problem::Body) -> Response {
    let status = StatusCode::from_u16(body.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let page = ProblemPage {
        title: body.title,
        detail: &body.detail,
        hint: body.hint.as_deref(),
        request_id: body.request_id.as_deref().unwrap_or("–"),
    };
    match page.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(_) => problem::render(body),
    }
}
