//! One router over the API and the pages, and what every answer has in common.

use std::{
    any::Any,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::{Body, HttpBody},
    extract::{Request, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use tokio::sync::{Notify, Semaphore};
use tower_http::catch_panic::CatchPanicLayer;

use crate::{
    alerts::AlertSettings,
    api::{
        self,
        problem::{self, Code, Problem},
    },
    catalogs::Catalogs,
    operations::{Operations, OperationsError},
    overview::Histories,
    portals::SharedPortals,
    web,
};

/// Bytes of path and query together.
const MAX_URI: usize = 32 << 10;
/// Bytes of a request's body.
const MAX_BODY: u64 = 64 << 10;
/// From the end of a request's headers to the start of its answer.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
/// Requests at work at once; the processor has few cores, more would only wait inside.
const MAX_AT_WORK: usize = 64;
/// Requests that may wait for one of them.
const MAX_WAITING: usize = 128;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

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
    /// What of the configuration alerts need.
    pub alerts: AlertSettings,
    /// Told when there is something for the runner of jobs.
    pub wake: Arc<Notify>,
}

/// What handlers share.
#[derive(Clone)]
pub(crate) struct App {
    reader: index::Reader,
    service: Arc<Service>,
    catalogs: Arc<Catalogs>,
    work: Arc<Work>,
}

struct Work {
    slots: Arc<Semaphore>,
    queued: AtomicUsize,
}

/// A place in the queue, given back when it is dropped: at the end of the work, or when the client has gone.
struct Place(Arc<Work>);

impl Place {
    fn take(work: &Arc<Work>) -> Option<Self> {
        let place = (
            work.queued.fetch_add(1, Ordering::Relaxed),
            Self(Arc::clone(work)),
        );
        (place.0 < MAX_AT_WORK + MAX_WAITING).then_some(place.1)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.queued.fetch_sub(1, Ordering::Relaxed);
    }
}

impl App {
    /// Runs `job` over the index on a thread of its own, within the bounds on work and waiting.
    pub(crate) async fn with_index<T: Send + 'static>(
        &self,
        job: impl FnOnce(&index::Reader) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let reader = self.reader.clone();
        self.run(move || job(&reader)).await
    }

    /// Runs `job` over the catalog, and the folder it is in, like [`Self::with_index`]. It sees the last commit and
    /// waits for no writer.
    pub(crate) async fn with_catalog<T: Send + 'static>(
        &self,
        job: impl FnOnce(&crawler::Catalog, &Path) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let catalogs = Arc::clone(&self.catalogs);
        self.run(move || {
            let outcome = catalogs.with(|catalog| job(catalog, catalogs.data_dir()));
            outcome.unwrap_or_else(|error| {
                let error = anyhow::Error::new(error);
                tracing::error!(error = format!("{error:#}"), "the catalog cannot be opened");
                Err(Problem::new(
                    Code::NotReady,
                    "the catalog cannot be opened; see the log",
                ))
            })
        })
        .await
    }

    /// What is served besides the index.
    pub(crate) fn service(&self) -> &Service {
        &self.service
    }

    /// The job keeps its slot until it ends, also when nobody waits for it any more.
    async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let overloaded = || {
            Problem::new(
                Code::Overloaded,
                "too many requests at once; try again in a moment",
            )
        };
        let place = Place::take(&self.work).ok_or_else(overloaded)?;
        let done = self.go_on(move || {
            let outcome = job();
            drop(place);
            outcome
        });
        done.await?
    }

    /// Runs a further step of an answer that has begun, on a thread of its own. It waits for its turn among the others,
    /// however many wait: what was begun is not to be given up for what comes later.
    pub(crate) async fn go_on<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let failed = |error: anyhow::Error| Problem::internal(&error.context("a request failed"));
        let slots = Arc::clone(&self.work.slots);
        let slot = slots
            .acquire_owned()
            .await
            .map_err(|error| failed(error.into()))?;
        let working = tokio::task::spawn_blocking(move || {
            let outcome = job();
            drop(slot);
            outcome
        });
        working.await.map_err(|error| failed(error.into()))
    }
}

