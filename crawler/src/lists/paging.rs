//! Further pages of a list that an API answers: which there are, from what an answer says about its pages.
//!
//! The request that was answered tells its own number, so the next ones are the same with another. The first answer
//! asks for all others when it says how many there are; without that each asks for the next, until one is empty or
//! shorter than was asked for.

use url::Url;

use super::{ListLink, Listing, MAX_PAGES, params};

/// Names of the parameter that is the number of the page.
const PAGE: &[&str] = &[
    "page",
    "pageNo",
    "pageIndex",
    "pageNum",
    "pageNumber",
    "currentPage",
    "curPage",
    "cur_page",
    "pageNow",
    "page_no",
    "page_index",
    "page_num",
    "PAGENUM",
    "current",
    "_page",
];

/// Names of the parameter that is the number of rows asked for.
const SIZE: &[&str] = &[
    "_pageSize",
    "pageSize",
    "page_size",
    "perPage",
    "per_page",
    "rows",
    "limit",
    "size",
];

/// What an answer says about its list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// Rows of this answer.
    pub(super) rows: u32,
    /// Rows of all pages.
    pub(super) total: Option<u32>,
    /// Pages.
    pub(super) pages: Option<u32>,
    /// Rows of a full page.
    pub(super) size: Option<u32>,
}

/// Where a request says which page it asks for.
struct Place<'a> {
    pairs: &'a str,
    is_form: bool,
    name: &'static str,
    number: u32,
}

/// Whether the parameters of a request say which page it asks for.
pub(super) fn is_numbered(pairs: &str) -> bool {
    place(pairs, false).is_some()
}

/// The pages to ask for after an answer. `name` is the parameter of the page where the request has none.
pub(super) fn further(listing: &Listing<'_>, counts: Counts, name: &'static str) -> Vec<ListLink> {
    let query = listing.url.query().unwrap_or_default();
    let place = place(query, false)
        .or_else(|| place(listing.form?, true))
        .unwrap_or(Place {
            pairs: listing.form.unwrap_or(query),
            is_form: listing.form.is_some(),
            name,
            number: 1,
        });
    let asked = SIZE.iter().find_map(|name| {
        let size = params::number(query, name).or_else(|| params::number(listing.form?, name));
        size.filter(|size| *size > 0)
    });
    let first = u32::from(place.number > 0);
    let next = place.number.saturating_add(1);
    let is_first = place.number <= first;
    let to = match n_pages(counts, asked, is_first) {
        // The first page asks for all others; one further on for the next, should the crawl have begun there.
        Some(n) if is_first => first.saturating_add(n),
        Some(n) => next.saturating_add(1).min(first.saturating_add(n)),
        None => {
            let full = asked.or(counts.size).unwrap_or(1);
            let is_end = counts.rows == 0 || counts.rows < full;
            next + u32::from(!is_end)
        }
    };
    (next..to.min(MAX_PAGES + 1))
        .map(|number| place.link(listing.url, number, number + 1 - first))
        .collect()
}

/// How many pages there are, when the answer tells.
fn n_pages(counts: Counts, asked: Option<u32>, is_first: bool) -> Option<u32> {
    // An answer that knows of no rows but has some knows nothing.
    let total = counts.total.filter(|total| *total > 0 && *total >= counts.rows);
    let pages = counts.pages.filter(|pages| *pages > 0);
    let Some(total) = total else { return pages };
    if !is_first {
        // The last page may be short, so its rows tell nothing about the others.
        let full = asked.or(counts.size).map(|full| total.div_ceil(full.max(1)));
        return pages.or(full).or(Some(0));
    }
    let full = asked.or(counts.size).unwrap_or(counts.rows).max(1);
    if let Some(pages) = pages.filter(|pages| u64::from(*pages) * u64::from(full) >= u64::from(total)) {
        return Some(pages);
    }
    // A server may give fewer rows than it was asked for. One or two of them may only be hidden.
    let is_capped = counts.rows < total && u64::from(counts.rows) * 10 < u64::from(full) * 9;
    let size = if is_capped { counts.rows.max(1) } else { full };
    Some(total.div_ceil(size)).max(pages)
}

fn place(pairs: &str, is_form: bool) -> Option<Place<'_>> {
    PAGE.iter().find_map(|name| {
        Some(Place {
            pairs,
            is_form,
            name,
            number: params::number(pairs, name)?,
        })
    })
}

