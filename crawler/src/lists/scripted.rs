//! Pagers whose links call a function of the page: `<a href="javascript:goPage(2)">2</a>`; or that a script draws, when it
//! says how many pages there are and one of its functions goes to the page that was chosen. Rows may do the same.
//!
//! The function is read, not run: its assignments are followed one after the other with the page's number for its
//! parameter, whatever conditions stand around them, until one sets the window's address. Only strings, numbers, `+`
//! and `-` are understood; a function with anything else in that address is left alone.

mod expression;
mod function;
mod rows;

use std::sync::LazyLock;

use regex::Regex;
use scraper::{ElementRef, Selector};
use url::Url;

use self::function::{Function, functions};
pub(super) use self::rows::rows;
use super::{
    ListLink, Listing, MAX_PAGES,
    page::{is_last, is_next_text, page_number, stem},
    params, script,
};

/// Most links of one page that are looked at.
const MAX_LINKS: usize = 500;

/// Names of the parameter that says which page is asked for.
const PAGE_NAMES: &[&str] = &[
    "page",
    "p",
    "pn",
    "pg",
    "pageno",
    "pagenum",
    "pageindex",
    "pagenumber",
    "curpage",
    "currpage",
    "currentpage",
    "cpage",
    "cur",
];

/// Most functions of one page that are looked at.
const MAX_FUNCTIONS: usize = 100;

/// The further pages that the links or scripts of a page lead to, and how that was told.
pub(super) fn pages(listing: &Listing<'_>) -> Option<(Vec<ListLink>, String)> {
    let known = script::variables(listing.code());
    let to_pages = |function: &Function<'_>, numbers: &mut dyn Iterator<Item = u32>, is_guess: bool| {
        let pages = numbers.filter(|number| *number > 1).filter_map(|number| {
            let url = listing
                .url
                .join(&function.address(number, &known, listing)?)
                .ok()?;
            (listing.in_scope)(&url).then(|| ListLink {
                is_guess,
                ..ListLink::page(url, number - 1)
            })
        });
        pages.collect::<Vec<_>>()
    };
    if let Some((name, numbers)) = calls(listing) {
        let function = functions(listing.code()).find(|function| function.name == name)?;
        let last = numbers.iter().max().copied().unwrap_or_default().min(MAX_PAGES);
        // The links show some of the pages, and the last.
        let pages = if listing.is_further {
            to_pages(&function, &mut numbers.into_iter(), false)
        } else {
            to_pages(&function, &mut (2..=last), false)
        };
        return (!pages.is_empty()).then(|| (pages, format!("calls of {name}")));
    }
    let total = total(listing.code()).filter(|total| *total > 1 && !listing.is_further)?;
    functions(listing.code())
        .take(MAX_FUNCTIONS)
        .find_map(|function| {
            let pages = to_pages(&function, &mut (2..=total.min(MAX_PAGES)), true);
            let is_pager = pages
                .first()
                .is_some_and(|page| is_page_of(listing.url, &page.url));
            is_pager.then(|| (pages, format!("{total} pages of the function {}", function.name)))
        })
}

/// Whether an address is another page of a list, not that of a search: it differs in its number, or in a parameter that
/// says so.
fn is_page_of(list: &Url, page: &Url) -> bool {
    let query = page.query().unwrap_or_default();
    let has_number = PAGE_NAMES
        .iter()
        .any(|name| params::number(query, name).is_some());
    stem(list) == stem(page) && (has_number || (page.path() != list.path() && page.query() == list.query()))
}

/// The number of pages that a script was given, or that follows from its number of rows.
fn total(code: &str) -> Option<u32> {
    static PAGES: LazyLock<Regex> =
        LazyLock::new(|| setting("page_?count|total_?pages?|count_?page|pages|page_?total"));
    static ROWS: LazyLock<Regex> =
        LazyLock::new(|| setting("count|total|total_?count|total_?rows?|record_?count|total_?records?"));
    static SIZE: LazyLock<Regex> = LazyLock::new(|| setting("limit|page_?size|per_?page|page_?rows"));
    let number = |pattern: &Regex| pattern.captures(code)?.get(1)?.as_str().parse::<u32>().ok();
    number(&PAGES).or_else(|| Some(number(&ROWS)?.div_ceil(number(&SIZE)?.max(1))))
}

/// `name: 12` or `name = "12"`.
fn setting(names: &str) -> Regex {
    Regex::new(&format!(r#"(?i)\b(?:{names})["']?\s*[:=]\s*["']?(\d{{1,6}})\b"#))
        .expect("a pattern of this file is valid")
}

/// The function that the pager's links call, and the numbers it is called with.
fn calls<'a>(listing: &'a Listing<'_>) -> Option<(&'a str, Vec<u32>)> {
    static LINKS: LazyLock<Selector> = LazyLock::new(|| {
        Selector::parse("a[href], a[onclick], span[onclick], li[onclick], button[onclick]")
            .expect("a selector of this file is valid CSS")
    });
    static CALL: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"([A-Za-z_$][\w$]{0,40})\s*\(\s*['"]?(\d{1,4})['"]?\s*[,)]"#)
            .expect("a pattern of this file is valid")
    });
    let mut found: Option<(&str, Vec<u32>)> = None;
    for element in listing.tree().select(&LINKS).take(MAX_LINKS) {
        let script = [element.value().attr("onclick"), element.value().attr("href")];
        let call = script
            .into_iter()
            .flatten()
            .find_map(|script| CALL.captures(script));
        let Some(call) = call.filter(|_| is_pager(element)) else {
            continue;
        };
        let (Some(name), Some(number)) = (
            call.get(1),
            call.get(2).and_then(|number| number.as_str().parse().ok()),
        ) else {
            continue;
        };
        let (of, numbers) = found.get_or_insert_with(|| (name.as_str(), Vec::new()));
        if *of == name.as_str() && !numbers.contains(&number) {
            numbers.push(number);
        }
    }
    found
}

