//! A mail server, by SMTP.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context as _;
use lettre::Message;
use lettre::transport::smtp::client::{Certificate, CertificateStore, TlsParameters};
use pipeline::Failure;
use shop_service::{Secret, WrongOption};
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::Undelivered;
use super::connection::{Connection, Opening};
use super::server::{Encryption, Server};
use crate::settings::MailSettings;

/// How many answers' time a mail waits for a free connection.
const PATIENCE: u32 = 6;

/// Mails begun for each connection: one is on it while the intent or the receipt of the other is written.
const BEGUN: usize = 2;

/// How long a connection may be idle and be used again.
const IDLE: Duration = Duration::from_secs(60);

/// Connections to a mail server.
#[derive(Clone)]
pub(crate) struct Smtp(Arc<Inner>);

struct Inner {
    opening: Opening,
    connections: usize,
    /// As many as connections may be open and in use.
    free: Semaphore,
    /// Those that have sent a mail, and since when they have nothing to do.
    idle: Mutex<Vec<(Connection, Instant)>>,
    name: String,
}

impl Smtp {
    /// Connects with the first mail, not now.
    pub(crate) fn new(url: &Secret, settings: &MailSettings) -> anyhow::Result<Self> {
        let server =
            Server::parse(url.reveal()).map_err(|why| WrongOption(format!("--smtp-url: {why}")))?;
        let tls = tls(&server, settings.smtp_ca.as_deref())?;
        let name = format!("{}:{}", server.host, server.port);
        let patience = settings.smtp_seconds.duration();
        let connections = settings.smtp_connections as usize;
        Ok(Smtp(Arc::new(Inner {
            opening: Opening { server, tls, patience },
            connections,
            free: Semaphore::new(connections),
            idle: Mutex::default(),
            name,
        })))
    }

    /// Its address, without user and password.
    pub(crate) fn server(&self) -> &str {
        &self.0.name
    }

    /// How many mails to begin at once, so that no connection has to wait for one.
    pub(crate) fn at_once(&self) -> usize {
        self.0.connections * BEGUN
    }

    /// Sends a message and waits for the server's `250`. A handler that is dropped half-way closes
    /// its connection, so that no other mail gets an answer that was for this one.
    pub(crate) async fn send(&self, message: Message) -> Result<(), Undelivered> {
        let Inner { opening, free, .. } = &*self.0;
        let patience = opening.patience * PATIENCE;
        let Ok(Ok(_turn)) = tokio::time::timeout(patience, free.acquire()).await else {
            let why = format!("mail server: all connections were busy for {patience:?}");
            return Err(Undelivered::Later(Failure::unavailable(why)));
        };
        let mut connection = match self.reuse().await {
            Some(connection) => connection,
            None => opening.open().await?,
        };
        match connection.send(&message).await {
            Ok(()) => {
                self.idle().push((connection, Instant::now()));
                Ok(())
            }
            Err(unsent) => {
                tokio::spawn(connection.quit());
                Err(unsent.into())
            }
        }
    }

    /// A connection that is open already.
    async fn reuse(&self) -> Option<Connection> {
        loop {
            let (mut connection, since) = self.idle().pop()?;
            if since.elapsed() < IDLE && connection.is_open().await {
                return Some(connection);
            }
        }
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<(Connection, Instant)>> {
        self.0.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How the connection is encrypted, and which certificates count.
fn tls(server: &Server, ca: Option<&Path>) -> anyhow::Result<Option<TlsParameters>> {
    let mut parameters = TlsParameters::builder(server.host.clone());
    if let Some(file) = ca {
        let wrong = |why: &dyn std::fmt::Display| {
            WrongOption(format!("--smtp-ca {} cannot be used: {why}", file.display()))
        };
        if server.encryption == Encryption::None {
            return Err(wrong(&"--smtp-url asks for no TLS").into());
        }
        let pem = std::fs::read_to_string(file).map_err(|error| wrong(&error))?;
        parameters = parameters.certificate_store(CertificateStore::None);
        let (begins, ends) = ("-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----");
        let found = pem.split_inclusive(ends).filter_map(|text| Some(&text[text.find(begins)?..]));
        let found: Vec<_> = found.map(str::as_bytes).map(Certificate::from_pem).collect();
        if found.is_empty() {
            return Err(wrong(&"it holds no certificate in PEM").into());
        }
        for authority in found {
            parameters = parameters.add_root_certificate(authority.map_err(|e| wrong(&e))?);
        }
    }
    if server.encryption == Encryption::None {
        return Ok(None);
    }
    parameters.build().context("TLS with the mail server").map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Options {
        #[command(flatten)]
        mail: MailSettings,
    }

    fn new(url: &str) -> anyhow::Result<Smtp> {
        let Options { mail } = Options::parse_from(["notification"]);
        Smtp::new(&Secret::from(url), &mail)
    }

    #[test]
    fn a_wrong_url_is_refused_without_its_password() {
        let error = format!("{:#}", new("smtp://shop:hunter2@mail?tls=no").err().expect("refused"));
        assert!(error.contains("--smtp-url") && !error.contains("hunter2"), "{error}");
    }

    #[test]
    fn the_server_is_named_without_user_and_password() {
        let smtp = new("smtp://shop:hunter2@mail.example:2525").expect("taken");
        assert_eq!(smtp.server(), "mail.example:2525");
    }
}
