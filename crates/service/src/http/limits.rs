//! What a request may cost.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use tokio::sync::Semaphore;

use super::problem::Problem;

/// Bytes of a request's body.
pub(super) const BODY: usize = 64 << 10;
/// Requests at once; one more is refused, not queued.
const AT_ONCE: usize = 512;
/// Until the answer begins. An answer that streams may take longer.
const TIMEOUT: Duration = Duration::from_secs(15);

/// Puts the limits around a service's routes, and problems where no route is.
pub fn limited(routes: Router) -> Router {
    let room = Arc::new(Semaphore::new(AT_ONCE));
    routes
        .fallback(async || Problem::not_found("There is nothing at this path; see /openapi.json."))
        .method_not_allowed_fallback(async || {
            Problem::new(
                axum::http::StatusCode::METHOD_NOT_ALLOWED,
                "method-not-allowed",
                "The path is right and the method is not; see /openapi.json.",
            )
        })
        .layer(DefaultBodyLimit::max(BODY))
        .layer(middleware::from_fn(move |request, next| bounded(room.clone(), request, next)))
}

async fn bounded(room: Arc<Semaphore>, request: Request, next: Next) -> Response {
    let Ok(_place) = room.try_acquire() else {
        return Problem::unavailable("Too many requests at once. Send it again later.")
            .into_response();
    };
    match tokio::time::timeout(TIMEOUT, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::unavailable(
            "No answer in time. It is not known whether the request took effect: send the same one again.",
        )
        .into_response(),
    }
}
