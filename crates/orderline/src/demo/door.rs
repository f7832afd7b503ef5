//! A service's HTTP door, for a customer.

use std::time::Duration;

use anyhow::{Context, anyhow};
use reqwest::{Method, RequestBuilder, StatusCode, Url, header};
use serde::de::DeserializeOwned;
use serde_json::Value;
use uuid::Uuid;

use crate::accounts::Account;

const ANSWER: Duration = Duration::from_secs(30);

pub(super) struct Door {
    http: reqwest::Client,
    base: Url,
}

/// What a service said, and to what.
pub(super) struct Answer {
    asked: String,
    pub(super) status: StatusCode,
    pub(super) location: Option<String>,
    pub(super) body: Value,
}

impl Door {
    pub(super) fn at(address: &str) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder().no_proxy().timeout(ANSWER).build()?;
        Ok(Door { http, base: format!("http://{address}/").parse()? })
    }

    /// A path of this service, or a whole URL that it named.
    pub(super) async fn get(&self, who: &Account, at: &str) -> anyhow::Result<Answer> {
        self.ask(who, Method::GET, at, |request| request).await
    }

    pub(super) async fn send(
        &self,
        who: &Account,
        method: Method,
        at: &str,
        body: Option<&Value>,
    ) -> anyhow::Result<Answer> {
        self.ask(who, method, at, |request| match body {
            Some(body) => request.json(body),
            None => request,
        })
        .await
    }

    /// A POST that counts once, however often it is sent with this key.
    pub(super) async fn post_once(
        &self,
        who: &Account,
        at: &str,
        key: Uuid,
        body: &Value,
    ) -> anyhow::Result<Answer> {
        let key = key.to_string();
        self.ask(who, Method::POST, at, |post| post.header("Idempotency-Key", key).json(body)).await
    }

    async fn ask(
        &self,
        who: &Account,
        method: Method,
        at: &str,
        with: impl FnOnce(RequestBuilder) -> RequestBuilder,
    ) -> anyhow::Result<Answer> {
        let url = self.base.join(at)?;
        let asked = format!("{method} {at}");
        let request = with(self.http.request(method, url).bearer_auth(who.token().reveal()));
        let answer = request.send().await.with_context(|| asked.clone())?;
        let location = answer.headers().get(header::LOCATION);
        Ok(Answer {
            asked,
            status: answer.status(),
            location: location.and_then(|url| url.to_str().ok().map(str::to_owned)),
            body: answer.json().await.unwrap_or_default(),
        })
    }
}

impl Answer {
    /// The body, if it was a success.
    pub(super) fn taken<T: DeserializeOwned>(self) -> anyhow::Result<T> {
        if !self.status.is_success() {
            return Err(anyhow!(self.words()));
        }
        let Answer { asked, body, .. } = self;
        serde_json::from_value(body).context(asked)
    }

    /// Whether it is a problem of this kind.
    pub(super) fn is(&self, kind: &str) -> bool {
        let told = self.body["type"].as_str().unwrap_or_default();
        told.strip_prefix("urn:orderline:problem:") == Some(kind)
    }

    /// `GET /cart got 503 Service Unavailable: …`.
    pub(super) fn words(&self) -> String {
        let detail = self.body["detail"].as_str().unwrap_or("no reason was given");
        format!("{} got {}: {detail}", self.asked, self.status)
    }
}
