//! The API: what Stripe's has under these paths, as far as the shop uses it, and the books.

mod form;
mod intents;
mod keyed;
mod refunds;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::json;

use crate::answers::{Answers, Fate};
use crate::bank::{Bank, Refusal};
use crate::serve::Lost;
use crate::webhooks::Webhooks;

/// Bytes of a request's body.
const BODY: usize = 64 << 10;

#[derive(Clone)]
pub(crate) struct App {
    pub(crate) bank: Arc<Mutex<Bank>>,
    pub(crate) answers: Arc<Answers>,
    pub(crate) slow: Duration,
    pub(crate) webhooks: Webhooks,
}

impl App {
    pub(crate) fn bank(&self) -> MutexGuard<'_, Bank> {
        self.bank.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) fn routes(app: App) -> Router {
    let api = Router::new()
        .route("/v1/balance", get(balance))
        .route("/v1/payment_intents", post(intents::create))
        .route("/v1/payment_intents/{id}", get(intents::retrieve))
        .route("/v1/payment_intents/{id}/confirm", post(intents::confirm))
        .route("/v1/payment_intents/{id}/cancel", post(intents::cancel))
        .route("/v1/refunds", post(refunds::create).get(refunds::list))
        .layer(middleware::from_fn(somebody))
        .layer(middleware::from_fn_with_state(app.clone(), may_be_lost));
    Router::new()
        .route("/live", get(async || "alive\n"))
        .route("/ready", get(async || Json(json!({ "service": "payment-sandbox", "ready": true }))))
        .route("/sandbox/ledger", get(ledger))
        .merge(api)
        .layer(DefaultBodyLimit::max(BODY))
        .with_state(app)
}

async fn ledger(State(app): State<App>) -> Response {
    Json(app.bank().ledger()).into_response()
}

/// There is always enough.
async fn balance() -> Response {
    Json(json!({ "object": "balance", "livemode": false, "available": [], "pending": [] }))
        .into_response()
}

/// Any key does, as long as it looks like one.
async fn somebody(request: Request, next: Next) -> Response {
    let key = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    match key.and_then(|key| key.strip_prefix("Bearer ")) {
        Some(key) if key.starts_with("sk_") => next.run(request).await,
        _ => Refusal::nobody().into_response(),
    }
}

/// Breaks the connection instead of answering, now and then.
async fn may_be_lost(State(app): State<App>, request: Request, next: Next) -> Response {
    let fate = app.answers.fate();
    if fate == Fate::LostBefore {
        return lost();
    }
    let response = next.run(request).await;
    if fate == Fate::LostAfter { lost() } else { response }
}

/// An answer that is not sent.
fn lost() -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    response.extensions_mut().insert(Lost);
    response
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.status, Json(self.body())).into_response()
    }
}

fn header_of(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}
