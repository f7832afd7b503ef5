//! Requests, one a file.

mod hear_stripe;
mod signature;

pub(crate) use hear_stripe::*;

use shop_service::Secret;

use crate::cashier::Cashier;
use crate::settings::ProviderSettings;

/// What requests need.
#[derive(Clone)]
pub(crate) struct App {
    cashier: Cashier,
    /// What webhooks are signed with.
    secret: Option<Secret>,
}

impl App {
    pub(crate) fn new(cashier: Cashier, settings: &ProviderSettings) -> Self {
        App { cashier, secret: settings.webhook_secret() }
    }
}

/// The head of the API's description; each route describes itself.
pub(crate) fn openapi() -> utoipa::openapi::OpenApi {
    let info = utoipa::openapi::InfoBuilder::new()
        .title("Payments")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some("Hears what the payment provider has to tell."));
    utoipa::openapi::OpenApiBuilder::new().info(info.build()).build()
}
