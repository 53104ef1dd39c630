//! Lists that are web pages: which links lead to reports, which to further pages, which to columns.
//!
//! A link is judged by the shape of its address first, then by the date beside it, then by the length of its text.
//! What is left may be a column: on a home page those with a telling name are followed, on a hub those below it as
//! well, on a list only those below it, unless the whole site is asked for.

use std::collections::{HashMap, HashSet};

use url::Url;

use super::{
    Found, ListLink, ReportLink,
    columns::{ColumnSign, is_hub, is_look_alike, is_other_channel, sign},
    files,
    names::{ENTRANCES, FURNITURE, NEXT, ONWARD},
    shape::{Shape, shape},
};
use crate::{
    links::Link,
    url::{is_index_file, page_key},
};

/// Fewest characters (Han, Latin, digits) of a title that stands without a date, at an address that does not tell.
const MIN_TITLE_CHARS: usize = 10;

/// Fewest Han characters among them.
pub(super) const MIN_TITLE_HAN: usize = 6;

/// Fewest dated rows of a page that is a list, not a hub.
const MIN_LIST_ROWS: usize = 5;

/// Most links of a home page that is only an entrance.
const MAX_ENTRANCE_LINKS: usize = 12;

/// Most of them that are followed.
const MAX_ENTRANCES: usize = 3;

/// What is known of a page beside its links.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Setting<'a> {
    /// It is a list for certain.
    pub(super) is_list: bool,
    /// A seed is a home page: columns are followed from wherever they are linked.
    pub(super) is_whole_site: bool,
    /// What the page calls itself.
    pub(super) name: Option<&'a str>,
}

/// Reads the links of a page.
pub(super) fn read(
    links: &[Link],
    page_url: &Url,
    in_scope: &dyn Fn(&Url) -> bool,
    setting: Setting<'_>,
) -> Found {
    let own_key = page_key(page_url);
    let is_home = is_home(page_url);
    let mut found = Found::default();
    let mut columns: Vec<(&Link, String, ColumnSign)> = Vec::new();
    // Keys of what was found; of a report also where.
    let mut seen: HashMap<String, Option<usize>> = HashMap::new();
    let mut dated_rows = 0;
    for link in links {
        let key = page_key(&link.url);
        if key == own_key {
            continue;
        }
        let shape = shape(&link.url);
        if !in_scope(&link.url) {
            if is_report(link, shape) {
                found.elsewhere.push(link.url.clone());
            }
            continue;
        }
        if is_next(link) || is_numbered(link, page_url) || is_onward(link, page_url) {
            if seen.insert(key, None).is_none() {
                found.lists.push(ListLink {
                    number: page_number(&link.text).and_then(|number| number.checked_sub(1)),
                    ..ListLink::pager(link.url.clone())
                });
            }
        } else if is_report(link, shape) {
            dated_rows += usize::from(link.date.is_some());
            let row = ReportLink {
                url: link.url.clone(),
                title: title(link),
                date: link.date,
            };
            match seen.get(&key) {
                Some(Some(at)) => found.reports[*at].improve(row),
                Some(None) => {}
                None => {
                    seen.insert(key, Some(found.reports.len()));
                    found.reports.push(row);
                }
            }
        } else if let Some(sign) = column_sign(link, shape, page_url, is_home) {
            columns.push((link, key, sign));
        }
    }
    leave_own_files(&mut found.reports);
    let is_elsewhere =
        |link: &Link, sign: ColumnSign| sign != ColumnSign::Department && !is_below(&link.url, page_url);
    let n_elsewhere = columns
        .iter()
        .filter(|(link, _, sign)| is_elsewhere(link, *sign))
        .count();
    let has_pager = found.lists.iter().any(|list| list.is_pager);
    // A short list has at least as many reports as its navigation has columns; a hub has fewer.
    let is_short_list = !found.reports.is_empty() && found.reports.len() >= n_elsewhere;
    let looks_like_list = dated_rows >= MIN_LIST_ROWS || is_short_list;
    let is_list =
        !is_home && (setting.is_list || has_pager || looks_like_list && !is_hub(setting.name, page_url));
    found.is_list = is_list;
    for (link, key, sign) in columns {
        let is_wanted = match sign {
            _ if !is_list => true,
            ColumnSign::Shown => false,
            ColumnSign::Year => is_below(&link.url, page_url) || differs_in_year(&link.url, page_url),
            ColumnSign::Name(_) | ColumnSign::Folder(_) | ColumnSign::Department if setting.is_whole_site => {
                true
            }
            _ => is_below(&link.url, page_url),
        };
        if is_wanted && seen.insert(key, None).is_none() {
            found
                .lists
                .push(ListLink::named(link.url.clone(), &link.text, sign));
        }
    }
    if is_home && found.reports.is_empty() && found.lists.is_empty() {
        found.lists = entrances(links, page_url, in_scope);
    }
    found
}

