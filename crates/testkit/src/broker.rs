//! The broker that the environment asks for: `BROKER=local` is Apache Kafka, with `BROKERS=3` a cluster of
//! three nodes, and `embedded` is Nisshi. With `SECURE=1` Apache Kafka asks the programs of the shop who
//! they are.
//!
//! Without `BROKER`, or with `auto`, `scripts/broker.sh` decides, as it does for `make`.

use anyhow::Context;
use tokio::sync::OnceCell;

use crate::{embedded, kafka, scripts};

/// A broker of a test's own, to be stopped, killed, paused and restarted. It goes with its handle.
#[derive(Debug)]
pub enum Broker {
    /// Apache Kafka: as many nodes as `BROKERS` says, else one.
    Kafka(kafka::Cluster),
    /// Nisshi.
    Embedded(embedded::Broker),
}

impl Broker {
    /// Starts the broker that the environment asks for, with nothing in it, and waits until it answers.
    pub async fn start() -> anyhow::Result<Self> {
        match which().await? {
            Which::Local => Ok(Self::Kafka(kafka::Cluster::start(nodes()?).await?)),
            Which::Embedded => Ok(Self::Embedded(embedded::Broker::start().await?)),
        }
    }

    /// The same for a whole shop, whose programs reach it by [`Broker::client`]: secured with `SECURE=1`.
    pub async fn start_for_shop() -> anyhow::Result<Self> {
        if !secured()? {
            return Self::start().await;
        }
        let cluster = Self::cluster_for_shop(nodes()?).await?;
        cluster.context("SECURE=1 is for Apache Kafka: leave BROKER=embedded out")
    }

    /// A cluster of Apache Kafka for a whole shop, secured with `SECURE=1`; none where the environment asks
    /// for the embedded broker.
    pub async fn cluster_for_shop(nodes: usize) -> anyhow::Result<Option<Self>> {
        Ok(match (which().await?, secured()?) {
            (Which::Local, false) => Some(Self::Kafka(kafka::Cluster::start(nodes).await?)),
            (Which::Local, true) => Some(Self::Kafka(kafka::Cluster::start_secured(nodes).await?)),
            (Which::Embedded, _) => None,
        })
    }

    /// What its users log in with, where it asks who one is.
    pub fn logins(&self) -> Option<&kafka::Logins> {
        match self {
            Self::Kafka(cluster) => cluster.logins(),
            Self::Embedded(_) => None,
        }
    }

    /// Apache Kafka, node by node.
    pub fn as_cluster(&mut self) -> anyhow::Result<&mut kafka::Cluster> {
        match self {
            Self::Kafka(cluster) => Ok(cluster),
            Self::Embedded(_) => anyhow::bail!("the embedded broker is no cluster"),
        }
    }

    /// What runs, for a test to say: `Apache Kafka 4.3.1 on 127.0.0.1:19092`.
    pub fn describe(&self) -> String {
        let what = match self {
            Self::Kafka(cluster) if cluster.size() > 1 => {
                format!("{} nodes of Apache Kafka {}", cluster.size(), kafka::version())
            }
            Self::Kafka(_) => format!("Apache Kafka {}", kafka::version()),
            Self::Embedded(_) => format!("Nisshi {}, embedded", embedded::version()),
        };
        let secured = if self.logins().is_some() { ", secured," } else { "" };
        format!("{what}{secured} on {}", self.bootstrap())
    }

    /// `host:port`, for `bootstrap.servers`; the same for its whole life.
    pub fn bootstrap(&self) -> String {
        match self {
            Self::Kafka(broker) => broker.bootstrap(),
            Self::Embedded(broker) => broker.bootstrap(),
        }
    }

    /// What a program of the shop needs in its environment to reach the broker as `user`.
    pub fn client(&self, user: &str) -> Vec<(String, String)> {
        let mut variables = vec![("ORDERLINE_BROKERS".into(), self.bootstrap())];
        variables.extend(self.logins().map(|l| l.environment(user)).unwrap_or_default());
        if let Self::Embedded(_) = self {
            // As scripts/run.sh does, and for its reason.
            variables.push(("ORDERLINE_KAFKA".into(), "compression.type=none".into()));
        }
        variables
    }

    /// SIGTERM, and waits for the end: an orderly shutdown.
    pub async fn stop(&mut self) -> anyhow::Result<()> {
        match self {
            Self::Kafka(broker) => broker.stop().await,
            Self::Embedded(broker) => broker.stop().await,
        }
    }

    /// SIGKILL, and waits for the end. It stays away until `restart`.
    pub async fn kill(&mut self) -> anyhow::Result<()> {
        match self {
            Self::Kafka(broker) => broker.kill().await,
            Self::Embedded(broker) => broker.kill().await,
        }
    }

