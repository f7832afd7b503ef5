//! `orderline load`: a measured stream of orders.

mod book;
mod callers;
mod http;
mod lags;
mod latency;
mod ledger;
mod pacer;
mod plot;
mod refusal;
mod report;
mod run;
mod send;
mod series;
mod setting;
mod shape;
mod show;
mod stock;
mod stopwatch;
mod topic;
mod watcher;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use reqwest::Url;
use shop_service::Cluster;

use crate::Outcome;
use callers::CallersOptions;
use send::By;
use shape::Shape;

/// Place orders at a rate and measure what becomes of them.
///
/// Sells products of its own, LOAD-TEST-1 and so on, with more stock than it orders, so that it works
/// on any shop that runs: `make up`, the services, `orderline load`. Mails go to example.invalid, which
/// nothing can reach. By HTTP the orders come from a few accounts that it makes at the user service
/// for this run; the order service refuses what is above its --orders-per-account,
/// --orders-per-address and --writes-per-account (60/m, 600/m and 300/m), so start it with higher ones
/// for more. Several runs at once, or other customers, do not disturb the counts, but the times.
///
/// How time is measured: by one clock, this command's. With --rate an order's time counts from when
/// it was due, whether or not a connection was free to send it (an open loop); without, from when it
/// was sent (a closed loop), and that flatters a shop that stalls. `accepted` is when the answer 202
/// was here, or the broker's acknowledgement by topic; `completed` and `mail` are when OrderCompleted
/// and, of an e-mail, NotificationSent were read from the topics by a consumer of this command's own:
/// the moment from which anyone can know, later than when the service decided it (ce_time) or the
/// broker appended it. The lag is what the groups of the shop have not committed, asked each half
/// second; the services commit once a second, so that a part of it is handled already.
///
/// Exit codes: 0 every order was accepted and ended, and its mail was sent or given up; 1 some were
/// refused or did not end, as the report says; 2 wrong options.
#[derive(Debug, Args)]
pub(crate) struct Load {
    /// How many orders.
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    orders: usize,
    /// Orders a second; 0: each as soon as an earlier one is answered.
    #[arg(long, value_name = "N", default_value_t = 0.0, value_parser = rate)]
    rate: f64,
    /// How many may wait for their answer at once.
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = concurrency)]
    concurrency: usize,
    /// How orders are placed.
    #[arg(long, value_enum, default_value_t = By::Http)]
    by: By,
    /// The order service, for --by http.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8101", value_parser = http::url)]
    order_service: Url,
    #[command(flatten)]
    callers: CallersOptions,
    #[command(flatten)]
    cluster: Cluster,
    #[command(flatten)]
    shape: Shape,
    /// How many pieces of each product arrive before the run; by default as many as could be ordered.
    /// Fewer, and orders will be rejected.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(0..))]
    restock: Option<i64>,
    /// How long to wait for the ends of orders, and for a service that does not answer, while nothing
    /// moves.
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    patience: u64,
    /// What the broker is, for report and plot, as in "Apache Kafka 4.3.1".
    #[arg(long, env = "ORDERLINE_BROKER_LABEL", value_name = "TEXT")]
    label: Option<String>,
    /// Where the report goes [default: .orderline/load/TIME.json].
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Where the plot goes [default: .orderline/load/TIME.svg].
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
    /// Also write the ids of the accepted orders here, one a line, as the audit takes them.
    #[arg(long, value_name = "FILE")]
    accepted: Option<PathBuf>,
}

pub(crate) async fn run(load: Load) -> Outcome {
    let whole = run::run(load).await?;
    Ok(if whole { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn rate(text: &str) -> Result<f64, String> {
    let rate = text.parse().ok().filter(|rate: &f64| (0.0..=1e6).contains(rate));
    rate.ok_or_else(|| "write it as 200 or 0.5, up to 1000000; 0 sets no rate".into())
}

fn concurrency(text: &str) -> Result<usize, String> {
    let number = text.parse().ok().filter(|number| (1..=10_000).contains(number));
    number.ok_or_else(|| "may be 1 to 10000".into())
}
