#![doc = include_str!("../README.md")]

mod changes;
mod domain;
mod expiry;
mod handlers;
mod http;
mod settings;
mod store;

#[cfg(test)]
mod tests;

use pipeline::transport::Transport;
use pipeline::{Event, Group, Store, TransactionalGroup};
use shop_events::{
    NotificationFailed, NotificationSent, OrderCancelled, OrderCompleted, OrderPlaced,
    OrderRejected, OrderReserved, PaymentCaptured, ProductDelisted, ProductListed, ProductRepriced,
    ProductRestocked, StockReserved,
};
use shop_service::{Identity, Service};
use tokio_util::sync::CancellationToken;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use changes::Changes;
use expiry::Expiry;
use http::App;
pub use settings::{Lifetime, Limits, Settings};

/// Who this is.
pub const IDENTITY: Identity =
    Identity { name: "order", version: env!("CARGO_PKG_VERSION"), port: 8101 };

/// The consumer group.
pub const GROUP: &str = "order";

/// Where the answers come from that an order waits for.
const ANSWERS: [&str; 2] = [StockReserved::TOPIC, PaymentCaptured::TOPIC];

/// What is published, all of it on the topic `orders`.
type Publishes = (OrderPlaced, OrderReserved, OrderCompleted, OrderRejected, OrderCancelled);

/// Runs until `stop`.
pub async fn run(settings: &Settings, stop: CancellationToken) -> anyhow::Result<()> {
    let mut service =
        Service::start::<Publishes>(IDENTITY, &settings.service, store::MIGRATIONS, stop).await?;
    let (store, changes) = (service.store().clone(), Changes::default());
    let catalogue = service.first_reading(GROUP, &[ProductListed::TOPIC]);
    let stop = service.stop().clone();
    let app = App::new(store.clone(), catalogue, changes.clone(), stop, &settings.limits);
    service.http(answers(app))?;
    let horizon = service.runtime().horizon(GROUP, &ANSWERS);
    let lifetime = settings.lifetime.duration();
    let expiry = Expiry::new(store.clone(), horizon, changes.clone(), lifetime);
    service.background(|stop| expiry.run(stop));
    service.group(GROUP, |group, stop| reactions(group, store, changes).run(stop));
    service.run().await
}

/// Every handler, one file each in `handlers/`.
fn reactions<T: Transport>(
    group: Group<T>,
    store: Store,
    changes: Changes,
) -> TransactionalGroup<T, Changes> {
    group
        .transactional(store, changes)
        .on::<handlers::CartCheckedOut>()
        .on::<handlers::StockReserved>()
        .on::<handlers::StockRejected>()
        .on::<handlers::PaymentCaptured>()
        .on::<handlers::PaymentDeclined>()
        .on::<handlers::PaymentRefunded>()
        .on::<handlers::CustomerTold<NotificationSent>>()
        .on::<handlers::CustomerTold<NotificationFailed>>()
        .on::<handlers::KeepProduct<ProductListed>>()
        .on::<handlers::KeepProduct<ProductRepriced>>()
        .on::<handlers::KeepProduct<ProductRestocked>>()
        .on::<handlers::KeepProduct<ProductDelisted>>()
}

/// Every route, one file each in `http/`; each says there who may call it.
fn answers(app: App) -> OpenApiRouter {
    OpenApiRouter::with_openapi(http::openapi())
        .routes(routes!(http::place_order, http::list_orders))
        .routes(routes!(http::get_order))
        .routes(routes!(http::cancel_order))
        .routes(routes!(http::follow_order))
        .with_state(app)
}
