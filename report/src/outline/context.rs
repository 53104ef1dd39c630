//! Lines that begin with a number and are no headings, by what stands around them.

use std::sync::LazyLock;

use regex::Regex;

use super::{Marker, is_blank};
use crate::Paragraph;

/// Drops the numbers of table rows and of lists of enclosures.
pub(super) fn reject(lines: &[Paragraph<'_>], markers: &mut [Option<Marker<'_>>]) {
    let mut enclosures = false;
    for at in 0..lines.len() {
        // 附件:1.甲 / 2.乙 / 3.丙: the names of enclosures, up to the first line of another kind.
        enclosures = match &markers[at] {
            Some(marker) => enclosures && marker.is_plain() && marker.level == 3,
            None => opens_enclosures(lines[at].text),
        };
        // A table that was flattened to one cell a line: 一、本年新收申请数量 / 12.
        let row = lines.get(at + 1).is_some_and(|next| is_cell(next.text)) && !lines[at].text.contains('。');
        if enclosures || row {
            markers[at] = None;
        }
    }
}

fn opens_enclosures(line: &str) -> bool {
    let line = line.trim_matches(is_blank);
    let Some(rest) = line.strip_prefix("附件") else {
        return false;
    };
    let Some(rest) = rest.trim_start_matches(is_blank).strip_prefix([':', '：']) else {
        return false;
    };
    let rest = rest.trim_start_matches(is_blank);
    rest.is_empty() || rest.starts_with(|c: char| c.is_ascii_digit())
}

/// A number, a share, or a sign for none.
fn is_cell(line: &str) -> bool {
    let line = line.trim_matches(is_blank);
    line.len() <= 24
        && line
            .chars()
            .all(|c| c.is_ascii_digit() || is_blank(c) || ".,，%-—/".contains(c))
        && !line.contains("--")
        && !line.contains("——")
}

/// Where the text begins that lost the full stop before it: `加强组织领导|各乡镇、各部门要切实…`. Those who have to
/// do something, and that they have to.
pub(super) fn subject(sentence: &str) -> Option<usize> {
    static WHO: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            "(各(乡镇|镇|乡|街道|县|市|区|部门|单位|地|级|有关|相关|责任|成员)|全(县|市|区|省|州|镇|乡)(各|上下)).{0,16}(要|应|须|必须)",
        )
        .expect("the pattern of this file is well-formed")
    });
    let at = WHO.find(sentence)?.start();
    let before = &sentence[..at];
    // 加强对各部门的指导, 推动各乡镇…
    let goes_on = before.ends_with([
        '对', '和', '与', '及', '、', '在', '为', '由', '使', '让', '给', '向', '动', '促', '求', '织', '导',
    ]) && !before.ends_with("领导");
    (before.chars().nth(3).is_some() && !goes_on).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_to_do_something_begins_the_text() {
        let found = |text: &'static str| subject(text).map(|at| &text[..at]);
        assert_eq!(
            found("加强组织领导各乡镇各部门要切实履行职责"),
            Some("加强组织领导")
        );
        assert_eq!(
            found("强化督促检查全县各单位须按时完成任务"),
            Some("强化督促检查")
        );
        assert_eq!(found("加强对各部门的指导要求"), None);
        assert_eq!(found("推动各乡镇各部门要素保障"), None);
        assert_eq!(found("各乡镇要落实"), None);
    }

    #[test]
    fn cells_are_numbers_alone() {
        for line in ["12", "0", " 98.5% ", "/", "-", "1,024"] {
            assert!(is_cell(line), "{line}");
        }
        for line in ["12件", "——", "", "二"] {
            assert_eq!(is_cell(line), line.is_empty(), "{line}");
        }
    }
}
