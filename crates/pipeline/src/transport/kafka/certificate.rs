//! What is wrong with a broker's certificate. OpenSSL tells librdkafka, which keeps it to itself:
//! an expired certificate, a wrong name and an unknown authority all read the same there.

use std::net::{TcpStream, ToSocketAddrs};
use std::path::Path;
use std::time::Duration;

use native_tls::{Certificate, HandshakeError, TlsConnector};

const PATIENCE: Duration = Duration::from_secs(3);

/// Shakes hands once more, and says why that fails: `certificate has expired`.
pub(super) fn look(host: &str, port: u16, ca: Option<&Path>) -> Option<String> {
    let mut connector = TlsConnector::builder();
    if let Some(ca) = ca {
        connector.disable_built_in_roots(true);
        for authority in Certificate::stack_from_pem(&std::fs::read(ca).ok()?).ok()? {
            connector.add_root_certificate(authority);
        }
    }
    let address = (host, port).to_socket_addrs().ok()?.next()?;
    let stream = TcpStream::connect_timeout(&address, PATIENCE).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    match connector.build().ok()?.connect(host, stream) {
        Err(HandshakeError::Failure(error)) => reason(&error.to_string()),
        _ => None,
    }
}

/// OpenSSL's verdict stands in parentheses at the end of its words.
fn reason(words: &str) -> Option<String> {
    let (_, verdict) = words.strip_suffix(')')?.rsplit_once('(')?;
    Some(verdict.to_owned())
}

/// What to do about a verdict.
pub(super) fn advice(verdict: &str, brokers: &str, ca: &str) -> String {
    if verdict.contains("expired") {
        format!("renew it on the broker, or the authority's own in the file of {ca}")
    } else if verdict.contains("mismatch") {
        format!("it is for another host than {brokers} names")
    } else {
        format!("it is not signed by the authority in the file of {ca}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verdict_is_taken_from_openssls_words() {
        let words = "error:0A000086:SSL routines:x:certificate verify failed:../ssl/y.c:1889: (certificate has expired)";
        assert_eq!(reason(words).as_deref(), Some("certificate has expired"));
        assert_eq!(reason("connection reset"), None);
    }
}
