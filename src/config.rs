//! `gongbao.toml`, `GONGBAO_…` variables and their defaults, read once into one checked value.
//!
//! Flags win over variables, variables over the file, the file over the defaults. `GONGBAO_CRAWL__MIN_DELAY=20ms`
//! sets `min_delay` of `[crawl]`. A key nobody knows is an error that names the nearest known one. What there is to set
//! stands in `config/sections.rs`, how values are written in `config/values.rs`.

mod sections;
mod values;

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use serde::Deserialize;
use toml::{Table, Value};

pub use self::sections::{
    AlertsConfig, CrawlSection, DataConfig, LimitsConfig, LogConfig, LogFormat, RecrawlConfig,
    RetentionConfig, SearchConfig, ServerConfig,
};

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
mod tests;
