//! The document's own number and index number, and what it cites.

use std::sync::LazyLock;

use regex::Regex;
use report::DocumentNumber;

use super::{
    boilerplate::{compact, patterns},
    document::Document,
    labels::Label,
};

/// Most titles and numbers that are kept of one document.
const MAX_CITED: usize = 500;

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
pub(crate) fn own(document: &Document<'_>) -> Option<String> {
    let card = document
        .fields
        .iter()
        .filter(|field| field.label == Label::Number);
    let card: Vec<&str> = card
        .map(|field| field.value.as_str())
        .filter(|value| !is_placeholder(value))
        .collect();
    if let Some(number) = card.iter().find_map(|value| DocumentNumber::parse(value)) {
        return Some(number.to_string());
    }
    let heads = document
        .lines()
        .map(|(line, _)| line)
        .take(8)
        .map(|line| line.text.as_str());
    let title = document.title.as_ref().map_or(0, |title| title.lines.start);
    let above = document.page.lines.lines[title.min(document.range.start)..document.range.start].iter();
    let lines: Vec<String> = above
        .map(|line| line.text.as_str())
        .chain(heads)
        .map(compact)
        .collect();
    if let Some(number) = lines.iter().find_map(|line| DocumentNumber::parse(line)) {
        return Some(number.to_string());
    }
    let titled = document
        .title()
        .and_then(|title| IN_TITLE.captures(title)?.get(1));
    if let Some(number) = titled.and_then(|number| DocumentNumber::parse(number.as_str())) {
        return Some(number.to_string());
    }
    if let Some(number) = lines.iter().find_map(|line| mend(line)) {
        return Some(number.to_string());
    }
    let raw = card
        .into_iter()
        .find(|value| value.contains('号') && value.chars().count() <= 40);
    raw.map(str::to_owned)
}

fn mend(line: &str) -> Option<DocumentNumber> {
    let parts = DAMAGED.captures(line)?;
    DocumentNumber::parse(&format!("{}〔{}〕{}号", &parts[1], &parts[2], &parts[3]))
}

fn is_placeholder(value: &str) -> bool {
    PLACEHOLDER.is_match(value.trim())
}

/// The index number in the disclosure catalogue (索引号), as written.
pub(crate) fn index(document: &Document<'_>) -> Option<String> {
    let fields = document.fields.iter().filter(|field| field.label == Label::Index);
    let value = fields.map(|field| field.value.trim()).find(|value| {
        value.bytes().any(|b| b.is_ascii_digit()) && value.chars().count() <= 60 && !is_placeholder(value)
    })?;
    Some(value.to_owned())
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
