//! A real OTLP receiver for tests: OtelTap, by `scripts/otlp`, a process of its own.

use std::time::Duration;

use rustix::process::Signal;
use serde_json::Value;
use tempfile::TempDir;

use crate::supervised::{self, Spec, Supervised};
use crate::{ports, scripts};

/// A span as the receiver has read it.
#[derive(Clone, Debug)]
pub struct Span(Value);

impl Span {
    /// One of OTLP's own fields that are texts: `traceId`, `spanId`, `parentSpanId`, `name`, ….
    pub fn text(&self, field: &str) -> &str {
        self.0[field].as_str().unwrap_or_default()
    }

    /// `server`, `client`, `producer`, `consumer`, or `internal`.
    pub fn kind(&self) -> &'static str {
        match self.0["kind"].as_i64() {
            Some(2) => "server",
            Some(3) => "client",
            Some(4) => "producer",
            Some(5) => "consumer",
            _ => "internal",
        }
    }

    /// Whether its status is an error.
    pub fn failed(&self) -> bool {
        self.0["status"]["code"] == 2
    }

    /// An attribute as text; empty where there is none.
    pub fn attribute(&self, name: &str) -> String {
        let attributes = self.0["attributes"].as_array();
        let found = attributes.and_then(|all| all.iter().find(|a| a["key"] == name));
        let value = found.and_then(|a| a["value"].as_object()?.values().next());
        match value {
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
            None => String::new(),
        }
    }
}

/// A receiver on a free port. It goes with its handle.
#[derive(Debug)]
pub struct Receiver {
    running: Supervised,
    spec: Spec,
    port: u16,
    _folder: TempDir,
}

impl Receiver {
    /// Starts it and waits until it listens.
    pub async fn start() -> anyhow::Result<Self> {
        scripts::run("pip.sh", &["scripts/otlp"]).await?;
        let port = ports::free();
        let folder = tempfile::Builder::new().prefix("orderline-otlp-").tempdir()?;
        let log = folder.path().join("receiver.log");
        let spec = Spec::script("otlp/run.sh", vec![port.to_string().into()], log)?;
        let mut running = Supervised::spawn(&spec)?;
        running.wait_for_line("Listening", 0, Duration::from_secs(60)).await?;
        Ok(Self { running, spec, port, _folder: folder })
    }

    /// What `--otlp-endpoint` is to be.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Every span it has received so far.
    pub fn spans(&self) -> Vec<Span> {
        let text = supervised::read(&self.spec.log, 0);
        text.lines().filter_map(|line| serde_json::from_str(line).ok()).map(Span).collect()
    }

    /// SIGSTOP: it takes connections and never answers.
    pub fn pause(&mut self) -> anyhow::Result<()> {
        self.running.signal(Signal::STOP)
    }

    /// SIGKILL: connections to it are refused from now on.
    pub fn kill(&mut self) -> anyhow::Result<()> {
        self.running.signal(Signal::KILL)
    }
}
