//! Lists that are web pages: which links lead to reports, which to further pages, which to columns.
//!
//! A link is judged by the shape of its address first, then by the date beside it, then by the length of its text.
//! What is left may be a column: on a home page or a hub those with a telling name are followed, on a list only
//! those below it.

use std::collections::{HashMap, HashSet};

use url::Url;

use super::{
    Found, ListLink, ReportLink,
    columns::is_report_column,
    files,
    shape::{Shape, shape},
};
use crate::{
    links::Link,
    url::{is_index_file, page_key},
};

/// Fewest characters (Han, Latin, digits) of a title that stands without a date, at an address that does not tell.
const MIN_TITLE_CHARS: usize = 10;

/// Fewest Han characters among them.
pub(super) const MIN_TITLE_HAN: usize = 6;

/// Fewest dated rows of a page that is a list, not a hub.
const MIN_LIST_ROWS: usize = 5;

/// Texts of links that lead to the next page of a list.
const NEXT: &[&str] = &[
    "下一页",
    "下页",
    "后一页",
    "下一頁",
    "下一页>",
    "下一页 >",
    ">",
    "»",
    "›",
    "next",
    "next page",
];

/// Texts of links that are on every page and lead to no report.
const FURNITURE: &[&str] = &[
    "首页",
    "网站首页",
    "返回首页",
    "网站地图",
    "联系我们",
    "关于我们",
    "关于本站",
    "网站声明",
    "版权声明",
    "隐私声明",
    "免责声明",
    "使用帮助",
    "网站帮助",
    "无障碍阅读",
    "无障碍浏览",
    "无障碍",
    "长者模式",
    "适老版",
    "关怀版",
    "繁體",
    "繁体",
    "简体",
    "登录",
    "注册",
    "设为首页",
    "加入收藏",
    "收藏本站",
    "打印",
    "关闭",
    "返回顶部",
    "找错",
    "我要纠错",
    "english",
    "rss",
    "rss订阅",
    "手机版",
    "电脑版",
    "上一页",
    "上页",
    "尾页",
    "末页",
    "最后一页",
    "more",
    "详情",
];

/// Reads the links of a page; `is_list` when it is known to be a list.
pub(super) fn read(links: &[Link], page_url: &Url, in_scope: &dyn Fn(&Url) -> bool, is_list: bool) -> Found {
    let own_key = page_key(page_url);
    let is_home = is_home(page_url);
    let mut found = Found::default();
    let mut columns: Vec<(&Link, String)> = Vec::new();
    // Keys of what was found; of a report also where.
    let mut seen: HashMap<String, Option<usize>> = HashMap::new();
    let mut dated_rows = 0;
    for link in links {
        let key = page_key(&link.url);
        if key == own_key {
            continue;
        }
        let shape = shape(&link.url);
        if !in_scope(&link.url) {
            if is_report(link, shape) {
                found.elsewhere.push(link.url.clone());
            }
            continue;
        }
        if is_next(link) || is_numbered(link, page_url) {
            if seen.insert(key, None).is_none() {
                found.lists.push(ListLink::pager(link.url.clone()));
            }
        } else if is_report(link, shape) {
            dated_rows += usize::from(link.date.is_some());
            match seen.get(&key) {
                Some(Some(at)) => found.reports[*at].improve(title(link), link.date),
                Some(None) => {}
                None => {
                    seen.insert(key, Some(found.reports.len()));
                    found.reports.push(ReportLink {
                        url: link.url.clone(),
                        title: title(link),
                        date: link.date,
                    });
                }
            }
        } else if may_be_column(link, shape, page_url, is_home) {
            columns.push((link, key));
        }
    }
    leave_own_files(&mut found.reports);
    let n_elsewhere = columns
        .iter()
        .filter(|(link, _)| !is_below(&link.url, page_url))
        .count();
    let has_pager = found.lists.iter().any(|list| list.is_pager);
    // A short list has at least as many reports as its navigation has columns; a hub has fewer.
    let is_short_list = !found.reports.is_empty() && found.reports.len() >= n_elsewhere;
    let is_list = !is_home && (is_list || has_pager || dated_rows >= MIN_LIST_ROWS || is_short_list);
    for (link, key) in columns {
        let is_wanted = !is_list || (is_below(&link.url, page_url) && !link.is_frame);
        if is_wanted && seen.insert(key, None).is_none() {
            found.lists.push(ListLink::column(link.url.clone()));
        }
    }
    found
}

/// Whether an address is that of the first page of a site.
pub(super) fn is_home(url: &Url) -> bool {
    matches!(shape(url), Shape::List) && url.path().matches('/').count() == 1
}

