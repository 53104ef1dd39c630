//! Cutting a passage out of a paragraph, and writing it as HTML.

use std::ops::Range;

use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};

/// Characters of a passage around its matches.
const CONTEXT: usize = 120;
/// Characters that a passage goes on at most to get out of a bracket or a number.
const MAX_DETOUR: usize = 80;

/// The passage around `marks` (characters of `paragraph`, ascending): whole sentences where they are short, and never
/// an end inside a bracket, a number, a Latin word or a tag.
pub(super) fn around(paragraph: &str, marks: &[Range<usize>]) -> Range<usize> {
    let (Some(first), Some(last)) = (marks.first(), marks.last()) else {
        return 0..0;
    };
    let chars: Vec<char> = paragraph.chars().collect();
    let spare = CONTEXT.saturating_sub(last.end - first.start);
    // A third of the context stands before the matches; what one side does not need, the other may have.
    let room_before = spare / 3;
    let start = sentence_start(&chars, first.start, room_before);
    let room_behind = spare - (first.start - start).min(spare);
    let end = sentence_end(&chars, last.end, room_behind);
    let cuts = Cuts::new(
        &chars,
        start.saturating_sub(MAX_DETOUR)..(end + MAX_DETOUR).min(chars.len()),
    );
    let start = cuts.before(start);
    let end = cuts.behind(end);
    trim(&chars, start..end, first.start..last.end)
}

/// Where the sentence begins that `at` stands in; `room` characters before it at most.
fn sentence_start(chars: &[char], at: usize, room: usize) -> usize {
    let lowest = at.saturating_sub(room);
    let found = (lowest..at).rev().find(|before| is_stop(chars[*before]));
    found.map_or(lowest, |before| before + 1)
}

/// Where the sentence ends that `at` stands in; `room` characters behind it at most. A sentence that ends early is
/// followed by the next, as long as there is room.
fn sentence_end(chars: &[char], at: usize, room: usize) -> usize {
    let highest = (at + room).min(chars.len());
    if highest == chars.len() {
        return highest;
    }
    let found = (at..highest).rev().find(|behind| is_stop(chars[*behind]));
    found.map_or(highest, |behind| behind + 1)
}

fn is_stop(c: char) -> bool {
    matches!(c, '。' | '！' | '？' | '；' | '!' | '?' | ';')
}

/// Leaves out white space at both ends, but nothing of the matches.
fn trim(chars: &[char], range: Range<usize>, keep: Range<usize>) -> Range<usize> {
    let (mut start, mut end) = (range.start, range.end);
    while start < keep.start && chars[start].is_whitespace() {
        start += 1;
    }
    while end > keep.end && chars[end - 1].is_whitespace() {
        end -= 1;
    }
    start..end
}

/// The places of a stretch of text at which it may be cut.
struct Cuts {
    from: usize,
    /// Whether the stretch may be cut before its character of this number, or at its end.
    allowed: Vec<bool>,
}

impl Cuts {
    fn new(chars: &[char], stretch: Range<usize>) -> Self {
        let from = stretch.start;
        let chars = &chars[stretch];
        let mut allowed = vec![true; chars.len() + 1];
        for (at, pair) in chars.windows(2).enumerate() {
            allowed[at + 1] = may_part(pair[0], pair[1]);
        }
        let mut open: Vec<(usize, char)> = Vec::new();
        for (at, c) in chars.iter().enumerate() {
            if let Some(close) = closing(*c) {
                open.push((at, close));
            } else if let Some(nth) = open.iter().rposition(|(_, close)| close == c) {
                let (start, _) = open[nth];
                open.truncate(nth);
                if at - start <= MAX_DETOUR {
                    allowed[start + 1..=at].fill(false);
                }
            }
        }
        Self { from, allowed }
    }

    /// The nearest place before `at`, or `at` itself where there is none near.
    fn before(&self, at: usize) -> usize {
        let inside = at - self.from;
        (0..=inside)
            .rev()
            .find(|place| self.allowed[*place])
            .map_or(at, |place| self.from + place)
    }

    /// The nearest place behind `at`, or `at` itself where there is none near.
    fn behind(&self, at: usize) -> usize {
        let inside = at - self.from;
        (inside..self.allowed.len())
            .find(|place| self.allowed[*place])
            .map_or(at, |place| self.from + place)
    }
}

