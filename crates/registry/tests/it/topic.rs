//! What the registry does with topics it finds.

use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::producer::{FutureProducer, FutureRecord};
use registry::{Config, ServeError};
use shop_testkit::wait;

use crate::support::{PATIENCE, Registry, brokers, topic};

async fn create(brokers: &str, name: &str, partitions: i32, policy: &str) {
    let admin: AdminClient<DefaultClientContext> =
        ClientConfig::new().set("bootstrap.servers", brokers).create().unwrap();
    let topic =
        NewTopic::new(name, partitions, TopicReplication::Fixed(1)).set("cleanup.policy", policy);
    let created = admin.create_topics([&topic], &AdminOptions::new()).await.unwrap();
    assert!(created[0].is_ok(), "{created:?}");
    // The broker that answers the registry hears of a topic only some time after it was made.
    let known = async || {
        let told = admin.inner().fetch_metadata(Some(name), PATIENCE);
        told.is_ok_and(|told| {
            let all = told.topics().iter().flat_map(|topic| topic.partitions());
            all.filter(|partition| partition.leader() >= 0).count() == partitions as usize
        })
    };
    wait::until(PATIENCE, known).await.expect("is known");
}

async fn write(brokers: &str, topic: &str, key: &str, value: &str) {
    let producer: FutureProducer =
        ClientConfig::new().set("bootstrap.servers", brokers).create().unwrap();
    let record = FutureRecord::to(topic).key(key).payload(value);
    producer.send(record, std::time::Duration::from_secs(30)).await.unwrap();
}

async fn refusal(brokers: &str, topic: &str) -> ServeError {
    let config = Config { topic: topic.into(), ..Config::new(brokers) };
    Registry::launch(config).await.ended().await.expect_err("a refusal")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_that_would_lose_schemas_is_refused() {
    let (brokers, deleting, wide) = (brokers().await, topic(), topic());
    create(&brokers, &deleting, 1, "delete").await;
    create(&brokers, &wide, 3, "compact").await;
    let error = refusal(&brokers, &deleting).await.to_string();
    assert!(error.contains("cleanup.policy=delete") && error.contains("--topic"), "{error}");
    let error = refusal(&brokers, &wide).await.to_string();
    assert!(error.contains("3 partitions"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_topic_of_another_registry_is_refused() {
    let (brokers, topic) = (brokers().await, topic());
    create(&brokers, &topic, 1, "compact").await;
    write(&brokers, &topic, r#"{"keytype":"SCHEMA","subject":"s","version":1,"magic":1}"#, "{}")
        .await;
    let error = refusal(&brokers, &topic).await.to_string();
    assert!(
        error.contains("record 0") && error.contains("another kind of schema registry"),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stray_record_is_passed_over_and_a_newer_one_stops_the_registry() {
    let (brokers, topic) = (brokers().await, topic());
    let registry = Registry::start(&brokers, &topic).await;
    registry.register("s", "\"string\"").await;
    write(&brokers, &topic, "hello", "world").await;
    assert_eq!(registry.register("s", "\"bytes\"").await, 2);
    write(&brokers, &topic, r#"{"format":2,"revision":3,"nonce":"n"}"#, "{}").await;
    let error = registry.ended().await.expect_err("a stop").to_string();
    assert!(error.contains("upgrade this instance"), "{error}");
}
