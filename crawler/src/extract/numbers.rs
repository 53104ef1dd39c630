//! The document's own number and index number, and what it cites.

use std::sync::LazyLock;

use regex::Regex;
use report::DocumentNumber;

use super::{
    boilerplate::{compact, patterns},
    document::Document,
    evidence::{Finding, Found, reject},
    labels::{Field, Label},
};

/// Most titles and numbers that are kept of one document.
const MAX_CITED: usize = 500;

/// Why the value of a label was left.
const PLACEHOLDER_VALUE: &str = "it says that there is none";

patterns! {
    /// A number that lost a bracket, alone on its line: 清政办发〔202334.
    DAMAGED = r"^(\p{Han}{2,12})[〔\[(]?((?:19|20)\d{2})[〕\])]?(\d{1,4})号?$";
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
    let heads = document.lines().map(|(line, _)| line).take(8);
    // The head of a letter stands above its title, where the text begins.
    let body = document
        .page
        .body
        .as_ref()
        .map_or(usize::MAX, |body| body.range.start);
    let title = document.title.as_ref().map_or(0, |title| title.lines.start);
    let head = title.min(body).min(document.range.start);
    let above = document.page.lines.lines[head..document.range.start].iter();
    let lines: Vec<(&str, String)> = above
        .chain(heads)
        .map(|line| (line.text.as_str(), compact(&line.text)))
        .collect();
    let on_a_line = || {
        let mut lines = lines.iter();
        lines.find_map(|(line, compact)| Some(Found::new(number(compact)?, "line", *line)))
    };
    let titled = || {
        let title = document.title()?;
        let words = IN_TITLE.captures(title)?.get(1)?.as_str();
        Some(Found::new(number(words)?, "title", title))
    };
    let mended = || {
        let mut lines = lines.iter();
        lines.find_map(|(line, compact)| Some(Found::new(mend(compact)?.to_string(), "mended_line", *line)))
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
        .or_else(raw);
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

fn mend(line: &str) -> Option<DocumentNumber> {
    let parts = DAMAGED.captures(line)?;
    DocumentNumber::parse(&format!("{}〔{}〕{}号", &parts[1], &parts[2], &parts[3]))
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
