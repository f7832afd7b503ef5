use std::collections::{BTreeMap, BTreeSet};

use futures::future::join_all;
use serde_json::json;

use crate::support::{Registry, brokers, evolving, topic};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn instances_that_write_at_once_agree_and_lose_nothing() {
    let (brokers, topic) = (brokers().await, topic());
    let (one, two, three) = tokio::join!(
        Registry::start(&brokers, &topic),
        Registry::start(&brokers, &topic),
        Registry::start(&brokers, &topic),
    );
    let all = [&one, &two, &three];
    let shapes = 12;
    let writes = (0..shapes).flat_map(|shape| {
        all.iter().enumerate().flat_map(move |(at, registry)| {
            ["shared".to_owned(), format!("own-{at}")].map(|subject| async move {
                let id = registry.register(&subject, &evolving("R", shape)).await;
                (shape, id)
            })
        })
    });
    let answers = join_all(writes).await;

    let mut ids: BTreeMap<usize, BTreeSet<u64>> = BTreeMap::new();
    for (shape, id) in answers {
        ids.entry(shape).or_default().insert(id);
    }
    assert!(ids.values().all(|ids| ids.len() == 1), "one schema, one id: {ids:?}");
    let distinct: BTreeSet<u64> = ids.values().flatten().copied().collect();
    assert_eq!(distinct, (1..=shapes as u64).collect(), "ids without gaps");

    // An instance that has written has read everything before its own record.
    for (at, registry) in all.iter().enumerate() {
        registry.register(&format!("last-{at}"), "\"string\"").await;
    }
    one.register("last-0", "\"bytes\"").await;
    let versions: Vec<usize> = (1..=shapes).collect();
    for registry in all {
        for subject in ["shared", "own-0", "own-1", "own-2"] {
            let (_, found) = registry.get(&format!("/subjects/{subject}/versions")).await;
            assert_eq!(found, json!(versions), "{subject}");
        }
    }
    let (_, expected) = one.get("/schemas").await;
    for registry in [one, two, three] {
        registry.stop().await.expect("a clean stop");
    }

    let again = Registry::start(&brokers, &topic).await;
    assert_eq!(again.get("/schemas").await, (200, expected));
    again.stop().await.expect("a clean stop");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_instance_wrote_another_finds_at_once() {
    let (brokers, topic) = (brokers().await, topic());
    let one = Registry::start(&brokers, &topic).await;
    let two = Registry::start(&brokers, &topic).await;
    for n in 0..30 {
        let id = one.register("s", &evolving("R", n)).await;
        let (status, body) = two.get(&format!("/schemas/ids/{id}")).await;
        assert_eq!(status, 200, "round {n}: {body}");
        let (status, _) = two.get(&format!("/subjects/s/versions/{}", n + 1)).await;
        assert_eq!(status, 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_and_deletions_are_read_back_too() {
    let (brokers, topic) = (brokers().await, topic());
    let one = Registry::start(&brokers, &topic).await;
    for n in 0..3 {
        one.register("kept", &evolving("R", n)).await;
        one.register("gone", &evolving("R", n)).await;
    }
    one.put("/config", json!({"compatibility": "FULL"})).await;
    one.put("/config/kept", json!({"compatibility": "NONE"})).await;
    one.delete("/subjects/kept/versions/2").await;
    one.delete("/subjects/gone").await;
    one.delete("/subjects/gone?permanent=true").await;
    one.put("/mode/kept", json!({"mode": "READONLY"})).await;
    one.stop().await.expect("a clean stop");

    let two = Registry::start(&brokers, &topic).await;
    assert_eq!(two.get("/subjects?deleted=true").await, (200, json!(["kept"])));
    assert_eq!(two.get("/subjects/kept/versions").await, (200, json!([1, 3])));
    assert_eq!(two.get("/subjects/kept/versions?deleted=true").await, (200, json!([1, 2, 3])));
    assert_eq!(two.get("/config").await, (200, json!({"compatibilityLevel": "FULL"})));
    assert_eq!(two.get("/config/kept").await, (200, json!({"compatibilityLevel": "NONE"})));
    assert_eq!(two.get("/mode/kept").await, (200, json!({"mode": "READONLY"})));
}
