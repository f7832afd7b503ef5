//! Customers who order over HTTP, and who ask again with the same key until they have an answer.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Context;
use futures::{StreamExt, TryStreamExt, stream};
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use shop_testkit::tokens::Issuer;
use uuid::Uuid;

use crate::insistent::{AGAIN, Insistent, Request};
use crate::moving::Moving;
use crate::shoppers::Shoppers;
use crate::staff::STAFF;

/// How many order at once.
const AT_ONCE: usize = 16;
/// How many are about to cancel before the first one does.
const DOUBTERS: usize = 10;
const NO_MONEY: &str = "pm_card_visa_chargeDeclinedInsufficientFunds";
/// The customer of [`Customers::ask`].
const ONE: Uuid = Uuid::from_u128(0x0190_b6ac_0000_7000_8000_0000_0000_0001);

/// An order that was answered with 202.
#[derive(Debug, Clone)]
pub struct Accepted {
    pub order_id: Uuid,
    /// In minor units.
    pub total: i64,
    /// Its cancellation was answered with 202.
    pub cancelled: bool,
}

/// The way to the shop's door.
#[derive(Clone)]
pub struct Customers {
    client: Insistent,
    issuer: Arc<Issuer>,
    orders: String,
    /// How many products there are to choose from.
    products: u32,
    /// One in so many cancels at once; nobody with 0.
    cancel_one_in: usize,
    /// One in so many cancels later; nobody with 0.
    take_back_one_in: usize,
    /// Who is about to, with their orders.
    doubters: Arc<Mutex<VecDeque<(Uuid, Uuid)>>>,
    /// One in so many has no money; nobody with 0.
    poor_one_in: usize,
    /// Those of them who have an account.
    shoppers: Option<Shoppers>,
    accepted: Arc<AtomicUsize>,
}

impl Customers {
    pub(crate) fn new(address: &str, issuer: Arc<Issuer>) -> Self {
        Customers {
            client: Insistent::new(false),
            issuer,
            orders: format!("http://{address}/orders"),
            products: 1,
            cancel_one_in: 0,
            take_back_one_in: 0,
            doubters: Arc::default(),
            poor_one_in: 0,
            shoppers: None,
            accepted: Arc::default(),
        }
    }

    /// They choose from the first `products` of the shop.
    #[must_use]
    pub fn choosing_from(self, products: u32) -> Self {
        Customers { products, ..self }
    }

    /// One in `n` cancels as soon as the order is accepted.
    #[must_use]
    pub fn cancelling_one_in(self, n: usize) -> Self {
        Customers { cancel_one_in: n, ..self }
    }

    /// One in `n` cancels when many others have ordered since, in whatever state the order is by then.
    #[must_use]
    pub fn taking_back_one_in(self, n: usize) -> Self {
        Customers { take_back_one_in: n, ..self }
    }

    /// One in `n` pays with a card that is declined.
    #[must_use]
    pub fn short_of_money_one_in(self, n: usize) -> Self {
        Customers { poor_one_in: n, ..self }
    }

    /// They take it that the service is away for a while, and ask again. Others take 503 alone.
    #[must_use]
    pub fn of_a_shop_that_may_die(self) -> Self {
        Customers { client: Insistent::new(true), ..self }
    }

    /// Of five, one fills a cart and checks out, and one orders at once, as a member both; three have no
    /// account.
    #[must_use]
    pub fn with_members(self, shoppers: Shoppers) -> Self {
        Customers { shoppers: Some(shoppers), ..self }
    }

    /// How many orders have been accepted so far, from these customers and their clones.
    pub fn accepted(&self) -> usize {
        self.accepted.load(Ordering::Relaxed)
    }

    /// The orders of these numbers: what is in them follows from number and seed.
    pub async fn order(
        &self,
        numbers: std::ops::Range<usize>,
        seed: u64,
    ) -> anyhow::Result<Vec<Accepted>> {
        stream::iter(numbers)
            .map(|number| self.place(number, seed))
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await
    }

    /// Waits until so many have been accepted.
    pub async fn until_accepted(&self, count: usize) -> anyhow::Result<()> {
        let mut moving = Moving::new("orders accepted");
        while self.accepted() < count {
            moving.look(self.accepted())?;
            tokio::time::sleep(AGAIN / 10).await;
        }
        Ok(())
    }

