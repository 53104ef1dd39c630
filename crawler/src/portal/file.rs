//! The keys of a portal file, each read into its value or found wrong.

use report::{Genre, RegionCode, divisions};
use url::Url;

use super::{
    Family, Hours, Limits, Portal, PortalError, Schedule, is_portal_id,
    reader::{self, Entry, Source, Table},
    scope,
};
use crate::extract::Selectors;

/// The keys of the file itself.
const KEYS: &[&str] = &[
    "id", "name", "region", "seeds", "family", "schedule", "allow", "deny", "genres", "limits", "extract",
];

/// The keys of `[limits]`.
const LIMITS_KEYS: &[&str] = &["max_pages", "delay", "daily", "hours"];

/// The keys of `[extract]`.
const EXTRACT_KEYS: &[&str] = &["content", "title", "drop"];

/// Every key that has a value of its own, those of a table as `table.key`.
pub(super) fn all_keys() -> Vec<String> {
    let tables = [("limits", LIMITS_KEYS), ("extract", EXTRACT_KEYS)];
    let mut keys = Vec::new();
    for key in KEYS {
        match tables.iter().find(|(table, _)| table == key) {
            Some((table, inner)) => keys.extend(inner.iter().map(|key| format!("{table}.{key}"))),
            None => keys.push((*key).to_owned()),
        }
    }
    keys
}

/// Reads a portal file.
pub(super) fn read(file_stem: &str, text: &str) -> Result<Portal, Vec<PortalError>> {
    let source = Source::new(text);
    let document = source.document();
    // After a fault of the syntax, what seems to be missing may be what could not be read.
    let is_toml = source.is_right();
    let portal = portal(file_stem, &Table::root(&source, &document));
    match portal {
        Some(portal) if source.is_right() => Ok(portal),
        _ => {
            let mut faults = source.into_faults();
            faults.retain(|fault| is_toml || fault.line.is_some());
            Err(faults)
        }
    }
}

fn portal(file_stem: &str, file: &Table<'_>) -> Option<Portal> {
    file.check_keys(KEYS);
    let id = id(file, file_stem);
    let name = file.string("name");
    let portal = Portal {
        name: name.unwrap_or(file_stem).trim().to_owned(),
        region: region(file),
        seeds: seeds(file),
        family: family(file),
        schedule: schedule(file),
        allow: patterns(file, "allow"),
        deny: patterns(file, "deny"),
        genres: genres(file),
        limits: limits(file),
        extract: selectors(file),
        id: id?,
    };
    Some(portal)
}

fn id(file: &Table<'_>, file_stem: &str) -> Option<String> {
    let given = file.string("id");
    if !is_portal_id(file_stem) {
        let rule = "the file name without .toml is the portal's id and has 1 to 64 of a-z, 0-9, - and _, got";
        file.whole(format!("{rule} {file_stem:?}"));
        return None;
    }
    if let Some(id) = given.filter(|id| *id != file_stem) {
        file.wrong(
            "id",
            format!("is the file name without .toml, so write {file_stem:?} instead of {id:?}"),
        );
    }
    Some(file_stem.to_owned())
}

fn region(file: &Table<'_>) -> Option<RegionCode> {
    let code: Result<RegionCode, _> = file.string("region")?.parse();
    match code {
        Ok(code) if divisions().get(code).is_some() => Some(code),
        Ok(code) => {
            let nothing = "is no administrative division, today or in the past";
            file.wrong("region", format!("{code} {nothing}"));
            None
        }
        Err(error) => {
            file.wrong("region", format!("{error}, e.g. \"430482\""));
            None
        }
    }
}

fn seeds(file: &Table<'_>) -> Vec<Url> {
    let entries = file.strings("seeds");
    if entries.is_empty() {
        let needed = "at least one address is needed, e.g. [\"https://www.example.gov.cn/zwgk/\"]";
        file.wrong("seeds", needed);
    }
    let mut seeds = Vec::with_capacity(entries.len());
    for entry in &entries {
        match seed(entry.text) {
            Ok(seed) => seeds.push(seed),
            Err(message) => file.wrong_entry("seeds", entry, message),
        }
    }
    seeds
}

