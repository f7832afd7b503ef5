//! Who asks again until there is an answer.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::Value;

use crate::PATIENCE;

/// How long they wait before they ask again.
pub const AGAIN: Duration = Duration::from_millis(100);

/// How long an answer may take: those who take nothing but an answer are not to give up on a busy machine.
const ANSWER: Duration = Duration::from_secs(60);

/// Somebody at the doors of the shop.
#[derive(Clone)]
pub struct Insistent {
    pub http: reqwest::Client,
    may_die: bool,
}

/// A request, the same in each try.
#[derive(Default)]
pub struct Request<'a> {
    pub method: Method,
    pub url: &'a str,
    pub token: Option<&'a str>,
    /// Its idempotency key.
    pub key: Option<&'a str>,
    pub body: Option<&'a Value>,
}

impl Insistent {
    /// Takes no other answer than 503 for "later", or with `may_die` also that nobody is there.
    pub fn new(may_die: bool) -> Self {
        let http = reqwest::Client::builder().timeout(ANSWER).build();
        Insistent { http: http.unwrap_or_default(), may_die }
    }

    /// Asks until there is an answer that is not "later".
    pub async fn ask(&self, request: &Request<'_>) -> anyhow::Result<(StatusCode, Value)> {
        let (url, start) = (request.url, tokio::time::Instant::now());
        loop {
            let last = match self.once(request).await {
                Ok(answer) if answer.status() == StatusCode::SERVICE_UNAVAILABLE => {
                    answer.text().await.unwrap_or_default()
                }
                Ok(answer) => {
                    let status = answer.status();
                    // A service that is killed may leave half an answer.
                    match answer.json().await {
                        Ok(body) => return Ok((status, body)),
                        Err(error) if self.may_die => error.to_string(),
                        Err(error) => return Err(error.into()),
                    }
                }
                Err(error) if self.may_die => error.to_string(),
                Err(error) => return Err(error.into()),
            };
            anyhow::ensure!(start.elapsed() < PATIENCE, "no answer from {url}: {last}");
            tokio::time::sleep(AGAIN).await;
        }
    }

    async fn once(&self, request: &Request<'_>) -> reqwest::Result<reqwest::Response> {
        let Request { method, url, token, key, body } = request;
        let mut asking = self.http.request(method.clone(), *url);
        if let Some(token) = token {
            asking = asking.bearer_auth(token);
        }
        if let Some(key) = key {
            asking = asking.header("Idempotency-Key", *key);
        }
        if let Some(body) = body {
            asking = asking.json(body);
        }
        asking.send().await
    }
}
