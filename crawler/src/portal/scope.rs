//! Which addresses belong to a portal.

use globset::GlobMatcher;
use url::{Host, Url};

use super::Portal;
use crate::url::{page_key, without_twin};

/// What a portal's crawl may fetch: the seeds' hosts with their twins, narrowed and widened by `allow` and `deny`.
#[derive(Clone, Debug)]
pub(crate) struct Scope {
    hosts: Vec<SeedHost>,
    /// Registered domains of the seeds.
    domains: Vec<String>,
    /// What the seeds are known by.
    seeds: Vec<String>,
    allow: Vec<Pattern>,
    deny: Vec<Pattern>,
}

/// An address lies outside of a portal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum OutOfScope {
    /// Neither a seed's host or its twin, nor widened by `allow`.
    #[error("another host")]
    Host,
    /// Not below what `allow` names.
    #[error("not allowed by the portal file")]
    NotAllowed,
    /// Matches `deny`.
    #[error("denied by the portal file")]
    Denied,
}

impl OutOfScope {
    /// The reason as one stable word.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Host => "another_host",
            Self::NotAllowed | Self::Denied => "not_allowed",
        }
    }
}

/// A host of a seed without `www.`, `m.` or `wap.`, and its port when that is not a usual one.
#[derive(Clone, Debug, PartialEq, Eq)]
struct SeedHost {
    base: String,
    port: Option<u16>,
}

#[derive(Clone, Debug)]
enum Pattern {
    /// Begins like this, path and query.
    Prefix(String),
    /// Path matches, whichever host.
    Glob(GlobMatcher),
    /// On this host, and path and query begin like this.
    On { host: SeedHost, prefix: String },
}

/// Says what is wrong with an entry of `allow` or `deny`.
pub(super) fn check_pattern(text: &str) -> Result<(), String> {
    Pattern::new(text).map(drop)
}

impl Scope {
    pub(crate) fn new(portal: &Portal) -> Self {
        let patterns = |texts: &[String]| texts.iter().filter_map(|text| Pattern::new(text).ok()).collect();
        let mut hosts: Vec<SeedHost> = Vec::new();
        for host in portal.seeds.iter().map(SeedHost::of) {
            if !hosts.contains(&host) {
                hosts.push(host);
            }
        }
        Self {
            hosts,
            domains: portal.seeds.iter().map(registered_domain).collect(),
            seeds: portal.seeds.iter().map(page_key).collect(),
            allow: patterns(&portal.allow),
            deny: patterns(&portal.deny),
        }
    }

    /// Whether the portal's crawl may fetch `url`. Seeds are always allowed.
    pub(crate) fn check(&self, url: &Url) -> Result<(), OutOfScope> {
        match self.judge(url) {
            Err(_) if self.seeds.contains(&page_key(url)) => Ok(()),
            judged => judged,
        }
    }

    /// Whether `deny` shuts an address out, were it no seed.
    pub(super) fn is_denied(&self, url: &Url) -> bool {
        self.judge(url) == Err(OutOfScope::Denied)
    }

    /// Whether `allow` leaves an address out, were it no seed.
    pub(super) fn is_not_allowed(&self, url: &Url) -> bool {
        self.judge(url) == Err(OutOfScope::NotAllowed)
    }

    /// Whether a file that a page of the portal links to may be fetched: from the seeds' hosts, whatever `allow` says
    /// of their pages, and from any other host under the same registered domain.
    pub(crate) fn check_file(&self, url: &Url) -> Result<(), OutOfScope> {
        let is_near = || {
            let domain = registered_domain(url);
            self.domains.contains(&domain)
        };
        match self.judge(url) {
            Err(OutOfScope::NotAllowed) => Ok(()),
            Err(OutOfScope::Host) if is_near() => Ok(()),
            judged => judged,
        }
    }

    fn judge(&self, url: &Url) -> Result<(), OutOfScope> {
        if self.deny.iter().any(|pattern| pattern.matches(url)) {
            return Err(OutOfScope::Denied);
        }
        let is_allowed = self.allow.iter().any(|pattern| pattern.matches(url));
        if self.hosts.contains(&SeedHost::of(url)) {
            // URL prefixes of other hosts widen; they don't narrow what the seeds' own hosts may give.
            let narrowed = self.allow.iter().any(|pattern| pattern.speaks_of(&self.hosts));
            return if is_allowed || !narrowed {
                Ok(())
            } else {
                Err(OutOfScope::NotAllowed)
            };
        }
        let is_widened = self
            .allow
            .iter()
            .any(|p| matches!(p, Pattern::On { .. }) && p.matches(url));
        if is_widened { Ok(()) } else { Err(OutOfScope::Host) }
    }
}

impl SeedHost {
    fn of(url: &Url) -> Self {
        let base = match url.host() {
            Some(Host::Domain(name)) => without_twin(name.trim_end_matches('.')).to_owned(),
            _ => url.host_str().unwrap_or_default().to_owned(),
        };
        Self {
            base,
            port: url.port().filter(|port| !matches!(port, 80 | 443)),
        }
    }
}

impl Pattern {
    fn new(text: &str) -> Result<Self, String> {
        if text.contains("://") {
            let url = Url::parse(text).map_err(|error| format!("{text:?} is no address: {error}"))?;
            if !matches!(url.scheme(), "http" | "https") {
                return Err(format!("{text:?} must begin with http:// or https://"));
            }
            return Ok(Self::On {
                host: SeedHost::of(&url),
                prefix: path_and_query(&url).to_owned(),
            });
        }
        if text.contains(['*', '[', '{']) {
            let glob =
                globset::Glob::new(text).map_err(|error| format!("{text:?} is no glob: {}", error.kind()))?;
            return Ok(Self::Glob(glob.compile_matcher()));
        }
        if !text.starts_with('/') {
            return Err(format!(
                "{text:?} must begin with / or https://, or be a glob such as \"*/fzzf/*\""
            ));
        }
        // A prefix is compared with parsed addresses, so it is written as they are (escapes, dot segments).
        let parsed = Url::parse("http://a/").and_then(|base| base.join(text));
        let prefix = parsed.map(|url| path_and_query(&url).to_owned());
        prefix
            .map(Self::Prefix)
            .map_err(|error| format!("{text:?} is no path: {error}"))
    }

    fn matches(&self, url: &Url) -> bool {
        match self {
            Self::Prefix(prefix) => path_and_query(url).starts_with(prefix.as_str()),
            Self::Glob(glob) => glob.is_match(url.path()) || glob.is_match(path_and_query(url)),
            Self::On { host, prefix } => {
                SeedHost::of(url) == *host && path_and_query(url).starts_with(prefix.as_str())
            }
        }
    }

    /// Whether the pattern says anything about these hosts.
    fn speaks_of(&self, hosts: &[SeedHost]) -> bool {
        match self {
            Self::On { host, .. } => hosts.contains(host),
            Self::Prefix(_) | Self::Glob(_) => true,
        }
    }
}

/// The domain that was registered for a host (`a.gov.cn` of `file.a.gov.cn`, by the Public Suffix List); of an address
/// in numbers or a name without one, the host itself, whatever the port.
fn registered_domain(url: &Url) -> String {
    match url.host() {
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            psl::domain_str(name).unwrap_or(name).to_owned()
        }
        _ => url.host_str().unwrap_or_default().to_owned(),
    }
}

fn path_and_query(url: &Url) -> &str {
    &url[url::Position::BeforePath..url::Position::AfterQuery]
}
