//! Requests, with what each of them carries, and the bounds of their answers.

use std::time::Duration;

use anyhow::Context as _;
use reqwest::{Client, RequestBuilder};
use shop_service::{Secret, is_loopback};
use tokio::time::Instant;
use tracing::Instrument;
use tracing::field::Empty;
use url::Url;

use super::answer::Answer;
use crate::metrics::Metrics;
use crate::provider::Trouble;
use crate::settings::ProviderSettings;

/// Until there is a connection.
const CONNECT: Duration = Duration::from_secs(5);
/// Bytes of an answer; a payment has some thousand.
const ANSWER: usize = 1 << 20;
/// How often a request is sent under another key because the answer that is kept under the last
/// one is an error of the provider's own, which would be kept for a day.
const OTHER_KEYS: u32 = 4;

#[derive(Clone)]
pub(super) struct Http {
    client: Client,
    base: Url,
    key: Secret,
    version: &'static str,
    metrics: Option<Metrics>,
}

impl Http {
    pub(super) fn new(settings: &ProviderSettings, version: &'static str) -> anyhow::Result<Self> {
        let base = settings.url();
        let mut client = Client::builder()
            .connect_timeout(CONNECT)
            .timeout(settings.patience())
            // A provider that sends us elsewhere would be sent our key there.
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("orderline-payment/", env!("CARGO_PKG_VERSION")));
        if is_loopback(&base) {
            client = client.no_proxy();
        }
        let client = client.build().context("the HTTP client cannot be made")?;
        Ok(Http { client, base, key: settings.key(), version, metrics: None })
    }

    pub(super) fn measured(self, metrics: Metrics) -> Self {
        Http { metrics: Some(metrics), ..self }
    }

    /// Where it is, without what else a URL may hold.
    pub(super) fn host(&self) -> String {
        let port = self.base.port().map(|port| format!(":{port}")).unwrap_or_default();
        format!("{}://{}{port}", self.base.scheme(), self.base.host_str().unwrap_or_default())
    }

    pub(super) async fn get(&self, name: &'static str, path: &str) -> Result<Answer, Trouble> {
        self.send(name, || self.client.get(self.at(path))).await
    }

    pub(super) async fn post(
        &self,
        name: &'static str,
        path: &str,
        form: &[(&str, &str)],
        key: &str,
    ) -> Result<Answer, Trouble> {
        let body: String =
            url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let mut under = key.to_owned();
        for other in 2..2 + OTHER_KEYS {
            let request = || {
                self.client
                    .post(self.at(path))
                    .header("Content-Type", "application/x-www-form-urlencoded")
                    .header("Idempotency-Key", &under)
                    .body(body.clone())
            };
            let answer = self.send(name, request).await?;
            if !(answer.replayed && answer.status.is_server_error()) {
                return Ok(answer);
            }
            under = format!("{key}:{other}");
        }
        Err(Trouble::NoAnswer("it has failed at this under every key".into()))
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.base.as_str().trim_end_matches('/'))
    }

    async fn send(
        &self,
        name: &'static str,
        request: impl Fn() -> RequestBuilder,
    ) -> Result<Answer, Trouble> {
        let span = tracing::info_span!(
            "payment",
            otel.name = format!("{name} payment"),
            otel.kind = "client",
            otel.status_code = Empty,
            otel.status_description = Empty,
            http.response.status_code = Empty,
        );
        let begun = Instant::now();
        let request =
            request().bearer_auth(self.key.reveal()).header("Stripe-Version", self.version);
        let said = exchange(request).instrument(span.clone()).await;
        if let Some(metrics) = &self.metrics {
            metrics.asked(name, said.is_ok(), begun.elapsed().as_secs_f64());
        }
        match &said {
            Ok(answer) => drop(span.record("http.response.status_code", answer.status.as_u16())),
            Err(trouble) => {
                span.record("otel.status_code", "ERROR");
                span.record("otel.status_description", trouble.reason());
            }
        }
        said
    }
}

async fn exchange(request: RequestBuilder) -> Result<Answer, Trouble> {
    let mut response = request.send().await.map_err(|error| unanswered(&error))?;
    let status = response.status();
    let replayed = response.headers().get("idempotent-replayed").is_some_and(|v| v == "true");
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| unanswered(&error))? {
        if body.len() + chunk.len() > ANSWER {
            return Err(Trouble::NoAnswer("its answer is longer than any".into()));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer { status, replayed, body })
}

/// Without a connection nothing was asked; later nobody knows.
fn unanswered(error: &reqwest::Error) -> Trouble {
    let mut why = String::new();
    let mut source: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = source {
        // The last words say most, and the first hold the URL.
        why = error.to_string();
        source = error.source();
    }
    if error.is_connect() {
        return Trouble::Away(format!("the payment provider cannot be reached: {why}"));
    }
    Trouble::NoAnswer(format!("the payment provider does not answer: {why}"))
}
