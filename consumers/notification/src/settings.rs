use std::path::PathBuf;

use clap::Args;
use lettre::message::Mailbox;
use shop_service::{Seconds, Secret};

/// Everything the service can be told.
#[derive(Debug, Clone, Args)]
// clap names a group after its struct, and the service's settings have that name too.
#[group(id = "notification")]
pub struct Settings {
    #[command(flatten)]
    pub service: shop_service::Settings,
    #[command(flatten)]
    pub mail: MailSettings,
    #[command(flatten)]
    pub push: PushSettings,
}

/// Where mails go.
#[derive(Debug, Clone, Args)]
pub struct MailSettings {
    /// The mail server, smtp://HOST:PORT or smtp://USER:PASSWORD@HOST:PORT; with ?tls=required it
    /// must offer STARTTLS, and smtps:// is TLS from the start. Default: none, mails are written to
    /// the mail folder.
    #[arg(long, env = "ORDERLINE_SMTP_URL", hide_env_values = true, value_name = "URL")]
    pub smtp_url: Option<Secret>,
    /// The certificate authority of the mail server, a file in PEM. Default: those that the system
    /// trusts.
    #[arg(long, env = "ORDERLINE_SMTP_CA", value_name = "FILE", requires = "smtp_url")]
    pub smtp_ca: Option<PathBuf>,
    /// Connections to the mail server at once, 1 to 100.
    #[arg(
        long,
        env = "ORDERLINE_SMTP_CONNECTIONS",
        value_name = "N",
        default_value_t = 8,
        value_parser = clap::value_parser!(u32).range(1..=100)
    )]
    pub smtp_connections: u32,
    /// Seconds, 1 to 300, that the mail server may take for each of its answers.
    #[arg(long, env = "ORDERLINE_SMTP_SECONDS", value_name = "SECONDS", default_value = "10")]
    pub smtp_seconds: Seconds<300>,
    /// The folder that mails are written to as .eml files where no mail server is named; made when
    /// absent.
    #[arg(
        long,
        env = "ORDERLINE_MAIL_DIR",
        value_name = "FOLDER",
        default_value = ".orderline/mail"
    )]
    pub mail_dir: PathBuf,
    /// Whom mails come from; its domain is that of their Message-IDs.
    #[arg(
        long,
        env = "ORDERLINE_MAIL_FROM",
        value_name = "ADDRESS",
        default_value = "Orderline <orders@orderline.example>",
        value_parser = sender
    )]
    pub mail_from: Mailbox,
}

/// How push messages go to devices.
#[derive(Debug, Clone, Args)]
pub struct PushSettings {
    /// The key that push services know this shop by (VAPID): a file with a private key of P-256, PEM
    /// or 32 bytes as base64url. Browsers subscribe with its public half, so keep it. Default: one that
    /// is made at the first start and kept in the database.
    #[arg(long, env = "ORDERLINE_VAPID_KEY_FILE", value_name = "FILE")]
    pub vapid_key_file: Option<PathBuf>,
    /// Where a push service can write to when something is wrong, mailto: or https:. Default: the
    /// address of --mail-from.
    #[arg(
        long,
        env = "ORDERLINE_PUSH_CONTACT",
        value_name = "URL",
        value_parser = contact
    )]
    pub push_contact: Option<String>,
    /// Seconds, 1 to 60, that a push service may take for a message; one that takes half of that is slow.
    #[arg(long, env = "ORDERLINE_PUSH_SECONDS", value_name = "SECONDS", default_value = "10")]
    pub push_seconds: Seconds<60>,
    /// Lets push messages go to this machine itself, also without TLS: for tests and demonstrations.
    /// Whoever registers a device could otherwise have this service call what listens there.
    #[arg(long, env = "ORDERLINE_PUSH_ALLOW_LOOPBACK")]
    pub push_allow_loopback: bool,
}

fn contact(text: &str) -> Result<String, String> {
    let is_one = ["mailto:", "https://"]
        .iter()
        .any(|start| text.strip_prefix(start).is_some_and(|rest| !rest.is_empty()));
    let plain = text.bytes().all(|byte| byte.is_ascii_graphic());
    let help = "write it as mailto:orders@shop.example or as https://shop.example/contact";
    if is_one && plain { Ok(text.to_owned()) } else { Err(help.to_owned()) }
}

fn sender(text: &str) -> Result<Mailbox, String> {
    let help = || "write it as orders@shop.example or as Shop <orders@shop.example>".to_owned();
    if text.chars().any(char::is_control) {
        return Err(help());
    }
    text.parse().map_err(|_| help())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Options {
        #[command(flatten)]
        settings: Settings,
    }

    fn parse(args: &[&str]) -> Result<MailSettings, String> {
        let args = std::iter::once(&"notification").chain(args);
        Options::try_parse_from(args).map(|o| o.settings.mail).map_err(|e| e.to_string())
    }

    #[test]
    fn mails_go_to_a_folder_unless_a_server_is_named() {
        let mail = parse(&[]).expect("defaults");
        assert!(mail.smtp_url.is_none() && mail.mail_dir.ends_with(".orderline/mail"));
    }

    #[test]
    fn the_password_of_the_mail_server_is_not_printed() {
        let mail = parse(&["--smtp-url", "smtp://shop:hunter2@mail:25"]).expect("taken");
        assert!(!format!("{mail:?}").contains("hunter2"));
    }

    #[test]
    fn a_push_services_contact_is_a_url() {
        assert!(parse(&["--push-contact", "mailto:orders@shop.example"]).is_ok());
        let error = parse(&["--push-contact", "orders@shop.example"]).unwrap_err();
        assert!(error.contains("--push-contact") && error.contains("mailto:"), "{error}");
    }

    #[test]
    fn a_wrong_sender_is_refused_with_its_option() {
        for was in ["nobody", "Shop <orders@>", "a@b.example\r\nBcc: c@d.example"] {
            let error = parse(&["--mail-from", was]).unwrap_err();
            assert!(error.contains("--mail-from") && error.contains("orders@shop"), "{error}");
        }
    }
}
