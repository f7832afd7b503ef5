//! The tables: users, their sessions, the keys that sign, and what is known of orders and
//! notifications.

pub(crate) mod admins;
pub(crate) mod devices;
pub(crate) mod families;
pub(crate) mod history;
pub(crate) mod keys;
pub(crate) mod notifications;
pub(crate) mod orders;
pub(crate) mod users;

use pipeline::Migration;
use uuid::Uuid;

/// In the order they are applied.
pub(crate) const MIGRATIONS: &[Migration] = &[
    Migration { name: "user/0001", sql: include_str!("../../migrations/0001_users.sql") },
    Migration { name: "user/0002", sql: include_str!("../../migrations/0002_sessions.sql") },
    Migration { name: "user/0003", sql: include_str!("../../migrations/0003_history.sql") },
    Migration { name: "user/0004", sql: include_str!("../../migrations/0004_devices.sql") },
];

fn id(text: String) -> Result<Uuid, sqlx::Error> {
    text.parse().map_err(|e: uuid::Error| sqlx::Error::Decode(e.into()))
}

fn json<T: serde::de::DeserializeOwned>(text: String) -> Result<T, sqlx::Error> {
    serde_json::from_str(&text).map_err(|e| sqlx::Error::Decode(e.into()))
}

fn to_json(value: &impl serde::Serialize) -> Result<String, sqlx::Error> {
    serde_json::to_string(value).map_err(|e| sqlx::Error::Encode(e.into()))
}
