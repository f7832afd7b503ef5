use axum::Json;
use axum::extract::State;
use axum::http::{HeaderName, header};

use super::App;
use crate::keys::Jwks;

/// Not longer than a key is published before it signs.
const CACHE: [(HeaderName, &str); 1] = [(header::CACHE_CONTROL, "public, max-age=60")];

/// The public halves of the keys that sign access tokens: the one that signs, the next, and those
/// whose tokens have not expired yet.
#[utoipa::path(
    get,
    path = "/.well-known/jwks.json",
    extensions(("x-access" = json!("anyone"))),
    responses((status = 200, body = Jwks))
)]
pub(crate) async fn jwks(State(app): State<App>) -> ([(HeaderName, &'static str); 1], Json<Jwks>) {
    (CACHE, Json(app.keys.jwks()))
}
