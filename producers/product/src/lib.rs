#![doc = include_str!("../README.md")]

mod domain;
mod handlers;
mod http;
mod store;

#[cfg(test)]
mod tests;

use pipeline::transport::Transport;
use pipeline::{Group, Store, TransactionalGroup};
use shop_events::{ProductDelisted, ProductListed, ProductRepriced, ProductRestocked};
use shop_service::{Identity, Service, Settings};
use tokio_util::sync::CancellationToken;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use http::App;

/// Who this is.
pub const IDENTITY: Identity =
    Identity { name: "product", version: env!("CARGO_PKG_VERSION"), port: 8105 };

/// The consumer group.
pub const GROUP: &str = "product";

/// What is published, all of it on the topic `products`.
type Publishes = (ProductListed, ProductRepriced, ProductDelisted, ProductRestocked);

/// Runs until `stop`.
pub async fn run(settings: &Settings, stop: CancellationToken) -> anyhow::Result<()> {
    let mut service =
        Service::start::<Publishes>(IDENTITY, settings, store::MIGRATIONS, stop).await?;
    let store = service.store().clone();
    service.http(answers(App::new(store.clone())))?;
    service.group(GROUP, |group, stop| reactions(group, store).run(stop));
    service.run().await
}

/// Every handler, one file each in `handlers/`.
fn reactions<T: Transport>(group: Group<T>, store: Store) -> TransactionalGroup<T, ()> {
    group
        .transactional(store, ())
        .on::<handlers::StockLevelChanged>()
        .on::<handlers::LearnProduct<ProductListed>>()
        .on::<handlers::LearnProduct<ProductRepriced>>()
        .on::<handlers::LearnProduct<ProductRestocked>>()
        .on::<handlers::LearnProduct<ProductDelisted>>()
}

/// Every route, one file each in `http/`, where it says who may call it.
fn answers(app: App) -> OpenApiRouter {
    OpenApiRouter::with_openapi(http::openapi())
        .routes(routes!(http::search_products, http::list_product))
        .routes(routes!(http::get_product))
        .routes(routes!(http::reprice_product))
        .routes(routes!(http::delist_product))
        .routes(routes!(http::restock_product))
        .with_state(app)
}
