//! Staff who change the catalogue while orders flow.

use std::sync::Arc;

use anyhow::Context;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use shop_testkit::tokens::Issuer;
use uuid::Uuid;

use crate::insistent::{Insistent, Request};
use crate::shop::Shop;

pub(crate) const STAFF: Uuid = Uuid::from_u128(0x0190_b6ac_0000_7000_8000_0000_0000_0002);

/// The way to the product service's door.
#[derive(Clone)]
pub struct Staff {
    products: String,
    issuer: Arc<Issuer>,
    client: Insistent,
}

impl Shop {
    /// Staff at the door of the product service.
    pub fn staff(&mut self) -> anyhow::Result<Staff> {
        let service = self.instances("product").into_iter().next().context("no product service")?;
        let products = format!("http://{}/products", service.address);
        Ok(Staff { products, issuer: self.issuer.clone(), client: Insistent::new(true) })
    }
}

impl Staff {
    /// So many more of a product, once for each key.
    pub async fn restock(&self, sku: &str, quantity: u32, key: &str) -> anyhow::Result<()> {
        self.post(&format!("{sku}/restock"), Some(key), &json!({ "quantity": quantity })).await
    }

    /// Another price.
    pub async fn reprice(&self, sku: &str, price: u32) -> anyhow::Result<()> {
        self.post(&format!("{sku}/reprice"), None, &json!({ "price": price })).await
    }

    async fn post(&self, path: &str, key: Option<&str>, body: &Value) -> anyhow::Result<()> {
        let (url, token) = (format!("{}/{path}", self.products), self.issuer.token(STAFF, "staff"));
        let token = Some(&*token);
        let request = Request { method: Method::POST, url: &url, token, key, body: Some(body) };
        let (status, answer) = self.client.ask(&request).await?;
        anyhow::ensure!(status == StatusCode::OK, "{path}: {status} {answer}");
        Ok(())
    }
}
