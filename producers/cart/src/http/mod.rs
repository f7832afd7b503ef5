//! Requests, one a file. A cart is always the caller's own: no path names another's.

mod check_out;
mod empty_cart;
mod put_line;
mod remove_line;
mod view;
mod view_cart;

pub(crate) use check_out::*;
pub(crate) use empty_cart::*;
pub(crate) use put_line::*;
pub(crate) use remove_line::*;
pub(crate) use view_cart::*;

use std::sync::Arc;

use pipeline::Store;
use shop_events::check;
use shop_service::FirstReading;
use shop_service::auth::RateLimit;
use shop_service::http::Problem;

use crate::settings::CartSettings;

/// What requests need.
#[derive(Clone)]
pub(crate) struct App {
    store: Store,
    catalogue: FirstReading,
    order_url: Arc<str>,
    limits: Arc<Limits>,
}

/// How often somebody may check out.
struct Limits {
    of_account: RateLimit,
    from_address: RateLimit,
}

impl App {
    pub(crate) fn new(store: Store, catalogue: FirstReading, settings: &CartSettings) -> Self {
        let limits = Limits {
            of_account: RateLimit::new(settings.checkouts_per_account),
            from_address: RateLimit::new(settings.checkouts_per_address),
        };
        let order_url = settings.order_url.as_str().into();
        App { store, catalogue, order_url, limits: Arc::new(limits) }
    }
}

/// What cannot be a SKU is not looked for.
fn known_form(sku: &str) -> Result<(), Problem> {
    check::label(sku).map_or(Ok(()), |wrong| Err(Problem::parameter("sku", wrong)))
}

/// The head of the API's description; each route describes itself.
pub(crate) fn openapi() -> utoipa::openapi::OpenApi {
    let info = utoipa::openapi::InfoBuilder::new()
        .title("Cart")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some("What somebody wants, until they check out."));
    utoipa::openapi::OpenApiBuilder::new().info(info.build()).build()
}
