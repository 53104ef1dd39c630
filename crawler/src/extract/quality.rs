//! Doubts about a text, each with what it was raised for.
//!
//! A doubt hides a report from readers who want clean text only, so a sign must hardly ever be wrong: what a text may
//! well mean is no sign.

use std::sync::LazyLock;

use regex::Regex;
use report::{Attachment, Quality, QualityFlag, QualityReason};

use super::boilerplate::{compact, patterns};

mod char_loss;

patterns! {
    ENDS_WELL = "[。！？!?；;：:…”’」』）)》〉】\\]\"'.~～□■*]$";
}

/// What is known about a text beside the text itself.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Known<'a> {
    /// No title was found.
    pub(crate) untitled: bool,
    /// Characters that could not be decoded, and all characters, of a page where the former are too many.
    pub(crate) undecoded: Option<(usize, usize)>,
    /// The page was longer than what is read of one.
    pub(crate) cut: bool,
    /// The file name of another part of the document, which is not read.
    pub(crate) another: Option<&'a str>,
    /// What a page says, and its files, when that is no more than that the document is in them.
    pub(crate) only_files: Option<(&'a str, &'a [Attachment])>,
    /// How many of these files are pictures of pages.
    pub(crate) scans: usize,
    /// Pictures where the text should be, of a page that has next to none.
    pub(crate) only_images: usize,
}

/// Collects the doubts.
pub(crate) fn of(text: &str, known: Known<'_>) -> Quality {
    let detail = |flag| match flag {
        QualityFlag::CharLoss => char_loss::signs(text),
        QualityFlag::Truncated if known.cut => Some("the page is longer than what is read of one".to_owned()),
        QualityFlag::Truncated => match known.another {
            Some(part) => Some(format!("the document goes on in {part}, which is not read")),
            None => ends_in_mid_sentence(text),
        },
        QualityFlag::NoTitle => known
            .untitled
            .then(|| "nothing on the page has the place and the shape of a title".to_owned()),
        QualityFlag::Mojibake => known.undecoded.or_else(|| undecoded(text)).map(share),
        QualityFlag::NeedsOcr if known.scans > 0 => Some(format!(
            "{} files of pictures and no text to speak of",
            known.scans
        )),
        QualityFlag::NeedsOcr => {
            (known.only_images > 0).then(|| format!("{} images and no text to speak of", known.only_images))
        }
        QualityFlag::AttachmentOnly => known.only_files.map(|(says, files)| only_files(says, files)),
    };
    let found = QualityFlag::ALL.iter().copied();
    let reasons: Vec<QualityReason> = found
        .filter_map(|flag| {
            Some(QualityReason {
                flag,
                detail: detail(flag)?,
            })
        })
        .collect();
    let score: f64 = reasons.iter().map(|reason| 1.0 - penalty(reason.flag)).product();
    Quality {
        flags: reasons.iter().map(|reason| reason.flag).collect(),
        score: (score * 100.0).round() / 100.0,
        reasons,
    }
}

/// What a doubt takes off the score: see [`Quality::score`].
fn penalty(flag: QualityFlag) -> f64 {
    match flag {
        QualityFlag::CharLoss | QualityFlag::Truncated => 0.2,
        QualityFlag::NoTitle => 0.1,
        QualityFlag::Mojibake | QualityFlag::NeedsOcr => 0.5,
        QualityFlag::AttachmentOnly => 0.4,
    }
}

/// Characters of a text that stand for ones that could not be decoded, and all characters, if the former are several
/// and over 0.1 %.
fn undecoded(text: &str) -> Option<(usize, usize)> {
    const SEVERAL: usize = 3;
    // 锟斤拷 is what two U+FFFD become when their UTF-8 is read as GBK.
    let lost = text.matches('\u{fffd}').count() + 2 * text.matches("锟斤拷").count();
    if lost < SEVERAL {
        return None;
    }
    let all = text.chars().count();
    (lost * 1000 > all).then_some((lost, all))
}

fn share((lost, all): (usize, usize)) -> String {
    let percent = 100.0 * lost as f64 / all.max(1) as f64;
    format!("{lost} of {all} characters ({percent:.2} %) could not be decoded")
}

fn only_files(says: &str, files: &[Attachment]) -> String {
    let files: Vec<&str> = files.iter().take(3).map(|file| file.name.as_str()).collect();
    let says: Vec<&str> = says.lines().take(2).collect();
    let says = if says.is_empty() {
        "nothing".to_owned()
    } else {
        says.join(" / ")
    };
    format!("the page says {says}; the files are {}", files.join(", "))
}

