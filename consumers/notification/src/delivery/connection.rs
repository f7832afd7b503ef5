//! One connection to a mail server: how it is opened, and one mail on it.

use std::time::Duration;

use lettre::Message;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};

use super::server::{Encryption, Server};
use super::unsent::{Unsent, Why};

/// How connections are opened.
pub(super) struct Opening {
    pub(super) server: Server,
    pub(super) tls: Option<TlsParameters>,
    /// How long the server may take for an answer.
    pub(super) patience: Duration,
}

impl Opening {
    /// Connects, agrees on TLS, logs in.
    pub(super) async fn open(&self) -> Result<Connection, Unsent> {
        let Opening { server, tls, patience } = self;
        let hello = ClientId::default();
        let wrapped = tls.clone().filter(|_| server.encryption == Encryption::Wrapped);
        let address = (&*server.host, server.port);
        let greeted =
            AsyncSmtpConnection::connect_tokio1(address, Some(*patience), &hello, wrapped, None);
        let mut smtp = in_time(*patience, greeted).await.map_err(Unsent::NoWay)?;
        let starts_tls = match server.encryption {
            Encryption::StartTls => true,
            Encryption::Offered => smtp.can_starttls(),
            Encryption::None | Encryption::Wrapped => false,
        };
        if let (true, Some(tls)) = (starts_tls, tls) {
            // Without the offer this is an error, and nothing more is said.
            let begun = smtp.starttls(tls.clone(), &hello);
            in_time(*patience, begun).await.map_err(Unsent::NoWay)?;
        }
        if let Some((user, password)) = &server.login {
            let login = Credentials::new(user.clone(), password.clone());
            let logged_in = smtp.auth(DEFAULT_MECHANISMS, &login);
            in_time(*patience, logged_in).await.map_err(Unsent::NoWay)?;
        }
        Ok(Connection { smtp, patience: *patience })
    }
}

/// An open connection that is used for one mail at a time. It closes when it is dropped.
pub(super) struct Connection {
    smtp: AsyncSmtpConnection,
    patience: Duration,
}

impl Connection {
    /// Whether the server still listens.
    pub(super) async fn is_open(&mut self) -> bool {
        tokio::time::timeout(self.patience, self.smtp.test_connected()).await.unwrap_or(false)
    }

    /// Hands a mail over and waits for the server's `250`. After an error nobody knows what the
    /// server waits for: then the connection is of no use any more.
    pub(super) async fn send(&mut self, message: &Message) -> Result<(), Unsent> {
        let (envelope, bytes) = (message.envelope(), message.formatted());
        let knows = |what| self.smtp.server_info().supports_feature(what);
        let mut options = Vec::new();
        if envelope.to().iter().any(|to| !AsRef::<str>::as_ref(to).is_ascii()) {
            if !(knows(Extension::SmtpUtfEight) && knows(Extension::EightBitMime)) {
                return Err(Unsent::International);
            }
            options.push(MailParameter::SmtpUtfEight);
            options.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        self.say(Mail::new(envelope.from().cloned(), options)).await?;
        for to in envelope.to() {
            self.say(Rcpt::new(to.clone(), Vec::new())).await?;
        }
        self.say(Data).await?;
        match in_time(self.patience, self.smtp.message(&bytes)).await {
            Ok(_) => Ok(()),
            Err(Why::Words(error)) if error.status().is_some() => {
                Err(Unsent::NotTaken(Why::Words(error)))
            }
            Err(why) => Err(Unsent::InDoubt(why)),
        }
    }

    async fn say(&mut self, command: impl std::fmt::Display) -> Result<(), Unsent> {
        let answer = in_time(self.patience, self.smtp.command(command)).await;
        answer.map(drop).map_err(Unsent::NotTaken)
    }

    /// Takes leave of the server.
    pub(super) async fn quit(mut self) {
        let _ = tokio::time::timeout(self.patience, self.smtp.abort()).await;
    }
}

async fn in_time<T>(
    patience: Duration,
    answer: impl Future<Output = Result<T, Error>>,
) -> Result<T, Why> {
    match tokio::time::timeout(patience, answer).await {
        Ok(answer) => answer.map_err(Why::Words),
        Err(_) => Err(Why::Silence(patience)),
    }
}
