//! Requests, one a file.

mod change_me;
mod change_password;
mod change_role;
mod delete_user;
mod get_user;
mod jwks;
mod list_notifications;
mod list_orders;
mod list_users;
mod page;
mod refresh;
mod register;
mod sign_in;
mod sign_out;
mod view;

pub(crate) use change_me::*;
pub(crate) use change_password::*;
pub(crate) use change_role::*;
pub(crate) use delete_user::*;
pub(crate) use get_user::*;
pub(crate) use jwks::*;
pub(crate) use list_notifications::*;
pub(crate) use list_orders::*;
pub(crate) use list_users::*;
pub(crate) use refresh::*;
pub(crate) use register::*;
pub(crate) use sign_in::*;
pub(crate) use sign_out::*;

use std::sync::Arc;

use axum::http::HeaderMap;
use pipeline::{Cause, Store};
use shop_service::auth::{Caller, ClientAddress, RateLimit};
use shop_service::http::Problem;
use uuid::Uuid;

use crate::counted::Counted;
use crate::domain::{Password, User};
use crate::keys::Keys;
use crate::passwords::{Passwords, Verdict};
use crate::sessions::Lifetimes;
use crate::settings::AccountSettings;
use crate::store::{families, users};

/// What requests need.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) store: Store,
    pub(crate) keys: Keys,
    pub(crate) passwords: Passwords,
    pub(crate) counted: Counted,
    pub(crate) lifetimes: Lifetimes,
    limits: Arc<Limits>,
}

/// How often somebody may try.
struct Limits {
    passwords_of_account: RateLimit,
    passwords_of_account_from_address: RateLimit,
    passwords_in_session: RateLimit,
    passwords_from_address: RateLimit,
    registrations_from_address: RateLimit,
}

impl App {
    pub(crate) fn new(
        store: Store,
        keys: Keys,
        passwords: Passwords,
        counted: Counted,
        settings: &AccountSettings,
    ) -> Self {
        let limits = Limits {
            passwords_of_account: RateLimit::new(settings.sign_ins_per_account),
            passwords_of_account_from_address: RateLimit::new(
                settings.sign_ins_per_account_and_address,
            ),
            passwords_in_session: RateLimit::new(settings.sign_ins_per_account_and_address),
            passwords_from_address: RateLimit::new(settings.sign_ins_per_address),
            registrations_from_address: RateLimit::new(settings.registrations_per_address),
        };
        let lifetimes = settings.lifetimes();
        App { store, keys, passwords, counted, lifetimes, limits: Arc::new(limits) }
    }

    /// The user who calls. An access token is good for some minutes, whatever becomes of its session;
    /// here, where sessions are known, it is good for as long as that goes on.
    async fn user_of(&self, caller: &Caller) -> Result<User, Problem> {
        let mut conn = self.store.reader().acquire().await?;
        let now = self.store.now_micros();
        if !families::lives(&mut conn, caller.session, caller.user_id, now).await? {
            return Err(signed_out());
        }
        users::find(&mut conn, caller.user_id).await?.ok_or_else(signed_out)
    }

    /// A user that staff ask for.
    async fn other(&self, caller: &Caller, user_id: Uuid) -> Result<User, Problem> {
        self.user_of(caller).await?;
        let mut conn = self.store.reader().acquire().await?;
        users::find(&mut conn, user_id).await?.ok_or_else(|| no_such(user_id))
    }

    /// Counts a password that is tried for an account, whether there is one or not. What one address
    /// uses up keeps it from the account, and nobody else.
    fn count_sign_in(&self, email: &str, from: ClientAddress) -> Result<(), Problem> {
        let (account, address) = (crate::domain::email_key(email), from.key());
        self.limits.passwords_from_address.check(&address)?;
        self.limits.passwords_of_account_from_address.check(&format!("{address} {account}"))?;
        self.limits.passwords_of_account.check(&account)
    }

    /// Whether this is the password of who is signed in already. What is dear asks for it: a token
    /// may be stolen. Answers with the hash that it was compared with.
    ///
    /// Counted by the session, so that nobody outside it uses up what its user has.
    async fn confirmed(
        &self,
        caller: &Caller,
        field: &'static str,
        password: &Password,
    ) -> Result<String, Problem> {
        self.limits.passwords_in_session.check(&caller.session.to_string())?;
        let mut conn = self.store.reader().acquire().await?;
        let known = users::find_with_password(&mut conn, caller.user_id).await?;
        drop(conn);
        let (_, hash) = known.ok_or_else(signed_out)?;
        match self.passwords.compare(password, Some(&hash)).await? {
            Verdict::Wrong => Err(Problem::field(field, "is not your password")),
            Verdict::Right | Verdict::RightButOld => Ok(hash),
        }
    }
}

/// A user is a story of its own.
fn cause(headers: &HeaderMap, user_id: Uuid) -> Cause {
    Cause { correlation: Some(user_id.to_string()), ..shop_service::http::cause(headers) }
}

fn no_such(user_id: Uuid) -> Problem {
    Problem::not_found(format!("There is no user {user_id}."))
}

/// The session has ended, or never was: all that helps is to sign in.
pub(crate) fn signed_out() -> Problem {
    Problem::unauthorized("signed-out", "This session has ended. Sign in again.")
}

fn email_taken() -> Problem {
    Problem::conflict(
        "email-taken",
        "This address has an account already: sign in, or take another address.",
    )
}

/// The head of the API's description; each route describes itself.
pub(crate) fn openapi() -> utoipa::openapi::OpenApi {
    let info = utoipa::openapi::InfoBuilder::new()
        .title("Users")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some("Registers people, signs them in and keeps what is theirs."));
    utoipa::openapi::OpenApiBuilder::new().info(info.build()).build()
}