/// The end of prose whose last sentence has no end; lists and tables, whose lines end as they like, have none either.
fn ends_in_mid_sentence(text: &str) -> Option<String> {
    const SHOWN: usize = 12;
    /// Lines before the last that show how the text ends its lines.
    const BEFORE: usize = 5;
    let mut lines = text
        .lines()
        .rev()
        .map(str::trim_end)
        .filter(|line| !line.trim().is_empty());
    let last = lines.next()?;
    if ends_well(last) || !is_prose(last) || !breaks_off(last) {
        return None;
    }
    let before: Vec<&str> = lines.take(BEFORE).filter(|line| is_prose(line)).collect();
    let ended = before.iter().filter(|line| ends_well(line)).count();
    if ended * 2 < before.len() {
        return None;
    }
    let start = last.char_indices().rev().nth(SHOWN - 1).map_or(0, |(at, _)| at);
    Some(format!(
        "the last line ends without a full stop: …{}",
        &last[start..]
    ))
}

/// An address or a number at the end needs no stop.
fn ends_well(line: &str) -> bool {
    ENDS_WELL.is_match(line) || line.ends_with(|c: char| c.is_ascii_alphanumeric())
}

/// Whether what follows the last sentence of a line is the beginning of another: signatures, sources and editors follow
/// one as well, behind a blank where paragraphs were joined, and have no commas.
fn breaks_off(line: &str) -> bool {
    const LONG: usize = 15;
    let rest = line.rsplit(['。', '！', '？', '；']).next().unwrap_or(line);
    let rest = rest.split_whitespace().next_back().unwrap_or(rest);
    let comma = |c| matches!(c, '，' | ',' | '、');
    rest.ends_with(comma) || rest.contains(comma) && rest.chars().nth(LONG - 1).is_some()
}

/// Whether a line is long and parted by marks as sentences are, and no row of a table.
fn is_prose(line: &str) -> bool {
    const LONG: usize = 40;
    const READ: usize = 120;
    let start = line.char_indices().rev().nth(READ - 1).map_or(0, |(at, _)| at);
    line.chars()
        .filter(|c| !c.is_whitespace())
        .nth(LONG - 1)
        .is_some()
        && !line.contains('\t')
        && compact(&line[start..]).contains(['。', ',', '、'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flags(text: &str) -> Vec<QualityFlag> {
        of(text, Known::default()).flags
    }

    fn detail(text: &str, known: Known<'_>) -> String {
        of(text, known).reasons.remove(0).detail
    }

    #[test]
    fn prose_must_end() {
        let open = "区司法局与区公安分局联合拓宽组织建设，在公安派出所设立调解室，实现了涵盖乡镇、村的组织建设，在区公共法律服务中心联合";
        assert_eq!(flags(open), [QualityFlag::Truncated]);
        assert_eq!(
            detail(open, Known::default()),
            "the last line ends without a full stop: …在区公共法律服务中心联合"
        );
        assert_eq!(flags(&format!("{open}办公。")), []);
        assert_eq!(flags("全文如下。\n清河县人民政府办公室\n2021年2月22日"), []);
        assert_eq!(flags(&format!("{open}\n{open}\n{open}")), [], "a list");
        assert_eq!(flags(&format!("{open}qinghe@qinghe.example")), []);
        let signed = format!("{open}办公。　清河县司法局　二〇二〇年二月六日");
        assert_eq!(flags(&signed), [], "a text on one line");
    }

    #[test]
    fn doubts_lower_the_score() {
        assert_eq!(of("好。", Known::default()).score, 1.0);
        let known = Known {
            untitled: true,
            undecoded: Some((27, 12_000)),
            ..Known::default()
        };
        let quality = of("好。", known);
        assert_eq!(quality.score, 0.45);
        assert_eq!(
            quality.reasons[1].detail,
            "27 of 12000 characters (0.23 %) could not be decoded"
        );
        assert_eq!(of("", Known::default()), Quality::default());
    }

    #[test]
    fn a_given_text_may_be_damaged_too() {
        let text = "全县依法行政。".repeat(20);
        assert_eq!(flags(&text), []);
        assert_eq!(flags(&format!("{text}锟斤拷锟斤拷。")), [QualityFlag::Mojibake]);
        assert_eq!(flags(&format!("{text}\u{fffd}。")), []);
        assert_eq!(
            flags(&format!("{}\u{fffd}\u{fffd}\u{fffd}。", text.repeat(40))),
            []
        );
    }

    #[test]
    fn every_flag_has_its_reason() {
        let files = [Attachment {
            name: "报告.pdf".to_owned(),
            url: String::new(),
            media_type: None,
            bytes: None,
            status: None,
        }];
        let known = Known {
            only_files: Some(("详见附件", &files)),
            ..Known::default()
        };
        assert_eq!(
            detail("详见附件", known),
            "the page says 详见附件; the files are 报告.pdf"
        );
        let known = Known {
            only_images: 3,
            ..Known::default()
        };
        assert_eq!(detail("", known), "3 images and no text to speak of");
    }
}
