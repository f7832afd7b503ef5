//! Accounts at the user service, for the customers that a command plays.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, bail};
use pipeline::Random;
use reqwest::{StatusCode, Url};
use serde_json::{Value, json};
use shop_service::Secret;
use uuid::Uuid;

/// Hashing a password takes its time, and a few at once wait for each other.
const ANSWER: Duration = Duration::from_secs(30);

/// The user service's door.
pub(crate) struct Accounts {
    http: reqwest::Client,
    base: Url,
    ids: Random,
    /// Makes this run's addresses its own.
    run: String,
}

/// An account that was made for this run; nobody else knows its password.
pub(crate) struct Account {
    pub(crate) user_id: Uuid,
    pub(crate) email: String,
    password: Secret,
    token: Mutex<Secret>,
}

impl Accounts {
    /// `base` is the service's URL, and ends with a slash.
    pub(crate) fn at(base: Url, now: i64) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder().no_proxy().timeout(ANSWER).build()?;
        let ids = Random::from_os();
        // The end of an id is its random part.
        let run = ids.uuid_v7(now).simple().to_string()[24..].to_owned();
        Ok(Accounts { http, base, ids, run })
    }

    /// Makes an account, `NAME.RUN@DOMAIN`, and signs in.
    pub(crate) async fn open(&self, name: &str, domain: &str) -> anyhow::Result<Account> {
        let email = format!("{}.{}@{domain}", name.to_lowercase().replace(' ', "-"), self.run);
        let password = Secret::from(self.ids.uuid_v7(0).to_string().as_str());
        let body = json!({ "email": email, "password": password.reveal(), "name": name });
        let user = self.post("users", &body).await?;
        let user_id = user["user_id"].as_str().context("the answer has no user_id")?.parse()?;
        let token = self.sign_in(&email, &password).await?;
        Ok(Account { user_id, email, password, token: Mutex::new(token) })
    }

    /// A new access token, where `old` is still the account's.
    pub(crate) async fn renew(&self, account: &Account, old: &Secret) -> anyhow::Result<()> {
        if account.token().reveal() == old.reveal() {
            let token = self.sign_in(&account.email, &account.password).await?;
            *account.token.lock().unwrap_or_else(PoisonError::into_inner) = token;
        }
        Ok(())
    }

    async fn sign_in(&self, email: &str, password: &Secret) -> anyhow::Result<Secret> {
        let body = json!({ "email": email, "password": password.reveal() });
        let session = self.post("sessions", &body).await?;
        Ok(session["access_token"].as_str().context("the answer has no access_token")?.into())
    }

    async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let url = self.base.join(path)?;
        let answer = self.http.post(url).json(body).send().await.with_context(|| {
            format!(
                "the user service at {} does not answer: is it running? `make user` starts it here",
                self.base
            )
        })?;
        let status = answer.status();
        let answer: Value = answer.json().await.unwrap_or_default();
        match status {
            StatusCode::CREATED | StatusCode::OK => Ok(answer),
            _ => bail!("POST {path} at the user service got {status}: {}", answer["detail"]),
        }
    }
}

impl Account {
    /// One that no service knows.
    #[cfg(test)]
    pub(crate) fn unknown() -> Self {
        let nothing = || Secret::from("");
        let (user_id, email) = (Uuid::nil(), String::new());
        Account { user_id, email, password: nothing(), token: Mutex::new(nothing()) }
    }

    pub(crate) fn token(&self) -> Secret {
        self.token.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
