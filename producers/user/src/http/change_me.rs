use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use futures::FutureExt;
use pipeline::Tx;
use serde::{Deserialize, Deserializer};
use shop_events::check;
use shop_service::auth::Caller;
use shop_service::http::{FieldError, Problem};
use utoipa::ToSchema;
use uuid::Uuid;

use super::view::Me;
use super::{App, signed_out};
use crate::domain::{Password, Subscription, User, email_key, wrong_locale, wrong_subscriptions};
use crate::store::{devices, users};

/// What is to be otherwise; what is absent stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangeMe {
    /// Asks for `current_password` too.
    #[serde(default, deserialize_with = "present")]
    email: Option<String>,
    /// Null takes the name away.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    name: Option<Option<String>>,
    /// The language for messages, BCP 47.
    #[serde(default, deserialize_with = "present")]
    locale: Option<String>,
    #[serde(default, deserialize_with = "present")]
    email_enabled: Option<bool>,
    #[serde(default, deserialize_with = "present")]
    push_enabled: Option<bool>,
    /// All of them, at most 10; those that are not in the list go, and one that was another user's is
    /// theirs no more.
    #[serde(default, deserialize_with = "present")]
    push_subscriptions: Option<Vec<Subscription>>,
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, format = Password)]
    current_password: Option<Password>,
}

/// Null is a value like any other, and not as good as absent.
fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(from: D) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

impl ChangeMe {
    fn wrong_fields(&self) -> Vec<FieldError> {
        let texts = [
            ("email", self.email.as_deref().and_then(check::email)),
            ("name", self.name.iter().flatten().find_map(|name| check::label(name))),
            ("locale", self.locale.as_deref().and_then(wrong_locale)),
        ];
        let texts = texts.into_iter().filter_map(|(f, p)| Some(FieldError::new(f, p?)));
        let push = self.push_subscriptions.as_deref().unwrap_or_default();
        texts.chain(wrong_subscriptions("push_subscriptions", push)).collect()
    }

    fn apply(&self, user: &mut User) {
        fn set<T: Clone>(to: &mut T, from: &Option<T>) {
            if let Some(value) = from {
                to.clone_from(value);
            }
        }
        set(&mut user.email, &self.email);
        set(&mut user.name, &self.name);
        set(&mut user.locale, &self.locale);
        set(&mut user.email_enabled, &self.email_enabled);
        set(&mut user.push_enabled, &self.push_enabled);
        set(&mut user.push, &self.push_subscriptions);
    }
}

/// Changes one's address, name, language, channels and devices.
#[utoipa::path(
    patch,
    path = "/users/me",
    extensions(("x-access" = json!("signed-in"))),
    request_body = ChangeMe,
    responses(
        (status = 200, body = Me),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
        (status = 429, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn change_me(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    shop_service::http::Json(body): shop_service::http::Json<ChangeMe>,
) -> Result<Json<Me>, Problem> {
    let user = app.user_of(&caller).await?;
    let wrong = body.wrong_fields();
    if !wrong.is_empty() {
        return Err(Problem::fields(wrong));
    }
    // The address is what one signs in with: a stolen token alone does not take the account.
    if body.email.as_ref().is_some_and(|email| *email != user.email) {
        let field = "current_password";
        let password = body.current_password.as_ref();
        let password = password
            .ok_or_else(|| Problem::field(field, "is asked for when the address changes"))?;
        app.confirmed(&caller, field, password).await?;
    }
    let (user_id, body) = (user.user_id, &body);
    let cause = super::cause(&headers, user_id);
    let user = app.store.write(cause, |tx| change(tx, user_id, body).boxed()).await?;
    Ok(Json(user.into()))
}

async fn change(tx: &mut Tx, user_id: Uuid, body: &ChangeMe) -> Result<User, Problem> {
    let before = users::find(tx.conn(), user_id).await?.ok_or_else(signed_out)?;
    let mut user = before.clone();
    body.apply(&mut user);
    if user == before {
        return Ok(user);
    }
    if email_key(&user.email) != email_key(&before.email)
        && users::find_by_email(tx.conn(), &user.email).await?.is_some()
    {
        return Err(super::email_taken());
    }
    let now = tx.now_micros();
    users::update(tx.conn(), &mut user, now).await?;
    tx.emit(&user.profile_changed())?;
    if user.push != before.push {
        for other in devices::keep(tx.conn(), &user).await? {
            take_devices(tx, other, |device| user.push.iter().any(|own| own.endpoint == device))
                .await?;
        }
    }
    Ok(user)
}

/// Takes those of a user's devices, by their endpoints, and tells of it.
pub(super) async fn take_devices(
    tx: &mut Tx,
    user_id: Uuid,
    which: impl Fn(&str) -> bool,
) -> Result<(), Problem> {
    let Some(mut user) = users::find(tx.conn(), user_id).await? else { return Ok(()) };
    let had = user.push.len();
    user.push.retain(|device| !which(&device.endpoint));
    if user.push.len() == had {
        return Ok(());
    }
    let now = tx.now_micros();
    users::update(tx.conn(), &mut user, now).await?;
    tx.emit(&user.profile_changed())?;
    Ok(())
}
