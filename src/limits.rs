//! How often a caller may ask: a token bucket for each key, and one for each address without a key.
//!
//! ```text
//! peer ─ trusted_proxies ─▶ Address ─┬─ no key ─▶ bucket of the address ─▶ Standing ─▶ RateLimit fields, or 429
//!                                    └─ key ────▶ bucket of the key ────▶
//! ```
//!
//! An IPv6 address counts by its /64, which one customer has whole. Buckets that are full again are forgotten. While there are
//! [`MAX_BUCKETS`] all the same, callers are not told apart but thrown into as many by chance, so that nobody who has many addresses
//! can take up all memory, or all buckets. A caller on this machine is not limited unless the configuration says so.

mod address;
mod strikes;

use std::{
    hash::{BuildHasher, Hash, RandomState},
    num::NonZeroU32,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use governor::{
    Quota, RateLimiter,
    clock::{Clock, DefaultClock},
    middleware::StateInformationMiddleware,
    state::keyed::HashMapStateStore,
};

pub(crate) use self::{
    address::{Address, Peer},
    strikes::Strikes,
};
use crate::http::Callers;

/// Callers of one kind that are told apart at a time.
const MAX_BUCKETS: usize = 1 << 16;

/// Requests after which buckets that are full again are looked for.
const SWEEP_EVERY: u64 = 1 << 12;

/// In which a limit is told.
pub(crate) const WINDOW: Duration = Duration::from_secs(60);

/// The limits of a service.
#[derive(Debug)]
pub(crate) struct Limits {
    anonymous: Option<Buckets<Address>>,
    keyed: Option<Buckets<String>>,
    limits_loopback: bool,
    proxies: Vec<ipnet::IpNet>,
    /// Addresses that sent keys that are none.
    pub(crate) strikes: Strikes,
}

impl Limits {
    pub(crate) fn new(callers: &Callers) -> Self {
        Self {
            anonymous: Buckets::new(callers.limits.anonymous),
            keyed: Buckets::new(callers.limits.key),
            limits_loopback: callers.limits.loopback,
            proxies: callers.trusted_proxies.clone(),
            strikes: Strikes::default(),
        }
    }

    /// Who sent a request; `None` who is not to be limited. What stands in headers is believed of trusted proxies only.
    pub(crate) fn address(&self, peer: Option<Peer>, headers: &HeaderMap) -> Option<Address> {
        let peer = peer?;
        let caller = address::behind(peer.0, &self.proxies, headers);
        let is_here = caller == peer.0 && caller.is_loopback();
        (!is_here || self.limits_loopback).then(|| Address::of(caller))
    }

    /// Takes one request of who has no key out of the bucket; `None` without a limit.
    pub(crate) fn take_anonymous(&self, address: Option<Address>) -> Option<Standing> {
        self.anonymous.as_ref()?.take("anonymous", address?)
    }

    /// The same of who has a key.
    pub(crate) fn take_keyed(&self, address: Option<Address>, key: &str) -> Option<Standing> {
        address?;
        self.keyed.as_ref()?.take("key", key.to_owned())
    }
}

type Limiter<K> = RateLimiter<K, HashMapStateStore<K>, DefaultClock, StateInformationMiddleware>;

/// The buckets of callers of one kind.
struct Buckets<K: Hash + Eq + Clone> {
    limiter: Limiter<K>,
    /// In their place when there are too many callers: by a hash that nobody can foresee.
    crowd: Limiter<u16>,
    hasher: RandomState,
    quota: Quota,
    clock: DefaultClock,
    asked: AtomicU64,
}

impl<K: Hash + Eq + Clone> std::fmt::Debug for Buckets<K> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Buckets")
            .field("quota", &self.quota)
            .finish_non_exhaustive()
    }
}

impl<K: Hash + Eq + Clone> Buckets<K> {
    /// Buckets of so many requests a minute; `None` for any number.
    fn new(per_minute: u32) -> Option<Self> {
        let quota = Quota::per_minute(NonZeroU32::new(per_minute)?);
        Some(Self {
            limiter: RateLimiter::hashmap(quota).with_middleware(),
            crowd: RateLimiter::hashmap(quota).with_middleware(),
            hasher: RandomState::new(),
            quota,
            clock: DefaultClock::default(),
            asked: AtomicU64::new(0),
        })
    }

    fn take(&self, policy: &'static str, caller: K) -> Option<Standing> {
        let is_round = self.asked.fetch_add(1, Ordering::Relaxed) % SWEEP_EVERY == SWEEP_EVERY - 1;
        if is_round {
            self.limiter.retain_recent();
            self.crowd.retain_recent();
        }
        let taken = match self.limiter.len() < MAX_BUCKETS {
            true => self.limiter.check_key(&caller),
            false => self.crowd.check_key(&(self.hasher.hash_one(&caller) as u16)),
        };
        let limit = self.quota.burst_size().get();
        let (remaining, wait) = match taken {
            Ok(state) => (state.remaining_burst_capacity(), None),
            Err(refused) => (0, Some(refused.wait_time_from(self.clock.now()))),
        };
        let refill = self.quota.replenish_interval() * (limit - remaining);
        Some(Standing {
            policy,
            limit,
            remaining,
            reset: seconds(wait.unwrap_or(refill)),
            retry_after: wait.map(seconds),
        })
    }
}

