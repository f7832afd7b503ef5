use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::Stream;
use shop_service::auth::Caller;
use shop_service::http::{OpenStream, Path, Problem};
use uuid::Uuid;

use super::App;
use super::view::ChangeView;
use crate::store::orders::{self, Change};

/// How often the database is asked without a hint: changes by another instance give none.
const SLOW: Duration = Duration::from_secs(1);
/// How soon after a hint, which comes before the commit; doubled until the change is there.
const SOON: Duration = Duration::from_millis(20);

/// What becomes of an order, as server-sent events: each state it came to and comes to, until
/// nothing more happens by itself, or until the token ends. `Last-Event-ID` goes on after that event.
#[utoipa::path(
    get,
    path = "/orders/{order_id}/events",
    extensions(("x-access" = json!("own"))),
    params(
        ("order_id" = Uuid, Path),
        ("Last-Event-ID" = Option<i64>, Header, description = "The last event seen."),
    ),
    responses(
        (status = 200, body = ChangeView, content_type = "text/event-stream"),
        (status = 204, description = "It has ended, and the last event was seen."),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 429, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn follow_order(
    State(app): State<App>,
    caller: Caller,
    Path(order_id): Path<Uuid>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let seen = headers.get("last-event-id").and_then(|id| id.to_str().ok()?.parse().ok());
    let order = app.order(&caller, order_id).await?;
    let seen = seen.unwrap_or(0).min(order.version);
    if order.state.is_end() && seen == order.version {
        // For an `EventSource` this is the end: after any other answer it would come back for ever.
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let open = app.streams.open(&caller, app.store.now_micros())?;
    let stream = states(app, order_id, seen, open);
    Ok(Sse::new(stream).keep_alive(KeepAlive::default()).into_response())
}

fn states(
    app: App,
    order_id: Uuid,
    mut seen: i64,
    open: OpenStream,
) -> impl Stream<Item = Result<Event, Infallible>> {
    async_stream::stream! {
        let mut hints = app.changes.of(order_id);
        let mut wait = SLOW;
        loop {
            // A client whose stream ends without an end comes back with `Last-Event-ID`.
            let Ok(changes) = orders::changes(app.store.reader(), order_id, seen).await else { return };
            wait = if changes.is_empty() { (wait * 2).min(SLOW) } else { SLOW };
            for change in changes {
                seen = change.version;
                let end = change.state.is_end();
                yield Ok(event(change));
                if end {
                    return;
                }
            }
            tokio::select! {
                () = hints.next() => wait = SOON / 2,
                () = tokio::time::sleep(wait) => {}
                () = open.ended() => return,
                () = app.stop.cancelled() => return,
            }
        }
    }
}

fn event(change: Change) -> Event {
    let event = Event::default().id(change.version.to_string()).event(change.state.name());
    event.json_data(ChangeView::from(change)).unwrap_or_default()
}
