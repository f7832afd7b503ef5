//! Fills a cart and checks it out.

use anyhow::{Context, ensure};
use reqwest::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::door::Door;
use super::patience::{Miss, until};
use super::plan::Planned;
use crate::accounts::Account;

/// Goes into every cart first, and out again; nobody who fills a cart wants it.
pub(super) const REGRETTED: &str = "LAMP-01";

pub(super) struct Shopper {
    cart: Door,
}

/// A cart that was checked out.
pub(super) struct CheckedOut {
    pub(super) total: i64,
    /// Where its order will be, at the order service.
    pub(super) location: String,
}

#[derive(Deserialize)]
struct CartView {
    lines: Vec<LineView>,
    current_total: Option<i64>,
}

#[derive(Deserialize)]
struct LineView {
    sku: String,
    quantity: i64,
}

impl Shopper {
    pub(super) fn at(address: &str) -> anyhow::Result<Self> {
        Ok(Shopper { cart: Door::at(address)? })
    }

    pub(super) async fn check_out(
        &self,
        planned: &Planned,
        who: &Account,
        key: Uuid,
    ) -> anyhow::Result<CheckedOut> {
        self.fill(&planned.lines, who).await?;
        until("POST /cart/checkout", async || {
            // A customer agrees to the total that they see.
            let cart = self.look(who).await?;
            let total = cart.current_total.context("what is in the cart is not sold")?;
            let mut body = json!({ "expected_total": total });
            if let Some(method) = planned.method {
                body["payment_method"] = method.into();
            }
            let answer = self.cart.post_once(who, "cart/checkout", key, &body).await?;
            // What the catalogue has just been told may still be on its way to the cart service.
            if answer.is("lines-unavailable") || answer.is("prices-changed") {
                return Err(Miss::NotYet(answer.words()));
            }
            let location = answer.location.clone().unwrap_or_default();
            let told: Value = answer.taken()?;
            let same = told["total"] == total;
            same.then_some(CheckedOut { total, location })
                .with_context(|| format!("{total} was agreed to, and the check-out says {told}"))
                .map_err(Miss::Never)
        })
        .await
    }

    /// As people do: one more than is wanted and something else at first, and then thinks again.
    async fn fill(&self, lines: &[(&str, i64)], who: &Account) -> anyhow::Result<()> {
        self.put(REGRETTED, 1, who).await?;
        for (sku, quantity) in lines {
            self.put(sku, quantity + 1, who).await?;
            self.put(sku, *quantity, who).await?;
        }
        let path = format!("cart/lines/{REGRETTED}");
        self.cart.send(who, Method::DELETE, &path, None).await?.taken::<Value>()?;
        let cart = self.look(who).await?;
        let is_in: Vec<_> = cart.lines.iter().map(|l| (l.sku.as_str(), l.quantity)).collect();
        ensure!(is_in == lines, "{is_in:?} is in the cart, and {lines:?} was put there");
        Ok(())
    }

    async fn put(&self, sku: &str, quantity: i64, who: &Account) -> anyhow::Result<()> {
        let path = format!("cart/lines/{sku}");
        until("a product is put into a cart", async || {
            let body = json!({ "quantity": quantity });
            let answer = self.cart.send(who, Method::PUT, &path, Some(&body)).await?;
            if answer.status == StatusCode::NOT_FOUND {
                // It has not heard of the product yet.
                return Err(Miss::NotYet(answer.words()));
            }
            answer.taken::<Value>()?;
            Ok(())
        })
        .await
    }

    async fn look(&self, who: &Account) -> anyhow::Result<CartView> {
        self.cart.get(who, "cart").await?.taken()
    }
}
