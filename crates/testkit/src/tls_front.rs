//! TLS and a login in front of a server that has neither: `scripts/tls/front.py`, a process of its own.

use std::time::Duration;

use tempfile::TempDir;

use crate::certificates::Certificate;
use crate::ports;
use crate::supervised::{Spec, Supervised};

/// Passes requests on to an HTTP server. It goes with its handle.
#[derive(Debug)]
pub struct Front {
    _running: Supervised,
    port: u16,
    _folder: TempDir,
}

impl Front {
    /// Starts it before the server at `upstream` (`127.0.0.1:8081`). Where logins (`user:password`) are
    /// named, whoever has none of them gets 401, and the user `nobody` gets 403.
    pub async fn before(
        upstream: &str,
        certificate: &Certificate,
        logins: &[&str],
    ) -> anyhow::Result<Self> {
        let port = ports::free();
        let folder = tempfile::Builder::new().prefix("orderline-front-").tempdir()?;
        let Certificate { crt, key } = certificate;
        let mut args = vec![port.to_string().into(), upstream.into(), crt.into(), key.into()];
        args.extend(logins.iter().map(Into::into));
        let spec = Spec::script("tls/front.sh", args, folder.path().join("front.log"))?;
        let mut running = Supervised::spawn(&spec)?;
        running.wait_for_line("front ready", 0, Duration::from_secs(60)).await?;
        Ok(Front { _running: running, port, _folder: folder })
    }

    /// Where it listens, on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }
}
