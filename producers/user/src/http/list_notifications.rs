use axum::Json;
use axum::extract::State;
use serde::Serialize;
use shop_service::auth::Caller;
use shop_service::http::{Path, Problem, Query, rfc3339};
use utoipa::ToSchema;
use uuid::Uuid;

use super::App;
use super::page::Page;
use crate::store::notifications::Notification;

/// What a user was told, the latest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct Notifications {
    notifications: Vec<NotificationView>,
    /// Where the next page is; null on the last one.
    next: Option<String>,
}

/// A message to a user, and what became of it.
#[derive(Serialize, ToSchema)]
struct NotificationView {
    notification_id: Uuid,
    order_id: Uuid,
    /// email, push or other.
    channel: String,
    /// What about.
    template: String,
    /// Masked.
    recipient: Option<String>,
    /// sent or failed.
    outcome: String,
    /// Why it failed: no_recipient, refused, undeliverable or other.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// More about why, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    at: String,
}

impl From<Notification> for NotificationView {
    fn from(told: Notification) -> Self {
        NotificationView {
            notification_id: told.notification_id,
            order_id: told.order_id,
            channel: told.channel,
            template: told.template,
            recipient: told.recipient,
            outcome: told.outcome,
            reason: told.reason,
            detail: told.detail,
            at: rfc3339(told.at),
        }
    }
}

/// What one was told about one's orders, page by page.
#[utoipa::path(
    get,
    path = "/users/me/notifications",
    extensions(("x-access" = json!("signed-in"))),
    params(Page),
    responses(
        (status = 200, body = Notifications),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list_my_notifications(
    State(app): State<App>,
    caller: Caller,
    Query(page): Query<Page>,
) -> Result<Json<Notifications>, Problem> {
    let user = app.user_of(&caller).await?;
    list(&app, user.user_id, &page, "/users/me/notifications").await
}

/// What a user was told, page by page.
#[utoipa::path(
    get,
    path = "/users/{user_id}/notifications",
    extensions(("x-access" = json!("staff"))),
    params(("user_id" = Uuid, Path), Page),
    responses(
        (status = 200, body = Notifications),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list_notifications(
    State(app): State<App>,
    caller: Caller,
    Path(user_id): Path<Uuid>,
    Query(page): Query<Page>,
) -> Result<Json<Notifications>, Problem> {
    app.other(&caller, user_id).await?;
    list(&app, user_id, &page, &format!("/users/{user_id}/notifications")).await
}

async fn list(
    app: &App,
    user_id: Uuid,
    page: &Page,
    path: &str,
) -> Result<Json<Notifications>, Problem> {
    let (told, next) = page.of_user::<Notification>(app, user_id, path).await?;
    let notifications = told.into_iter().map(NotificationView::from).collect();
    Ok(Json(Notifications { notifications, next }))
}
