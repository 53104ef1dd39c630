//! One router over the API and the pages.
//!
//! What a request passes, from the outside in: `http/encoding.rs` packs answers, `http/common.rs` sets limits and gives every
//! answer its id and protective headers, then comes what browsers are told of other origins, `api::auth::identify`
//! says who asks and how often that is allowed, and the routes know which scope they need. What they ask of index and
//! catalog is done on other threads, within the bounds of `http/work.rs`.

mod common;
mod encoding;
mod work;

use std::{
    any::Any,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use axum::{
    Extension, Router,
    extract::Request,
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    middleware,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use ipnet::IpNet;
use tokio::sync::Notify;
use tower_http::{
    catch_panic::CatchPanicLayer,
    cors::{AllowOrigin, CorsLayer},
};

use crate::{
    alerts::AlertSettings,
    api::{
        self,
        problem::{Code, Problem},
    },
    catalogs::Catalogs,
    config::{Config, LimitsConfig},
    limits::Limits,
    operations::{Operations, OperationsError},
    overview::Histories,
    portals::SharedPortals,
    web,
};

use self::work::Work;
pub(crate) use self::{
    common::{MAX_BODY, MAX_URI, REQUEST_TIMEOUT},
    work::{MAX_AT_WORK, MAX_WAITING},
};

/// Requests that look up keys, jobs or alerts at once, which takes no time to speak of.
const MAX_AT_DESK: usize = 16;
/// How long browsers may go by what they were told of other origins.
const CORS_MAX_AGE: Duration = Duration::from_secs(600);

/// What is served besides the index.
#[derive(Clone, Debug)]
pub struct Service {
    /// The data directory whose index it is.
    pub data_dir: PathBuf,
    /// Keys and jobs.
    pub operations: Operations,
    /// The portal files in force.
    pub portals: SharedPortals,
    /// What portals did, as it was last read.
    pub histories: Histories,
    /// Whether reading needs no key.
    pub anonymous_read: bool,
    /// Who may ask how often, and from where.
    pub callers: Callers,
    /// What of the configuration alerts need.
    pub alerts: AlertSettings,
    /// Told when there is something for the runner of jobs.
    pub wake: Arc<Notify>,
}

/// What of the configuration is about callers.
#[derive(Clone, Debug, Default)]
pub struct Callers {
    /// How often they may ask.
    pub limits: LimitsConfig,
    /// Proxies that are believed about whom they ask for.
    pub trusted_proxies: Vec<IpNet>,
    /// Origins whose pages may read answers; `*` for all.
    pub cors_origins: Vec<String>,
}

impl Callers {
    /// Those of a configuration.
    pub fn new(config: &Config) -> Self {
        Self {
            limits: config.limits,
            trusted_proxies: config.server.trusted_proxies.clone(),
            cors_origins: config.server.cors_origins.clone(),
        }
    }
}

/// What handlers share.
#[derive(Clone)]
pub(crate) struct App {
    reader: index::Reader,
    service: Arc<Service>,
    catalogs: Arc<Catalogs>,
    /// Over index and catalog.
    work: Arc<Work>,
    /// Over the service's own tables, so that a key can be looked up while searches take all other places.
    desk: Arc<Work>,
    limits: Arc<Limits>,
}

impl App {
    /// Runs `job` over the index on a thread of its own, within the bounds on work and waiting.
    pub(crate) async fn with_index<T: Send + 'static>(
        &self,
        job: impl FnOnce(&index::Reader) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let reader = self.reader.clone();
        self.work.run(move || job(&reader)).await
    }

    /// Runs `job` over the catalog, and the folder it is in, like [`Self::with_index`]. It sees the last commit and
    /// waits for no writer.
    pub(crate) async fn with_catalog<T: Send + 'static>(
        &self,
        job: impl FnOnce(&crawler::Catalog, &Path) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let catalogs = Arc::clone(&self.catalogs);
        let work = self.work.run(move || {
            let outcome = catalogs.with(|catalog| job(catalog, catalogs.data_dir()));
            outcome.unwrap_or_else(|error| {
                let error = anyhow::Error::new(error);
                tracing::error!(error = format!("{error:#}"), "the catalog cannot be opened");
                Err(Problem::new(
                    Code::NotReady,
                    "the catalog cannot be opened; see the log",
                ))
            })
        });
        work.await
    }

    /// What is served besides the index.
    pub(crate) fn service(&self) -> &Service {
        &self.service
    }

    /// How often callers may ask.
    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Runs a further step of an answer that has begun, on a thread of its own. It waits for its turn among the others,
    /// however many wait: what was begun is not to be given up for what comes later.
    pub(crate) async fn go_on<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        self.work.go_on(job).await
    }

    /// Runs `job` over the service's own tables on a thread of its own, within bounds of its own.
    pub(crate) async fn with_operations<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Operations) -> Result<T, OperationsError> + Send + 'static,
    ) -> Result<T, Problem> {
        let operations = self.service.operations.clone();
        let work = self.desk.run(move || {
            job(&operations).map_err(|error| match error.is_busy() {
                true => Problem::new(
                    Code::Overloaded,
                    "the data directory is being written for long; try again in a moment",
                ),
                false => Problem::internal(&error.into()),
            })
        });
        work.await
    }
}

