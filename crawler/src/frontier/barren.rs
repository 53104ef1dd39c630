//! Kinds of addresses that bring nothing: calendars, orders of sorting, endless folders, made-up links.
//!
//! Such spaces of pages have no end, and no rule knows all of their forms. But what a portal makes up it makes up by
//! one pattern: the addresses differ in numbers and values only. So visits are counted by the pattern of their
//! address, and when very many in a row brought no document that was not known before, the pattern is left for the
//! rest of the run. One document is enough to start counting anew, for the pattern of its own address and for that
//! of the list it stood in; so a list of thousands of pages with reports on each is read to its end. A document at
//! its second address is no news and no harm, since portals show articles in several columns; at its tenth it is.

use std::collections::{HashMap, HashSet};

use url::Url;

use super::Kind;

/// What a visit brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Yield {
    /// A document that this run had not met.
    News,
    /// Nothing that tells either way: a document that was met before, a dead link.
    Neither,
    /// Nothing.
    #[default]
    Nothing,
}

/// Visits in a row without a new document after which a pattern is left.
#[derive(Clone, Copy, Debug)]
struct Patience {
    /// Of one path, but for its numbers, with the same parameters.
    close: u32,
    /// Below one folder of a host.
    wide: u32,
}

/// Columns and pages of lists. Portals have hundreds of columns, many of them empty.
const LISTS: Patience = Patience {
    close: 120,
    wide: 600,
};

/// Pages that lists lead to: galleries, films and forms are no documents and may be many.
const PAGES: Patience = Patience {
    close: 1000,
    wide: 1500,
};

/// How many visits one to a page counts for that is another in an order or a form of its own.
const PERMUTATION: u32 = 3;

/// Parameters that say in which order or form a page is shown.
const ORDERS: &[&str] = &[
    "asc",
    "by",
    "desc",
    "dir",
    "direction",
    "o",
    "order",
    "orderby",
    "ordertype",
    "ord",
    "paixu",
    "px",
    "sort",
    "sortby",
    "sortfield",
    "sortname",
    "sortorder",
    "sorttype",
    "view",
    "viewtype",
];

/// Visits without a new document, by pattern.
#[derive(Debug, Default)]
pub(crate) struct Barren {
    lists: Counts,
    pages: Counts,
}

#[derive(Debug, Default)]
struct Counts {
    in_a_row: HashMap<String, u32>,
    left: HashSet<String>,
}

impl Barren {
    /// Counts a visit. `via` is the page that linked there. True when a pattern is left from now on.
    pub(crate) fn visited(&mut self, url: &Url, kind: Kind, via: Option<&Url>, brought: Yield) -> bool {
        if brought == Yield::Neither {
            return false;
        }
        if brought == Yield::News {
            for pattern in [Some(url), via].into_iter().flatten().flat_map(patterns) {
                self.lists.in_a_row.remove(&pattern);
                self.pages.in_a_row.remove(&pattern);
            }
            return false;
        }
        let (counts, patience) = match kind {
            Kind::Seed => return false,
            Kind::List => (&mut self.lists, LISTS),
            Kind::Page => (&mut self.pages, PAGES),
        };
        let mut is_left = false;
        let weight = if is_permutation(url) { PERMUTATION } else { 1 };
        for (pattern, limit) in patterns(url).into_iter().zip([patience.close, patience.wide]) {
            let count = counts.in_a_row.entry(pattern.clone()).or_default();
            *count += weight;
            if *count >= limit {
                is_left |= counts.left.insert(pattern);
            }
        }
        is_left
    }

    /// Whether addresses like this one are left for the rest of the run.
    pub(crate) fn is_left(&self, url: &Url, kind: Kind) -> bool {
        let left = match kind {
            Kind::Seed => return false,
            Kind::List => &self.lists.left,
            Kind::Page => &self.pages.left,
        };
        !left.is_empty() && patterns(url).iter().any(|pattern| left.contains(pattern))
    }
}

/// Whether an address asks for an order of rows, which other pages have shown by then.
fn is_permutation(url: &Url) -> bool {
    let pairs = url.query().unwrap_or_default().split('&');
    let mut names = pairs.filter_map(|pair| pair.split('=').next());
    names.any(|name| ORDERS.contains(&name.to_ascii_lowercase().replace('_', "").as_str()))
}

/// The patterns of an address, the closer one first.
fn patterns(url: &Url) -> [String; 2] {
    let host = url.host_str().unwrap_or_default();
    let port = url.port().unwrap_or_default();
    let path: Vec<_> = url.path().split('/').map(without_numbers).collect();
    let mut names: Vec<_> = url
        .query()
        .into_iter()
        .flat_map(|query| query.split('&'))
        .map(|pair| pair.split('=').next().unwrap_or_default())
        .collect();
    names.sort_unstable();
    names.dedup();
    // The first of a path is empty, the last is no folder.
    let folder = path[1..path.len().saturating_sub(1).max(1)].first();
    [
        format!("{host}:{port}{}?{}", path.join("/"), names.join("&")),
        format!("{host}:{port}/{}/", folder.map_or("", String::as_str)),
    ]
}

