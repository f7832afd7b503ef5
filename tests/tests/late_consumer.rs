//! A consumer that was away finds what it has missed.

use journeys::shop::Shop;
use journeys::{PATIENCE, seed};

#[tokio::test(flavor = "multi_thread")]
async fn a_late_consumer_catches_up() -> anyhow::Result<()> {
    let mut shop = Shop::open(&[1_000]).await?;
    let status = shop.notification.process.terminate(PATIENCE).await?;
    assert_eq!(status.code(), Some(0), "an orderly end");

    let customers = shop.customers();
    let orders = customers.order(0..100, seed()).await?;
    customers.until_ended(&orders).await?;
    for order in &orders {
        assert_eq!(customers.state(order.order_id).await?, "completed");
    }
    assert_eq!(shop.mail.messages()?.len(), 0, "nobody was there to send any");

    shop.notification.process.restart().await?;
    shop.mail.wait_for(100, PATIENCE).await?;
    shop.at_rest().await?;
    let books = shop.audit(&orders, 0).await?;
    assert_eq!(books.number(&["mails", "all"]), 100);
    Ok(())
}
