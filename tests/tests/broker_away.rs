//! The broker goes away in the middle, and comes back.

use std::time::Duration;

use journeys::shop::Shop;
use journeys::{PATIENCE, seed, setting};
use shop_testkit::wait;

#[tokio::test(flavor = "multi_thread")]
async fn the_broker_is_away_for_a_while() -> anyhow::Result<()> {
    let away = Duration::from_secs(setting("JOURNEY_AWAY_SECONDS", 10));
    let share: usize = setting("JOURNEY_ORDERS", 240) / 4;
    let mut shop = Shop::open(&[1_000_000, 1_000_000, 100]).await?;
    // These give up on any answer but 202 and 503.
    let customers = shop.customers().choosing_from(3).cancelling_one_in(10);
    let flow = |part: usize| {
        let customers = customers.clone();
        tokio::spawn(async move { customers.order(share * part..share * (part + 1), seed()).await })
    };

    let before = flow(0);
    wait::until(PATIENCE, async || customers.accepted() > share / 2).await?;
    shop.broker.kill().await?;
    eprintln!("the broker was killed, and is away for {away:?}");
    let gone = tokio::time::Instant::now();
    let meanwhile = flow(1);
    let address = shop.order.address.clone();
    let ready = async || reqwest::get(format!("http://{address}/ready")).await.map(|a| a.status());
    wait::until(away.max(PATIENCE), async || ready().await.is_ok_and(|status| status == 503))
        .await?;
    eprintln!("it took {:?} until the order service said that it is not ready", gone.elapsed());
    tokio::time::sleep_until(gone + away).await;
    let accepted = customers.accepted();
    shop.broker.restart().await?;
    eprintln!("the broker is back; {accepted} orders had been accepted by then");

    let back = flow(2);
    wait::until(PATIENCE, async || customers.accepted() > share * 5 / 2).await?;
    shop.broker.pause()?;
    eprintln!("the broker stands still for {away:?}");
    let still = tokio::time::Instant::now();
    let last = flow(3);
    tokio::time::sleep_until(still + away).await;
    shop.broker.resume()?;

    let mut orders = Vec::new();
    for part in [before, meanwhile, back, last] {
        orders.extend(part.await??);
    }
    assert_eq!(orders.len(), share * 4);
    customers.until_ended(&orders).await?;
    shop.at_rest().await?;
    for service in shop.all() {
        assert!(service.process.is_running(), "it went on without a restart");
    }
    shop.ready().await?;
    shop.audit(&orders, 0).await?;
    Ok(())
}
