//! What a client sends to place an order: its form, its checks, and its prices.

use serde::{Deserialize, Serialize};
use shop_events::{OrderLine, payment_method_problem};
use shop_service::FirstReading;
use shop_service::http::{FieldError, Problem};
use sqlx::AnyConnection;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::check;
use crate::store::products::{self, Product};

/// An order to place. It is the caller's, and prices are the shop's: a body that names a user or
/// brings a price is refused.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PlaceOrder {
    /// Where to write to about the order.
    #[schema(example = "ada@example.com")]
    pub(super) email: String,
    /// How to address the customer.
    #[schema(example = "Ada")]
    pub(super) name: Option<String>,
    /// ISO 4217; every product must be sold in it.
    #[schema(example = "EUR")]
    pub(super) currency: String,
    /// The payment provider's name for a way to pay, as its script in the browser gives it, and never
    /// a card's number. Without one the shop takes what it is told to take.
    // Left out where it is not given, so that requests of before it was known keep their hash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "pm_card_visa")]
    pub(super) payment_method: Option<String>,
    /// What the customer was shown that it costs, in minor units: refused where it costs something
    /// else now. Without it the customer takes the prices as they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = 980)]
    expected_total: Option<i64>,
    /// 1 to 100 lines, one a product.
    lines: Vec<PlaceLine>,
}

/// A line of an order to place.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PlaceLine {
    /// The product.
    #[schema(example = "TEA-01")]
    sku: String,
    /// 1 to 1,000.
    #[schema(minimum = 1, maximum = 1000)]
    quantity: i64,
}

impl PlaceOrder {
    /// What is wrong with it by itself, field by field.
    pub(super) fn wrong_fields(&self) -> Vec<FieldError> {
        let mut wrong = Vec::new();
        let texts = [
            ("email", check::email(&self.email)),
            ("name", self.name.as_deref().and_then(check::label)),
            ("currency", check::currency(&self.currency)),
            ("payment_method", self.payment_method.as_deref().and_then(payment_method_problem)),
        ];
        wrong.extend(texts.into_iter().filter_map(|(f, p)| Some(FieldError::new(f, p?))));
        if !(1..=check::LINES).contains(&self.lines.len()) {
            let (given, most) = (self.lines.len(), check::LINES);
            wrong.push(FieldError::new("lines", format!("are {given}, and may be 1 to {most}")));
            return wrong;
        }
        for (i, line) in self.lines.iter().enumerate() {
            if let Some(problem) = check::label(&line.sku) {
                wrong.push(FieldError::new(format!("lines[{i}].sku"), problem));
            } else if let Some(first) = self.lines[..i].iter().position(|l| l.sku == line.sku) {
                let problem = format!("is in lines[{first}] already: one line a product");
                wrong.push(FieldError::new(format!("lines[{i}].sku"), problem));
            }
            if !check::QUANTITY.contains(&line.quantity) {
                let problem = format!("is {}, and may be 1 to 1000", line.quantity);
                wrong.push(FieldError::new(format!("lines[{i}].quantity"), problem));
            }
        }
        wrong
    }

    /// Of the body as it was understood: spaces and the order of fields make no other request.
    pub(super) fn hash(&self, user_id: Uuid) -> String {
        let text = serde_json::to_vec(self).unwrap_or_default();
        Uuid::new_v5(&user_id, &text).simple().to_string()
    }

    /// Whether the customer has agreed to pay so much.
    pub(super) fn agreed(&self, total: i64) -> Result<(), Problem> {
        if self.expected_total.is_none_or(|expected| expected == total) {
            return Ok(());
        }
        let why = "It costs something else than was shown. Send `current_total` as `expected_total` to agree.";
        Err(Problem::conflict("prices-changed", why).with("current_total", total))
    }

    /// The lines with the shop's names and prices.
    pub(super) async fn priced(
        &self,
        conn: &mut AnyConnection,
        catalogue: &FirstReading,
    ) -> Result<Vec<OrderLine>, Problem> {
        let (mut lines, mut wrong, mut unknown) = (Vec::new(), Vec::new(), false);
        for (i, line) in self.lines.iter().enumerate() {
            let product = products::find(conn, &line.sku).await?;
            unknown |= product.is_none();
            match line.priced(&self.currency, product) {
                Ok(line) => lines.push(line),
                Err(problem) => wrong.push(FieldError::new(format!("lines[{i}].sku"), problem)),
            }
        }
        if wrong.is_empty() {
            return Ok(lines);
        }
        let problem = Problem::fields(wrong);
        Err(if unknown { catalogue.unknown(problem) } else { problem })
    }
}

impl PlaceLine {
    fn priced(&self, currency: &str, product: Option<Product>) -> Result<OrderLine, String> {
        let product = product.ok_or("is no product of this shop")?;
        if !product.listed {
            return Err("is not on sale any more".into());
        }
        if product.currency != currency {
            return Err(format!("is sold in {}, and the order is in {currency}", product.currency));
        }
        let total = product.price.checked_mul(self.quantity);
        Ok(OrderLine {
            product_id: product.product_id,
            name: Some(product.name),
            quantity: self.quantity,
            unit_price: Some(product.price),
            line_total: total.ok_or("costs more than can be counted")?,
        })
    }
}
