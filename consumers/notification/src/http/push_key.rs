use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::App;

/// The key that a page subscribes to push messages with.
#[derive(Serialize, ToSchema)]
pub(crate) struct PushKey {
    /// `applicationServerKey` of the browser's `pushManager.subscribe`, base64url.
    public_key: String,
}

/// The public key of this shop's push messages (VAPID).
#[utoipa::path(
    get,
    path = "/push/key",
    extensions(("x-access" = json!("anyone"))),
    responses((status = 200, body = PushKey)),
)]
pub(crate) async fn push_key(State(app): State<App>) -> Json<PushKey> {
    Json(PushKey { public_key: app.push_key })
}
