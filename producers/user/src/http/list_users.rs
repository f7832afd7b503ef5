use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use shop_events::check;
use shop_service::auth::Caller;
use shop_service::http::{PageSize, Problem, Query};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::App;
use super::page::{Page, wrong_after};
use super::view::UserView;
use crate::store::users;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct WhichUsers {
    /// The user of this address alone.
    email: Option<String>,
    /// How many at most, 1 to 100.
    #[serde(default)]
    #[param(value_type = i64, default = 20)]
    limit: PageSize,
    /// The last user of the page before.
    after: Option<Uuid>,
}

/// Users, the latest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct Users {
    users: Vec<UserView>,
    /// Where the next page is; null on the last one.
    next: Option<String>,
}

/// Every user, page by page, or the one of an address.
#[utoipa::path(
    get,
    path = "/users",
    extensions(("x-access" = json!("staff"))),
    params(WhichUsers),
    responses(
        (status = 200, body = Users),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list_users(
    State(app): State<App>,
    caller: Caller,
    Query(which): Query<WhichUsers>,
) -> Result<Json<Users>, Problem> {
    app.user_of(&caller).await?;
    let WhichUsers { email, limit, after } = which;
    let page = Page { limit, after };
    let most = page.limit.most()?;
    let (users, next) = match email {
        Some(email) => {
            if let Some(wrong) = check::email(&email) {
                return Err(Problem::field("email", wrong));
            }
            let mut conn = app.store.reader().acquire().await?;
            let found = users::find_by_email(&mut conn, &email).await?;
            (found.into_iter().map(|(user, _)| user).collect(), None)
        }
        None => {
            let after = match page.after {
                None => None,
                Some(id) => {
                    let mut conn = app.store.reader().acquire().await?;
                    Some(users::find(&mut conn, id).await?.ok_or_else(wrong_after)?)
                }
            };
            let mut users = users::page(app.store.reader(), after.as_ref(), most).await?;
            let next = page.cut(&mut users, "/users", |user| user.user_id);
            (users, next)
        }
    };
    Ok(Json(Users { users: users.into_iter().map(UserView::from).collect(), next }))
}
