#![doc = include_str!("../README.md")]

mod domain;
mod handlers;
mod http;
mod settings;
mod store;

#[cfg(test)]
mod tests;

use pipeline::transport::Transport;
use pipeline::{Event, Group, Store, TransactionalGroup};
use shop_events::{
    CartCheckedOut, ProductDelisted, ProductListed, ProductRepriced, ProductRestocked,
    UserProfileChanged, UserRegistered, UserRoleChanged,
};
use shop_service::{Identity, Service};
use tokio_util::sync::CancellationToken;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use http::App;
pub use settings::{CartSettings, Settings};

/// Who this is.
pub const IDENTITY: Identity =
    Identity { name: "cart", version: env!("CARGO_PKG_VERSION"), port: 8106 };

/// The consumer group.
pub const GROUP: &str = "cart";

/// What is published, on the topic `carts`.
type Publishes = (CartCheckedOut,);

/// Runs until `stop`.
pub async fn run(settings: Settings, stop: CancellationToken) -> anyhow::Result<()> {
    let Settings { service: own, carts } = settings;
    let mut service = Service::start::<Publishes>(IDENTITY, &own, store::MIGRATIONS, stop).await?;
    let store = service.store().clone();
    let catalogue = service.first_reading(GROUP, &[ProductListed::TOPIC]);
    service.http(answers(App::new(store.clone(), catalogue, &carts)))?;
    service.group(GROUP, |group, stop| reactions(group, store).run(stop));
    service.run().await
}

/// Every handler, one file each in `handlers/`.
fn reactions<T: Transport>(group: Group<T>, store: Store) -> TransactionalGroup<T, ()> {
    group
        .transactional(store, ())
        .on::<handlers::KeepProduct<ProductListed>>()
        .on::<handlers::KeepProduct<ProductRepriced>>()
        .on::<handlers::KeepProduct<ProductRestocked>>()
        .on::<handlers::KeepProduct<ProductDelisted>>()
        .on::<handlers::StockLevelChanged>()
        .on::<handlers::KeepContact<UserRegistered>>()
        .on::<handlers::KeepContact<UserProfileChanged>>()
        .on::<handlers::KeepContact<UserRoleChanged>>()
        .on_erased::<handlers::ForgetUser>()
}

/// Every route, one file each in `http/`, where it says who may call it.
fn answers(app: App) -> OpenApiRouter {
    OpenApiRouter::with_openapi(http::openapi())
        .routes(routes!(http::view_cart, http::empty_cart))
        .routes(routes!(http::put_line, http::remove_line))
        .routes(routes!(http::check_out))
        .with_state(app)
}
