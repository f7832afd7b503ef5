//! Sessions: a sign-in opens one, a refresh carries it on, and anything that is not as it must be
//! ends it.

use std::time::Duration;

use pipeline::{Cause, Tx};
use serde::Serialize;
use shop_service::http::Problem;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::{RefreshToken, Role, TOKEN_SECONDS, User};
use crate::http::{App, signed_out};
use crate::store::families::{self, Family};
use crate::store::users;

/// How long sessions last.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lifetimes {
    /// Of a refresh token that nobody uses.
    pub(crate) unused: Duration,
    /// Of a session, however often it is refreshed.
    pub(crate) session: Duration,
}

/// What a client calls the shop with.
#[derive(Serialize, ToSchema)]
pub(crate) struct Tokens {
    /// For `Authorization: Bearer …`, at every service.
    access_token: String,
    /// `Bearer`
    token_type: &'static str,
    /// Seconds until the access token expires.
    expires_in: i64,
    /// For `POST /sessions/refresh`, once: it is answered with the next one.
    refresh_token: String,
    /// Seconds until the refresh token expires if it is not used.
    refresh_expires_in: i64,
}

/// Who a session is of, and its tokens before they are written down.
pub(crate) struct Opened {
    user_id: Uuid,
    role: Role,
    session: Uuid,
    token: RefreshToken,
    token_ends_at: i64,
    now: i64,
}

impl Opened {
    /// The tokens, once all is committed.
    pub(crate) fn tokens(self, app: &App) -> Result<Tokens, Problem> {
        Ok(Tokens {
            access_token: app.keys.access_token(self.user_id, self.role, self.session)?,
            token_type: "Bearer",
            expires_in: TOKEN_SECONDS,
            refresh_token: self.token.text(),
            refresh_expires_in: (self.token_ends_at - self.now).div_euclid(1_000_000),
        })
    }
}

/// Opens a session of this user.
pub(crate) async fn open(tx: &mut Tx, user: &User, last: Lifetimes) -> Result<Opened, Problem> {
    let now = tx.now_micros();
    let token = RefreshToken::new().map_err(Problem::internal)?;
    let ends_at = now + micros(last.session);
    let token_ends_at = ends_at.min(now + micros(last.unused));
    let family = Family {
        family_id: tx.new_id(),
        user_id: user.user_id,
        token: token.hash(),
        token_ends_at,
        ends_at,
    };
    families::open(tx.conn(), &family, &token, now).await?;
    let (user_id, role, session) = (user.user_id, user.role, family.family_id);
    Ok(Opened { user_id, role, session, token, token_ends_at, now })
}

/// What became of a refresh token that was used.
enum Used {
    Next(Opened),
    /// It had been used before: the session is over.
    Again(Family),
    /// It is none of ours, or none any more.
    Unknown,
}

/// Carries a session on: the token is used up and there is a next one.
///
/// A token that is used a second time ends the session, whoever comes with it. Two have it then, the
/// customer and somebody else, and which of them came first cannot be known; so both are signed out,
/// and only the customer can sign in again (RFC 9700, section 4.14.2). A client that lost the answer
/// and asks again looks the same and is signed out too: to answer it would be to answer the thief.
pub(crate) async fn refresh(
    app: &App,
    token: &RefreshToken,
    cause: Cause,
) -> Result<Tokens, Problem> {
    use futures::FutureExt;
    let last = app.lifetimes;
    // What ends a session is no error to the transaction: it is to be committed.
    let used = app.store.write(cause, |tx| use_up(tx, token, last).boxed()).await?;
    match used {
        Used::Next(opened) => {
            app.counted.refresh("carried_on");
            opened.tokens(app)
        }
        Used::Again(Family { family_id, user_id, .. }) => {
            app.counted.refresh("used_again");
            tracing::warn!(user.id = %user_id, session.id = %family_id, "a refresh token was used a second time: its session is ended");
            Err(signed_out())
        }
        Used::Unknown => {
            app.counted.refresh("refused");
            Err(signed_out())
        }
    }
}

async fn use_up(tx: &mut Tx, token: &RefreshToken, last: Lifetimes) -> Result<Used, Problem> {
    let now = tx.now_micros();
    let Some(family) = families::find(tx.conn(), token).await? else { return Ok(Used::Unknown) };
    if family.token != token.hash() {
        families::end(tx.conn(), family.family_id).await?;
        return Ok(Used::Again(family));
    }
    let user = users::find(tx.conn(), family.user_id).await?;
    let Some(user) = user.filter(|_| now < family.token_ends_at && now < family.ends_at) else {
        families::end(tx.conn(), family.family_id).await?;
        return Ok(Used::Unknown);
    };
    let next = token.next().map_err(Problem::internal)?;
    let token_ends_at = family.ends_at.min(now + micros(last.unused));
    if !families::rotate(tx.conn(), &family, &next, token_ends_at, now).await? {
        // Nobody else writes what this transaction has read; were it so, the token is not good.
        return Ok(Used::Unknown);
    }
    let (user_id, role, session) = (user.user_id, user.role, family.family_id);
    Ok(Used::Next(Opened { user_id, role, session, token: next, token_ends_at, now }))
}

fn micros(time: Duration) -> i64 {
    i64::try_from(time.as_micros()).unwrap_or(i64::MAX)
}
