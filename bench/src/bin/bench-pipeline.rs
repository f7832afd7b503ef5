//! The engine: order by key, contiguous commits, dead letters, all on.

use std::time::{Duration, Instant};

use bench::order::Check;
use bench::timer::Timer;
use bench::{Args, report};
use clap::Parser;
use pipeline::transport::Record;
use pipeline::transport::kafka::Kafka;
use pipeline::{Failure, Group, RawHandler, Runtime, Schemas, Settings};
use tokio_util::sync::CancellationToken;

struct Handler {
    check: Check,
    delay: Duration,
    timer: Timer,
    stop: CancellationToken,
}

impl RawHandler for Handler {
    async fn handle(&self, record: &Record) -> Result<(), Failure> {
        let payload = record.payload().unwrap_or_default();
        self.check.begin(payload);
        if !self.delay.is_zero() {
            self.timer.sleep(self.delay).await;
        }
        if self.check.end(payload) {
            self.stop.cancel();
        }
        Ok(())
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let started = Instant::now();
    let args = Args::parse();
    let stop = CancellationToken::new();
    let mut metrics = prometheus_client::registry::Registry::default();
    let kafka = Kafka::new(&args.bootstrap, "bench-pipeline");
    let runtime = Runtime::new(kafka, Schemas::in_memory(), "bench", &mut metrics)?;
    let handler = Handler {
        check: Check::new(args.records),
        delay: Duration::from_micros(args.delay_us),
        timer: Timer::start()?,
        stop: stop.clone(),
    };
    let settings = Settings { concurrency: args.concurrency, ..Settings::default() };
    Group::new(&args.group, &runtime)
        .settings(settings)
        .raw(&[&args.topic], &handler, stop)
        .await?;
    report::print("pipeline", &args, &handler.check, started.elapsed().as_secs_f64())
}
