use std::time::Duration;

use registry::{Config, ServeError};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use shop_testkit::{broker, names, wait};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// A registry in this process.
pub(crate) struct Registry {
    pub(crate) url: String,
    client: Client,
    shutdown: CancellationToken,
    task: JoinHandle<Result<(), ServeError>>,
}

pub(crate) async fn brokers() -> String {
    let shared = broker::shared().await.expect("a broker for the tests");
    shared.bootstrap().to_owned()
}

pub(crate) fn topic() -> String {
    names::unique("_schemas")
}

impl Registry {
    /// One of its own on the shared broker.
    pub(crate) async fn fresh() -> Self {
        Self::start(&brokers().await, &topic()).await
    }

    pub(crate) async fn start(brokers: &str, topic: &str) -> Self {
        // Many write at once here, on a busy machine.
        let write_timeout = Duration::from_secs(60);
        let config = Config { topic: topic.into(), write_timeout, ..Config::new(brokers) };
        let registry = Self::launch(config).await;
        registry.wait_ready(true).await;
        registry
    }

    pub(crate) async fn launch(config: Config) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let shutdown = CancellationToken::new();
        let task = tokio::spawn(registry::serve(listener, config, shutdown.clone()));
        Self { url, client: Client::new(), shutdown, task }
    }

    pub(crate) async fn wait_ready(&self, ready: bool) {
        let probe = async || {
            let answer = self.client.get(format!("{}/ready", self.url)).send().await;
            answer.is_ok_and(|answer| answer.status().is_success() == ready)
        };
        wait::until(PATIENCE, probe).await.expect("readiness to change");
    }

    pub(crate) async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> (u16, Value) {
        let mut request = self.client.request(method, format!("{}{path}", self.url));
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.expect("an answer");
        let status = answer.status().as_u16();
        let text = answer.text().await.expect("a body");
        (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, Value) {
        self.call(Method::GET, path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        self.call(Method::POST, path, Some(body)).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> (u16, Value) {
        self.call(Method::PUT, path, Some(body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> (u16, Value) {
        self.call(Method::DELETE, path, None).await
    }

    /// Its id, once it is taken: a registry that is ready says no more than that writes have a chance, and
    /// with 500 that they are to be sent again.
    pub(crate) async fn register(&self, subject: &str, schema: &str) -> u64 {
        let (path, body) = (format!("/subjects/{subject}/versions"), json!({ "schema": schema }));
        let answered = async || Some(self.post(&path, body.clone()).await).filter(|a| a.0 != 500);
        let (status, body) = wait::some(PATIENCE, answered).await.expect("writes go through");
        assert_eq!(status, 200, "{body}");
        body["id"].as_u64().expect("an id")
    }

    pub(crate) async fn stop(self) -> Result<(), ServeError> {
        self.shutdown.cancel();
        self.ended().await
    }

    pub(crate) async fn ended(self) -> Result<(), ServeError> {
        let ended = tokio::time::timeout(PATIENCE, self.task).await;
        ended.expect("the registry to end").expect("no panic")
    }
}

/// Versions of one record, each compatible with all others in both directions.
pub(crate) fn evolving(name: &str, fields: usize) -> String {
    let fields: Vec<String> =
        (0..fields).map(|n| format!(r#"{{"name":"f{n}","type":"int","default":0}}"#)).collect();
    format!(
        r#"{{"type":"record","name":"{name}","namespace":"shop","fields":[{}]}}"#,
        fields.join(",")
    )
}
