//! A mail server, by SMTP.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use lettre::transport::smtp::{Error, PoolConfig};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use pipeline::Failure;
use shop_service::{Secret, WrongOption};
use tokio::sync::Semaphore;

use super::Undelivered;
use super::server::{Encryption, Server};
use crate::domain::mask;
use crate::settings::MailSettings;

/// How many answers' time a mail waits for a free connection.
const PATIENCE: u32 = 6;

/// Connections to a mail server.
#[derive(Clone)]
pub(crate) struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    /// lettre's pool bounds the idle connections alone.
    connections: Arc<Semaphore>,
    patience: Duration,
    server: Arc<str>,
}

impl Smtp {
    /// Connects with the first mail, not now.
    pub(crate) fn new(url: &Secret, settings: &MailSettings) -> anyhow::Result<Self> {
        let most = settings.smtp_connections;
        let timeout = Duration::from_secs(settings.smtp_seconds);
        let server =
            Server::parse(url.reveal()).map_err(|why| WrongOption(format!("--smtp-url: {why}")))?;
        let mut transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&server.host)
            .port(server.port)
            .timeout(Some(timeout))
            .pool_config(PoolConfig::new().max_size(most));
        transport = transport.tls(tls(&server, settings.smtp_ca.as_deref())?);
        if let Some((user, password)) = server.login {
            transport = transport.credentials(Credentials::new(user, password));
        }
        Ok(Smtp {
            transport: transport.build(),
            connections: Arc::new(Semaphore::new(most as usize)),
            patience: timeout * PATIENCE,
            server: format!("{}:{}", server.host, server.port).into(),
        })
    }

    /// Its address, without user and password.
    pub(crate) fn server(&self) -> &str {
        &self.server
    }

    /// Sends a message and waits for the server's `250`.
    pub(crate) async fn send(&self, message: Message) -> Result<(), Undelivered> {
        let free = self.connections.clone().acquire_owned();
        let Ok(Ok(connection)) = tokio::time::timeout(self.patience, free).await else {
            let why = format!("mail server: all connections were busy for {:?}", self.patience);
            return Err(Undelivered::Later(Failure::unavailable(why)));
        };
        // A task of its own: a handler that is dropped half-way would leave a connection in the
        // pool on which a mail has begun, and the next mail on it would be refused for that.
        let transport = self.transport.clone();
        let international =
            !message.envelope().to().iter().all(|to| AsRef::<str>::as_ref(to).is_ascii());
        let sent = tokio::spawn(async move {
            let sent = transport.send(message).await;
            drop(connection);
            sent
        });
        match sent.await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) if error.is_client() && international => {
                Err(Undelivered::Refused("the mail server takes no address like this one".into()))
            }
            Ok(Err(error)) => Err(undelivered(&error)),
            Err(panic) => Err(Undelivered::Later(Failure::retry(panic))),
        }
    }
}

/// How the connection is encrypted, and which certificates count.
fn tls(server: &Server, ca: Option<&Path>) -> anyhow::Result<Tls> {
    let mut parameters = TlsParameters::builder(server.host.clone());
    if let Some(file) = ca {
        let wrong = |why: &dyn std::fmt::Display| {
            WrongOption(format!("--smtp-ca {} cannot be used: {why}", file.display()))
        };
        if server.encryption == Encryption::None {
            return Err(wrong(&"--smtp-url asks for no TLS").into());
        }
        let pem = std::fs::read(file).map_err(|error| wrong(&error))?;
        let authority = Certificate::from_pem(&pem).map_err(|error| wrong(&error))?;
        parameters =
            parameters.certificate_store(CertificateStore::None).add_root_certificate(authority);
    }
    let parameters = || parameters.build().context("TLS with the mail server");
    Ok(match server.encryption {
        Encryption::None => Tls::None,
        Encryption::Offered => Tls::Opportunistic(parameters()?),
        Encryption::StartTls => Tls::Required(parameters()?),
        Encryption::Wrapped => Tls::Wrapper(parameters()?),
    })
}

/// What the server or its certificate are refused for, and where to look.
fn hint(error: &Error) -> &'static str {
    let said = error.to_string();
    if error.is_tls() || said.contains("certificate") {
        " (look at --smtp-url and --smtp-ca)"
    } else if error.status().is_some_and(|code| (530..=535).contains(&u16::from(code))) {
        " (look at the user and the password in --smtp-url)"
    } else {
        ""
    }
}

fn undelivered(error: &Error) -> Undelivered {
    let said = format!("mail server: {}{}", mask::words(&error.to_string()), hint(error));
    match error.status().map(u16::from).map(fate) {
        Some(Fate::Refused) => Undelivered::Refused(said),
        Some(Fate::Retry) => Undelivered::Later(Failure::retry(said)),
        Some(Fate::Away) => Undelivered::Later(Failure::unavailable(said)),
        None if not_connected(error) => Undelivered::Later(Failure::unavailable(said)),
        // Without an answer nobody knows whether the mail arrived; the next try has the same id.
        None => Undelivered::Later(Failure::in_doubt(said)),
    }
}

/// No mail can have been handed over. lettre tells the second kind of error only by its words.
fn not_connected(error: &Error) -> bool {
    error.is_tls() || error.to_string().starts_with("Connection error")
}

#[derive(Debug, PartialEq, Eq)]
enum Fate {
    /// About this mail, for good.
    Refused,
    /// About this mail, for now.
    Retry,
    /// About the server or about us: the same for every mail.
    Away,
}

/// What a code says: 421 closes the service, 454 and 530 to 538 are about logging in, 521 takes no
/// mail at all.
fn fate(code: u16) -> Fate {
    match code {
        421 | 454 | 521 | 530..=538 => Fate::Away,
        400..500 => Fate::Retry,
        _ => Fate::Refused,
    }
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
    fn only_what_is_about_the_mail_ends_the_mail() {
        for (code, is) in [
            (421, Fate::Away),
            (450, Fate::Retry),
            (451, Fate::Retry),
            (452, Fate::Retry),
            (521, Fate::Away),
            (530, Fate::Away),
            (535, Fate::Away),
            (550, Fate::Refused),
            (552, Fate::Refused),
            (554, Fate::Refused),
        ] {
            assert_eq!(fate(code), is, "{code}");
        }
    }

    #[tokio::test]
    async fn a_wrong_url_is_refused_without_its_password() {
        let error = format!("{:#}", new("smtp://shop:hunter2@mail?tls=no").err().expect("refused"));
        assert!(error.contains("--smtp-url") && !error.contains("hunter2"), "{error}");
    }

    #[tokio::test]
    async fn the_server_is_named_without_user_and_password() {
        let smtp = new("smtp://shop:hunter2@mail.example:2525").expect("taken");
        assert_eq!(smtp.server(), "mail.example:2525");
    }
}
