//! The document's own number and index number, and what it cites.

use std::sync::LazyLock;

use regex::Regex;
use report::DocumentNumber;

use super::{
    boilerplate::{compact, patterns},
    document::Document,
    evidence::{Finding, Found, reject},
    genre,
    labels::{Field, Label},
    title,
};

/// Most titles and numbers that are kept of one document.
const MAX_CITED: usize = 500;

/// Why the value of a label was left.
const PLACEHOLDER_VALUE: &str = "it says that there is none";

patterns! {
    /// A number without an abbreviation: 清河县人民政府令第12号, 2023年第5号公告, 第3号.
    PLAIN = r"^(\p{Han}{2,24}(令|公告|通告|决定))?((19|20)\d{2}年)?第?\d{1,4}号(令|公告|通告)?$";
    /// Who signed it, on the same line: 清政发〔2023〕5号 签发人:李明
    SIGNED_BY = r"签发人:?\p{Han}{0,12}$";
    /// Where a text begins: the addressee, or a sentence.
    BEGINS = r"[::,,。；;]$";
    /// What is cited stands on a line of its own when the paragraph was broken.
    CITING = r"(根据|按照|依据|依照|遵照|参照|贯彻|落实|执行|转发|印发|下发|文件|《|[,,、和及])$";
    PLACEHOLDER = r"^[-—–_/\\.·*]*$|^(无|暂无|空|null|none|无文号)$";
    QUOTED = r"《([^《》\n]{1,120})》";
    /// The end of a title that names its own number.
    IN_TITLE = r"[(（]([^()（）]{4,30}号)[)）]$";
}

/// The document's own number (发文字号).
///
/// The card is believed first; then a line of its own above the addressee; then the title. A line that lost a
/// bracket is mended only from its own digits, and gives way to the card.
pub(crate) fn own<'d>(document: &'d Document<'_>) -> Finding<'d, String> {
    let mut rejected = Vec::new();
    let number = |text: &str| DocumentNumber::parse(text).map(|number| number.to_string());
    let all = document.fields.iter();
    let (card, empty): (Vec<&Field>, Vec<&Field>) = all
        .filter(|field| field.label == Label::Number)
        .partition(|field| !is_placeholder(&field.value));
    for field in empty {
        reject(&mut rejected, field.words.as_str(), PLACEHOLDER_VALUE);
    }
    let in_card = card.iter().find_map(|field| {
        let number = DocumentNumber::of_cell(&field.value)?;
        Some(Found::new(number.to_string(), "label", field.words.as_str()))
    });
    let lines = heads(document);
    let on_a_line = || {
        let mut lines = lines.iter();
        lines.find_map(|(line, compact)| Some(Found::new(number(compact)?, "line", *line)))
    };
    let unbracketed = || {
        let mut lines = lines.iter();
        let (line, compact) = lines.find(|(_, compact)| PLAIN.is_match(compact) && compact.contains('第'))?;
        Some(Found::new(compact.clone(), "line_as_written", *line))
    };
    let titled = || {
        // The title of an interpretation names the number of what it interprets.
        let title = document
            .title()
            .filter(|title| !genre::is_interpretation(title))?;
        let words = IN_TITLE.captures(title)?.get(1)?.as_str();
        Some(Found::new(number(words)?, "title", title))
    };
    let mended = || {
        let mut lines = lines.iter();
        lines.find_map(|(line, compact)| {
            Some(Found::new(
                DocumentNumber::repair(compact)?.to_string(),
                "mended_line",
                *line,
            ))
        })
    };
    // Numbers of orders and announcements, as written; not what is left of a citation.
    let raw = || {
        let mut card = card.iter();
        let field = card.find(|field| {
            let value = &field.value;
            value.contains('号') && value.chars().count() <= 40 && DocumentNumber::find_all(value).is_empty()
        })?;
        Some(Found::new(
            field.value.clone(),
            "label_as_written",
            field.words.as_str(),
        ))
    };
    let found = in_card
        .or_else(on_a_line)
        .or_else(titled)
        .or_else(mended)
        .or_else(raw)
        .or_else(unbracketed);
    if found.is_none() {
        for field in &card {
            reject(
                &mut rejected,
                field.words.as_str(),
                "it has not the form of a document number",
            );
        }
        for (line, compact) in &lines {
            if !DocumentNumber::find_all(compact).is_empty() {
                reject(
                    &mut rejected,
                    *line,
                    "the number stands inside other words: it is cited",
                );
            }
        }
    }
    Finding { found, rejected }
}

/// The lines on which a document's own number can stand, as they are and in compact form: from the title to the
/// addressee or the first sentence.
fn heads<'d>(document: &'d Document<'_>) -> Vec<(&'d str, String)> {
    const REACH: usize = 8;
    // The head of a letter stands above its title, where the text begins.
    let body = document.page.body.as_ref();
    let body = body.map_or(usize::MAX, |body| body.range.start);
    let title = document.title.as_ref().map_or(0, |title| title.lines.start);
    let head = title.min(body).min(document.range.start);
    let above = document.page.lines.lines[head..document.range.start].iter();
    let above = above.map(|line| line.text.as_str());
    let text = document.lines().map(|(line, _)| line.text.as_str()).take(REACH);
    let text = text.map_while(|line| {
        let compacted = SIGNED_BY.replace(&compact(line), "").into_owned();
        (!BEGINS.is_match(&compacted)).then_some((line, compacted))
    });
    let mut out: Vec<(&str, String)> = above.map(|line| (line, compact(line))).chain(text).collect();
    let mut after_citing = false;
    out.retain(|(_, compacted)| {
        // 清河县人民政府文件 is the head of a letter, whose number follows.
        let citing = CITING.is_match(compacted) && !title::is_letterhead(compacted);
        !std::mem::replace(&mut after_citing, citing)
    });
    out
}

fn is_placeholder(value: &str) -> bool {
    PLACEHOLDER.is_match(value.trim())
}

/// The index number in the disclosure catalogue (索引号), as written.
pub(crate) fn index<'d>(document: &'d Document<'_>) -> Finding<'d, String> {
    let mut rejected = Vec::new();
    let mut fields = document.fields.iter().filter(|field| field.label == Label::Index);
    let found = fields.find_map(|field| {
        let value = field.value.trim();
        let why = if is_placeholder(value) {
            PLACEHOLDER_VALUE
        } else if !value.bytes().any(|b| b.is_ascii_digit()) {
            "it has no digit"
        } else if value.chars().count() > 60 {
            "it is too long for an index number"
        } else {
            return Some(Found::new(value.to_owned(), "label", field.words.as_str()));
        };
        reject(&mut rejected, field.words.as_str(), why);
        None
    });
    Finding { found, rejected }
}

/// Document numbers that the text cites, in order, each once, its own left out.
pub(crate) fn cited(text: &str, own: Option<&str>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for (_, number) in DocumentNumber::find_all(text) {
        let number = number.to_string();
        if Some(number.as_str()) != own && !out.contains(&number) && out.len() < MAX_CITED {
            out.push(number);
        }
    }
    out
}

/// Titles in 《》 that the text cites, in order, each once.
pub(crate) fn titles(text: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for title in QUOTED.captures_iter(text) {
        let title = title[1].trim();
        if !title.is_empty() && out.len() < MAX_CITED && !out.iter().any(|known| known == title) {
            out.push(title.to_owned());
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_cited_once_and_on_one_line() {
        let text = "按照《清河县实施方案》和《清河县实施方案》《宪法》的要求，《没有\n结束》";
        assert_eq!(titles(text), ["清河县实施方案", "宪法"]);
    }
}
