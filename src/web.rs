//! The web pages: rendered on the server, in Chinese and English, usable without scripts.
//!
//! ```text
//! view.rs   language, links        words.rs, labels.rs   every text in both languages
//! search, trends, concordance     what a query finds, how often, and where; state.rs, filters.rs, problems.rs are theirs
//! report, diff, compare, panel, coverage, portals, suggest  a page each: reads parameters, fills a template
//! assets.rs  style sheet, script, icon                   templates/layout.html   what stands around every page
//! ```
//!
//! A page takes [`view::Asked`], and has a `view` in its template, which extends the layout. Nothing is inline, neither
//! script nor style: the policy that is sent forbids both.

pub(crate) mod api;
pub(crate) mod assets;
pub(crate) mod compare;
pub(crate) mod concordance;
pub(crate) mod coverage;
pub(crate) mod diff;
mod filters;
pub(crate) mod labels;
pub(crate) mod panel;
pub(crate) mod portals;
mod problems;
pub(crate) mod report;
pub(crate) mod search;
mod state;
pub(crate) mod suggest;
pub(crate) mod trends;
pub(crate) mod view;
pub(crate) mod words;

use askama::Template;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
};

use self::{view::View, words::Lang};
use crate::api::problem;

/// A template as a page, or a fault of ours.
fn page(view: &View, template: &impl Template) -> Result<Response, problem::Problem> {
    let html = template
        .render()
        .map_err(|error| problem::Problem::internal(&error.into()))?;
    let mut response = Html(html).into_response();
    tell_language(view, &mut response);
    Ok(response)
}

/// A page is in the language that was asked for, and may be in another for others.
fn tell_language(view: &View, response: &mut Response) {
    let headers = response.headers_mut();
    let tag = HeaderValue::from_static(view.lang().tag());
    headers.insert(header::CONTENT_LANGUAGE, tag);
    headers.append(header::VARY, HeaderValue::from_static("accept-language"));
}

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage<'a> {
    view: &'a View,
    title: &'static str,
    explanation: &'static str,
    /// For whoever looks further: what the API says, each sentence with its language.
    sentences: Vec<(String, &'static str)>,
    request_id: &'a str,
    /// The same search from its first page.
    again: Option<String>,
}

/// What a problem means to a reader of the pages: a title, and what can be done.
fn in_words(lang: Lang, status: StatusCode, code: &str) -> (&'static str, &'static str) {
    let (zh, en) = match status {
        StatusCode::BAD_REQUEST if code == "cursor_invalid" => (
            (
                "翻页链接无效",
                "这个链接不属于这次检索的任何一页，可能没有复制完整，或检索条件已经改动。请从第一页重新开始。",
            ),
            (
                "This link leads to no page of the list",
                "It was cut short, or made for another query or other filters. Start again from the first page.",
            ),
        ),
        StatusCode::BAD_REQUEST => (
            ("请求有误", "检索式或网址中的某个参数无法识别，请修改后重试。"),
            (
                "This request is wrong",
                "The query or a parameter in the address cannot be read; change it and try again.",
            ),
        ),
        StatusCode::UNAUTHORIZED => (
            (
                "需要有效的密钥",
                "此处须凭密钥；密钥可能缺失、有误、过期或已被撤销，请与管理员联系。",
            ),
            (
                "A valid key is needed",
                "The key is missing, wrong, expired or revoked; ask whoever runs this site.",
            ),
        ),
        StatusCode::FORBIDDEN => (
            ("没有权限", "所用密钥无权这样做，请与管理员联系。"),
            (
                "Not allowed",
                "This key does not open this; ask whoever runs this site.",
            ),
        ),
        StatusCode::NOT_FOUND => (
            ("没有找到", "此处没有内容：网址可能有误，或报告、版本并不存在。"),
            (
                "Nothing is here",
                "The address may be wrong, or there is no such report or version.",
            ),
        ),
        StatusCode::METHOD_NOT_ALLOWED => (
            ("请求方式不对", "此处不接受这种请求方式。"),
            (
                "This cannot be done here",
                "The address is right, but not with this method.",
            ),
        ),
        StatusCode::GONE => (
            ("链接已过期", "翻页链接一刻钟内有效，此后请从第一页重新开始。"),
            (
                "This link has expired",
                "Links from page to page last a quarter of an hour. Start again from the first page.",
            ),
        ),
        StatusCode::PAYLOAD_TOO_LARGE | StatusCode::URI_TOO_LONG => (
            ("内容过长", "请求的内容或网址过长，请缩短后重试。"),
            (
                "Too long",
                "The request or its address is too long; shorten it and try again.",
            ),
        ),
        StatusCode::TOO_MANY_REQUESTS => (
            ("请求过多", "短时间内的请求过多，请稍后再试。"),
            (
                "Too many requests",
                "There were too many in a short time; try again in a while.",
            ),
        ),
        StatusCode::SERVICE_UNAVAILABLE => (
            ("暂时无法处理", "系统繁忙或尚未就绪，请稍后再试。"),
            (
                "Not at the moment",
                "The service is busy or not ready; try again in a moment.",
            ),
        ),
        _ => (
            (
                "系统出错",
                "系统出现故障，请稍后再试；如仍不行，请把下面的请求编号告诉管理员。",
            ),
            (
                "Something went wrong",
                "This is a fault of ours. If it stays, tell whoever runs this site the number below.",
            ),
        ),
    };
    lang.pick(zh, en)
}

/// An error as a person reads it.
pub(crate) fn problem_page(view: &View, body: &problem::Body) -> Response {
    let status = StatusCode::from_u16(body.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let (title, explanation) = in_words(view.lang(), status, body.code);
    let page = ProblemPage {
        view,
        title,
        explanation,
        sentences: std::iter::once(&body.detail)
            .chain(&body.hint)
            .map(|text| problems::in_words_of(view, text.clone()))
            .collect(),
        request_id: body.request_id.as_deref().unwrap_or("–"),
        again: search::first_page(view),
    };
    match page.render() {
        Ok(html) => {
            let mut response = (status, Html(html)).into_response();
            tell_language(view, &mut response);
            response
        }
        Err(_) => problem::render(body),
    }
}
