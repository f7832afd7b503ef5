use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures::Stream;
use shop_service::auth::Caller;
use shop_service::http::Problem;
use uuid::Uuid;

use super::App;
use crate::messages::{self, Kept};
use crate::pages::Page;

/// How often the database is asked without a hint: messages by another instance give none.
const SLOW: Duration = Duration::from_secs(1);

/// What the signed-in user is told, as server-sent events, from now on until the token ends: what goes to
/// their devices goes to their open pages too. `Last-Event-ID` goes on after that message; the latest hundred are kept.
#[utoipa::path(
    get,
    path = "/events",
    extensions(("x-access" = json!("signed-in"))),
    params(("Last-Event-ID" = Option<i64>, Header, description = "The last message seen.")),
    responses(
        (status = 200, body = String, content_type = "text/event-stream"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 429, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn follow_messages(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let page = app.pages.open(&caller, app.store.now_micros())?;
    let seen = headers.get("last-event-id").and_then(|id| id.to_str().ok()?.parse().ok());
    let seen = match seen {
        Some(seen) => seen,
        None => messages::last(app.store.reader(), caller.user_id).await?,
    };
    Ok(Sse::new(stream(app, page, caller.user_id, seen)).keep_alive(KeepAlive::default()))
}

fn stream(
    app: App,
    mut page: Page,
    user_id: Uuid,
    mut seen: i64,
) -> impl Stream<Item = Result<Event, Infallible>> {
    async_stream::stream! {
        // So that a page knows that it is heard before there is anything to say.
        yield Ok(Event::default().comment("open"));
        loop {
            // A client whose stream ends comes back with `Last-Event-ID`.
            let Ok(messages) = messages::after(app.store.reader(), user_id, seen).await else { return };
            for message in messages {
                seen = message.number;
                yield Ok(event(message));
            }
            tokio::select! {
                goes_on = page.hint() => if !goes_on { return },
                () = tokio::time::sleep(SLOW) => {}
                () = app.stop.cancelled() => return,
            }
        }
    }
}

fn event(message: Kept) -> Event {
    let Kept { number, template, body } = message;
    Event::default().id(number.to_string()).event(template).data(body)
}
