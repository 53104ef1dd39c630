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
    /// The last turn that is kept for somebody who does not wait in place.
    kept: Option<Instant>,
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

    /// When a request of `target` may start, as far as is known: `delay` after the last one, and not before the last
    /// one's own delay has passed. Takes nothing.
    pub(crate) fn due(&self, target: &Target, delay: Duration, now: Instant) -> Instant {
        let limits = target.keys.iter().filter_map(|key| self.limits.get(key));
        let due = limits.filter_map(|limit| {
            let after_last = limit.started.map(|started| started + delay);
            limit.not_before.max(after_last)
        });
        due.max().map_or(now, |due| due.max(now))
    }

    /// Keeps a turn for a request of `target` that comes again when it is time, `delay` behind the last one that is
    /// kept. Nobody has to keep it free: whoever waits in place comes first, and a turn that is not used passes by.
    pub(crate) fn keep_turn(&mut self, target: &Target, delay: Duration, now: Instant) -> Instant {
        let limits = target.keys.iter().filter_map(|key| self.limits.get(key));
        let last = limits.filter_map(|limit| limit.kept).max();
        let turn = self
            .due(target, delay, now)
            .max(last.map_or(now, |last| last + delay));
        for key in &target.keys {
            self.limits.entry(key.clone()).or_default().kept = Some(turn);
        }
        turn
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
mod tests;
