//! What a list leads to: reports with the title and date of their row, further pages of the list, columns.
//!
//! Pure: a fetched page goes in, links come out. Each family of content systems has a file of its own below;
//! `auto` looks at every page anew, since one portal often mixes several.

mod columns;
mod page;
mod shape;
mod sitemap;
mod trs;

use jiff::civil::Date;
use url::Url;

pub(crate) use self::shape::{Shape, shape, trap};
use crate::{extract::decode, fetch::gunzip, links, portal::Family};

/// A page with fewer links may do nothing but send its visitors on.
const FEW_LINKS: usize = 3;

/// Longest site map, unpacked (sitemaps.org).
const MAX_SITEMAP_BYTES: u64 = 50 << 20;

/// A list to be read.
pub(crate) struct List<'a> {
    /// Address that answered.
    pub(crate) url: &'a Url,
    /// Body without content coding.
    pub(crate) body: &'a [u8],
    /// Charset of the Content-Type header.
    pub(crate) charset: Option<&'a str>,
    /// The portal's family.
    pub(crate) family: Family,
    /// Whether the portal's crawl may fetch an address.
    pub(crate) in_scope: &'a dyn Fn(&Url) -> bool,
}

/// What a list leads to.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Found {
    /// Links to what may be reports, in the order of the list.
    pub(crate) reports: Vec<ReportLink>,
    /// Links to further lists.
    pub(crate) lists: Vec<ListLink>,
    /// It was a site map.
    pub(crate) is_sitemap: bool,
}

/// A link to what may be a report.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ReportLink {
    pub(crate) url: Url,
    /// Title in the row.
    pub(crate) title: Option<String>,
    /// Date in the row.
    pub(crate) date: Option<Date>,
}

/// A link to a further list.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ListLink {
    pub(crate) url: Url,
    /// Body of a POST, urlencoded; `None` is a GET.
    pub(crate) form: Option<String>,
    /// It is another page of the same list.
    pub(crate) is_pager: bool,
    /// Number of that page, when the list tells; the first is 0.
    pub(crate) number: Option<u32>,
    /// It may not be there, and that is no fault.
    pub(crate) is_guess: bool,
}

impl ListLink {
    fn pager(url: Url) -> Self {
        Self {
            url,
            form: None,
            is_pager: true,
            number: None,
            is_guess: false,
        }
    }

    fn column(url: Url) -> Self {
        Self {
            url,
            form: None,
            is_pager: false,
            number: None,
            is_guess: false,
        }
    }
}

/// Reads a list.
pub(crate) fn read(list: &List<'_>) -> Found {
    let unpacked = list
        .body
        .starts_with(&[0x1f, 0x8b])
        .then(|| gunzip(list.body, MAX_SITEMAP_BYTES).ok())
        .flatten();
    let text = decode(unpacked.as_deref().unwrap_or(list.body), list.charset).text;
    if matches!(list.family, Family::Auto | Family::Sitemap)
        && let Some(map) = sitemap::read(text.trim_start())
    {
        return of_sitemap(map, list.in_scope);
    }
    if list.family == Family::Sitemap {
        return Found::default();
    }
    let tree = crate::extract::dom::parse(&text);
    let links = links::links(&tree, list.url);
    let mut found = page::read(&links, list.url, list.in_scope);
    if links.len() < FEW_LINKS
        && let Some(target) = links::scripted_target(&text, list.url).filter(|target| (list.in_scope)(target))
    {
        found.lists.push(ListLink::column(target));
    }
    if matches!(list.family, Family::Auto | Family::Trs)
        && let Some(further) = trs::further_pages(&text, list.url)
    {
        // The script knows all pages; what the page shows beside it are the same.
        found.lists.retain(|link| !link.is_pager);
        let further = further.into_iter().filter(|page| (list.in_scope)(&page.url));
        found.lists.extend(further.map(|page| ListLink {
            url: page.url,
            form: None,
            is_pager: true,
            number: Some(page.number),
            is_guess: page.is_guess,
        }));
    }
    found
}

fn of_sitemap(map: sitemap::Sitemap, in_scope: &dyn Fn(&Url) -> bool) -> Found {
    let is_page = |url: &Url| in_scope(url) && !matches!(shape(url), Shape::File | Shape::Asset);
    let reports = map.pages.into_iter().filter(is_page);
    let lists = map.sitemaps.into_iter().filter(|url| in_scope(url));
    Found {
        reports: reports
            .map(|url| ReportLink {
                url,
                title: None,
                date: None,
            })
            .collect(),
        lists: lists.map(ListLink::column).collect(),
        is_sitemap: true,
    }
}

#[cfg(test)]
mod tests;
