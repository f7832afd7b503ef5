//! The claims, each on a topic and a group of its own (of the same name).

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use pipeline::transport::Record;
use pipeline::{Backoff, Breaker, Failure, Settings};
use shop_testkit::wait;
use tokio_util::sync::CancellationToken;

use crate::script::{Script, all_committed, numbered, quick, send, start, start_with};
use crate::stage::{PATIENCE, Stage};

pub(crate) async fn every_record_is_handled_once_and_then_committed<S: Stage>(
    stage: &S,
) -> anyhow::Result<()> {
    let topic = stage.topic().await?;
    let handler = Script::new(|_, _| async { Ok(()) });
    send(stage, &topic, &numbered(50, 20)).await?;
    let running = start(stage, &topic, &handler)?;
    all_committed(stage, &topic, 1_000).await?;
    running.stop().await?;
    assert_eq!(handler.seen().len(), 1_000);
    assert_eq!(handler.seen().into_iter().collect::<HashSet<_>>().len(), 1_000);
    Ok(())
}

pub(crate) async fn records_of_one_key_are_handled_in_order_and_never_two_at_once<S: Stage>(
    stage: &S,
) -> anyhow::Result<()> {
    let topic = stage.topic().await?;
    let busy: Arc<Mutex<HashMap<String, usize>>> = Arc::default();
    let (most, together) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
    let handler = {
        let (most, together) = (most.clone(), together.clone());
        Script::new(move |key: String, value: String| {
            let (busy, most, together) = (busy.clone(), most.clone(), together.clone());
            async move {
                let all: usize = {
                    let mut busy = busy.lock().unwrap();
                    let mine = busy.entry(key.clone()).or_default();
                    *mine += 1;
                    together.fetch_or(*mine > 1, Ordering::Relaxed);
                    busy.values().sum()
                };
                most.fetch_max(all, Ordering::Relaxed);
                // Some are ready at once and some are not: both ways are taken.
                if value.ends_with(['1', '4', '7']) {
                    tokio::time::sleep(Duration::from_millis(3)).await;
                }
                *busy.lock().unwrap().get_mut(&key).unwrap() -= 1;
                Ok(())
            }
        })
    };
    send(stage, &topic, &numbered(20, 30)).await?;
    let running = start(stage, &topic, &handler)?;
    all_committed(stage, &topic, 600).await?;
    running.stop().await?;
    assert!(!together.load(Ordering::Relaxed), "two records of one key ran at once");
    assert!(most.load(Ordering::Relaxed) > 4, "keys of one partition ran one after the other");
    let expected: Vec<String> = (0..30).map(|n| n.to_string()).collect();
    for key in 0..20 {
        assert_eq!(handler.values_of(&format!("key-{key}")), expected);
    }
    Ok(())
}

pub(crate) async fn a_retried_key_waits_while_others_go_on<S: Stage>(
    stage: &S,
) -> anyhow::Result<()> {
    let topic = stage.topic().await?;
    let open = Arc::new(AtomicBool::new(false));
    let handler = {
        let open = open.clone();
        Script::new(move |key: String, value: String| {
            let failing = key == "key-0" && value == "0" && !open.load(Ordering::Relaxed);
            async move { if failing { Err(Failure::retry("not yet")) } else { Ok(()) } }
        })
    };
    send(stage, &topic, &numbered(10, 3)).await?;
    // It is not given up before the others were seen, however long that takes.
    let retry = Backoff { tries: u32::MAX, ..quick().retry };
    let running = start_with(stage, &topic, &handler, Settings { retry, ..quick() })?;
    wait::until(PATIENCE, async || handler.values_of("key-9").len() == 3).await?;
    assert!(
        handler.values_of("key-0").iter().all(|v| v == "0"),
        "a successor overtook a retried record"
    );
    open.store(true, Ordering::Relaxed);
    all_committed(stage, &topic, 30).await?;
    running.stop().await?;
    let mut of_key = handler.values_of("key-0");
    of_key.dedup();
    assert_eq!(of_key, ["0", "1", "2"]);
    Ok(())
}

