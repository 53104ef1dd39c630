//! Which paragraphs of two texts are the same, came, went, or were rewritten.
//!
//! Paragraphs are compared as wholes first. Where some went and others came at the same place, those that are alike are
//! put side by side, in order, as rewritten; the others stay taken out and added.

use std::{
    collections::{HashMap, hash_map::Entry},
    time::Instant,
};

use serde::Serialize;
use similar::{Algorithm, DiffOp, capture_diff_slices_deadline};
use utoipa::ToSchema;

use super::words::{self, Segment};

/// What became of a piece of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Op {
    /// It is in both.
    Equal,
    /// It came.
    Insert,
    /// It went.
    Delete,
    /// It was rewritten.
    Replace,
}

/// A paragraph of one text or both.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Paragraph<'a> {
    pub(crate) op: Op,
    /// As it was; `None` when it came.
    pub(crate) from: Option<&'a str>,
    /// As it is; `None` when it went.
    pub(crate) to: Option<&'a str>,
    /// Of one that was rewritten: what is different inside, as far as there was time to look.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) segments: Vec<Segment>,
}

/// Pairs of paragraphs that are looked at when those that are alike are sought in one place. Where there would be more,
/// the first is put beside the first and so on.
const MAX_PAIRS: usize = 4_096;

/// Characters of all paragraphs at one place up to which they are looked at so.
const MAX_CHARS: usize = 200_000;

/// Two paragraphs are alike from this part of their pairs of characters on.
const ALIKE: f64 = 0.4;

/// Compares two texts by paragraphs. Answers also whether time was short.
pub(super) fn compare<'a>(from: &'a str, to: &'a str, deadline: Instant) -> (Vec<Paragraph<'a>>, bool) {
    let (old, new) = (split(from), split(to));
    // As numbers, so that comparing two takes one step, however long they are.
    let mut numbers = HashMap::new();
    let mut number = |paragraph: &&'a str| {
        let next = numbers.len();
        match numbers.entry(*paragraph) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(free) => *free.insert(next),
        }
    };
    let old_numbers: Vec<usize> = old.iter().map(&mut number).collect();
    let new_numbers: Vec<usize> = new.iter().map(&mut number).collect();
    let ops = capture_diff_slices_deadline(Algorithm::Myers, &old_numbers, &new_numbers, Some(deadline));

    let mut out = Paragraphs {
        all: Vec::with_capacity(old.len().max(new.len())),
        deadline,
        is_coarse: Instant::now() >= deadline,
    };
    for op in ops {
        match op {
            DiffOp::Equal {
                old_index,
                new_index,
                len,
            } => {
                let same = old[old_index..old_index + len]
                    .iter()
                    .zip(&new[new_index..new_index + len]);
                same.for_each(|(from, to)| out.push(Op::Equal, Some(from), Some(to)));
            }
            DiffOp::Delete {
                old_index, old_len, ..
            } => out.went(&old[old_index..old_index + old_len]),
            DiffOp::Insert {
                new_index, new_len, ..
            } => out.came(&new[new_index..new_index + new_len]),
            DiffOp::Replace {
                old_index,
                old_len,
                new_index,
                new_len,
            } => out.rewritten(
                &old[old_index..old_index + old_len],
                &new[new_index..new_index + new_len],
            ),
        }
    }
    (out.all, out.is_coarse)
}

fn split(text: &str) -> Vec<&str> {
    report::paragraphs(text).map(|paragraph| paragraph.text).collect()
}

struct Paragraphs<'a> {
    all: Vec<Paragraph<'a>>,
    deadline: Instant,
    is_coarse: bool,
}

impl<'a> Paragraphs<'a> {
    fn push(&mut self, op: Op, from: Option<&'a str>, to: Option<&'a str>) {
        self.all.push(Paragraph {
            op,
            from,
            to,
            segments: Vec::new(),
        });
    }

    fn went(&mut self, old: &[&'a str]) {
        old.iter()
            .for_each(|from| self.push(Op::Delete, Some(from), None));
    }

    fn came(&mut self, new: &[&'a str]) {
        new.iter().for_each(|to| self.push(Op::Insert, None, Some(to)));
    }

    /// In the place of `old` stands `new`.
    fn rewritten(&mut self, old: &[&'a str], new: &[&'a str]) {
        let n_chars: usize = old.iter().chain(new).map(|paragraph| paragraph.len() / 3).sum();
        let is_small = old.len() * new.len() <= MAX_PAIRS && n_chars <= MAX_CHARS;
        let pairs = if is_small && Instant::now() < self.deadline {
            alike(old, new)
        } else {
            self.is_coarse |= old.len() != new.len();
            (0..old.len().min(new.len())).map(|at| (at, at)).collect()
        };
        let (mut old_at, mut new_at) = (0, 0);
        for (from, to) in pairs {
            self.went(&old[old_at..from]);
            self.came(&new[new_at..to]);
            self.pair(old[from], new[to]);
            (old_at, new_at) = (from + 1, to + 1);
        }
        self.went(&old[old_at..]);
        self.came(&new[new_at..]);
    }

    fn pair(&mut self, from: &'a str, to: &'a str) {
        let segments = if Instant::now() < self.deadline {
            words::compare(from, to, self.deadline)
        } else {
            None
        };
        self.is_coarse |= segments.is_none();
        self.all.push(Paragraph {
            op: Op::Replace,
            from: Some(from),
            to: Some(to),
            segments: segments.unwrap_or_default(),
        });
    }
}

/// The pairs of paragraphs that are alike, in order and none crossing another, such that together they are most alike.
fn alike(old: &[&str], new: &[&str]) -> Vec<(usize, usize)> {
    let (old, new): (Vec<_>, Vec<_>) = (
        old.iter().map(|text| profile(text)).collect(),
        new.iter().map(|text| profile(text)).collect(),
    );
    let width = new.len() + 1;
    let likeness: Vec<f64> = old
        .iter()
        .flat_map(|from| new.iter().map(move |to| likeness(from, to)))
        .collect();
    let at = |i: usize, j: usize| likeness[i * new.len() + j];
    // best[i, j]: what the paragraphs from i and from j on can come to.
    let mut best = vec![0.0_f64; (old.len() + 1) * width];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            let mut most = best[(i + 1) * width + j].max(best[i * width + j + 1]);
            if at(i, j) >= ALIKE {
                most = most.max(at(i, j) + best[(i + 1) * width + j + 1]);
            }
            best[i * width + j] = most;
        }
    }
    let mut pairs = Vec::new();
    let (mut i, mut j) = (0, 0);
    while i < old.len() && j < new.len() {
        if best[i * width + j] == best[(i + 1) * width + j] {
            i += 1;
        } else if best[i * width + j] == best[i * width + j + 1] {
            j += 1;
        } else {
            pairs.push((i, j));
            (i, j) = (i + 1, j + 1);
        }
    }
    pairs
}

