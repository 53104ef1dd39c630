//! Cutting a passage out of a paragraph, and writing it as HTML.

use std::ops::Range;

use super::cuts::{Cuts, REACH};

/// Characters of a passage around its matches.
pub(super) const CONTEXT: usize = 120;

/// The passage around `marks` (characters of `paragraph`, ascending): whole sentences where they are short, and never
/// an end inside a bracket, a number, a Latin word or a tag. Only what surrounds the matches and has no end within reach
/// is cut. Nothing outside `limits` is shown, which are ends of the paragraph or places where it may be cut.
pub(super) fn around(paragraph: &str, marks: &[Range<usize>], limits: Range<usize>) -> Range<usize> {
    let (Some(first), Some(last)) = (marks.first(), marks.last()) else {
        return 0..0;
    };
    let chars: Vec<char> = paragraph.chars().take(limits.end).collect();
    let keep = first.start..last.end;
    let spare = CONTEXT.saturating_sub(keep.len());
    // A third of the context stands before the matches; what one side does not need, the other may have.
    let room_before = spare / 3;
    let start = sentence_start(&chars, keep.start, room_before).max(limits.start);
    let room_behind = spare - (keep.start - start).min(spare);
    let end = sentence_end(&chars, keep.end, room_behind);
    let stretch = start.saturating_sub(REACH).max(limits.start)..(end + REACH).min(chars.len());
    let cuts = Cuts::new(&chars, stretch, &keep);
    let start = cuts.before(start, keep.start);
    let end = cuts.behind(end, keep.end);
    trim(&chars, start..end, keep)
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
    // Cells of a table end with a tab.
    matches!(c, '。' | '！' | '？' | '；' | '!' | '?' | ';' | '\t')
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

    use super::{super::cuts::MAX_BRACKET, *};

    fn places(text: &str, needle: &str) -> Vec<Range<usize>> {
        let start = text[..text.find(needle).unwrap()].chars().count();
        std::iter::once(start..start + needle.chars().count()).collect()
    }

    fn passage_of(text: &str, marks: &[Range<usize>]) -> Range<usize> {
        around(text, marks, 0..text.chars().count())
    }

    fn show(text: &str, needle: &str) -> String {
        let marks = places(text, needle);
        html(text, passage_of(text, &marks), &marks)
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
    fn what_has_no_end_is_cut_all_the_same() {
        for text in [
            "1".repeat(20_000),
            "（".repeat(20_000),
            format!("（{}）", "长".repeat(20_000)),
        ] {
            let marks: Vec<_> = std::iter::once(9_000..9_003).collect();
            let range = passage_of(&text, &marks);
            assert!(
                range.start <= 9_000 && range.end >= 9_003 && range.len() < 1_000,
                "{range:?}"
            );
        }
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
            let range = passage_of(&text, &places(&text, "营商环境"));
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

    /// What is never cut.
    const WHOLE: [&str; 45] = [
        "（试行，见附件）",
        "〔2023〕34号",
        "98.38%",
        "1,234.5",
        "二〇二三",
        "十五万",
        "<a href=\"x\">",
        "《关于〈办法（试行）〉的通知》",
        "“放管服”",
        "e\u{301}",
        "👨\u{200d}👩\u{200d}👧",
        "👍🏽",
        "🇨🇳",
        "PM2.5",
        "二○二一年",
        "2021年12月31日",
        "1000～2000万元",
        "壹佰贰拾叁万元",
        "三分之二",
        "百分之九十八点五",
        "10∶30",
        "3·15",
        "98.5℃",
        "−5",
        "廿一",
        "±0.5%",
        "￥1,200",
        "(2023)34号",
        "（２０２３）３４号",
        "〔2023〕第34号",
        "〔2023〕34-1号",
        "〔二〇二三〕三十四号",
        "（试行)",
        "(试行）",
        "｛试行｝",
        "＜试行＞",
        "｢试行｣",
        "‘试行’",
        "〘试行〙",
        "〚试行〛",
        "«试行»",
        "‹试行›",
        "⦅试行⦆",
        "﹙试行﹚",
        "【试行]",
    ];

    proptest! {
        #[test]
        fn what_is_one_is_never_cut(
            atoms in prop::collection::vec((0..WHOLE.len() + 3, 1usize..60), 1..60),
            place in 0.0..1.0,
            len in 1usize..12,
        ) {
            let mut text = String::new();
            let mut whole: Vec<Range<usize>> = Vec::new();
            for (atom, n) in atoms {
                let start = text.chars().count();
                match atom.checked_sub(WHOLE.len()) {
                    None => text.push_str(WHOLE[atom]),
                    // Longer than a passage may be.
                    Some(0) => text.push_str(&format!("（{}）", "附".repeat(n * 5))),
                    Some(1) => text.push_str(&format!("「{}。{}」", "甲".repeat(n), "乙".repeat(n))),
                    Some(_) => text.push('\t'),
                }
                whole.push(start..text.chars().count());
                text.push_str(&"正文，接着。正文"[..n % 8 * 3 + 3]);
            }
            let n_chars = text.chars().count();
            let start = ((n_chars - 1) as f64 * place) as usize;
            let mark = start..(start + len).min(n_chars);
            let range = passage_of(&text, std::slice::from_ref(&mark));
            prop_assert!(range.start <= mark.start && mark.end <= range.end);
            prop_assert!(range.len() <= len + CONTEXT + 2 * MAX_BRACKET);
            for whole in whole {
                for cut in [range.start, range.end] {
                    prop_assert!(cut <= whole.start || whole.end <= cut, "{cut} in {whole:?} of {text}");
                }
            }
        }

        #[test]
        fn what_is_shown_is_the_text(text in "[a-c甲乙〔〕()<>&\"。 1-3]{1,400}", start in 0usize..400, len in 1usize..30) {
            let n_chars = text.chars().count();
            let start = start.min(n_chars - 1);
            let marks: Vec<_> = std::iter::once(start..(start + len).min(n_chars)).collect();
            let range = passage_of(&text, &marks);
            prop_assert!(range.start <= marks[0].start && marks[0].end <= range.end && range.end <= n_chars);
            let shown = html(&text, range.clone(), &marks);
            let bare = shown.replace("<mark>", "").replace("</mark>", "");
            let plain = bare.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'").replace("&amp;", "&");
            prop_assert_eq!(plain, text.chars().skip(range.start).take(range.len()).collect::<String>());
            prop_assert!(!bare.contains(['<', '>']));
        }
    }
}
