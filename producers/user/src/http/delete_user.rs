use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use futures::FutureExt;
use pipeline::Tx;
use serde::Deserialize;
use shop_events::UserRegistered;
use shop_service::auth::Caller;
use shop_service::http::{Path, Problem};
use utoipa::ToSchema;
use uuid::Uuid;

use super::App;
use super::change_role::last_admin;
use crate::domain::{Password, Role};
use crate::store::{admins, users};

/// Whose account it is knows its password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeleteMe {
    #[schema(value_type = String, format = Password)]
    current_password: Password,
}

/// Deletes one's account, and with it everything that is kept here of its user; a tombstone on the
/// topic `users` tells the others. The last admin cannot go: 409.
#[utoipa::path(
    post,
    path = "/users/me/delete",
    extensions(("x-access" = json!("signed-in"))),
    request_body = DeleteMe,
    responses(
        (status = 204),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
        (status = 429, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn delete_me(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    shop_service::http::Json(body): shop_service::http::Json<DeleteMe>,
) -> Result<StatusCode, Problem> {
    let user_id = app.user_of(&caller).await?.user_id;
    app.confirmed(&caller, "current_password", &body.current_password).await?;
    let cause = super::cause(&headers, user_id);
    app.store.write(cause, |tx| erase(tx, user_id).boxed()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Deletes a user's account, as the user can: for who asks the shop to do it.
#[utoipa::path(
    delete,
    path = "/users/{user_id}",
    extensions(("x-access" = json!("admin"))),
    params(("user_id" = Uuid, Path)),
    responses(
        (status = 204),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn delete_user(
    State(app): State<App>,
    caller: Caller,
    Path(user_id): Path<Uuid>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    app.user_of(&caller).await?;
    let cause = super::cause(&headers, user_id);
    app.store.write(cause, |tx| erase(tx, user_id).boxed()).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn erase(tx: &mut Tx, user_id: Uuid) -> Result<(), Problem> {
    let user = users::find(tx.conn(), user_id).await?;
    let user = user.ok_or_else(|| super::no_such(user_id))?;
    if user.role == Role::Admin && !admins::one_less(tx.conn()).await? {
        return Err(last_admin());
    }
    users::delete(tx.conn(), user_id).await?;
    tx.erase::<UserRegistered>(&user_id.to_string());
    tracing::info!(user.id = %user_id, "a user was erased");
    Ok(())
}
