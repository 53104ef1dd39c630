//! Lists of VSB (博达): further pages are numbered from the last to the first.
//!
//! The first page of a list is `/slug.htm`; of 144 pages the second is `/slug/143.htm` and the last `/slug/1.htm`, so that
//! old pages keep their addresses. The pager says `共1432条 1/144`, or the script of its input field does.

use std::sync::LazyLock;

use regex::Regex;

use super::{Found, ListLink, Listing, MAX_PAGES, Mechanism};
use crate::{links::Link, portal::Family};

/// What only pages of VSB have, in lower case.
const SIGNS: &[&str] = &[
    "_simple_list_gotopage_fun",
    "/system/resource/js/",
    "/system/resource/css/",
    "pb_sys_",
    "_jsq_(",
    "vsbscreen",
    "visual sitebuilder",
    "_showdynclick",
    "wbtreeid",
];

/// Reads a page of VSB.
pub(super) fn read(listing: &Listing<'_>) -> Option<Found> {
    let has_sign = SIGNS.iter().any(|sign| listing.scripts().has(sign));
    let pages = pages(listing, has_sign || listing.is_named);
    let Pages {
        folder,
        total,
        is_guess,
    } = pages?;
    let extension = listing.url.path().rsplit('.').next().unwrap_or("htm");
    let further = (2..=total.min(MAX_PAGES)).filter_map(|page| {
        let url = listing
            .url
            .join(&format!("{folder}{}.{extension}", total - page + 1))
            .ok()?;
        (listing.in_scope)(&url).then(|| ListLink {
            is_guess,
            ..ListLink::page(url, page - 1)
        })
    });
    Some(Found {
        lists: further.collect(),
        is_list: true,
        mechanism: Mechanism::new(
            Family::Vsb,
            format!(
                "{total} pages that count down, {folder}{}.htm is the second",
                total - 1
            ),
        ),
        ..Found::default()
    })
}

/// The pages of a list.
struct Pages {
    /// Folder of the further pages, with a slash at its end.
    folder: String,
    total: u32,
    /// No link says that they lie there.
    is_guess: bool,
}

fn pages(listing: &Listing<'_>, is_vsb: bool) -> Option<Pages> {
    let path = listing.url.path();
    let (folder, file) = path.split_at(path.rfind('/')? + 1);
    let stem = file.strip_suffix(".htm").or_else(|| file.strip_suffix(".html"))?;
    let own_number = stem.parse::<u32>().ok().filter(|number| *number < 10_000);
    // `/slug/143.htm` lies in the folder, `/slug.htm` beside it, `/slug/index.htm` in either.
    let folders = match (own_number, stem) {
        (Some(_), _) => vec![folder.to_owned()],
        (None, "index") => vec![
            folder.to_owned(),
            format!(
                "{path_stem}/",
                path_stem = &path[..path.len() - file.len() + stem.len()]
            ),
        ],
        (None, _) => vec![format!("{folder}{stem}/")],
    };
    let told = told_pages(listing.text);
    for folder in &folders {
        let linked: Vec<_> = listing
            .links()
            .iter()
            .filter_map(|link| number_in(link, folder))
            .collect();
        let counts_down = linked.iter().any(|(number, text)| match page_of(text) {
            Some(page) => *number < page || (page == 2 && *number > 2),
            None if is_next(text) => match own_number {
                Some(own) => number + 1 == own,
                None => told == Some(number + 1),
            },
            None => is_last(text) && *number == 1,
        });
        let counts_up = linked.iter().any(|(number, text)| match page_of(text) {
            Some(page) => page > 2 && *number == page,
            None if is_next(text) => own_number.is_some_and(|own| own + 1 == *number),
            None => is_last(text) && *number > 1,
        });
        if linked.is_empty() || !counts_down && (counts_up || !is_vsb) {
            continue;
        }
        // The second page has the highest number but one; what page and number are together is the same for all.
        let of_link = |(number, text): &(u32, &str)| match page_of(text) {
            Some(page) => Some(number.saturating_add(page) - 1),
            None if is_next(text) => Some(number.saturating_add(1)),
            None => None,
        };
        let is_first = own_number.is_none();
        let by_links = linked.iter().find_map(of_link).filter(|_| is_first);
        if let Some(total) = by_links.or(told).filter(|total| *total > 1) {
            return Some(Pages {
                folder: folder.clone(),
                total,
                is_guess: false,
            });
        }
    }
    let is_first = own_number.is_none();
    let is_linked = |folder: &String| {
        listing
            .links()
            .iter()
            .any(|link| number_in(link, folder).is_some())
    };
    let is_untold = is_vsb && is_first && !folders.iter().any(is_linked);
    told.filter(|total| *total > 1 && is_untold).map(|total| Pages {
        folder: folders[0].clone(),
        total,
        is_guess: true,
    })
}

/// The page that a link says it leads to.
fn page_of(text: &str) -> Option<u32> {
    text.trim_matches(['[', ']', ' '])
        .parse()
        .ok()
        .filter(|page| *page > 1)
}

fn is_next(text: &str) -> bool {
    matches!(
        text.trim_matches(['[', ']', '>', ' ']),
        "下页" | "下一页" | "后页"
    )
}

fn is_last(text: &str) -> bool {
    matches!(
        text.trim_matches(['[', ']', '>', ' ']),
        "尾页" | "末页" | "最后一页"
    )
}

