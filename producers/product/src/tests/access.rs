use serde_json::{Value, json};
use shop_testkit::access::{self, Row, Who};
use shop_testkit::database::Kind;

use super::shop::{Shop, listing};

shop_testkit::on_every_database!(every_route_lets_in_whom_it_says_and_nobody_else);

const TABLE: [Row; 6] = [
    ("GET /products", [200, 200, 200, 200, 200]),
    ("GET /products/{sku}", [200, 200, 200, 200, 200]),
    ("POST /products", [401, 403, 403, 201, 201]),
    ("POST /products/{sku}/reprice", [401, 403, 403, 200, 200]),
    ("POST /products/{sku}/delist", [401, 403, 403, 200, 200]),
    ("POST /products/{sku}/restock", [401, 403, 403, 200, 200]),
];

async fn every_route_lets_in_whom_it_says_and_nobody_else(on: Kind) -> anyhow::Result<()> {
    let shop = Shop::open(on).await;
    shop.list("TEA", "Tea", 490).await;
    let api = shop.get("/openapi.json").await.body;
    let ask = async |route: &'static str, who: Who| {
        let (method, path) = route.split_once(' ').unwrap();
        let body = match path {
            "/products" => listing(&format!("NEW-{who:?}"), "New", 1),
            "/products/{sku}/reprice" => json!({ "price": 500 }),
            "/products/{sku}/restock" => json!({ "quantity": 1 }),
            _ => Value::Null,
        };
        let asking = shop.client.ask(method, &path.replace("{sku}", "TEA")).key("k");
        let asking = if method == "POST" { asking.json(&body) } else { asking };
        let token = who.token(&shop.issuer);
        let asking = token.iter().fold(asking, |asking, token| asking.by(token));
        asking.send().await.status.as_u16()
    };
    access::check(&api, &TABLE, ask).await
}
