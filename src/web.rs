//! The web pages: rendered on the server, usable without scripts.

pub(crate) mod api;
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
    title: &'static str,
    explanation: &'static str,
    /// For whoever looks further, in the words of the API.
    detail: &'a str,
    hint: Option<&'a str>,
    request_id: &'a str,
}

/// What a status means to a reader of the pages: a title, and what can be done.
fn in_chinese(status: StatusCode) -> (&'static str, &'static str) {
    match status {
        StatusCode::BAD_REQUEST => ("请求有误", "检索式或网址中的某个参数无法识别，请修改后重试。"),
        StatusCode::UNAUTHORIZED => (
            "需要有效的密钥",
            "本站须凭密钥查阅；密钥可能缺失、有误、过期或已被撤销，请与管理员联系。",
        ),
        StatusCode::FORBIDDEN => ("没有权限", "所用密钥无权查阅此处，请与管理员联系。"),
        StatusCode::NOT_FOUND => ("没有找到", "此处没有内容：网址可能有误，或报告、版本并不存在。"),
        StatusCode::TOO_MANY_REQUESTS => ("请求过于频繁", "请求超过了允许的次数，请稍后再试。"),
        StatusCode::METHOD_NOT_ALLOWED => ("请求方式不对", "此处不接受这种请求方式。"),
        StatusCode::GONE => ("链接已过期", "翻页链接的有效期已过，请重新检索。"),
        StatusCode::PAYLOAD_TOO_LARGE | StatusCode::URI_TOO_LONG => {
            ("内容过长", "请求的内容或网址过长，请缩短后重试。")
        }
        StatusCode::SERVICE_UNAVAILABLE => ("暂时无法处理", "系统繁忙或尚未就绪，请稍后再试。"),
        _ => (
            "系统出错",
            "系统出现故障，请稍后再试；如仍不行，请把下面的请求编号告诉管理员。",
        ),
    }
}

/// An error as a person reads it.
pub(crate) fn problem_page(body: &problem::Body) -> Response {
    let status = StatusCode::from_u16(body.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let (title, explanation) = in_chinese(status);
    let page = ProblemPage {
        title,
        explanation,
        detail: &body.detail,
        hint: body.hint.as_deref(),
        request_id: body.request_id.as_deref().unwrap_or("–"),
    };
    match page.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(_) => problem::render(body),
    }
}