/// Leaves out files that stand beside the page of the same report.
fn leave_own_files(reports: &mut Vec<ReportLink>) {
    let is_file = |link: &ReportLink| shape(&link.url) == Shape::File;
    let name = |link: &ReportLink| {
        let title = link.title.as_deref().map(without_ending).unwrap_or_default();
        title.split_whitespace().collect::<String>()
    };
    let pages: HashSet<String> = reports.iter().filter(|link| !is_file(link)).map(name).collect();
    reports.retain(|link| !is_file(link) || !pages.contains(&name(link)));
}

/// The name of a file without what tells its kind.
fn without_ending(name: &str) -> &str {
    match name.rsplit_once('.') {
        Some((stem, ending)) if ending.len() <= 4 && ending.bytes().all(|b| b.is_ascii_alphanumeric()) => {
            stem
        }
        _ => name,
    }
}

/// Whether a link that is no report may lead to a column of reports.
fn may_be_column(link: &Link, shape: Shape, page_url: &Url, is_home: bool) -> bool {
    if matches!(shape, Shape::File | Shape::Asset)
        || is_furniture(link)
        || is_index_above(&link.url, page_url)
    {
        return false;
    }
    link.is_frame
        || is_report_column(&link.text, &link.url)
        || (!is_home && shape == Shape::List && is_below(&link.url, page_url))
}

fn title(link: &Link) -> Option<String> {
    Some(link.text.clone()).filter(|text| han_chars(text) >= 2)
}

fn is_report(link: &Link, shape: Shape) -> bool {
    let han = han_chars(&link.text);
    let is_title =
        han >= MIN_TITLE_HAN && link.text.chars().filter(|c| c.is_alphanumeric()).count() >= MIN_TITLE_CHARS;
    match shape {
        Shape::Asset => false,
        _ if is_furniture(link) || is_unpublished(&link.url) => false,
        Shape::File => files::is_report(&link.url, &link.text, link.date),
        Shape::Document => true,
        Shape::Page => is_title || (link.date.is_some() && han >= 4),
        // An address like a column's may be a document's: then it has a title and a date.
        Shape::List => is_title && link.date.is_some(),
    }
}

fn is_furniture(link: &Link) -> bool {
    is_furniture_text(&link.text)
}

/// VSB (博达) addresses a document that is not published so; it is behind a login.
fn is_unpublished(url: &Url) -> bool {
    let query = url.query().unwrap_or_default().to_ascii_lowercase();
    query.contains("urltype=news.newscontenturl")
}

/// Whether a link says what is on every page and leads to no report.
pub(super) fn is_furniture_text(text: &str) -> bool {
    let text = text
        .trim_matches(['[', ']', '【', '】', '(', ')', '|', ' '])
        .to_lowercase();
    FURNITURE.contains(&text.as_str())
}

fn is_next(link: &Link) -> bool {
    let text = link.text.trim_matches(['[', ']', '【', '】', ' ']).to_lowercase();
    link.is_next || NEXT.contains(&text.as_str())
}

/// A link that only says a page number, to an address that differs from this one in a number or the query only.
fn is_numbered(link: &Link, page_url: &Url) -> bool {
    let text = link.text.trim_matches(['[', ']', '第', '页', ' ']);
    let is_number = (1..=4).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    is_number && stem(&link.url) == stem(page_url)
}

/// The path without the number of a page: folder, and the file name up to `_2.html`.
fn stem(url: &Url) -> (&str, &str) {
    let (folder, file) = url.path().split_at(url.path().rfind('/').map_or(0, |at| at + 1));
    let name = file.split('.').next().unwrap_or_default();
    let name = name
        .trim_end_matches(|c: char| c.is_ascii_digit())
        .trim_end_matches(['_', '-']);
    // `/zwgk/` and `/zwgk/index_2.html` are pages of one list.
    (folder, if name == "index" { "" } else { name })
}

/// Whether an address lies in a folder below that of the page.
fn is_below(url: &Url, page_url: &Url) -> bool {
    let rest = url.path().strip_prefix(folder(page_url)).unwrap_or_default();
    url.host_str() == page_url.host_str() && rest.contains('/')
}

/// Whether an address is a folder that the page lies in: the way up, which every page shows.
pub(crate) fn is_index_above(url: &Url, page_url: &Url) -> bool {
    let above = folder(url);
    let file = &url.path()[above.len()..];
    url.host_str() == page_url.host_str()
        && (file.is_empty() || is_index_file(file))
        && url.query().is_none()
        && folder(page_url).starts_with(above)
}

/// The path up to and with its last slash.
fn folder(url: &Url) -> &str {
    &url.path()[..url.path().rfind('/').map_or(0, |at| at + 1)]
}

/// Han characters of a text.
pub(super) fn han_chars(text: &str) -> usize {
    text.chars()
        .filter(|c| matches!(*c, '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}'))
        .count()
}
