//! Lists of TRS WCM (拓尔思): the number of pages stands in a script only.
//!
//! `createPageHTML(3, 0, "index", "html")` means three pages: `index.html`, `index_1.html` and `index_2.html`. A
//! variant puts the id of an element first: `createPageHTML('page_div', 3, 1, 'xxx_list', 'shtml', 20)`. There the
//! second page is `_1` on some sites and `_2` on others, so both ends are asked for and one may be missing. Older
//! templates write their links by hand: `var countPage = 3` and `"index" + "_" + nextPage + "." + "html"`.

use std::{collections::HashMap, sync::LazyLock};

use regex::Regex;
use url::Url;

use super::{
    Found, ListLink, Listing, MAX_PAGES, Mechanism,
    script::{Value, arguments, variables},
};
use crate::portal::Family;

/// Variables that hold the number of pages, in lower case and without `_`.
const TOTALS: &[&str] = &[
    "countpage",
    "pagecount",
    "npagecount",
    "mnpagecount",
    "ipagecount",
    "totalpage",
    "totalpages",
    "ntotalpage",
    "pagetotal",
    "allpage",
    "maxpage",
];

/// The same of the number of rows.
const RECORDS: &[&str] = &[
    "recordcount",
    "nrecordcount",
    "mnrecordcount",
    "totalrecord",
    "totalcount",
    "countrecord",
];

/// The same of the number of rows on a page.
const SIZES: &[&str] = &["pagesize", "npagesize", "mnpagesize", "perpage", "pagerows"];

/// Most calls whose arguments are looked at.
const MAX_CALLS: usize = 200;

/// A further page asks for as many behind it: one that fails does not end the list.
const AHEAD: u32 = 10;

/// The further pages of a list whose script counts them.
pub(super) fn read(listing: &Listing<'_>) -> Option<Found> {
    let code = listing.code();
    let known = variables(code);
    let own = OwnName::of(listing.url);
    let (pages, why) = match called(code, &known, &own) {
        Some((pages, name)) => (pages, format!("a call of {name}")),
        None => {
            let (pages, name) = counted(code, &known, &own, listing.is_named)?;
            (pages, format!("the number of pages in the variable {name}"))
        }
    };
    let lists = pages.links(listing, &own);
    Some(Found {
        mechanism: Mechanism::new(Family::Trs, format!("{why}: {} further pages", pages.last())),
        lists,
        is_list: true,
        ..Found::default()
    })
}

/// How the pages of a list are named.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Pages {
    /// Of all pages.
    total: u32,
    /// File name of the first page without extension.
    name: String,
    extension: String,
    /// Whether the second page is `_1`.
    base: Base,
    /// Nothing but a number of pages was found.
    is_guess: bool,
}

/// Which number the second page has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Base {
    One,
    OneOrTwo,
}

impl Pages {
    /// The highest number that a page may have.
    fn last(&self) -> u32 {
        let last = match self.base {
            _ if self.total <= 1 => 0,
            Base::One => self.total - 1,
            Base::OneOrTwo => self.total,
        };
        last.min(MAX_PAGES)
    }

    fn links(&self, listing: &Listing<'_>, own: &OwnName<'_>) -> Vec<ListLink> {
        let Self { name, extension, .. } = self;
        let own_number = own
            .number
            .filter(|_| own.name == name.rsplit('/').next().unwrap_or(name));
        let numbers = match own_number {
            Some(number) if listing.is_further => number + 1..=self.last().min(number.saturating_add(AHEAD)),
            _ => 1..=self.last(),
        };
        let page = |number: u32| {
            let url = listing.url.join(&format!("{name}_{number}.{extension}")).ok()?;
            let is_end = self.base == Base::OneOrTwo && (number == 1 || number == self.total);
            (listing.in_scope)(&url).then(|| ListLink {
                is_guess: self.is_guess || is_end,
                ..ListLink::page(url, number)
            })
        };
        let first = listing.url.join(&format!("{name}.{extension}")).ok();
        // A further page was named as the seed: the list begins before it.
        let first = first.filter(|_| own_number.is_some() && !listing.is_further);
        let first = first.filter(|url| (listing.in_scope)(url)).map(ListLink::pager);
        first.into_iter().chain(numbers.filter_map(page)).collect()
    }
}

/// The file name of a list's page: `index_2.html`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct OwnName<'a> {
    name: &'a str,
    number: Option<u32>,
    extension: &'a str,
}

impl<'a> OwnName<'a> {
    fn of(url: &'a Url) -> Self {
        let file = url.path().rsplit('/').next().unwrap_or_default();
        let (stem, extension) = file.rsplit_once('.').unwrap_or((file, ""));
        let numbered = stem
            .rsplit_once('_')
            .and_then(|(name, number)| Some((name, number.parse().ok()?)));
        let (name, number) = numbered.map_or((stem, None), |(name, number)| (name, Some(number)));
        Self {
            name: if name.is_empty() { "index" } else { name },
            number,
            extension: if extension.is_empty() { "html" } else { extension },
        }
    }
}

