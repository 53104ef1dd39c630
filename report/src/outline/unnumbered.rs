//! Headings that never had a number.
//!
//! They are short lines without a stop, and so are many other lines: names, captions, cells. Two cases are safe.
//! In a text without any numbered heading, a short line between paragraphs that end in full stops, if there are
//! at least two such lines. In a text without 一、, short lines that name a part of a report (2024年工作回顾, 存在的问题),
//! again two at least.

use std::ops::RangeInclusive;

use super::{Marker, Role, role};
use crate::{Paragraph, fold::is_han};

/// Adds the headings without a number to those found by number.
pub(super) fn add<'a>(lines: &[Paragraph<'a>], markers: &mut [Option<Marker<'a>>]) {
    let numbered = markers.iter().any(Option::is_some);
    if !numbered {
        between_paragraphs(lines, markers);
    }
    if markers.iter().flatten().all(|marker| marker.level > 1) {
        name_parts(lines, markers);
    }
}

fn name_parts<'a>(lines: &[Paragraph<'a>], markers: &mut [Option<Marker<'a>>]) {
    let found: Vec<usize> = (1..lines.len())
        .filter(|&at| markers[at].is_none() && is_line_of(lines[at].text, 4..=16))
        .filter(|&at| role::named(lines[at].text.trim()) != Role::Other)
        // The title of the whole also names a part: 法治政府建设工作情况报告.
        .filter(|&at| {
            !["报告", "总结", "通知", "意见", "方案"]
                .iter()
                .any(|end| lines[at].text.trim().ends_with(end))
        })
        .collect();
    if found.len() >= 2 {
        for at in found {
            markers[at] = Some(Marker::unnumbered(1, lines[at].text));
        }
    }
}

fn between_paragraphs<'a>(lines: &[Paragraph<'a>], markers: &mut [Option<Marker<'a>>]) {
    let found: Vec<usize> = (1..lines.len().saturating_sub(1))
        .filter(|&at| {
            let (above, below) = (lines[at - 1].text, lines[at + 1].text);
            is_title_like(lines[at].text) && ends_sentence(above) && is_paragraph(below)
        })
        .collect();
    if found.len() >= 2 {
        for at in found {
            markers[at] = Some(Marker::unnumbered(1, lines[at].text));
        }
    }
}

/// 6 to 25 characters, nearly all Han.
pub(super) fn is_title_like(line: &str) -> bool {
    let mostly_han = || {
        let han = line.chars().filter(|&c| is_han(c)).count();
        han * 5 >= line.trim().chars().count() * 4
    };
    is_line_of(line, 6..=25) && mostly_han()
}

/// A line of so many characters without a stop anywhere, and no date or signature.
fn is_line_of(line: &str, lengths: RangeInclusive<usize>) -> bool {
    let line = line.trim();
    let chars = line.chars().take(lengths.end() + 1).count();
    let fitting = |c| is_han(c) || c.is_ascii_digit() || "“”\"()（）、—- ,，".contains(c);
    let signed = line.ends_with([
        '日', '月', '年', ',', '，', '、', '县', '市', '局', '府', '会', '室', '厅',
    ]);
    lengths.contains(&chars) && line.chars().all(fitting) && !signed
}

pub(super) fn ends_sentence(line: &str) -> bool {
    line.trim_end()
        .trim_end_matches(['”', '"', '’', '）', ')'])
        .ends_with(['。', '！', '!', '？', '?', '；', ';'])
}

/// A paragraph of running text: long, with a full stop in it (the last one of a cut text may have lost its own).
pub(super) fn is_paragraph(line: &str) -> bool {
    line.chars().nth(40).is_some() && line.contains('。')
}
