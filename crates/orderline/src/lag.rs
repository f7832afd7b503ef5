//! `orderline lag`: how far each consumer group is behind.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context;
use clap::Args;
use rdkafka::TopicPartitionList;
use rdkafka::consumer::Consumer;
use serde::Serialize;
use shop_service::Cluster;

use crate::broker::{self, PATIENCE, Reader};
use crate::scan::{self, Bounds};
use crate::table::Table;

/// Show how far each consumer group is behind, by topic and partition.
///
/// Knows the groups of the declared topics. What a group has never committed on is named below the
/// table; in JSON its `committed` is null.
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
pub(crate) struct Line {
    pub(crate) group: String,
    pub(crate) topic: String,
    pub(crate) partition: i32,
    /// The next offset to be handled; null where nothing has been committed.
    pub(crate) committed: Option<i64>,
    end: i64,
    pub(crate) lag: i64,
}

pub(crate) async fn run(command: Lag) -> anyhow::Result<()> {
    let json = command.json;
    let lines = tokio::task::spawn_blocking(move || lines(&command)).await??;
    if json {
        crate::out::json(&lines)?;
        return Ok(());
    }
    crate::out::text(words(&lines));
    Ok(())
}

/// A table of what the groups read, their sums, and what they have never read.
fn words(lines: &[Line]) -> String {
    let read: BTreeSet<(&str, &str)> =
        lines.iter().filter(|line| line.committed.is_some()).map(Line::place).collect();
    let mut table = Table::new(&["group", "topic", "partition", "committed", "end", "lag"]);
    let mut behind: BTreeMap<&str, i64> = BTreeMap::new();
    let mut unread: BTreeMap<(&str, &str), i64> = BTreeMap::new();
    for line in lines {
        if !read.contains(&line.place()) {
            *unread.entry(line.place()).or_default() += line.lag;
            continue;
        }
        *behind.entry(&line.group).or_default() += line.lag;
        table.row([
            line.group.clone(),
            line.topic.clone(),
            line.partition.to_string(),
            line.committed.map_or("-".into(), |offset| offset.to_string()),
            line.end.to_string(),
            line.lag.to_string(),
        ]);
    }
    let mut text = format!("{table}\n");
    for (group, lag) in behind {
        text.push_str(&format!("{group}: {lag} behind\n"));
    }
    for ((group, topic), records) in unread {
        text.push_str(&format!("{group} has never committed on {topic} ({records} records)\n"));
    }
    text
}

impl Line {
    fn place(&self) -> (&str, &str) {
        (&self.group, &self.topic)
    }
}

fn lines(command: &Lag) -> anyhow::Result<Vec<Line>> {
    let groups = Groups::reading(&command.cluster, |group, _| {
        command.group.as_deref().is_none_or(|only| only == group)
    })?;
    if let Some(group) = &command.group {
        anyhow::ensure!(!groups.0.is_empty(), "--group {group}: no declared topic names it");
    }
    groups.lines(&command.cluster)
}

/// Declared groups, and a way to ask for the offsets of each again and again.
pub(crate) struct Groups(Vec<Group>, Reader);

struct Group {
    name: String,
    topics: Vec<String>,
    reader: Reader,
}

impl Groups {
    /// The groups, with those of their topics, that `wanted` wants.
    pub(crate) fn reading(
        cluster: &Cluster,
        wanted: impl Fn(&str, &str) -> bool,
    ) -> anyhow::Result<Self> {
        let mut topics: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for topic in shop_events::declared() {
            for group in topic.groups.iter().filter(|group| wanted(group, &topic.name)) {
                topics.entry(group.clone()).or_default().push(topic.name.clone());
            }
        }
        let group = |(name, topics): (String, Vec<String>)| {
            let reader = broker::consumer(cluster, &name)?;
            anyhow::Ok(Group { name, topics, reader })
        };
        let groups = topics.into_iter().map(group).collect::<anyhow::Result<_>>()?;
        Ok(Groups(groups, broker::consumer(cluster, "orderline-lag")?))
    }

    /// How far each is behind now; blocks.
    pub(crate) fn lines(&self, cluster: &Cluster) -> anyhow::Result<Vec<Line>> {
        let names: BTreeSet<String> =
            self.0.iter().flat_map(|group| group.topics.iter().cloned()).collect();
        let names: Vec<String> = names.into_iter().collect();
        let bounds = scan::bounds(&self.1, cluster, &names)?;
        let mut lines = Vec::new();
        for group in &self.0 {
            group.lines(&bounds, &mut lines)?;
        }
        Ok(lines)
    }
}

impl Group {
    fn lines(&self, bounds: &Bounds, lines: &mut Vec<Line>) -> anyhow::Result<()> {
        let mut list = TopicPartitionList::new();
        for (topic, partition) in bounds.keys().filter(|(t, _)| self.topics.contains(t)) {
            list.add_partition(topic, *partition);
        }
        let committed = self.reader.committed_offsets(list, PATIENCE);
        let committed = committed
            .with_context(|| format!("the offsets of group {} cannot be read", self.name))?;
        for element in committed.elements() {
            let place = (element.topic().to_owned(), element.partition());
            let Some((first, end)) = bounds.get(&place) else { continue };
            let offset = match element.offset() {
                rdkafka::Offset::Offset(offset) => Some(offset),
                _ => None,
            };
            let lag = (end - offset.unwrap_or(*first).max(*first)).max(0);
            let (topic, partition) = place;
            let group = self.name.clone();
            lines.push(Line { group, topic, partition, committed: offset, end: *end, lag });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_that_a_group_has_never_read_is_named_and_not_counted() {
        let line = |topic: &str, committed, end, lag| Line {
            group: "order".into(),
            topic: topic.into(),
            partition: 0,
            committed,
            end,
            lag,
        };
        let text = words(&[line("carts", Some(3), 5, 2), line("payments", None, 7, 7)]);
        assert!(text.contains("order: 2 behind"), "{text}");
        assert!(text.contains("order has never committed on payments (7 records)"), "{text}");
    }
}
