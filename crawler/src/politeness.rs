//! When the next request to a host may start.
//!
//! Pure: the moment comes in as an argument. A limit is kept for every host (`host:port`), and for every public
//! address, since several hosts may be one machine. A request needs all the limits of its [`Target`]; it holds them
//! from [`Politeness::start`] until [`Politeness::finish`], which is called when the answer was read to its end, so
//! that there is never more than one request at a time. The next one may start when its delay, and that of the last, has
//! passed since the start of the last.

mod rest;
mod written;

use std::{
    collections::HashMap,
    net::IpAddr,
    time::{Duration, Instant},
};

pub(crate) use self::{
    rest::{Rest, Streak, is_refusal},
    written::{Moment, Uptime, Written},
};

/// Longest time that a host is left alone after it asked for fewer requests.
pub(crate) const MAX_HOLD: Duration = Duration::from_secs(60 * 60);

/// Longest pause that is taken over from an earlier process: the longest delay that a host may ask for, and some more.
const MAX_RESTORED: Duration = Duration::from_secs(25 * 60 * 60);

/// Shortest first pause after an answer 429 or 503 that names no time.
const MIN_HOLD: Duration = Duration::from_secs(1);

/// What one limit is kept for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum LimitKey {
    /// `host:port`.
    Host(String),
    /// A public address, whatever the port.
    Address(IpAddr),
}

impl LimitKey {
    /// The key as text, for the catalog.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Host(host) => host.clone(),
            Self::Address(address) => format!("ip {address}"),
        }
    }
}

/// All limits that a request is under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    host: String,
    keys: Vec<LimitKey>,
}

impl Target {
    /// The limits of a request to `host` (`host:port`) at `addresses`. A private host shares no limit.
    pub(crate) fn new(host: &str, addresses: &[IpAddr], is_private: bool) -> Self {
        let mut keys = vec![LimitKey::Host(host.to_owned())];
        if !is_private {
            keys.extend(
                addresses
                    .iter()
                    .map(|address| LimitKey::Address(address.to_canonical())),
            );
        }
        keys.sort();
        keys.dedup();
        Self {
            host: host.to_owned(),
            keys,
        }
    }

    /// `host:port`.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// The limits, sorted.
    pub(crate) fn keys(&self) -> &[LimitKey] {
        &self.keys
    }
}

/// The delay between two requests: the portal's (or the program's) own, not below the floor, nor below what
/// `robots.txt` asks for. A private host has no floor.
pub(crate) fn effective_delay(
    wanted: Duration,
    floor: Duration,
    is_private: bool,
    crawl_delay: Option<Duration>,
) -> Duration {
    let floor = if is_private { Duration::ZERO } else { floor };
    wanted.max(floor).max(crawl_delay.unwrap_or_default())
}

/// The delay with a little more, so that many crawls don't fall into step: 0.5 to 2 %. `chance` is any number.
///
/// Up to 3 % is allowed; the rest is for timers that fire late.
pub(crate) fn with_jitter(delay: Duration, chance: u64) -> Duration {
    // 1,000 steps are fine enough.
    let steps = u32::try_from(chance % 1000).unwrap_or(0);
    delay + delay / 200 + delay * 3 / 200 * steps / 1000
}

/// When a request may start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Not before this moment, which may have passed.
    At(Instant),
    /// Another request under one of the limits is on its way; ask again when one has finished.
    Busy,
}

#[derive(Clone, Copy, Debug, Default)]
struct Limit {
    is_busy: bool,
    not_before: Option<Instant>,
    /// When the last request started.
    started: Option<Instant>,
    /// Before this moment no process after this one starts a request: so it is written down.
    written: Option<Instant>,
    /// Requests in a row that were answered with a wish for fewer.
    refusals: u32,
}

/// The limits of all hosts.
#[derive(Debug, Default)]
pub(crate) struct Politeness {
    limits: HashMap<LimitKey, Limit>,
}

impl Politeness {
    /// Takes over what an earlier process wrote down: not before `remaining` has passed.
    pub(crate) fn restore(&mut self, key: LimitKey, remaining: Duration, now: Instant) {
        let limit = self.limits.entry(key).or_default();
        let until = now + remaining.min(MAX_RESTORED);
        limit.not_before = limit.not_before.max(Some(until));
        limit.written = limit.not_before;
    }

