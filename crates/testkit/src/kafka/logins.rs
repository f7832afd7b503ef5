//! What a secured broker's users log in with, made by the script that `make up SECURE=1` runs.

use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::scripts;

/// A folder with a certificate authority, the broker's certificate and every user's password.
#[derive(Clone, Debug)]
pub struct Logins(PathBuf);

impl Logins {
    /// Makes them in `folder`, for each user of `schemas/access.toml`.
    pub async fn make(folder: &Path) -> anyhow::Result<Self> {
        let text = folder.to_str().context("a folder whose name is no text")?;
        scripts::run("kafka/secure/make.sh", &[text]).await?;
        Ok(Self(folder.to_owned()))
    }

    /// Where they are.
    pub fn folder(&self) -> &Path {
        &self.0
    }

    /// The certificate authority, in PEM.
    pub fn ca(&self) -> String {
        self.text("ca.pem")
    }

    /// The file with a user's password.
    pub fn password_file(&self, user: &str) -> String {
        self.text(&format!("users/{user}"))
    }

    /// The file with a user's settings for Kafka's own tools.
    pub fn for_tools(&self, user: &str) -> String {
        self.text(&format!("users/{user}.properties"))
    }

    /// What a program of the shop needs in its environment to log in as `user`.
    pub fn environment(&self, user: &str) -> Vec<(String, String)> {
        vec![
            ("ORDERLINE_KAFKA_CA".into(), self.ca()),
            ("ORDERLINE_KAFKA_USER".into(), user.into()),
            ("ORDERLINE_KAFKA_PASSWORD_FILE".into(), self.password_file(user)),
        ]
    }

    /// What a client of librdkafka needs to log in as `user`.
    pub fn librdkafka(&self, user: &str) -> anyhow::Result<Vec<(String, String)>> {
        let password = std::fs::read_to_string(self.password_file(user))
            .with_context(|| format!("no user {user}"))?;
        let properties = [
            ("security.protocol", "sasl_ssl".to_owned()),
            ("ssl.ca.location", self.ca()),
            ("sasl.mechanism", "SCRAM-SHA-512".to_owned()),
            ("sasl.username", user.to_owned()),
            ("sasl.password", password.trim().to_owned()),
        ];
        Ok(properties.map(|(name, value)| (name.to_owned(), value)).into())
    }

    fn text(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }
}
