//! One run: prepare, send and watch, wait for the ends, report.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use pipeline::{Clock, Random};
use shop_events::CartCheckedOut;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::book::Book;
use super::callers::Callers;
use super::http::Door;
use super::pacer::Pacer;
use super::report::{Parameters, Report, Run, Setting, Versions};
use super::send::{self, By, Senders, Way};
use super::show::{self, Bars};
use super::stopwatch::Stopwatch;
use super::watcher::Watcher;
use super::{Load, lags, plot, stock};
use crate::publish::Publisher;

/// How often progress is looked at and shown.
const LOOK: Duration = Duration::from_millis(50);

/// Whether every order was accepted and ended.
pub(super) async fn run(load: Load) -> anyhow::Result<bool> {
    let patience = Duration::from_secs(load.patience);
    let parameters = parameters(&load);
    let publisher = Publisher::connect(&load.cluster, "load-test").await?;
    let schemas = publisher.emitter.schemas.clone();
    let door = match load.by {
        By::Http => {
            let door = Door::open(&load.order_service, load.concurrency, patience).await?;
            let callers = Callers::of(&load.callers, Clock::system().now_micros()).await?;
            Some((door, Box::new(callers)))
        }
        By::Topic => None,
    };
    let (cluster, label) = (load.cluster.clone(), load.label.clone());
    let setting = tokio::task::spawn_blocking(move || Setting::found(&cluster, label)).await??;
    let pieces = parameters.restock_pieces_per_product;
    stock::fill(&load.cluster, &publisher, &load.shape, pieces, patience).await?;
    publisher.register::<CartCheckedOut>().await?;
    let watcher = Watcher::at_the_end(&load.cluster, schemas).await?;

    let (book, clock) = (Arc::new(Book::default()), Clock::system());
    let (enough, done) = (CancellationToken::new(), CancellationToken::new());
    let (started_at, watch) = (clock.now_micros(), Stopwatch::start());
    let (own, token) = (book.clone(), done.clone());
    let watching = tokio::task::spawn_blocking(move || watcher.run(watch, &own, &token));
    let (cluster, token) = (load.cluster.clone(), done.clone());
    let lagging = tokio::task::spawn_blocking(move || lags::watch(&cluster, watch, &token));
    let sending = tokio::spawn(send::send(
        Senders {
            way: door.map_or(Way::Topic(publisher), |(door, callers)| Way::Http(door, callers)),
            pacer: Pacer::new(load.orders, parameters.rate_orders_per_second),
            shape: load.shape.clone(),
            ids: Random::from_os(),
            clock,
            watch,
            book: book.clone(),
            stop: enough.clone(),
        },
        load.concurrency,
    ));
    let interrupted = tokio::select! {
        rested = rest(&book, load.orders, patience, &watching) => { rested?; false }
        interrupt = tokio::signal::ctrl_c() => { interrupt?; true }
    };
    enough.cancel();
    sending.await??;
    let ended = watch.micros();
    done.cancel();
    watching.await??;
    let lags = lagging.await??;

    let ledger = book.lock();
    let name = rfc3339(started_at);
    let versions = Versions::found();
    let report = Report::new(
        &ledger,
        Run { started_at: name.clone(), ended, interrupted, parameters, setting, versions, lags },
    );
    let file = |given: Option<PathBuf>, kind: &str| {
        let name = name.replace(':', "-");
        given.unwrap_or_else(|| PathBuf::from(format!(".orderline/load/{name}.{kind}")))
    };
    crate::out::text(format_args!("{}\n", show::summary(&report)));
    let (json, svg) = (file(load.json, "json"), file(load.plot, "svg"));
    write(&json, &serde_json::to_string_pretty(&report)?)?;
    write(&svg, &plot::svg(&report)?)?;
    crate::out::text(format_args!(
        "\nreport      {}\nplot        {}\n",
        json.display(),
        svg.display()
    ));
    if let Some(file) = load.accepted {
        let accepted = ledger.entries.iter().filter(|entry| entry.accepted.is_some());
        let ids = accepted.filter_map(|entry| entry.order_id).map(|id| format!("{id}\n"));
        write(&file, &ids.collect::<String>())?;
    }
    Ok(report.is_whole())
}

fn parameters(load: &Load) -> Parameters {
    let rate = (load.rate > 0.0).then_some(load.rate);
    Parameters {
        by: load.by,
        orders: load.orders,
        kind: if rate.is_some() { "open" } else { "closed" },
        rate_orders_per_second: rate,
        concurrency: load.concurrency,
        shape: load.shape.clone(),
        restock_pieces_per_product: load
            .restock
            .unwrap_or_else(|| load.shape.most_pieces(load.orders)),
        patience_seconds: load.patience,
        order_service: (load.by == By::Http).then(|| load.order_service.to_string()),
        brokers: load.cluster.kafka.brokers.clone(),
    }
}

/// Until all orders are answered and have ended, or nothing moves any more.
async fn rest(
    book: &Book,
    orders: usize,
    patience: Duration,
    watching: &tokio::task::JoinHandle<anyhow::Result<()>>,
) -> anyhow::Result<()> {
    let bars = Bars::new(orders)?;
    let (mut last, mut moved) = (book.lock().progress(), Instant::now());
    loop {
        tokio::time::sleep(LOOK).await;
        let now = book.lock().progress();
        bars.show(now);
        let all_sent = now.sent == orders as u64;
        // Orders that are not due yet, or whose answer is still under way, are waited for.
        if now != last || now.answered < now.sent || !all_sent {
            (last, moved) = (now, Instant::now());
        }
        if (all_sent && now.at_rest()) || moved.elapsed() > patience || watching.is_finished() {
            bars.clear();
            return Ok(());
        }
    }
}

fn write(file: &Path, text: &str) -> anyhow::Result<()> {
    let written = match file.parent() {
        Some(folder) => std::fs::create_dir_all(folder).and_then(|()| std::fs::write(file, text)),
        None => std::fs::write(file, text),
    };
    written.with_context(|| format!("{} cannot be written", file.display()))
}

fn rfc3339(micros: i64) -> String {
    let at = OffsetDateTime::from_unix_timestamp(micros / 1_000_000).ok();
    at.and_then(|at| at.format(&Rfc3339).ok()).unwrap_or_default()
}
