//! `gongbao.toml`, `GONGBAO_…` variables and their defaults, read once into one checked value.
//!
//! Flags win over variables, variables over the file, the file over the defaults. `GONGBAO_CRAWL__MIN_DELAY=20ms`
//! sets `min_delay` of `[crawl]`. A key nobody knows is an error that names the nearest known one.

mod values;

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use crawler::{Hours, MinFree};
use ipnet::IpNet;
use serde::Deserialize;
use toml::{Table, Value};
use url::Url;

use self::values::{bytes, duration, hours, min_free, networks, origins, public_url, strings};

/// Everything that can be set in `gongbao.toml`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// `[data]`
    pub data: DataConfig,
    /// `[server]`
    pub server: ServerConfig,
    /// `[limits]`
    pub limits: LimitsConfig,
    /// `[crawl]`
    pub crawl: CrawlSection,
    /// `[search]`
    pub search: SearchConfig,
    /// `[recrawl]`
    pub recrawl: RecrawlConfig,
    /// `[alerts]`
    pub alerts: AlertsConfig,
    /// `[retention]`
    pub retention: RetentionConfig,
    /// `[log]`
    pub log: LogConfig,
}

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

/// The configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read configuration {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not TOML, or a key or value in it is wrong.
    #[error("{}:{line}: {message}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// What is wrong, with the key.
        message: String,
    },
    /// A value cannot be used, wherever it came from.
    #[error("{key}: {message}")]
    Value {
        /// Section and key.
        key: &'static str,
        /// What is wrong.
        message: &'static str,
    },
    /// A variable is wrong.
    #[error("environment variable {name}: {message}")]
    Variable {
        /// The variable.
        name: String,
        /// What is wrong.
        message: String,
    },
}

impl Config {
    /// Reads the file at `path` (defaults when `None`) and lays `variables` over it.
    ///
    /// # Errors
    /// When the file cannot be read, or the file or a variable has an unknown key or a value of the wrong kind.
    pub fn load(
        path: Option<&Path>,
        variables: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let mut table = Table::new();
        if let Some(path) = path {
            let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Read {
                path: path.to_owned(),
                source,
            })?;
            let in_file = |error: toml::de::Error| ConfigError::File {
                path: path.to_owned(),
                line: error.span().map_or(1, |span| line_of(&text, span.start)),
                message: with_nearest_key(error.message()),
            };
            // Once as a whole for errors with lines, once as a table to lay the variables over.
            let _: Self = toml::from_str(&text).map_err(in_file)?;
            table = toml::from_str(&text).map_err(in_file)?;
        }
        let base = path.and_then(Path::parent).unwrap_or(Path::new(""));
        let defaults = Self::default();
        in_folder(&mut table, base, "data", "dir", Some(&defaults.data.dir));
        in_folder(
            &mut table,
            base,
            "crawl",
            "portals",
            Some(&defaults.crawl.portals),
        );
        in_folder(&mut table, base, "search", "synonyms", None);
        for (name, value) in variables {
            lay_over(&mut table, &name, &value)?;
        }
        let config: Self = table
            .try_into()
            .map_err(|error: toml::de::Error| ConfigError::Variable {
                name: "GONGBAO_…".to_owned(),
                message: with_nearest_key(error.message()),
            })?;
        config.check()?;
        Ok(config)
    }
}

impl Config {
    /// What the types alone do not say.
    fn check(&self) -> Result<(), ConfigError> {
        let wrong = |key, message| Err(ConfigError::Value { key, message });
        let is_header = |text: &str| text.chars().all(|c| c == ' ' || c.is_ascii_graphic());
        let is_open = |addr: SocketAddr| !addr.ip().is_loopback();
        if !self.server.admin_public && self.server.admin_bind.is_some_and(is_open) {
            return wrong(
                "[server] admin_bind",
                "others could reach this address, and metrics are not for everybody; admin_public = true allows it",
            );
        }
        if self.crawl.concurrency == 0 {
            return wrong(
                "[crawl] concurrency",
                "at least one host has to be visited at once",
            );
        }
        if self.crawl.daily == Some(0) {
            return wrong("[crawl] daily", "at least one request a day has to be made");
        }
        if !is_header(&self.crawl.user_agent) {
            return wrong(
                "[crawl] user_agent",
                "a header has printable ASCII characters only",
            );
        }
        if !is_header(&self.crawl.contact) {
            return wrong("[crawl] contact", "a header has printable ASCII characters only");
        }
        Ok(())
    }
}

/// Takes a path of the file as relative to the file's folder.
fn in_folder(table: &mut Table, base: &Path, section: &str, key: &str, default: Option<&Path>) {
    if let Value::Table(inner) = table.entry(section).or_insert_with(|| Value::Table(Table::new())) {
        let Some(path) = inner.get(key).and_then(Value::as_str).map(Path::new).or(default) else {
            return;
        };
        let path = base.join(path).to_string_lossy().into_owned();
        inner.insert(key.to_owned(), Value::String(path));
    }
}

