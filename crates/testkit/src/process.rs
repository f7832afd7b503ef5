//! One of this workspace's binaries as a process of its own.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::Duration;

use anyhow::Context;
use rustix::process::Signal;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::supervised::{self, Spec, Supervised};
use crate::wait;

/// How long the end of a process that was killed may take on a busy machine.
const KILLED: Duration = Duration::from_secs(60);

/// How a binary is to be started.
#[derive(Debug)]
pub struct Service {
    name: String,
    args: Vec<OsString>,
    envs: Vec<(OsString, OsString)>,
}

impl Service {
    /// The binary `name`, built with the tests: `cargo build --workspace --bins`, which `make test` does.
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), args: Vec::new(), envs: Vec::new() }
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.args.push(arg.as_ref().to_owned());
        self
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<A: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.args.extend(args.into_iter().map(|arg| arg.as_ref().to_owned()));
        self
    }

    /// Sets a variable of its environment.
    #[must_use]
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.envs.push((name.as_ref().to_owned(), value.as_ref().to_owned()));
        self
    }

    /// Sets variables of its environment.
    #[must_use]
    pub fn envs(self, variables: impl IntoIterator<Item = (String, String)>) -> Self {
        variables.into_iter().fold(self, |service, (name, value)| service.env(name, value))
    }

    /// Starts it. It ends with the handle, or with the test, whatever way that ends.
    pub async fn start(self) -> anyhow::Result<Process> {
        let program = binary(&self.name)?;
        let folder = tempfile::Builder::new().prefix("orderline-process-").tempdir()?;
        let log = folder.path().join(format!("{}.log", self.name));
        std::fs::write(&log, "")?;
        let spec =
            Spec { program, args: self.args, envs: self.envs, log, end_by: None, remove: None };
        let running = Supervised::spawn(&spec)?;
        Ok(Process { running, spec, started_at: 0, _folder: folder })
    }
}

/// A service's process, running or ended.
#[derive(Debug)]
pub struct Process {
    // Before the folder, so that it has ended when its log goes.
    running: Supervised,
    spec: Spec,
    /// How long the log was at the last start.
    started_at: usize,
    _folder: TempDir,
}

impl Process {
    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.running.pid()
    }

    /// Where its output goes, that of every start in one file.
    pub fn log_path(&self) -> &Path {
        &self.spec.log
    }

    /// What it has written since the last start.
    pub fn log(&self) -> String {
        supervised::read(&self.spec.log, self.started_at)
    }

    /// Waits for a line with `text` in it since the last start, and returns the line.
    pub async fn wait_for_line(
        &mut self,
        text: &str,
        deadline: Duration,
    ) -> anyhow::Result<String> {
        self.running.wait_for_line(text, self.started_at, deadline).await
    }

    /// Waits until `GET path` at `address` (`127.0.0.1:8081`) answers with a 2xx status.
    pub async fn wait_for_http(
        &mut self,
        address: &str,
        path: &str,
        deadline: Duration,
    ) -> anyhow::Result<()> {
        let look = async || match get(address, path).await {
            Ok(200..=299) => Some(Ok(())),
            _ => self.running.ended().ok().flatten().map(Err),
        };
        let log = &self.spec.log;
        match wait::some(deadline, look).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(status)) => anyhow::bail!("ended ({status}); {}", supervised::tail(log)),
            Err(late) => Err(late.context(format!(
                "http://{address}{path} does not answer 2xx; {}",
                supervised::tail(log)
            ))),
        }
    }

    /// Whether it still runs.
    pub fn is_running(&mut self) -> bool {
        matches!(self.running.ended(), Ok(None))
    }

    /// SIGTERM, without waiting for what it does.
    pub fn interrupt(&mut self) -> anyhow::Result<()> {
        self.running.signal(Signal::TERM)
    }

    /// SIGTERM, and waits for the end. A process that a signal N ended has the code 128 + N.
    pub async fn terminate(&mut self, deadline: Duration) -> anyhow::Result<ExitStatus> {
        self.interrupt()?;
        self.running.wait(deadline).await
    }

    /// SIGKILL, and waits for the end.
    pub async fn kill(&mut self) -> anyhow::Result<ExitStatus> {
        self.running.signal(Signal::KILL)?;
        self.running.wait(KILLED).await
    }

    /// Waits for it to end by itself.
    pub async fn wait(&mut self, deadline: Duration) -> anyhow::Result<ExitStatus> {
        self.running.wait(deadline).await
    }

    /// SIGSTOP: it stands still, its connections open, until `resume`.
    pub fn pause(&mut self) -> anyhow::Result<()> {
        self.running.signal(Signal::STOP)
    }

    /// SIGCONT.
    pub fn resume(&mut self) -> anyhow::Result<()> {
        self.running.signal(Signal::CONT)
    }

    /// Kills it if it runs, and starts it again with the same arguments and environment.
    pub async fn restart(&mut self) -> anyhow::Result<()> {
        self.kill().await?;
        self.started_at = std::fs::metadata(&self.spec.log).map_or(0, |log| log.len() as usize);
        self.running = Supervised::spawn(&self.spec)?;
        Ok(())
    }
}

