//! The binary itself: its settings, its stop, and what is left when it is killed.

use std::collections::BTreeMap;
use std::process::Stdio;

use reqwest::Client;
use serde_json::{Value, json};
use shop_testkit::{ports, wait};
use tokio::process::{Child, Command};
use tokio::sync::mpsc;

use crate::support::{PATIENCE, Registry, brokers, evolving, topic};

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_registry"));
    command.args(arguments).stdin(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

async fn spawn(brokers: &str, topic: &str) -> (Child, String) {
    let listen = format!("127.0.0.1:{}", ports::free());
    let mut command = command(&["--brokers", brokers, "--topic", topic, "--listen", &listen]);
    let child = command.stderr(Stdio::null()).spawn().expect("the binary");
    let url = format!("http://{listen}");
    let ready = format!("{url}/ready");
    let is_ready =
        async || reqwest::get(&ready).await.is_ok_and(|answer| answer.status().is_success());
    wait::until(PATIENCE, is_ready).await.expect("a ready registry");
    (child, url)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_instance_loses_no_write_that_it_answered() {
    let (brokers, topic) = (brokers().await, topic());
    let mut answered: BTreeMap<usize, u64> = BTreeMap::new();
    for round in 1..=3 {
        let (mut child, url) = spawn(&brokers, &topic).await;
        let (sender, mut answers) = mpsc::unbounded_channel();
        let first = answered.len();
        let writer = tokio::spawn(async move {
            let client = Client::new();
            for shape in first.. {
                let body = json!({ "schema": evolving("R", shape) });
                let request = client.post(format!("{url}/subjects/s/versions")).json(&body);
                let Ok(answer) = request.send().await else { return };
                let Ok(answer) = answer.json::<Value>().await else { return };
                // A write that was refused on a busy machine was not answered with one.
                let Some(id) = answer["id"].as_u64() else { continue };
                // The receiver outlives the writer.
                let _ = sender.send((shape, id));
            }
        });
        for _ in 0..5 * round {
            answered.extend(answers.recv().await);
        }
        child.kill().await.expect("a kill");
        writer.await.expect("a writer that ends");
        while let Ok(answer) = answers.try_recv() {
            answered.extend([answer]);
        }
    }
    assert!(answered.len() >= 30);
    let registry = Registry::start(&brokers, &topic).await;
    for (shape, id) in answered {
        let (status, found) =
            registry.post("/subjects/s", json!({"schema": evolving("R", shape)})).await;
        assert_eq!((status, &found["id"]), (200, &json!(id)), "shape {shape}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminated_instance_stops_cleanly() {
    let (mut child, _) = spawn(&brokers().await, &topic()).await;
    let pid = child.id().expect("a process id").to_string();
    let killed = Command::new("kill").args(["-TERM", &pid]).status().await.expect("kill");
    assert!(killed.success());
    let status = tokio::time::timeout(PATIENCE, child.wait()).await.expect("an end").unwrap();
    assert!(status.success(), "{status}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_option_is_refused_by_its_name() {
    for (option, value) in [
        ("--brokers", "nowhere"),
        ("--topic", "a b"),
        ("--compatibility", "SIDEWAYS"),
        ("--listen", "nowhere"),
        ("--max-nesting", "0"),
        ("--kafka", "acks=0"),
    ] {
        let output = command(&[option, value]).output().await.expect("an end");
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && text.contains(option), "{option}: {text}");
    }
}
