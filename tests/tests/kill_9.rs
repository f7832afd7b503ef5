//! Services are killed at random while orders flow.

use std::time::Duration;

use anyhow::Context;
use journeys::shop::Shop;
use journeys::{PATIENCE, seed, setting};
use rand::rngs::SmallRng;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use shop_testkit::wait;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_or_done_twice_when_services_are_killed() -> anyhow::Result<()> {
    let count: usize = setting("JOURNEY_ORDERS", 500);
    let kills: usize = setting("JOURNEY_KILLS", 6);
    // Much of some products, too little of others, none of one.
    let many = 1_000_000;
    // The payment provider loses one answer in twenty, of half of those before anything was done.
    let lossy = [
        ("ORDERLINE_SANDBOX_LOSE_ANSWERS", "0.05".to_owned()),
        ("ORDERLINE_SANDBOX_SEED", seed().to_string()),
    ];
    let mut shop = Shop::open_with(&[many, many, many, many, 400, 30, 0], &lossy).await?;
    let customers = shop
        .customers()
        .choosing_from(7)
        .cancelling_one_in(10)
        .short_of_money_one_in(12)
        .of_a_shop_that_may_die();

    let mut random = SmallRng::seed_from_u64(seed());
    let mut victims = Vec::new();
    let mut flows = Vec::new();
    for kill in 0..kills {
        // The next share of the orders flows into what the last kill has left.
        let (from, to) = (count * kill / kills, count * (kill + 1) / kills);
        let share = customers.clone();
        flows.push(tokio::spawn(async move { share.order(from..to, seed()).await }));
        let due = random.random_range(from..to.max(from + 1));
        wait::until(PATIENCE, async || customers.accepted() >= due)
            .await
            .with_context(|| format!("{} of {due} orders were accepted", customers.accepted()))?;
        // Each in turn, in an order of chance.
        if victims.is_empty() {
            victims = vec!["order", "inventory", "notification", "payment"];
            victims.shuffle(&mut random);
        }
        let victim = victims.pop().unwrap_or_default();
        // Customers wait for the order service, while the others are some way behind.
        let within = if victim == "order" { 50 } else { 1_000 };
        tokio::time::sleep(Duration::from_millis(random.random_range(0..within))).await;
        let service = match victim {
            "order" => &mut shop.order,
            "inventory" => &mut shop.inventory,
            "payment" => &mut shop.payment,
            _ => &mut shop.notification,
        };
        eprintln!("kill -9 of {victim} after {} orders", customers.accepted());
        service.process.kill().await?;
        tokio::time::sleep(Duration::from_millis(random.random_range(0..500))).await;
        service.process.restart().await?;
    }
    let mut orders = Vec::new();
    for flow in flows {
        orders.extend(flow.await??);
    }
    assert_eq!(orders.len(), count);

    shop.ready().await?;
    customers.until_ended(&orders).await?;
    shop.at_rest().await?;
    let books = shop.audit(&orders, 0).await?;
    assert_eq!(books.number(&["orders"]), count as i64);
    shop.mails_came_twice_only_where_it_was_in_doubt()
}
