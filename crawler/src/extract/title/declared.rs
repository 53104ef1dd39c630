//! What the head of a page and the list that led to it call the document.
//!
//! Templates fill these with more than the title: `<title>` ends, or begins, with the names of column and site, fields
//! are cut at a hundred characters, rows of lists end in dots, and some hold the name of the site or a placeholder only.

use super::{
    super::{
        boilerplate::compact,
        page::{Page, plain},
    },
    MAX_CHARS,
    shape::{is_site_name, names_a_document, names_a_place_of_the_site},
};

/// `<meta>` elements that hold titles, most trusted first.
const METAS: &[&str] = &["articletitle", "og:title", "title", "subject"];
/// What templates put between the title and the names of column and site.
const SEPARATORS: &[char] = &['_', '|', '-', '–', '—', '>', '<', '»', '·', '－', '｜'];

/// What the head of the page and the list say, most trusted first, each once.
pub(crate) fn all(page: &Page, list_title: Option<&str>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut add = |title: String| {
        if is_long_enough(&title) && !out.contains(&title) {
            out.push(title);
        }
    };
    fields(page, list_title).into_iter().for_each(&mut add);
    if let Some(title) = &page.title {
        add(title.clone());
        add(own_part(page, title));
        segments(title).into_iter().for_each(&mut add);
    }
    out
}

/// Titles to look for among the lines of the page, most trusted first.
pub(super) fn wanted(page: &Page, list_title: Option<&str>) -> Vec<String> {
    let mut out = all(page, list_title);
    out.retain(|title| !is_site(page, title));
    out
}

/// Whether a wanted title is a short part of `<title>`: that may be the name of a column, which a line repeats.
pub(super) fn is_weak(page: &Page, list_title: Option<&str>, title: &str) -> bool {
    const SHORT: usize = 8;
    let whole = page.title.as_deref() == Some(title) && names_a_document(title);
    title.chars().count() < SHORT && !whole && !fields(page, list_title).iter().any(|field| field == title)
}

/// The best title of a page that shows none.
pub(super) fn alone(page: &Page, list_title: Option<&str>) -> Option<String> {
    let fields = fields(page, list_title);
    let mut all: Vec<String> = fields.iter().map(|field| own_part(page, field)).collect();
    if let Some(title) = &page.title {
        all.push(own_part(page, title));
        all.extend(segments(title).iter().map(|part| own_part(page, part)));
    }
    all.retain(|title| is_long_enough(title) && is_plausible(page, title));
    let first = all
        .iter()
        .find(|title| without_dots(title) == title.as_str())
        .or(all.first())?;
    // Where one was cut, another may go on.
    let begun = compact(without_dots(first));
    let whole = all.iter().filter(|title| compact(title).starts_with(&begun));
    whole.max_by_key(|title| without_dots(title).len()).cloned()
}

/// What the beginning of a line may be compared with: whole titles, and whether they say themselves that they were cut.
pub(super) fn beginnings(page: &Page, list_title: Option<&str>) -> Vec<(String, bool)> {
    let all = page
        .title
        .iter()
        .cloned()
        .chain(fields(page, list_title))
        .filter(|title| !is_site(page, title));
    let begun = all.map(|title| {
        let kept = without_dots(&title);
        (compact(kept), kept.len() < title.len())
    });
    begun.collect()
}

fn fields(page: &Page, list_title: Option<&str>) -> Vec<String> {
    let metas = METAS.iter().filter_map(|name| page.meta(&[name]));
    metas.map(str::to_owned).chain(list_title.map(plain)).collect()
}

fn is_long_enough(title: &str) -> bool {
    (4..=MAX_CHARS).contains(&title.chars().count())
}

/// Without the dots of a row that was too narrow.
fn without_dots(title: &str) -> &str {
    let cut = title.trim_end();
    let kept = cut.trim_end_matches(['.', '…']);
    if cut.len() - kept.len() >= 2 {
        kept.trim_end()
    } else {
        title
    }
}

/// Parts of a `<title>`, longest first: the document's own title is nearly always the longest.
fn segments(title: &str) -> Vec<String> {
    let parts = title.split(SEPARATORS).map(str::trim);
    let mut parts: Vec<String> = parts.filter(|part| !part.is_empty()).map(str::to_owned).collect();
    parts.sort_by_key(|part| std::cmp::Reverse(part.chars().count()));
    parts
}

/// A declared title without the names of column and site at its ends.
fn own_part(page: &Page, title: &str) -> String {
    let mut rest = title.trim();
    while let Some(at) = rest.rfind(SEPARATORS) {
        let before = rest[..at].trim_end_matches(is_separator);
        if before.is_empty() || !names_the_site(page, trimmed(&rest[at..])) {
            break;
        }
        rest = before;
    }
    // 清河县人民政府 文件公开 关于…的通知
    while let Some(at) = rest.find(|c: char| c.is_whitespace() || SEPARATORS.contains(&c)) {
        let (first, more) = rest.split_at(at);
        let more = trimmed(more);
        if more.is_empty() || !is_named_in_head(page, first) {
            break;
        }
        rest = more;
    }
    rest.to_owned()
}

fn is_separator(c: char) -> bool {
    c.is_whitespace() || SEPARATORS.contains(&c)
}

fn trimmed(part: &str) -> &str {
    part.trim_matches(is_separator)
}

/// The head itself says that this is the name of the site or of the column.
fn is_named_in_head(page: &Page, part: &str) -> bool {
    let part = compact(part);
    ["sitename", "columnname"]
        .iter()
        .any(|name| page.meta(&[name]).is_some_and(|name| compact(name) == part))
}

fn names_the_site(page: &Page, part: &str) -> bool {
    part.is_empty() || is_named_in_head(page, part) || names_a_place_of_the_site(part)
}

/// Whether a line or a declared title is the name of the site.
pub(super) fn is_site(page: &Page, text: &str) -> bool {
    let same = page
        .meta(&["sitename"])
        .is_some_and(|name| compact(name) == compact(text));
    same || is_site_name(text)
}

/// Whether a declared title that no line repeats can be one: not a site, a column or a placeholder.
fn is_plausible(page: &Page, title: &str) -> bool {
    const SITES: &[&str] = &[
        "网", "网站", "门户", "频道", "平台", "首页", "主页", "系统", "政府",
    ];
    const PLACEHOLDERS: &[&str] = &[
        "网站名称",
        "文章标题",
        "标题",
        "无标题",
        "欢迎",
        "谢谢",
        "信息公开",
        "政务公开",
    ];
    let compacted = compact(title);
    compacted.chars().count() >= 8
        && !compacted.contains(['>', '»', '<', '_', '|'])
        && !is_named_in_head(page, title)
        && !is_site(page, title)
        && !SITES.iter().any(|end| without_note(&compacted).ends_with(end))
        && !PLACEHOLDERS
            .iter()
            .any(|placeholder| compacted.starts_with(placeholder))
}

/// Without a note in brackets at its end.
fn without_note(title: &str) -> &str {
    let note = title.ends_with(')').then(|| title.rfind('(')).flatten();
    note.map_or(title, |at| &title[..at])
}
