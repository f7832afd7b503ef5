//! What the provider tells by itself.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use shop_events::{PaymentCaptured, PaymentRefunded};
use shop_testkit::access::{self, Who};
use shop_testkit::database::Kind;
use shop_testkit::wait;
use tokio_util::sync::{CancellationToken, DropGuard};
use tower::ServiceExt;

use super::made::{AT, reserved};
use super::running::{InSandbox, SOON, sandbox};

shop_testkit::on_every_database!(
    a_webhook_tells_of_a_payment_before_anybody_asks,
    the_same_event_twice_is_one,
    a_webhook_that_is_forged_old_or_no_event_is_refused,
    an_event_of_a_strangers_payment_is_passed_over,
    what_is_given_back_by_hand_is_told,
    who_may_call_what_is_as_the_table_has_it,
);

/// The service's routes on a port, and a sandbox that tells them of everything; rounds are made.
async fn hearing(on: Kind) -> (InSandbox, DropGuard) {
    let tcp = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/webhooks/stripe", tcp.local_addr().expect("has one"));
    let settings =
        payment_sandbox::Settings { webhook_url: Some(url.parse().expect("a URL")), ..sandbox() };
    let world = InSandbox::with(on, settings, &["--payment-look-seconds", "3600"]).await;
    let routes = world.payments.routes.clone();
    tokio::spawn(async move { axum::serve(tcp, routes).await });
    let (stop, cashier) = (CancellationToken::new(), world.payments.cashier.clone());
    let until = stop.clone();
    tokio::spawn(async move { cashier.make_rounds(until).await });
    (world, stop.drop_guard())
}

async fn a_webhook_tells_of_a_payment_before_anybody_asks(on: Kind) {
    let (world, _rounds) = hearing(on).await;
    world.payments.publish(&reserved(1, "pm_sandbox_processing")).await;
    world.payments.settled().await;
    // It is processed, and the next look is an hour away.
    world.payments.clock.advance(std::time::Duration::from_secs(60));
    let told = async || world.payments.told::<PaymentCaptured>().len() == 1;
    wait::until(SOON, told).await.expect("is told");
}

async fn the_same_event_twice_is_one(on: Kind) {
    let (world, _rounds) = hearing(on).await;
    world.payments.publish(&reserved(1, "pm_sandbox_twice")).await;
    let repeated = "payment_webhooks_total{outcome=\"repeated\"}";
    let heard = async || world.payments.metric(repeated) >= 1.0;
    wait::until(SOON, heard).await.expect("comes twice");
    world.payments.settled().await;
    assert_eq!(world.payments.told::<PaymentCaptured>().len(), 1);
    assert_eq!(world.books_of(1), (1, 1177, 0));
}

fn signed(secret: &str, seconds: i64, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any length");
    mac.update(format!("{seconds}.{body}").as_bytes());
    let hex: String = mac.finalize().into_bytes().iter().map(|b| format!("{b:02x}")).collect();
    format!("t={seconds},v1={hex}")
}

async fn post(world: &InSandbox, header: Option<&str>, body: String) -> StatusCode {
    let mut request = Request::post("/webhooks/stripe").header("content-type", "application/json");
    if let Some(header) = header {
        request = request.header("stripe-signature", header);
    }
    let request = request.body(Body::from(body)).expect("a request");
    world.payments.routes.clone().oneshot(request).await.expect("answers").status()
}

fn event(id: &str, object: &str) -> String {
    format!(r#"{{"id":"{id}","type":"x","data":{{"object":{object}}}}}"#)
}

async fn a_webhook_that_is_forged_old_or_no_event_is_refused(on: Kind) {
    let world = InSandbox::start(on).await;
    let (now, secret) = (AT / 1_000_000, "whsec_sandbox");
    let body = || event("evt_1", r#"{"object":"payment_intent","id":"pi_1"}"#);
    let huge = format!("{}{}", body(), " ".repeat(70_000));
    for (header, body, status) in [
        (None, body(), 400),
        (Some(signed("whsec_other", now, &body())), body(), 400),
        (Some(signed(secret, now - 301, &body())), body(), 400),
        (Some(signed(secret, now, &body())), event("evt_2", "{}"), 400),
        (Some(signed(secret, now, "{}")), "{}".into(), 400),
        (Some(signed(secret, now, "no JSON")), "no JSON".into(), 400),
        (Some(signed(secret, now, &huge)), huge, 413),
        (Some(signed(secret, now, &body())), body(), 204),
    ] {
        assert_eq!(post(&world, header.as_deref(), body).await, status, "{header:?}");
    }
    assert_eq!(world.payments.metric("payment_webhooks_total{outcome=\"refused\"}"), 6.0);
}

async fn an_event_of_a_strangers_payment_is_passed_over(on: Kind) {
    let world = InSandbox::start(on).await;
    let now = AT / 1_000_000;
    for object in [
        r#"{"object":"payment_intent","id":"pi_of_nobody"}"#,
        r#"{"object":"customer","id":"cus_1"}"#,
        r#"{"object":"refund","id":"re_1","payment_intent":null}"#,
        "{}",
    ] {
        let body = event(&format!("evt_{}", object.len()), object);
        let header = signed("whsec_sandbox", now, &body);
        assert_eq!(post(&world, Some(&header), body).await, 204, "{object}");
    }
    assert_eq!(world.payments.metric("payment_webhooks_total{outcome=\"ignored\"}"), 4.0);
}

async fn what_is_given_back_by_hand_is_told(on: Kind) {
    let (world, _rounds) = hearing(on).await;
    world.payments.publish(&reserved(1, "pm_card_visa")).await;
    world.payments.settled().await;
    let books = world.books.read();
    let intent = books["payments"][0]["payment_intent"].as_str().expect("one").to_owned();
    let provider = &world.payments.cashier.0.provider;
    provider.refund(uuid::Uuid::from_u128(99), &intent).await.expect("is given back");
    let told = async || world.payments.told::<PaymentRefunded>().len() == 1;
    wait::until(SOON, told).await.expect("is told");
}

async fn who_may_call_what_is_as_the_table_has_it(on: Kind) {
    let world = InSandbox::start(on).await;
    let api = Request::get("/openapi.json").body(Body::empty()).expect("a request");
    let api = world.payments.routes.clone().oneshot(api).await.expect("answers").into_body();
    let api = axum::body::to_bytes(api, usize::MAX).await.expect("reads");
    let api = serde_json::from_slice(&api).expect("JSON");
    let table: [access::Row; 1] = [("POST /webhooks/stripe", [204; 5])];
    let ask = async |_: &'static str, who: Who| {
        let body = event("evt_1", r#"{"object":"payment_intent","id":"pi_1"}"#);
        let signature = signed("whsec_sandbox", AT / 1_000_000, &body);
        let mut request = Request::post("/webhooks/stripe").header("stripe-signature", signature);
        if let Some(token) = who.token(&world.payments.issuer) {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let request = request.body(Body::from(body)).expect("a request");
        let answer = world.payments.routes.clone().oneshot(request).await.expect("answers");
        answer.status().as_u16()
    };
    access::check(&api, &table, ask).await.expect("is so");
}
