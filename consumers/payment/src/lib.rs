#![doc = include_str!("../README.md")]

mod cashier;
mod domain;
mod handlers;
mod http;
mod ledger;
mod metrics;
mod provider;
mod rounds;
mod settings;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use pipeline::transport::Transport;
use pipeline::{EffectGroup, Group, Store};
use shop_events::{
    OrderCancelled, OrderRejected, PaymentCaptured, PaymentDeclined, PaymentRefunded,
};
use shop_service::{Identity, Service};
use tokio_util::sync::CancellationToken;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use cashier::Cashier;
use http::App;
use metrics::Metrics;
use provider::Stripe;
pub use settings::{ProviderSettings, Settings};

/// Who this is.
pub const IDENTITY: Identity =
    Identity { name: "payment", version: env!("CARGO_PKG_VERSION"), port: 8107 };

/// The consumer group.
const GROUP: &str = "payment";

/// What payment publishes.
type Published = (PaymentCaptured, PaymentDeclined, PaymentRefunded);

/// Runs the service until `stop`.
pub async fn run(settings: Settings, stop: CancellationToken) -> anyhow::Result<()> {
    let provider = Stripe::new(&settings.provider)?;
    tracing::info!(payment.provider = %provider, "payments go here");
    let mut service =
        Service::start::<Published>(IDENTITY, &settings.service, ledger::MIGRATIONS, stop).await?;
    let metrics = service.metrics(Metrics::new);
    let store = service.store().clone();
    let provider = Arc::new(provider.measured(metrics.clone()));
    let cashier = Cashier::new(store.clone(), provider, metrics, &settings.provider);
    service.http(answers(App::new(cashier.clone(), &settings.provider)))?;
    service.background({
        let cashier = cashier.clone();
        |stop| async move { cashier.make_rounds(stop).await }
    });
    service.group(GROUP, |group, stop| handlers_of(group, store, cashier).run(stop));
    service.run().await
}

/// Everything the service reacts to.
fn handlers_of<T: Transport>(
    group: Group<T>,
    store: Store,
    cashier: Cashier,
) -> EffectGroup<T, Cashier> {
    group
        .effects(store, cashier)
        .on::<handlers::ChargeReserved>()
        .on::<handlers::GiveBack<OrderCancelled>>()
        .on::<handlers::GiveBack<OrderRejected>>()
}

/// Every route.
fn answers(app: App) -> OpenApiRouter {
    OpenApiRouter::with_openapi(http::openapi()).routes(routes!(http::hear_stripe)).with_state(app)
}
