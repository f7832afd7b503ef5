use axum::Json;
use axum::extract::State;
use shop_service::auth::Caller;
use shop_service::http::{Path, Problem};
use uuid::Uuid;

use super::App;
use super::view::{Me, UserView};

/// Who is signed in.
#[utoipa::path(
    get,
    path = "/users/me",
    extensions(("x-access" = json!("signed-in"))),
    responses(
        (status = 200, body = Me),
        (status = 401, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn get_me(State(app): State<App>, caller: Caller) -> Result<Json<Me>, Problem> {
    Ok(Json(app.user_of(&caller).await?.into()))
}

/// A user.
#[utoipa::path(
    get,
    path = "/users/{user_id}",
    extensions(("x-access" = json!("staff"))),
    params(("user_id" = Uuid, Path)),
    responses(
        (status = 200, body = UserView),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn get_user(
    State(app): State<App>,
    caller: Caller,
    Path(user_id): Path<Uuid>,
) -> Result<Json<UserView>, Problem> {
    Ok(Json(app.other(&caller, user_id).await?.into()))
}
