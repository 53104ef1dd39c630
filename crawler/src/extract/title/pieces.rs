//! Titles in pieces: broken over lines, spaced out, repeated.

use std::ops::Range;

use super::{
    super::{boilerplate::compact, issuer::is_body_name, page::Page},
    MAX_LINES, Title,
    shape::names_a_document,
};

/// The pieces of a title as one.
///
/// The title of an official document is one phrase wherever its lines break; only bodies that issue together are parted
/// by a blank. Headlines are phrases of their own.
pub(super) fn join(pieces: &[&str]) -> String {
    let pieces: Vec<String> = pieces.iter().map(|piece| tidy(piece)).collect();
    let official = names_a_document(&pieces.concat());
    let mut out = String::new();
    for piece in pieces {
        let apart = !official || is_body_name(&out) && starts_with_body(&piece);
        // Two words of Latin letters are not one.
        let latin = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        let words = latin(out.chars().next_back()) && latin(piece.chars().next());
        if !out.is_empty() && (apart || words) {
            out.push(' ');
        }
        out.push_str(&piece);
    }
    out
}

fn starts_with_body(piece: &str) -> bool {
    let before = piece.split("关于").next().unwrap_or_default();
    is_body_name(before)
}

/// Without the dots and dashes that templates put around titles, and without the blanks of a word that was spaced out.
pub(super) fn tidy(title: &str) -> String {
    let ornament = |c: char| c.is_whitespace() || matches!(c, '-' | '|' | '·' | '•' | '●' | '▪' | '■' | '◆');
    let tidied = title.trim_matches(ornament);
    let kept = if tidied.is_empty() { title.trim() } else { tidied };
    let single = |word: &str| word.chars().nth(1).is_none();
    // 政 府 工 作 报 告, 通　知
    if kept.split_whitespace().all(single) {
        kept.split_whitespace().collect()
    } else {
        kept.to_owned()
    }
}

/// How many lines at the start of a text repeat its title; a mark of a footnote may follow.
pub(crate) fn repeated(page: &Page, title: &Title, text: &Range<usize>) -> usize {
    let wanted = compact(&title.text);
    let mut found = String::new();
    for (at, line) in page.lines.lines[text.clone()].iter().take(MAX_LINES).enumerate() {
        found.push_str(&compact(&line.text));
        let rest = found.strip_prefix(wanted.as_str());
        if rest.is_some_and(is_footnote_mark) {
            return at + 1;
        }
        if !wanted.starts_with(found.as_str()) {
            break;
        }
    }
    0
}

/// Nothing, or `[1]`, ①, *.
fn is_footnote_mark(rest: &str) -> bool {
    rest.chars().count() <= 4
        && rest
            .chars()
            .all(|c| c.is_ascii_digit() || "[]()〔〕*".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_of_official_titles_are_one_phrase() {
        for (pieces, whole) in [
            (
                &["清河县人民政府办公室", "关于做好防汛工作的", "通　知"][..],
                "清河县人民政府办公室关于做好防汛工作的通知",
            ),
            (
                &["中共清河县委办公室", "清河县人民政府办公室关于印发方案的通知"],
                "中共清河县委办公室 清河县人民政府办公室关于印发方案的通知",
            ),
            (
                &["清河区持续加强法治政府建设", "提高依法行政水平"],
                "清河区持续加强法治政府建设 提高依法行政水平",
            ),
            (&["政 府 工 作 报 告"], "政府工作报告"),
            (&["· 停水公告 ·"], "停水公告"),
        ] {
            assert_eq!(join(pieces), whole);
        }
    }
}
