//! Certificates for tests, made by `scripts/tls`: one that a client is to trust, and those that it is not.

use std::path::PathBuf;

use anyhow::Context;
use tempfile::TempDir;

use crate::scripts;

/// The hosts that certificates are for, but for the one of [`Which::Elsewhere`].
const HERE: &str = "DNS:localhost,IP:127.0.0.1";

/// What a server may show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// For this host, and in its time.
    Good,
    /// Its time is over.
    Expired,
    /// For another host name.
    Elsewhere,
}

/// A certificate and its key, files in PEM.
#[derive(Debug, Clone)]
pub struct Certificate {
    /// The certificate.
    pub crt: PathBuf,
    /// Its key.
    pub key: PathBuf,
}

/// An authority, what it has signed, and another authority that has signed none of it. They go with
/// their handle.
#[derive(Debug)]
pub struct Certificates(TempDir);

impl Certificates {
    /// Makes them; a matter of a second.
    pub async fn make() -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("orderline-certificates-").tempdir()?;
        let made = Self(folder);
        let (home, other) = (made.file(""), made.file("other"));
        let authority = async |folder: &str| scripts::run("tls/authority.sh", &[folder]).await;
        tokio::try_join!(authority(&home), authority(&other)).context("an authority")?;
        let sign = async |name: &str, names: &str, more: &[&str]| {
            let args = [&[&home[..], name, names], more].concat();
            scripts::run("tls/certificate.sh", &args).await
        };
        tokio::try_join!(
            sign("good", HERE, &[]),
            sign("expired", HERE, &["--expired"]),
            sign("elsewhere", "DNS:elsewhere.example", &[]),
        )?;
        Ok(made)
    }

    /// The authority that signed them, a file in PEM.
    pub fn ca(&self) -> String {
        self.file("ca.pem")
    }

    /// The other one.
    pub fn other_ca(&self) -> String {
        self.file("other/ca.pem")
    }

    /// What a server is to show.
    pub fn get(&self, which: Which) -> Certificate {
        let name = match which {
            Which::Good => "good",
            Which::Expired => "expired",
            Which::Elsewhere => "elsewhere",
        };
        let file = |end: &str| self.0.path().join(format!("{name}.{end}"));
        Certificate { crt: file("crt"), key: file("key") }
    }

    fn file(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }
}
