//! One node of a cluster, as a process.

use std::path::Path;
use std::time::Duration;

use rustix::process::Signal;

use super::Logins;
use crate::supervised::{self, Spec, Supervised};

/// How long a node may take to start or stop; on a quiet machine it takes a second or two, and several
/// clusters may start at once.
const DEADLINE: Duration = Duration::from_secs(180);

/// A node, running or ended: broker and controller in one.
#[derive(Debug)]
pub struct Node {
    running: Supervised,
    spec: Spec,
    port: u16,
    /// How long the log was at the last start.
    started_at: usize,
}

impl Node {
    /// Starts the node `id` of those that listen on these ports, its data and log in `folder`.
    pub(super) fn spawn(
        folder: &Path,
        id: usize,
        brokers: &[u16],
        controllers: &[u16],
        logins: Option<&Logins>,
    ) -> anyhow::Result<Self> {
        let log = folder.join(format!("{id}.log"));
        let list =
            |ports: &[u16]| ports.iter().map(u16::to_string).collect::<Vec<_>>().join(",").into();
        let args = vec![
            folder.join(id.to_string()).into(),
            list(brokers),
            list(controllers),
            id.to_string().into(),
        ];
        let spec = Spec {
            envs: logins
                .map(|logins| ("KAFKA_SECURE".into(), logins.folder().into()))
                .into_iter()
                .collect(),
            // Also when the test is killed and no destructor runs.
            remove: Some(folder.to_owned()),
            ..Spec::script("kafka/run.sh", args, log)?
        };
        let running = Supervised::spawn(&spec)?;
        Ok(Self { running, spec, port: brokers[id - 1], started_at: 0 })
    }

    /// `127.0.0.1:PORT`, the same for its whole life.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// What it has written, over all its starts.
    pub fn log(&self) -> String {
        supervised::read(&self.spec.log, 0)
    }

    /// SIGTERM, and waits for the end: an orderly shutdown.
    pub async fn stop(&mut self) -> anyhow::Result<()> {
        self.interrupt()?;
        self.running.wait(DEADLINE).await.map(drop)
    }

    /// SIGKILL, and waits for the end.
    pub async fn kill(&mut self) -> anyhow::Result<()> {
        self.running.signal(Signal::KILL)?;
        self.running.wait(DEADLINE).await.map(drop)
    }

    /// SIGSTOP: it stands still, its connections open, until `resume`.
    pub fn pause(&mut self) -> anyhow::Result<()> {
        self.running.signal(Signal::STOP)
    }

    /// SIGCONT.
    pub fn resume(&mut self) -> anyhow::Result<()> {
        self.running.signal(Signal::CONT)
    }

    /// Starts it again on the same ports and data, after killing it if it runs, and waits until it answers.
    pub async fn restart(&mut self) -> anyhow::Result<()> {
        self.kill().await?;
        self.respawn()?;
        self.wait_until_up().await
    }

    pub(super) fn interrupt(&mut self) -> anyhow::Result<()> {
        self.running.signal(Signal::TERM)
    }

    pub(super) fn respawn(&mut self) -> anyhow::Result<()> {
        self.started_at = self.log().len();
        self.running = Supervised::spawn(&self.spec)?;
        Ok(())
    }

    pub(super) async fn wait_until_up(&mut self) -> anyhow::Result<()> {
        let line = "Kafka Server started";
        self.running.wait_for_line(line, self.started_at, DEADLINE).await.map(drop)
    }
}
