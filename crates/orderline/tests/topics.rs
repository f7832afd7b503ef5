//! `orderline topics` on a real broker.

use std::process::{Command, Output};
use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, ResourceSpecifier, TopicReplication};
use rdkafka::client::DefaultClientContext;
use serde_json::Value;
use shop_testkit::broker::{self, Broker};
use shop_testkit::wait;

const PATIENCE: Duration = Duration::from_secs(120);

fn topics(brokers: &str, action: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_orderline"))
        .args(["topics", action, "--json", "--brokers", brokers])
        .output()
        .expect("runs")
}

fn json(output: &Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_declared_topics_are_made_and_made_only_once() -> anyhow::Result<()> {
    let brokers = broker::shared().await?.bootstrap();
    json(&topics(brokers, "apply"));
    let again = json(&topics(brokers, "apply"));
    let changes = again.as_array().expect("a list");
    assert_eq!(changes.len(), shop_events::declared().len());
    assert!(changes.iter().all(|change| change["done"] == "unchanged"), "{again}");
    let listed = json(&topics(brokers, "list"));
    let states = listed.as_array().expect("a list").iter().map(|line| &line["state"]);
    assert!(states.into_iter().all(|state| state == "as declared"), "{listed}");
    Ok(())
}

type Admin = AdminClient<DefaultClientContext>;

/// The topic `orders` before anyone has applied what is declared, and who may ask about it.
async fn orders_made_by_others(broker: &Broker, partitions: i32) -> anyhow::Result<Admin> {
    let admin: Admin = ClientConfig::new().set("bootstrap.servers", broker.bootstrap()).create()?;
    let new = NewTopic::new("orders", partitions, TopicReplication::Fixed(1))
        .set("retention.ms", "1000")
        .set("segment.ms", "123456");
    admin.create_topics([&new], &AdminOptions::new()).await?;
    // The broker that answers a client hears of a topic only some time after it was made.
    let known = async || {
        let told = admin.inner().fetch_metadata(Some("orders"), PATIENCE);
        told.is_ok_and(|told| {
            let all = told.topics().iter().flat_map(|topic| topic.partitions());
            all.filter(|partition| partition.leader() >= 0).count() == partitions as usize
        })
    };
    wait::until(PATIENCE, known).await?;
    Ok(admin)
}

fn done_to_orders(changes: &Value) -> &Value {
    let orders = changes.as_array().expect("a list").iter().find(|c| c["topic"] == "orders");
    &orders.expect("orders")["done"]
}

/// Nisshi has no request that changes a topic; what differs is said.
fn named(refused: &Output, difference: &str) -> anyhow::Result<()> {
    let error = String::from_utf8_lossy(&refused.stderr);
    anyhow::ensure!(!refused.status.success() && error.contains(difference), "{error}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_that_differs_is_changed_and_keeps_what_others_have_set() -> anyhow::Result<()> {
    let broker = Broker::start().await?;
    let admin = orders_made_by_others(&broker, 6).await?;
    let applied = topics(&broker.bootstrap(), "apply");
    if let Broker::Embedded(_) = broker {
        return named(&applied, "orders differs from what is declared (");
    }
    assert_eq!(done_to_orders(&json(&applied)), "changed");

    // As with a topic: the controller has it, and the broker hears of it.
    let changed = async || {
        let orders = ResourceSpecifier::Topic("orders");
        let described = admin.describe_configs([&orders], &AdminOptions::new()).await.ok()?;
        let described = described.into_iter().next()?.ok()?;
        let value = |name| described.get(name).and_then(|entry| entry.value.clone());
        let retained = value("retention.ms").is_some_and(|value| value == "31536000000");
        retained.then(|| value("segment.ms"))
    };
    let segment = wait::some(PATIENCE, changed).await?;
    assert_eq!(segment.as_deref(), Some("123456"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn missing_partitions_are_added() -> anyhow::Result<()> {
    let broker = Broker::start().await?;
    orders_made_by_others(&broker, 2).await?;
    let applied = topics(&broker.bootstrap(), "apply");
    if let Broker::Embedded(_) = broker {
        return named(&applied, "orders has 2 partitions, 6 are declared");
    }
    assert_eq!(done_to_orders(&json(&applied)), "changed");
    Ok(())
}

#[test]
fn a_broker_that_is_away_is_an_error_that_says_what_to_do() {
    let output = topics("127.0.0.1:1", "list");
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    assert!(error.contains("make up") && error.contains("--brokers"), "{error}");
}