impl App {
    /// Runs `job` over the service's own tables on a thread of its own.
    pub(crate) async fn with_operations<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Operations) -> Result<T, OperationsError> + Send + 'static,
    ) -> Result<T, Problem> {
        let operations = self.service.operations.clone();
        let working = tokio::task::spawn_blocking(move || job(&operations));
        let failed = |error| Problem::internal(&error);
        match working.await {
            Ok(Err(error)) if error.is_busy() => Err(Problem::new(
                Code::Overloaded,
                "the data directory is being written for long; try again in a moment",
            )),
            Ok(outcome) => outcome.map_err(|error| failed(error.into())),
            Err(error) => Err(failed(anyhow::Error::new(error).context("a request panicked"))),
        }
    }
}

/// The whole HTTP side over an index and what belongs to it.
pub fn router(reader: index::Reader, service: Service) -> Router {
    let app = App {
        reader,
        catalogs: Arc::new(Catalogs::new(&service.data_dir)),
        service: Arc::new(service),
        work: Arc::new(Work {
            slots: Arc::new(Semaphore::new(MAX_AT_WORK)),
            queued: AtomicUsize::new(0),
        }),
    };
    let reading = Router::new()
        .route("/", get(web::search::page))
        .route("/reports/{id}", get(web::report::page))
        .route("/reports/{id}/diff", get(web::diff::page))
        .route("/api/v1/search", get(api::search::search))
        .route("/api/v1/changes.atom", get(api::changes::feed))
        .route("/api/v1/reports/{id}", get(api::report::report))
        .route("/api/v1/reports/{id}/versions", get(api::versions::list))
        .route("/api/v1/reports/{id}/versions/{n}", get(api::versions::one))
        .route("/api/v1/reports/{id}/diff", get(api::diff::diff))
        .route("/api/v1/reports/{id}/similar", get(api::similar::similar))
        .route("/api/v1/reports/{id}/snapshot", get(api::snapshot::snapshot))
        .route("/api/v1/reports/{id}/cite", get(api::cite::cite))
        .route("/api/v1/coverage", get(api::coverage::coverage))
        .route("/coverage", get(web::coverage::page))
        .route("/suggest", get(web::suggest::suggest))
        .route("/portals", get(web::portals::list))
        .route("/portals/{id}", get(web::portals::one))
        .route("/api/v1/portals", get(api::portals::list))
        .route("/api/v1/portals/{id}", get(api::portals::one))
        .route("/api/v1/regions", get(api::regions::list))
        .route("/api/v1/regions/{code}", get(api::regions::one))
        .route_layer(middleware::from_fn_with_state(app.clone(), api::auth::reading));
    let exporting = Router::new()
        .route("/api/v1/export", get(api::export::export))
        .route_layer(middleware::from_fn_with_state(app.clone(), api::auth::exporting));
    let crawling = Router::new()
        .route("/api/v1/jobs", get(api::jobs::list).post(api::jobs::create))
        .route("/api/v1/jobs/{id}", get(api::jobs::one).delete(api::jobs::cancel))
        .route_layer(middleware::from_fn_with_state(app.clone(), api::auth::crawling));
    let keyed = Router::new()
        .route("/api/v1/alerts", get(api::alerts::list).post(api::alerts::create))
        .route(
            "/api/v1/alerts/{id}",
            get(api::alerts::one).delete(api::alerts::delete),
        )
        .route("/api/v1/alerts/{id}/webhook", post(api::alerts::restart_webhook))
        .route_layer(middleware::from_fn_with_state(app.clone(), api::auth::keyed));
    Router::new()
        .merge(reading)
        .merge(exporting)
        .merge(crawling)
        .merge(keyed)
        .route("/api/v1/alerts/{id}/feed.atom", get(api::feed::feed))
        .route("/portals/{id}/run", post(web::portals::start))
        .route("/assets/style.css", get(web::assets::style))
        .route("/assets/pages.js", get(web::assets::script))
        .route("/assets/icon.svg", get(web::assets::icon))
        .route("/healthz", get(api::health::healthz))
        .route("/readyz", get(api::health::readyz))
        .fallback(nothing_here)
        .method_not_allowed_fallback(wrong_method)
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn_with_state(
            Arc::new(RequestIds::new()),
            common,
        ))
        .with_state(app)
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

/// Makes request ids: unguessable enough not to collide between processes, never taken for a secret.
struct RequestIds {
    process: u64,
    next: AtomicU64,
}

impl RequestIds {
    fn new() -> Self {
        use std::hash::{BuildHasher, RandomState};
        Self {
            process: RandomState::new().hash_one(0),
            next: AtomicU64::new(1),
        }
    }

    fn make(&self) -> String {
        format!(
            "{:08x}-{:06x}",
            self.process >> 32,
            self.next.fetch_add(1, Ordering::Relaxed)
        )
    }
}

