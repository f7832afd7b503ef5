use serde_json::{Value, json};
use shop_testkit::access::Who;
use shop_testkit::database::Kind;

use super::shop::Shop;

shop_testkit::on_every_database!(
    what_is_put_in_is_seen_until_it_is_taken_out,
    a_line_keeps_its_price_and_shows_the_one_of_now,
    the_same_request_again_changes_nothing,
    changes_at_once_are_all_there,
    a_cart_has_a_bound,
    a_cart_has_one_currency,
    what_cannot_be_put_in_is_said,
    what_a_client_may_not_set_is_refused,
);

use Who::Owner;

fn lines(cart: &Value) -> Vec<(String, i64)> {
    let line = |l: &Value| (l["sku"].as_str().unwrap().to_owned(), l["quantity"].as_i64().unwrap());
    cart["lines"].as_array().unwrap().iter().map(line).collect()
}

async fn what_is_put_in_is_seen_until_it_is_taken_out(on: Kind) {
    let shop = Shop::open(on).await;
    assert_eq!(shop.view(Owner).await["cart_id"], Value::Null);
    shop.put(Owner, "TEA", 2).await;
    let answer = shop.put(Owner, "POT", 1).await;
    assert_eq!(answer.body, shop.view(Owner).await);
    assert_eq!(lines(&answer.body), [("TEA".to_owned(), 2), ("POT".to_owned(), 1)]);
    assert_eq!((&answer.body["total"], &answer.body["currency"]), (&json!(1400), &json!("EUR")));
    assert_eq!(answer.body["lines"][0]["name"], "the TEA");
    let changed = shop.put(Owner, "TEA", 5).await.body;
    assert_eq!(lines(&changed), [("TEA".to_owned(), 5), ("POT".to_owned(), 1)]);
    assert_eq!(changed["cart_id"], answer.body["cart_id"]);
    for _ in 0..2 {
        let left = shop.client.delete("/cart/lines/TEA").by(&shop.token(Owner)).send().await;
        assert_eq!(lines(&left.body), [("POT".to_owned(), 1)]);
    }
    assert_eq!(shop.client.delete("/cart").by(&shop.token(Owner)).send().await.status, 204);
    assert_eq!(lines(&shop.view(Owner).await), []);
}

async fn a_line_keeps_its_price_and_shows_the_one_of_now(on: Kind) {
    let shop = Shop::open(on).await;
    shop.two_tea().await;
    shop.product("TEA", 300, 2, |_| {}).await;
    let cart = shop.put(Owner, "TEA", 3).await.body;
    let line = &cart["lines"][0];
    assert_eq!((&line["price"], &line["current_price"]), (&json!(250), &json!(300)));
    assert_eq!((&cart["total"], &cart["current_total"]), (&json!(750), &json!(900)));
    assert_eq!(line["standing"], "price-changed");
    shop.level("TEA", 2, 2).await;
    let line = &shop.view(Owner).await["lines"][0];
    assert_eq!((&line["standing"], &line["available"]), (&json!("out-of-stock"), &json!(2)));
    shop.product("TEA", 300, 3, |p| p.listed = false).await;
    let cart = shop.view(Owner).await;
    let line = &cart["lines"][0];
    assert_eq!((&line["standing"], &line["current_price"]), (&json!("not-sold"), &Value::Null));
    assert_eq!((&cart["total"], &cart["current_total"]), (&json!(750), &Value::Null));
}

async fn the_same_request_again_changes_nothing(on: Kind) {
    let shop = Shop::open(on).await;
    for _ in 0..3 {
        assert_eq!(lines(&shop.put(Owner, "TEA", 2).await.body), [("TEA".to_owned(), 2)]);
    }
}

async fn changes_at_once_are_all_there(on: Kind) {
    let shop = Shop::open(on).await;
    for i in 0..8 {
        shop.product(&format!("A{i}"), 100, 1, |_| {}).await;
    }
    let skus: Vec<String> = (0..8).map(|i| format!("A{i}")).collect();
    let answers = futures::future::join_all(skus.iter().map(|sku| shop.put(Owner, sku, 1))).await;
    assert!(answers.iter().all(|a| a.status == 200), "{answers:?}");
    assert_eq!(shop.view(Owner).await["total"], 800);
}

async fn a_cart_has_a_bound(on: Kind) {
    let shop = Shop::open(on).await;
    for i in 0..100 {
        let sku = format!("A{i}");
        shop.product(&sku, 100, 1, |_| {}).await;
        assert_eq!(shop.put(Owner, &sku, 1).await.status, 200);
    }
    let more = shop.put(Owner, "TEA", 1).await;
    assert_eq!((more.status.as_u16(), more.kind()), (409, "cart-full"));
    assert_eq!(shop.put(Owner, "A7", 1_000).await.status, 200);
    for quantity in [0, -1, 1_001] {
        let answer = shop.put(Owner, "A7", quantity).await;
        assert_eq!((answer.status.as_u16(), answer.field()), (422, "quantity"));
    }
}

async fn a_cart_has_one_currency(on: Kind) {
    let shop = Shop::open(on).await;
    shop.product("CUP", 700, 1, |p| p.currency = "USD".into()).await;
    shop.two_tea().await;
    let other = shop.put(Owner, "CUP", 1).await;
    assert_eq!((other.status.as_u16(), other.kind()), (409, "other-currency"));
    shop.client.delete("/cart/lines/TEA").by(&shop.token(Owner)).send().await;
    assert_eq!(shop.put(Owner, "CUP", 1).await.body["currency"], "USD");
    // Alone in its cart, a product that is sold in another currency now begins anew.
    shop.product("CUP", 600, 2, |_| {}).await;
    let cart = shop.put(Owner, "CUP", 2).await.body;
    assert_eq!((&cart["currency"], &cart["lines"][0]["price"]), (&json!("EUR"), &json!(600)));
}

async fn what_cannot_be_put_in_is_said(on: Kind) {
    let shop = Shop::open(on).await;
    shop.product("GONE", 1, 1, |p| p.listed = false).await;
    for (sku, status) in [("NONE", 404), ("GONE", 409)] {
        assert_eq!(shop.put(Owner, sku, 1).await.status, status, "{sku}");
    }
    for malformed in ["%00", "%ff"] {
        let path = format!("/cart/lines/{malformed}");
        let put = shop.put(Owner, malformed, 1).await;
        let removed = shop.client.delete(&path).by(&shop.token(Owner)).send().await;
        for answer in [put, removed] {
            assert_eq!((answer.status.as_u16(), answer.field()), (400, "sku"), "{malformed}");
        }
    }
    assert_eq!(lines(&shop.view(Owner).await), []);
}

async fn what_a_client_may_not_set_is_refused(on: Kind) {
    let shop = Shop::open(on).await;
    for field in ["price", "user_id", "owner", "role", "currency", "sku"] {
        let asking = shop.client.put("/cart/lines/TEA").by(&shop.token(Owner));
        let answer = asking.json(&json!({ "quantity": 1, field: 1 })).send().await;
        assert_eq!((answer.status.as_u16(), answer.field()), (422, field));
    }
    shop.two_tea().await;
    for field in ["total", "price", "user_id", "email", "lines", "checkout_id"] {
        let answer = shop.check_out(Owner, "k", json!({ field: 1 })).await;
        assert_eq!((answer.status.as_u16(), answer.field()), (422, field));
    }
}
