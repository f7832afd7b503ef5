//! Where a request comes from, for limits.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr};
use std::str::FromStr;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;

/// The client's address: the peer's, or what a trusted proxy says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

impl ClientAddress {
    /// What a limit counts by. Whoever has one IPv6 address has all of its /64.
    pub fn key(&self) -> String {
        match self.0 {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
            }
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let known = parts.extensions.get::<ClientAddress>().copied();
        Ok(known.unwrap_or(ClientAddress(NOWHERE)))
    }
}

/// Of a request that came over no socket, as in tests.
const NOWHERE: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

/// Addresses that begin alike: `10.0.0.0/8`, or one address alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u32,
}

impl Network {
    fn holds(&self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let other = u32::from(own) ^ u32::from(other);
                other.leading_zeros() >= self.bits
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let other = u128::from(own) ^ u128::from(other);
                other.leading_zeros() >= self.bits
            }
            _ => false,
        }
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "write it as an address, or as ADDRESS/BITS, as in 10.0.0.0/8".to_owned();
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse().map_err(|_| wrong())?)),
            None => (text, None),
        };
        let address: IpAddr = address.trim().parse().map_err(|_| wrong())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.unwrap_or(most);
        if bits > most { Err(wrong()) } else { Ok(Network { address, bits }) }
    }
}

/// From the peer backwards through what each trusted proxy says of who came to it. What a client
/// wrote into the header itself is to the left of that, and is not looked at.
pub(super) fn client(peer: Option<IpAddr>, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    let Some(peer) = peer.map(|peer| peer.to_canonical()) else { return NOWHERE };
    let said = headers.get_all("x-forwarded-for").iter().rev();
    let said = said.filter_map(|value| value.to_str().ok()).flat_map(|value| value.rsplit(','));
    let mut address = peer;
    for hop in said {
        if !trusted.iter().any(|network| network.holds(address)) {
            break;
        }
        let Some(hop) = hop_address(hop.trim()) else { break };
        address = hop.to_canonical();
    }
    address
}

/// Some proxies add the port.
fn hop_address(hop: &str) -> Option<IpAddr> {
    let bare = hop.strip_prefix('[').and_then(|hop| hop.strip_suffix(']')).unwrap_or(hop);
    let with_port = || hop.parse().ok().map(|socket: std::net::SocketAddr| socket.ip());
    bare.parse().ok().or_else(with_port)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(peer: &str, said: &[&str], trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for value in said {
            headers.append("x-forwarded-for", value.parse().unwrap());
        }
        let trusted: Vec<Network> = trusted.iter().map(|n| n.parse().unwrap()).collect();
        client(Some(peer.parse().unwrap()), &headers, &trusted).to_string()
    }

    #[test]
    fn the_header_is_believed_from_a_trusted_proxy_alone() {
        assert_eq!(of("192.0.2.1", &["198.51.100.7"], &[]), "192.0.2.1");
        assert_eq!(of("192.0.2.1", &["198.51.100.7"], &["10.0.0.0/8"]), "192.0.2.1");
        assert_eq!(of("10.1.2.3", &["198.51.100.7"], &["10.0.0.0/8"]), "198.51.100.7");
        assert_eq!(of("::ffff:10.1.2.3", &["198.51.100.7"], &["10.0.0.0/8"]), "198.51.100.7");
        assert_eq!(of("10.1.2.3", &[], &["10.0.0.0/8"]), "10.1.2.3");
    }

    #[test]
    fn what_a_client_wrote_into_the_header_is_not_believed() {
        let proxies = &["10.0.0.0/8"];
        assert_eq!(of("10.0.0.1", &["1.1.1.1, 198.51.100.7"], proxies), "198.51.100.7");
        assert_eq!(of("10.0.0.1", &["1.1.1.1", "198.51.100.7, 10.0.0.2"], proxies), "198.51.100.7");
        assert_eq!(of("10.0.0.1", &["1.1.1.1, nonsense"], proxies), "10.0.0.1");
        assert_eq!(of("10.0.0.1", &["198.51.100.7:4711"], proxies), "198.51.100.7");
        assert_eq!(of("10.0.0.1", &["[2001:db8::1]:4711"], proxies), "2001:db8::1");
    }

    #[test]
    fn a_network_is_an_address_and_its_bits() {
        for wrong in ["", "10.0.0.0/33", "10.0.0/8", "::/129", "10.0.0.0/x"] {
            assert!(wrong.parse::<Network>().is_err(), "{wrong}");
        }
        let all: Network = "::/0".parse().unwrap();
        assert!(all.holds("2001:db8::1".parse().unwrap()) && !all.holds(NOWHERE));
    }

    #[test]
    fn an_ipv6_client_is_counted_by_its_64() {
        let key = |address: &str| ClientAddress(address.parse().unwrap()).key();
        assert_eq!(key("2001:db8:1:2:3:4:5:6"), key("2001:db8:1:2::9"));
        assert_ne!(key("2001:db8:1:2::9"), key("2001:db8:1:3::9"));
        assert_eq!(key("192.0.2.1"), "192.0.2.1");
    }
}
