use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::App;
use super::answer::Answer;

pub(super) async fn root() -> Answer<Value> {
    Answer(json!({}))
}

/// The process works; that it may be waiting for the broker is no reason to restart it.
pub(super) async fn health() -> Answer<Value> {
    Answer(json!({ "status": "alive" }))
}

pub(super) async fn ready(State(app): State<App>) -> (StatusCode, Answer<Value>) {
    match app.store.check_ready() {
        Ok(()) => (StatusCode::OK, Answer(json!({ "status": "ready" }))),
        Err(reason) => (
            StatusCode::SERVICE_UNAVAILABLE,
            Answer(json!({ "status": "not ready", "reason": reason })),
        ),
    }
}
