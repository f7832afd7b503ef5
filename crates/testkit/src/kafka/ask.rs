//! What a cluster says of itself, by Kafka's own tools.

use anyhow::Context;

use super::Cluster;
use crate::scripts;

impl Cluster {
    /// The id of the node that leads a partition.
    pub async fn leader(&self, topic: &str, partition: u32) -> anyhow::Result<usize> {
        let said = self.tool(&["kafka-topics", "--describe", "--topic", topic]).await?;
        let wanted = format!("\tPartition: {partition}\tLeader: ");
        let id = said.lines().find_map(|line| line.split_once(&wanted)?.1.split('\t').next());
        let id = id.with_context(|| format!("no partition {partition} of {topic} in: {said}"))?;
        id.trim().parse().with_context(|| format!("{topic}-{partition} has no leader: {id}"))
    }

    /// The id of the node that coordinates a consumer group.
    pub async fn coordinator(&self, group: &str) -> anyhow::Result<usize> {
        let args = ["kafka-consumer-groups", "--describe", "--state", "--group", group];
        let said = self.tool(&args).await?;
        // orders  127.0.0.1:19092  (2)  range  Stable  3
        let id =
            said.lines().find_map(|line| line.split_once('(')?.1.split_once(')')?.0.parse().ok());
        id.with_context(|| format!("no coordinator of {group} in: {said}"))
    }

    /// Whether every partition has all its copies in sync.
    pub async fn is_in_sync(&self) -> anyhow::Result<bool> {
        let args = ["kafka-topics", "--describe", "--under-replicated-partitions"];
        Ok(self.tool(&args).await?.trim().is_empty())
    }

    #[cfg(test)]
    pub(super) async fn create_topic(&self, name: &str) -> anyhow::Result<()> {
        self.tool(&["kafka-topics", "--create", "--topic", name]).await.map(drop)
    }

    /// One of Kafka's own tools, on a secured broker as the broker's own user.
    pub async fn tool(&self, args: &[&str]) -> anyhow::Result<String> {
        let (bootstrap, login) = (self.bootstrap(), self.logins().map(|l| l.for_tools("broker")));
        let server = ["--bootstrap-server", &bootstrap];
        let login: Vec<_> = login.iter().flat_map(|file| ["--command-config", file]).collect();
        scripts::run("kafka/tool.sh", &[args, &server, &login].concat()).await
    }
}
