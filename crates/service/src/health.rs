//! `/live`, `/ready` and `/metrics`: what a probe, a person on call and Prometheus ask.

use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use pipeline::{Relay, Runtime, Store};
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};
use serde::Serialize;

use crate::boot::refused;

/// How long the database and the registry may take to answer a probe.
const PATIENCE: Duration = Duration::from_secs(2);

/// What is known of the service's state; it fills up while the service boots.
pub(crate) struct Health {
    service: &'static str,
    waiting_for: Mutex<Option<String>>,
    pub(crate) parts: OnceLock<Parts>,
    pub(crate) metrics: Mutex<Registry>,
    outbox: Gauge,
    outbox_oldest: Gauge<f64, AtomicU64>,
}

/// What there is to ask once it has booted.
pub(crate) struct Parts {
    pub(crate) store: Store,
    pub(crate) runtime: Runtime,
    pub(crate) relay: Arc<Relay>,
}

#[derive(Serialize)]
struct Readiness {
    service: &'static str,
    ready: bool,
    /// Why it is not.
    reasons: Vec<String>,
}

impl Health {
    pub(crate) fn new(service: &'static str, version: &'static str) -> Arc<Self> {
        let (mut metrics, outbox) = (Registry::default(), Gauge::default());
        let build = Info::new([("service", service), ("version", version)]);
        metrics.register("build", "Which build this is", build);
        let help = "Events decided and not yet on their topic";
        metrics.register("outbox_records", help, outbox.clone());
        let (help, outbox_oldest) = ("How long the oldest of them has waited", Gauge::default());
        let oldest = outbox_oldest.clone();
        metrics.register_with_unit("outbox_oldest", help, Unit::Seconds, oldest);
        Arc::new(Health {
            service,
            waiting_for: Mutex::new(Some("starting".into())),
            parts: OnceLock::new(),
            metrics: Mutex::new(metrics),
            outbox,
            outbox_oldest,
        })
    }

    /// What the boot waits for; nothing once it has ended. Says whether that is news.
    pub(crate) fn waiting_for(&self, what: Option<String>) -> bool {
        let mut waiting = self.waiting_for.lock().unwrap_or_else(PoisonError::into_inner);
        let news = *waiting != what;
        *waiting = what;
        news
    }

    async fn reasons(&self) -> Vec<String> {
        let waiting = self.waiting_for.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut reasons: Vec<String> = waiting.into_iter().collect();
        let Some(parts) = self.parts.get() else { return reasons };
        let database = tokio::time::timeout(PATIENCE, parts.store.database().ping());
        let registry = tokio::time::timeout(PATIENCE, parts.runtime.schemas().ping());
        let (database, registry) = tokio::join!(database, registry);
        match database {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                let why = refused::explain(&error).unwrap_or_else(|| error.to_string());
                reasons.push(format!("database: {why}"));
            }
            Err(_) => reasons.push(format!("database: no answer within {PATIENCE:?}")),
        }
        match registry {
            Ok(Ok(())) => {}
            Ok(Err(error)) => reasons.push(format!("schema registry: {error}")),
            Err(_) => reasons.push(format!("schema registry: no answer within {PATIENCE:?}")),
        }
        reasons.extend(parts.runtime.groups().iter().filter_map(|group| group.trouble()));
        reasons.extend(parts.relay.trouble());
        reasons
    }
}

/// The routes. Anyone who reaches the port may call them; they tell nothing of customers.
pub(crate) fn router(health: Arc<Health>) -> Router {
    Router::new()
        .route("/live", get(async || "alive\n"))
        .route("/ready", get(ready))
        .route("/metrics", get(metrics))
        .with_state(health)
}

async fn ready(State(health): State<Arc<Health>>) -> Response {
    let reasons = health.reasons().await;
    let ready = reasons.is_empty();
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, axum::Json(Readiness { service: health.service, ready, reasons })).into_response()
}

async fn metrics(State(health): State<Arc<Health>>) -> Response {
    if let Some(parts) = health.parts.get()
        && let Ok((Ok(waiting), Ok(oldest))) = tokio::time::timeout(PATIENCE, async {
            tokio::join!(parts.relay.waiting(), parts.relay.oldest_seconds())
        })
        .await
    {
        health.outbox.set(waiting);
        health.outbox_oldest.set(oldest);
    }
    let mut text = String::new();
    let registry = health.metrics.lock().unwrap_or_else(PoisonError::into_inner);
    match prometheus_client::encoding::text::encode(&mut text, &registry) {
        Ok(()) => {
            let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
            ([(header::CONTENT_TYPE, kind)], text).into_response()
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