/// The number of a link to a page in a folder, and what it says.
fn number_in<'a>(link: &'a Link, folder: &str) -> Option<(u32, &'a str)> {
    let file = link.url.path().strip_prefix(folder)?;
    let digits = file.strip_suffix(".htm").or_else(|| file.strip_suffix(".html"))?;
    let is_number = (1..=4).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    // A row has a title; a pager has a word or a number.
    let is_short = link.text.chars().count() <= 6;
    (is_number && is_short).then_some((digits.parse().ok()?, &link.text))
}

/// How many pages the pager says there are.
fn told_pages(text: &str) -> Option<u32> {
    static TOLD: LazyLock<Regex> = LazyLock::new(|| {
        let tag = r"(?:\s|&nbsp;|&ensp;|\u{a0}|<[^<>]{0,200}>)*";
        let pattern = format!(
            r"_simple_list_gotopage_fun\(\s*(\d{{1,6}})\s*,|共{tag}\d+{tag}条(?:{tag}记录)?{tag}[,，]?{tag}(?:第{tag})?\d+{tag}/{tag}(\d{{1,6}})|共{tag}(\d{{1,6}}){tag}页"
        );
        Regex::new(&pattern).expect("a pattern of this file is valid")
    });
    let found = TOLD.captures(text)?;
    found.iter().skip(1).flatten().next()?.as_str().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lists::tests::{asked, read};

    const ROW: &str =
        "<li><a href='../info/1007/2345.htm'>某某县2023年度法治政府建设报告</a><span>2024-02-27</span></li>";

    fn pages(url: &str, family: Family, pager: &str) -> Vec<String> {
        asked(&read(url, family, &format!("<ul>{ROW}</ul>{pager}")))
    }

    #[test]
    fn pages_are_counted_down() {
        let two = ["/zwgk/fzzf/2.htm", "/zwgk/fzzf/1.htm"];
        for pager in [
            "<td>共54条&nbsp;&nbsp;1/3&nbsp;</td><td>首页</td><a href='fzzf/2.htm'>下页</a><a href='fzzf/1.htm'>尾页</a>",
            "<span>共<b>54</b>条</span> <span>1/3</span><script src='/system/resource/js/x.js'></script>",
            "<a onclick='_simple_list_gotopage_fun(3,\"u13_goto\",2)'>跳转</a>",
            "<span class='p_no_d'>1</span><a href='fzzf/2.htm'>2</a><a href='fzzf/1.htm'>3</a><a href='fzzf/2.htm'>下页</a><span>共3页</span><link href='/system/resource/css/pagedown/sys.css'>",
            "<a href='fzzf/2.htm'>下页</a><a href='fzzf/1.htm'>尾页</a><script src='/system/resource/js/vsb.js'></script>",
            "<a href='fzzf/2.htm'>2</a><a href='fzzf/1.htm'>3</a><div class='pb_sys_common'></div>",
            "<span class='p_no_d'>1</span><span class='p_no'><a href='fzzf/1.htm'>3</a></span>",
        ] {
            for family in [Family::Auto, Family::Vsb] {
                assert_eq!(
                    pages("http://a.gov.cn/zwgk/fzzf.htm", family, pager),
                    two,
                    "{pager}"
                );
            }
        }
        let index = "<td>共54条 1/3</td><a href='2.htm'>下页</a>";
        assert_eq!(
            pages("http://a.gov.cn/zwgk/fzzf/index.htm", Family::Auto, index),
            two
        );
        let below = "<td>共54条 1/3</td><a href='index/2.htm'>下页</a>";
        assert_eq!(
            pages("http://a.gov.cn/zwgk/fzzf/index.htm", Family::Auto, below),
            ["/zwgk/fzzf/index/2.htm", "/zwgk/fzzf/index/1.htm"]
        );
        let second = "<td>共54条 2/3</td><a href='1.htm'>下页</a><a href='../fzzf.htm'>上页</a>";
        assert_eq!(
            pages("http://a.gov.cn/zwgk/fzzf/2.htm", Family::Auto, second),
            two,
            "each page knows all"
        );
    }

    #[test]
    fn without_a_number_one_page_leads_to_the_next() {
        assert_eq!(
            pages(
                "http://a.gov.cn/zwgk/fzzf/8.htm",
                Family::Vsb,
                "<a href='7.htm'>下页</a><a href='1.htm'>尾页</a>"
            ),
            ["/zwgk/fzzf/7.htm"]
        );
    }

    #[test]
    fn lists_that_count_up_are_none() {
        let pager = "<a href='fzzf/2.htm'>2</a><a href='fzzf/3.htm'>3</a><a href='fzzf/2.htm'>下一页</a><span>共9页</span>";
        let found = read("http://a.gov.cn/zwgk/fzzf.htm", Family::Auto, pager);
        assert!(
            found
                .mechanism
                .is_none_or(|mechanism| mechanism.family == Family::Static)
        );
        assert_eq!(
            pages(
                "http://a.gov.cn/zwgk/fzzf.htm",
                Family::Auto,
                "<span>共1页</span>"
            ),
            [""; 0]
        );
    }

    #[test]
    fn what_is_not_published_is_no_row() {
        let row = "<li><a href='/content.jsp?urltype=news.NewsContentUrl&wbtreeid=1&wbnewsid=2'>某某县未发布的法治政府建设报告</a><span>2024-02-27</span></li>";
        let found = read(
            "http://a.gov.cn/zwgk/fzzf.htm",
            Family::Auto,
            &format!("{ROW}{row}"),
        );
        assert_eq!(found.reports.len(), 1);
    }
}
