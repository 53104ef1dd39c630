//! Rows that a mechanism delivered: each is an entry of the list, so its link needs no judging as on a page.

use std::collections::{HashMap, hash_map::Entry};

use jiff::civil::Date;
use url::Url;

use super::{
    Found, Listing, ReportLink,
    page::{han_chars, is_furniture_text},
    shape::{Shape, shape},
};
use crate::{extract::dom, links, url::page_key};

/// Collects the rows of one answer, each page once.
pub(super) struct Rows<'a> {
    listing: &'a Listing<'a>,
    base: &'a Url,
    found: Found,
    known: HashMap<String, usize>,
}

impl<'a> Rows<'a> {
    /// Links are resolved against `base`.
    pub(super) fn new(listing: &'a Listing<'a>, base: &'a Url) -> Self {
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

    /// Adds the rows of a piece of HTML: each of its links that says something.
    pub(super) fn add_html(&mut self, html: &str) {
        let tree = dom::parse(html);
        for link in links::links(&tree, self.base) {
            if !link.is_frame && !is_furniture_text(&link.text) && han_chars(&link.text) >= 2 {
                self.add_url(link.url, Some(link.text), link.date);
            }
        }
    }

    fn add_url(&mut self, url: Url, title: Option<String>, date: Option<Date>) {
        if shape(&url) == Shape::Asset {
            return;
        }
        if shape(&url) == Shape::File || !(self.listing.in_scope)(&url) {
            self.found.elsewhere.push(url);
            return;
        }
        let title = title.filter(|title| !title.is_empty());
        match self.known.entry(page_key(&url)) {
            Entry::Occupied(at) => self.found.reports[*at.get()].improve(title, date),
            Entry::Vacant(free) => {
                free.insert(self.found.reports.len());
                self.found.reports.push(ReportLink { url, title, date });
            }
        }
    }

    /// Rows so far, those that lead elsewhere included.
    pub(super) fn len(&self) -> usize {
        self.found.reports.len() + self.found.elsewhere.len()
    }

    /// What was collected: reports and what leads elsewhere.
    pub(super) fn into_found(self) -> Found {
        self.found
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
