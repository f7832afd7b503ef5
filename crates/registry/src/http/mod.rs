//! The REST API; this list is all of it.

mod answer;
mod body;
mod compatibility;
mod config;
mod health;
mod metrics;
mod mode;
mod path;
mod schemas;
mod subjects;
mod versions;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use shop_service::http::{Instead, bounded};

use crate::config::{Config, Limits};
use crate::decide::Defaults;
use crate::error::ApiError;
use crate::store::Store;

/// Until a request's body is there; a write has its own time.
const BODY: Duration = Duration::from_secs(15);

#[derive(Clone)]
pub(crate) struct App {
    store: Arc<Store>,
    limits: Limits,
    defaults: Defaults,
    metrics: Arc<metrics::Metrics>,
}

pub(crate) fn router(store: Arc<Store>, config: &Config) -> Router {
    let defaults = Defaults { level: config.compatibility };
    let app = App { store, limits: config.limits, defaults, metrics: Arc::default() };
    let api = Router::new()
        .route("/", get(health::root))
        .route("/subjects", get(subjects::list))
        .route("/subjects/{subject}", post(subjects::lookup).delete(subjects::delete))
        .route("/subjects/{subject}/versions", get(versions::list).post(versions::register))
        .route(
            "/subjects/{subject}/versions/{version}",
            get(versions::get).delete(versions::delete),
        )
        .route("/subjects/{subject}/versions/{version}/schema", get(versions::text))
        .route("/subjects/{subject}/versions/{version}/referencedby", get(versions::referenced_by))
        .route("/schemas", get(schemas::list))
        .route("/schemas/types", get(schemas::types))
        .route("/schemas/ids/{id}", get(schemas::by_id))
        .route("/schemas/ids/{id}/schema", get(schemas::text_by_id))
        .route("/schemas/ids/{id}/subjects", get(schemas::subjects))
        .route("/schemas/ids/{id}/versions", get(schemas::versions))
        .route("/compatibility/subjects/{subject}/versions", post(compatibility::all))
        .route("/compatibility/subjects/{subject}/versions/{version}", post(compatibility::one))
        .route(
            "/config",
            get(config::get_global).put(config::set_global).delete(config::reset_global),
        )
        .route("/config/{subject}", get(config::get).put(config::set).delete(config::reset))
        .route("/mode", get(mode::get_global).put(mode::set_global))
        .route("/mode/{subject}", get(mode::get).put(mode::set).delete(mode::reset))
        .layer(middleware::from_fn_with_state(app.clone(), refuse_until_loaded));
    let instead = Instead { busy, late };
    Router::new()
        .merge(bounded(api, BODY + config.write_timeout, instead))
        .route("/health", get(health::health))
        .route("/ready", get(health::ready))
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(DefaultBodyLimit::max(config.limits.body))
        .layer(middleware::from_fn_with_state(app.clone(), metrics::count))
        // Outside of what is counted: whoever scrapes is no client.
        .route("/metrics", get(metrics::metrics))
        .with_state(app)
}

/// Before the log has been read, every answer could be wrong.
async fn refuse_until_loaded(State(app): State<App>, request: Request, next: Next) -> Response {
    if app.store.is_loaded() {
        return next.run(request).await;
    }
    let message = "the registry is still reading its log: try again in a moment";
    ApiError::new(StatusCode::SERVICE_UNAVAILABLE, 503, message).into_response()
}

fn busy() -> Response {
    let message = "too many requests at once: try again in a moment";
    ApiError::new(StatusCode::SERVICE_UNAVAILABLE, 503, message).into_response()
}

fn late() -> Response {
    let message = "no answer in time, or no body: whether anything was changed is not known, and sending it again is safe";
    ApiError::timed_out(message).into_response()
}

async fn not_found() -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, 404, "HTTP 404 Not Found")
}

async fn method_not_allowed() -> ApiError {
    ApiError::new(StatusCode::METHOD_NOT_ALLOWED, 405, "HTTP 405 Method Not Allowed")
}
