use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use futures::FutureExt;
use pipeline::Tx;
use serde::Deserialize;
use shop_service::auth::ClientAddress;
use shop_service::http::Problem;
use utoipa::ToSchema;

use super::App;
use crate::domain::{Password, User};
use crate::passwords::Verdict;
use crate::sessions::{self, Lifetimes, Opened, Tokens};
use crate::store::users;

/// Who somebody says to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignIn {
    #[schema(example = "ada@example.com")]
    email: String,
    #[schema(value_type = String, format = Password, example = "correct horse battery staple")]
    password: Password,
}

/// No cache keeps tokens.
pub(super) const NO_STORE: [(HeaderName, &str); 1] = [(header::CACHE_CONTROL, "no-store")];

pub(super) type NotStored<T> = ([(HeaderName, &'static str); 1], Json<T>);

/// Opens a session.
#[utoipa::path(
    post,
    path = "/sessions",
    extensions(("x-access" = json!("anyone"))),
    request_body = SignIn,
    responses(
        (status = 201, body = Tokens),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
        (status = 429, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn sign_in(
    State(app): State<App>,
    address: ClientAddress,
    headers: HeaderMap,
    shop_service::http::Json(body): shop_service::http::Json<SignIn>,
) -> Result<(StatusCode, NotStored<Tokens>), Problem> {
    app.count_sign_in(&body.email, address)?;
    // No text that is an address holds NUL, which PostgreSQL takes in no text.
    let known = match body.email.contains('\0') {
        true => None,
        false => {
            let mut conn = app.store.reader().acquire().await?;
            users::find_by_email(&mut conn, &body.email).await?
        }
    };
    let kept = known.as_ref().map(|(_, hash)| hash.as_str());
    let verdict = app.passwords.compare(&body.password, kept).await?;
    app.counted.sign_in(verdict != Verdict::Wrong);
    let Some((user, hash)) = known.filter(|_| verdict != Verdict::Wrong) else {
        return Err(wrong_credentials());
    };
    let renewed = match verdict {
        Verdict::RightButOld => app.passwords.hash(&body.password).await?,
        _ => hash.clone(),
    };
    let cause = super::cause(&headers, user.user_id);
    let (user, hash, renewed, last) = (&user, &hash, &renewed, app.lifetimes);
    let opened = app.store.write(cause, |tx| open(tx, user, hash, renewed, last).boxed()).await?;
    Ok((StatusCode::CREATED, (NO_STORE, Json(opened.tokens(&app)?))))
}

/// Opens a session, if the password is still the one that was compared.
async fn open(
    tx: &mut Tx,
    user: &User,
    hash: &str,
    renewed: &str,
    last: Lifetimes,
) -> Result<Opened, Problem> {
    if !users::replace_password(tx.conn(), user.user_id, hash, renewed).await? {
        return Err(wrong_credentials());
    }
    // As it is now: the role may have been changed while the password was hashed.
    let user = users::find(tx.conn(), user.user_id).await?.ok_or_else(wrong_credentials)?;
    sessions::open(tx, &user, last).await
}

/// The same for an unknown address and for a wrong password.
fn wrong_credentials() -> Problem {
    Problem::unauthorized(
        "wrong-credentials",
        "This address and this password do not belong together.",
    )
}
