//! Errors as `application/problem+json` (RFC 9457), in one place.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

/// An error on its way to a client.
///
/// What the client did wrong is told with position and hint; a fault of ours is logged once with its cause and
/// answered with a fixed text.
#[derive(Debug)]
pub(crate) struct Problem {
    code: Code,
    detail: String,
    position: Option<usize>,
    hint: Option<String>,
    parameters: Vec<&'static str>,
    retry_after: Option<u64>,
}

/// The stable codes of problems, with status and title.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    InvalidQuery,
    InvalidParameter,
    UnknownParameter,
    CursorInvalid,
    CursorExpired,
    Unauthorized,
    /// The same, and the key that was sent is no good.
    InvalidKey,
    Forbidden,
    NotFound,
    MethodNotAllowed,
    PayloadTooLarge,
    UriTooLong,
    RateLimited,
    Overloaded,
    Timeout,
    NotReady,
    Internal,
}

impl Code {
    fn parts(self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::InvalidQuery => (
                StatusCode::BAD_REQUEST,
                "invalid_query",
                "The query cannot be read",
            ),
            Self::InvalidParameter => (
                StatusCode::BAD_REQUEST,
                "invalid_parameter",
                "A parameter has a wrong value",
            ),
            Self::UnknownParameter => (
                StatusCode::BAD_REQUEST,
                "unknown_parameter",
                "A parameter is not known here",
            ),
            Self::CursorInvalid => (
                StatusCode::BAD_REQUEST,
                "cursor_invalid",
                "The cursor is not valid here",
            ),
            Self::CursorExpired => (StatusCode::GONE, "cursor_expired", "The cursor has expired"),
            Self::Unauthorized | Self::InvalidKey => {
                (StatusCode::UNAUTHORIZED, "unauthorized", "A valid key is needed")
            }
            Self::Forbidden => (StatusCode::FORBIDDEN, "forbidden", "The key does not open this"),
            Self::NotFound => (StatusCode::NOT_FOUND, "not_found", "There is nothing here"),
            Self::MethodNotAllowed => (
                StatusCode::METHOD_NOT_ALLOWED,
                "method_not_allowed",
                "The method is not allowed here",
            ),
            Self::PayloadTooLarge => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "payload_too_large",
                "The body is too large",
            ),
            Self::UriTooLong => (
                StatusCode::URI_TOO_LONG,
                "uri_too_long",
                "The address is too long",
            ),
            Self::RateLimited => (StatusCode::TOO_MANY_REQUESTS, "rate_limited", "Too many requests"),
            Self::Overloaded => (
                StatusCode::SERVICE_UNAVAILABLE,
                "overloaded",
                "The service is overloaded",
            ),
            Self::Timeout => (
                StatusCode::SERVICE_UNAVAILABLE,
                "timeout",
                "The request took too long",
            ),
            Self::NotReady => (
                StatusCode::SERVICE_UNAVAILABLE,
                "not_ready",
                "The service is not ready",
            ),
            Self::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "internal", "Internal error"),
        }
    }
}

/// A problem as RFC 9457 has it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct Body {
    /// A name of the kind of problem; nothing is to be found there.
    r#type: String,
    /// What kind of problem it is, in words.
    pub(crate) title: &'static str,
    /// The status of the answer.
    #[schema(minimum = 400, maximum = 599)]
    pub(crate) status: u16,
    /// What is wrong, and what to do.
    pub(crate) detail: String,
    /// The kind of problem, for programs; it never changes.
    pub(crate) code: &'static str,
    /// As in `X-Request-Id`; the log has it too.
    pub(crate) request_id: Option<String>,
    /// Of a query: Unicode characters before the place that is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) position: Option<usize>,
    /// Of a query: what to write instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) hint: Option<String>,
    /// The parameters that are known, where one was not.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    parameters: Vec<&'static str>,
}

impl Problem {
    pub(crate) fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
            position: None,
            hint: None,
            parameters: Vec::new(),
            retry_after: None,
        }
    }

    /// A wrong query: the place in it, counted in characters from 0, and what to write instead.
    pub(crate) fn query(position: usize, detail: impl Into<String>, hint: Option<String>) -> Self {
        Self {
            position: Some(position),
            hint,
            ..Self::new(Code::InvalidQuery, detail)
        }
    }

    /// A parameter that is not known, where these are.
    pub(crate) fn unknown_parameter(detail: impl Into<String>, known: Vec<&'static str>) -> Self {
        Self {
            parameters: known,
            ..Self::new(Code::UnknownParameter, detail)
        }
    }

    /// More requests than the caller may send; it may send the next in so many seconds.
    pub(crate) fn rate_limited(detail: impl Into<String>, retry_after: u64) -> Self {
        Self {
            retry_after: Some(retry_after),
            ..Self::new(Code::RateLimited, detail)
        }
    }

    /// A fault of ours: logged here, answered with a fixed text.
    pub(crate) fn internal(error: &anyhow::Error) -> Self {
        tracing::error!(error = format!("{error:#}"), "request failed");
        Self::new(
            Code::Internal,
            "the request failed on our side; the log has the cause under this request id",
        )
    }

    /// Whether it is of this kind.
    pub(crate) fn is(&self, code: Code) -> bool {
        self.code == code
    }

    pub(crate) fn body(&self) -> Body {
        let (status, code, title) = self.code.parts();
        Body {
            r#type: format!("urn:gongbao:problem:{code}"),
            title,
            status: status.as_u16(),
            detail: self.detail.clone(),
            code,
            request_id: None,
            position: self.position,
            hint: self.hint.clone(),
            parameters: self.parameters.clone(),
        }
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.code.parts().0
    }
}

/// Left on the response for the layer that knows the request id, and for pages that show errors as HTML.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = self.body();
        let mut response = render(&body);
        let more = match self.code {
            Code::Overloaded | Code::NotReady | Code::Timeout => Some((header::RETRY_AFTER, "2")),
            Code::Unauthorized => Some((header::WWW_AUTHENTICATE, "Bearer realm=\"gongbao\"")),
            // RFC 6750, 3.1
            Code::InvalidKey => Some((
                header::WWW_AUTHENTICATE,
                "Bearer realm=\"gongbao\", error=\"invalid_token\"",
            )),
            Code::Forbidden => Some((
                header::WWW_AUTHENTICATE,
                "Bearer realm=\"gongbao\", error=\"insufficient_scope\"",
            )),
            _ => None,
        };
        if let Some((name, value)) = more {
            response
                .headers_mut()
                .insert(name, HeaderValue::from_static(value));
        }
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        response.extensions_mut().insert(body);
        response
    }
}

/// The body as a response.
pub(crate) fn render(body: &Body) -> Response {
    let status = StatusCode::from_u16(body.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let json = serde_json::to_vec(body).unwrap_or_default();
    (status, [(header::CONTENT_TYPE, "application/problem+json")], json).into_response()
}