/// Whether a passage may end between two characters.
fn may_part(left: char, right: char) -> bool {
    let is_latin = |c: char| c.is_alphanumeric() && !is_han(c);
    let joins = |c: char| is_latin(c) || matches!(c, '.' | '%' | '‰' | '/' | '-' | '_' | '@' | ':');
    let is_number = is_latin(left) && joins(right) || joins(left) && is_latin(right);
    // 〔2023〕34号 is one thing, and so is a letter with its accent.
    let is_docno = matches!(right, '〔' | '[' | '［' | '号') && !left.is_whitespace()
        || matches!(left, '〕' | ']' | '］') && is_latin(right);
    let is_mark = right.general_category_group() == GeneralCategoryGroup::Mark
        || matches!(right, '\u{200d}' | '\u{fe0f}')
        || left == '\u{200d}';
    !(is_number || is_docno || is_mark)
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

/// A range of the characters of a paragraph as HTML with `marks` in `<mark>`. Everything else is escaped.
pub(super) fn html(paragraph: &str, range: Range<usize>, marks: &[Range<usize>]) -> String {
    let mut html = String::new();
    let mut marks = marks.iter().peekable();
    let mut is_open = false;
    let stretch = paragraph.chars().enumerate().skip(range.start).take(range.len());
    for (at, c) in stretch {
        if is_open && marks.peek().is_some_and(|mark| mark.end <= at) {
            html.push_str("</mark>");
            is_open = false;
            marks.next();
        }
        while marks.next_if(|mark| mark.end <= at).is_some() {}
        if !is_open && marks.peek().is_some_and(|mark| mark.contains(&at)) {
            html.push_str("<mark>");
            is_open = true;
        }
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            _ => html.push(c),
        }
    }
    if is_open {
        html.push_str("</mark>");
    }
    html
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn places(text: &str, needle: &str) -> Vec<Range<usize>> {
        let start = text[..text.find(needle).unwrap()].chars().count();
        std::iter::once(start..start + needle.chars().count()).collect()
    }

    fn show(text: &str, needle: &str) -> String {
        let marks = places(text, needle);
        html(text, around(text, &marks), &marks)
    }

    #[test]
    fn short_paragraphs_are_shown_whole_and_escaped() {
        assert_eq!(
            show("  优化<b>营商</b>环境 & \"服务\"。 ", "营商"),
            "优化&lt;b&gt;<mark>营商</mark>&lt;/b&gt;环境 &amp; &quot;服务&quot;。"
        );
    }

    #[test]
    fn a_passage_begins_with_a_sentence_where_one_is_near() {
        let text = format!("{}。今年营商环境更好。{}", "前".repeat(200), "后".repeat(200));
        let shown = show(&text, "营商环境");
        assert!(shown.starts_with("今年<mark>营商环境</mark>更好。"), "{shown}");
        assert!(shown.chars().count() < CONTEXT + 40);
    }

    #[test]
    fn numbers_in_brackets_are_not_cut() {
        for before in 0..60 {
            let text = format!(
                "{}根据海政办发〔2023〕34号（试行，见附件）和98.38%的要求{}营商环境{}<a href=\"x\">见 这 里</a>第12345号{}",
                "甲".repeat(before),
                "乙".repeat(30),
                "丙".repeat(before),
                "丁".repeat(300)
            );
            let range = around(&text, &places(&text, "营商环境"));
            for whole in [
                "〔2023〕34号",
                "（试行，见附件）",
                "98.38%",
                "<a href=\"x\">",
                "</a>",
                "12345号",
            ] {
                let place = places(&text, whole).remove(0);
                for end in [range.start, range.end] {
                    assert!(
                        end <= place.start || place.end <= end,
                        "{whole} is cut at {end} of {text}"
                    );
                }
            }
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_is_the_text(text in "[a-c甲乙〔〕()<>&\"。 1-3]{1,400}", start in 0usize..400, len in 1usize..30) {
            let n_chars = text.chars().count();
            let start = start.min(n_chars - 1);
            let marks: Vec<_> = std::iter::once(start..(start + len).min(n_chars)).collect();
            let range = around(&text, &marks);
            prop_assert!(range.start <= marks[0].start && marks[0].end <= range.end && range.end <= n_chars);
            let shown = html(&text, range.clone(), &marks);
            let bare = shown.replace("<mark>", "").replace("</mark>", "");
            let plain = bare.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'").replace("&amp;", "&");
            prop_assert_eq!(plain, text.chars().skip(range.start).take(range.len()).collect::<String>());
            prop_assert!(!bare.contains(['<', '>']));
        }
    }
}
