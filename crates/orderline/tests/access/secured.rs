//! A secured broker of a test's own, made by the scripts that `make up SECURE=1` runs.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::Context;
use rdkafka::ClientConfig;
use shop_testkit::certificates::{Certificate, Certificates, Which};
use shop_testkit::kafka::{Cluster, Logins};
use shop_testkit::{ports, wait};
use tempfile::TempDir;

pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// A broker that asks who one is, with its users and without any rule.
pub(crate) struct Secured(Cluster);

impl Secured {
    pub(crate) async fn start() -> anyhow::Result<Self> {
        Ok(Self(Cluster::start_secured(1).await?))
    }

    pub(crate) fn logins(&self) -> anyhow::Result<&Logins> {
        self.0.logins().context("a secured broker has logins")
    }

    /// `orderline` as one of the users; what it printed.
    pub(crate) fn orderline(&self, user: &str, words: &[&str]) -> anyhow::Result<String> {
        let mut command = orderline(&self.0.bootstrap(), words);
        run(command.envs(self.logins()?.environment(user)))
    }

    /// What `orderline` says that cannot log in.
    pub(crate) fn refused(&self, settings: &[&str]) -> anyhow::Result<String> {
        refused(&self.0.bootstrap(), settings)
    }

    /// One of Kafka's own tools, as the broker's user.
    pub(crate) async fn tool(&self, words: &[&str]) -> anyhow::Result<String> {
        self.0.tool(words).await
    }

    /// A client as one of the users.
    pub(crate) fn client(&self, user: &str) -> anyhow::Result<ClientConfig> {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", self.0.bootstrap());
        config.extend(self.logins()?.librdkafka(user)?);
        Ok(config)
    }
}

/// Certificates and passwords of another authority.
pub(crate) struct Others {
    pub(crate) logins: Logins,
    _folder: TempDir,
}

impl Others {
    pub(crate) async fn make() -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("orderline-secured-").tempdir()?;
        Ok(Self { logins: Logins::make(&folder.path().join("secure")).await?, _folder: folder })
    }
}

/// A server of TLS with a certificate that is not to be trusted. It is no broker: one does not start with an
/// expired certificate, and a client ends before it says a word.
pub(crate) struct Untrusted {
    pub(crate) certificates: Certificates,
    address: String,
    server: Child,
}

impl Untrusted {
    pub(crate) async fn start(which: Which) -> anyhow::Result<Self> {
        let certificates = Certificates::make().await?;
        let Certificate { crt, key } = certificates.get(which);
        let address = format!("127.0.0.1:{}", ports::free());
        let mut server = Command::new("openssl");
        server.args(["s_server", "-quiet", "-accept", &address]).arg("-cert").arg(crt);
        server.arg("-key").arg(key).stdin(Stdio::piped());
        let server = server.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        let untrusted = Self { certificates, address, server };
        wait::until(PATIENCE, async || {
            tokio::net::TcpStream::connect(&untrusted.address).await.is_ok()
        })
        .await?;
        Ok(untrusted)
    }

    /// What `orderline` says that cannot log in.
    pub(crate) fn refused(&self, settings: &[&str]) -> anyhow::Result<String> {
        refused(&self.address, settings)
    }
}

impl Drop for Untrusted {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn orderline(brokers: &str, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_orderline"));
    command.args(words).args(["--brokers", brokers]);
    command
}

fn run(command: &mut Command) -> anyhow::Result<String> {
    let output = command.stdin(Stdio::null()).output()?;
    let (out, error) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    anyhow::ensure!(output.status.success(), "{command:?}: {out}{error}");
    Ok(out.into_owned())
}

/// What `orderline` says that cannot log in there.
pub(crate) fn refused(brokers: &str, settings: &[&str]) -> anyhow::Result<String> {
    let output = orderline(brokers, &["topics", "list"]).args(settings).output()?;
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    anyhow::ensure!(output.status.code() == Some(1), "{:?}: {error}", output.status);
    Ok(error)
}
