use axum::http::StatusCode;
use serde_json::{Value, json};
use shop_events::{CartCheckedOut, order_of_checkout};
use shop_testkit::access::Who;
use shop_testkit::database::Kind;
use uuid::Uuid;

use super::shop::{Shop, id};

shop_testkit::on_every_database!(
    a_cart_that_is_checked_out_becomes_an_order_and_is_closed,
    one_key_is_one_checkout,
    many_at_once_check_out_once,
    a_price_that_has_changed_is_told_and_taken_once_it_is_confirmed,
    a_total_that_is_not_the_carts_is_refused,
    what_cannot_be_bought_is_named,
    a_refused_checkout_leaves_the_cart_and_its_key,
    a_way_to_pay_is_handed_on_and_a_cards_number_is_refused,
    who_is_not_known_yet_checks_out_without_an_address,
    who_checks_out_too_often_is_told_when_to_come_again,
    a_request_that_cannot_be_read_is_a_problem,
);

use Who::Owner;

async fn a_cart_that_is_checked_out_becomes_an_order_and_is_closed(on: Kind) {
    let shop = Shop::open(on).await;
    shop.user(Owner, "ada@example.com", 1).await;
    shop.two_tea().await;
    let cart_id = shop.put(Owner, "POT", 1).await.body["cart_id"].clone();
    let answer = shop.check_out(Owner, "k1", json!({})).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.body);
    let order_id = answer.body["order_id"].as_str().unwrap();
    assert_eq!(answer.location(), format!("http://127.0.0.1:8101/orders/{order_id}"));
    assert_eq!(shop.view(Owner).await["lines"], json!([]));

    shop.world.story("carts", &id(Owner).to_string(), 1).await;
    let sent = shop.world.sent::<CartCheckedOut>().remove(0);
    assert_eq!(sent.order_id().to_string(), order_id);
    assert_eq!(json!(sent.checkout_id), answer.body["checkout_id"]);
    assert_eq!((sent.user_id, json!(sent.cart_id)), (id(Owner), cart_id));
    assert_eq!(sent.email.as_deref(), Some("ada@example.com"));
    assert_eq!((sent.name.as_deref(), sent.channel.as_str()), (Some("Ada"), "web"));
    assert_eq!((sent.total, sent.currency.as_str()), (1_400, "EUR"));
    let lines: Vec<_> = sent.lines.iter().map(|l| (&*l.product_id, l.line_total)).collect();
    assert_eq!(lines, [("TEA", 500), ("POT", 900)]);

    // The next cart is another one.
    shop.two_tea().await;
    assert_ne!(shop.view(Owner).await["cart_id"], json!(sent.cart_id));
}

async fn one_key_is_one_checkout(on: Kind) {
    let shop = Shop::open(on).await;
    shop.two_tea().await;
    let first = shop.check_out(Owner, "k1", json!({ "expected_total": 500 })).await;
    // Whatever is in the next cart, the key is the first one's.
    shop.put(Owner, "POT", 1).await;
    let again = shop.check_out(Owner, "k1", json!({ "expected_total": 500 })).await;
    assert_eq!(again.location(), first.location());
    assert_eq!((again.status, again.body), (StatusCode::ACCEPTED, first.body.clone()));
    let other = shop.check_out(Owner, "k1", json!({ "expected_total": 900 })).await;
    assert_eq!((other.status.as_u16(), other.kind()), (409, "idempotency-key-reused"));
    assert_eq!(shop.view(Owner).await["total"], 900);
    // Another's same key is another key.
    shop.put(Who::Another, "TEA", 2).await;
    let another = shop.check_out(Who::Another, "k1", json!({ "expected_total": 500 })).await;
    assert_eq!(another.status, StatusCode::ACCEPTED);
    assert_ne!(another.body["order_id"], first.body["order_id"]);
    shop.world.until(|| shop.world.sent::<CartCheckedOut>().len() == 2).await;
}

async fn many_at_once_check_out_once(on: Kind) {
    let shop = Shop::open(on).await;
    shop.two_tea().await;
    let same = (0..4).map(|_| shop.check_out(Owner, "k", json!({})));
    let same = futures::future::join_all(same).await;
    assert!(same.iter().all(|a| a.status == 202 && a.body == same[0].body), "{same:?}");
    shop.two_tea().await;
    let keys: Vec<String> = (0..4).map(|i| format!("k{i}")).collect();
    let other = keys.iter().map(|key| shop.check_out(Owner, key, json!({})));
    let other = futures::future::join_all(other).await;
    let accepted = other.iter().filter(|a| a.status == 202).count();
    let empty = other.iter().filter(|a| a.kind() == "cart-empty").count();
    assert_eq!((accepted, empty), (1, 3), "{other:?}");
    let key = id(Owner).to_string();
    assert_eq!(shop.world.story("carts", &key, 2).await.len(), 2);
}

async fn a_price_that_has_changed_is_told_and_taken_once_it_is_confirmed(on: Kind) {
    let shop = Shop::open(on).await;
    shop.two_tea().await;
    shop.put(Owner, "POT", 1).await;
    shop.product("TEA", 300, 2, |_| {}).await;
    for unconfirmed in [json!({}), json!({ "expected_total": 1_400 })] {
        let told = shop.check_out(Owner, "k1", unconfirmed).await;
        assert_eq!((told.status.as_u16(), told.kind()), (409, "prices-changed"));
        assert_eq!(told.body["current_total"], 1_500);
        assert_eq!(told.body["lines"].as_array().unwrap().len(), 1);
        let line = &told.body["lines"][0];
        assert_eq!((&line["sku"], &line["price"]), (&json!("TEA"), &json!(250)));
        assert_eq!(line["current_price"], 300);
    }
    let body = json!({ "expected_total": 1_500 });
    let answer = shop.check_out(Owner, "k1", body).await;
    assert_eq!((answer.status.as_u16(), &answer.body["total"]), (202, &json!(1_500)));
    shop.world.until(|| shop.world.sent::<CartCheckedOut>().len() == 1).await;
    assert_eq!(shop.world.sent::<CartCheckedOut>()[0].lines[0].unit_price, Some(300));
}