/// The status that `GET path` answers with.
async fn get(address: &str, path: &str) -> anyhow::Result<u16> {
    let ask = async {
        let mut stream = TcpStream::connect(address).await?;
        let request =
            format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await?;
        // "HTTP/1.1 200"
        let mut start = [0; 12];
        stream.read_exact(&mut start).await?;
        anyhow::Ok(std::str::from_utf8(&start[9..])?.parse()?)
    };
    tokio::time::timeout(Duration::from_secs(5), ask).await?
}

/// Test executables are in `target/PROFILE/deps`, the workspace's binaries in `target/PROFILE`.
fn binary(name: &str) -> anyhow::Result<PathBuf> {
    let test = std::env::current_exe().context("where this test is")?;
    let folder = test.ancestors().skip(1).find(|folder| !folder.ends_with("deps"));
    let path = folder.context("the test has no folder")?.join(name);
    anyhow::ensure!(
        path.is_file(),
        "{} is not there; build it first: cargo build --workspace --bins",
        path.display()
    );
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A shell stands for a service: this crate has no binary of its own.
    async fn shell(script: &str) -> Process {
        let folder = tempfile::tempdir().expect("a folder");
        let log = folder.path().join("log");
        std::fs::write(&log, "").expect("writes");
        let args = vec!["-c".into(), script.into()];
        let spec = Spec {
            program: "/bin/bash".into(),
            args,
            envs: Vec::new(),
            log,
            end_by: None,
            remove: None,
        };
        let running = Supervised::spawn(&spec).expect("starts");
        Process { running, spec, started_at: 0, _folder: folder }
    }

    const SOON: Duration = Duration::from_secs(60);

    #[tokio::test]
    async fn a_terminated_service_tells_how_it_ended() {
        let mut service =
            shell("trap 'echo bye; exit 7' TERM; echo ready; while :; do sleep 0.01; done").await;
        assert_eq!(service.wait_for_line("read", SOON).await.expect("a line"), "ready");
        assert_eq!(service.terminate(SOON).await.expect("ends").code(), Some(7));
        assert!(service.log().ends_with("bye\n"));
        assert!(!service.is_running());
    }

    #[tokio::test]
    async fn a_restarted_service_has_a_log_of_its_own() {
        let mut service = shell("echo started $$; exec sleep 600").await;
        let one = service.wait_for_line("started", SOON).await.expect("a line");
        service.restart().await.expect("restarts");
        let two = service.wait_for_line("started", SOON).await.expect("a line");
        assert_ne!(one, two);
        assert_eq!(service.log(), format!("{two}\n"));
    }

    #[tokio::test]
    async fn a_service_that_ends_early_shows_its_last_words() {
        let mut service = shell("echo no database; exit 1").await;
        let error = service.wait_for_line("ready", SOON).await.expect_err("it has ended");
        assert!(error.to_string().contains("no database"), "{error}");
    }

    #[tokio::test]
    async fn readiness_is_a_2xx_answer() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("binds");
        let address = listener.local_addr().expect("bound").to_string();
        tokio::spawn(async move {
            for status in ["503 Not yet"].into_iter().chain(std::iter::repeat("204 Ready")) {
                let (mut stream, _) = listener.accept().await.expect("accepts");
                let mut request = [0; 512];
                let _ = stream.read(&mut request).await;
                let answer = format!("HTTP/1.1 {status}\r\n\r\n");
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        let mut service = shell("exec sleep 600").await;
        service.wait_for_http(&address, "/health/ready", SOON).await.expect("ready");
    }

    #[tokio::test]
    async fn a_binary_that_is_not_built_says_how_to_build_it() {
        let error = Service::new("no-such-service").start().await.expect_err("not there");
        assert!(error.to_string().contains("cargo build --workspace --bins"), "{error}");
    }
}
