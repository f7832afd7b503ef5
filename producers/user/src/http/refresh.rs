use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use serde::Deserialize;
use shop_service::http::Problem;
use utoipa::ToSchema;

use super::sign_in::{NO_STORE, NotStored};
use super::{App, signed_out};
use crate::domain::RefreshToken;
use crate::sessions::{self, Tokens};

/// The refresh token of the answer before.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Refresh {
    refresh_token: String,
}

/// Carries a session on. The token is used up by this, and the answer has the next one.
///
/// A token that is used a second time ends its session: 401, and all there is to do is to sign in.
/// So a client asks once at a time, and signs in again when it did not get the answer.
#[utoipa::path(
    post,
    path = "/sessions/refresh",
    extensions(("x-access" = json!("anyone"))),
    request_body = Refresh,
    responses(
        (status = 200, body = Tokens),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn refresh(
    State(app): State<App>,
    headers: HeaderMap,
    shop_service::http::Json(body): shop_service::http::Json<Refresh>,
) -> Result<NotStored<Tokens>, Problem> {
    let token = RefreshToken::read(&body.refresh_token).ok_or_else(signed_out)?;
    let tokens = sessions::refresh(&app, &token, shop_service::http::cause(&headers)).await?;
    Ok((NO_STORE, Json(tokens)))
}