/// Whole seconds, one at least: what is nearly over is not over.
fn seconds(time: Duration) -> u64 {
    (time.as_secs() + u64::from(time.subsec_nanos() > 0)).max(1)
}

/// How much a caller may still ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    /// `anonymous` or `key`.
    pub(crate) policy: &'static str,
    /// Requests in a [`WINDOW`], all of which may come at once.
    pub(crate) limit: u32,
    /// Requests that may come now.
    pub(crate) remaining: u32,
    /// Seconds until all may come again; of a request that was refused, until the next one may.
    pub(crate) reset: u64,
    /// The request was one too many; seconds until the next one may come.
    pub(crate) retry_after: Option<u64>,
}

impl Standing {
    /// Tells it as the current draft of "RateLimit header fields for HTTP" has it (`RateLimit`, `RateLimit-Policy`), and
    /// as the drafts before had it (`RateLimit-Limit`, `-Remaining`, `-Reset`).
    pub(crate) fn tell(&self, headers: &mut HeaderMap) {
        let Self {
            policy,
            limit,
            remaining,
            reset,
            ..
        } = self;
        let window = WINDOW.as_secs();
        for (name, text) in [
            ("ratelimit-policy", format!("\"{policy}\";q={limit};w={window}")),
            ("ratelimit", format!("\"{policy}\";r={remaining};t={reset}")),
            ("ratelimit-limit", limit.to_string()),
            ("ratelimit-remaining", remaining.to_string()),
            ("ratelimit-reset", reset.to_string()),
        ] {
            if let Ok(value) = HeaderValue::from_str(&text) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, SocketAddr};

    use super::*;
    use crate::config::LimitsConfig;

    fn limits(anonymous: u32, loopback: bool) -> Limits {
        let limits = LimitsConfig {
            anonymous,
            key: 2 * anonymous,
            loopback,
        };
        Limits::new(&Callers {
            limits,
            ..Callers::default()
        })
    }

    fn address(text: &str) -> Option<Address> {
        Some(Address::of(text.parse::<IpAddr>().unwrap()))
    }

    #[test]
    fn a_bucket_empties_and_says_so() {
        let limits = limits(3, false);
        let a = address("192.0.2.1");
        let left: Vec<_> = (0..4).map(|_| limits.take_anonymous(a).unwrap()).collect();
        assert_eq!(left.iter().map(|s| s.remaining).collect::<Vec<_>>(), [2, 1, 0, 0]);
        assert_eq!((left[0].limit, left[0].retry_after), (3, None));
        assert!((1..=20).contains(&left[3].retry_after.unwrap()), "{left:?}");
        // Another address, and a key from the same one, have buckets of their own.
        assert_eq!(limits.take_anonymous(address("192.0.2.2")).unwrap().remaining, 2);
        assert_eq!(limits.take_keyed(a, "k").unwrap().remaining, 5);
        // One customer has a whole /64.
        limits.take_anonymous(address("2001:db8::1"));
        assert_eq!(
            limits.take_anonymous(address("2001:db8::2")).unwrap().remaining,
            1
        );
        assert_eq!(
            limits
                .take_anonymous(address("2001:db8:0:1::1"))
                .unwrap()
                .remaining,
            2
        );
    }

    #[test]
    fn headers_say_it_in_both_ways() {
        let standing = Standing {
            policy: "anonymous",
            limit: 60,
            remaining: 59,
            reset: 1,
            retry_after: None,
        };
        let mut headers = HeaderMap::new();
        standing.tell(&mut headers);
        assert_eq!(headers["ratelimit-policy"], "\"anonymous\";q=60;w=60");
        assert_eq!(headers["ratelimit"], "\"anonymous\";r=59;t=1");
        assert_eq!(headers["ratelimit-limit"], "60");
        assert_eq!(headers["ratelimit-remaining"], "59");
        assert_eq!(headers["ratelimit-reset"], "1");
    }

    #[test]
    fn who_is_here_is_limited_only_if_that_is_wanted() {
        let here = Some(Peer(SocketAddr::from(([127, 0, 0, 1], 9)).ip()));
        let none = HeaderMap::new();
        assert_eq!(limits(3, false).address(here, &none), None);
        assert!(limits(3, true).address(here, &none).is_some());
        assert_eq!(limits(0, true).take_anonymous(address("192.0.2.1")), None);
    }

    #[test]
    fn however_many_come_memory_is_bounded() {
        let limits = limits(60, false);
        for n in 0..(MAX_BUCKETS as u32 + 500) {
            let ip = IpAddr::from((n + (11 << 24)).to_be_bytes());
            limits.take_anonymous(Some(Address::of(ip)));
        }
        let buckets = limits.anonymous.as_ref().unwrap();
        assert!(buckets.limiter.len() <= MAX_BUCKETS);
        // Who comes late can be one of a few in a bucket, and is limited all the same.
        let late: Vec<_> = (0..61)
            .map(|_| limits.take_anonymous(address("192.0.2.77")).unwrap())
            .collect();
        assert!(
            late[0].remaining > 40 && late[60].retry_after.is_some(),
            "{late:?}"
        );
    }
}