/// The whole HTTP side over an index and what belongs to it.
pub fn router(reader: index::Reader, service: Service) -> Router {
    let cors = cors(&service.callers.cors_origins);
    let app = App {
        reader,
        catalogs: Arc::new(Catalogs::new(&service.data_dir)),
        limits: Arc::new(Limits::new(&service.callers)),
        service: Arc::new(service),
        work: Work::new(MAX_AT_WORK, MAX_WAITING),
        desk: Work::light(MAX_AT_DESK, MAX_AT_WORK + MAX_WAITING),
    };
    let pages = Router::new()
        .route("/", get(web::search::page))
        .route("/reports/{id}", get(web::report::page))
        .route("/reports/{id}/diff", get(web::diff::page))
        .route("/trends", get(web::trends::page))
        .route("/concordance", get(web::concordance::page))
        .route(web::compare::PATH, get(web::compare::page))
        .route("/panel", get(web::panel::page).post(web::panel::count))
        .route("/coverage", get(web::coverage::page))
        .route("/suggest", get(web::suggest::suggest))
        .route("/portals", get(web::portals::list))
        .route("/portals/{id}", get(web::portals::one))
        .route_layer(middleware::from_fn_with_state(app.clone(), api::auth::reading));
    let (api, document) = api::routes::all(&app);
    let router = Router::new()
        .merge(pages)
        .merge(api)
        .route("/api", get(web::api::page))
        .route("/portals/{id}/run", post(web::portals::start))
        .route("/assets/style.css", get(web::assets::style))
        .route("/assets/pages.js", get(web::assets::script))
        .route("/assets/icon.svg", get(web::assets::icon))
        .route("/healthz", get(api::health::healthz))
        .route("/readyz", get(api::health::readyz))
        .layer(Extension(document))
        .fallback(nothing_here)
        .method_not_allowed_fallback(wrong_method)
        .layer(middleware::from_fn_with_state(app.clone(), api::auth::identify))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn(common::bounded));
    let router = match cors {
        Some(cors) => router.layer(cors),
        None => router,
    };
    encoding::layered(common::layered(router)).with_state(app)
}

/// What browsers are told when a page of another origin asks; nothing is allowed unless the configuration says so. A key
/// has to be sent by the page itself: there are no cookies.
fn cors(origins: &[String]) -> Option<CorsLayer> {
    let allowed = match origins {
        [] => return None,
        all if all.iter().any(|origin| origin == "*") => AllowOrigin::any(),
        some => AllowOrigin::list(some.iter().filter_map(|origin| origin.parse().ok())),
    };
    let shown = [
        header::CONTENT_DISPOSITION,
        header::ETAG,
        header::LINK,
        header::LOCATION,
        header::RETRY_AFTER,
        header::WWW_AUTHENTICATE,
        HeaderName::from_static("x-request-id"),
        HeaderName::from_static("ratelimit"),
        HeaderName::from_static("ratelimit-policy"),
        HeaderName::from_static("ratelimit-limit"),
        HeaderName::from_static("ratelimit-remaining"),
        HeaderName::from_static("ratelimit-reset"),
    ];
    let layer = CorsLayer::new()
        .allow_origin(allowed)
        .allow_methods([Method::GET, Method::HEAD, Method::POST, Method::DELETE])
        .allow_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::IF_NONE_MATCH,
            HeaderName::from_static("x-request-id"),
        ])
        .expose_headers(shown)
        .max_age(CORS_MAX_AGE);
    Some(layer)
}

async fn nothing_here(request: Request) -> Problem {
    let path: String = request.uri().path().chars().take(100).collect();
    Problem::new(
        Code::NotFound,
        format!("nothing is at {path}; the API is below /api/v1, the pages start at /"),
    )
}

async fn wrong_method(request: Request) -> Problem {
    Problem::new(
        Code::MethodNotAllowed,
        format!("{} is not possible here; `Allow` names what is", request.method()),
    )
}

fn panicked(cause: Box<dyn Any + Send>) -> Response {
    let text = cause.downcast_ref::<&str>().map(|s| (*s).to_owned());
    let text = text
        .or_else(|| cause.downcast_ref::<String>().cloned())
        .unwrap_or_default();
    Problem::internal(&anyhow::anyhow!("a handler panicked: {text}")).into_response()
}

/// 200 with an ETag, or 304 when the client has it. That one carries the whole answer until `http/encoding.rs` knows what
/// its header fields would be.
pub(crate) fn with_etag(
    request_headers: &axum::http::HeaderMap,
    etag: &str,
    response: impl IntoResponse,
) -> Response {
    let known = request_headers
        .get(header::IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok());
    let is_same = |tag: &str| tag.trim().trim_start_matches("W/") == etag;
    let same = known.is_some_and(|known| known.trim() == "*" || known.split(',').any(is_same));
    let mut response = response.into_response();
    if same {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    if let Ok(value) = HeaderValue::from_str(etag) {
        response.headers_mut().insert(header::ETAG, value);
    }
    response
}