/// Whether an address is that of a whole site.
pub(crate) fn is_home(url: &Url) -> bool {
    matches!(shape(url), Shape::List) && url.path().matches('/').count() == 1
}

/// Leaves out files that stand beside the page of the same report.
fn leave_own_files(reports: &mut Vec<ReportLink>) {
    let is_file = |link: &ReportLink| shape(&link.url) == Shape::File;
    let name = |link: &ReportLink| {
        let title = link.title.as_deref().map(without_ending).unwrap_or_default();
        title.split_whitespace().collect::<String>()
    };
    let pages: HashSet<String> = reports.iter().filter(|link| !is_file(link)).map(name).collect();
    reports.retain(|link| !is_file(link) || !pages.contains(&name(link)));
}

/// The name of a file without what tells its kind.
fn without_ending(name: &str) -> &str {
    match name.rsplit_once('.') {
        Some((stem, ending)) if ending.len() <= 4 && ending.bytes().all(|b| b.is_ascii_alphanumeric()) => {
            stem
        }
        _ => name,
    }
}

/// The ways in from a home page that shows nothing but an entrance: `进入网站`, or a picture.
fn entrances(links: &[Link], page_url: &Url, in_scope: &dyn Fn(&Url) -> bool) -> Vec<ListLink> {
    let own = page_key(page_url);
    let is_page = |link: &&Link| {
        matches!(shape(&link.url), Shape::List | Shape::Page)
            && page_key(&link.url) != own
            && in_scope(&link.url)
    };
    let inner: Vec<_> = links.iter().filter(is_page).collect();
    if inner.len() > MAX_ENTRANCE_LINKS {
        return Vec::new();
    }
    let is_named = |link: &Link| {
        let text = link.text.to_lowercase();
        ENTRANCES.iter().any(|part| text.contains(part))
    };
    let is_way_in =
        |link: &&&Link| is_named(link) || !is_furniture(link) && !is_look_alike(&link.text, &link.url);
    let mut ways: Vec<&Link> = inner.iter().filter(is_way_in).copied().collect();
    ways.sort_by_key(|link| !is_named(link));
    let mut entrances: Vec<ListLink> = Vec::new();
    for link in ways {
        if entrances.len() < MAX_ENTRANCES && entrances.iter().all(|known| known.url != link.url) {
            entrances.push(ListLink::named(
                link.url.clone(),
                &link.text,
                ColumnSign::Entrance,
            ));
        }
    }
    entrances
}

/// By what sign a link that is no report may lead to a column of reports.
fn column_sign(link: &Link, shape: Shape, page_url: &Url, is_home: bool) -> Option<ColumnSign> {
    if matches!(shape, Shape::File | Shape::Asset)
        || is_furniture(link)
        || is_index_above(&link.url, page_url)
    {
        return None;
    }
    if link.is_frame {
        return Some(ColumnSign::Shown);
    }
    let is_column_below = !is_home && shape == Shape::List && is_below(&link.url, page_url);
    let name: String = link.text.split_whitespace().collect();
    sign(&link.text, &link.url).or_else(|| {
        let is_wanted = is_column_below && !is_other_channel(&name) && !is_look_alike(&name, &link.url);
        is_wanted.then_some(ColumnSign::Below)
    })
}

fn title(link: &Link) -> Option<String> {
    Some(link.text.clone()).filter(|text| han_chars(text) >= 2)
}

fn is_report(link: &Link, shape: Shape) -> bool {
    let han = han_chars(&link.text);
    let is_title =
        han >= MIN_TITLE_HAN && link.text.chars().filter(|c| c.is_alphanumeric()).count() >= MIN_TITLE_CHARS;
    match shape {
        Shape::Asset => false,
        _ if is_furniture(link) || is_unpublished(&link.url) => false,
        Shape::File => files::is_report(&link.url, &link.text, link.date),
        // Pages about leaders and offices have the addresses of documents; what has a date is one.
        _ if link.date.is_none() && is_look_alike(&link.text, &link.url) => false,
        Shape::Document => true,
        Shape::Page => is_title || (link.date.is_some() && han >= 4),
        // An address like a column's may be a document's: then it has a title and a date.
        Shape::List => is_title && link.date.is_some(),
    }
}

fn is_furniture(link: &Link) -> bool {
    is_furniture_text(&link.text)
}

/// VSB (博达) addresses a document that is not published so; it is behind a login.
fn is_unpublished(url: &Url) -> bool {
    let query = url.query().unwrap_or_default().to_ascii_lowercase();
    query.contains("urltype=news.newscontenturl")
}

/// Whether a link says what is on every page and leads to no report.
pub(super) fn is_furniture_text(text: &str) -> bool {
    let text = text
        .trim_matches(['[', ']', '【', '】', '(', ')', '|', ' '])
        .to_lowercase();
    FURNITURE.contains(&text.as_str())
}

