//! Highlights: the passages of a hit that show why it is one, made from the stored text.
//!
//! Every paragraph is folded and searched for all strings of the query at once; the paragraphs with the most are
//! folded again with the places of their characters, and a passage is cut around the matches (`passage`). Offsets
//! count Unicode characters of the original text, so a reader can find the place again.

mod passage;

use std::ops::Range;

use aho_corasick::{AhoCorasick, MatchKind};
use report::{Folded, Paragraph, Report, Role, Section, fold, paragraphs};

use crate::{
    Highlight, HighlightField,
    query::{FieldName, FieldTest, Node},
};

/// Passages of the text shown for one hit.
const MAX_PASSAGES: usize = 3;
/// Folded characters within which matches are shown in one passage.
const WINDOW: usize = 80;
/// Matches looked at in one paragraph.
const MAX_MATCHES: usize = 2000;
/// Longest title shown whole, in characters.
const TITLE_CHARS: usize = 300;

/// Makes the highlights of one search.
pub(crate) struct Highlighter {
    body: Strings,
    title: Strings,
    /// Roles of the sections from which passages are preferred.
    roles: Vec<Role>,
}

/// Strings to look for, folded.
struct Strings {
    /// `None` when there is nothing to look for.
    automaton: Option<AhoCorasick>,
    /// What finding each is worth: long strings say more than short ones.
    worths: Vec<usize>,
}

/// A string found in a folded paragraph: its number and its bytes.
#[derive(Clone, Debug)]
struct Found {
    string: usize,
    bytes: Range<usize>,
}

/// The stretch of a paragraph that is worth showing.
struct Window<'a> {
    paragraph: Paragraph<'a>,
    matches: Vec<Found>,
    worth: usize,
}

impl Highlighter {
    pub(crate) fn new(root: &Node, roles: &[Role]) -> Self {
        let (mut body, mut title) = (Vec::new(), Vec::new());
        root.for_each_positive(true, &mut |node, _| match node {
            Node::Bare(terms) => body.extend(crate::matching::words(terms)),
            Node::Exact(text) => body.push(&text.folded),
            Node::Near { left, right, .. } => body.extend([left.folded.as_str(), right.folded.as_str()]),
            Node::Field(field) if field.name == FieldName::Title => {
                if let FieldTest::Contains(folded) = &field.test {
                    title.push(folded.as_str());
                }
            }
            _ => {}
        });
        title.extend(&body);
        Self {
            body: Strings::new(body),
            title: Strings::new(title),
            roles: roles.to_vec(),
        }
    }

    /// The highlights of a hit: the title when it matches, then the best passages of the text.
    pub(crate) fn highlights(&self, report: &Report) -> Vec<Highlight> {
        let mut highlights = Vec::new();
        if let Some(title) = &report.content.title {
            highlights.extend(self.title_highlight(title));
        }
        let mut windows: Vec<Window<'_>> = paragraphs(&report.content.text)
            .filter_map(|paragraph| {
                let matches = self.body.find(&fold(paragraph.text));
                best_window(paragraph, matches, &self.body.worths)
            })
            .collect();
        let is_wanted = |window: &Window<'_>| {
            let section = section_at(&report.content.outline, window.paragraph.char);
            section.is_some_and(|section| self.roles.contains(&section.role))
        };
        if windows.iter().any(is_wanted) {
            windows.retain(is_wanted);
        }
        for window in choose(windows, &self.body.worths) {
            highlights.extend(text_highlight(&window, &report.content.outline));
        }
        highlights
    }

    fn title_highlight(&self, title: &str) -> Option<Highlight> {
        let folded = Folded::new(title);
        let matches = self.title.find(folded.as_str());
        if matches.is_empty() {
            return None;
        }
        let marks = original(&folded, &matches);
        let n_chars = title.chars().count();
        let range = if n_chars <= TITLE_CHARS {
            0..n_chars
        } else {
            passage::around(title, &marks)
        };
        Some(Highlight {
            field: HighlightField::Title,
            path: None,
            heading: None,
            role: None,
            html: passage::html(title, range.clone(), &marks),
            start: range.start,
            end: range.end,
        })
    }
}

