//! What a host's `robots.txt` allows (RFC 9309).
//!
//! Pure: an answer goes in, rules come out. An answer 401 or 403 forbids the host, any other 4xx means that there is
//! no such file and everything is allowed, 5xx and silence forbid for now. A web page in place of the file, as many
//! portals send for whatever they don't have, is no file.

use std::time::Duration;

use robotxt::Robots;
use url::Url;

/// Most bytes of a `robots.txt` that are read. The standard asks for 500 KiB at least.
pub(crate) const MAX_ROBOTS_BYTES: u64 = 512 << 10;

/// How long an answer may be used, at most (RFC 9309 §2.4).
pub(crate) const ROBOTS_LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// Longest delay that a host may ask for.
const MAX_CRAWL_DELAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The rules of one host for us.
#[derive(Clone, Debug)]
pub(crate) enum HostRules {
    /// There is no file.
    Absent,
    /// The rules of the file.
    Rules(Robots),
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
            200..=299 if is_markup(body) => Self::Absent,
            200..=299 => Self::Rules(Robots::parse(&plain_agents(body), agent)),
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
            Self::Absent => Ok(()),
            Self::Rules(rules) if rules.is_url_allowed(url) => Ok(()),
            Self::Rules(_) => Err(RobotsRefusal::Disallowed),
            Self::Closed { status } => Err(RobotsRefusal::Closed { status: *status }),
            Self::Unreachable { reason } => Err(RobotsRefusal::Unreachable {
                reason: reason.clone(),
            }),
        }
    }

    /// The delay that the host asks for.
    pub(crate) fn crawl_delay(&self) -> Option<Duration> {
        match self {
            Self::Rules(rules) => rules.crawl_delay().map(|delay| delay.min(MAX_CRAWL_DELAY)),
            _ => None,
        }
    }
}

/// The part of a User-Agent that hosts name in their rules: `gongbao` of `gongbao/1.0 (+https://…)`.
pub(crate) fn product_token(user_agent: &str) -> &str {
    let end = user_agent.find(|c: char| !(c.is_ascii_alphabetic() || c == '-' || c == '_'));
    &user_agent[..end.unwrap_or(user_agent.len())]
}

fn is_markup(body: &[u8]) -> bool {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'<')
}

/// Cuts what follows a product token in `User-agent` lines, so that `gongbao/1.0` names `gongbao`.
///
/// The standard has nothing but the token there; people copy whole User-Agent headers into their files.
fn plain_agents(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len());
    for line in body.split_inclusive(|byte| matches!(byte, b'\n' | b'\r')) {
        match agent_value(line) {
            Some(start) => {
                let value = &line[start..];
                let is_token = |byte: &u8| byte.is_ascii_alphabetic() || b"-_*".contains(byte);
                let end = value
                    .iter()
                    .position(|byte| !is_token(byte))
                    .unwrap_or(value.len());
                // A value that does not begin with a token stays as it is, and so names nobody.
                let cut = if end == 0 { value.len() } else { end };
                out.extend_from_slice(&line[..start + cut]);
                out.push(b'\n');
            }
            None => out.extend_from_slice(line),
        }
    }
    out
}