/// Variables that stand for flags; the command line reads them.
const OF_FLAGS: [&str; 4] = ["GONGBAO_CONFIG", "GONGBAO_DATA", "GONGBAO_LOG", "GONGBAO_BIND"];

/// Sets `key` of `[section]` from a variable `GONGBAO_SECTION__KEY`; other names are not ours.
fn lay_over(table: &mut Table, name: &str, value: &str) -> Result<(), ConfigError> {
    let Some((section, key)) = name
        .strip_prefix("GONGBAO_")
        .and_then(|rest| rest.split_once("__"))
    else {
        if name.starts_with("GONGBAO_") && !OF_FLAGS.contains(&name) {
            tracing::warn!(
                "{name} sets nothing: section and key are joined by two underscores, as in GONGBAO_CRAWL__DELAY"
            );
        }
        return Ok(());
    };
    let (section, key) = (section.to_lowercase(), key.to_lowercase());
    let wrong = |message: String| ConfigError::Variable {
        name: name.to_owned(),
        message,
    };
    // Checked alone first, so that the error names this variable.
    let parsed = value_of(value);
    let alone: Table = [(
        section.clone(),
        Value::Table([(key.clone(), parsed.clone())].into_iter().collect()),
    )]
    .into_iter()
    .collect();
    alone
        .try_into::<Config>()
        .map_err(|error| wrong(with_nearest_key(error.message())))?;
    if let Value::Table(inner) = table.entry(section).or_insert_with(|| Value::Table(Table::new())) {
        inner.insert(key, parsed);
    }
    Ok(())
}

/// A variable's value: a TOML boolean, integer or array where it reads as one, else the text itself.
fn value_of(text: &str) -> Value {
    let read = || toml::from_str::<Table>(&format!("v = {text}")).ok()?.remove("v");
    match read() {
        Some(value @ (Value::Boolean(_) | Value::Integer(_) | Value::Array(_))) => value,
        _ => Value::String(text.to_owned()),
    }
}

