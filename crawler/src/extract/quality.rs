//! Doubts about a text.

use std::sync::LazyLock;

use regex::Regex;
use report::{Quality, QualityFlag};

use super::boilerplate::{compact, patterns};

patterns! {
    /// 〔202334: a bracket and more fell out of a document number.
    BROKEN_NUMBER = r"〔\d{5,8}(\D|$)";
    /// (20212025年): the dash of a span fell out.
    BROKEN_SPAN = r"(19|20)\d{2}(19|20)\d{2}年?[)）》]";
    WHOLE_HEADING = r"(?m)^\s*[(（][一二三四五六七八九十]{1,3}[)）]";
    HALF_HEADING = r"(?m)^\s*[一二三四五六七八九十]{1,3}[)）]";
    ENDS_WELL = "[。！？!?；;：:…”’」』）)》〉】\\]\"'.~～□■*]$";
}

/// What is known about a text beside the text itself.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Known {
    pub(crate) untitled: bool,
    pub(crate) mojibake: bool,
    /// The page was longer than what is read of one.
    pub(crate) cut: bool,
    pub(crate) attachment_only: bool,
}

/// Collects the doubts.
pub(crate) fn of(text: &str, known: Known) -> Quality {
    let found = |flag| match flag {
        QualityFlag::CharLoss => has_lost_characters(text),
        QualityFlag::Truncated => known.cut || ends_in_mid_sentence(text),
        QualityFlag::NoTitle => known.untitled,
        QualityFlag::Mojibake => known.mojibake,
        QualityFlag::NeedsOcr => false,
        QualityFlag::AttachmentOnly => known.attachment_only,
    };
    let flags: Vec<QualityFlag> = QualityFlag::ALL
        .iter()
        .copied()
        .filter(|flag| found(*flag))
        .collect();
    let score: f64 = flags.iter().map(|flag| 1.0 - penalty(*flag)).product();
    Quality {
        flags,
        score: (score * 100.0).round() / 100.0,
        reasons: Vec::new(),
    }
}

fn penalty(flag: QualityFlag) -> f64 {
    match flag {
        QualityFlag::CharLoss | QualityFlag::Truncated => 0.2,
        QualityFlag::NoTitle => 0.1,
        QualityFlag::Mojibake | QualityFlag::NeedsOcr => 0.5,
        QualityFlag::AttachmentOnly => 0.4,
    }
}

/// Single characters were lost before the text came to us: what dropped elements of one character leaves behind.
fn has_lost_characters(text: &str) -> bool {
    // A text that writes 二) throughout means it.
    let halved = HALF_HEADING.is_match(text) && WHOLE_HEADING.is_match(text);
    BROKEN_NUMBER.is_match(text) || BROKEN_SPAN.is_match(text) || halved || unbalanced(text) > 3
}

/// Brackets without a partner, leaving alone those of a list (1), a) that has none.
fn unbalanced(text: &str) -> usize {
    let mut missing = 0;
    for (open, close) in [('《', '》'), ('〔', '〕'), ('【', '】')] {
        for line in text.lines() {
            let difference = line.matches(open).count().abs_diff(line.matches(close).count());
            missing += difference;
        }
    }
    missing
}

/// Prose whose last sentence has no end.
fn ends_in_mid_sentence(text: &str) -> bool {
    const PROSE: usize = 40;
    let Some(last) = text.lines().rev().find(|line| !line.trim().is_empty()) else {
        return false;
    };
    let compacted = compact(
        &last
            .chars()
            .rev()
            .take(120)
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
            .collect::<String>(),
    );
    let prose =
        last.chars().filter(|c| !c.is_whitespace()).count() >= PROSE && compacted.contains(['。', ',', '、']);
    prose && !last.contains('\t') && !ENDS_WELL.is_match(last.trim_end()) && !compacted.contains("http")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flags(text: &str) -> Vec<QualityFlag> {
        of(text, Known::default()).flags
    }

    #[test]
    fn lost_characters_leave_traces() {
        for text in [
            "清政办发〔202334",
            "按照《法治政府建设实施方案（20212025年）》的要求",
            "（一）加强组织领导。\n二）完善保障机制。",
            "《甲的要求\n《乙的要求\n丙》的要求\n〔丁",
        ] {
            assert_eq!(flags(text), [QualityFlag::CharLoss], "{text}");
        }
        for text in [
            "一）总体要求\n二）目标任务",
            "清政办发〔2023〕34号",
            "（2021—2025年）",
            "他说：“正好",
        ] {
            assert_eq!(flags(text), [], "{text}");
        }
    }

    #[test]
    fn prose_must_end() {
        let open = "区司法局与区公安分局联合拓宽组织建设，在公安派出所设立调解室，实现了涵盖乡镇、村的组织建设，在区公共法律服务中心联合";
        assert_eq!(flags(open), [QualityFlag::Truncated]);
        assert_eq!(flags(&format!("{open}办公。")), []);
        assert_eq!(flags("全文如下。\n清河县人民政府办公室\n2021年2月22日"), []);
    }

    #[test]
    fn doubts_lower_the_score() {
        assert_eq!(of("好。", Known::default()).score, 1.0);
        let known = Known {
            untitled: true,
            mojibake: true,
            ..Known::default()
        };
        assert_eq!(of("好。", known).score, 0.45);
    }
}
