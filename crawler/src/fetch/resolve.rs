//! From host names to addresses, once for the gate and the connection alike.
//!
//! The addresses that the gate has checked are the only ones a connection is made to: a name that is answered
//! differently the second time leads nowhere else.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use super::{lock, no_address};

/// How long addresses are used before the name is looked up again.
const LIFETIME: Duration = Duration::from_secs(5 * 60);

/// Longest wait for a name server.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Most addresses of one host that are used.
const MAX_ADDRESSES: usize = 8;

/// The checked addresses of one host.
#[derive(Clone, Debug, Default)]
pub(super) struct Pinned(Arc<Mutex<Addresses>>);

#[derive(Debug, Default)]
struct Addresses {
    addresses: Vec<IpAddr>,
    resolved: Option<Instant>,
}

impl Pinned {
    /// Whether the name must be looked up (again).
    pub(super) fn is_stale(&self) -> bool {
        lock(&self.0).resolved.is_none_or(|at| at.elapsed() >= LIFETIME)
    }

    /// Uses these addresses, which were checked, from now on.
    pub(super) fn pin(&self, addresses: Vec<IpAddr>) {
        *lock(&self.0) = Addresses {
            addresses,
            resolved: Some(Instant::now()),
        };
    }

    /// The addresses in use.
    pub(super) fn get(&self) -> Vec<IpAddr> {
        lock(&self.0).addresses.clone()
    }
}

impl Resolve for Pinned {
    fn resolve(&self, name: Name) -> Resolving {
        let addresses = self.get();
        Box::pin(async move {
            if addresses.is_empty() {
                return Err(no_address(name.as_str()).into());
            }
            // Port 0 stands for the port of the URL.
            let addresses: Addrs = Box::new(addresses.into_iter().map(|address| SocketAddr::new(address, 0)));
            Ok(addresses)
        })
    }
}

/// The addresses of a URL's host, IPv4 first since many portals have no working IPv6.
pub(super) async fn resolve(url: &Url) -> io::Result<Vec<IpAddr>> {
    let name = match url.host() {
        Some(Host::Ipv4(address)) => return Ok(vec![address.into()]),
        Some(Host::Ipv6(address)) => return Ok(vec![address.into()]),
        Some(Host::Domain(name)) => name,
        None => return Err(no_address("")),
    };
    let lookup = tokio::time::timeout(TIMEOUT, tokio::net::lookup_host((name, 0)));
    let found = lookup
        .await
        .map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
    let mut addresses: Vec<_> = found.map(|address| address.ip()).collect();
    addresses.sort_by_key(|address| (address.is_ipv6(), *address));
    addresses.dedup();
    addresses.truncate(MAX_ADDRESSES);
    if addresses.is_empty() {
        Err(no_address(name))
    } else {
        Ok(addresses)
    }
}
