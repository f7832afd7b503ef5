//! Services are killed at random while orders flow through the whole shop, and those outside it lose
//! answers and refuse.

use std::sync::Arc;

use journeys::kills::Killer;
use journeys::members::Members;
use journeys::shop::Shop;
use journeys::staff::Staff;
use journeys::{seed, setting};
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use shop_testkit::push::Shares;
use shop_testkit::smtp::Rules;

const SERVICES: [&str; 7] =
    ["user", "product", "cart", "order", "inventory", "payment", "notification"];

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_or_done_twice_when_services_are_killed() -> anyhow::Result<()> {
    let count: usize = setting("JOURNEY_ORDERS", 500);
    let kills: usize = setting("JOURNEY_KILLS", 8);
    // Much of some products, too little of others, none of one.
    let many = 1_000_000;
    let envs = [
        // The payment provider loses one answer in twenty, of half of those before anything was done.
        ("ORDERLINE_SANDBOX_LOSE_ANSWERS", "0.05".to_owned()),
        ("ORDERLINE_SANDBOX_SEED", seed().to_string()),
        ("ORDERLINE_PUSH_ALLOW_LOOPBACK", "true".to_owned()),
    ];
    let mut shop = Shop::open_with(&[many, many, many, many, 400, 30, 0], &envs).await?;
    for name in ["user", "product", "cart"] {
        shop.another(name).await?;
    }
    // The mail server and the push service refuse one try in twenty, and one message in a hundred for good.
    let (now, for_good, seed) = (0.05, 0.01, seed());
    shop.mail.set(&Rules { defer_share: now, refuse_share: for_good, seed, ..Rules::default() })?;
    let shares = Shares { busy: now, refuse: for_good, seed };
    let members = Arc::new(shop.members(20, shares).await?);
    // Carts are filled with what the cart service has heard of, and devices are told by who knows them.
    shop.at_rest().await?;
    let customers = shop
        .customers()
        .choosing_from(7)
        .cancelling_one_in(10)
        .taking_back_one_in(10)
        .short_of_money_one_in(12)
        .with_members(shop.shoppers(members.clone())?)
        .of_a_shop_that_may_die();
    let staff = shop.staff()?;

    let mut random = SmallRng::seed_from_u64(seed);
    let mut killer = Killer::of(&SERVICES, random.random());
    let (mut flows, mut changes) = (Vec::new(), Vec::new());
    for kill in 0..kills {
        let victim = killer.choose(&mut shop).await?;
        // The next share of the orders flows into what the last kill has left.
        let (from, to) = (count * kill / kills, count * (kill + 1) / kills);
        let share = customers.clone();
        flows.push(tokio::spawn(async move { share.order(from..to, seed).await }));
        let change = (random.random_range(0..4), random.random_range(50..=500));
        changes.push(tokio::spawn(meanwhile(staff.clone(), members.clone(), change, kill)));
        customers.until_accepted(random.random_range(from..to.max(from + 1))).await?;
        killer.strike(&mut shop, victim, || format!("{} orders", customers.accepted())).await?;
    }
    let mut orders = Vec::new();
    for flow in flows {
        orders.extend(flow.await??);
    }
    for change in changes {
        change.await??;
    }
    assert_eq!(orders.len(), count);

    shop.ready().await?;
    customers.until_ended(&orders).await?;
    // However slow payment was: some of these have been paid.
    customers.take_back_the_rest().await?;
    shop.at_rest().await?;
    eprintln!("{}", killer.tally());
    let books = shop.audit_with_members(&orders, 0, &members).await?;
    assert_eq!(books.number(&["orders"]), count as i64);
    assert!(books.number(&["money", "refunded orders"]) > 0, "nobody got money back");
    shop.mails_came_twice_only_where_it_was_in_doubt()?;
    shop.pushes_came_twice_only_where_it_was_in_doubt(&members.push)
}

/// Staff restock what is short and change a price, and somebody registers.
async fn meanwhile(
    staff: Staff,
    members: Arc<Members>,
    (product, price): (u32, u32),
    kill: usize,
) -> anyhow::Result<()> {
    staff.restock("SKU-5", 3, &format!("{}-{kill}", seed())).await?;
    staff.reprice(&format!("SKU-{product}"), price).await?;
    members.newcomer(kill).await
}
