//! The devices of a user: Web Push subscriptions.

use serde::Deserialize;
use sqlx::{Any, AnyConnection, Executor, Row};
use uuid::Uuid;

/// More of one user are not kept.
const MOST: usize = 20;
/// Bytes of a subscription as it stands in a record.
const LONGEST: usize = 4 << 10;

/// Where a message to a device goes, and what it is encrypted with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Device {
    pub(crate) endpoint: String,
    /// The device's public key, base64url.
    pub(crate) p256dh: String,
    /// The secret shared with the device, base64url.
    pub(crate) auth: String,
}

/// As a browser's `PushSubscription.toJSON()` has it.
#[derive(Deserialize)]
struct Subscription {
    endpoint: String,
    keys: Keys,
}

#[derive(Deserialize)]
struct Keys {
    p256dh: String,
    auth: String,
}

impl Device {
    /// A subscription of a record; nothing where it is none. The user service publishes what it has
    /// checked, and the topic is open to other programs.
    fn parse(token: &str) -> Option<Self> {
        if token.len() > LONGEST {
            return None;
        }
        let Subscription { endpoint, keys } = serde_json::from_str(token).ok()?;
        Some(Device { endpoint, p256dh: keys.p256dh, auth: keys.auth })
    }
}

/// Keeps these devices of a user and no others. One that its push service has called gone stays so:
/// a browser that subscribes again has another endpoint. And one that is another's by now stays theirs: whoever
/// registers a device last has it, since a browser has one endpoint whoever is signed in.
pub(super) async fn keep(
    conn: &mut AnyConnection,
    user_id: Uuid,
    tokens: &[String],
    now: i64,
) -> Result<(), sqlx::Error> {
    let user = user_id.to_string();
    let given = tokens.iter().take(MOST);
    let devices: Vec<Device> = given.filter_map(|token| Device::parse(token)).collect();
    let passed_over = tokens.len() - devices.len();
    if passed_over > 0 {
        tracing::warn!(user.id = %user_id, push.tokens = passed_over, "push tokens that are no subscriptions are passed over");
    }
    let known = endpoints(&mut *conn, &user).await?;
    for known in &known {
        if !devices.iter().any(|device| device.endpoint == *known) {
            let erase = sqlx::query("DELETE FROM devices WHERE user_id = $1 AND endpoint = $2");
            erase.bind(&user).bind(known).execute(&mut *conn).await?;
        }
    }
    for device in devices {
        if !known.contains(&device.endpoint) {
            take_from_others(&mut *conn, &user, &device.endpoint, now).await?;
        }
        sqlx::query(
            "INSERT INTO devices (user_id, endpoint, p256dh, auth) VALUES ($1, $2, $3, $4)
             ON CONFLICT (user_id, endpoint) DO UPDATE SET p256dh = excluded.p256dh, auth = excluded.auth",
        )
        .bind(&user)
        .bind(device.endpoint)
        .bind(device.p256dh)
        .bind(device.auth)
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

/// Their rows stay, so that their next record, which may have been decided before, takes nothing back.
async fn take_from_others(
    conn: &mut AnyConnection,
    user: &str,
    endpoint: &str,
    now: i64,
) -> Result<(), sqlx::Error> {
    let take = sqlx::query(
        "UPDATE devices SET gone_at = $1 WHERE endpoint = $2 AND user_id <> $3 AND gone_at IS NULL",
    );
    take.bind(now).bind(endpoint).bind(user).execute(conn).await.map(|_| ())
}

async fn endpoints(conn: &mut AnyConnection, user: &str) -> Result<Vec<String>, sqlx::Error> {
    let rows = sqlx::query("SELECT endpoint FROM devices WHERE user_id = $1").bind(user);
    rows.fetch_all(conn).await?.iter().map(|row| row.try_get(0)).collect()
}

/// The devices of a user that are not gone.
pub(crate) async fn devices_of(
    reader: impl Executor<'_, Database = Any>,
    user_id: Uuid,
) -> Result<Vec<Device>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT endpoint, p256dh, auth FROM devices WHERE user_id = $1 AND gone_at IS NULL
         ORDER BY endpoint",
    )
    .bind(user_id.to_string())
    .fetch_all(reader)
    .await?;
    rows.iter()
        .map(|row| {
            let (endpoint, p256dh, auth) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
            Ok(Device { endpoint, p256dh, auth })
        })
        .collect()
}

/// The push service knows this device no more.
pub(crate) async fn mark_gone(
    conn: &mut AnyConnection,
    user_id: Uuid,
    endpoint: &str,
    at_micros: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE devices SET gone_at = $1 WHERE user_id = $2 AND endpoint = $3")
        .bind(at_micros)
        .bind(user_id.to_string())
        .bind(endpoint)
        .execute(conn)
        .await
        .map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::Device;

    #[test]
    fn a_token_is_a_browsers_subscription() {
        let token = r#"{"endpoint":"https://push.example.net/1","expirationTime":null,"keys":{"p256dh":"B","auth":"A"}}"#;
        let device = Device::parse(token).expect("is one");
        assert_eq!(device.endpoint, "https://push.example.net/1");
        assert_eq!((&*device.p256dh, &*device.auth), ("B", "A"));
        for none in
            ["", "device-1", "{}", r#"{"endpoint":"x"}"#, &format!("{token}{}", " ".repeat(5_000))]
        {
            assert_eq!(Device::parse(none), None, "{none:.40}");
        }
    }
}
