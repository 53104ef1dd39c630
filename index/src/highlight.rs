//! Highlights: the passages of a hit that show why it is one, made from the stored text.
//!
//! Every paragraph is searched for all strings of the query at once; the paragraphs with the most are folded with the
//! places of their characters, and a passage is cut around the matches (`passage`). Offsets count Unicode characters
//! of the original text, so a reader can find the place again.

mod cuts;
mod passage;
mod windows;

use std::ops::Range;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use report::{Folded, Paragraph, Report, Role, Section, fold, paragraphs};

use self::windows::{Window, choose, windows_of};
use crate::{
    Highlight, HighlightField, Marks, Mode,
    matching::words,
    query::{FieldName, FieldTest, Node},
};

/// Matches looked at in one paragraph.
const MAX_MATCHES: usize = 2000;
/// Bytes of all strings up to which the fastest search is prepared.
const MAX_FAST_BYTES: usize = 400;
/// Longest title shown whole, in characters.
const TITLE_CHARS: usize = 300;
/// Places marked in one text.
const MAX_MARKS: usize = 10_000;

/// Makes the highlights of one search.
pub(crate) struct Highlighter {
    body: Strings,
    title: Strings,
    /// Roles of the sections from which passages are preferred.
    roles: Vec<Role>,
    /// Most passages of the text shown for one hit.
    max_passages: usize,
}

/// Strings to look for, folded.
struct Strings {
    /// `None` when there is nothing to look for.
    automaton: Option<AhoCorasick>,
    /// What finding each is worth: long strings say more than short ones.
    worths: Vec<usize>,
    /// Whether every hit has it, in its title or text.
    is_required: Vec<bool>,
}

/// A string found in a folded paragraph: its number and its bytes.
#[derive(Clone, Debug)]
struct Found {
    string: usize,
    bytes: Range<usize>,
}

impl Highlighter {
    pub(crate) fn new(root: &Node, mode: Mode, roles: &[Role], max_passages: usize) -> Self {
        let mut body: Vec<(&str, bool)> = Vec::new();
        let mut title: Vec<(&str, bool)> = Vec::new();
        root.for_each_positive(true, &mut |node, required| match node {
            Node::Bare(terms) => {
                let required = required && mode != Mode::Any;
                body.extend(words(terms).into_iter().map(|word| (word, required)));
            }
            Node::Exact(text) => body.push((&text.folded, required)),
            Node::Near { left, right, .. } => {
                body.extend([left, right].map(|side| (side.folded.as_str(), required)));
            }
            Node::Field(field) if field.name == FieldName::Title => {
                if let FieldTest::Contains(folded) = &field.test {
                    title.push((folded, false));
                }
            }
            _ => {}
        });
        title.extend(&body);
        Self {
            body: Strings::new(body),
            title: Strings::new(title),
            roles: roles.to_vec(),
            max_passages,
        }
    }

    /// The highlights of a hit: the title when it matches, then the best passages of the text.
    pub(crate) fn highlights(&self, report: &Report) -> Vec<Highlight> {
        let content = &report.content;
        let title = content.title.as_deref().unwrap_or_default();
        let mut highlights = Vec::from_iter(self.title_highlight(title));
        let n_title = highlights.len();
        // Folding a text takes longer than searching it, and most strings stand in it as they are. So it is searched
        // unfolded first, and folded only when something that has to be there was not found that way.
        let (windows, is_complete) = self.body.windows(title, &content.text, false, self.max_passages);
        highlights.extend(self.text_highlights(windows, &content.outline));
        if !is_complete || highlights.len() == n_title {
            highlights.truncate(n_title);
            let (windows, _) = self.body.windows(title, &content.text, true, self.max_passages);
            highlights.extend(self.text_highlights(windows, &content.outline));
        }
        highlights
    }

    /// Every place of a report that matches, those that touch joined.
    pub(crate) fn marks(&self, report: &Report) -> Marks {
        let folded = Folded::new(report.content.title.as_deref().unwrap_or_default());
        let title = original(&folded, &self.title.find(folded.as_str()));
        let mut text = Vec::new();
        for paragraph in paragraphs(&report.content.text) {
            // Folding takes longer than looking at what was folded.
            let matches = self.body.find(&fold(paragraph.text));
            if matches.is_empty() {
                continue;
            }
            let places = original(&Folded::new(paragraph.text), &matches).into_iter();
            text.extend(places.map(|place| paragraph.char + place.start..paragraph.char + place.end));
            if text.len() >= MAX_MARKS {
                text.truncate(MAX_MARKS);
                break;
            }
        }
        Marks { title, text }
    }