    async fn place(&self, number: usize, seed: u64) -> anyhow::Result<Accepted> {
        let mut random = SmallRng::seed_from_u64(seed ^ (number as u64).rotate_left(32));
        let poor = self.poor_one_in > 0 && number % self.poor_one_in == 1;
        let (pays_with, key) = (poor.then_some(NO_MONEY), format!("{seed}-{number}"));
        let member = self.shoppers.as_ref().map(|shoppers| (shoppers, shoppers.members.of(number)));
        let user = match (member, number % 5) {
            (Some((shoppers, member)), 2) => {
                let (order_id, total) =
                    shoppers.check_out(member, &key, self.products, pays_with, &mut random).await?;
                self.accepted.fetch_add(1, Ordering::Relaxed);
                return Ok(Accepted { order_id, total, cancelled: false });
            }
            (Some((_, member)), 0) => member.user_id,
            _ => Uuid::from_u128(random.random()),
        };
        let first = random.random_range(0..self.products);
        let count = random.random_range(1..=self.products.min(3));
        let lines: Vec<Value> = (first..first + count)
            .map(|i| json!({"sku": format!("SKU-{}", i % self.products), "quantity": random.random_range(1..=3)}))
            .collect();
        let mut body = json!({
            "email": format!("customer-{number}@example.org"),
            "name": format!("Customer {number}"),
            "currency": "EUR",
            "lines": lines,
        });
        if let Some(method) = pays_with {
            body["payment_method"] = method.into();
        }
        let (status, answer) = self.post(user, &self.orders, Some((&body, &key))).await?;
        anyhow::ensure!(status == StatusCode::ACCEPTED, "order {number}: {status} {answer}");
        self.accepted.fetch_add(1, Ordering::Relaxed);
        let order_id = answer["order_id"].as_str().context("an id")?.parse()?;
        let total = answer["total"].as_i64().context("a total")?;
        let cancels = self.cancel_one_in > 0 && number.is_multiple_of(self.cancel_one_in);
        let cancelled = cancels && self.cancel(user, order_id).await?;
        if self.take_back_one_in > 0 && number % self.take_back_one_in == self.take_back_one_in / 2
        {
            self.take_back(user, order_id).await?;
        }
        Ok(Accepted { order_id, total, cancelled })
    }

    /// Notes that this order is to be cancelled, and cancels the one that was noted some time ago.
    async fn take_back(&self, user: Uuid, order_id: Uuid) -> anyhow::Result<()> {
        let long_ago = {
            let mut doubters = self.doubters();
            doubters.push_back((user, order_id));
            if doubters.len() > DOUBTERS { doubters.pop_front() } else { None }
        };
        if let Some((user, order_id)) = long_ago {
            self.cancel(user, order_id).await?;
        }
        Ok(())
    }

    /// The last who were about to cancel do so now.
    pub async fn take_back_the_rest(&self) -> anyhow::Result<()> {
        let rest = std::mem::take(&mut *self.doubters());
        for (user, order_id) in rest {
            self.cancel(user, order_id).await?;
        }
        Ok(())
    }

    fn doubters(&self) -> MutexGuard<'_, VecDeque<(Uuid, Uuid)>> {
        self.doubters.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the customer's order was cancelled; it was not if it had ended otherwise.
    async fn cancel(&self, user: Uuid, order_id: Uuid) -> anyhow::Result<bool> {
        let path = format!("{}/{order_id}/cancel", self.orders);
        match self.post(user, &path, None).await? {
            (StatusCode::ACCEPTED, _) => Ok(true),
            // Also when the first answer was lost: then it is cancelled, as its state will say.
            (StatusCode::CONFLICT, _) => Ok(self.state(order_id).await? == "cancelled"),
            (status, answer) => anyhow::bail!("cancelling {order_id}: {status} {answer}"),
        }
    }

    /// One request of one customer as it is: the status, the type of the answer, the answer.
    pub async fn ask(
        &self,
        body: &Value,
        key: Option<&str>,
    ) -> anyhow::Result<(StatusCode, String, Value)> {
        let token = self.issuer.token(ONE, "customer");
        let mut request = self.client.http.post(&self.orders).bearer_auth(token).json(body);
        if let Some(key) = key {
            request = request.header("Idempotency-Key", key);
        }
        let answer = request.send().await?;
        let kind = answer.headers().get("content-type").and_then(|value| value.to_str().ok());
        let (status, kind) = (answer.status(), kind.unwrap_or_default().to_owned());
        Ok((status, kind, answer.json().await?))
    }

    /// Where an order stands, as staff see it.
    pub async fn state(&self, order_id: Uuid) -> anyhow::Result<String> {
        let url = format!("{}/{order_id}", self.orders);
        let token = self.issuer.token(STAFF, "staff");
        let request = Request { url: &url, token: Some(&token), ..Request::default() };
        let (_, order) = self.client.ask(&request).await?;
        Ok(order["state"].as_str().context("a state")?.to_owned())
    }

    /// Waits until all these orders have ended.
    pub async fn until_ended(&self, orders: &[Accepted]) -> anyhow::Result<()> {
        let mut open: Vec<Uuid> = orders.iter().map(|order| order.order_id).collect();
        let mut moving = Moving::new("orders that have not ended");
        while !open.is_empty() {
            open = stream::iter(open)
                .map(async |order_id| {
                    let state = self.state(order_id).await.unwrap_or_default();
                    let ended = ["completed", "rejected", "cancelled"].contains(&&*state);
                    (!ended).then_some(order_id)
                })
                .buffer_unordered(AT_ONCE)
                .filter_map(async |open| open)
                .collect()
                .await;
            let example = open.first();
            moving.look(open.len()).with_context(|| format!("such as {example:?}"))?;
            tokio::time::sleep(AGAIN).await;
        }
        Ok(())
    }

    async fn post(
        &self,
        user: Uuid,
        url: &str,
        order: Option<(&Value, &str)>,
    ) -> anyhow::Result<(StatusCode, Value)> {
        let token = self.issuer.token(user, "customer");
        let (body, key) = order.unzip();
        let request = Request { method: Method::POST, url, token: Some(&token), key, body };
        self.client.ask(&request).await
    }
}
