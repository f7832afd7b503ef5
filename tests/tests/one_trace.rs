//! Traces: what an OTLP receiver sees of an order.

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

fn traced(receiver: &Receiver) -> [(&'static str, String); 4] {
    [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url()),
        ("OTEL_BSP_SCHEDULE_DELAY", "200".to_owned()),
        // Whoever hears first that an order is paid tells it; by a webhook or a round it is no part of the
        // order's trace. Here neither is quicker than the order's own record, however slow that is.
        ("ORDERLINE_SANDBOX_WEBHOOK_SECRET", "whsec_of_nobody".to_owned()),
        ("ORDERLINE_PAYMENT_LOOK_SECONDS", "3600".to_owned()),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn one_trace_follows_an_order_from_http_to_mail() -> anyhow::Result<()> {
    let receiver = Receiver::start().await?;
    let mut shop = Shop::open_with(&[10], &traced(&receiver)).await?;
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
    let comes_whole = async |trace: &str| {
        let seen = || spans::tree(&receiver.spans(), trace, caller);
        let _ = wait::until(PATIENCE, async || seen() == expected).await;
        assert_eq!(seen(), expected);
    };
    comes_whole(trace).await;

    // Lines of every service tell of the order under the same id.
    let line = shop.notification.process.wait_for_line("mail sent", PATIENCE).await?;
    assert!(line.contains(&format!("trace_id={trace}")), "{line}");
    let log = shop.notification.process.log();
    assert!(!log.contains("one@example.org"), "an address in the log");

    // What the caller does not sample goes through all the same, under its id, and is not sent.
    let quiet = "5bf92f3577b34da6a3ce929d0e0e4737";
    order(&shop, &format!("00-{quiet}-{caller}-00"), "two@example.org").await?;
    shop.mail.wait_for(2, PATIENCE).await?;
    let of_second = |line: &str| line.contains("mail sent") && line.contains(quiet);
    let told = async || shop.notification.process.log().lines().any(of_second);
    wait::until(PATIENCE, told).await.context("the second mail has no trace in the log")?;
    // Each service sends its spans in their order: those of the second would be there before the third's.
    let third = "6bf92f3577b34da6a3ce929d0e0e4738";
    order(&shop, &format!("00-{third}-{caller}-01"), "three@example.org").await?;
    comes_whole(third).await;
    assert_eq!(spans::tree(&receiver.spans(), quiet, caller), "");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_is_away_or_silent_holds_nobody_up() -> anyhow::Result<()> {
    let mut receiver = Receiver::start().await?;
    let mut shop = Shop::open_with(&[10], &traced(&receiver)).await?;
    let begun = tokio::time::Instant::now();
    let parent = |n: u8| format!("00-4bf92f3577b34da6a3ce929d0e0e47{n:02x}-00f067aa0ba902b7-01");
    receiver.pause()?;
    order(&shop, &parent(1), "one@example.org").await?;
    shop.mail.wait_for(1, PATIENCE).await?;
    receiver.kill()?;
    order(&shop, &parent(2), "two@example.org").await?;
    shop.mail.wait_for(2, PATIENCE).await?;

    let told = "traces cannot be sent to --otlp-endpoint";
    shop.order.process.wait_for_line(told, PATIENCE).await?;
    // With 0 it was no longer about it than --shutdown-seconds.
    let status = shop.order.process.terminate(PATIENCE).await?;
    assert_eq!(status.code(), Some(0), "{}", shop.order.process.log());
    let lines = shop.order.process.log().lines().filter(|line| line.contains(told)).count();
    let minutes = usize::try_from(begun.elapsed().as_secs() / 60)?;
    assert!(lines <= 1 + minutes, "{lines} lines in {minutes} minutes");
    Ok(())
}