impl Strings {
    fn new(mut strings: Vec<&str>) -> Self {
        strings.sort_unstable();
        strings.dedup();
        let worths = strings
            .iter()
            .map(|string| string.chars().count().min(8))
            .collect();
        // Building fails only on sizes far beyond the limits of a query.
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .build(&strings)
            .ok();
        Self {
            automaton: automaton.filter(|_| !strings.is_empty()),
            worths,
        }
    }

    /// Every place of every string, overlapping ones too, by beginning.
    fn find(&self, folded: &str) -> Vec<Found> {
        let Some(automaton) = &self.automaton else {
            return Vec::new();
        };
        let found = automaton.find_overlapping_iter(folded).take(MAX_MATCHES);
        let mut found: Vec<_> = found
            .map(|found| Found {
                string: found.pattern().as_usize(),
                bytes: found.range(),
            })
            .collect();
        found.sort_by_key(|found| (found.bytes.start, found.bytes.end));
        found
    }
}

/// The stretch of a paragraph with the most worth in matches.
fn best_window<'a>(paragraph: Paragraph<'a>, matches: Vec<Found>, worths: &[usize]) -> Option<Window<'a>> {
    // Folded characters have up to four bytes, nearly all of them three.
    let reach = WINDOW * 3;
    let mut counts = vec![0_u32; worths.len()];
    let (mut worth, mut best, mut end) = (0, (0, 0..0), 0);
    for start in 0..matches.len() {
        let limit = matches[start].bytes.start + reach;
        while end < matches.len() && (end == start || matches[end].bytes.end <= limit) {
            counts[matches[end].string] += 1;
            if counts[matches[end].string] == 1 {
                worth += worths[matches[end].string];
            }
            end += 1;
        }
        if worth > best.0 {
            best = (worth, start..end);
        }
        let first = matches[start].string;
        counts[first] -= 1;
        if counts[first] == 0 {
            worth -= worths[first];
        }
    }
    let (worth, range) = best;
    (worth > 0).then(|| Window {
        paragraph,
        matches: matches[range].to_vec(),
        worth,
    })
}

/// The windows to show, best first: each shows strings that those before do not, as long as there are such.
fn choose<'a>(mut windows: Vec<Window<'a>>, worths: &[usize]) -> Vec<Window<'a>> {
    let mut shown = vec![false; worths.len()];
    let mut chosen: Vec<Window<'a>> = Vec::new();
    while chosen.len() < MAX_PASSAGES {
        let gain = |window: &Window<'_>| {
            let mut strings: Vec<_> = window.matches.iter().map(|found| found.string).collect();
            strings.sort_unstable();
            strings.dedup();
            strings
                .iter()
                .filter(|string| !shown[**string])
                .map(|string| worths[*string])
                .sum::<usize>()
        };
        let best = windows
            .iter()
            .enumerate()
            .max_by_key(|(nth, window)| (gain(window), window.worth, std::cmp::Reverse(*nth)));
        let Some((at, _)) = best else { break };
        let window = windows.remove(at);
        window.matches.iter().for_each(|found| shown[found.string] = true);
        chosen.push(window);
    }
    chosen
}

fn text_highlight(window: &Window<'_>, outline: &[Section]) -> Option<Highlight> {
    let paragraph = &window.paragraph;
    let folded = Folded::new(paragraph.text);
    let marks = original(&folded, &window.matches);
    let first = paragraph.char + marks.first()?.start;
    let range = passage::around(paragraph.text, &marks);
    let section = section_at(outline, first);
    Some(Highlight {
        field: HighlightField::Text,
        path: section.map(|section| section.path.clone()),
        heading: section.map(|section| section.heading.clone()),
        role: section.map(|section| section.role),
        html: passage::html(paragraph.text, range.clone(), &marks),
        start: paragraph.char + range.start,
        end: paragraph.char + range.end,
    })
}

/// Places of matches in the original paragraph, in characters, those that touch joined.
fn original(folded: &Folded, matches: &[Found]) -> Vec<Range<usize>> {
    let mut marks: Vec<Range<usize>> = Vec::new();
    for found in matches {
        let range = folded.original_chars(found.bytes.clone());
        match marks.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => marks.push(range),
        }
    }
    marks
}

/// The innermost section around a character of the text.
fn section_at(outline: &[Section], at: usize) -> Option<&Section> {
    let around = outline
        .iter()
        .filter(|section| section.start <= at && at < section.end);
    around.max_by_key(|section| (section.start, section.level))
}
