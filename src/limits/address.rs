//! Where a request comes from.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::http::HeaderMap;
use ipnet::IpNet;

/// Who is at the other end of a connection; among the extensions of requests that came over one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) IpAddr);

impl From<SocketAddr> for Peer {
    fn from(addr: SocketAddr) -> Self {
        Self(addr.ip().to_canonical())
    }
}

/// An address as it is counted: IPv6 by the first 64 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Address {
    V4(Ipv4Addr),
    V6([u8; 8]),
}

impl Address {
    pub(crate) fn of(ip: IpAddr) -> Self {
        match ip.to_canonical() {
            IpAddr::V4(ip) => Self::V4(ip),
            IpAddr::V6(ip) => {
                let [a, b, c, d, e, f, g, h, ..] = ip.octets();
                Self::V6([a, b, c, d, e, f, g, h])
            }
        }
    }
}

/// The caller behind `peer`: as long as an address is one of `proxies`, the one it was asked by, which it has put at the end of
/// `X-Forwarded-For`. What others wrote there is not believed.
pub(super) fn behind(peer: IpAddr, proxies: &[IpNet], headers: &HeaderMap) -> IpAddr {
    let is_proxy = |ip: IpAddr| proxies.iter().any(|net| net.contains(&ip));
    let mut caller = peer;
    let fields = headers.get_all("x-forwarded-for").iter().rev();
    let hops = fields.flat_map(|value| value.to_str().unwrap_or_default().rsplit(','));
    for hop in hops {
        if !is_proxy(caller) {
            break;
        }
        match read(hop.trim()) {
            Some(ip) => caller = ip,
            None => break,
        }
    }
    caller
}

/// An address, perhaps with a port.
fn read(hop: &str) -> Option<IpAddr> {
    let ip = hop.parse::<IpAddr>().ok();
    let ip = ip.or_else(|| hop.parse::<SocketAddr>().ok().map(|addr| addr.ip()));
    let bare = || hop.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    ip.or_else(bare).map(|ip| ip.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_proxies_are_believed() {
        let proxies: Vec<IpNet> = ["10.0.0.0/8", "::1/128"].map(|net| net.parse().unwrap()).into();
        let from = |peer: &str, forwarded: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in forwarded {
                headers.append("x-forwarded-for", value.parse().unwrap());
            }
            behind(peer.parse().unwrap(), &proxies, &headers).to_string()
        };
        assert_eq!(from("192.0.2.1", &["198.51.100.7"]), "192.0.2.1");
        assert_eq!(from("10.0.0.1", &["198.51.100.7"]), "198.51.100.7");
        // What the caller wrote stands before what the proxy added.
        assert_eq!(from("10.0.0.1", &["127.0.0.1, 198.51.100.7"]), "198.51.100.7");
        assert_eq!(
            from("10.0.0.1", &["6.6.6.6", "198.51.100.7, 10.2.3.4"]),
            "198.51.100.7"
        );
        assert_eq!(from("::1", &["[2001:db8::1]:4711"]), "2001:db8::1");
        assert_eq!(from("10.0.0.1", &["unknown"]), "10.0.0.1");
        assert_eq!(from("10.0.0.1", &["6.6.6.6, garbage, 10.0.0.2"]), "10.0.0.2");
        assert_eq!(from("10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(from("10.0.0.1", &["::ffff:198.51.100.7"]), "198.51.100.7");
    }
}
