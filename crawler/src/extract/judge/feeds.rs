//! Feeds: lists of which every item is a linked title with a few words of its text, or a comment with its buttons.
//!
//! An item by itself looks like a paragraph; what gives a feed away is that neighbours in the tree repeat: each has a
//! line that is a link, and little text. A page that holds no other text is what it shows, and left alone.

use ego_tree::NodeRef;
use scraper::{Html, Node};

use super::{ASIDE, Judged, is_link_line};
use crate::extract::lines::{Line, Lines};

/// Items that make a feed.
const MIN_ITEMS: usize = 3;
/// Most lines of an item.
const MAX_LINES: usize = 8;
/// Most characters outside links of an item.
const MAX_CHARS: usize = 300;
/// Characters of a linked title.
const TITLE: usize = 8;
/// Weight of the text that a page must have beside its feeds: a sentence.
const ENOUGH: f32 = 40.0;

/// Marks the lines of feeds as lying aside.
pub(super) fn mark(page: &Html, lines: &Lines, judged: &mut [Judged]) {
    let mut found = vec![false; judged.len()];
    for (node, span) in &lines.spans {
        if span.len() >= 2 * MIN_ITEMS
            && let Some(node) = page.tree.get(*node)
        {
            among_children(node, lines, &mut found);
        }
    }
    under_headings(&lines.lines, &mut found);
    let rest = judged.iter().zip(&found).filter(|(_, found)| !**found);
    if rest.map(|(judged, _)| judged.weight.max(0.0)).sum::<f32>() < ENOUGH {
        return;
    }
    let all = judged.iter_mut().zip(&lines.lines).zip(found);
    for ((judged, line), _) in all.filter(|(_, found)| *found) {
        judged.aside = true;
        judged.aside_element = judged.aside_element.or(line.group);
        judged.weight = ASIDE;
    }
}

/// Items that are elements of one kind, side by side.
fn among_children(parent: NodeRef<'_, Node>, lines: &Lines, found: &mut [bool]) {
    let mut kind_before = None;
    let (mut items, mut run) = (0, 0..0);
    for child in parent.children() {
        let Some(element) = child.value().as_element() else {
            continue;
        };
        let Some(span) = lines.spans.get(&child.id()).filter(|span| !span.is_empty()) else {
            continue;
        };
        let kind = item(&lines.lines[span.clone()]).map(|item| (item, element.name()));
        if kind.is_some() && kind == kind_before && run.end == span.start {
            items += 1;
            run.end = span.end;
        } else {
            (items, run) = (usize::from(kind.is_some()), span.clone());
        }
        kind_before = kind;
        if items >= MIN_ITEMS {
            let fresh = if items == MIN_ITEMS { &run } else { span };
            found[fresh.clone()].fill(true);
        }
    }
}

/// How an item gives itself away.
#[derive(Clone, Copy, PartialEq)]
enum Item {
    /// It starts with its linked title, or with its date and then the title.
    Titled,
    /// It ends with 回复 赞(3), 阅读全文 …
    Buttons,
}

fn item(lines: &[Line]) -> Option<Item> {
    if lines.len() < 2 || lines.len() > MAX_LINES {
        return None;
    }
    let plain: usize = lines.iter().map(|line| line.chars - line.linked).sum();
    if plain == 0 || plain > MAX_CHARS {
        return None;
    }
    let buttons = |last: &Line| is_link_line(last) && last.chars < 2 * TITLE;
    if lines[..2].iter().any(is_title) {
        Some(Item::Titled)
    } else {
        lines.last().is_some_and(buttons).then_some(Item::Buttons)
    }
}

fn is_title(line: &Line) -> bool {
    is_link_line(line) && line.linked >= TITLE && !line.row
}

/// Items without an element of their own: a linked heading, a paragraph, the next heading …
fn under_headings(lines: &[Line], found: &mut [bool]) {
    let heads = (0..lines.len()).filter(|at| lines[*at].heading && is_title(&lines[*at]));
    let heads: Vec<usize> = heads.collect();
    let is_item = |pair: &[usize]| {
        let item = &lines[pair[0]..pair[1]];
        lines[pair[1]].group == item[0].group && self::item(item) == Some(Item::Titled)
    };
    let mut first = 0;
    while first < heads.len() {
        let items = heads[first..].windows(2).take_while(|pair| is_item(pair)).count();
        if items + 1 >= MIN_ITEMS {
            let last = first + items;
            // The last item is as long as the longest of the others.
            let long = heads[first..=last].windows(2).map(|pair| pair[1] - pair[0]).max();
            let end = heads[last] + long.unwrap_or(1);
            found[heads[first]..end.min(lines.len())].fill(true);
        }
        first += items + 1;
    }
}
