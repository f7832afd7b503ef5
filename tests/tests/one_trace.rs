//! Traces: what an OTLP receiver sees of an order.

use std::time::Duration;

use anyhow::Context;
use journeys::shop::Shop;
use journeys::{PATIENCE, spans};
use serde_json::json;
use shop_testkit::otlp::Receiver;
use shop_testkit::wait;
use uuid::Uuid;

/// Also what is expected of no other trace: the order's own beginning.
const SERVER: &str = "server POST /orders";

async fn order(shop: &Shop, traceparent: &str, email: &str) -> anyhow::Result<()> {
    let body = json!({
        "email": email,
        "currency": "EUR",
        "lines": [{"sku": "SKU-0", "quantity": 1}],
    });
    let answer = reqwest::Client::new()
        .post(format!("http://{}/orders", shop.order.address))
        .bearer_auth(shop.issuer.token(Uuid::from_u128(7), "customer"))
        .header("Idempotency-Key", traceparent)
        .header("traceparent", traceparent)
        .json(&body)
        .send()
        .await?;
    anyhow::ensure!(answer.status() == 202, "{}", answer.text().await?);
    Ok(())
}

fn traced(receiver: &Receiver) -> [(&'static str, String); 2] {
    let often = ("OTEL_BSP_SCHEDULE_DELAY", "200".to_owned());
    [("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url()), often]
}

#[tokio::test(flavor = "multi_thread")]
async fn one_trace_follows_an_order_from_http_to_mail() -> anyhow::Result<()> {
    let receiver = Receiver::start().await?;
    let shop = Shop::open_with(&[10], &traced(&receiver)).await?;
    let (trace, caller) = ("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7");
    order(&shop, &format!("00-{trace}-{caller}-01"), "one@example.org").await?;
    shop.mail.wait_for(1, PATIENCE).await?;

    let expected = format!(
        "{SERVER}
  consumer process orders: group inventory, OrderPlaced
    consumer process reservations: group order, StockReserved
      consumer process orders: group payment, OrderReserved
        client confirm payment
        client make payment
        consumer process payments: group order, PaymentCaptured
          consumer process orders: group email, OrderCompleted
            client send mail
            consumer process notifications: group order, NotificationSent
          consumer process orders: group inventory, OrderCompleted
          consumer process orders: group push, OrderCompleted
"
    );
    let seen = || spans::tree(&receiver.spans(), trace, caller);
    let _ = wait::until(PATIENCE, async || seen() == expected).await;
    assert_eq!(seen(), expected);

    // Lines of every service tell of the order under the same id.
    let log = shop.notification.process.log();
    let line = log.lines().find(|line| line.contains("mail sent")).context("a line")?;
    assert!(line.contains(&format!("trace_id={trace}")), "{line}");
    assert!(!log.contains("one@example.org"), "an address in the log");

    // What the caller does not sample goes through all the same, under its id, and is not sent.
    let quiet = "5bf92f3577b34da6a3ce929d0e0e4737";
    order(&shop, &format!("00-{quiet}-{caller}-00"), "two@example.org").await?;
    shop.mail.wait_for(2, PATIENCE).await?;
    let of_second = |line: &str| line.contains("mail sent") && line.contains(quiet);
    let told = async || shop.notification.process.log().lines().any(of_second);
    wait::until(PATIENCE, told).await.context("the second mail has no trace in the log")?;
    assert_eq!(spans::tree(&receiver.spans(), quiet, caller), "");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_is_away_or_silent_holds_nobody_up() -> anyhow::Result<()> {
    let mut receiver = Receiver::start().await?;
    let mut shop = Shop::open_with(&[10], &traced(&receiver)).await?;
    let parent = |n: u8| format!("00-4bf92f3577b34da6a3ce929d0e0e47{n:02x}-00f067aa0ba902b7-01");
    receiver.pause()?;
    order(&shop, &parent(1), "one@example.org").await?;
    shop.mail.wait_for(1, PATIENCE).await?;
    receiver.kill()?;
    order(&shop, &parent(2), "two@example.org").await?;
    shop.mail.wait_for(2, PATIENCE).await?;

    let told = "traces cannot be sent to --otlp-endpoint";
    shop.order.process.wait_for_line(told, PATIENCE).await?;
    let begun = tokio::time::Instant::now();
    let status = shop.order.process.terminate(PATIENCE).await?;
    assert_eq!(status.code(), Some(0), "{}", shop.order.process.log());
    assert!(begun.elapsed() < Duration::from_secs(30), "longer than --shutdown-seconds");
    let lines = shop.order.process.log().lines().filter(|line| line.contains(told)).count();
    assert!(lines <= 2, "{lines} lines in less than two minutes");
    Ok(())
}
