use axum::http::StatusCode;
use serde_json::{Value, json};
use shop_events::{ProductDelisted, ProductListed, ProductRepriced, ProductRestocked};
use shop_testkit::access::Who;
use shop_testkit::database::Kind;

use super::shop::{Shop, listing};

shop_testkit::on_every_database!(
    a_product_is_found_where_the_answer_says,
    each_change_is_a_record_with_the_whole_state,
    what_is_so_already_changes_nothing,
    a_product_that_was_taken_off_sale_comes_back,
    one_key_restocks_once,
    many_at_once_with_one_key_restock_once,
    deliveries_at_once_are_all_counted,
    what_is_wrong_is_named_by_its_field,
    what_a_client_may_not_set_is_refused,
);

async fn a_product_is_found_where_the_answer_says(on: Kind) {
    let shop = Shop::open(on).await;
    let answer = shop.list("TEA/1 é", "Tea", 490).await;
    assert_eq!(answer.status, StatusCode::CREATED);
    assert_eq!(answer.location(), "/products/TEA%2F1%20%C3%A9");
    let found = shop.get(answer.location()).await;
    assert_eq!((found.status, &found.body), (StatusCode::OK, &answer.body));
    assert_eq!((&found.body["sku"], &found.body["price"]), (&json!("TEA/1 é"), &json!(490)));
}

async fn each_change_is_a_record_with_the_whole_state(on: Kind) {
    let shop = Shop::open(on).await;
    shop.list("TEA", "Tea", 490).await;
    shop.post("/products/TEA/reprice", "-", json!({ "price": 520 })).await;
    shop.restock("TEA", "k1", 12).await;
    let gone = shop.post("/products/TEA/delist", "-", Value::Null).await;
    assert_eq!((&gone.body["version"], &gone.body["listed"]), (&json!(4), &json!(false)));
    let story = shop.story("TEA", 4).await;
    assert_eq!(story, ["ProductListed", "ProductRepriced", "ProductRestocked", "ProductDelisted"]);
    let listed = shop.world.sent::<ProductListed>().remove(0);
    assert_eq!((listed.version, listed.price, listed.listed), (1, 490, true));
    let repriced = shop.world.sent::<ProductRepriced>().remove(0);
    assert_eq!((repriced.version, repriced.price, repriced.previous_price), (2, 520, 490));
    let restocked = shop.world.sent::<ProductRestocked>().remove(0);
    assert_eq!((restocked.version, restocked.quantity, restocked.restocked_total), (3, 12, 12));
    let delisted = shop.world.sent::<ProductDelisted>().remove(0);
    assert_eq!((delisted.version, delisted.price, delisted.restocked_total), (4, 520, 12));
    assert!(!delisted.listed && delisted.name == "Tea");
}

async fn what_is_so_already_changes_nothing(on: Kind) {
    let shop = Shop::open(on).await;
    let first = shop.list("TEA", "Tea", 490).await;
    let again = shop.list("TEA", "Tea", 490).await;
    assert_eq!((again.status, again.body), (StatusCode::OK, first.body));
    shop.post("/products/TEA/reprice", "-", json!({ "price": 490 })).await;
    for _ in 0..2 {
        shop.post("/products/TEA/delist", "-", Value::Null).await;
    }
    assert_eq!(shop.story("TEA", 2).await, ["ProductListed", "ProductDelisted"]);
}

async fn a_product_that_was_taken_off_sale_comes_back(on: Kind) {
    let shop = Shop::open(on).await;
    shop.list("TEA", "Tea", 490).await;
    shop.restock("TEA", "k", 3).await;
    shop.post("/products/TEA/delist", "-", Value::Null).await;
    let back = shop.list("TEA", "Tea", 500).await;
    assert_eq!((back.status, &back.body["version"]), (StatusCode::OK, &json!(5)));
    let story = shop.story("TEA", 5).await;
    assert_eq!(story[3..], ["ProductListed", "ProductRepriced"]);
    assert_eq!(shop.world.sent::<ProductRepriced>()[0].restocked_total, 3);
}

