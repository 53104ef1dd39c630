//! Signs that single characters were lost before the text came to us.
//!
//! Documents pasted from a word processor wrap single characters in elements of their own, and programs that drop
//! such elements leave `〔202334`, `（20212025年）`, `二）` and brackets without a partner behind.

use std::sync::LazyLock;

use regex::Regex;

use super::super::{
    boilerplate::{compact, patterns},
    issuer::is_body_name,
};

/// Brackets without a partner that a text may have by oversight.
const OVERSIGHTS: usize = 3;
/// A quotation is closed within as many lines as this, counting its own.
const LINES_OPEN: usize = 3;

patterns! {
    /// 〔202334: a bracket and more fell out of a document number.
    BROKEN_NUMBER = r"〔\d{5,8}(?:\D|$)";
    /// (20212025年): the dash of a span fell out.
    BROKEN_SPAN = r"(?:19|20)\d{2}(?:19|20)\d{2}年?[)）》]";
    HEADING = r"^\s*([(（]?)([一二三四五六七八九十]{1,3})[)）]";
    /// 202374: the day of a signature without its 年, 月, 日.
    BROKEN_DAY = r"^20\d{4,5}$";
}

/// What was found, in words; `None` without a sign.
pub(super) fn signs(text: &str) -> Option<String> {
    let first = |pattern: &Regex| {
        let found = pattern.find(text)?.as_str();
        Some(found.trim_end().to_owned())
    };
    let signs = [
        first(&BROKEN_NUMBER),
        first(&BROKEN_SPAN),
        halved_headings(text),
        broken_day(text),
        unbalanced(text),
    ];
    let signs: Vec<String> = signs.into_iter().flatten().collect();
    (!signs.is_empty()).then(|| signs.join("; "))
}

/// Headings that lost their opening bracket among headings that have it.
///
/// 二) after (一) is one of them; a text that counts 一) 二) throughout, or below each (一), means it.
fn halved_headings(text: &str) -> Option<String> {
    let headings: Vec<(bool, usize)> = text
        .lines()
        .filter_map(|line| {
            let parts = HEADING.captures(line)?;
            Some((!parts[1].is_empty(), number(&parts[2])?))
        })
        .collect();
    let mut lost = 0;
    let mut before: Option<(bool, usize)> = None;
    for (at, (whole, number)) in headings.iter().copied().enumerate() {
        let goes_on = before.is_some_and(|(of_whole, before)| of_whole && before + 1 == number);
        let next = headings.get(at + 1);
        let leads = next == Some(&(true, number + 1)) && before != Some((true, number));
        let halved = !whole && (goes_on || leads);
        lost += usize::from(halved);
        before = Some((whole || halved, number));
    }
    (lost > 0).then(|| format!("{lost} of {} headings lost their opening bracket", headings.len()))
}

/// 1 to 99.
fn number(han: &str) -> Option<usize> {
    let digit = |c: char| "一二三四五六七八九".chars().position(|d| d == c).map(|at| at + 1);
    let all: Vec<char> = han.chars().collect();
    match all[..] {
        ['十'] => Some(10),
        ['十', ones] => Some(10 + digit(ones)?),
        [tens, '十'] => Some(10 * digit(tens)?),
        [tens, '十', ones] => Some(10 * digit(tens)? + digit(ones)?),
        [ones] => digit(ones),
        _ => None,
    }
}

/// A date of nothing but digits below the name of a body.
fn broken_day(text: &str) -> Option<String> {
    const REACH: usize = 3;
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let signed = |at: usize| {
        lines[at.saturating_sub(REACH)..at]
            .iter()
            .any(|line| is_body_name(line))
    };
    let broken = |line: &str| {
        // Nearly every line begins otherwise.
        let is_han = |c| ('\u{4e00}'..='\u{9fff}').contains(&c);
        !line.trim_start().starts_with(is_han) && BROKEN_DAY.is_match(&compact(line))
    };
    let found = (0..lines.len()).find(|at| broken(lines[*at]) && signed(*at))?;
    Some(format!("the day of the signature is {}", lines[found].trim()))
}

/// More brackets without a partner than an oversight explains.
fn unbalanced(text: &str) -> Option<String> {
    let mut alone: Vec<usize> = Vec::new();
    for (open, close) in [('《', '》'), ('〔', '〕'), ('【', '】')] {
        without_partner(text, open, close, &mut alone);
    }
    (alone.len() > OVERSIGHTS).then(|| {
        let shown: Vec<String> = alone.iter().take(3).map(|at| around(text, *at)).collect();
        format!("{} brackets without a partner: {}", alone.len(), shown.join(" "))
    })
}

/// Adds where the brackets of one kind stand that have no partner.
fn without_partner(text: &str, open: char, close: char, alone: &mut Vec<usize>) {
    if !text.contains(open) && !text.contains(close) {
        return;
    }
    // Line and place of what is open.
    let mut pending: Vec<(usize, usize)> = Vec::new();
    let mut start = 0;
    for (number, line) in text.split('\n').enumerate() {
        pending.retain(|(opened, at)| {
            let live = number < opened + LINES_OPEN;
            if !live {
                alone.push(*at);
            }
            live
        });
        for (at, c) in line.char_indices().filter(|(_, c)| *c == open || *c == close) {
            if c == open {
                pending.push((number, start + at));
            } else if pending.pop().is_none() {
                alone.push(start + at);
            }
        }
        start += line.len() + 1;
    }
    alone.extend(pending.iter().map(|(_, at)| at));
}

/// The character with a few of its line on both sides.
fn around(text: &str, at: usize) -> String {
    const SIDE: usize = 6;
    let before: Vec<char> = text[..at]
        .chars()
        .rev()
        .take(SIDE)
        .take_while(|c| *c != '\n')
        .collect();
    let behind = text[at..].chars().take(SIDE + 1).take_while(|c| *c != '\n');
    let words: String = before.into_iter().rev().chain(behind).collect();
    format!("…{words}…")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lost_characters_leave_traces() {
        for (text, words) in [
            ("清政办发〔202334", "〔202334"),
            ("按照《法治政府建设实施方案（20212025年）》的要求", "20212025年）"),
            (
                "（一）加强组织领导。\n二）完善保障机制。\n（三）强化督查。",
                "1 of 3 headings lost their opening bracket",
            ),
            (
                "一）加强组织领导。\n（二）完善保障机制。",
                "1 of 2 headings lost their opening bracket",
            ),
            (
                "《甲的要求\n《乙的要求\n丙\n丁\n戊》的\n己》的\n〔庚",
                "5 brackets without a partner: …《甲的要求… …《乙的要求… …戊》的…",
            ),
            (
                "请遵照执行。\n清河县人民政府办公室\n202374",
                "the day of the signature is 202374",
            ),
        ] {
            assert_eq!(signs(text).as_deref(), Some(words), "{text}");
        }
    }

    #[test]
    fn what_a_text_may_mean_is_no_sign() {
        for text in [
            "一）总体要求\n二）目标任务",
            "（一）总体要求\n一）原则\n二）目标\n（二）主要任务\n一）改革\n二）发展",
            "清政办发〔2023〕34号",
            "（2021—2025年）",
            "他说：“正好",
            "《关于印发〈清河县\n实施方案〉的通知》",
            "《甲\n乙》《丙\n丁》《戊\n己》",
            "户数\n201234",
            "清河县人民政府办公室\n20230704",
        ] {
            assert_eq!(signs(text), None, "{text}");
        }
    }
}
