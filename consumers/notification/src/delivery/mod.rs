//! Where mails go: a mail server, or a folder.

mod connection;
mod folder;
mod server;
mod smtp;
mod unsent;

use lettre::Message;
use pipeline::Failure;
use uuid::Uuid;

use crate::settings::MailSettings;
use folder::Folder;
use smtp::Smtp;

/// A way for mails.
#[derive(Clone)]
pub(crate) enum Delivery {
    Smtp(Smtp),
    Folder(Folder),
}

/// Why a mail did not go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Undelivered {
    /// It never will; in words without addresses.
    Refused(String),
    /// It may later.
    Later(Failure),
}

impl Undelivered {
    /// Why, in words without addresses.
    pub(crate) fn reason(&self) -> &str {
        match self {
            Undelivered::Refused(why) => why,
            Undelivered::Later(failure) => failure.reason(),
        }
    }
}

impl Delivery {
    /// A mail server where one is named, else the folder.
    pub(crate) fn new(settings: &MailSettings) -> anyhow::Result<Self> {
        match &settings.smtp_url {
            Some(url) => Smtp::new(url, settings).map(Delivery::Smtp),
            None => Folder::new(&settings.mail_dir).map(Delivery::Folder),
        }
    }

    /// How many mails are worth to be begun at once.
    pub(crate) fn at_once(&self) -> usize {
        match self {
            Delivery::Smtp(smtp) => smtp.at_once(),
            Delivery::Folder(_) => usize::MAX,
        }
    }

    /// Delivers a message, whose id is the same in each try.
    pub(crate) async fn deliver(&self, id: Uuid, message: Message) -> Result<(), Undelivered> {
        match self {
            Delivery::Smtp(smtp) => smtp.send(message).await,
            Delivery::Folder(folder) => folder.write(id, message).await,
        }
    }
}

impl std::fmt::Display for Delivery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Delivery::Smtp(smtp) => write!(f, "the mail server {}", smtp.server()),
            Delivery::Folder(folder) => write!(f, "the folder {}", folder.path().display()),
        }
    }
}
