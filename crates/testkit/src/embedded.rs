//! Nisshi for tests, the embedded broker, started and supervised by `scripts/embedded`.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use rustix::process::{Pid, Signal, kill_process};
use tokio::net::TcpStream;

use crate::supervised::{self, Spec, Supervised};
use crate::{ports, scripts, wait};

/// How long a broker may take to start or stop; on a quiet machine it takes a tenth of a second.
const DEADLINE: Duration = Duration::from_secs(60);

/// What Nisshi writes when it answers.
const READY: &str = "ready in ";

/// What the supervisor writes before the process id, each time that it starts Nisshi.
const STARTED: &str = "embedded broker: process ";

/// The version of Nisshi that `scripts/embedded` starts.
pub(crate) fn version() -> &'static str {
    let settings = include_str!("../../../scripts/embedded/env.sh");
    let (_, rest) = settings.split_once("nisshi_version=").unwrap_or_default();
    rest.lines().next().unwrap_or_default()
}

/// A broker of a test's own. It goes with its handle.
#[derive(Debug)]
pub struct Broker {
    /// The supervisor, whose child is the broker and ends with it.
    running: Supervised,
    spec: Spec,
    port: u16,
    folder: PathBuf,
}

impl Broker {
    /// Starts a broker on a free port, its data in a temporary folder, and waits until it answers.
    pub async fn start() -> anyhow::Result<Self> {
        scripts::run("embedded/fetch.sh", &[]).await?;
        let port = ports::free();
        let folder = tempfile::Builder::new().prefix("orderline-embedded-").tempdir()?.keep();
        let log = folder.join("broker.log");
        let args = vec![folder.join("data").into(), port.to_string().into()];
        let spec = Spec {
            // Also when the test is killed and no destructor runs.
            remove: Some(folder.clone()),
            ..Spec::script("embedded/run.sh", args, log)?
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

    /// What the broker and its supervisor have written, over all its starts.
    pub fn log(&self) -> String {
        supervised::read(&self.spec.log, 0)
    }

    /// SIGTERM to the supervisor, and waits for the end of both.
    pub async fn stop(&mut self) -> anyhow::Result<()> {
        self.running.signal(Signal::TERM)?;
        self.running.wait(DEADLINE).await.map(drop)
    }

    /// SIGKILL to the supervisor, with which the broker ends. It stays away until `restart`.
    pub async fn kill(&mut self) -> anyhow::Result<()> {
        self.running.signal(Signal::KILL)?;
        self.running.wait(DEADLINE).await?;
        // The kernel kills the broker when its parent has ended, but waits for neither.
        let bootstrap = self.bootstrap();
        wait::until(DEADLINE, async || TcpStream::connect(&bootstrap).await.is_err()).await
    }

    /// SIGKILL to the broker alone, and waits until its supervisor has started it again.
    pub async fn crash(&mut self) -> anyhow::Result<()> {
        let from = self.log().len();
        self.signal(Signal::KILL)?;
        self.wait_until_up(from).await
    }

    /// SIGSTOP: it stands still, its connections open, until `resume`.
    pub fn pause(&mut self) -> anyhow::Result<()> {
        self.signal(Signal::STOP)
    }

    /// SIGCONT.
    pub fn resume(&mut self) -> anyhow::Result<()> {
        self.signal(Signal::CONT)
    }

    /// Starts it again on the same port and data, after killing it if it runs, and waits until it answers.
    pub async fn restart(&mut self) -> anyhow::Result<()> {
        self.kill().await?;
        let from = self.log().len();
        self.running = Supervised::spawn(&self.spec)?;
        self.wait_until_up(from).await
    }

    /// To the broker itself, not to its supervisor.
    fn signal(&mut self, signal: Signal) -> anyhow::Result<()> {
        let log = self.log();
        let last = log.lines().filter_map(|line| line.split_once(STARTED)).next_back();
        let pid = last.and_then(|(_, rest)| rest.split(' ').next()?.parse().ok());
        let pid =
            pid.and_then(Pid::from_raw).context("the supervisor has not said which process")?;
        kill_process(pid, signal).with_context(|| format!("signal to {pid:?}"))
    }

    async fn wait_until_up(&mut self, from: usize) -> anyhow::Result<()> {
        self.running.wait_for_line(READY, from, DEADLINE).await.map(drop)
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        self.running.close();
        // The supervisor has removed it, unless the broker had ended before.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
