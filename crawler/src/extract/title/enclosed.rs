//! The title of the document that a notice carries.
//!
//! A notice of issue (印发, 转发) is followed by what it issues, which begins with its own title, often broken over
//! lines. That title is known from the notice's own (关于印发…实施方案的通知), or it stands behind the signature of the
//! notice (GB/T 9704-2012, 7.3.5) and names its kind of document.

use std::sync::LazyLock;

use regex::Regex;

use super::{
    super::{
        boilerplate::{compact, patterns},
        document::Document,
        evidence::Found,
        signature::Signature,
    },
    MAX_CHARS, MAX_LINES,
    pieces::join,
    shape::{continues, has_shape, is_note, names_a_document},
};

patterns! {
    /// A title that issues another document; what it issues.
    ISSUES = r"(?:印发|转发|批转|公布|发布|下发|颁布|颁发|发)《?(.{4,150}?)》?的?(?:通知|通告|公告|决定|命令|令|函|意见)(?:[(（].{1,20}[)）])?$";
    /// The title of an order, which does not say what it issues: 清河县人民政府令.
    ORDER = r"令([(（]?第\d{1,4}号[)）]?)?$";
    /// What its text says: 《…》已经…现予公布.
    ANNOUNCED = r"^《([^《》]{4,150})》.{0,120}(公布|发布|施行)";
    /// What may stand between the signature and the title: notes in brackets, 附件, the record of the print.
    BETWEEN = r"^[(（].{1,60}[)）]$|^附件?\d{0,2}:?$|^(抄送|抄报|主送|印送|校对|联系人|主动公开|公开方式|信息公开)|^.{4,40}(印发|印制)$|^\d{1,2}$";
}

/// The title of the enclosed document, if the notice carries one.
pub(crate) fn find<'d>(document: &Document<'_>, signature: Option<&Signature>) -> Option<Found<'d, String>> {
    let title = compact(document.title()?);
    let lines: Vec<&str> = document.lines().map(|(line, _)| line.text.as_str()).collect();
    let issued = match ISSUES.captures(&title) {
        Some(issues) => issues[1].to_owned(),
        None if ORDER.is_match(&title) => announced(&lines)?,
        None => return None,
    };
    if let Some(title) = known(&lines, &issued) {
        return Some(Found::new(title, "named_by_title", issued));
    }
    let signature = signature.filter(|signature| !signature.date.is_empty())?;
    let title = behind_signature(&lines, signature)?;
    Some(Found::new(
        title,
        "behind_signature",
        signature.date_line.to_owned(),
    ))
}

/// What the first lines of an order announce.
fn announced(lines: &[&str]) -> Option<String> {
    let mut first = lines.iter().take(4).map(|line| compact(line));
    first.find_map(|line| Some(ANNOUNCED.captures(&line)?[1].to_owned()))
}

/// Quotes and brackets are the first to get lost, and titles leave them out.
fn plain(text: &str) -> String {
    let quote = |c: &char| !"“”\"'‘’《》〈〉()[]【】".contains(*c);
    compact(text).chars().filter(quote).collect()
}

/// Lines that together are what the title of the notice says it issues.
fn known(lines: &[&str], issued: &str) -> Option<String> {
    let wanted = plain(issued);
    for from in 0..lines.len() {
        let mut text = String::new();
        for to in from..(from + MAX_LINES).min(lines.len()) {
            text.push_str(&plain(lines[to]));
            if text == wanted {
                let own = lines[from..=to].iter().map(|line| line.trim());
                return Some(own.collect::<Vec<_>>().concat());
            }
            if !wanted.starts_with(text.as_str()) {
                break;
            }
        }
    }
    None
}

/// The first lines behind the signature, if they name a document.
fn behind_signature(lines: &[&str], signature: &Signature) -> Option<String> {
    let is_date = |line: &&str| compact(line).ends_with(signature.date.as_str());
    let signed = lines.iter().position(is_date)?;
    let mut from = signed + 1;
    while lines
        .get(from)
        .is_some_and(|line| BETWEEN.is_match(&compact(line)))
    {
        from += 1;
    }
    let mut end = from;
    while end < lines.len() && end - from < MAX_LINES {
        let fits = if end == from {
            has_shape(lines[end])
        } else {
            continues(lines[end])
        };
        if !fits || end > from && names_a_document(&lines[from..end].concat()) && !is_note(lines[end]) {
            break;
        }
        end += 1;
    }
    let title = join(&lines[from..end]);
    let text_follows = end < lines.len();
    (text_follows && names_a_document(&title) && title.chars().count() <= MAX_CHARS).then_some(title)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::{Hints, page::Page, signature, title::Title};

    fn enclosed(title: &str, text: &str) -> Option<String> {
        let hints = Hints::default();
        let page = Page::plain(text);
        let mut document = Document::cut(&page, "import:a", &hints);
        document.title = Some(Title {
            text: title.to_owned(),
            lines: 0..0,
            inferred: false,
            basis: "given",
        });
        let signature = signature::find(&document);
        find(&document, signature.as_ref()).map(|found| found.value)
    }

    #[test]
    fn the_plan_of_a_notice_is_named() {
        let notice = "各乡镇人民政府：\n现将《清河县防汛应急预案》印发给你们，请认真组织实施。\n清河县人民政府办公室\n2023年7月4日\n（此件公开发布）\n";
        let plan = "为做好防汛工作，结合我县实际，制定本预案，请各单位抓好落实。";
        let title = "清河县人民政府办公室关于印发《清河县防汛应急预案》的通知";
        assert_eq!(
            enclosed(title, &format!("{notice}清河县防汛\n应急预案\n{plan}")).as_deref(),
            Some("清河县防汛应急预案")
        );
        // Called otherwise than its notice says.
        assert_eq!(
            enclosed(
                title,
                &format!("{notice}附件1\n清河县2023年防汛\n应急预案\n（试行）\n{plan}")
            )
            .as_deref(),
            Some("清河县2023年防汛应急预案（试行）")
        );
        assert_eq!(enclosed(title, notice), None);
        let order = "第3号\n《清河县沙滩保护规定》已经县人民政府常务会议通过，现予公布。\n县长 张三\n2022年6月27日\n清河县沙滩保护规定\n第一条 为了保护沙滩，制定本规定。";
        assert_eq!(
            enclosed("清河县人民政府令", order).as_deref(),
            Some("清河县沙滩保护规定")
        );
        assert_eq!(
            enclosed(
                "清河县2023年工作报告",
                &format!("{notice}清河县防汛应急预案\n{plan}")
            ),
            None
        );
    }
}