/// Pairs of neighbouring characters, in order; the characters alone of a text of one.
fn profile(text: &str) -> Vec<(char, char)> {
    let mut pairs: Vec<_> = text.chars().zip(text.chars().skip(1)).collect();
    if pairs.is_empty() {
        pairs.extend(text.chars().map(|c| (c, c)));
    }
    pairs.sort_unstable();
    pairs
}

/// The part of their pairs that two profiles share, from 0 to 1.
fn likeness(a: &[(char, char)], b: &[(char, char)]) -> f64 {
    let (mut i, mut j, mut shared) = (0, 0, 0);
    while i < a.len() && j < b.len() {
        match a[i].cmp(&b[j]) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => (i, j, shared) = (i + 1, j + 1, shared + 1),
        }
    }
    match a.len() + b.len() {
        0 => 1.0,
        n => 2.0 * f64::from(shared) / n as f64,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;

    fn later() -> Instant {
        Instant::now() + Duration::from_secs(5)
    }

    fn shown(from: &str, to: &str) -> Vec<String> {
        let (paragraphs, is_coarse) = compare(from, to, later());
        assert!(!is_coarse);
        let shown = paragraphs.iter().map(|paragraph| match paragraph.op {
            Op::Equal => format!("={}", paragraph.to.unwrap()),
            Op::Insert => format!("+{}", paragraph.to.unwrap()),
            Op::Delete => format!("-{}", paragraph.from.unwrap()),
            Op::Replace => format!("{}→{}", paragraph.from.unwrap(), paragraph.to.unwrap()),
        });
        shown.collect()
    }

    #[test]
    fn rewritten_paragraphs_stand_beside_each_other() {
        assert_eq!(
            shown(
                "一、总体情况\n全年办结案件1204件。\n存在不足。\n二、打算",
                "一、总体情况\n全年办结案件1294件。\n三是加强执法监督。\n二、打算\n附件"
            ),
            [
                "=一、总体情况",
                "全年办结案件1204件。→全年办结案件1294件。",
                "-存在不足。",
                "+三是加强执法监督。",
                "=二、打算",
                "+附件",
            ]
        );
        // The paragraph that is alike, not the first one.
        assert_eq!(
            shown("推进行政复议工作", "总体情况\n推进行政复议各项工作"),
            ["+总体情况", "推进行政复议工作→推进行政复议各项工作"]
        );
    }

    #[test]
    fn texts_that_are_empty_have_no_paragraphs() {
        assert_eq!(shown("", ""), [""; 0]);
        assert_eq!(shown("", "甲\n乙"), ["+甲", "+乙"]);
    }

    /// Two texts of many short paragraphs in random order are the worst for any search for the least difference.
    #[test]
    fn hostile_texts_end_at_the_deadline_and_are_still_right() {
        let text = |seed: u64| -> String {
            let mut state = seed;
            let mut line = || {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                format!("{}\n", state >> 33 & 0x3f)
            };
            (0..300_000).map(|_| line()).collect()
        };
        let (from, to) = (text(1), text(2));
        let started = Instant::now();
        let (paragraphs, is_coarse) = compare(&from, &to, started + Duration::from_millis(200));
        assert!(is_coarse);
        assert!(
            started.elapsed() < Duration::from_secs(8),
            "{:?}",
            started.elapsed()
        );
        give_back(&paragraphs, &from, &to);
    }

    /// Whatever is said to differ, both texts can be put together from it.
    fn give_back(paragraphs: &[Paragraph<'_>], from: &str, to: &str) {
        let old: Vec<_> = paragraphs.iter().filter_map(|p| p.from).collect();
        let new: Vec<_> = paragraphs.iter().filter_map(|p| p.to).collect();
        assert!(old == split(from) && new == split(to));
        for paragraph in paragraphs.iter().filter(|p| !p.segments.is_empty()) {
            let side = |other: Op| -> String {
                let kept = paragraph.segments.iter().filter(|s| s.op != other);
                kept.map(|s| s.text.as_str()).collect()
            };
            assert_eq!(paragraph.from.unwrap(), side(Op::Insert));
            assert_eq!(paragraph.to.unwrap(), side(Op::Delete));
        }
    }

    proptest! {
        #[test]
        fn both_texts_come_back(from in "[甲乙丙丁12 \n]{0,60}", to in "[甲乙丙丁12 \n]{0,60}") {
            let (paragraphs, _) = compare(&from, &to, later());
            give_back(&paragraphs, &from, &to);
            let over = Instant::now();
            give_back(&compare(&from, &to, over).0, &from, &to);
        }
    }
}