    /// Whether anything is known of a limit.
    pub(crate) fn knows(&self, key: &LimitKey) -> bool {
        self.limits.contains_key(key)
    }

    /// Takes the limits of `target` when none is taken, and says when its request may start: `delay` after the last
    /// one, and not before the last one's own delay has passed.
    pub(crate) fn claim(&mut self, target: &Target, delay: Duration, now: Instant) -> Turn {
        if target
            .keys
            .iter()
            .any(|key| self.limits.get(key).is_some_and(|limit| limit.is_busy))
        {
            return Turn::Busy;
        }
        let mut at = now;
        for key in &target.keys {
            let limit = self.limits.entry(key.clone()).or_default();
            limit.is_busy = true;
            let after_last = limit.started.map(|started| started + delay);
            at = at.max(limit.not_before.max(after_last).unwrap_or(now));
        }
        Turn::At(at)
    }

    /// A limit of `target` under which another request is on its way.
    pub(crate) fn busy<'t>(&self, target: &'t Target) -> Option<&'t LimitKey> {
        let is_busy = |key: &&LimitKey| self.limits.get(key).is_some_and(|limit| limit.is_busy);
        target.keys.iter().find(is_busy)
    }

    /// A claimed request starts; the next may start `delay` later.
    pub(crate) fn start(&mut self, target: &Target, delay: Duration, now: Instant) {
        for key in &target.keys {
            let limit = self.limits.entry(key.clone()).or_default();
            limit.not_before = limit.not_before.max(Some(now + delay));
            limit.started = limit.started.max(Some(now));
        }
    }

    /// It is written down that no later process starts a request of `target` before `until`.
    pub(crate) fn wrote(&mut self, target: &Target, until: Instant) {
        for key in &target.keys {
            self.limits.entry(key.clone()).or_default().written = Some(until);
        }
    }

    /// Whether a later process, whenever it starts, would wait until `until` with a request of `target`.
    pub(crate) fn is_written(&self, target: &Target, until: Instant) -> bool {
        let written = |key| self.limits.get(key).and_then(|limit| limit.written);
        target.keys.iter().all(|key| written(key) >= Some(until))
    }

    /// The limits of which a longer pause is written down than there is, with what is left of them.
    pub(crate) fn overwritten(&self, now: Instant) -> Vec<(LimitKey, Duration)> {
        let is_longer = |limit: &Limit| {
            limit.written.is_some_and(|until| until > now) && limit.written > limit.not_before
        };
        let left = |limit: &Limit| {
            limit
                .not_before
                .map_or(Duration::ZERO, |at| at.saturating_duration_since(now))
        };
        self.limits
            .iter()
            .filter(|(_, limit)| is_longer(limit))
            .map(|(key, limit)| (key.clone(), left(limit)))
            .collect()
    }

    /// The answer was read to its end, or there will be none, or the claim is given back.
    pub(crate) fn finish(&mut self, target: &Target) {
        for key in &target.keys {
            self.limits.entry(key.clone()).or_default().is_busy = false;
        }
    }

    /// The host is content with our pace.
    pub(crate) fn relax(&mut self, target: &Target) {
        for key in &target.keys {
            self.limits.entry(key.clone()).or_default().refusals = 0;
        }
    }

    /// The host asks for fewer requests: leaves it alone for `retry_after`, or for twice the delay, doubled again with
    /// each such answer in a row. Gives the pause.
    pub(crate) fn hold(
        &mut self,
        target: &Target,
        retry_after: Option<Duration>,
        delay: Duration,
        now: Instant,
    ) -> Duration {
        let first = delay.saturating_mul(2).max(MIN_HOLD);
        let mut pause = retry_after.unwrap_or_default().min(MAX_HOLD);
        for key in &target.keys {
            let limit = self.limits.entry(key.clone()).or_default();
            if retry_after.is_none() {
                pause = pause
                    .max(first.saturating_mul(2_u32.saturating_pow(limit.refusals.min(16))))
                    .min(MAX_HOLD);
            }
            limit.refusals += 1;
        }
        for key in &target.keys {
            let limit = self.limits.entry(key.clone()).or_default();
            limit.not_before = limit.not_before.max(Some(now + pause));
        }
        pause
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn public(host: &str, address: &str) -> Target {
        Target::new(host, &[address.parse().unwrap()], false)
    }

    #[test]
    fn the_gap_runs_from_start_to_start() {
        let (mut politeness, t0) = (Politeness::default(), Instant::now());
        let host = public("a:443", "8.8.8.8");
        assert_eq!(politeness.claim(&host, Duration::ZERO, t0), Turn::At(t0));
        politeness.start(&host, 2 * SECOND, t0);
        assert_eq!(
            politeness.claim(&host, Duration::ZERO, t0 + 5 * SECOND),
            Turn::Busy,
            "the answer is still being read"
        );
        politeness.finish(&host);
        assert_eq!(
            politeness.claim(&host, Duration::ZERO, t0 + SECOND),
            Turn::At(t0 + 2 * SECOND)
        );
        politeness.finish(&host);
        assert_eq!(
            politeness.claim(&host, Duration::ZERO, t0 + 5 * SECOND),
            Turn::At(t0 + 5 * SECOND)
        );
    }

    #[test]
    fn hosts_on_one_public_address_share_its_limit_and_private_ones_do_not() {
        let (mut politeness, t0) = (Politeness::default(), Instant::now());
        let (one, two) = (public("a:443", "8.8.8.8"), public("b:80", "8.8.8.8"));
        politeness.claim(&one, Duration::ZERO, t0);
        politeness.start(&one, SECOND, t0);
        assert_eq!(politeness.claim(&two, Duration::ZERO, t0), Turn::Busy);
        politeness.finish(&one);
        assert_eq!(politeness.claim(&two, Duration::ZERO, t0), Turn::At(t0 + SECOND));
        let loopback = |host: &str| Target::new(host, &["127.0.0.1".parse().unwrap()], true);
        politeness.claim(&loopback("127.0.0.1:1"), Duration::ZERO, t0);
        assert_eq!(
            politeness.claim(&loopback("127.0.0.1:2"), Duration::ZERO, t0),
            Turn::At(t0)
        );
        let mapped = Target::new("c:80", &["::ffff:8.8.8.8".parse().unwrap()], false);
        assert!(mapped.keys().contains(&one.keys()[1]));
    }

    #[test]
    fn names_share_every_address_that_both_have() {
        let target = |host: &str, addresses: &[&str]| {
            let addresses: Vec<_> = addresses.iter().map(|address| address.parse().unwrap()).collect();
            Target::new(host, &addresses, false)
        };
        let first = target("a.example:443", &["203.0.113.7", "2001:db8::7"]);
        for (second, is_shared) in [
            (target("b.example:443", &["203.0.113.7"]), true),
            (target("b.example:80", &["::ffff:203.0.113.7"]), true),
            (
                target("b.example:8080", &["203.0.113.9", "2001:db8:0:0::7"]),
                true,
            ),
            (target("a.example:443", &["203.0.113.9"]), true),
            (target("b.example:443", &["203.0.113.9", "2001:db8::9"]), false),
            (target("a.example:80", &["203.0.113.9"]), false),
        ] {
            let (mut politeness, t0) = (Politeness::default(), Instant::now());
            politeness.claim(&first, SECOND, t0);
            politeness.start(&first, SECOND, t0);
            let busy = politeness.claim(&second, SECOND, t0);
            assert_eq!(busy == Turn::Busy, is_shared, "{second:?}");
            politeness.finish(&first);
            politeness.finish(&second);
            let at = if is_shared { t0 + SECOND } else { t0 };
            assert_eq!(politeness.claim(&second, SECOND, t0), Turn::At(at), "{second:?}");
        }
    }

    #[test]
    fn the_longer_delay_of_two_requests_lies_between_them() {
        let (mut politeness, t0) = (Politeness::default(), Instant::now());
        let host = public("a:443", "8.8.8.8");
        politeness.claim(&host, SECOND, t0);
        politeness.start(&host, SECOND, t0);
        politeness.finish(&host);
        assert_eq!(politeness.claim(&host, 5 * SECOND, t0), Turn::At(t0 + 5 * SECOND));
        politeness.start(&host, 5 * SECOND, t0 + 5 * SECOND);
        politeness.finish(&host);
        assert_eq!(politeness.claim(&host, SECOND, t0), Turn::At(t0 + 10 * SECOND));
    }

    #[test]
    fn a_host_that_asks_for_fewer_requests_gets_fewer() {
        let (mut politeness, t0) = (Politeness::default(), Instant::now());
        let host = public("a:443", "8.8.8.8");
        assert_eq!(politeness.hold(&host, Some(30 * SECOND), SECOND, t0), 30 * SECOND);
        assert_eq!(
            politeness.claim(&host, Duration::ZERO, t0),
            Turn::At(t0 + 30 * SECOND)
        );
        politeness.finish(&host);
        let pauses: Vec<_> = (0..3).map(|_| politeness.hold(&host, None, SECOND, t0)).collect();
        assert_eq!(pauses, [4 * SECOND, 8 * SECOND, 16 * SECOND]);
        politeness.relax(&host);
        assert_eq!(politeness.hold(&host, None, SECOND, t0), 2 * SECOND);
        assert_eq!(
            politeness.hold(&host, Some(48 * 3600 * SECOND), SECOND, t0),
            MAX_HOLD
        );
    }

    #[test]
    fn a_restart_keeps_the_gap() {
        let (mut politeness, t0) = (Politeness::default(), Instant::now());
        let host = public("a:443", "8.8.8.8");
        assert!(!politeness.knows(&host.keys()[0]));
        politeness.restore(host.keys()[0].clone(), 2 * SECOND, t0);
        assert_eq!(
            politeness.claim(&host, Duration::ZERO, t0),
            Turn::At(t0 + 2 * SECOND)
        );
    }

    #[test]
    fn what_is_written_ahead_lets_requests_start_and_is_set_right_afterwards() {
        let (mut politeness, t0) = (Politeness::default(), Instant::now());
        let (one, two) = (public("a:443", "8.8.8.8"), public("b:443", "8.8.8.8"));
        assert!(!politeness.is_written(&one, t0));
        politeness.wrote(&one, t0 + 4 * SECOND);
        assert!(politeness.is_written(&one, t0 + 4 * SECOND));
        assert!(!politeness.is_written(&one, t0 + 5 * SECOND));
        assert!(
            !politeness.is_written(&two, t0),
            "its name is not written down yet"
        );
        politeness.claim(&one, SECOND, t0);
        politeness.start(&one, SECOND, t0);
        politeness.finish(&one);
        let mut left = politeness.overwritten(t0 + SECOND / 4);
        left.sort();
        let expected: Vec<_> = one
            .keys()
            .iter()
            .map(|key| (key.clone(), SECOND * 3 / 4))
            .collect();
        assert_eq!(left, expected);
        assert_eq!(politeness.overwritten(t0 + 4 * SECOND), [], "that is over anyhow");
    }

    #[test]
    fn the_greatest_delay_wins_and_private_hosts_have_no_floor() {
        let ms = Duration::from_millis;
        assert_eq!(effective_delay(ms(20), ms(1000), false, None), ms(1000));
        assert_eq!(effective_delay(ms(20), ms(1000), true, None), ms(20));
        assert_eq!(
            effective_delay(ms(2000), ms(1000), false, Some(ms(5000))),
            ms(5000)
        );
        assert_eq!(effective_delay(ms(2000), ms(1000), true, Some(ms(500))), ms(2000));
    }

    proptest! {
        #[test]
        fn jitter_is_three_percent_at_most(delay_ms in 0_u64..100_000, chance: u64) {
            let delay = Duration::from_millis(delay_ms);
            let jittered = with_jitter(delay, chance);
            prop_assert!(jittered >= delay && jittered <= delay + delay / 50);
        }

        #[test]
        fn no_two_requests_of_a_host_start_within_its_delay(steps in proptest::collection::vec((0_u64..3, 0_u64..900), 1..60)) {
            let t0 = Instant::now();
            let hosts = [public("a:80", "8.8.8.8"), public("b:80", "8.8.8.8"), public("c:80", "8.8.4.4")];
            let mut politeness = Politeness::default();
            let mut starts: HashMap<LimitKey, Vec<Instant>> = HashMap::new();
            let mut now = t0;
            for (which, pass_ms) in steps {
                now += Duration::from_millis(pass_ms);
                let host = &hosts[usize::try_from(which).unwrap()];
                let Turn::At(at) = politeness.claim(host, Duration::ZERO, now) else { unreachable!("every claim was finished") };
                now = now.max(at);
                politeness.start(host, SECOND, now);
                for key in host.keys() {
                    starts.entry(key.clone()).or_default().push(now);
                }
                politeness.finish(host);
            }
            for times in starts.values() {
                prop_assert!(times.windows(2).all(|pair| pair[1] - pair[0] >= SECOND));
            }
        }
    }
}
