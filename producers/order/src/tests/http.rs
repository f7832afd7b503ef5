use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use pipeline::Clock;
use serde_json::{Value, json};
use shop_events::OrderPlaced;
use uuid::Uuid;

use super::shop::{Shop, customer, order_of};
use shop_testkit::database::Kind;

shop_testkit::on_every_database!(
    a_placed_order_is_accepted_and_found_where_the_answer_says,
    one_key_is_one_order_of_a_user,
    many_at_once_with_one_key_place_one_order,
    a_refused_request_leaves_its_key_free,
    a_product_that_may_not_have_been_read_yet_is_not_taken_for_none,
    a_price_that_has_changed_since_it_was_shown_is_told,
    what_is_wrong_is_named_by_its_field,
    a_request_that_cannot_be_read_is_a_problem_too,
    pages_hold_every_order_once_the_latest_first,
    an_order_is_cancelled_once,
    who_follows_an_order_hears_each_state_until_the_end,
    who_follows_an_order_that_has_ended_is_told_not_to_come_again,
    who_follows_is_let_go_when_the_token_ends,
    an_account_follows_so_many_orders_and_others_go_on,
    who_follows_is_let_go_when_the_service_stops,
    the_api_describes_itself,
);

async fn a_placed_order_is_accepted_and_found_where_the_answer_says(on: Kind) {
    let shop = Shop::open(on).await;
    let answer = shop.post("/orders", "k1", order_of("TEA", 2)).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED);
    assert_eq!((&answer.body["state"], &answer.body["total"]), (&json!("placed"), &json!(500)));
    let order = shop.get(&answer.location.unwrap()).await;
    assert_eq!(order.status, StatusCode::OK);
    assert_eq!(order.body["lines"][0]["name"], "the TEA");
    assert_eq!(order.body["changes"].as_array().unwrap().len(), 1);
    assert_eq!(shop.get(&format!("/orders/{}", Uuid::nil())).await.status, StatusCode::NOT_FOUND);
    let malformed = shop.get("/orders/1").await;
    assert_eq!(malformed.status, StatusCode::BAD_REQUEST);
    assert_eq!(malformed.body["errors"][0]["field"], "order_id");
}

async fn one_key_is_one_order_of_a_user(on: Kind) {
    let shop = Shop::open(on).await;
    let first = shop.post("/orders", "k1", order_of("TEA", 2)).await;
    shop.list("TEA", 999, false, 2).await; // what changes meanwhile changes no answer
    let again = shop.post("/orders", "k1", order_of("TEA", 2)).await;
    assert_eq!(again.status, StatusCode::ACCEPTED);
    assert_eq!((again.location, again.body), (first.location, first.body.clone()));
    let other = shop.post("/orders", "k1", order_of("TEA", 3)).await;
    assert_eq!(other.status, StatusCode::CONFLICT);
    assert_eq!(other.body["type"], "urn:orderline:problem:idempotency-key-reused");
    let stranger = shop.post_as(8, "/orders", "k1", order_of("FREE", 2)).await;
    assert_eq!(stranger.status, StatusCode::ACCEPTED);
    assert_ne!(stranger.body["order_id"], first.body["order_id"]);
    shop.until(|| shop.sent::<OrderPlaced>().len() == 2).await;
}

async fn many_at_once_with_one_key_place_one_order(on: Kind) {
    let shop = Shop::open(on).await;
    let answers =
        futures::future::join_all((0..8).map(|_| shop.post("/orders", "k1", order_of("TEA", 2))));
    let answers = answers.await;
    assert!(answers.iter().all(|a| a.status == 202 && a.body == answers[0].body));
}

async fn a_refused_request_leaves_its_key_free(on: Kind) {
    let shop = Shop::open(on).await;
    assert_eq!(shop.post("/orders", "k1", order_of("NONE", 2)).await.status, 422);
    assert_eq!(shop.post("/orders", "k1", order_of("TEA", 2)).await.status, 202);
}

async fn a_product_that_may_not_have_been_read_yet_is_not_taken_for_none(on: Kind) {
    let shop = Shop::open_early(on).await;
    let early = shop.post("/orders", "k1", order_of("NONE", 2)).await;
    assert_eq!(
        (early.status, early.body["type"].as_str()),
        (503.try_into().unwrap(), Some("urn:orderline:problem:unavailable"))
    );
    // What is known already is sold.
    assert_eq!(shop.post("/orders", "k1", order_of("TEA", 2)).await.status, 202);
}

async fn a_price_that_has_changed_since_it_was_shown_is_told(on: Kind) {
    let shop = Shop::open(on).await;
    let shown = |total: i64| {
        let mut body = order_of("TEA", 2);
        body["expected_total"] = total.into();
        body
    };
    shop.list("TEA", 260, true, 2).await;
    let told = shop.post("/orders", "k1", shown(500)).await;
    assert_eq!((told.status, &told.body["current_total"]), (StatusCode::CONFLICT, &json!(520)));
    assert_eq!(told.body["type"], "urn:orderline:problem:prices-changed");
    let agreed = shop.post("/orders", "k1", shown(520)).await;
    assert_eq!((agreed.status, &agreed.body["total"]), (StatusCode::ACCEPTED, &json!(520)));
    shop.list("TEA", 270, true, 3).await; // the answer stays
    assert_eq!(shop.post("/orders", "k1", shown(520)).await.body, agreed.body);
}

