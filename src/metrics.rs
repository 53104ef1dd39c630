//! Figures about the running service, in the text format of OpenMetrics 1.0.
//!
//! Some are counted as things happen ([`observe`]); all others are asked for when somebody reads them, by a [`Collector`]
//! each: [`ProcessMetrics`], [`DataMetrics`], [`PortalMetrics`]. A further part of the service makes a collector of
//! its own and hands it to [`Metrics::add`].
//!
//! Labels have few values, whatever is asked for: routes by their pattern, answers by their class. Only what is
//! per portal has as many as there are portal files.

mod data;
mod portals;
mod process;

use std::{
    fmt,
    sync::{Arc, RwLock, RwLockReadGuard},
    time::{Duration, Instant},
};

use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::Response,
};
pub use prometheus_client::collector::Collector;
use prometheus_client::{
    encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric},
    metrics::{counter::Counter, family::Family, gauge::ConstGauge, histogram::Histogram, info::Info},
    registry::{Registry, Unit},
};

pub use self::{data::DataMetrics, portals::PortalMetrics, process::ProcessMetrics};

/// The media type of what [`Metrics::text`] gives.
pub const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Upper ends of the classes of durations, in seconds.
const SECONDS: [f64; 12] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0,
];

/// The route of what has none.
const NO_ROUTE: &str = "none";

/// By route.
type Durations = Family<[(&'static str, String); 1], Histogram, fn() -> Histogram>;

/// Route, and class of the status.
type RouteAndStatus = [(&'static str, String); 2];

/// All metrics of the process. Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct Metrics {
    registry: Arc<RwLock<Registry>>,
    requests: Family<RouteAndStatus, Counter>,
    durations: Durations,
    searches: Family<[(&'static str, &'static str); 1], Counter>,
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

impl Default for Metrics {
    fn default() -> Self {
        let requests = Family::default();
        let durations = Family::new_with_constructor((|| Histogram::new(SECONDS)) as fn() -> Histogram);
        let searches = Family::default();
        let mut registry = Registry::with_prefix("gongbao");
        registry.register("build", "Which program this is", Info::new(build()));
        registry.register(
            "http_requests",
            "Requests answered, by route and class of the status",
            requests.clone(),
        );
        registry.register_with_unit(
            "http_request_duration",
            "From the end of a request's headers to the start of its answer",
            Unit::Seconds,
            durations.clone(),
        );
        registry.register(
            "searches",
            "Searches by API and page, by what became of them",
            searches.clone(),
        );
        Self {
            registry: Arc::new(RwLock::new(registry)),
            requests,
            durations,
            searches,
        }
    }
}

fn build() -> [(&'static str, &'static str); 1] {
    [("version", env!("CARGO_PKG_VERSION"))]
}

impl Metrics {
    /// Has a collector asked whenever the metrics are read. Its names begin with `gongbao_`.
    pub fn add(&self, collector: impl Collector) {
        let mut registry = self
            .registry
            .write()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        registry.register_collector(Box::new(collector));
    }

    /// Everything, in the text format of OpenMetrics. Reads files and the catalog: not for a thread that others wait for.
    ///
    /// # Errors
    /// When a collector cannot put its figures into words.
    pub fn text(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        let registry: RwLockReadGuard<'_, Registry> = self
            .registry
            .read()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        prometheus_client::encoding::text::encode_registry(&mut text, &registry)?;
        // Names of their own, the same for every program.
        let mut process = Registry::default();
        process.register_collector(Box::new(ProcessMetrics));
        prometheus_client::encoding::text::encode(&mut text, &process)?;
        Ok(text)
    }

    fn count(&self, route: &str, is_search: bool, status: u16, took: Duration) {
        let class = match status / 100 {
            1 => "1xx",
            2 => "2xx",
            3 => "3xx",
            4 => "4xx",
            _ => "5xx",
        };
        let labels = [("route", route.to_owned()), ("status", class.to_owned())];
        self.requests.get_or_create(&labels).inc();
        let labels = [("route", route.to_owned())];
        self.durations.get_or_create(&labels).observe(took.as_secs_f64());
        if is_search {
            let outcome = match status {
                200..400 => "answered",
                400..500 => "refused",
                _ => "failed",
            };
            self.searches.get_or_create(&[("outcome", outcome)]).inc();
        }
    }
}

/// Counts what passes; a layer around a whole router.
pub async fn observe(State(metrics): State<Metrics>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or(NO_ROUTE, MatchedPath::as_str);
    let is_search = match route {
        "/api/v1/search" => true,
        // The page is a form as long as nothing is asked.
        "/" => request.uri().query().is_some_and(|query| !query.is_empty()),
        _ => false,
    };
    let route = route.to_owned();
    let started = Instant::now();
    let response = next.run(request).await;
    metrics.count(&route, is_search, response.status().as_u16(), started.elapsed());
    response
}

/// Puts figures that were just found into words.
pub struct Figures<'a>(DescriptorEncoder<'a>);

impl<'a> Figures<'a> {
    /// For what a [`Collector`] is given.
    pub fn new(encoder: DescriptorEncoder<'a>) -> Self {
        Self(encoder)
    }

    /// A figure that may rise and fall. A unit becomes the end of its name.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn gauge(&mut self, name: &str, help: &str, unit: Option<&Unit>, value: f64) -> fmt::Result {
        let gauge = ConstGauge::new(value);
        let encoder = self.0.encode_descriptor(name, help, unit, gauge.metric_type())?;
        gauge.encode(encoder)
    }

    /// The same figure of several things, told apart by their labels.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn gauges<L: EncodeLabelSet>(
        &mut self,
        name: &str,
        help: &str,
        unit: Option<&Unit>,
        values: impl IntoIterator<Item = (L, f64)>,
    ) -> fmt::Result {
        let kind = ConstGauge::new(0.0_f64).metric_type();
        let mut encoder = self.0.encode_descriptor(name, help, unit, kind)?;
        for (labels, value) in values {
            ConstGauge::new(value).encode(encoder.encode_family(&labels)?)?;
        }
        Ok(())
    }

    /// A figure that only rises while the process runs.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn counter(&mut self, name: &str, help: &str, unit: Option<&Unit>, value: f64) -> fmt::Result {
        let counter = prometheus_client::metrics::counter::ConstCounter::new(value);
        let encoder = self
            .0
            .encode_descriptor(name, help, unit, counter.metric_type())?;
        counter.encode(encoder)
    }
}
