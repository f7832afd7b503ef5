//! Who the users are: the topic `users`, keyed by user id.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::defaults::{enabled, english};

/// What a user may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum UserRole {
    /// Gives roles to others.
    Admin,
    /// Works for the shop.
    Staff,
    /// Buys; also what a role not known here is read as.
    #[serde(other)]
    Customer,
}

/// A user has registered. Carries the whole state of the user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserRegistered {
    /// The user: the key of the topic.
    pub user_id: Uuid,
    /// Where e-mail goes.
    pub email: String,
    /// How to address the user.
    pub name: Option<String>,
    /// What the user may do.
    pub role: UserRole,
    /// The language for messages, BCP 47.
    #[serde(default = "english")]
    pub locale: String,
    /// Whether the user wants e-mail.
    #[serde(default = "enabled")]
    pub email_enabled: bool,
    /// Whether the user wants push messages.
    #[serde(default)]
    pub push_enabled: bool,
    /// The devices that push messages go to: Web Push subscriptions, each the JSON of `endpoint`
    /// and `keys`.
    #[serde(default)]
    pub push_tokens: Vec<String>,
    /// Counts the changes of this user, from 1: a lower one than already seen is late.
    pub version: i64,
    /// When the user registered, microseconds since 1970, UTC.
    pub registered_at: i64,
    /// When this state came to be, microseconds since 1970, UTC.
    pub updated_at: i64,
}

/// A user's address, name, language or channels have changed. Carries the whole state of the user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserProfileChanged {
    /// The user: the key of the topic.
    pub user_id: Uuid,
    /// Where e-mail goes.
    pub email: String,
    /// How to address the user.
    pub name: Option<String>,
    /// What the user may do.
    pub role: UserRole,
    /// The language for messages, BCP 47.
    #[serde(default = "english")]
    pub locale: String,
    /// Whether the user wants e-mail.
    #[serde(default = "enabled")]
    pub email_enabled: bool,
    /// Whether the user wants push messages.
    #[serde(default)]
    pub push_enabled: bool,
    /// The devices that push messages go to: Web Push subscriptions, each the JSON of `endpoint`
    /// and `keys`.
    #[serde(default)]
    pub push_tokens: Vec<String>,
    /// Counts the changes of this user, from 1: a lower one than already seen is late.
    pub version: i64,
    /// When the user registered, microseconds since 1970, UTC.
    pub registered_at: i64,
    /// When this state came to be, microseconds since 1970, UTC.
    pub updated_at: i64,
}

/// A user's role has changed. Carries the whole state of the user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserRoleChanged {
    /// The user: the key of the topic.
    pub user_id: Uuid,
    /// Where e-mail goes.
    pub email: String,
    /// How to address the user.
    pub name: Option<String>,
    /// What the user may do.
    pub role: UserRole,
    /// The language for messages, BCP 47.
    #[serde(default = "english")]
    pub locale: String,
    /// Whether the user wants e-mail.
    #[serde(default = "enabled")]
    pub email_enabled: bool,
    /// Whether the user wants push messages.
    #[serde(default)]
    pub push_enabled: bool,
    /// The devices that push messages go to: Web Push subscriptions, each the JSON of `endpoint`
    /// and `keys`.
    #[serde(default)]
    pub push_tokens: Vec<String>,
    /// Counts the changes of this user, from 1: a lower one than already seen is late.
    pub version: i64,
    /// When the user registered, microseconds since 1970, UTC.
    pub registered_at: i64,
    /// When this state came to be, microseconds since 1970, UTC.
    pub updated_at: i64,
    /// The role until now.
    pub previous_role: UserRole,
    /// The user who changed it; null: the system.
    pub changed_by: Option<Uuid>,
}
