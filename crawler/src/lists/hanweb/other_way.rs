//! The other way to the rows of a list: by their numbers, when those that `<nextgroup>` leads to are none or no others.
//!
//! Whether an answer brings anything new shows only beside what was seen before it. So the request carries, behind its
//! address where no server sees it, how many rows were seen, which one was the first of the last ones, and what a
//! request by numbers needs. That request is a POST as the script makes it; where it brings nothing either, a GET.

use std::hash::{DefaultHasher, Hash, Hasher};

use url::Url;

use super::{
    ListLink, Listing, MAX_PAGES, PAGE, behind,
    config::{self, Config},
    links, params,
    store::Store,
};
use crate::{extract::dom, url::page_key};

/// Rows of a page where the script does not tell.
const PER_PAGE: u32 = 15;

/// Begins what a request carries.
const SIGN: &str = "rows=";

/// What is known of a list whose next rows are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct OtherWay {
    /// Rows seen.
    seen: u32,
    /// Rows to ask for at once.
    size: u32,
    /// Rows of a page.
    per_page: u32,
    /// The first of those that came last.
    first: u64,
    /// Rows of all pages.
    pub(super) total: Option<u32>,
    /// Column, unit and the rest of the request.
    form: String,
}

impl OtherWay {
    /// The other way to what `next`, the address in `<nextgroup>`, leads to, if there is one.
    pub(super) fn new(
        next: &Url,
        base: &Url,
        store: &Store,
        config: Option<&Config>,
        total: Option<u32>,
    ) -> Option<Self> {
        let by_script = config.filter(|config| config.has_plain_ids());
        let form = match by_script {
            Some(config) => config.form().to_owned(),
            None => config::form_of(next.query().unwrap_or_default()),
        };
        let seen = u32::try_from(store.records.len()).ok()?;
        config::has_plain_ids(&form).then_some(Self {
            seen,
            size: seen,
            per_page: by_script.map_or(PER_PAGE, Config::per_page),
            first: first(base, store)?,
            total,
            form,
        })
    }

    /// What the request for an answer carried.
    pub(super) fn of(url: &Url) -> Option<Self> {
        let pairs = url.fragment().filter(|pairs| pairs.starts_with(SIGN))?;
        let (head, form) = pairs.split_once("&form&")?;
        let number = |name| params::number(head, name);
        Some(Self {
            seen: number("rows")?,
            size: number("size").filter(|size| *size > 0)?,
            per_page: number("perpage")?,
            first: params::get(head, "first")?.parse().ok()?,
            total: number("total"),
            form: form.to_owned(),
        })
    }

    /// Has a request carry it.
    pub(super) fn note_on(&self, url: &mut Url) {
        let total = self
            .total
            .map(|total| format!("&total={total}"))
            .unwrap_or_default();
        let pairs = format!(
            "{SIGN}{}&size={}&perpage={}&first={}{total}&form&{}",
            self.seen, self.size, self.per_page, self.first, self.form
        );
        url.set_fragment(Some(&pairs));
    }

    /// The same after an answer that brought new rows.
    pub(super) fn further(self, base: &Url, store: &Store) -> Self {
        let n_rows = u32::try_from(store.records.len()).unwrap_or(u32::MAX);
        Self {
            seen: self.seen.saturating_add(n_rows),
            first: first(base, store).unwrap_or(self.first),
            ..self
        }
    }

    /// Whether an answer brought nothing new.
    pub(super) fn is_stale(&self, base: &Url, store: &Store) -> bool {
        first(base, store).is_none_or(|first| first == self.first)
    }

    /// The request to make in place of the one that brought nothing new.
    pub(super) fn taken(&self, listing: &Listing<'_>, store: &Store) -> Vec<ListLink> {
        let query = listing.url.query().unwrap_or_default();
        let Some(from) = params::number(query, "startrecord") else {
            // The page may be the first of the pages that are numbered here.
            let page = PAGE.iter().find_map(|name| params::number(query, name));
            let n_rows = u32::try_from(store.records.len()).unwrap_or(u32::MAX);
            let next = match page {
                Some(0 | 1) if n_rows > 0 => behind(listing, store, n_rows),
                _ => Vec::new(),
            };
            return if next.is_empty() {
                self.by_rows(listing)
            } else {
                next
            };
        };
        let is_first = self.seen == self.size && self.seen.checked_add(1) == Some(from);
        let Some(form) = listing.form.filter(|_| is_first) else {
            return Vec::new();
        };
        // By GET everything stands in the query.
        let mut url = listing.url.clone();
        url.set_query(Some(&format!("{query}&{form}")));
        vec![self.request(url, None)]
    }

    /// The rows behind those seen, by number.
    fn by_rows(&self, listing: &Listing<'_>) -> Vec<ListLink> {
        let (Some(from), Some(to)) = (self.seen.checked_add(1), self.seen.checked_add(self.size)) else {
            return Vec::new();
        };
        // A list whose size nobody tells has ended, if it went on at all.
        let is_over = match self.total {
            Some(total) => from > total,
            None => self.seen > self.size,
        };
        if is_over {
            return Vec::new();
        }
        let mut url = listing.url.clone();
        let query = format!("startrecord={from}&endrecord={to}&perpage={}", self.per_page);
        url.set_query(Some(&query));
        vec![self.request(url, Some(self.form.clone()))]
    }

    /// A request that begins anew: its pages are counted by themselves.
    fn request(&self, mut url: Url, form: Option<String>) -> ListLink {
        self.note_on(&mut url);
        ListLink {
            form,
            begins: true,
            is_guess: self.total.is_none(),
            ..ListLink::page(url, (self.seen / self.size).min(MAX_PAGES))
        }
    }
}

/// What the first row leads to.
fn first(base: &Url, store: &Store) -> Option<u64> {
    let href = links::first_href(&dom::parse(store.records.first()?))?;
    let mut hasher = DefaultHasher::new();
    page_key(&base.join(&href).ok()?).hash(&mut hasher);
    Some(hasher.finish())
}
