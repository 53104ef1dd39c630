//! How long a list says that it is: `共45条 第1页/共3页`, `totalRecord: 45`, `"total": 45`.
//!
//! What a web page says counts only in the words of a pager, once on the page, and on the first page of a list; a
//! number of rows alone may be that of anything.

use std::sync::LazyLock;

use regex::Regex;

/// Fewest rows of a page whose pager is believed.
const MIN_ROWS: usize = 3;

/// How far from the number of rows the pager says something about pages, in bytes.
const NEAR: usize = 60;

/// The length of a list, by its own words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Said {
    /// Rows of all pages.
    pub(crate) rows: Option<u32>,
    /// Pages.
    pub(crate) pages: Option<u32>,
}

impl Said {
    /// So many rows.
    pub(super) fn rows(rows: Option<u32>) -> Option<Self> {
        Some(Self {
            rows: Some(rows?),
            pages: None,
        })
    }
}

/// What the pager of a web page with `n_rows` rows says.
pub(super) fn of_page(html: &str, n_rows: usize) -> Option<Said> {
    macro_rules! pattern {
        ($pattern:expr) => {{
            static PATTERN: LazyLock<Regex> =
                LazyLock::new(|| Regex::new($pattern).expect("a pattern of this file is valid"));
            &*PATTERN
        }};
    }
    // Few pages say so.
    if n_rows < MIN_ROWS || !html.contains('页') {
        return None;
    }
    let text = words(html);
    let own = pattern!("(?:第|当前页[:：]?|页次[:：]?)([0-9]{1,5})(?:页|/)|([0-9]{1,5})/共?[0-9]{1,5}页");
    let own = own
        .captures(&text)
        .and_then(|found| number(found.get(1).or(found.get(2))?.as_str()));
    if own.is_some_and(|own| own != 1) {
        return None;
    }
    let pages = pattern!("(?:共有?|共计|总页数[:：]?|/)([0-9]{1,5})页");
    let pages = only(
        pages
            .captures_iter(&text)
            .filter_map(|found| number(found.get(1)?.as_str())),
    );
    let is_of_pager = |found: &regex::Captures<'_>| {
        let Some(whole) = found.get(0) else { return false };
        let from = text.floor_char_boundary(whole.start().saturating_sub(NEAR));
        let to = text.floor_char_boundary(whole.end() + NEAR);
        text[from..to].contains('页')
    };
    let rows =
        pattern!("(?:共有?|共计|总计|合计|总记录数[:：]?|记录总数[:：]?)([0-9]{1,6})(?:条|篇|个?记录)");
    let rows = rows.captures_iter(&text).filter(is_of_pager);
    let rows = only(rows.filter_map(|found| number(found.get(1)?.as_str())));
    (rows.is_some() || pages.is_some()).then_some(Said { rows, pages })
}

/// A page without tags and white space, so that `共<b>45</b> 条` is one word.
fn words(html: &str) -> String {
    let mut out = String::with_capacity(html.len() / 2);
    for (at, piece) in html.split('<').enumerate() {
        let text = match piece.split_once('>') {
            Some((_, text)) if at > 0 => text,
            _ => piece,
        };
        out.extend(text.replace("&nbsp;", "").chars().filter(|c| !c.is_whitespace()));
    }
    out
}

fn number(digits: &str) -> Option<u32> {
    digits.parse().ok()
}

/// The number that is said, when there is but one.
fn only(mut numbers: impl Iterator<Item = u32>) -> Option<u32> {
    let first = numbers.next()?;
    numbers.all(|other| other == first).then_some(first)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn said(html: &str) -> Option<(Option<u32>, Option<u32>)> {
        of_page(html, 15).map(|said| (said.rows, said.pages))
    }

    #[test]
    fn pagers_say_how_long_their_list_is() {
        for (html, expected) in [
            ("共45条 第1页/共3页", (Some(45), Some(3))),
            (
                "<span>共<b>45</b>条记录</span> <span>第 1/3 页</span>",
                (Some(45), Some(3)),
            ),
            ("总记录数：45 条&nbsp;1/3页", (Some(45), Some(3))),
            ("当前页：1 共 3 页", (None, Some(3))),
            ("共45条 <a>上一页</a><a>下一页</a>", (Some(45), None)),
        ] {
            assert_eq!(said(html), Some(expected), "{html}");
        }
        for html in [
            "本次会议共45条意见，",
            "共45条 第2页/共3页",
            "今日公开信息共45条",
            "下一页",
        ] {
            assert_eq!(said(html), None, "{html}");
        }
        assert_eq!(of_page("共45条 第1页/共3页", 1), None, "this is no list");
        assert_eq!(said("共45条 共3页 共7条 共1页"), None, "two lists on one page");
    }

    proptest! {
        #[test]
        fn no_text_makes_it_fail(html in "[共第条页/<>b0-9 ]{0,60}") {
            let _ = of_page(&html, 9);
        }
    }
}
