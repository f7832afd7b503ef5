//! `orderline demo`: the whole shop, and real orders through it.

mod channel;
mod customer;
mod door;
mod known;
mod next;
mod order;
mod orders;
mod page;
mod patience;
mod place;
mod plan;
mod shopper;
mod show;
mod sse;
mod stock;
mod wait;

use std::process::ExitCode;

use anyhow::bail;
use clap::Args;
use shop_events::CartCheckedOut;
use shop_service::{LogFormat, Process, Seconds};
use tokio_util::sync::CancellationToken;

use crate::publish::Publisher;
use crate::shop::{self, Addresses, Shop, ShopSettings};
use crate::{catalogue, scan, topics};
use order::Order;
use orders::Orders;
use place::Doors;
use shopper::Shopper;

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
const EXPIRES: Seconds<2_592_000> = Seconds::of(20).unwrap();
const BANK_MS: u64 = 30_000;

pub(crate) async fn run(mut demo: Demo) -> ExitCode {
    demo.shop.lifetime.order_expires_seconds = EXPIRES;
    demo.shop.sandbox_slow_ms = Some(BANK_MS);
    let process = Process {
        log_format: LogFormat::Text,
        log: demo.log.clone(),
        otlp_endpoint: None,
        shutdown_seconds: const { Seconds::of(30).unwrap() },
    };
    let given = process.clone();
    shop_service::main(&process, |stop| play(demo, given, stop)).await
}

async fn play(mut demo: Demo, process: Process, stop: CancellationToken) -> anyhow::Result<()> {
    let cluster = demo.shop.cluster.clone();
    let publisher = Publisher::connect(&cluster, "demo").await?;
    publisher.register::<CartCheckedOut>().await?;
    let changes = topics::apply(&cluster).await?;
    println!("topics         {} declared, on {}", changes.len(), cluster.kafka.brokers);
    let mut products = stock::catalogue(&cluster, &publisher).await?;
    catalogue::publish(&cluster, &publisher, &products).await?;
    println!("catalogue      {} products", products.len());

    let addresses = shop::free_addresses()?;
    // What a check-out's Location begins with.
    demo.shop.carts.order_url = format!("http://{}", addresses["order"]);
    let mut shop = Shop::start(&demo.shop, &process, addresses.clone(), &stop)?;
    let outcome = tokio::select! {
        () = stop.cancelled() => Err(anyhow::anyhow!("told to stop")),
        outcome = async {
            shop.ready().await?;
            println!("services       on {}", ports(&addresses));
            let levels = stock::fill(&cluster, &publisher, &mut products).await?;
            orders(&demo.shop, publisher, &addresses, &levels).await
        } => outcome,
    };
    let stopped = shop.stop().await;
    let wrong = outcome?;
    stopped?;
    if !wrong.is_empty() {
        bail!("not every order went as it should:\n{}", wrong.join("\n"));
    }
    Ok(())
}

/// Signs customers up, places their orders, waits for what becomes of them, and shows it. Says what
/// is not as it should be.
async fn orders(
    shop: &ShopSettings,
    publisher: Publisher,
    addresses: &Addresses,
    levels: &stock::Levels,
) -> anyhow::Result<Vec<String>> {
    let (cluster, mail) = (&shop.cluster, &shop.mail);
    let before = scan::ends(cluster, &["users", "notifications"]).await?;
    let plan = plan::orders(levels);
    let now = publisher.emitter.clock.now_micros();
    let customers = customer::sign_up(&plan, addresses, now).await?;
    let schemas = &publisher.emitter.schemas;
    known::to_all(cluster, schemas, before.clone(), &customers).await?;
    let pages = customers.iter().filter(|customer| customer.page.is_some()).count();
    println!("customers      {} signed up, {pages} of them with a page open", customers.len());

    let shopper = Shopper::at(&addresses["cart"])?;
    let client = Orders::at(&addresses["order"])?;
    let doors = Doors { shopper, orders: client, publisher };
    let mut orders: Vec<Order> = Vec::new();
    for (planned, customer) in plan.into_iter().zip(customers) {
        orders.push(doors.place(planned, customer).await?);
    }
    println!("orders         {} placed", orders.len());
    println!("waiting        for each to end; one has a slow bank, and expires after {EXPIRES} s");
    wait::for_ends(&doors.orders, &mut orders).await?;
    wait::for_mails(cluster, &doors.publisher, before, &mut orders).await?;
    wait::for_pages(&mut orders).await;
    show::all(&orders, mail);
    if let Some(order) = orders.first() {
        println!("{}", next::words(order.order_id));
    }
    let wrong = |order: &Order| Some(format!("  {}'s order {}", order.by.name, order.wrong(mail)?));
    Ok(orders.iter().filter_map(wrong).collect())
}

/// `127.0.0.1: cart 8106, order 8101`.
fn ports(addresses: &Addresses) -> String {
    let mut host = "";
    let mut list = Vec::new();
    for (name, address) in addresses {
        let (at, port) = address.rsplit_once(':').unwrap_or((address, ""));
        host = at;
        list.push(format!("{name} {port}"));
    }
    format!("{host}: {}", list.join(", "))
}
