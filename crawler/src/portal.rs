//! Portal files: which site to crawl, how fast, and what of it to keep.
//!
//! A portal is described by one TOML file whose name is the portal's id. Everything is checked when the file is
//! read; a [`Portal`] that exists can be crawled.

mod file;
mod hours;
mod reader;
mod remarks;
mod schedule;
mod scope;

use std::{fmt, io, path::Path, path::PathBuf, time::Duration};

use report::{Genre, RegionCode};
use serde::Serialize;
use url::Url;

pub(crate) use self::hours::CHINA;
pub(crate) use self::scope::{OutOfScope, Scope};
pub use self::{
    hours::Hours,
    remarks::{FileCheck, check_portal_file},
    schedule::Schedule,
};
use crate::{
    archive::PortalView,
    extract::{Hints, Selectors},
};

/// Longest portal file that is read, in bytes.
const MAX_FILE_BYTES: u64 = 1 << 20;

/// One portal: the web site of a government, or a column of it.
#[derive(Clone, Debug)]
pub struct Portal {
    /// Name of its file without `.toml`: 1 to 64 of `a-z`, `0-9`, `-` and `_`.
    pub id: String,
    /// Name shown to readers; the id when the file gives none.
    pub name: String,
    /// Division whose site this is.
    pub region: Option<RegionCode>,
    /// Where the crawl begins; at least one, all http(s).
    pub seeds: Vec<Url>,
    /// How its lists work.
    pub family: Family,
    /// When it is to be crawled; `None` for a crawl on request only.
    pub schedule: Option<Schedule>,
    /// Path prefixes, globs or URL prefixes that may be fetched; empty for all of the seeds' hosts.
    pub allow: Vec<String>,
    /// The same of what may not; it wins over `allow`.
    pub deny: Vec<String>,
    /// Kinds of report to keep; empty for all.
    pub genres: Vec<Genre>,
    /// Bounds of one crawl.
    pub limits: Limits,
    /// Selectors for pages that the general rules miss.
    pub extract: Selectors,
}

/// Bounds of one crawl of a portal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Most pages, lists included, to visit in one crawl.
    pub max_pages: Option<u64>,
    /// Time between the starts of two requests to a host; the program's own when absent.
    pub delay: Option<Duration>,
    /// Most requests to a host in a day of China time; the program's own when absent.
    pub daily: Option<u64>,
    /// When requests may start, in China time; the program's own when absent.
    pub hours: Option<Hours>,
}

/// How a portal's lists work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// Told from each page.
    Auto,
    /// Plain links, with links to the next pages.
    Static,
    /// TRS WCM (拓尔思): pages counted in a script.
    Trs,
    /// Hanweb jpage (大汉).
    Hanweb,
    /// Hanweb jpaas.
    Jpaas,
    /// UCAP (开普).
    Ucap,
    /// VSB (博达).
    Vsb,
    /// The disclosure platform of Guangdong.
    Gkmlpt,
    /// LonSun (龙讯).
    Lonsun,
    /// The portals of Liaoning.
    Eportal,
    /// A site map, or an index of site maps.
    Sitemap,
    /// RSS or Atom.
    Feed,
}

impl Family {
    /// Every family, in the order of the manual.
    pub const ALL: &'static [Self] = &[
        Self::Auto,
        Self::Static,
        Self::Trs,
        Self::Hanweb,
        Self::Jpaas,
        Self::Ucap,
        Self::Vsb,
        Self::Gkmlpt,
        Self::Lonsun,
        Self::Eportal,
        Self::Sitemap,
        Self::Feed,
    ];

    /// The word in a portal file.
    pub fn code(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Static => "static",
            Self::Trs => "trs",
            Self::Hanweb => "hanweb",
            Self::Jpaas => "jpaas",
            Self::Ucap => "ucap",
            Self::Vsb => "vsb",
            Self::Gkmlpt => "gkmlpt",
            Self::Lonsun => "lonsun",
            Self::Eportal => "eportal",
            Self::Sitemap => "sitemap",
            Self::Feed => "feed",
        }
    }
}

