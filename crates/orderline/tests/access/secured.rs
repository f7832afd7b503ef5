//! A secured broker of a test's own, made by the scripts that `make up SECURE=1` runs.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::Context;
use rdkafka::ClientConfig;
use shop_testkit::{ports, wait};
use tempfile::TempDir;

pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// It ends with its handle: the supervisor sees its input close.
pub(crate) struct Secured {
    folder: TempDir,
    port: u16,
    running: Option<Child>,
    is_bare: bool,
}

impl Drop for Secured {
    fn drop(&mut self) {
        if let Some(running) = &mut self.running {
            // The supervisor ends what it runs when its input closes; `openssl` knows no such thing.
            drop(running.stdin.take());
            if self.is_bare {
                let _ = running.kill();
            }
            let _ = running.wait();
        }
    }
}

fn script(name: &str) -> Command {
    Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts").join(name))
}

fn run(command: &mut Command) -> anyhow::Result<String> {
    let output = command.stdin(Stdio::null()).output()?;
    let (out, error) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    anyhow::ensure!(output.status.success(), "{command:?}: {out}{error}");
    Ok(out.into_owned())
}

impl Secured {
    /// Certificates and passwords alone.
    pub(crate) fn make() -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("orderline-secured-").tempdir()?;
        run(script("kafka/secure/make.sh").arg(folder.path().join("secure")))?;
        Ok(Secured { folder, port: 0, running: None, is_bare: false })
    }

    /// A broker that asks who one is, with its users and without any rule.
    pub(crate) async fn start() -> anyhow::Result<Self> {
        Self::make()?.up().await
    }

    /// A server of TLS with a certificate of the same authority whose time is over. It is no broker:
    /// one does not start with such a certificate, and a client ends before it says a word.
    pub(crate) async fn start_expired() -> anyhow::Result<Self> {
        let mut made = Self::make()?;
        let folder = made.folder.path().join("secure");
        run(Command::new("bash").current_dir(&folder).args(["-euc", EXPIRED]))?;
        made.port = ports::free();
        let mut server = Command::new("openssl");
        server
            .current_dir(&folder)
            .args(["s_server", "-quiet", "-cert", "old.crt", "-key", "old.key"]);
        server.args(["-accept", &made.brokers()]).stdin(Stdio::piped());
        made.is_bare = true;
        made.running = Some(server.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?);
        let brokers = made.brokers();
        wait::until(PATIENCE, async || tokio::net::TcpStream::connect(&brokers).await.is_ok())
            .await?;
        Ok(made)
    }

    async fn up(mut self) -> anyhow::Result<Self> {
        run(&mut script("kafka/fetch.sh"))?;
        self.port = ports::free();
        let log = self.folder.path().join("kafka.log");
        std::fs::write(&log, "")?;
        let broker = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/kafka/run.sh");
        let mut supervisor = script("supervise.sh");
        supervisor.arg(&log).arg(broker).arg(self.folder.path().join("data"));
        supervisor.args([self.port.to_string(), ports::free().to_string()]);
        supervisor.env("KAFKA_SECURE", self.folder.path().join("secure"));
        self.running = Some(supervisor.stdin(Stdio::piped()).stdout(Stdio::null()).spawn()?);
        wait::until(PATIENCE, async || {
            std::fs::read_to_string(&log).is_ok_and(|text| text.contains("Kafka Server started"))
        })
        .await
        .with_context(|| std::fs::read_to_string(&log).unwrap_or_default())?;
        Ok(self)
    }

    /// Where something of it is.
    pub(crate) fn file(&self, name: &str) -> String {
        self.folder.path().join("secure").join(name).display().to_string()
    }

    fn brokers(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_orderline"));
        command.args(words).args(["--brokers", &self.brokers()]);
        command
    }

    /// `orderline` as one of the users; what it printed.
    pub(crate) fn orderline(&self, user: &str, words: &[&str]) -> anyhow::Result<String> {
        let login = ["--kafka-ca", &self.file("ca.pem"), "--kafka-user", user];
        let password = ["--kafka-password-file", &self.file(&format!("users/{user}"))];
        run(self.command(words).args(login).args(password))
    }

    /// What `orderline` says that cannot log in.
    pub(crate) fn refused(&self, settings: &[&str]) -> anyhow::Result<String> {
        let output = self.command(&["topics", "list"]).args(settings).output()?;
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        anyhow::ensure!(output.status.code() == Some(1), "{:?}: {error}", output.status);
        Ok(error)
    }

    /// One of Kafka's own tools, as the broker's user.
    pub(crate) fn tool(&self, name: &str, words: &[&str]) -> anyhow::Result<String> {
        let login = self.file("users/broker.properties");
        let on = ["--bootstrap-server", &self.brokers(), "--command-config", &login];
        run(script("kafka/tool.sh").arg(name).args(on).args(words))
    }

    /// A client as one of the users.
    pub(crate) fn client(&self, user: &str) -> anyhow::Result<ClientConfig> {
        let mut config = ClientConfig::new();
        config
            .set("bootstrap.servers", self.brokers())
            .set("security.protocol", "sasl_ssl")
            .set("ssl.ca.location", self.file("ca.pem"))
            .set("sasl.mechanism", "SCRAM-SHA-512")
            .set("sasl.username", user)
            .set(
                "sasl.password",
                std::fs::read_to_string(self.file(&format!("users/{user}")))?.trim(),
            );
        Ok(config)
    }
}

/// A certificate of the same authority that was good for a day of another year.
const EXPIRED: &str = r#"
openssl req -newkey rsa:2048 -noenc -subj /CN=localhost -keyout old.key -out old.csr 2>/dev/null
mkdir old && touch old/index && echo 01 >old/serial
cat >old.conf <<CONF
[ca]
default_ca = it
[it]
database = old/index
serial = old/serial
new_certs_dir = old
default_md = sha256
policy = any
[any]
commonName = supplied
CONF
openssl ca -batch -config old.conf -cert ca.pem -keyfile ca.key -in old.csr -out old.crt -notext \
    -startdate 20200101000000Z -enddate 20200102000000Z -extfile <(echo "subjectAltName=IP:127.0.0.1") 2>/dev/null
"#;
