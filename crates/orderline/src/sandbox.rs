//! The payment sandbox in this process, where payments do not go to a provider.

use std::net::TcpListener;

use anyhow::Context;

use crate::shop::{Addresses, ShopSettings};

pub(crate) const NAME: &str = "payment-sandbox";
/// Where it listens, if that is free.
const ADDRESS: &str = "127.0.0.1:8108";

/// Its settings, and lets the payment service know of it; none where payments go elsewhere. Its books
/// are in the data folder, since the services' databases speak of what is in them.
pub(crate) fn beside(
    shop: &mut ShopSettings,
    addresses: &Addresses,
) -> anyhow::Result<Option<payment_sandbox::Settings>> {
    if !shop.payment.is_sandbox() || shop.payment.named_url().is_some() {
        return Ok(None);
    }
    let listener = TcpListener::bind(ADDRESS).or_else(|_| TcpListener::bind("127.0.0.1:0"));
    let listen = listener.context("no port is free on 127.0.0.1")?.local_addr()?.to_string();
    shop.payment = shop.payment.clone().in_sandbox(format!("http://{listen}").parse()?);
    let defaults = payment_sandbox::Settings::at(&listen);
    Ok(Some(payment_sandbox::Settings {
        ledger: Some(shop.storage.data.join(format!("{NAME}.jsonl"))),
        webhook_url: Some(format!("http://{}/webhooks/stripe", addresses["payment"]).parse()?),
        slow_ms: shop.sandbox_slow_ms.unwrap_or(defaults.slow_ms),
        ..defaults
    }))
}
