//! Free ports on 127.0.0.1.

use std::collections::HashSet;
use std::net::TcpListener;
use std::sync::{LazyLock, Mutex};

use crate::names::random;

/// A port that nothing listens on, and that no other call in this process was given.
///
/// It is below the range the system takes outgoing connections' ports from, so that it is still free
/// a moment later, when the process it is for binds it.
pub fn free() -> u16 {
    static GIVEN: LazyLock<Mutex<HashSet<u16>>> = LazyLock::new(Mutex::default);
    let mut given = GIVEN.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    loop {
        let port = 10_000 + u16::try_from(random() % 20_000).unwrap_or_default();
        if !given.contains(&port) && TcpListener::bind(("127.0.0.1", port)).is_ok() {
            given.insert(port);
            return port;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::net::TcpListener;
    use std::time::Duration;

    #[tokio::test]
    async fn a_free_port_can_be_bound_and_is_given_once() {
        let ports: HashSet<u16> = (0..100).map(|_| super::free()).collect();
        assert_eq!(ports.len(), 100);
        for port in ports {
            // A process that is being started holds a copy of every socket until it is another program.
            let bound = async || TcpListener::bind(("127.0.0.1", port)).is_ok();
            crate::wait::until(Duration::from_secs(60), bound).await.expect("free");
        }
    }
}
