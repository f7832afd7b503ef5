use std::time::Duration;

use anyhow::Context as _;
use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};
use registry::{Config, Level, Limits};
use shop_service::Brokers;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

/// A schema registry that speaks the Confluent API and keeps its state in a Kafka topic.
///
/// Any number of instances may run on one topic; they are one registry.
#[derive(Parser)]
#[command(version)]
struct Options {
    #[command(flatten)]
    brokers: Brokers,
    /// Where the REST API is served.
    #[arg(
        long,
        env = "ORDERLINE_REGISTRY_LISTEN",
        value_name = "HOST:PORT",
        default_value = "127.0.0.1:8081",
        value_parser = address
    )]
    listen: String,
    /// The topic that holds the state; created when absent.
    #[arg(long, env = "ORDERLINE_REGISTRY_TOPIC", default_value = "_schemas")]
    topic: String,
    /// Replicas of the topic when it has to be created; fewer where there are fewer brokers.
    #[arg(long, env = "ORDERLINE_REGISTRY_REPLICATION_FACTOR", default_value_t = 3)]
    replication_factor: u16,
    /// Compatibility level where none is set: NONE, BACKWARD, FORWARD, FULL, or one of the latter
    /// three with _TRANSITIVE.
    #[arg(long, env = "ORDERLINE_REGISTRY_COMPATIBILITY", default_value_t = Level::Backward)]
    compatibility: Level,
    /// Milliseconds until a client is told that the fate of its write is unknown.
    #[arg(long, env = "ORDERLINE_REGISTRY_WRITE_TIMEOUT_MS", default_value_t = 10_000)]
    write_timeout_ms: u64,
    /// Milliseconds to wait for the broker at the start before giving up.
    #[arg(long, env = "ORDERLINE_REGISTRY_START_TIMEOUT_MS", default_value_t = 60_000)]
    start_timeout_ms: u64,
    /// Bytes of a request's body.
    #[arg(long, env = "ORDERLINE_REGISTRY_MAX_BODY_BYTES", default_value_t = Limits::default().body)]
    max_body_bytes: usize,
    /// JSON levels of a schema; three to four make one record inside another.
    #[arg(long, env = "ORDERLINE_REGISTRY_MAX_NESTING", default_value_t = Limits::default().nesting)]
    max_nesting: usize,
    /// Bytes of a subject's name.
    #[arg(long, env = "ORDERLINE_REGISTRY_MAX_SUBJECT_BYTES", default_value_t = Limits::default().subject)]
    max_subject_bytes: usize,
}

fn address(text: &str) -> Result<String, String> {
    match text.rsplit_once(':') {
        Some((host, port)) if !host.is_empty() && port.parse::<u16>().is_ok() => {
            Ok(text.to_owned())
        }
        _ => Err("write it as HOST:PORT, as in 127.0.0.1:8081".into()),
    }
}

impl Options {
    fn config(self) -> Config {
        Config {
            topic: self.topic,
            replication_factor: self.replication_factor,
            compatibility: self.compatibility,
            write_timeout: Duration::from_millis(self.write_timeout_ms),
            start_timeout: Duration::from_millis(self.start_timeout_ms),
            limits: Limits {
                body: self.max_body_bytes,
                nesting: self.max_nesting,
                subject: self.max_subject_bytes,
            },
            kafka: self.brokers.properties(),
            refusals: self.brokers.transport("").refusals(),
            ..Config::new(self.brokers.brokers)
        }
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let filter =
        EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,librdkafka=off"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();

    let listen = options.listen.clone();
    let config = options.config();
    if let Err(error) = config.validate() {
        Options::command().error(ErrorKind::ValueValidation, error).exit();
    }
    let listener = TcpListener::bind(&listen)
        .await
        .with_context(|| format!("--listen: cannot listen on {listen}; give a free HOST:PORT"))?;
    let shutdown = CancellationToken::new();
    tokio::spawn(stop_on_signal(shutdown.clone()));
    tracing::info!(registry.listen = %listener.local_addr()?, kafka.topic = config.topic, "starting");
    registry::serve(listener, config, shutdown).await?;
    tracing::info!("stopped");
    Ok(())
}

async fn stop_on_signal(shutdown: CancellationToken) {
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    shutdown.cancel();
}
