//! Every operation of the API, by what opens it.
//!
//! An operation is served because it is named here, at the path and by the method that its `#[utoipa::path]` says, which
//! stands beside the handler: what is served and what `/api/v1/openapi.json` describes cannot be two things.

use std::sync::Arc;

use axum::{
    Router,
    handler::Handler,
    middleware,
    routing::{MethodFilter, on},
};
use utoipa::OpenApi;

use super::{
    alerts, auth, changes, cite, concordance, coverage, diff, export, feed, jobs, limits,
    openapi::{self, Document},
    panel, portals, regions, report, search, similar, snapshot, trends, versions,
};
use crate::http::App;

/// Operations with their descriptions.
struct Operations {
    router: Router<App>,
    description: utoipa::openapi::OpenApi,
}

/// Adds handlers, each with the description that stands beside it.
macro_rules! operations {
    ($($module:ident :: $handler:ident),+ $(,)?) => {{
        let operations = Operations::none();
        $(
            let operations = {
                #[derive(OpenApi)]
                #[openapi(paths($module::$handler))]
                struct One;
                operations.with(One::openapi(), $module::$handler)
            };
        )+
        operations
    }};
}

impl Operations {
    fn none() -> Self {
        Self {
            router: Router::new(),
            description: openapi::frame(),
        }
    }

    fn with<T: 'static>(mut self, one: utoipa::openapi::OpenApi, handler: impl Handler<T, App>) -> Self {
        for (path, item) in &one.paths.paths {
            for (method, is_it) in [
                (MethodFilter::GET, item.get.is_some()),
                (MethodFilter::POST, item.post.is_some()),
                (MethodFilter::DELETE, item.delete.is_some()),
            ] {
                if is_it {
                    self.router = self.router.route(path, on(method, handler.clone()));
                }
            }
        }
        self.description.merge(one);
        self
    }

    fn merge(mut self, other: Self) -> Self {
        self.router = self.router.merge(other.router);
        self.description.merge(other.description);
        self
    }

    /// Has `router` say who may.
    fn opened_by(mut self, guard: impl FnOnce(Router<App>) -> Router<App>) -> Self {
        self.router = guard(self.router);
        self
    }
}

/// All operations, and the document that describes them.
pub(crate) fn all(app: &App) -> (Router<App>, Arc<Document>) {
    let reading = operations![
        search::search,
        changes::feed,
        report::report,
        versions::list,
        versions::one,
        diff::diff,
        similar::similar,
        snapshot::snapshot,
        cite::cite,
        concordance::concordance,
        trends::trends,
        panel::panel,
        coverage::coverage,
        portals::list,
        portals::one,
        regions::list,
        regions::one,
    ];
    let exporting = operations![export::export];
    let crawling = operations![jobs::list, jobs::create, jobs::one, jobs::cancel];
    let keyed = operations![
        alerts::list,
        alerts::create,
        alerts::one,
        alerts::delete,
        alerts::restart_webhook,
    ];
    let open = operations![feed::feed, limits::limits, openapi::openapi];
    let (state, same_state) = (app.clone(), app.clone());
    let operations = open
        .merge(
            reading
                .opened_by(|router| router.route_layer(middleware::from_fn_with_state(state, auth::reading))),
        )
        .merge(exporting.opened_by(|router| {
            router.route_layer(middleware::from_fn_with_state(same_state, auth::exporting))
        }))
        .merge(crawling.opened_by(|router| router.route_layer(middleware::from_fn(auth::crawling))))
        .merge(keyed.opened_by(|router| router.route_layer(middleware::from_fn(auth::keyed))));
    let document = Document::new(&operations.description);
    (operations.router, Arc::new(document))
}
