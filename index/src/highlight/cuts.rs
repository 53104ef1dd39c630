//! Where a passage may be cut: not inside a bracket, a number, a Latin word, a tag, or a character of several parts.

use std::ops::Range;

use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};

/// Characters that a passage goes on at most to get out of a bracket or a number, where it cannot stop before it.
const MAX_DETOUR: usize = 80;
/// Characters of a bracket around the matches up to which it is shown whole.
pub(super) const MAX_BRACKET: usize = 400;
/// Brackets that are open at the same time.
const MAX_OPEN: usize = 64;
/// Characters on both sides of a passage in which brackets are looked for.
pub(super) const REACH: usize = 2_000;

/// The places of a stretch of text at which it may be cut.
pub(super) struct Cuts {
    from: usize,
    /// Whether the stretch may be cut before its character of this number, or at its end.
    allowed: Vec<bool>,
}

impl Cuts {
    /// `keep` is what the passage has to show.
    pub(super) fn new(chars: &[char], stretch: Range<usize>, keep: &Range<usize>) -> Self {
        let from = stretch.start;
        let keep = keep.start - from..keep.end - from;
        let chars = &chars[stretch];
        let mut allowed = vec![true; chars.len() + 1];
        for (at, pair) in chars.windows(2).enumerate() {
            allowed[at + 1] = may_part(pair[0], pair[1]);
        }
        let mut open: Vec<(usize, char)> = Vec::new();
        // The last bracket that was closed around others says enough about them.
        let mut outermost: Vec<Range<usize>> = Vec::new();
        for (at, c) in chars.iter().enumerate() {
            if let Some(close) = closing(*c) {
                open.push((at, close));
            } else if let Some(nth) = open.iter().rposition(|(_, close)| close == c) {
                let (start, _) = open[nth];
                open.truncate(nth);
                let is_around_too_much = start < keep.start && keep.end <= at && at - start > MAX_BRACKET;
                if !is_around_too_much {
                    while outermost.pop_if(|inner| inner.start >= start).is_some() {}
                    outermost.push(start + 1..at + 1);
                }
            }
            // Brackets that nothing closes are not searched again and again.
            if open.len() > MAX_OPEN {
                open.remove(0);
            }
        }
        for bracket in outermost {
            allowed[bracket].fill(false);
        }
        Self { from, allowed }
    }

    /// Where to cut instead of at `at`: before it if such a place is near, else between it and `keep`, else farther
    /// before it, else there after all.
    pub(super) fn before(&self, at: usize, keep: usize) -> usize {
        let (at, keep) = (at - self.from, keep - self.from);
        let is_allowed = |place: &usize| self.allowed[*place];
        let near = (at.saturating_sub(MAX_DETOUR)..=at).rev().find(is_allowed);
        let between = || (at..=keep).find(is_allowed);
        let far = || (at.saturating_sub(MAX_BRACKET)..=at).rev().find(is_allowed);
        self.from + near.or_else(between).or_else(far).unwrap_or(at)
    }

    /// As [`Self::before`], at the other end.
    pub(super) fn behind(&self, at: usize, keep: usize) -> usize {
        let (at, keep) = (at - self.from, keep - self.from);
        let is_allowed = |place: &usize| self.allowed[*place];
        let last = self.allowed.len() - 1;
        let near = (at..=(at + MAX_DETOUR).min(last)).find(is_allowed);
        let between = || (keep..=at).rev().find(is_allowed);
        let far = || (at..=(at + MAX_BRACKET).min(last)).find(is_allowed);
        self.from + near.or_else(between).or_else(far).unwrap_or(at)
    }
}

/// Whether a passage may end between two characters.
fn may_part(left: char, right: char) -> bool {
    // Nearly all pairs there are.
    let is_plain = |c: char| is_han(c) && !is_numeral(c) && c != '号';
    if is_plain(left) && is_plain(right) {
        return true;
    }
    let is_latin = |c: char| c.is_alphanumeric() && !is_han(c);
    let joins = |c: char| {
        let is_sign = matches!(
            c,
            '.' | ','
                | '%'
                | '‰'
                | '/'
                | '-'
                | '_'
                | '@'
                | ':'
                | '+'
                | '~'
                | '．'
                | '，'
                | '％'
                | '：'
                | '－'
                | '＋'
        );
        is_sign || is_latin(c)
    };
    let is_number = is_latin(left) && joins(right)
        || joins(left) && is_latin(right)
        || (is_numeral(left) || left.is_numeric()) && (is_numeral(right) || right.is_numeric());
    // 〔2023〕34号 is one thing, and so is a letter with its accent.
    let is_docno = matches!(right, '〔' | '[' | '［' | '号') && !left.is_whitespace()
        || matches!(left, '〕' | ']' | '］') && is_latin(right);
    let is_cluster = right.general_category_group() == GeneralCategoryGroup::Mark
        || matches!(right, '\u{200d}' | '\u{1f3fb}'..='\u{1f3ff}' | '\u{e0020}'..='\u{e007f}')
        || left == '\u{200d}'
        || [left, right]
            .iter()
            .all(|c| matches!(c, '\u{1f1e6}'..='\u{1f1ff}'));
    !(is_number || is_docno || is_cluster)
}

/// Numbers written in Chinese.
fn is_numeral(c: char) -> bool {
    matches!(
        c,
        '〇' | '零'
            | '一'
            | '二'
            | '三'
            | '四'
            | '五'
            | '六'
            | '七'
            | '八'
            | '九'
            | '十'
            | '百'
            | '千'
            | '万'
            | '亿'
            | '两'
    )
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

fn closing(open: char) -> Option<char> {
    Some(match open {
        '(' => ')',
        '（' => '）',
        '[' => ']',
        '［' => '］',
        '{' => '}',
        '<' => '>',
        '〔' => '〕',
        '【' => '】',
        '〖' => '〗',
        '〈' => '〉',
        '《' => '》',
        '“' => '”',
        '「' => '」',
        '『' => '』',
        _ => return None,
    })
}
