use clap::Args;
use serde::Serialize;
use shop_service::Cluster;

use super::config;
use crate::broker;
use crate::table::Table;

/// List the declared topics and how the broker has them.
#[derive(Debug, Args)]
pub(super) struct List {
    #[command(flatten)]
    cluster: Cluster,
    /// Print as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Line {
    topic: String,
    key: String,
    records: Vec<String>,
    groups: Vec<String>,
    partitions: i32,
    /// Copies on the broker; null where the topic is missing.
    replication: Option<i32>,
    /// `as declared`, `missing`, or what differs.
    state: String,
}

pub(super) async fn run(command: &List) -> anyhow::Result<()> {
    let lines = lines(&command.cluster).await?;
    if command.json {
        crate::out::json(&lines)?;
        return Ok(());
    }
    let mut table = Table::new(&["topic", "partitions", "copies", "key", "groups", "state"]);
    for line in &lines {
        table.row([
            line.topic.clone(),
            line.partitions.to_string(),
            line.replication.map_or("-".into(), |copies| copies.to_string()),
            line.key.clone(),
            line.groups.join(" "),
            line.state.clone(),
        ]);
    }
    crate::out::text(&table);
    if lines.iter().any(|line| line.state != "as declared") {
        println!("\n`orderline topics apply` makes the broker agree");
    }
    Ok(())
}

async fn lines(cluster: &Cluster) -> anyhow::Result<Vec<Line>> {
    let declared = shop_events::declared();
    let map = broker::map(&broker::consumer(cluster, "orderline-topics")?, cluster)?;
    let there: Vec<_> =
        declared.iter().filter(|topic| map.topics.contains_key(&topic.name)).collect();
    let configs = config::describe(&broker::admin(cluster)?, &there).await?;
    let line = |topic: shop_events::Topic| {
        let shape = map.topics.get(&topic.name);
        let mut differing = Vec::new();
        match shape {
            None => differing.push("missing".to_owned()),
            Some(shape) if shape.partitions < topic.partitions => {
                differing.push(format!("partitions: {} -> {}", shape.partitions, topic.partitions))
            }
            Some(_) => {}
        }
        if let (Some(actual), Some(shape)) = (configs.get(&topic.name), shape) {
            differing.extend(actual.differences(&topic.settings(shape.replication)));
        }
        Line {
            partitions: shape.map_or(topic.partitions, |shape| shape.partitions),
            replication: shape.map(|shape| shape.replication),
            state: if differing.is_empty() { "as declared".into() } else { differing.join("; ") },
            topic: topic.name,
            key: topic.key,
            records: topic.records,
            groups: topic.groups,
        }
    };
    Ok(declared.into_iter().map(line).collect())
}
