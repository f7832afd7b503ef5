//! What open pages ask, one request a file.

mod follow_messages;
mod push_key;

pub(crate) use follow_messages::*;
pub(crate) use push_key::*;

use pipeline::Store;
use tokio_util::sync::CancellationToken;

use crate::pages::Pages;
use crate::push::vapid::Vapid;

/// What requests need.
#[derive(Clone)]
pub(crate) struct App {
    store: Store,
    pages: Pages,
    push_key: String,
    stop: CancellationToken,
}

impl App {
    pub(crate) fn new(
        store: &Store,
        pages: &Pages,
        vapid: &Vapid,
        stop: &CancellationToken,
    ) -> Self {
        App {
            store: store.clone(),
            pages: pages.clone(),
            push_key: vapid.public_key().to_owned(),
            stop: stop.clone(),
        }
    }
}

/// The head of the API's description; each route describes itself.
pub(crate) fn openapi() -> utoipa::openapi::OpenApi {
    let info = utoipa::openapi::InfoBuilder::new()
        .title("Messages")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some("Tells customers what became of their orders, on their open pages."));
    utoipa::openapi::OpenApiBuilder::new().info(info.build()).build()
}