async fn one_key_restocks_once(on: Kind) {
    let shop = Shop::open(on).await;
    shop.list("TEA", "Tea", 490).await;
    shop.list("POT", "Pot", 490).await;
    let first = shop.restock("TEA", "k1", 5).await;
    assert_eq!(first.body["restocked_total"], 5);
    shop.restock("TEA", "k2", 2).await;
    let again = shop.restock("TEA", "k1", 5).await;
    assert_eq!((again.status, again.body), (StatusCode::OK, first.body));
    for (sku, quantity) in [("TEA", 6), ("POT", 5)] {
        let other = shop.restock(sku, "k1", quantity).await;
        assert_eq!((other.status.as_u16(), other.kind()), (409, "idempotency-key-reused"));
    }
    // Another's same key is another key.
    let body = json!({ "quantity": 5 });
    let admin = shop.client.post("/products/TEA/restock").by(&shop.token(Who::Admin));
    let admin = admin.key("k1").json(&body).send().await;
    assert_eq!(admin.body["restocked_total"], 12);
    let none = shop.client.post("/products/TEA/restock").by(&shop.token(Who::Staff));
    assert_eq!(none.json(&body).send().await.status, StatusCode::BAD_REQUEST);
}

async fn many_at_once_with_one_key_restock_once(on: Kind) {
    let shop = Shop::open(on).await;
    shop.list("TEA", "Tea", 490).await;
    let answers = futures::future::join_all((0..8).map(|_| shop.restock("TEA", "k1", 5))).await;
    assert!(answers.iter().all(|a| a.status == 200 && a.body == answers[0].body), "{answers:?}");
    assert_eq!(answers[0].body["restocked_total"], 5);
}

async fn deliveries_at_once_are_all_counted(on: Kind) {
    let shop = Shop::open(on).await;
    shop.list("TEA", "Tea", 490).await;
    let keys: Vec<String> = (0..8).map(|i| format!("k{i}")).collect();
    let answers = keys.iter().map(|key| shop.restock("TEA", key, 5));
    let answers = futures::future::join_all(answers).await;
    assert!(answers.iter().all(|a| a.status == 200), "{answers:?}");
    shop.story("TEA", 9).await;
    let totals: Vec<_> = shop.world.sent::<ProductRestocked>();
    let totals: Vec<_> = totals.iter().map(|r| (r.version, r.restocked_total)).collect();
    assert_eq!(totals, (1..=8).map(|i| (i + 1, 5 * i)).collect::<Vec<_>>());
}

async fn what_is_wrong_is_named_by_its_field(on: Kind) {
    let shop = Shop::open(on).await;
    shop.list("TEA", "Tea", 490).await;
    let with = |field: &str, value: Value| {
        let mut body = listing("NEW", "New", 1);
        body[field] = value;
        ("/products", body)
    };
    for (field, (path, body)) in [
        ("sku", with("sku", json!(""))),
        ("sku", with("sku", json!("a\nb"))),
        ("name", with("name", json!("x".repeat(201)))),
        ("description", with("description", json!("a\u{7}"))),
        ("price", with("price", json!(-1))),
        ("price", with("price", json!(1.5))),
        ("price", with("price", json!(1_000_000_000_001_i64))),
        ("currency", with("currency", json!("euro"))),
        ("price", ("/products/TEA/reprice", json!({ "price": -1 }))),
        ("quantity", ("/products/TEA/restock", json!({ "quantity": 0 }))),
        ("quantity", ("/products/TEA/restock", json!({ "quantity": 1_000_001 }))),
    ] {
        let answer = shop.post(path, "k", body).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}: {}", answer.body);
        assert_eq!(answer.field(), field, "{}", answer.body);
    }
    for path in ["/products/NONE/reprice", "/products/NONE/restock", "/products/NONE/delist"] {
        let body = if path.ends_with("restock") {
            json!({ "quantity": 1 })
        } else {
            json!({ "price": 1 })
        };
        assert_eq!(shop.post(path, "k", body).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

async fn what_a_client_may_not_set_is_refused(on: Kind) {
    let shop = Shop::open(on).await;
    shop.list("TEA", "Tea", 490).await;
    for field in ["version", "restocked_total", "listed", "updated_at", "changed_by", "owner"] {
        let mut body = listing("NEW", "New", 1);
        body[field] = json!(1);
        let answer = shop.post("/products", "-", body).await;
        assert_eq!((answer.status.as_u16(), answer.field()), (422, field), "{}", answer.body);
    }
    let body = json!({ "quantity": 1, "restocked_total": 9 });
    let answer = shop.post("/products/TEA/restock", "k", body).await;
    assert_eq!((answer.status.as_u16(), answer.field()), (422, "restocked_total"));
    let body = json!({ "price": 1, "currency": "USD" });
    let answer = shop.post("/products/TEA/reprice", "k", body).await;
    assert_eq!((answer.status.as_u16(), answer.field()), (422, "currency"));
}
