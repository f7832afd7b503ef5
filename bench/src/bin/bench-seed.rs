//! Fills a topic for the benchmarks: makes it anew, then writes the records.

use std::time::Duration;

use clap::Parser;
use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{BaseRecord, DefaultProducerContext, Producer, ThreadedProducer};

/// Makes a topic of records for the benchmarks.
#[derive(Parser)]
struct Args {
    /// Bootstrap servers, `host:port`
    #[arg(long, default_value = "127.0.0.1:9092")]
    bootstrap: String,
    /// The topic to make
    #[arg(long)]
    topic: String,
    /// How many records
    #[arg(long, default_value_t = 1_000_000)]
    records: u64,
    /// How many keys
    #[arg(long, default_value_t = 10_000)]
    keys: u64,
    /// How many partitions
    #[arg(long, default_value_t = 8)]
    partitions: i32,
    /// Bytes of a value
    #[arg(long, default_value_t = 200)]
    size: usize,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    anyhow::ensure!(args.size >= 16, "--size is {}, and the two numbers alone take 16", args.size);
    anyhow::ensure!(
        args.keys > 0 && args.keys <= bench::order::MAX_KEYS as u64,
        "--keys is out of range"
    );
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", &args.bootstrap).set("partitioner", "murmur2_random");
    let admin: AdminClient<DefaultClientContext> = config.create()?;
    let topic = NewTopic::new(&args.topic, args.partitions, TopicReplication::Fixed(1));
    for result in admin.create_topics([&topic], &AdminOptions::new()).await? {
        result.map_err(|(topic, code)| anyhow::anyhow!("making topic {topic}: {code}"))?;
    }
    let producer: ThreadedProducer<DefaultProducerContext> =
        config.set("linger.ms", "20").set("enable.idempotence", "true").create()?;
    let mut sequences = vec![0_u64; usize::try_from(args.keys)?];
    let mut value = vec![b'.'; args.size];
    // A fixed stride visits the keys in an order that is neither sorted nor random.
    let mut key = 0;
    for _ in 0..args.records {
        key = (key + 7_919) % args.keys;
        let sequence = &mut sequences[usize::try_from(key)?];
        value[..8].copy_from_slice(&key.to_le_bytes());
        value[8..16].copy_from_slice(&sequence.to_le_bytes());
        *sequence += 1;
        let name = key.to_le_bytes();
        let mut record = BaseRecord::to(&args.topic).key(&name[..]).payload(&value[..]);
        while let Err((error, back)) = producer.send(record) {
            if error != KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull) {
                return Err(error.into());
            }
            record = back;
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
    producer.flush(Duration::from_secs(60))?;
    println!("{} records in {}", args.records, args.topic);
    Ok(())
}
