//! Names and links that a text lists: by themselves they look like a menu.
//!
//! Between two sentences of one element short lines are text: a list of persons, of villages, of subjects. Links are,
//! where the sentence above announces them with a colon, or the signature stands right below: the documents of a
//! catalogue.

use std::collections::HashMap;

use super::{Judged, compact, is_link_line};
use crate::extract::{
    lines::{Line, Lines},
    signature,
};

/// Most lines between two sentences.
const MAX_LINES: usize = 300;
/// Weight of a sentence.
const SENTENCE: f32 = 10.0;
/// Longest line that is a day and nothing else.
const DAY: usize = 20;
/// Lines between the last link and the day of the signature.
const REACH: usize = 3;

/// Marks what stands between sentences.
pub(super) fn mark(lines: &Lines, judged: &mut [Judged]) {
    let all = &lines.lines;
    let mut last = HashMap::new();
    for at in 0..all.len() {
        let Some(group) = all[at].group.filter(|_| !judged[at].is_foreign() && !all[at].row) else {
            continue;
        };
        let sentence = judged[at].weight >= SENTENCE;
        let day = || all[at].chars <= DAY && signature::is_day(&compact(&all[at].text));
        if (sentence || day())
            && let Some(above) = last.insert(group, at)
        {
            within(all, judged, above, at, !sentence);
        }
    }
}

/// Marks what stands between a sentence and the next, or the day of the signature.
fn within(lines: &[Line], judged: &mut [Judged], above: usize, below: usize, signed: bool) {
    let between = above + 1..below;
    if between.is_empty()
        || between.len() > MAX_LINES
        || judged[between.clone()].iter().any(Judged::is_foreign)
    {
        return;
    }
    let links = || between.clone().filter(|at| is_link_line(&lines[*at]));
    let announced = lines[above].text.ends_with(['：', ':']);
    let signed = signed && links().next_back().is_some_and(|last| below - last <= REACH);
    if links().next().is_some() && !announced && !signed {
        return;
    }
    for judged in &mut judged[between] {
        judged.enclosed = true;
        judged.weight = judged.weight.max(0.0);
    }
}