async fn what_is_wrong_is_named_by_its_field(on: Kind) {
    let shop = Shop::open(on).await;
    shop.list("GONE", 5, false, 1).await;
    let with = |field: &str, value: Value| {
        let mut body = order_of("TEA", 2);
        body[field] = value;
        body
    };
    let line = |line: Value| with("lines", json!([line]));
    for (field, body) in [
        ("email", with("email", json!("ada"))),
        ("email", with("email", json!("ada@example.com\nBcc: x@example.com"))),
        ("name", with("name", json!("A\tB"))),
        ("currency", with("currency", json!("eur"))),
        ("lines[0].sku", with("currency", json!("USD"))),
        ("user_id", with("user_id", json!(Uuid::from_u128(7)))),
        ("role", with("role", json!("admin"))),
        ("state", with("state", json!("completed"))),
        ("total", with("total", json!(1))),
        ("lines", with("lines", json!([]))),
        ("lines", with("lines", json!(vec![json!({"sku": "TEA", "quantity": 1}); 101]))),
        ("lines[0].quantity", line(json!({"sku": "TEA", "quantity": 0}))),
        ("lines[0].quantity", line(json!({"sku": "TEA", "quantity": 1001}))),
        ("lines[0].quantity", line(json!({"sku": "TEA", "quantity": 1.5}))),
        ("lines[0].unit_price", line(json!({"sku": "TEA", "quantity": 1, "unit_price": 1}))),
        ("lines[0].sku", line(json!({"sku": "NONE", "quantity": 1}))),
        ("lines[0].sku", line(json!({"sku": "GONE", "quantity": 1}))),
        ("lines[1].sku", with("lines", json!(vec![json!({"sku": "TEA", "quantity": 1}); 2]))),
    ] {
        let answer = shop.post("/orders", "k1", body).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}: {}", answer.body);
        assert_eq!(answer.body["errors"][0]["field"], field, "{}", answer.body);
    }
    assert_eq!(shop.sent::<OrderPlaced>().len(), 0);
}

async fn a_request_that_cannot_be_read_is_a_problem_too(on: Kind) {
    let shop = Shop::open(on).await;
    let json = |body: &str| {
        Request::post("/orders")
            .header("content-type", "application/json")
            .header("idempotency-key", "k1")
            .body(Body::from(body.to_owned()))
            .unwrap()
    };
    let no_key = Request::post("/orders")
        .header("content-type", "application/json")
        .body(Body::from(order_of("TEA", 1).to_string()))
        .unwrap();
    let text = Request::post("/orders").header("idempotency-key", "k1");
    let text = text.body(Body::from("tea, please")).unwrap();
    let large = json(&" ".repeat(65 << 10));
    let wrong_method = Request::delete("/orders").body(Body::empty()).unwrap();
    for (request, status, kind) in [
        (json("{"), 400, "bad-request"),
        (no_key, 400, "bad-request"),
        (text, 415, "not-json"),
        (large, 413, "too-large"),
        (wrong_method, 405, "method-not-allowed"),
    ] {
        let answer = shop.ask(request).await;
        assert_eq!(answer.status, status, "{}", answer.body);
        assert_eq!(answer.body["type"], format!("urn:orderline:problem:{kind}"));
    }
}

async fn pages_hold_every_order_once_the_latest_first(on: Kind) {
    let shop = Shop::open(on).await;
    let mut placed = Vec::new();
    for i in 0..7 {
        placed.push(shop.place(7, &format!("k{i}")).await.to_string());
    }
    shop.place(8, "k").await;
    let (mut seen, mut next) = (Vec::new(), Some("/orders?limit=3".to_owned()));
    while let Some(path) = next {
        let page = shop.get(&path).await.body;
        let orders = page["orders"].as_array().unwrap();
        seen.extend(orders.iter().map(|o| o["order_id"].as_str().unwrap().to_owned()));
        next = page["next"].as_str().map(str::to_owned);
    }
    placed.reverse();
    assert_eq!(seen, placed);
    for wrong in ["limit=0", "limit=101", "after=00000000-0000-0000-0000-000000000001"] {
        let answer = shop.get(&format!("/orders?{wrong}")).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
    }
    assert_eq!(shop.get("/orders?user_id=ada").await.status, StatusCode::BAD_REQUEST);
}

