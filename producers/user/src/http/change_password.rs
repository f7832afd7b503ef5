use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use futures::FutureExt;
use pipeline::Tx;
use serde::Deserialize;
use shop_service::auth::Caller;
use shop_service::http::Problem;
use utoipa::ToSchema;

use super::App;
use super::change_me::take_devices;
use crate::domain::{Password, wrong_password};
use crate::store::{families, users};

/// A password in the place of another.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangePassword {
    #[schema(value_type = String, format = Password)]
    current_password: Password,
    /// 15 to 128 characters, of any kind.
    #[schema(value_type = String, format = Password)]
    new_password: Password,
}

/// Changes the password, and ends all sessions but this one. No device gets push messages any more
/// before it subscribes again: one of them may be somebody else's.
#[utoipa::path(
    put,
    path = "/users/me/password",
    extensions(("x-access" = json!("signed-in"))),
    request_body = ChangePassword,
    responses(
        (status = 204),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
        (status = 429, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn change_password(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    shop_service::http::Json(body): shop_service::http::Json<ChangePassword>,
) -> Result<StatusCode, Problem> {
    let user = app.user_of(&caller).await?;
    let field = "current_password";
    let from = app.confirmed(&caller, field, &body.current_password).await?;
    if let Some(wrong) = wrong_password(&body.new_password, &user.email, user.name.as_deref()) {
        return Err(Problem::field("new_password", wrong));
    }
    let to = app.passwords.hash(&body.new_password).await?;
    let cause = super::cause(&headers, user.user_id);
    let (caller, from, to) = (&caller, &from, &to);
    app.store.write(cause, |tx| change(tx, caller, from, to).boxed()).await?;
    tracing::info!(user.id = %caller.user_id, "a password was changed: other sessions are ended");
    Ok(StatusCode::NO_CONTENT)
}

async fn change(tx: &mut Tx, caller: &Caller, from: &str, to: &str) -> Result<(), Problem> {
    if !users::replace_password(tx.conn(), caller.user_id, from, to).await? {
        return Err(Problem::field("current_password", "is not your password any more"));
    }
    families::end_others(tx.conn(), caller.user_id, Some(caller.session)).await?;
    take_devices(tx, caller.user_id, |_| true).await
}
