//! Rules without I/O.

mod password;
mod push;
mod refresh_token;
mod role;
mod rotation;
mod user;

pub(crate) use password::{Password, wrong_password};
pub(crate) use push::{Subscription, wrong_subscriptions};
pub(crate) use refresh_token::RefreshToken;
pub(crate) use role::Role;
pub(crate) use rotation::{Plan, Standing, TOKEN_SECONDS, current, plan};
pub(crate) use user::{User, email_key, wrong_locale};
