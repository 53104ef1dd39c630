//! Rows that a mechanism delivered: each is an entry of the list, so its link needs no judging as on a page.

use std::collections::{HashMap, hash_map::Entry};

use jiff::civil::Date;
use url::Url;

use super::{
    Found, Listing, ReportLink, files,
    page::{MIN_TITLE_HAN, han_chars, is_furniture_text},
    shape::{Shape, shape},
};
use crate::{
    extract::dom,
    links::{self, Link},
    url::page_key,
};

/// Collects the rows of one answer, each page once.
pub(super) struct Rows<'a, 'l> {
    listing: &'a Listing<'l>,
    base: &'a Url,
    found: Found,
    known: HashMap<String, usize>,
}

impl<'a, 'l> Rows<'a, 'l> {
    /// Links are resolved against `base`.
    pub(super) fn new(listing: &'a Listing<'l>, base: &'a Url) -> Self {
        Self {
            listing,
            base,
            found: Found::default(),
            known: HashMap::new(),
        }
    }

    /// Adds a row; what is no http(s) address is none.
    pub(super) fn add(&mut self, href: &str, title: Option<&str>, date: Option<Date>) {
        let href = href.trim();
        let Ok(mut url) = self.base.join(href) else { return };
        if href.is_empty() || !matches!(url.scheme(), "http" | "https") {
            return;
        }
        url.set_fragment(None);
        self.add_url(url, title.map(plain), date);
    }

    /// Adds the rows of a piece of HTML that has nothing else in it.
    pub(super) fn add_html(&mut self, html: &str) {
        for link in self.links_of(html) {
            if is_row(&link) {
                self.add_url(link.url, Some(link.text), link.date);
            }
        }
    }

    /// Adds one row: whatever its links look like, one of them leads to its document.
    pub(super) fn add_record(&mut self, html: &str) {
        // A row's date stands beside its link, so both need an element around them.
        let links = self.links_of(&format!("<div>{html}</div>"));
        if links.iter().any(is_row) {
            for link in links.into_iter().filter(is_row) {
                self.add_url(link.url, Some(link.text), link.date);
            }
        } else if let Some(link) = links.into_iter().max_by_key(|link| han_chars(&link.text)) {
            self.add_url(link.url, Some(link.text), link.date);
        }
    }

    fn links_of(&self, html: &str) -> Vec<Link> {
        let mut links = links::links(&dom::parse(html), self.base);
        links.retain(|link| !link.is_frame && !is_furniture_text(&link.text));
        links
    }

    fn add_url(&mut self, url: Url, title: Option<String>, date: Option<Date>) {
        if shape(&url) == Shape::Asset {
            return;
        }
        let is_other_file =
            shape(&url) == Shape::File && !files::is_report(&url, title.as_deref().unwrap_or_default(), date);
        if is_other_file || !(self.listing.in_scope)(&url) {
            self.found.elsewhere.push(url);
            return;
        }
        let title = title.filter(|title| !title.is_empty());
        let link = ReportLink { url, title, date };
        match self.known.entry(page_key(&link.url)) {
            Entry::Occupied(at) => self.found.reports[*at.get()].improve(link),
            Entry::Vacant(free) => {
                free.insert(self.found.reports.len());
                self.found.reports.push(link);
            }
        }
    }

    /// Rows so far, those that lead elsewhere included.
    pub(super) fn len(&self) -> u32 {
        u32::try_from(self.found.reports.len() + self.found.elsewhere.len()).unwrap_or(u32::MAX)
    }

    /// What was collected: reports and what leads elsewhere.
    pub(super) fn into_found(self) -> Found {
        self.found
    }
}

/// Whether a link among rows is the one to a row's document, not to its column or to a further page.
fn is_row(link: &Link) -> bool {
    let han = han_chars(&link.text);
    match shape(&link.url) {
        Shape::Asset => false,
        Shape::Document | Shape::File => true,
        Shape::List => han >= MIN_TITLE_HAN && link.date.is_some(),
        Shape::Page => han >= MIN_TITLE_HAN || (han >= 2 && link.date.is_some()),
    }
}

/// A title without markup: an API may give the HTML of its row.
fn plain(title: &str) -> String {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    if !title.contains(['<', '&']) {
        return words(title);
    }
    let tree = dom::parse(title);
    words(&tree.root_element().text().collect::<String>())
}
