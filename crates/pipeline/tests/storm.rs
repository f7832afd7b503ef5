//! Members join and leave while records flow, on Apache Kafka: nothing is lost, and nothing of a key is
//! skipped.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::Context as _;
use pipeline::transport::kafka::Kafka;
use pipeline::transport::{Record, Transport};
use pipeline::{Failure, Group, Outgoing, RawHandler, Runtime, Schemas, Settings};
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use shop_testkit::{names, wait};
use tokio_util::sync::CancellationToken;

const PARTITIONS: i32 = 8;
const KEYS: usize = 200;
const EACH: usize = 250;
const STORMS: usize = 8;

/// What every member together has seen.
type Seen = Arc<Mutex<HashSet<(String, usize)>>>;

struct Member {
    all: Seen,
    last: Mutex<HashMap<String, usize>>,
    skipped: Arc<Mutex<Vec<String>>>,
}

impl RawHandler for Member {
    async fn handle(&self, record: &Record) -> Result<(), Failure> {
        let key = String::from_utf8_lossy(record.key().unwrap_or_default()).into_owned();
        let text = String::from_utf8_lossy(record.payload().unwrap_or_default()).into_owned();
        let number: usize = text.parse().map_err(Failure::reject)?;
        if number.is_multiple_of(3) {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        // A partition that came back may begin at what was not committed, never before it was ours.
        let before = self.last.lock().unwrap().insert(key.clone(), number);
        let repeated = !self.all.lock().unwrap().insert((key.clone(), number));
        if before.is_some_and(|b| number > b + 1) && !repeated {
            let gap = (before.unwrap_or(0) + 1..number)
                .any(|n| !self.all.lock().unwrap().contains(&(key.clone(), n)));
            if gap {
                self.skipped.lock().unwrap().push(format!("{key}: {number} after {before:?}"));
            }
        }
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_while_members_come_and_go() -> anyhow::Result<()> {
    let shared = shop_testkit::broker::shared().await?;
    let mut kafka = Kafka::new(shared.bootstrap(), "storm");
    kafka.settings.insert("heartbeat.interval.ms".into(), "200".into());
    kafka.settings.insert("session.timeout.ms".into(), "6000".into());
    let topic = names::unique("storm");
    let admin: AdminClient<DefaultClientContext> = kafka.client_config().create()?;
    let new = NewTopic::new(&topic, PARTITIONS, TopicReplication::Fixed(1));
    for made in admin.create_topics([&new], &AdminOptions::new()).await? {
        made.map_err(|(topic, code)| anyhow::anyhow!("{topic}: {code}"))?;
    }
    let (all, skipped) = (Seen::default(), Arc::default());
    let join = || -> anyhow::Result<_> {
        let mut metrics = prometheus_client::registry::Registry::default();
        let runtime = Runtime::new(kafka.clone(), Schemas::in_memory(), "storm", &mut metrics)?;
        let member =
            Member { all: Arc::clone(&all), last: Mutex::default(), skipped: Arc::clone(&skipped) };
        let settings = Settings { commit_every: Duration::from_millis(100), ..Settings::default() };
        let (stop, topic) = (CancellationToken::new(), topic.clone());
        let group = Group::new(&topic, &runtime).settings(settings);
        let token = stop.clone();
        let task = tokio::spawn(async move { group.raw(&[topic.as_str()], &member, token).await });
        Ok((stop, task))
    };
    let feeder = {
        let (sink, topic) = (kafka.sink()?, topic.clone());
        tokio::spawn(async move {
            for number in 0..EACH {
                let record = |key: usize| Outgoing {
                    topic: topic.clone(),
                    key: Some(format!("key-{key}").into_bytes()),
                    payload: Some(number.to_string().into_bytes()),
                    headers: vec![],
                };
                sink.send((0..KEYS).map(record).collect()).await?;
                tokio::time::sleep(Duration::from_millis(40)).await;
            }
            anyhow::Ok(())
        })
    };
    let steady = join()?;
    for storm in 0..STORMS {
        let before = all.lock().unwrap().len();
        let passing = join()?;
        let patience = Duration::from_secs(120);
        // Some leave at once, some after they have had records.
        if storm % 2 == 0 {
            let full = KEYS * EACH;
            wait::until(patience, async || {
                let now = all.lock().unwrap().len();
                now > before + 500 || now == full
            })
            .await?;
        }
        if storm % 3 == 0 {
            // As a crash would, for this process's part of it.
            passing.1.abort();
        } else {
            passing.0.cancel();
            passing.1.await??;
        }
    }
    feeder.await??;
    wait::until(Duration::from_secs(180), async || all.lock().unwrap().len() == KEYS * EACH)
        .await
        .with_context(|| format!("{} of {} records", all.lock().unwrap().len(), KEYS * EACH))?;
    steady.0.cancel();
    steady.1.await??;
    let skipped = skipped.lock().unwrap().clone();
    assert!(skipped.is_empty(), "skipped: {skipped:?}");
    Ok(())
}
