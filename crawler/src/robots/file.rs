//! The lines of a `robots.txt`, and which of its groups are for us.
//!
//! A group is one or more `User-agent` lines and the rules after them (RFC 9309 §2.2.1). All groups that name us are
//! read as one; only when none does, those of `*` are. A line that is no rule ends no list of agents. What people write
//! in place of the standard's words is understood where it can mean one thing only.

use std::{borrow::Cow, time::Duration};

use super::pattern::Pattern;

/// Most bytes that are read (RFC 9309 §2.5 asks for 500 KiB at least). A line that goes beyond is not read at all,
/// since half of a rule is another rule.
pub(super) const MAX_BYTES: usize = 512 << 10;

/// Longest delay that a host may ask for.
pub(super) const MAX_CRAWL_DELAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What a line may begin with, in lower case.
const KEYS: &[(&str, Key)] = &[
    ("user-agent", Key::Agent),
    ("useragent", Key::Agent),
    ("user agent", Key::Agent),
    ("allow", Key::Allow),
    ("disallow", Key::Disallow),
    ("dissallow", Key::Disallow),
    ("dissalow", Key::Disallow),
    ("disalow", Key::Disallow),
    ("diasllow", Key::Disallow),
    ("disallaw", Key::Disallow),
    ("crawl-delay", Key::CrawlDelay),
    ("crawldelay", Key::CrawlDelay),
    ("crawl delay", Key::CrawlDelay),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Key {
    Agent,
    Allow,
    Disallow,
    CrawlDelay,
}

/// Whom the group that is being read is for.
#[derive(Clone, Copy, Debug, Default)]
struct Addressees {
    us: bool,
    all: bool,
}

/// What some groups say together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rules {
    /// The rule that wins comes first.
    rules: Vec<(Pattern, IsAllow)>,
    pub(super) crawl_delay: Option<Duration>,
}

type IsAllow = bool;

impl Rules {
    /// Reads what a file says to `agent`, a product token.
    pub(super) fn parse(bytes: &[u8], agent: &str) -> Self {
        let bytes = as_utf8(whole_lines(bytes));
        let (mut for_us, mut for_all) = (Self::default(), Self::default());
        let (mut names_us, mut is_among_agents) = (false, false);
        let mut group = Addressees::default();
        // Whom a delay is for: to its authors it does end the list of agents.
        let (mut delayed, mut is_delay_open) = (Addressees::default(), false);
        for (key, value) in bytes
            .split(|byte| b"\r\n\0".contains(byte))
            .filter_map(key_and_value)
        {
            match key {
                Key::Agent => {
                    if !is_among_agents {
                        group = Addressees::default();
                    }
                    if !is_delay_open {
                        delayed = Addressees::default();
                    }
                    (is_among_agents, is_delay_open) = (true, true);
                    let is_us = token(value).eq_ignore_ascii_case(agent.as_bytes()) && !agent.is_empty();
                    let is_all = is_for_all(value);
                    group.us |= is_us;
                    group.all |= is_all;
                    delayed.us |= is_us;
                    delayed.all |= is_all;
                    names_us |= is_us;
                }
                Key::Allow | Key::Disallow => {
                    (is_among_agents, is_delay_open) = (false, false);
                    let rule = Pattern::parse(value).map(|pattern| (pattern, key == Key::Allow));
                    for_us.rules.extend(rule.clone().filter(|_| group.us));
                    for_all.rules.extend(rule.filter(|_| group.all));
                }
                // No part of the standard, so it must not end the list of agents for the rules (§2.2.4).
                Key::CrawlDelay => {
                    is_delay_open = false;
                    let delay = seconds(value);
                    for_us.crawl_delay = for_us.crawl_delay.max(delay.filter(|_| delayed.us));
                    for_all.crawl_delay = for_all.crawl_delay.max(delay.filter(|_| delayed.all));
                }
            }
        }
        let mut rules = if names_us { for_us } else { for_all };
        // The longest pattern wins, and of equally long ones the one that allows.
        rules
            .rules
            .sort_by_key(|(pattern, is_allow)| (std::cmp::Reverse(pattern.octets()), !is_allow));
        rules
    }

    /// Whether a path with its query, in the one spelling, may be fetched.
    pub(super) fn allow(&self, path: &str) -> bool {
        let deciding = self.rules.iter().find(|(pattern, _)| pattern.matches(path));
        deciding.is_none_or(|(_, is_allow)| *is_allow)
    }
}

/// The lines within [`MAX_BYTES`].
fn whole_lines(bytes: &[u8]) -> &[u8] {
    // One byte more tells whether the last line ends there.
    let Some(window) = bytes.get(..=MAX_BYTES) else {
        return bytes;
    };
    let end = window.iter().rposition(|byte| b"\r\n".contains(byte));
    &bytes[..end.unwrap_or(0)]
}

/// The bytes without a byte order mark, also when it says that they are UTF-16, as some editors save.
fn as_utf8(bytes: &[u8]) -> Cow<'_, [u8]> {
    match encoding_rs::Encoding::for_bom(bytes) {
        Some((encoding, _)) if encoding != encoding_rs::UTF_8 => {
            Cow::Owned(encoding.decode(bytes).0.into_owned().into_bytes())
        }
        Some((_, mark)) => Cow::Borrowed(&bytes[mark..]),
        None => Cow::Borrowed(bytes),
    }
}

/// Takes a line apart, when it begins with a word that means something to us.
///
/// A blank in place of the colon is understood when there is nothing else that could separate the two, and so is the
/// full-width colon of Chinese input methods.
fn key_and_value(line: &[u8]) -> Option<(Key, &[u8])> {
    const WIDE_COLON: &[u8] = "：".as_bytes();
    let line = line
        .split(|byte| *byte == b'#')
        .next()
        .unwrap_or_default()
        .trim_ascii();
    let wide = line
        .windows(WIDE_COLON.len())
        .position(|window| window == WIDE_COLON);
    let (end, start) = match (line.iter().position(|byte| *byte == b':'), wide) {
        (Some(at), None) => (at, at + 1),
        (Some(at), Some(wide)) if at < wide => (at, at + 1),
        (_, Some(wide)) => (wide, wide + WIDE_COLON.len()),
        (None, None) => {
            let blank = line.iter().position(u8::is_ascii_whitespace)?;
            (blank, blank + 1)
        }
    };
    let (word, value) = (line[..end].trim_ascii(), line[start..].trim_ascii());
    let (_, key) = KEYS
        .iter()
        .find(|(name, _)| word.eq_ignore_ascii_case(name.as_bytes()))?;
    Some((*key, value))
}

/// The product token that a value begins with: people copy whole User-Agent headers into their files.
fn token(value: &[u8]) -> &[u8] {
    let end = value.iter().position(|byte| !super::is_token(*byte));
    &value[..end.unwrap_or(value.len())]
}

fn is_for_all(value: &[u8]) -> bool {
    matches!(value, [b'*'] | [b'*', b' ' | b'\t', ..])
}

/// A number of seconds, which may have decimals and a unit. What is no number, or negative, is nothing; what is too
/// large is as much as a host may ask for.
fn seconds(value: &[u8]) -> Option<Duration> {
    let text = std::str::from_utf8(value).ok()?;
    let text = text
        .trim_end_matches(|c: char| c.is_ascii_alphabetic())
        .trim_end()
        .replace(',', ".");
    let number: f64 = text.parse().ok().filter(|number: &f64| *number >= 0.0)?;
    Some(Duration::try_from_secs_f64(number).map_or(MAX_CRAWL_DELAY, |delay| delay.min(MAX_CRAWL_DELAY)))
}
