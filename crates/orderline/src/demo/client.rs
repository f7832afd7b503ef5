//! A customer: places orders over HTTP, or by a record.

use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use reqwest::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use shop_events::{CartCheckedOut, CartLine};
use uuid::Uuid;

use super::plan::{Planned, Way};
use super::wait::Order;
use crate::accounts::{Account, Accounts};
use crate::publish::Publisher;

/// The order service learns of products and carts by records, which takes a moment.
const PATIENCE: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(50);

pub(super) struct Client {
    http: reqwest::Client,
    pub(super) base: String,
    accounts: Accounts,
}

#[derive(Deserialize)]
pub(super) struct Story {
    pub(super) state: String,
    pub(super) changes: Vec<Change>,
    pub(super) payment: Option<Payment>,
}

#[derive(Clone, Deserialize)]
pub(super) struct Payment {
    pub(super) state: String,
}

#[derive(Clone, Deserialize)]
pub(super) struct Change {
    pub(super) state: String,
    pub(super) at: String,
    pub(super) detail: Option<String>,
}

impl Client {
    pub(super) fn new(orders: &str, users: &str, now: i64) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build()?;
        let accounts = Accounts::at(format!("http://{users}/").parse()?, now)?;
        Ok(Client { http, base: format!("http://{orders}"), accounts })
    }

    pub(super) async fn place(&self, planned: Planned, to: &Publisher) -> anyhow::Result<Order> {
        let id = || to.emitter.random.uuid_v7(to.emitter.clock.now_micros());
        let account = self.accounts.open(planned.customer, "example.com").await?;
        let order_id = match planned.way {
            Way::Http => self.post(&planned, &account, id()).await?,
            Way::HttpThenCancel => {
                let order_id = self.post(&planned, &account, id()).await?;
                self.cancel(order_id, &account).await?;
                order_id
            }
            Way::HttpPaidThenCancel => {
                let order_id = self.post(&planned, &account, id()).await?;
                self.until_completed(order_id, &account).await?;
                self.cancel(order_id, &account).await?;
                order_id
            }
            Way::Cart => {
                let cart = cart(&planned, &account, id(), to.emitter.clock.now_micros());
                let record = to.record(&cart, id(), &cart.checkout_id.to_string())?;
                to.send(vec![record]).await?;
                self.order_of(&account).await?
            }
        };
        Ok(Order::new(planned, order_id, account))
    }

    async fn post(&self, planned: &Planned, account: &Account, key: Uuid) -> anyhow::Result<Uuid> {
        let lines = planned.lines.iter().map(|(sku, n)| json!({ "sku": sku, "quantity": n }));
        let mut body = json!({
            "email": account.email,
            "name": planned.customer,
            "currency": "EUR",
            "lines": lines.collect::<Vec<_>>(),
        });
        if let Some(method) = planned.method {
            body["payment_method"] = method.into();
        }
        let end = Instant::now() + PATIENCE;
        loop {
            let request = self.http.post(format!("{}/orders", self.base)).json(&body);
            let request = request.bearer_auth(account.token().reveal());
            let answer = request.header("Idempotency-Key", key.to_string()).send().await?;
            let status = answer.status();
            let body: Value = answer.json().await.unwrap_or_default();
            match status {
                StatusCode::ACCEPTED => {
                    let id = body["order_id"].as_str().context("the answer has no order_id")?;
                    return Ok(id.parse()?);
                }
                // It has not heard of the product yet.
                StatusCode::UNPROCESSABLE_ENTITY | StatusCode::SERVICE_UNAVAILABLE
                    if Instant::now() < end => {}
                _ => bail!("POST /orders of {} got {status}: {body}", planned.what),
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn cancel(&self, order_id: Uuid, account: &Account) -> anyhow::Result<()> {
        let url = format!("{}/orders/{order_id}/cancel", self.base);
        let cancel = self.http.post(url).bearer_auth(account.token().reveal());
        cancel.send().await?.error_for_status()?;
        Ok(())
    }

    async fn until_completed(&self, order_id: Uuid, account: &Account) -> anyhow::Result<()> {
        let end = Instant::now() + PATIENCE;
        while self.story(order_id, account).await?.state != "completed" {
            anyhow::ensure!(Instant::now() < end, "{order_id} is not paid within {PATIENCE:?}");
            tokio::time::sleep(PAUSE).await;
        }
        Ok(())
    }

    async fn order_of(&self, account: &Account) -> anyhow::Result<Uuid> {
        let end = Instant::now() + PATIENCE;
        loop {
            let request = self.http.get(format!("{}/orders", self.base));
            let answer = request.bearer_auth(account.token().reveal()).send().await?;
            let page: Value = answer.error_for_status()?.json().await?;
            match page["orders"][0]["order_id"].as_str() {
                Some(id) => return Ok(id.parse()?),
                None if Instant::now() > end => {
                    bail!("the cart has not become an order within {PATIENCE:?}")
                }
                None => tokio::time::sleep(PAUSE).await,
            }
        }
    }

    pub(super) async fn story(&self, order_id: Uuid, account: &Account) -> anyhow::Result<Story> {
        let request = self.http.get(format!("{}/orders/{order_id}", self.base));
        let answer = request.bearer_auth(account.token().reveal()).send().await?;
        Ok(answer.error_for_status()?.json().await?)
    }
}

/// A channel's order has its own prices: here 5.00 for whatever it is.
fn cart(planned: &Planned, account: &Account, checkout_id: Uuid, now: i64) -> CartCheckedOut {
    let line = |(sku, quantity): &(&str, i64)| CartLine {
        product_id: (*sku).to_owned(),
        name: None,
        quantity: *quantity,
        unit_price: Some(500),
        line_total: 500 * quantity,
    };
    let lines: Vec<_> = planned.lines.iter().map(line).collect();
    CartCheckedOut {
        checkout_id,
        user_id: account.user_id,
        email: Some(account.email.clone()),
        name: Some(planned.customer.to_owned()),
        channel: "demo".into(),
        order_ref: Some(checkout_id.to_string()),
        cart_id: None,
        total: lines.iter().map(|line| line.line_total).sum(),
        lines,
        currency: "EUR".into(),
        payment_method: None,
        checked_out_at: now,
    }
}
