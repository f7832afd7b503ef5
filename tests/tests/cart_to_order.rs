//! From the catalogue through a cart to an order: services that meet on topics alone.

use anyhow::Context;
use journeys::PATIENCE;
use journeys::customers::Accepted;
use journeys::shop::Shop;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use shop_testkit::wait;

/// Somebody with a token, at one of the services.
struct Client<'a> {
    http: &'a reqwest::Client,
    address: String,
    token: String,
}

impl Client<'_> {
    async fn ask(&self, method: Method, path: &str, body: Value) -> anyhow::Result<(u16, Value)> {
        let url = format!("http://{}{path}", self.address);
        let asking = self.http.request(method, url).bearer_auth(&self.token);
        let asking = asking.header("Idempotency-Key", "the-only-one");
        let asking = if body.is_null() { asking } else { asking.json(&body) };
        let answer = asking.send().await?;
        Ok((answer.status().as_u16(), answer.json().await.unwrap_or_default()))
    }

    /// Asks until the answer is so.
    async fn until(&self, path: &str, holds: impl Fn(&Value) -> bool) -> anyhow::Result<Value> {
        let found = wait::some(PATIENCE, async || {
            let (_, answer) = self.ask(Method::GET, path, Value::Null).await.ok()?;
            holds(&answer).then_some(answer)
        });
        found.await.with_context(|| format!("GET {path}"))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cart_becomes_an_order_at_the_price_that_was_confirmed() -> anyhow::Result<()> {
    let mut shop = Shop::open(&[10]).await?;
    let issuer = shop.issuer.clone();
    for name in ["product", "cart"] {
        shop.another(name).await?;
    }
    let http = reqwest::Client::builder().timeout(PATIENCE).build()?;
    let customer = issuer.token("0190b6ac-0000-7000-8000-0000000000a1", "customer");
    let staff = issuer.token("0190b6ac-0000-7000-8000-0000000000a3", "staff");
    let mut at = |name: &str, token: &str| {
        let address = shop.instances(name).first().map(|s| s.address.clone()).unwrap_or_default();
        Client { http: &http, address, token: token.to_owned() }
    };
    let catalogue = at("product", &staff);
    let (cart, orders) = (at("cart", &customer), at("order", &customer));

    // What a catalogue has published is known, and staff go on from there.
    catalogue.until("/products/SKU-0", |p| p["available"] == 10).await?;
    let listing = json!({ "sku": "CUP", "name": "Cup", "price": 700, "currency": "EUR" });
    assert_eq!(catalogue.ask(Method::POST, "/products", listing).await?.0, 201);
    for _ in 0..2 {
        let body = json!({ "quantity": 5 });
        let (_, restocked) = catalogue.ask(Method::POST, "/products/CUP/restock", body).await?;
        assert_eq!(restocked["restocked_total"], 5);
    }
    catalogue.until("/products/CUP", |p| p["available"] == 5).await?;

    let put = async |sku: &str, quantity: i64| {
        let path = format!("/cart/lines/{sku}");
        cart.ask(Method::PUT, &path, json!({ "quantity": quantity })).await.map(|(s, _)| s)
    };
    wait::until(PATIENCE, async || put("CUP", 2).await.is_ok_and(|status| status == 200)).await?;
    assert_eq!(put("SKU-0", 1).await?, 200);
    catalogue.ask(Method::POST, "/products/CUP/reprice", json!({ "price": 800 })).await?;
    // What there is of each comes by another topic than what it costs.
    let known = |cart: &Value| {
        let there = [0, 1].map(|line| cart["lines"][line]["available"].as_i64());
        cart["current_total"] == 1_700 && there == [Some(5), Some(10)]
    };
    cart.until("/cart", known).await?;
    let check_out = async |body: Value| cart.ask(Method::POST, "/cart/checkout", body).await;
    let (status, told) = check_out(json!({})).await?;
    assert_eq!((status, &told["current_total"]), (409, &json!(1_700)), "{told}");
    let confirmed = json!({ "expected_total": 1_700 });
    let (status, checked_out) = check_out(confirmed.clone()).await?;
    assert_eq!(status, StatusCode::ACCEPTED.as_u16(), "{checked_out}");
    assert_eq!(check_out(confirmed).await?.1, checked_out);

    let order_id = checked_out["order_id"].as_str().context("an order's id")?.to_owned();
    let path = format!("/orders/{order_id}");
    let order = orders.until(&path, |order| order["state"] == "completed").await?;
    assert_eq!((&order["total"], &order["lines"][0]["unit_price"]), (&json!(1_700), &json!(800)));
    catalogue.until("/products/CUP", |p| p["available"] == 3).await?;

    shop.at_rest().await?;
    let order = Accepted { order_id: order_id.parse()?, total: 1_700, cancelled: false };
    let books = shop.audit(&[order], 0).await?;
    assert_eq!(books.number(&["by channel", "web", "orders"]), 1);
    Ok(())
}
