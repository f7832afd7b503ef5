//! Makes sure that the topic is there and keeps what is written to it.

use std::time::Duration;

use pipeline::transport::kafka::{self, Asking, Silence};
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, ResourceSpecifier, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::BaseConsumer;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use tokio::time::{Instant, sleep};

use super::client;
use crate::config::Config;

/// Why the topic cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TopicError {
    /// No answer, or a refusal, for as long as the start may take.
    #[error(
        "the broker {brokers} did not let the registry use topic {topic} ({cause}): check --brokers, that the broker runs, and its access rules"
    )]
    Broker {
        /// Where it was looked for.
        brokers: String,
        /// What was asked for.
        topic: String,
        /// The last answer.
        cause: String,
    },
    /// More than one partition has no single order.
    #[error(
        "topic {0} has {1} partitions, and a registry's log is one: give a topic of its own with --topic"
    )]
    Partitions(String, usize),
    /// The broker would delete the log by age or size.
    #[error(
        "topic {0} has cleanup.policy={1}, so the broker would delete schemas: set it to compact, or give another topic with --topic"
    )]
    Cleanup(String, String),
}

const TRY: Duration = Duration::from_secs(5);

pub(super) async fn ensure(config: &Config) -> Result<(), TopicError> {
    let broker = |cause: String| TopicError::Broker {
        brokers: config.brokers.clone(),
        topic: config.topic.clone(),
        cause,
    };
    let admin: AdminClient<DefaultClientContext> =
        client::admin(config).create().map_err(|error| broker(error.to_string()))?;
    let give_up = Instant::now() + config.start_timeout;
    loop {
        match attempt(&admin, config).await {
            Ok(checked) => return checked,
            Err(cause) => {
                let cause = refused(config).await.unwrap_or(cause);
                if Instant::now() >= give_up {
                    return Err(broker(cause));
                }
                tracing::info!(kafka.error = cause, "waiting for the broker");
                sleep(Duration::from_millis(500)).await;
            }
        }
    }
}

/// The inner result is final, the outer error is worth another try.
async fn attempt(
    admin: &AdminClient<DefaultClientContext>,
    config: &Config,
) -> Result<Result<(), TopicError>, String> {
    let options = AdminOptions::new().request_timeout(Some(TRY)).operation_timeout(Some(TRY));
    let text = |error: KafkaError| error.to_string();
    if partitions(admin, config)?.is_none() {
        let copies = copies(admin, config)?;
        let max_record = client::max_record(config).to_string();
        // One replica may be away and schemas can still be registered.
        let min_insync = (copies - 1).clamp(1, 2).to_string();
        let topic = NewTopic::new(&config.topic, 1, TopicReplication::Fixed(copies))
            .set("cleanup.policy", "compact")
            .set("max.message.bytes", &max_record)
            .set("min.insync.replicas", &min_insync);
        for created in admin.create_topics([&topic], &options).await.map_err(text)? {
            match created {
                Ok(_) => tracing::info!(topic = config.topic, copies, "created the topic"),
                Err((_, RDKafkaErrorCode::TopicAlreadyExists)) => {}
                Err((_, code)) => return Err(code.to_string()),
            }
        }
    }
    if let Some(partitions) = partitions(admin, config)?.filter(|count| *count != 1) {
        return Ok(Err(TopicError::Partitions(config.topic.clone(), partitions)));
    }
    let resource = ResourceSpecifier::Topic(&config.topic);
    for described in admin.describe_configs([&resource], &options).await.map_err(text)? {
        let described = described.map_err(|code| code.to_string())?;
        let policy = described.get("cleanup.policy").and_then(|entry| entry.value.as_deref());
        match policy {
            Some("compact") | None => {}
            Some(other) => {
                return Ok(Err(TopicError::Cleanup(config.topic.clone(), other.to_owned())));
            }
        }
    }
    Ok(Ok(()))
}

/// Why the broker does not talk to us, where it is more than an outage. An admin client does not
/// say, so another one asks.
async fn refused(config: &Config) -> Option<String> {
    let context = Asking::new(config.refusals.clone());
    let asker: BaseConsumer<Asking> = client::base(config).create_with_context(context).ok()?;
    let ask = move || match kafka::metadata(&asker, None, TRY) {
        Err(Silence::Refused(why)) => Some(why),
        _ => None,
    };
    tokio::task::spawn_blocking(ask).await.ok()?
}

/// How many replicas the topic is to have. All brokers that are named must be there: with one of them away it
/// would have fewer for good.
fn copies(admin: &AdminClient<DefaultClientContext>, config: &Config) -> Result<i32, String> {
    let metadata = admin.inner().fetch_metadata(Some(&config.topic), TRY);
    let up = metadata.map_err(|error| error.to_string())?.brokers().len();
    let (wanted, named) = (config.replication_factor.into(), config.brokers.split(',').count());
    if up < named.min(wanted) {
        return Err(format!("{up} of {named} brokers are up, and the topic is to be on them all"));
    }
    Ok(i32::try_from(wanted.min(up)).unwrap_or(i32::MAX))
}

fn partitions(
    admin: &AdminClient<DefaultClientContext>,
    config: &Config,
) -> Result<Option<usize>, String> {
    let metadata = admin
        .inner()
        .fetch_metadata(Some(&config.topic), TRY)
        .map_err(|error| error.to_string())?;
    let topic = metadata.topics().iter().find(|topic| topic.name() == config.topic);
    Ok(topic.filter(|topic| topic.error().is_none()).map(|topic| topic.partitions().len()))
}