fn seed(text: &str) -> Result<Url, String> {
    let seed = Url::parse(text).map_err(|error| {
        let hint = "write the whole address, e.g. \"https://www.example.gov.cn/\"";
        format!("{text:?} is no address: {error}; {hint}")
    })?;
    if !matches!(seed.scheme(), "http" | "https") || seed.host_str().is_none_or(str::is_empty) {
        return Err(format!("{text:?} must begin with http:// or https://"));
    }
    if !seed.username().is_empty() || seed.password().is_some() {
        return Err(format!("{text:?} must not carry a user name or password"));
    }
    Ok(seed)
}

fn family(file: &Table<'_>) -> Family {
    let Some(text) = file.string("family") else {
        return Family::Auto;
    };
    let found = Family::ALL.iter().copied().find(|family| family.code() == text);
    found.unwrap_or_else(|| {
        let codes: Vec<_> = Family::ALL.iter().map(|family| family.code()).collect();
        file.wrong("family", reader::unknown(text, &codes));
        Family::Auto
    })
}

fn genres(file: &Table<'_>) -> Vec<Genre> {
    let codes: Vec<_> = Genre::ALL.iter().map(|genre| genre.code()).collect();
    let genre = |entry: &Entry<'_>| {
        let genre = entry.text.parse().ok();
        if genre.is_none() {
            file.wrong_entry("genres", entry, reader::unknown(entry.text, &codes));
        }
        genre
    };
    file.strings("genres").iter().filter_map(genre).collect()
}

fn patterns(file: &Table<'_>, key: &str) -> Vec<String> {
    let entries = file.strings(key);
    for entry in &entries {
        if let Err(message) = scope::check_pattern(entry.text) {
            file.wrong_entry(key, entry, message);
        }
    }
    entries.iter().map(|entry| entry.text.to_owned()).collect()
}

fn schedule(file: &Table<'_>) -> Option<Schedule> {
    Schedule::parse(file.string("schedule")?)
        .inspect_err(|error| file.wrong("schedule", error.as_str()))
        .ok()
}

fn limits(file: &Table<'_>) -> Limits {
    let Some(table) = file.table("limits") else {
        return Limits::default();
    };
    table.check_keys(LIMITS_KEYS);
    let delay = table.string("delay").and_then(|text| {
        let delay = humantime::parse_duration(text);
        delay
            .inspect_err(|error| {
                let help = "write e.g. \"2s\" or \"500ms\"";
                table.wrong("delay", format!("{text:?} is no length of time: {error}; {help}"));
            })
            .ok()
    });
    let hours = table.string("hours").and_then(|text| {
        Hours::parse(text)
            .inspect_err(|error| table.wrong("hours", error.as_str()))
            .ok()
    });
    Limits {
        max_pages: table.positive("max_pages"),
        delay,
        daily: table.positive("daily"),
        hours,
    }
}

fn selectors(file: &Table<'_>) -> Selectors {
    let Some(table) = file.table("extract") else {
        return Selectors::default();
    };
    table.check_keys(EXTRACT_KEYS);
    let is_css = |selector: &str| {
        let alone = Selectors {
            content: Some(selector.to_owned()),
            ..Selectors::default()
        };
        alone.check().is_ok()
    };
    let no_css = |selector: &str| format!("{selector:?} is no CSS selector");
    let one = |key: &str| {
        let selector = table.string(key)?;
        if !is_css(selector) {
            table.wrong(key, no_css(selector));
        }
        Some(selector.to_owned())
    };
    let drop = table.strings("drop");
    for entry in drop.iter().filter(|entry| !is_css(entry.text)) {
        table.wrong_entry("drop", entry, no_css(entry.text));
    }
    Selectors {
        content: one("content"),
        title: one("title"),
        drop: drop.iter().map(|entry| entry.text.to_owned()).collect(),
    }
}
