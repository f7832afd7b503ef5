use std::time::{Duration, Instant};

use anyhow::{Context, anyhow, bail};
use clap::Args;
use rdkafka::admin::{NewPartitions, NewTopic, TopicReplication};
use rdkafka::types::RDKafkaErrorCode;
use serde::Serialize;
use shop_events::Topic;
use shop_service::Cluster;

use super::config;
use crate::broker::{self, Admin, Map, Reader, Shape};

/// Create the declared topics, and change those that differ. Can be run again.
///
/// Partitions are added, never removed; copies (replication) of a topic that is there are left as
/// they are.
#[derive(Debug, Args)]
pub(super) struct Apply {
    #[command(flatten)]
    cluster: Cluster,
    /// Print what was done as JSON.
    #[arg(long)]
    json: bool,
}

/// What was done to one topic.
#[derive(Debug, Serialize)]
pub(crate) struct Change {
    pub(crate) topic: String,
    /// `created`, `changed` or `unchanged`.
    pub(crate) done: &'static str,
    /// Each change, in words.
    pub(crate) details: Vec<String>,
}

const LEADERS: Duration = Duration::from_secs(30);

pub(super) async fn run(command: &Apply) -> anyhow::Result<()> {
    let changes = apply(&command.cluster).await?;
    if command.json {
        crate::out::json(&changes)?;
        return Ok(());
    }
    for change in changes.iter().filter(|change| change.done != "unchanged") {
        println!("{}: {} ({})", change.topic, change.done, change.details.join("; "));
    }
    let unchanged = changes.iter().filter(|change| change.done == "unchanged").count();
    println!("topics: {} declared, {unchanged} of them needed no change", changes.len());
    Ok(())
}

/// Makes the broker agree with the declared topics, and waits until they can be used.
pub(crate) async fn apply(cluster: &Cluster) -> anyhow::Result<Vec<Change>> {
    let declared = shop_events::declared();
    let admin = broker::admin(cluster)?;
    let consumer = broker::consumer(cluster, "orderline-topics")?;
    let map = whole(&consumer, cluster, &declared).await?;
    let brokers = i32::try_from(map.brokers).unwrap_or(i32::MAX);

    let there: Vec<&Topic> =
        declared.iter().filter(|topic| map.topics.contains_key(&topic.name)).collect();
    let configs = config::describe(&admin, &there).await?;
    let mut changes = Vec::new();
    for topic in &declared {
        let mut details = Vec::new();
        let Some(shape) = map.topics.get(&topic.name) else {
            let copies = topic.replication.min(brokers);
            create(&admin, topic, copies).await?;
            details.push(format!("{} partitions, {copies} copies", topic.partitions));
            changes.push(Change { topic: topic.name.clone(), done: "created", details });
            continue;
        };
        details.extend(partitions(&admin, topic, *shape).await?);
        if let Some(actual) = configs.get(&topic.name) {
            let settings = topic.settings(shape.replication);
            let differing = actual.differences(&settings);
            if !differing.is_empty() {
                config::alter(&admin, topic, &settings, actual).await?;
                details.extend(differing);
            }
        }
        let done = if details.is_empty() { "unchanged" } else { "changed" };
        changes.push(Change { topic: topic.name.clone(), done, details });
    }
    usable(&consumer, cluster, &declared).await?;
    Ok(changes)
}

/// The cluster, once all brokers are there that `--brokers` names: a topic that is made while one is
/// away has fewer copies for good.
async fn whole(consumer: &Reader, cluster: &Cluster, declared: &[Topic]) -> anyhow::Result<Map> {
    let named = cluster.kafka.brokers.split(',').count();
    let end = Instant::now() + LEADERS;
    loop {
        let map = broker::map(consumer, cluster)?;
        let copies = |topic: &Topic| usize::try_from(topic.replication).unwrap_or_default();
        let missing = declared.iter().filter(|topic| !map.topics.contains_key(&topic.name));
        let needed = missing.map(|topic| copies(topic).min(named)).max().unwrap_or_default();
        if map.brokers >= needed {
            return Ok(map);
        }
        if Instant::now() > end {
            bail!(
                "{} of the {named} brokers that --brokers names are up, and a topic made now would have too \
                 few copies for good: start the others, or name only those that are to be there",
                map.brokers
            );
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn create(admin: &Admin, topic: &Topic, copies: i32) -> anyhow::Result<()> {
    let settings = topic.settings(copies);
    let new = NewTopic {
        name: &topic.name,
        num_partitions: topic.partitions,
        replication: TopicReplication::Fixed(copies),
        config: settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect(),
    };
    for answer in admin.create_topics([&new], &config::options()).await? {
        match answer {
            // Somebody else was quicker with the same file.
            Ok(_) | Err((_, RDKafkaErrorCode::TopicAlreadyExists)) => {}
            Err((name, code)) => bail!("{name}: the broker does not create it: {code}"),
        }
    }
    Ok(())
}

async fn partitions(admin: &Admin, topic: &Topic, shape: Shape) -> anyhow::Result<Option<String>> {
    if shape.partitions >= topic.partitions {
        return Ok(None);
    }
    let count = usize::try_from(topic.partitions)?;
    let request = NewPartitions::new(&topic.name, count);
    let answers = admin.create_partitions([&request], &config::options()).await;
    let answers = answers.with_context(|| {
        let (name, has) = (&topic.name, shape.partitions);
        format!("{name} has {has} partitions, {count} are declared, and this broker adds none")
    })?;
    for answer in answers {
        answer.map_err(|(name, code)| anyhow!("{name}: no partitions can be added: {code}"))?;
    }
    Ok(Some(format!(
        "partitions: {} -> {}; a key may be on another partition from now on",
        shape.partitions, topic.partitions
    )))
}

/// A topic that was just made has no leaders for a moment, and a client that asks then would see
/// an unknown topic.
async fn usable(consumer: &Reader, cluster: &Cluster, declared: &[Topic]) -> anyhow::Result<()> {
    let end = Instant::now() + LEADERS;
    loop {
        let map = broker::map(consumer, cluster)?;
        let missing = declared.iter().find(|topic| {
            map.topics.get(&topic.name).is_none_or(|shape| shape.partitions < topic.partitions)
        });
        match missing {
            None => return Ok(()),
            Some(topic) if Instant::now() > end => {
                bail!("{} has no leader after {LEADERS:?}: are all brokers up?", topic.name)
            }
            Some(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}
