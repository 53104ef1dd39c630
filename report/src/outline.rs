//! The outline of an official document: 一、 (一) 1. (1).
//!
//! GB/T 9704-2012 §7.3.3 numbers headings 一、 (一) 1. (1); real documents add 1、 and ①, lose brackets, start anew in
//! each section or run on across sections. So a line is judged by its own number (`outline/marker.rs`), never by
//! the one before, and levels nest by a stack. Headings without a number are taken only where the lines around leave
//! no doubt (`outline/unnumbered.rs`). Regulations, which are cut into 第一章 and 第一条, are read by these alone.

use serde::{Deserialize, Serialize};

use crate::{Paragraph, genre::codes, paragraphs};

mod marker;
mod role;
mod unnumbered;

use marker::Marker;

codes! {
    /// What a section of a report is for.
    Role {
        /// What was done and achieved (成效).
        Achievements = "achievements", "成效";
        /// What is lacking (存在的问题).
        Problems = "problems", "存在的问题";
        /// What comes next (下一步打算).
        Plans = "plans", "下一步打算";
        /// How the heads of party and government did their duty (第一责任人职责).
        Duties = "duties", "第一责任人职责";
        /// Anything else.
        Other = "other", "其他";
    }
}

/// One heading and the text below it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Section {
    /// 1 for 一、, 2 for (一), 3 for 1., 4 for (1), 5 for ①; of regulations 1 for 章, 2 for 节, 3 for 条.
    pub level: u8,
    /// The number as written, without brackets and stops (`一`, `3`, `①`, `第三章`); empty when the heading has none.
    pub number: String,
    /// The heading without its number: the line, of a long line its first sentence. Articles have none.
    pub heading: String,
    /// What the section is for; sub-sections inherit the role of their parent.
    pub role: Role,
    /// Numbers from the top, joined by `/`: `一/(二)/3`. A heading without a number stands for itself.
    pub path: String,
    /// First character of the heading, its number included, in the text.
    pub start: usize,
    /// One past the last character of the section, sub-sections included: where the next section of the same or a
    /// higher level begins, or the end of the text.
    pub end: usize,
}

/// A heading line before it has found its place in the tree.
struct Heading<'a> {
    marker: Marker<'a>,
    text: String,
    /// First character in the text.
    start: usize,
}

/// Longest heading in characters; what goes on is cut.
const LONGEST: usize = 60;

/// Lines up to this many characters are headings as a whole; of longer ones only the first sentence is.
const SHORT_LINE: usize = 40;

/// Reads the outline of `text` (paragraphs end at `\n`), in the order of the text.
pub fn outline(text: &str) -> Vec<Section> {
    let lines: Vec<Paragraph<'_>> = paragraphs(text)
        .filter(|line| !line.text.trim().is_empty())
        .collect();
    let mut markers: Vec<Option<Marker<'_>>> = lines.iter().map(|line| marker::read(line.text)).collect();
    let articles = markers
        .iter()
        .flatten()
        .filter(|marker| marker.is_article())
        .count();
    for marker in &mut markers {
        // Two lines that begin with 第一条 may be an accident; a regulation has no other numbers that count.
        if marker
            .as_ref()
            .is_some_and(|marker| marker.is_legal() != (articles > 2))
        {
            *marker = None;
        }
    }
    if articles <= 2 {
        unnumbered::add(&lines, &mut markers);
    }
    let headings = lines
        .iter()
        .zip(markers)
        .filter_map(|(line, marker)| heading(line, marker?));
    nest(headings, text.chars().count())
}

fn heading<'a>(line: &Paragraph<'a>, marker: Marker<'a>) -> Option<Heading<'a>> {
    let indent = line.text.chars().take_while(|&c| is_blank(c)).count();
    let text = heading_text(marker.rest);
    let named = text.chars().count() >= 2;
    (named || marker.is_article()).then(|| Heading {
        text: if marker.is_article() { String::new() } else { text },
        marker,
        start: line.char + indent,
    })
}

fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}')
}

/// The heading in what follows a number.
fn heading_text(rest: &str) -> String {
    let rest = rest.trim_matches(is_blank);
    let mut end = rest.len();
    if rest.chars().nth(SHORT_LINE).is_some() {
        // `(一)强化组织领导。各乡镇…`, `(二)完善机制:一是…`; a colon far away belongs to the text.
        let stop = rest.find(['。', '！', '!', '？', '?']);
        let colon = rest
            .find([':', '：', ';', '；'])
            .filter(|at| rest[..*at].chars().count() <= SHORT_LINE);
        end = stop.into_iter().chain(colon).min().unwrap_or(end);
        if rest[..end].chars().count() > SHORT_LINE {
            // The full stop was lost, or there is no heading but a sentence.
            end = rest.find([',', '，']).unwrap_or(end);
        }
    }
    let heading = rest[..end].trim_end_matches(|c| is_blank(c) || "。:：;；,，、.".contains(c));
    heading
        .chars()
        .take(LONGEST)
        .map(|c| if c == '\t' { ' ' } else { c })
        .collect()
}

/// Puts headings into the tree; `end` is the number of characters of the text.
fn nest<'a>(headings: impl Iterator<Item = Heading<'a>>, end: usize) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    // Indices of the sections that are open, the outermost first.
    let mut open: Vec<usize> = Vec::new();
    for heading in headings {
        let level = heading.marker.level;
        while let Some(last) = open.pop_if(|last| sections[*last].level >= level) {
            sections[last].end = heading.start;
        }
        let parent = open.last().map(|parent| &sections[*parent]);
        let label = heading
            .marker
            .label()
            .unwrap_or_else(|| heading.text.replace('/', " "));
        let path = parent.map_or_else(|| label.clone(), |parent| format!("{}/{label}", parent.path));
        let role = role::of(&heading.text, level, parent.map(|parent| parent.role));
        open.push(sections.len());
        sections.push(Section {
            level,
            number: heading.marker.number.into_owned(),
            heading: heading.text,
            role,
            path,
            start: heading.start,
            end,
        });
    }
    sections
}

#[cfg(test)]
mod tests;
