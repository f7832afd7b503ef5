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
use shop_service::http::Problem;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::changes::Changes;
use crate::domain::Order;
use crate::store::orders;

/// Orders followed at once.
const FOLLOWERS: usize = 1_000;

/// What requests need.
#[derive(Clone)]
pub(crate) struct App {
    store: Store,
    changes: Changes,
    stop: CancellationToken,
    followers: Arc<Semaphore>,
}

impl App {
    pub(crate) fn new(store: Store, changes: Changes, stop: CancellationToken) -> Self {
        App { store, changes, stop, followers: Arc::new(Semaphore::new(FOLLOWERS)) }
    }

    async fn order(&self, order_id: Uuid) -> Result<Order, Problem> {
        let mut conn = self.store.reader().acquire().await?;
        orders::find(&mut conn, order_id).await?.ok_or_else(|| no_such(order_id))
    }
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
