//! Products as answers show them. Amounts are minor units, times RFC 3339.

use serde::Serialize;
use shop_service::http::rfc3339;
use utoipa::ToSchema;

use crate::store::products::Product;

/// A product.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProductView {
    sku: String,
    name: String,
    description: String,
    /// Minor units.
    price: i64,
    /// ISO 4217.
    currency: String,
    /// Whether it is on sale.
    listed: bool,
    /// How many can be ordered, as last heard of; null until inventory has said.
    available: Option<i64>,
    /// Counts the changes of the product, from 1.
    version: i64,
    updated_at: String,
}

impl From<Product> for ProductView {
    fn from(Product { state, available }: Product) -> Self {
        ProductView {
            sku: state.product_id,
            name: state.name,
            description: state.description,
            price: state.price,
            currency: state.currency,
            listed: state.listed,
            available,
            version: state.version,
            updated_at: rfc3339(state.updated_at),
        }
    }
}
