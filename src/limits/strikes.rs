//! Addresses that send keys that are none.
//!
//! After [`MAX_WRONG`] of them in a minute no key from there is looked at until that minute is over, right ones
//! included: an answer to the next guess would be worth something only to who guesses.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use super::Address;

/// Wrong keys of an address in a [`WINDOW`].
const MAX_WRONG: u32 = 10;

/// From the first of them on.
const WINDOW: Duration = Duration::from_secs(60);

/// Addresses that are remembered at a time. No key is guessed because one more is not.
const MAX_ADDRESSES: usize = 1 << 16;

/// Wrong keys by address.
#[derive(Debug, Default)]
pub(crate) struct Strikes(Mutex<HashMap<Address, Strike>>);

#[derive(Debug)]
struct Strike {
    since: Instant,
    wrong: u32,
}

impl Strikes {
    /// How long keys from an address are not looked at any more.
    pub(crate) fn shut(&self, address: Address, now: Instant) -> Option<Duration> {
        let strikes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let strike = strikes.get(&address).filter(|strike| strike.wrong >= MAX_WRONG)?;
        (strike.since + WINDOW)
            .checked_duration_since(now)
            .filter(|left| !left.is_zero())
    }

    /// Counts a wrong key.
    pub(crate) fn add(&self, address: Address, now: Instant) {
        let mut strikes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_recent = |strike: &Strike| now.saturating_duration_since(strike.since) < WINDOW;
        if let Some(strike) = strikes.get_mut(&address).filter(|strike| is_recent(strike)) {
            strike.wrong += 1;
            return;
        }
        if strikes.len() >= MAX_ADDRESSES {
            strikes.retain(|_, strike| is_recent(strike));
        }
        if strikes.len() < MAX_ADDRESSES {
            strikes.insert(address, Strike { since: now, wrong: 1 });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    #[test]
    fn ten_wrong_keys_shut_an_address_out_for_the_rest_of_a_minute() {
        let strikes = Strikes::default();
        let [a, b] = ["192.0.2.1", "192.0.2.2"].map(|ip| Address::of(ip.parse::<IpAddr>().unwrap()));
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        for second in 0..9 {
            strikes.add(a, at(second));
        }
        assert_eq!(strikes.shut(a, at(9)), None);
        strikes.add(a, at(9));
        assert_eq!(strikes.shut(a, at(10)), Some(Duration::from_secs(50)));
        assert_eq!(strikes.shut(b, at(10)), None);
        assert_eq!(strikes.shut(a, at(60)), None);
        strikes.add(a, at(61));
        assert_eq!(strikes.shut(a, at(62)), None, "counting begins anew");
    }
}