/// What is wrong with a portal file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize)]
pub struct PortalError {
    /// Line of the file, from 1; `None` when the fault is not in one line.
    pub line: Option<usize>,
    /// The key, e.g. `limits.delay`.
    pub key: Option<String>,
    /// What is wrong, and what to write instead.
    pub message: String,
}

impl fmt::Display for PortalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        if let Some(key) = &self.key {
            write!(f, "`{key}`: ")?;
        }
        f.write_str(&self.message)
    }
}

impl PortalError {
    fn whole(message: impl Into<String>) -> Self {
        Self {
            line: None,
            key: None,
            message: message.into(),
        }
    }
}

impl Portal {
    /// Reads a portal file; `file_stem` is its name without `.toml`.
    ///
    /// # Errors
    /// The first thing that is wrong, with its line and key.
    pub fn parse(file_stem: &str, toml_text: &str) -> Result<Self, PortalError> {
        let first = |faults: Vec<PortalError>| faults.into_iter().next();
        Self::parse_all(file_stem, toml_text)
            .map_err(|faults| first(faults).unwrap_or_else(|| PortalError::whole("cannot be read")))
    }

    /// Reads a portal file as [`Portal::parse`] does.
    ///
    /// # Errors
    /// Everything that is wrong, in the order of the file; what is not in one line comes last. Never empty.
    pub fn parse_all(file_stem: &str, toml_text: &str) -> Result<Self, Vec<PortalError>> {
        file::read(file_stem, toml_text.strip_prefix('\u{feff}').unwrap_or(toml_text))
    }

    /// Every key that a portal file can give, those of a table as `table.key`.
    pub fn keys() -> Vec<String> {
        file::all_keys()
    }

    /// What a rebuild needs to know of the portal file.
    pub fn view(&self) -> PortalView {
        PortalView {
            hints: self.hints(),
            genres: self.genres.clone(),
        }
    }

    /// What is known of every page of the portal before it is read.
    pub(crate) fn hints(&self) -> Hints {
        Hints {
            region: self.region,
            site_name: (self.name != self.id).then(|| self.name.clone()),
            selectors: self.extract.clone(),
            ..Hints::default()
        }
    }
}

/// Whether a text can be the id of a portal: 1 to 64 of `a-z`, `0-9`, `-` and `_`.
pub fn is_portal_id(text: &str) -> bool {
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_';
    (1..=64).contains(&text.len()) && text.bytes().all(fits)
}

/// The portal files of a folder.
#[derive(Clone, Debug, Default)]
pub struct Portals {
    /// The good ones, by id.
    pub good: Vec<Portal>,
    /// The files that cannot be used, by path, with the reason.
    pub bad: Vec<(PathBuf, PortalError)>,
}

/// Reads every `.toml` file of a folder; a bad file does not keep the good ones from being used.
///
/// # Errors
/// When the folder itself cannot be read.
pub fn load_portals(dir: &Path) -> io::Result<Portals> {
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "toml") && !path.is_dir() {
            paths.push(path);
        }
    }
    paths.sort();
    let mut portals = Portals::default();
    for path in paths {
        match load_portal(&path) {
            Ok(portal) => portals.good.push(portal),
            Err(error) => portals.bad.push((path, error)),
        }
    }
    portals.good.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(portals)
}

/// Reads one portal file.
///
/// # Errors
/// When it cannot be read, or is wrong.
pub fn load_portal(path: &Path) -> Result<Portal, PortalError> {
    let text = text_of(path)?;
    Portal::parse(stem_of(path), &text)
}

fn text_of(path: &Path) -> Result<String, PortalError> {
    let unreadable = |error: io::Error| PortalError::whole(format!("cannot be read: {error}"));
    let bytes = std::fs::metadata(path).map_err(unreadable)?.len();
    if bytes > MAX_FILE_BYTES {
        return Err(PortalError::whole(format!(
            "has {bytes} bytes, more than the {MAX_FILE_BYTES} that are read"
        )));
    }
    std::fs::read_to_string(path).map_err(unreadable)
}

/// The name of a file without its last extension.
fn stem_of(path: &Path) -> &str {
    path.file_stem()
        .and_then(|stem| stem.to_str())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests;