/// Whether a link leads to the next page.
pub(super) fn is_next(link: &Link) -> bool {
    link.is_next || (is_next_text(&link.text) && !ONWARD.contains(&link.text.as_str()))
}

/// Whether a link that might lead on to anything leads on in this list: to an address that differs in a number or the
/// query, or to a numbered page beside it.
fn is_onward(link: &Link, page_url: &Url) -> bool {
    let text = link
        .text
        .trim_matches(['[', ']', '【', '】', '.', '…', ' '])
        .to_lowercase();
    let is_beside = || {
        let file = &link.url.path()[folder(&link.url).len()..];
        folder(&link.url) == folder(page_url)
            && shape(&link.url) != Shape::Document
            && file.bytes().any(|byte| byte.is_ascii_digit())
    };
    ONWARD.contains(&text.as_str())
        && link.url.host_str() == page_url.host_str()
        && (stem(&link.url) == stem(page_url) || is_beside())
}

/// Whether a link says that it leads to the next page.
pub(super) fn is_next_text(text: &str) -> bool {
    let text = text.trim_matches(['[', ']', '【', '】', ' ']).to_lowercase();
    let bare = text.trim_matches(|c: char| !c.is_alphanumeric());
    NEXT.contains(&if bare.is_empty() { text.as_str() } else { bare })
}

/// Whether a link says that it leads to the last page.
pub(super) fn is_last(text: &str) -> bool {
    let bare = text.trim_matches(|c: char| !c.is_alphanumeric());
    matches!(bare, "尾页" | "末页" | "最后一页" | "最末页" | "最后页")
}

/// The number that a link to a page says, and nothing else.
pub(super) fn page_number(text: &str) -> Option<u32> {
    let text = text.trim_matches(['[', ']', '第', '页', ' ']);
    let is_number = (1..=4).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|_| is_number)
}

/// A link that only says a page number, to an address that differs from this one in a number or the query only, or
/// that has the number last and lies below.
fn is_numbered(link: &Link, page_url: &Url) -> bool {
    let Some(number) = page_number(&link.text) else {
        return false;
    };
    if stem(&link.url) == stem(page_url) {
        return true;
    }
    let is_below =
        link.url.host_str() == page_url.host_str() && link.url.path().starts_with(folder(page_url));
    let is_year = number >= 1900;
    is_below && !is_year && shape(&link.url) != Shape::Document && ends_with(&link.url, number)
}

/// Whether the last number of a path is that of a page, counted from 1 or from 0.
fn ends_with(url: &Url, page: u32) -> bool {
    if url.query().is_some() {
        return false;
    }
    let mut digits = url
        .path()
        .split(|c: char| !c.is_ascii_digit())
        .filter(|digits| !digits.is_empty());
    let last: Option<u32> = digits.next_back().and_then(|digits| digits.parse().ok());
    last.is_some_and(|last| last == page || last + 1 == page)
}

/// The path without the number of a page: folder, and the file name up to `_2.html`.
pub(super) fn stem(url: &Url) -> (&str, &str) {
    let (folder, file) = url.path().split_at(url.path().rfind('/').map_or(0, |at| at + 1));
    let name = file.split('.').next().unwrap_or_default();
    let name = name
        .trim_end_matches(|c: char| c.is_ascii_digit())
        .trim_end_matches(['_', '-']);
    // `/zwgk/` and `/zwgk/index_2.html` are pages of one list.
    (folder, if name == "index" { "" } else { name })
}

/// Whether two addresses are the same but for a year and the query.
fn differs_in_year(url: &Url, page_url: &Url) -> bool {
    let yearless = |url: &Url| -> Vec<String> {
        let is_year = |part: &&str| part.len() == 4 && (part.starts_with("19") || part.starts_with("20"));
        let parts = url.path().split(|c: char| !c.is_ascii_alphanumeric());
        parts.filter(|part| !is_year(part)).map(str::to_owned).collect()
    };
    url.host_str() == page_url.host_str() && yearless(url) == yearless(page_url)
}

/// Whether an address lies in a folder below that of the page.
fn is_below(url: &Url, page_url: &Url) -> bool {
    let rest = url.path().strip_prefix(folder(page_url)).unwrap_or_default();
    url.host_str() == page_url.host_str() && rest.contains('/')
}

/// Whether an address is a folder that the page lies in: the way up, which every page shows.
pub(crate) fn is_index_above(url: &Url, page_url: &Url) -> bool {
    let above = folder(url);
    let file = &url.path()[above.len()..];
    url.host_str() == page_url.host_str()
        && (file.is_empty() || is_index_file(file))
        && url.query().is_none()
        && folder(page_url).starts_with(above)
}

/// The path up to and with its last slash.
fn folder(url: &Url) -> &str {
    &url.path()[..url.path().rfind('/').map_or(0, |at| at + 1)]
}

/// Han characters of a text.
pub(super) fn han_chars(text: &str) -> usize {
    text.chars()
        .filter(|c| matches!(*c, '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}'))
        .count()
}
