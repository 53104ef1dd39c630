//! The signature of a document: the issuing body, and the day below it (GB/T 9704-2012, 7.3.5).
//!
//! A notice that carries another document is signed where it ends, not where the page ends, so the first signature
//! counts. A date alone in the last lines is the day of a document whose title names the body.

use std::sync::LazyLock;

use regex::Regex;

use super::{
    boilerplate::{compact, patterns},
    document::Document,
    issuer::is_body_name,
    title::is_office_holder,
};

patterns! {
    /// A date and nothing else.
    DATE = r"^[(\[]?([\d〇○零一二三四五六七八九十O]{4})年([\d一二三四五六七八九十]{1,2})月([\d一二三四五六七八九十]{1,3})日(印发|发布)?[)\]]?$"
           r"|^[(]?(19|20)\d{2}[-./]\d{1,2}[-./]\d{1,2}[)]?$";
    /// A date that lost its 年, 月, 日.
    DIGITS = r"^20\d{4,6}$";
    /// Body and date on one line.
    BOTH = r"^(\p{Han}{4,40}?)((?:19|20)\d{2}年\d{1,2}月\d{1,2}日|二[〇○零]\p{Han}{2}年\p{Han}{1,2}月\p{Han}{1,3}日)$";
}

/// How far below the body its date stands, in lines.
const REACH: usize = 3;

/// What a document is signed with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Signature<'d> {
    /// The body.
    pub(crate) body: Option<String>,
    /// The line the body stands on; the date's when there is no body.
    pub(crate) body_line: &'d str,
    /// The date as written, in compact form; maybe damaged; empty when there is none.
    pub(crate) date: String,
    /// The line it stands on.
    pub(crate) date_line: &'d str,
}

/// Whether a line, in compact form, is a day in words and nothing else.
pub(crate) fn is_day(line: &str) -> bool {
    line.contains('年') && DATE.is_match(line)
}

/// Finds the signature of a document.
pub(crate) fn find<'d>(document: &'d Document<'_>) -> Option<Signature<'d>> {
    let whole: Vec<&'d str> = document.lines().map(|(line, _)| line.text.as_str()).collect();
    let line = |at: usize| compact(whole[at]);
    let signed = (0..whole.len()).find_map(|at| {
        // Nearly every line of a text is a sentence, and need not be copied.
        if whole[at].contains(['，', '。', '、', '；', '“', '《']) {
            return None;
        }
        let own = line(at);
        if let Some(both) = BOTH.captures(&own).filter(|both| is_body_name(&both[1])) {
            return Some(Signature {
                body: Some(both[1].to_owned()),
                body_line: whole[at],
                date: both[2].to_owned(),
                date_line: whole[at],
            });
        }
        let body = Some(own).filter(|line| is_body_name(line))?;
        let below = (at + 1)..(at + 1 + REACH).min(whole.len());
        let mut below = below.map(|at| (line(at), whole[at]));
        let (date, date_line) = below.find(|(line, _)| DATE.is_match(line) || DIGITS.is_match(line))?;
        Some(Signature {
            body: Some(body),
            body_line: whole[at],
            date,
            date_line,
        })
    });
    // Orders are signed by who heads the government, not by a body (GB/T 9704-2012, 10.2).
    let ordered = || {
        let holds = |at: &usize| DATE.is_match(&line(*at + 1)) && is_office_holder(&line(*at));
        let at = (0..whole.len().saturating_sub(1)).find(holds)?;
        Some(Signature {
            body: None,
            body_line: whole[at],
            date: line(at + 1),
            date_line: whole[at + 1],
        })
    };
    let dated = || {
        let last = whole.iter().rev().take(REACH);
        let mut last = last.map(|line| (compact(line), *line));
        let (date, date_line) = last.find(|(line, _)| DATE.is_match(line))?;
        Some(Signature {
            body: None,
            body_line: date_line,
            date,
            date_line,
        })
    };
    // The body alone below the last sentence.
    let undated = || {
        let [.., sentence, body_line] = whole[..] else {
            return None;
        };
        let body = Some(compact(body_line)).filter(|body| is_body_name(body))?;
        let ends = compact(sentence).ends_with(['。', '！', '!']);
        ends.then(|| Signature {
            body: Some(body),
            body_line,
            ..Signature::default()
        })
    };
    signed.or_else(ordered).or_else(dated).or_else(undated)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::{Hints, page::Page};

    fn signature(text: &str) -> Option<(Option<String>, String)> {
        let hints = Hints::default();
        let page = Page::plain(text);
        let document = Document::cut(&page, "import:a", &hints);
        let found = find(&document)?;
        Some((found.body, found.date))
    }

    #[test]
    fn body_and_day_at_the_end() {
        let body = Some("清河县人民政府办公室".to_owned());
        let text = "请认真贯彻落实，抓好各项工作。\n清河县人民政府办公室\n\n2023年7月4日\n（此件公开发布）";
        assert_eq!(signature(text), Some((body.clone(), "2023年7月4日".to_owned())));
        let text = "请认真贯彻落实，抓好各项工作。\n清河县人民政府办公室　　二〇二三年七月四日";
        assert_eq!(
            signature(text),
            Some((body.clone(), "二〇二三年七月四日".to_owned()))
        );
        let text = "请认真贯彻落实，抓好各项工作。\n清河县人民政府办公室　　2023年7月4日";
        assert_eq!(signature(text), Some((body, "2023年7月4日".to_owned())));
    }

    #[test]
    fn a_body_alone_below_the_last_sentence_signs() {
        let text = "请认真贯彻落实，抓好各项工作。\n清河县人民政府办公室";
        assert_eq!(
            signature(text),
            Some(("清河县人民政府办公室".to_owned().into(), String::new()))
        );
        let text = "成员单位名单\n清河县司法局\n清河县财政局";
        assert_eq!(signature(text), None);
    }

    #[test]
    fn orders_are_signed_by_a_person() {
        let text = "《清河县沙滩保护规定》已经通过，现予公布。\n县长　张三\n2022年6月27日\n清河县沙滩保护规定\n第一条　为了保护沙滩，制定本规定。";
        assert_eq!(signature(text), Some((None, "2022年6月27日".to_owned())));
    }

    #[test]
    fn the_first_signature_counts() {
        let text = "现印发给你们，请认真执行。\n清河县人民政府\n2023年7月4日\n清河县实施方案\n为提升水平，制定本方案。\n清河县司法局\n2023年6月1日";
        assert_eq!(
            signature(text),
            Some((Some("清河县人民政府".to_owned()), "2023年7月4日".to_owned()))
        );
    }

    #[test]
    fn a_day_alone_must_end_the_text() {
        let text = "全年工作取得新的成效，群众满意。\n2024年1月20日";
        assert_eq!(signature(text), Some((None, "2024年1月20日".to_owned())));
        let text = "2024年1月20日\n全年工作取得新的成效，群众满意。\n明年再加把劲，争取更好。\n各单位要认真总结，按时报送。\n请遵照执行，不得有误。";
        assert_eq!(signature(text), None);
    }
}
