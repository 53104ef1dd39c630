//! How many connections one address may hold, so that nobody can take all of them.
//!
//! Addresses are counted as for limits: IPv6 by its /64, and callers on this machine only when the configuration says so. A
//! trusted proxy holds the connections of many and is not counted.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use ipnet::IpNet;

use crate::{
    http::Callers,
    limits::{Address, Peer},
};

/// Connections of one address at most.
pub(crate) const MAX_OF_ADDRESS: usize = 256;

/// The open connections by address.
#[derive(Debug)]
pub(super) struct Crowd {
    most: usize,
    counts_loopback: bool,
    proxies: Vec<IpNet>,
    /// Only addresses that hold one: no more than there are connections.
    open: Mutex<HashMap<Address, usize>>,
}

impl Crowd {
    pub(super) fn new(most: usize, callers: &Callers) -> Arc<Self> {
        Arc::new(Self {
            most,
            counts_loopback: callers.limits.loopback,
            proxies: callers.trusted_proxies.clone(),
            open: Mutex::default(),
        })
    }

    /// Room for one more connection of `peer`, given back when it is dropped; `None` when there is none.
    pub(super) fn admit(self: &Arc<Self>, Peer(ip): Peer) -> Option<Admitted> {
        if !self.counts(ip) {
            return Some(Admitted(None));
        }
        let address = Address::of(ip);
        let mut open = self.open();
        let held = open.entry(address).or_default();
        if *held >= self.most {
            return None;
        }
        *held += 1;
        Some(Admitted(Some((Arc::clone(self), address))))
    }

    fn counts(&self, ip: IpAddr) -> bool {
        let is_spared = ip.is_loopback() && !self.counts_loopback;
        !is_spared && !self.proxies.iter().any(|net| net.contains(&ip))
    }

    fn open(&self) -> MutexGuard<'_, HashMap<Address, usize>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection that is counted until this is dropped.
#[derive(Debug)]
pub(super) struct Admitted(Option<(Arc<Crowd>, Address)>);

impl Drop for Admitted {
    fn drop(&mut self) {
        let Some((crowd, address)) = self.0.take() else {
            return;
        };
        let mut open = crowd.open();
        if let Some(held) = open.get_mut(&address) {
            *held = held.saturating_sub(1);
            if *held == 0 {
                open.remove(&address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(crowd: &Arc<Crowd>, ip: &str, n: usize) -> Vec<Admitted> {
        let peer = || Peer(ip.parse().unwrap());
        (0..n).filter_map(|_| crowd.admit(peer())).collect()
    }

    #[test]
    fn an_address_has_its_share_and_gets_it_back() {
        let crowd = Crowd::new(3, &Callers::default());
        let first = held(&crowd, "192.0.2.1", 10);
        assert_eq!(first.len(), 3);
        assert_eq!(held(&crowd, "192.0.2.2", 10).len(), 3, "others have theirs");
        drop(first);
        assert_eq!(held(&crowd, "192.0.2.1", 10).len(), 3);
        assert!(crowd.open().is_empty(), "nobody is remembered who holds nothing");
        let network = held(&crowd, "2001:db8::1", 2);
        assert_eq!(held(&crowd, "2001:db8::2:1", 10).len(), 1, "a /64 is one caller");
        drop(network);
    }

    #[test]
    fn this_machine_and_trusted_proxies_hold_what_they_need() {
        let mut callers = Callers {
            trusted_proxies: vec!["10.0.0.0/8".parse().unwrap()],
            ..Callers::default()
        };
        let crowd = Crowd::new(3, &callers);
        for spared in ["127.0.0.1", "::1", "10.1.2.3"] {
            assert_eq!(held(&crowd, spared, 10).len(), 10, "{spared}");
        }
        callers.limits.loopback = true;
        let crowd = Crowd::new(3, &callers);
        assert_eq!(held(&crowd, "127.0.0.1", 10).len(), 3);
        assert_eq!(held(&crowd, "10.1.2.3", 10).len(), 10);
    }
}
