//! `/healthz`: the process lives. `/readyz`: it can answer searches; `degraded` while it can and something else is wrong.

use std::time::Instant;

use axum::{Extension, Json, extract::State};
use index::SearchRequest;
use serde_json::{Value, json};

use super::problem::{Code, Problem};
use crate::{disk::Disk, http::App};

pub(crate) async fn healthz() -> Json<Value> {
    Json(json!({"status": "ok"}))
}

/// Without the state of a disk, that is not looked at.
pub(crate) async fn readyz(
    State(app): State<App>,
    disk: Option<Extension<Disk>>,
) -> Result<Json<Value>, Problem> {
    app.with_index(move |reader| {
        let request = SearchRequest {
            limit: 1,
            ..SearchRequest::default()
        };
        match reader.search(&request, Instant::now()) {
            Ok(answer) => {
                let trouble: Vec<String> = disk.and_then(|disk| disk.trouble()).into_iter().collect();
                let status = if trouble.is_empty() { "ok" } else { "degraded" };
                Ok(Json(
                    json!({"status": status, "reports": answer.total.value, "reasons": trouble}),
                ))
            }
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
