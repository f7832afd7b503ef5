//! `orderline topics` on a real broker.

use std::process::{Command, Output};

use serde_json::Value;
use shop_testkit::broker::{self, Broker};

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

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_that_differs_is_changed_and_keeps_what_others_have_set() -> anyhow::Result<()> {
    use rdkafka::admin::{
        AdminClient, AdminOptions, NewTopic, ResourceSpecifier, TopicReplication,
    };
    use rdkafka::client::DefaultClientContext;

    let broker = Broker::start().await?;
    let brokers = broker.bootstrap();
    let mut config = rdkafka::ClientConfig::new();
    let admin: AdminClient<DefaultClientContext> =
        config.set("bootstrap.servers", &brokers).create()?;
    let new = NewTopic::new("orders", 2, TopicReplication::Fixed(1))
        .set("retention.ms", "1000")
        .set("segment.ms", "123456");
    admin.create_topics([&new], &AdminOptions::new()).await?;

    let changes = json(&topics(&brokers, "apply"));
    let orders = changes.as_array().expect("a list").iter().find(|c| c["topic"] == "orders");
    assert_eq!(orders.expect("orders")["done"], "changed");

    let described =
        admin.describe_configs([&ResourceSpecifier::Topic("orders")], &AdminOptions::new()).await?;
    let described = described.into_iter().next().expect("one").expect("described");
    let value = |name| described.get(name).and_then(|entry| entry.value.as_deref());
    assert_eq!(value("retention.ms"), Some("31536000000"));
    assert_eq!(value("segment.ms"), Some("123456"));
    Ok(())
}

#[test]
fn a_broker_that_is_away_is_an_error_that_says_what_to_do() {
    let output = topics("127.0.0.1:1", "list");
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    assert!(error.contains("make up") && error.contains("--brokers"), "{error}");
}