/// Whether a link says that it leads to another page of the list.
fn is_pager(element: ElementRef<'_>) -> bool {
    let text: String = element.text().take(20).collect();
    let text = text.trim();
    text.len() <= 40 && (page_number(text).is_some() || is_next_text(text) || is_last(text))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(html: &str) -> Vec<String> {
        let url = Url::parse("http://a.gov.cn/zwgk/list.jsp?id=7").unwrap();
        let listing = Listing::of(&url, html, &|_| true);
        let pages = super::pages(&listing).map(|(pages, _)| pages).unwrap_or_default();
        pages
            .iter()
            .map(|page| page.url[url::Position::BeforePath..].to_owned())
            .collect()
    }

    const LINKS: &str = "<a href=\"javascript:goPage(1)\">1</a><a href=\"javascript:goPage(2)\">2</a>\
                         <a href=\"javascript:goPage('2');\">下一页</a><a href='#' onclick=\"goPage(3);return false\">尾页</a>";

    #[test]
    fn functions_that_go_to_an_address_are_followed() {
        for body in [
            "location.href = 'list.jsp?id=7&page=' + n;",
            "window.location = \"list.jsp?id=\" + id + \"&page=\" + n",
            "var url = 'list.jsp?id=7'; url += '&page=' + n; window.location.href = url;",
            "if (n < 1) { alert('第一页'); return; }\n document.location.href = location.pathname + '?id=7&page=' + (n + 1 - 1);",
            "if(n>3){n=3;} if(n<1) n=1;\nlocation.href='list.jsp?id=7&page='+n",
            "window.open('list.jsp?id=7&page=' + n, '_self')",
            "location.replace('/zwgk/list.jsp?id=7&page=' + parseInt(n))",
        ] {
            let html = format!("{LINKS}<script>var id = '7'; function goPage(n) {{ {body} }}</script>");
            assert_eq!(
                read(&html),
                ["/zwgk/list.jsp?id=7&page=2", "/zwgk/list.jsp?id=7&page=3"],
                "{body}"
            );
        }
        let branches = "var goPage = function(p){ if(p==1) location.href='index.html'; else location.href='index_'+(p-1)+'.html'; }";
        assert_eq!(
            read(&format!("{LINKS}<script>{branches}</script>")),
            ["/zwgk/index_1.html", "/zwgk/index_2.html"]
        );
    }

    #[test]
    fn pagers_that_a_script_draws_are_counted() {
        for script in [
            "laypage({cont: 'page', pages: 3, curr: 1, jump: function(obj, first){ if(!first){ location.href = '?id=7&page=' + obj.curr; } }});",
            "laypage.render({elem:'page', count: 25, limit: 10, jump: (obj, first) => { if (!first) { location.href = `?id=7&page=${obj.curr}`; } }});",
            "var totalPage = '3'; function turn(p){ window.location.href = 'list.jsp?id=7&page=' + p; }",
        ] {
            let html = format!("<script>{script}</script>");
            assert_eq!(
                read(&html),
                ["/zwgk/list.jsp?id=7&page=2", "/zwgk/list.jsp?id=7&page=3"],
                "{script}"
            );
        }
        let search =
            "<script>var totalPage = 9; function search(word){ location.href = '?id=7&q=' + word; }</script>";
        assert_eq!(read(search), [""; 0], "this is no pager");
        let search =
            "<script>var pageSize = 10; function search(word){ location.href = '/s?q=' + word; }</script>";
        assert_eq!(read(search), [""; 0], "nothing says how many pages there are");
    }

    #[test]
    fn anything_else_is_left_alone() {
        for body in [
            "load(n);",
            "location.href = base + n;",
            "location.href = '/fixed.html';",
            "location.href = f(n) + '.html';",
            "location.href = 'x' + n * 2;",
        ] {
            let html = format!("{LINKS}<script>function goPage(n) {{ {body} }}</script>");
            assert_eq!(read(&html), [""; 0], "{body}");
        }
        let other = "<a href=\"javascript:show(2)\">政务公开</a><script>function show(n){location.href='x'+n}</script>";
        assert_eq!(read(other), [""; 0], "the link does not say that it pages");
        assert_eq!(read(LINKS), [""; 0]);
    }

    proptest! {
        #[test]
        fn no_function_makes_it_fail(body in "[n(){}+=;'\"a.,\\-字 0-9]{0,60}") {
            let _ = read(&format!("{LINKS}<script>function goPage(n) {{ {body} location.href = {body} }}</script>"));
        }
    }
}
