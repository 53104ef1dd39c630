//! Points inside a paragraph: 一是…二是…, 一要…二要…, 首先…其次…, 第一,…第二,…, 其一,…其二,… and lines that begin with ——.
//!
//! A point begins a clause, and it is one of several that count up under the same heading: one alone may be anything.
//! It ends where the next begins, or with its paragraph.

use super::{Marker, SHORT_LINE, STOPS, is_blank, tidy};
use crate::Paragraph;

/// Level of points below 一、, (一) and 1.
pub(super) const LEVEL: u8 = 4;

/// A point that belongs to a series.
pub(super) struct Item<'a> {
    /// As written: `一是`, `首先`, `——`.
    pub(super) number: &'a str,
    pub(super) heading: String,
    /// First byte in the text.
    pub(super) byte: usize,
    /// First character in the text, and one past the last.
    pub(super) start: usize,
    pub(super) end: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Series {
    /// 一是
    Is,
    /// 一要
    Must,
    /// 第一,
    Nth,
    /// 其一,
    Among,
    /// 首先
    First,
    /// ——
    Dash,
}

/// Points of one series stand at most so many paragraphs apart.
const APART: usize = 8;

/// What may be a point.
struct Candidate<'a> {
    series: Series,
    value: u8,
    number: &'a str,
    /// The paragraph it is in, and its first byte there.
    line: usize,
    at: usize,
    /// Counts the headings before it: points of one series have the same above them.
    heading: usize,
}

