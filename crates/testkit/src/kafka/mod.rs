//! Apache Kafka for tests, started by `scripts/kafka`: one node, or a cluster of several; open to all, or
//! one that asks who one is.

mod ask;
mod logins;
mod node;

use std::path::PathBuf;

use crate::{ports, scripts};

pub use logins::Logins;
pub use node::Node;

/// The version of Apache Kafka that `scripts/kafka` starts.
pub(crate) fn version() -> &'static str {
    let pom = include_str!("../../../../scripts/kafka/pom.xml");
    let (_, rest) = pom.split_once("<kafka.version>").unwrap_or_default();
    rest.split_once('<').map_or("", |(version, _)| version)
}

/// A cluster of a test's own, its nodes to be stopped, killed, paused and restarted together or each by
/// itself. It goes with its handle.
#[derive(Debug)]
pub struct Cluster {
    nodes: Vec<Node>,
    folder: PathBuf,
    logins: Option<Logins>,
}

impl Cluster {
    /// Starts so many nodes on free ports, their data in a temporary folder, and waits until they answer.
    pub async fn start(count: usize) -> anyhow::Result<Self> {
        Self::boot(count, false).await
    }

    /// The same with SASL_SSL: nobody may do anything but the user `broker`, until `orderline access apply`.
    pub async fn start_secured(count: usize) -> anyhow::Result<Self> {
        Self::boot(count, true).await
    }

    async fn boot(count: usize, secured: bool) -> anyhow::Result<Self> {
        scripts::run("kafka/fetch.sh", &[]).await?;
        let folder = tempfile::Builder::new().prefix("orderline-kafka-").tempdir()?.keep();
        // It goes with the cluster, whatever fails from here on.
        let mut cluster = Self { nodes: Vec::new(), folder, logins: None };
        if secured {
            cluster.logins = Some(Logins::make(&cluster.folder.join("secure")).await?);
        }
        let brokers: Vec<u16> = (0..count).map(|_| ports::free()).collect();
        let controllers: Vec<u16> = (0..count).map(|_| ports::free()).collect();
        for id in 1..=count {
            let logins = cluster.logins.as_ref();
            let node = Node::spawn(&cluster.folder, id, &brokers, &controllers, logins)?;
            cluster.nodes.push(node);
        }
        cluster.wait_until_up().await?;
        Ok(cluster)
    }

    /// What its users log in with, where it asks who one is.
    pub fn logins(&self) -> Option<&Logins> {
        self.logins.as_ref()
    }

    /// The address of every node, for `bootstrap.servers`; the same for its whole life.
    pub fn bootstrap(&self) -> String {
        let addresses: Vec<_> = self.nodes.iter().map(Node::address).collect();
        addresses.join(",")
    }

    /// How many nodes it has, whether they run or not.
    pub fn size(&self) -> usize {
        self.nodes.len()
    }

    /// The node with this id, from 1 on.
    ///
    /// # Panics
    ///
    /// When there is no such node.
    pub fn node(&mut self, id: usize) -> &mut Node {
        &mut self.nodes[id - 1]
    }

    /// SIGTERM to all, and waits for the end: an orderly shutdown.
    pub async fn stop(&mut self) -> anyhow::Result<()> {
        // All at once: a broker that ends in order asks the controllers first, which are the others.
        for node in &mut self.nodes {
            node.interrupt()?;
        }
        for node in &mut self.nodes {
            node.stop().await?;
        }
        Ok(())
    }

    /// SIGKILL to all, and waits for the end.
    pub async fn kill(&mut self) -> anyhow::Result<()> {
        for node in &mut self.nodes {
            node.kill().await?;
        }
        Ok(())
    }

    /// SIGSTOP to all: they stand still, their connections open, until `resume`.
    pub fn pause(&mut self) -> anyhow::Result<()> {
        self.nodes.iter_mut().try_for_each(Node::pause)
    }

    /// SIGCONT to all.
    pub fn resume(&mut self) -> anyhow::Result<()> {
        self.nodes.iter_mut().try_for_each(Node::resume)
    }

    /// Starts all again on the same ports and data, after killing those that run, and waits until they answer.
    pub async fn restart(&mut self) -> anyhow::Result<()> {
        self.kill().await?;
        // A node alone has no quorum: none answers before the others are there.
        for node in &mut self.nodes {
            node.respawn()?;
        }
        self.wait_until_up().await
    }

    async fn wait_until_up(&mut self) -> anyhow::Result<()> {
        for node in &mut self.nodes {
            node.wait_until_up().await?;
        }
        Ok(())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.nodes.clear();
        // A supervisor has removed it, unless all nodes had ended before.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::wait;

    #[test]
    fn the_version_is_the_one_that_is_fetched() {
        let version = super::version();
        assert!(version.starts_with(char::is_numeric), "{version:?}");
    }

    #[tokio::test]
    async fn a_cluster_goes_on_without_one_of_its_nodes_and_takes_it_back() -> anyhow::Result<()> {
        let patience = Duration::from_secs(180);
        let mut cluster = Cluster::start(3).await?;
        assert_eq!(cluster.bootstrap().split(',').count(), 3);
        cluster.create_topic("copied").await?;
        // The node that is asked may not have heard of the topic yet.
        let leads = async || cluster.leader("copied", 0).await.ok();
        let leader = wait::some(patience, leads).await?;
        cluster.node(leader).kill().await?;
        wait::until(patience, async || {
            cluster.leader("copied", 0).await.is_ok_and(|now| now != leader)
        })
        .await?;
        assert!(!cluster.is_in_sync().await?);
        cluster.node(leader).restart().await?;
        wait::until(patience, async || cluster.is_in_sync().await.unwrap_or(false)).await?;
        let folder = cluster.folder.clone();
        drop(cluster);
        assert!(!folder.exists());
        Ok(())
    }
}
