use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use futures::FutureExt;
use pipeline::Tx;
use serde::Deserialize;
use shop_service::auth::Caller;
use shop_service::http::{Path, Problem};
use utoipa::ToSchema;
use uuid::Uuid;

use super::App;
use super::view::UserView;
use crate::domain::{Role, User};
use crate::store::{admins, families, users};

/// What a user is to be allowed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangeRole {
    role: Role,
}

/// Gives a user a role. Their sessions end, so that the role is in their next token; tokens that they
/// have now are good for some minutes more. The last admin stays one: 409.
#[utoipa::path(
    put,
    path = "/users/{user_id}/role",
    extensions(("x-access" = json!("admin"))),
    params(("user_id" = Uuid, Path)),
    request_body = ChangeRole,
    responses(
        (status = 200, body = UserView),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn change_role(
    State(app): State<App>,
    caller: Caller,
    Path(user_id): Path<Uuid>,
    headers: HeaderMap,
    shop_service::http::Json(body): shop_service::http::Json<ChangeRole>,
) -> Result<Json<UserView>, Problem> {
    app.user_of(&caller).await?;
    let (role, by) = (body.role, Some(caller.user_id));
    let cause = super::cause(&headers, user_id);
    let user = app.store.write(cause, |tx| give(tx, user_id, role, by).boxed()).await?;
    Ok(Json(user.into()))
}

/// Gives a role and tells of it; `by` nobody: by a setting.
pub(crate) async fn give(
    tx: &mut Tx,
    user_id: Uuid,
    role: Role,
    by: Option<Uuid>,
) -> Result<User, Problem> {
    let user = users::find(tx.conn(), user_id).await?;
    let mut user = user.ok_or_else(|| super::no_such(user_id))?;
    let from = std::mem::replace(&mut user.role, role);
    if from == role {
        return Ok(user);
    }
    if from == Role::Admin && !admins::one_less(tx.conn()).await? {
        return Err(last_admin());
    }
    if role == Role::Admin {
        admins::one_more(tx.conn()).await?;
    }
    let now = tx.now_micros();
    users::update(tx.conn(), &mut user, now).await?;
    families::end_others(tx.conn(), user_id, None).await?;
    tx.emit(&user.role_changed(from, by))?;
    tracing::info!(user.id = %user_id, user.role = role.name(), "a role was given: their sessions are ended");
    Ok(user)
}

pub(super) fn last_admin() -> Problem {
    Problem::conflict("last-admin", "This is the last admin: make another one first.")
}