async fn an_order_is_cancelled_once(on: Kind) {
    let shop = Shop::open(on).await;
    let order_id = shop.place(7, "k1").await;
    assert_eq!(shop.cancel(order_id).await, StatusCode::ACCEPTED);
    assert_eq!(shop.cancel(order_id).await, StatusCode::CONFLICT);
    assert_eq!(shop.cancel(Uuid::nil()).await, StatusCode::NOT_FOUND);
    assert_eq!(shop.story(order_id, 2).await, ["OrderPlaced", "OrderCancelled"]);
}

async fn who_follows_an_order_hears_each_state_until_the_end(on: Kind) {
    let shop = Shop::open(on).await;
    let order_id = shop.place(7, "k1").await;
    let path = format!("/orders/{order_id}/events");
    let follow = tokio::spawn({
        let routes = shop.routes.clone();
        let token = shop.bearer(&customer(7), "customer");
        let request = Request::get(&path).header("authorization", token);
        let request = request.body(Body::empty()).unwrap();
        async move {
            let response = tower::ServiceExt::oneshot(routes, request).await.unwrap();
            axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap()
        }
    });
    shop.reserve(order_id).await;
    shop.pay(order_id).await;
    let heard = String::from_utf8(follow.await.unwrap().to_vec()).unwrap();
    let states: Vec<_> = heard.lines().filter_map(|l| l.strip_prefix("event: ")).collect();
    assert_eq!(states, ["placed", "reserved", "completed"]);

    let rest = Request::get(&path).header("last-event-id", "2").body(Body::empty()).unwrap();
    let rest = shop.ask(rest).await.body;
    assert!(rest.as_str().unwrap().contains("event: completed"), "{rest}");
    assert!(!rest.as_str().unwrap().contains("event: reserved"), "{rest}");
}

async fn who_follows_an_order_that_has_ended_is_told_not_to_come_again(on: Kind) {
    let shop = Shop::open(on).await;
    let order_id = shop.place(7, "k1").await;
    shop.reserve(order_id).await;
    shop.pay(order_id).await;
    let path = format!("/orders/{order_id}/events");
    for (seen, status) in [("2", 200), ("3", 204), ("99", 204)] {
        let request = Request::get(&path).header("last-event-id", seen);
        let answer = shop.ask(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status.as_u16(), status, "{seen}");
    }
    // What comes after an end is told, and is an end too.
    assert_eq!(shop.cancel(order_id).await, StatusCode::ACCEPTED);
    let request = Request::get(&path).header("last-event-id", "3").body(Body::empty()).unwrap();
    assert!(shop.ask(request).await.body.as_str().unwrap().contains("event: cancelled"));
}

async fn who_follows_is_let_go_when_the_token_ends(on: Kind) {
    // It stands still: however long the request takes to come, the token is good by then.
    let clock = Clock::manual(Clock::system().now_micros());
    let soon = clock.now_micros() / 1_000_000 - shop_service::auth::LEEWAY + 2;
    let shop = Shop::open_by(clock, on).await;
    let path = format!("/orders/{}/events", shop.place(7, "k1").await);
    let token = shop.issuer.draft(customer(7), "customer").claim("exp", soon).signed();
    let request = Request::get(&path).header("authorization", format!("Bearer {token}"));
    let asked = shop.ask(request.body(Body::empty()).unwrap());
    let heard = tokio::time::timeout(Duration::from_secs(120), asked).await.expect("it ends");
    assert!(heard.body.as_str().unwrap().contains("event: placed"), "{}", heard.body);
}

async fn an_account_follows_so_many_orders_and_others_go_on(on: Kind) {
    let shop = Shop::open(on).await;
    let follow = async |user: u128, order_id: Uuid| {
        let request = Request::get(format!("/orders/{order_id}/events"));
        let token = shop.bearer(&customer(user), "customer");
        let request = request.header("authorization", token).body(Body::empty()).unwrap();
        tower::ServiceExt::oneshot(shop.routes.clone(), request).await.unwrap()
    };
    let (own, anothers) = (shop.place(7, "k1").await, shop.place(8, "k1").await);
    let mut open = Vec::new();
    for _ in 0..10 {
        open.push(follow(7, own).await);
    }
    assert!(open.iter().all(|answer| answer.status() == StatusCode::OK));
    assert_eq!(follow(7, own).await.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(follow(8, anothers).await.status(), StatusCode::OK);
    open.pop();
    assert_eq!(follow(7, own).await.status(), StatusCode::OK);
}

async fn who_follows_is_let_go_when_the_service_stops(on: Kind) {
    let shop = Shop::open(on).await;
    let path = format!("/orders/{}/events", shop.place(7, "k1").await);
    shop.stop.cancel();
    assert_eq!(shop.get(&path).await.status, StatusCode::OK);
}

async fn the_api_describes_itself(on: Kind) {
    let shop = Shop::open(on).await;
    let api = shop.get("/openapi.json").await.body;
    for path in ["/orders", "/orders/{order_id}", "/orders/{order_id}/cancel"] {
        assert!(api["paths"][path].is_object(), "{path}");
    }
    assert!(api["components"]["schemas"]["PlaceOrder"].is_object());
}
