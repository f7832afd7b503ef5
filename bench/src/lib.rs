#![doc = include_str!("../README.md")]

pub mod order;
pub mod report;
pub mod timer;

/// The arguments of every peer.
#[derive(Debug, Clone, clap::Parser)]
pub struct Args {
    /// Bootstrap servers, `host:port`
    #[arg(long, default_value = "127.0.0.1:9092")]
    pub bootstrap: String,
    /// The topic, filled by `bench-seed`
    #[arg(long)]
    pub topic: String,
    /// A consumer group that has not been used before
    #[arg(long)]
    pub group: String,
    /// How many records the topic has; all of them are handled
    #[arg(long)]
    pub records: u64,
    /// What a handler waits, in microseconds; 0 is ready at once
    #[arg(long, default_value_t = 0)]
    pub delay_us: u64,
    /// Handlers running at once
    #[arg(long, default_value_t = 100)]
    pub concurrency: usize,
}
