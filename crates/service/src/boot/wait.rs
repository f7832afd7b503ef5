//! Waiting at the start for what is away; what will never work is an error at once.

use std::time::Duration;

use anyhow::Context as _;
use pipeline::{Database, DatabaseError, Migration, Schemas};
use tokio_util::sync::CancellationToken;

use super::refused;
use crate::health::Health;
use crate::lifecycle::WrongOption;
use crate::published::Published;
use crate::settings::Secret;

/// Told to stop before the service was up. Not a failure: [`crate::main`] ends with 0.
#[derive(Debug, thiserror::Error)]
#[error("told to stop while waiting for {0}")]
pub(crate) struct StoppedWaiting(&'static str);

const BETWEEN: Duration = Duration::from_secs(2);

/// The database with its tables. On PostgreSQL they are in the service's own schema, so that all
/// services can be given the same URL.
pub(super) async fn database(
    service: &str,
    url: &Secret,
    migrations: &[Migration],
    health: &Health,
    stop: &CancellationToken,
) -> anyhow::Result<Database> {
    loop {
        let error = match Database::connect_as(service, url.reveal()).await {
            Ok(database) => match database.migrate(migrations).await {
                Ok(()) => return Ok(database),
                Err(error) => match may_come_back(url, &error) {
                    Some(why) => why,
                    None => {
                        return Err(error).context("--database: the tables could not be made");
                    }
                },
            },
            Err(error) => match may_come_back(url, &error) {
                Some(why) => why,
                None => {
                    let wrong = "--database cannot be used; give sqlite:PATH or postgres://USER@HOST/NAME, or a --data folder that can be written";
                    return Err(anyhow::Error::new(error).context(WrongOption(wrong.to_owned())));
                }
            },
        };
        again("the database", &error, health, stop).await?;
    }
}

/// Why a server cannot be used now; nothing where it will not be otherwise later. A file that
/// cannot be opened now cannot be opened later. A login or a certificate may be put right there, as
/// an outage ends by itself.
fn may_come_back(url: &Secret, error: &DatabaseError) -> Option<String> {
    if !url.reveal().starts_with("postgres") {
        return None;
    }
    let refused = match error {
        DatabaseError::Sqlx(error) => refused::explain(error),
        _ => None,
    };
    refused.or_else(|| is_away(error).then(|| error.to_string()))
}

/// PostgreSQL's classes 08 (connection), 53 (resources, such as connections) and 57P (it starts or
/// stops).
fn is_away(error: &DatabaseError) -> bool {
    match error {
        DatabaseError::Sqlx(sqlx::Error::Database(db)) => db
            .code()
            .is_some_and(|code| ["08", "53", "57P"].iter().any(|class| code.starts_with(class))),
        DatabaseError::Sqlx(sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut) => true,
        _ => false,
    }
}

pub(super) async fn registry<P: Published>(
    schemas: &Schemas,
    health: &Health,
    stop: &CancellationToken,
) -> anyhow::Result<()> {
    loop {
        // Asked first: then an error of registering is the registry's answer, not its absence.
        let away = match schemas.ping().await {
            Ok(()) => match P::register(schemas).await {
                Ok(()) => return Ok(()),
                Err(error) if schemas.ping().await.is_ok() => {
                    return Err(error).context(
                        "the schema registry refuses a schema of this build; `orderline schemas check` says which change breaks its readers",
                    );
                }
                Err(error) => error.to_string(),
            },
            Err(away) => away,
        };
        again("the schema registry", &away, health, stop).await?;
    }
}

async fn again(
    what: &'static str,
    error: &(dyn std::fmt::Display + Sync),
    health: &Health,
    stop: &CancellationToken,
) -> anyhow::Result<()> {
    if health.waiting_for(Some(format!("waits for {what}: {error}"))) {
        tracing::warn!(%error, "{what} cannot be used; trying again every {BETWEEN:?}");
    }
    tokio::select! {
        () = tokio::time::sleep(BETWEEN) => Ok(()),
        () = stop.cancelled() => Err(StoppedWaiting(what).into()),
    }
}
