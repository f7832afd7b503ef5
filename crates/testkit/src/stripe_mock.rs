//! Stripe's stand-in for its API, by `scripts/stripe-mock`, a process of its own. It checks each
//! request by the OpenAPI description of the API, and answers with examples.

use std::time::Duration;

use tempfile::TempDir;

use crate::supervised::{Spec, Supervised};
use crate::{ports, scripts};

/// It goes with its handle.
#[derive(Debug)]
pub struct StripeMock {
    _running: Supervised,
    port: u16,
    _folder: TempDir,
}

impl StripeMock {
    /// Starts it on a free port and waits until it listens.
    pub async fn start() -> anyhow::Result<Self> {
        scripts::run("stripe-mock/fetch.sh", &[]).await?;
        let port = ports::free();
        let folder = tempfile::Builder::new().prefix("orderline-stripe-mock-").tempdir()?;
        let log = folder.path().join("stripe-mock.log");
        let spec = Spec {
            remove: Some(folder.path().to_owned()),
            ..Spec::script("stripe-mock/run.sh", vec![port.to_string().into()], log)?
        };
        let mut running = Supervised::spawn(&spec)?;
        running.wait_for_line("Listening for HTTP", 0, Duration::from_secs(60)).await?;
        Ok(Self { _running: running, port, _folder: folder })
    }

    /// `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}
