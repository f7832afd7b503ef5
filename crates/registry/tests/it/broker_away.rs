use std::time::Duration;

use registry::Config;
use serde_json::json;
use shop_testkit::broker::Broker;

use crate::support::{Registry, evolving};

#[tokio::test(flavor = "multi_thread")]
async fn without_the_broker_reads_go_on_and_writes_say_so() {
    let mut broker = Broker::start().await.expect("a broker of its own");
    let write_timeout = Duration::from_secs(3);
    let registry =
        Registry::launch(Config { write_timeout, ..Config::new(broker.bootstrap()) }).await;
    registry.wait_ready(true).await;
    let id = registry.register("s", &evolving("R", 1)).await;

    broker.pause().expect("a pause");
    let next = json!({ "schema": evolving("R", 2) });
    let (status, body) = registry.post("/subjects/s/versions", next.clone()).await;
    assert_eq!(status, 500);
    assert!([50001, 50002].contains(&body["error_code"].as_u64().unwrap()), "{body}");
    registry.wait_ready(false).await;
    let (status, body) = registry.post("/subjects/s/versions", next.clone()).await;
    assert_eq!((status, &body["error_code"]), (500, &json!(50001)), "{body}");
    assert_eq!(registry.get(&format!("/schemas/ids/{id}")).await.0, 200);
    assert_eq!(registry.get("/schemas/ids/99").await.0, 404);
    assert_eq!(registry.get("/health").await.0, 200);
    assert_eq!(registry.register("s", &evolving("R", 1)).await, id, "what is there needs no write");

    broker.resume().expect("a resume");
    registry.wait_ready(true).await;
    registry.register("s", &evolving("R", 2)).await;
    assert_eq!(registry.get("/subjects/s/versions").await, (200, json!([1, 2])));

    broker.kill().await.expect("a kill");
    registry.wait_ready(false).await;
    broker.restart().await.expect("a restart");
    registry.wait_ready(true).await;
    registry.register("s", &evolving("R", 3)).await;
    assert_eq!(registry.get("/subjects/s/versions").await, (200, json!([1, 2, 3])));

    broker.kill().await.expect("a kill");
    registry.stop().await.expect("a clean stop, also without the broker");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_without_a_broker_gives_up_and_says_where_it_looked() {
    let start_timeout = Duration::from_millis(200);
    let config = Config { start_timeout, ..Config::new("127.0.0.1:1") };
    let error = Registry::launch(config).await.ended().await.expect_err("no broker");
    let error = error.to_string();
    assert!(error.contains("127.0.0.1:1") && error.contains("--brokers"), "{error}");
}
