//! What is right in a portal file and yet hardly meant: each remark names the line and says what to write instead.
//!
//! Nothing is asked of the network here. What `gongbao.toml` says counts as well: a delay below its floor, a private
//! host that it does not open.

use std::{path::Path, sync::LazyLock};

use regex::Regex;
use report::divisions;
use serde::Serialize;
use url::Url;

use super::{
    Family, Portal, PortalError, Scope,
    reader::{Entry, Source, Table},
    stem_of, text_of,
};
use crate::{
    crawl::CrawlConfig,
    fetch::{PrivateHosts, check_url, host_port},
    url::{is_index_file, page_key},
};

/// A limit of pages that hardly lets a crawl get from a seed through a list to its reports.
const FEW_PAGES: u64 = 20;

/// What is to be said of a portal file.
#[derive(Clone, Debug, Serialize)]
pub struct FileCheck {
    /// Name of the file without `.toml`.
    pub id: String,
    /// The portal; `None` when there are errors.
    #[serde(skip)]
    pub portal: Option<Portal>,
    /// What keeps it from being crawled, in the order of the file.
    pub errors: Vec<PortalError>,
    /// What is hardly meant so, in the order of the file.
    pub warnings: Vec<PortalError>,
}

/// Checks the portal file at `path`: everything that is wrong in it, and what is hardly meant.
pub fn check_portal_file(path: &Path, config: &CrawlConfig) -> FileCheck {
    let id = stem_of(path).to_owned();
    let read = text_of(path).map_err(|error| vec![error]).and_then(|text| {
        let portal = Portal::parse_all(&id, &text)?;
        Ok((remarks(&portal, &text, config), portal))
    });
    match read {
        Ok((warnings, portal)) => FileCheck {
            id,
            portal: Some(portal),
            errors: Vec::new(),
            warnings,
        },
        Err(errors) => FileCheck {
            id,
            portal: None,
            errors,
            warnings: Vec::new(),
        },
    }
}

/// The remarks on a file that is right.
fn remarks(portal: &Portal, text: &str, config: &CrawlConfig) -> Vec<PortalError> {
    let source = Source::new(text.strip_prefix('\u{feff}').unwrap_or(text));
    let document = source.document();
    let file = Table::root(&source, &document);
    // An entry of the file that is right was taken over in its place.
    let seeds: Vec<_> = file.strings("seeds").into_iter().zip(&portal.seeds).collect();
    let private = PrivateHosts::new(&config.allow_private);
    region(portal, &file);
    reach(&seeds, &file, &private);
    scope(portal, &seeds, &file);
    family(portal, &seeds, &file);
    limits(portal, &file, config, &private);
    contact(portal, &file, config, &private);
    source.into_faults()
}

/// A code that is no longer in use stands for what became of it.
fn region(portal: &Portal, file: &Table<'_>) {
    let Some(region) = portal.region.and_then(|code| divisions().get(code)) else {
        return;
    };
    if region.current {
        return;
    }
    let named = |code| {
        divisions()
            .get(code)
            .map_or_else(String::new, |region| format!("\"{code}\" ({})", region.name))
    };
    let today: Vec<_> = region.successors.iter().copied().map(named).collect();
    let hint = match today.as_slice() {
        [] => "look up today's code".to_owned(),
        [one] => format!("today it is {one}"),
        several => format!("today there are {}", several.join(", ")),
    };
    let until = region
        .until
        .map_or_else(String::new, |year| format!(" since {}", year + 1));
    let message = format!(
        "{} ({}) is not in use any more{until}; {hint}",
        region.code, region.name
    );
    file.wrong("region", message);
}

