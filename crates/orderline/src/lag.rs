//! `orderline lag`: how far each consumer group is behind.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context;
use clap::Args;
use rdkafka::TopicPartitionList;
use rdkafka::consumer::Consumer;
use serde::Serialize;
use shop_service::Cluster;

use crate::broker::{self, PATIENCE};
use crate::scan;
use crate::table::Table;

/// Show how far each consumer group is behind, by topic and partition.
///
/// Knows the groups of the declared topics. Those that have never committed are named below the
/// table; in JSON their `committed` is null.
#[derive(Debug, Args)]
pub(crate) struct Lag {
    #[command(flatten)]
    cluster: Cluster,
    /// Only this group.
    #[arg(long)]
    group: Option<String>,
    /// Print as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Serialize)]
struct Line {
    group: String,
    topic: String,
    partition: i32,
    /// The next offset to be handled; null where nothing has been committed.
    committed: Option<i64>,
    end: i64,
    lag: i64,
}

pub(crate) async fn run(command: Lag) -> anyhow::Result<()> {
    let json = command.json;
    let lines = tokio::task::spawn_blocking(move || lines(&command)).await??;
    if json {
        println!("{}", serde_json::to_string_pretty(&lines)?);
        return Ok(());
    }
    let active: BTreeSet<&str> =
        lines.iter().filter(|l| l.committed.is_some()).map(|l| l.group.as_str()).collect();
    let mut table = Table::new(&["group", "topic", "partition", "committed", "end", "lag"]);
    for line in lines.iter().filter(|line| active.contains(line.group.as_str())) {
        table.row([
            line.group.clone(),
            line.topic.clone(),
            line.partition.to_string(),
            line.committed.map_or("-".into(), |offset| offset.to_string()),
            line.end.to_string(),
            line.lag.to_string(),
        ]);
    }
    print!("{table}");
    let mut total: BTreeMap<&str, i64> = BTreeMap::new();
    for line in &lines {
        *total.entry(&line.group).or_default() += line.lag;
    }
    println!();
    for (group, lag) in total.iter().filter(|(group, _)| active.contains(*group)) {
        println!("{group}: {lag} behind");
    }
    let idle: Vec<_> = total.keys().filter(|group| !active.contains(*group)).copied().collect();
    if !idle.is_empty() {
        println!("never committed: {}", idle.join(", "));
    }
    Ok(())
}

fn lines(command: &Lag) -> anyhow::Result<Vec<Line>> {
    let declared = shop_events::declared();
    let mut topics: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for topic in &declared {
        for group in &topic.groups {
            topics.entry(group).or_default().push(&topic.name);
        }
    }
    if let Some(group) = &command.group {
        topics.retain(|name, _| name == group);
        anyhow::ensure!(!topics.is_empty(), "--group {group}: no declared topic names it");
    }
    let names: Vec<String> = declared.iter().map(|topic| topic.name.clone()).collect();
    let asker = broker::consumer(&command.cluster, "orderline-lag")?;
    let bounds = scan::bounds(&asker, &command.cluster, &names)?;
    let mut lines = Vec::new();
    for (group, topics) in topics {
        let consumer = broker::consumer(&command.cluster, group)?;
        let mut list = TopicPartitionList::new();
        for (topic, partition) in bounds.keys().filter(|(t, _)| topics.contains(&t.as_str())) {
            list.add_partition(topic, *partition);
        }
        let committed = consumer
            .committed_offsets(list, PATIENCE)
            .with_context(|| format!("the offsets of group {group} cannot be read"))?;
        for element in committed.elements() {
            let place = (element.topic().to_owned(), element.partition());
            let Some((first, end)) = bounds.get(&place) else { continue };
            let offset = match element.offset() {
                rdkafka::Offset::Offset(offset) => Some(offset),
                _ => None,
            };
            let (topic, partition) = place;
            let lag = (end - offset.unwrap_or(*first).max(*first)).max(0);
            lines.push(Line {
                group: group.into(),
                topic,
                partition,
                committed: offset,
                end: *end,
                lag,
            });
        }
    }
    Ok(lines)
}