/// A part of a path with each number, and each long word with a digit in it, as `#`.
fn without_numbers(segment: &str) -> String {
    const LONG: usize = 8;
    let mut out = String::with_capacity(segment.len());
    for word in segment.split_inclusive(|c: char| !c.is_ascii_alphanumeric()) {
        let (word, mark) = match word.char_indices().next_back() {
            Some((at, c)) if !c.is_ascii_alphanumeric() => word.split_at(at),
            _ => (word, ""),
        };
        if word.len() >= LONG && word.bytes().any(|b| b.is_ascii_digit()) {
            out.push('#');
        } else {
            for c in word.chars() {
                match c {
                    '0'..='9' if out.ends_with('#') => {}
                    '0'..='9' => out.push('#'),
                    c => out.push(c),
                }
            }
        }
        out.push_str(mark);
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn url(path: &str) -> Url {
        Url::parse(&format!("http://a.gov.cn{path}")).unwrap()
    }

    #[test]
    fn addresses_that_differ_in_numbers_and_values_are_of_one_pattern() {
        for (one, other) in [
            ("/rl/2024/01/", "/rl/2025/12/"),
            ("/rl.html?date=2024-01-01", "/rl.html?date=1999-12-31"),
            ("/list.jsp?order=a&dir=up", "/list.jsp?dir=down&order=b"),
            ("/s/3f9a0c1b22/x.html", "/s/aa19b0c7d1e5/x.html"),
            ("/zwgk/index_2.html", "/zwgk/index_117.html"),
        ] {
            assert_eq!(patterns(&url(one)), patterns(&url(other)), "{one} {other}");
        }
        for (one, other) in [
            ("/zwgk/index_2.html", "/fzzf/index_2.html"),
            ("/list.jsp?id=1", "/list.jsp?id=1&page=2"),
            ("/a/b/", "/a/c/"),
        ] {
            assert_ne!(patterns(&url(one))[0], patterns(&url(other))[0], "{one} {other}");
        }
        assert_eq!(patterns(&url("/a/b/c.html"))[1], patterns(&url("/a/x"))[1]);
        assert_ne!(patterns(&url("/a/b/c.html"))[1], patterns(&url("/b/c.html"))[1]);
    }

    #[test]
    fn a_pattern_is_left_after_many_barren_visits_and_not_while_there_are_documents() {
        let mut barren = Barren::default();
        let month = |n: u32| url(&format!("/rl/{n}/"));
        let left_after = (1..).find(|n| barren.visited(&month(*n), Kind::List, None, Yield::Nothing));
        assert_eq!(left_after, Some(LISTS.close));
        assert!(barren.is_left(&month(9999), Kind::List));
        assert!(!barren.is_left(&month(9999), Kind::Page));
        assert!(!barren.is_left(&url("/zwgk/1/"), Kind::List));

        // One document in each hundred pages of a list is enough.
        let mut honest = Barren::default();
        for n in 0..5000 {
            let list = url(&format!("/zwgk/index_{n}.html"));
            assert!(!honest.visited(&list, Kind::List, None, Yield::Nothing), "{n}");
            if n % 100 == 99 {
                assert!(!honest.visited(
                    &url(&format!("/zwgk/{n}.html")),
                    Kind::Page,
                    Some(&list),
                    Yield::News
                ));
            }
        }
    }

    #[test]
    fn orders_of_sorting_are_left_early() {
        for query in ["o={}", "id=7&order_by={}", "Sort={}&page=1"] {
            let mut barren = Barren::default();
            let order = |n: u32| url(&format!("/list.jsp?{}", query.replace("{}", &n.to_string())));
            let left_after = (1..).find(|n| barren.visited(&order(*n), Kind::List, None, Yield::Nothing));
            assert!(left_after < Some(50), "{query} {left_after:?}");
        }
    }

    #[test]
    fn folders_that_all_look_different_are_left_by_what_lies_above() {
        let mut barren = Barren::default();
        let name = |n: u32| format!("/x/{}/", char::from_u32(0x4e00 + n).unwrap());
        let left_after = (1..).find(|n| barren.visited(&url(&name(*n)), Kind::List, None, Yield::Nothing));
        assert_eq!(left_after, Some(LISTS.wide));
    }

    proptest! {
        #[test]
        fn no_address_is_too_odd(path in "[ -~\u{80}-\u{2000}]{0,60}") {
            if let Ok(url) = Url::parse(&format!("http://a.gov.cn/{path}")) {
                let [close, wide] = patterns(&url);
                prop_assert!(close.starts_with("a.gov.cn:0/") && wide.ends_with('/'));
            }
        }
    }
}
