//! Enough stock for each run of the demo.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::bail;
use serde::Deserialize;
use shop_service::Cluster;

use crate::catalogue::{self, COLUMNS, Product};
use crate::publish::Publisher;
use crate::scan::{self, Places};
use crate::sheet;

const CATALOGUE: &[u8] = include_bytes!("../../demo/catalogue.csv");
const PATIENCE: Duration = Duration::from_secs(60);

/// What inventory last said of a product.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Level {
    product_id: String,
    pub(super) available: i64,
    restocked_total: i64,
    version: i64,
}

/// Level by product.
pub(super) type Levels = BTreeMap<String, Level>;

/// The demo's products, with the stock that has arrived where an earlier run has added some.
pub(super) async fn catalogue(
    cluster: &Cluster,
    publisher: &Publisher,
) -> anyhow::Result<Vec<Product>> {
    let (mut products, _) = catalogue::parse(sheet::csv(CATALOGUE, &COLUMNS)?);
    let known = catalogue::known(cluster, &publisher.emitter.schemas).await?;
    for product in &mut products {
        if let Some(known) = known.get(&product.product_id) {
            product.stock = product.stock.max(known.restocked_total);
        }
    }
    Ok(products)
}

/// Restocks what earlier runs have sold, and returns the levels once inventory knows all of it.
pub(super) async fn fill(
    cluster: &Cluster,
    publisher: &Publisher,
    products: &mut [Product],
) -> anyhow::Result<Levels> {
    let levels = known_to_inventory(cluster, publisher, products).await?;
    let (wanted, _) = catalogue::parse(sheet::csv(CATALOGUE, &COLUMNS)?);
    for (product, wanted) in products.iter_mut().zip(wanted) {
        let available = levels.get(&product.product_id).map_or(0, |level| level.available);
        product.stock += (wanted.stock - available).max(0);
    }
    catalogue::publish(cluster, publisher, products).await?;
    known_to_inventory(cluster, publisher, products).await
}

async fn known_to_inventory(
    cluster: &Cluster,
    publisher: &Publisher,
    products: &[Product],
) -> anyhow::Result<Levels> {
    let end = Instant::now() + PATIENCE;
    let (mut levels, mut from) = (Levels::new(), Places::new());
    loop {
        let next = scan::ends(cluster, &["stock-levels"]).await?;
        for record in scan::read(cluster, &["stock-levels"], from, |_| true).await? {
            let Ok((_, level)) = record.decode::<Level>(&publisher.emitter.schemas).await else {
                continue;
            };
            if levels.get(&level.product_id).is_none_or(|known| known.version < level.version) {
                levels.insert(level.product_id.clone(), level);
            }
        }
        from = next;
        let missing = products.iter().find(|product| {
            let level = levels.get(&product.product_id);
            level.is_none_or(|level| level.restocked_total < product.stock)
        });
        match missing {
            None => return Ok(levels),
            Some(product) if Instant::now() > end => {
                bail!(
                    "inventory does not know the stock of {} after {PATIENCE:?}; was its database removed while the broker kept its offsets? `make down clean-data` begins anew",
                    product.product_id
                )
            }
            Some(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
}