pub(crate) async fn a_rejected_record_is_dead_lettered_with_its_bytes_and_its_origin<S: Stage>(
    stage: &S,
) -> anyhow::Result<()> {
    let topic = stage.topic().await?;
    let handler = Script::new(|_, value: String| async move {
        if value == "bad" { Err(Failure::reject("no good")) } else { Ok(()) }
    });
    stage.send(&topic, &[("a", "1"), ("b", "bad"), ("b", "2")]).await?;
    let running = start(stage, &topic, &handler)?;
    all_committed(stage, &topic, 3).await?;
    running.stop().await?;
    let letters = stage.read(&format!("dead-letter.{topic}"), 1).await?;
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].payload(), Some(&b"bad"[..]));
    assert_eq!(letters[0].key(), Some(&b"b"[..]));
    let headers: HashMap<String, Vec<u8>> = letters[0].headers().into_iter().collect();
    let text = |name: &str| String::from_utf8_lossy(&headers[name]).into_owned();
    assert_eq!(text("note"), "kept");
    assert_eq!(text("dl_topic"), topic);
    assert_eq!(text("dl_group"), topic);
    assert_eq!(text("dl_class"), "rejected");
    assert_eq!(text("dl_reason"), "no good");
    assert_eq!(text("dl_build"), "conformance 1");
    assert!(headers.contains_key("dl_partition") && headers.contains_key("dl_offset"));
    assert_eq!(handler.values_of("b"), ["bad", "2"]);
    Ok(())
}

pub(crate) async fn a_record_that_fails_too_often_is_dead_lettered<S: Stage>(
    stage: &S,
) -> anyhow::Result<()> {
    let topic = stage.topic().await?;
    let handler = Script::new(|_, value: String| async move {
        if value == "bad" { Err(Failure::retry("again")) } else { Ok(()) }
    });
    stage.send(&topic, &[("a", "bad"), ("a", "next")]).await?;
    let running = start(stage, &topic, &handler)?;
    all_committed(stage, &topic, 2).await?;
    running.stop().await?;
    assert_eq!(handler.values_of("a"), ["bad", "bad", "bad", "next"]);
    let letters = stage.read(&format!("dead-letter.{topic}"), 1).await?;
    let headers: HashMap<_, _> = letters[0].headers().into_iter().collect();
    assert_eq!(headers["dl_class"], b"retries-exhausted");
    assert_eq!(headers["dl_tries"], b"3");
    Ok(())
}

pub(crate) async fn what_is_unavailable_stops_the_flow_and_dead_letters_nothing<S: Stage>(
    stage: &S,
) -> anyhow::Result<()> {
    let topic = stage.topic().await?;
    let away = Arc::new(AtomicUsize::new(12));
    let handler = {
        let away = away.clone();
        Script::new(move |_, _| {
            let gone = away
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1))
                .is_ok();
            async move { if gone { Err(Failure::unavailable("database")) } else { Ok(()) } }
        })
    };
    send(stage, &topic, &numbered(1, 5)).await?;
    let running = start(stage, &topic, &handler)?;
    all_committed(stage, &topic, 5).await?;
    running.stop().await?;
    let mut values = handler.values_of("key-0");
    assert!(values.len() > 10, "it was tried more often than a record's own tries");
    values.dedup();
    assert_eq!(values, ["0", "1", "2", "3", "4"]);
    Ok(())
}

pub(crate) async fn too_many_failures_stop_the_group_which_goes_on_when_records_are_handled_again<
    S: Stage,
>(
    stage: &S,
) -> anyhow::Result<()> {
    let topic = stage.topic().await?;
    let broken = Arc::new(AtomicBool::new(true));
    let handler = Script::new({
        let broken = broken.clone();
        move |_, _| {
            let broken = broken.load(Ordering::SeqCst);
            async move { if broken { Err(Failure::reject("not understood")) } else { Ok(()) } }
        }
    });
    send(stage, &topic, &numbered(100, 1)).await?;
    let breaker = Breaker { of: 10, share: 0.5, pause: Duration::from_millis(50) };
    let settings = Settings { breaker: Some(breaker), ..quick() };
    let running = start_with(stage, &topic, &handler, settings)?;
    // All have been tried, and after a pause at least one again.
    wait::until(PATIENCE, async || handler.seen().len() > 110).await?;
    assert!(stage.total_committed(&topic, &topic).await <= 9, "what failed stays");
    broken.store(false, Ordering::SeqCst);
    all_committed(stage, &topic, 100).await?;
    running.stop().await?;
    assert_eq!(stage.read(&format!("dead-letter.{topic}"), 9).await?.len(), 9);
    Ok(())
}

