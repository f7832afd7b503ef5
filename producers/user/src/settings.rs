use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use shop_service::auth::Rate;
use shop_service::{Days, Secret, WrongOption};

use crate::keys::{KeySettings, Seal};
use crate::sessions::Lifetimes;

const SIGNING_SECRET: &str = "ORDERLINE_SIGNING_SECRET";
const ADMIN_PASSWORD: &str = "ORDERLINE_ADMIN_PASSWORD";
/// Characters of the secret that signing keys are sealed with.
const SHORTEST_SECRET: usize = 16;

/// Everything the service can be told.
#[derive(Debug, Clone, Args)]
// clap names a group after its struct, and the service's settings have that name too.
#[group(id = "user")]
pub struct Settings {
    #[command(flatten)]
    pub service: shop_service::Settings,
    #[command(flatten)]
    pub accounts: AccountSettings,
}

/// How people are known and kept apart from those who pretend.
#[derive(Debug, Clone, Args)]
pub struct AccountSettings {
    /// An admin that there is to be: at the start a user of this address is made with the password
    /// in ORDERLINE_ADMIN_PASSWORD or in the file that --admin-password-file names. One that is there
    /// already keeps the password, and becomes admin if it is that one and there is no admin at all.
    #[arg(long, env = "ORDERLINE_ADMIN_EMAIL", value_name = "ADDRESS")]
    pub admin_email: Option<String>,
    /// The file that holds the admin's first password.
    #[arg(long, env = "ORDERLINE_ADMIN_PASSWORD_FILE", value_name = "FILE")]
    pub admin_password_file: Option<PathBuf>,
    /// The file that holds the secret under which the keys that sign tokens are kept in the database;
    /// ORDERLINE_SIGNING_SECRET may give it too. The same for all instances. Default: none, and they
    /// are kept in the clear.
    #[arg(long, env = "ORDERLINE_SIGNING_SECRET_FILE", value_name = "FILE")]
    pub signing_secret_file: Option<PathBuf>,
    /// How long a key signs tokens before the next one does: 30d, 12h, 10m; 5m to 365d.
    #[arg(
        long,
        env = "ORDERLINE_SIGNING_KEY_AGE",
        value_name = "TIME",
        default_value = "30d",
        value_parser = key_age
    )]
    pub signing_key_age: Duration,
    /// Days, 1 to 3650, after which somebody has to sign in again however often they come.
    #[arg(long, env = "ORDERLINE_SESSION_DAYS", value_name = "DAYS", default_value = "90")]
    pub session_days: Days<3_650>,
    /// Days, 1 to 3650, after which somebody who has not come has to sign in again.
    #[arg(long, env = "ORDERLINE_REFRESH_DAYS", value_name = "DAYS", default_value = "14")]
    pub refresh_days: Days<3_650>,
    /// Passwords that are hashed at once, 1 to 256; each takes 19 MiB and a core.
    #[arg(
        long,
        env = "ORDERLINE_PASSWORD_HASHES",
        value_name = "N",
        default_value_t = 4,
        value_parser = clap::value_parser!(u16).range(1..=256)
    )]
    pub password_hashes: u16,
    /// How often a password may be tried for one account from one address, and in one session by
    /// whoever is signed in: COUNT/UNIT, the unit s, m or h.
    #[arg(
        long,
        env = "ORDERLINE_SIGN_INS_PER_ACCOUNT_AND_ADDRESS",
        value_name = "RATE",
        default_value = "60/h"
    )]
    pub sign_ins_per_account_and_address: Rate,
    /// How often a password may be tried for one account, from wherever. Wide: what anybody can use
    /// up keeps the account's own user out.
    #[arg(
        long,
        env = "ORDERLINE_SIGN_INS_PER_ACCOUNT",
        value_name = "RATE",
        default_value = "1000/h"
    )]
    pub sign_ins_per_account: Rate,
    /// How often passwords may be tried from one address.
    #[arg(
        long,
        env = "ORDERLINE_SIGN_INS_PER_ADDRESS",
        value_name = "RATE",
        default_value = "60/m"
    )]
    pub sign_ins_per_address: Rate,
    /// How many accounts may be asked for from one address.
    #[arg(
        long,
        env = "ORDERLINE_REGISTRATIONS_PER_ADDRESS",
        value_name = "RATE",
        default_value = "60/h"
    )]
    pub registrations_per_address: Rate,
}

/// An admin that there is to be.
pub(crate) struct FirstAdmin {
    pub(crate) email: String,
    pub(crate) password: Secret,
}

impl AccountSettings {
    pub(crate) fn lifetimes(&self) -> Lifetimes {
        let (unused, session) = (self.refresh_days.duration(), self.session_days.duration());
        Lifetimes { unused, session }
    }

