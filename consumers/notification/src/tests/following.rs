//! Open pages: what is pushed to a user, as server-sent events.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use futures::StreamExt;
use pipeline::Clock;
use serde_json::Value;
use shop_events::{OrderCompleted, UserProfileChanged};
use shop_testkit::access::{self, Row, Who};
use shop_testkit::database::Kind;
use shop_testkit::tokens::Issuer;
use tower::ServiceExt;
use uuid::Uuid;

use super::made::{cancelled, completed, user};
use super::running::Notification;

shop_testkit::on_every_database!(
    an_open_page_gets_what_is_pushed_to_its_user,
    a_page_that_comes_back_misses_nothing,
    a_page_is_for_who_is_signed_in,
    a_page_ends_with_its_token_and_a_user_has_so_many,
);

const SOON: Duration = Duration::from_secs(60);

/// The stream of a page.
struct Page(axum::body::BodyDataStream, String);

/// An event as it came: its number, its name, its data.
#[derive(Debug, PartialEq)]
struct Event(i64, String, Value);

async fn open(routes: &Router, token: &str, last: Option<i64>) -> Page {
    let mut request = Request::get("/events").header("authorization", format!("Bearer {token}"));
    if let Some(last) = last {
        request = request.header("last-event-id", last.to_string());
    }
    let answer = routes.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let mut page = Page(answer.into_body().into_data_stream(), String::new());
    // It is heard from here on.
    page.until(": open\n\n").await;
    page
}

impl Page {
    async fn until(&mut self, end: &str) -> String {
        let read = async {
            loop {
                if let Some(at) = self.1.find(end) {
                    let rest = self.1.split_off(at + end.len());
                    return std::mem::replace(&mut self.1, rest);
                }
                let more = self.0.next().await.expect("goes on").expect("bytes");
                self.1.push_str(std::str::from_utf8(&more).expect("text"));
            }
        };
        tokio::time::timeout(SOON, read).await.expect("comes")
    }

    async fn next(&mut self) -> Event {
        loop {
            let text = self.until("\n\n").await;
            let field = |name: &str| {
                let found = text.lines().find_map(|line| line.strip_prefix(name));
                found.map(|value| value.trim_start().to_owned())
            };
            // A comment keeps the connection open.
            if let (Some(id), Some(name), Some(data)) =
                (field("id:"), field("event:"), field("data:"))
            {
                return Event(id.parse().unwrap(), name, serde_json::from_str(&data).unwrap());
            }
        }
    }
}

async fn shown(on: Kind) -> (Notification, Issuer, Router, String) {
    let notification = Notification::start(on, &[]).await;
    notification.publish(&user(1, vec![])).await;
    notification.settled().await;
    let issuer = Issuer::new().expect("a key");
    let routes = notification.routes(&issuer);
    let token = issuer.token(Uuid::from_u128(7), "customer");
    (notification, issuer, routes, token)
}

async fn an_open_page_gets_what_is_pushed_to_its_user(on: Kind) {
    let (notification, issuer, routes, token) = shown(on).await;
    notification.publish(&completed(1)).await;
    notification.settled().await;
    let mut page = open(&routes, &token, None).await;
    let mut other = open(&routes, &issuer.token(Uuid::from_u128(8), "admin"), Some(0)).await;
    notification.publish(&cancelled(1)).await;
    let Event(number, name, data) = page.next().await;
    assert_eq!((number, &*name), (2, "order_cancelled"), "the first was before it was opened");
    assert_eq!(data["order_id"], Uuid::from_u128(1).to_string());
    assert!(data["body"].as_str().is_some_and(|body| body.contains("web-1 over 11.77 EUR")));
    // The first that comes to another user's page is of that user's own.
    let another = Uuid::from_u128(8);
    notification.publish(&UserProfileChanged { user_id: another, ..user(1, vec![]) }).await;
    notification.settled().await;
    notification.publish(&OrderCompleted { user_id: another, ..completed(2) }).await;
    assert_eq!(other.next().await.2["order_id"], Uuid::from_u128(2).to_string());
}

async fn a_page_that_comes_back_misses_nothing(on: Kind) {
    let (notification, _issuer, routes, token) = shown(on).await;
    let mut page = open(&routes, &token, None).await;
    notification.publish(&completed(1)).await;
    let first = page.next().await;
    drop(page);
    for order in 2..=4 {
        notification.publish(&completed(order)).await;
    }
    notification.settled().await;
    let mut page = open(&routes, &token, Some(first.0)).await;
    let mut orders = vec![first.2["order_id"].clone()];
    for number in 2..=4 {
        let Event(at, _, data) = page.next().await;
        assert_eq!(at, number);
        orders.push(data["order_id"].clone());
    }
    orders.sort_by_key(Value::to_string);
    let all: Vec<_> = (1..=4).map(|order| Uuid::from_u128(order).to_string()).collect();
    assert_eq!(orders, all);
}

async fn a_page_ends_with_its_token_and_a_user_has_so_many(on: Kind) {
    let (notification, issuer, _, token) = shown(on).await;
    // It stands still: however long the request takes to come, the token is good by then.
    let clock = Clock::manual(notification.store.now_micros());
    let routes = notification.routes_by(clock.clone(), &issuer);
    let soon = clock.now_micros() / 1_000_000 - shop_service::auth::LEEWAY + 2;
    let ends = issuer.draft(Uuid::from_u128(7), "customer").claim("exp", soon).signed();
    let mut page = open(&routes, &ends, None).await;
    let mut open_pages = Vec::new();
    for _ in 0..9 {
        open_pages.push(open(&routes, &token, None).await);
    }
    let one_more = || {
        let request = Request::get("/events").header("authorization", format!("Bearer {token}"));
        routes.clone().oneshot(request.body(Body::empty()).unwrap())
    };
    assert_eq!(one_more().await.unwrap().status(), StatusCode::TOO_MANY_REQUESTS);
    let end = async { while page.0.next().await.is_some() {} };
    tokio::time::timeout(SOON, end).await.expect("it ends with its token");
    drop(page);
    assert_eq!(one_more().await.unwrap().status(), StatusCode::OK);
}

/// The status that nobody, a customer, another, staff and an admin get: each has a page of their own.
const ROUTES: &[Row] = &[("GET /events", [401, 200, 200, 200, 200]), ("GET /push/key", [200; 5])];

async fn a_page_is_for_who_is_signed_in(on: Kind) {
    let (_notification, issuer, routes, _) = shown(on).await;
    let get = async |path: &str, token: Option<String>| {
        let mut request = Request::get(path);
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        routes.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
    };
    let json = async |path: &str| -> Value {
        let body = get(path, None).await.into_body();
        serde_json::from_slice(&axum::body::to_bytes(body, 1 << 20).await.unwrap()).unwrap()
    };
    let ask = async |route: &'static str, who: Who| {
        let path = route.trim_start_matches("GET ");
        get(path, who.token(&issuer)).await.status().as_u16()
    };
    access::check(&json("/openapi.json").await, ROUTES, ask).await.expect("as the table has it");
    let key = json("/push/key").await;
    assert_eq!(key["public_key"].as_str().map(str::len), Some(87));
}
