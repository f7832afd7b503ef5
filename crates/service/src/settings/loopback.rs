use url::{Host, Url};

/// Whether it is on this machine, so that what goes there in the clear goes through no network.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_another_could_have_is_not_this_machine() {
        for (url, is) in [
            ("http://127.0.0.1:8081", true),
            ("http://127.8.8.8", true),
            ("http://[::1]:8081/path", true),
            ("http://LOCALHOST:8081", true),
            ("http://localhost.example.org", false),
            ("http://127.0.0.1.example.org", false),
            ("http://10.0.0.1:8081", false),
            ("http://0.0.0.0:8081", false),
            ("http://registry:8081", false),
        ] {
            assert_eq!(is_loopback(&url.parse().unwrap()), is, "{url}");
        }
    }
}
