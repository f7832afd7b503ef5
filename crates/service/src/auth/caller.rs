//! Who calls.

use std::sync::Arc;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::refusal::Refusal;
use super::token::{Tokens, presented};
use crate::http::Problem;

/// What an account may do; each role may do what those before it may.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Buys.
    Customer,
    /// Works for the shop.
    Staff,
    /// Runs the shop, and gives roles.
    Admin,
}

impl Role {
    /// As tokens, records and databases have it.
    pub fn name(self) -> &'static str {
        match self {
            Role::Customer => "customer",
            Role::Staff => "staff",
            Role::Admin => "admin",
        }
    }

    /// The role of this name.
    pub fn named(name: &str) -> Option<Self> {
        [Role::Customer, Role::Staff, Role::Admin].into_iter().find(|role| role.name() == name)
    }
}

/// Who calls, by an access token that has been verified. As an argument of a handler it answers 401
/// for whoever has none; as `Option<Caller>`, for a route that is open to anyone, it is `None` then,
/// and a bad token is still a 401.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The user.
    pub user_id: Uuid,
    /// Their role when the token was made.
    pub role: Role,
    /// The session: the family of refresh tokens that this token comes from.
    pub session: Uuid,
    /// When the token is good no more, microseconds since the Unix epoch.
    pub until_micros: i64,
}

impl Caller {
    /// Staff or admin.
    pub fn is_staff(&self) -> bool {
        self.role >= Role::Staff
    }

    /// Whether this is theirs, or they are staff: for what is `own`. Where the answer is to be that
    /// there is no such thing: `.filter(|order| caller.sees(order.user_id)).ok_or_else(no_such)`.
    pub fn sees(&self, owner: Uuid) -> bool {
        self.user_id == owner || self.is_staff()
    }

    /// Whether this is theirs: for what is `own-only`.
    pub fn owns(&self, owner: Uuid) -> bool {
        self.user_id == owner
    }

    /// 403 for a customer.
    pub fn must_be_staff(&self) -> Result<(), Problem> {
        if self.is_staff() { Ok(()) } else { Err(Problem::forbidden("This is for staff.")) }
    }

    /// 403 for all but an admin.
    pub fn must_be_admin(&self) -> Result<(), Problem> {
        let admin = self.role == Role::Admin;
        if admin { Ok(()) } else { Err(Problem::forbidden("This is for admins.")) }
    }

    /// 403 for a customer on another's. It tells that there is such a thing: see [`Caller::sees`].
    pub fn owns_or_staff(&self, owner: Uuid) -> Result<(), Problem> {
        let sees = self.sees(owner);
        if sees { Ok(()) } else { Err(Problem::forbidden("This is another user's.")) }
    }

    /// 403 for all but the owner.
    pub fn must_own(&self, owner: Uuid) -> Result<(), Problem> {
        let owns = self.owns(owner);
        if owns { Ok(()) } else { Err(Problem::forbidden("This is another user's.")) }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Ok(caller(parts).await?)
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Problem> {
        match caller(parts).await {
            Ok(caller) => Ok(Some(caller)),
            Err(Refusal::NotSignedIn) => Ok(None),
            Err(refused) => Err(refused.into()),
        }
    }
}

/// Whom the guard has let in, or, on a route that is open to anyone, whose token this is.
async fn caller(parts: &Parts) -> Result<Caller, Refusal> {
    if let Some(caller) = parts.extensions.get::<Caller>() {
        return Ok(caller.clone());
    }
    let token = presented(&parts.headers)?;
    match parts.extensions.get::<Arc<Tokens>>() {
        Some(tokens) => tokens.verify(token).await,
        // Not behind a guard: nobody can be known, so nobody is let in.
        None => Err(Refusal::NoKeys),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(user: u128, role: Role) -> Caller {
        Caller { user_id: Uuid::from_u128(user), role, session: Uuid::nil(), until_micros: 0 }
    }

    #[test]
    fn a_role_may_do_what_those_below_it_may() {
        let (customer, staff, admin) =
            (caller(1, Role::Customer), caller(2, Role::Staff), caller(3, Role::Admin));
        assert!(customer.must_be_staff().is_err() && customer.must_be_admin().is_err());
        assert!(staff.must_be_staff().is_ok() && staff.must_be_admin().is_err());
        assert!(admin.must_be_staff().is_ok() && admin.must_be_admin().is_ok());
    }

    #[test]
    fn what_is_anothers_is_for_staff_and_what_is_own_only_is_not() {
        let another = Uuid::from_u128(9);
        for (who, sees, owns) in [
            (caller(9, Role::Customer), true, true),
            (caller(1, Role::Customer), false, false),
            (caller(2, Role::Staff), true, false),
            (caller(3, Role::Admin), true, false),
        ] {
            assert_eq!((who.sees(another), who.owns(another)), (sees, owns), "{who:?}");
            assert_eq!(who.owns_or_staff(another).is_ok(), sees);
            assert_eq!(who.must_own(another).is_ok(), owns);
        }
    }

    #[test]
    fn a_role_is_found_by_its_name() {
        for role in [Role::Customer, Role::Staff, Role::Admin] {
            assert_eq!(Role::named(role.name()), Some(role));
        }
        assert_eq!(Role::named("root"), None);
    }
}
