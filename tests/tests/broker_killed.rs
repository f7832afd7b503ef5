//! The broker dies in the middle of what it does, and is started again by whoever looks after it.

use journeys::shop::Shop;
use journeys::{PATIENCE, seed, setting};
use shop_testkit::wait;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_or_done_twice_when_the_broker_is_killed() -> anyhow::Result<()> {
    let count: usize = setting("JOURNEY_ORDERS", 2_000);
    let mut shop = Shop::open(&[1_000_000, 1_000_000, 1_000]).await?;
    // These give up on any answer but 202 and 503.
    let customers = shop.customers().choosing_from(3).cancelling_one_in(10);
    let all = customers.clone();
    let flow = tokio::spawn(async move { all.order(0..count, seed()).await });

    wait::until(PATIENCE, async || customers.accepted() >= count / 2).await?;
    let before = customers.accepted();
    shop.broker.crash().await?;
    eprintln!("kill -9 of the broker after {before} of {count} orders; it is back");

    let orders = flow.await??;
    assert_eq!(orders.len(), count);
    customers.until_ended(&orders).await?;
    shop.at_rest().await?;
    for service in shop.all() {
        assert!(service.process.is_running(), "it went on without a restart");
    }
    let books = shop.audit(&orders, 0).await?;
    assert_eq!(books.number(&["orders"]), count as i64);
    Ok(())
}