impl Place<'_> {
    /// The request for a page, which is `number`th of the list.
    fn link(&self, url: &Url, page: u32, number: u32) -> ListLink {
        let pairs = params::set(self.pairs, self.name, &page.to_string());
        let mut url = url.clone();
        if self.is_form {
            return ListLink::page(url, number).with_form(pairs);
        }
        url.set_query(Some(&pairs));
        ListLink::page(url, number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Queries of the pages that are asked for after an answer.
    fn after(url: &str, form: Option<&str>, counts: Counts) -> Vec<String> {
        let url = Url::parse(url).unwrap();
        let listing = Listing::of_test(&url, form, "");
        further(&listing, counts, "page")
            .iter()
            .map(|link| match &link.form {
                Some(form) => format!("{form} @{}", link.number.unwrap()),
                None => format!("{} @{}", link.url.query().unwrap(), link.number.unwrap()),
            })
            .collect()
    }

    fn counts(rows: u32, total: u32, pages: u32, size: u32) -> Counts {
        let some = |n: u32| (n > 0).then_some(n);
        Counts {
            rows,
            total: some(total),
            pages: some(pages),
            size: some(size),
        }
    }

    #[test]
    fn the_first_answer_asks_for_all_others_when_it_knows_them() {
        for (query, counts) in [
            ("a=1&page=1", counts(20, 45, 0, 0)),
            ("a=1", counts(20, 45, 0, 0)),
            ("a=1&page=1", counts(20, 0, 3, 0)),
            ("a=1&page=1", counts(20, 45, 3, 20)),
            ("a=1&page=1", counts(18, 45, 3, 20)),
            ("a=1&page=1", counts(20, 45, 1, 20)),
        ] {
            assert_eq!(
                after(&format!("http://a.gov.cn/x?{query}"), None, counts),
                ["a=1&page=2 @2", "a=1&page=3 @3"],
                "{counts:?}"
            );
        }
        assert_eq!(
            after(
                "http://a.gov.cn/x?pageSize=100&pageNo=1",
                None,
                counts(20, 40, 0, 0)
            ),
            ["pageSize=100&pageNo=2 @2"]
        );
        assert_eq!(
            after(
                "http://a.gov.cn/x?pageSize=20&pageNo=1",
                None,
                counts(19, 40, 0, 0)
            ),
            ["pageSize=20&pageNo=2 @2"]
        );
        assert_eq!(
            after("http://a.gov.cn/x?pageIndex=0", None, counts(20, 45, 0, 0)),
            ["pageIndex=1 @2", "pageIndex=2 @3"]
        );
        assert_eq!(
            after(
                "http://a.gov.cn/x?a=1",
                Some("pageIndex=1&b=2"),
                counts(20, 21, 0, 0)
            ),
            ["pageIndex=2&b=2 @2"]
        );
        assert_eq!(
            after("http://a.gov.cn/x?page=1", None, counts(20, u32::MAX, 0, 0)).len(),
            MAX_PAGES as usize - 1
        );
    }

    #[test]
    fn no_page_behind_the_end_is_asked_for() {
        for (query, counts) in [
            ("page=1", counts(20, 20, 0, 0)),
            ("page=1", counts(7, 0, 1, 0)),
            ("page=1", counts(0, 0, 0, 0)),
            ("page=3&pageSize=20", counts(5, 45, 0, 0)),
            ("page=3", counts(5, 45, 3, 0)),
            ("page=1&pageSize=20", counts(19, 0, 0, 0)),
            ("page=4", counts(19, 0, 0, 20)),
        ] {
            assert_eq!(
                after(&format!("http://a.gov.cn/x?{query}"), None, counts),
                [""; 0],
                "{query} {counts:?}"
            );
        }
    }

    #[test]
    fn without_a_total_one_page_leads_to_the_next() {
        assert_eq!(
            after("http://a.gov.cn/x?page=1", None, counts(13, 0, 0, 0)),
            ["page=2 @2"]
        );
        assert_eq!(
            after("http://a.gov.cn/x?page=7&rows=20", None, counts(20, 0, 0, 0)),
            ["page=8&rows=20 @8"]
        );
        assert_eq!(
            after("http://a.gov.cn/x?page=2", None, counts(20, 90, 0, 20)),
            ["page=3 @3"],
            "a crawl may begin in the middle"
        );
        assert_eq!(
            after("http://a.gov.cn/x?page=1", None, counts(20, 1, 0, 0)),
            ["page=2 @2"],
            "a total that cannot be is none"
        );
    }
}