    /// The highlights of the best windows.
    fn text_highlights(&self, mut windows: Vec<Window<'_>>, outline: &[Section]) -> Vec<Highlight> {
        let is_wanted = |window: &Window<'_>| {
            let Paragraph { char, chars, .. } = window.paragraph;
            self.wanted(outline)
                .any(|section| section.start < char + chars && char < section.end)
        };
        if windows.iter().any(is_wanted) {
            windows.retain(is_wanted);
        }
        let mut opened: Vec<Opened<'_>> = Vec::new();
        let mut highlights: Vec<Highlight> = Vec::new();
        for window in choose(windows, &self.body.worths, self.max_passages) {
            let known = opened
                .iter()
                .position(|opened| opened.paragraph.char == window.paragraph.char);
            let at = known.unwrap_or_else(|| {
                opened.push(self.open(window.paragraph, outline));
                opened.len() - 1
            });
            let highlight = opened[at].next(outline);
            let is_shown = |new: &Highlight| {
                highlights
                    .iter()
                    .any(|old| new.start < old.end && old.start < new.end)
            };
            highlights.extend(highlight.filter(|highlight| !is_shown(highlight)));
        }
        highlights
    }

    /// Sections from which passages are preferred.
    fn wanted<'o>(&self, outline: &'o [Section]) -> impl Iterator<Item = &'o Section> {
        outline
            .iter()
            .filter(|section| self.roles.contains(&section.role))
    }

    /// Folds a paragraph, to show passages of it.
    fn open<'a>(&self, paragraph: Paragraph<'a>, outline: &[Section]) -> Opened<'a> {
        let folded = Folded::new(paragraph.text);
        let matches = self.body.find(folded.as_str());
        let mut preferred = matches.clone();
        if !self.roles.is_empty() {
            // Sections can begin inside a paragraph.
            preferred.retain(|found| {
                let place = folded.original_chars(found.bytes.clone());
                let (start, end) = (paragraph.char + place.start, paragraph.char + place.end);
                self.wanted(outline)
                    .any(|section| section.start <= start && end <= section.end)
            });
        }
        if preferred.is_empty() {
            preferred.clone_from(&matches);
        }
        let windows = windows_of(paragraph, preferred, &self.body.worths, self.max_passages);
        Opened {
            paragraph,
            folded,
            matches,
            windows: windows.into_iter(),
        }
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

/// A paragraph of which passages are shown.
struct Opened<'a> {
    paragraph: Paragraph<'a>,
    folded: Folded,
    /// All there are in it.
    matches: Vec<Found>,
    /// What is still to be shown, the best first.
    windows: std::vec::IntoIter<Window<'a>>,
}

impl Opened<'_> {
    /// The highlight of the next window.
    fn next(&mut self, outline: &[Section]) -> Option<Highlight> {
        let window = self.windows.next()?;
        let paragraph = self.paragraph;
        let marks = original(&self.folded, &window.matches);
        let range = passage::around(paragraph.text, &marks);
        let section = section_at(outline, paragraph.char + marks.first()?.start);
        // What else matches in the passage is marked too.
        let mut shown = self.matches.clone();
        shown.retain(|found| {
            let place = self.folded.original_chars(found.bytes.clone());
            range.start <= place.start && place.end <= range.end
        });
        Some(Highlight {
            field: HighlightField::Text,
            path: section.map(|section| section.path.clone()),
            heading: section.map(|section| section.heading.clone()),
            role: section.map(|section| section.role),
            html: passage::html(paragraph.text, range.clone(), &original(&self.folded, &shown)),
            start: paragraph.char + range.start,
            end: paragraph.char + range.end,
        })
    }
}

impl Strings {
    /// Folded strings, and whether every hit has them.
    fn new(mut strings: Vec<(&str, bool)>) -> Self {
        strings.sort_unstable();
        // Of equal strings the required one came last; now it comes first, and stays.
        strings.reverse();
        strings.dedup_by_key(|(string, _)| *string);
        let n_bytes: usize = strings.iter().map(|(string, _)| string.len()).sum();
        // The fastest kind takes long to build for long strings. Building fails only on sizes far beyond the limits
        // of a query.
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .kind((n_bytes > MAX_FAST_BYTES).then_some(AhoCorasickKind::ContiguousNFA))
            .build(strings.iter().map(|(string, _)| string))
            .ok();
        Self {
            automaton: automaton.filter(|_| !strings.is_empty()),
            worths: strings
                .iter()
                .map(|(string, _)| string.chars().count().min(8))
                .collect(),
            is_required: strings.iter().map(|(_, required)| *required).collect(),
        }
    }

    /// The best stretches of every paragraph, at most `max` of each, and whether everything that has to be somewhere
    /// was found.
    fn windows<'a>(&self, title: &str, text: &'a str, folded: bool, max: usize) -> (Vec<Window<'a>>, bool) {
        if self.automaton.is_none() {
            return (Vec::new(), true);
        }
        let mut is_found = vec![false; self.worths.len()];
        let mut windows = Vec::new();
        for found in self.find(&fold(title)) {
            is_found[found.string] = true;
        }
        for paragraph in paragraphs(text) {
            let matches = if folded {
                self.find(&fold(paragraph.text))
            } else {
                self.find(paragraph.text)
            };
            for found in &matches {
                is_found[found.string] = true;
            }
            windows.extend(windows_of(paragraph, matches, &self.worths, max));
        }
        let mut strings = self.is_required.iter().zip(is_found);
        (windows, strings.all(|(required, found)| found || !required))
    }

    /// Every place of every string, overlapping ones too, by beginning.
    fn find(&self, text: &str) -> Vec<Found> {
        let Some(automaton) = &self.automaton else {
            return Vec::new();
        };
        let found = automaton.find_overlapping_iter(text).take(MAX_MATCHES);
        let mut found: Vec<_> = found
            .map(|found| Found {
                string: found.pattern().as_usize(),
                bytes: found.range(),
            })
            .collect();
        found.sort_unstable_by_key(|found| (found.bytes.start, found.bytes.end));
        found
    }
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
