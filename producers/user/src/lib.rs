#![doc = include_str!("../README.md")]

mod admin;
mod chores;
mod counted;
mod domain;
mod handlers;
mod http;
mod keys;
mod passwords;
mod sessions;
mod settings;
mod store;

#[cfg(test)]
mod tests;

use std::sync::{Arc, OnceLock};

use anyhow::Context as _;
use pipeline::transport::Transport;
use pipeline::{Group, Store, TransactionalGroup};
use shop_events::{
    NotificationFailed, NotificationSent, OrderCancelled, OrderCompleted, OrderPlaced,
    OrderRejected, OrderReserved, UserProfileChanged, UserRegistered, UserRoleChanged,
};
use shop_service::auth::{HeldKeys, KeysFrom};
use shop_service::{Identity, Service, WrongOption};
use tokio_util::sync::CancellationToken;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use counted::Counted;
use http::App;
use keys::{KeyError, Keys};
use passwords::Passwords;
pub use settings::{AccountSettings, Settings};

/// Who this is.
pub const IDENTITY: Identity =
    Identity { name: "user", version: env!("CARGO_PKG_VERSION"), port: 8104 };

/// The consumer group.
pub const GROUP: &str = "user";

/// What is published, all of it on the topic `users`; tombstones besides.
type Publishes = (UserRegistered, UserProfileChanged, UserRoleChanged);

/// Runs until `stop`.
pub async fn run(settings: Settings, stop: CancellationToken) -> anyhow::Result<()> {
    let Settings { service: mut own, accounts } = settings;
    let first_admin = accounts.first_admin()?;
    let key_settings = accounts.keys(&own.callers.token_issuer)?;
    let cost = passwords::COST.context("what a password's hash costs")?;
    let passwords =
        Passwords::new(cost, usize::from(accounts.password_hashes), passwords::WAITING)?;

    // It verifies tokens with the keys it has, wherever --jwks points the others.
    let held = Arc::new(OnceLock::<Keys>::new());
    own.callers.jwks = KeysFrom::Held(jwks_of(held.clone()));
    let mut service = Service::start::<Publishes>(IDENTITY, &own, store::MIGRATIONS, stop).await?;
    let counted = Counted::default();
    service.metrics(|registry| {
        passwords.register(registry);
        counted.register(registry);
    });
    let store = service.store().clone();
    if key_settings.seal.is_none() {
        tracing::info!("signing keys are kept in the clear: --signing-secret-file would seal them");
    }
    let keys = Keys::load(store.clone(), key_settings).await.map_err(named)?;
    let _ = held.set(keys.clone());
    let app = App::new(store.clone(), keys.clone(), passwords, counted, &accounts);
    if let Some(admin) = first_admin {
        admin::ensure(&app, &admin).await?;
    }
    service.http(answers(app))?;
    let chores = tokio::spawn(chores::run(store.clone(), keys, service.stop().clone()));
    service.group(GROUP, |group, stop| reactions(group, store).run(stop));
    let ended = service.run().await;
    chores.abort();
    ended
}

fn jwks_of(keys: Arc<OnceLock<Keys>>) -> HeldKeys {
    HeldKeys::new(move || {
        let jwks = keys.get().and_then(|keys| serde_json::to_string(&keys.jwks()).ok());
        jwks.unwrap_or_default()
    })
}

/// A secret that does not fit what is in the database is a wrong option.
fn named(error: KeyError) -> anyhow::Error {
    match error {
        KeyError::Sealed(_) => WrongOption(error.to_string()).into(),
        other => other.into(),
    }
}

/// Every handler, one file each in `handlers/`.
fn reactions<T: Transport>(group: Group<T>, store: Store) -> TransactionalGroup<T, ()> {
    group
        .transactional(store, ())
        .on::<handlers::OrderState<OrderPlaced>>()
        .on::<handlers::OrderState<OrderReserved>>()
        .on::<handlers::OrderState<OrderCompleted>>()
        .on::<handlers::OrderState<OrderRejected>>()
        .on::<handlers::OrderState<OrderCancelled>>()
        .on::<handlers::NotificationOutcome<NotificationSent>>()
        .on::<handlers::NotificationOutcome<NotificationFailed>>()
}

/// Every route, one file each in `http/`, where it says who may call it.
fn answers(app: App) -> OpenApiRouter {
    OpenApiRouter::with_openapi(http::openapi())
        .routes(routes!(http::register, http::list_users))
        .routes(routes!(http::sign_in))
        .routes(routes!(http::refresh))
        .routes(routes!(http::sign_out))
        .routes(routes!(http::get_me, http::change_me))
        .routes(routes!(http::change_password))
        .routes(routes!(http::delete_me))
        .routes(routes!(http::list_my_orders))
        .routes(routes!(http::list_my_notifications))
        .routes(routes!(http::get_user, http::delete_user))
        .routes(routes!(http::change_role))
        .routes(routes!(http::list_orders))
        .routes(routes!(http::list_notifications))
        .routes(routes!(http::jwks))
        .with_state(app)
}
