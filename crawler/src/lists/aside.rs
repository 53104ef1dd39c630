//! Blocks beside a list that show rows of other columns: `热点新闻`, `推荐阅读`.
//!
//! Such a block is told by its heading, which stands alone right before it and is named as portals name what they show
//! on every page, and by where its rows lie: in no folder that the list or a row outside of such blocks lies in. What
//! further pages follow is the list itself, whatever it is called. When in doubt a row stays.

use std::collections::HashSet;

use ego_tree::{NodeId, NodeRef, iter::Edge};
use scraper::{Html, Node};
use url::Url;

use super::{
    Found,
    names::{ASIDES, NAMES},
    page::{han_chars, is_last, is_next_text},
};
use crate::{links, url::page_key};

/// Longest name of such a block, in characters.
const MAX_NAME_CHARS: usize = 8;

/// Longest heading of one: its name and what says that there is more.
const MAX_HEADING_CHARS: usize = 20;

/// Most elements around a name that may be its heading.
const MAX_LEVELS: usize = 5;

/// Most headings of one page that are looked at.
const MAX_HEADINGS: usize = 50;

/// Most nodes that are looked at for the words of a heading, or for what stands below it.
const MAX_NODES: usize = 100;

/// Most nodes of a block that are looked through.
const MAX_BLOCK_NODES: usize = 5000;

/// Leaves out the rows of a list's page that only stand in blocks beside the list; `name` is that of the page.
pub(super) fn leave(found: &mut Found, tree: &Html, page_url: &Url, name: Option<&str>) {
    let blocks = blocks(tree, name);
    if blocks.is_empty() {
        return;
    }
    let Linked { within, without } = linked(tree, page_url, &blocks);
    let keys: Vec<String> = found.reports.iter().map(|row| page_key(&row.url)).collect();
    let is_beside = |key: &String| within.contains(key) && !without.contains(key);
    let rows = || found.reports.iter().zip(&keys);
    let own = rows().filter(|(_, key)| !is_beside(key)).map(|(row, _)| &row.url);
    let has_own = own.clone().next().is_some();
    // The rows of the list itself may come by a request.
    if !has_own && !found.lists.iter().any(|list| list.begins) {
        return;
    }
    let folders: HashSet<String> = own.chain([page_url]).map(column).collect();
    let mut stays = rows()
        .map(|(row, key)| !is_beside(key) || folders.contains(&column(&row.url)))
        .collect::<Vec<_>>()
        .into_iter();
    found.reports.retain(|_| stays.next().unwrap_or(true));
}

/// The elements that stand below the heading of such a block.
fn blocks(tree: &Html, page_name: Option<&str>) -> HashSet<NodeId> {
    let page_name = page_name.map(compact);
    let names = tree.tree.root().descendants().filter_map(|node| {
        let text = node.value().as_text()?;
        // Most texts are longer than a name, with whatever blanks stand in it.
        (text.len() <= 200).then(|| (node, compact(text)))
    });
    let names = names.filter(|(_, name)| is_aside(name) && page_name.as_ref() != Some(name));
    names
        .take(MAX_HEADINGS)
        .filter_map(|(node, name)| below(node, &name))
        .flatten()
        .collect()
}

fn is_aside(name: &str) -> bool {
    let chars = name.chars().count();
    chars <= MAX_NAME_CHARS
        && han_chars(name) == chars
        && ASIDES.iter().any(|part| name.contains(part))
        && !NAMES.iter().any(|part| name.contains(part))
}

/// The elements with the rows below a heading.
fn below(text: NodeRef<'_, Node>, name: &str) -> Option<Vec<NodeId>> {
    let headings = text.ancestors().take(MAX_LEVELS);
    let headings = headings.take_while(|heading| heading.value().is_element() && says_only(*heading, name));
    headings.filter_map(block_behind).next()
}

/// Whether an element says nothing but a name, and that there is more.
fn says_only(element: NodeRef<'_, Node>, name: &str) -> bool {
    let mut said = String::new();
    for (at, node) in element.descendants().enumerate() {
        if at >= MAX_NODES || said.chars().count() > MAX_HEADING_CHARS {
            return false;
        }
        if let Some(text) = node.value().as_text() {
            said.extend(text.chars().take(200).filter(|c| c.is_alphanumeric()));
        }
    }
    let rest = said.to_lowercase().replacen(name, "", 1);
    matches!(rest.as_str(), "" | "更多" | "查看更多" | "more")
}

