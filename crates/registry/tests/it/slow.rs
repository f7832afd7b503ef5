//! Clients that begin something and do not go on.

use std::time::Duration;

use registry::Config;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{PATIENCE, Registry, brokers, topic};

/// What comes after these words, until the registry ends the connection.
async fn rest(registry: &Registry, words: &str) -> String {
    let address = registry.url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await.expect("connects");
    stream.write_all(words.as_bytes()).await.expect("takes it");
    let mut text = String::new();
    // A connection that is reset has ended too.
    let _ = tokio::time::timeout(PATIENCE, stream.read_to_string(&mut text))
        .await
        .expect("the connection ends");
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_go_on_with_a_request_is_let_go() {
    let write_timeout = Duration::from_millis(100);
    let config = Config { topic: topic(), write_timeout, ..Config::new(brokers().await) };
    let registry = Registry::launch(config).await;
    registry.wait_ready(true).await;
    let bodiless = "POST /subjects/s/versions HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{";
    let (nothing, half_a_head, half_a_body, answered) = tokio::join!(
        rest(&registry, ""),
        rest(&registry, "GET /subjects HTTP/1.1\r\nhost:"),
        rest(&registry, bodiless),
        rest(&registry, "GET /subjects HTTP/1.1\r\nhost: x\r\n\r\n"),
    );
    assert_eq!(nothing, "");
    assert!(!half_a_head.contains("200"), "{half_a_head}");
    assert!(half_a_body.contains("50002"), "{half_a_body}");
    assert!(answered.contains("200"), "{answered}");
}
