//! The sections of `gongbao.toml`: every key, its meaning and its default.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use crawler::{Hours, MinFree};
use ipnet::IpNet;
use serde::Deserialize;
use url::Url;

use super::values::{bytes, duration, hours, min_free, networks, origins, public_url, strings};

/// `[data]`: where everything is kept.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DataConfig {
    /// The data directory. In a file, relative to that file. Default `data`.
    pub dir: PathBuf,
    /// How much room crawls, imports and jobs leave on its file system: a size, or a share of it such as `5%`; `0` for
    /// none. Default 2 GiB or 5 %, whichever is less.
    #[serde(deserialize_with = "min_free")]
    pub min_free: MinFree,
}

/// `[server]`: the HTTP side.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServerConfig {
    /// Address of the API and the pages. Default `127.0.0.1:8080`.
    pub bind: SocketAddr,
    /// Address of metrics and admin routes. Default `127.0.0.1:8081`, or a free port where that is taken.
    pub admin_bind: Option<SocketAddr>,
    /// Whether `admin_bind` may be another address than a loopback one. Default `false`.
    pub admin_public: bool,
    /// Whether reading needs no key. Default `true`.
    pub anonymous_read: bool,
    /// What readers reach the pages at, for links in feeds and webhooks. Default `http://` and `bind`.
    #[serde(deserialize_with = "public_url")]
    pub public_url: Option<Url>,
    /// Whether `bind` may be an address that others can reach although there is no key. Default `false`.
    pub insecure: bool,
    /// Addresses, or networks such as `10.0.0.0/8`, of proxies whose `X-Forwarded-For` says who asks. Default none: who asks is
    /// who is at the other end of the connection.
    #[serde(deserialize_with = "networks")]
    pub trusted_proxies: Vec<IpNet>,
    /// Origins such as `https://app.example.org` whose pages may read answers of the API in a browser; `*` for all. Default
    /// none.
    #[serde(deserialize_with = "origins")]
    pub cors_origins: Vec<String>,
}

/// `[limits]`: how often a caller may ask.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LimitsConfig {
    /// Requests a minute of an address that sends no key; `0` for any number. Default 60.
    pub anonymous: u32,
    /// Requests a minute with a key; `0` for any number. Default 600.
    pub key: u32,
    /// Whether callers on this machine are limited too. Default `false`.
    pub loopback: bool,
}

/// `[crawl]`: how we behave towards portals.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CrawlSection {
    /// Folder of portal files. In a file, relative to that file. Default `portals`.
    pub portals: PathBuf,
    /// Sent as `User-Agent`.
    pub user_agent: String,
    /// Sent with the `User-Agent` and as `From`: a `mailto:` or `https:` address.
    pub contact: String,
    /// Between the starts of two requests to a host, where the portal file says nothing. Default `2s`.
    #[serde(deserialize_with = "duration")]
    pub delay: Duration,
    /// No portal file goes below this. Default `1s`.
    #[serde(deserialize_with = "duration")]
    pub min_delay: Duration,
    /// Most requests to a host in a day of China time, where the portal file says nothing. Default 1,500 to public hosts,
    /// and any number to those in `allow_private`.
    pub daily: Option<u64>,
    /// Windows of the day, in China time, in which requests may start, where the portal file says nothing: for example
    /// `22:00-07:00`. Default always.
    #[serde(deserialize_with = "hours")]
    pub hours: Option<Hours>,
    /// One try, from connecting to the last byte. Default `60s`.
    #[serde(deserialize_with = "duration")]
    pub fetch_timeout: Duration,
    /// Further tries after a fault that may pass. Default 3.
    pub retries: u32,
    /// Largest page, decoded. Default `8MiB`.
    #[serde(deserialize_with = "bytes")]
    pub max_html: u64,
    /// Largest attachment. Default `64MiB`.
    #[serde(deserialize_with = "bytes")]
    pub max_attachment: u64,
    /// Hosts visited at once. Default 256.
    pub concurrency: usize,
    /// `host:port` of private, loopback or link-local addresses that may be crawled. Default none.
    #[serde(deserialize_with = "strings")]
    pub allow_private: Vec<String>,
}

/// `[search]`: what searches go by.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SearchConfig {
    /// File of synonyms and abbreviations for `mode=loose`. In a file, relative to that file. Default: those that come
    /// with the program.
    pub synonyms: Option<PathBuf>,
}

/// `[recrawl]`: when a page counts as gone.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RecrawlConfig {
    /// Gone (404, 410) twice, at least this far apart. Default `24h`.
    #[serde(deserialize_with = "duration")]
    pub removed_after: Duration,
}

/// `[alerts]`: where webhooks may be.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AlertsConfig {
    /// `host:port` of private, loopback or link-local addresses that webhooks may have. Default none.
    #[serde(deserialize_with = "strings")]
    pub allow_private: Vec<String>,
}

/// `[retention]`: how long what was done is remembered. Reports, their versions and the archive are kept for good.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RetentionConfig {
    /// Crawls of portals that are over, with their traps; the last twelve of each portal are kept all the same. Default
    /// `365d`.
    #[serde(deserialize_with = "duration")]
    pub runs: Duration,
    /// Jobs that are over, with their logs. Default `365d`.
    #[serde(deserialize_with = "duration")]
    pub jobs: Duration,
}

/// `[log]`: what goes to stderr.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LogConfig {
    /// Default `text`.
    pub format: LogFormat,
}

/// How a line of the log looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For a person.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

impl Default for RetentionConfig {
    fn default() -> Self {
        let year = Duration::from_secs(365 * 24 * 3600);
        Self {
            runs: year,
            jobs: year,
        }
    }
}

impl Default for DataConfig {
    fn default() -> Self {
        Self {
            dir: "data".into(),
            min_free: MinFree::default(),
        }
    }
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            bind: SocketAddr::from(([127, 0, 0, 1], 8080)),
            admin_bind: None,
            admin_public: false,
            anonymous_read: true,
            public_url: None,
            insecure: false,
            trusted_proxies: Vec::new(),
            cors_origins: Vec::new(),
        }
    }
}

impl Default for LimitsConfig {
    fn default() -> Self {
        Self {
            anonymous: 60,
            key: 600,
            loopback: false,
        }
    }
}

impl Default for CrawlSection {
    fn default() -> Self {
        Self {
            portals: "portals".into(),
            user_agent: "gongbao/1.0 (+https://example.org/about)".to_owned(),
            contact: "mailto:ops@example.org".to_owned(),
            delay: Duration::from_secs(2),
            min_delay: Duration::from_secs(1),
            daily: None,
            hours: None,
            fetch_timeout: Duration::from_secs(60),
            retries: 3,
            max_html: 8 << 20,
            max_attachment: 64 << 20,
            concurrency: 256,
            allow_private: Vec::new(),
        }
    }
}

impl Default for RecrawlConfig {
    fn default() -> Self {
        Self {
            removed_after: Duration::from_secs(24 * 3600),
        }
    }
}
