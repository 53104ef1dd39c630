//! The admin listener of `serve`: metrics, and the same answers about health as the public one gives.
//!
//! It is on loopback unless the configuration says in so many words that others may reach it.

use std::{
    io::ErrorKind,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};

use anyhow::Context;
use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use tokio::net::TcpListener;
use tower::ServiceExt;

use crate::metrics::{MEDIA_TYPE, Metrics};

/// What the listener answers: `/metrics` by itself, `/healthz` and `/readyz` as `service` does.
pub fn router(metrics: Metrics, service: Router) -> Router {
    let asked = async |State(service): State<Router>, request: Request| match service.oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    };
    Router::new()
        .route("/healthz", get(asked))
        .route("/readyz", get(asked))
        .with_state(service)
        .route("/metrics", get(async move || text(metrics.clone()).await))
        .fallback(async || {
            let words = "metrics are at /metrics, health at /healthz and /readyz\n";
            (StatusCode::NOT_FOUND, words)
        })
}

async fn text(metrics: Metrics) -> Response {
    let text = tokio::task::spawn_blocking(move || metrics.text()).await;
    match text.map_err(anyhow::Error::from).and_then(|text| Ok(text?)) {
        Ok(text) => {
            let media_type = HeaderValue::from_static(MEDIA_TYPE);
            ([(header::CONTENT_TYPE, media_type)], text).into_response()
        }
        Err(error) => {
            tracing::error!("no metrics: {error:#}");
            (StatusCode::INTERNAL_SERVER_ERROR, "no metrics; see the log\n").into_response()
        }
    }
}

/// Where it is when the configuration says nothing.
const USUAL: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8081);

/// Binds the address of the configuration. Without one, a second service on this machine gets a free port.
///
/// # Errors
/// When nothing can listen there; the error says which key to change.
pub async fn bind(configured: Option<SocketAddr>) -> anyhow::Result<TcpListener> {
    let addr = configured.unwrap_or(USUAL);
    let bound = match TcpListener::bind(addr).await {
        Err(error) if configured.is_none() && error.kind() == ErrorKind::AddrInUse => {
            tracing::warn!("{addr} is taken, so metrics are at a free port; [server] admin_bind chooses one");
            TcpListener::bind((addr.ip(), 0)).await
        }
        bound => bound,
    };
    bound.with_context(|| {
        format!(
            "cannot listen on {addr} for metrics (is another program using this port? choose one with [server] \
             admin_bind, or GONGBAO_SERVER__ADMIN_BIND; port 0 takes any that is free)"
        )
    })
}
