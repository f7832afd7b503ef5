use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use futures::FutureExt;
use shop_service::auth::Caller;
use shop_service::http::Problem;

use super::App;
use crate::store::families;

/// Ends the session of the access token. The token itself is good at the other services until it
/// expires, some minutes later.
#[utoipa::path(
    delete,
    path = "/sessions/current",
    extensions(("x-access" = json!("signed-in"))),
    responses((status = 204), (status = 401, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn sign_out(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    // A session that has ended already is signed out of as well.
    let (session, cause) = (caller.session, super::cause(&headers, caller.user_id));
    let end = app.store.write(cause, |tx| families::end(tx.conn(), session).boxed());
    let ended: Result<(), sqlx::Error> = end.await;
    ended?;
    Ok(StatusCode::NO_CONTENT)
}