/// Seeds that cannot be fetched, or are fetched once.
fn reach(seeds: &[(Entry<'_>, &Url)], file: &Table<'_>, private: &PrivateHosts) {
    let mut keys: Vec<String> = Vec::new();
    for (entry, seed) in seeds {
        let is_local = seed
            .host_str()
            .is_some_and(|host| host.eq_ignore_ascii_case("localhost"));
        let refusal = check_url(seed, private).err();
        if refusal.is_some() || (is_local && !private.contains(seed)) {
            let why = refusal.map_or_else(|| "it is this machine".to_owned(), |error| error.to_string());
            let host = host_port(seed);
            let hint =
                format!("if it is meant, put \"{host}\" into allow_private of [crawl] in gongbao.toml");
            file.wrong_entry(
                "seeds",
                entry,
                format!("{seed} will not be fetched: {why}; {hint}"),
            );
        }
        let key = page_key(seed);
        if keys.contains(&key) {
            file.wrong_entry("seeds", entry, format!("{seed} stands here twice; leave one out"));
        }
        keys.push(key);
    }
}

/// Seeds outside of what `allow` and `deny` leave.
fn scope(portal: &Portal, seeds: &[(Entry<'_>, &Url)], file: &Table<'_>) {
    let scope = Scope::new(portal);
    let is_home = |url: &Url| {
        let file = url.path().trim_start_matches('/');
        url.query().is_none() && (file.is_empty() || is_index_file(file))
    };
    for (entry, seed) in seeds.iter().filter(|(_, seed)| scope.is_denied(seed)) {
        let message = format!(
            "{seed} is itself shut out by `deny`: it is fetched as a seed, but nothing like it; \
             take it out of `seeds` or narrow `deny`"
        );
        file.wrong_entry("seeds", entry, message);
    }
    let is_left_out = |seed: &Url| scope.is_not_allowed(seed) && !is_home(seed);
    if !seeds.is_empty() && seeds.iter().all(|(_, seed)| is_left_out(seed)) {
        file.wrong(
            "allow",
            "no seed lies in it, so hardly anything they lead to will; add the folders of the seeds, or write []",
        );
    }
}

/// Addresses by which a family is known.
const SIGNS: &[(Family, &str)] = &[
    (Family::Gkmlpt, r"/gkmlpt/"),
    (
        Family::Hanweb,
        r"/col/col\d+/|/art/\d{4}/\d\d?/\d\d?/art_|/module/(?:web/)?jpage/",
    ),
    (Family::Lonsun, r"/public/column/\d+"),
    (Family::Eportal, r"/eportal/"),
    (Family::Sitemap, r"/sitemap[^/]*\.xml(?:\.gz)?$"),
    (Family::Feed, r"\.(?:rss|atom)$|/(?:rss|feed|atom)(?:\.xml)?/?$"),
    (Family::Trs, r"/t20\d{6}_\d+\.s?html?$"),
];

/// A family that the addresses of the seeds contradict.
fn family(portal: &Portal, seeds: &[(Entry<'_>, &Url)], file: &Table<'_>) {
    // The two products of one maker share their addresses.
    let fits =
        |sign: Family| sign == portal.family || (sign == Family::Hanweb && portal.family == Family::Jpaas);
    if portal.family == Family::Auto {
        return;
    }
    for (_, seed) in seeds {
        let sign = signs().iter().find(|(_, pattern)| pattern.is_match(seed.path()));
        if let Some((sign, _)) = sign.filter(|(sign, _)| !fits(*sign)) {
            let (written, code) = (portal.family.code(), sign.code());
            let message = format!(
                "{written:?} is written, but {seed} looks like {code:?}; write \"auto\", or {code:?}"
            );
            file.wrong("family", message);
            return;
        }
    }
}

fn signs() -> &'static [(Family, Regex)] {
    static COMPILED: LazyLock<Vec<(Family, Regex)>> = LazyLock::new(|| {
        let compile = |(family, pattern): &(Family, &str)| {
            (
                *family,
                Regex::new(pattern).expect("a pattern of this file is valid"),
            )
        };
        SIGNS.iter().map(compile).collect()
    });
    &COMPILED
}

fn limits(portal: &Portal, file: &Table<'_>, config: &CrawlConfig, private: &PrivateHosts) {
    let Some(table) = file.table("limits") else {
        return;
    };
    let has_floor = portal.seeds.iter().any(|seed| !private.contains(seed));
    if let Some(delay) = portal.limits.delay
        && delay < config.min_delay
        && has_floor
    {
        let floor = humantime::format_duration(config.min_delay);
        let message = format!(
            "is below min_delay of [crawl] in gongbao.toml, so {floor} is kept; write \"{floor}\" or more"
        );
        table.wrong("delay", message);
    }
    if let Some(max_pages) = portal.limits.max_pages.filter(|max_pages| *max_pages < FEW_PAGES) {
        let message = format!(
            "{max_pages} requests hardly lead from a seed through its lists to all reports; \
             leave it out, or write some hundreds"
        );
        table.wrong("max_pages", message);
    }
}

/// Portals should be able to reach whoever crawls them.
fn contact(portal: &Portal, file: &Table<'_>, config: &CrawlConfig, private: &PrivateHosts) {
    let is_example = |text: &str| text.contains("example.org") || text.contains("example.com");
    let is_public = portal.seeds.iter().any(|seed| !private.contains(seed));
    if is_public && (config.contact.trim().is_empty() || is_example(&config.contact)) {
        file.whole(
            "the contact that portals see is an example: put an address of yours into contact of [crawl] in \
             gongbao.toml",
        );
    }
}

#[cfg(test)]
mod tests;
