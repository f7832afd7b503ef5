//! `/metrics`, for Prometheus: requests by route and status, and how far the log was read.

use std::sync::{Mutex, PoisonError};

use axum::extract::{MatchedPath, Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};
use tokio::time::Instant;

use super::App;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    method: &'static str,
    route: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    method: &'static str,
    route: String,
    status: u16,
}

/// What one registry counts.
pub(crate) struct Metrics {
    registry: Mutex<Registry>,
    answered: Family<Answered, Counter>,
    seconds: Family<Route, Histogram>,
    schemas: Gauge,
    position: Gauge,
    ready: Gauge,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::default();
        let buckets = || Histogram::new(exponential_buckets(0.001, 2.0, 15));
        let metrics = Metrics {
            registry: Mutex::default(),
            answered: Family::default(),
            seconds: Family::new_with_constructor(buckets),
            schemas: Gauge::default(),
            position: Gauge::default(),
            ready: Gauge::default(),
        };
        let build = Info::new([("service", "registry"), ("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "Which build this is", build);
        registry.register("http_requests", "Requests answered, by route", metrics.answered.clone());
        let (help, seconds) = ("Time until the answer began", metrics.seconds.clone());
        registry.register_with_unit("http_request_duration", help, Unit::Seconds, seconds);
        registry.register("registry_schemas", "Schemas known", metrics.schemas.clone());
        let help = "Offset up to which the log has been read";
        registry.register("registry_log_position", help, metrics.position.clone());
        let help = "1 while writes have a chance";
        registry.register("registry_ready", help, metrics.ready.clone());
        Metrics { registry: Mutex::new(registry), ..metrics }
    }
}

pub(super) async fn metrics(State(app): State<App>) -> Response {
    let metrics = &app.metrics;
    let (schemas, position) = app.store.progress();
    metrics.schemas.set(i64::try_from(schemas).unwrap_or(i64::MAX));
    metrics.position.set(position);
    metrics.ready.set(i64::from(app.store.check_ready().is_ok()));
    let mut text = String::new();
    let registry = metrics.registry.lock().unwrap_or_else(PoisonError::into_inner);
    match prometheus_client::encoding::text::encode(&mut text, &registry) {
        Ok(()) => {
            let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
            ([(CONTENT_TYPE, kind)], text).into_response()
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// Counts a request under its route's template; a path that is none of ours is `none`.
pub(super) async fn count(State(app): State<App>, request: Request, next: Next) -> Response {
    let method = match *request.method() {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::HEAD => "HEAD",
        _ => "other",
    };
    let route = request.extensions().get::<MatchedPath>();
    let route = route.map_or("none", |path| path.as_str()).to_owned();
    let begun = Instant::now();
    let response = next.run(request).await;
    let of = Route { method, route: route.clone() };
    app.metrics.seconds.get_or_create(&of).observe(begun.elapsed().as_secs_f64());
    let answered = Answered { method, route, status: response.status().as_u16() };
    app.metrics.answered.get_or_create(&answered).inc();
    response
}
