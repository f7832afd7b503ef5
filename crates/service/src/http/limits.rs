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

/// What is answered past the limits.
#[derive(Debug, Clone, Copy)]
pub struct Instead {
    /// There are too many requests at once; nothing was done.
    pub busy: fn() -> Response,
    /// There was no answer in time; it is not known whether the request took effect.
    pub late: fn() -> Response,
}

/// Puts the limits around a service's routes, and problems where no route is.
pub fn limited(routes: Router) -> Router {
    let routes = routes
        .fallback(async || Problem::not_found("There is nothing at this path; see /openapi.json."))
        .method_not_allowed_fallback(async || {
            Problem::new(
                axum::http::StatusCode::METHOD_NOT_ALLOWED,
                "method-not-allowed",
                "The path is right and the method is not; see /openapi.json.",
            )
        })
        .layer(DefaultBodyLimit::max(BODY));
    let instead = Instead {
        busy: || {
            Problem::unavailable("Too many requests at once. Send it again later.").into_response()
        },
        late: || {
            Problem::unavailable(
                "No answer in time. It is not known whether the request took effect: send the same one again.",
            )
            .into_response()
        },
    };
    bounded(routes, TIMEOUT, instead)
}

/// Answers so many requests at once, each within `timeout`, in which its body has to come too.
pub fn bounded<S: Clone + Send + Sync + 'static>(
    routes: Router<S>,
    timeout: Duration,
    instead: Instead,
) -> Router<S> {
    let room = Arc::new(Semaphore::new(AT_ONCE));
    routes.layer(middleware::from_fn(move |request: Request, next: Next| {
        let room = room.clone();
        async move {
            let Ok(_place) = room.try_acquire() else { return (instead.busy)() };
            let answer = tokio::time::timeout(timeout, next.run(request)).await;
            answer.unwrap_or_else(|_| (instead.late)())
        }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::{Body, Bytes};
    use axum::routing::post;
    use tower::ServiceExt;

    #[tokio::test]
    async fn a_body_that_does_not_come_is_not_waited_for() {
        let routes = Router::new().route("/", post(async |_: Bytes| "read"));
        let instead = Instead { busy: || "busy".into_response(), late: || "late".into_response() };
        let app: Router = bounded(routes, Duration::from_millis(100), instead);
        for (body, answer) in [
            (Body::from("whole"), "read"),
            (
                Body::from_stream(futures::stream::pending::<Result<Bytes, std::io::Error>>()),
                "late",
            ),
        ] {
            let answered = app.clone().oneshot(Request::post("/").body(body).unwrap()).await;
            let said = axum::body::to_bytes(answered.unwrap().into_body(), 100).await.unwrap();
            assert_eq!(said, answer);
        }
    }
}
