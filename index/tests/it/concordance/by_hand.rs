//! Occurrences as somebody finds who reads every report from its beginning.

use report::{Folded, Report, Role, divisions, fold, paragraphs};

/// An occurrence as counted by hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Naive {
    pub(crate) id: String,
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(super) left: Vec<char>,
    pub(super) right: Vec<char>,
    pub(super) region: Option<String>,
    pub(super) year: Option<i32>,
}

/// The occurrences of strings in the text of a report: leftmost, then longest, not overlapping; inside sections of a role
/// when some are given.
pub(crate) fn naive(report: &Report, strings: &[&str], roles: &[Role]) -> Vec<Naive> {
    let content = &report.content;
    let mut strings: Vec<Vec<char>> = strings
        .iter()
        .map(|string| fold(string).chars().collect())
        .collect();
    strings.sort_by_key(|string| std::cmp::Reverse(string.len()));
    let today = content.region_code.map(|code| {
        let today = divisions().today(code);
        today.first().copied().unwrap_or(code).to_string()
    });
    let mut found = Vec::new();
    for paragraph in paragraphs(&content.text) {
        let folded = Folded::new(paragraph.text);
        let chars: Vec<char> = folded.as_str().chars().collect();
        let byte = |at: usize| chars[..at].iter().map(|c| c.len_utf8()).sum::<usize>();
        let mut at = 0;
        while at < chars.len() {
            let Some(string) = strings.iter().find(|string| chars[at..].starts_with(string)) else {
                at += 1;
                continue;
            };
            let end = at + string.len();
            let place = folded.original_chars(byte(at)..byte(end));
            let (start, stop) = (paragraph.char + place.start, paragraph.char + place.end);
            let is_inside = |role: Role| {
                let mut sections = content.outline.iter().filter(|section| section.role == role);
                sections.any(|section| section.start <= start && stop <= section.end)
            };
            if roles.is_empty() || roles.iter().any(|role| is_inside(*role)) {
                found.push(Naive {
                    id: report.id.to_string(),
                    start,
                    end: stop,
                    left: beside(chars[..at].iter().rev()),
                    right: beside(chars[end..].iter()),
                    region: today.clone(),
                    year: content.year,
                });
            }
            at = end;
        }
    }
    found
}

/// 30 characters, and the rest of a number or a Latin word.
fn beside<'a>(chars: impl Iterator<Item = &'a char>) -> Vec<char> {
    let mut shown: Vec<char> = Vec::new();
    let is_in_word = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '%';
    for c in chars {
        if shown.len() >= 30 && !(is_in_word(*c) && shown.last().is_some_and(|last| is_in_word(*last))) {
            break;
        }
        if shown.len() >= 50 {
            break;
        }
        shown.push(*c);
    }
    shown
}
