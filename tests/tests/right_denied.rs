//! Rights that a broker does not give: the service says which, loses nothing, and goes on by itself once
//! it has them.

use std::time::Duration;

use anyhow::Context as _;
use journeys::shop::{Shop, free_address};
use journeys::{PATIENCE, audit, seed};
use shop_testkit::broker::Broker;
use shop_testkit::kafka::Cluster;
use shop_testkit::wait;

/// A rule of the broker's, as Kafka's own tool names it.
struct Right {
    user: &'static str,
    operation: &'static str,
    on: [&'static str; 2],
}

/// Takes a right away.
async fn deny(shop: &mut Shop, right: &Right) -> anyhow::Result<()> {
    let user = format!("User:{}", right.user);
    let remove = ["kafka-acls", "--remove", "--force", "--allow-principal", &user];
    let what = ["--operation", right.operation, right.on[0], right.on[1]];
    shop.broker.as_cluster()?.tool(&[&remove[..], &what].concat()).await.map(drop)
}

/// Gives every right that is declared.
async fn grant(shop: &Shop) -> anyhow::Result<()> {
    let mut apply = shop.orderline("broker").args(["access", "apply"]).start().await?;
    let ended = apply.wait(PATIENCE).await?;
    anyhow::ensure!(ended.success(), "{}", apply.log());
    Ok(())
}

/// Waits until `/ready` has each of these words.
async fn says(address: &str, words: &[&str]) -> anyhow::Result<()> {
    let client = reqwest::Client::builder().timeout(Duration::from_secs(5)).build()?;
    let mut last = String::new();
    wait::until(PATIENCE, async || {
        let answer = client.get(format!("http://{address}/ready")).send().await;
        let Ok(answer) = answer else { return false };
        let refuses = answer.status() == reqwest::StatusCode::SERVICE_UNAVAILABLE;
        last = answer.text().await.unwrap_or_default();
        refuses && words.iter().all(|word| last.contains(word))
    })
    .await
    .with_context(|| format!("/ready does not say {words:?}, but: {last}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_says_which_right_it_lacks_and_goes_on_once_it_has_it() -> anyhow::Result<()> {
    let broker = Broker::Kafka(Cluster::start_secured(1).await?);
    let mut shop = Shop::open_on(broker, &[1_000]).await?;
    let customers = shop.customers();
    let mut orders = Vec::new();
    let mut next = 0;
    let mut more = async |shop: &Shop| {
        next += 10;
        anyhow::Ok(shop.customers().order(next - 10..next, seed()).await?)
    };

    // To write: the answers wait in the outbox.
    let write = Right { user: "inventory", operation: "Write", on: ["--topic", "reservations"] };
    deny(&mut shop, &write).await?;
    orders.extend(more(&shop).await?);
    says(&shop.inventory.address, &["user inventory lacks", "--kafka-user"]).await?;
    grant(&shop).await?;
    customers.until_ended(&orders).await?;

    // To be in the group, and with that to commit: the records wait on the topic.
    let join = Right { user: "inventory", operation: "Read", on: ["--group", "inventory"] };
    deny(&mut shop, &join).await?;
    orders.extend(more(&shop).await?);
    says(&shop.inventory.address, &["user inventory lacks the right to this group"]).await?;
    grant(&shop).await?;
    customers.until_ended(&orders).await?;

    // To put a record aside: its offset does not move, and it comes there in the end.
    let aside = Right { user: "order", operation: "Write", on: ["--topic", "dead-letter.order"] };
    deny(&mut shop, &aside).await?;
    let mut cart = shop.for_python("import")?;
    let bad = ["--email", "partner@example.org", "--sku", "SKU-0", "--line-total", "-1"];
    cart.extend(bad.map(String::from));
    audit::python("publish_cart.py", &cart).await?;
    says(&shop.order.address, &["user order lacks", "dead-letter.order"]).await?;
    grant(&shop).await?;
    shop.order.ready().await?;

    // Everything: another user's login.
    shop.inventory.process.kill().await?;
    orders.extend(more(&shop).await?);
    let address = free_address();
    let stranger = shop.service("inventory", "notification").env("ORDERLINE_LISTEN", &address);
    let mut stranger = stranger.env("ORDERLINE_DATA", shop.folder()).start().await?;
    says(&address, &["user notification lacks the right to this group", "--kafka-user"]).await?;
    stranger.kill().await?;
    shop.inventory.process.restart().await?;
    customers.until_ended(&orders).await?;

    shop.at_rest().await?;
    shop.audit(&orders, 1).await?;
    Ok(())
}
