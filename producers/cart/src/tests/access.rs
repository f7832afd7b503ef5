use serde_json::json;
use shop_testkit::access::{self, Row, Who};
use shop_testkit::database::Kind;

use super::shop::Shop;

shop_testkit::on_every_database!(
    every_route_lets_in_whom_it_says_and_nobody_else,
    a_cart_is_seen_and_changed_by_nobody_else,
);

const TABLE: [Row; 5] = [
    ("GET /cart", [401, 200, 200, 200, 200]),
    ("DELETE /cart", [401, 204, 204, 204, 204]),
    ("PUT /cart/lines/{sku}", [401, 200, 200, 200, 200]),
    ("DELETE /cart/lines/{sku}", [401, 200, 200, 200, 200]),
    ("POST /cart/checkout", [401, 202, 202, 202, 202]),
];

async fn every_route_lets_in_whom_it_says_and_nobody_else(on: Kind) -> anyhow::Result<()> {
    let shop = Shop::open(on).await;
    let api = shop.client.get("/openapi.json").send().await.body;
    let ask = async |route: &'static str, who: Who| {
        let (method, path) = route.split_once(' ').unwrap();
        if path == "/cart/checkout" && who != Who::Nobody {
            shop.put(who, "TEA", 1).await;
        }
        let asking = shop.client.ask(method, &path.replace("{sku}", "TEA")).key("k");
        let asking = match method {
            "PUT" => asking.json(&json!({ "quantity": 1 })),
            "POST" => asking.json(&json!({})),
            _ => asking,
        };
        let token = who.token(&shop.issuer);
        let asking = token.iter().fold(asking, |asking, token| asking.by(token));
        asking.send().await.status.as_u16()
    };
    access::check(&api, &TABLE, ask).await
}

async fn a_cart_is_seen_and_changed_by_nobody_else(on: Kind) {
    let shop = Shop::open(on).await;
    shop.two_tea().await;
    let before = shop.view(Who::Owner).await;
    for who in [Who::Another, Who::Staff, Who::Admin] {
        assert_eq!(shop.view(who).await["lines"], json!([]), "{who:?}");
        shop.put(who, "POT", 1).await;
        for path in ["/cart/lines/TEA", "/cart"] {
            shop.client.delete(path).by(&shop.token(who)).send().await;
        }
        let checked_out = shop.check_out(who, "k", json!({})).await;
        assert_eq!((checked_out.status.as_u16(), checked_out.kind()), (409, "cart-empty"));
    }
    assert_eq!(shop.view(Who::Owner).await, before);
}