/// What follows a heading: the element with the rows, or as many of the same kind as have one each.
fn block_behind(heading: NodeRef<'_, Node>) -> Option<Vec<NodeId>> {
    let elements = heading.next_siblings().filter(|node| node.value().is_element());
    let mut behind = elements.take(MAX_NODES).skip_while(|node| is_empty(*node));
    // A heading may say 更多 beside its name.
    let first = behind.next().filter(|node| !says_only(*node, ""))?;
    let tag = |node: NodeRef<'_, Node>| node.value().as_element().map(|element| element.name().to_owned());
    let kind = tag(first);
    let mut block = match links_in(first) {
        0 => return None,
        1 => vec![first.id()],
        _ => {
            let next = behind.find(|node| !is_empty(*node));
            let is_list = has_pager(first) || next.is_some_and(has_pager);
            return (!is_list).then(|| vec![first.id()]);
        }
    };
    let rows = behind.take_while(|node| tag(*node) == kind && links_in(*node) == 1);
    block.extend(rows.map(|row| row.id()));
    Some(block)
}

fn is_empty(element: NodeRef<'_, Node>) -> bool {
    let has_words = |node: NodeRef<'_, Node>| {
        let text = node.value().as_text();
        text.is_some_and(|text| text.chars().any(char::is_alphanumeric))
    };
    !element.descendants().take(MAX_NODES).any(has_words)
}

/// The links in an element, up to two.
fn links_in(element: NodeRef<'_, Node>) -> usize {
    let is_link = |node: &NodeRef<'_, Node>| node.value().as_element().is_some_and(|e| e.name() == "a");
    let nodes = element.descendants().take(MAX_BLOCK_NODES);
    nodes.filter(is_link).take(2).count()
}

/// Whether an element has links to further pages.
fn has_pager(element: NodeRef<'_, Node>) -> bool {
    let nodes = element.descendants().take(MAX_BLOCK_NODES);
    let mut texts = nodes.filter_map(|node| node.value().as_text());
    texts.any(|text| text.len() <= 40 && (is_next_text(text.trim()) || is_last(text.trim())))
}

/// Where the links of a page lead, as keys.
#[derive(Default)]
struct Linked {
    /// From one of the blocks.
    within: HashSet<String>,
    /// From anywhere else.
    without: HashSet<String>,
}

fn linked(tree: &Html, page_url: &Url, blocks: &HashSet<NodeId>) -> Linked {
    let base = links::base(tree, page_url);
    let (mut linked, mut depth, mut n_links) = (Linked::default(), 0_usize, 0);
    for edge in tree.tree.root().traverse() {
        match edge {
            Edge::Open(node) => {
                depth += usize::from(blocks.contains(&node.id()));
                let href = node.value().as_element().and_then(|element| element.attr("href"));
                let url = href
                    .filter(|_| n_links < links::MAX_LINKS)
                    .and_then(|href| base.join(href.trim()).ok());
                if let Some(url) = url {
                    n_links += 1;
                    let side = if depth > 0 {
                        &mut linked.within
                    } else {
                        &mut linked.without
                    };
                    side.insert(page_key(&url));
                }
            }
            Edge::Close(node) => depth -= usize::from(blocks.contains(&node.id())),
        }
    }
    linked
}

/// The folder of a column, as far as an address tells: without the folders of years, months and days, and with the
/// number of the column where the name of the file begins with it (`art_12_345.html`).
fn column(url: &Url) -> String {
    let path = url.path();
    let (folder, file) = path.split_at(path.rfind('/').map_or(0, |at| at + 1));
    let is_date = |part: &&str| {
        let is_number = part.bytes().all(|b| b.is_ascii_digit() || b == b'-');
        let is_year = part.starts_with("19") || part.starts_with("20");
        is_number && (part.len() <= 2 || matches!(part.len(), 4 | 6 | 7 | 8 | 10) && is_year)
    };
    let parts = folder
        .split('/')
        .filter(|part| !part.is_empty() && !is_date(part));
    let mut numbers = file.strip_prefix("art_").unwrap_or_default().split('_');
    let number = numbers
        .next()
        .filter(|_| numbers.next().is_some())
        .unwrap_or_default();
    let host = url.host_str().unwrap_or_default();
    format!("{host}/{}#{number}", parts.collect::<Vec<_>>().join("/"))
}

