//! A plain `StreamConsumer` loop, as most Rust programs have it: one record at a time.

use std::time::{Duration, Instant};

use bench::order::Check;
use bench::{Args, report};
use clap::Parser;
use rdkafka::consumer::{CommitMode, Consumer, StreamConsumer};
use rdkafka::{ClientConfig, Message};

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let started = Instant::now();
    let args = Args::parse();
    let consumer: StreamConsumer = ClientConfig::new()
        .set("bootstrap.servers", &args.bootstrap)
        .set("group.id", &args.group)
        .set("auto.offset.reset", "earliest")
        .set("enable.auto.commit", "false")
        .set("enable.auto.offset.store", "false")
        .set("fetch.queue.backoff.ms", "10")
        .create()?;
    consumer.subscribe(&[&args.topic])?;
    let check = Check::new(args.records);
    let mut last_commit = Instant::now();
    loop {
        let record = consumer.recv().await?;
        let payload = record.payload().unwrap_or_default();
        check.begin(payload);
        if args.delay_us > 0 {
            tokio::time::sleep(Duration::from_micros(args.delay_us)).await;
        }
        consumer.store_offset_from_message(&record)?;
        if check.end(payload) {
            break;
        }
        if last_commit.elapsed() > Duration::from_secs(1) {
            consumer.commit_consumer_state(CommitMode::Async)?;
            last_commit = Instant::now();
        }
    }
    consumer.commit_consumer_state(CommitMode::Sync)?;
    drop(consumer);
    report::print("stream-consumer", &args, &check, started.elapsed().as_secs_f64())
}