/// What the first call of `createPageHTML` says that can be understood, and the name that it has.
fn called<'a>(
    code: &'a str,
    known: &HashMap<&str, Value<'a>>,
    own: &OwnName<'_>,
) -> Option<(Pages, &'a str)> {
    static CALL: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)(function\s+)?\b(create_?page\w{0,12})\s*\(")
            .expect("a pattern of this file is valid")
    });
    CALL.captures_iter(code).take(MAX_CALLS).find_map(|call| {
        let is_definition = call.get(1).is_some();
        let name = call.get(2)?.as_str();
        let arguments = arguments(code, call.get(0)?.end(), known).filter(|_| !is_definition)?;
        Some((of_arguments(&arguments, own)?, name))
    })
}

fn of_arguments(arguments: &[Value<'_>], own: &OwnName<'_>) -> Option<Pages> {
    use Value::{Number, Text};
    // Two numbers side by side are the total and the current page; what texts stand before and behind tells the rest.
    let at = arguments
        .windows(2)
        .position(|pair| matches!(pair, [Number(_), Number(_)]))?;
    let (Number(total), Number(current)) = (arguments[at], arguments[at + 1]) else {
        return None;
    };
    let texts = |values: &[Value<'_>]| {
        let text = |value: &Value<'_>| match value {
            Text(text) => Some((*text).to_owned()),
            _ => None,
        };
        values.iter().filter_map(text).collect::<Vec<_>>()
    };
    let (before, behind) = (texts(&arguments[..at]), texts(&arguments[at + 2..]));
    let (name, extension, has_id) = match (&before[..], &behind[..]) {
        (_, [name, extension, ..]) if is_extension(extension) => (name.clone(), extension.clone(), at > 0),
        ([name, extension], []) if is_extension(extension) => (name.clone(), extension.clone(), false),
        (_, []) if arguments.len() <= at + 3 => (own.name.to_owned(), own.extension.to_owned(), at > 0),
        _ => return None,
    };
    let extension = extension.trim_start_matches('.').to_owned();
    let name = name.trim_start_matches("./").to_owned();
    let is_plain = |text: &str| {
        !text.is_empty()
            && text.len() <= 100
            && !text.contains("..")
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"._-/".contains(&b))
    };
    if !is_plain(&name) || !is_plain(&extension) {
        return None;
    }
    // On the first page itself, the current page is 0 where pages are counted from 0.
    let is_first = own.number.is_none() && own.name == name && own.extension == extension;
    let base = if has_id || (is_first && current == 1) {
        Base::OneOrTwo
    } else {
        Base::One
    };
    Some(Pages {
        total,
        name,
        extension,
        base,
        is_guess: false,
    })
}

/// The extension of a page.
fn is_extension(text: &str) -> bool {
    let text = text.trim_start_matches('.').to_ascii_lowercase();
    matches!(
        text.as_str(),
        "html" | "htm" | "shtml" | "shtm" | "jhtml" | "jsp" | "asp" | "aspx" | "php"
    )
}

/// What the variables of a template say that writes its links by hand, and the name of the one with the number.
fn counted<'a>(
    code: &'a str,
    known: &HashMap<&'a str, Value<'a>>,
    own: &OwnName<'_>,
    is_named: bool,
) -> Option<(Pages, &'a str)> {
    let number = |names: &[&str]| {
        names.iter().find_map(|wanted| {
            known.iter().find_map(|(name, value)| match value {
                Value::Number(number) if plain_name(name) == *wanted => Some((*number, *name)),
                _ => None,
            })
        })
    };
    let (total, name) = number(TOTALS).or_else(|| {
        let ((records, name), (size, _)) = (number(RECORDS)?, number(SIZES)?);
        Some((records.div_ceil(size.max(1)), name))
    })?;
    let written = written(code);
    if written.is_none() && !is_named {
        return None;
    }
    let (file, extension) = written.unwrap_or_else(|| (own.name.to_owned(), own.extension.to_owned()));
    let pages = Pages {
        total,
        name: file,
        extension,
        base: Base::One,
        is_guess: true,
    };
    Some((pages, name))
}

/// A variable's name in lower case, without `_`.
fn plain_name(name: &str) -> String {
    name.chars()
        .filter(|c| *c != '_')
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

/// Name and extension of the pages whose addresses a script puts together: `"index" + "_" + i + "." + "html"`.
fn written(code: &str) -> Option<(String, String)> {
    static FILE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?:href=|location=|open\(|url=|^|[=>(,;])(?:\./)?([A-Za-z][A-Za-z0-9-]{0,60})_\(?[A-Za-z][A-Za-z0-9_]{0,40}(?:-?1)?\)?\.(s?html?|jhtml)\b")
            .expect("a pattern of this file is valid")
    });
    let bare: String = code
        .chars()
        .filter(|c| !matches!(c, '"' | '\'' | '\\' | '+') && !c.is_whitespace())
        .collect();
    let found = FILE.captures(&bare)?;
    Some((
        found.get(1)?.as_str().to_owned(),
        found.get(2)?.as_str().to_owned(),
    ))
}

#[cfg(test)]
mod tests;
