//! A sandbox that serves, and a client.

use std::time::Duration;

use pipeline::Clock;
use reqwest::StatusCode;
use serde_json::Value;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::{Ledger, Sandbox, Settings};

pub(super) const SOON: Duration = Duration::from_secs(60);

pub(super) struct Served {
    pub(super) http: reqwest::Client,
    pub(super) base: String,
    pub(super) clock: Clock,
    pub(super) books: Ledger,
    _stop: DropGuard,
}

pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) replayed: bool,
    pub(super) body: Value,
}

impl Answer {
    pub(super) fn id(&self) -> String {
        self.body["id"].as_str().expect("an id").to_owned()
    }
}

pub(super) fn settings() -> Settings {
    Settings { slow_ms: 50, ..Settings::at("127.0.0.1:0") }
}

impl Served {
    pub(super) async fn start() -> Self {
        Self::with(settings()).await
    }

    pub(super) async fn with(settings: Settings) -> Self {
        let clock = Clock::manual(1_772_668_800_000_000);
        let sandbox = Sandbox::open(&settings, clock.clone()).await.expect("opens");
        let (base, books) = (format!("http://{}", sandbox.address()), sandbox.ledger());
        let stop = CancellationToken::new();
        tokio::spawn(sandbox.run(stop.clone()));
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        Served { http, base, clock, books, _stop: stop.drop_guard() }
    }

    pub(super) fn post(&self, path: &str, form: &[(&str, &str)]) -> reqwest::RequestBuilder {
        let body: String =
            url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        self.http
            .post(format!("{}{path}", self.base))
            .bearer_auth("sk_test")
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(body)
    }

    pub(super) async fn send(request: reqwest::RequestBuilder) -> reqwest::Result<Answer> {
        let answer = request.send().await?;
        let replayed = answer.headers().contains_key("idempotent-replayed");
        Ok(Answer { status: answer.status(), replayed, body: answer.json().await? })
    }

    pub(super) async fn ask(&self, path: &str, form: &[(&str, &str)], key: &str) -> Answer {
        let request = self.post(path, form).header("Idempotency-Key", key);
        Self::send(request).await.expect("answers")
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        let request = self.http.get(format!("{}{path}", self.base)).bearer_auth("sk_test");
        Self::send(request).await.expect("answers")
    }

    /// A payment of 500 for an order, not confirmed yet.
    pub(super) async fn made(&self, method: &str) -> String {
        let form = [
            ("amount", "500"),
            ("currency", "eur"),
            ("payment_method", method),
            ("metadata[order_id]", "7"),
        ];
        let made = self.ask("/v1/payment_intents", &form, &format!("make {method}")).await;
        assert_eq!(made.body["status"], "requires_confirmation", "{}", made.body);
        made.id()
    }

    pub(super) async fn confirm(&self, id: &str, key: &str) -> Answer {
        self.ask(&format!("/v1/payment_intents/{id}/confirm"), &[("off_session", "true")], key)
            .await
    }

    /// One that is paid.
    pub(super) async fn paid(&self, method: &str) -> String {
        let id = self.made(method).await;
        assert_eq!(self.confirm(&id, "pay").await.body["status"], "succeeded");
        id
    }
}
