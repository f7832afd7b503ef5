//! Three instances of every service on one PostgreSQL, of which one after the other is stopped,
//! killed and frozen while orders flow.

use anyhow::Context;
use journeys::customers::Accepted;
use journeys::shop::Shop;
use journeys::{PATIENCE, rest, seed, setting};
use shop_testkit::database::Kind;
use shop_testkit::wait;

const SERVICES: [&str; 4] = ["order", "inventory", "notification", "payment"];
/// After so long without a heartbeat the broker gives a member's partitions to the others.
const SESSION: (&str, &str) = ("ORDERLINE_KAFKA", "session.timeout.ms=6000");

/// What becomes of an instance.
#[derive(Debug, Clone, Copy)]
enum Fate {
    Stopped,
    Killed,
    Frozen,
}

const FATES: [Fate; 3] = [Fate::Stopped, Fate::Killed, Fate::Frozen];

async fn befall(shop: &mut Shop, victim: usize, fate: Fate) -> anyhow::Result<()> {
    for name in SERVICES {
        let process = &mut shop.instances(name)[victim].process;
        match fate {
            Fate::Stopped => {
                let status = process.terminate(PATIENCE).await?;
                anyhow::ensure!(status.success(), "{name} ended with {status}: {}", process.log());
            }
            Fate::Killed => drop(process.kill().await?),
            Fate::Frozen => process.pause()?,
        }
    }
    Ok(())
}

async fn bring_back(shop: &mut Shop, victim: usize, fate: Fate) -> anyhow::Result<()> {
    for name in SERVICES {
        let process = &mut shop.instances(name)[victim].process;
        match fate {
            Fate::Stopped | Fate::Killed => process.restart().await?,
            Fate::Frozen => process.resume()?,
        }
    }
    shop.ready().await
}

#[tokio::test(flavor = "multi_thread")]
async fn three_instances_of_each_share_the_work_whatever_becomes_of_one() -> anyhow::Result<()> {
    let count: usize = setting("JOURNEY_ORDERS", 240);
    let many = 1_000_000;
    let stock = [many, many, many, many, 200, 30, 0];
    let session = [(SESSION.0, SESSION.1.to_owned())];
    let mut shop = Shop::open_on_database(Kind::Postgres, &stock, &session).await?;
    for name in SERVICES.into_iter().cycle().take(2 * SERVICES.len()) {
        shop.another(name).await?;
    }
    let doors: Vec<_> = shop
        .customers_of_each()
        .into_iter()
        .map(|door| {
            door.choosing_from(7)
                .cancelling_one_in(10)
                .short_of_money_one_in(12)
                .of_a_shop_that_may_die()
        })
        .collect();

    let mut orders: Vec<Accepted> = Vec::new();
    let share = count / (3 * FATES.len());
    let mut numbers = (0..).map(|i| i * share..(i + 1) * share);
    for (victim, fate) in FATES.into_iter().enumerate() {
        // A share of the orders at each door, so that they are under way when it happens.
        let mut flows = Vec::new();
        for door in &doors {
            let (door, share) = (door.clone(), numbers.next().context("counts on")?);
            flows.push(tokio::spawn(async move { door.order(share, seed()).await }));
        }
        let door = &doors[(victim + 1) % doors.len()];
        let begun = share * victim + share / 2;
        wait::until(PATIENCE, async || door.accepted() >= begun).await?;
        befall(&mut shop, victim, fate).await?;
        eprintln!("instance {victim} of each: {fate:?}");

        // Those at the victim's door wait until it is back; all others are served meanwhile.
        let waiting = flows.remove(victim);
        let mut served = Vec::new();
        for flow in flows {
            served.extend(flow.await??);
        }
        door.until_ended(&served).await.with_context(|| format!("while one is {fate:?}"))?;
        bring_back(&mut shop, victim, fate).await?;
        orders.extend(served);
        orders.extend(waiting.await??);
    }

    doors[0].until_ended(&orders).await?;
    shop.at_rest().await?;
    each_did_a_part(&shop).await?;
    let books = shop.audit(&orders, 0).await?;
    assert_eq!(books.number(&["orders"]), orders.len() as i64);
    shop.mails_came_twice_only_where_it_was_in_doubt()
}

/// Partitions are shared: every instance has handled records since it was started last.
async fn each_did_a_part(shop: &Shop) -> anyhow::Result<()> {
    for service in shop.services() {
        let metrics = rest::metrics(&service.address).await?;
        let handled = rest::sum(&metrics, "pipeline_records_total");
        eprintln!("{} at {}: {handled} records", service.name, service.address);
        anyhow::ensure!(handled > 0.0, "{} at {} had none", service.name, service.address);
    }
    Ok(())
}
