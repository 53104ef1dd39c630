//! The outline of an official document: 一、 (一) 1. (1) ①, and 一是…二是… inside a paragraph.
//!
//! GB/T 9704-2012 §7.3.3 numbers headings 一、 (一) 1. (1); real documents add 1、 and ①, lose brackets, start anew in
//! each section or run on across sections. So a line is judged by its own number (`outline/marker.rs`) and the line
//! below (`outline/context.rs`), never by the number before, and levels nest by a stack. Where the numbers around leave
//! a gap, a line that lost its own takes its place (`outline/lost.rs`); headings that never had one are taken only
//! where the lines around leave no doubt (`outline/unnumbered.rs`). Regulations, which are cut into 第一章 and 第一条, are
//! read by these alone; where 第一章 or 第一部分 stand above 一、, all other levels move down (`outline/legal.rs`). Points
//! inside a paragraph are in `outline/inline.rs`, what sections are for in `outline/role.rs`.
//!
//! The outline never loses text: sections nest, and what stands before the first heading or after the last point of a
//! paragraph belongs to the section around it. Time grows with the length of the text; beyond [`MAX_SECTIONS`]
//! headings no further ones are read, and the text stays with the sections that are open then.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::{Paragraph, genre::codes, paragraphs};

mod context;
mod inline;
mod legal;
mod lost;
mod marker;
mod role;
mod unnumbered;

use inline::Item;
use marker::Marker;
use utoipa::ToSchema;

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

/// One heading and the text below it, or one point of a paragraph.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Section {
    /// 1 for 一、, 2 for (一), 3 for 1., 4 for (1), 5 for ①; of regulations 1 for 章, 2 for 节, 3 for 条. Below 第一部分 and the
    /// like one or more further down. A point (一是) is at level 4, below (1) and ① one level further down.
    pub level: u8,
    /// The number as written, without brackets and stops (`一`, `3`, `①`, `第三章`, `一是`, `首先`, `——`); empty when the
    /// heading has none.
    pub number: String,
    /// The heading without its number: the line, or where the text runs on its first sentence. Articles have none.
    pub heading: String,
    /// What the section is for; sub-sections inherit the role of their parent.
    pub role: Role,
    /// Numbers from the top, joined by `/`: `一/(二)/3`, `二/一是`. A heading without a number stands for itself. No two
    /// sections of a document have the same: where a number comes again in the same section, `[2]`, `[3]` … follow it.
    pub path: String,
    /// First character of the heading, its number included, in the text.
    pub start: usize,
    /// One past the last character of the section, sub-sections included: where the next section of the same or a
    /// higher level begins, or the end of the text. A point ends where the next begins, or with its paragraph.
    pub end: usize,
}

impl Section {
    /// Whether this is a point inside a paragraph (一是…, 首先…, ——…), not a heading with text below.
    pub fn is_inline(&self) -> bool {
        self.level >= inline::LEVEL && inline::is_number(&self.number)
    }
}

/// A heading line before it has found its place in the tree.
struct Heading<'a> {
    marker: Marker<'a>,
    text: String,
    /// First byte and first character in the text.
    byte: usize,
    start: usize,
}

/// Where a section came from; its ancestors are needed for its role.
struct Origin<'a> {
    parent: Option<usize>,
    /// The text from the beginning of the section, number included, to the end of the document.
    rest: &'a str,
}

/// Longest heading in characters; what goes on is cut.
const LONGEST: usize = 60;

/// Lines up to this many characters are headings as a whole; of longer ones only the first sentence is.
const SHORT_LINE: usize = 40;

/// Most sections of a document; the longest codes of law have some 1,300 articles.
pub const MAX_SECTIONS: usize = 20_000;

/// Reads the outline of `text` (paragraphs end at `\n`), in the order of the text.
pub fn outline(text: &str) -> Vec<Section> {
    let lines: Vec<Paragraph<'_>> = paragraphs(text)
        .filter(|line| !line.text.trim().is_empty())
        .collect();
    let mut markers: Vec<Option<Marker<'_>>> = lines.iter().map(|line| marker::read(line.text)).collect();
    let mut items = Vec::new();
    if !legal::settle(&lines, &mut markers) {
        context::reject(&lines, &mut markers);
        lost::restore(&lines, &mut markers);
        unnumbered::add(&lines, &mut markers);
        legal::shift(&mut markers);
        items = inline::find(&lines, &markers);
    }
    let headings = lines
        .iter()
        .zip(markers)
        .filter_map(|(line, marker)| heading(line, marker?));
    let (mut sections, origins) = nest(text, headings, items);
    role::assign(&mut sections, &origins);
    sections
}

