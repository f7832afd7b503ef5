//! A push service with devices for tests: `scripts/push/server.py`, a process of its own. It decrypts and
//! verifies with the reference implementations of others.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::supervised::{Spec, Supervised};
use crate::{ports, scripts, wait};

/// A message that the service took, decrypted by its device.
#[derive(Clone, Debug, Deserialize)]
pub struct Message {
    /// Which device's it is.
    pub device: String,
    /// The request's headers, names in small letters.
    pub headers: BTreeMap<String, String>,
    /// Bytes of the encrypted body.
    pub size: usize,
    /// What the signature says of the sender.
    pub claims: Value,
    /// What the device reads.
    pub plain: String,
}

/// An answer that is no `201`.
#[derive(Clone, Debug)]
pub enum Answer {
    /// This status.
    Status(u16),
    /// This status, with `Retry-After`.
    RetryAfter(u16, &'static str),
    /// This status, with `Location`.
    Redirect(u16, String),
    /// None: it takes the message and closes the connection.
    Silence,
}

impl Answer {
    fn json(&self) -> Value {
        match self {
            Answer::Status(status) => json!({ "status": status }),
            Answer::RetryAfter(status, after) => {
                json!({ "status": status, "headers": { "Retry-After": after } })
            }
            Answer::Redirect(status, to) => {
                json!({ "status": status, "headers": { "Location": to } })
            }
            Answer::Silence => json!({ "silent": true }),
        }
    }
}

/// Requests that it refuses by chance, which is the same in each run.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Shares {
    /// Answers `503` to so large a share of the requests, 0 to 1.
    pub busy: f64,
    /// Answers `413` to so large a share of the messages of a device, to each whenever it comes.
    pub refuse: f64,
    /// What they are chosen by, with the device and the message.
    pub seed: u64,
}

/// A push service on a free port. It goes with its handle.
#[derive(Debug)]
pub struct Server {
    _running: Supervised,
    folder: TempDir,
}

impl Server {
    /// Starts it with a `phone`, a `tablet` and a `laptop`, and waits until it answers.
    pub async fn start() -> anyhow::Result<Self> {
        Self::start_with(&[], None).await
    }

    /// The same with these devices, and with what it refuses.
    pub async fn start_with(devices: &[String], shares: Option<Shares>) -> anyhow::Result<Self> {
        scripts::run("pip.sh", &["scripts/push"]).await?;
        let port = ports::free();
        let folder = tempfile::Builder::new().prefix("orderline-push-").tempdir()?;
        if let Some(shares) = shares {
            std::fs::write(folder.path().join("shares.json"), serde_json::to_vec(&shares)?)?;
        }
        let mut args: Vec<OsString> = vec![port.to_string().into(), folder.path().into()];
        args.extend(devices.iter().map(OsString::from));
        let spec = Spec::script("push/run.sh", args, folder.path().join("server.log"))?;
        let mut running = Supervised::spawn(&spec)?;
        running.wait_for_line("push service ready", 0, Duration::from_secs(60)).await?;
        Ok(Server { _running: running, folder })
    }

    /// Where it keeps what it has taken, `NNNN.json`, and what it refused by chance, `refusals.jsonl`.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The subscription of a device, as a browser's `PushSubscription.toJSON()` is.
    pub fn subscription(&self, device: &str) -> anyhow::Result<String> {
        let all: Value = self.read("devices.json")?;
        Ok(all.get(device).with_context(|| format!("no device {device}"))?.to_string())
    }

    /// What the next messages to a device are answered, one answer each; then `201` again.
    pub fn set(&self, device: &str, answers: &[Answer]) -> anyhow::Result<()> {
        let mut rules: Value = self.read("rules.json").unwrap_or_else(|_| json!({}));
        rules[device] = answers.iter().map(Answer::json).collect();
        let part = self.folder.path().join("rules.part");
        std::fs::write(&part, rules.to_string())?;
        Ok(std::fs::rename(part, self.folder.path().join("rules.json"))?)
    }

    /// Every message it has taken, the oldest first; an error where one could not be verified or read.
    pub fn messages(&self) -> anyhow::Result<Vec<Message>> {
        let entries = std::fs::read_dir(self.folder.path())?;
        let mut names: Vec<PathBuf> = entries.filter_map(|e| e.ok().map(|e| e.path())).collect();
        names.sort();
        if let Some(wrong) =
            names.iter().find(|path| path.extension().is_some_and(|e| e == "wrong"))
        {
            anyhow::bail!("{}", std::fs::read_to_string(wrong)?);
        }
        let numbered = names.iter().filter_map(|path| path.file_name()?.to_str());
        let numbered = numbered.filter(|name| {
            name.ends_with(".json") && name.starts_with(|first: char| first.is_ascii_digit())
        });
        numbered.map(|name| self.read(name)).collect()
    }

    /// Waits until it has taken `count` messages or more, and returns them all.
    pub async fn wait_for(&self, count: usize, deadline: Duration) -> anyhow::Result<Vec<Message>> {
        let enough = async || match self.messages() {
            Ok(all) => (all.len() >= count).then_some(Ok(all)),
            Err(wrong) => Some(Err(wrong)),
        };
        wait::some(deadline, enough)
            .await
            .with_context(|| format!("fewer than {count} messages"))?
    }

    fn read<T: serde::de::DeserializeOwned>(&self, name: &str) -> anyhow::Result<T> {
        Ok(serde_json::from_slice(&std::fs::read(self.folder.path().join(name))?)?)
    }
}
