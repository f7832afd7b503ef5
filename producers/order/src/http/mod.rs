//! Requests, one a file.

mod cancel_order;
mod follow_order;
mod get_order;
mod list_orders;
mod place_order;
mod view;

pub(crate) use cancel_order::*;
pub(crate) use follow_order::*;
pub(crate) use get_order::*;
pub(crate) use list_orders::*;
pub(crate) use place_order::*;

use std::sync::Arc;

use pipeline::Store;
use shop_service::FirstReading;
use shop_service::auth::{Caller, ClientAddress, RateLimit};
use shop_service::http::{Problem, Streams};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::Limits;
use crate::changes::Changes;
use crate::domain::Order;
use crate::store::orders;

/// What requests need.
#[derive(Clone)]
pub(crate) struct App {
    store: Store,
    catalogue: FirstReading,
    changes: Changes,
    stop: CancellationToken,
    streams: Streams,
    per_account: Arc<RateLimit>,
    per_address: Arc<RateLimit>,
}

impl App {
    pub(crate) fn new(
        store: Store,
        catalogue: FirstReading,
        changes: Changes,
        stop: CancellationToken,
        limits: &Limits,
    ) -> Self {
        App {
            store,
            catalogue,
            changes,
            stop,
            streams: Streams::default(),
            per_account: Arc::new(RateLimit::new(limits.orders_per_account)),
            per_address: Arc::new(RateLimit::new(limits.orders_per_address)),
        }
    }

    /// An order that the caller may see.
    async fn order(&self, caller: &Caller, order_id: Uuid) -> Result<Order, Problem> {
        let mut conn = self.store.reader().acquire().await?;
        seen_by(caller, order_id, orders::find(&mut conn, order_id).await?)
    }

    /// Counts an order that is to be placed.
    fn count(&self, caller: &Caller, address: ClientAddress) -> Result<(), Problem> {
        self.per_address.check(&address.key())?;
        self.per_account.check(&caller.user_id.to_string())
    }
}

/// Another's order is as good as none: whoever may not see it does not learn that it is there.
fn seen_by(caller: &Caller, order_id: Uuid, order: Option<Order>) -> Result<Order, Problem> {
    order.filter(|order| caller.sees(order.user_id)).ok_or_else(|| no_such(order_id))
}

fn no_such(order_id: Uuid) -> Problem {
    Problem::not_found(format!("There is no order {order_id}."))
}

/// The head of the API's description; each route describes itself.
pub(crate) fn openapi() -> utoipa::openapi::OpenApi {
    let info = utoipa::openapi::InfoBuilder::new()
        .title("Orders")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some("Places orders and tells what becomes of them."));
    utoipa::openapi::OpenApiBuilder::new().info(info.build()).build()
}
