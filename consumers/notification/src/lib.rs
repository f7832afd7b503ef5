#![doc = include_str!("../README.md")]

mod delivery;
mod domain;
mod email;
mod handlers;
mod mailer;
mod settings;
#[cfg(test)]
mod tests;

use pipeline::transport::Transport;
use pipeline::{EffectGroup, Group, Store};
use shop_events::{NotificationFailed, NotificationSent};
use shop_service::{Identity, Service};
use tokio_util::sync::CancellationToken;

use crate::delivery::Delivery;
use crate::mailer::Mailer;
pub use crate::settings::{MailSettings, Settings};

const IDENTITY: Identity =
    Identity { name: "notification", version: env!("CARGO_PKG_VERSION"), port: 8103 };

/// What notification publishes.
type Published = (NotificationSent, NotificationFailed);

/// Runs the service until `stop`.
pub async fn run(settings: Settings, stop: CancellationToken) -> anyhow::Result<()> {
    let delivery = Delivery::new(&settings.mail)?;
    tracing::info!(mail.delivery = %delivery, "mails go here");
    let mailer = Mailer::new(settings.mail.mail_from.clone(), delivery)?;
    // The engine's own tables are all that is needed: intents, receipts and the outbox.
    let mut service = Service::start::<Published>(IDENTITY, &settings.service, &[], stop).await?;
    service.metrics(|registry| mailer.register(registry));
    let store = service.store().clone();
    service.group("email", |group, stop| handlers_of(group, store, mailer).run(stop));
    service.run().await
}

/// Every mail there is.
fn handlers_of<T: Transport>(
    group: Group<T>,
    store: Store,
    mailer: Mailer,
) -> EffectGroup<T, Mailer> {
    group
        .effects(store, mailer)
        .on::<handlers::MailOrderCompleted>()
        .on::<handlers::MailOrderRejected>()
        .on::<handlers::MailOrderCancelled>()
}
