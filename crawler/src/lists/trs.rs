//! Lists of TRS WCM (拓尔思): the number of pages stands in a script only.
//!
//! `createPageHTML(3, 0, "index", "html")` means three pages: `index.html`, `index_1.html` and `index_2.html`. A
//! variant puts the id of an element first: `createPageHTML('page_div', 3, 1, 'xxx_list', 'shtml', 20)`. There the
//! second page is `_1` on some sites and `_2` on others, so both ends are asked for and one may be missing.

use std::sync::LazyLock;

use regex::Regex;
use url::Url;

use super::{Found, ListLink, Listing, MAX_PAGES, Mechanism};
use crate::portal::Family;

/// The further pages of a list whose script counts them.
pub(super) fn read(listing: &Listing<'_>) -> Option<Found> {
    let pages = further_pages(listing.text, listing.url)?;
    let pages = pages.into_iter().filter(|page| (listing.in_scope)(&page.url));
    Some(Found {
        lists: pages
            .map(|page| ListLink {
                is_guess: page.is_guess,
                ..ListLink::page(page.url, page.number)
            })
            .collect(),
        is_list: true,
        mechanism: Mechanism::new(Family::Trs, "a call of createPageHTML"),
        ..Found::default()
    })
}

/// A further page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Further {
    url: Url,
    /// Counts from the first page, which is 0.
    number: u32,
    /// It may not be there, and that is no fault.
    is_guess: bool,
}

/// What a page says about its further pages; `None` when it does not call `createPageHTML`.
fn further_pages(html: &str, page_url: &Url) -> Option<Vec<Further>> {
    static CALL: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"createPageHTML\s*\(([^(){};]{1,300})\)").expect("a pattern of this file is valid")
    });
    CALL.captures_iter(html).find_map(|call| {
        let arguments: Vec<_> = call.get(1)?.as_str().split(',').map(Argument::of).collect();
        pages(&arguments, page_url)
    })
}

#[derive(Debug, PartialEq)]
enum Argument<'a> {
    Number(u32),
    Text(&'a str),
    Other,
}

impl<'a> Argument<'a> {
    fn of(text: &'a str) -> Self {
        let text = text.trim();
        let bare = text.trim_matches(['"', '\'']);
        match bare.parse() {
            Ok(number) => Self::Number(number),
            Err(_) if bare.len() + 2 == text.len() => Self::Text(bare),
            Err(_) => Self::Other,
        }
    }
}

fn pages(arguments: &[Argument<'_>], page_url: &Url) -> Option<Vec<Further>> {
    use Argument::{Number, Text};
    let (total, name, extension, from_zero) = match arguments {
        [Number(total), Number(_), Text(name), Text(extension), ..] => (*total, name, extension, true),
        [Text(_), Number(total), Number(_), Text(name), Text(extension), ..] => {
            (*total, name, extension, false)
        }
        _ => return None,
    };
    let is_plain = |text: &str| {
        !text.is_empty()
            && text.len() <= 100
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"._-/".contains(&b))
            && !text.contains("..")
    };
    let extension = extension.trim_start_matches('.');
    if !is_plain(name) || !is_plain(extension) {
        return None;
    }
    // Page 0 has no number. Counted from zero, the last is `total - 1`; else that, or `total`.
    let last = if from_zero { total.saturating_sub(1) } else { total };
    let is_guess = |number: u32| !from_zero && (number == 1 || number == total);
    let further = (1..=last.min(MAX_PAGES))
        .filter(|_| total > 1)
        .filter_map(|number| {
            let url = page_url.join(&format!("{name}_{number}.{extension}")).ok()?;
            Some(Further {
                url,
                number,
                is_guess: is_guess(number),
            })
        });
    Some(further.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(script: &str) -> Option<Vec<String>> {
        let url = Url::parse("http://a.gov.cn/zwgk/fzzf/index.html").unwrap();
        let pages = further_pages(script, &url)?;
        Some(
            pages
                .iter()
                .map(|page| format!("{}{}", page.url.path(), if page.is_guess { "?" } else { "" }))
                .collect(),
        )
    }

    #[test]
    fn pages_are_counted_from_zero() {
        let pages = read(r#"<script>createPageHTML(3, 0, "index", "html");</script>"#).unwrap();
        assert_eq!(pages, ["/zwgk/fzzf/index_1.html", "/zwgk/fzzf/index_2.html"]);
        assert_eq!(read("createPageHTML(1,0,'index','html')").unwrap(), [""; 0]);
        assert_eq!(
            read("createPageHTML('4','1','index','shtml', 9)").unwrap().len(),
            3
        );
    }

    #[test]
    fn the_variant_with_an_element_asks_both_ends() {
        let pages = read("createPageHTML('page_div',3, 1,'fzzf_list','shtml',60);").unwrap();
        assert_eq!(
            pages,
            [
                "/zwgk/fzzf/fzzf_list_1.shtml?",
                "/zwgk/fzzf/fzzf_list_2.shtml",
                "/zwgk/fzzf/fzzf_list_3.shtml?"
            ]
        );
    }

    #[test]
    fn the_definition_and_odd_calls_are_passed_over() {
        assert_eq!(
            read("function createPageHTML(_nPageCount, _nCurrIndex, _sPageName, _sPageExt){}"),
            None
        );
        assert_eq!(read("createPageHTML(3, 0, \"../../x\", \"html\")"), None);
        assert_eq!(read("createPageHTML(3, 0)"), None);
        let both = "function createPageHTML(a, b){} createPageHTML(2, 0, 'index', 'html')";
        assert_eq!(read(both).unwrap().len(), 1);
        assert_eq!(
            read("createPageHTML(4000000000, 0, 'index', 'html')")
                .unwrap()
                .len(),
            2000
        );
    }
}
