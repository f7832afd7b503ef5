//! Products of the command's own, with more of each than it will order.

use std::time::{Duration, Instant};

use anyhow::bail;
use shop_service::Cluster;

use super::shape::{self, Shape};
use crate::catalogue::{self, Product};
use crate::lag::Groups;
use crate::publish::Publisher;

/// Who must know a product before it can be ordered.
const GROUPS: [&str; 2] = ["order", "inventory"];
const PAUSE: Duration = Duration::from_millis(100);

/// Lists the products, lets `restock` pieces of each arrive, and waits until the shop knows.
pub(super) async fn fill(
    cluster: &Cluster,
    publisher: &Publisher,
    shape: &Shape,
    restock: i64,
    patience: Duration,
) -> anyhow::Result<()> {
    let known = catalogue::known(cluster, &publisher.emitter.schemas).await?;
    let product = |number: u32| {
        let product_id = shape::sku(number);
        let arrived = known.get(&product_id).map_or(0, |known| known.restocked_total);
        Product {
            line: number as usize,
            name: format!("Load test product {number}"),
            price: shape::price(number),
            currency: "EUR".into(),
            stock: arrived.saturating_add(restock),
            product_id,
        }
    };
    let products: Vec<_> = (1..=shape.products).map(product).collect();
    let summary = catalogue::publish(cluster, publisher, &products).await?;
    if let Some(refused) = summary.refused.first() {
        bail!("{}: {}", shape::sku(refused.line as u32), refused.reason);
    }
    let cluster = cluster.clone();
    tokio::task::spawn_blocking(move || until_known(&cluster, patience)).await?
}

fn until_known(cluster: &Cluster, patience: Duration) -> anyhow::Result<()> {
    let groups =
        Groups::reading(cluster, |group, topic| topic == "products" && GROUPS.contains(&group))?;
    let end = Instant::now() + patience;
    loop {
        let lines = groups.lines(cluster)?;
        let Some(behind) = lines.iter().find(|line| line.lag > 0) else { return Ok(()) };
        if Instant::now() > end {
            bail!(
                "the group {} has not read the products of the load test within {patience:?}: does the \
                 {} service run, on these brokers?",
                behind.group,
                behind.group
            );
        }
        std::thread::sleep(PAUSE);
    }
}
