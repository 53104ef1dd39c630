//! Boxes that interrupt a text: 相关阅读 with a few links, a bar of buttons.
//!
//! What such a heading announces at the end of a page ends the text. Here the text goes on below the box: the lines
//! before and after it are neighbours in one element, and what follows is too much for a note below a text.

use std::collections::HashSet;

use super::{Furniture, Judged, is_link_line};
use crate::extract::lines::{Line, Lines};

/// Most lines of one box.
const MAX_LINES: usize = 30;
/// Lines below a box in which the text has to show.
const REACH: usize = 6;
/// Lines around a box that are looked at.
const SAMPLE: usize = 40;
/// Weight of the text below a box.
const ENOUGH: f32 = 100.0;

/// Marks boxes within the text.
pub(super) fn mark(lines: &Lines, judged: &mut [Judged]) {
    let mut at = 0;
    while at < judged.len() {
        let end = extent(&lines.lines, judged, at);
        if end > at && goes_on(&lines.lines, judged, at, end) {
            for judged in &mut judged[at..end] {
                judged.furniture = None;
                judged.inset = true;
                judged.weight = 0.0;
            }
        }
        at = end.max(at + 1);
    }
}

/// End of the box that a line starts; `at` when it starts none.
fn extent(lines: &[Line], judged: &[Judged], at: usize) -> usize {
    let is_link = |at: &usize| is_link_line(&lines[*at]);
    match judged[at].furniture {
        Some(Furniture::Further) => {
            let below = (at + 1..lines.len().min(at + MAX_LINES)).take_while(is_link);
            let links = below.count();
            if links > 0 || lines[at].links > 0 {
                at + 1 + links
            } else {
                at
            }
        }
        Some(Furniture::Tail | Furniture::Meta) if is_link(&at) => at + 1,
        _ => at,
    }
}

/// Whether the text before a box goes on after it: among the lines below are some that share an element with lines
/// above, and up to the last of them there is enough text.
fn goes_on(lines: &[Line], judged: &[Judged], start: usize, end: usize) -> bool {
    let is_text = |at: &usize| judged[*at].weight > 0.0 && lines[*at].group.is_some();
    let above: HashSet<_> = (start.saturating_sub(SAMPLE)..start)
        .filter(is_text)
        .map(|at| lines[at].group)
        .collect();
    let near = (end..lines.len().min(end + REACH)).any(|at| is_text(&at));
    if above.is_empty() || !near {
        return false;
    }
    let ends = |at: &usize| matches!(judged[*at].furniture, Some(Furniture::Tail | Furniture::Further));
    let below = (end..lines.len().min(end + SAMPLE)).take_while(|at| !ends(at));
    let (mut weight, mut shared) = (0.0, 0.0);
    for at in below.filter(is_text) {
        weight += judged[at].weight;
        if above.contains(&lines[at].group) {
            shared = weight;
        }
    }
    shared >= ENOUGH
}