/// All points of a text, in its order.
pub(super) fn find<'a>(lines: &[Paragraph<'a>], markers: &[Option<Marker<'a>>]) -> Vec<Item<'a>> {
    let mut candidates = Vec::new();
    let mut headings = 0;
    for (line, (paragraph, marker)) in lines.iter().zip(markers).enumerate() {
        headings += usize::from(marker.is_some());
        // Rows of a table.
        if paragraph.text.contains('\t') {
            continue;
        }
        let from = marker
            .as_ref()
            .map_or(0, |marker| paragraph.text.len() - marker.rest.len());
        // A heading without a number of its own may begin like a point; it is the heading.
        let opens_heading = |at: usize| marker.is_some() && paragraph.text[..at].chars().all(is_blank);
        scan(paragraph.text, from, |series, value, number, at| {
            if opens_heading(at) {
                return;
            }
            candidates.push(Candidate {
                series,
                value,
                number,
                line,
                at,
                heading: headings,
            });
        });
    }
    let mut kept = counting_up(&candidates).into_iter();
    candidates.retain(|_| kept.next().unwrap_or_default());
    items(lines, &candidates)
}

/// Marks the candidates with a neighbour in their series.
fn counting_up(candidates: &[Candidate<'_>]) -> Vec<bool> {
    let mut kept = vec![false; candidates.len()];
    let mut last: [Option<usize>; 6] = [None; 6];
    for (at, candidate) in candidates.iter().enumerate() {
        let before = last[candidate.series as usize].replace(at);
        let Some(before) = before else { continue };
        if follows(&candidates[before], candidate) {
            kept[before] = true;
            kept[at] = true;
        }
    }
    kept
}

fn follows(before: &Candidate<'_>, after: &Candidate<'_>) -> bool {
    if before.heading != after.heading || after.line - before.line > APART {
        return false;
    }
    match after.series {
        Series::Dash => after.line - before.line <= 2,
        Series::First => before.value < after.value,
        // One number may be lost.
        _ => before.value < after.value && after.value <= before.value + 2,
    }
}

/// Calls `found` for every clause from byte `from` of a paragraph that begins like a point.
fn scan<'a>(paragraph: &'a str, from: usize, mut found: impl FnMut(Series, u8, &'a str, usize)) {
    let (mut begins, mut first) = (true, true);
    for (at, c) in paragraph.char_indices().skip_while(|(at, _)| *at < from) {
        if begins {
            if is_blank(c) || "”’\"』」》)）".contains(c) {
                continue;
            }
            if let Some((series, value, len)) = read(&paragraph[at..], first) {
                found(series, value, &paragraph[at..at + len], at);
            }
            first = false;
        }
        begins = matches!(
            c,
            '。' | '；' | ';' | '！' | '!' | '？' | '?' | '：' | ':' | '，' | ','
        );
    }
}

/// The point that `text` begins with: its series, its number and the bytes that are written for it.
fn read(text: &str, opens_paragraph: bool) -> Option<(Series, u8, usize)> {
    for (word, value) in [("首先", 1), ("其次", 2), ("再次", 3), ("最后", 9)] {
        if text.starts_with(word) {
            return Some((Series::First, value, word.len()));
        }
    }
    if opens_paragraph && let Some(rest) = text.strip_prefix("——") {
        // ——2023年2月2日在…会议上: when a report was given.
        let day = rest
            .trim_start_matches(is_blank)
            .starts_with(|c: char| c.is_numeric());
        return (!day && rest.chars().nth(7).is_some()).then_some((Series::Dash, 0, "——".len()));
    }
    let (series, inner) = match text.chars().next()? {
        '第' => (Series::Nth, &text['第'.len_utf8()..]),
        '其' => (Series::Among, &text['其'.len_utf8()..]),
        _ => (Series::Is, text),
    };
    let digits = inner.find(|c| !"一二三四五六七八九十".contains(c))?;
    let value = value(&inner[..digits])?;
    let next = inner[digits..].chars().next()?;
    let number = text.len() - inner.len() + digits;
    let rest = &inner[digits + next.len_utf8()..];
    match (series, next) {
        // 一是一,二是二
        (Series::Is, '是' | '要') if rest.starts_with(&inner[..digits]) => None,
        (Series::Is, '是') => Some((Series::Is, value, number + next.len_utf8())),
        (Series::Is, '要') => Some((Series::Must, value, number + next.len_utf8())),
        (Series::Nth | Series::Among, ',' | '，' | ':' | '：' | '是') => Some((series, value, number)),
        _ => None,
    }
}

/// 一 to 十九; the bytes of longer numbers are not looked at.
fn value(digits: &str) -> Option<u8> {
    let unit = |c: char| {
        "一二三四五六七八九"
            .chars()
            .position(|unit| unit == c)
            .map(|at| at as u8 + 1)
    };
    let mut chars = digits.chars();
    match (chars.next()?, chars.next(), chars.next()) {
        ('十', None, _) => Some(10),
        ('十', Some(c), None) => Some(10 + unit(c)?),
        (c, None, _) => unit(c),
        _ => None,
    }
}

/// Whether this is the number of a point as [`Item::number`] has it.
pub(super) fn is_number(number: &str) -> bool {
    let ends = |c: char| number.strip_suffix(c).is_some_and(|rest| value(rest).is_some());
    let begins = |c: char| number.strip_prefix(c).is_some_and(|rest| value(rest).is_some());
    matches!(number, "首先" | "其次" | "再次" | "最后" | "——")
        || ends('是')
        || ends('要')
        || begins('第')
        || begins('其')
}

fn items<'a>(lines: &[Paragraph<'a>], candidates: &[Candidate<'a>]) -> Vec<Item<'a>> {
    let mut items: Vec<Item<'a>> = Vec::with_capacity(candidates.len());
    // Of the candidate before: its paragraph, and its first byte and character there.
    let (mut line, mut byte, mut char) = (usize::MAX, 0, 0);
    for (n, candidate) in candidates.iter().enumerate() {
        let paragraph = &lines[candidate.line];
        if candidate.line != line {
            (line, byte, char) = (candidate.line, 0, 0);
        }
        char += paragraph.text[byte..candidate.at].chars().count();
        byte = candidate.at;
        let next = candidates.get(n + 1).filter(|next| next.line == line);
        let own = &paragraph.text[byte..next.map_or(paragraph.text.len(), |next| next.at)];
        items.push(Item {
            number: candidate.number,
            heading: heading(&own[candidate.number.len()..]),
            byte: paragraph.byte + byte,
            start: paragraph.char + char,
            end: paragraph.char + char + own.chars().count(),
        });
    }
    items
}

/// The first sentence of a point; of a long one its first clause.
fn heading(text: &str) -> String {
    let text = text.trim_start_matches(|c| is_blank(c) || "，,：:是要、".contains(c));
    let stop = |wanted: &[char]| text.find(wanted);
    let mut end = [stop(&STOPS), stop(&[';', '；', ':', '：'])]
        .into_iter()
        .flatten()
        .min()
        .unwrap_or(text.len());
    if text[..end].chars().nth(SHORT_LINE).is_some() {
        end = stop(&[',', '，']).map_or(end, |comma| comma.min(end));
    }
    tidy(&text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clauses_that_begin_like_a_point() {
        let found = |text: &str| {
            let mut all = Vec::new();
            scan(text, 0, |_, value, number, _| {
                all.push(format!("{value}{number}"))
            });
            all.join(" ")
        };
        assert_eq!(found("主要有:一是甲;二是乙。十一是丙"), "1一是 2二是 11十一是");
        assert_eq!(found("首先，甲。其次要乙。最后丙"), "1首先 2其次 9最后");
        assert_eq!(found("第一，甲。第二是乙。第三产业。"), "1第一 2第二");
        assert_eq!(found("其一，甲。其二：乙。其中丙"), "1其一 2其二");
        assert_eq!(found("“甲。”二是乙"), "2二是");
        assert_eq!(found("　——甲乙丙丁戊己庚辛"), "0——");
        assert_eq!(found("一是一，二是二"), "");
        assert_eq!(found("统一是甲，万一要乙，唯一是丙"), "");
        assert_eq!(found("——2023年2月2日在会议上"), "");
        assert_eq!(found("二十一是甲，百是乙"), "");
    }
}
