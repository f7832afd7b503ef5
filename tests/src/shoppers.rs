//! Members who fill a cart and check out, and ask again with the same key until they have an answer.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::Context;
use rand::Rng;
use rand::rngs::SmallRng;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use shop_testkit::tokens::Issuer;
use uuid::Uuid;

use crate::insistent::{Insistent, Request};
use crate::members::{Member, Members};
use crate::shop::Shop;

/// Of these first products there is always enough: a cart never becomes empty.
const PLENTY: u32 = 4;
/// How often somebody changes a cart that cannot be checked out as it is.
const CHANGES: usize = 20;

/// The way to the cart service's door.
#[derive(Clone)]
pub struct Shoppers {
    pub members: Arc<Members>,
    cart: String,
    issuer: Arc<Issuer>,
    client: Insistent,
}

impl Shop {
    /// Members at the door of the cart service.
    pub fn shoppers(&mut self, members: Arc<Members>) -> anyhow::Result<Shoppers> {
        let service = self.instances("cart").into_iter().next().context("no cart service")?;
        let cart = format!("http://{}/cart", service.address);
        let (issuer, client) = (self.issuer.clone(), Insistent::new(true));
        Ok(Shoppers { members, cart, issuer, client })
    }
}

impl Shoppers {
    /// Fills a cart from the first `products` and checks out under this key: the order's id and total.
    pub async fn check_out(
        &self,
        member: &Member,
        key: &str,
        products: u32,
        payment_method: Option<&str>,
        random: &mut SmallRng,
    ) -> anyhow::Result<(Uuid, i64)> {
        let mut wanted =
            BTreeMap::from([(random.random_range(0..PLENTY), random.random_range(1..=3))]);
        for _ in 0..random.random_range(0..3) {
            wanted.insert(random.random_range(0..products), random.random_range(1..=3));
        }
        let token = self.issuer.token(member.user_id, "customer");
        let _turn = member.shopping.lock().await;
        for (product, quantity) in wanted {
            self.line(&token, &format!("SKU-{product}"), Some(quantity)).await?;
        }
        let mut body = json!({ "payment_method": payment_method });
        let url = format!("{}/checkout", self.cart);
        for _ in 0..CHANGES {
            let request = Request {
                method: Method::POST,
                url: &url,
                token: Some(&token),
                key: Some(key),
                body: Some(&body),
            };
            let (status, answer) = self.client.ask(&request).await?;
            match (status, answer["type"].as_str().unwrap_or_default()) {
                (StatusCode::ACCEPTED, _) => {
                    let order_id = answer["order_id"].as_str().context("an order's id")?.parse()?;
                    return Ok((order_id, answer["total"].as_i64().context("a total")?));
                }
                (StatusCode::CONFLICT, kind) if kind.ends_with("lines-unavailable") => {
                    for line in answer["lines"].as_array().context("lines")? {
                        self.line(&token, line["sku"].as_str().context("a sku")?, None).await?;
                    }
                }
                (StatusCode::CONFLICT, kind) if kind.ends_with("prices-changed") => {
                    body["expected_total"] = answer["current_total"].clone();
                }
                _ => anyhow::bail!("check-out {key}: {status} {answer}"),
            }
        }
        anyhow::bail!("check-out {key} was refused {CHANGES} times")
    }

    /// So many of a product in the cart, or none.
    async fn line(&self, token: &str, sku: &str, quantity: Option<u32>) -> anyhow::Result<()> {
        let url = format!("{}/lines/{sku}", self.cart);
        let body = quantity.map(|quantity| json!({ "quantity": quantity }));
        let request = Request {
            method: if body.is_some() { Method::PUT } else { Method::DELETE },
            url: &url,
            token: Some(token),
            body: body.as_ref(),
            ..Request::default()
        };
        let (status, answer): (_, Value) = self.client.ask(&request).await?;
        anyhow::ensure!(status == StatusCode::OK, "{sku} in a cart: {status} {answer}");
        Ok(())
    }
}
