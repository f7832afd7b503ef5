//! Which addresses a message may go to. A customer says where their messages go, so an address inside
//! our network must not be asked for them. What is looked at is the address that is connected to, after
//! the name has been resolved: a name may resolve to something else a moment later.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// Addresses on the internet, and this machine's own where that is allowed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reach {
    pub(super) loopback: bool,
}

/// An endpoint that is not asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum OutOfReach {
    #[error("its endpoint is no URL of https")]
    Url,
    #[error("its endpoint's address is inside a network that is not asked")]
    Inside,
}

impl Reach {
    /// What can be seen without asking for the name's addresses. An address that stands in the URL
    /// itself is looked at here: it is never resolved.
    pub(super) fn endpoint(self, endpoint: &str) -> Result<Url, OutOfReach> {
        let url = Url::parse(endpoint).map_err(|_| OutOfReach::Url)?;
        let (address, here) = match url.host() {
            Some(Host::Ipv4(address)) => (Some(IpAddr::V4(address)), address.is_loopback()),
            Some(Host::Ipv6(address)) => (Some(IpAddr::V6(address)), address.is_loopback()),
            Some(Host::Domain(name)) => (None, name == "localhost"),
            None => return Err(OutOfReach::Url),
        };
        let bare = url.username().is_empty() && url.password().is_none();
        let spoken = url.scheme() == "https" || (url.scheme() == "http" && here && self.loopback);
        if !(bare && spoken) {
            return Err(if here && !self.loopback { OutOfReach::Inside } else { OutOfReach::Url });
        }
        match address {
            Some(address) if !self.allows(address) => Err(OutOfReach::Inside),
            _ => Ok(url),
        }
    }

    /// Whether this address may be connected to.
    fn allows(self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        (self.loopback && address.is_loopback())
            || match address {
                IpAddr::V4(address) => is_global_v4(address),
                IpAddr::V6(address) => is_global_v6(address),
            }
    }
}

impl Resolve for Reach {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = *self;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<SocketAddr> = found.filter(|at| reach.allows(at.ip())).collect();
            if allowed.is_empty() {
                return Err(OutOfReach::Inside.into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

/// What IANA's registry of special addresses leaves for the internet.
fn is_global_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = matches!(
        (a, b, c),
        (0 | 10 | 127, _, _)            // this network, private, loopback
            | (100, 64..=127, _)        // shared by a provider's customers
            | (169, 254, _)             // link-local, and the clouds' metadata
            | (172, 16..=31, _)
            | (192, 168, _)
            | (192, 0, 0 | 2)           // protocols, documentation
            | (192, 88, 99)             // relays into IPv6
            | (198, 18 | 19, _)         // benchmarks
            | (198, 51, 100)
            | (203, 0, 113)
            | (224..=255, _, _) // multicast, reserved, broadcast
    );
    !special
}

/// Of 2000::/3 what stands for no other address: tunnels carry one of IPv4 in them.
fn is_global_v6(address: Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    let global = (a & 0xe000) == 0x2000;
    let special = match a {
        0x2001 => b < 0x0200 || b == 0x0db8, // protocols with Teredo, documentation
        0x2002 => true,                      // 6to4
        0x3fff => b < 0x1000,                // documentation
        _ => false,
    };
    global && !special
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUT: Reach = Reach { loopback: false };
    const HERE: Reach = Reach { loopback: true };

    #[test]
    fn addresses_inside_are_not_asked() {
        for inside in [
            "0.0.0.0",
            "10.0.0.1",
            "100.64.0.1",
            "127.0.0.1",
            "127.9.9.9",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            let address: IpAddr = inside.parse().unwrap();
            assert!(!OUT.allows(address), "{inside}");
            assert_eq!(HERE.allows(address), address.to_canonical().is_loopback(), "{inside}");
        }
        for outside in
            ["1.1.1.1", "172.15.0.1", "172.32.0.1", "192.0.1.1", "2606:4700::1", "2a00::1"]
        {
            assert!(OUT.allows(outside.parse().unwrap()), "{outside}");
        }
    }

    #[test]
    fn an_address_that_stands_in_the_url_is_looked_at_however_it_is_written() {
        for inside in [
            "https://127.0.0.1/",
            "https://127.1/",
            "https://0x7f.1/",
            "https://2130706433/",
            "https://[::1]/",
            "https://[::ffff:10.0.0.1]/",
            "https://169.254.169.254/latest",
            "https://017700000001/",
            "http://127.0.0.1/",
            "http://localhost/",
        ] {
            assert_eq!(OUT.endpoint(inside), Err(OutOfReach::Inside), "{inside}");
        }
        for no_url in [
            "",
            "push",
            "ftp://push.example.net/",
            "http://push.example.net/",
            "https://me:pw@push.example.net/",
        ] {
            assert_eq!(OUT.endpoint(no_url), Err(OutOfReach::Url), "{no_url}");
        }
        assert!(OUT.endpoint("https://push.example.net/1").is_ok());
        assert!(HERE.endpoint("http://127.0.0.1:9/1").is_ok());
        assert!(HERE.endpoint("http://10.0.0.1:9/1").is_err());
    }

    #[tokio::test]
    async fn a_name_is_looked_at_after_it_was_resolved() {
        let name = || "localhost".parse::<Name>().unwrap();
        assert!(OUT.resolve(name()).await.is_err());
        assert!(HERE.resolve(name()).await.unwrap().all(|at| at.ip().is_loopback()));
    }
}
