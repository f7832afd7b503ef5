use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use serde_json::Value;
use shop_service::Secret;
use shop_testkit::wait;
use tokio::net::TcpListener;

use super::served::{SOON, Served, settings};
use crate::Settings;
use crate::webhooks::signature;

type Heard = Arc<Mutex<Vec<(String, Bytes)>>>;

/// Hears events, and is deaf to the first.
async fn listener() -> (url::Url, Heard) {
    let heard = Heard::default();
    let ears = heard.clone();
    let hear = async move |headers: HeaderMap, body: Bytes| {
        let mut heard = ears.lock().expect("no panic");
        let deaf = heard.is_empty();
        let signed = headers["stripe-signature"].to_str().expect("text").to_owned();
        heard.push((signed, body));
        if deaf { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK }
    };
    let routes = axum::Router::new().route("/hook", post(hear));
    let tcp = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/hook", tcp.local_addr().expect("has one"));
    tokio::spawn(async move { axum::serve(tcp, routes).await });
    (url.parse().expect("a URL"), heard)
}

#[tokio::test]
async fn events_are_signed_and_come_until_they_are_heard_and_twice_where_that_is_wanted() {
    let (url, heard) = listener().await;
    let sandbox = Served::with(Settings { webhook_url: Some(url), ..settings() }).await;
    sandbox.paid("pm_sandbox_twice").await;
    wait::until(SOON, async || heard.lock().expect("no panic").len() >= 3).await.expect("come");
    let heard = heard.lock().expect("no panic").clone();
    for (signed, body) in &heard {
        let seconds = sandbox.clock.now_micros() / 1_000_000;
        assert_eq!(*signed, signature(&Secret::from("whsec_sandbox"), seconds, body));
        let event: Value = serde_json::from_slice(body).expect("JSON");
        assert_eq!(event["type"], "payment_intent.succeeded");
        assert_eq!(event["data"]["object"]["metadata"]["order_id"], "7");
        assert_eq!(*body, heard[0].1, "the same event");
    }
}

/// Computed with another implementation: `printf '1772668800.{"a":1}' | openssl dgst -sha256 -hmac whsec_test`.
#[test]
fn a_signature_is_the_hmac_of_time_and_body() {
    let said = signature(&Secret::from("whsec_test"), 1_772_668_800, b"{\"a\":1}");
    let hmac = "840637fef08b3bb0d8d1af34176af9cbbe3c056d59b859218262cf7f6a54e552";
    assert_eq!(said, format!("t=1772668800,v1={hmac}"));
}