    /// SIGKILL in the middle of what it does, and waits until it answers again. The embedded broker's supervisor
    /// starts it again; Kafka, which has none here, is started again by this call.
    pub async fn crash(&mut self) -> anyhow::Result<()> {
        match self {
            Self::Kafka(broker) => broker.restart().await,
            Self::Embedded(broker) => broker.crash().await,
        }
    }

    /// SIGSTOP: it stands still, its connections open, until `resume`.
    pub fn pause(&mut self) -> anyhow::Result<()> {
        match self {
            Self::Kafka(broker) => broker.pause(),
            Self::Embedded(broker) => broker.pause(),
        }
    }

    /// SIGCONT.
    pub fn resume(&mut self) -> anyhow::Result<()> {
        match self {
            Self::Kafka(broker) => broker.resume(),
            Self::Embedded(broker) => broker.resume(),
        }
    }

    /// Starts it again on the same port and data, after killing it if it runs, and waits until it answers.
    pub async fn restart(&mut self) -> anyhow::Result<()> {
        match self {
            Self::Kafka(broker) => broker.restart().await,
            Self::Embedded(broker) => broker.restart().await,
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum Which {
    Local,
    Embedded,
}

/// The number of nodes that the environment asks for.
fn nodes() -> anyhow::Result<usize> {
    match std::env::var("BROKERS").as_deref() {
        Err(_) | Ok("" | "1") => Ok(1),
        Ok("3") => Ok(3),
        Ok(other) => anyhow::bail!("BROKERS={other} is neither 1 nor 3"),
    }
}

/// Whether the environment asks for a broker that asks who one is.
fn secured() -> anyhow::Result<bool> {
    match std::env::var("SECURE").as_deref() {
        Err(_) | Ok("" | "0") => Ok(false),
        Ok("1") => Ok(true),
        Ok(other) => anyhow::bail!("SECURE={other} is neither 0 nor 1"),
    }
}

/// Asked once: the answer holds for the whole run.
async fn which() -> anyhow::Result<Which> {
    static WHICH: OnceCell<Which> = OnceCell::const_new();
    let ask = async || match scripts::run("broker.sh", &["--own"]).await?.trim() {
        "local" => Ok(Which::Local),
        "embedded" => Ok(Which::Embedded),
        other => anyhow::bail!("scripts/broker.sh said {other:?}"),
    };
    WHICH.get_or_try_init(ask).await.copied()
}

/// The broker that the tests of this run share.
#[derive(Debug)]
pub struct Shared {
    bootstrap: String,
    _own: Option<Broker>,
}

impl Shared {
    /// `host:port`, for `bootstrap.servers`.
    pub fn bootstrap(&self) -> &str {
        &self.bootstrap
    }
}

/// The shared broker: the one that `ORDERLINE_TEST_BROKERS` names, or one started for this process.
///
/// Nothing creates topics by itself there. Take names from [`crate::names::unique`].
pub async fn shared() -> anyhow::Result<&'static Shared> {
    static SHARED: OnceCell<Shared> = OnceCell::const_new();
    SHARED
        .get_or_try_init(async || {
            if let Ok(bootstrap) = std::env::var("ORDERLINE_TEST_BROKERS") {
                return Ok(Shared { bootstrap, _own: None });
            }
            let own = Broker::start().await?;
            eprintln!("broker: {}, for this test binary alone", own.describe());
            Ok(Shared { bootstrap: own.bootstrap(), _own: Some(own) })
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::TcpStream;

    async fn answers(bootstrap: &str) -> bool {
        TcpStream::connect(bootstrap).await.is_ok()
    }

    #[tokio::test]
    async fn the_shared_broker_is_one_and_answers() -> anyhow::Result<()> {
        let (one, two) = tokio::try_join!(shared(), shared())?;
        assert_eq!(one.bootstrap(), two.bootstrap());
        assert!(answers(one.bootstrap()).await);
        Ok(())
    }

    #[tokio::test]
    async fn a_broker_of_ones_own_comes_back_on_the_same_port() -> anyhow::Result<()> {
        let mut broker = Broker::start().await?;
        let bootstrap = broker.bootstrap();
        broker.kill().await?;
        assert!(!answers(&bootstrap).await);
        broker.restart().await?;
        broker.crash().await?;
        assert!(answers(&bootstrap).await);
        broker.pause()?;
        broker.resume()?;
        broker.stop().await?;
        assert!(!answers(&bootstrap).await);
        assert_eq!(broker.bootstrap(), bootstrap);
        Ok(())
    }
}
