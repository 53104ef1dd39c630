//! What pages repeat at their edges: numbers, running heads and feet.

use std::{collections::HashMap, sync::LazyLock};

use regex::Regex;

use super::page::Block;

/// Lines at each edge of a page that may be repeated ones.
const EDGE: usize = 2;

/// Share of a page at each edge where numbers and running heads are.
const MARGIN: f64 = 0.14;

/// `- 3 -`, `第 3 页 共 9 页`, `3/9`, `Page 3 of 9`.
static NUMBER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)^[-—–―─~·\s]*(第?\s*\d{1,4}\s*页?([\s,，/／|]*(共\s*)?\d{1,4}\s*页?)?|page\s*\d+(\s*of\s*\d+)?|[ivxlc]{1,6})[-—–―─~·\s]*$").ok()
});

/// Drops them from the pages of a document.
pub(super) fn drop(pages: &mut [Vec<Block>]) {
    let mut seen: HashMap<String, usize> = HashMap::new();
    for page in pages.iter() {
        let mut shapes: Vec<String> = edges(page)
            .into_iter()
            .filter_map(|index| shape(&page[index]))
            .collect();
        shapes.sort();
        shapes.dedup();
        for shape in shapes {
            *seen.entry(shape).or_default() += 1;
        }
    }
    let often = (pages.len() / 2).max(3);
    for page in pages {
        let mut drop: Vec<usize> = edges(page);
        drop.retain(|index| {
            let block = &page[*index];
            is_number(block)
                || shape(block).is_some_and(|shape| seen.get(&shape).is_some_and(|count| *count >= often))
        });
        let mut index = 0;
        page.retain(|_| {
            index += 1;
            !drop.contains(&(index - 1))
        });
    }
}

/// Indices of the lines at the edges of a page.
fn edges(page: &[Block]) -> Vec<usize> {
    let at_edge = |index: &usize| match &page[*index] {
        Block::Line(line) => line.y < line.page * MARGIN || line.y > line.page * (1.0 - MARGIN),
        Block::Row(_) => false,
    };
    // By place, not by order of reading: a foot may have been read between columns.
    let mut lines: Vec<usize> = (0..page.len()).filter(at_edge).collect();
    let y = |index: &usize| match &page[*index] {
        Block::Line(line) => line.y,
        Block::Row(row) => row.top,
    };
    lines.sort_by(|one, other| y(one).total_cmp(&y(other)));
    let count = lines.len();
    lines
        .into_iter()
        .enumerate()
        .filter(|(at, _)| *at < EDGE || *at + EDGE >= count)
        .map(|(_, index)| index)
        .collect()
}

/// A line with its digits made alike; lines of body text are too long to be told apart by chance.
fn shape(block: &Block) -> Option<String> {
    let Block::Line(line) = block else { return None };
    let shape: String = line
        .text
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| if c.is_ascii_digit() { '0' } else { c })
        .collect();
    Some(shape)
}

fn is_number(block: &Block) -> bool {
    match block {
        Block::Line(line) => {
            let width = line.right - line.left;
            NUMBER.as_ref().is_some_and(|number| number.is_match(&line.text)) && width < 200.0
        }
        Block::Row(_) => false,
    }
}
