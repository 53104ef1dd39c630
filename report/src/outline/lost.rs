//! Headings that lost their number, or a part of it.
//!
//! Texts that went through careless hands lose single characters, and with `(`, `二` and `)` the whole number. Where the
//! numbers of two neighbours leave a gap (一、…三、, or (二) as the first below its heading), short lines without a
//! stop in between fill it, if there are no more of them than numbers missing. A short line directly above an item
//! `1.` and below another item or a heading is one too.

use super::{
    Marker, is_blank,
    marker::value,
    unnumbered::{ends_sentence, is_paragraph, is_title_like},
};
use crate::Paragraph;

/// Adds what was lost to the headings found by number.
pub(super) fn restore<'a>(lines: &[Paragraph<'a>], markers: &mut [Option<Marker<'a>>]) {
    if !markers
        .iter()
        .flatten()
        .any(|marker| marker.is_plain() && marker.level <= 2)
    {
        return;
    }
    above_items(lines, markers);
    for level in [1, 2] {
        fill_gaps(lines, markers, level);
    }
}

fn above_items<'a>(lines: &[Paragraph<'a>], markers: &mut [Option<Marker<'a>>]) {
    let level = |marker: &Option<Marker<'_>>| marker.as_ref().map(|marker| marker.level);
    for at in 1..lines.len().saturating_sub(1) {
        let above = level(&markers[at - 1]).is_some_and(|level| level <= 3);
        let below = level(&markers[at + 1]) == Some(3);
        if markers[at].is_none() && above && below && is_title_like(lines[at].text) {
            markers[at] = Some(Marker::unnumbered(2, lines[at].text));
        }
    }
}

fn fill_gaps<'a>(lines: &[Paragraph<'a>], markers: &mut [Option<Marker<'a>>], level: u8) {
    // The heading of this level before: its line and number. The first below a higher one has that as number 0.
    let mut before: Option<(usize, u32)> = None;
    for at in 0..lines.len() {
        let Some(marker) = markers[at].as_ref().filter(|marker| marker.level <= level) else {
            continue;
        };
        if marker.level < level {
            before = Some((at, 0));
            continue;
        }
        // Between headings without a number their count is what matters.
        let Some(number) = marker.value() else { continue };
        if let Some((from, first)) = before
            && number > first + 1
        {
            fill(lines, markers, level, from + 1..at, first + 1..number);
        }
        before = Some((at, number));
    }
}

/// Makes headings of the lines `between` two headings, as far as `missing` numbers allow.
fn fill<'a>(
    lines: &[Paragraph<'a>],
    markers: &mut [Option<Marker<'a>>],
    level: u8,
    between: std::ops::Range<usize>,
    missing: std::ops::Range<u32>,
) {
    let known = between
        .clone()
        .filter(|&at| markers[at].as_ref().is_some_and(|marker| marker.level == level))
        .count();
    let stands_alone = |at: usize| {
        let above = markers[at - 1].is_some() || ends_sentence(lines[at - 1].text);
        let below = lines.get(at + 1).is_some_and(|next| {
            markers[at + 1].is_some() || is_paragraph(next.text) || ends_sentence(next.text)
        });
        markers[at].is_none() && is_title_like(lines[at].text) && above && below
    };
    let found: Vec<usize> = between.filter(|&at| stands_alone(at)).collect();
    if found.len() + known > missing.len() {
        return;
    }
    for at in found {
        markers[at] = Some(damaged(lines[at].text, level, &missing));
    }
}

/// A heading with what is left of its number: `(二实施行动`, `三强化保障`.
fn damaged<'a>(line: &'a str, level: u8, missing: &std::ops::Range<u32>) -> Marker<'a> {
    let inner = line.trim_start_matches(|c| is_blank(c) || "(（".contains(c));
    let digits = inner
        .find(|c| !"一二三四五六七八九十".contains(c))
        .unwrap_or(inner.len());
    let (number, rest) = inner.split_at(digits);
    match value(number) {
        Some(value) if missing.contains(&value) => Marker::plain(level, number, rest),
        _ => Marker::unnumbered(level, line),
    }
}