/// Adds "did you mean" to serde's message about an unknown key.
fn with_nearest_key(message: &str) -> String {
    let message = message.trim();
    let mut quoted = message.split('`').skip(1).step_by(2);
    if !message.starts_with("unknown field") {
        return message.to_owned();
    }
    let unknown = quoted.next().unwrap_or_default();
    let nearest =
        quoted.max_by(|a, b| strsim::jaro_winkler(unknown, a).total_cmp(&strsim::jaro_winkler(unknown, b)));
    match nearest {
        Some(nearest) => format!("unknown key `{unknown}`, did you mean `{nearest}`?"),
        None => format!("unknown key `{unknown}`"),
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    text.as_bytes()
        .iter()
        .take(offset)
        .filter(|&&b| b == b'\n')
        .count()
        + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str, variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("gongbao.toml");
        std::fs::write(&path, text).unwrap();
        let variables = variables.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        Config::load(Some(&path), variables)
    }

    #[test]
    fn variables_win_over_the_file() {
        let config = load(
            "[crawl]\nmin_delay = \"3s\"\nmax_html = \"1MiB\"\n",
            &[
                ("GONGBAO_CRAWL__MIN_DELAY", "20ms"),
                ("GONGBAO_CRAWL__ALLOW_PRIVATE", "127.0.0.1:1,127.0.0.1:2"),
                ("GONGBAO_SERVER__ANONYMOUS_READ", "false"),
                ("GONGBAO_CRAWL__CONTACT", "12"),
                ("OTHER__X", "1"),
            ],
        );
        // A number where a text is wanted is an error that names the variable.
        assert!(config.unwrap_err().to_string().contains("GONGBAO_CRAWL__CONTACT"));
        let config = load(
            "[crawl]\nmin_delay = \"3s\"\nmax_html = \"1MiB\"\n",
            &[
                ("GONGBAO_CRAWL__MIN_DELAY", "20ms"),
                ("GONGBAO_CRAWL__ALLOW_PRIVATE", "127.0.0.1:1,127.0.0.1:2"),
                ("GONGBAO_SERVER__ANONYMOUS_READ", "false"),
            ],
        )
        .unwrap();
        assert_eq!(config.crawl.min_delay, Duration::from_millis(20));
        assert_eq!(config.crawl.max_html, 1 << 20);
        assert_eq!(config.crawl.allow_private.len(), 2);
        assert!(!config.server.anonymous_read);
        assert!(config.data.dir.ends_with("data"));
    }

    #[test]
    fn days_and_hours_have_limits() {
        let config = load("[crawl]\ndaily = 800\nhours = \"22:00-07:00\"\n", &[]).unwrap();
        assert_eq!(config.crawl.daily, Some(800));
        assert_eq!(config.crawl.hours.unwrap().to_string(), "22:00-07:00");
        let config = load(
            "[crawl]\n",
            &[
                ("GONGBAO_CRAWL__DAILY", "9"),
                ("GONGBAO_CRAWL__HOURS", "1:00-2:00"),
            ],
        )
        .unwrap();
        assert_eq!(
            (config.crawl.daily, config.crawl.hours.is_some()),
            (Some(9), true)
        );
        let error = load("[crawl]\nhours = \"at night\"\n", &[])
            .unwrap_err()
            .to_string();
        assert!(error.contains(":2:") && error.contains("22:00-07:00"), "{error}");
        assert!(
            load("[crawl]\ndaily = 0\n", &[])
                .unwrap_err()
                .to_string()
                .contains("daily")
        );
    }

    #[test]
    fn memory_and_logs_have_settings() {
        let config = load("[retention]\nruns = \"30d\"\n[log]\nformat = \"json\"\n", &[]).unwrap();
        assert_eq!(config.retention.runs, Duration::from_secs(30 * 24 * 3600));
        assert_eq!(config.retention.jobs, Duration::from_secs(365 * 24 * 3600));
        assert_eq!(config.log.format, LogFormat::Json);
        let error = load("[log]\nformat = \"xml\"\n", &[]).unwrap_err().to_string();
        assert!(error.contains(":2:") && error.contains("json"), "{error}");
    }

    #[test]
    fn room_to_be_left_is_a_size_or_a_share() {
        let read = |text: &str| load(&format!("[data]\nmin_free = {text}\n"), &[]);
        let of = |text: &str, total: u64| read(text).unwrap().data.min_free.of(total);
        assert_eq!(of("\"1GiB\"", 1 << 40), 1 << 30);
        assert_eq!(of("\"10%\"", 1_000), 100);
        assert_eq!((of("0", 1 << 40), of("\"0\"", 1 << 40)), (0, 0));
        assert!(read("\"plenty\"").unwrap_err().to_string().contains("2GiB"));
        assert!(read("\"100%\"").is_err());
    }

    #[test]
    fn metrics_are_for_the_machine_itself_unless_allowed() {
        let open = "[server]\nadmin_bind = \"0.0.0.0:8081\"\n";
        let error = load(open, &[]).unwrap_err().to_string();
        assert!(
            error.contains("admin_bind") && error.contains("admin_public"),
            "{error}"
        );
        load(&format!("{open}admin_public = true\n"), &[]).unwrap();
        load("[server]\nadmin_bind = \"[::1]:0\"\n", &[]).unwrap();
    }

    #[test]
    fn the_public_address_is_a_web_address_and_no_more() {
        let config = load(
            "[server]\npublic_url = \"https://search.example.org/gongbao\"\n",
            &[],
        )
        .unwrap();
        assert!(config.server.public_url.is_some());
        for wrong in [
            "search.example.org",
            "ftp://a.example/",
            "https://u@a.example/",
            "https://a.example/?q=1",
        ] {
            let error = load(&format!("[server]\npublic_url = {wrong:?}\n"), &[])
                .unwrap_err()
                .to_string();
            assert!(error.contains(":2:") && error.contains(wrong), "{error}");
        }
    }

    #[test]
    fn proxies_and_origins_are_checked() {
        let of = |key: &str, value: &str| load(&format!("[server]\n{key} = [{value:?}]\n"), &[]);
        let config = of("trusted_proxies", "10.0.0.0/8").unwrap();
        assert_eq!(config.server.trusted_proxies.len(), 1);
        assert!(of("trusted_proxies", "::1").is_ok());
        assert!(of("cors_origins", "https://app.example.org").is_ok() && of("cors_origins", "*").is_ok());
        for (key, wrong) in [
            ("trusted_proxies", "proxy.example.org"),
            ("trusted_proxies", "10.0.0.0/33"),
            ("cors_origins", "https://app.example.org/"),
            ("cors_origins", "app.example.org"),
            ("cors_origins", "null"),
        ] {
            let error = of(key, wrong).unwrap_err().to_string();
            assert!(error.contains(":2:") && error.contains(wrong), "{error}");
        }
    }

    #[test]
    fn errors_name_line_and_nearest_key() {
        let error = load("[data]\ndir = \"x\"\n[crawl]\nmin_dealy = \"1s\"\n", &[])
            .unwrap_err()
            .to_string();
        assert!(error.contains(":4:") && error.contains("`min_delay`"), "{error}");
        let error = load("[crawl]\ndelay = \"soon\"\n", &[]).unwrap_err().to_string();
        assert!(error.contains(":2:") && error.contains("soon"), "{error}");
        let error = load("[crawl\n", &[]).unwrap_err().to_string();
        assert!(error.contains(":1:"), "{error}");
        let error = load("", &[("GONGBAO_CRAWL__DELYA", "1s")])
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("GONGBAO_CRAWL__DELYA") && error.contains("`delay`"),
            "{error}"
        );
    }
}
