//! The cookies of one host during one crawl.
//!
//! Some portals answer the first request with a redirect to itself that sets a cookie, and let in whoever sends it
//! back. That is all this is for: cookies live as long as the crawl, and go back to the host they came from only.

use std::time::SystemTime;

/// Most cookies that are kept for a host.
const MAX_COOKIES: usize = 50;

/// Longest name and value that are kept, in bytes.
const MAX_COOKIE_BYTES: usize = 4096;

/// Most bytes of all names and values: servers refuse longer headers.
const MAX_JAR_BYTES: usize = 6 << 10;

#[derive(Clone, Debug, Default)]
pub(crate) struct Jar {
    cookies: Vec<Cookie>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Cookie {
    name: String,
    value: String,
    path: String,
    secure: bool,
}

impl Jar {
    /// Whether there is no cookie.
    pub(crate) fn is_empty(&self) -> bool {
        self.cookies.is_empty()
    }

    /// Takes in a `Set-Cookie` header; true when the jar is another one afterwards.
    pub(crate) fn set(&mut self, header: &str, now: SystemTime) -> bool {
        let mut parts = header.split(';');
        let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else {
            return false;
        };
        let (name, value) = (name.trim(), value.trim());
        let is_plain = |text: &str| text.bytes().all(|b| (0x20..0x7f).contains(&b) && b != b';');
        if name.is_empty()
            || name.len() + value.len() > MAX_COOKIE_BYTES
            || !is_plain(name)
            || !is_plain(value)
        {
            return false;
        }
        let mut cookie = Cookie {
            name: name.to_owned(),
            value: value.to_owned(),
            path: "/".to_owned(),
            secure: false,
        };
        let mut is_over = false;
        for attribute in parts {
            let (key, value) = attribute.split_once('=').unwrap_or((attribute, ""));
            let value = value.trim();
            match key.trim().to_ascii_lowercase().as_str() {
                "path" if value.starts_with('/') => cookie.path = value.to_owned(),
                "secure" => cookie.secure = true,
                "max-age" => is_over = value.parse::<i64>().is_ok_and(|seconds| seconds <= 0),
                "expires" => is_over |= httpdate::parse_http_date(value).is_ok_and(|end| end <= now),
                _ => {}
            }
        }
        let old = self
            .cookies
            .iter()
            .position(|old| old.name == cookie.name && old.path == cookie.path);
        let has_changed = match old {
            Some(at) if is_over => {
                self.cookies.remove(at);
                true
            }
            Some(at) => {
                let is_new = self.cookies[at] != cookie;
                self.cookies[at] = cookie;
                is_new
            }
            None if is_over => false,
            None => {
                self.cookies.push(cookie);
                true
            }
        };
        self.shrink();
        has_changed
    }

    /// Forgets the oldest cookies until the jar is as small as it must be.
    fn shrink(&mut self) {
        let bytes = |cookie: &Cookie| cookie.name.len() + cookie.value.len() + "=; ".len();
        let mut all: usize = self.cookies.iter().map(bytes).sum();
        let mut n_lost = 0;
        for cookie in &self.cookies {
            if self.cookies.len() - n_lost <= MAX_COOKIES && all <= MAX_JAR_BYTES {
                break;
            }
            all -= bytes(cookie);
            n_lost += 1;
        }
        self.cookies.drain(..n_lost);
    }

    /// The `Cookie` header for a request; `None` when there is nothing to send.
    pub(crate) fn header(&self, path: &str, is_secure: bool) -> Option<String> {
        let fits = |cookie: &&Cookie| (is_secure || !cookie.secure) && covers(&cookie.path, path);
        let pairs: Vec<_> = self
            .cookies
            .iter()
            .filter(fits)
            .map(|cookie| format!("{}={}", cookie.name, cookie.value))
            .collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }
}

/// Path match of RFC 6265 §5.1.4.
fn covers(cookie_path: &str, path: &str) -> bool {
    path.strip_prefix(cookie_path)
        .is_some_and(|rest| rest.is_empty() || cookie_path.ends_with('/') || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_set_is_sent_back_where_it_belongs() {
        let (mut jar, now) = (Jar::default(), SystemTime::now());
        assert!(jar.set("CT6T=abc; path=/; HttpOnly", now));
        assert!(!jar.set("CT6T=abc; path=/", now), "nothing new");
        assert!(jar.set("b=2; path=/zwgk; Secure", now));
        assert_eq!(jar.header("/zwgk/x", true).unwrap(), "CT6T=abc; b=2");
        assert_eq!(jar.header("/zwgkx", true).unwrap(), "CT6T=abc");
        assert_eq!(jar.header("/zwgk", false).unwrap(), "CT6T=abc");
        assert!(jar.set("CT6T=; expires=Thu, 01 Jan 1970 00:00:00 GMT", now));
        assert_eq!(jar.header("/", false), None);
    }

    #[test]
    fn odd_cookies_are_left_out() {
        let (mut jar, now) = (Jar::default(), SystemTime::now());
        let long = format!("a={}", "x".repeat(5000));
        for header in [
            "",
            "novalue",
            "=x",
            "a=\u{7}",
            "a=b\r\nX: y",
            "a=b; max-age=0",
            long.as_str(),
        ] {
            assert!(!jar.set(header, now), "{header:?}");
        }
        for number in 0..100 {
            jar.set(&format!("c{number}=x"), now);
        }
        assert_eq!(jar.header("/", false).unwrap().split("; ").count(), MAX_COOKIES);
        assert!(
            jar.set("gate=open", now),
            "the last is kept however many there were"
        );
        assert!(jar.header("/", false).unwrap().ends_with("; gate=open"));
        for number in 0..100 {
            jar.set(&format!("big{number}={}", "x".repeat(4000)), now);
            assert!(jar.header("/", false).unwrap().len() <= MAX_JAR_BYTES);
        }
    }
}
