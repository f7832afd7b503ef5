//! Users as answers show them. Times are RFC 3339.

use serde::Serialize;
use shop_service::http::rfc3339;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::{Role, Subscription, User};

/// A user.
#[derive(Serialize, ToSchema)]
pub(crate) struct UserView {
    user_id: Uuid,
    email: String,
    name: Option<String>,
    role: Role,
    /// BCP 47.
    locale: String,
    email_enabled: bool,
    push_enabled: bool,
    registered_at: String,
    updated_at: String,
}

/// A user, to the user: with where push messages go, which is nobody else's business.
#[derive(Serialize, ToSchema)]
pub(crate) struct Me {
    #[serde(flatten)]
    user: UserView,
    push_subscriptions: Vec<Subscription>,
}

impl From<User> for UserView {
    fn from(user: User) -> Self {
        UserView {
            user_id: user.user_id,
            email: user.email,
            name: user.name,
            role: user.role,
            locale: user.locale,
            email_enabled: user.email_enabled,
            push_enabled: user.push_enabled,
            registered_at: rfc3339(user.registered_at),
            updated_at: rfc3339(user.updated_at),
        }
    }
}

impl From<User> for Me {
    fn from(mut user: User) -> Self {
        let push_subscriptions = std::mem::take(&mut user.push);
        Me { user: user.into(), push_subscriptions }
    }
}
