//! The order service, as a customer uses it.

use anyhow::Context;
use reqwest::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::door::Door;
use super::patience::{Miss, until};
use super::plan::Planned;
use crate::accounts::Account;

pub(super) struct Orders {
    door: Door,
}

/// An order and what became of it so far.
#[derive(Default, Deserialize)]
pub(super) struct Story {
    pub(super) order_id: Uuid,
    pub(super) state: String,
    /// Minor units.
    pub(super) total: i64,
    pub(super) changes: Vec<Change>,
    pub(super) payment: Option<Payment>,
}

#[derive(Clone, Deserialize)]
pub(super) struct Payment {
    pub(super) state: String,
    /// Minor units.
    pub(super) amount: i64,
}

#[derive(Clone, Deserialize)]
pub(super) struct Change {
    pub(super) state: String,
    pub(super) at: String,
    pub(super) detail: Option<String>,
}

/// An order that was accepted.
#[derive(Deserialize)]
pub(super) struct Placed {
    pub(super) order_id: Uuid,
    /// What the customer agreed to pay, in minor units.
    pub(super) total: i64,
}

impl Orders {
    pub(super) fn at(address: &str) -> anyhow::Result<Self> {
        Ok(Orders { door: Door::at(address)? })
    }

    pub(super) async fn place(
        &self,
        planned: &Planned,
        who: &Account,
        key: Uuid,
    ) -> anyhow::Result<Placed> {
        let lines = planned.lines.iter().map(|(sku, n)| json!({ "sku": sku, "quantity": n }));
        let mut body = json!({
            "email": who.email,
            "name": planned.customer,
            "currency": "EUR",
            "lines": lines.collect::<Vec<_>>(),
        });
        if let Some(method) = planned.method {
            body["payment_method"] = method.into();
        }
        until("an order is placed", async || {
            let answer = self.door.post_once(who, "orders", key, &body).await?;
            match answer.status {
                // It has not heard of the product yet.
                StatusCode::UNPROCESSABLE_ENTITY | StatusCode::SERVICE_UNAVAILABLE => {
                    Err(Miss::NotYet(answer.words()))
                }
                _ => Ok(answer.taken()?),
            }
        })
        .await
    }

    pub(super) async fn cancel(&self, order_id: Uuid, who: &Account) -> anyhow::Result<()> {
        let path = format!("orders/{order_id}/cancel");
        self.door.send(who, Method::POST, &path, None).await?.taken::<Value>()?;
        Ok(())
    }

    pub(super) async fn story(&self, order_id: Uuid, who: &Account) -> anyhow::Result<Story> {
        self.door.get(who, &format!("orders/{order_id}")).await?.taken()
    }

    /// Waits until it is paid, and says whether it is; it may have ended otherwise.
    pub(super) async fn is_paid(&self, order_id: Uuid, who: &Account) -> anyhow::Result<bool> {
        until("an order is paid", async || match &*self.story(order_id, who).await?.state {
            "completed" => Ok(true),
            "rejected" | "cancelled" => Ok(false),
            state => Err(Miss::NotYet(format!("it is {state}"))),
        })
        .await
    }

    /// The order that there will be at this URL.
    pub(super) async fn appears(&self, url: &str, who: &Account) -> anyhow::Result<Story> {
        until("a check-out becomes an order", async || {
            let answer = self.door.get(who, url).await?;
            match answer.status {
                StatusCode::NOT_FOUND => Err(Miss::NotYet(answer.words())),
                _ => Ok(answer.taken()?),
            }
        })
        .await
    }

    /// The only order of a customer, once there is one.
    pub(super) async fn only(&self, who: &Account) -> anyhow::Result<Uuid> {
        until("a record on carts becomes an order", async || {
            let page: Value = self.door.get(who, "orders").await?.taken()?;
            match page["orders"][0]["order_id"].as_str() {
                Some(id) => Ok(id.parse().context("an order's id")?),
                None => Err(Miss::NotYet("the customer has no order".into())),
            }
        })
        .await
    }
}
