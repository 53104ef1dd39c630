//! Where a passage may be cut: not inside a bracket, a number, a document number, a Latin word, a tag, or a character of
//! several parts. Signs that are the same when folded are the same here: a bracket may be opened in full width and closed
//! in half.

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
        let plain: Vec<char> = chars.iter().copied().map(plain).collect();
        let mut allowed = vec![true; chars.len() + 1];
        for (at, pair) in chars.windows(2).enumerate() {
            allowed[at + 1] = may_part((pair[0], pair[1]), (plain[at], plain[at + 1]));
        }
        keep_numbers(&plain, &mut allowed);
        let mut open: Vec<(usize, char)> = Vec::new();
        // The last bracket that was closed around others says enough about them.
        let mut outermost: Vec<Range<usize>> = Vec::new();
        for (at, c) in plain.iter().enumerate() {
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

/// Whether a passage may end between two characters, which are given as they are and [`plain`].
fn may_part((left, right): (char, char), (plain_left, plain_right): (char, char)) -> bool {
    // Nearly all pairs there are.
    let is_word = |c: char| is_han(c) && !is_numeral(c) && c != '号';
    if is_word(plain_left) && is_word(plain_right) {
        return true;
    }
    let is_digit = |c: char| is_numeral(c) || c.is_numeric();
    let is_number = is_latin(plain_left) && (is_latin(plain_right) || is_sign(plain_right))
        || is_sign(plain_left) && is_latin(plain_right)
        || is_digit(plain_left) && (is_digit(plain_right) || is_between(plain_right) || is_unit(plain_right))
        || is_between(plain_left) && is_digit(plain_right);
    // 〔2023〕34号 is one thing, and so is a letter with its accent.
    let is_docno = matches!(right, '〔' | '[' | '［' | '号') && !left.is_whitespace()
        || matches!(left, '〕' | ']' | '］') && is_latin(plain_right);
    let is_cluster = right.general_category_group() == GeneralCategoryGroup::Mark
        || matches!(right, '\u{200d}' | '\u{1f3fb}'..='\u{1f3ff}' | '\u{e0020}'..='\u{e007f}')
        || left == '\u{200d}'
        || [left, right]
            .iter()
            .all(|c| matches!(c, '\u{1f1e6}'..='\u{1f1ff}'));
    !(is_number || is_docno || is_cluster)
}

/// Keeps together what two characters do not tell to be one number: 三分之二, 九点五, 2021年12月, (2023)第34号.
fn keep_numbers(plain: &[char], allowed: &mut [bool]) {
    let at = |place: usize| plain.get(place).copied().unwrap_or(' ');
    let is_digit = |place: usize| is_numeral(at(place)) || at(place).is_numeric();
    for start in 0..plain.len() {
        let is_behind = |is: &dyn Fn(usize) -> bool| start.checked_sub(1).is_some_and(is);
        let width = match at(start) {
            '分' if at(start + 1) == '之' => 2,
            '点' | '年' | '月' | '日' | '时' => 1,
            '(' | '[' => {
                let end = document_number(plain, start);
                // What stands before the bracket belongs to it.
                if end > start && is_behind(&|before| !at(before).is_whitespace()) {
                    allowed[start] = false;
                }
                allowed[(start + 1).min(end)..end].fill(false);
                continue;
            }
            _ => continue,
        };
        if is_behind(&is_digit) && is_digit(start + width) {
            allowed[start..=start + width].fill(false);
        }
    }
}

/// Where a document number ends of which a bracket and a year come first, `(2023)34号` or `[2023]第34号`; `start` when
/// none does.
fn document_number(plain: &[char], start: usize) -> usize {
    let is_digit = |place: usize| {
        let c = plain.get(place);
        c.is_some_and(|c| is_numeral(*c) || c.is_numeric())
    };
    let year = start + 1..start + 5;
    if !year.clone().all(is_digit) || !matches!(plain.get(year.end), Some(')' | ']')) {
        return start;
    }
    let mut end = year.end + 1;
    end += usize::from(plain.get(end) == Some(&'第'));
    if !is_digit(end) {
        return start;
    }
    // The number is as long as it is.
    while is_digit(end) || plain.get(end) == Some(&'-') {
        end += 1;
    }
    end + usize::from(plain.get(end) == Some(&'号'))
}

fn is_latin(c: char) -> bool {
    c.is_alphanumeric() && !is_han(c)
}

/// Signs that belong to the letters or digits beside them.
fn is_sign(c: char) -> bool {
    matches!(
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
            | '&'
            | '\''
            | '’'
            | '·'
            | '±'
            | '×'
            | '÷'
            | '$'
            | '￥'
            | '¥'
            | '€'
            | '°'
            | '′'
            | '″'
            | '№'
            | '\u{2103}'
            | '\u{2109}'
            | '\u{3300}'..='\u{33ff}'
    )
}

/// Signs between numbers that are written in Chinese.
fn is_between(c: char) -> bool {
    matches!(c, '-' | '~' | '·' | '.' | ':')
}

/// What is counted, where it is one character that hardly stands alone.
fn is_unit(c: char) -> bool {
    matches!(c, '年' | '月' | '日' | '时' | '元' | '倍' | '%' | '‰')
}

/// Numbers written in Chinese.
fn is_numeral(c: char) -> bool {
    "〇零一二三四五六七八九十百千万亿两廿卅卌壹贰叁肆伍陆柒捌玖拾佰仟兆貳參陸萬億兩".contains(c)
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// One of several characters that mean the same to somebody who reads: mostly those that fold to one.
fn plain(c: char) -> char {
    match c {
        '\u{4e00}'..='\u{9fff}' => c,
        '\u{ff01}'..='\u{ff5e}' => plain(char::from_u32(c as u32 - 0xfee0).unwrap_or(c)),
        '〔' | '【' | '〖' | '〘' | '〚' | '{' | '﹝' | '﹛' | '︻' | '︹' => '[',
        '〕' | '】' | '〗' | '〙' | '〛' | '}' | '﹞' | '﹜' | '︼' | '︺' => ']',
        '﹙' | '︵' | '⦅' | '\u{ff5f}' => '(',
        '﹚' | '︶' | '⦆' | '\u{ff60}' => ')',
        '﹤' => '<',
        '﹥' => '>',
        '\u{2329}' | '\u{27e8}' | '‹' => '〈',
        '\u{232a}' | '\u{27e9}' | '›' => '〉',
        '«' | '\u{27ea}' => '《',
        '»' | '\u{27eb}' => '》',
        '｢' => '「',
        '｣' => '」',
        '„' => '“',
        '—' | '–' | '―' | '‒' | '−' => '-',
        '〜' | '∼' => '~',
        '∶' | '︰' => ':',
        '・' | '•' | '‧' | '∙' => '·',
        '○' => '〇',
        _ => c,
    }
}

/// What closes a bracket, both [`plain`].
fn closing(open: char) -> Option<char> {
    Some(match open {
        '(' => ')',
        '[' => ']',
        '<' => '>',
        '〈' => '〉',
        '《' => '》',
        '“' => '”',
        '‘' => '’',
        '「' => '」',
        '『' => '』',
        _ => return None,
    })
}
