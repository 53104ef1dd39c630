//! From host names to addresses, once for the gate and the connection alike.
//!
//! The addresses that the gate has checked are the only ones a connection is made to: a name that is answered
//! differently the second time leads nowhere else.

use std::{
    fmt, io,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use super::{FetchError, gate::check_address, lock};

/// Longest wait for a name server.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Most addresses of one host that are used.
const MAX_ADDRESSES: usize = 8;

/// Who turns names into addresses.
#[derive(Clone, Default)]
pub(crate) enum Names {
    /// The resolver of the system.
    #[default]
    System,
    /// Whoever a test names.
    #[cfg(test)]
    Told(Arc<Telling>),
}

#[cfg(test)]
type Telling = dyn Fn(&str) -> Vec<IpAddr> + Send + Sync;

impl fmt::Debug for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Names")
    }
}

impl Names {
    async fn lookup(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        match self {
            Self::System => {
                let found = tokio::net::lookup_host((name, 0)).await?;
                Ok(found.map(|address| address.ip()).collect())
            }
            #[cfg(test)]
            Self::Told(told) => Ok(told(name)),
        }
    }
}

/// The checked addresses of one host.
#[derive(Clone, Debug)]
pub(super) struct Pinned {
    /// The configuration opened the host, whatever its address.
    is_private: bool,
    addresses: Arc<Mutex<Addresses>>,
}

#[derive(Debug, Default)]
struct Addresses {
    addresses: Vec<IpAddr>,
    resolved: Option<Instant>,
}

impl Pinned {
    pub(super) fn new(is_private: bool) -> Self {
        Self {
            is_private,
            addresses: Arc::default(),
        }
    }

    /// Whether the name must be looked up (again).
    pub(super) fn is_stale(&self, lifetime: Duration) -> bool {
        let resolved = lock(&self.addresses).resolved;
        resolved.is_none_or(|at| at.elapsed() >= lifetime)
    }

    /// Uses these addresses from now on.
    ///
    /// # Errors
    /// When one of them must not be reached. One is enough: who mixes them wants the second try to reach it.
    pub(super) fn pin(&self, mut addresses: Vec<IpAddr>) -> Result<(), FetchError> {
        addresses.iter().try_for_each(|address| self.check(*address))?;
        addresses.truncate(MAX_ADDRESSES);
        *lock(&self.addresses) = Addresses {
            addresses,
            resolved: Some(Instant::now()),
        };
        Ok(())
    }

    /// The addresses in use.
    pub(super) fn get(&self) -> Vec<IpAddr> {
        lock(&self.addresses).addresses.clone()
    }

    fn check(&self, address: IpAddr) -> Result<(), FetchError> {
        if self.is_private {
            return Ok(());
        }
        check_address(address)
    }
}

impl Resolve for Pinned {
    /// Asked for each new connection: what it answers is what is connected to, so it is judged here again.
    fn resolve(&self, name: Name) -> Resolving {
        let mut addresses = self.get();
        addresses.retain(|address| self.check(*address).is_ok());
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
pub(super) async fn resolve(url: &Url, names: &Names) -> io::Result<Vec<IpAddr>> {
    let name = match url.host() {
        Some(Host::Ipv4(address)) => return Ok(vec![address.into()]),
        Some(Host::Ipv6(address)) => return Ok(vec![address.into()]),
        Some(Host::Domain(name)) => name,
        None => return Err(no_address("")),
    };
    let found = tokio::time::timeout(TIMEOUT, names.lookup(name)).await;
    let mut addresses = found.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
    addresses.sort_by_key(|address| (address.is_ipv6(), *address));
    addresses.dedup();
    if addresses.is_empty() {
        Err(no_address(name))
    } else {
        Ok(addresses)
    }
}

/// The error of a name that has no address.
fn no_address(host: &str) -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, format!("{host} has no address"))
}