async fn a_total_that_is_not_the_carts_is_refused(on: Kind) {
    let shop = Shop::open(on).await;
    shop.two_tea().await;
    let told = shop.check_out(Owner, "k1", json!({ "expected_total": 499 })).await;
    assert_eq!((told.status.as_u16(), told.kind()), (409, "prices-changed"));
    assert_eq!((&told.body["lines"], &told.body["current_total"]), (&json!([]), &json!(500)));
}

async fn what_cannot_be_bought_is_named(on: Kind) {
    let shop = Shop::open(on).await;
    let empty = shop.check_out(Owner, "k", json!({})).await;
    assert_eq!((empty.status.as_u16(), empty.kind()), (409, "cart-empty"));
    shop.two_tea().await;
    shop.put(Owner, "POT", 3).await;
    shop.level("POT", 2, 2).await;
    let short = shop.check_out(Owner, "k", json!({})).await;
    assert_eq!((short.status.as_u16(), short.kind()), (409, "lines-unavailable"));
    let line = &short.body["lines"][0];
    assert_eq!((&line["sku"], &line["standing"]), (&json!("POT"), &json!("out-of-stock")));
    shop.product("TEA", 250, 2, |p| p.listed = false).await;
    let gone = shop.check_out(Owner, "k", json!({})).await;
    assert_eq!(gone.body["lines"].as_array().unwrap().len(), 2);
    assert_eq!(gone.body["lines"][0]["standing"], "not-sold");
}

async fn a_refused_checkout_leaves_the_cart_and_its_key(on: Kind) {
    let shop = Shop::open(on).await;
    shop.two_tea().await;
    assert_eq!(shop.check_out(Owner, "k", json!({ "expected_total": 1 })).await.status, 409);
    assert_eq!(shop.view(Owner).await["total"], 500);
    assert_eq!(shop.check_out(Owner, "k", json!({ "expected_total": 500 })).await.status, 202);
}

async fn a_way_to_pay_is_handed_on_and_a_cards_number_is_refused(on: Kind) {
    let shop = Shop::open(on).await;
    shop.two_tea().await;
    for wrong in ["4242 4242 4242 4242", "pm_4242424242424242", "", "a card"] {
        let answer = shop.check_out(Owner, "k", json!({ "payment_method": wrong })).await;
        assert_eq!((answer.status.as_u16(), answer.field()), (422, "payment_method"), "{wrong}");
        assert!(!answer.body.to_string().contains("4242"), "{}", answer.body);
    }
    let body = json!({ "payment_method": "pm_card_visa" });
    assert_eq!(shop.check_out(Owner, "k", body).await.status, StatusCode::ACCEPTED);
    let other = shop.check_out(Owner, "k", json!({ "payment_method": "pm_other" })).await;
    assert_eq!(other.kind(), "idempotency-key-reused");
    shop.world.until(|| shop.world.sent::<CartCheckedOut>().len() == 1).await;
    let sent = shop.world.sent::<CartCheckedOut>().remove(0);
    assert_eq!(sent.payment_method.as_deref(), Some("pm_card_visa"));
}

async fn who_is_not_known_yet_checks_out_without_an_address(on: Kind) {
    let shop = Shop::open(on).await;
    shop.two_tea().await;
    assert_eq!(shop.check_out(Owner, "k", json!({})).await.status, 202);
    shop.world.until(|| shop.world.sent::<CartCheckedOut>().len() == 1).await;
    assert_eq!(shop.world.sent::<CartCheckedOut>()[0].email, None);
}

async fn who_checks_out_too_often_is_told_when_to_come_again(on: Kind) {
    let shop = Shop::open_with(on, &["--checkouts-per-account", "2/h"]).await;
    for _ in 0..2 {
        assert_eq!(shop.check_out(Owner, "k", json!({})).await.status, StatusCode::CONFLICT);
    }
    let often = shop.check_out(Owner, "k", json!({})).await;
    assert_eq!(often.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(often.headers.contains_key("retry-after"));
    assert_eq!(shop.check_out(Who::Another, "k", json!({})).await.status, StatusCode::CONFLICT);
    let shop = Shop::open_with(on, &["--checkouts-per-address", "1/h"]).await;
    shop.check_out(Owner, "k", json!({})).await;
    let often = shop.check_out(Who::Another, "k", json!({})).await;
    assert_eq!(often.status, StatusCode::TOO_MANY_REQUESTS);
}

async fn a_request_that_cannot_be_read_is_a_problem(on: Kind) {
    let shop = Shop::open(on).await;
    let asking = || shop.client.post("/cart/checkout").by(&shop.token(Owner));
    assert_eq!(asking().json(&json!({})).send().await.kind(), "bad-request");
    let wrong = asking().key("a b").json(&json!({})).send().await;
    assert_eq!((wrong.status.as_u16(), wrong.field()), (422, "Idempotency-Key"));
    assert_eq!(asking().key("k").send().await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let wrong = asking().key("k").json(&json!({ "expected_total": "5" })).send().await;
    assert_eq!((wrong.status.as_u16(), wrong.field()), (422, "expected_total"));
    assert_eq!(asking().key("k").json(&Value::Null).send().await.status, 422);
    assert_eq!(order_of_checkout(Uuid::nil()), Uuid::new_v5(&Uuid::nil(), b"order"));
}
