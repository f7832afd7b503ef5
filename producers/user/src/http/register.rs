use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use futures::FutureExt;
use pipeline::Tx;
use serde::Deserialize;
use shop_events::check;
use shop_service::auth::ClientAddress;
use shop_service::http::{FieldError, Problem};
use utoipa::ToSchema;
use uuid::Uuid;

use super::App;
use super::view::Me;
use crate::domain::{Password, Role, User, wrong_locale, wrong_password};
use crate::store::{admins, users};

/// An account to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Register {
    /// What one signs in with, and where mails go.
    #[schema(example = "ada@example.com")]
    email: String,
    /// 15 to 128 characters, of any kind.
    #[schema(value_type = String, format = Password, example = "correct horse battery staple")]
    password: Password,
    /// How to address the user.
    #[schema(example = "Ada")]
    name: Option<String>,
    /// The language for messages, BCP 47.
    #[serde(default = "english")]
    #[schema(example = "en", default = "en")]
    locale: String,
}

fn english() -> String {
    "en".into()
}

impl Register {
    fn wrong_fields(&self) -> Vec<FieldError> {
        let name = self.name.as_deref();
        let texts = [
            ("email", check::email(&self.email)),
            ("password", wrong_password(&self.password, &self.email, name)),
            ("name", name.and_then(check::label)),
            ("locale", wrong_locale(&self.locale)),
        ];
        texts.into_iter().filter_map(|(f, p)| Some(FieldError::new(f, p?))).collect()
    }

    fn user(&self, user_id: Uuid, role: Role, now: i64) -> User {
        let (name, locale) = (self.name.clone(), self.locale.clone());
        User { name, locale, ..User::new(user_id, self.email.clone(), role, now) }
    }
}

type Registered = (StatusCode, [(header::HeaderName, String); 1], Json<Me>);

/// Makes an account, of a customer.
///
/// An address that has an account is answered with 409: see the README for why that may be told.
#[utoipa::path(
    post,
    path = "/users",
    extensions(("x-access" = json!("anyone"))),
    request_body = Register,
    responses(
        (status = 201, body = Me, headers(("Location" = String, description = "The user."))),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
        (status = 429, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn register(
    State(app): State<App>,
    address: ClientAddress,
    headers: HeaderMap,
    shop_service::http::Json(body): shop_service::http::Json<Register>,
) -> Result<Registered, Problem> {
    let wrong = body.wrong_fields();
    if !wrong.is_empty() {
        return Err(Problem::fields(wrong));
    }
    app.limits.registrations_from_address.check(&address.key())?;
    // Hashed whether the address is taken or not, so that the time of a refusal tells nothing.
    let hash = app.passwords.hash(&body.password).await?;
    let now = app.store.now_micros();
    let user = body.user(app.store.emitter().random.uuid_v7(now), Role::Customer, now);
    let cause = super::cause(&headers, user.user_id);
    let (new, hash) = (&user, &hash);
    app.store.write(cause, |tx| add(tx, new, hash).boxed()).await?;
    let location = format!("/users/{}", user.user_id);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(user.into())))
}

/// Adds a user and tells of it.
pub(crate) async fn add(tx: &mut Tx, user: &User, hash: &str) -> Result<(), Problem> {
    if !users::insert(tx.conn(), user, hash).await? {
        return Err(super::email_taken());
    }
    if user.role == Role::Admin {
        admins::one_more(tx.conn()).await?;
    }
    tx.emit(&user.registered())?;
    Ok(())
}
