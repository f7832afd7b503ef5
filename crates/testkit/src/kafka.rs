//! Apache Kafka for tests, started by `scripts/kafka`.

use std::path::PathBuf;
use std::time::Duration;

use rustix::process::Signal;

use crate::supervised::{self, Spec, Supervised};
use crate::{ports, scripts};

/// How long a broker may take to start or stop; on a quiet machine it takes a second or two.
const DEADLINE: Duration = Duration::from_secs(90);

/// The version of Apache Kafka that `scripts/kafka` starts.
pub(crate) fn version() -> &'static str {
    let pom = include_str!("../../../scripts/kafka/pom.xml");
    let (_, rest) = pom.split_once("<kafka.version>").unwrap_or_default();
    rest.split_once('<').map_or("", |(version, _)| version)
}

/// A broker of a test's own, to be stopped, killed, paused and restarted. It goes with its handle.
#[derive(Debug)]
pub struct Broker {
    running: Supervised,
    spec: Spec,
    port: u16,
    folder: PathBuf,
}

impl Broker {
    /// Starts a broker on a free port, its data in a temporary folder, and waits until it answers.
    pub async fn start() -> anyhow::Result<Self> {
        Self::start_with(&[]).await
    }

    /// The same, with settings of the broker's own: `("message.max.bytes", "2000000")`.
    pub async fn start_with(settings: &[(&str, &str)]) -> anyhow::Result<Self> {
        scripts::run("kafka/fetch.sh", &[]).await?;
        let (port, controller_port) = (ports::free(), ports::free());
        let folder = tempfile::Builder::new().prefix("orderline-kafka-").tempdir()?.keep();
        let log = folder.join("kafka.log");
        std::fs::write(&log, "")?;
        let data = folder.join("data").into_os_string();
        let settings: Vec<_> =
            settings.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let spec = Spec {
            program: scripts::path("kafka/run.sh"),
            args: vec![data, port.to_string().into(), controller_port.to_string().into()],
            envs: vec![("KAFKA_SETTINGS".into(), settings.join(" ").into())],
            log,
            // Also when the test is killed and no destructor runs.
            remove: Some(folder.clone()),
        };
        let running = Supervised::spawn(&spec)?;
        let mut broker = Self { running, spec, port, folder };
        broker.wait_until_up(0).await?;
        Ok(broker)
    }

    /// `127.0.0.1:PORT`, the same for its whole life.
    pub fn bootstrap(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// What the broker has written, over all its starts.
    pub fn log(&self) -> String {
        supervised::read(&self.spec.log, 0)
    }

    /// SIGTERM, and waits for the end: an orderly shutdown.
    pub async fn stop(&mut self) -> anyhow::Result<()> {
        self.running.signal(Signal::TERM)?;
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

    /// Starts it again on the same port and data, after killing it if it runs, and waits until it answers.
    pub async fn restart(&mut self) -> anyhow::Result<()> {
        self.kill().await?;
        let from = self.log().len();
        self.running = Supervised::spawn(&self.spec)?;
        self.wait_until_up(from).await
    }

    async fn wait_until_up(&mut self, from: usize) -> anyhow::Result<()> {
        self.running.wait_for_line("Kafka Server started", from, DEADLINE).await.map(drop)
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        self.running.close();
        // The supervisor has removed it, unless the broker had ended before.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_version_is_the_one_that_is_fetched() {
        let version = super::version();
        assert!(version.starts_with(char::is_numeric), "{version:?}");
    }
}
