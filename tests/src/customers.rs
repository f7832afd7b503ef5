//! Customers who order over HTTP, and who ask again with the same key until they have an answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::Context;
use futures::{StreamExt, TryStreamExt, stream};
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use reqwest::StatusCode;
use serde_json::{Value, json};
use shop_testkit::tokens::Issuer;
use uuid::Uuid;

use crate::PATIENCE;

/// How many order at once.
const AT_ONCE: usize = 16;
const AGAIN: Duration = Duration::from_millis(100);
/// The customer of [`Customers::ask`].
const ONE: Uuid = Uuid::from_u128(0x0190_b6ac_0000_7000_8000_0000_0000_0001);
const STAFF: Uuid = Uuid::from_u128(0x0190_b6ac_0000_7000_8000_0000_0000_0002);

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
    client: reqwest::Client,
    issuer: Arc<Issuer>,
    orders: String,
    /// How many products there are to choose from.
    products: u32,
    /// One in so many cancels at once; nobody with 0.
    cancel_one_in: usize,
    /// One in so many has no money; nobody with 0.
    poor_one_in: usize,
    /// Whether the service may be killed while they ask it.
    may_die: bool,
    accepted: Arc<AtomicUsize>,
}

impl Customers {
    pub(crate) fn new(address: &str, issuer: Arc<Issuer>) -> Self {
        let client = reqwest::Client::builder().timeout(Duration::from_secs(10)).build();
        Customers {
            client: client.unwrap_or_default(),
            issuer,
            orders: format!("http://{address}/orders"),
            products: 1,
            cancel_one_in: 0,
            poor_one_in: 0,
            may_die: false,
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

    /// One in `n` pays with a card that is declined.
    #[must_use]
    pub fn short_of_money_one_in(self, n: usize) -> Self {
        Customers { poor_one_in: n, ..self }
    }

    /// They take it that the service is away for a while, and ask again. Others take 503 alone.
    #[must_use]
    pub fn of_a_shop_that_may_die(self) -> Self {
        Customers { may_die: true, ..self }
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

    async fn place(&self, number: usize, seed: u64) -> anyhow::Result<Accepted> {
        let mut random = SmallRng::seed_from_u64(seed ^ (number as u64).rotate_left(32));
        let first = random.random_range(0..self.products);
        let count = random.random_range(1..=self.products.min(3));
        let lines: Vec<Value> = (first..first + count)
            .map(|i| json!({"sku": format!("SKU-{}", i % self.products), "quantity": random.random_range(1..=3)}))
            .collect();
        let user = Uuid::from_u128(random.random());
        let mut body = json!({
            "email": format!("customer-{number}@example.org"),
            "name": format!("Customer {number}"),
            "currency": "EUR",
            "lines": lines,
        });
        if self.poor_one_in > 0 && number % self.poor_one_in == 1 {
            body["payment_method"] = "pm_card_visa_chargeDeclinedInsufficientFunds".into();
        }
        let (status, answer) =
            self.insist(user, &self.orders, Some((&body, format!("{seed}-{number}")))).await?;
        anyhow::ensure!(status == StatusCode::ACCEPTED, "order {number}: {status} {answer}");
        self.accepted.fetch_add(1, Ordering::Relaxed);
        let order_id = answer["order_id"].as_str().context("an id")?.parse()?;
        let total = answer["total"].as_i64().context("a total")?;
        let cancels = self.cancel_one_in > 0 && number.is_multiple_of(self.cancel_one_in);
        let cancelled = cancels && self.cancel(user, order_id).await?;
        Ok(Accepted { order_id, total, cancelled })
    }

    /// Whether the customer's order was cancelled; it was not if it had ended otherwise.
    async fn cancel(&self, user: Uuid, order_id: Uuid) -> anyhow::Result<bool> {
        let path = format!("{}/{order_id}/cancel", self.orders);
        match self.insist(user, &path, None).await? {
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
        let mut request = self.client.post(&self.orders).bearer_auth(token).json(body);
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
        let request = self.client.get(format!("{}/{order_id}", self.orders));
        let request = request.bearer_auth(self.issuer.token(STAFF, "staff"));
        let order: Value = request.send().await?.json().await?;
        Ok(order["state"].as_str().context("a state")?.to_owned())
    }

    /// Waits until all these orders have ended.
    pub async fn until_ended(&self, orders: &[Accepted]) -> anyhow::Result<()> {
        let mut open: Vec<Uuid> = orders.iter().map(|order| order.order_id).collect();
        let mut moved = tokio::time::Instant::now();
        while !open.is_empty() {
            let before = open.len();
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
            if open.len() < before {
                moved = tokio::time::Instant::now();
            }
            let (count, example) = (open.len(), open.first());
            anyhow::ensure!(
                moved.elapsed() < PATIENCE,
                "{count} orders do not end, such as {example:?}"
            );
            tokio::time::sleep(AGAIN).await;
        }
        Ok(())
    }

    /// Asks until there is an answer that is not "later".
    async fn insist(
        &self,
        user: Uuid,
        url: &str,
        order: Option<(&Value, String)>,
    ) -> anyhow::Result<(StatusCode, Value)> {
        let start = tokio::time::Instant::now();
        let token = self.issuer.token(user, "customer");
        loop {
            let mut request = self.client.post(url).bearer_auth(&token);
            if let Some((body, key)) = &order {
                request = request.json(body).header("Idempotency-Key", key);
            }
            let last = match request.send().await {
                Ok(answer) if answer.status() == StatusCode::SERVICE_UNAVAILABLE => {
                    answer.text().await.unwrap_or_default()
                }
                Ok(answer) => {
                    let status = answer.status();
                    // A service that is killed may leave half an answer.
                    match answer.json().await {
                        Ok(body) => return Ok((status, body)),
                        Err(error) if self.may_die => error.to_string(),
                        Err(error) => return Err(error.into()),
                    }
                }
                Err(error) if self.may_die => error.to_string(),
                Err(error) => return Err(error.into()),
            };
            anyhow::ensure!(start.elapsed() < PATIENCE, "no answer from {url}: {last}");
            tokio::time::sleep(AGAIN).await;
        }
    }
}
