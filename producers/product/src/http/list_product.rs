use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use futures::FutureExt;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use pipeline::Tx;
use serde::Deserialize;
use shop_events::check;
use shop_service::auth::Caller;
use shop_service::http::{FieldError, Problem};
use utoipa::ToSchema;

use super::App;
use super::view::ProductView;
use crate::domain::{self, Listing};
use crate::store::changes::{self, By};
use crate::store::products::{self, Product};

/// The largest price: a line of a thousand, and a hundred such lines, can still be counted.
pub(super) const DEAREST: i64 = 1_000_000_000_000;

/// What is written otherwise in a part of a path: all but RFC 3986's unreserved characters.
const IN_A_PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A product to put on sale.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListProduct {
    #[schema(example = "TEA-01")]
    sku: String,
    #[schema(example = "Green tea")]
    name: String,
    #[serde(default)]
    description: String,
    /// Minor units.
    #[schema(minimum = 0, example = 490)]
    price: i64,
    /// ISO 4217.
    #[schema(example = "EUR")]
    currency: String,
}

type Listed = (StatusCode, [(header::HeaderName, String); 1], Json<ProductView>);

/// Puts a product on sale, for the first time or again; one that is on sale gets this name,
/// description and price. The same again changes nothing.
#[utoipa::path(
    post,
    path = "/products",
    extensions(("x-access" = json!("staff"))),
    request_body = ListProduct,
    responses(
        (status = 200, body = ProductView, description = "It was known."),
        (status = 201, body = ProductView, description = "It is new.",
         headers(("Location" = String, description = "The product."))),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list_product(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    shop_service::http::Json(body): shop_service::http::Json<ListProduct>,
) -> Result<Listed, Problem> {
    let ListProduct { sku: product_id, name, description, price, currency } = body;
    let listing = Listing { product_id, name, description, price, currency };
    let wrong = wrong_fields(&listing);
    if !wrong.is_empty() {
        return Err(Problem::fields(wrong));
    }
    let by = By { user_id: caller.user_id, request: None };
    let cause = super::cause(&headers, &listing.product_id);
    let (listing, by) = (&listing, &by);
    let (is_new, product) = app.store.write(cause, |tx| list(tx, listing, by).boxed()).await?;
    let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, [(header::LOCATION, path_of(&listing.product_id))], Json(product.into())))
}

async fn list(tx: &mut Tx, listing: &Listing, by: &By) -> Result<(bool, Product), Problem> {
    let known = products::find(tx.conn(), &listing.product_id).await?;
    let state = known.as_ref().map(|product| &product.state);
    let changes = domain::list(state, listing, tx.now_micros())?;
    for change in &changes {
        changes::make(tx, change, Some(by)).await?;
    }
    Ok((known.is_none(), super::find(tx, &listing.product_id).await?))
}

fn wrong_fields(listing: &Listing) -> Vec<FieldError> {
    let texts = [
        ("sku", check::label(&listing.product_id)),
        ("name", check::label(&listing.name)),
        ("description", check::text(&listing.description)),
        ("currency", check::currency(&listing.currency)),
    ];
    let texts = texts.into_iter().filter_map(|(f, p)| Some((f, p?.to_owned())));
    let wrong = texts.chain(wrong_price(listing.price).map(|problem| ("price", problem)));
    wrong.map(|(field, problem)| FieldError::new(field, problem)).collect()
}

pub(super) fn wrong_price(price: i64) -> Option<String> {
    let right = (0..=DEAREST).contains(&price);
    (!right).then(|| format!("is {price}, and may be 0 to {DEAREST} minor units"))
}

fn path_of(sku: &str) -> String {
    format!("/products/{}", utf8_percent_encode(sku, IN_A_PATH))
}

#[cfg(test)]
mod tests {
    #[test]
    fn any_sku_has_a_path() {
        assert_eq!(super::path_of("TEA-01"), "/products/TEA-01");
        assert_eq!(super::path_of("é/ ?"), "/products/%C3%A9%2F%20%3F");
    }
}
