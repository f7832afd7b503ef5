#![doc = include_str!("../README.md")]

mod domain;
mod handlers;
mod stock;
mod store;
#[cfg(test)]
mod tests;

use pipeline::transport::Transport;
use pipeline::{Group, Migration, Store, TransactionalGroup};
use shop_events::{
    ProductDelisted, ProductListed, ProductRepriced, ProductRestocked, StockLevelChanged,
    StockRejected, StockReserved,
};
use shop_service::{Identity, Service, Settings};
use tokio_util::sync::CancellationToken;

const IDENTITY: Identity =
    Identity { name: "inventory", version: env!("CARGO_PKG_VERSION"), port: 8102 };

const MIGRATIONS: &[Migration] = &[Migration {
    name: "inventory/0001_stock",
    sql: include_str!("../migrations/0001_stock.sql"),
}];

/// What inventory publishes.
type Published = (StockReserved, StockRejected, StockLevelChanged);

/// Runs the service until `stop`.
pub async fn run(settings: Settings, stop: CancellationToken) -> anyhow::Result<()> {
    let mut service = Service::start::<Published>(IDENTITY, &settings, MIGRATIONS, stop).await?;
    let store = service.store().clone();
    service.group("inventory", |group, stop| handlers_of(group, store).run(stop));
    service.run().await
}

/// Everything the service reacts to.
fn handlers_of<T: Transport>(group: Group<T>, store: Store) -> TransactionalGroup<T, ()> {
    group
        .transactional(store, ())
        .on::<handlers::ReserveStock>()
        .on::<handlers::SellStock>()
        .on::<handlers::ReleaseRejected>()
        .on::<handlers::ReleaseCancelled>()
        .on::<handlers::KeepProduct<ProductListed>>()
        .on::<handlers::KeepProduct<ProductRepriced>>()
        .on::<handlers::KeepProduct<ProductRestocked>>()
        .on::<handlers::KeepProduct<ProductDelisted>>()
}