/// Where the value of a `User-agent` line begins.
fn agent_value(line: &[u8]) -> Option<usize> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    let key = line[..colon]
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(&line[..colon])
        .trim_ascii();
    if !key.eq_ignore_ascii_case(b"user-agent") {
        return None;
    }
    let blank = line[colon + 1..]
        .iter()
        .take_while(|byte| matches!(byte, b' ' | b'\t'))
        .count();
    Some(colon + 1 + blank)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn allows(body: &str, path: &str) -> bool {
        let url = Url::parse(&format!("http://a.example{path}")).unwrap();
        HostRules::from_answer(200, body.as_bytes(), "gongbao")
            .check(&url)
            .is_ok()
    }

    #[test]
    fn the_status_decides_when_there_is_no_file() {
        let url = Url::parse("http://a.example/x").unwrap();
        let check = |status| HostRules::from_answer(status, b"", "gongbao").check(&url);
        for status in [200, 204, 301, 400, 404, 410, 429, 451] {
            assert_eq!(check(status), Ok(()), "{status}");
        }
        assert_eq!(check(401), Err(RobotsRefusal::Closed { status: 401 }));
        assert_eq!(check(403), Err(RobotsRefusal::Closed { status: 403 }));
        assert_eq!(
            check(503),
            Err(RobotsRefusal::Unreachable {
                reason: "http_503".to_owned()
            })
        );
        let silence = HostRules::Unreachable {
            reason: "timeout".to_owned(),
        };
        assert!(silence.check(&url).unwrap_err().to_string().contains("timeout"));
    }

    /// RFC 9309 §2.2.2 and §5.
    #[test]
    fn the_longest_rule_wins_and_allow_wins_a_tie() {
        let body = "User-agent: *\nDisallow: /a\nAllow: /a/b\nDisallow: /a/b/c\nDisallow: /t\nAllow: /t\n";
        assert!(!allows(body, "/a/x"));
        assert!(allows(body, "/a/b/x"));
        assert!(!allows(body, "/a/b/c.html"));
        assert!(allows(body, "/t"));
        assert!(allows(body, "/other"));
        assert!(
            allows("User-agent: *\nDisallow:\n", "/x"),
            "an empty rule forbids nothing"
        );
    }

    #[test]
    fn wildcards_ends_and_escapes_are_understood() {
        let body =
            "User-agent: *\nDisallow: /*.pdf$\nDisallow: /*/print/\nDisallow: /%E4%B8%AD\nDisallow: /a%7eb\n";
        assert!(!allows(body, "/x/y.pdf"));
        assert!(allows(body, "/x/y.pdf?v=1"));
        assert!(!allows(body, "/x/print/1"));
        assert!(!allows(body, "/%e4%b8%ad/1"));
        assert!(!allows(body, "/中/1"));
        assert!(!allows(body, "/a~b"));
        assert!(!allows("User-agent: *\nDisallow: /中文\n", "/%e4%b8%ad%e6%96%87"));
    }

    #[test]
    fn our_group_is_found_in_any_case_and_with_a_version() {
        let body = "User-agent: other\nDisallow: /\n\nUser-agent: GongBao/1.0 (+https://x)\nUser-agent: third\nDisallow: /g\n\n\
                    User-agent: *\nDisallow: /all\n";
        assert!(!allows(body, "/g"));
        assert!(allows(body, "/all"), "our own group is used alone");
        assert!(
            allows("User-agent: gongbaox\nDisallow: /\n", "/x"),
            "another crawler's name"
        );
        assert_eq!(product_token("gongbao/1.0 (+https://example.org)"), "gongbao");
    }

    #[test]
    fn odd_files_are_read_as_their_authors_meant() {
        assert!(!allows("\u{feff}User-agent: *\rDisallow: /x\r", "/x"));
        assert!(allows(
            "\u{feff}\r\n <!DOCTYPE html><html>User-agent: *\nDisallow: /</html>",
            "/x"
        ));
        let delay =
            HostRules::from_answer(200, b"User-agent: *\nCrawl-delay: 2.5\n", "gongbao").crawl_delay();
        assert_eq!(delay, Some(Duration::from_millis(2500)));
        let absurd =
            HostRules::from_answer(200, b"User-agent: *\nCrawl-delay: 1e300\n", "gongbao").crawl_delay();
        assert!(absurd.is_none_or(|delay| delay <= MAX_CRAWL_DELAY));
    }

    proptest! {
        #[test]
        fn no_file_makes_it_fail(body in proptest::collection::vec(any::<u8>(), 0..400), path in "[ -~]{0,30}") {
            if let Ok(url) = Url::parse(&format!("http://a.example/{path}")) {
                let _ = HostRules::from_answer(200, &body, "gongbao").check(&url);
            }
        }
    }
}
