//! `/openapi.json`: the API described for programs, in OpenAPI 3.1.
//!
//! What is particular to an operation stands beside its handler. What all have in common is added here: problems, request ids, limits,
//! and who may ask. The page `/api` is made from the same document.

pub(crate) mod describe;
mod shared;

use axum::{
    Extension,
    body::Bytes,
    extract::RawQuery,
    http::{HeaderMap, header},
    response::Response,
};
use data_encoding::HEXLOWER;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use utoipa::OpenApi;

use super::{
    params::Params,
    problem::{self, Problem},
};
use crate::http::with_etag;

/// The document, as it is sent and as it is read.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) value: Value,
    json: Bytes,
    etag: String,
}

impl Document {
    pub(crate) fn new(description: &utoipa::openapi::OpenApi) -> Self {
        let mut value = serde_json::to_value(description).unwrap_or_default();
        shared::add(&mut value);
        let json = Bytes::from(value.to_string());
        let etag = format!("\"{}\"", &HEXLOWER.encode(&Sha256::digest(&json))[..32]);
        Self { value, json, etag }
    }
}

/// A document without operations.
pub(crate) fn frame() -> utoipa::openapi::OpenApi {
    #[derive(OpenApi)]
    #[openapi(
        info(
            title = "gongbao",
            description = "Full-text search over published Chinese government reports.\n\nAll answers are JSON in UTF-8 \
                           unless said otherwise; absent values are null. Parameters that are not known are refused. Every \
                           GET is answered to HEAD too. Errors are problem documents (RFC 9457) with a `code` that never \
                           changes. Where a key is needed, it is sent as `Authorization: Bearer KEY`.",
            license(name = "MIT", identifier = "MIT"),
        ),
        tags(
            (name = "reports", description = "Search, read and compare reports"),
            (name = "coverage", description = "What there is, and what is not: regions, portals, the ledger"),
            (name = "jobs", description = "Crawls on request; a key of scope `crawl`"),
            (name = "alerts", description = "Saved searches, their feeds and webhooks; a key of any scope"),
            (name = "service", description = "The service itself"),
        ),
        components(schemas(problem::Body)),
    )]
    struct Frame;
    Frame::openapi()
}

/// This description of the API
///
/// It is made from the program itself. `/api` shows it as a page.
#[utoipa::path(
    get, path = "/api/v1/openapi.json", tag = "service",
    extensions(("x-zh" = json!("本接口的 OpenAPI 描述"))),
    responses(
        (status = 200, description = "OpenAPI 3.1", body = Value, example = json!({"openapi": "3.1.0", "info": {"title": "gongbao", "version": "0.1.0"}, "paths": {}})),
        (status = 304, description = "The description is what `If-None-Match` names"),
    ),
)]
pub(crate) async fn openapi(
    Extension(document): Extension<Arc<Document>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    Params::parse(query.as_deref())?.finish()?;
    let kind = [(header::CONTENT_TYPE, "application/json")];
    Ok(with_etag(&headers, &document.etag, (kind, document.json.clone())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn all_who_read_the_document_read_the_same_bytes() {
        let document = Arc::new(Document::new(&frame()));
        let mut places = Vec::new();
        for _ in 0..2 {
            let answer = openapi(Extension(Arc::clone(&document)), RawQuery(None), HeaderMap::new());
            let body = answer.await.unwrap().into_body();
            places.push(axum::body::to_bytes(body, usize::MAX).await.unwrap());
        }
        for bytes in places {
            assert_eq!(
                (bytes.as_ptr(), bytes.len()),
                (document.json.as_ptr(), document.json.len())
            );
        }
    }
}
