//! `/healthz`: the process lives. `/readyz`: it can answer searches.

use std::time::Instant;

use axum::{Json, extract::State};
use index::SearchRequest;
use serde_json::{Value, json};

use super::problem::{Code, Problem};
use crate::http::App;

pub(crate) async fn healthz() -> Json<Value> {
    Json(json!({"status": "ok"}))
}

pub(crate) async fn readyz(State(app): State<App>) -> Result<Json<Value>, Problem> {
    app.with_index(|reader| {
        let request = SearchRequest {
            limit: 1,
            ..SearchRequest::default()
        };
        match reader.search(&request, Instant::now()) {
            Ok(answer) => Ok(Json(json!({"status": "ok", "reports": answer.total.value}))),
            Err(error) => {
                tracing::warn!(%error, "not ready");
                Err(Problem::new(
                    Code::NotReady,
                    "the index cannot be read; see the log",
                ))
            }
        }
    })
    .await
}
