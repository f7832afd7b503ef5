//! The token matrix, the keys' cache and the guard, from a request to its answer.

mod guard;
mod keys;
mod matrix;

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use pipeline::Clock;
use serde_json::Value;
use shop_testkit::tokens::Issuer;
use tower::ServiceExt;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Caller, KeysFrom, Tokens, guarded};
use crate::settings::Callers;

/// The year 2026, in microseconds.
pub(super) const NOW: i64 = 1_790_000_000_000_000;

pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Value,
}

impl Answer {
    /// The word at the end of the problem's type.
    pub(super) fn kind(&self) -> &str {
        let kind = self.body["type"].as_str().unwrap_or_default();
        kind.rsplit(':').next().unwrap_or_default()
    }
}

pub(super) async fn send(app: &Router, request: Request<Body>) -> Answer {
    let answer = app.clone().oneshot(request).await.unwrap();
    let (status, headers) = (answer.status(), answer.headers().clone());
    let bytes = to_bytes(answer.into_body(), 1 << 20).await.unwrap();
    let body = serde_json::from_slice(&bytes).unwrap_or_default();
    Answer { status, headers, body }
}

pub(super) async fn get(app: &Router, path: &str, token: Option<&str>) -> Answer {
    let mut request = Request::get(path);
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    send(app, request.body(Body::empty()).unwrap()).await
}

#[utoipa::path(get, path = "/me", extensions(("x-access" = json!("signed-in"))))]
async fn me(caller: Caller) -> String {
    format!("\"{} {}\"", caller.user_id, caller.role.name())
}

/// A service with one route, `/me`, for whoever is signed in.
pub(super) fn app(jwks: KeysFrom, clock: &Clock) -> Router {
    let tokens = Tokens::new(&Callers::by(jwks), clock.clone()).unwrap();
    guarded(OpenApiRouter::default().routes(routes!(me)), Arc::new(tokens)).unwrap()
}

pub(super) fn file_of(issuer: &Issuer) -> KeysFrom {
    KeysFrom::File(issuer.jwks_file().to_owned())
}
