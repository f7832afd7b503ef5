//! Requests, one a file.

mod delist_product;
mod get_product;
mod list_product;
mod reprice_product;
mod restock_product;
mod search_products;
mod view;

pub(crate) use delist_product::*;
pub(crate) use get_product::*;
pub(crate) use list_product::*;
pub(crate) use reprice_product::*;
pub(crate) use restock_product::*;
pub(crate) use search_products::*;

use axum::http::HeaderMap;
use pipeline::{Cause, Store, Tx};
use shop_events::check;
use shop_service::http::Problem;

use crate::domain::Uncountable;
use crate::store::products::{self, Product};

/// What requests need.
#[derive(Clone)]
pub(crate) struct App {
    store: Store,
}

impl App {
    pub(crate) fn new(store: Store) -> Self {
        App { store }
    }
}

/// The product of a path.
async fn find(tx: &mut Tx, sku: &str) -> Result<Product, Problem> {
    known_form(sku)?;
    products::find(tx.conn(), sku).await?.ok_or_else(|| no_such(sku))
}

/// What cannot be a SKU is not looked for.
fn known_form(sku: &str) -> Result<(), Problem> {
    check::label(sku).map_or(Ok(()), |wrong| Err(Problem::parameter("sku", wrong)))
}

fn no_such(sku: &str) -> Problem {
    Problem::not_found(format!("There is no product {sku}."))
}

/// A product is a story of its own.
fn cause(headers: &HeaderMap, sku: &str) -> Cause {
    Cause { correlation: Some(sku.to_owned()), ..shop_service::http::cause(headers) }
}

impl From<Uncountable> for Problem {
    fn from(_: Uncountable) -> Self {
        Problem::conflict(
            "uncountable",
            "The product has been changed more often, or more of it has arrived, than can be counted.",
        )
    }
}

/// The head of the API's description; each route describes itself.
pub(crate) fn openapi() -> utoipa::openapi::OpenApi {
    let info = utoipa::openapi::InfoBuilder::new()
        .title("Products")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some("What the shop sells, and how much of it there is."));
    utoipa::openapi::OpenApiBuilder::new().info(info.build()).build()
}
