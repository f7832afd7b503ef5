//! What goes over a connection, byte by byte: a relay between a client and a server.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What was said on each connection.
type Said = Arc<Mutex<Vec<Vec<u8>>>>;

/// Listens on a free port of 127.0.0.1 and passes everything on, until its handle goes.
#[derive(Debug)]
pub struct Tap {
    port: u16,
    said: Said,
    relay: JoinHandle<()>,
}

impl Tap {
    /// Stands before the server on this port of 127.0.0.1.
    pub async fn before(server: u16) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        let said = Said::default();
        let kept = said.clone();
        let relay = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let Ok(server) = TcpStream::connect(("127.0.0.1", server)).await else { continue };
                let (mut from_client, to_client) = client.into_split();
                let (mut from_server, to_server) = server.into_split();
                let number = {
                    let mut all = kept.lock().unwrap_or_else(PoisonError::into_inner);
                    all.push(Vec::new());
                    all.len() - 1
                };
                let kept = (kept.clone(), number);
                tokio::spawn(async move { pass(&mut from_client, to_server, Some(kept)).await });
                tokio::spawn(async move { pass(&mut from_server, to_client, None).await });
            }
        });
        Ok(Tap { port, said, relay })
    }

    /// Where clients are to connect.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// All that clients have said so far, one connection after the other.
    pub fn said(&self) -> Vec<u8> {
        self.connections().concat()
    }

    /// What clients have said on each connection.
    pub fn connections(&self) -> Vec<Vec<u8>> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        self.relay.abort();
    }
}

async fn pass(
    from: &mut tokio::net::tcp::OwnedReadHalf,
    mut to: tokio::net::tcp::OwnedWriteHalf,
    kept: Option<(Said, usize)>,
) {
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        if let Some((kept, number)) = &kept {
            let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
            kept[*number].extend_from_slice(&buffer[..length]);
        }
        if to.write_all(&buffer[..length]).await.is_err() {
            return;
        }
    }
}