/// Limits on the way in; request id, problem documents and protective headers on the way out.
async fn common(State(ids): State<Arc<RequestIds>>, request: Request, next: Next) -> Response {
    let given = request
        .headers()
        .get(&REQUEST_ID)
        .and_then(|value| value.to_str().ok());
    let sane = |id: &&str| !id.is_empty() && id.len() <= 64 && id.bytes().all(|b| b.is_ascii_graphic());
    let id = given.filter(sane).map_or_else(|| ids.make(), str::to_owned);
    let is_page = !request.uri().path().starts_with("/api/");
    let wants_html = is_page
        && request
            .headers()
            .get(header::ACCEPT)
            .and_then(|v| v.to_str().ok())
            .is_some_and(|v| v.contains("text/html"));
    let view = wants_html.then(|| web::view::View::of_problem(request.uri(), request.headers()));
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let started = std::time::Instant::now();

    let mut response = match within_limits(request).await {
        Err(problem) => problem.into_response(),
        Ok(request) => match tokio::time::timeout(REQUEST_TIMEOUT, next.run(request)).await {
            Ok(response) => response,
            Err(_) => Problem::new(Code::Timeout, "the answer took over 10 s; ask for less").into_response(),
        },
    };
    if let Some(mut body) = response.extensions_mut().remove::<problem::Body>() {
        body.request_id = Some(id.clone());
        let kept = [header::RETRY_AFTER, header::WWW_AUTHENTICATE, header::ALLOW].map(|name| {
            let value = response.headers().get(&name).cloned();
            value.map(|value| (name, value))
        });
        response = match &view {
            Some(view) => web::problem_page(view, &body),
            None => problem::render(&body),
        };
        response.headers_mut().extend(kept.into_iter().flatten());
    }
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, value);
    }
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    // For browsers that do not know `frame-ancestors`.
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    // What needs a stricter one has said so.
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static(
            "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        ));
    let status = response.status().as_u16();
    let elapsed_ms = started.elapsed().as_millis();
    let path = shown_path(&path);
    tracing::debug!(request.id = %id, %method, path, status, elapsed_ms, "answered");
    response
}

/// A path as it may stand in a log: the id of an alert opens its feed.
fn shown_path(path: &str) -> &str {
    const ALERTS: &str = "/api/v1/alerts/";
    match path.starts_with(ALERTS) {
        true => ALERTS,
        false => path,
    }
}

/// Refuses addresses and bodies that are too long; a body of unknown length is read up to the limit.
async fn within_limits(request: Request) -> Result<Request, Problem> {
    let length = request
        .uri()
        .path_and_query()
        .map_or(0, |target| target.as_str().len());
    if length > MAX_URI {
        let detail = format!("an address has at most 32 KiB, this one has {length} bytes");
        return Err(Problem::new(Code::UriTooLong, detail));
    }
    let (parts, body) = request.into_parts();
    let too_large = || Problem::new(Code::PayloadTooLarge, "a body has at most 64 KiB");
    if body.size_hint().lower() > MAX_BODY {
        return Err(too_large());
    }
    if body.size_hint().upper().is_some() {
        return Ok(Request::from_parts(parts, body));
    }
    let limit = usize::try_from(MAX_BODY).unwrap_or(usize::MAX);
    let read = tokio::time::timeout(REQUEST_TIMEOUT, axum::body::to_bytes(body, limit)).await;
    let bytes = read.map_err(|_| Problem::new(Code::Timeout, "the body did not come in 10 s"))?;
    Ok(Request::from_parts(
        parts,
        Body::from(bytes.map_err(|_| too_large())?),
    ))
}

/// 200 with an ETag, or 304 when the client has it.
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
    let mut response = if same {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        response.into_response()
    };
    if let Ok(value) = HeaderValue::from_str(etag) {
        response.headers_mut().insert(header::ETAG, value);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn clients_that_go_away_give_their_place_back() {
        let work = Arc::new(Work {
            slots: Arc::new(Semaphore::new(0)),
            queued: AtomicUsize::new(0),
        });
        for _ in 0..10 {
            let places: Vec<_> = std::iter::from_fn(|| Place::take(&work)).take(1_000).collect();
            assert_eq!(places.len(), MAX_AT_WORK + MAX_WAITING);
            assert!(Place::take(&work).is_none());
        }
        assert_eq!(work.queued.load(Ordering::Relaxed), 0);
    }
}
