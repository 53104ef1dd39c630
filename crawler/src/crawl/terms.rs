//! On what terms a portal's hosts are asked: how often, how much in a day, and at which hours.

use std::time::Duration;

use jiff::Timestamp;

use super::CrawlConfig;
use crate::{
    politeness::{Rest, effective_delay},
    portal::{CHINA, Hours, Limits},
};

/// Most requests to a public host in a day, where nothing else is said.
const PUBLIC_DAILY: u64 = 1500;

/// The terms of one portal.
#[derive(Clone, Debug)]
pub(super) struct Terms {
    /// Between two requests to a host, before its own wishes are heard.
    pub(super) delay: Duration,
    min_delay: Duration,
    /// Most requests to a host in a day; `None` for [`PUBLIC_DAILY`] to public hosts.
    daily: Option<u64>,
    /// When requests may start; `None` for always.
    hours: Option<Hours>,
}

/// Why a request may not start now, nor soon enough to wait for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum NotNow {
    /// The host had all the requests of the day.
    Daily { host: String, limit: u64 },
    /// It is not the hour.
    Hours(Hours),
    /// The host asked to be left alone.
    Held { host: String, until: String },
    /// The host refused us, or failed, too often.
    Resting {
        host: String,
        rest: Rest,
        until: String,
        is_private: bool,
    },
}

impl Terms {
    pub(super) fn new(limits: &Limits, config: &CrawlConfig) -> Self {
        Self {
            delay: limits.delay.unwrap_or(config.delay),
            min_delay: config.min_delay,
            daily: limits.daily.or(config.daily),
            hours: limits.hours.clone().or_else(|| config.hours.clone()),
        }
    }

    /// Between two requests to a host.
    pub(super) fn delay(&self, is_private: bool, crawl_delay: Option<Duration>) -> Duration {
        effective_delay(self.delay, self.min_delay, is_private, crawl_delay)
    }

    pub(super) fn check_hours(&self, start: Timestamp) -> Result<(), NotNow> {
        match &self.hours {
            Some(hours) if !hours.is_open(start) => Err(NotNow::Hours(hours.clone())),
            _ => Ok(()),
        }
    }

    /// Whether a host that had so many requests today may have one more.
    pub(super) fn check_day(&self, host: &str, is_private: bool, requests: u64) -> Result<(), NotNow> {
        let limit = match (self.daily, is_private) {
            (Some(limit), _) => limit,
            (None, false) => PUBLIC_DAILY,
            (None, true) => return Ok(()),
        };
        if requests < limit {
            return Ok(());
        }
        Err(NotNow::Daily {
            host: host.to_owned(),
            limit,
        })
    }
}

impl NotNow {
    pub(super) fn held(host: &str, until: Timestamp) -> Self {
        Self::Held {
            host: host.to_owned(),
            until: china_time(until),
        }
    }

    pub(super) fn resting(host: &str, rest: Rest, until: Timestamp, is_private: bool) -> Self {
        Self::Resting {
            host: host.to_owned(),
            rest,
            until: china_time(until),
            is_private,
        }
    }

    /// Begins with one stable word.
    pub(super) fn reason(&self) -> String {
        match self {
            Self::Daily { host, limit } => format!(
                "daily_budget: {host} had its {limit} requests of the day; a crawl of tomorrow goes on from here"
            ),
            Self::Hours(hours) => format!(
                "outside_hours: requests start at {hours} China time only; a crawl within these hours goes on from here"
            ),
            Self::Held { host, until } => {
                format!("held_off: {host} asked to be left alone until {until}")
            }
            Self::Resting {
                host,
                rest,
                until,
                is_private,
            } => {
                let sooner = match is_private {
                    true => ", or until the crawls under way are over, since it is in `allow_private`",
                    false => "",
                };
                format!("{}; {host} is resting until {until}{sooner}", rest.reason)
            }
        }
    }
}

/// A moment as an operator reads it.
fn china_time(moment: Timestamp) -> String {
    CHINA
        .to_datetime(moment)
        .strftime("%Y-%m-%d %H:%M China time")
        .to_string()
}
