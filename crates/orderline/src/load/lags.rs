//! How far the shop's groups are behind while orders flow.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::Serialize;
use shop_service::Cluster;
use tokio_util::sync::CancellationToken;

use super::stopwatch::Stopwatch;
use crate::lag::Groups;

/// The topics that an order passes.
const TOPICS: [&str; 5] = ["carts", "orders", "reservations", "payments", "notifications"];
const EVERY: Duration = Duration::from_millis(500);

/// What was not committed at one moment.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Sample {
    /// Since the start of the run.
    #[serde(rename = "at_seconds", serialize_with = "super::series::seconds")]
    pub(super) at: i64,
    #[serde(rename = "total_records")]
    pub(super) total: i64,
    #[serde(rename = "by_group_records")]
    pub(super) groups: BTreeMap<String, i64>,
}

/// Samples until told to stop, with what could not be read; blocks.
pub(super) fn watch(
    cluster: &Cluster,
    watch: Stopwatch,
    stop: &CancellationToken,
) -> anyhow::Result<(Vec<Sample>, u64)> {
    let groups = Groups::reading(cluster, |_, topic| TOPICS.contains(&topic))?;
    let (mut samples, mut failed) = (Vec::new(), 0);
    let mut next = 0;
    while !stop.is_cancelled() {
        let at = watch.micros();
        match sample(&groups, cluster, at) {
            Ok(sample) => samples.push(sample),
            // A broker that is away for a while leaves a gap, and the orders go on.
            Err(_) => failed += 1,
        }
        next = (next + EVERY.as_micros() as i64).max(watch.micros());
        let wait = Duration::from_micros(u64::try_from(next - watch.micros()).unwrap_or(0));
        std::thread::sleep(wait);
    }
    Ok((samples, failed))
}

/// Of the groups that have ever committed on a topic: the others' services do not run.
fn sample(groups: &Groups, cluster: &Cluster, at: i64) -> anyhow::Result<Sample> {
    let lines = groups.lines(cluster)?;
    let place = |line: &crate::lag::Line| (line.group.clone(), line.topic.clone());
    let read: BTreeSet<_> =
        lines.iter().filter(|line| line.committed.is_some()).map(place).collect();
    let mut groups = BTreeMap::new();
    for line in lines.iter().filter(|line| read.contains(&place(line))) {
        *groups.entry(line.group.clone()).or_default() += line.lag;
    }
    Ok(Sample { at, total: groups.values().sum(), groups })
}