    pub(crate) fn keys(&self, issuer: &str) -> anyhow::Result<KeySettings> {
        let file = self.signing_secret_file.as_deref();
        let secret = Secret::of_file_or_env("--signing-secret-file", file, SIGNING_SECRET)?;
        let seal = match secret {
            None => Seal::none(),
            Some(secret) if secret.reveal().chars().count() < SHORTEST_SECRET => {
                let wrong = format!(
                    "the secret in --signing-secret-file or {SIGNING_SECRET} has less than {SHORTEST_SECRET} characters: take a longer one"
                );
                return Err(WrongOption(wrong).into());
            }
            Some(secret) => Seal::under(&secret).context("--signing-secret-file")?,
        };
        Ok(KeySettings { age: self.signing_key_age, issuer: issuer.to_owned(), seal })
    }

    pub(crate) fn first_admin(&self) -> Result<Option<FirstAdmin>, WrongOption> {
        let file = self.admin_password_file.as_deref();
        let password = Secret::of_file_or_env("--admin-password-file", file, ADMIN_PASSWORD)?;
        // An empty variable is as good as none.
        let email = self.admin_email.clone().filter(|email| !email.is_empty());
        match (email, password) {
            (None, None) => Ok(None),
            (Some(email), Some(password)) => Ok(Some(FirstAdmin { email, password })),
            (Some(email), None) => Err(WrongOption(format!(
                "--admin-email {email} has no password: put it into a file and name that by --admin-password-file, or into {ADMIN_PASSWORD}"
            ))),
            (None, Some(_)) => Err(WrongOption(
                "there is an admin's password and no admin that it belongs to: give --admin-email"
                    .to_owned(),
            )),
        }
    }
}

fn key_age(text: &str) -> Result<Duration, String> {
    let help = || "write it as 30d, 12h or 10m; it may be 5m to 365d".to_owned();
    let unit = text.chars().last().ok_or_else(help)?;
    let seconds: u64 = match unit {
        'd' => 86_400,
        'h' => 3_600,
        'm' => 60,
        _ => return Err(help()),
    };
    let count: u64 = text[..text.len() - 1].parse().map_err(|_| help())?;
    let age = count.checked_mul(seconds).ok_or_else(help)?;
    if (300..=365 * 86_400).contains(&age) { Ok(Duration::from_secs(age)) } else { Err(help()) }
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

    fn parse(args: &[&str]) -> Result<AccountSettings, String> {
        let args = std::iter::once(&"user").chain(args);
        Options::try_parse_from(args).map(|o| o.settings.accounts).map_err(|e| e.to_string())
    }

    #[test]
    fn a_wrong_setting_is_refused_with_its_option_and_what_it_may_be() {
        for (option, was, may_be) in [
            ("--signing-key-age", "30", "12h"),
            ("--signing-key-age", "1m", "5m"),
            ("--signing-key-age", "ü", "12h"),
            ("--session-days", "0", "3650"),
            ("--password-hashes", "0", "256"),
            ("--sign-ins-per-account", "60", "COUNT/UNIT"),
        ] {
            let error = parse(&[option, was]).unwrap_err();
            assert!(error.contains(option) && error.contains(may_be), "{error}");
        }
    }

    #[test]
    fn an_admin_has_an_address_and_a_password() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("password");
        std::fs::write(&file, "correct horse battery\n").unwrap();
        let file = file.display().to_string();
        let admin = |args: &[&str]| parse(args).unwrap().first_admin();
        let both = ["--admin-email", "a@example.com", "--admin-password-file", &file];
        let admin_of_both = admin(&both).unwrap().unwrap();
        assert_eq!(admin_of_both.password.reveal(), "correct horse battery");
        for half in [&both[..2], &both[2..]] {
            let error = admin(half).err().unwrap().to_string();
            assert!(error.contains("--admin-email"), "{error}");
            assert!(!error.contains("correct horse"), "{error}");
        }
        assert!(admin(&[]).unwrap().is_none());
    }

    #[test]
    fn a_secret_that_can_be_guessed_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret");
        std::fs::write(&file, "hunter2").unwrap();
        let settings = parse(&["--signing-secret-file", &file.display().to_string()]).unwrap();
        let error = settings.keys("orderline").unwrap_err();
        assert!(error.is::<WrongOption>() && !error.to_string().contains("hunter2"), "{error}");
        std::fs::write(&file, "sixteen characters or more").unwrap();
        assert!(!settings.keys("orderline").unwrap().seal.is_none());
        assert!(parse(&[]).unwrap().keys("orderline").unwrap().seal.is_none());
    }
}