fn compact(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{lists::tests::read, portal::Family};

    fn rows(folder: &str, count: usize) -> String {
        let row = |at| {
            format!(
                "<li><a href='{folder}{at}.html'>某某县第{at}号关于{folder}的报告</a><span>2024-02-27</span></li>"
            )
        };
        (1..=count).map(row).collect()
    }

    fn found(html: &str) -> usize {
        let html = format!("<title>法治政府建设</title>{html}");
        read("http://a.gov.cn/zwgk/fzzf/", Family::Auto, &html)
            .reports
            .len()
    }

    #[test]
    fn a_block_of_another_column_is_no_part_of_the_list() {
        let main = format!("<div><ul>{}</ul></div>", rows("/zwgk/fzzf/202403/", 6));
        let side = rows("/xwzx/bdyw/", 8);
        for heading in [
            "<h3>热点新闻</h3>",
            "<div class='tit'><span>热 点 新 闻</span><a href='/xwzx/'>更多&gt;&gt;</a></div>",
            "<div><h2><b>推荐阅读</b></h2></div><hr>",
        ] {
            let aside = format!("<div>{heading}<ul>{side}</ul></div>");
            assert_eq!(found(&format!("{aside}{main}")), 6, "{heading}");
            assert_eq!(found(&format!("{main}{aside}")), 6, "{heading}");
            let flat = format!("{heading}<ul>{side}</ul><h3>法治政府建设</h3>{main}");
            assert_eq!(found(&flat), 6, "{heading}");
            let items = side.replace("<li>", "<p>").replace("</li>", "</p>");
            assert_eq!(
                found(&format!("<div>{heading}{items}</div>{main}")),
                6,
                "{heading}"
            );
        }
    }

    #[test]
    fn rows_of_the_list_stay_wherever_they_lie() {
        let in_folder = |folder: &str| format!("<ul>{}</ul>", rows(folder, 6));
        let (main, other) = (in_folder("/zwgk/fzzf/202403/"), in_folder("/content/"));
        for (html, count, why) in [
            (
                format!("<h3>2024年</h3>{main}<h3>2023年</h3>{other}"),
                12,
                "years",
            ),
            (
                format!("<h3>县司法局</h3>{other}<h3>文件公开</h3>{main}"),
                12,
                "parts of it",
            ),
            (format!("<h3>热点新闻</h3>{other}"), 6, "nothing else"),
            (
                format!(
                    "<h3>热点新闻</h3><ul>{}</ul>{main}",
                    rows("/zwgk/fzzf/202301/", 3)
                ),
                9,
                "of this column",
            ),
            (
                format!("<h3>法治新闻</h3>{other}<div><a href='index_2.html'>下一页</a></div>{main}"),
                12,
                "pager",
            ),
            (
                format!("<ul><li>要闻</li><li>视频新闻</li></ul><div>{other}</div><div>{main}</div>"),
                12,
                "a menu",
            ),
            (
                format!(
                    "<h3>热点新闻</h3>{other}<div>{}{main}</div>",
                    in_folder("/content/")
                ),
                12,
                "shown twice",
            ),
        ] {
            assert_eq!(found(&html), count, "{why}");
        }
        let named = format!("<title>要闻</title><h3>要闻</h3>{other}<div>{main}</div>");
        assert_eq!(read("http://a.gov.cn/x/", Family::Auto, &named).reports.len(), 12);
    }

    #[test]
    fn columns_are_told_by_folder_or_number() {
        let column = |path: &str| column(&Url::parse(&format!("http://a.gov.cn{path}")).unwrap());
        assert_eq!(
            column("/zwgk/fzzf/202403/t20240305_1.html"),
            column("/zwgk/fzzf/")
        );
        assert_eq!(
            column("/art/2024/3/5/art_12_3.html"),
            column("/art/2023/1/1/art_12_9.html")
        );
        assert_ne!(
            column("/art/2024/3/5/art_12_3.html"),
            column("/art/2024/3/5/art_13_3.html")
        );
        assert_ne!(column("/info/1042/2001.htm"), column("/info/1043/2001.htm"));
    }
}
