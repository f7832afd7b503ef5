//! Who may call what: every route as everybody, and what ownership means.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};
use shop_events::{CancelReason, OrderCancelled};
use shop_testkit::access::{self, Row, Who};
use shop_testkit::database::Kind;
use uuid::Uuid;

use super::shop::{Answer, Shop, customer, order_of};

shop_testkit::on_every_database!(
    each_route_lets_in_whom_its_row_says,
    staff_cancel_for_the_customer_and_it_is_told,
    anothers_order_is_as_good_as_none,
    staff_see_a_customers_orders_and_a_customer_sees_their_own,
    placing_is_limited_by_account_and_by_address,
);

/// Nobody, the customer on their own, another customer on it, staff, admin.
const TABLE: [Row; 5] = [
    // Whoever places an order places their own.
    ("POST /orders", [401, 202, 202, 202, 202]),
    ("GET /orders", [401, 200, 403, 200, 200]),
    ("GET /orders/{order_id}", [401, 200, 404, 200, 200]),
    ("POST /orders/{order_id}/cancel", [401, 202, 404, 202, 202]),
    ("GET /orders/{order_id}/events", [401, 200, 404, 200, 200]),
];

/// A request as somebody, for the owner's things.
async fn ask(shop: &Shop, who: Who, method: &str, path: &str, body: Option<Value>) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    if let Some(token) = who.token(&shop.issuer) {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let key = Uuid::new_v5(&Uuid::nil(), format!("{who:?} {path}").as_bytes());
    request = request
        .header("content-type", "application/json")
        .header("idempotency-key", key.to_string());
    let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
    shop.ask_as_it_is(request.body(body).unwrap()).await
}

/// An order of the owner's that has ended, so that following it ends too.
async fn owners_order(shop: &Shop, key: &str) -> Uuid {
    let owner = Who::Owner.user_id().unwrap().parse::<Uuid>().unwrap().as_u128();
    let order_id = shop.place(owner, key).await;
    shop.reserve(order_id).await;
    shop.pay(order_id).await;
    order_id
}

async fn each_route_lets_in_whom_its_row_says(on: Kind) {
    let shop = Shop::open(on).await;
    let api = shop.get("/openapi.json").await.body;
    let owner = Who::Owner.user_id().unwrap();
    let answer = async |route: &'static str, who: Who| {
        let (method, template) = route.split_once(' ').unwrap();
        let mut path = template.to_owned();
        if path.contains("{order_id}") {
            let order_id = owners_order(&shop, &format!("{route} {who:?}").replace(' ', "-")).await;
            path = path.replace("{order_id}", &order_id.to_string());
        }
        let body = (route == "POST /orders").then(|| order_of("TEA", 1));
        if route == "GET /orders" {
            path = format!("{path}?user_id={owner}");
        }
        ask(&shop, who, method, &path, body).await.status.as_u16()
    };
    access::check(&api, &TABLE, answer).await.unwrap();
}

async fn staff_cancel_for_the_customer_and_it_is_told(on: Kind) {
    let shop = Shop::open(on).await;
    let order_id = owners_order(&shop, "k1").await;
    let path = format!("/orders/{order_id}/cancel");
    assert_eq!(ask(&shop, Who::Staff, "POST", &path, None).await.status, StatusCode::ACCEPTED);
    shop.story(order_id, 4).await;
    let cancelled = shop.sent::<OrderCancelled>().remove(0);
    assert_eq!(cancelled.reason, CancelReason::Staff);
    assert_eq!(cancelled.cancelled_by.unwrap().to_string(), Who::Staff.user_id().unwrap());
    assert_eq!(cancelled.user_id.to_string(), Who::Owner.user_id().unwrap());

    let own = shop.place(7, "k1").await;
    assert_eq!(shop.cancel(own).await, StatusCode::ACCEPTED);
    shop.until(|| shop.sent::<OrderCancelled>().len() == 2).await;
    let cancelled = shop.sent::<OrderCancelled>().into_iter().find(|c| c.order_id == own).unwrap();
    assert_eq!(
        (cancelled.reason, cancelled.cancelled_by),
        (CancelReason::Customer, Some(Uuid::from_u128(7)))
    );
}

async fn anothers_order_is_as_good_as_none(on: Kind) {
    let shop = Shop::open(on).await;
    let (theirs, none) = (owners_order(&shop, "k1").await, Uuid::from_u128(99));
    for (method, path) in [("GET", ""), ("GET", "/events"), ("POST", "/cancel")] {
        let of = async |order_id: Uuid| {
            let path = format!("/orders/{order_id}{path}");
            let answer = ask(&shop, Who::Another, method, &path, None).await;
            (answer.status, answer.body.to_string().replace(&order_id.to_string(), "ID"))
        };
        assert_eq!(of(theirs).await, of(none).await, "{method} {path}");
    }
    assert_eq!(shop.sent::<OrderCancelled>().len(), 0);
    // Nor does it lead on to another's page.
    let page = ask(&shop, Who::Another, "GET", &format!("/orders?after={theirs}"), None).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
}

async fn staff_see_a_customers_orders_and_a_customer_sees_their_own(on: Kind) {
    let shop = Shop::open(on).await;
    let placed = [shop.place(7, "k1").await, shop.place(7, "k2").await];
    shop.place(8, "k1").await;
    let list = async |who: Who, query: &str| {
        let page = ask(&shop, who, "GET", &format!("/orders{query}"), None).await.body;
        let ids = |orders: &Vec<Value>| orders.iter().map(|o| o["order_id"].clone()).collect();
        (page["orders"].as_array().map_or(Vec::new(), ids), page["next"].clone())
    };
    let of_seven = format!("?user_id={}&limit=1", customer(7));
    let (first, next) = list(Who::Staff, &of_seven).await;
    assert_eq!(first, [json!(placed[1])]);
    let next = next.as_str().unwrap().strip_prefix("/orders").unwrap().to_owned();
    assert_eq!(list(Who::Staff, &next).await, (vec![json!(placed[0])], Value::Null));
    assert_eq!(list(Who::Staff, "").await.0, Vec::<Value>::new(), "staff's own");
    assert_eq!(shop.get("/orders").await.body["orders"].as_array().unwrap().len(), 2);
}

async fn placing_is_limited_by_account_and_by_address(on: Kind) {
    let shop = Shop::open_limited(on, "2/h", "3/h").await;
    let place = async |user: u128, key: &str| {
        let answer = shop.post_as(user, "/orders", key, order_of("TEA", 1)).await;
        (answer.status.as_u16(), answer.body["type"].as_str().map(str::to_owned))
    };
    let too_often = (429, Some("urn:orderline:problem:too-often".to_owned()));
    assert_eq!(place(7, "k1").await.0, 202);
    assert_eq!(place(7, "k2").await.0, 202);
    assert_eq!(place(7, "k3").await, too_often, "the account");
    assert_eq!(place(8, "k1").await, too_often, "the address, which all here share");
    assert_eq!(shop.get("/orders").await.body["orders"].as_array().unwrap().len(), 2);
}
