//! What a host's `robots.txt` allows (RFC 9309).
//!
//! Pure: an answer goes in, rules come out ([`mod@file`] reads its lines, [`pattern`] compares paths). An answer 401 or 403
//! forbids the host, any other 4xx means that there is no such file and everything is allowed (after 429 the host is
//! left alone for as long as it asks, then too), 5xx and silence forbid for now. A web page in place of the file, as many portals send for whatever they don't have, is no file.
//!
//! Read by code of our own: the packages there are let a `Crawl-delay` end a list of agents, or compare `%2A` with a
//! star, against §2.2.

mod file;
mod pattern;
#[cfg(test)]
mod tests;

use std::{borrow::Cow, time::Duration};

use url::{Position, Url};

use self::file::{MAX_BYTES, Rules};
use crate::fetch::gunzip;

/// Most bytes of a file that are fetched: one more than is read, so that a longer one is known to be longer.
pub(crate) const MAX_FETCHED_BYTES: u64 = MAX_BYTES as u64 + 1;

/// Most site maps of one file.
const MAX_SITEMAPS: usize = 20;

/// How long an answer may be used, at most (RFC 9309 §2.4).
pub(crate) const ROBOTS_LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// The rules of one host for us.
#[derive(Clone, Debug)]
pub(crate) enum HostRules {
    /// There is no file.
    Absent,
    /// The rules of the file.
    Rules(Rules),
    /// The file itself is forbidden (401, 403).
    Closed {
        /// The answer's status.
        status: u16,
    },
    /// The file could not be had for now.
    Unreachable {
        /// Why, as one word: `http_503`, `connection_refused` …
        reason: String,
    },
}

/// `robots.txt` does not let us fetch an address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RobotsRefusal {
    /// A rule forbids it.
    #[error("forbidden by robots.txt")]
    Disallowed,
    /// `robots.txt` is answered with 401 or 403, so the whole host is forbidden.
    #[error("robots.txt is answered with {status}, which forbids the host")]
    Closed { status: u16 },
    /// `robots.txt` could not be had, so the whole host is forbidden for now.
    #[error("robots.txt cannot be had for now ({reason})")]
    Unreachable { reason: String },
}

impl HostRules {
    /// Reads an answer. `agent` is our product token, e.g. `gongbao`.
    pub(crate) fn from_answer(status: u16, body: &[u8], agent: &str) -> Self {
        match status {
            200..=299 => {
                let body = unpacked(body);
                if is_markup(&body) {
                    Self::Absent
                } else {
                    Self::Rules(Rules::parse(&body, agent))
                }
            }
            401 | 403 => Self::Closed { status },
            400..=499 => Self::Absent,
            // More than five redirects: as if there were no file (RFC 9309 §2.3.1.2).
            300..=399 => Self::Absent,
            _ => Self::Unreachable {
                reason: format!("http_{status}"),
            },
        }
    }

    /// Whether `url`, an address on the host, may be fetched.
    pub(crate) fn check(&self, url: &Url) -> Result<(), RobotsRefusal> {
        match self {
            // The file itself is always allowed (RFC 9309 §2.2.2).
            _ if url.path() == "/robots.txt" => Ok(()),
            Self::Absent => Ok(()),
            Self::Rules(rules) => {
                let path = &url[Position::BeforePath..Position::AfterQuery];
                if rules.allow(&pattern::spelled_path(path)) {
                    Ok(())
                } else {
                    Err(RobotsRefusal::Disallowed)
                }
            }
            Self::Closed { status } => Err(RobotsRefusal::Closed { status: *status }),
            Self::Unreachable { reason } => Err(RobotsRefusal::Unreachable {
                reason: reason.clone(),
            }),
        }
    }

    /// The delay that the host asks for.
    pub(crate) fn crawl_delay(&self) -> Option<Duration> {
        match self {
            Self::Rules(rules) => rules.crawl_delay,
            _ => None,
        }
    }
}

/// The site maps that a file names (sitemaps.org), whoever it is for.
pub(crate) fn sitemaps(body: &[u8]) -> Vec<Url> {
    let body = unpacked(body);
    let body = &body[..body.len().min(MAX_BYTES)];
    if is_markup(body) {
        return Vec::new();
    }
    let text = String::from_utf8_lossy(body);
    let named = text.lines().filter_map(|line| {
        let (key, value) = line.trim_start_matches(['\u{feff}', ' ', '\t']).split_once(':')?;
        let is_named = key.trim_end().eq_ignore_ascii_case("sitemap");
        Url::parse(value.trim()).ok().filter(|_| is_named)
    });
    named.take(MAX_SITEMAPS).collect()
}

/// What an answer says, by which two of them can be compared: its lines without comments, blanks and empty lines. `None`
/// when the file could not be had, or the whole host is forbidden.
pub(crate) fn rules_text(status: u16, body: &[u8]) -> Option<String> {
    match status {
        200..=299 => {
            let body = unpacked(body);
            let body = &body[..body.len().min(MAX_BYTES)];
            if is_markup(body) {
                return Some(String::new());
            }
            let text = String::from_utf8_lossy(body);
            let lines = text.lines().filter_map(|line| {
                let rule = line.split('#').next()?;
                let rule: String = rule
                    .chars()
                    .filter(|c| !c.is_whitespace() && *c != '\u{feff}')
                    .collect();
                (!rule.is_empty()).then(|| rule + "\n")
            });
            Some(lines.collect())
        }
        401 | 403 => None,
        300..=499 => Some(String::new()),
        _ => None,
    }
}

/// The part of a User-Agent that hosts name in their rules: `gongbao` of `gongbao/1.0 (+https://…)`.
pub(crate) fn product_token(user_agent: &str) -> &str {
    let end = user_agent.bytes().position(|byte| !is_token(byte));
    &user_agent[..end.unwrap_or(user_agent.len())]
}

/// Whether a byte can be part of a product token (RFC 9309 §2.2.1).
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || b"-_".contains(&byte)
}

/// The file of a host that sends it packed without saying so.
fn unpacked(body: &[u8]) -> Cow<'_, [u8]> {
    let packed = body.starts_with(&[0x1f, 0x8b]);
    match packed.then(|| gunzip(body, 8 * MAX_FETCHED_BYTES)) {
        Some(Ok(unpacked)) => Cow::Owned(unpacked),
        _ => Cow::Borrowed(body),
    }
}

fn is_markup(body: &[u8]) -> bool {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'<')
}
