//! A group whose handler follows a script, and what a case sends to it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use pipeline::transport::{Record, Transport};
use pipeline::{Backoff, Failure, Group, GroupError, RawHandler, Runtime, Schemas, Settings};
use shop_testkit::wait;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::stage::{PATIENCE, Stage};

pub(crate) type Answer = Result<(), Failure>;

/// What a handler saw, in order, and what it is to answer.
pub(crate) struct Script<F> {
    seen: Mutex<Vec<(String, String)>>,
    answer: F,
}

impl<F, R> RawHandler for Script<F>
where
    F: Fn(String, String) -> R + Send + Sync + 'static,
    R: Future<Output = Answer> + Send,
{
    async fn handle(&self, record: &Record) -> Answer {
        let text =
            |bytes: Option<&[u8]>| String::from_utf8_lossy(bytes.unwrap_or_default()).into_owned();
        let (key, value) = (text(record.key()), text(record.payload()));
        self.seen.lock().unwrap().push((key.clone(), value.clone()));
        (self.answer)(key, value).await
    }
}

impl<F> Script<F> {
    pub(crate) fn new(answer: F) -> Arc<Self> {
        Arc::new(Script { seen: Mutex::default(), answer })
    }

    pub(crate) fn seen(&self) -> Vec<(String, String)> {
        self.seen.lock().unwrap().clone()
    }

    pub(crate) fn values_of(&self, key: &str) -> Vec<String> {
        self.seen().into_iter().filter(|(k, _)| k == key).map(|(_, v)| v).collect()
    }
}

pub(crate) struct Running {
    stop: CancellationToken,
    pub(crate) task: JoinHandle<Result<(), GroupError>>,
}

impl Running {
    pub(crate) async fn stop(self) -> anyhow::Result<()> {
        self.stop.cancel();
        Ok(tokio::time::timeout(PATIENCE, self.task).await???)
    }
}

pub(crate) fn quick() -> Settings {
    Settings {
        commit_every: Duration::from_millis(50),
        retry: Backoff {
            first: Duration::from_millis(20),
            longest: Duration::from_millis(100),
            tries: 3,
        },
        ..Settings::default()
    }
}

pub(crate) fn start<S: Stage, F, R>(
    stage: &S,
    topic: &str,
    handler: &Arc<Script<F>>,
) -> anyhow::Result<Running>
where
    F: Fn(String, String) -> R + Send + Sync + 'static,
    R: Future<Output = Answer> + Send + 'static,
    <S::Transport as Transport>::Source: 'static,
{
    start_with(stage, topic, handler, quick())
}

pub(crate) fn start_with<S: Stage, F, R>(
    stage: &S,
    topic: &str,
    handler: &Arc<Script<F>>,
    settings: Settings,
) -> anyhow::Result<Running>
where
    F: Fn(String, String) -> R + Send + Sync + 'static,
    R: Future<Output = Answer> + Send + 'static,
    <S::Transport as Transport>::Source: 'static,
{
    let mut metrics = prometheus_client::registry::Registry::default();
    let runtime =
        Runtime::new(stage.transport(), Schemas::in_memory(), "conformance 1", &mut metrics)?;
    let stop = CancellationToken::new();
    let (token, handler, topic) = (stop.clone(), handler.clone(), topic.to_owned());
    let group = Group::new(&topic, &runtime).settings(settings);
    let task = tokio::spawn(async move { group.raw(&[topic.as_str()], &*handler, token).await });
    Ok(Running { stop, task })
}

pub(crate) fn numbered(keys: usize, each: usize) -> Vec<(String, String)> {
    (0..each).flat_map(|n| (0..keys).map(move |k| (format!("key-{k}"), n.to_string()))).collect()
}

pub(crate) async fn send<S: Stage>(
    stage: &S,
    topic: &str,
    records: &[(String, String)],
) -> anyhow::Result<()> {
    let records: Vec<_> = records.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    stage.send(topic, &records).await
}

pub(crate) async fn all_committed<S: Stage>(
    stage: &S,
    topic: &str,
    count: i64,
) -> anyhow::Result<()> {
    wait::until(PATIENCE, async || stage.total_committed(topic, topic).await == count).await
}
