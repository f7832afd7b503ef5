//! A PostgreSQL that takes TLS and a password alone.

use std::path::{Path, PathBuf};

use super::Server;
use crate::certificates::Certificate;

impl Server {
    /// What the user `postgres` logs in with on a secured one; some of it means something in a URL.
    pub const PASSWORD: &str = "p@ss/w:rd hunter2";

    /// Starts one that shows this certificate, and lets in nobody without TLS and [`Server::PASSWORD`].
    pub async fn start_secured(certificate: &Certificate) -> anyhow::Result<Self> {
        Self::boot(Some(certificate)).await
    }

    /// Starts a secured one again with another certificate.
    pub async fn show(&mut self, certificate: &Certificate) -> anyhow::Result<()> {
        prepare(&self.folder, certificate)?;
        self.restart().await
    }
}

/// The folder that the script is given.
pub(super) fn prepare(folder: &Path, certificate: &Certificate) -> anyhow::Result<PathBuf> {
    let secure = folder.join("secure");
    std::fs::create_dir_all(&secure)?;
    std::fs::copy(&certificate.crt, secure.join("server.crt"))?;
    std::fs::copy(&certificate.key, secure.join("server.key"))?;
    std::fs::write(secure.join("password"), Server::PASSWORD)?;
    Ok(secure)
}