fn heading<'a>(line: &Paragraph<'a>, marker: Marker<'a>) -> Option<Heading<'a>> {
    let indent = line.text.chars().take_while(|&c| is_blank(c)).count();
    let indent_bytes = line.text.len() - line.text.trim_start_matches(is_blank).len();
    let text = heading_text(marker.rest);
    let named = text.chars().nth(1).is_some() && text.chars().any(char::is_alphabetic);
    (named || marker.is_article()).then(|| Heading {
        text: if marker.is_article() { String::new() } else { text },
        marker,
        byte: line.byte + indent_bytes,
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
        let stop = rest.find(STOPS);
        let colon = rest
            .find([':', '：', ';', '；'])
            .filter(|at| rest[..*at].chars().count() <= SHORT_LINE);
        end = stop.into_iter().chain(colon).min().unwrap_or(end);
        if rest[..end].chars().count() > SHORT_LINE {
            // The full stop was lost, or there is no heading but a sentence.
            end = rest.find([',', '，']).unwrap_or(end);
            end = context::subject(&rest[..end]).unwrap_or(end);
        }
    } else if let Some(stop) = rest.find(STOPS) {
        end = stop;
    }
    tidy(&rest[..end])
}

const STOPS: [char; 5] = ['。', '！', '!', '？', '?'];

/// A heading without the stop behind it, not longer than [`LONGEST`].
fn tidy(heading: &str) -> String {
    let heading = heading.trim_end_matches(|c| is_blank(c) || "。:：;；,，、.".contains(c));
    heading
        .chars()
        .take(LONGEST)
        .map(|c| if c == '\t' { ' ' } else { c })
        .collect()
}

/// Puts headings and points into the tree.
fn nest<'a>(
    text: &'a str,
    headings: impl Iterator<Item = Heading<'a>>,
    items: Vec<Item<'a>>,
) -> (Vec<Section>, Vec<Origin<'a>>) {
    let end = text.chars().count();
    let mut tree = Tree::default();
    let mut items = items.into_iter().peekable();
    for heading in headings {
        while let Some(item) = items.next_if(|item| item.start < heading.start) {
            tree.point(item, text);
        }
        tree.open(heading, text, end);
    }
    for item in items {
        tree.point(item, text);
    }
    (tree.sections, tree.origins)
}

#[derive(Default)]
struct Tree<'a> {
    sections: Vec<Section>,
    origins: Vec<Origin<'a>>,
    /// Indices of the sections that are open, the outermost first.
    open: Vec<usize>,
    /// How often a label was used in a section.
    used: HashMap<(Option<usize>, String), usize>,
}

impl<'a> Tree<'a> {
    fn is_full(&self) -> bool {
        self.sections.len() >= MAX_SECTIONS
    }

    /// A heading closes the sections of its own and of deeper levels.
    fn open(&mut self, heading: Heading<'a>, text: &'a str, end: usize) {
        if self.is_full() {
            return;
        }
        let level = heading.marker.level;
        while let Some(last) = self.open.pop_if(|last| self.sections[*last].level >= level) {
            self.sections[last].end = heading.start;
        }
        let label = heading
            .marker
            .label()
            .unwrap_or_else(|| heading.text.replace('/', " ").replace('[', "(").replace(']', ")"));
        let path = self.path(label);
        self.origins.push(Origin {
            parent: self.open.last().copied(),
            rest: &text[heading.byte..],
        });
        self.open.push(self.sections.len());
        self.sections.push(Section {
            level,
            number: heading.marker.number.into_owned(),
            heading: heading.text,
            role: Role::Other,
            path,
            start: heading.start,
            end,
        });
    }

    fn point(&mut self, item: Item<'a>, text: &'a str) {
        if self.is_full() {
            return;
        }
        let parent = self.open.last().copied();
        let path = self.path(item.number.to_owned());
        let below = parent.map_or(0, |parent| self.sections[parent].level);
        self.origins.push(Origin {
            parent,
            rest: &text[item.byte..],
        });
        self.sections.push(Section {
            level: inline::LEVEL.max(below + 1),
            number: item.number.to_owned(),
            heading: item.heading,
            role: Role::Other,
            path,
            start: item.start,
            end: item.end,
        });
    }

    /// The path of a section with this label below those that are open.
    fn path(&mut self, label: String) -> String {
        let parent = self.open.last().copied();
        let mut path = parent.map_or_else(String::new, |parent| format!("{}/", self.sections[parent].path));
        path.push_str(&label);
        let count = self.used.entry((parent, label)).or_default();
        *count += 1;
        if *count > 1 {
            path.push_str(&format!("[{count}]"));
        }
        path
    }
}

#[cfg(test)]
mod documents;
#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;
