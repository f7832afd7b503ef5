//! `orderline demo`: the whole shop, and real orders through it.

mod client;
mod plan;
mod show;
mod stock;
mod wait;

use std::process::ExitCode;

use anyhow::bail;
use clap::Args;
use shop_events::CartCheckedOut;
use shop_service::{Cluster, LogFormat, Process};
use tokio_util::sync::CancellationToken;

use crate::publish::Publisher;
use crate::shop::{self, Addresses, Shop, ShopSettings};
use crate::{catalogue, scan, topics};
use client::Client;

/// Run the shop, place orders of every kind, and show what became of each.
///
/// Needs a broker and a schema registry: `make demo` starts both first. Can be run again.
#[derive(Debug, Args)]
pub(crate) struct Demo {
    #[command(flatten)]
    shop: ShopSettings,
    /// What the services log, to standard error.
    #[arg(
        long,
        env = "ORDERLINE_LOG",
        value_name = "FILTER",
        default_value = "warn,librdkafka=off"
    )]
    log: String,
}

/// So that somebody sees an order expire: its bank takes longer.
const EXPIRES_SECONDS: u64 = 20;
const BANK_MS: u64 = 30_000;

pub(crate) async fn run(mut demo: Demo) -> ExitCode {
    demo.shop.lifetime.order_expires_seconds = EXPIRES_SECONDS;
    demo.shop.sandbox_slow_ms = Some(BANK_MS);
    let process = Process {
        log_format: LogFormat::Text,
        log: demo.log.clone(),
        otlp_endpoint: None,
        shutdown_seconds: 30,
    };
    let given = process.clone();
    shop_service::main(&process, |stop| play(demo, given, stop)).await
}

async fn play(demo: Demo, process: Process, stop: CancellationToken) -> anyhow::Result<()> {
    let cluster = &demo.shop.cluster;
    let publisher = Publisher::connect(cluster, "demo").await?;
    publisher.register::<CartCheckedOut>().await?;
    let changes = topics::apply(cluster).await?;
    println!("topics         {} declared, on {}", changes.len(), cluster.kafka.brokers);
    let mut products = stock::catalogue(cluster, &publisher).await?;
    catalogue::publish(cluster, &publisher, &products).await?;
    println!("catalogue      {} products", products.len());

    let addresses = shop::free_addresses()?;
    let mut shop = Shop::start(&demo.shop, &process, addresses.clone(), &stop)?;
    let outcome = tokio::select! {
        () = stop.cancelled() => Err(anyhow::anyhow!("told to stop")),
        outcome = async {
            shop.ready().await?;
            let list: Vec<_> = addresses.iter().map(|(name, at)| format!("{name} http://{at}")).collect();
            println!("services       {}", list.join(", "));
            let levels = stock::fill(cluster, &publisher, &mut products).await?;
            orders(&demo, cluster, &publisher, &addresses, &levels).await
        } => outcome,
    };
    let stopped = shop.stop().await;
    let as_expected = outcome?;
    stopped?;
    if !as_expected {
        bail!("not every order ended as it should: see the table");
    }
    Ok(())
}

/// Places them, waits for their ends and mails, and shows them.
async fn orders(
    demo: &Demo,
    cluster: &Cluster,
    publisher: &Publisher,
    addresses: &Addresses,
    levels: &stock::Levels,
) -> anyhow::Result<bool> {
    let now = publisher.emitter.clock.now_micros();
    let client = Client::new(&addresses["order"], &addresses["user"], now)?;
    let before = scan::ends(cluster, &["notifications"]).await?;
    let mut orders = Vec::new();
    for planned in plan::orders(levels) {
        orders.push(client.place(planned, publisher).await?);
    }
    println!("orders         {} placed", orders.len());
    wait::for_ends(&client, &mut orders).await?;
    wait::for_mails(cluster, publisher, before, &mut orders).await?;
    show::table(&orders, &demo.shop.mail);
    show::next(&orders, &demo.shop.mail);
    Ok(orders.iter().all(|order| order.wrong(&demo.shop.mail).is_none()))
}