pub(crate) async fn an_offset_is_not_committed_past_an_unfinished_record<S: Stage>(
    stage: &S,
) -> anyhow::Result<()> {
    let topic = stage.topic().await?;
    let gate = CancellationToken::new();
    let handler = {
        let gate = gate.clone();
        Script::new(move |_, value: String| {
            let gate = gate.clone();
            async move {
                if value == "0" {
                    gate.cancelled().await;
                }
                Ok(())
            }
        })
    };
    send(stage, &topic, &[("slow".into(), "0".into())]).await?;
    send(stage, &topic, &(0..200).map(|n| (format!("k{n}"), "1".into())).collect::<Vec<_>>())
        .await?;
    let running = start(stage, &topic, &handler)?;
    wait::until(PATIENCE, async || handler.seen().len() == 201).await?;
    // Every other partition is committed whole; the slow record's not at all.
    let of_slow = {
        let first = stage.read(&topic, 201).await?;
        let slow = first.iter().find(|r| r.key() == Some(b"slow")).map(Record::partition);
        slow.ok_or_else(|| anyhow::anyhow!("the slow record is there"))?
    };
    wait::until(PATIENCE, async || {
        stage
            .committed(&topic, &topic)
            .await
            .is_ok_and(|c| c.values().filter(|o| **o > 0).count() >= 3)
    })
    .await?;
    let committed = stage.committed(&topic, &topic).await?;
    assert_eq!(committed.get(&of_slow).copied().unwrap_or(0), 0);
    gate.cancel();
    all_committed(stage, &topic, 201).await?;
    running.stop().await
}

pub(crate) async fn what_was_not_committed_comes_again_to_the_next_member<S: Stage>(
    stage: &S,
) -> anyhow::Result<()> {
    let topic = stage.topic().await?;
    let handler = Script::new(|_, value: String| async move {
        if value == "stuck" {
            std::future::pending::<()>().await;
        }
        Ok(())
    });
    stage.send(&topic, &[("a", "1"), ("a", "stuck"), ("a", "2")]).await?;
    let first = start(stage, &topic, &handler)?;
    wait::until(PATIENCE, async || handler.values_of("a") == ["1", "stuck"]).await?;
    all_committed(stage, &topic, 1).await?;
    // As a crash would: nothing is finished, nothing is said.
    first.task.abort();
    let _ = first.task.await;
    let second_handler = Script::new(|_, _| async { Ok(()) });
    let second = start(stage, &topic, &second_handler)?;
    all_committed(stage, &topic, 3).await?;
    second.stop().await?;
    assert_eq!(second_handler.values_of("a"), ["stuck", "2"]);
    Ok(())
}

pub(crate) async fn members_share_the_partitions_and_lose_nothing_when_one_joins_and_leaves<
    S: Stage,
>(
    stage: &S,
) -> anyhow::Result<()> {
    let topic = stage.topic().await?;
    let slowly = |_: String, _: String| async {
        tokio::time::sleep(Duration::from_millis(2)).await;
        Ok(())
    };
    let (one, two) = (Script::new(slowly), Script::new(slowly));
    send(stage, &topic, &numbered(40, 10)).await?;
    let first = start(stage, &topic, &one)?;
    wait::until(PATIENCE, async || one.seen().len() > 50).await?;
    let second = start(stage, &topic, &two)?;
    // Records keep coming until the second has its share of them, and some more.
    let mut each = 10;
    wait::until(PATIENCE, async || {
        let records: Vec<_> = (0..40).map(|k| (format!("key-{k}"), each.to_string())).collect();
        each += 1;
        send(stage, &topic, &records).await.is_ok() && two.seen().len() > 100
    })
    .await?;
    let total = 40 * each;
    first.stop().await?;
    all_committed(stage, &topic, i64::try_from(total)?).await?;
    second.stop().await?;
    let (one, two) = (one.seen(), two.seen());
    let all: HashSet<_> = one.iter().chain(&two).collect();
    assert_eq!(all.len(), total, "a record was lost");
    for handled in [&one, &two] {
        let mut last: HashMap<&str, usize> = HashMap::new();
        for (key, value) in handled {
            let value: usize = value.parse()?;
            if let Some(before) = last.insert(key, value) {
                assert!(before < value, "{key}: {value} came after {before}");
            }
        }
    }
    Ok(())
}

pub(crate) async fn stopping_finishes_what_runs<S: Stage>(stage: &S) -> anyhow::Result<()> {
    let topic = stage.topic().await?;
    let done = Arc::new(AtomicUsize::new(0));
    let handler = {
        let done = done.clone();
        Script::new(move |_, _| {
            let done = done.clone();
            async move {
                tokio::time::sleep(Duration::from_millis(300)).await;
                done.fetch_add(1, Ordering::Relaxed);
                Ok(())
            }
        })
    };
    send(stage, &topic, &numbered(10, 2)).await?;
    let running = start(stage, &topic, &handler)?;
    wait::until(PATIENCE, async || handler.seen().len() >= 10).await?;
    running.stop().await?;
    let done = done.load(Ordering::Relaxed);
    assert_eq!(done, handler.seen().len(), "a handler was cut off");
    let committed = stage.total_committed(&topic, &topic).await;
    assert!(committed > 0 && committed <= i64::try_from(done)?, "{committed} committed of {done}");
    Ok(())
}
