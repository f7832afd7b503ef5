use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde::Serialize;
use shop_events::{ProductListed, ProductRepriced, ProductRestocked};
use shop_service::Cluster;

use super::file::{self, COLUMNS, Product};
use super::{plan, state};
use crate::Outcome;
use crate::publish::Publisher;
use crate::sheet::{self, Refused};

/// Publish a catalogue: products, prices and stock. Running it again changes nothing.
///
/// Columns: product_id,name,price,currency,stock. `price` is decimal (4.90); `stock` counts all that
/// ever arrived, so a delivery of 5 raises it by 5. Exit code 2: some lines were refused, the others
/// are published.
#[derive(Debug, Args)]
pub(super) struct Load {
    /// The catalogue, .csv or .jsonl.
    file: PathBuf,
    #[command(flatten)]
    cluster: Cluster,
    /// Print the summary as JSON.
    #[arg(long)]
    json: bool,
}

/// What was published.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Summary {
    pub(crate) products: usize,
    pub(crate) records: usize,
    pub(crate) refused: Vec<Refused>,
}

pub(super) async fn run(load: &Load) -> Outcome {
    let (products, refused) = file::parse(sheet::rows(&load.file, &COLUMNS)?);
    let publisher = Publisher::connect(&load.cluster, "catalogue").await?;
    let mut summary = publish(&load.cluster, &publisher, &products).await?;
    summary.refused.extend(refused);
    summary.refused.sort_by_key(|refused| refused.line);
    sheet::report(&load.file, &summary.refused);
    if load.json {
        crate::out::json(&summary)?;
    } else {
        let Summary { products, records, refused } = &summary;
        println!(
            "catalogue: {products} products, {records} records published, {} lines refused",
            refused.len()
        );
    }
    Ok(if summary.refused.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(2) })
}

/// Publishes what the topic does not say yet.
pub(crate) async fn publish(
    cluster: &Cluster,
    publisher: &Publisher,
    products: &[Product],
) -> anyhow::Result<Summary> {
    publisher.register::<ProductListed>().await?;
    publisher.register::<ProductRepriced>().await?;
    publisher.register::<ProductRestocked>().await?;
    let known = state::known(cluster, &publisher.emitter.schemas).await?;
    let now = publisher.emitter.clock.now_micros();
    let (mut summary, mut records) = (Summary::default(), Vec::new());
    for product in products {
        match plan::plan(known.get(&product.product_id), product, now) {
            Ok(changes) => {
                summary.products += 1;
                for change in changes {
                    records.push(change.record(publisher)?);
                }
            }
            Err(reason) => summary.refused.push(Refused { line: product.line, reason }),
        }
    }
    summary.records = records.len();
    publisher.send(records).await?;
    Ok(summary)
}
